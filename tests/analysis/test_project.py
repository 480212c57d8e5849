"""Where the modules of a project are found, and what a run over several of its files mends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from autofix import cli
from autofix.analysis import project as project_module
from autofix.analysis.project import MOST_BYTES, ProjectFiles
from tests.analysis.projects import written

LAYOUT = """
# train.py
# losses.py
# pkg/__init__.py
# pkg/losses.py
# pkg/terms/dice.py
# space/inner.py
# src/mylib/__init__.py
# src/mylib/ops.py
"""


@pytest.mark.parametrize(
    ("near", "name", "expected"),
    [
        ("train.py", "losses", "losses.py"),
        ("train.py", "pkg", "pkg/__init__.py"),
        ("train.py", "pkg.losses", "pkg/losses.py"),
        ("train.py", "space.inner", "space/inner.py"),
        ("train.py", "mylib.ops", "src/mylib/ops.py"),
        ("pkg/losses.py", ".terms.dice", "pkg/terms/dice.py"),
        ("pkg/losses.py", ".", "pkg/__init__.py"),
        ("pkg/terms/dice.py", "..losses", "pkg/losses.py"),
        ("pkg/terms/dice.py", "pkg.losses", "pkg/losses.py"),
        ("src/mylib/ops.py", "mylib", "src/mylib/__init__.py"),
        ("train.py", "space", None),
        ("train.py", "nowhere", None),
        ("train.py", "..losses", None),
        ("pkg/losses.py", "...elsewhere", None),
        ("train.py", "pkg.nowhere", None),
    ],
)
def test_a_module_is_found_where_python_finds_it(tmp_path: Path, near: str, name: str, expected: str | None) -> None:
    project = written(tmp_path / "project", LAYOUT) if (tmp_path / "project").mkdir() is None else tmp_path
    (tmp_path / "elsewhere.py").touch()
    around = ProjectFiles().around(str(project / near))

    assert around is not None
    assert around.place(name, str(project / near)) == (str(project / expected) if expected else None)


def test_a_file_is_read_again_once_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "losses.py"
    file.write_text("x = 1\n")
    files = ProjectFiles()
    first = files.read(str(file), asking="train.py")
    file.write_text("x = 1\ny = 2\n")
    os.utime(file, ns=(1, 1))

    second = files.read(str(file), asking="train.py")

    assert first is not None
    assert second is not None
    assert (first.text, second.text, first.path) == ("x = 1\n", "x = 1\ny = 2\n", second.path)
    assert files.read(str(file)) is second


def test_what_findings_depend_on_is_known_by_its_state(tmp_path: Path) -> None:
    file, train = tmp_path / "losses.py", str(tmp_path / "train.py")
    file.write_text("x = 1\n")
    files = ProjectFiles()

    assert files.stamps(train) == ()
    files.read(str(file), asking=train)
    before = files.stamps(train)
    file.write_text("x = 10\n")

    assert files.stamps(train) != before


@pytest.mark.parametrize("text", ["def f(:\n", "x = 1\n" * (MOST_BYTES // 6 + 1), "\0"])
def test_a_file_that_cannot_be_parsed_or_is_very_large_is_unknown_or_empty(tmp_path: Path, text: str) -> None:
    file = tmp_path / "losses.py"
    file.write_text(text)

    found = ProjectFiles().read(str(file))

    assert found is None or found.tree.body == []


def test_a_text_that_is_in_no_file_has_nothing_around_it() -> None:
    assert ProjectFiles().around("<stdin>") is None
    assert ProjectFiles().around("nowhere/at/all.py") is None


HELPERS = "# helpers.py\ndef to_np(t):\n    return t.detach().cpu().numpy()\n"
LOSSES = """# losses.py
import numpy as np
import torch
from helpers import to_np


def combined(p, y):
    return torch.tensor(np.abs(to_np(p) - to_np(y)).mean())
"""
TRAIN = """# train.py
import torch
from losses import combined

model = torch.nn.Linear(3, 1)


def step(x, y):
    loss = combined(model(x), y)
    loss.backward()
"""


@pytest.mark.torch
def test_the_loss_is_mended_in_its_own_file_and_no_other_is_touched(tmp_path: Path) -> None:
    project = written(tmp_path, HELPERS + LOSSES + TRAIN)
    before = {each.name: each.read_text() for each in project.glob("*.py")}

    done = CliRunner().invoke(cli.fix, ["--apply", str(project)])

    assert done.exit_code == 0, done.output
    assert (project / "losses.py").read_text() == (
        "import torch\n\n\ndef combined(p, y):\n    return torch.abs(p - y).mean()\n"
    )
    assert {name for name, text in before.items() if (project / name).read_text() != text} == {"losses.py"}
    assert CliRunner().invoke(cli.fix, ["--apply", str(project)]).output.count("AF1") == 0


@pytest.mark.torch
def test_a_file_that_was_not_given_is_named_and_left_alone(tmp_path: Path) -> None:
    project = written(tmp_path, HELPERS + LOSSES + TRAIN)

    done = CliRunner().invoke(cli.fix, ["--apply", str(project / "train.py")])

    assert done.exit_code == 1
    assert "helpers.py:2, where `t.detach().cpu().numpy()`" in done.output
    assert "run `autofix losses.py train.py`" in done.output
    assert (project / "losses.py").read_text() in LOSSES


@pytest.mark.torch
def test_a_script_beside_a_src_folder_is_proven_with_the_modules_of_the_project(tmp_path: Path) -> None:
    library = (
        "# src/mylib/__init__.py\n# src/mylib/ops.py\nimport numpy as np\ndef soft(a):\n    return np.exp(a) + 1\n"
    )
    loss = (
        "import torch\nfrom mylib.ops import soft\n\n\ndef my_loss(p, y):\n"
        "    return torch.from_numpy(soft(p.detach().numpy() * y.numpy())).mean()\n"
    )
    project = written(tmp_path, f"{library}# scripts/losses.py\n{loss}")

    done = CliRunner().invoke(cli.fix, ["--apply", str(project / "scripts/losses.py")])

    assert done.exit_code == 0, done.output
    assert "def _soft_torch(a):\n    return torch.exp(a) + 1\n" in (project / "scripts/losses.py").read_text()


@pytest.mark.tensorflow
def test_losses_of_tensorflow_are_mended_too(tmp_path: Path) -> None:
    loss = (
        "import numpy as np\nimport tensorflow as tf\nfrom .ops import as_array\n\n\ndef my_loss(y_true, y_pred):\n"
        "    return tf.reduce_mean(tf.constant(np.abs(as_array(y_true) - as_array(y_pred))))\n"
    )
    ops = "# pkg/__init__.py\n# pkg/ops.py\ndef as_array(t):\n    return t.numpy()\n"
    project = written(tmp_path, f"# pkg/losses.py\n{loss}{ops}")

    done = CliRunner().invoke(cli.fix, ["--apply", str(project)])

    assert done.exit_code == 0, done.output
    assert "    return tf.reduce_mean(tf.abs(y_true - y_pred))\n" in (project / "pkg/losses.py").read_text()


def test_nobody_takes_a_name_from_a_file_that_has_no_others_beside_it(tmp_path: Path) -> None:
    around = ProjectFiles().around(str(tmp_path / "loss.py"))  # not saved yet: no file is there at all

    assert around is not None
    assert not around.takes("np") and not around.uses("loss_fn")


def test_anybody_may_take_a_name_where_the_files_are_too_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_module, "MOST_FILES", 1)
    for name in ("loss.py", "other.py"):
        (tmp_path / name).touch()
    around = ProjectFiles().around(str(tmp_path / "loss.py"))

    assert around is not None
    assert around.takes("np") and around.uses("loss_fn")
