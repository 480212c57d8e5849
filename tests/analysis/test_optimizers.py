"""An optimizer is known by what it is and by what is done with it, never by a list of names."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.optimizers import optimized, optimizers, trained_models


def _made(source: str) -> list[str]:
    return [ast.unparse(each.func) for each in optimizers(ast.parse(source))]


@pytest.mark.parametrize(
    "source",
    [
        *(f"torch.optim.{name}([x])" for name in ("Adam", "ASGD", "Rprop", "SparseAdam", "Adafactor", "Muon", "Next")),
        "from torch.optim import LBFGS as Newton\nNewton([x])",
        "import bitsandbytes as bnb\nbnb.optim.Adam8bit([x])",
        "from lion_pytorch import Lion\nopt = Lion([x])\nopt.step()",
        "class Sign(torch.optim.Optimizer):\n    pass\n\n\nclass Mine(Sign):\n    pass\n\n\nMine([x])",
        "OPTIMIZERS[name]([x])",
        "getattr(torch.optim, name)([x])",
        "make_optimizer([x])",
        "self.rule = Shampoo([x])\nself.rule.step(closure)",
        "a, b = First([x]), 3\na.step()",
        "params = []\nparams.append(x)\nopt = torch.optim.SGD(params)",
        "opt = torch.optim.SGD([{'params': [x], 'lr': 0.1}])",
        "opt = torch.optim.SGD(net.parameters())\nopt.add_param_group({'params': [x]})",
        "with tf.GradientTape() as tape:\n    loss = f(x)\ntape.gradient(loss, [x])",
        "keras.optimizers.Adam().minimize(loss, var_list=[x])",
    ],
)
def test_what_an_optimizer_is_given_is_known(source: str) -> None:
    assert "x" in optimized(ast.parse(source))


@pytest.mark.parametrize(
    "source",
    [
        "torch.optim.lr_scheduler.StepLR(x, 10)",
        "from torch.optim.lr_scheduler import CosineAnnealingLR\nscheduler = CosineAnnealingLR(x)\nscheduler.step()",
        "env = Maze(x)\nenv.step(action)",
        "scaler = GradScaler(x)\nscaler.step(opt)",
        "loss = criterion(x)\nloss.backward()",
        "optimizer.step()\nprint(x)",
    ],
)
def test_what_is_no_optimizer_trains_nothing(source: str) -> None:
    assert _made(source) == []
    assert optimized(ast.parse(source)) == frozenset()


def test_models_are_trained_by_their_parameters() -> None:
    tree = ast.parse(
        "both = list(a.parameters()) + list(self.b.head.parameters())\nopt = Adam(both)\nopt.step()\n"
        "tape.gradient(loss, c.trainable_variables)\nema.parameters()\n"
    )

    assert trained_models(tree) == {"a", "head", "c"}


def test_what_only_has_parameters_is_no_leaf() -> None:
    tree = ast.parse("opt = torch.optim.Adam(model.parameters())\nrisk, rate = f(model)\nself.model, self.prior = 1, 2")

    assert optimized(tree) == frozenset()
