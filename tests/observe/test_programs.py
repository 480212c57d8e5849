"""Which files are programs: those that train when they are executed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autofix.analysis.project import ProjectFiles
from autofix.observe.programs import ProgramRun, program_of, program_with

STEP = "loss = f(model(x), y)\nloss.backward()\n"


def program(folder: Path, text: str) -> ProgramRun | None:
    file = folder / "train.py"
    file.write_text(text)
    return program_of(str(file), text, ast.parse(text), "torch", 3.0)


def indented(text: str) -> str:
    return "".join(f"    {line}\n" for line in text.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        STEP,
        "for x, y in batches:\n" + indented(STEP),
        "def main():\n" + indented(STEP) + "\nmain()\n",
        "def main():\n" + indented(STEP) + "\nif __name__ == '__main__':\n    main()\n",
        "model.fit(x, y)\n",
        "history = model.fit(x, y)\n",
        "g = tape.gradient(loss, model.trainable_variables)\n",
        "g = torch.autograd.grad(loss, w)\n",
        "model.train_on_batch(x, y)\n",
    ],
)
def test_a_file_that_trains_is_a_program(tmp_path: Path, text: str) -> None:
    run = program(tmp_path, text)

    assert run is not None
    assert (run.program, run.seconds) == (str(tmp_path / "train.py"), 3.0)
    assert run.texts == ((run.program, text),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1\n",
        "def train(model, x, y):\n" + indented(STEP),
        "class Trainer:\n    def fit(self):\n" + indented(indented(STEP)),
        "import torch\nimport numpy as np\n\ndef loss(p, y):\n    return np.abs(p - y)\n",
        "print('hello')\n",
    ],
)
def test_a_file_that_defines_or_does_something_else_is_none(tmp_path: Path, text: str) -> None:
    assert program(tmp_path, text) is None


def test_standard_input_is_no_program(tmp_path: Path) -> None:
    assert program_of(str(tmp_path / "<stdin>"), STEP, ast.parse(STEP), "torch", 3.0) is None


def test_its_project_is_what_is_copied(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "src").mkdir()
    run = program(tmp_path / "src", STEP)

    assert run is not None and run.root == str(tmp_path)


def test_another_text_stands_in_place_of_the_program_alone() -> None:
    run = ProgramRun("/p/a.py", "/p", "torch", (("/p/b.py", "b"), ("/p/a.py", "a")))

    assert run.of_text("new").texts == (("/p/b.py", "b"), ("/p/a.py", "new"))
    assert run.of_text("a").of_text("new") == run.of_text("new")


def test_a_moved_run_changes_nothing_by_its_steps() -> None:
    moved = ProgramRun("/p/a.py", "/p", "torch").moved(0.1, 3)

    assert (moved.frozen, moved.move, moved.seed) == (True, 0.1, 3)


LIBRARY = "def loss(p, y):\n    return ((p - y) ** 2).mean()\n"
USER = "from losses import loss\n" + STEP
HANDS_ON = "from losses import loss\n\n\ndef fitted(model):\n" + indented(STEP)


def with_library(folder: Path, texts: dict[str, str]) -> ProgramRun | None:
    """How `losses.py` is run among other files of its project."""
    for name, text in {"losses.py": LIBRARY, "pyproject.toml": "", **texts}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    path = str(folder / "losses.py")
    around = ProjectFiles({path: LIBRARY}).around(path)
    assert around is not None
    return program_with(path, LIBRARY, "torch", 3.0, around)


@pytest.mark.parametrize(
    ("texts", "program"),
    [
        ({"train.py": USER}, "train.py"),
        ({"trainer.py": HANDS_ON, "main.py": "from trainer import fitted\nfitted(net())\n"}, "main.py"),
    ],
    ids=["used", "handed-on"],
)
def test_a_library_is_run_by_what_trains_with_it(tmp_path: Path, texts: dict[str, str], program: str) -> None:
    run = with_library(tmp_path, texts)

    assert run is not None and run.program == str(tmp_path / program)
    assert run.observed == str(tmp_path / "losses.py") and not run.shared
    assert dict(run.of_text("other").texts) == {run.program: texts[program], run.observed: "other"}


def test_a_library_that_several_import_is_shared(tmp_path: Path) -> None:
    run = with_library(tmp_path, {"train.py": USER, "report.py": "import losses\n"})

    assert run is not None and run.shared


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"train.py": STEP},
        {"report.py": "from losses import loss\nprint(loss(1, 2))\n"},
        {"trainer.py": HANDS_ON},
        {"a.py": "import losses\nimport b\n", "b.py": "import a\nimport losses\n"},
    ],
    ids=["alone", "not-imported", "does-not-train", "never-run", "in-circles"],
)
def test_a_library_that_nothing_trains_with_is_not_run(tmp_path: Path, texts: dict[str, str]) -> None:
    assert with_library(tmp_path, texts) is None
