"""By cause: programs that have it, and right ones that look like it.

`torch(…)` and `keras(…)` stand for a loss of a prediction `p` and a target `y`, and a step that trains with it;
`step(…)` for the body of a loop over `x, y` with a `model`, an `optimizer` and a `criterion`; `tape(…)` for one of
TensorFlow.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

TORCH = """import math
import numpy as np
import scipy.special
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import Variable
"""
TENSORFLOW = """import math
import numpy as np
import scipy.special
import tensorflow as tf
from tensorflow import keras
"""


@dataclass(frozen=True)
class Programs:
    """The programs of one cause."""

    broken: tuple[str, ...]
    right: tuple[str, ...]


def torch(body: str) -> str:
    step = "def step(model, x, y):\n    loss_fn(model(x), y).backward()\n"
    return f"{TORCH}def loss_fn(p, y):\n{textwrap.indent(body, '    ')}\n{step}"


def keras(body: str) -> str:
    step = "model = keras.Sequential([keras.layers.Dense(3)])\nmodel.compile('adam', loss=loss_fn)\n"
    return f"{TENSORFLOW}def loss_fn(y, p):\n{textwrap.indent(body, '    ')}\n{step}"


def step(body: str) -> str:
    head = "model = nn.Linear(4, 3)\ncriterion = nn.MSELoss()\noptimizer = torch.optim.SGD(model.parameters())\n"
    return f"{TORCH}{head}for x, y in batches:\n{textwrap.indent(body, '    ')}\n    optimizer.step()\n"


def tape(body: str) -> str:
    head = "model = keras.Sequential([keras.layers.Dense(3)])\noptimizer = keras.optimizers.Adam()\n"
    return f"{TENSORFLOW}{head}for x, y in batches:\n{textwrap.indent(body, '    ')}\n"


ASKED = "grads = tape.gradient(loss, model.trainable_variables)"

PROGRAMS = {
    "AF101": Programs(
        broken=(
            torch("return np.mean(np.abs(p - y))"),
            torch("weight = np.exp(p)\nreturn (weight * (p - y) ** 2).mean()"),
            keras("return np.mean(np.square(y - p))"),
        ),
        right=(
            torch("return ((p - y) ** 2).mean() * np.log(2.0)"),
            torch("weight = torch.as_tensor(np.abs(y.numpy()))\nreturn (weight * (p - y) ** 2).mean()"),
            keras("return tf.reduce_mean(tf.square(y - p)) / np.prod(p.shape[1:])"),
        ),
    ),
    "AF102": Programs(
        broken=(
            torch("d = p.detach().numpy() - y.numpy()\nreturn torch.tensor((d ** 2).mean())"),
            torch("return torch.from_numpy(np.asarray(p)).mean()"),
            keras("return tf.reduce_mean(tf.abs(y - p.numpy()))"),
        ),
        right=(
            torch("print(p.detach().numpy())\nreturn F.mse_loss(p, y)"),
            torch("return F.mse_loss(p, torch.from_numpy(y.numpy()))"),
            step("out = model(x)\nhits = (out.detach().numpy() > 0).sum()\ncriterion(out, y).backward()\nprint(hits)"),
        ),
    ),
    "AF103": Programs(
        broken=(
            torch("return ((p.detach() - y) ** 2).mean()"),
            step("out = model(x).data\nloss = criterion(out, y)\nloss.backward()"),
            keras("return tf.reduce_mean(tf.square(tf.stop_gradient(p) - y))"),
        ),
        right=(
            torch("return F.mse_loss(p, p.detach() + y)"),
            step("out = model(x)\ntarget = model(y).detach()\nloss = criterion(out, target)\nloss.backward()"),
            keras("shift = tf.stop_gradient(tf.reduce_max(p))\nreturn tf.reduce_mean(tf.exp(p - shift) * y)"),
        ),
    ),
    "AF104": Programs(
        broken=(
            torch("total = 0\nfor a, b in zip(p, y):\n    total += (a - b).pow(2).item()\nreturn torch.tensor(total)"),
            torch("return torch.tensor(float(((p - y) ** 2).mean()))"),
            keras("return tf.constant(float(tf.reduce_mean(tf.abs(y - p))))"),
        ),
        right=(
            step("loss = criterion(model(x), y)\nloss.backward()\nrunning = loss.item()"),
            torch("scale = p.abs().max().item()\nreturn ((p - y) ** 2).mean() / scale"),
            tape(
                f"with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n{ASKED}\n"
                "print(float(loss))"
            ),
        ),
    ),
    "AF105": Programs(
        broken=(
            torch("return torch.tensor([F.l1_loss(p, y), F.mse_loss(p, y)]).sum()"),
            torch("return Variable(F.mse_loss(p, y))"),
            keras("return tf.Variable(tf.reduce_mean(tf.square(y - p)))"),
        ),
        right=(
            torch("return torch.stack([F.l1_loss(p, y), F.mse_loss(p, y)]).sum()"),
            torch("return F.mse_loss(p, torch.tensor([1.0, 2.0, 3.0]))"),
            torch("return F.mse_loss(torch.as_tensor(p), Variable(y))"),
        ),
    ),
    "AF106": Programs(
        broken=(
            torch("return ((p - y) ** 2).mean() + math.exp(p.mean())"),
            torch("return torch.tensor(math.sqrt(F.mse_loss(p, y)))"),
            keras("return math.log(tf.reduce_mean(tf.square(y - p)))"),
        ),
        right=(
            torch("return F.mse_loss(p, y) + 0.5 * math.log(2 * math.pi)"),
            torch("return F.mse_loss(p, y) / math.sqrt(p.shape[-1])"),
            keras("return tf.reduce_mean(tf.square(y - p)) * math.exp(-1.0)"),
        ),
    ),
    "AF107": Programs(
        broken=(
            torch("return (scipy.special.expit(p) - y).abs().mean()"),
            torch("from sklearn.metrics import mean_squared_error\nreturn F.mse_loss(p, y) + mean_squared_error(y, p)"),
            keras("return tf.reduce_mean(scipy.special.logsumexp(p, axis=1) - y)"),
        ),
        right=(
            torch("return F.mse_loss(p, torch.as_tensor(scipy.special.expit(y)))"),
            step(
                "from sklearn.metrics import f1_score\nout = model(x)\nprint(f1_score(y, out.detach().argmax(1)))\n"
                "criterion(out, y).backward()"
            ),
            keras("return tf.reduce_mean(tf.square(p - y)) * scipy.special.gamma(3.0)"),
        ),
    ),
    "AF108": Programs(
        broken=(
            keras("return tf.numpy_function(lambda a, b: np.mean(np.abs(a - b)), [y, p], tf.float32)"),
            keras("return tf.py_function(lambda a, b: np.mean((a - b) ** 2), [y, p], tf.float32)"),
            keras(
                "def inner(a, b):\n    return np.float32(np.max(a - b))\n\n"
                "return tf.py_function(inner, inp=[y, p], Tout=tf.float32)"
            ),
        ),
        right=(
            keras("y = tf.numpy_function(lambda a: np.sort(a), [y], tf.float32)\nreturn tf.reduce_mean(tf.abs(y - p))"),
            keras("tf.py_function(lambda a: print(a), [p], [])\nreturn tf.reduce_mean(tf.abs(y - p))"),
            f"{TENSORFLOW}@tf.custom_gradient\ndef loss_fn(y, p):\n"
            "    value = tf.numpy_function(lambda a, b: np.mean(np.abs(a - b)), [y, p], tf.float32)\n"
            "    return value, lambda up: (None, up * tf.sign(p - y))\n\n\n"
            "model = keras.Sequential([keras.layers.Dense(3)])\nmodel.compile('adam', loss=loss_fn)\n",
        ),
    ),
    "AF109": Programs(
        broken=(
            step("with torch.no_grad():\n    loss = criterion(model(x), y)\nloss.backward()"),
            f"{TORCH}@torch.no_grad()\ndef step(model, x, y):\n    F.mse_loss(model(x), y).backward()\n",
            f"{TORCH}import pytorch_lightning as pl\n\n\nclass Lit(pl.LightningModule):\n"
            "    def training_step(self, batch, index):\n        with torch.inference_mode():\n"
            "            return F.mse_loss(self.net(batch[0]), batch[1])\n",
        ),
        right=(
            step("with torch.no_grad():\n    print(model(x).mean())\ncriterion(model(x), y).backward()"),
            step(
                "with torch.no_grad():\n    with torch.enable_grad():\n        loss = criterion(model(x), y)\n"
                "        loss.backward()"
            ),
            step("with torch.set_grad_enabled(True):\n    loss = criterion(model(x), y)\nloss.backward()"),
        ),
    ),
    "AF201": Programs(
        broken=(
            torch("return (p.argmax(1) - y).float().abs().mean()"),
            torch("order = torch.argsort(p)\nreturn (order * y).float().sum()"),
            keras("return tf.reduce_mean(tf.cast(tf.argmax(p, axis=1), tf.float32) - y)"),
        ),
        right=(
            torch("return F.nll_loss(p, y.argmax(1))"),
            torch("hard = p.argmax(1)\nreturn F.cross_entropy(p, hard)"),
            step("out = model(x)\nprint(out.argmax(1))\ncriterion(out, y).backward()"),
        ),
    ),
    "AF202": Programs(
        broken=(
            torch("return (torch.round(p) - y).abs().mean()"),
            torch("return torch.sign(p - y).mean()"),
            keras("return tf.reduce_mean(tf.floor(p) - y)"),
        ),
        right=(
            torch("return (p - torch.round(y)).abs().mean()"),
            torch("q = p + (torch.round(p) - p).detach()\nreturn (q - y).abs().mean()"),
            keras("return tf.reduce_mean(tf.abs(p - tf.round(y)))"),
        ),
    ),
    "AF203": Programs(
        broken=(
            torch("return ((p > 0.5) != y).float().mean()"),
            torch("return torch.eq(p, y).float().mean()"),
            keras("return 1 - tf.reduce_mean(tf.cast(tf.greater(p, 0.5), tf.float32) * y)"),
        ),
        right=(
            torch("mask = (p > 0).float()\nreturn (mask * (p - y) ** 2).mean()"),
            torch("return ((p - y) ** 2)[y > 0].mean()"),
            keras("small = tf.abs(y - p) < 1.0\nreturn tf.where(small, 0.5 * tf.square(y - p), tf.abs(y - p) - 0.5)"),
        ),
    ),
    "AF204": Programs(
        broken=(
            torch("return (p.long() - y).float().mean()"),
            torch("return torch.mean((p.to(torch.int32) - y) * 1.0)"),
            keras("return tf.reduce_mean(tf.cast(tf.cast(p, tf.int32), tf.float32) - y)"),
        ),
        right=(
            torch("return F.cross_entropy(p, y.long())"),
            torch("return (p.double() - y).abs().mean()"),
            keras("return tf.reduce_mean(tf.gather(p, tf.cast(y, tf.int32), axis=1))"),
        ),
    ),
    "AF205": Programs(
        broken=(
            f"{TORCH}x, y = torch.randn(8, 5), torch.randn(8, 3)\nmodel = nn.Linear(5, 3)\n"
            "loss = (model(x) - y) ** 2\nloss.backward()\n",
            f"{TORCH}x, y = torch.randn(8, 5), torch.randn(8, 3)\nmodel = nn.Linear(5, 3)\n"
            "F.mse_loss(model(x), y, reduction='none').backward()\n",
            f"{TORCH}x, y = torch.randn(8, 5), torch.randn(8, 3)\nmodel = nn.Linear(5, 3)\n"
            "loss = (model(x) - y).abs().sum(dim=1)\nloss.backward()\n",
        ),
        right=(
            f"{TORCH}x, y = torch.randn(8, 5), torch.randn(8, 3)\nmodel = nn.Linear(5, 3)\n"
            "loss = (model(x) - y) ** 2\nloss.mean().backward()\n",
            f"{TORCH}x, y = torch.randn(8, 5), torch.randn(8, 3)\nmodel = nn.Linear(5, 3)\n"
            "loss = (model(x) - y) ** 2\nloss.backward(torch.ones_like(loss))\n",
            f"{TORCH}def step(model, x, y, loss_of):\n    loss = loss_of(model(x), y)\n    loss.backward()\n",
        ),
    ),
    "AF206": Programs(
        broken=(
            torch("return torch.where(p > 0, torch.log(p), torch.zeros_like(p)).mean()"),
            keras("return tf.reduce_mean(tf.where(p > 0, tf.sqrt(p), 0.0))"),
            torch("return torch.where(p != 0, y / p, torch.zeros_like(p)).mean()"),
            torch("return torch.where(torch.ge(p, 0), torch.sqrt(p), torch.zeros_like(p)).mean()"),
        ),
        right=(
            torch(
                "safe = torch.where(p > 0, p, torch.ones_like(p))\n"
                "return torch.where(p > 0, torch.log(safe), torch.zeros_like(p)).mean()"
            ),
            torch("return torch.sqrt(((p - y) ** 2).mean())"),
            keras("return tf.reduce_mean(tf.where(y > 0, tf.math.log(p), 0.0))"),
            torch("return torch.where(torch.ge(y, 0), torch.sqrt(p), torch.zeros_like(p)).mean()"),
        ),
    ),
    "AF207": Programs(
        broken=(
            f"{TORCH}model = nn.Sequential(nn.Linear(4, 1), nn.Softmax(dim=-1))\n"
            "for x, y in batches:\n    F.binary_cross_entropy(model(x), y).backward()\n",
            f"{TENSORFLOW}model = keras.Sequential([keras.layers.Dense(1, activation='softmax')])\n"
            "model.compile('adam', loss='binary_crossentropy')\n",
            torch("return torch.relu(-torch.abs(p)).mean()"),
        ),
        right=(
            f"{TORCH}model = nn.Sequential(nn.Linear(4, 2), nn.Softmax(dim=-1))\n"
            "for x, y in batches:\n    F.binary_cross_entropy(model(x), y).backward()\n",
            f"{TENSORFLOW}model = keras.Sequential([keras.layers.Dense(1, activation='sigmoid')])\n"
            "model.compile('adam', loss='binary_crossentropy')\n",
            torch("return torch.relu(1 - p * y).mean()"),
        ),
    ),
    "AF208": Programs(
        broken=(
            keras("return tf.reduce_mean(tf.square(y - y))"),
            torch("return F.mse_loss(y, y)"),
            keras("return tf.reduce_mean(tf.abs(y))"),
        ),
        right=(
            keras("return tf.reduce_mean(tf.square(y - p))"),
            torch("return F.mse_loss(p, y) + F.mse_loss(y, torch.zeros_like(y))"),
            keras("return tf.reduce_mean(p)"),
        ),
    ),
    "AF301": Programs(
        broken=(
            tape(f"p = model(x)\nwith tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - p))\n{ASKED}"),
            tape(f"with tf.GradientTape() as tape:\n    p = model(x)\nloss = tf.reduce_mean(tf.abs(y - p))\n{ASKED}"),
            tape(
                "with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n"
                "grads = tape.gradient(-loss, model.trainable_variables)"
            ),
        ),
        right=(
            tape(f"with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n{ASKED}"),
            tape(
                "before = model(x)\nwith tf.GradientTape() as tape:\n"
                f"    loss = tf.reduce_mean(tf.abs(y - model(x)))\n{ASKED}\nprint(before - model(x))"
            ),
            tape(
                "weight = tf.abs(y)\nwith tf.GradientTape() as tape:\n"
                f"    loss = tf.reduce_mean(weight * tf.abs(y - model(x)))\n{ASKED}"
            ),
            f"{TENSORFLOW}import tensorflow_probability as tfp\nlogits = tf.Variable([0.1, 0.2])\n"
            "law = tfp.distributions.Bernoulli(logits=logits)\nwith tf.GradientTape() as tape:\n"
            "    loss = -tf.reduce_mean(law.log_prob([0.0, 1.0]))\ngradient = tape.gradient(loss, [logits])\n",
            f"{TENSORFLOW}import tensorflow_probability as tfp\nmean = tf.Variable([0.1, 0.2])\n"
            "law = tfp.distributions.Beta.experimental_from_mean_variance(mean, 0.1)\n"
            "with tf.GradientTape() as tape:\n    value = law.concentration0\nslope = tape.gradient(value, mean)\n",
        ),
    ),
    "AF302": Programs(
        broken=(
            tape(
                "image = tf.convert_to_tensor(x)\nwith tf.GradientTape() as tape:\n"
                "    loss = tf.reduce_mean(model(image))\ngradient = tape.gradient(loss, image)"
            ),
            f"{TENSORFLOW}x = tf.constant([1.0, 2.0])\nwith tf.GradientTape() as tape:\n    y = x * x\n"
            "slope = tape.gradient(y, x)\n",
            f"{TENSORFLOW}def penalty(critic, real, fake):\n    mixed = 0.5 * real + 0.5 * fake\n"
            "    with tf.GradientTape() as tape:\n        score = critic(mixed)\n"
            "    slope = tape.gradient(score, mixed)\n    return tf.reduce_mean((tf.norm(slope) - 1) ** 2)\n",
        ),
        right=(
            tape(
                "image = tf.convert_to_tensor(x)\nwith tf.GradientTape() as tape:\n    tape.watch(image)\n"
                "    loss = tf.reduce_mean(model(image))\ngradient = tape.gradient(loss, image)"
            ),
            f"{TENSORFLOW}x = tf.Variable([1.0, 2.0])\nwith tf.GradientTape() as tape:\n    y = x * x\n"
            "slope = tape.gradient(y, x)\n",
            tape(
                "with tf.GradientTape() as tape:\n    hidden = model(x)\n    loss = tf.reduce_mean(hidden * y)\n"
                "gradient = tape.gradient(loss, hidden)"
            ),
        ),
    ),
    "AF303": Programs(
        broken=(
            step("loss = criterion(model(x).detach(), y)\nloss.requires_grad = True\nloss.backward()"),
            torch("return torch.tensor(F.mse_loss(p, y).item(), requires_grad=True)"),
            f"{TORCH}from transformers import Trainer\n\n\nclass Mine(Trainer):\n"
            "    def compute_loss(self, model, inputs, return_outputs=False):\n        outputs = model(**inputs)\n"
            "        loss = F.mse_loss(outputs.logits.detach(), inputs['labels'])\n        loss.requires_grad = True\n"
            "        return (loss, outputs) if return_outputs else loss\n",
        ),
        right=(
            step(
                "image = torch.tensor(x)\nimage.requires_grad = True\ncriterion(model(image), y).backward()\n"
                "image = image + 0.1 * image.grad.sign()"
            ),
            f"{TORCH}def invert(model, y):\n    code = torch.tensor(np.zeros(3), requires_grad=True)\n"
            "    optimizer = torch.optim.Adam([code])\n    F.mse_loss(model(code), y).backward()\n",
            f"{TORCH}def attack(model, x, y):\n    start = model(x).detach().numpy().mean(0)\n"
            "    latent = torch.tensor(start, requires_grad=True)\n    optimizer = torch.optim.SGD([latent], lr=1.0)\n"
            "    F.mse_loss(latent, y).backward()\n    optimizer.step()\n",
        ),
    ),
    "AF304": Programs(
        broken=(
            tape(
                "with tf.GradientTape() as tape:\n    p = model.predict(x)\n"
                f"    loss = tf.reduce_mean(tf.abs(y - p))\n{ASKED}"
            ),
            tape(
                "with tf.GradientTape() as tape:\n    p = model.predict_on_batch(x)\n"
                f"    loss = keras.losses.MeanSquaredError()(y, p)\n{ASKED}"
            ),
            f"{TENSORFLOW}def step(model, x, y):\n    with tf.GradientTape() as tape:\n"
            "        loss = tf.reduce_mean(tf.square(y - model.predict(x)))\n"
            "    return tape.gradient(loss, model.trainable_variables)\n",
        ),
        right=(
            tape(
                f"with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n{ASKED}\n"
                "print(model.predict(x))"
            ),
            tape(
                "target = teacher.predict(x)\nwith tf.GradientTape() as tape:\n"
                f"    loss = tf.reduce_mean(tf.abs(target - model(x)))\n{ASKED}"
            ),
            tape(
                "with tf.GradientTape() as tape:\n    boxes = model.predict(x, shapes)\n"
                f"    loss = model.loss(boxes, shapes)\n{ASKED}"
            ),
        ),
    ),
    "AF305": Programs(
        broken=(
            f"{TORCH}import torchvision\nmodel = torchvision.models.resnet18()\nmodel.fc = nn.Linear(512, 10)\n"
            "for p in model.parameters():\n    p.requires_grad = False\n"
            "optimizer = torch.optim.SGD(model.parameters(), lr=0.1)\nfor x, y in batches:\n"
            "    F.cross_entropy(model(x), y).backward()\n    optimizer.step()\n",
            f"{TORCH}import torchvision\nmodel = torchvision.models.vgg16()\nmodel.requires_grad_(False)\n"
            "optimizer = torch.optim.Adam(model.classifier.parameters())\nfor x, y in batches:\n"
            "    F.cross_entropy(model(x), y).backward()\n    optimizer.step()\n",
            f"{TORCH}import torchvision\nmodel = torchvision.models.vgg16().bfloat16()\nmodel.requires_grad_(False)\n"
            "optimizer = torch.optim.Adam(model.classifier.parameters())\nfor x, y in batches:\n"
            "    F.cross_entropy(model(x), y).backward()\n    optimizer.step()\n",
            tape(
                "with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n"
                "grads = tape.gradient(loss, [])"
            ),
        ),
        right=(
            f"{TORCH}import torchvision\nmodel = torchvision.models.resnet18()\nfor p in model.parameters():\n"
            "    p.requires_grad = False\nmodel.fc = nn.Linear(512, 10)\n"
            "optimizer = torch.optim.SGD(model.fc.parameters(), lr=0.1)\nfor x, y in batches:\n"
            "    F.cross_entropy(model(x), y).backward()\n    optimizer.step()\n",
            f"{TORCH}import torchvision\nmodel = torchvision.models.vgg16().bfloat16()\n"
            "model.features.requires_grad_(False)\n"
            "optimizer = torch.optim.Adam(model.classifier.parameters())\nfor x, y in batches:\n"
            "    F.cross_entropy(model(x), y).backward()\n    optimizer.step()\n",
            step("criterion(model(x), y).backward()\nfor p in model.parameters():\n    p.grad.clamp_(-1, 1)"),
            tape(f"with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n{ASKED}"),
        ),
    ),
    "AF306": Programs(
        broken=(
            tape(
                "with tf.GradientTape() as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n"
                "one = tape.gradient(loss, model.layers[0].trainable_variables)\n"
                "two = tape.gradient(loss, model.layers[1].trainable_variables)"
            ),
            f"{TENSORFLOW}x = tf.Variable(3.0)\nwith tf.GradientTape() as tape:\n    y, z = x * x, x ** 3\n"
            "a = tape.gradient(y, x)\nb = tape.gradient(z, x)\n",
            f"{TENSORFLOW}def step(g, d, x):\n    with tf.GradientTape() as tape:\n        fake = g(x)\n"
            "        g_loss, d_loss = tf.reduce_mean(d(fake)), -tf.reduce_mean(d(fake))\n"
            "    return tape.gradient(g_loss, g.trainable_variables), tape.gradient(d_loss, d.trainable_variables)\n",
        ),
        right=(
            tape(
                "with tf.GradientTape(persistent=True) as tape:\n    loss = tf.reduce_mean(tf.abs(y - model(x)))\n"
                "one = tape.gradient(loss, model.layers[0].trainable_variables)\n"
                "two = tape.gradient(loss, model.layers[1].trainable_variables)"
            ),
            f"{TENSORFLOW}x = tf.Variable(3.0)\nwith tf.GradientTape() as tape, tf.GradientTape() as other:\n"
            "    y, z = x * x, x ** 3\na = tape.gradient(y, x)\nb = other.gradient(z, x)\n",
            f"{TENSORFLOW}def step(model, x, y, short):\n    with tf.GradientTape() as tape:\n"
            "        loss = tf.reduce_mean(tf.abs(y - model(x)))\n    if short:\n"
            "        return tape.gradient(loss, model.layers[0].trainable_variables)\n"
            "    return tape.gradient(loss, model.trainable_variables)\n",
        ),
    ),
}
