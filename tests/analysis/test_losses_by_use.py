"""Losses are found by what consumes them, whoever that is and however they get there."""

from __future__ import annotations

import pytest

from tests.analysis.programs import diagnosed

TORCH = """import functools
from functools import partial
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F
import lightning
from transformers import Trainer

def mae(p, y):
    return np.abs(p - y).mean()

"""
KERAS = """import keras
import numpy as np
import tensorflow as tf
from functools import partial

def mae(y_true, y_pred):
    return np.mean(np.abs(y_true - y_pred))

"""


def _found(source: str) -> list[tuple[str, str]]:
    return [(each.loss, cut.operation) for each in diagnosed(source) for cut in each.cuts]


@pytest.mark.parametrize(
    "program",
    [
        "def step(model, x, y):\n    torch.autograd.grad(mae(model(x), y), model.parameters())\n",
        "def step(model, x, y):\n    torch.autograd.backward([mae(model(x), y)])\n",
        "def step(model, x, y, accelerator):\n    accelerator.backward(mae(model(x), y))\n",
        "def step(model, x, y, scaler):\n    scaler.scale(mae(model(x), y)).backward()\n",
        "class T:\n    def step(self, x, y):\n        self.fabric.backward(mae(self.model(x), y))\n",
        "def fit(model, x, y, optimizer):\n    def closure():\n"
        "        loss = mae(model(x), y)\n        loss.backward()\n"
        "        return loss\n    optimizer.step(closure)\n",
        "crit = partial(mae, y=labels)\ndef step(model, x):\n    crit(model(x)).backward()\n",
        "LOSSES = {'mse': F.mse_loss, 'mae': mae}\n"
        "def step(model, x, y, name):\n    LOSSES[name](model(x), y).backward()\n",
        "LOSSES = {'mse': F.mse_loss, 'mae': mae}\ndef step(model, x, y):\n    LOSSES['mae'](model(x), y).backward()\n",
        "def step(model, x, y):\n    total = 0\n    for f in [F.mse_loss, mae]:\n"
        "        total = total + f(model(x), y)\n    total.backward()\n",
        "def fit(model, loader, criterion):\n    for x, y in loader:\n        criterion(model(x), y).backward()\n"
        "def main():\n    fit(nn.Linear(3, 1), loader, mae)\n",
        "class T:\n    def __init__(self):\n        self.criterion = mae\n    def step(self, x, y):\n"
        "        self.criterion(self.model(x), y).backward()\n",
        "class M(lightning.LightningModule):\n    def training_step(self, batch, i):\n        x, y = batch\n"
        "        return mae(self(x), y)\n",
        "class M(lightning.LightningModule):\n    def training_step(self, batch, i):\n        x, y = batch\n"
        "        return {'n': len(x), 'loss': mae(self.net(x), y)}\n",
        "class T(Trainer):\n    def compute_loss(self, model, inputs, return_outputs=False):\n"
        "        loss = mae(model(inputs['x']), inputs['y'])\n        return (loss, 1) if return_outputs else loss\n",
        "def step(model, x, y):\n    losses = {'mae': mae(model(x), y), 'mse': F.mse_loss(model(x), y)}\n"
        "    sum(losses.values()).backward()\n",
    ],
)
def test_found_in_torch(program: str) -> None:
    assert _found(TORCH + program) == [("mae", "np.abs(p - y)")]


@pytest.mark.parametrize(
    "program",
    [
        "model.compile('adam', loss={'one': 'mse', 'two': mae})\n",
        "model.compile('adam', loss=['mse', mae])\n",
        "model.compile('adam', loss=keras.losses.LossFunctionWrapper(mae))\n",
        "class M(keras.Model):\n    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):\n"
        "        return mae(y, y_pred)\n",
        "class M(keras.Model):\n    def train_step(self, batch):\n        x, y = batch\n"
        "        with tf.GradientTape() as tape:\n            loss = mae(y, self(x, training=True))\n"
        "        tape.gradient(loss, self.trainable_variables)\n",
        "class R(keras.layers.Layer):\n    def call(self, inputs):\n        self.add_loss(mae(0.0, inputs))\n"
        "        return inputs\n",
        "class L(keras.losses.Loss):\n    def call(self, y_true, y_pred):\n        return mae(y_true, y_pred)\n",
        "def step(model, x, y, adam):\n    adam.minimize(lambda: mae(y, model(x)), model.trainable_variables)\n",
    ],
)
def test_found_in_keras(program: str) -> None:
    assert _found(KERAS + program) == [("mae", "np.abs(y_true - y_pred)")]


@pytest.mark.parametrize(
    "program",
    [
        "class M(lightning.LightningModule):\n    def validation_step(self, batch, i):\n        x, y = batch\n"
        "        return mae(self(x).detach(), y)\n",
        "class M(lightning.LightningModule):\n    def training_step(self, batch, i):\n        x, y = batch\n"
        "        loss = F.mse_loss(self(x), y)\n        return {'mae': mae(self(x).detach(), y), 'loss': loss}\n",
        "class M(lightning.LightningModule):\n    def training_step(self, batch, i):\n        x, y = batch\n"
        "        loss = F.mse_loss(self(x), y)\n        self.log('mae', loss.item())\n        return loss\n",
        "LOSSES = {'mse': F.mse_loss, 'mae': mae}\ndef step(model, x, y):\n    LOSSES['mse'](model(x), y).backward()\n",
        "def fit(model, loader, criterion, metric):\n    for x, y in loader:\n"
        "        criterion(model(x), y).backward()\n        print(metric(model(x), y))\n"
        "def main():\n    fit(nn.Linear(3, 1), loader, F.mse_loss, mae)\n",
        "class T:\n    def run(self, batch, train=True):\n        loss = F.mse_loss(self.model(batch), batch)\n"
        "        if train:\n            loss.backward()\n        return loss\n    def fit(self, batches):\n"
        "        self.run(batches[0])\n        with torch.no_grad():\n            self.run(batches[1], False)\n",
        "def attack(model, x, y):\n    x = model.encode(x)\n    start = x.detach().clone().requires_grad_()\n"
        "    torch.autograd.grad(F.mse_loss(model(start), y), start)\n",
        "xp = np if cpu else torch\ndef step(model, x, y):\n    xp.abs(model(x) - y).mean().backward()\n",
        "def learn(critic, target_critic, batch):\n    target = []\n    for reward, state in batch:\n"
        "        target.append(reward + 0.9 * target_critic(state))\n    target = torch.tensor(target)\n"
        "    F.mse_loss(critic(batch), target).backward()\n",
        "def play(agent, env):\n    state = env.reset()\n    while True:\n"
        "        value = agent(torch.tensor([state]))\n"
        "        state, reward = env.step(value)\n        (reward - value).pow(2).mean().backward()\n",
        "class T(Trainer):\n    def compute_metrics(self, predictions):\n        return mae(predictions.detach(), 0)\n",
    ],
)
def test_silent_in_torch(program: str) -> None:
    assert _found(TORCH + program) == []


@pytest.mark.parametrize(
    "program",
    [
        "model.compile('adam', loss={'one': 'mse'}, metrics={'one': mae})\n",
        "class M(keras.metrics.Metric):\n    def update_state(self, y_true, y_pred):\n        mae(y_true, y_pred)\n",
        "class M(keras.Model):\n    def test_step(self, batch):\n        x, y = batch\n"
        "        return {'mae': mae(y, self(x))}\n",
        "class R(keras.layers.Layer):\n    def call(self, inputs):\n        self.add_loss(tf.reduce_mean(inputs))\n"
        "        return inputs\nx = R()(keras.layers.Dense(3)(inputs))\nwith tf.GradientTape() as tape:\n    pass\n",
    ],
)
def test_silent_in_keras(program: str) -> None:
    assert _found(KERAS + program) == []


@pytest.mark.parametrize(
    ("program", "by"),
    [
        (f"{TORCH}class T(Trainer):\n    def compute_loss(self, model, inputs):\n"
         "        return mae(model(**inputs), inputs['labels'])\n", "backward"),
        (f"{TORCH}class M(lightning.LightningModule):\n    def training_step(self, batch, i):\n"
         "        return mae(self(batch[0]), batch[1])\n", "backward"),
        (f"{KERAS}class M(keras.Model):\n    def compute_loss(self, x, y, y_pred, sample_weight=None):\n"
         "        return mae(y, y_pred)\n", "fit"),
    ],
)  # fmt: skip
def test_a_trainer_differentiates_in_its_own_way(program: str, by: str) -> None:
    assert {each.use.by for each in diagnosed(program)} == {by}
