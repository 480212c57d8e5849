"""`[tool.autofix]`: what is read, and how a broken table is reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autofix.model import Problem
from autofix.source.settings import Settings, load
from autofix.verify.interpreters import base_of


def _load(folder: Path, text: str, below: str = "") -> Settings | Problem:
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    (folder / below).mkdir(parents=True, exist_ok=True)
    return load([str(folder / below)])


def test_every_key(tmp_path: Path) -> None:
    table = """[tool.autofix]
format = "json"
select = ["AF1"]
ignore = ["AF103"]
exclude = ["legacy"]
python = ".venv/bin/python"
timeout = 2.5
observe = 4
jobs = 3
no-cache = true
statistics = true
quiet = true
verbose = true
strict = true
unsafe-fixes = true
rules = ["tools/rules"]
"""
    python = str(tmp_path / ".venv/bin/python")
    table += '[tool.autofix.per-path-ignores]\n"tests/**" = ["AF2", "af103"]\n'
    ignores = (("tests/**", ("AF2", "af103")),)
    rules = (str(tmp_path / "tools/rules"),)
    expected = Settings(
        "json", ("AF1",), ("AF103",), ("legacy",), python, 2.5, 4, 3, True, True, True, True, True, rules, True,
        ignores, str(tmp_path),
    )  # fmt: skip

    assert _load(tmp_path, table, "src/pkg") == expected


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("tests/**", "tests/deep/test_a.py", True),
        ("tests", "tests/test_a.py", True),
        ("test_*.py", "src/test_a.py", True),
        ("src/legacy.py", "src/legacy.py", True),
        ("tests/**", "src/tests.py", False),
        ("tests", "src/mytests/a.py", False),
        ("legacy.py", "src/legacy_too.py", False),
    ],
)
def test_ignores_of_a_path_are_added_to_the_others(tmp_path: Path, glob: str, path: str, fits: bool) -> None:
    table = f'[tool.autofix]\nignore = ["AF103"]\n[tool.autofix.per-path-ignores]\n"{glob}" = ["af2"]\n'
    settings = _load(tmp_path, table)

    assert isinstance(settings, Settings)
    assert settings.ignored_in(str(tmp_path / path)) == (("AF103", "AF2") if fits else ("AF103",))


def test_nearest_table_wins(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    _load(tmp_path, "[tool.autofix]\njobs = 7\n")

    assert _load(tmp_path / "inner", "[tool.autofix]\njobs = 2\n") == Settings(jobs=2)


def test_a_file_without_the_table_is_looked_past(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    _load(tmp_path, "[tool.autofix]\njobs = 7\n")

    assert _load(tmp_path / "inner", "[project]\nname = 'autofix-plugin'\n") == Settings(jobs=7)


@pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.black]\nline-length = 3\n", "# autofix\n"])
def test_no_table(tmp_path: Path, text: str) -> None:
    assert _load(tmp_path, text) == Settings()


def test_broken_file_of_another_tool_is_none_of_our_business(tmp_path: Path) -> None:
    assert _load(tmp_path, "[tool.black\n") == Settings()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.autofix]\njobs = \n", "line 2"),
        ("[tool.autofix]\n\nsellect = []\n", "line 3: [tool.autofix] has no key 'sellect'; did you mean 'select'?"),
        ("[tool.autofix]\nzzz = 1\n", "the keys are exclude"),
        ("[tool.autofix]\nselect = 'AF1'\n", "line 2: [tool.autofix] select must be a list of strings"),
        ("[tool.autofix]\nselect = [1]\n", "must be a list of strings"),
        ("[tool.autofix]\njobs = 0\n", "jobs must be an integer above 0"),
        ("[tool.autofix]\njobs = true\n", "jobs must be an integer above 0"),
        ("[tool.autofix]\ntimeout = -1\n", "timeout must be a number of seconds above 0"),
        ("[tool.autofix]\nquiet = 'yes'\n", "quiet must be true or false"),
        ("[tool.autofix]\npython = 3\n", "python must be a string"),
        ("[tool.autofix]\nformat = 'xml'\n", "format must be one of text, json"),
        ("[tool.autofix]\nallow-unsandboxed = true\n", "only be set on the command line"),
        ("[tool]\nautofix = 3\n", "must be a table"),
        ("[tool.autofix]\nper-path-ignores = ['AF2']\n", "line 2: [tool.autofix] per-path-ignores must be a table"),
        (
            "[tool.autofix.per-path-ignores]\n'a/*' = 'AF2'\n",
            "line 1: [tool.autofix] per-path-ignores: 'a/*' must be a",
        ),
        ("[tool.autofix.per-path-ignores]\n'a/*' = ['AF9']\n", "per-path-ignores: 'a/*' names 'AF9'"),
    ],
)
def test_broken_table(tmp_path: Path, text: str, words: str) -> None:
    problem = _load(tmp_path, text)

    assert isinstance(problem, Problem)
    assert problem.path == str(tmp_path / "pyproject.toml")
    assert words in problem.message


def test_not_from_a_folder_where_everybody_may_put_files(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)

    assert _load(tmp_path, "[tool.autofix]\njobs = 7\n") == Settings()


@pytest.mark.parametrize("kind", ["pipe", "device", "large"])
@pytest.mark.parametrize("name", ["pyproject.toml", ".venv/pyvenv.cfg"])
def test_settings_are_read_from_regular_files_only(tmp_path: Path, kind: str, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    match kind:
        case "pipe":
            os.mkfifo(file)
        case "device":
            file.symlink_to("/dev/zero")
        case "large":
            file.write_bytes(b"[tool.autofix]\n" + b"#" * 2**20)

    found, bases = load([str(tmp_path)]), list(base_of(tmp_path / ".venv"))

    assert bases == []
    if name == "pyproject.toml":
        assert isinstance(found, Problem)
        assert found.path == str(file)
        assert ("larger than 1 MiB" if kind == "large" else "not a regular file") in found.message
    else:
        assert found == Settings()


def test_settings_are_read_through_a_link_to_a_regular_file(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text("[tool.autofix]\nquiet = true\n")
    (tmp_path / "pyproject.toml").symlink_to("shared.toml")

    assert load([str(tmp_path)]) == Settings(quiet=True)
