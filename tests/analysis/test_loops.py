"""What a turn of a loop leaves to the next is seen there; what it does not leave is not asked for again."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autofix.analysis.statements import carried
from tests.analysis.programs import diagnosed

TORCH = "import numpy as np\nimport torch\nimport torch.nn.functional as F\n\nmodel = torch.nn.Linear(3, 3)\n"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("loss = f(x)\nloss.backward()", "f"),
        ("total += loss\nloss = f(x)", "total loss f"),
        ("if x:\n    out = f(x)\nelse:\n    out = g(x)\nh(out)", "f g h"),
        ("if x:\n    out = f(x)\nh(out)", "f h out"),  # may be the one of the turn before
        ("if x:\n    continue\nelse:\n    out = x\nh(out)", "h"),
        ("if x:\n    break\nreturn out", "out"),
        ("for part in x:\n    out = part\nh(out)", "h out"),
        ("while out:\n    out = f(out)", "f out"),
        ("with f(x) as out:\n    h(out)", "f h"),
        ("try:\n    out = f(x)\nexcept E as error:\n    out = old\nh(out)", "f h old"),
        ("a, (b, *c) = x\nh(a, b, c)", "h"),
        ("self.last = x", "self"),
        ("parts[i] = x", "parts i"),
        ("out = [each for each in x if each > out]", "each out"),
        ("later = lambda: out\nout = x", "out"),
        ("def later():\n    return out\nout = x", "out"),
        ("out: int\nh(out)", "h out"),
        ("out: int = x\nh(out)", "h"),
        ("match x:\n    case None:\n        h(out)", "h out"),
    ],
)
def test_names_that_may_come_from_the_turn_before(body: str, names: str) -> None:
    source = ast.parse("for x in xs:\n" + textwrap.indent(body, "    ")).body[0]
    assert isinstance(source, ast.For)

    assert carried(source) == frozenset(names.split())


def test_the_test_of_a_while_is_read_in_every_turn() -> None:
    source = ast.parse("while gap > limit:\n    gap = f(gap)\n    out = gap").body[0]
    assert isinstance(source, ast.While)

    assert carried(source) == {"gap", "limit", "f"}


@pytest.mark.parametrize(
    ("step", "operation"),
    [
        (
            "out = torch.zeros(3)\nfor x, y in data:\n    loss = F.mse_loss(out, y)\n    loss.backward()\n"
            "    out = model(x).detach()\n",
            "model(x).detach()",
        ),
        (
            "class Trainer:\n    def __init__(self):\n        self.out = torch.zeros(3)\n\n    def fit(self, data):\n"
            "        for x, y in data:\n            F.mse_loss(self.out, y).backward()\n"
            "            self.out = torch.from_numpy(np.abs(model(x).detach().numpy()))\n",
            "model(x).detach().numpy()",
        ),
        (
            "parts = []\nfor x, y in data:\n    if parts:\n        torch.stack(parts).mean().backward()\n"
            "    parts.append(torch.from_numpy(np.abs(model(x).detach().numpy())))\n",
            "model(x).detach().numpy()",
        ),
        (
            "out, turn = torch.zeros(3), 0\nwhile turn < 9:\n    for x, y in data:\n"
            "        F.mse_loss(out, y).backward()\n        out = model(x).detach()\n    turn += 1\n",
            "model(x).detach()",
        ),
    ],
)
def test_what_a_turn_leaves_is_found_in_the_next(step: str, operation: str) -> None:
    found = [cut.operation for each in diagnosed(TORCH + step) for cut in each.cuts]

    assert found == [operation]


@pytest.mark.parametrize(
    "step",
    [
        # the state of a recurrent network is cut off between two batches on purpose
        "state = None\nfor x, y in data:\n    out, state = model(x, state)\n    F.mse_loss(out, y).backward()\n"
        "    state = state.detach()\n",
        "total = 0.0\nfor x, y in data:\n    loss = F.mse_loss(model(x), y)\n    loss.backward()\n"
        "    total += loss.item()\n    print(total / len(data))\n",
        "loss = None\nfor x, y in data:\n    if loss is not None:\n        print(loss.item())\n"
        "    loss = F.mse_loss(model(x), y)\n    loss.backward()\n",
    ],
)
def test_silent_where_a_turn_leaves_what_is_right(step: str) -> None:
    assert diagnosed(TORCH + step) == ()
