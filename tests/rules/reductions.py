"""Calls of NumPy's reductions whose arguments Hypothesis draws: the same ones at each run."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from autofix.prove.samples import Sample
from autofix.prove.worker.trial import arrays

ARRAYS = {"v": 1, "x": 2, "z": 3, "t": 4}
ALL_TAKE = ("sum", "mean", "std", "var", "max", "min", "prod", "ptp", "median", "nansum", "nanmean", "average")
WITH_DDOF, WITH_INITIAL = ("std", "var"), ("sum", "max", "min", "prod", "nansum")
WITH_WHERE, WITH_DTYPE = ("sum", "mean", "std", "var", "prod", "nansum", "nanmean"), ("sum", "mean", "prod", "nansum")
WITHOUT_TUPLES = ("average",)


@st.composite
def _axes(draw: st.DrawFn, rank: int, tuples: bool) -> str:
    """An axis counted from either end, several of them, or None written out."""
    axes = draw(st.lists(st.integers(0, rank - 1), min_size=1, max_size=rank if tuples else 1, unique=True))
    signed = [axis - rank if draw(st.booleans()) else axis for axis in axes]
    written = st.sampled_from([repr(tuple(signed)) if len(signed) > 1 else str(signed[0]), "None"])
    return f"axis={draw(written)}"


@st.composite
def _reduction(draw: st.DrawFn) -> str:
    name, array = draw(st.sampled_from(ALL_TAKE)), draw(st.sampled_from(sorted(ARRAYS)))
    given_ones = [array]
    if draw(st.integers(0, 3)):
        given_ones.append(draw(_axes(ARRAYS[array], name not in WITHOUT_TUPLES)))
    if draw(st.booleans()):
        given_ones.append(f"keepdims={draw(st.booleans())}")
    if name in WITH_DDOF and draw(st.booleans()):
        given_ones.append(f"ddof={draw(st.integers(0, 1))}")
    if name in WITH_DTYPE and not draw(st.integers(0, 3)):
        given_ones.append("dtype=np.float64")
    if name in WITH_INITIAL and not draw(st.integers(0, 2)):
        given_ones.append(f"initial={draw(st.sampled_from(['0.5', '2.0']))}")
    if name in WITH_WHERE and not draw(st.integers(0, 2)):
        given_ones.append(f"where={array} > {draw(st.sampled_from(['0.0', '0.3']))}")
    return f"np.{name}({', '.join(given_ones)})"


@cache
def reductions(wanted: int = 120) -> tuple[Sample, ...]:
    """As many calls, each once, that NumPy takes without a warning."""
    found: dict[str, None] = {}

    @settings(
        derandomize=True,
        database=None,
        deadline=None,
        max_examples=3 * wanted,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(_reduction())
    def collect(call: str) -> None:
        if len(found) < wanted and _is_taken(call):
            found[call] = None

    collect()
    return tuple(Sample(call, f"numpy.{call[3 : call.index('(')]}", call, varied=False) for call in found)


def _is_taken(call: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            value = eval(call, {"np": np, **arrays()})
        except (RuntimeWarning, ValueError, TypeError):
            return False
    return bool(np.all(value != 0)) or "std" not in call  # where nothing varies, a deviation has no gradient
