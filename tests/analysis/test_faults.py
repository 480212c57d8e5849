"""The kinds of faults: each has what is known of it alone, and keeps its identity in other states of its text."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path
from typing import get_args

import pytest

from autofix.analysis.faults import Fault, ForeignFault, LossFault, StepFault, TapeFault
from autofix.analysis.finding.search import diagnose
from autofix.analysis.project import ProjectFiles

TORCH = "import numpy as np\nimport torch\n"
TF = "import numpy as np\nimport tensorflow as tf\n"

PROGRAMS = {
    LossFault: TORCH + "def mae(y_pred, y_true):\n    return np.abs(y_pred.detach().numpy() - y_true.numpy()).mean()\n"
    "mae(model(x), y).backward()\n",
    StepFault: TORCH + "for x, y in batches:\n    loss = np.abs((model(x) - y).detach().numpy()).mean()\n"
    "    torch.tensor(loss, requires_grad=True).backward()\n",
    TapeFault: TF
    + textwrap.dedent("""
        def train(x, y):
            loss = tf.reduce_mean((model(x) - y) ** 2)
            with tf.GradientTape() as tape:
                pass
            return tape.gradient(loss, model.trainable_variables)
        """),
}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_fault_is_of_the_kind_that_says_what_has_to_change(kind: type) -> None:
    text = PROGRAMS[kind]
    (fault,) = diagnose(ast.parse(text), text)

    assert type(fault) is kind


def test_a_loss_of_another_file_is_fixed_there(tmp_path: Path) -> None:
    losses = TORCH + "def mae(p, y):\n    return torch.tensor(np.abs(p.detach().numpy() - y.numpy()).mean())\n"
    train = TORCH + "from losses import mae\nfor x, y in batches:\n    mae(model(x), y).backward()\n"
    (tmp_path / "losses.py").write_text(losses)
    here = str(tmp_path / "train.py")
    (fault,) = diagnose(ast.parse(train), train, around=ProjectFiles({here: train}).around(here))

    assert isinstance(fault, ForeignFault)
    assert fault.loss == "mae"
    assert "run `autofix losses.py train.py`" in fault.refusal.text


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_fault_is_known_again_in_another_state_of_its_text(kind: type) -> None:
    text = PROGRAMS[kind]
    (fault,) = diagnose(ast.parse(text), text)
    (moved,) = diagnose(ast.parse("\n" + text), "\n" + text)

    assert moved.same_as(fault)


def test_a_fault_is_not_that_of_another_loss() -> None:
    text = PROGRAMS[LossFault]
    other = text.replace("mae", "mad")
    (fault,), (another,) = diagnose(ast.parse(text), text), diagnose(ast.parse(other), other)

    assert not another.same_as(fault)


def test_no_kind_can_be_told_from_another_by_an_empty_field() -> None:
    """What only one kind has is no field of another: who asks for it has to ask for the kind first."""
    names = {each.__name__: set(each.__dataclass_fields__) for each in get_args(Fault)}
    common = set.intersection(*names.values())

    assert names["LossFault"] - names["StepFault"] == {"function", "target", "beside", "chosen_at"}
    assert names["TapeFault"] - common == {"tapes"}
    assert names["ForeignFault"] - common == {"refusal"}
