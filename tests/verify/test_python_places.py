"""What belongs to a Python, as its files show it: enough for usual installations, and nothing that a project forges."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autofix.verify.interpreters import is_users_word, places_of


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "home"
    (made / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setattr("site.getuserbase", lambda: str(made / ".local"))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    return made


def installed(prefix: Path, version: str = "3.11") -> Path:
    """An installation of Python."""
    library = prefix / f"lib/python{version}"
    (library / "site-packages").mkdir(parents=True)
    (library / "os.py").touch()
    (prefix / "bin").mkdir()
    (prefix / f"bin/python{version}").touch()
    (prefix / "bin/python3").symlink_to(f"python{version}")
    return prefix / "bin/python3"


def environment(prefix: Path, base: Path) -> Path:
    """A virtual environment that was made with a Python."""
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin/python").symlink_to(base)
    (prefix / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    (prefix / "lib/python3.11/site-packages").mkdir(parents=True)
    return prefix / "bin/python"


def run(python: Path, near: Path, word: bool = False) -> set[str]:
    return set(places_of(python, word, near).run)


def packages(python: Path) -> Path:
    return python.parent.parent / "lib/python3.11/site-packages"


@pytest.mark.parametrize("base", ["home/.pyenv/versions/3.11.7", "home/.local/share/uv/python/cpython-3.11", "opt/py"])
def test_an_environment_with_the_python_that_it_was_made_from(tmp_path: Path, base: str) -> None:
    python = environment(tmp_path / "project/.venv", installed(tmp_path / base))
    found = run(python, tmp_path / "project")
    mine = {str(tmp_path / "project/.venv" / part) for part in ("bin", "lib", "lib64", "pyvenv.cfg")}
    assert {*mine, str(tmp_path / base), os.path.realpath(python)} <= found


def test_an_environment_among_the_files_of_a_project_is_not_all_of_them(tmp_path: Path) -> None:
    """`python -m venv .`; be it another project's, to which this one points."""
    environment(tmp_path / "secret", installed(tmp_path / "opt/py"))
    python = environment(tmp_path / "project/.venv", installed(tmp_path / "opt/other"))
    (tmp_path / "project/.venv/pyvenv.cfg").write_text(f"home = {tmp_path}/secret/bin\n")
    for one in (tmp_path / "secret/bin/python", python):
        assert str(tmp_path / "secret") not in run(one, tmp_path / "project")
    assert str(tmp_path / "secret/lib") in run(tmp_path / "secret/bin/python", tmp_path / "project")


def test_a_base_behind_links_as_homebrews(tmp_path: Path) -> None:
    real = tmp_path / "brew/Cellar/python@3.11/3.11.7"
    installed(real)
    (tmp_path / "brew/opt").mkdir()
    (tmp_path / "brew/opt/python").symlink_to(real)
    python = environment(tmp_path / "project/.venv", tmp_path / "brew/opt/python/bin/python3")
    assert {str(real), str(tmp_path / "brew")} <= run(python, tmp_path / "project")


def test_an_environment_of_conda_with_the_packages_that_it_may_link_to(tmp_path: Path) -> None:
    python = installed(tmp_path / "conda/envs/mine")
    for prefix in ("conda", "conda/envs/mine"):
        (tmp_path / prefix / "conda-meta").mkdir()
    assert {str(tmp_path / "conda/envs/mine"), str(tmp_path / "conda/pkgs")} <= run(python, tmp_path)


def test_packages_of_the_user_and_packages_that_are_links(tmp_path: Path, home: Path) -> None:
    own = home / ".local/lib/python3.11/site-packages"
    cache = home / ".cache/uv/archive-v0/x1"
    for folder in (own, cache / "torch", cache / "numpy"):
        folder.mkdir(parents=True)
    (cache / "numpy/__init__.py").touch()
    python = environment(tmp_path / "project/.venv", installed(tmp_path / "opt/py"))
    (packages(python) / "torch").symlink_to(cache / "torch")
    (packages(python) / "numpy").mkdir()
    (packages(python) / "numpy/__init__.py").symlink_to(cache / "numpy/__init__.py")
    assert {str(own), str(cache / "torch"), str(cache / "numpy")} <= run(python, tmp_path / "project")


@pytest.mark.parametrize("way", ["pth", "finder"])
def test_editable_packages_of_the_repository_and_others_by_the_users_word(tmp_path: Path, way: str) -> None:
    python = environment(tmp_path / "work/app/.venv", installed(tmp_path / "opt/py"))
    inside, outside = tmp_path / "work/common/src", tmp_path / "elsewhere/lib"
    for folder in (inside, outside):
        folder.mkdir(parents=True)
    (packages(python) / "a.pth").write_text("import something\n# a comment\n\nnowhere\n")
    if way == "pth":
        (packages(python) / "b.pth").write_text(f"{inside}\n{outside}\n")
    else:
        text = f"MAPPING = {{'common': '{inside}', 'lib': \"{outside}\"}}\n"
        (packages(python) / "__editable___app_finder.py").write_text(text)
    assert places_of(python, False, tmp_path / "work").sources == (str(inside),)
    assert places_of(python, True, tmp_path / "work").sources == (str(inside), str(outside))


FORGED = {
    "a base that is none": ("pyvenv.cfg", "home = HOME/.ssh/bin\n"),
    "a base that is the home": ("pyvenv.cfg", "home = HOME/bin\n"),
    "a line for a key": ("lib/python3.11/site-packages/a.pth", "HOME/.ssh\n"),
    "a line for the home": ("lib/python3.11/site-packages/a.pth", "HOME\n../../../../../home\n/\n"),
    "a finder for a key": ("lib/python3.11/site-packages/__editable___a_finder.py", "MAPPING = {'a': 'HOME/.ssh'}\n"),
}


@pytest.mark.parametrize("word", [False, True])
@pytest.mark.parametrize("name", FORGED)
def test_what_a_project_forges_is_not_believed(tmp_path: Path, home: Path, name: str, word: bool) -> None:
    python = environment(tmp_path / "project/.venv", installed(tmp_path / "opt/py"))
    file, text = FORGED[name]
    (tmp_path / "project/.venv" / file).write_text(text.replace("HOME", str(home)))
    found = places_of(python, word, tmp_path / "project")
    assert not [one for one in (*found.run, *found.sources) if Path(one) in (home, *home.parents, home / ".ssh")]


@pytest.mark.parametrize("target", ["home/.ssh", "home", "elsewhere"])
def test_a_link_of_a_project_to_somewhere_else_is_not_believed(tmp_path: Path, target: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    python = environment(tmp_path / "project/.venv", installed(tmp_path / "opt/py"))
    (packages(python) / "torch").symlink_to(tmp_path / target)
    assert str(tmp_path / target) not in run(python, tmp_path / "project")


def test_a_script_beside_the_projects_files_has_nothing_but_itself(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    script = tmp_path / "project/evil"
    script.write_text("#!/bin/sh\n")
    assert run(script, tmp_path / "project") == {str(script)}
    assert run(script, tmp_path / "project", word=True) == {str(script), str(tmp_path / "project")}


def test_whose_word_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = environment(tmp_path / "project/.venv", installed(tmp_path / "opt/py"))
    assert not is_users_word(python, typed=False)
    assert is_users_word(python, typed=True)
    assert is_users_word(Path(sys.executable), typed=False)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "project/.venv"))
    assert is_users_word(python, typed=False)
