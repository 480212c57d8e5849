"""A gradient that is zero but for rounding, and one that is not."""

from __future__ import annotations

import pytest

from autofix.worker.checks.single import is_zero

VALUE = [{"values": [80.0], "shape": [], "bits": 64}]


@pytest.mark.parametrize(
    ("norm", "rounding", "zero"),
    [(7e-11, 1e-12, True), (0.0, 1e-12, True), (9e-11, 1e-12, False), (7e-5, 1e-6, True), (1e-3, 1e-6, False)],
)
def test_terms_that_cancel_out_leave_what_is_rounded(norm: float, rounding: float, zero: bool) -> None:
    assert is_zero(norm, rounding, VALUE) is zero
