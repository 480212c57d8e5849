"""A copy of a project: what is written stays in it, what is read is what was written, and secrets are not in it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autofix.worker import mirror as mirrors
from autofix.worker.mirror import MOST_BYTES_OF_CODE, Mirror


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in {"train.py": "x = 1\n", "package/model.py": "y = 2\n", "data.csv": "1,2\n"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    (tmp_path / "run").mkdir()
    return root


def mirrored(project: Path, texts: dict[str, str] | None = None) -> Mirror:
    return Mirror(str(project), str(project.parent / "run"), texts or {})


def found(mirror: Mirror) -> set[str]:
    folder = Path(mirror.folder)
    return {str(each.relative_to(folder)) for each in folder.rglob("*")}


def in_copy(project: Path, body: str) -> dict[str, object]:
    """Run statements with the hooks in force, in a process of their own; give what they put into `out`.

    `here` is the project's folder, and the working folder is that of the copy.
    """
    program = f"""
        import json, os, sys
        from autofix.worker.mirror import Mirror
        here, out = {str(project)!r}, {{}}
        mirror = Mirror(here, {str(project.parent / "run")!r}, {{}})
        os.chdir(mirror.folder)
        mirror.unlink_before_writing()
    """
    text = textwrap.dedent(program) + textwrap.dedent(body) + "\nprint(json.dumps(out))\n"
    ran = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def test_code_is_copied_and_other_files_are_links(project: Path) -> None:
    folder = Path(mirrored(project).folder)

    assert not (folder / "train.py").is_symlink() and not (folder / "package/model.py").is_symlink()
    assert (folder / "data.csv").is_symlink() and (folder / "data.csv").read_text() == "1,2\n"


def test_code_that_is_data_is_a_link(project: Path) -> None:
    (project / "table.py").write_text("#" * (MOST_BYTES_OF_CODE + 1))

    assert (Path(mirrored(project).folder) / "table.py").is_symlink()


@pytest.mark.parametrize("name", [".env", ".git/config", "node_modules/a.js", "__pycache__/train.pyc"])
def test_hidden_files_and_caches_are_left_out(project: Path, name: str) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    (project / name).write_text("secret")

    assert found(mirrored(project)) == {"train.py", "package", "package/model.py", "data.csv"}


@pytest.mark.parametrize("marker", ["pyvenv.cfg", "conda-meta"])
def test_environments_are_left_out(project: Path, marker: str) -> None:
    (project / "env").mkdir()
    (project / "env" / marker).write_text("")
    (project / "env" / "big.py").write_text("")

    assert not any(each.startswith("env/") for each in found(mirrored(project)))


def test_a_folder_called_env_without_an_environment_is_copied(project: Path) -> None:
    (project / "env").mkdir()
    (project / "env" / "game.py").write_text("")

    assert "env/game.py" in found(mirrored(project))


def test_a_text_stands_in_place_of_the_file_and_of_the_link(project: Path) -> None:
    texts = {str(project / "train.py"): "x = 3\n", str(project / "data.csv"): "5\n", str(project / "new/a.py"): "z\n"}
    folder = Path(mirrored(project, texts).folder)

    assert [(folder / each).read_text() for each in ("train.py", "data.csv", "new/a.py")] == ["x = 3\n", "5\n", "z\n"]
    assert (project / "data.csv").read_text() == "1,2\n" and not (project / "new").exists()


def test_a_place_in_the_copy_is_named_as_that_in_the_project(project: Path) -> None:
    mirror = mirrored(project)
    inside = mirror.inside(str(project / "package/model.py"))

    assert inside.startswith(mirror.folder)
    assert mirror.outside(inside) == str(project / "package/model.py")
    assert mirror.outside("/usr/lib/python3") == "/usr/lib/python3"
    assert mirror.outside(mirror.folder + "-other/a.py") == mirror.folder + "-other/a.py"


@pytest.mark.parametrize(
    "write",
    [
        "open('data.csv', 'w').write('new')",
        "open(here + '/data.csv', 'w').write('new')",
        "import pathlib; pathlib.Path('data.csv').write_text('new')",
        "import io; io.open('data.csv', 'w').write('new')",
        "file = os.open('data.csv', os.O_WRONLY | os.O_TRUNC); os.write(file, b'new')",
        "open('other', 'w').write('new'); os.replace('other', here + '/data.csv')",
    ],
)
def test_what_is_written_is_read_again_and_stays_in_the_copy(project: Path, write: str) -> None:
    reads = "out['relative'] = open('data.csv').read()\nout['absolute'] = open(here + '/data.csv').read()"
    said = in_copy(project, f"{write}\n{reads}")

    assert said == {"relative": "new", "absolute": "new"}
    assert (project / "data.csv").read_text() == "1,2\n"


@pytest.mark.parametrize(("mode", "expected"), [("a", "1,2\n3"), ("r+", "3,2\n")])
def test_what_is_changed_in_part_keeps_the_rest(project: Path, mode: str, expected: str) -> None:
    said = in_copy(project, f"open('data.csv', {mode!r}).write('3')\nout['read'] = open('data.csv').read()")

    assert said["read"] == expected
    assert (project / "data.csv").read_text() == "1,2\n"


def test_reading_leaves_the_link(project: Path) -> None:
    assert in_copy(project, "open('data.csv').read()\nout['is_link'] = os.path.islink('data.csv')") == {"is_link": True}


def test_folders_and_files_made_by_their_place_in_the_project_are_seen_there(project: Path) -> None:
    said = in_copy(
        project,
        """
        os.makedirs(here + "/runs/1")
        open(here + "/runs/1/log", "w").write("x")
        out["there"] = os.path.exists(here + "/runs/1/log") and os.path.isdir(here + "/runs")
        out["listed"] = os.listdir(here + "/runs/1")
        os.chdir(here + "/runs")
        out["relative"] = os.path.exists("1/log")
        os.remove(here + "/runs/1/log")
        os.rmdir(here + "/runs/1")
        out["left"] = os.listdir(here + "/runs")
        """,
    )

    assert said == {"there": True, "listed": ["log"], "relative": True, "left": []}
    assert not (project / "runs").exists()


def test_a_file_that_is_opened_outside_of_python_has_a_place_of_its_own(project: Path) -> None:
    said = in_copy(
        project,
        """
        out["read"] = mirror.place_of(here + "/data.csv", False).startswith(mirror.folder)
        out["before"] = os.path.islink("data.csv")
        mirror.place_of("data.csv", True)
        out["after"] = os.path.islink("data.csv")
        out["elsewhere"] = mirror.place_of("/usr/lib", False)
        """,
    )

    assert said == {"read": True, "before": True, "after": False, "elsewhere": "/usr/lib"}


def contents(mirror: Mirror) -> dict[str, str]:
    folder = Path(mirror.folder)
    return {str(each.relative_to(folder)): each.read_text() for each in folder.rglob("*") if each.is_file()}


def of_run(project: Path, body: str) -> None:
    """Run statements in the copy of the project, as one run of an observation."""
    in_copy(project, f"{body}\nmirror.kept()")


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "",
        "open('data.csv', 'w').write('new')",
        "open('train.py', 'a').write('# more')",
        "os.makedirs('runs/1'); open('runs/1/log', 'w').write('x')",
        "open('package/log', 'w').write('x')",
        "os.remove('data.csv'); os.remove('package/model.py')",
        "import shutil; shutil.rmtree('package')",
        "import shutil; shutil.rmtree('package'); os.mkdir('package'); open('package/model.py', 'w').write('z')",
        "open('other', 'w').write('z'); os.replace('other', 'train.py')",
        "os.remove('data.csv'); os.mkdir('data.csv')",
        "file = os.open('train.py', os.O_WRONLY); os.write(file, b'z')",
    ],
)
def test_a_second_run_finds_the_project_as_it_is(project: Path, body: str) -> None:
    of_run(project, body)
    second = mirrored(project)

    assert contents(second) == {"train.py": "x = 1\n", "package/model.py": "y = 2\n", "data.csv": "1,2\n"}
    assert found(second) == {"train.py", "package", "package/model.py", "data.csv"}
    assert (Path(second.folder) / "data.csv").is_symlink()


def test_a_second_run_has_its_own_texts_only(project: Path) -> None:
    mirrored(project, {str(project / "train.py"): "x = 3\n"}).kept()
    second = mirrored(project, {str(project / "package/model.py"): "y = 4\n"})

    assert contents(second) == {"train.py": "x = 1\n", "package/model.py": "y = 4\n", "data.csv": "1,2\n"}


def test_what_was_not_changed_is_not_made_again(project: Path) -> None:
    mirrored(project).kept()
    (project / "train.py").write_text("changed meanwhile\n")

    assert contents(mirrored(project))["train.py"] == "x = 1\n"


def test_a_copy_that_no_run_has_left_in_order_is_made_again(project: Path) -> None:
    first = mirrored(project)
    (Path(first.folder) / "train.py").write_text("z")

    assert contents(mirrored(project))["train.py"] == "x = 1\n"


def test_inner_folders_beyond_many_are_links_until_they_are_written_to(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "package/inner").mkdir()
    (project / "package/inner/table").write_text("t")
    monkeypatch.setattr(mirrors, "MOST_FOLDERS", 1)
    mirror = mirrored(project)

    assert (Path(mirror.folder) / "package").is_symlink() and contents(mirror)["train.py"] == "x = 1\n"
    mirror.write(mirror.inside(str(project / "package/inner/new.py")), "n")
    assert (Path(mirror.folder) / "package/inner/table").read_text() == "t"
    assert not (project / "package/inner/new.py").exists()
    mirror.kept()
    again = mirrored(project)
    assert not (Path(again.folder) / "package/inner/new.py").exists()


def test_a_folder_in_which_an_environment_lies_is_no_link_either(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "env").mkdir()
    (project / "env/pyvenv.cfg").write_text("")
    monkeypatch.setattr(mirrors, "MOST_FOLDERS", 1)

    assert "env" not in found(mirrored(project))
