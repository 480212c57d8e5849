"""AF205 to AF208: what is reported and never rewritten, each beside the right code that looks like it."""

from __future__ import annotations

import pytest

from tests.analysis.programs import diagnosed, tensorflow_loss, torch_loss

NN = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom torch.utils.data import DataLoader\n"
KERAS = "import keras\nimport tensorflow as tf\nfrom keras import layers\nfrom keras.layers import Dense\n"


def _codes(source: str) -> list[tuple[str, int]]:
    return [(cut.code, cut.span.line) for each in diagnosed(source) for cut in each.cuts]


def _step(loss: str, consume: str = "loss.backward()", head: str = "") -> list[tuple[str, str]]:
    """Return code and operation of what is wrong in a step over 30 samples with three outputs."""
    source = (
        f"{NN}x, y = torch.randn(30, 5), torch.randn(30, 3)\nmodel = nn.Linear(5, 3)\n{head}\n"
        f"out = model(x)\nloss = {loss}\n{consume}\n"
    )
    return [(cut.code, cut.operation) for each in diagnosed(source) for cut in each.cuts]


@pytest.mark.parametrize(
    "loss",
    [
        "(out - y) ** 2",
        "((out - y) ** 2).mean(dim=1)",
        "torch.sum(torch.abs(out - y), dim=-1)",
        "F.mse_loss(out, y, reduction='none')",
        "F.cross_entropy(out, y.argmax(1), reduction='none') * torch.rand(30)",
        "nn.L1Loss(reduction='none')(out, y)",
        "F.binary_cross_entropy_with_logits(out, y, reduce=False)",
        "torch.relu(1 - out * y)",
    ],
)
def test_a_loss_of_many_elements_is_no_scalar(loss: str) -> None:
    assert _step(loss) == [("AF205", "loss.backward()")]


@pytest.mark.parametrize(
    ("loss", "consume"),
    [
        ("((out - y) ** 2).mean()", "loss.backward()"),
        ("F.mse_loss(out, y)", "loss.backward()"),
        ("F.mse_loss(out, y, reduction='none')", "loss.mean().backward()"),
        ("F.mse_loss(out, y, reduction='none')", "loss.backward(torch.ones_like(loss))"),
        ("F.mse_loss(out, y, reduction='none')", "loss.backward(gradient=torch.ones_like(loss))"),
        ("(out - y) ** 2", "torch.autograd.backward(loss, torch.ones_like(loss))"),
        ("(out - y) ** 2", "torch.autograd.grad(loss, model.parameters(), grad_outputs=torch.ones_like(loss))"),
        ("((out - y) ** 2)[0, 0]", "loss.backward()"),
        ("(out - y).abs().sum(dim=1).mean(0)", "loss.backward()"),
        ("torch.linalg.norm(out - y)", "loss.backward()"),
        ("(out - y).pow(2).max()", "loss.backward()"),
        ("nn.MSELoss()(out, y)", "loss.backward()"),
    ],
)
def test_a_scalar_or_a_weighted_loss_is_right(loss: str, consume: str) -> None:
    assert _step(loss, consume) == []


def test_a_loss_of_its_own_that_gives_one_value_a_sample_is_reported_where_it_is_consumed() -> None:
    source = f"""{NN}
def per_sample(p, y):
    return ((p - y) ** 2).sum(dim=1)

def train(model, loader, scaler):
    for x, y in loader:
        scaler.scale(per_sample(model(x), y) + F.l1_loss(model(x), y, reduction="none")).backward()
"""
    assert _codes(source) == [("AF205", 11)]


@pytest.mark.parametrize(
    "size",
    ["batch_size=1", ""],
)
def test_a_batch_of_one_is_a_scalar(size: str) -> None:
    source = f"""{NN}
model = nn.Linear(4, 1)
for x, y in DataLoader(samples, {size}):
    ((model(x) - y) ** 2).backward()
"""
    assert _codes(source) == []


def test_batches_of_a_loader_are_many() -> None:
    source = f"""{NN}
model = nn.Linear(4, 1)
for step, (x, y) in enumerate(DataLoader(samples, batch_size=16)):
    ((model(x) - y) ** 2).backward()
"""
    assert _codes(source) == [("AF205", 8)]


def test_one_state_at_a_time_and_unknown_models_are_not_judged() -> None:
    source = f"""{NN}
def actor_critic(critic, state, reward, model, x, y):
    advantage = reward - critic(state)
    advantage.pow(2).backward()
    loss = model(x, y)
    loss.backward()
"""
    assert _codes(source) == []


def test_a_shape_that_depends_on_a_branch_is_not_judged() -> None:
    assert _step("(out - y) ** 2", "if loss.dim() > 0:\n    loss = loss.mean()\nloss.backward()") == []


def test_a_tape_adds_up_what_is_no_scalar_and_keras_averages() -> None:
    assert tensorflow_loss("return tf.square(p - y)") == []
    source = f"{KERAS}\ndef per_sample(y_true, y_pred):\n    return tf.reduce_mean(tf.abs(y_true - y_pred), axis=-1)\n"
    assert _codes(source + "model.compile('adam', loss=per_sample)\n") == []


@pytest.mark.parametrize(
    "body",
    [
        "d = p[:, None] - p[None, :]\nreturn torch.sqrt((d ** 2).sum(-1)).mean()",
        "d = p.unsqueeze(1) - p.unsqueeze(0)\nreturn d.pow(2).sum(dim=2).clamp(min=0).sqrt().mean()",
        "d = torch.sum((p[:, None, :] - p[None, :, :]) ** 2, dim=-1)\nreturn ((d ** 0.5) * (1 - torch.eye(4))).mean()",
        "return torch.where(p > 0, torch.log(p), 0.0).mean()",
        "ok = p > 0\nroot = torch.sqrt(p)\nreturn torch.where(ok, root, torch.zeros_like(p)).mean()",
        "return torch.where(p != 0, y / p, torch.zeros_like(p)).mean()",
        "return torch.where(p == 0, 0.0, p * p.log()).sum()",
    ],
)
def test_finds_a_gradient_that_is_nan_in_torch(body: str) -> None:
    assert [code for code, _ in torch_loss(body)] == ["AF206"]


@pytest.mark.parametrize(
    "body",
    [
        "return torch.sqrt(((p - y) ** 2).mean())",  # zero only where everything is learned
        "return torch.sqrt(((p - y) ** 2).sum(1)).mean()",
        "d = p[:, None] - p[None, :]\nreturn torch.sqrt((d ** 2).sum(-1) + 1e-12).mean()",
        "d = p[:, None] - p[None, :]\nreturn (d ** 2).sum(-1).clamp(min=1e-12).sqrt().mean()",
        "d = p[:, None] - y[None, :]\nreturn torch.sqrt((d ** 2).sum(-1)).mean()",
        "d = p[:, None] - p[None, :]\nreturn (d ** 2).sum(-1).mean()",
        "d = p[:, None] - p[None, :]\nreturn torch.linalg.norm(d, dim=-1).mean()",  # zero is its gradient at zero
        "d = ((p[:, None] - p[None, :]) ** 2).sum(-1)\nreturn d[~torch.eye(4, dtype=bool)].sqrt().mean()",
        "return torch.cdist(p, p).mean()",
        "safe = torch.where(p > 0, p, torch.ones_like(p))\nreturn torch.where(p > 0, torch.log(safe), 0.0).mean()",
        "return torch.where(p > 0, torch.log(p + 1e-8), 0.0).mean()",
        "return torch.where(y > 0, torch.log(p), torch.log(1 - p)).mean()",
        "e = (p - y).abs()\nreturn torch.where(e < 1, 0.5 * e ** 2, e - 0.5).mean()",
        "return torch.where(p > 0, p, torch.exp(p) - 1).mean()",
        "return torch.log(torch.softmax(p, dim=1)).mean()",
    ],
)
def test_silent_where_the_gradient_is_finite_in_torch(body: str) -> None:
    assert torch_loss(body) == []


@pytest.mark.parametrize(
    "body",
    [
        "d = tf.expand_dims(p, 1) - tf.expand_dims(p, 0)\n"
        "return tf.reduce_mean(tf.sqrt(tf.reduce_sum(tf.square(d), axis=-1)))",
        "return tf.reduce_mean(tf.norm(p[:, tf.newaxis] - p[tf.newaxis, :], axis=-1))",
        "return tf.reduce_mean(tf.where(tf.greater(p, 0.0), tf.math.log(p), 0.0))",
    ],
)
def test_finds_a_gradient_that_is_nan_in_tensorflow(body: str) -> None:
    assert [code for code, _ in tensorflow_loss(body)] == ["AF206"]


METRIC_LOSS = """
def distance(a, b):
    return tf.sqrt({inside})

def {name}(y_true, y_pred):
    anchor, positive, negative = tf.split(y_pred, 3, axis=-1)
    return tf.maximum(distance(anchor, positive) - distance(anchor, negative) + 1.0, 0.0)

model.compile("adam", loss={name})
"""


@pytest.mark.parametrize(
    ("inside", "name", "expected"),
    [
        ("tf.reduce_sum(tf.square(a - b), axis=-1)", "triplet_loss", ["AF206"]),
        ("tf.reduce_sum((a - b) ** 2, axis=1, keepdims=True)", "contrastive_loss", ["AF206"]),
        ("tf.maximum(tf.reduce_sum(tf.square(a - b), axis=-1), 0.0)", "siamese_loss", ["AF206"]),
        ("tf.maximum(tf.reduce_sum(tf.square(a - b), axis=-1), 1e-9)", "triplet_loss", []),
        ("tf.reduce_sum(tf.square(a - b), axis=-1) + 1e-9", "triplet_loss", []),
        ("tf.reduce_sum(tf.square(a - b), axis=-1)", "bond_length_loss", []),  # two atoms never are in one place
        ("tf.reduce_mean(tf.square(a - b))", "triplet_loss", []),
        ("tf.reduce_sum(tf.square(a[:, 0] - a[:, 1]), axis=-1)", "siamese_loss", ["AF206"]),
        ("tf.reduce_sum(tf.square(a[pairs[0]] - a[pairs[1]]), axis=-1)", "contrastive_loss", []),  # never with itself
    ],
)
def test_equal_samples_meet_in_a_metric_loss(inside: str, name: str, expected: list[str]) -> None:
    source = KERAS + METRIC_LOSS.format(inside=inside, name=name)
    assert [code for code, _ in _codes(source)] == expected


@pytest.mark.parametrize(
    ("loss", "operation"),
    [
        ("F.cross_entropy(nn.Linear(5, 1)(x), labels)", "F.cross_entropy(nn.Linear(5, 1)(x), labels)"),
        ("nn.CrossEntropyLoss()(nn.Linear(5, 1)(x), labels)", "nn.CrossEntropyLoss()(nn.Linear(5, 1)(x), labels)"),
        ("(torch.softmax(nn.Linear(5, 1)(x), dim=1) - y).abs().mean()", "torch.softmax(nn.Linear(5, 1)(x), dim=1)"),
        ("(nn.Linear(5, 1)(x).softmax(-1) - y).abs().mean()", "nn.Linear(5, 1)(x).softmax(-1)"),
        ("torch.relu(-torch.relu(out)).mean()", "torch.relu(-torch.relu(out))"),
        ("torch.clamp(torch.sigmoid(out), min=1).mean()", "torch.clamp(torch.sigmoid(out), min=1)"),
        ("F.relu(torch.sigmoid(out) - 2).sum()", "F.relu(torch.sigmoid(out) - 2)"),
        ("F.mse_loss(out, out)", "F.mse_loss(out, out)"),
    ],
)
def test_finds_a_gradient_that_is_zero_everywhere(loss: str, operation: str) -> None:
    assert _step(loss, head="labels = torch.zeros(30).long()") == [("AF207", operation)]


@pytest.mark.parametrize(
    "loss",
    [
        "F.cross_entropy(out, labels)",
        "(torch.softmax(out, dim=1) - y).abs().mean()",
        "(torch.softmax(nn.Linear(5, 1)(x), dim=0) * y).sum()",  # attention over the samples
        "(nn.Linear(5, 1)(sequence).softmax(dim=1) * sequence).sum()",  # attention over time
        "torch.relu(1 - out * y).mean()",
        "torch.relu(torch.relu(out)).mean()",
        "torch.relu(-torch.tanh(out)).mean()",
        "torch.clamp(torch.sigmoid(out), 1e-7, 1 - 1e-7).log().mean()",
        "(out - y).abs().mean() + 0 * torch.relu(-torch.relu(out)).mean()",  # the rest trains
        "F.mse_loss(out, out.roll(1))",
        "torch.maximum(torch.sigmoid(out), y).mean()",
    ],
)
def test_silent_where_the_gradient_is_not_zero_everywhere(loss: str) -> None:
    head = "labels = torch.zeros(30).long()\nsequence = torch.randn(4, 7, 5)"
    assert _step(loss, head=head) == []


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("[Dense(8), Dense(1, activation='softmax')]", ["AF207"]),
        ("[Dense(8), layers.Dense(units=1, activation='softmax')]", ["AF207"]),
        ("[Dense(8), Dense(1, activation='sigmoid')]", []),
        ("[Dense(8), Dense(2, activation='softmax')]", []),
    ],
)
def test_a_softmax_over_one_class_is_found_in_a_keras_model(layers: str, expected: list[str]) -> None:
    source = f"{KERAS}model = keras.Sequential({layers})\nmodel.compile('adam', loss='binary_crossentropy')\n"
    assert [code for code, _ in _codes(source)] == expected


@pytest.mark.parametrize(
    ("loss", "arguments"),
    [
        ("return ((y - y) ** 2).mean()", ""),
        ("error = y - y.mean()\n    return (error ** 2).mean()", ""),
        ("p = y\n    return (p - y.mean()).abs().sum()", ""),
        ("return F.l1_loss(y, y)", ""),
    ],
)
def test_finds_a_loss_without_the_prediction(loss: str, arguments: str) -> None:
    source = f"{NN}\ndef mse(p, y):\n    {loss}\n\ndef step(model, x, y):\n    mse(model(x), y).backward()\n"
    assert [code for code, _ in _codes(source)] == ["AF208"]


def test_finds_a_keras_loss_of_the_targets_alone() -> None:
    source = f"{KERAS}\ndef gap(y_true, y_pred):\n    return tf.reduce_mean(tf.square(y_true - tf.ones_like(y_pred)))\n"
    assert _codes(source + "model.compile('adam', loss=gap)\n") == [("AF208", 7)]


def test_finds_targets_compared_with_themselves_in_a_step() -> None:
    assert _step("nn.MSELoss()(y, y)") == [("AF208", "nn.MSELoss()(y, y)")]


@pytest.mark.parametrize(
    "source",
    [
        "def dummy(y_true, y_pred):\n    return tf.zeros_like(y_true)\nmodel.compile('adam', loss=dummy)\n",
        "model.compile('adam', loss=lambda y_true, y_pred: 0.0)\n",
        "def dummy(y_true, y_pred):\n    return tf.reduce_mean(y_true)\nmodel.add_loss(kl)\n"
        "model.compile('adam', loss=dummy)\n",
        "def energy(y_true, y_pred):\n    return tf.reduce_mean(y_pred)\nmodel.compile('adam', loss=energy)",
    ],
)
def test_dummies_beside_losses_of_the_model_are_right(source: str) -> None:
    assert _codes(f"{KERAS}\n{source}") == []


@pytest.mark.parametrize(
    "body",
    [
        "def kl_loss(p, mu, logvar):\n    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum()\n"
        "def step(model, x, mu, logvar):\n    kl_loss(model(x), mu, logvar).backward()\n",
        "def l2_loss(p, weights):\n    return sum((w ** 2).sum() for w in weights)\n"
        "def step(model, x):\n    l2_loss(model(x), list(model.parameters())).backward()\n",
        "def step(model, x, y):\n    zero = y - y\n    ((model(x) - y).abs().mean() + zero.sum()).backward()\n",
        "def step(x, y):\n    loss = (x - y).abs().mean()\n    loss.backward()\n",
    ],
)
def test_what_trains_something_else_is_right(body: str) -> None:
    assert _codes(NN + body) == []
