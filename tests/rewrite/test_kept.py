"""What stays as it is while a loss around it is mended: constants, labels, lists, and what only looks like NumPy."""

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

_IMPORTS = {"torch": "import torch", "tensorflow": "import tensorflow as tf"}
_STEPS = {
    "torch": "def step(model, x, y, k=2):\n    loss_fn(model(x), y, k).backward()\n",
    "tensorflow": "def step(model, x, y, k=2):\n    with tf.GradientTape() as tape:\n"
    "        loss = loss_fn(model(x), y, k)\n    return tape.gradient(loss, model.trainable_variables)\n",
}


@cache
def _catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def _mended(framework: Framework, body: str, above: str) -> str:
    detached = "p.detach().numpy()" if framework == "torch" else "p.numpy()"
    loss = textwrap.indent(f"p = {detached}\n{body}", "    ")
    text = (
        f"import math\n\nimport numpy as np\n{_IMPORTS[framework]}\n{above}\n\n"
        f"def loss_fn(p, y, k):\n{loss}\n\n\n{_STEPS[framework]}"
    )
    (fault,) = diagnose(ast.parse(text), text)
    found = rewrite(text, fault, _catalogue(framework), Looks())
    assert not isinstance(found, Reason), found.text
    return found[0]


CONSTANTS = [
    "np.log(2)",
    "np.log(2.0)",
    "math.log(2)",
    "math.sqrt(2 * math.pi)",
    "np.sqrt(2 * np.pi)",
    "np.pi",
    "math.pi",
    "np.float64(2.0)",
    "np.finfo(np.float32).eps",
    "float(np.arange(3).sum())",
    "np.exp(-k)",
    "np.sqrt(k)",
    "np.log(k + 1)",
    "np.cos(np.pi / 4)",
    "float(k)",
    "int(k)",
    "round(2.5)",
    "abs(-2)",
    "max(1, 2)",
    "len([1, 2, 3])",
    "[1, 2, 3][::-1][0]",
    "[1, 2, 3][-1]",
    "(1, 2)[::-1][0]",
    "sum([1, 2])",
    "(3 // 2)",
    "(7 % 4)",
    "2**3",
    "(not k)",
    "float(np.mean([1.0, 2.0]))",
    "int(np.max([1, 2]))",
]


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize("constant", CONSTANTS)
def test_what_never_depended_on_a_prediction_stays(framework: Framework, constant: str) -> None:
    mended = _mended(framework, f"return np.mean(np.abs(p)) * {constant}", "")

    assert f"* {constant}\n" in mended


ABOVE = [
    ("def mean(values):\n    return values", "mean(p)"),
    ("def flip(values, axis=0):\n    return values", "flip(p, axis=0)"),
    ("def _variance(values):\n    return values", "_variance(p)"),
    ("from mylib import mean", "mean(p)"),
    ("from mylib import ops as npx", "npx.mean(p)"),
    ("import mylib.numpy as mnp", "mnp.abs(p)"),
    ("class np2:\n    abs = staticmethod(lambda values: values)", "np2.abs(p)"),
    ("_WEIGHTS = np.array([1.0, 2.0])\n_A = _WEIGHTS @ _WEIGHTS", "float(_A) * p"),
    ("_A = np.array([[1.0]]) @ np.array([[2.0]])", "_A.item() * p"),
    ("_TABLE = [1.0, 2.0, 3.0]", "_TABLE[::-1][0] * p"),
    ("_TABLE = {0: 1.0}", "_TABLE[0] * p"),
    ("_N = len([1, 2])", "_N * p"),
]


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize(("above", "term"), ABOVE)
def test_what_only_looks_like_numpy_stays(framework: Framework, above: str, term: str) -> None:
    mended = _mended(framework, f"return np.mean(np.abs(p)) + np.mean({term})", f"\n{above}\n")

    assert re.search(rf"mean\({re.escape(term)}\)\n", mended)
    assert above in mended


BELOW = [
    "names = ['a', 'b'][::-1]",
    "order = list(range(3))[::-1]",
    "table = {}\ntable['a'] = 1",
    "rows = [0, 1]\nrows[0] = 2",
    "count = 0\ncount += 1",
    "text = 'loss'\ntext += '!'",
    "weights = np.array([1.0, 2.0])\nweights[0] = 3.0",
    "weights = np.ones(3)\nweights *= 2",
    "grid = np.arange(6).reshape(2, 3)[:, ::-1]",
    "grid = np.eye(3)[np.array([0, 2])]",
    "mask = np.array([True, False])\nflipped = ~mask",
    "mask = np.array([True, False])\nother = 1 - mask * 2",
    "product = np.array([1.0, 2.0]) @ np.array([3.0, 4.0])",
    "np_version = np.__version__",
]


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize("statements", BELOW)
def test_statements_on_constants_stay(framework: Framework, statements: str) -> None:
    mended = _mended(framework, f"{statements}\nreturn np.mean(np.abs(p))", "")

    assert textwrap.indent(statements, "    ") in mended


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ("np, p, y", "return np.mean(np.abs(p - y))"),  # whatever is passed for np
        ("p, y", "np = torch_like()\n    return np.mean(p - y)"),
        ("p, y", "return mean(p - y)"),
        ("p, y", "return self_like.np.mean(p - y)"),
    ],
)
def test_a_name_that_is_not_numpy_is_no_finding(framework: Framework, parameters: str, body: str) -> None:
    text = (
        f"{_IMPORTS[framework]}\nfrom mylib import mean, self_like, torch_like\n\n\n"
        f"def loss_fn({parameters}):\n    {body}\n"
    )

    assert diagnose(ast.parse(text), text) == ()
