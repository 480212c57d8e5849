"""Finite differences that are a little off: near a pole, a kink or a sort smaller steps settle it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from autofix.verify.verifier import Verifier
from autofix.worker.numerics import limit_of
from tests.verify.asking import request

STEPS = (1e-5, 1e-6, 1e-7, 1e-8)


def steps_of(function: Callable[[float], float], at: float) -> list[list[float]]:
    return [[step, function(at - step), function(at + step)] for step in STEPS]


@pytest.mark.parametrize(
    "function, at, wanted",
    [
        (lambda x: x * x, 1.0, 2.0),
        (lambda x: 1.0 / (x * x), 1e-3, -2e9),
        (lambda x: abs(x - 1.000003) + 5 * x, 1.0, 4.0),
        (lambda x: 1e6 + x, 0.0, None),
        (lambda x: abs(x - 1.0), 1.0, None),
        (lambda x: 300 * x + abs(x - 1.0), 1.0, None),
        (lambda x: 3.0, 1.0, 0.0),
        (lambda x: float("nan"), 1.0, None),
    ],
)
def test_the_slope_that_smaller_steps_come_to(
    function: Callable[[float], float], at: float, wanted: float | None
) -> None:
    found = limit_of(steps_of(function, at), function(at))
    assert found == (None if wanted is None else pytest.approx(wanted, rel=1e-6))


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


HEAD = "import numpy as np\nimport torch\n\ndef loss(y_pred, y_true):\n    "
P, T = "y_pred.detach().numpy()", "y_true.numpy()"
WEIGHTS = "torch.linspace(1, 1.1, x.numel(), dtype=x.dtype, device=x.device)"
PROGRAMS = {
    "a pole": (
        f"return np.mean(np.log(np.abs({P}) + 2e-4)) + np.mean({T})",
        "return torch.log(y_pred.abs() + 2e-4).mean() + y_true.mean()",
    ),
    "a clipped logarithm": (
        f"return -np.mean(np.log(np.clip({P}, 1e-6, None)) * {T})",
        "return -(torch.log(y_pred.clamp(min=1e-6)) * y_true).mean()",
    ),
    "a root": (
        f"return np.mean(np.sqrt(np.abs({P}) + 1e-6)) + np.mean({T})",
        "return torch.sqrt(y_pred.abs() + 1e-6).mean() + y_true.mean()",
    ),
    "a sort": (
        f"x = np.sort({P}.ravel()); return np.sum(x * np.linspace(1, 1.1, x.size)) + np.mean({T})",
        f"x = torch.sort(y_pred.flatten()).values; return (x * {WEIGHTS}).sum() + y_true.mean()",
    ),
    "many kinks": (
        f"return np.mean(np.abs(np.sin(300 * {P}))) + np.mean({P} ** 2) + np.mean({T})",
        "return torch.abs(torch.sin(300 * y_pred)).mean() + (y_pred ** 2).mean() + y_true.mean()",
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", PROGRAMS)
def test_differences_that_are_off_reject_nothing(verifier: Verifier, name: str) -> None:
    original, patch = PROGRAMS[name]
    verdict = verifier.verify(request("torch", "loss", "y_pred:p y_true:t", HEAD + original, HEAD + patch))
    assert verdict.status == "verified", verdict


SEVERED = {
    "a small term": ("np.mean(np.tanh({P}) * {T})", "(torch.tanh(y_pred) * y_true).mean()"),
    "of a sort": ("np.mean(np.sort({P}.ravel())[::2] ** 2)", "(torch.sort(y_pred.flatten()).values[::2] ** 2).mean()"),
    "of kinks": ("np.mean(np.abs({P} - {T}))", "(y_pred - y_true).abs().mean()"),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", SEVERED)
def test_a_term_of_little_weight_that_is_severed_is_found(verifier: Verifier, name: str) -> None:
    original, patch = (each.replace("{P}", P).replace("{T}", T) for each in SEVERED[name])
    whole = f"{HEAD}return {original} + 2e-4 * np.mean({P} ** 2)"
    cut, right = (f"{HEAD}return {patch} + 2e-4 * (y_pred{each} ** 2).mean()" for each in (".detach()", ""))
    verdict = verifier.verify(request("torch", "loss", "y_pred:p y_true:t", whole, cut))
    assert verdict.status == "rejected" and "the gradient of y_pred is wrong" in verdict.reason, verdict
    assert verifier.verify(request("torch", "loss", "y_pred:p y_true:t", whole, right)).status == "verified"
