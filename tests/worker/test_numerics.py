"""Numbers that agree and numbers that do not."""

from __future__ import annotations

import math
from typing import cast

import pytest

from autofix.worker.numerics import VALUE_COARSE, VALUE_FINE, slope_difference, slopes_of_value, value_difference
from autofix.worker.records import Differentiated, LeafRecord, OriginalReport


def leaf(*values: float, shape: tuple[int, ...] | None = None) -> LeafRecord:
    return {"values": list(values), "shape": list((len(values),) if shape is None else shape), "bits": 64}


@pytest.mark.parametrize("have", [leaf(1.0, 2.0), leaf(1.0, 2.0 + 1e-14)])
def test_the_same_value(have: LeafRecord) -> None:
    assert value_difference([leaf(1.0, 2.0)], [have], 0.0) < VALUE_FINE


@pytest.mark.parametrize(
    "have",
    [
        leaf(1.0, 2.0 + 1e-8),
        leaf(2.0, 1.0),
        leaf(1.0),
        leaf(1.0, 2.0, 3.0),
        leaf(1.0, math.nan),
        leaf(1.0, math.inf),
        leaf(1.0, 2.0, shape=(2, 1)),
    ],
)
def test_another_value(have: LeafRecord) -> None:
    assert value_difference([leaf(1.0, 2.0)], [have], 0.0) > VALUE_FINE


def test_two_that_are_nan_agree_and_a_missing_result_does_not() -> None:
    assert value_difference([leaf(math.nan)], [leaf(math.nan)], 0.0) == 0.0
    assert value_difference([leaf(1.0), leaf(2.0)], [leaf(1.0)], 0.0) == math.inf


def test_a_scalar_may_lose_its_brackets_and_not_gain_them() -> None:
    scalar, bracketed = leaf(1.0, shape=()), leaf(1.0, shape=(1,))
    assert value_difference([bracketed], [scalar], 0.0) == 0.0
    assert value_difference([scalar], [bracketed], 0.0) == math.inf


def test_single_precision_forgives_its_rounding_and_no_more() -> None:
    assert value_difference([leaf(1.0)], [leaf(1.0 + 1e-6)], 1e-6) < VALUE_COARSE
    assert value_difference([leaf(1.0)], [leaf(1.0 + 1e-4)], 1e-6) > VALUE_COARSE


def point(*pairs: tuple[float, float], coarse: bool = False) -> tuple[OriginalReport, Differentiated]:
    original = cast(OriginalReport, {"step": 0.5, "coarse": coarse})
    return original, {"value": [], "center": 0.0, "differences": {"p": [list(pair) for pair in pairs]}}


def test_slopes_are_central_differences() -> None:
    assert slopes_of_value(*point((-1.0, 1.0), (2.0, -2.0), (0.0, 0.0)), "p") == [2.0, -4.0, 0.0]


def test_slopes_at_a_kink_or_of_no_number_are_not_trusted() -> None:
    assert slopes_of_value(*point((1.0, 1.0), (-1.0, 3.0), (math.nan, 1.0)), "p") == [None, None, None]


def test_slopes_that_agree() -> None:
    assert slope_difference([1.0, None, 2.0], [1.0, 99.0, 2.0]) == 0.0
    assert slope_difference([0.0, 0.0], [0.0, 0.0]) == 0.0


def test_slopes_that_do_not() -> None:
    assert slope_difference([1.0, 2.0], [0.5, 1.0]) == pytest.approx(0.5)
    assert slope_difference([0.0, 0.0], [0.0, 1.0]) == math.inf
    assert slope_difference([1.0, 2.0], [1.0, math.nan]) == math.inf
