"""Only the fault goes: what an author takes out of the graph on purpose stays, and so does what keeps a gradient."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue
from tests.rewrite.test_patch import _loss

pytestmark = pytest.mark.slow


def _mended(text: str) -> str:
    whole = f"import numpy as np\nimport torch\n\n\n{text}"
    (fault,) = diagnose(ast.parse(whole), whole)
    found = rewrite(whole, fault, Catalogue.load("torch"), Looks())
    assert not isinstance(found, Reason), found.text
    return found[0]


TORCH = {
    "an index that is detached": (
        "s = p.reshape(-1).data\ne, order = torch.sort(1 - s * y, descending=True)\norder = order.data\n"
        "return torch.dot(torch.relu(e), y[order])",
        "s = p.reshape(-1)\ne, order = torch.sort(1 - s * y, descending=True)\norder = order.data\n"
        "return torch.dot(torch.relu(e), y[order])",
    ),
    "a weight beside what NumPy computes": (
        "w = (p - y).abs().detach()\nreturn (w * torch.from_numpy(np.exp(p.detach().numpy()))).sum()",
        "w = (p - y).abs().detach()\nreturn (w * torch.exp(p)).sum()",
    ),
    "abs, powers and max of tensors": (
        "d = p.detach().numpy()\nreturn max(abs(p - y).sum(), (p - y).sum() ** 2) + torch.tensor(np.mean(d))",
        "return max(abs(p - y).sum(), (p - y).sum() ** 2) + torch.mean(p)",
    ),
    "abs and pow of what becomes a tensor": (
        "d = p.detach().numpy() - y.numpy()\nreturn torch.tensor(np.mean(pow(abs(d), 3)))",
        "d = p - y\nreturn torch.mean(pow(abs(d), 3))",
    ),
    "a second detach on the only way": (
        "d = (p - y).detach()\ne = d * d\nreturn e.detach().mean()",
        "d = p - y\ne = d * d\nreturn e.mean()",
    ),
    "a detach that NumPy needs": (
        "d = p.detach()\nreturn torch.tensor(np.mean(np.abs(d)) + np.log(p.detach()).mean())",
        "return torch.mean(torch.abs(p)) + torch.log(p).mean()",
    ),
    "a cast between a detach and the NumPy that needs it": (
        "return torch.tensor(np.abs(p.detach().float().numpy() - y.numpy()).mean())",
        "return torch.abs(p - y).mean()",
    ),
    "a cast behind a weight that is detached": (
        "w = p.detach().float()\nreturn (w * torch.from_numpy(np.exp(p.detach().float().numpy()))).sum()",
        "w = p.detach().float()\nreturn (w * torch.exp(p)).sum()",
    ),
    "as_tensor of a tensor": (
        "q = torch.as_tensor(p, dtype=p.dtype)\nreturn torch.tensor(np.mean(q.detach().numpy()))",
        "q = torch.as_tensor(p, dtype=p.dtype)\nreturn torch.mean(q)",
    ),
}


@pytest.mark.parametrize("kind", TORCH)
def test_in_torch(kind: str) -> None:
    body, expected = TORCH[kind]

    assert _loss("torch", body).strip("\n") == expected


TENSORFLOW = {
    "weights that are stopped": (
        "q = tf.convert_to_tensor(np.array(p))\nw = tf.stop_gradient(tf.abs(q - y))\n"
        "return tf.reduce_mean(w * (q - y))",
        "q = p\nw = tf.stop_gradient(tf.abs(q - y))\nreturn tf.reduce_mean(w * (q - y))",
    ),
    "a shift that is stopped, on a way that was not tried": (
        "p = tf.stop_gradient(p)\nif len(y.shape) > 2:\n    top = tf.stop_gradient(tf.reduce_max(p))\n"
        "    return tf.reduce_sum(p - top)\nreturn tf.reduce_mean((p - y) ** 2)",
        "if len(y.shape) > 2:\n    top = tf.stop_gradient(tf.reduce_max(p))\n"
        "    return tf.reduce_sum(p - top)\nreturn tf.reduce_mean((p - y) ** 2)",
    ),
    "a tensor that is given a name": (
        "p = tf.stop_gradient(p)\nq = tf.convert_to_tensor(p, name='q')\nreturn tf.reduce_mean((q - y) ** 2)",
        "q = tf.convert_to_tensor(p, name='q')\nreturn tf.reduce_mean((q - y) ** 2)",
    ),
    "a second stop on the only way": (
        "d = tf.stop_gradient(p - y)\nreturn tf.reduce_mean(tf.stop_gradient(d * d))",
        "d = p - y\nreturn tf.reduce_mean(d * d)",
    ),
    "abs and powers": (
        "d = p.numpy() - y.numpy()\nreturn tf.constant(np.mean(abs(d) ** 2))",
        "d = p - y\nreturn tf.reduce_mean(abs(d) ** 2)",
    ),
}


@pytest.mark.parametrize("kind", TENSORFLOW)
def test_in_tensorflow(kind: str) -> None:
    body, expected = TENSORFLOW[kind]

    assert _loss("tensorflow", body).strip("\n") == expected


def test_another_entry_of_what_is_returned_stays_detached() -> None:
    mended = _mended(
        "def losses(p, y):\n    d = torch.from_numpy(np.abs(p.detach().numpy() - y.numpy()))\n"
        '    return {"loss": d.mean(), "mae": (p - y).abs().mean().detach()}\n\n\n'
        'def step(model, x, y):\n    losses(model(x), y)["loss"].backward()\n',
    )

    assert '    d = torch.abs(p - y)\n    return {"loss": d.mean(), "mae": (p - y).abs().mean().detach()}\n' in mended
