"""Ways of a value that hid a lost gradient, each beside right code of its kind: branches, modules, indices, classes."""

from __future__ import annotations

import pytest

from tests.analysis.programs import diagnosed

_HEAD = """import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

"""
_STEP = """
model = nn.Linear(3, 1)
optimizer = torch.optim.Adam(model.parameters())
for x, y in batches:
    optimizer.zero_grad()
    loss = objective(model(x), y)
    loss.backward()
    optimizer.step()
"""


def _of(program: str) -> list[tuple[str, str]]:
    step = "" if ".backward()" in program else _STEP
    return [(cut.code, cut.operation) for each in diagnosed(_HEAD + program + step) for cut in each.cuts]


BROKEN: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "a buffer has no gradient": (
        """class L(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("w", torch.ones(1))
    def forward(self, p, y):
        return (self.w * torch.from_numpy((p.detach().numpy() - y.numpy()) ** 2)).mean()
objective = L()
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "a buffer as a summand": (
        """class L(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("center", torch.zeros(1))
    def forward(self, p, y):
        d = torch.from_numpy((p - y).detach().numpy())
        return (d - self.center).pow(2).sum() + self.center.norm()
objective = L()
""",
        [("AF102", "(p - y).detach().numpy()")],
    ),
    "one of a list of modules": (
        """class Part(nn.Module):
    def forward(self, p, y):
        return torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())))
class Mse(nn.Module):
    def forward(self, p, y):
        return F.mse_loss(p, y)
class L(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([Part(), Mse()])
    def forward(self, p, y):
        loss = 0.0
        for part in self.parts:
            loss += part(p, y)
        return loss
objective = L()
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "modules given to a list, and a dictionary of modules": (
        """class Part(nn.Module):
    def forward(self, p, y):
        return torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())))
class L(nn.Module):
    def __init__(self, parts):
        super().__init__()
        self.parts = nn.ModuleList(parts)
        self.named = nn.ModuleDict({"a": Part()})
    def forward(self, p, y):
        loss = torch.zeros(())
        for weight, part in zip([1.0], self.parts):
            loss = loss + weight * part(p, y)
        for part in self.named.values():
            loss += part(p, y)
        return loss + F.mse_loss(p, y)
objective = L([Part()])
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "super().forward is passed on": (
        """class Base(nn.Module):
    def forward(self, p, y):
        return torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())))
def averaged(fn, p, y):
    return fn(p, y) / 2
class L(Base):
    def forward(self, p, y):
        return averaged(super().forward, p, y)
objective = L()
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "a chain of classes in a dictionary": (
        """class Base:
    def __call__(self, p, y):
        return self.reduce(self.distance(p, y))
    def reduce(self, d):
        return d.mean()
class Mid(Base):
    def distance(self, p, y):
        return torch.from_numpy(np.abs(p.detach().numpy() - y.numpy()))
class Leaf(Mid):
    pass
LOSSES = dict(leaf=Leaf)
objective = LOSSES["leaf"]()
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "a member of an Enum": (
        """import enum
from functools import partial
def gap(p, y):
    return torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())))
class Kind(enum.Enum):
    GAP = partial(gap)
    MSE = partial(F.mse_loss)
def objective(p, y):
    return Kind.GAP.value(p, y)
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "a mask beside .data": (
        """def objective(p, y):
    mask = (p > 0.5).float()
    d = (p.data - y) ** 2
    return (d * mask).sum() / mask.sum()
""",
        [("AF103", "p.data")],
    ),
    "a branch that is not taken": (
        """def objective(p, y, hard=False):
    q = p.data
    if hard:
        q = (p > 0.5).float()
    return F.mse_loss(q, y)
""",
        [("AF103", "p.data")],
    ),
    "a mode that is not asked for": (
        """def objective(p, y, mode="soft"):
    if mode == "hard":
        return (p > 0.5).float().mean()
    return (p.data - y).abs().mean()
""",
        [("AF103", "p.data")],
    ),
    "a sign beside .data": (
        """def objective(p, y):
    sign = (p > 0).float() * 2 - 1
    return F.mse_loss(sign * p.data, y)
""",
        [("AF103", "p.data")],
    ),
    "the loss takes the model": (
        """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 1)
    @torch.no_grad()
    def forward(self, x):
        return self.l(x)
def compute_loss(model, inputs):
    x, y = inputs
    return F.mse_loss(model(x), y)


model = Net()
optimizer = torch.optim.Adam(model.parameters())
for x, y in batches:
    optimizer.zero_grad()
    loss = compute_loss(model, (x, y))
    loss.backward()
    optimizer.step()
""",
        [("AF109", "torch.no_grad()")],
    ),
    "the loss takes the model, and asks it for a term": (
        """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 1)
    def forward(self, x):
        with torch.no_grad():
            h = self.l(x)
        return h
    def penalty(self):
        return torch.tensor(sum(p.detach().pow(2).sum().item() for p in self.parameters()))
def compute_loss(model, inputs):
    x, y = inputs
    return F.mse_loss(model(x), y) + model.penalty()


model = Net()
optimizer = torch.optim.Adam(model.parameters())
for x, y in batches:
    optimizer.zero_grad()
    loss = compute_loss(model, (x, y))
    loss.backward()
    optimizer.step()
""",
        [("AF109", "torch.no_grad()"), ("AF103", "p.detach()")],
    ),
    "max, second": (
        """def objective(p, y):
    best = torch.max(p, 1)[1]
    return F.mse_loss(best.float(), y)
""",
        [("AF201", "torch.max(p, 1)[1]")],
    ),
    "max, .indices": (
        """def objective(p, y):
    return F.mse_loss(p.max(dim=1).indices.float(), y)
""",
        [("AF201", "p.max(dim=1).indices")],
    ),
    "max, unpacked": (
        """def objective(p, y):
    _, best = torch.max(p, 1)
    return F.mse_loss(best.float(), y)
""",
        [("AF201", "torch.max(p, 1)")],
    ),
    "topk": (
        """def objective(p, y):
    values, idx = p.topk(3, dim=1)
    return (idx.float().mean(1) - y).pow(2).mean()
""",
        [("AF201", "p.topk(3, dim=1)")],
    ),
    "sort, second": (
        """def objective(p, y):
    order = torch.sort(p, dim=1)[1]
    return (order.float() - y).abs().mean()
""",
        [("AF201", "torch.sort(p, dim=1)[1]")],
    ),
    "sort, .indices": (
        """def objective(p, y):
    res = torch.sort(p, dim=1)
    return F.l1_loss(res.indices.float(), y)
""",
        [("AF201", "res.indices")],
    ),
    "kthvalue": (
        """def objective(p, y):
    m = torch.kthvalue(p, 2).indices
    return F.l1_loss(m.float(), y)
""",
        [("AF201", "torch.kthvalue(p, 2).indices")],
    ),
    "a tuple is no tensor": (
        """def to_tensor(v):
    if not torch.is_tensor(v):
        v = torch.tensor(v)
    return v
def objective(p, y):
    parts = (p.mean(), (p - y).abs().mean())
    return to_tensor(parts).sum()
""",
        [("AF105", "torch.tensor(v)")],
    ),
    "a list is no tensor": (
        """def objective(p, y):
    terms = [F.mse_loss(p, y), F.l1_loss(p, y)]
    if not isinstance(terms, torch.Tensor):
        terms = torch.tensor(terms)
    return terms.sum()
""",
        [("AF105", "torch.tensor(terms)")],
    ),
    "1.0 - f under no_grad": (
        """def f1(p, y):
    with torch.no_grad():
        tp = (p * y).sum()
        return 2 * tp / (p.sum() + y.sum())
def objective(p, y):
    return 1.0 - f1(p, y)
""",
        [("AF109", "torch.no_grad()")],
    ),
    "a branch": (
        """def objective(p, y, robust=False):
    if robust:
        d = torch.from_numpy(np.abs(p.detach().numpy() - y.numpy()))
    else:
        d = torch.abs(p - y)
    return d.mean()
""",
        [("AF102", "p.detach().numpy()")],
    ),
    "an if without else": (
        """def objective(p, y, robust=True):
    d = p - y
    if robust:
        d = torch.tensor(np.log(np.cosh(d.detach().numpy())))
    return (d ** 2).mean()
""",
        [("AF102", "d.detach().numpy()")],
    ),
    "one of three returns": (
        """class L(nn.Module):
    def __init__(self, kind="log"):
        super().__init__()
        self.kind = kind
    def forward(self, p, y):
        if self.kind == "log":
            return torch.tensor(np.mean(np.log1p(np.abs(p.detach().numpy() - y.numpy()))))
        elif self.kind == "mse":
            return F.mse_loss(p, y)
        return F.l1_loss(p, y)
objective = L()
""",
        [("AF102", "p.detach().numpy()")],
    ),
}

RIGHT = {
    "sorted errors select targets": """def objective(p, y):
    errors, order = torch.sort((p - y).abs(), 0, descending=True)
    gt = y[order]
    return (errors * gt).sum()
""",
    "hard examples": """def objective(p, y):
    losses = (p - y) ** 2
    values, idx = losses.topk(3)
    return values.mean() + losses[idx].sum()
""",
    "an accuracy beside the loss": """def objective(p, y):
    _, best = p.max(1)
    acc = (best == y).float().mean()
    print(acc)
    return F.cross_entropy(p, y)
""",
    "max without an axis": """def objective(p, y):
    return torch.max(p, y)[1] + torch.max(p) + p.max()
""",
    "the values of max and topk": """def objective(p, y):
    m = torch.max(p, dim=1)[0] - torch.topk(p, 2, dim=1).values[:, 1]
    return F.relu(1 - m).mean()
""",
    "gather at the best": """def objective(p, y):
    best = p.max(1, keepdim=True)[1]
    return -p.log_softmax(1).gather(1, best).mean()
""",
    "pseudo-labels": """def objective(p, y):
    conf, label = torch.max(p.softmax(1), dim=1)
    mask = conf.detach() > 0.9
    return (F.cross_entropy(p, label, reduction="none") * mask).mean()
""",
    "a moving center": """class L(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("center", torch.zeros(1))
        self.register_buffer("ema", None)
    def forward(self, p, y):
        self.center = 0.9 * self.center + 0.1 * p.detach().mean()
        return (p - self.center).pow(2).mean()
objective = L()
""",
    "layers in lists": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3) for _ in range(3)])
        self.heads = nn.ModuleDict({"a": nn.Linear(3, 1), "b": nn.Linear(3, 1)})
    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return sum(head(x) for head in self.heads.values()) + self.heads["a"](x)
model = Net()
optimizer = torch.optim.Adam(model.parameters())
for x, y in batches:
    loss = F.mse_loss(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "an overridden method": """class Base(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.threshold = scale
    def forward(self, p, y):
        return self.scale * self.dist(p, y).mean()
    def dist(self, p, y):
        return torch.tensor(np.abs(p.detach().numpy() - y.numpy()))
class L(Base):
    def __init__(self):
        super().__init__(0.3)
    def dist(self, p, y):
        return (p - y).abs()
    def forward(self, p, y):
        return super().forward(p, y) + 1
objective = L()
""",
    "a metric in an Enum": """import enum
from functools import partial
def gap(p, y):
    return np.mean(np.abs(p.detach().numpy() - y.numpy()))
class Metric(enum.Enum):
    GAP = partial(gap)
def objective(p, y):
    print(Metric.GAP.value(p, y))
    return F.mse_loss(p, y)
""",
    "a loss that takes the model, and a sample of it": """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l = nn.Linear(3, 1)
    def forward(self, x):
        return self.l(x)
    @torch.no_grad()
    def sample(self, x):
        return self.l(x)
def compute_loss(model, inputs):
    x, y = inputs
    target = model.sample(x)
    return F.mse_loss(model(x), y) + F.mse_loss(model(x), target)
model = Net()
optimizer = torch.optim.Adam(model.parameters())
for batch in batches:
    loss = compute_loss(model, batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
    "a list of numbers": """def to_tensor(v):
    if not torch.is_tensor(v):
        v = torch.tensor(v)
    return v
def objective(p, y):
    return (to_tensor(p) - to_tensor([1.0, 2.0])).pow(2).mean()
""",
    "a list that is stacked": """def objective(p, y):
    parts = [F.mse_loss(p, y), F.l1_loss(p, y)]
    if isinstance(parts, (list, tuple)):
        parts = torch.stack(parts)
    return parts.sum()
""",
    "a teacher": """def distill(model, teacher, x, y):
    with torch.no_grad():
        t = teacher(x)
    return F.mse_loss(model(x), t)
student, teacher = nn.Linear(3, 1), nn.Linear(3, 1)
optimizer = torch.optim.Adam(student.parameters())
for x, y in batches:
    loss = distill(student, teacher, x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_the_cut_is_found(kind: str) -> None:
    program, expected = BROKEN[kind]
    assert _of(program) == expected


@pytest.mark.parametrize("kind", RIGHT)
def test_right_code_is_silent(kind: str) -> None:
    assert _of(RIGHT[kind]) == []


_KERAS = """import numpy as np
import tensorflow as tf
from tensorflow import keras

"""
_KERAS_STEP = """
model = keras.Sequential([keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam()
for x, y in batches:
    with tf.GradientTape() as tape:
        loss = objective(model(x), y)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
"""

KERAS_BROKEN = {
    "a model inside numpy_function": (
        """model2 = keras.Sequential([keras.layers.Dense(1)])
def run(x):
    return model2(x).numpy()
def step(x, y):
    with tf.GradientTape() as tape:
        p = tf.numpy_function(run, [x], tf.float32)
        loss = tf.reduce_mean((p - y) ** 2)
    return tape.gradient(loss, model2.trainable_variables)
""",
        [("AF102", "model2(x).numpy()"), ("AF108", "tf.numpy_function(run, [x], tf.float32)")],
    ),
    "a function of NumPy in numpy_function": (
        """def objective(p, y):
    return tf.reduce_mean(tf.numpy_function(np.log, [p], tf.float32) - y)
""",
        [("AF108", "tf.numpy_function(np.log, [p], tf.float32)")],
    ),
    "a function of NumPy in py_function": (
        """def objective(p, y):
    return tf.reduce_mean(tf.py_function(np.abs, [p - y], tf.float32))
""",
        [("AF108", "tf.py_function(np.abs, [p - y], tf.float32)")],
    ),
    "top_k": (
        """def objective(p, y):
    values, idx = tf.math.top_k(p, 3)
    return tf.reduce_mean((tf.cast(idx, tf.float32) - y) ** 2)
""",
        [("AF201", "tf.math.top_k(p, 3)")],
    ),
    "is_nan": (
        """
def objective(p, y):
    return tf.reduce_mean(tf.cast(tf.math.is_nan(p - y), tf.float32))
""",
        [("AF203", "tf.math.is_nan(p - y)")],
    ),
    "is_tensor in TensorFlow": (
        """def as_tensor(v):
    if not tf.is_tensor(v):
        v = tf.constant(v)
    return v
def objective(p, y):
    return tf.reduce_sum(as_tensor([tf.reduce_mean(p - y).numpy(), 1.0]))
""",
        [("AF102", "tf.reduce_mean(p - y).numpy()")],
    ),
}

KERAS_RIGHT = {
    "predict input": """encoder = keras.Sequential([keras.layers.Dense(3)])
model = keras.Sequential([keras.layers.Dense(1)])
def step(x, y):
    with tf.GradientTape() as tape:
        z = encoder.predict(x, verbose=0)
        loss = tf.reduce_mean((model(z) - y) ** 2)
    return tape.gradient(loss, model.trainable_variables)
""",
    "predict target": """teacher = keras.Sequential([keras.layers.Dense(1)])
model = keras.Sequential([keras.layers.Dense(1)])
def step(x):
    with tf.GradientTape() as tape:
        t = teacher.predict(x, verbose=0)
        loss = tf.reduce_mean((model(x) - t) ** 2)
    return tape.gradient(loss, model.trainable_variables)
""",
    "outside target": """teacher = keras.Sequential([keras.layers.Dense(1)])
model = keras.Sequential([keras.layers.Dense(1)])
def step(x):
    goal = teacher(x)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - goal) ** 2)
    return tape.gradient(loss, model.trainable_variables)
""",
    "outside old": """policy = keras.Sequential([keras.layers.Dense(4)])
def step(x, actions, adv):
    logits = policy(x)
    old = tf.gather(tf.nn.log_softmax(logits), actions, batch_dims=1)
    for _ in range(3):
        with tf.GradientTape() as tape:
            new = tf.gather(tf.nn.log_softmax(policy(x)), actions, batch_dims=1)
            ratio = tf.exp(new - old)
            loss = -tf.reduce_mean(ratio * adv)
        grads = tape.gradient(loss, policy.trainable_variables)
""",
    "outside fake": """gen = keras.Sequential([keras.layers.Dense(4)])
disc = keras.Sequential([keras.layers.Dense(1)])
def step(z, real):
    fake = gen(z)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(disc(fake)) - tf.reduce_mean(disc(real))
    grads = tape.gradient(loss, disc.trainable_variables)
""",
    "outside weight": """model = keras.Sequential([keras.layers.Dense(1)])
def step(x, y):
    err = tf.abs(model(x) - y)
    w = err / tf.reduce_sum(err)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * (model(x) - y) ** 2)
    grads = tape.gradient(loss, model.trainable_variables)
""",
    "outside bootstrap": """critic = keras.Sequential([keras.layers.Dense(1)])
def step(s, r, s2):
    nxt = critic(s2)
    ret = r + 0.99 * nxt
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((ret - critic(s)) ** 2)
    grads = tape.gradient(loss, critic.trainable_variables)
""",
    "outside adv": """model = keras.Sequential([keras.layers.Dense(1)])
def step(x, y):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_mean((model(x) - y) ** 2)
    x_adv = x + 0.1 * tf.sign(tape.gradient(loss, x))
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x_adv) - y) ** 2)
    grads = tape.gradient(loss, model.trainable_variables)
""",
}


def _of_keras(program: str) -> list[tuple[str, str]]:
    step = "" if "tape.gradient" in program else _KERAS_STEP
    return [(cut.code, cut.operation) for each in diagnosed(_KERAS + program + step) for cut in each.cuts]


@pytest.mark.parametrize("kind", KERAS_BROKEN)
def test_the_cut_is_found_in_keras(kind: str) -> None:
    program, expected = KERAS_BROKEN[kind]
    assert _of_keras(program) == expected


@pytest.mark.parametrize("kind", KERAS_RIGHT)
def test_right_code_is_silent_in_keras(kind: str) -> None:
    assert _of_keras(KERAS_RIGHT[kind]) == []


_GATED = """
class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(3, 1)
        self.body = nn.Linear(3, 1)

    def forward(self, x):
        {}


model = Gated()
optimizer = torch.optim.Adam(model.parameters())
for x, y in batches:
    loss = {}
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
_ERROR = "F.mse_loss(model(x), y)"


@pytest.mark.parametrize(
    ("result", "cut"),
    [
        ("return self.gate(x).detach() * self.body(x)", "self.gate(x).detach()"),
        ("return self.body(x) * self.gate(x).mean().item()", "self.gate(x).mean().item()"),
        ("return self.body(x) * torch.sigmoid(self.gate(x).data)", "self.gate(x).data"),
        ("return torch.from_numpy(self.gate(x).detach().numpy()) * self.body(x)", "self.gate(x).detach().numpy()"),
    ],
)
def test_a_factor_whose_layer_has_no_other_way(result: str, cut: str) -> None:
    assert [operation for _, operation in _of(_GATED.format(result, _ERROR))] == [cut]


@pytest.mark.parametrize(
    ("result", "loss"),
    [
        ("g = self.gate(x)\n        return g.detach() * self.body(x) + g", _ERROR),
        (
            "g = self.gate(x)\n        return g.detach() * self.body(x), g",
            "sum(F.mse_loss(each, y) for each in model(x))",
        ),
        ("return self.body(self.gate(x).detach())", _ERROR),
        ("g = self.gate(x)\n        return self.body(x) * g / g.detach().norm()", _ERROR),
        ("g = torch.sigmoid(self.gate(x))\n        return ((g > 0.5).float() + g - g.detach()) * self.body(x)", _ERROR),
    ],
)
def test_a_factor_whose_layer_has_another_way(result: str, loss: str) -> None:
    assert _of(_GATED.format(result, loss)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("self.gate", "self.teacher"),
        ("model.parameters()", "model.body.parameters()"),
        ("        self.body =", "        self.gate.requires_grad_(False)\n        self.body ="),
        ("    optimizer.step()", "    optimizer.step()\n    for a, b in pairs:\n        a.mul_(0.9).add_(b)"),
    ],
)
def test_a_factor_whose_layer_is_not_trained(old: str, new: str) -> None:
    program = _GATED.format("return self.gate(x).detach() * self.body(x)", _ERROR)
    assert _of(program.replace(old, new)) == []


_SHARED = """
import numpy as np
import tensorflow as tf
from tensorflow import keras


def moments(series):
    std = np.std(series, axis=1, keepdims=True)
    return np.concatenate([std, (series - series.mean()) / std], axis=1)


class Gan:
    def __init__(self):
        self.generator = keras.Sequential([keras.layers.Dense(8)])
        self.critic = keras.Sequential([keras.layers.Dense(1)])
        self.optimizer = keras.optimizers.Adam()

    def critic_step(self, real):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.critic(moments(real)))
        gradients = tape.gradient(loss, self.critic.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.critic.trainable_variables))

    def step(self, z):
        with tf.GradientTape() as tape:
            fake = self.generator(z)
            loss = tf.reduce_mean(self.critic(moments({})))
        gradients = tape.gradient(loss, self.generator.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.generator.trainable_variables))


gan = Gan()
print(moments(gan.generator(tf.ones((2, 3))).numpy()).mean())
gan.critic_step(np.ones((2, 8)))
gan.step(tf.ones((2, 3)))
print(moments(gan.generator(tf.zeros((2, 3))).numpy()).mean())
"""


def test_what_a_helper_of_the_loss_is_given_elsewhere_is_no_cut_of_the_loss() -> None:
    assert [operation for _, operation in _of(_SHARED.replace("{}", "fake.numpy()"))] == ["fake.numpy()"]
    assert _of(_SHARED.replace("{}", "np.ones((2, 8))")) == []
