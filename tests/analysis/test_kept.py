"""What stays constant in the fix of a loss without any gradient, and what was cut there for no reason."""

from __future__ import annotations

import pytest

from tests.analysis.programs import diagnosed

HEAD = "import numpy as np\nimport torch\n\n\n"
KERAS = "import numpy as np\nimport tensorflow as tf\n\n\n"
ERROR = "err = np.abs(p.detach().numpy() - y.numpy())"


def _loss(lines: list[str], parameters: str = "p, y") -> str:
    return f"def some_loss({parameters}):\n" + "".join(f"    {each}\n" for each in lines)


def _held(text: str) -> list[list[str]]:
    return [sorted(cut.operation for cut in each.held) for each in diagnosed(text)]


@pytest.mark.parametrize(
    ("lines", "held"),
    [
        (["s = float(np.std(p.detach().numpy()))", ERROR, "return torch.tensor(err / s).mean()"], "p.detach().numpy()"),
        (["s = p.std().item()", ERROR, "return torch.from_numpy(err).mean() / s"], "p.std().item()"),
        (["with torch.no_grad():", "    w = torch.exp(-p)", ERROR, "return (w * torch.from_numpy(err)).mean()"],
         "torch.no_grad()"),
        (["with torch.no_grad():", "    s = p.std().item()", ERROR, "return torch.from_numpy(err / s).mean()"],
         "torch.no_grad()"),
        (["c = (p - y).abs().max().item()", ERROR, "return torch.tensor(np.where(err < c, err, c * err)).mean()"],
         "(p - y).abs().max().item()"),
        (["center = p.detach().mean(0)", "return torch.tensor(np.mean(((p - center).detach().numpy() - y) ** 2))"],
         "p.detach()"),
        (["w = torch.softmax(p.detach(), 0)", ERROR, "return (w * torch.from_numpy(err)).sum()"], "p.detach()"),
        (["c = torch.quantile(p.detach(), 0.9).item()", ERROR, "return torch.tensor(np.minimum(err, c)).mean()"],
         "p.detach()"),
    ],
)  # fmt: skip
def test_what_is_meant_stays(lines: list[str], held: str) -> None:
    assert _held(HEAD + _loss(lines)) == [[held]]


def test_what_another_prediction_is_weighed_with_stays() -> None:
    text = (
        "def crit(logp, v, ret):\n    gain = ret - v.detach()\n"
        "    ratio = torch.from_numpy(np.exp(logp.detach().numpy()))\n    return -(ratio * gain).mean()\n\n\n"
        "def train(actor, critic, x, ret):\n    crit(actor(x), critic(x), ret).backward()\n"
    )

    assert _held(HEAD + text) == [["v.detach()"]]


def test_two_numbers_are_meant_together() -> None:
    lines = ["low, high = p.min().item(), p.max().item()", ERROR, "return torch.tensor(err / (high - low)).mean()"]

    assert _held(HEAD + _loss(lines)) == [["p.max().item()", "p.min().item()"]]


@pytest.mark.parametrize(
    "lines",
    [
        # one cut for all: standardised by NumPy
        ["p = p.detach().numpy()", "return torch.tensor(np.mean((p - p.mean()) / (p.std() + 1e-6) - y.numpy()))"],
        # a quotient of two numbers alike
        ["a, b = (p * y).sum().item(), (p + y).sum().item()", "return torch.tensor(1 - 2 * a / b)"],
        # of two arrays alike
        ["w = np.exp(-p.detach().numpy())", ERROR, "return torch.from_numpy(w * err).mean()"],
        # a summand
        ["r = p.var().item()", ERROR, "return torch.tensor(err.mean() + 0.1 * r)"],
        # what asked for nothing
        ["s = np.std(p)", ERROR, "return torch.from_numpy(err).mean() / s"],
        # a summand under a guard
        ["with torch.no_grad():", "    r = p.var()", ERROR, "return torch.from_numpy(err).mean() + 0.1 * r"],
        # the error itself, beside weights that know of no target
        ["e = (p.detach() - y).abs()", "w = torch.from_numpy(np.exp(-p.detach().numpy()))", "return (w * e).mean()"],
        # a numerator
        ["a = p.sum().item()", "b = np.exp(p.detach().numpy()).sum()", "return torch.tensor(a / b)"],
    ],
)
def test_what_is_lost_is_mended(lines: list[str]) -> None:
    assert _held(HEAD + _loss(lines)) == [[]]


def test_a_parameter_with_no_other_way_is_no_constant() -> None:
    text = (
        "class ScaleLoss(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.log_s = torch.nn.Parameter(torch.zeros(1))\n\n    def forward(self, p, y):\n"
        "        s = self.log_s.exp().item()\n        err = np.abs(p.detach().numpy() - y.numpy())\n"
        "        return torch.from_numpy(err).mean() / s\n"
    )

    assert _held(HEAD + text) == [[]]
    assert _held(HEAD + text[:-1] + " + self.log_s.item()\n") == [["self.log_s.exp().item()"]]


def test_in_tensorflow() -> None:
    lines = ["s = float(np.std(p.numpy()))", "return tf.reduce_mean(tf.constant(np.abs(p.numpy() - y.numpy())) / s)"]
    stopped = ["s = tf.stop_gradient(tf.math.reduce_std(p))", *lines[1:]]

    assert _held(KERAS + _loss(lines)) == [["p.numpy()"]]
    assert _held(KERAS + _loss(stopped)) == [["tf.stop_gradient(tf.math.reduce_std(p))"]]
