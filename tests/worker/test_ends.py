"""Whether a value moves, and what a neighbour of it is: with arrays, for any framework."""

from __future__ import annotations

import numpy as np
import pytest

from autofix.worker.ends import LiveBridge, bridge, changed, summed, typical, uneven

NUMBERS = np.array([3.0, -1.0, 2.0, 5.0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (NUMBERS, NUMBERS + 0.1),
        (NUMBERS, NUMBERS[::-1]),
        (np.array([1, 2, 3, 4]), np.array([2, 1, 3, 4])),
        (np.array([1, 5, 3]), np.array([3, 5, 1, 0])),
        (np.array([True, False]), np.array([False, True])),
        (1.5, 1.6),
    ],
)
def test_a_value_that_moves_has_another_sum(one: object, other: object) -> None:
    assert summed(one) != summed(other)
    assert summed(one) == summed(one)


@pytest.mark.parametrize("value", ["text", None, [1.0], object(), np.array(["a"])])
def test_what_is_no_number_has_none(value: object) -> None:
    assert summed(value) == 0.0


def test_a_signed_sum_is_a_plain_one() -> None:
    assert summed(NUMBERS, absolute=False) == 9.0
    assert uneven(np.ones(1)) == pytest.approx(1.61)


@pytest.mark.parametrize("value", [NUMBERS, np.float32([0.0, 1.0]), np.array(2.0), 0.0, 3.5])
def test_a_neighbour_is_near_of_the_same_kind_and_shape(value: object) -> None:
    other = changed(value, None)

    assert type(other) is type(value)
    assert np.shape(other) == np.shape(value)  # type: ignore[arg-type]
    assert getattr(other, "dtype", None) == getattr(value, "dtype", None)
    assert np.all(np.asarray(other) != np.asarray(value)) and np.allclose(other, value, atol=0.1)  # type: ignore[arg-type]


def test_truth_values_and_indices_come_out_otherwise() -> None:
    assert list(changed(np.array([True, False]), None)) == [False, True]
    assert type(changed(np.array(True), None)) is np.ndarray and type(changed(np.bool_(True), None)) is np.bool_
    assert list(changed(np.array([1, 2, 3]), None)) == [3, 2, 1]
    assert changed(np.array([[1, 2], [3, 4]]), None).shape == (2, 2)


@pytest.mark.parametrize("value", [True, 3, np.int64(3), np.array(3), "text", None, [1.0]])
def test_what_has_no_neighbour_stays(value: object) -> None:
    assert changed(value, None) is None


def test_how_large_numbers_are() -> None:
    assert 1.0 <= typical(np.ones((3, 4))) < 2.0
    assert typical(np.ones((0, 4))) == 0.0


class Recorder:
    """Takes strings as tensors with a gradient."""

    def __init__(self) -> None:
        self.codes: list[str] = []

    def is_live(self, value: object) -> bool:
        return isinstance(value, str)

    def array_of(self, value: str, code: str) -> object:
        self.codes.append(code)
        return np.array([float(value)])


def test_an_array_library_tells_of_what_it_is_given() -> None:
    recorder = Recorder()
    numpy = bridge(np, recorder, None)  # type: ignore[arg-type]

    assert isinstance(numpy, LiveBridge)
    assert numpy.abs("-2").tolist() == [2.0] and numpy.mean(["1", "3"]) == 2.0
    assert numpy.linalg.norm("-2") == 2.0
    assert recorder.codes == ["AF101"] * 4


def test_of_anything_else_it_says_nothing() -> None:
    recorder = Recorder()
    numpy = bridge(np, recorder, lambda found: "tensor")  # type: ignore[arg-type]

    assert numpy.abs(-2.0) == 2.0 and numpy.pi == np.pi and numpy.ndarray is np.ndarray
    assert recorder.codes == []
    assert numpy.abs("-2") == "tensor"
