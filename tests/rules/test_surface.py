"""The coverage of the surface does not fall: every name of tier 1, and nearly all of tier 2, in both frameworks."""

from __future__ import annotations

import pytest

from autofix.model import Framework
from tests.rules.proven import RUN
from tests.rules.surface import Name, coverage, listed, numpy_with_a_gradient


@pytest.mark.parametrize("framework", RUN)
def test_every_name_of_tier_1_is_proven_or_has_a_reason(framework: Framework) -> None:
    found = coverage(framework, listed("1"))

    assert len(listed("1")) == 342
    assert found.missing == frozenset()
    assert len(found.proven) >= 280


@pytest.mark.parametrize("framework", RUN)
def test_nearly_all_of_tier_2_is_too(framework: Framework) -> None:
    found = coverage(framework, listed("2"))

    assert len(listed("2")) == 363
    assert len(found.missing) <= 0.05 * 363
    assert len(found.proven) >= 235


@pytest.mark.parametrize("framework", RUN)
def test_numpys_own_functions_with_a_gradient_all_have_a_rule(framework: Framework) -> None:
    names = numpy_with_a_gradient()

    assert len(names) == 134
    assert {each.name for each in names} - coverage(framework, names).proven == {"numpy.newaxis"}  # stays as it is


@pytest.mark.parametrize("framework", RUN)
def test_a_name_without_a_rule_is_missing(framework: Framework) -> None:
    assert coverage(framework, [Name("numpy.nowhere", "1", True)]).missing == {"numpy.nowhere"}
