"""What of a project may be read: what is visible, in few grants, and nothing hidden, however large the project is."""

from __future__ import annotations

from pathlib import Path

import pytest

from autofix.worker import visible
from autofix.worker.jail import LIST, READ, RUN


def made(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    return root


def granted(root: Path, *first: Path) -> dict[str, int]:
    return {str(Path(path).relative_to(root)): access for path, access in visible.visible(str(root), map(str, first))}


def test_a_project_that_hides_nothing_is_one_grant(tmp_path: Path) -> None:
    assert granted(made(tmp_path, "a.py", "b/c.py")) == {".": READ}


def test_what_is_hidden_is_left_out_however_deep_and_the_rest_is_not(tmp_path: Path) -> None:
    made(tmp_path, "a.py", ".env", ".git/config", "b/c.py", "d/e/f.py", "d/e/.key", "d/g/h.py")
    assert granted(tmp_path) == {".": LIST, "a.py": READ, "b": READ, "d/e/f.py": READ, "d/g": READ}


def test_a_link_grants_nothing(tmp_path: Path) -> None:
    made(tmp_path, ".env", "b/c.py")
    (tmp_path / "visible").symlink_to(".env")
    (tmp_path / "b/up").symlink_to("..")
    assert granted(tmp_path) == {".": LIST, "b": READ}


def test_packages_are_not_looked_into_and_other_environments_are_left_out(tmp_path: Path) -> None:
    made(tmp_path, ".env", "lib/site-packages/a/.hidden", "old/pyvenv.cfg", "old/x.py", "node_modules/a.js")
    assert granted(tmp_path) == {".": LIST, "lib": READ}


def test_what_is_too_large_is_read_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visible, "MOST_ENTRIES", 6)
    monkeypatch.setattr(visible, "MOST_IN_A_FOLDER", 4)
    made(tmp_path, "a/b/c/1.py", "a/b/c/2.py", "a/2.py", "d/e/f/x.py", *(f"data/{one}" for one in range(9)))
    near = {*granted(tmp_path, tmp_path / "a/b/c")}
    assert "a" in near or {"a/b", "a/2.py"} <= near
    assert not any(one.startswith(("data", "d/e")) or one == "d" for one in near)


def test_a_folder_that_cannot_be_listed_is_left_out(tmp_path: Path) -> None:
    assert granted(tmp_path / "nowhere") == {".": LIST}


def test_around_what_is_kept_out(tmp_path: Path) -> None:
    """As for a project in /usr/src/app, or a home in /opt."""
    made(tmp_path, "usr/lib/x", "usr/src/app/.env", "usr/src/other/y", "opt/z")
    (tmp_path / "usr/link").symlink_to("src/app")
    places = [str(tmp_path / name) for name in ("usr", "opt", "usr/src/app")]
    found = {path for path, _ in visible.around(places, [str(tmp_path / "usr/src/app")], RUN)}
    assert found == {str(tmp_path / name) for name in ("usr/lib", "usr/src/other", "opt")}
