"""Right code across several files, on which nothing may be reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.projects import found, written

PROJECTS = {
    "logging": """
# train.py
import torch
from logs import log
from losses import loss_fn
def step(model, x, y):
    loss = loss_fn(model(x), y)
    log(loss)
    loss.backward()
# logs.py
def log(value):
    print(value.item())
# losses.py
import torch
def loss_fn(p, y):
    return (p - y).abs().mean()
""",
    "metric": """
# train.py
import torch
from metrics import accuracy
def step(model, x, y):
    out = model(x)
    acc = accuracy(out, y)
    loss = torch.nn.functional.cross_entropy(out, y)
    loss.backward()
    return loss.item(), acc
# metrics.py
import numpy as np
import torch
def accuracy(p, y):
    return (p.detach().cpu().numpy().argmax(1) == y.cpu().numpy()).mean()
""",
    "teacher": """
# train.py
import torch
import torch.nn.functional as F
from teacher import soft_targets
def step(student, teacher, x):
    targets = soft_targets(teacher, x)
    loss = F.mse_loss(student(x), targets)
    loss.backward()
# teacher.py
import torch
@torch.no_grad()
def soft_targets(teacher, x):
    return teacher(x).detach()
""",
    "an average of the weights": """
# train.py
import torch
from ema import update
def step(model, shadow, x, y):
    loss = (model(x) - y).abs().mean()
    loss.backward()
    update(model, shadow)
# ema.py
import torch
def update(model, shadow):
    for p, q in zip(model.parameters(), shadow.parameters()):
        q.data = 0.9 * q.data + 0.1 * p.data
""",
    "missing": """
# train.py
import torch
from nowhere import loss_fn
def step(model, x, y):
    loss_fn(model(x), y).backward()
""",
    "broken file": """
# train.py
import torch
from losses import loss_fn
def step(model, x, y):
    loss_fn(model(x), y).backward()
# losses.py
def loss_fn(p, y:
""",
    "circle": """
# train.py
import torch
from a import loss_fn
def step(model, x, y):
    loss_fn(model(x), y).backward()
# a.py
from b import loss_fn
# b.py
from a import loss_fn
""",
    "circle of stars": """
# train.py
import torch
from a import *
def step(model, x, y):
    loss_fn(model(x), y).backward()
# a.py
from b import *
# b.py
from a import *
""",
    "recursion": """
# train.py
import torch
from a import f
def step(model, x, y):
    f(model(x), y).backward()
# a.py
from b import g
def f(p, y):
    return g(p, y)
# b.py
from a import f
def g(p, y):
    return f(p, y)
""",
    "straight through": """
# train.py
import torch
from quant import quantize
def step(model, x, y):
    z = quantize(model(x))
    ((z - y) ** 2).mean().backward()
# quant.py
import torch
def quantize(z):
    return z + (torch.round(z) - z).detach()
""",
    "a codebook": """
# train.py
import torch
from vq import commitment
def step(model, book, x, y):
    z = model(x)
    loss = ((z - y) ** 2).mean() + commitment(z, book(z))
    loss.backward()
# vq.py
def commitment(z, q):
    return ((z.detach() - q) ** 2).mean() + 0.25 * ((z - q.detach()) ** 2).mean()
""",
    "a critic": """
# train.py
import torch
from gan import critic_loss
def step(generator, critic, x, z):
    fake = generator(z)
    loss = critic_loss(critic, x, fake)
    loss.backward()
# gan.py
def critic_loss(critic, real, fake):
    return critic(fake.detach()).mean() - critic(real).mean()
""",
    "the insides of a model": """
# train.py
import torch
from models import Net
model = Net()
def step(x, y):
    loss = ((model(x) - y) ** 2).mean()
    loss.backward()
# models.py
import torch
import numpy as np
class Net(torch.nn.Module):
    def forward(self, x):
        return torch.tensor(np.abs(x.detach().numpy()))
""",
    "class weights from labels": """
# train.py
import torch
from balance import class_weights
def step(model, x, y):
    w = class_weights(y)
    loss = torch.nn.functional.cross_entropy(model(x), y, weight=w)
    loss.backward()
# balance.py
import numpy as np
import torch
def class_weights(y):
    return torch.tensor(1 / np.bincount(y.numpy()))
""",
    "matcher": """
# train.py
import torch
from matcher import match
def step(model, x, y):
    p = model(x)
    i, j = match(p, y)
    loss = (p[i] - y[j]).abs().mean()
    loss.backward()
# matcher.py
import torch
from scipy.optimize import linear_sum_assignment
def match(p, y):
    cost = torch.cdist(p, y).detach().cpu().numpy()
    return linear_sum_assignment(cost)
""",
    "own gradient": """
# train.py
import torch
from ops import Clip
def step(model, x, y):
    loss = Clip.apply(model(x)).mean()
    loss.backward()
# ops.py
import numpy as np
import torch
class Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.tensor(np.clip(x.detach().numpy(), 0, 1))
    @staticmethod
    def backward(ctx, g):
        return g
""",
    "own gradient helper": """
# train.py
import torch
from ops import clip
def step(model, x, y):
    loss = clip(model(x)).mean()
    loss.backward()
# ops.py
import numpy as np
import torch
class Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.tensor(np.clip(x.detach().numpy(), 0, 1))
    @staticmethod
    def backward(ctx, g):
        return g
def clip(x):
    return Clip.apply(x)
""",
    "rl returns": """
# train.py
import torch
from rl import gae
def step(policy, value, states, rewards):
    v = value(states)
    advantages = gae(rewards, v)
    loss = -(policy(states) * advantages).mean() + (v - rewards).pow(2).mean()
    loss.backward()
# rl.py
import numpy as np
import torch
def gae(rewards, values):
    v = values.detach().cpu().numpy()
    return torch.tensor(np.cumsum(rewards - v))
""",
    "evaluation": """
# train.py
import torch
from evaluate import evaluate
def fit(model, data, valid):
    for x, y in data:
        loss = (model(x) - y).abs().mean()
        loss.backward()
    print(evaluate(model, valid))
# evaluate.py
import torch
def evaluate(model, data):
    total = 0
    with torch.no_grad():
        for x, y in data:
            total += (model(x) - y).abs().mean().item()
    return total
""",
    "plots": """
# train.py
import torch
from plots import show
def step(model, x, y):
    out = model(x)
    show(out)
    (out - y).abs().mean().backward()
# plots.py
import matplotlib.pyplot as plt
def show(out):
    plt.plot(out.detach().numpy())
""",
    "reduced for printing": """
# train.py
import torch
from dist import reduce_dict
def step(model, x):
    losses = model(x)
    total = sum(losses.values())
    reduced = reduce_dict(losses)
    print(sum(reduced.values()).item())
    total.backward()
# dist.py
import torch
def reduce_dict(d):
    with torch.no_grad():
        return {k: v.detach() for k, v in d.items()}
""",
    "stdlib name": """
# train.py
import torch
import statistics
def step(model, x, y):
    (model(x) - y).abs().mean().backward()
    print(statistics.mean([1, 2]))
# statistics.py
def mean(x):
    return x.detach().numpy()
""",
    "outside of the project": """
# pkg/__init__.py
# pkg/train.py
import torch
from ....elsewhere import loss_fn
def step(model, x, y):
    loss_fn(model(x), y).backward()
""",
    "right class": """
# train.py
import torch
from losses import FocalLoss
criterion = FocalLoss(gamma=2)
def step(model, x, y):
    loss = criterion(model(x), y)
    loss.backward()
# losses.py
import torch
class FocalLoss(torch.nn.Module):
    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma
    def forward(self, p, y):
        w = (1 - p.exp()).detach() ** self.gamma
        return (w * -p.gather(1, y)).mean()
""",
    "keras metric": """
# train.py
import tensorflow as tf
from metrics import iou
model = tf.keras.Sequential([])
model.compile(optimizer='adam', loss='mse', metrics=[iou])
# metrics.py
import numpy as np
import tensorflow as tf
def iou(y_true, y_pred):
    return tf.numpy_function(lambda a, b: np.mean(a == b), [y_true, y_pred], tf.float32)
""",
    "a helper for metrics beside a right loss": """
# train.py
import torch
from helpers import to_np
from losses import my_loss
def step(model, x, y):
    out = model(x)
    loss = my_loss(out, y)
    loss.backward()
    return to_np(out).mean(), to_np(loss)
# losses.py
import torch
from helpers import to_np
def my_loss(p, y):
    weight = float(to_np(y).mean())
    return (p - y).abs().mean() * weight
# helpers.py
def to_np(t):
    return t.detach().cpu().numpy()
""",
    "a trainer that is given a right loss": """
# engine.py
import torch
def train(model, loader, criterion):
    for x, y in loader:
        loss = criterion(model(x), y)
        loss.backward()
        print(loss.item())
# main.py
import torch
from engine import train
def my_loss(p, y):
    return (p - y).abs().mean()
train(torch.nn.Linear(3, 1), data, my_loss)
""",
    "a broken metric that only a report asks for": """
# losses.py
import numpy as np
import torch
def combined(p, y):
    return torch.tensor(np.abs(p - y).mean())
# report.py
import torch
from losses import combined
def report(model, x, y):
    with torch.no_grad():
        print(combined(model(x), y))
""",
    "a momentum encoder": """
# train.py
import torch
import torch.nn.functional as F
from moco import keys
def step(encoder, momentum_encoder, a, b):
    q = encoder(a)
    k = keys(momentum_encoder, b)
    loss = F.cross_entropy(q @ k.T, torch.arange(len(q)))
    loss.backward()
# moco.py
import torch
def keys(encoder, x):
    with torch.no_grad():
        return encoder(x)
""",
    "a model of another file that knows its loss, and a metric": """
# train.py
import torch
from mixture import Mixture
model = Mixture(3)
for x, y in batches:
    loss = model.loss(x, y)
    loss.backward()
    print(model.error(x, y))
# mixture.py
import numpy as np
import torch
from torch import nn
class Mixture(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.weights, self.means = nn.Linear(size, 3), nn.Linear(size, 3)
        self.running = 0.0
    def forward(self, x):
        return torch.log_softmax(self.weights(x), dim=-1), self.means(x)
    def loss(self, x, y):
        weights, means = self(x)
        loss = -torch.logsumexp(weights - (y - means) ** 2, dim=-1).mean()
        self.running = 0.9 * self.running + 0.1 * loss.item()
        return loss
    def error(self, x, y):
        weights, means = self(x)
        return np.abs((weights.exp() * means).sum(-1).detach().numpy() - y.numpy()).mean()
""",
}


@pytest.mark.parametrize("name", PROJECTS)
def test_right_code_stays_silent(tmp_path: Path, name: str) -> None:
    project = written(tmp_path, PROJECTS[name])
    files = [str(each.relative_to(project)) for each in sorted(project.rglob("*.py")) if _parses(each)]

    assert found(project, *files) == []
    assert [found(project, file) for file in files] == [[]] * len(files)


def _parses(file: Path) -> bool:
    return "(p, y:" not in file.read_text()
