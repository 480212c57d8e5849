"""What every backend has to do, as checks that run in a process of its framework: `python conformance.py NAME`.

Prints one JSON object: the checks by name, each with nothing or with what went wrong. No check knows a framework. What
watches a program does so for as long as its process lives: each of these checks is run in a child.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

from autofix.worker.backends.base import Backend
from autofix.worker.draw import Array
from autofix.worker.ends import Ends
from autofix.worker.record import Record

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


WATCHING: dict[str, Callable[[Backend], None]] = {}


def watching(function: Callable[[Backend], None]) -> Callable[[Backend], None]:
    WATCHING[function.__name__] = function
    return function


class Ended(BaseException):
    """What a watched program is ended by here."""


def watched(backend: Backend, steps: int, cut: bool = False, traces: bool = False, **wanted: Any) -> Record:
    """The record of a program that makes some steps of one trained weight: its loss is the sum of the squares."""

    def end(how: str) -> None:
        raise Ended(how)

    record = Record(wanted=2, end=end, **wanted)
    backend.watch_program(record)
    if traces:
        record.ends = Ends(backend, None, lambda: len(record.events))
        backend.trace_program(record)
    weight = trained(backend)
    backend.assign(weight, SQUARES)
    step = stepping(backend, weight, cut)
    with contextlib.suppress(Ended):
        for _ in range(steps):
            step()
    record.describe()
    return record


def stepping(backend: Backend, weight: Any, cut: bool) -> Callable[[], None]:
    """One step of training, in the way of the framework."""
    framework = backend.framework

    def loss() -> Any:
        squares = weight * weight
        return backend.from_array(backend.to_array(squares).copy()) if cut else squares

    if hasattr(framework, "GradientTape"):
        optimizer = framework.keras.optimizers.SGD(0.1)

        def step() -> None:
            with framework.GradientTape() as tape:
                value = framework.reduce_sum(loss())
            gradient = tape.gradient(value, weight)
            if gradient is not None:
                optimizer.apply_gradients([(gradient, weight)])
    else:
        optimizer = framework.optim.SGD([weight], 0.1)

        def step() -> None:
            optimizer.zero_grad()
            loss().sum().backward()
            optimizer.step()

    return step


SUM = sum(each * each for each in SQUARES.values)


@watching
def a_program_ends_after_the_steps_that_are_asked_for(backend: Backend) -> None:
    record = watched(backend, 5)
    first, second = record.events

    assert record.steps == 2
    assert first.value is not None and second.value is not None
    assert abs(first.value - SUM) < 1e-5 and abs(second.value - 0.64 * SUM) < 1e-5
    assert first.live and not first.leaf


@watching
def what_becomes_of_a_parameter_is_noted(backend: Backend) -> None:
    record = watched(backend, 2)
    (one,) = record.trained.values()
    (optimizer,) = record.optimizers

    assert (one.state, one.used, one.moved, one.frozen) == ("live", True, True, False) and one.number >= 0
    assert optimizer["kind"] == "SGD" and optimizer["parameters"] == [0]
    assert one.norm is not None and abs(one.norm - 2 * (0.8 * SUM**0.5)) < 1e-4


@watching
def a_frozen_program_computes_the_same_value_again(backend: Backend) -> None:
    record = watched(backend, 5, frozen=True)

    assert [round(each.value or 0.0, 4) for each in record.events] == [round(SUM, 4)] * 2
    assert not any(each.moved for each in record.trained.values())


@watching
def the_slope_is_that_of_the_value_along_the_direction(backend: Backend) -> None:
    record = watched(backend, 1, frozen=True, slopes=True)
    slope = record.events[0].slope

    (one,) = record.trained.values()

    assert slope is not None and record.events[0].reaches == [one.number]
    assert record.events[0].norm is not None and abs(record.events[0].norm - 2 * SUM**0.5) < 1e-4
    found = moved_value(backend, 1e-3) - moved_value(backend, -1e-3)
    assert abs(found / 2e-3 - slope) < 2e-2 * max(1.0, abs(slope)), (found / 2e-3, slope)


def moved_value(backend: Backend, by: float) -> float:
    """The value of the program with its weight moved, in a process of its own."""
    reading, writing = os.pipe()
    if os.fork() == 0:
        record = watched(backend, 1, frozen=True, move=by)
        os.write(writing, json.dumps(record.events[0].value).encode())
        os._exit(0)
    os.wait()
    return float(json.loads(os.read(reading, 100)))


@watching
def what_is_not_to_be_moved_stays(backend: Backend) -> None:
    record = watched(backend, 1, frozen=True, move=0.5, only=[7])

    assert record.events[0].value is not None and abs(record.events[0].value - SUM) < 1e-5


@watching
def a_value_without_a_gradient_is_passed_over_where_steps_are_frozen(backend: Backend) -> None:
    record = watched(backend, 1, cut=True, frozen=True, lenient=True)

    assert [each.live for each in record.events] == [False]


@watching
def where_a_gradient_ends_is_noted(backend: Backend) -> None:
    record = watched(backend, 1, cut=True, traces=True, frozen=True, lenient=True)

    ends = [each for each in record.ends.sent() if each["frames"][0]["function"] == "loss"]
    assert ends and all(each["code"].startswith("AF1") for each in ends)


@watching
def a_loss_that_loses_nothing_has_no_ends(backend: Backend) -> None:
    """The gradients that a tape gives have none of their own: that is no matter of the loss."""
    ends = watched(backend, 1, traces=True, frozen=True).ends.sent()

    assert [each for each in ends if each["frames"][0]["function"] == "loss"] == []


def in_child(function: Callable[[Backend], None], backend: Backend) -> str:
    """What went wrong with a check that leaves its process changed; nothing if nothing did."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = ""
        try:
            function(backend)
        except BaseException:
            said = traceback.format_exc(limit=-3)
        os.write(writing, said.encode()[:4000] or b"well")
        os._exit(0)
    os.close(writing)
    said = os.read(reading, 4096).decode()
    os.waitpid(child, 0)
    return "" if said == "well" else said or "the process crashed"


def main(name: str) -> None:
    backend: Backend = importlib.import_module(f"autofix.worker.backends.{name}").Backend()
    backend.prepare()
    found = {title: in_child(function, backend) for title, function in WATCHING.items()}
    for title, function in CHECKS.items():
        try:
            function(backend)
            found[title] = ""
        except Exception:
            found[title] = traceback.format_exc(limit=-2)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
