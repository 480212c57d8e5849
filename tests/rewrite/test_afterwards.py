"""What a mended loss would break elsewhere in its file is put right with it, or the mend is not offered."""

from __future__ import annotations

import ast
import textwrap
from functools import cache

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite, settled
from autofix.rewrite.catalogue import Catalogue

TORCH = (
    "import numpy as np\nimport torch\n\nmodel = torch.nn.Linear(3, 1)\n\n\n"
    "def mae(p, y):\n    return np.mean(np.abs(p.detach().numpy() - y.numpy()))\n\n\n"
)
TENSORFLOW = (
    "import numpy as np\nimport tensorflow as tf\n\nmodel = tf.keras.Sequential([tf.keras.layers.Dense(1)])\n\n\n"
    "def mae(p, y):\n    return np.mean(np.abs(p.numpy() - y.numpy()))\n\n\n"
)
TAPE = (
    "def step(x, y):\n    with tf.GradientTape() as tape:\n        loss = mae(model(x), y)\n"
    "    tape.gradient(loss, model.trainable_variables)\n"
)


@cache
def _catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def _settled(text: str) -> str | Reason:
    """The first candidate for the first loss of a text, and what else it takes."""
    fault = diagnose(ast.parse(text), text)[0]
    looks = Looks()
    found = rewrite(text, fault, _catalogue(fault.framework), looks)
    assert not isinstance(found, Reason)
    return settled(text, found[:1], fault, looks)[0]


def _step(*lines: str) -> str:
    body = "\n".join(lines)
    return "def step(x, y, best):\n" + textwrap.indent(body, "    ") + "\n"


@pytest.mark.parametrize(
    ("lines", "changed"),
    [
        (
            ("loss = mae(model(x), y)", "loss.requires_grad = True", "loss.backward()"),
            {"loss.requires_grad = True": None},
        ),
        (
            ("value = mae(model(x), y)", "torch.tensor(value).backward()", "return np.minimum(best, value)"),
            {"return np.minimum(best, value)": "return np.minimum(best, value.detach().numpy()[()])"},
        ),
        (
            ("value = mae(model(x), y)", "torch.tensor(value).backward()", "print(round(value, 3))"),
            {"print(round(value, 3))": "print(round(value.item(), 3))"},
        ),
        (
            ("value = mae(model(x), y)", "torch.tensor(value).backward()", "return np.array([1.0, value])"),
            {"return np.array([1.0, value])": "return np.array([1.0, value.detach().numpy()[()]])"},
        ),
        (
            ("value = mae(model(x), y)", "torch.tensor(value).backward()", "best.append(value)", "return best"),
            {"best.append(value)": "best.append(value.detach().numpy()[()])"},
        ),
        (
            ("history = []", "for a, b in zip(x, y):", "    value = mae(model(a), b)",
             "    torch.tensor(value).backward()", "    history.append(value)", "return np.mean(history)"),
            {"history.append(value)": "history.append(value.detach().numpy()[()])"},
        ),
        (
            ("value = mae(model(x), y)", "torch.tensor(value).backward()", "return value.astype(np.float16)"),
            {"return value.astype(np.float16)": "return value.detach().numpy()[()].astype(np.float16)"},
        ),
    ],
)  # fmt: skip
def test_what_only_looks_at_a_loss_gets_its_number(lines: tuple[str, ...], changed: dict[str, str | None]) -> None:
    text = _settled(TORCH + _step(*lines))

    assert isinstance(text, str)
    wanted = [changed.get(line.strip(), line.strip()) for line in lines]
    after = [line.strip() for line in text.partition("def step")[2].splitlines()[1:]]
    assert after == [line for line in wanted if line is not None]


@pytest.mark.parametrize(
    "lines",
    [
        ("loss = mae(model(x), y)", "torch.tensor(loss).backward()", "print(f'{loss:.3f}', loss.item())"),
        ("loss = mae(model(x), y)", "torch.tensor(loss).backward()", "return 1 if loss < best else None"),
        # a leaf on purpose
        ("image = x.clone()", "image.requires_grad = True", "torch.tensor(mae(model(image), y)).backward()",
         "return image.grad"),
    ],
)  # fmt: skip
def test_what_takes_a_tensor_too_is_left_alone(lines: tuple[str, ...]) -> None:
    text = _settled(TORCH + _step(*lines))

    assert isinstance(text, str)
    assert text.partition("def step")[2] == _step(*lines).partition("def step")[2]


def test_tensorflow_gives_its_tensors_to_numpy() -> None:
    step = TAPE + "    return np.minimum(loss, 1.0)\n"

    text = _settled(TENSORFLOW + step)

    assert isinstance(text, str) and text.endswith(step)


def test_a_method_of_arrays_is_asked_of_an_array() -> None:
    text = _settled(TENSORFLOW + TAPE + "    return loss.astype('float16')\n")

    assert isinstance(text, str) and text.endswith("    return loss.numpy().astype('float16')\n")


def test_a_list_that_is_read_whole_is_read_as_a_list_of_plain_values() -> None:
    step = _step(
        "values = [mae(model(x), y)]", "torch.tensor(values[0]).backward()", "total = values", "return np.mean(total)"
    )

    text = _settled(TORCH + step)

    assert isinstance(text, str)
    assert text.endswith("    return np.mean([each.detach().numpy()[()] for each in total])\n")
