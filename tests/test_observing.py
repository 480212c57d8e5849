"""Which files of a command line are run as programs, for how long, and where it says what came of that."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autofix.cli import main
from autofix.model import Framework, Request, Verdict
from autofix.observe.observation import Observation
from autofix.observe.programs import ProgramRun
from autofix.verify.verifier import Verifier

STEP = "import numpy as np\nimport torch\n\nmodel = torch.nn.Linear(3, 1)\nx, y = torch.ones(4, 3), torch.ones(4, 1)\n"
RIGHT = STEP + "loss = ((model(x) - y) ** 2).mean()\nloss.backward()\n"
SUSPECT = STEP + "loss = torch.tensor(np.mean((model(x).detach().numpy() - y.numpy()) ** 2))\nloss.backward()\n"
LIBRARY = "import torch\n\n\ndef loss(p, y):\n    return torch.mean(torch.abs(p - y))\n"
SEEN = Observation("raised")
Command = Callable[..., list[tuple[str, float]]]


@pytest.fixture
def autofix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command in a folder with a right program, a suspect one and a library; give what was run, for how long."""
    for name, text in {"right.py": RIGHT, "suspect.py": SUSPECT, "library.py": LIBRARY}.items():
        (tmp_path / name).write_text(text)
    ran: dict[tuple[str, float], None] = {}

    def observe(self: Verifier, run: ProgramRun, cancellation: object = None) -> Observation:
        ran[Path(run.program).name, run.seconds] = None
        return SEEN

    def verify(self: Verifier, request: Request, cancellation: object = None) -> Verdict:
        return Verdict("unverifiable", "nothing is run here")

    def missing(self: Verifier, framework: Framework, near: Path | None = None, text: str = "") -> str | None:
        return None

    monkeypatch.chdir(tmp_path)
    for each in (observe, verify, missing):
        monkeypatch.setattr(Verifier, each.__name__, each)

    def call(*words: str, table: str = "") -> list[tuple[str, float]]:
        (tmp_path / "pyproject.toml").write_text(f"[tool.autofix]\n{table}\n")
        with pytest.raises(SystemExit):
            main([*words])
        return sorted(ran)

    return call


def test_of_a_folder_only_suspects_are_run(autofix: Command) -> None:
    assert autofix(".") == [("suspect.py", 10.0)]


def test_a_file_that_is_named_is_run(autofix: Command) -> None:
    assert autofix("right.py") == [("right.py", 10.0)]


def test_the_cells_of_a_notebook_are_one_program(autofix: Command, tmp_path: Path) -> None:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": [RIGHT]}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))

    assert autofix("a.ipynb") == [("a.ipynb", 10.0)]


def test_a_library_is_not_run(autofix: Command) -> None:
    assert autofix("library.py", "--observe", "5") == []


def test_with_observe_every_program_of_a_folder_is_run(autofix: Command) -> None:
    assert autofix(".", "--observe", "5") == [("right.py", 5.0), ("suspect.py", 5.0)]


@pytest.mark.parametrize("words", [(".",), ("right.py", "suspect.py")])
def test_observe_0_runs_nothing(autofix: Command, words: tuple[str, ...]) -> None:
    assert autofix(*words, "--observe", "0") == []


@pytest.mark.parametrize("words", [(".",), ("right.py", "suspect.py")])
def test_so_does_a_project_that_says_so(autofix: Command, words: tuple[str, ...]) -> None:
    assert autofix(*words, table="observe = 0") == []


def test_what_is_typed_goes_before_what_the_project_says(autofix: Command) -> None:
    assert autofix("right.py", "--observe", "4", table="observe = 0") == [("right.py", 4.0)]


def test_the_time_of_a_project_runs_no_more_programs(autofix: Command) -> None:
    assert autofix(".", table="observe = 3") == [("suspect.py", 3.0)]


@pytest.mark.parametrize("value", ["-1", '"long"', "true"])
def test_a_time_that_is_none_is_refused(autofix: Command, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert autofix(".", table=f"observe = {value}") == []
    assert "observe" in capsys.readouterr().err


def test_verbose_and_explain_say_what_came_of_it(autofix: Command, capsys: pytest.CaptureFixture[str]) -> None:
    autofix("right.py", "-v")
    assert "autofix: right.py: not observed: the program trains nothing when it is run (" in capsys.readouterr().err

    autofix("explain", "right.py:6")
    assert "- the program, not observed: the program trains nothing" in capsys.readouterr().out


def test_nothing_is_said_of_what_was_not_run(autofix: Command, capsys: pytest.CaptureFixture[str]) -> None:
    autofix("library.py", "-v")

    assert "observed" not in capsys.readouterr().err
