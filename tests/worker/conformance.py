"""What every backend has to do, as checks that run in a process of its framework: `python conformance.py NAME`.

Prints one JSON object: the checks by name, each with nothing or with what went wrong. No check knows a framework.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

from autofix.worker.backends.base import Backend
from autofix.worker.draw import Array

CHECKS: dict[str, Callable[[Backend], None]] = {}
SQUARES = Array((2, 3), (1.0, -2.0, 3.0, 0.5, 0.0, -1.0))
LABELS = Array((3,), (0.0, 2.0, 1.0), "int")


def check(function: Callable[[Backend], None]) -> Callable[[Backend], None]:
    CHECKS[function.__name__] = function
    return function


def numbers(backend: Backend, value: Any) -> list[float]:
    leaf = backend.leaf(value)
    assert leaf is not None
    return list(leaf.values)


def squared(tensors: list[Any]) -> Any:
    return tensors[0] * tensors[0]


@check
def it_has_every_member(backend: Backend) -> None:
    named = {"name", "framework", "version", "needs_scalar", "array_ways", "memory", "checks_graph", "checks_device",
             "module_base", "dtypes", "casts_labels", "wider_names"}  # fmt: skip

    assert not inspect.isabstract(type(backend))
    assert all(hasattr(backend, each) for each in named)
    assert backend.memory > 1 << 28 and set(backend.array_ways) <= {"tensors", "arrays"}
    assert {"double", "single", "float16", "bfloat16"} <= set(backend.dtypes)


@check
def a_tensor_has_the_numbers_the_shape_and_the_type(backend: Backend) -> None:
    double, single = (backend.tensor(SQUARES, each) for each in ("double", "single"))

    assert numbers(backend, double) == list(SQUARES.values)
    assert tuple(double.shape) == (2, 3)
    assert (double.dtype, single.dtype) == (backend.dtypes["double"], backend.dtypes["single"])


@check
def labels_and_truth_values_keep_their_types(backend: Backend) -> None:
    labels, mask = backend.tensor(LABELS, "single"), backend.tensor(Array((2,), (1.0, 0.0), "bool"), "single")

    assert backend.to_array(labels).dtype.kind == "i"
    assert backend.to_array(mask).dtype.kind == "b"


@check
def an_array_comes_back_as_a_tensor_and_other_things_as_they_are(backend: Backend) -> None:
    array = backend.to_array(backend.tensor(SQUARES, "double"))

    assert numbers(backend, backend.from_array(array)) == list(SQUARES.values)
    assert backend.from_array("mean") == "mean" and backend.to_array(3.5) == 3.5
    assert backend.leaf("mean") is None


@check
def what_a_loss_gives_is_its_value(backend: Backend) -> None:
    found = backend.evaluate(squared, [SQUARES], "double")

    assert numbers(backend, found) == [each * each for each in SQUARES.values]


@check
def the_gradient_is_that_of_the_weighted_sum(backend: Backend) -> None:
    """The weights of the elements are the worker's: the slope of `x * x` is twice that of `x`, times `x`."""
    (_, (plain,)), (_, (found,)) = (
        backend.differentiate(call, [SQUARES], [0], "double") for call in (lambda tensors: tensors[0] * 1.0, squared)
    )

    assert plain is not None and found is not None
    assert all(abs(f - 2 * x * w) < 1e-12 for f, w, x in zip(found, plain, SQUARES.values, strict=True))


@check
def where_nothing_arrives_the_gradient_is_none(backend: Backend) -> None:
    _, gradients = backend.differentiate(lambda tensors: tensors[0] * 2.0, [SQUARES, SQUARES], [0, 1], "double")

    assert gradients[0] is not None
    assert gradients[1] is None


@check
def a_value_that_left_the_graph_has_no_gradient(backend: Backend) -> None:
    cut = lambda tensors: backend.from_array(backend.to_array(tensors[0])) * 2.0  # noqa: E731
    _, gradients = backend.differentiate(cut, [SQUARES], [0], "double")

    assert gradients == [None]


@check
def nothing_is_recorded_where_it_only_watches(backend: Backend) -> None:
    result, changed = backend.evaluate_watching(squared, [SQUARES], "double")

    assert numbers(backend, result) == [each * each for each in SQUARES.values]
    assert changed == []


@check
def seeds_repeat_what_is_drawn(backend: Backend) -> None:
    import random

    drawn = []
    for seed in (1, 2, 1):
        backend.reseed(seed)
        drawn.append(random.random())

    assert drawn[0] == drawn[2] != drawn[1]


@check
def a_parameter_is_read_and_moved_in_place(backend: Backend) -> None:
    parameter = trained(backend)
    backend.assign(parameter, SQUARES)

    assert backend.count(parameter) == 6
    assert backend.array_of(parameter).values == SQUARES.values
    assert [one for _, one in backend.parameters(parameter) or ()] == [parameter]
    assert backend.parameters("mean") is None


@check
def the_gradient_of_a_parameter_is_asked_beside_that_of_the_arguments(backend: Backend) -> None:
    parameter = trained(backend)
    _, gradients = backend.differentiate(
        lambda tensors: tensors[0] * parameter, [SQUARES], [0], "single", parameters=[parameter]
    )

    assert len(gradients) == 2 and all(each is not None for each in gradients)


def trained(backend: Backend) -> Any:
    """Return something that the framework trains, whichever of its ways to make one is there."""
    framework = backend.framework
    start = backend.tensor(Array((2, 3), (0.0,) * 6), "single")
    return framework.Variable(start) if hasattr(framework, "Variable") else start.requires_grad_()


@check
def explicit_cuts_do_nothing_inside_uncut(backend: Backend) -> None:
    framework = backend.framework

    def cut(tensors: list[Any]) -> Any:
        held = tensors[0].detach() if hasattr(tensors[0], "detach") else framework.stop_gradient(tensors[0])
        return held * 2.0

    _, before = backend.differentiate(cut, [SQUARES], [0], "double")
    with backend.uncut():
        _, inside = backend.differentiate(cut, [SQUARES], [0], "double")
    _, after = backend.differentiate(cut, [SQUARES], [0], "double")

    assert (before, after) == ([None], [None])
    assert inside[0] is not None


@check
def copies_and_their_likes_do_not_touch_the_original(backend: Backend) -> None:
    tensor = backend.tensor(SQUARES, "double")
    shifted, mirrored = backend.shifted(tensor, 0.1), backend.mirrored(tensor)

    assert numbers(backend, backend.copied(tensor)) == numbers(backend, tensor) == list(SQUARES.values)
    assert numbers(backend, mirrored) == list(reversed(SQUARES.values))
    assert all(0 < s - x < 0.31 for s, x in zip(numbers(backend, shifted), SQUARES.values, strict=True))


@check
def what_is_watched_is_what_the_call_gives(backend: Backend) -> None:
    assert numbers(backend, backend.watch(squared, [backend.tensor(SQUARES, "double")])) == [
        each * each for each in SQUARES.values
    ]


@check
def a_stand_in_moves_with_what_it_is_fed_in_its_range(backend: Backend) -> None:
    fed, other = (backend.tensor(Array((2, 3), values), "double") for values in (SQUARES.values, (0.3,) * 6))
    free = backend.tensor(SQUARES, "double")
    one, two = (numbers(backend, backend.moved_by(free, [each], "unit", 1)) for each in (fed, other))

    assert backend.is_fed(fed) and not backend.is_fed("mean")
    assert one != two and all(0 < each < 1 for each in one + two)
    assert len(numbers(backend, backend.distance([fed, other]))) == 1


@check
def the_warm_up_loss_has_a_gradient(backend: Backend) -> None:
    arrays = [SQUARES, Array((2, 3), (0.5, -0.5, 1.0, 2.0, 0.1, 0.7))]
    value, gradients = backend.differentiate(lambda tensors: backend.small_loss(*tensors), arrays, [0], "double")

    assert len(numbers(backend, value)) == 1
    assert gradients[0] is not None and any(gradients[0])


@check
def the_default_type_is_put_back(backend: Backend) -> None:
    backend.precision("single")
    with backend.restored():
        backend.precision("double")
        backend.precision("single")


@check
def a_loss_runs_on_tensors_of_its_caller(backend: Backend) -> None:
    tensors = {"p": backend.tensor(SQUARES, "double"), "y": backend.tensor(SQUARES, "double")}
    value, norms = backend.recorded(lambda p, y: squared([p]) + y, tensors, ["p"])
    (norm,) = norms()
    assert len(numbers(backend, value)) == len(SQUARES.values)
    assert norm is not None and abs(norm - 2 * sum(each * each for each in SQUARES.values) ** 0.5) < 1e-9

    _, norms = backend.recorded(lambda p, y: y, tensors, ["p"])
    try:
        found = norms()
    except RuntimeError:
        return  # nothing that it returns asks for a gradient
    assert found == [None]


@check
def what_is_no_tensor_has_no_gradient(backend: Backend) -> None:
    _, norms = backend.recorded(lambda p: 1.0, {"p": backend.tensor(SQUARES, "double")}, ["p"])
    try:
        norms()
    except TypeError as error:
        assert "a float, which has no gradient" in str(error)
    else:
        raise AssertionError


@check
def a_generator_is_set_to_a_state_that_was_read(backend: Backend) -> None:
    for restored, state in backend.generators():
        backend.reseed(3)
        restored(state)


@check
def what_has_a_type_of_its_own_is_not_widened(backend: Backend) -> None:
    assert not backend.makes_single("no_function_of_any_framework", 1, True)
    assert all(value in ("float64", "double") for value in backend.wider_names.values())


def main(name: str) -> None:
    backend: Backend = importlib.import_module(f"autofix.worker.backends.{name}").Backend()
    backend.prepare()
    found = {}
    for title, function in CHECKS.items():
        try:
            function(backend)
            found[title] = ""
        except Exception:
            found[title] = traceback.format_exc(limit=-2)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
