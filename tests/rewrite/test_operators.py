"""Operators, indices and assignments of a mended loss: what is written anew, what stays, and what is refused."""

from __future__ import annotations

import ast
import re
import textwrap
from functools import cache

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue

pytestmark = pytest.mark.slow

_IMPORTS = {
    "torch": "import numpy as np\nimport torch\n",
    "tensorflow": "import numpy as np\nimport tensorflow as tf\n",
}
_STEPS = {
    "torch": "def step(model, x, y):\n    loss_fn(model(x), y).backward()\n",
    "tensorflow": "def step(model, x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(model(x), y)\n"
    "    return tape.gradient(loss, model.trainable_variables)\n",
}


@cache
def _catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def candidates(framework: Framework, body: str, above: str = "") -> list[str] | Reason:
    """The modules that a loss of this body may become, its arguments being taken to NumPy first."""
    detached = "p = p.detach().numpy()\n" if framework == "torch" else "p = p.numpy()\n"
    target = "y = y.numpy()\n" if re.search(r"\by\b", body) else ""
    indented = textwrap.indent(detached + target + body, "    ")
    text = f"{_IMPORTS[framework]}{above}\n\ndef loss_fn(p, y):\n{indented}\n\n\n{_STEPS[framework]}"
    (fault,) = diagnose(ast.parse(text), text)
    found = rewrite(text, fault, _catalogue(framework), Looks())
    return found if isinstance(found, Reason) else list(found)


def bodies(framework: Framework, body: str) -> list[str]:
    """The bodies that the loss may have."""
    found = candidates(framework, body)
    assert not isinstance(found, Reason), found.text
    starts = [text.index("def loss_fn(p, y):\n") + len("def loss_fn(p, y):\n") for text in found]
    return [
        textwrap.dedent(text[start : text.index("\n\n\ndef step", start)])
        for text, start in zip(found, starts, strict=True)
    ]


TENSORFLOW = [
    ("m = y > 0\nreturn np.mean(m * (p - y))", "m = y > 0\nreturn tf.reduce_mean(tf.cast(m, p.dtype) * (p - y))"),
    ("return np.mean((1 - (y > 0)) * p)", "return tf.reduce_mean((1 - tf.cast(y > 0, p.dtype)) * p)"),
    ("return np.sum(p) / np.sum(y > 0)", "return tf.reduce_sum(p) / tf.reduce_sum(tf.cast(y > 0, p.dtype))"),
    ("return np.sum(p) / len(p)", "return tf.reduce_sum(p) / tf.cast(tf.shape(p)[0], p.dtype)"),
    ("return np.sum(p) / p.shape[0]", "return tf.reduce_sum(p) / tf.cast(tf.shape(p)[0], p.dtype)"),
    ("return np.sum(p) / p.shape[1]", "return tf.reduce_sum(p) / p.shape[1]"),
    ("n = len(p)\nreturn np.sum(p) / (n - 1)", "n = tf.shape(p)[0]\nreturn tf.reduce_sum(p) / tf.cast(n - 1, p.dtype)"),
    ("return np.sum(p[:, [0, 2]])", "return tf.reduce_sum(tf.gather(p, [0, 2], axis=1))"),
    ("i = np.array([0, 2])\nreturn np.sum(p[i])", "i = np.array([0, 2])\nreturn tf.reduce_sum(tf.gather(p, i))"),
    ("i = np.array([0, 2])\nreturn np.sum(p[1:, i])",
     "i = np.array([0, 2])\nreturn tf.reduce_sum(tf.gather(p[1:, :], i, axis=1))"),
    ("i = np.array([0, 2])\nreturn np.sum(p[..., i])",
     "i = np.array([0, 2])\nreturn tf.reduce_sum(tf.gather(p, i, axis=-1))"),
    ("m = np.array([True, False])\nreturn np.sum(p[:, m])",
     "m = np.array([True, False])\nreturn tf.reduce_sum(tf.boolean_mask(p, m, axis=1))"),
    ("return np.sum(p[np.arange(len(p)), y.astype(int)])",
     "return tf.reduce_sum(tf.gather(p, tf.cast(y, tf.int64), axis=1, batch_dims=1))"),
    ("i = np.array([0, 1])\nj = np.array([1, 0])\nreturn np.sum(p[i, j])",
     "i = np.array([0, 1])\nj = np.array([1, 0])\nreturn tf.reduce_sum(tf.gather_nd(p, tf.stack([i, j], axis=-1)))"),
    ("w = np.array([1.0, 2.0])\nreturn np.sum(w[y.astype(int)] * p)",
     "w = np.array([1.0, 2.0])\nreturn tf.reduce_sum(tf.gather(tf.cast(w, p.dtype), tf.cast(y, tf.int64)) * p)"),
    ("d = np.abs(p - y)\nd[y > 0] = 3.0\nreturn np.mean(d)",
     "d = tf.abs(p - y)\nd = tf.where(y > 0, tf.cast(3.0, d.dtype), d)\nreturn tf.reduce_mean(d)"),
    ("d = np.abs(p - y)\nd[d > 1] *= 2\nreturn np.mean(d)",
     "d = tf.abs(p - y)\nd = tf.where(d > 1, d * 2, d)\nreturn tf.reduce_mean(d)"),
    ("d = np.abs(p - y)\nd[:, 0] = 0.0\nreturn np.mean(d)",
     "d = tf.abs(p - y)\nd = _setitem(d, (slice(None), 0), 0.0)\nreturn tf.reduce_mean(d)"),
    ("d = np.abs(p - y)\nd[1:3] = 0.0\nreturn np.mean(d)",
     "d = tf.abs(p - y)\nd = _setitem(d, slice(1, 3), 0.0)\nreturn tf.reduce_mean(d)"),
    ("w = np.where(y > 0, 2.0, 1.0)\nreturn np.mean(w * p)",
     "w = tf.cast(tf.where(y > 0, 2.0, 1.0), p.dtype)\nreturn tf.reduce_mean(w * p)"),
    ("m = (y > 0).astype(np.float32)\nreturn np.sum(m * p) / m.sum()",
     "m = tf.cast(y > 0, p.dtype)\nreturn tf.reduce_sum(m * p) / tf.reduce_sum(m)"),
    ("d = p - y\nreturn np.sum(d @ d)", "d = p - y\nreturn tf.reduce_sum(tf.tensordot(d, d, axes=1))"),
]  # fmt: skip
TORCH = [
    ("return np.mean((p[::-1] - y) ** 2)", "return torch.mean((torch.flip(p, dims=(0,)) - y) ** 2)"),
    ("return np.sum(p[:, ::-1] ** 2)", "return torch.sum(torch.flip(p, dims=(1,)) ** 2)"),
    ("return np.sum(p[..., ::-1] ** 2)", "return torch.sum(torch.flip(p, dims=(-1,)) ** 2)"),
    ("return np.sum(p[::-2] ** 2)", "return torch.sum(torch.flip(p, dims=(0,))[::2] ** 2)"),
    ("return np.sum(p[1:, ::-1] ** 2)", "return torch.sum(torch.flip(p, dims=(1,))[1:, :] ** 2)"),
    ("return np.mean((1 - (y > 0)) * p)", "return torch.mean((~(y > 0)) * p)"),
    ("return p.sum() * np.mean(y > 0)", "return p.sum() * torch.mean((y > 0).to(p.dtype))"),
    ("w = np.array([1.0, 2.0])\nreturn np.sum(w[y.astype(int)] * p)",
     "w = np.array([1.0, 2.0])\n"
     "return torch.sum(torch.as_tensor(w, dtype=p.dtype, device=p.device)[y.long()] * p)"),
    ("d = p\nd -= y\nreturn np.mean(d**2)", "d = p\nd = d - y\nreturn torch.mean(d**2)"),
    ("d = np.exp(p)\nd[y > 0] = 0.0\nreturn np.mean(d)",
     "d = torch.exp(p)\nd = torch.where(y > 0, 0.0, d)\nreturn torch.mean(d)"),
    ("d = np.exp(p)\nd[0] = 0.0\nreturn np.mean(d)",
     "d = torch.exp(p)\nd = d.clone()\nd[0] = 0.0\nreturn torch.mean(d)"),
    ("d = np.exp(p)\nd += y\nreturn np.mean(d)", "d = torch.exp(p)\nd = d + y\nreturn torch.mean(d)"),
    ("n = p.shape[-1]\nw = 2 * np.arange(n) - 1\nreturn np.sum(p * w)",
     "n = p.shape[-1]\nw = 2 * np.arange(n) - 1\n"
     "return torch.sum(p * torch.as_tensor(w, dtype=p.dtype, device=p.device))"),
    ("w = 2 * np.arange(len(p)) - 1\nreturn np.sum(p * w)",
     "w = 2 * np.arange(len(p)) - 1\nreturn torch.sum(p * torch.as_tensor(w, dtype=p.dtype, device=p.device))"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), TENSORFLOW)
def test_tensorflow_has_a_function_for_what_numpy_does_with_an_operator(body: str, expected: str) -> None:
    assert expected in bodies("tensorflow", body)


@pytest.mark.parametrize(("body", "expected"), TORCH)
def test_torch_has_a_function_for_what_numpy_does_with_an_operator(body: str, expected: str) -> None:
    assert expected in bodies("torch", body)


STAYS: list[tuple[Framework, str]] = [
    ("torch", "(p - y) * 2"),
    ("torch", "p*y"),  # as it is written, without spaces
    ("torch", "(y > 0) * p"),  # truth values count in PyTorch too
    ("torch", "p[y > 0]"),
    ("torch", "p[:, 1:]"),
    ("torch", "p[::2]"),
    ("torch", "p / len(p)"),
    ("torch", "p / p.shape[0]"),
    ("torch", "[1, 2, 3][::-1][0] * p"),  # a list goes backwards as ever
    ("torch", "p @ y"),
    ("tensorflow", "p*y"),
    ("tensorflow", "p[::-1]"),
    ("tensorflow", "p[:, ::-1]"),
    ("tensorflow", "p[y > 0]"),
    ("tensorflow", "p[:, None] - y[None, :]"),
    ("tensorflow", "p[0, 1:]"),
    ("tensorflow", "p[:, -1]"),
    ("tensorflow", "p[..., 0]"),
    ("tensorflow", "(p - y) ** 2 / 2"),
    ("tensorflow", "p * len([1, 2, 3])"),
    ("tensorflow", "p * p.shape[-1]"),
    ("tensorflow", "p * [1, 2, 3][::-1][0]"),
]


@pytest.mark.parametrize(("framework", "expression"), STAYS)
def test_an_operator_that_means_the_same_stays_as_it_is_written(framework: Framework, expression: str) -> None:
    mean = "torch.mean" if framework == "torch" else "tf.reduce_mean"

    assert bodies(framework, f"return np.mean({expression})")[0] == f"return {mean}({expression})"


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize(
    "body", ["d = p\nd[y > 0] = 0.0", "d = p\nd[0] = 0.0", "d = p.T\nd[0] *= 2", "d = p[:, 0]\nd[0] = 1"]
)
def test_what_is_written_into_the_memory_of_a_prediction_is_refused(framework: Framework, body: str) -> None:
    found = candidates(framework, f"{body}\nreturn np.mean(d - y)")

    assert isinstance(found, Reason)
    assert "would also modify the tensor" in found.text


@pytest.mark.parametrize("body", ["d = p - y\nd[0] = 0.0\n", "d = np.abs(p)\nd[y > 0] *= 2\n", "d = p - y\nd += y\n"])
def test_torch_keeps_an_assignment_in_place_where_it_can(body: str) -> None:
    written = body.splitlines()[1]

    assert written in bodies("torch", f"{body}return np.mean(d)")[0]


def test_a_pasted_function_takes_no_name_of_the_file() -> None:
    above = "\n\ndef _setitem(values):\n    return values\n"
    found = candidates("tensorflow", "d = np.abs(p - y)\nd[:, 0] = 0.0\nreturn np.mean(_setitem(d))", above)

    assert not isinstance(found, Reason)
    assert "d = _setitem_2(d, (slice(None), 0), 0.0)\n    return tf.reduce_mean(_setitem(d))" in found[0]
    assert "def _setitem_2(a, index, value):" in found[0]
    assert "def _setitem(values):" in found[0]


@pytest.mark.parametrize(
    "above", ["\n_setitem = 3\n", "\nfrom os import path as _setitem\n", "\n\nclass _setitem:\n    pass\n"]
)
def test_nor_a_name_of_a_constant_an_import_or_a_class(above: str) -> None:
    found = candidates("tensorflow", "d = np.abs(p - y)\nd[0] = 0.0\nreturn np.mean(d)", above)

    assert not isinstance(found, Reason)
    assert "def _setitem_2(" in found[0]


def test_nor_a_name_of_the_loss_itself() -> None:
    found = candidates("tensorflow", "_setitem = 2.0\nd = np.abs(p - y)\nd[0] = 0.0\nreturn np.mean(d) * _setitem")

    assert not isinstance(found, Reason)
    assert "d = _setitem_2(d, 0, 0.0)" in found[0]


def test_two_losses_share_one_pasted_function() -> None:
    once = candidates("tensorflow", "d = np.abs(p - y)\nd[:, 0] = 0.0\nreturn np.mean(d)")
    assert not isinstance(once, Reason)
    other = (
        "\n\ndef other_loss(p, y):\n    p = p.numpy()\n    y = y.numpy()\n    d = (p - y) ** 2\n    d[0] = 0.0\n"
        "    return np.mean(d)\n\n\n" + _STEPS["tensorflow"].replace("loss_fn", "other_loss").replace("step", "other")
    )
    text = once[0].replace("import tensorflow as tf\n", "import numpy as np\nimport tensorflow as tf\n") + other
    (fault,) = diagnose(ast.parse(text), text)

    twice = rewrite(text, fault, _catalogue("tensorflow"), Looks())

    assert not isinstance(twice, Reason)
    assert twice[0].count("def _setitem(") == 1
    assert "d = _setitem(d, 0, 0.0)" in twice[0]
    assert "_setitem_2" not in twice[0]
