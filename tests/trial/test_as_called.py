"""Losses run on what their module gives them: right patches are proven so, wrong ones refused, guesses stay."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator

import pytest

from autofix.trial.requests import plan_of_arguments
from autofix.verify.verifier import Verifier
from autofix.worker.as_called import kind_of
from tests.verify.asking import request

HEAD = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
# Qualified name, marked signature, the module around `LOSS`, the original, the right patch, a wrong one and why not.
PROGRAMS = {
    "a model of the module that says the width": (
        "generator_loss",
        "fake:p",
        """
        G, D = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
        def generator_loss(fake):
            return LOSS
        for step in range(3):
            fake = G(torch.randn(6, 3))
            generator_loss(fake).backward()
        """,
        "torch.tensor(-D(fake).mean().item(), requires_grad=True)",
        "-D(fake).mean()",
        ("-D(fake.detach()).mean()", "no gradient reaches fake"),
    ),
    "an object of tensors": (
        "total",
        "out:p y:t weight:n",
        """
        from collections import namedtuple
        Out = namedtuple("Out", ["features", "scores"])
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first, self.second = nn.Linear(6, 5), nn.Linear(5, 3)
            def forward(self, x):
                found = self.first(x)
                return Out(found, self.second(found))
        def total(out, y, weight):
            return LOSS
        net, x, y = Net(), torch.randn(7, 6), torch.randint(0, 3, (7,))
        total(net(x), y, weight=0.5).backward()
        """,
        "F.cross_entropy(out.scores, y) + weight * torch.tensor(np.mean(out.features.detach().numpy() ** 2))",
        "F.cross_entropy(out.scores, y) + weight * torch.mean(out.features ** 2)",
        ("F.cross_entropy(out.scores, y) + weight * torch.mean(out.features.detach() ** 2)", "is wrong"),
    ),
    "lengths that are a list of numbers": (
        "Trainer.loss",
        "tokens:t tags:t lengths:u",
        """
        class Tagger(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed, self.out = nn.Embedding(9, 4), nn.Linear(4, 3)
            def forward(self, tokens):
                return {"logits": self.out(self.embed(tokens))}
        class Trainer:
            def __init__(self, model):
                self.model = model
            def loss(self, tokens, tags, lengths):
                logits = self.model(tokens).get("logits")
                parts = [F.cross_entropy(logits[row, :n], tags[row, :n]) for row, n in enumerate(lengths)]
                return LOSS
            def step(self, tokens, tags, lengths):
                self.loss(tokens, tags, lengths).backward()
        if __name__ == "__main__":
            lengths = [5, 4, 2]
            tags = torch.randint(0, 3, (3, 5))
            Trainer(Tagger()).step(torch.randint(0, 9, (3, 5)), tags, lengths)
        """,
        "torch.tensor(np.mean([one.item() for one in parts]), requires_grad=True)",
        "torch.mean(torch.stack(parts))",
        ("torch.mean(torch.stack([parts[0], *[one.detach() for one in parts[1:]]]))", "is wrong"),
    ),
    "an instance that is called": (
        "Contrastive.forward",
        "pair:p same:t",
        """
        class Contrastive(nn.Module):
            def __init__(self, margin):
                super().__init__()
                self.margin = margin
            def forward(self, pair, same):
                a, b = pair
                return LOSS
        class Trainer:
            def __init__(self):
                self.encoder, self.criterion = nn.Linear(5, 3), None
                self.criterion = Contrastive(margin=2.0)
            def run(self, a, b, same):
                self.criterion((self.encoder(a), self.encoder(b)), same).backward()
        Trainer().run(torch.randn(6, 5), torch.randn(6, 5), torch.randint(0, 2, (6,)).float())
        """,
        "torch.tensor(np.mean(same.numpy() * np.linalg.norm((a - b).detach().numpy(), axis=1) + self.margin))",
        "torch.mean(same * torch.linalg.norm(a - b, dim=1) + self.margin)",
        ("torch.mean(same * torch.linalg.norm(a - b.detach(), dim=1) + self.margin)", "is wrong"),
    ),
    "an array of NumPy's": (
        "value_loss",
        "v:p returns:t",
        """
        critic = nn.Linear(4, 1)
        def value_loss(v, returns):
            return LOSS
        def learn(states, rewards):
            returns = np.array(rewards[::-1], dtype=np.float32)
            value_loss(critic(states)[:, 0], returns).backward()
        learn(torch.randn(6, 4), [0.1, 0.2, 0.3, 0.4, 0.5, 0.7])
        """,
        "torch.tensor(np.mean((returns - v.detach().numpy()) ** 2), requires_grad=True)",
        "torch.mean((torch.as_tensor(returns, dtype=v.dtype, device=v.device) - v) ** 2)",
        ("torch.mean((returns.clone() - v) ** 2)", "no attribute 'clone'"),
    ),
}


PASSED = """
def distance(p, y, agg=np.mean, scale=None):
    scale = scale or float
    return torch.tensor(scale(agg(np.abs(p.detach().numpy() - y.numpy()))))
distance(nn.Linear(3, 2)(torch.randn(5, 3)), torch.randn(5, 2), np.sum).backward()
"""


@pytest.mark.torch
@pytest.mark.parametrize(("agg", "status"), [("torch", "verified"), ("np", "rejected")])
def test_a_function_that_is_passed_has_its_default(verifier: Verifier, agg: str, status: str) -> None:
    original = HEAD + PASSED
    patch = original.replace("agg=np.mean", f"agg={agg}.mean").replace("np.sum)", f"{agg}.sum)")
    patch = patch.replace("scale or float", "scale or (lambda x: x)").replace(
        "torch.tensor(scale(agg(np.abs(p.detach().numpy() - y.numpy()))))", "scale(agg(torch.abs(p - y)))"
    )
    verdict = verifier.verify(request("torch", "distance", "p:p y:t agg:u scale:u", original, patch))
    assert verdict.status == status, verdict


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def texts_of(name: str) -> list[str]:
    _, _, around, original, right, (wrong, _) = PROGRAMS[name]
    return [HEAD + textwrap.dedent(around).replace("LOSS", each) for each in (original, right, wrong)]


@pytest.mark.torch
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_right_patch_is_proven_on_what_the_module_gives(verifier: Verifier, name: str) -> None:
    qualname, marked, *_ = PROGRAMS[name]
    original, right, _ = texts_of(name)
    verdict = verifier.verify(request("torch", qualname, marked, original, right))
    assert verdict.status == "verified", verdict


@pytest.mark.torch
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_wrong_patch_is_refused_there(verifier: Verifier, name: str) -> None:
    qualname, marked, *_, (_, reason) = PROGRAMS[name]
    original, _, wrong = texts_of(name)
    verdict = verifier.verify(request("torch", qualname, marked, original, wrong))
    assert verdict.status == "rejected", verdict
    assert reason in verdict.reason


SLOW = """
def loss(p, y):
    return LOSS
def made():
    time.sleep(60)
    return torch.randn(3, 2)
loss(made(), torch.randn(3, 2)).backward()
"""


@pytest.mark.torch
@pytest.mark.parametrize("making", ["time.sleep(60)", "open('data.bin')", "raise ValueError('no data')"])
def test_where_the_module_cannot_make_them_they_are_guessed(verifier: Verifier, making: str) -> None:
    around = HEAD + "import time\n" + SLOW.replace("time.sleep(60)", making)
    original = around.replace("LOSS", "torch.tensor(np.mean((p - y).detach().numpy() ** 2))")
    verdict = verifier.verify(
        request("torch", "loss", "p:p y:t", original, around.replace("LOSS", "((p - y) ** 2).mean()"))
    )
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert "p float[8, 10]" in verdict.evidence.inputs[0]


@pytest.mark.torch
def test_what_the_user_tells_holds_all_the_same(verifier: Verifier) -> None:
    told = "# autofix: inputs(p=float[4, 5], y=float[4, 5])\ndef loss(p, y):"
    around = HEAD + SLOW.replace("    time.sleep(60)\n", "").replace("def loss(p, y):", told)
    original = around.replace("LOSS", "torch.tensor(np.mean((p - y).detach().numpy() ** 2))")
    right = around.replace("LOSS", "((p - y) ** 2).mean()")
    verdict = verifier.verify(request("torch", "loss", "p:p y:t", original, right))
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert verdict.evidence.inputs[0].startswith("p float[4, 5], y float[4, 5]")


def test_the_plan_makes_them_as_the_module_does_and_trains_nothing() -> None:
    asked = request(
        "torch",
        "loss",
        "p:p y:t",
        """
        import torch
        model, data = torch.nn.Linear(3, 1), torch.randn(9, 3)
        def loss(p, y):
            return float((p - y).mean())
        for epoch in range(3):
            index = torch.randperm(9)[:4]
            optimizer.zero_grad()
            loss(model(data[index]), data[index, 0])
            optimizer.step()
        """,
    )
    plan = plan_of_arguments(asked, "a.py", "")
    assert plan is not None
    assert "index = torch.randperm(9)[:4]" in plan["text"].rpartition("def arguments_of_the_step")[2]
    assert "optimizer" not in plan["text"].rpartition("def arguments_of_the_step")[2]
    ast.parse(plan["text"])


@pytest.mark.parametrize("call", ["loss(model.evaluate(x), y)", "loss(*both)", "other(x)", "loss(np.load('p.npy'), y)"])
def test_there_is_no_plan_where_the_module_shows_none_or_would_do_more(call: str) -> None:
    text = (
        f"import torch\ndef loss(p, y):\n    return float((p - y).mean())\ndef run(x, y):\n    p = {call}\nrun(1, 2)\n"
    )
    assert plan_of_arguments(request("torch", "loss", "p:p y:t", text), "a.py", "") is None


@pytest.mark.parametrize(
    ("numbers", "shape", "kind"),
    [
        ([0.5, -2.0], [2], "normal"),
        ([0.5, 0.2], [2], "unit"),
        ([0.5, 3.0], [2], "positive"),
        ([-0.5, -3.0], [2], "negative"),
        ([0.0, 1.0, 1.0], [3], "binary"),
        ([-1.0, 1.0], [2], "sign"),
        ([0.25, 0.75, 0.5, 0.5], [2, 2], "simplex"),
        ([0.0, 1.0, 1.0, 0.0], [2, 2], "onehot"),
        ([], [0], "normal"),
    ],
)
def test_what_floats_are_like(numbers: list[float], shape: list[int], kind: str) -> None:
    assert kind_of(numbers, shape) == kind


IN_TENSORFLOW = """
import numpy as np
import tensorflow as tf

def whitened(y_true, y_pred):
    d = {}
    return {}

model = tf.keras.Sequential([tf.keras.layers.Dense(4)])
x, y = np.random.rand(12, 6).astype("float32"), np.random.rand(12, 4).astype("float32")

def train_step(a, b):
    with tf.GradientTape() as tape:
        loss = whitened(b, model(a))
    return tape.gradient(loss, model.trainable_variables)

for _ in range(3):
    train_step(x, y)
"""


@pytest.mark.tensorflow
@pytest.mark.parametrize(("patch", "status"), [("y_pred - y_true", "verified"), ("y_pred - y_pred", "rejected")])
def test_arrays_that_a_loop_gives_tensorflow_stay_arrays(verifier: Verifier, patch: str, status: str) -> None:
    original = IN_TENSORFLOW.format("y_pred.numpy() - y_true", "tf.reduce_mean(np.square(d.T @ d))")
    patched = IN_TENSORFLOW.format(patch, "tf.reduce_mean(tf.square(tf.transpose(d) @ d))")
    verdict = verifier.verify(request("tensorflow", "whitened", "y_true:t y_pred:p", original, patched))
    assert verdict.status == status, verdict
    if verdict.evidence is not None:
        assert verdict.evidence.inputs == ("y_true float[12, 4], y_pred float[12, 4]",)
