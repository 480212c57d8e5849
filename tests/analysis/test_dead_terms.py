"""Terms of a loss that have no gradient while others do; what only weighs a term, or chooses, is nobody's fault."""

from __future__ import annotations

import pytest

from tests.analysis.programs import diagnosed

TORCH = (
    "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n"
    "model = nn.Linear(3, 3)\nx, y = torch.randn(4, 3), torch.randn(4, 3)\n\n\n"
)
KERAS = (
    "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n\n"
    "model = keras.Sequential([keras.layers.Dense(1)])\n\n\n"
)


ALL_HELD = {
    "a cap of weights that also stands in their regulariser": TORCH
    + """w = torch.zeros(3, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for _ in range(3):
    each = F.binary_cross_entropy_with_logits(x @ w, y[:, 0].round(), reduction="none")
    known = each.detach().numpy()
    cap = float(np.quantile(known, 0.8))
    v = torch.from_numpy(np.clip(1.0 - known / cap, 0.0, 1.0))
    loss = (v * each).sum() + cap * (0.5 * v.pow(2) - v).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
    "the state of a sampler that its tape watches": """import tensorflow as tf

w = tf.Variable(tf.zeros(4))


@tf.function
def force(w):
    with tf.GradientTape() as tape:
        tape.watch(w)
        u = tf.reduce_sum(w**2)
    return u, tape.gradient(u, w)


with tf.GradientTape() as tape:
    u = tf.reduce_sum((w - 1.0) ** 2)
tf.keras.optimizers.Adam(0.1).apply_gradients([(tape.gradient(u, w), w)])
state = w.numpy()
for _ in range(3):
    u, g = force(state)
    state = state - 0.1 * g.numpy()
""",
}


@pytest.mark.parametrize("name", ALL_HELD)
def test_what_is_held_on_purpose_in_several_places_is_no_fault(name: str) -> None:
    assert diagnosed(ALL_HELD[name]) == ()


def test_a_plain_tensor_that_is_watched_in_place_of_what_trains_is_one() -> None:
    source = """import tensorflow as tf

model = tf.keras.Sequential([tf.keras.layers.Dense(1)])


def step(x, y):
    with tf.GradientTape() as tape:
        p = tf.constant(model(x).numpy())
        tape.watch(p)
        loss = tf.reduce_mean((p - y) ** 2)
    return tape.gradient(loss, model.trainable_variables)
"""
    assert _found(source) == [("AF102", "model(x).numpy()")]


def test_a_term_that_is_cut_where_nothing_is_weighed_by_it_is_one() -> None:
    source = TORCH + (
        "def step(x, y):\n    out = model(x)\n    known = out.detach().numpy()\n"
        "    (F.mse_loss(out, y) + torch.tensor(np.abs(known).mean())).backward()\n"
    )
    assert _found(source) == [("AF102", "out.detach().numpy()")]


def _found(source: str) -> list[tuple[str, str]]:
    return [(cut.code, cut.operation) for each in diagnosed(source) for cut in each.cuts]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            "def f1_loss(p, y):\n    hard = (p > 0.5).float()\n    return 1 - (hard * y).mean()\n\n\n"
            "out = model(x)\n(F.mse_loss(out, y) + 0.5 * f1_loss(out, y)).backward()\n",
            ("AF203", "p > 0.5"),
        ),
        (
            "out = model(x)\nwith torch.no_grad():\n    kd = F.kl_div(out, F.softmax(out, 1))\n"
            "(F.mse_loss(out, y) + kd).backward()\n",
            ("AF109", "torch.no_grad()"),
        ),
        (
            "def regularization(net):\n    total = 0\n    for p in net.parameters():\n"
            "        total += np.abs(p.detach().numpy()).sum()\n    return total\n\n\n"
            "def step(x, y):\n    (F.mse_loss(model(x), y) + regularization(model)).backward()\n",
            ("AF102", "p.detach().numpy()"),
        ),
    ],
)
def test_found_in_torch(step: str, expected: tuple[str, str]) -> None:
    assert _found(TORCH + step) == [expected]


@pytest.mark.parametrize(
    "step",
    [
        # a weight
        "def focal_loss(p, y):\n    with torch.no_grad():\n        w = F.mse_loss(p, y)\n"
        "    return w * F.l1_loss(p, y)\n\n\nfocal_loss(model(x), y).backward()\n",
        # a number beside the loss
        "def step(x, y):\n    out = model(x)\n    loss = F.mse_loss(out, y)\n    loss.backward()\n"
        "    with torch.no_grad():\n        print(F.l1_loss(out, y))\n",
        # a teacher
        "teacher = nn.Linear(3, 3)\nout = model(x)\nwith torch.no_grad():\n    t = teacher(x)\n"
        "(F.mse_loss(out, y) + F.kl_div(out, t)).backward()\n",
        # the method that a loss has its weights from
        "class FocalLoss(nn.Module):\n    def forward(self, p, y):\n"
        "        return F.binary_cross_entropy(p, y, weight=self.weights(p)).mean()\n\n"
        "    def weights(self, p):\n        return (1 - p).pow(2).detach()\n\n\n"
        "criterion = FocalLoss()\ncriterion(model(x), y).backward()\n",
        # hard examples are chosen by NumPy
        "def step(x, y):\n    e = (model(x) - y).abs()\n    hardest = np.argsort(e.detach().numpy())[-3:]\n"
        "    e[torch.from_numpy(hardest)].mean().backward()\n",
    ],
)
def test_silent_in_torch(step: str) -> None:
    assert _found(TORCH + step) == []


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (
            "def penalty(x):\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = model(x)\n"
            "    slopes = tape.gradient(y, [x])[0]\n    return np.mean(np.square(slopes))\n\n\n"
            "def step(x):\n    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean(model(x)) + penalty(x)\n"
            "    tape.gradient(loss, model.trainable_variables)\n",
            ("AF101", "np.square(slopes)"),
        ),
        (
            "class Layer(keras.layers.Layer):\n    def build(self, shape):\n"
            "        self.w = self.add_weight(shape=(3, 1))\n\n    def norm(self):\n"
            "        return np.sum(self.w.numpy() ** 2)\n\n"
            "    def call(self, x):\n        return x @ self.w\n\n\nlayer = Layer()\n\n\n"
            "def step(x, y):\n    with tf.GradientTape() as tape:\n"
            "        loss = tf.reduce_mean((layer(x) - y) ** 2) + layer.norm()\n"
            "    tape.gradient(loss, layer.trainable_variables)\n",
            ("AF102", "self.w.numpy()"),
        ),
        (
            "def step(features, x, y):\n    vgg = keras.Sequential([keras.layers.Dense(2)])\n"
            "    with tf.GradientTape() as tape:\n        out = model(x)\n"
            "        loss = tf.reduce_mean((out - y) ** 2) + tf.reduce_mean(vgg.predict(out) ** 2)\n"
            "    tape.gradient(loss, model.trainable_variables)\n",
            ("AF102", "vgg.predict(out)"),
        ),
        (
            "def mae(target, p):\n    y = p.numpy()\n    return tf.constant(np.mean(np.abs(target.numpy() - y)))\n\n\n"
            "model.compile('adam', loss=mae, run_eagerly=True)\n",
            ("AF102", "p.numpy()"),
        ),
        (
            "def mae(y_true, y_pred):\n    x, y = y_true.numpy(), y_pred.numpy()\n"
            "    return np.mean(np.abs(x - y))\n\n\nmodel.compile('adam', loss=mae, run_eagerly=True)\n",
            ("AF102", "y_pred.numpy()"),
        ),
    ],
)
def test_found_in_keras(program: str, expected: tuple[str, str]) -> None:
    assert _found(KERAS + program) == [expected]


@pytest.mark.parametrize(
    "program",
    [
        # a state that is cut off between two batches
        "gru = keras.layers.GRU(3, return_state=True)\nstate = tf.zeros((2, 3))\nfor x, y in batches:\n"
        "    with tf.GradientTape() as tape:\n        h, new = gru(x, initial_state=tf.constant(state))\n"
        "        loss = tf.reduce_mean((model(h) - y) ** 2)\n"
        "    tape.gradient(loss, model.trainable_variables)\n    state = new.numpy()\n",
        # a matching found by SciPy
        "from scipy.optimize import linear_sum_assignment\n\n\ndef step(x, y):\n    with tf.GradientTape() as tape:\n"
        "        out = model(x)\n        rows, columns = linear_sum_assignment(tf.abs(out - y).numpy())\n"
        "        loss = tf.reduce_mean((tf.gather(out, rows) - tf.gather(y, columns)) ** 2)\n"
        "    tape.gradient(loss, model.trainable_variables)\n",
        # words that were sampled
        "def step(x, y):\n    with tf.GradientTape() as tape:\n        out = model(x)\n"
        "        word = np.argmax(out.numpy(), axis=1)\n        loss = tf.reduce_mean((model(word) - y) ** 2)\n"
        "    tape.gradient(loss, model.trainable_variables)\n",
        # a gradient that is only looked at
        "def step(x, y):\n    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean((model(x) - y) ** 2)\n"
        "    slopes = tape.gradient(loss, model.trainable_variables)\n    print(np.mean(slopes[0].numpy()))\n",
    ],
)
def test_silent_in_keras(program: str) -> None:
    assert _found(KERAS + program) == []


@pytest.mark.parametrize(
    "made",
    [
        "from types import SimpleNamespace as Out\n",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass Out:\n    z: torch.Tensor\n    scale: float = 1.0\n",
        "from typing import NamedTuple\n\n\nclass Out(NamedTuple):\n    z: torch.Tensor\n",
    ],
)
def test_what_a_model_gives_as_an_object_is_followed(made: str) -> None:
    program = (
        f"{TORCH}{made}\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.f = nn.Linear(3, 1)\n\n    def forward(self, x):\n        return Out(z=self.f(x))\n\n\n"
        "net = Net()\n\n\ndef step(x):\n    torch.tensor(np.mean(net(x).z.detach().numpy())).backward()\n"
    )

    assert _found(program) == [("AF102", "net(x).z.detach().numpy()")]
    assert _found(program.replace("torch.tensor(np.mean(net(x).z.detach().numpy()))", "net(x).z.mean()")) == []
