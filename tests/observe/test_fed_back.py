"""Whether a gradient goes into a model again: then it moves an input, and is no part of the loss."""

from __future__ import annotations

import ast

import pytest

from autofix.model import Site
from autofix.observe.fed_back import goes_into_model
from autofix.syntax.spans import Positions, span

HEAD = "import torch\nimport torch.nn.functional as F\nnet = make()\n"
SLOPE = "torch.autograd.grad(u.sum(), t)"
GOES = {
    "moved": f"g = {SLOPE}[0]\nloss = F.mse_loss(net(x + 0.1 * g), y)\n",
    "returned": f"def attack(net):\n    g = {SLOPE}[0]\n    return x + g.sign()\nloss = net(attack(net)).mean()\n",
    "kept in a tuple": f"a, b = {SLOPE}, 1\nmoved = x + a[0]\nout = self.model(moved)\n",
    "given to what calls the model": f"def of(z):\n    return net(z)\nloss = of({SLOPE}[0]).mean()\n",
}
STAYS = {
    "a penalty": f"g = {SLOPE}[0]\nloss = net(x).mean() + (g.norm(dim=1) - 1).pow(2).mean()\n",
    "a residual of functions": (
        f"def slope(u, t):\n    return {SLOPE}[0]\ndef residual(x):\n    u = net(x)\n    return slope(u, x) - u\n"
        "loss = F.mse_loss(residual(x), torch.zeros(1))\n"
    ),
    "only printed": f"g = {SLOPE}[0]\nprint(len(g))\n",
}


def site_in(text: str) -> Site:
    node = next(each for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Call) and ast.unparse(each) == SLOPE)
    return Site("train.py", span(Positions(text).key(node)), SLOPE, "<module>")


@pytest.mark.parametrize("text", GOES.values(), ids=GOES)
def test_a_gradient_goes_into_a_model(text: str) -> None:
    assert goes_into_model(site_in(HEAD + text), HEAD + text)


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_a_gradient_stays_outside_of_it(text: str) -> None:
    assert not goes_into_model(site_in(HEAD + text), HEAD + text)
