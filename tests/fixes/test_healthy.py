"""A fault that is certain is dropped only where a run of that very loss came to it and found its gradient right."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.model import Finding
from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier

pytestmark = pytest.mark.torch
STEP = """
model = torch.nn.Linear(8, 8)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
inputs, target = torch.randn(4, 8), torch.rand(4, 8)
for _ in range(3):
    optimizer.zero_grad()
    model_output = model(inputs)
    loss = {}(model_output, target)
    loss.backward()
    optimizer.step()
"""
CANNOT_BE_BUILT = """import torch
class Nll(torch.nn.Module):
    def __init__(self, smooth=1e-5):
        super().__init__()
        self.smooth = smooth
        if smooth < 0:
            raise ValueError("smooth")
    def forward(self, logit, target):
        if sum(logit.shape) != 12345:
            raise ValueError("shape")
        return {}
criterion = Nll()
"""
GUARDED = """import torch
class Distance(torch.nn.Module):
    def __init__(self, reference):
        super().__init__()
        self.reference = reference
    def forward(self, other):
        return ((self.reference - other) ** 2).mean()
@torch.no_grad()
def information_loss(pred, target):
    module = Distance(target)
    return module(pred)
"""
BLOCK = GUARDED.replace("@torch.no_grad()\n", "").replace(
    "    module = Distance(target)\n    return module(pred)",
    "    module = Distance(target)\n    with torch.no_grad():\n        return module(pred)",
)


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


def found(verifier: Verifier, text: str) -> tuple[Finding, ...]:
    return fix_source(text, "loss.py", verifier).findings


def test_a_stand_in_for_the_loss_does_not_clear_it(verifier: Verifier) -> None:
    broken = CANNOT_BE_BUILT.format("torch.tensor(float((logit * target + self.smooth).mean()))")
    (finding,) = found(verifier, broken + STEP.format("criterion"))
    assert (finding.code, finding.fix.status) == ("AF104", "unverifiable")
    assert finding.fix.reason.startswith("no test inputs worked")


def test_a_loss_that_cannot_be_built_and_is_right_is_not_reported(verifier: Verifier) -> None:
    right = CANNOT_BE_BUILT.format("(logit * target + self.smooth).mean()")
    assert found(verifier, right + STEP.format("criterion")) == ()


@pytest.mark.parametrize("broken", [GUARDED, BLOCK])
def test_the_function_with_the_guard_is_mended_and_not_what_it_calls(verifier: Verifier, broken: str) -> None:
    (finding,) = found(verifier, broken + STEP.format("information_loss"))
    assert (finding.code, finding.loss, finding.fix.status) == ("AF109", "information_loss", "verified")


def test_a_guard_around_a_metric_is_left(verifier: Verifier) -> None:
    used = "def loss_fn(pred, target):\n    return Distance(target)(pred)\n"
    right = GUARDED.replace("information_loss", "information") + used
    assert found(verifier, right + STEP.format("loss_fn")) == ()
