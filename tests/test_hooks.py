"""The hooks for pre-commit and the GitHub Action: valid for their schemas, and the hook run as its users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures"


def ran(*words: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, env={**os.environ, **environment}, capture_output=True, text=True
    )


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def test_the_hooks_are_valid() -> None:
    found = ran("pre_commit", "validate-manifest", ".pre-commit-hooks.yaml")

    assert found.returncode == 0, found.stdout


def test_the_action_is_valid() -> None:
    found = ran("check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml")

    assert found.returncode == 0, found.stdout


def test_an_action_that_is_broken_is_found_to_be(tmp_path: Path) -> None:
    broken = tmp_path / "action.yml"
    broken.write_text((ROOT / "action.yml").read_text().replace("using: composite", "using: nothing"))

    assert ran("check_jsonschema", "--builtin-schema", "vendor.github-actions", str(broken)).returncode == 1


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a repository of one commit, as pre-commit clones it."""
    folder = tmp_path_factory.mktemp("hook") / "autofix"
    names = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "autofix", "rules")
    folder.mkdir()
    for name in names:
        subprocess.run(["cp", "-r", str(ROOT / name), str(folder / name)], check=True)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "The project")
    return folder


@pytest.mark.parametrize("name", ["torch_mae_broken.py", "torch_mae_right.py"])
def test_the_hook_in_its_own_environment_stops_what_is_broken(name: str, hook: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / name).write_text((FIXTURES / name).read_text())
    git(tmp_path, "add", "-A")
    home = str(hook.parent / "home")

    found = ran("pre_commit", "try-repo", str(hook), "autofix", "--all-files", cwd=tmp_path, PRE_COMMIT_HOME=home)

    assert (found.returncode, "AF102" in found.stdout) == ((1, True) if "broken" in name else (0, False)), found.stdout
    assert (tmp_path / name).read_text() == (FIXTURES / name).read_text()


@pytest.mark.torch
def test_the_hook_of_the_active_environment_mends(hook: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "loss.py").write_text((FIXTURES / "torch_mae_broken.py").read_text())
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos: [{{repo: {hook}, rev: HEAD, hooks: [{{id: autofix-system, args: [--apply]}}]}}]\n"
    )
    git(tmp_path, "add", "-A")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    found = ran("pre_commit", "run", "--all-files", cwd=tmp_path, PATH=path, PRE_COMMIT_HOME=str(hook.parent / "home"))

    assert found.returncode == 1, found.stdout
    assert "files were modified by this hook" in found.stdout
    assert (tmp_path / "loss.py").read_text() == (FIXTURES / "torch_mae_right.py").read_text()
