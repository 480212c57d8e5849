"""`autofix explain FILE:LINE`: what is known of a loss, what was decided, and why, whether or not it is at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from autofix.cli import main

pytestmark = [pytest.mark.slow, pytest.mark.torch]

BROKEN = """import numpy as np
import torch

model = torch.nn.Linear(1, 1)


def loss_fn(y_true, y_pred):
    error = np.abs(y_true.numpy() - y_pred.detach().numpy())
    return torch.tensor(error.mean(), requires_grad=True)


def score(y_true, y_pred):
    return y_pred.detach().numpy().mean()


def train(x, y):
    loss = loss_fn(y, model(x))
    loss.backward()
"""
RIGHT = BROKEN.replace("y_true.numpy() - y_pred.detach().numpy()", "y_true - y_pred").replace("np.abs", "torch.abs")
RIGHT = RIGHT.replace("torch.tensor(error.mean(), requires_grad=True)", "error.mean()")


def explained(folder: Path, text: str, line: int, capsys: pytest.CaptureFixture[str]) -> str:
    (folder / "pyproject.toml").write_text("[tool.autofix]\n")
    (folder / "a.py").write_text(text)
    with pytest.raises(SystemExit) as ended:
        main(["explain", f"{folder}/a.py:{line}"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_a_fault_is_shown_with_the_value_of_each_expression(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(tmp_path, BROKEN, 8, capsys)

    assert "`loss_fn` (torch)" in told
    assert "8:37  y_pred  " in told and "a tensor that carries a gradient, which arrives at `model`" in told
    assert "8:37  y_pred.detach().numpy()  " in told and "an array without a gradient: AF102" in told
    assert "- a fault if it is differentiated: AF102" in told
    assert "- finding at 8:37: AF102; " in told


def test_of_a_right_loss_it_says_that_nothing_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(tmp_path, RIGHT, 8, capsys)

    assert "it returns a tensor that carries a gradient, which arrives at `model`" in told
    assert "- no finding\n" in told and "a fault" not in told


def test_what_the_program_showed_is_said_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(tmp_path, RIGHT, 8, capsys)

    assert told.splitlines()[-1].startswith("- the program, not observed: the program trains nothing when it is run")


def test_of_a_function_that_is_not_followed_it_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(tmp_path, BROKEN, 13, capsys)

    assert "`score` was not analysed: no call here leads to a gradient" in told


def test_of_a_step_it_says_what_is_differentiated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = explained(tmp_path, BROKEN, 18, capsys)

    assert "- line 18 differentiates a tensor without a gradient: AF102" in told


def test_a_file_without_a_framework_is_said_to_be_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "imports no framework" in explained(tmp_path, "x = 1\n", 1, capsys)


@pytest.mark.parametrize(("place", "said"), [("none.py:3", "no such file"), ("AF999", "unknown code")])
def test_what_is_neither_a_cause_nor_a_place_is_refused(
    place: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["explain", place])

    assert ended.value.code == 2
    assert said in capsys.readouterr().err
