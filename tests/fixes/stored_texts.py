"""Programs of TensorFlow that write what they computed into variables, and read it there again."""

from __future__ import annotations

_ROWS = """
import tensorflow as tf

tf.keras.utils.set_random_seed(1)
x, y = tf.random.normal([24, 5]), tf.random.normal([24, 2])
"""
_STEPS = """
optimizer = tf.keras.optimizers.Adam(0.01)
for step in range(3):
    with tf.GradientTape() as tape:
        loss = {loss}
    gradients = tape.gradient(loss, {variables})
    optimizer.apply_gradients([(g, v) for g, v in zip(gradients, {variables}) if g is not None])
    print(step, float(loss))
"""


def _program(text: str, loss: str, variables: str) -> str:
    return _ROWS.lstrip("\n") + text + _STEPS.format(loss=loss, variables=variables)


_HEADS = """
heads = [tf.keras.layers.Dense(2, name=f"head{{i}}") for i in range(3)]
for head in heads:
    head.build((None, 5))
trained = [v for head in heads for v in head.trainable_variables]


class Weighted:
    def __init__(self, weights):
        self.weights = tf.constant(weights)
        self.each = tf.Variable(tf.zeros([len(weights)]), trainable=False)

    def __call__(self, x, y):
{stores}
        return tf.reduce_sum(self.weights * {read})


weighted = Weighted([1.0, 0.5, 0.2])
"""
_HEAD_BY_HEAD = """\
        for i, head in enumerate(heads):
            self.each[i].assign(tf.reduce_mean((head(x) - y) ** 2))"""
_BY_HAND = (
    _ROWS.lstrip("\n")
    + """

class Curve(tf.Module):
    def __init__(self, names):
        super().__init__()
        self.names = names
        for name in names:
            setattr(self, name, tf.Variable(0.0, name=name))

    def spread(self, theta):
        for i, name in enumerate(self.names):
            getattr(self, name).assign(theta[i])

    def __call__(self, dose):
        return self.low + (self.high - self.low) * tf.sigmoid(dose)


curve, theta = Curve(["low", "high"]), tf.constant([0.1, 0.8])
{before}for step in range(4):
    with tf.GradientTape() as tape:
        tape.watch(theta)
        curve.spread(theta)
        loss = {term}
    theta = theta - 0.05 * tape.gradient(loss, theta)
    print(step, float(loss))
print(theta.numpy())
"""
)
FIXED = {
    "elements of a variable": (
        _program(_HEADS.format(stores=_HEAD_BY_HEAD, read="self.each"), "weighted(x, y)", "trained")
        + "print(weighted.each.numpy())\n",
        ["each.append(tf.reduce_mean((head(x) - y) ** 2))", "self.each.assign(each)", "(self.weights * each)"],
    ),
    "variables in a dict": (
        _program(
            """
encoder = tf.keras.layers.Dense(2)
encoder.build((None, 5))


class Terms:
    def __init__(self, names):
        self.parts = {name: tf.Variable(0.0, trainable=False) for name in names}

    def put(self, name, value):
        self.parts[name].assign(value)

    def total(self):
        return tf.add_n([tf.convert_to_tensor(each) for each in self.parts.values()])


def loss_of(terms):
    z = encoder(x)
    terms.put("fit", tf.reduce_mean((z - y) ** 2))
    terms.put("size", 0.1 * tf.reduce_mean(z ** 2))
    return terms.total()


terms = Terms(["fit", "size"])
""",
            "loss_of(terms)",
            "encoder.trainable_variables",
        ),
        ["self.parts[name] = value"],
    ),
    "places of a variable of the module": (
        _program(
            """
cell, out = tf.keras.layers.GRUCell(4), tf.keras.layers.Dense(2)
cell.build((None, 5)), out.build((None, 4))
errors = tf.Variable(tf.zeros([3, 24]), trainable=False)


def rollout():
    state = [tf.zeros([24, 4])]
    for t in range(3):
        hidden, state = cell(x, state)
        errors.scatter_nd_update([[t]], tf.reduce_sum((out(hidden) - y) ** 2, axis=1)[None])
    return tf.reduce_mean(errors)
""",
            "rollout()",
            "(cell.trainable_variables + out.trainable_variables)",
        ),
        ["errors_now = tf.tensor_scatter_nd_update(errors_now, [[t]], ", "return tf.reduce_mean(errors_now)"],
    ),
    "a flat vector that is spread over a model": (
        _program(
            """
class Curve(tf.Module):
    names = ("low", "high", "slope")

    def __init__(self):
        super().__init__()
        for name in self.names:
            setattr(self, name, tf.Variable(0.0, name=name))

    def spread(self, theta):
        for i, name in enumerate(self.names):
            getattr(self, name).assign(theta[i])

    def __call__(self, dose):
        return self.low + (self.high - self.low) * tf.sigmoid(self.slope * dose)


curve, theta = Curve(), tf.Variable([0.1, 0.8, 0.5])


def misfit():
    curve.spread(theta)
    return tf.reduce_mean((curve(x) - 0.3) ** 2) + 1e-2 * tf.reduce_sum(theta ** 2)
""",
            "misfit()",
            "[theta]",
        ),
        ["            setattr(self, name, theta[i])\n"],
    ),
    "plain tensors that are stepped by hand": (
        _BY_HAND.format(before="", term="tf.reduce_mean((curve(x) - 0.3) ** 2) + 1e-2 * tf.reduce_sum(theta ** 2)"),
        ["            setattr(self, name, theta[i])\n"],
    ),
}
"""Each with lines of its fix."""
_NET = """
net = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="tanh"), tf.keras.layers.Dense(2)])
net.build((None, 5))
"""
RIGHT = {
    "losses that are kept for show": _program(
        _HEADS.format(
            stores="        parts = [tf.reduce_mean((head(x) - y) ** 2) for head in heads]\n"
            "        for i, part in enumerate(parts):\n            self.each[i].assign(part)",
            read="tf.stack(parts)",
        ),
        "weighted(x, y)",
        "trained",
    ),
    "a running mean": _program(
        _NET
        + """
mean = tf.Variable(tf.zeros([2]), trainable=False)


def loss_of():
    z = net(x)
    mean.assign(0.9 * mean + 0.1 * tf.reduce_mean(z, axis=0))
    return tf.reduce_mean((z - mean - y) ** 2)
""",
        "loss_of()",
        "net.trainable_variables",
    ),
    "a bank of what was seen before": _program(
        _NET
        + """
bank = tf.Variable(tf.random.normal([64, 2]), trainable=False)
places = tf.Variable(0)


def loss_of():
    z = tf.math.l2_normalize(net(x), axis=1)
    bank.scatter_nd_update(tf.reshape((places + tf.range(24)) % 64, [-1, 1]), z)
    places.assign((places + 24) % 64)
    similar = tf.matmul(z, bank, transpose_b=True)
    return tf.reduce_mean(tf.reduce_logsumexp(similar, axis=1) - tf.reduce_sum(z * y, axis=1))
""",
        "loss_of()",
        "net.trainable_variables",
    ),
    "a target network and a counter": _program(
        _NET
        + """
target = tf.keras.models.clone_model(net)
calls = tf.Variable(0.0)


def loss_of():
    if int(calls) % 2 == 0:
        for old, new in zip(target.variables, net.variables):
            old.assign(new)
    calls.assign_add(1.0)
    return tf.reduce_mean((net(x) - y - 0.9 * target(x + 1.0)) ** 2) / calls
""",
        "loss_of()",
        "net.trainable_variables",
    ),
    "a plain tensor with copies for show": _BY_HAND.format(
        before="", term="tf.reduce_mean((theta[0] + theta[1] * tf.sigmoid(x) - 0.3) ** 2)"
    ),
    "a plain tensor that is scaled by what it was": _BY_HAND.format(
        before="", term="tf.reduce_mean((theta[0] + theta[1] * tf.sigmoid(x) - 0.3) ** 2) / (1.0 + curve.high ** 2)"
    ),
    "a plain tensor and a distance to what it was": _BY_HAND.format(
        before="last = tf.Variable(theta)\n",
        term="tf.reduce_mean((theta[0] * x - 0.3) ** 2) + 0.1 * tf.reduce_sum((theta - last) ** 2)",
    ),
    "an average of the loss as a baseline": _program(
        _NET
        + """
average = tf.Variable(0.0, trainable=False)


def loss_of():
    scores = net(x)
    error = tf.reduce_mean((scores - y) ** 2, axis=1)
    average.assign(tf.reduce_mean(error))
    return tf.reduce_mean((error - average) * tf.nn.log_softmax(scores)[:, 0]) + tf.reduce_mean(error)
""",
        "loss_of()",
        "net.trainable_variables",
    ),
}
_TORCH = """
import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(24, 5), torch.randn(24, 2)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.make = nn.Linear(5, 2), nn.Linear(5, 2)
        self.register_buffer("kept", torch.zeros({shape}))

    def forward(self, x):
        out, made = self.body(x), torch.sigmoid(self.make(x))
{lines}


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(3):
    loss = {loss}
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, round(loss.item(), 4))
"""


def _torch_program(lines: str, loss: str = "(net(x) - y).pow(2).mean()", shape: str = "2") -> str:
    indented = "\n".join(f"        {each}" for each in lines.splitlines())
    return _TORCH.lstrip("\n").format(lines=indented, loss=loss, shape=shape)


TORCH_FIXED = {
    "a factor that is copied into a buffer": (
        _torch_program("self.kept.data.copy_(made.mean(0))\nreturn out * self.kept"),
        ["        del self.kept\n        self.kept = made.mean(0)\n"],
    ),
    "a term that fills a buffer": (
        _torch_program(
            "self.kept.data.fill_(made.pow(2).mean())\nreturn out + made",
            "(net(x) - y).pow(2).mean() + net.kept",
            "()",
        ),
        ["        del self.kept\n        self.kept = made.pow(2).mean()\n"],
    ),
    "a vector that is spread over buffers": (
        """
import torch
from torch import nn


class Curve(nn.Module):
    names = ("low", "high")

    def __init__(self):
        super().__init__()
        for name in self.names:
            self.register_buffer(name, torch.zeros(()))

    def spread(self, theta):
        for name, value in zip(self.names, theta):
            getattr(self, name).data.copy_(value)

    def forward(self, x):
        return self.low + (self.high - self.low) * torch.sigmoid(x)


curve, x = Curve(), torch.linspace(-2, 2, 20)
theta = torch.tensor([0.1, 0.9], requires_grad=True)
opt = torch.optim.Adam([theta], lr=0.05)
for step in range(3):
    curve.spread(theta)
    loss = (curve(x) - 0.3).pow(2).mean() + 1e-2 * theta.pow(2).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, round(loss.item(), 5))
""".lstrip("\n"),
        ["            delattr(self, name)\n            setattr(self, name, value)\n"],
    ),
}
TORCH_RIGHT = {
    "a running mean in a buffer": _torch_program(
        "self.kept.data.copy_(0.9 * self.kept + 0.1 * out.mean(0))\nreturn out - self.kept + made"
    ),
    "a number for show": _torch_program("self.kept.data.fill_(made.mean())\nreturn out + made", shape="()"),
    "the scale of what is seen": _torch_program(
        "self.kept.data.copy_(out.std(0))\nreturn out / (1.0 + self.kept) + made",
    ),
    "what was given before": _torch_program(
        "before = self.kept.clone()\nself.kept.data.copy_(out.mean(0))\nreturn out + made - 0.1 * before"
    ),
}
