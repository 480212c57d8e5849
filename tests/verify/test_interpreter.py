"""Which interpreter is taken."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from autofix.source.environments import hashed
from autofix.verify.interpreters import find_interpreter


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
    monkeypatch.delenv("UV_PROJECT_ENVIRONMENT", raising=False)
    monkeypatch.setenv("POETRY_CACHE_DIR", "/nowhere")
    monkeypatch.setenv("HATCH_DATA_DIR", "/nowhere")


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


def test_an_active_conda_environment_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment(tmp_path / "conda")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "conda"))
    assert find_interpreter(None, tmp_path / "project", "torch") == python


def test_an_active_one_without_the_framework_leaves_the_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Conda's base environment is active in many a shell."""
    environment(tmp_path / "conda", framework=None)
    python = environment(tmp_path / "project/.venv")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "conda"))
    assert find_interpreter(None, tmp_path / "project", "torch") == python


def test_uv_may_have_been_told_where_to_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment(tmp_path / "project/environments/linux")
    environment(tmp_path / "project/.venv")
    monkeypatch.setenv("UV_PROJECT_ENVIRONMENT", "environments/linux")
    assert find_interpreter(None, tmp_path / "project", "torch") == python


def test_the_member_of_a_workspace_uses_the_workspaces(tmp_path: Path) -> None:
    python = environment(tmp_path / "repository/.venv")
    (tmp_path / "repository/.git").mkdir()
    member = tmp_path / "repository/packages/member"
    member.mkdir(parents=True)
    (member / "pyproject.toml").touch()
    assert find_interpreter(None, member, "torch") == python


def test_without_a_repository_a_project_has_nothing_above_it(tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    (tmp_path / "project").mkdir()
    (tmp_path / "project/pyproject.toml").touch()
    assert find_interpreter(None, tmp_path / "project", "torch") == Path(sys.executable)


def project(folder: Path) -> Path:
    (folder / "project/src").mkdir(parents=True)
    (folder / "project/pyproject.toml").touch()
    return folder / "project"


@pytest.mark.parametrize("said", ["POETRY_VIRTUALENVS_PATH", "POETRY_CACHE_DIR"])
def test_poetrys_own_folder_of_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    root = project(tmp_path)
    folder = tmp_path / "poetry" if said == "POETRY_VIRTUALENVS_PATH" else tmp_path / "poetry/virtualenvs"
    monkeypatch.setenv(said, str(tmp_path / "poetry"))
    environment(folder / "project-AAAAAAAA-py3.11")
    python = environment(folder / f"project-{hashed(str(root.resolve()))}-py3.11")
    assert find_interpreter(None, root / "src", "torch") == python


def test_hatchs_own_folder_of_environments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = project(tmp_path)
    folder = tmp_path / "hatch/env/virtual/project" / hashed(str(root.resolve()))
    monkeypatch.setenv("HATCH_DATA_DIR", str(tmp_path / "hatch"))
    environment(folder / "docs")
    python = environment(folder / "project")
    assert find_interpreter(None, root / "src", "torch") == python


def test_one_that_sees_its_bases_packages(tmp_path: Path) -> None:
    environment(tmp_path / "base")
    python = environment(tmp_path / "project/.venv", framework=None)
    configuration = tmp_path / "project/.venv/pyvenv.cfg"
    configuration.write_text(f"home = {tmp_path / 'base/bin'}\ninclude-system-site-packages = true\n")
    assert find_interpreter(None, tmp_path / "project", "torch") == python

    configuration.write_text(f"home = {tmp_path / 'base/bin'}\ninclude-system-site-packages = false\n")
    assert find_interpreter(None, tmp_path / "project", "torch") == Path(sys.executable)


def test_the_shells_python_is_the_last_resort(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment(tmp_path / "theirs")
    python.with_name("python3").write_text("")
    python.with_name("python3").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "theirs/bin"))
    assert find_interpreter(None, tmp_path, "torch") == Path(sys.executable)

    monkeypatch.setattr("autofix.verify.interpreters.find_spec", lambda name: None)
    assert find_interpreter(None, tmp_path, "torch") == python.with_name("python3")


LOSS = """import numpy as np
import torch


def mae(p, y):
    return np.mean(np.abs((p - y).detach().numpy()))


def step(model, x, y):
    mae(model(x), y).backward()
"""
FRAMEWORKS = ("torch", "functorch", "tensorflow", "keras")


def made(folder: Path, frameworks: bool) -> Path:
    """A virtual environment with the packages of this one: the frameworks alone, or all the others."""
    venv.create(folder, symlinks=True, with_pip=False)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for place in {sysconfig.get_path(name) for name in ("purelib", "platlib")}:
        if frameworks:
            (packages / "torch").symlink_to(Path(place) / "torch")
            (packages / "rest.pth").write_text(f"{place}\n")
        else:
            for entry in Path(place).iterdir():
                if not entry.name.startswith(FRAMEWORKS):
                    (packages / entry.name).symlink_to(entry)
    return folder / "bin/python"


@pytest.mark.torch
@pytest.mark.parametrize("layout", ["project/.venv", "poetry/virtualenvs/project-{}-py3.11"])
def test_autofix_may_live_apart_from_the_framework(tmp_path: Path, layout: str) -> None:
    """As with pipx: its own environment has no framework, the project's has nothing of autofix."""
    root = project(tmp_path)
    (root / "src/loss.py").write_text(LOSS)
    apart = made(tmp_path / "apart", frameworks=False)
    environment = {**os.environ, "POETRY_CACHE_DIR": str(tmp_path / "poetry"), "PATH": "/nowhere"}
    command = [str(apart), "-m", "autofix", "--no-cache", str(root / "src/loss.py")]
    assert subprocess.run([str(apart), "-c", "import torch"], capture_output=True).returncode == 1

    without = subprocess.run(command, env=environment, capture_output=True, text=True)
    theirs = made(tmp_path / layout.format(hashed(str(root.resolve()))), frameworks=True)
    ran = subprocess.run(command, env=environment, capture_output=True, text=True)

    assert subprocess.run([str(theirs), "-c", "import torch"], capture_output=True).returncode == 0
    assert f"torch is not installed for {apart}" in without.stdout
    assert "+    return torch.mean(torch.abs(p - y))" in ran.stdout
    assert "verified:" in ran.stdout
