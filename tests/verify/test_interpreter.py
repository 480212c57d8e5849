"""Which interpreter is taken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autofix.verify.interpreter import find_interpreter


def environment(folder: Path, framework: str | None = "torch") -> Path:
    python = folder / "bin/python"
    python.parent.mkdir(parents=True)
    python.touch()
    (folder / "pyvenv.cfg").touch()
    if framework:
        (folder / "lib/python3.11/site-packages" / framework).mkdir(parents=True)
    return python


@pytest.fixture(autouse=True)
def no_active_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)


def test_the_one_asked_for_is_taken_whatever_it_has(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    assert find_interpreter(tmp_path / "mine", tmp_path, "torch") == tmp_path / "mine"


def test_the_active_one_comes_before_the_projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    active = environment(tmp_path / "active")
    environment(tmp_path / "project/.venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert find_interpreter(None, tmp_path / "project", "torch") == active


def test_the_projects_is_found_above_the_file(tmp_path: Path) -> None:
    python = environment(tmp_path / "venv")
    assert find_interpreter(None, tmp_path / "src/losses", "torch") == python


def test_one_without_the_framework_is_passed_over(tmp_path: Path) -> None:
    environment(tmp_path / "inner/.venv", framework=None)
    outer = environment(tmp_path / "venv")
    assert find_interpreter(None, tmp_path / "inner", "torch") == outer


def test_a_folder_that_is_no_environment_is_passed_over(tmp_path: Path) -> None:
    environment(tmp_path / "env")
    (tmp_path / "env/pyvenv.cfg").unlink()
    assert find_interpreter(None, tmp_path, "torch") == Path(sys.executable)


def test_none_above_the_projects_root_is_taken(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    (tmp_path / "project/.git").mkdir(parents=True)
    assert find_interpreter(None, tmp_path / "project", "torch") == Path(sys.executable)


def test_none_is_taken_from_a_folder_that_everybody_may_write_to(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    environment(shared / ".venv")
    shared.chmod(0o777)
    assert find_interpreter(None, shared / "mine", "torch") == Path(sys.executable)
