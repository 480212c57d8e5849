"""The way of a value from the prediction to its end: each station is a name that holds it, and no other name is one."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.traces import trail
from autofix.model import Step
from autofix.syntax.module import Syntax

TORCH = "import functools, math\nimport numpy as np\nimport torch\nimport torch.nn as nn\nnet = nn.Linear(3, 2)\n"
KERAS = "import math\nimport numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n"


def _trails(source: str) -> list[tuple[Step, ...]]:
    tree = ast.parse(source)
    syntax = Syntax(tree, source)
    return [trail(cut, each, syntax) for each in diagnose(tree, source) for cut in each.cuts]


def _ways(source: str) -> list[str]:
    """Return each way as its names, after a look at what stands where each station is said to be."""
    lines = source.split("\n")
    for way in _trails(source):
        for step in way:
            assert step.source == lines[step.span.line - 1]
            if step.span.line == step.span.end_line:
                assert step.source[step.span.column - 1 : step.span.end_column - 1] == step.name
    return [" > ".join(f"{step.name}:{step.span.line}" for step in way) for way in _trails(source)]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (  # a helper whose parameters have names of their own
            "def smooth(e, width):\n    s = e * width\n    return np.sqrt(s ** 2 + 1) - 1\n"
            "def loss(y_pred, y_true):\n    diff = y_pred - y_true\n    return torch.mean(smooth(diff, 2.0))\n"
            "loss(net(x), y).backward()\n",
            "y_pred:9 > diff:10 > e:6 > s:7 > np.sqrt(s ** 2 + 1):8",
        ),
        (  # two helpers, arguments by name and in another order
            "def inner(q):\n    return np.log(q)\ndef outer(p, scale=1.0):\n    r = p * scale\n    return inner(r)\n"
            "def nll(logits, target):\n    prob = torch.softmax(logits, 1)\n"
            "    return -(target * outer(scale=2.0, p=prob)).sum()\nnll(net(x), y).backward()\n",
            "logits:11 > prob:12 > p:8 > r:9 > q:6 > np.log(q):7",
        ),
        (  # a tuple that a helper returns: the part that is used
            "def split(v, w):\n    return w[:, 0], v[:, 1]\ndef loss(pred, target):\n    a, b = split(pred, target)\n"
            "    return torch.mean(torch.tensor(np.exp(b.detach().numpy())))\nloss(net(x), y).backward()\n",
            "pred:8 > b:9 > b.detach().numpy():10",
        ),
        (
            "def loss(pred, target):\n    mu, sigma = pred[:, 0], pred[:, 1]\n    s = sigma\n"
            "    return torch.tensor(np.exp(s.detach().numpy())).mean()\nloss(net(x), y).backward()\n",
            "pred:6 > sigma:7 > s:8 > s.detach().numpy():9",
        ),
        (  # loops: what a loop takes apart, what it adds up, what comes round
            "def loss(preds, targets):\n    total = 0\n    for p, t in zip(preds, targets):\n        e = (p - t) ** 2\n"
            "        total += e.mean().item()\n    return torch.tensor(total)\nloss(net(x), y).backward()\n",
            "preds:6 > p:8 > e:9 > e.mean().item():10",
        ),
        (
            "def loss(pred, y):\n    total = 0.0\n    for i in range(3):\n        total = total + pred[:, i].sum()\n"
            "    return torch.tensor(total)\nloss(net(x), y).backward()\n",
            "pred:6 > total:9 > torch.tensor(total):10",
        ),
        (
            "crit = nn.MSELoss()\nfor x, y in loader:\n    losses = []\n    for head in y:\n"
            "        losses.append(crit(net(x), head))\n    loss = np.sum(losses)\n    loss.backward()\n",
            "net(x):10 > losses:10 > np.sum(losses):11",
        ),
        (  # closures and factories
            "def make(alpha):\n    def loss(y_pred, y_true):\n        w = y_pred * alpha\n        def inner():\n"
            "            return np.abs(w - y_true)\n        return torch.mean(inner())\n    return loss\n"
            "fn = make(0.3)\nfn(net(x), y).backward()\n",
            "net(x):14 > y_pred:7 > w:8 > np.abs(w - y_true):10",
        ),
        (
            "loss = lambda p, y: torch.mean(torch.from_numpy(np.abs(p.detach().numpy() - y.numpy())))\n"
            "loss(net(x), y).backward()\n",
            "p:6 > p.detach().numpy():6",
        ),
        (
            "def base(pred, y, q):\n    e = pred - y\n    return np.maximum(q * e, (q - 1) * e).mean()\n"
            "loss = functools.partial(base, q=0.9)\nloss(net(x), y).backward()\n",
            "pred:6 > e:7 > np.maximum(q * e, (q - 1) * e):8",
        ),
        (  # classes: methods as helpers, attributes that carry a value
            "class MyLoss(nn.Module):\n    def _dist(self, a, b):\n        return np.linalg.norm(a - b)\n"
            "    def forward(self, anchor, positive):\n        return torch.relu(self._dist(positive, anchor) + 1)\n"
            "crit = MyLoss()\ncrit(net(x), y).backward()\n",
            "anchor:9 > b:7 > np.linalg.norm(a - b):8",
        ),
        (
            "class MyLoss(nn.Module):\n    def forward(self, prediction, target):\n"
            "        self.error = prediction - target\n        return np.abs(self.error).mean()\n"
            "crit = MyLoss()\ncrit(net(x), y).backward()\n",
            "prediction:7 > self.error:8 > np.abs(self.error):9",
        ),
        (
            "class U:\n    @staticmethod\n    def root(u, v):\n        return math.sqrt(((u - v) ** 2).mean())\n"
            "def loss(pred, y):\n    return U.root(y, pred)\nloss(net(x), y).backward()\n",
            "pred:10 > v:8 > math.sqrt(((u - v) ** 2).mean()):9",
        ),
        (  # the training step itself
            "def criterion(p, t):\n    return ((p - t) ** 2).mean()\ndef train(x, y):\n    features = net(x)\n"
            "    out = torch.relu(features)\n    loss = criterion(out.detach(), y)\n    loss.backward()\n",
            "features:9 > out:10 > out.detach():11",
        ),
        (  # comprehensions, branches, names that are bound again
            "def loss(outs, y):\n    parts = [np.abs(o - y) for o in outs]\n    return torch.stack(parts).mean()\n"
            "loss([net(x), net(x)], y).backward()\n",
            "outs:6 > o:7 > np.abs(o - y):7",
        ),
        (
            "def loss(pred, y, kind):\n    if kind:\n        d = y * 2\n    else:\n        d = torch.abs(pred)\n"
            "    d = d * 2\n    return torch.mean(torch.tensor(d))\nloss(net(x), y, k).backward()\n",
            "pred:6 > d:10 > d:11 > torch.tensor(d):12",
        ),
        (
            "def loss(pred, y):\n    p = y * 2\n    q = p + 1\n    p = pred\n    return np.abs(q - p).mean()\n"
            "loss(net(x), y).backward()\n",
            "pred:6 > p:9 > np.abs(q - p):10",
        ),
        (
            "def loss(pred, y):\n    if (d := pred - y) is not None:\n        return torch.mean(torch.tensor(d))\n"
            "loss(net(x), y).backward()\n",
            "pred:6 > d:7 > torch.tensor(d):8",
        ),
        (
            "def loss(pred, y):\n    d = torch.zeros(3)\n    d[0] = pred.sum()\n    return np.square(d).sum()\n"
            "loss(net(x), y).backward()\n",
            "pred:6 > d[0]:8 > np.square(d):9",
        ),
        (
            'def loss(outputs, batch):\n    p = outputs["logits"]\n    return torch.tensor(p.tolist()).sum()\n'
            'out = {"logits": net(x)}\nloss(out, b).backward()\n',
            "outputs:6 > p:7 > p.tolist():8",
        ),
        (  # one helper of two losses: the way is the one of the loss that is told of
            "def absolute(v):\n    return np.abs(v)\ndef second_loss(b, t):\n    d = b * 2\n"
            "    return torch.mean(absolute(d - t))\ndef note(c):\n    print(absolute(c * 3))\n"
            "note(net(x))\nsecond_loss(net(x), y).backward()\n",
            "b:8 > d:9 > v:6 > np.abs(v):7",
        ),
        (
            "def loss(logits, y):\n    probs = logits.softmax(1)\n    return (probs.argmax(1) == y).float().mean()\n"
            "loss(net(x), y).backward()\n",
            "logits:6 > probs:7 > probs.argmax(1):8",
        ),
        (  # characters outside ASCII before the place, and an annotated parameter
            "def loss(pred: torch.Tensor, y):\n    é = pred - y\n    return np.abs(é).mean() + 0 * len('ü')\n"
            "loss(net(x), y).backward()\n",
            "pred:6 > é:7 > np.abs(é):8",
        ),
        (  # what stands in a block that records nothing comes after it
            "with torch.no_grad():\n    out = net(x)\nloss = out.sum()\nloss.backward()\n",
            "torch.no_grad():6 > net(x):7",
        ),
    ],
)
def test_the_way_in_torch(program: str, expected: str) -> None:
    assert _ways(TORCH + program) == [expected]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            "def q_loss(y_true, y_pred):\n    e = y_true - y_pred\n    return tf.reduce_mean(np.maximum(0.9 * e, -e))\n"
            'model = keras.Sequential([keras.layers.Dense(1)])\nmodel.compile("adam", q_loss)\n',
            "y_pred:5 > e:6 > np.maximum(0.9 * e, -e):7",
        ),
        (
            "class Log(keras.losses.Loss):\n    def call(self, y_true, y_pred):\n        ratio = y_pred / y_true\n"
            "        return tf.constant(math.log(ratio))\n",
            "y_pred:6 > ratio:7 > math.log(ratio):8",
        ),
        (
            "model = keras.Sequential([keras.layers.Dense(1)])\n@tf.function\ndef step(x, y):\n"
            "    with tf.GradientTape() as tape:\n        pred = model(x)\n"
            "        loss = tf.reduce_mean(tf.square(pred.numpy() - y))\n"
            "    return tape.gradient(loss, model.trainable_variables)\n",
            "pred:9 > pred.numpy():10",
        ),
        (
            "weights = tf.Variable([1.0])\nwith tf.GradientTape() as tape:\n    value = tf.reduce_sum(weights)\n"
            "loss = -value\ntape.gradient(loss, [weights])\n",
            "weights:5 > value:7 > -value:8",
        ),
    ],
)
def test_the_way_in_tensorflow(program: str, expected: str) -> None:
    assert _ways(KERAS + program) == [expected]


@pytest.mark.parametrize(
    "program",
    [
        f"{TORCH}loss = net(x).sum().item()\nloss = torch.tensor(loss)\nloss.requires_grad = True\nloss.backward()\n",
        f"{KERAS}model = keras.Sequential([keras.layers.Dense(1)])\nwith tf.GradientTape() as tape:\n"
        "    loss = tf.reduce_mean(model.predict(x) - y)\ntape.gradient(loss, model.trainable_variables)\n",
        f"{KERAS}def g(model, image):\n    with tf.GradientTape() as tape:\n        loss = model(image)\n"
        "    return tf.sign(tape.gradient(loss, image))\n",
        f"{TORCH}def loss(pred, y):\n    return ((y - y) ** 2).mean() + y.sum()\nloss(net(x), y).backward()\n",
    ],
)
def test_where_no_value_is_on_its_way_there_is_the_place_alone(program: str) -> None:
    assert _trails(program)[-1:] and len(_trails(program)[-1]) == 1


def test_beside_hundreds_of_terms_the_way_is_still_told() -> None:
    terms = " + ".join(f"p[:, {n}]" for n in range(700))
    loss = "def loss(p, y):\n    q = p * 2\n    return np.abs(q).mean()\n"

    (way,) = _trails(f"{TORCH}{loss}z = {terms}\nloss(net(x), y).backward()\n")

    assert [step.name for step in way] == ["p", "q", "np.abs(q)"]


@pytest.mark.parametrize(
    "program",
    [  # a name that holds something else at that time, or never held the value
        "def loss(pred, y):\n    p = pred\n    q = p.detach()\n    p = y\n    return (q - p).abs().mean()\n",
        "def same(a, b):\n    return b\ndef loss(pred, y):\n    p = same(y, pred)\n    return torch.tensor(p).sum()\n",
        "def loss(pred, y):\n    shape = pred.shape\n    n = shape[0]\n    return torch.tensor(pred.sum()) / n\n",
        "def loss(pred, y):\n    w = y.abs()\n    return torch.tensor((w * pred)).sum()\n",
    ],
)
def test_what_does_not_carry_the_value_is_no_station(program: str) -> None:
    (way,) = _ways(f"{TORCH}{program}loss(net(x), y).backward()\n")

    assert not {"a", "y", "n", "shape", "w"} & {station.partition(":")[0] for station in way.split(" > ")}
    assert way.startswith("pred:")
