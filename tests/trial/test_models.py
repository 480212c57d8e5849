"""Losses that are given a model or hold one: run with a stand-in; their wrong patches are still found out."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from autofix.trial.models import Model, models_of
from autofix.trial.requests import available_names, prepare
from autofix.trial.slices import Slice, slice_module
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

HEAD = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"


def models(text: str, qualname: str = "loss") -> dict[str, Model]:
    text = textwrap.dedent(text)
    sliced = slice_module(text, qualname, None)
    assert isinstance(sliced, Slice)
    return {one.name: one for one in models_of(sliced.function, sliced.used, available_names(ast.parse(text), sliced))}


# What a loss does with `model`, and what that has to return.
USES = {
    "out = model(x); return out - y": ("tensor", ("",)),
    "return model(x).squeeze(1) - y": ("tensor", ("",)),
    "out = model(x); return out[0] - y": ("tensor", ("",)),
    "mu, logvar = model(x); return mu - logvar": ("tuple", ("mu", "logvar")),
    "out = model(x); mu, logvar = out; return mu - logvar": ("tuple", ("mu", "logvar")),
    "return model(x).logits - y": ("fields", ("logits",)),
    "out = model(x); return out['a'] + out.get('b') - y": ("fields", ("a", "b")),
    "return sum(a - b for a, b in zip(model(x), model(y)))": ("tuple", ("", "")),
}


@pytest.mark.parametrize("body", USES)
def test_what_is_done_with_a_result_says_what_it_is(body: str) -> None:
    pack = models(f"def loss(model, x, y):\n    {body}")["model"].paths[""]

    assert (pack.pack, pack.keys) == USES[body]


@pytest.mark.parametrize(
    ("signature", "body", "expected"),
    [
        ("p, agg=np.mean", "return agg(p)", []),
        ("p, *, agg=mean", "return agg(p)", []),
        ("p, agg=None", "agg = agg or np.mean\n    return agg(p)", []),
        ("p, agg=None", "if agg is None:\n        agg = np.mean\n    return agg(p)", []),
        ("p, agg=None", "return agg(p)", ["agg"]),
        ("p, agg", "return agg(p)", ["agg"]),
    ],
)
def test_what_has_a_function_where_none_is_given_is_no_model(signature: str, body: str, expected: list[str]) -> None:
    assert list(models(f"def loss({signature}):\n    {body}")) == expected


def test_methods_attributes_and_what_a_model_is_fed_with() -> None:
    text = "def loss(model, x):\n    z = model.encode(x)\n    return model.decode(z).view(-1, model.config.width)"
    found = models(text)

    assert set(found["model"].paths) == {"encode", "decode"}
    assert (list(found["model"].numbers), found["model"].fed) == (["config.width"], frozenset({"x", "z"}))


NO_MODELS = {
    "a tensor's methods": "def loss(p, t):\n    return p.detach().sub(t).mean()",
    "a function of the module": "def norm(x):\n    return x\n\ndef loss(p, t):\n    return norm(p) - t",
    "a class of the module": "class Norm:\n    pass\n\ndef loss(p, t):\n    return Norm(p) - t",
    "what is imported": "from torch import norm\ndef loss(p, t):\n    return norm(p - t)",
    "a built-in": "def loss(p, t):\n    return sum(p) - max(t)",
    "what the module makes": "import torch\nnorm = torch.nn.ReLU()\ndef loss(p, t):\n    return norm(p) - t",
    "a function made inside": "def loss(p, t):\n    norm = lambda x: x\n    return norm(p) - t",
    "a call for its effect": "def loss(log, p, t):\n    log(p)\n    return p - t",
    "what a model is told": "def loss(model, p, t):\n    model.train()\n    return p - t",
}


@pytest.mark.parametrize("name", NO_MODELS)
def test_what_a_loss_calls_and_is_no_model(name: str) -> None:
    assert models(NO_MODELS[name]) == {}


def test_a_method_of_its_own_is_no_model_and_an_attribute_is() -> None:
    found = models(
        """
        class Learner:
            def loss(self, x, y):
                return self.measure(self.net(x), y)
            def measure(self, p, y):
                return self.scale(p) - y
        """,
        "Learner.loss",
    )
    assert set(found) == {"self.net", "self.scale"}


def predictions(marked: str, text: str) -> list[str]:
    prepared: Any = prepare(request("torch", "loss", marked, text, text))
    return sorted(prepared["scenarios"][0]["predictions"])


def test_what_a_gradient_shall_reach() -> None:
    kl = "    return (t.softmax(-1) * (t.log_softmax(-1) - s.log_softmax(-1))).sum()"
    held = "def loss(student, teacher, x):\n    with torch.no_grad():\n        t = teacher(x)\n    s = student(x)\n"
    assert predictions("student:p teacher:t x:u", held + kl) == ["student"]
    free = "def loss(student, teacher, x):\n    t = teacher(x)\n    s = student(x)\n"
    assert predictions("student:p teacher:t x:u", free + kl) == ["student", "teacher", "x"]
    fed = "def loss(critic, fake):\n    return -critic(fake).mean()"
    assert predictions("critic:u fake:p", fed) == ["critic", "fake"]


# Marked signature; the original's body, the right patch, and wrong patches with the reason why each is refused.
LOSSES: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "a model and a batch": (
        "model:p batch:u",
        "x, y = batch; d = model(x).detach().numpy() - y.numpy()\n    return torch.tensor(np.sqrt(np.mean(d ** 2)))",
        "x, y = batch\n    return torch.sqrt(((model(x) - y) ** 2).mean())",
        {
            "x, y = batch\n    return torch.sqrt(((model(x).detach() - y) ** 2).mean())": "no gradient reaches model",
            "x, y = batch\n    return ((model(x) - y) ** 2).mean()": "the value differs",
        },
    ),
    "a discriminator": (
        "critic:u fake:p",
        "return torch.tensor(-np.mean(np.tanh(critic(fake).detach().numpy())))",
        "return -torch.tanh(critic(fake)).mean()",
        {
            "return -torch.tanh(critic(fake.detach())).mean()": "no gradient reaches fake",
            "return -torch.tanh(critic(torch.zeros_like(fake))).mean()": "the value differs",
        },
    ),
    "an evidence bound": (
        "vae:p x:t",
        "r, mu, lv = vae(x); m, v = mu.detach().numpy(), lv.detach().numpy()\n"
        "    k = np.mean(np.exp(v) + m ** 2 - v); return F.mse_loss(r, x) + torch.tensor(k)",
        "r, mu, lv = vae(x); return F.mse_loss(r, x) + (torch.exp(lv) + mu ** 2 - lv).mean()",
        {
            "r, mu, lv = vae(x); return F.mse_loss(r, x) + (torch.exp(lv) + mu.detach() ** 2 - lv).mean()":
                "the gradient of vae is wrong",
            "mu, r, lv = vae(x); return F.mse_loss(r, x) + (torch.exp(lv) + mu ** 2 - lv).mean()": "the value differs",
        },
    ),
    "a teacher": (
        "student:p teacher:t x:u",
        "with torch.no_grad():\n        t = teacher(x).softmax(-1)\n    s = student(x).log_softmax(-1)\n"
        "    return torch.tensor(-(t.numpy() * s.detach().numpy()).sum(-1).mean())",
        "with torch.no_grad():\n        t = teacher(x).softmax(-1)\n    s = student(x).log_softmax(-1)\n"
        "    return -(t * s).sum(-1).mean()",
        {
            "with torch.no_grad():\n        t = student(x).softmax(-1)\n    s = teacher(x).log_softmax(-1)\n"
            "    return -(t * s).sum(-1).mean()": "the value differs",
            "with torch.no_grad():\n        t = teacher(x).softmax(-1)\n        s = student(x).log_softmax(-1)\n"
            "    return -(t * s).sum(-1).mean()": "no gradient reaches student",
        },
    ),
    "derivatives inside": (
        "model:p x:t",
        "x = x.requires_grad_(True); u = model(x)\n"
        "    g = torch.autograd.grad(u.sum(), x, create_graph=True)[0]\n"
        "    h = torch.autograd.grad(g.sum(), x, create_graph=True)[0]\n"
        "    return torch.tensor(np.mean((h.detach().numpy() + np.sin(x.detach().numpy())) ** 2))",
        "x = x.requires_grad_(True); u = model(x)\n"
        "    g = torch.autograd.grad(u.sum(), x, create_graph=True)[0]\n"
        "    h = torch.autograd.grad(g.sum(), x, create_graph=True)[0]\n"
        "    return ((h + torch.sin(x)) ** 2).mean()",
        {
            "x = x.requires_grad_(True); u = model(x)\n"
            "    g = torch.autograd.grad(u.sum(), x, create_graph=True)[0]\n"
            "    h = torch.autograd.grad(g.sum(), x)[0]\n"
            "    return ((h + torch.sin(x)) ** 2).mean()": "no gradient reaches model",
            "x = x.requires_grad_(True); u = model(x)\n"
            "    h = torch.autograd.grad(u.sum(), x, create_graph=True)[0]\n"
            "    return ((h + torch.sin(x)) ** 2).mean()": "the value differs",
        },
    ),
    "tokens and their mask": (
        "model:p input_ids:p attention_mask:t",
        "z = model(input_ids, attention_mask=attention_mask).logits[:, :-1]\n"
        "    n = F.cross_entropy(z.reshape(-1, z.size(-1)), input_ids[:, 1:].reshape(-1), reduction='none')\n"
        "    m = attention_mask[:, 1:].reshape(-1).float()\n"
        "    return torch.tensor((n * m).sum().item() / m.sum().item())",
        "z = model(input_ids, attention_mask=attention_mask).logits[:, :-1]\n"
        "    n = F.cross_entropy(z.reshape(-1, z.size(-1)), input_ids[:, 1:].reshape(-1), reduction='none')\n"
        "    m = attention_mask[:, 1:].reshape(-1).float()\n"
        "    return (n * m).sum() / m.sum()",
        {
            "z = model(input_ids, attention_mask=attention_mask).logits[:, :-1]\n"
            "    n = F.cross_entropy(z.reshape(-1, z.size(-1)), input_ids[:, 1:].reshape(-1), reduction='none')\n"
            "    return n.mean()": "the value differs",
        },
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def function(marked: str, body: str) -> str:
    names = ", ".join(one.partition(":")[0] for one in marked.split())
    return f"{HEAD}\ndef loss({names}):\n    {body}\n"


@pytest.mark.torch
@pytest.mark.parametrize("name", LOSSES)
def test_right_patch_of_a_loss_with_a_model_is_verified(verifier: Verifier, name: str) -> None:
    marked, original, right, _ = LOSSES[name]
    verdict = verifier.verify(request("torch", "loss", marked, function(marked, original), function(marked, right)))

    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert "that returns float" in verdict.evidence.inputs[0]


@pytest.mark.torch
@pytest.mark.parametrize("name", LOSSES)
def test_wrong_patches_of_a_loss_with_a_model_are_rejected(verifier: Verifier, name: str) -> None:
    marked, original, _, wrong = LOSSES[name]
    for body, reason in wrong.items():
        verdict = verifier.verify(request("torch", "loss", marked, function(marked, original), function(marked, body)))
        assert (verdict.status, reason in verdict.reason) == ("rejected", True), verdict


@pytest.mark.torch
@pytest.mark.parametrize("name", LOSSES)
def test_a_right_loss_with_a_model_is_healthy(verifier: Verifier, name: str) -> None:
    marked, _, right, _ = LOSSES[name]
    verdict = verifier.verify(request("torch", "loss", marked, function(marked, right), function(marked, right)))

    assert verdict.status == "healthy", verdict


CRITIC = "tf.reduce_mean(tf.tanh(critic(fake, training=True)))"


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("patch", "status", "reason"),
    [
        (f"return -{CRITIC}", "verified", ""),
        (f"return -{CRITIC.replace('fake', 'tf.stop_gradient(fake)')}", "rejected", "no gradient reaches fake"),
        (f"return tf.stop_gradient(-{CRITIC})", "rejected", "no gradient reaches"),
    ],
)
def test_a_model_in_tensorflow(verifier: Verifier, patch: str, status: str, reason: str) -> None:
    head = "import numpy as np\nimport tensorflow as tf\n\ndef loss(critic, fake):\n    "
    original = head + "return tf.constant(-np.mean(np.tanh(critic(fake, training=True).numpy())))"
    verdict = verifier.verify(request("tensorflow", "loss", "critic:u fake:p", original, head + patch))

    assert (verdict.status, reason in verdict.reason) == (status, True), verdict
