"""The same call on other arrays: integers, truth values, half precision, two types at once, and each rank from 0 to 4.

Takes a trial and the names of variants; gives what is wrong with each spelling there. What NumPy itself does not take,
or warns of, is no variant.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .backends import Backend
from .compare import is_several, same
from .trial import FLOAT32, Trial, short

EXACT, HALF, DIRECTIONAL, STEP = 1e-9, 4e-3, 1e-5, 1e-7


def varied(trial: Trial, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """What is wrong: the variant, the candidate by its place, the problem, and whether the framework said so."""
    for name in names:
        inputs = _changed(trial.inputs, name)
        expected = None if inputs is None else _expected(trial, inputs)
        if inputs is None or expected is None or (name == "rank 0" and np.ndim(expected)):
            continue
        for place, candidate in enumerate(trial.call["candidates"]):
            wrong, raised = _problem(trial, candidate, inputs, expected, name)
            if wrong is not None:
                yield {"variant": name, "candidate": place, "problem": wrong, "raised": raised}


def _expected(trial: Trial, inputs: Sequence[Any]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            expected = trial.oracle(*inputs)
        except Exception:
            return None
    return None if any(np.asarray(part).dtype == "O" for part in _parts(expected)) else expected


def _changed(inputs: Sequence[Any], name: str) -> list[Any] | None:
    """The arrays of a variant; none where they are those of the call itself."""
    if name == "two types":
        return [inputs[0], *(_integers(array) for array in inputs[1:])] if len(inputs) > 1 else None
    if name == "integers":
        return [_integers(array) for array in inputs]
    if name == "booleans":
        return [array > 0.5 for array in inputs]
    if name == "half precision":
        return [array.astype(np.float16) for array in inputs]
    changed = [_of_rank(array, int(name[-1]), 0.9 - 0.03 * place) for place, array in enumerate(inputs)]
    return changed if [each.shape for each in changed] != [each.shape for each in inputs] else None


def _integers(array: Any) -> Any:
    """Integers from 1 to 9."""
    return np.round(np.abs(array) * 8).astype(np.int64) + 1


def _of_rank(array: Any, rank: int, factor: float) -> Any:
    """The first of its rows, or the same backwards and a little smaller beside it, on further axes in front."""
    while array.ndim > rank:
        array = array[0]
    while array.ndim < rank:
        array = np.stack([array, (factor - 0.04 * array.ndim) * np.flip(array)])  # no two numbers alike
    return array


def _problem(
    trial: Trial, candidate: dict[str, Any], inputs: Sequence[Any], expected: Any, variant: str
) -> tuple[str | None, bool]:
    exact = variant.startswith("rank")
    try:
        if not trial.holds(candidate, [trial.backend.tensor(array, False) for array in inputs]):
            return None, False
        moves = exact and trial.call["differentiable"] and variant != "rank 0" and _is_real(expected)
        weight = np.full(np.shape(expected), 0.7) if moves else None
        value = trial.plain(trial.backend.value_and_gradients(trial.rendered(candidate), inputs, None)[0])
        weight = weight if np.shape(value) == np.shape(expected) else None  # another shape is a wrong value
        _, gradients = trial.backend.value_and_gradients(trial.rendered(candidate), inputs, weight)
    except AssertionError:  # the function says itself that it is for another call
        return None, False
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}", True
    if not same(value, expected, EXACT if exact else _tolerance(expected, inputs)):
        return f"value {short(value)} is not {short(expected)}", False
    if gradients is None:
        return None, False
    slope = sum(float(np.sum(each * _direction(each))) for each in gradients)
    wanted_slope = _slope(trial, inputs)
    if np.isclose(slope, wanted_slope, rtol=DIRECTIONAL, atol=DIRECTIONAL, equal_nan=True):
        return None, False
    return f"the gradient along a direction is {slope:.8g}, not {wanted_slope:.8g}", False


def _is_real(value: Any) -> bool:
    return not is_several(value) and not np.iscomplexobj(value)


def _tolerance(expected: Any, inputs: Sequence[Any]) -> float:
    """Half precision where NumPy computes in it, as of truth values."""
    halves = [np.asarray(each).dtype == np.float16 for each in (*inputs, *_parts(expected))]
    return HALF if any(halves) else FLOAT32


def _parts(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _direction(array: Any) -> Any:
    return np.cos(np.arange(np.size(array), dtype=float)).reshape(np.shape(array))


def _slope(trial: Trial, inputs: Sequence[Any]) -> float:
    """By central differences of the original, along the same direction."""
    ends = [trial.oracle(*[each + sign * STEP * _direction(each) for each in inputs]) for sign in (1, -1)]
    return float(0.7 * (np.sum(ends[0]) - np.sum(ends[1])) / (2 * STEP))


def answer(call: dict[str, Any], backend: Backend, bundled: str) -> dict[str, Any]:
    """Why the original does not run, or what each candidate and each rule gave, and what is wrong in which variant."""
    try:
        trial = Trial(call, backend, bundled)
    except Exception as error:
        return {"original": f"{type(error).__name__}: {error}", "candidates": [], "direct": [], "varied": []}
    return {
        "original": None,
        "candidates": [trial.judged(candidate) for candidate in call["candidates"]],
        "direct": [trial.called(name) for name in call["functions"]],
        "varied": list(varied(trial, call["variants"])),
    }
