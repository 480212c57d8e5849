"""With `--strict` what may be constant on purpose is listed with its fix; otherwise, or if it is meant, it is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.model import Outcome, OwnRules
from autofix.pipeline import fix_source
from autofix.report.github import report as annotations
from autofix.report.gitlab import report as quality
from autofix.verify.verifier import Verifier

pytestmark = pytest.mark.torch

DICE = """import numpy as np
import torch


def dice_loss(p, t):
    both = torch.tensor(np.sum(p.detach().numpy() * t.numpy()))
    return 1 - (2 * both + 1) / (p.sum() + t.sum() + 1)
"""
DICE_FIXED = """import torch


def dice_loss(p, t):
    both = torch.sum(p * t)
    return 1 - (2 * both + 1) / (p.sum() + t.sum() + 1)
"""
LOST = """

def mae_loss(p, t):
    return torch.tensor(np.abs(p.detach().numpy() - t.numpy()).mean())
"""
FOUND = """

def mae_loss(p, t):
    return torch.abs(p - t).mean()
"""
METRIC = """import torch


def accuracy(p, t):
    with torch.no_grad():
        return (p.argmax(1) == t).float().mean().item()
"""


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as started:
        yield started


def outcome(verifier: Verifier, text: str, strict: bool) -> Outcome:
    return fix_source(text, "losses.py", verifier, own=OwnRules(demands="all" if strict else "named"))


def test_what_may_be_meant_is_listed_with_its_fix(verifier: Verifier) -> None:
    seen = outcome(verifier, DICE, strict=True)
    (found,) = seen.findings

    assert (found.code, found.span.line, found.may_be_meant, found.fix.status) == ("AF102", 6, True, "verified")
    assert seen.text == DICE_FIXED
    assert found.explanation is not None and "`# autofix: constant`" in found.explanation.note
    assert annotations([found], (), 1).startswith("::notice ") and '"info"' in quality([found], (), 1)


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        (DICE, False),
        (DICE.replace("numpy()))", "numpy()))  # autofix: constant"), True),
        (DICE_FIXED, True),
        (METRIC, True),
    ],
)
def test_without_the_option_and_where_it_is_meant_nothing_is_said(verifier: Verifier, text: str, strict: bool) -> None:
    seen = outcome(verifier, text, strict)

    assert (seen.findings, seen.text) == ((), text)


def test_what_is_demanded_is_a_fault_like_any_other(verifier: Verifier) -> None:
    seen = outcome(verifier, DICE.replace("numpy()))", "numpy()))  # autofix: differentiate"), strict=False)

    assert [(each.code, each.may_be_meant, each.fix.status) for each in seen.findings] == [("AF102", False, "verified")]
    assert seen.text == DICE_FIXED.replace("(p * t)", "(p * t)  # autofix: differentiate")
    assert outcome(verifier, seen.text, strict=False).findings == ()


def test_faults_for_certain_are_found_as_ever_and_fixed_first(verifier: Verifier) -> None:
    assert outcome(verifier, DICE + LOST, strict=False).text == DICE + FOUND

    seen = outcome(verifier, DICE + LOST, strict=True)

    assert [(each.span.line, each.may_be_meant) for each in seen.findings] == [(6, True), (11, False)]
    assert seen.text == DICE_FIXED + FOUND
