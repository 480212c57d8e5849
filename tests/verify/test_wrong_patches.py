"""Patches that look right and are not, each rejected for the reason a person would give; and right ones, accepted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.model import Framework
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

BOTH = "y_pred:p y_true:t"
HEADS = {
    "torch": "import math\nimport numpy as np\nimport torch\nimport torch.nn.functional as F\n",
    "tensorflow": "import math\nimport numpy as np\nimport tensorflow as tf\n",
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


def module(framework: Framework, body: str, signature: str = "y_pred, y_true", before: str = "") -> str:
    return f"{HEADS[framework]}{before}\ndef loss({signature}):\n    {body}\n"


P, T = "y_pred.detach().cpu().numpy()", "y_true.cpu().numpy()"
D = f"({P} - {T})"
# Of an original and its wrong patch: the words of the reason.
TORCH = {
    "sum for mean": (f"return np.mean({D} ** 2)", "return torch.sum((y_pred - y_true) ** 2)", "the value differs"),
    "ddof": (f"return np.std({D})", "return torch.std(y_pred - y_true)", "the value differs"),
    "dropped term": (
        f"return np.mean(np.abs({D})) + 0.01 * np.mean({P} ** 2)",
        "return (y_pred - y_true).abs().mean()",
        "the value differs",
    ),
    "factor detached": (
        f"return np.mean(np.exp({P}) * {D} ** 2)",
        "return (torch.exp(y_pred).detach() * (y_pred - y_true) ** 2).mean()",
        "the gradient of y_pred is wrong",
    ),
    "wrong axis of a square": (
        f"n, c = y_pred.shape; return np.max({P} @ {T}.T, axis=0).mean()",
        "return torch.amax(y_pred @ y_true.T, dim=1).mean()",
        "the value differs",
    ),
    "constant on the CPU": (
        f"W = np.linspace(0.1, 1.0, {P}.shape[-1]); return np.mean(W * {D} ** 2)",
        "W = torch.linspace(0.1, 1.0, y_pred.shape[-1]); return (W.to(y_pred.dtype) * (y_pred - y_true) ** 2).mean()",
        "stays on the CPU",
    ),
    "float32 constant in double": (
        f"return np.mean(np.array([0.1]) * {D} ** 2)",
        "w = torch.tensor([0.1], dtype=torch.float32, device=y_pred.device)\n"
        "    return (w * (y_pred - y_true) ** 2).mean()",
        "the value differs",
    ),
    "float64 constant of an axis": (
        f"return np.mean(np.abs({D}), dtype=np.float32)",
        "return torch.mean(torch.abs(y_pred - y_true).double() * torch.ones((), dtype=torch.float64))",
        "returns float64 where the original returns float32",
    ),
    "a column broadcast": (
        f"return np.mean(({P}.reshape(-1) - {T}.reshape(-1)) ** 2)",
        "return ((y_pred - y_true) ** 2).mean()",
        "y_pred float[8, 1], y_true float[8]",
    ),
    "median of an even count": (
        f"return np.median(np.abs({D}))",
        "return torch.median(torch.abs(y_pred - y_true))",
        "the value differs",
    ),
    "arguments exchanged": (
        f"return np.mean(np.maximum(0.3 * {D}, -0.7 * {D}))",
        "d = y_true - y_pred; return torch.maximum(0.3 * d, -0.7 * d).mean()",
        "the value differs",
    ),
    "sign": (f"return np.mean({D} ** 3)", "return -((y_pred - y_true) ** 3).mean()", "the value differs"),
    "epsilon outside the logarithm": (
        f"p = 1 / (1 + np.exp(-{P})); return -np.mean(np.log(p + 1e-7))",
        "return -torch.mean(torch.log(torch.sigmoid(y_pred)) + 1e-7)",
        "the value differs",
    ),
    "epsilon outside, in float32": (
        "p = torch.sigmoid(y_pred.float()); return -torch.tensor(np.log(p.detach().cpu().numpy() + 1e-6).mean())",
        "return -torch.mean(torch.log(torch.sigmoid(y_pred.float())) + 1e-6)",
        "the value differs",
    ),
    "absolute value dropped": (
        f"return np.mean(np.log1p(np.abs({P}))) + np.mean({T})",
        "return torch.log1p(y_pred).mean() + y_true.mean()",
        "the value differs",
    ),
    "clamp dropped": (
        f"p = np.clip({P}, 1e-7, 1 - 1e-7); return -np.mean({T} * np.log(p) + (1 - {T}) * np.log(1 - p))",
        "return -(y_true * torch.log(y_pred) + (1 - y_true) * torch.log(1 - y_pred)).mean()",
        None,
    ),
    "a label of its own": (
        f"keep = {T} != -100; return np.sum(np.where(keep, np.abs({D}), 0.0)) / np.maximum(np.sum(keep), 1)",
        "return (y_pred - y_true).abs().mean()",
        "-100 in y_true",
    ),
    "an empty mask": (
        "m = mask.cpu().numpy(); e = (np.abs(y_pred.detach().cpu().numpy()) * m).sum()\n"
        "    return e / m.sum() if m.sum() > 0 else 0.0 * e",
        "return (y_pred.abs() * mask).sum() / mask.sum()",
        "with zeros the rewrite fails or is not finite",
    ),
    "keepdims lost": (
        f"x = {P}; s = x - x.mean(axis=-1, keepdims=True); return np.mean(s ** 2 * np.abs({T}))",
        "s = y_pred - y_pred.mean(dim=0); return (s ** 2 * y_true.abs()).mean()",
        "the value differs",
    ),
    "weights not normalised": (
        f"return np.average(np.abs({D}), weights=np.abs({T}))",
        "return ((y_pred - y_true).abs() * y_true.abs()).mean()",
        "the value differs",
    ),
    "integer division": (
        f"n = {P}.shape[0] / 2; return np.sum({D} ** 2) / n",
        "n = y_pred.shape[0] // 2; return ((y_pred - y_true) ** 2).sum() / n",
        "the value differs",
    ),
    "softmax of the wrong axis": (
        f"e = np.exp({P}); return -np.mean({T} * np.log(e / e.sum(axis=1, keepdims=True)))",
        "return -(y_true * torch.log_softmax(y_pred, dim=0)).mean()",
        "the value differs",
    ),
    "log2 for log": (
        f"return np.mean(np.log(1 + {D} ** 2))",
        "return torch.log2(1 + (y_pred - y_true) ** 2).mean()",
        "the value differs",
    ),
    "overflow": (
        f"x = {P}; m = x.max(); return m + np.log(np.exp(x - m).sum()) + {T}.mean()",
        "return torch.log(torch.exp(y_pred).sum()) + y_true.mean()",
        "with large inputs",
    ),
    "root at zero": (
        "d = y_pred - y_true; return d.abs().mean() + float(d.abs().mean())",
        "return 2 * torch.sqrt((y_pred - y_true) ** 2).mean()",
        "where predictions equal their target",
    ),
    "zero by zero": (
        f"return np.mean(np.abs({D}))",
        "d = y_pred - y_true; return (d ** 2 / d.abs()).mean()",
        "with zeros the rewrite fails or is not finite",
    ),
    "where with a branch that is not finite": (
        f"x = {P}; return np.mean(np.sqrt(np.maximum(x, 0.0))) + {T}.mean()",
        "return torch.where(y_pred > 0, torch.sqrt(y_pred), torch.zeros_like(y_pred)).mean() + y_true.mean()",
        "the gradient of y_pred is not finite",
    ),
    "random numbers without their seed": (
        f"np.random.seed(3); return np.mean(np.abs({D}) * np.random.rand())",
        "return ((y_pred - y_true).abs() * np.random.rand()).mean()",
        "the value differs",
    ),
    "arguments changed in place": (
        f"return np.mean({D} ** 2)",
        "y_pred -= y_true; return (y_pred ** 2).mean()",
        "changes y_pred in place",
    ),
    "a target changed in place": (
        f"return np.mean(np.minimum({T}, 0.5) * {P})",
        "return (y_true.clamp_(max=0.5) * y_pred).mean()",
        "changes y_true in place",
    ),
    "brackets": (
        f"return torch.tensor(np.mean({D} ** 2))",
        "return ((y_pred - y_true) ** 2).mean().reshape(1)",
        "shape [] against [1]",
    ),
    "an integer": (f"return np.mean({D} ** 2)", "return ((y_pred - y_true) ** 2).mean().long()", "the value differs"),
    "exceptions caught": (
        f"return np.mean({D} ** 2)",
        "try:\n        return torch.tensor(np.mean((y_pred - y_true).numpy() ** 2))\n"
        "    except RuntimeError:\n        return ((y_pred - y_true) ** 2).mean().detach()",
        "no gradient reaches y_pred",
    ),
    "by requires_grad": (
        f"return np.mean({D} ** 2)",
        "return ((y_pred - y_true) ** 2).mean() * (1.0 if y_pred.requires_grad else 2.0)",
        "the value differs",
    ),
    "by grad mode": (
        f"return np.mean({D} ** 2)",
        "return ((y_pred - y_true) ** 2).mean() * (1.0 if torch.is_grad_enabled() else 2.0)",
        "where no gradient is recorded",
    ),
    "zero times the prediction": (
        f"return np.mean({D} ** 2)",
        "return ((y_pred - y_true) ** 2).mean().detach() + 0 * y_pred.sum()",
        "it is zero everywhere",
    ),
    "straight through": (
        f"return np.mean({D} ** 2)",
        "v = ((y_pred - y_true) ** 2).mean(); w = y_pred.mean(); return w + (v - w).detach()",
        "the gradient of y_pred is wrong",
    ),
    "gradient twice": (
        f"return np.mean({D} ** 2)",
        "v = ((y_pred - y_true) ** 2).mean(); return 2 * v - v.detach()",
        "wrong (off by 100 %)",
    ),
    "gradient of the opposite sign": (
        f"return np.mean({D} ** 2)",
        "v = ((y_pred - y_true) ** 2).mean(); return 2 * v.detach() - v",
        "wrong (off by 200 %)",
    ),
    "a batch of eight": (
        f"return np.mean({D} ** 2)",
        "return ((y_pred - y_true) ** 2).sum() / (8 * y_pred[0].numel())",
        "the value differs",
    ),
    "double only": (
        f"return np.mean({D} ** 2)",
        "v = ((y_pred - y_true) ** 2).mean(); return v if v.dtype == torch.float64 else v.detach()",
        "no gradient reaches y_pred in float32",
    ),
    "two dimensions only": (
        f"return np.mean({D} ** 2)",
        "return ((y_pred - y_true) ** 2).mean(dim=1).mean()",
        "the rewrite fails",
    ),
    "first row only": (
        f"return np.mean({D}[0] ** 2)",
        "return ((y_pred - y_true)[:1] ** 2).sum()",
        "the value differs",
    ),
    "nothing of a batch of none": (
        f"return np.sum({D} ** 2) / max(len({P}), 1)",
        "return ((y_pred - y_true) ** 2).sum() / len(y_pred)",
        "an empty batch",
    ),
    "a width of ten": (
        f"e = {D} ** 2; return np.mean(e) if e.shape[-1] == 1 else np.sum(np.mean(e, axis=-1))",
        "return ((y_pred - y_true) ** 2).sum() / (10 if y_pred.shape[-1] > 1 else len(y_pred))",
        "the value differs",
    ),
    "NaN values that count": (
        f"return np.nanmean({D} ** 2)",
        "return torch.mean((y_pred - y_true) ** 2)",
        "NaN values in y_",
    ),
    "only what lies in one piece": (
        f"return np.mean(({P}.reshape(-1) - {T}.reshape(-1)) ** 2) + np.mean({P}) ** 2",
        "d = y_pred.view(-1) - y_true.view(-1); return (d ** 2).mean() + y_pred.mean() ** 2",
        "inputs that are not contiguous",
    ),
    "by whether a gradient is recorded": (
        f"return np.mean({D} ** 2)",
        "v = ((y_pred - y_true) ** 2).mean(); return v if torch.is_grad_enabled() else 2 * v",
        "where no gradient is recorded",
    ),
    "detached in single precision": (
        f"return np.mean({D} ** 2)",
        "p = y_pred if y_pred.dtype == torch.float64 else y_pred.detach()\n    return ((p - y_true) ** 2).mean()",
        "in float32",
    ),
    "a hook on the gradient": (
        f"return np.mean({D} ** 2)",
        "d = y_pred - y_true\n"
        "    if d.requires_grad:\n        d.register_hook(lambda g: 0.999 * g)\n    return (d ** 2).mean()",
        "the gradient of y_pred is wrong",
    ),
    "a gradient of one's own": (
        f"return np.mean(np.tanh({P}) * {T})",
        "class Tanh(torch.autograd.Function):\n"
        "        @staticmethod\n        def forward(ctx, x):\n            return torch.tanh(x)\n"
        "        @staticmethod\n        def backward(ctx, g):\n            return g\n"
        "    return (Tanh.apply(y_pred) * y_true).mean()",
        "the gradient of y_pred is wrong",
    ),
    "small numbers rounded off": (
        f"return np.mean(np.abs({D}))",
        "return torch.sqrt((y_pred - y_true) ** 2 + 1e-12).mean()",
        "the value differs",
    ),
    "large numbers cut off": (
        f"return np.mean(np.abs({D}))",
        "return torch.clamp(torch.abs(y_pred - y_true), max=50.0).mean()",
        "large inputs",
    ),
    "a mask of its own": (
        f"return np.mean({D} ** 2)",
        "m = torch.isfinite(y_pred) & (y_pred != 0)\n    return ((y_pred - y_true) ** 2)[m].sum() / y_pred.numel()",
        "saturated inputs",
    ),
    "a random factor of one": (
        f"return np.mean({D} ** 2)",
        "return F.dropout((y_pred - y_true) ** 2, 0.1).mean()",
        "the value differs",
    ),
    "numbers changed after they were used": (
        f"return np.mean({D} ** 2)",
        "d = y_pred - y_true; v = (d ** 2).mean(); y_true.add_(0.1); return v",
        "changes y_true in place",
    ),
    "memory of the first call": (
        f"return np.mean({D} ** 2)",
        "loss.kept = getattr(loss, 'kept', y_true); return ((y_pred - loss.kept) ** 2).mean()",
        "the rewrite fails",
    ),
    "cut where predictions agree": (
        f"e = np.abs({D}); return np.sum(np.where(e < 1e-3, 0.0, e))",
        "return (y_pred - y_true).abs().sum()",
        "small inputs",
    ),
    "a sum of nothing that fails": (
        f"return np.abs(np.fft.rfft({D}, n=16, axis=-1)).sum()",
        "return torch.abs(torch.fft.rfft(y_pred - y_true, n=16)).sum()",
        "with an empty batch the rewrite fails",
    ),
    "nothing in another shape": (
        f"return np.abs(np.fft.rfft({D}, n=16, axis=-1))",
        "d = y_pred - y_true; return torch.abs(torch.fft.rfft(d, n=16)) if d.numel() else d.new_zeros(3, 0)",
        "the value differs with an empty batch",
    ),
    "wrong in single precision where it is not zero": (
        f"x = {P}.reshape(-1); return np.log(np.cumsum(np.exp(x))[-1]) + {T}.mean()",
        "x = y_pred.reshape(-1)\n    x = x if x.dtype == torch.float64 else x.detach() + 0 * x\n"
        "    return torch.logsumexp(x, 0) + y_true.mean()",
        "the gradient of y_pred is wrong in float32",
    ),
    "not a number where the original is": (
        f"return (1 - min(1.0, 2 * float(np.mean({P} * {T})))) ** 0.75",
        "return (1 - 2 * torch.mean(y_pred * y_true)) ** 0.75",
        "with equal inputs the rewrite fails or is not finite",
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", TORCH)
def test_wrong_torch_patch_is_rejected(verifier: Verifier, name: str) -> None:
    original, patch, reason = TORCH[name]
    signature, marked = ("y_pred, mask", "y_pred:p mask:t") if "mask" in original else ("y_pred, y_true", BOTH)
    asked = request("torch", "loss", marked, module("torch", original, signature), module("torch", patch, signature))
    verdict = verifier.verify(asked)
    assert verdict.status == "rejected", verdict
    assert reason is None or reason in verdict.reason


@pytest.mark.torch
def test_complex_numbers_are_not_judged_by_half_of_them(verifier: Verifier) -> None:
    patch = "return torch.fft.rfft(y_pred - y_true, n=16).conj()"
    asked = module("torch", f"return torch.as_tensor(np.fft.rfft({D}, n=16))"), module("torch", patch)
    verdict = verifier.verify(request("torch", "loss", BOTH, *asked))
    assert verdict.status == "unverifiable"
    assert "complex numbers" in verdict.reason


TD = "(y_pred.numpy() - y_true.numpy())"
# As above: the loss is `loss(y_pred, y_true)` too.
TENSORFLOW = {
    "sum for mean": (f"return np.mean({TD} ** 2)", "return tf.reduce_sum((y_pred - y_true) ** 2)", "the value differs"),
    "ddof": (
        f"return np.std({TD}, ddof=1)",
        "return tf.math.reduce_std(y_pred - y_true)",
        "the value differs",
    ),
    "wrong axis": (
        f"return np.mean({TD} ** 2, axis=-1)",
        "return tf.reduce_mean((y_pred - y_true) ** 2, axis=0)",
        "the value differs",
    ),
    "factor stopped": (
        f"return np.mean(np.exp(y_pred.numpy()) * {TD} ** 2)",
        "return tf.reduce_mean(tf.stop_gradient(tf.exp(y_pred)) * (y_pred - y_true) ** 2)",
        "the gradient of y_pred is wrong",
    ),
    "another type": (
        f"return tf.reduce_mean(tf.constant({TD} ** 2))",
        "return tf.cast(tf.reduce_mean((y_pred - y_true) ** 2), tf.float64)",
        "returns float64 where the original returns float32",
    ),
    "a constant of one type": (
        f"return np.mean(np.array([0.1]) * {TD} ** 2)",
        "return tf.reduce_mean(tf.constant([0.1], tf.float64) * (y_pred - y_true) ** 2)",
        "the rewrite fails in float32",
    ),
    "eager only": (
        f"return np.mean({TD} ** 2)",
        "s = (y_pred - y_true) ** 2; n = s.numpy().size; return tf.reduce_sum(s) / n",
        "fails inside tf.function",
    ),
    "a loop over the batch": (
        f"return np.mean({TD} ** 2)",
        "n = y_pred.shape[0]\n    return sum(tf.reduce_mean((y_pred[i] - y_true[i]) ** 2) for i in range(n)) / n",
        "fails inside tf.function",
    ),
    "a batch of eight": (
        f"return np.mean({TD} ** 2)",
        "return sum(tf.reduce_mean((y_pred[i] - y_true[i]) ** 2) for i in range(8)) / 8",
        "the rewrite fails",
    ),
    "median of an even count": (
        f"return np.median(np.abs({TD}))",
        "s = tf.sort(tf.reshape(tf.abs(y_pred - y_true), [-1])); return s[tf.size(s) // 2]",
        "the value differs",
    ),
    "integers": (
        f"return np.mean({TD} ** 2)",
        "return tf.reduce_mean(tf.cast((y_pred - y_true) ** 2, tf.int32))",
        "the value differs",
    ),
    "zero times the prediction": (
        f"return np.mean({TD} ** 2)",
        "return tf.stop_gradient(tf.reduce_mean((y_pred - y_true) ** 2)) + 0.0 * tf.reduce_sum(y_pred)",
        "it is zero everywhere",
    ),
    "straight through": (
        f"return np.mean({TD} ** 2)",
        "v = tf.reduce_mean((y_pred - y_true) ** 2); w = tf.reduce_mean(y_pred); return w + tf.stop_gradient(v - w)",
        "the gradient of y_pred is wrong",
    ),
    "gradient twice": (
        f"return np.mean({TD} ** 2)",
        "v = tf.reduce_mean((y_pred - y_true) ** 2); return 2.0 * v - tf.stop_gradient(v)",
        "wrong (off by 100 %)",
    ),
    "overflow": (
        "x = y_pred.numpy(); m = x.max(); return m + np.log(np.exp(x - m).sum()) + y_true.numpy().mean()",
        "return tf.math.log(tf.reduce_sum(tf.exp(y_pred))) + tf.reduce_mean(y_true)",
        "with large inputs",
    ),
    "clipping dropped": (
        "p = np.clip(y_pred.numpy(), 1e-7, 1 - 1e-7); t = y_true.numpy()\n"
        "    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))",
        "return -tf.reduce_mean(y_true * tf.math.log(y_pred) + (1 - y_true) * tf.math.log(1 - y_pred))",
        "the value differs",
    ),
    "the norm at zero": (
        "d = y_pred - y_true; return tf.reduce_mean(tf.abs(d)) + float(tf.reduce_mean(tf.abs(d)))",
        "return 2.0 * tf.reduce_mean(tf.norm((y_pred - y_true)[..., None], axis=-1))",
        "where predictions equal their target",
    ),
    "brackets": (
        f"return tf.constant(np.mean({TD} ** 2))",
        "return tf.reshape(tf.reduce_mean((y_pred - y_true) ** 2), [1])",
        "shape [] against [1]",
    ),
    "by the way it is run": (
        f"return np.mean({TD} ** 2)",
        "return tf.reduce_mean((y_pred - y_true) ** 2) * (1.0 if tf.executing_eagerly() else 2.0)",
        "differs inside tf.function",
    ),
    "NaN values that count": (
        f"return np.nanmean({TD} ** 2)",
        "return tf.reduce_mean((y_pred - y_true) ** 2)",
        "NaN values in y_",
    ),
    "a gradient of one's own": (
        "return np.mean(np.tanh(y_pred.numpy()) * y_true.numpy())",
        "f = tf.custom_gradient(lambda x: (tf.tanh(x), lambda g: g)); return tf.reduce_mean(f(y_pred) * y_true)",
        "the gradient of y_pred is wrong",
    ),
    "stopped inside a graph": (
        f"return np.mean({TD} ** 2)",
        "p = y_pred if tf.executing_eagerly() else tf.stop_gradient(y_pred)\n"
        "    return tf.reduce_mean((p - y_true) ** 2)",
        "inside tf.function",
    ),
}


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", TENSORFLOW)
def test_wrong_tensorflow_patch_is_rejected(verifier: Verifier, name: str) -> None:
    original, patch, reason = TENSORFLOW[name]
    asked = request("tensorflow", "loss", BOTH, module("tensorflow", original), module("tensorflow", patch))
    verdict = verifier.verify(asked)
    assert verdict.status == "rejected", verdict
    assert reason in verdict.reason


@pytest.mark.torch
def test_state_and_lists_and_parameters(verifier: Verifier) -> None:
    original, right = module("torch", f"return np.mean({D} ** 2)"), "((y_pred - y_true) ** 2).mean()"
    counting = module(
        "torch", f"calls.append(1); return {right} * (1.0 if len(calls) < 3 else 2.0)", before="calls = []"
    )
    verdict = verifier.verify(request("torch", "loss", BOTH, original, counting))
    assert (verdict.status, "the value differs" in verdict.reason) == ("rejected", True), verdict

    means = module("torch", "return np.mean([np.mean(x.detach().cpu().numpy()) for x in outputs])", "outputs")
    flattened = module("torch", "return torch.cat([x.reshape(-1) for x in outputs]).mean()", "outputs")
    verdict = verifier.verify(request("torch", "loss", "outputs:p*", means, flattened))
    assert (verdict.status, "of unequal lengths" in verdict.reason) == ("rejected", True), verdict


LEARNED = """
    import numpy as np
    import torch

    class Weighted(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.log_sigma = torch.nn.Parameter(torch.zeros(1))
            self.teacher = torch.nn.Linear(10, 10)

        def forward(self, y_pred, y_true):
            {}
"""
ORIGINAL = (
    "s = self.log_sigma.detach().cpu().numpy(); return (np.exp(-s) * np.abs((y_pred - y_true).detach().numpy())).mean()"
)


@pytest.mark.torch
def test_a_learned_weight_needs_its_gradient_too(verifier: Verifier) -> None:
    body = "return (torch.exp(-{}) * (y_pred - y_true).abs()).mean()"
    cut, right = (LEARNED.format(body.format(one)) for one in ("self.log_sigma.detach()", "self.log_sigma"))
    verdict = verifier.verify(request("torch", "Weighted.forward", BOTH, LEARNED.format(ORIGINAL), cut))
    assert (verdict.status, verdict.reason) == ("rejected", "no gradient reaches self.log_sigma")
    verdict = verifier.verify(request("torch", "Weighted.forward", BOTH, LEARNED.format(ORIGINAL), right))
    assert verdict.status == "verified", verdict


@pytest.mark.torch
def test_a_teacher_that_is_held_fixed_needs_none(verifier: Verifier) -> None:
    body = "with torch.no_grad():\n                t = self.teacher(y_true)\n            return {}"
    broken, right = "float(((y_pred - t) ** 2).mean())", "((y_pred - t) ** 2).mean()"
    asked = LEARNED.format(body.format(broken)), LEARNED.format(body.format(right))
    verdict = verifier.verify(request("torch", "Weighted.forward", BOTH, *asked))
    assert verdict.status == "verified", verdict


RIGHT_TORCH = {
    "another order": (f"return np.mean({D} ** 2)", "d = (y_true - y_pred).T; return (d * d).sum() / d.numel()"),
    "norm for the root of squares": (
        f"return np.sqrt(np.sum({D} ** 2))",
        "return torch.linalg.norm((y_pred - y_true).reshape(-1))",
    ),
    "deviation": (f"return np.std({D})", "return torch.std(y_pred - y_true, correction=0)"),
    "quantile": (f"return np.median(np.abs({D}))", "return torch.quantile((y_pred - y_true).abs(), 0.5)"),
    "stable sum of exponentials": (
        f"x = {P}; m = x.max(); return m + np.log(np.exp(x - m).sum()) + {T}.mean()",
        "return torch.logsumexp(y_pred.reshape(-1), 0) + y_true.mean()",
    ),
    "clamped": (
        f"p = np.clip({P}, 1e-7, 1 - 1e-7); return -np.mean({T} * np.log(p) + (1 - {T}) * np.log(1 - p))",
        "p = y_pred.clamp(1e-7, 1 - 1e-7); return -(y_true * p.log() + (1 - y_true) * torch.log(1 - p)).mean()",
    ),
    "logarithm of one more": (
        f"return np.mean(np.log(1 + {D} ** 2))",
        "return torch.log1p((y_pred - y_true) ** 2).mean()",
    ),
    "pinball by hand": (
        f"return np.mean(np.maximum(0.3 * {D}, -0.7 * {D}))",
        "d = y_pred - y_true; return torch.where(d > 0, 0.3 * d, -0.7 * d).mean()",
    ),
    "seed kept": (
        f"np.random.seed(3); return np.mean(np.abs({D}) * np.random.rand())",
        "np.random.seed(3); return ((y_pred - y_true).abs() * np.random.rand()).mean()",
    ),
    "columns": (f"return np.mean({D}.max(axis=-1))", "return torch.max(y_pred - y_true, dim=-1).values.mean()"),
    "own constant where the predictions are": (
        f"W = np.linspace(0.1, 1.0, {P}.shape[-1]); return np.mean(W * {D} ** 2)",
        "W = torch.linspace(0.1, 1.0, y_pred.shape[-1], dtype=y_pred.dtype, device=y_pred.device)\n"
        "    return (W * (y_pred - y_true) ** 2).mean()",
    ),
    "column and row made flat": (
        f"return np.mean(({P}.reshape(-1) - {T}.reshape(-1)) ** 2)",
        "return ((y_pred.flatten() - y_true.flatten()) ** 2).mean()",
    ),
    "a label of its own": (
        f"keep = {T} != -100; return np.sum(np.where(keep, np.abs({D}), 0.0)) / np.maximum(np.sum(keep), 1)",
        "keep = y_true != -100; return (y_pred - y_true)[keep].abs().sum() / keep.sum().clamp(min=1)",
    ),
    "cast to float32": (
        "p = torch.sigmoid(y_pred.float()); return -torch.tensor(np.log(p.detach().cpu().numpy() + 1e-6).mean())",
        "return -torch.mean(torch.log(torch.sigmoid(y_pred.float()) + 1e-6))",
    ),
    "softmax": (
        f"e = np.exp({P} - {P}.max(axis=1, keepdims=True)); p = e / e.sum(axis=1, keepdims=True)\n"
        f"    return -np.mean({T} * np.log(p))",
        "return -(y_true * torch.log(torch.softmax(y_pred, dim=1))).mean()",
    ),
    "smooth": (
        f"return np.mean(np.sqrt({D} ** 2 + 1e-6))",
        "return torch.sqrt((y_pred - y_true) ** 2 + 1e-6).mean()",
    ),
    "root mean square": (f"return np.sqrt(np.mean({D} ** 2))", "return F.mse_loss(y_pred, y_true).sqrt()"),
    "correlation": (
        f"a = {P} - {P}.mean(); b = {T} - {T}.mean()\n"
        "    return 1 - np.sum(a * b) / np.sqrt(np.sum(a * a) * np.sum(b * b))",
        "a = y_pred - y_pred.mean(); b = y_true - y_true.mean(); return 1 - (a * b).sum() / (a.norm() * b.norm())",
    ),
    "cosine": (
        f"a, b = {P}.ravel(), {T}.ravel(); return 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))",
        "a, b = y_pred.flatten(), y_true.flatten(); return 1 - (a @ b) / (a.norm() * b.norm())",
    ),
    "hinge": (f"return np.mean(np.maximum(0, 1 - {P} * {T}))", "return F.relu(1 - y_pred * y_true).mean()"),
    "a target that NumPy would take as integers too": (
        f"return np.einsum('...j,...j->', {P}, {T}) / {P}.size",
        "return torch.einsum('...j,...j->', y_pred, y_true) / y_pred.numel()",
    ),
    "total variation": (
        f"x = {P}; return np.mean(np.abs(np.diff(x, axis=-1))) + np.abs({D}).mean()",
        "return (y_pred[..., 1:] - y_pred[..., :-1]).abs().mean() + F.l1_loss(y_pred, y_true)",
    ),
    "huber": (
        f"e = np.abs({D}); return np.where(e < 1, 0.5 * e ** 2, e - 0.5).mean()",
        "return F.smooth_l1_loss(y_pred, y_true)",
    ),
    "log cosh": (f"return np.mean(np.log(np.cosh({D})))", "return torch.log(torch.cosh(y_pred - y_true)).mean()"),
    "weights": (
        f"return np.average(np.abs({D}), weights=np.abs({T}))",
        "w = y_true.abs(); return ((y_pred - y_true).abs() * w).sum() / w.sum()",
    ),
    "a transform that takes no empty batch": (
        f"return np.abs(np.fft.rfft({D}, n=16, axis=-1))",
        "return torch.abs(torch.fft.rfft(y_pred - y_true, n=16))",
    ),
    "a root that is complex for equal inputs": (
        f"return torch.tensor((1 - 2 * float(np.mean({P} * {T}))) ** 0.75)",
        "return (1 - 2 * torch.mean(y_pred * y_true)) ** 0.75",
    ),
    "terms that cancel for a column": (
        f"x = {P}[np.argsort(-{T})]; return np.mean(np.log(np.cumsum(np.exp(x))) - x)",
        "x = y_pred[np.argsort(-y_true.numpy())]; "
        "return torch.mean(torch.log(torch.cumsum(torch.exp(x).flatten(), 0)) - x)",
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", RIGHT_TORCH)
def test_right_torch_patch_is_verified(verifier: Verifier, name: str) -> None:
    original, patch = RIGHT_TORCH[name]
    verdict = verifier.verify(request("torch", "loss", BOTH, module("torch", original), module("torch", patch)))
    assert (verdict.status, verdict.candidate) == ("verified", 0), verdict


RIGHT_TENSORFLOW = {
    "another order": (
        f"return np.mean({TD} ** 2)",
        "d = y_true - y_pred; return tf.reduce_sum(d * d) / tf.cast(tf.size(d), d.dtype)",
    ),
    "per sample": (
        f"return np.mean({TD} ** 2, axis=-1)",
        "return tf.reduce_mean(tf.math.squared_difference(y_pred, y_true), axis=-1)",
    ),
    "deviation": (f"return np.std({TD})", "return tf.math.reduce_std(y_pred - y_true)"),
    "a loop over columns": (
        f"return np.mean({TD} ** 2)",
        "d = y_pred - y_true; n = y_pred.shape[-1]\n"
        "    return sum(tf.reduce_mean(d[..., i] ** 2) for i in range(n)) / n",
    ),
    "stable sum of exponentials": (
        "x = y_pred.numpy(); m = x.max(); return m + np.log(np.exp(x - m).sum()) + y_true.numpy().mean()",
        "return tf.reduce_logsumexp(y_pred) + tf.reduce_mean(y_true)",
    ),
    "clipped": (
        "p = np.clip(y_pred.numpy(), 1e-7, 1 - 1e-7); t = y_true.numpy()\n"
        "    return -np.mean(t * np.log(p) + (1 - t) * np.log(1 - p))",
        "p = tf.clip_by_value(y_pred, 1e-7, 1 - 1e-7)\n"
        "    return -tf.reduce_mean(y_true * tf.math.log(p) + (1 - y_true) * tf.math.log(1 - p))",
    ),
    "median": (
        f"return np.median(np.abs({TD}))",
        "s = tf.sort(tf.reshape(tf.abs(y_pred - y_true), [-1])); n = tf.size(s)\n"
        "    return (s[(n - 1) // 2] + s[n // 2]) / 2",
    ),
    "root mean square": (
        f"return np.sqrt(np.mean({TD} ** 2))",
        "return tf.sqrt(tf.reduce_mean(tf.square(y_pred - y_true)))",
    ),
    "huber": (
        f"e = np.abs({TD}); return np.where(e < 1, 0.5 * e ** 2, e - 0.5).mean()",
        "e = tf.abs(y_pred - y_true); return tf.reduce_mean(tf.where(e < 1, 0.5 * e ** 2, e - 0.5))",
    ),
}


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", RIGHT_TENSORFLOW)
def test_right_tensorflow_patch_is_verified(verifier: Verifier, name: str) -> None:
    original, patch = RIGHT_TENSORFLOW[name]
    asked = request("tensorflow", "loss", BOTH, module("tensorflow", original), module("tensorflow", patch))
    verdict = verifier.verify(asked)
    assert (verdict.status, verdict.candidate) == ("verified", 0), verdict
