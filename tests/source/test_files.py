"""Finding, reading and writing files: what is kept byte for byte, and what is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autofix.model import Problem
from autofix.source import files
from autofix.source.files import Source, decode, find, read_bytes, write

OLD = "loss = np.abs(y)"
NEW = "loss = torch.abs(y)"


def _source(path: Path) -> Source:
    content = read_bytes(str(path))
    assert isinstance(content, bytes)
    source = decode(str(path), content)
    assert isinstance(source, Source)
    return source


def _patch(path: Path) -> Problem | None:
    source = _source(path)
    return write(source, source.text.replace(OLD, NEW))


def _message(path: Path) -> str:
    content = read_bytes(str(path))
    problem = content if isinstance(content, Problem) else decode(str(path), content)
    assert isinstance(problem, Problem)
    return problem.message


@pytest.mark.parametrize(
    "content",
    [
        b"x = 1\r\nloss = np.abs(y)\r\n",  # CRLF
        b"x = 1\r\nloss = np.abs(y)\nz = 2\r\n",  # mixed line ends
        b"x = 1\rloss = np.abs(y)\r",  # CR alone
        b"\xef\xbb\xbfloss = np.abs(y)\n",  # byte order mark
        b"# -*- coding: latin-1 -*-\nname = '\xe9'\nloss = np.abs(y)\n",  # coding cookie
        b"# coding: cp1252\r\nname = '\x80'\r\nloss = np.abs(y)",  # and no final newline
        b"#!/usr/bin/env python\n# vim: set fileencoding=euc-jp :\ns = '\xa4\xa2'\nloss = np.abs(y)\n",
        b"if x:\n\tloss = np.abs(y)  \n\t\x0c\n",  # tabs, trailing blanks, a form feed
        "s = '\u2028 \x85'\nloss = np.abs(y)\n".encode(),  # what str.splitlines would split
    ],
)
def test_only_the_edit_changes(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(content)

    assert _patch(file) is None
    assert file.read_bytes() == content.replace(OLD.encode(), NEW.encode())


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o4755, 0o2664])
def test_mode_is_kept(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "a.py"
    file.write_text(OLD)
    file.chmod(mode)
    kept = stat.S_IMODE(file.stat().st_mode)  # some systems drop setgid for a foreign group

    assert _patch(file) is None
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (NEW, kept)


def test_symlink_stays_and_its_target_is_written(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.py"
    target.write_text(OLD)
    link = tmp_path / "link.py"
    link.symlink_to(Path("real") / "a.py")

    assert _patch(link) is None
    assert (link.is_symlink(), link.readlink(), target.read_text()) == (True, Path("real/a.py"), NEW)


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(OLD)

    assert _patch(file) is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.py"]


def test_refused_when_changed_since_it_was_read(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(OLD)
    source = _source(file)
    file.write_text("somebody else's work")

    problem = write(source, NEW)

    assert problem and "changed while autofix was running" in problem.message
    assert file.read_text() == "somebody else's work"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.py"]


def test_refused_when_deleted_since_it_was_read(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(OLD)
    source = _source(file)
    file.unlink()

    assert write(source, NEW) is not None
    assert list(tmp_path.iterdir()) == []


def test_refused_when_read_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.py"
    file.write_text(OLD)
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # chmod does not stop root

    problem = _patch(file)

    assert problem and "read-only" in problem.message
    assert file.read_text() == OLD


def test_refused_when_the_encoding_lacks_a_character(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"# coding: latin-1\n" + OLD.encode())
    source = _source(file)

    problem = write(source, "# coding: latin-1\nloss = '\u2192'")

    assert problem and "iso-8859-1" in problem.message and "UTF-8" in problem.message
    assert file.read_bytes() == source.content


def test_refused_when_the_text_does_not_come_back(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"# coding: utf-7\ns = '+AGE-'\nloss = np.abs(y)\n")  # the codec writes 'a', not '+AGE-'

    problem = _patch(file)

    assert problem and "would change other bytes" in problem.message
    assert b"+AGE-" in file.read_bytes()


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"import torch\n\0\0", "line 2: ", "NUL bytes"),
        ("import torch\n".encode("utf-16"), "line 1: ", "NUL bytes"),
        (b"# coding: klingon\n", "line 1: ", "unknown encoding: klingon"),
        (b"# coding: rot13\nvzcbeg gbepu\n", "line 1: ", "not a text encoding"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "line 1: ", "byte order mark"),
        (b"import torch\nx = 1\nname = '\xe9'\n", "line 3: ", "not valid utf-8"),
    ],
)
def test_undecodable_names_the_line_and_the_way_out(tmp_path: Path, content: bytes, line: str, words: str) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(content)

    message = _message(file)

    assert message.startswith(line)
    assert words in message
    assert ";" in message  # the way out follows


def test_missing_file(tmp_path: Path) -> None:
    assert "no such file" in _message(tmp_path / "none.py")


def test_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")

    assert "not a regular file" in _message(tmp_path / "pipe.py")


def _tree(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def _found(root: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    return [Path(str(path)).relative_to(root).as_posix() for path in find([str(root)], exclude)]


def test_finds_python_files_sorted(tmp_path: Path) -> None:
    _tree(tmp_path, "b.py", "a.py", "pkg/z.py", "pkg/sub/y.py")

    assert _found(tmp_path) == ["a.py", "b.py", "pkg/z.py", "pkg/sub/y.py"]


def test_walks_past_what_is_not_the_projects_own(tmp_path: Path) -> None:
    _tree(tmp_path, "a.txt", "a.pyc", ".git/h.py", ".venv/x.py", "venv/x.py", "node_modules/x.py", "build/x.py",
          "dist/x.py", "__pycache__/x.py", "lib/site-packages/x.py", ".hidden/x.py", "keep.py")  # fmt: skip

    assert _found(tmp_path) == ["keep.py"]


@pytest.mark.parametrize("glob", ["legacy", "legacy/", "legacy/*", "leg*"])
def test_excluded(tmp_path: Path, glob: str) -> None:
    _tree(tmp_path, "legacy/a.py", "new/legacy_b.py", "c.py")

    assert "legacy/a.py" not in _found(tmp_path, (glob,))
    assert "c.py" in _found(tmp_path, (glob,))


def test_a_named_file_is_always_taken(tmp_path: Path) -> None:
    _tree(tmp_path, ".venv/x.py", "script")
    named = [str(tmp_path / ".venv" / "x.py"), str(tmp_path / "script")]

    assert list(find(named, ("*",))) == named


def test_each_file_once(tmp_path: Path) -> None:
    _tree(tmp_path, "a.py")
    (tmp_path / "b.py").symlink_to("a.py")

    assert _found(tmp_path) == ["a.py"]
    assert len(list(find([str(tmp_path), str(tmp_path / "a.py")]))) == 1


def test_folder_without_python_files(tmp_path: Path) -> None:
    _tree(tmp_path, "notes.txt")

    [problem] = find([str(tmp_path)])

    assert isinstance(problem, Problem) and "no Python files" in problem.message


def test_a_link_out_of_the_folder_is_not_followed_and_one_in_it_is(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project", tmp_path / "outside.py"
    inside.mkdir()
    outside.write_text("x = 1\n")
    (inside / "a.py").write_text("y = 1\n")
    (inside / "sub").mkdir()
    (inside / "sub" / "b.py").symlink_to("../a.py")
    (inside / "c.py").symlink_to("../outside.py")
    (inside / "d.py").symlink_to(outside)

    found = list(find([str(inside)]))

    assert [each for each in found if isinstance(each, str)] == [str(inside / "a.py")]
    said = [each for each in found if isinstance(each, Problem)]
    assert [Path(each.path).name for each in said] == ["c.py", "d.py"]
    assert all(str(outside) in each.message and "pass the link itself" in each.message for each in said)
    assert list(find([str(inside / "c.py")])) == [str(inside / "c.py")], "named itself, it is the user's wish"


def test_a_folder_that_is_a_link_itself_is_walked(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.py").write_text("x = 1\n")
    (tmp_path / "real" / "b.py").symlink_to("a.py")
    (tmp_path / "link").symlink_to("real")

    assert list(find([str(tmp_path / "link")])) == [str(tmp_path / "link" / "a.py")]


@pytest.mark.parametrize("target", ["/dev/zero", "/dev/stdin", "/"])
def test_what_is_no_regular_file_is_never_waited_for(tmp_path: Path, target: str) -> None:
    link = tmp_path / "a.py"
    link.symlink_to(target)

    problem = read_bytes(str(link))

    assert isinstance(problem, Problem)
    assert "not a regular file" in problem.message


def test_a_file_that_is_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_BYTES", 2 * 2**20)
    (tmp_path / "large.py").write_bytes(b"#" * (2 * 2**20 + 1))
    (tmp_path / "allowed.py").write_bytes(b"#" * 2 * 2**20)
    (tmp_path / "large.ipynb").write_bytes(b" " * (2 * 2**20 + 1))

    problem = read_bytes(str(tmp_path / "large.py"))

    assert isinstance(problem, Problem)
    assert problem.message == "larger than 2 MiB; leave it out with --exclude"
    assert isinstance(read_bytes(str(tmp_path / "allowed.py")), bytes)
    assert isinstance(read_bytes(str(tmp_path / "large.ipynb")), bytes), "notebooks hold pictures"


def test_what_a_killed_process_has_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    names = (".a.py.ab12_xyz.autofix", ".b.py.ab12_xyz.autofix", ".mine.autofix", "c.py.ab12_xyz.autofix", "a.py")
    for name in names:
        (tmp_path / name).write_text("x = 1\n")
    for old in names[1:]:
        os.utime(tmp_path / old, (0, 0))

    assert write(_read(tmp_path / "a.py"), "x = 2\n") is None

    assert {each.name for each in tmp_path.iterdir()} == set(names) - {names[1]}, "the first is of this moment"


def test_nothing_is_left_beside_a_file_when_its_writing_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a.py").write_text("x = 1\n")
    source = _read(tmp_path / "a.py")
    monkeypatch.setattr(os, "fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write(source, "x = 2\n")

    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("a.py", "x = 1\n")]


def _read(path: Path) -> Source:
    content = read_bytes(str(path))
    assert isinstance(content, bytes)
    source = decode(str(path), content)
    assert isinstance(source, Source)
    return source
