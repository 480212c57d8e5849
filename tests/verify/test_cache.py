"""The folder of entries: whole or absent, whatever others do to it, and never too large."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autofix.cli import main
from autofix.verify import cache
from autofix.verify.cache import Cache, clean, tidy, user_folder
from autofix.verify.interpreters import digest

WRITER = """
import sys
from pathlib import Path
from autofix.verify.cache import Cache
entries = Cache(Path(sys.argv[1]))
for number in range(300):
    entries.write("shared", {"by": sys.argv[2], "filling": [sys.argv[2]] * 2000})
    found = entries.read("shared")
    assert found is not None and set(found["filling"]) == {found["by"]}, found
"""


def aged(path: Path, days: float) -> Path:
    then = time.time() - days * cache.DAY
    os.utime(path, (then, then))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    entries = Cache(tmp_path / "made/when/needed")

    assert entries.read("a") is None
    entries.write("a", {"number": 1.5})
    entries.write("b", {"number": 2})

    assert (entries.read("a"), entries.read("b")) == ({"number": 1.5}, {"number": 2})
    assert (tmp_path / "made/when/needed").stat().st_mode & 0o077 == 0


def test_asking_makes_no_folder(tmp_path: Path) -> None:
    entries = Cache(tmp_path / "none")
    entries.read("a")
    entries.close()

    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("spoiled", [b"", b"{", b'{"number": 1', b"[1]", b"\xff\xfe", b"null", b"[" * 100_000])
def test_a_spoiled_entry_is_ignored_and_replaced(tmp_path: Path, spoiled: bytes) -> None:
    entries = Cache(tmp_path)
    entries.write("a", {"number": 1})
    entries.path("a").write_bytes(spoiled)

    assert entries.read("a") is None
    entries.write("a", {"number": 2})
    assert entries.read("a") == {"number": 2}


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    """They could put a proof there that nobody made."""
    entries = Cache(tmp_path)
    entries.write("a", {"number": 1})
    tmp_path.chmod(0o777)

    assert entries.read("a") is None
    entries.write("b", {"number": 2})
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_what_cannot_be_written_is_not_kept_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    entries = Cache(tmp_path / "file")

    entries.write("a", {"number": 1})
    entries.close()
    assert entries.read("a") is None

    blocked = Cache(tmp_path / "folder")
    blocked.path("a").mkdir(parents=True)
    blocked.write("a", {"number": 1})
    assert blocked.read("a") is None
    assert [path.name for path in blocked.folder.iterdir()] == ["a.json"]


@pytest.mark.slow
def test_several_processes_never_see_half_an_entry(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), name], stderr=subprocess.PIPE) for name in "abc"
    ]

    assert [(writer.communicate()[1], writer.returncode) for writer in writers] == [(b"", 0)] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["shared.json"]


def test_the_oldest_go_when_there_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    entries = Cache(tmp_path)
    for number in range(5):
        entries.write(str(number), {})
        aged(entries.path(str(number)), days=10 - number)

    entries.close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["2.json", "3.json", "4.json"]


def test_the_oldest_go_when_they_are_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 5000)
    for number in range(5):
        (tmp_path / f"{number}.json").write_text(" " * 2000)
        aged(tmp_path / f"{number}.json", days=10 - number)

    tidy(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["3.json", "4.json"]


def test_what_nobody_uses_goes_and_what_is_used_stays(tmp_path: Path) -> None:
    entries = Cache(tmp_path)
    for name in ("used", "unused", "recent"):
        entries.write(name, {})
    aged(entries.path("used"), days=100)
    aged(entries.path("unused"), days=100)
    aged(entries.path("recent"), days=80)
    aged(tmp_path / "unused.json", days=100)
    (tmp_path / "broken.unfinished").touch()
    aged(tmp_path / "broken.unfinished", days=1)
    (tmp_path / "written.unfinished").touch()
    entries.read("used")

    entries.close()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["recent.json", "used.json", "written.unfinished"]


def test_the_folder_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOFIX_CACHE_DIR", str(tmp_path / "mine"))
    assert user_folder() == tmp_path / "mine"

    monkeypatch.delenv("AUTOFIX_CACHE_DIR")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert user_folder().is_relative_to(tmp_path)


def test_all_entries_are_removed_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOFIX_CACHE_DIR", str(tmp_path))
    for name in ("one", "other"):
        Cache(tmp_path).write(digest(name), {})
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "left.unfinished").touch()

    with pytest.raises(SystemExit) as ended:
        main(["cache", "clean"])

    assert ended.value.code == 0
    assert capsys.readouterr().out == f"removed 2 cached results from {tmp_path}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["package.json"]


def test_there_need_not_be_a_cache_to_be_removed(tmp_path: Path) -> None:
    assert clean(tmp_path / "none") == 0


def test_a_folder_of_the_name_cache_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "clean.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SystemExit) as ended:
        main(["cache"])

    assert ended.value.code == 0
    assert "1 file" in capsys.readouterr().out
