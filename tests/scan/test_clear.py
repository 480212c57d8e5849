"""A file that is cleared is one in which the pipeline finds nothing, and is counted as the pipeline counts it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from autofix.analysis.project import ProjectFiles
from autofix.model import OwnRules, Survey
from autofix.pipeline import NOTHING_RUN, fix_source
from autofix.scan import look
from autofix.scan.clear import Clearing, can_clear

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*.py"))
RIGHT = "import torch\n\ndef loss(p, y):\n    return ((p - y) ** 2).mean()\n"
LOST = """import torch
import numpy as np

def loss(p, y):
    return torch.tensor(np.mean((p - y).detach().numpy()))
"""
KEEPS = """import torch

class Net(torch.nn.Module):
    def __init__(self):
        self.parts = [torch.nn.Linear(1, 1)]
"""


def survey(text: str, observes: bool = False, others: Mapping[str, str] | None = None, path: str = "") -> Survey | None:
    files = ProjectFiles({path: text, **(others or {})})
    return look.survey(Clearing(files, OwnRules(), observes), path or "<text>", text)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_what_is_cleared_is_what_the_pipeline_finds_nothing_in(part: int) -> None:
    given = {str(path): path.read_text("utf-8") for path in FIXTURES}
    files = ProjectFiles(given)
    for path in list(given)[part::8]:
        outcome = fix_source(given[path], path, NOTHING_RUN, around=files.around(path))
        found = look.survey(Clearing(files, OwnRules(), False), path, given[path])

        if found is None:
            assert outcome.findings or "autofix:" in given[path], path
        else:
            assert (outcome.findings, outcome.text, outcome.survey) == ((), given[path], found), path


def test_a_right_loss_is_cleared_and_counted() -> None:
    assert survey(RIGHT) == Survey(1, 1)


def test_a_loss_that_loses_its_gradient_is_not() -> None:
    assert survey(LOST) is None


def test_a_comment_to_autofix_is_left_to_the_pipeline() -> None:
    assert survey(f"{RIGHT}# autofix: ignore\n") is None


def test_what_cannot_be_parsed_is_left_to_the_pipeline() -> None:
    assert survey(f"{RIGHT}def (\n") is None


def test_lines_that_end_in_a_return_alone_are_left_to_the_pipeline() -> None:
    assert survey(RIGHT.replace("\n", "\r")) is None


def test_a_program_that_would_be_run_is_left_to_the_pipeline() -> None:
    assert survey(KEEPS, observes=True) is None


def test_the_same_is_cleared_where_none_is_run() -> None:
    assert survey(KEEPS) is not None


def test_a_helper_that_another_file_differentiates_is_not_cleared(tmp_path: Path) -> None:
    helper, train = str(tmp_path / "helper.py"), str(tmp_path / "train.py")
    lost = LOST.replace("def loss", "def total")
    asks = "import torch\nfrom helper import total\n\ndef step(net, x, y):\n    total(net(x), y).backward()\n"
    for path, text in ((helper, lost), (train, asks)):
        Path(path).write_text(text)

    assert survey(lost, path=helper, others={train: asks}) is None


@pytest.mark.parametrize("own", [OwnRules(demands="all"), OwnRules(unsafe=True)])
def test_where_more_is_done_with_a_file_none_is_cleared(own: OwnRules) -> None:
    assert not can_clear(own)


def test_else_files_can_be_cleared() -> None:
    assert can_clear(OwnRules())
