"""A gradient that is zero but for rounding, and one that single precision gets wrong."""

from __future__ import annotations

import pytest

from autofix.verify.checks import are_rounding

VALUE = [{"values": [80.0], "shape": [], "bits": 64}]


@pytest.mark.parametrize(
    ("double", "single", "rounding"),
    [
        (9e-15, 9e-7, True),
        (0.0, 0.0, True),
        (9e-15, 1e-3, False),
        (1e-9, 9e-7, False),
        (0.4, 0.4, False),
    ],
)
def test_terms_that_cancel_out_leave_what_is_rounded(double: float, single: float, rounding: bool) -> None:
    assert are_rounding({"norm": double}, {"norm": single}, VALUE) is rounding
