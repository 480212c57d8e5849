"""The coverage of the surface does not fall: every name of tier 1, and nearly all of tier 2; in Keras, tier 1 alone."""

from __future__ import annotations

import pytest

from autofix.model import Framework
from tests.rules.proven import RUN
from tests.rules.surface import Name, coverage, listed, numpy_with_a_gradient

TIER_1 = {"torch": 280, "tensorflow": 280, "keras": 260}
TIER_2 = {"torch": (18, 235), "tensorflow": (18, 235), "keras": (121, 100)}
"""How many names may be missing, and how many are proven at least."""

WITHOUT_RULE = {
    "torch": {"numpy.newaxis"},  # stays as it is
    "tensorflow": {"numpy.newaxis"},
    "keras": {"numpy.newaxis", "numpy.convolve", "numpy.fft.fft", "numpy.fft.fft2", "numpy.fft.rfft",
              "numpy.linalg.pinv"},
}  # fmt: skip


@pytest.mark.parametrize("framework", RUN)
def test_every_name_of_tier_1_is_proven_or_has_a_reason(framework: Framework) -> None:
    found = coverage(framework, listed("1"))

    assert len(listed("1")) == 342
    assert found.missing == frozenset()
    assert len(found.proven) >= TIER_1[framework]


@pytest.mark.parametrize("framework", RUN)
def test_nearly_all_of_tier_2_is_too(framework: Framework) -> None:
    found = coverage(framework, listed("2"))

    assert len(listed("2")) == 363
    missing, proven = TIER_2[framework]
    assert len(found.missing) <= missing
    assert len(found.proven) >= proven


@pytest.mark.parametrize("framework", RUN)
def test_numpys_own_functions_with_a_gradient_all_have_a_rule(framework: Framework) -> None:
    names = numpy_with_a_gradient()

    assert len(names) == 134
    assert {each.name for each in names} - coverage(framework, names).proven == WITHOUT_RULE[framework]


@pytest.mark.parametrize("framework", RUN)
def test_a_name_without_a_rule_is_missing(framework: Framework) -> None:
    assert coverage(framework, [Name("numpy.nowhere", "1", True)]).missing == {"numpy.nowhere"}
