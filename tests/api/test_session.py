"""`%load_ext autofix` in an IPython session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

BROKEN = """\
def mae(y_true, y_pred):
    return torch.from_numpy(np.abs(y_true.numpy() - y_pred.detach().numpy())).mean()
"""
RIGHT = "def mse_loss(y_true, y_pred):\n    return ((y_true - y_pred) ** 2).mean()\n"
USE = "def step(model, x, y):\n    mae(y, model(x)).backward()\n"


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    from IPython.testing.globalipapp import start_ipython

    shell = start_ipython()
    shell = shell or __import__("IPython").get_ipython()
    shell.reset()
    shell.run_cell("%load_ext autofix", store_history=True)
    capsys.readouterr()
    yield shell
    shell.reset()


@pytest.mark.torch
def test_a_session_is_reported_on_and_its_loss_mended(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for cell in ("%time 1\nimport numpy as np\nimport torch", BROKEN, USE, RIGHT):
        shell.run_cell(cell, store_history=True)
    capsys.readouterr()
    number = next(place for place, text in enumerate(shell.history_manager.input_hist_raw) if text == BROKEN.rstrip())

    shell.run_cell("%autofix")
    said = capsys.readouterr().out

    assert f"cell {number}:2:53: AF102" in said and "torch.abs(y_true - y_pred)" in said and "verified: " in said
    assert [line for line in said.splitlines() if line.startswith("@@")] == ["@@ -1,2 +1,2 @@"]
    assert "mse_loss" not in said

    shell.run_cell("%autofix mse_loss")

    assert capsys.readouterr().out == "No lost gradients found.\n"


@pytest.mark.torch
def test_a_cell_is_reported_on_and_run(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("import numpy as np\nimport torch", store_history=True)
    capsys.readouterr()

    shell.run_cell("%%autofix\n" + BROKEN + USE)

    assert ":3:53: AF102" in capsys.readouterr().out
    assert callable(shell.user_ns["mae"])


@pytest.mark.torch
def test_a_cell_reported_on_is_a_part_of_the_session(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("import numpy as np\nimport torch", store_history=True)
    shell.run_cell("%%autofix\n" + BROKEN, store_history=True)
    shell.run_cell("def mae_loss(y_true, y_pred):\n    return np.mean(y_pred.detach().numpy())", store_history=True)
    capsys.readouterr()

    shell.run_cell("%%autofix\n" + USE, store_history=True)
    own = capsys.readouterr().out
    shell.run_cell("%autofix mae")

    assert own == "No lost gradients found.\n"
    assert ":3:53: AF102" in capsys.readouterr().out


@pytest.mark.torch
def test_a_loss_that_was_mended_and_run_again_is_right(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    mended = "def mae(y_true, y_pred):\n    return torch.abs(y_true - y_pred).mean()\n"
    for cell in ("import numpy as np\nimport torch", BROKEN, USE, "not python at all", mended, USE):
        shell.run_cell(cell, store_history=True)
    capsys.readouterr()

    shell.run_cell("%autofix")

    assert capsys.readouterr().out == "No lost gradients found.\n"


def test_a_cell_that_is_right_is_run_in_silence(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_cell("%%autofix\nanswer = 6 * 7")

    assert capsys.readouterr().out == "No lost gradients found.\n"
    assert shell.user_ns["answer"] == 42
