"""A program that came to no step is not run again while nothing has changed; every other one is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from autofix.observe.observation import Observation, RunError
from autofix.observe.programs import ProgramRun
from autofix.verify.cache import Cache
from autofix.verify.fruitless import MOST_FILES, Fruitless
from tests.observe.behaviours import event, site

LATE = Observation("late", seconds=10.0)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / ".venv/lib").mkdir(parents=True)
    (folder / ".venv/pyvenv.cfg").touch()
    (folder / "train.py").write_text("while True: pass\n")
    (folder / "nets.py").write_text("")
    return folder


@pytest.fixture
def fruitless(tmp_path: Path) -> Fruitless:
    return Fruitless(Cache(tmp_path / "cache"))


def run_of(project: Path) -> ProgramRun:
    program = str(project / "train.py")
    return ProgramRun(program, str(project), "torch", ((program, "while True: pass\n"),))


def key_of(fruitless: Fruitless, run: ProgramRun) -> str:
    key = fruitless.key(run, "python", allow_unsandboxed=False)
    assert key is not None
    return key


@pytest.mark.parametrize(
    "found",
    [
        LATE,
        Observation("finished", seconds=1.0),
        Observation("exited", printed="usage: train.py DATA", seconds=0.5),
        Observation("raised", error=RunError("ModuleNotFoundError", "No module named 'gym'", (site(3),)), seconds=0.2),
    ],
)
def test_what_a_run_without_a_step_said_is_remembered(fruitless: Fruitless, project: Path, found: Observation) -> None:
    key = key_of(fruitless, run_of(project))
    fruitless.keep(key, found)

    assert fruitless.read(key_of(fruitless, run_of(project))) == found


@pytest.mark.parametrize(
    "found",
    [Observation("steps", events=(event(),)), Observation("lost", "the worker has ended"), replace(LATE, steps=1)],
)
def test_a_run_that_showed_something_or_was_lost_is_not(
    fruitless: Fruitless, project: Path, found: Observation
) -> None:
    key = key_of(fruitless, run_of(project))
    fruitless.keep(key, found)

    assert fruitless.read(key) is None


def test_another_text_time_python_or_file_of_the_project_is_another_run(fruitless: Fruitless, project: Path) -> None:
    run = run_of(project)
    keys = [key_of(fruitless, run), key_of(fruitless, replace(run, seconds=20.0)), key_of(fruitless, run.moved(1e-3))]
    keys += [key_of(fruitless, run.of_text("train()\n")), str(fruitless.key(run, "another", allow_unsandboxed=False))]
    (project / "data.csv").write_text("1,2\n")
    keys.append(key_of(fruitless, run_of(project)))
    os.utime(project / "nets.py", (1, 1))
    keys.append(key_of(fruitless, run_of(project)))

    assert len(set(keys)) == len(keys)


def test_the_runs_of_one_observation_are_of_one_state_of_the_project(fruitless: Fruitless, project: Path) -> None:
    run = run_of(project)
    key = key_of(fruitless, run)
    (project / "data.csv").write_text("1,2\n")

    assert key_of(fruitless, replace(run)) == key != key_of(fruitless, run_of(project))


def test_what_is_no_part_of_the_project_changes_nothing(fruitless: Fruitless, project: Path) -> None:
    key = key_of(fruitless, run_of(project))
    for name in (".hidden/state", ".venv/lib/new.py", "__pycache__/nets.pyc"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("x")

    assert key_of(fruitless, run_of(project)) == key


def test_a_day_later_it_is_run_again(fruitless: Fruitless, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(fruitless, run_of(project))
    monkeypatch.setattr("time.time", lambda: 1e9)
    fruitless.keep(key, LATE)
    monkeypatch.setattr("time.time", lambda: 1e9 + 90_000)

    assert fruitless.read(key) is None


@pytest.mark.parametrize("entry", [{}, {"time": "x"}, {"time": 1e12}, {"time": 1.0, "end": "late"}])
def test_an_entry_that_is_none_is_absent(fruitless: Fruitless, project: Path, entry: dict[str, object]) -> None:
    key = key_of(fruitless, run_of(project))
    fruitless.entries.write(key, entry)

    assert fruitless.read(key) is None


def test_a_project_of_very_many_files_is_not_watched(fruitless: Fruitless, project: Path) -> None:
    for number in range(MOST_FILES):
        (project / f"{number}.txt").touch()

    assert fruitless.key(run_of(project), "python", allow_unsandboxed=False) is None
