"""What `-v` says of each answer: whether it was run or known, for how long, and by which Python."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from autofix.pipeline import fix_source
from autofix.verify.cache import Cache
from autofix.verify.verifier import Verifier

pytestmark = pytest.mark.torch

LOSS = """import numpy as np
import torch


def mae_loss(y_true, y_pred):
    return torch.tensor(np.abs(y_true.numpy() - y_pred.detach().numpy()).mean(), requires_grad=True)
"""


def noted(entries: Cache) -> list[str]:
    lines: list[str] = []
    with Verifier(Path(sys.executable), entries=entries, note=lines.append) as verifier:
        fix_source(LOSS, "a.py", verifier)
    return lines


def test_a_run_is_told_with_its_seconds_and_a_known_answer_as_known(tmp_path: Path) -> None:
    entries = Cache(tmp_path)
    (ran,), (known,) = noted(entries), noted(entries)

    python = re.escape(sys.executable)
    assert re.fullmatch(rf"a\.py: `mae_loss`: verified in \d+\.\d s with torch of {python}", ran)
    assert known == "a.py: `mae_loss`: verified, known from the cache"


def test_nothing_is_told_without_a_listener(capsys: pytest.CaptureFixture[str]) -> None:
    with Verifier(Path(sys.executable)) as verifier:
        fix_source(LOSS, "a.py", verifier)

    assert capsys.readouterr() == ("", "")
