"""Conditions that a program does not bring about: limits of its fix, and rejections where it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from _pytest.mark import ParameterSet

from autofix.analysis.syntactic import HALVES
from autofix.model import Framework, Request
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

BOTH = "y_pred:p y_true:t"
HEADS = {
    "torch": "import math\nimport numpy as np\nimport torch\nfrom scipy import special\n",
    "tensorflow": "import math\nimport numpy as np\nimport tensorflow as tf\nfrom scipy import special\n",
}
P, T = "y_pred.detach().cpu().numpy()", "y_true.cpu().numpy()"
Case = tuple[Framework, str, str, str]


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


def asked(framework: Framework, *bodies: str, **known: object) -> Request:
    texts = [f"{HEADS[framework]}\ndef loss(y_pred, y_true):\n    {body}\n" for body in bodies]
    return replace(request(framework, "loss", BOTH, *texts), **known)  # type: ignore[arg-type]


IN_TORCH = pytest.mark.torch
IN_TENSORFLOW = pytest.mark.tensorflow
SPECTRUM = "return np.mean(np.abs(np.fft.rfft({}, n=16)))"
IN_HALVES = {
    "a constant of its own": (
        "torch",
        f"return np.mean(np.abs({P} - {T}))",
        "return torch.mean(torch.abs(y_pred - y_true) * torch.exp(torch.tensor(12.0, dtype=y_pred.dtype, "
        "device=y_pred.device)) / math.exp(12.0))",
        "not finite in float16, where the original is",
    ),
    "an inverse": (
        "torch",
        f"a = {P}; return np.sum(np.linalg.inv(a.T @ a + np.eye(a.shape[1]))) + {T}.mean()",
        "i = torch.eye(y_pred.shape[1], dtype=y_pred.dtype, device=y_pred.device)\n"
        "    return torch.linalg.inv(y_pred.T @ y_pred + i).sum() + y_true.mean()",
        "fails in float16 (RuntimeError: linalg.inv: Low precision dtypes not supported",
    ),
    "no kernel on this machine": (
        "torch",
        f"return np.mean(np.abs(np.fft.fft({P}, axis=-1))) + {T}.mean()",
        "return torch.abs(torch.fft.fft(y_pred)).mean() + y_true.mean()",
        "fails in float16 on the CPU",
    ),
    "the logarithm of the gamma function": (
        "tensorflow",
        "return tf.reduce_mean(special.gammaln(1.5 + np.exp(y_pred.numpy())) * y_true.numpy())",
        "return tf.reduce_mean(tf.math.lgamma(1.5 + tf.exp(y_pred)) * y_true)",
        "fails in bfloat16 (NotFoundError",
    ),
    "a tensor of a fixed type": (
        "tensorflow",
        "return tf.reduce_mean(tf.ones(y_pred.shape[-1:]) * np.abs(y_true - y_pred))",
        "return tf.reduce_mean(tf.ones(y_pred.shape[-1:]) * tf.abs(y_true - y_pred))",
        "fails in float16 (InvalidArgumentError",
    ),
}
EXTREME = {
    "in the hundreds, in single precision": (
        "torch",
        f"return torch.tensor(np.mean(np.log(1 + np.exp({P}.astype(np.float64)))).astype({P}.dtype)) + y_true.mean()",
        "return torch.log(1 + torch.exp(y_pred)).mean() + y_true.mean()",
        "overflows in float32 for inputs in the hundreds, where the original does not",
    ),
    "in the thousands": (
        "torch",
        f"return np.mean(np.logaddexp(0, {P} ** 2 / 5000)) + {T}.mean()",
        "return torch.log1p(torch.exp(y_pred ** 2 / 5000)).mean() + y_true.mean()",
        "overflows for inputs in the thousands, where the original does not",
    ),
}
REJECTED_IN_HALVES = {name: case for name, case in IN_HALVES.items() if name != "no kernel on this machine"}


def marked(cases: dict[str, Case]) -> list[ParameterSet]:
    marks = {"torch": IN_TORCH, "tensorflow": IN_TENSORFLOW}
    return [pytest.param(case, id=name, marks=marks[case[0]]) for name, case in cases.items()]


@pytest.mark.parametrize("case", marked({**IN_HALVES, **EXTREME}))
def test_what_the_program_does_not_do_is_a_limit(verifier: Verifier, case: Case) -> None:
    framework, original, patch, limit = case
    verdict = verifier.verify(asked(framework, original, patch))
    assert (verdict.status, verdict.candidate) == ("verified", 0), verdict
    assert verdict.evidence is not None
    assert any(limit in each for each in verdict.evidence.limits), verdict.evidence.limits
    assert verdict.evidence.compiles


@pytest.mark.parametrize("case", marked(REJECTED_IN_HALVES))
def test_what_it_does_rejects(verifier: Verifier, case: Case) -> None:
    framework, original, patch, _ = case
    verdict = verifier.verify(asked(framework, original, patch, halves=HALVES))
    assert verdict.status == "rejected", verdict
    assert "float16" in verdict.reason


@pytest.mark.torch
def test_only_the_half_precision_counts_that_is_used(verifier: Verifier) -> None:
    framework, original, patch, limit = IN_HALVES["an inverse"]
    verdict = verifier.verify(asked(framework, original, patch, halves=frozenset({"bfloat16"})))
    assert verdict.status == "verified" and verdict.evidence is not None, verdict
    assert verdict.evidence.limits[0].startswith(limit)


@pytest.mark.torch
def test_what_has_no_kernel_here_is_not_rejected_for_it(verifier: Verifier) -> None:
    framework, original, patch, limit = IN_HALVES["no kernel on this machine"]
    verdict = verifier.verify(asked(framework, original, patch, halves=HALVES))
    assert verdict.status == "verified" and verdict.evidence is not None, verdict
    assert verdict.evidence.limits[0].startswith(limit)


@pytest.mark.torch
def test_a_candidate_without_limits_wins(verifier: Verifier) -> None:
    framework, original, patch, _ = IN_HALVES["a constant of its own"]
    verdict = verifier.verify(asked(framework, original, patch, "return torch.mean(torch.abs(y_pred - y_true))", patch))
    assert (verdict.status, verdict.candidate) == ("verified", 1), verdict
    assert verdict.evidence is not None and not verdict.evidence.limits


@pytest.mark.torch
@pytest.mark.parametrize(
    "patch, reason",
    [
        ("return torch.log1p(torch.exp(y_pred)).mean() + y_true.mean()", "with large inputs"),
        ("return torch.log1p(torch.exp(y_pred.clamp(max=50.0))).mean() + y_true.mean()", "large inputs"),
        ("return torch.log1p(torch.exp(y_pred)).clamp(max=20.0).mean() + y_true.mean()", "large inputs"),
    ],
)
def test_what_a_training_may_meet_is_no_limit(verifier: Verifier, patch: str, reason: str) -> None:
    original = f"return np.mean(np.logaddexp(0, {P})) + {T}.mean()"
    verdict = verifier.verify(asked("torch", original, patch))
    assert verdict.status == "rejected" and reason in verdict.reason, verdict


INVERSE = IN_HALVES["an inverse"]


@pytest.mark.torch
@pytest.mark.parametrize(
    "change", [(".sum()", ".sum() * (1 + 1e-8)"), ("+ i)", "+ 1.0000001 * i)"), ("inv(", "pinv(1.001 * ")]
)
def test_rounding_excuses_no_other_value(verifier: Verifier, change: tuple[str, str]) -> None:
    verdict = verifier.verify(asked("torch", INVERSE[1], INVERSE[2].replace(*change)))
    assert verdict.status == "rejected" and "the value differs" in verdict.reason, verdict


CROSS_ENTROPY = "tf.nn.softmax_cross_entropy_with_logits(labels=y_true, logits=y_pred)"


@pytest.mark.tensorflow
def test_a_cross_entropy_is_tried_with_labels_that_sum_to_one(verifier: Verifier) -> None:
    original, patch = f"return float(tf.reduce_mean({CROSS_ENTROPY}))", f"return tf.reduce_mean({CROSS_ENTROPY})"
    verdict = verifier.verify(asked("tensorflow", original, patch))
    assert verdict.status == "verified" and verdict.evidence is not None, verdict
    assert any("labels sum to 1" in each for each in verdict.evidence.limits)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "patch, reason",
    [
        (f"return tf.reduce_mean({CROSS_ENTROPY}) + tf.stop_gradient(tf.reduce_mean(y_pred ** 2))", "the gradient of"),
        (f"return tf.stop_gradient(tf.reduce_mean({CROSS_ENTROPY})) + tf.reduce_mean(y_pred ** 2)", "the gradient of"),
        (f"return tf.reduce_mean({CROSS_ENTROPY}) + 1.01 * tf.reduce_mean(y_pred ** 2)", "the value differs"),
        ("return tf.reduce_mean(-y_true * tf.nn.log_softmax(y_pred, axis=0)) + tf.reduce_mean(y_pred ** 2)", "value"),
    ],
)
def test_a_wrong_patch_of_a_cross_entropy_is_rejected(verifier: Verifier, patch: str, reason: str) -> None:
    original = f"return float(tf.reduce_mean({CROSS_ENTROPY}) + tf.reduce_mean(y_pred ** 2))"
    verdict = verifier.verify(asked("tensorflow", original, patch))
    assert verdict.status == "rejected" and reason in verdict.reason, verdict


@pytest.mark.tensorflow
def test_a_right_cross_entropy_is_healthy_whatever_its_labels(verifier: Verifier) -> None:
    right = f"return tf.reduce_mean({CROSS_ENTROPY})"
    assert verifier.verify(asked("tensorflow", right, right.replace("mean", "sum"))).status == "healthy"
