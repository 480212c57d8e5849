"""Training steps end to end: what stands around the loss is mended and proven, whoever differentiates it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.analysis.looks import Looks
from autofix.model import Request
from autofix.pipeline import NOTHING_RUN, fix_source
from autofix.verify.verifier import Verifier

TORCH = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
TENSORFLOW = "import numpy as np\nimport tensorflow as tf\n\n\n"
DECORATED = """{head}class Trainer:
    def __init__(self, model):
        self.model = model
{decorator}
    def loss(self, x, y):
        return F.mse_loss(self.model(x), y)

    def step(self, x, y):
        self.loss(x, y).backward()
"""
LOOP = """class Trainer:
    def __init__(self, model):
        self.model = model
        self.criterion = nn.CrossEntropyLoss()

    def epoch(self, loader):
"""
HANDED = """def train(model, loader, criterion):
    for x, y in loader:
"""
LIGHTNING = """import pytorch_lightning as pl


class Net(pl.LightningModule):
    def training_step(self, batch, index):
        x, y = batch
"""
TRANSFORMERS = """from transformers import Trainer


class Mine(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False):
        outputs = model(**inputs)
"""
PICKED = """model, criterion = nn.Linear(3, 2), nn.MSELoss()
X, Y = torch.randn(40, 3), torch.randn(40, 2)
for start in range(0, 40, 8):
    index = torch.randperm(40)[start : start + 8]
    out = model(X[index])
    loss = 0
    for column in range(2):
"""
PAIR = """class Gaussian(nn.Module):
    def __init__(self):
        super().__init__()
        self.mu, self.sigma = nn.Linear(3, 1), nn.Linear(3, 1)

    def forward(self, x):
        return self.mu(x)[:, 0], F.softplus(self.sigma(x))[:, 0] + 0.1


model = Gaussian()
x, y = torch.randn(30, 3), torch.randn(30)
for epoch in range(3):
    mu, sigma = model(x)
"""
TABLE = """LOSSES = {{
    "mse": lambda p, y: ((p - y) ** 2).mean(),
    "mae": lambda p, y: {loss},
}}


def step(model, x, y, name):
    LOSSES[name](model(x), y).backward()
"""
STEPS = {
    "a decorator": (
        DECORATED.format(head="", decorator="\n    @torch.no_grad()"),
        DECORATED.format(head="", decorator=""),
    ),
    "a block around a loop": (
        LOOP + "        with torch.no_grad():\n            for x, y in loader:\n"
        "                self.criterion(self.model(x), y).backward()\n",
        LOOP + "        for x, y in loader:\n            self.criterion(self.model(x), y).backward()\n",
    ),
    "inference mode and the leaf that hides it": (
        HANDED + "        with torch.inference_mode():\n            loss = criterion(model(x), y)\n"
        "        loss.requires_grad = True\n        loss.backward()\n",
        HANDED + "        loss = criterion(model(x), y)\n        loss.backward()\n",
    ),
    "a step of Lightning": (
        LIGHTNING + "        with torch.no_grad():\n            out = self.net(x)\n        return F.mse_loss(out, y)\n",
        LIGHTNING + "        out = self.net(x)\n        return F.mse_loss(out, y)\n",
    ),
    "a loss of Transformers": (
        TRANSFORMERS + "        loss = F.cross_entropy(outputs.logits.detach(), inputs['labels'])\n"
        "        loss.requires_grad = True\n        return (loss, outputs) if return_outputs else loss\n",
        TRANSFORMERS + "        loss = F.cross_entropy(outputs.logits, inputs['labels'])\n"
        "        return (loss, outputs) if return_outputs else loss\n",
    ),
    "a sum that starts at nought, of rows that are picked": (
        PICKED + "        loss += criterion(out[:, column], Y[index][:, column]).item()\n"
        "    loss = torch.tensor(loss, requires_grad=True)\n    loss.backward()\n",
        PICKED + "        loss += criterion(out[:, column], Y[index][:, column])\n    loss.backward()\n",
    ),
    "a tuple of outputs": (
        PAIR + "    z = ((y - mu) / sigma).detach()\n    loss = (z**2 / 2 + sigma.detach().log()).mean()\n"
        "    loss.requires_grad_(True)\n    loss.backward()\n",
        PAIR + "    z = (y - mu) / sigma\n    loss = (z**2 / 2 + sigma.log()).mean()\n"
        "    loss.requires_grad_(True)\n    loss.backward()\n",
    ),
    "a lambda in a table": (
        TABLE.format(loss="torch.tensor((p - y).abs().mean().item())"),
        TABLE.format(loss="(p - y).abs().mean()"),
    ),
}
VARIABLE = "w = tf.Variable([1.0, 2.0])\ny = tf.constant([0.5, 0.5])\noptimizer = tf.keras.optimizers.SGD(0.1)\n"
KERAS = {
    "a lambda": (
        VARIABLE + "optimizer.minimize(lambda: np.mean(np.square(w - y)), var_list=[w])\n",
        VARIABLE + "optimizer.minimize(lambda: tf.reduce_mean(tf.square(w - y)), var_list=[w])\n",
    ),
    "a function": (
        VARIABLE + "\n\ndef loss_fn():\n    return tf.reduce_mean(np.abs(w.numpy() - y))\n\n\n"
        "optimizer.minimize(loss_fn, [w])\n",
        VARIABLE + "\n\ndef loss_fn():\n    return tf.reduce_mean(tf.abs(w - y))\n\n\n"
        "optimizer.minimize(loss_fn, [w])\n",
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


@pytest.mark.torch
@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_mended(name: str, verifier: Verifier) -> None:
    broken, right = (TORCH + each for each in STEPS[name])

    outcome = fix_source(broken, "a.py", verifier)

    assert outcome.text == right
    assert {each.fix.status for each in outcome.findings} == {"verified"}


@pytest.mark.torch
@pytest.mark.parametrize("name", STEPS)
def test_a_mended_step_is_right(name: str) -> None:
    assert fix_source(TORCH + STEPS[name][1], "a.py", NOTHING_RUN).findings == ()


WRONG = {
    "other rows": (
        "a sum that starts at nought, of rows that are picked",
        PICKED + "        loss += criterion(out[:, column], Y[:8][:, column])\n    loss.backward()\n",
        "",
    ),
    "a sum that starts elsewhere": (
        "a sum that starts at nought, of rows that are picked",
        PICKED.replace("loss = 0", "loss = out.sum()")
        + "        loss += criterion(out[:, column], Y[index][:, column])\n    loss.backward()\n",
        "the value differs",
    ),
    "half of the gradient": (
        "a tuple of outputs",
        PAIR + "    z = (y - mu) / sigma\n    loss = (z**2 / 2 + sigma.detach().log()).mean()\n    loss.backward()\n",
        "is wrong",
    ),
    "the other output": (
        "a tuple of outputs",
        PAIR.replace("mu, sigma = model", "sigma, mu = model")
        + "    z = (y - mu) / sigma\n    loss = (z**2 / 2 + sigma.log()).mean()\n    loss.backward()\n",
        "",
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", WRONG)
def test_a_step_that_is_mended_wrongly_is_refused(name: str, verifier: Verifier) -> None:
    step, wrong, reason = WRONG[name]
    before = Looks().lifted(TORCH + STEPS[step][0], "torch", 0)
    assert before is not None
    after = Looks().lifted(TORCH + wrong, "torch", 0, like=before)
    assert after is not None
    asked = Request(
        "a.py", "torch", before.target, before.text, (after.text,), given=before.given, asked_at=before.asked_at
    )

    verdict = verifier.verify(asked)

    assert verdict.status == "rejected", verdict
    assert reason in verdict.reason


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", KERAS)
def test_what_minimize_is_given_is_mended(name: str, verifier: Verifier) -> None:
    broken, right = (TENSORFLOW + each for each in KERAS[name])

    outcome = fix_source(broken, "a.py", verifier)

    assert outcome.text.replace("import numpy as np\n", "") == right.replace("import numpy as np\n", "")
    assert {each.fix.status for each in outcome.findings} == {"verified"}


@pytest.mark.torch
def test_the_evidence_says_what_stood_for_a_loss_that_the_step_is_handed(verifier: Verifier) -> None:
    handed = fix_source(TORCH + STEPS["inference mode and the leaf that hides it"][0], "a.py", verifier)
    own = fix_source(TORCH + STEPS["a block around a loop"][0], "a.py", verifier)

    both = (handed.findings, own.findings)
    said = [[each.fix.evidence.inputs for each in found if each.fix.evidence] for found in both]
    assert all("with the mean squared error in place of criterion" in one for inputs in said[0] for one in inputs)
    assert not any("mean squared error" in one for inputs in said[1] for one in inputs)
    assert said[0]
    assert said[1]
