"""Compares what a spelling gives with what the original gave: values, and gradients by finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np


def is_several(value: object) -> bool:
    """Whether a result is several arrays; a shape is one value."""
    return isinstance(value, (tuple, list)) and not all(isinstance(part, int) for part in value)


def same(actual: Any, expected: Any, tolerance: float) -> bool:
    """Whether both have the same shape and, relative to the largest number, the same values."""
    if is_several(expected):
        return len(actual) == len(expected) and all(same(a, e, tolerance) for a, e in zip(actual, expected))
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        return False
    is_mask = expected.dtype == bool
    scale = 1 if is_mask else 1 + np.max(np.abs(np.where(np.isfinite(expected), expected, 0)), initial=0)
    return bool(np.allclose(actual, expected, rtol=tolerance, atol=tolerance * scale, equal_nan=True))


def real_and_imaginary(value: Any) -> Any:
    """A complex array as a real one with one more axis; others as they are."""
    return np.stack([value.real, value.imag], axis=-1) if np.iscomplexobj(value) else value


def finite_differences(
    function: Callable[..., Any], inputs: Sequence[Any], weight: Any, step: float = 1e-5
) -> list[Any]:
    """The gradient of the weighted sum of `function` with respect to each input, by central differences."""
    gradients = []
    for position, array in enumerate(inputs):
        gradient = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            moved = []
            for sign in (step, -step):
                changed = [each.copy() for each in inputs]
                changed[position][index] += sign
                moved.append(np.sum(weight * real_and_imaginary(np.asarray(function(*changed)))))
            gradient[index] = (moved[0] - moved[1]) / (2 * step)
        gradients.append(gradient)
    return gradients
