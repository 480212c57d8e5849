"""What a loss holds constant on purpose stays as it is written where another part of it is rewritten."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue

HEADS: dict[Framework, str] = {
    "torch": "import numpy as np\nimport torch\nimport torch.nn.functional as F\n\n\n",
    "tensorflow": "import numpy as np\nimport tensorflow as tf\n\n\n",
}
STEPS: dict[Framework, str] = {
    "torch": "\n\ndef step(model, x, y):\n    loss(model(x), y).backward()\n",
    "tensorflow": "\n\ndef step(model, x, y):\n    with tf.GradientTape() as tape:\n        value = loss(model(x), y)\n"
    "    tape.gradient(value, model.trainable_variables)\n",
}


def _rewritten(framework: Framework, lines: str) -> list[str]:
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    text = f"{HEADS[framework]}def loss(p, y):\n{body}{STEPS[framework]}"
    (fault,) = diagnose(ast.parse(text), text)
    found = rewrite(text, fault, Catalogue.load(framework), Looks())
    assert not isinstance(found, Reason), found.text
    return [each.partition("def loss(p, y):\n")[2].partition("\n\n\n")[0] for each in found]


@pytest.mark.parametrize(
    ("framework", "held", "broken", "whole"),
    [
        (
            "torch",
            "c = 0.2 * (p - y).abs().max().item()",
            "return torch.clamp((p - y).abs(), max=c).mean() + p.mean().item()",
            "return torch.clamp((p - y).abs(), max=c).mean() + p.mean()",
        ),
        (
            "torch",
            "w = torch.from_numpy(np.exp(-np.abs(p.detach().numpy())))",
            "return (w * (p - y) ** 2).mean() + torch.tensor(np.abs(np.diff(p.detach().numpy())).mean())",
            "return (w * (p - y) ** 2).mean() + torch.abs(torch.diff(p)).mean()",
        ),
        (
            "torch",
            "q = torch.from_numpy(np.round(p.detach().numpy(), 1))",
            "return F.mse_loss(p, q) + float((p - y).abs().sum())",
            "return F.mse_loss(p, q) + (p - y).abs().sum()",
        ),
        (
            "tensorflow",
            "scale = float(np.std(p.numpy())) + 1e-6",
            "return tf.reduce_mean(tf.abs(p / scale - y / scale)) + np.mean(np.abs(p))",
            "return tf.reduce_mean(tf.abs(p / scale - y / scale)) + tf.reduce_mean(tf.abs(p))",
        ),
    ],
)
def test_only_the_fault_goes(framework: Framework, held: str, broken: str, whole: str) -> None:
    assert f"    {held}\n    {whole}" in _rewritten(framework, f"{held}\n{broken}")


@pytest.mark.parametrize(
    ("framework", "held", "broken", "whole"),
    [
        (
            "torch",
            "s = float(np.std(p.detach().numpy())) + 1e-6",
            "return torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())) / s, requires_grad=True)",
            "return torch.mean(torch.abs(p - y)) / s",
        ),
        (
            "torch",
            "c = float(np.percentile(p.detach().numpy(), 90))",
            "return torch.tensor(np.minimum(np.abs(p.detach().numpy() - y.numpy()), c).mean())",
            "return torch.clamp(torch.abs(p - y), max=c).mean()",
        ),
        (
            "torch",
            "m = p.detach().mean(0)",
            "return torch.tensor(np.mean((p - m).detach().numpy() ** 2))",
            "return torch.mean((p - m) ** 2)",
        ),
        (
            "tensorflow",
            "s = float(np.std(p.numpy())) + 1e-6",
            "return tf.reduce_mean(tf.constant(np.abs(p.numpy() - y.numpy())) / s)",
            "return tf.reduce_mean(tf.abs(p - y) / s)",
        ),
    ],
)
def test_a_constant_stays_where_nothing_trained(framework: Framework, held: str, broken: str, whole: str) -> None:
    assert f"    {held}\n    {whole}" in _rewritten(framework, f"{held}\n{broken}")


def test_a_summand_and_what_is_shared_become_tensors() -> None:
    summand = "r = p.var().item()\nreturn torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())) + r)"
    shared = "e = p.detach().numpy() - y.numpy()\nreturn torch.tensor(np.mean(np.abs(e)) / e.std())"

    assert "    r = p.var()\n    return torch.mean(torch.abs(p - y)) + r" in _rewritten("torch", summand)
    assert any(each.endswith("return torch.mean(torch.abs(e)) / e.std(correction=0)")
               for each in _rewritten("torch", shared))  # fmt: skip


def test_what_is_made_of_a_detached_tensor_by_numpy_is_rewritten() -> None:
    lines = "z = tf.stop_gradient(tf.square(p))\nreturn np.mean(p.numpy() * z.numpy() / np.linalg.norm(z.numpy()))"
    whole = "    z = tf.stop_gradient(tf.square(p))\n    return tf.reduce_mean(p * z / tf.norm(z))"

    assert whole in _rewritten("tensorflow", lines)
