"""The verdict of a program on its rewrite: each reason to reject one stands beside a rewrite that is accepted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autofix.model import Verdict
from autofix.observe.first_steps import prove_by_program
from autofix.observe.observation import Observation
from autofix.observe.printed import comparable_lines, tells_same
from tests.observe.behaviours import Behaviour, error, event, linear, measured, parameter

DEAD = Behaviour(
    events=(event(live=False),), shown=Observation("steps", steps=2, parameters=(parameter(state="none"),))
)
RAISES = Behaviour(
    events=(event(live=False, error="element 0 of tensors does not require grad"),),
    shown=Observation("raised", error=error(9, "RuntimeError", "element 0"), parameters=(parameter(state="none"),)),
)
GOOD = Behaviour()


def verdict(original: Behaviour, *candidates: Behaviour) -> Verdict:
    texts = {"original": original, **{str(number): each for number, each in enumerate(candidates)}}
    return prove_by_program(measured("original", texts), [measured(each, texts) for each in list(texts)[1:]])


def shown(**changes: object) -> Behaviour:
    return replace(GOOD, shown=replace(GOOD.shown, **changes))  # type: ignore[arg-type]


def assert_rejected(original: Behaviour, candidate: Behaviour, reason: str) -> None:
    found = verdict(original, candidate)

    assert found.status == "rejected" and reason in found.reason, found


def assert_verified(original: Behaviour, candidate: Behaviour) -> None:
    found = verdict(original, candidate)

    assert found.status == "verified" and found.candidate == 0, found


@pytest.mark.parametrize("original", [DEAD, RAISES])
def test_a_rewrite_of_the_same_value_with_its_gradient_is_verified(original: Behaviour) -> None:
    found = verdict(original, GOOD)
    assert found.status == "verified" and found.evidence is not None

    assert "loss 2 before and after, gradients reach 1 parameter (before: none)" in found.evidence.inputs[0]
    assert (found.evidence.gradient_before, found.evidence.gradient_after) == (None, 5.0)


def test_one_program_verifies_no_rewrite_of_a_file_that_others_import_too() -> None:
    """Whatever kind of rewrite it is: of the source, of what was seen, of the whole structure."""
    texts = {"original": DEAD, "rewrite": GOOD}
    original, rewrite = measured("original", texts), measured("rewrite", texts)
    shared = replace(original, run=replace(original.run, shared=True))

    assert prove_by_program(original, [rewrite]).status == "verified"
    assert prove_by_program(shared, [rewrite]).status == "unverifiable"


def test_a_rewrite_that_raises_is_rejected() -> None:
    assert_rejected(DEAD, shown(end="raised", error=error(12)), "raises KeyError: x in line 12")


@pytest.mark.parametrize("end", ["late", "lost", "exited"])
def test_a_rewrite_that_does_not_come_to_its_steps_is_rejected(end: str) -> None:
    assert_rejected(DEAD, shown(end=end), "second step in time")


def test_a_rewrite_that_ends_by_itself_is_verified() -> None:
    assert_verified(DEAD, shown(end="finished", steps=1))


def test_another_value_is_rejected_and_one_that_differs_by_rounding_is_not() -> None:
    assert_rejected(DEAD, replace(GOOD, value=lambda move, seed: linear(move, seed) * 1.01), "the value differs: 2 in")
    assert_verified(DEAD, replace(GOOD, value=lambda move, seed: linear(move, seed) * (1 + 1e-5)))


def test_a_value_that_is_the_same_in_one_point_only_is_rejected() -> None:
    other = replace(GOOD, value=lambda move, seed: 2.0 + 3.0 * move + (9.0 * move if seed else 0.0))

    assert_rejected(DEAD, other, "the value differs with its parameters moved")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_verifies_nothing(value: float) -> None:
    def same(move: float, seed: int) -> float:
        return value

    assert verdict(replace(DEAD, value=same), replace(GOOD, value=same)).status == "unverifiable"
    assert_rejected(DEAD, replace(GOOD, value=same), "the value differs")


def test_fewer_values_are_rejected_and_more_are_not() -> None:
    assert_rejected(replace(DEAD, events=(event(live=False),) * 2), GOOD, "differentiates fewer values")
    assert_verified(DEAD, replace(GOOD, events=(event(), event(10))))


def test_a_value_that_stays_without_a_gradient_is_rejected_unless_it_is_an_inner_one() -> None:
    assert_rejected(DEAD, replace(GOOD, events=(event(), event(11, live=False))), "in line 11 would still have no")
    assert_verified(DEAD, replace(GOOD, events=(event(), event(11, live=False, by="grad"))))


def test_a_leaf_does_not_train_anything() -> None:
    assert_rejected(DEAD, replace(GOOD, events=(event(leaf=True),)), "would still have no gradient")


def test_a_parameter_may_not_lose_its_gradient() -> None:
    other = parameter("other.weight", "none")

    assert_rejected(DEAD, shown(parameters=(parameter(), other)), "`other.weight` would get no gradient")
    assert_verified(DEAD, shown(parameters=(parameter(), replace(other, used=False))))
    had_none = replace(DEAD, shown=replace(DEAD.shown, parameters=(parameter(state="none"), other)))
    assert_verified(had_none, shown(parameters=(parameter(), other)))


def test_a_rewrite_that_restores_nothing_is_rejected() -> None:
    assert_rejected(GOOD, GOOD, "the gradient would be the same as before")


def test_a_part_of_the_gradient_that_comes_back_is_enough() -> None:
    partly = replace(GOOD, events=(event(slope=1.0),))

    assert_verified(partly, GOOD)
    assert_verified(replace(GOOD, events=(event(reaches=frozenset()),)), GOOD)


def test_a_gradient_that_is_not_finite_is_rejected_unless_it_was_none_before() -> None:
    bad = shown(parameters=(parameter(state="bad"),))

    assert_rejected(DEAD, bad, "the gradient of `model.weight` would not be finite")
    assert_verified(replace(DEAD, shown=bad.shown), bad)


def test_a_gradient_that_is_not_that_of_the_values_is_rejected() -> None:
    assert_rejected(DEAD, replace(GOOD, events=(event(slope=1.0),)), "part of the gradient")
    assert_verified(DEAD, replace(GOOD, events=(event(slope=3.005),)))


def test_a_gradient_that_is_cut_in_so_many_words_is_measured_without_the_cut() -> None:
    held = replace(GOOD, events=(event(slope=1.0),))

    assert_verified(DEAD, replace(held, uncut={"events": (event(),)}))
    assert_rejected(DEAD, replace(held, uncut={"events": (event(slope=1.5),)}), "part of the gradient")


def test_near_a_kink_finite_differences_are_not_believed() -> None:
    def kinked(move: float, seed: int) -> float:
        return linear(move, seed) + (20.0 * max(0.0, move - 4e-4) if seed == 0 and move < 1e-2 else 0.0)

    dead, good = (replace(each, value=kinked) for each in (DEAD, GOOD))

    assert_verified(dead, good)


def test_what_is_printed_before_the_first_value_has_to_be_the_same() -> None:
    first = replace(DEAD, shown=replace(DEAD.shown, printed="loss: 0.5\nmore"), events=(event(live=False, printed=10),))

    def prints(text: str) -> Behaviour:
        return replace(shown(printed=text + "and later"), events=(event(printed=len(text)),))

    assert_rejected(first, prints("loss: 0.9\n"), "would print `loss: 0.9`, not `loss: 0.5`")
    assert_rejected(first, prints("tensor(0.5)\n"), "would print")
    assert_rejected(first, prints(""), "would not print what it prints now")
    for same in ("loss: 0.5\n", "loss: 0.5001\n"):
        assert_verified(first, prints(same))


def test_the_mark_of_a_graph_in_what_is_printed_is_no_difference() -> None:
    first = replace(DEAD, shown=replace(DEAD.shown, printed="tensor(0.5)\n"), events=(event(live=False, printed=12),))
    marked = "tensor(0.5, grad_fn=<MeanBackward0>)\n"

    assert_verified(first, replace(shown(printed=marked), events=(event(printed=len(marked)),)))


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (
            Observation("raised", error=error(3, "EOFError", "")),
            "the program raises EOFError in line 3 before its first",
        ),
        (Observation("late", seconds=10.0), "does not make its first steps in 10 s; give it more with --observe"),
        (Observation("exited", printed="usage: x\nerror: --data\n"), "exits before its first step: error: --data"),
        (Observation("exited"), "the program exits before its first step"),
        (Observation("lost", "the worker is gone"), "the worker is gone"),
        (Observation("finished"), "the program trains nothing when it is run"),
    ],
)
def test_a_program_without_a_step_verifies_nothing_and_says_why(seen: Observation, reason: str) -> None:
    found = verdict(Behaviour(events=(), shown=seen), GOOD)

    assert found.status == "unverifiable" and reason in found.reason


def test_a_program_that_numpy_stops_is_compared_with_numpy_let_in() -> None:
    stopped = Behaviour(
        events=(), shown=Observation("raised", error=error()), lenient={"events": DEAD.events, "shown": DEAD.shown}
    )

    assert_verified(stopped, GOOD)
    other = replace(GOOD, value=lambda move, seed: 7.0)
    assert_rejected(stopped, other, "the value differs")


def test_a_program_with_another_value_each_time_verifies_nothing() -> None:
    drawn = iter(range(100))
    found = verdict(replace(DEAD, value=lambda move, seed: float(next(drawn))), GOOD)

    assert found.status == "unverifiable" and "another value each time" in found.reason


def test_the_first_rewrite_that_holds_is_taken() -> None:
    wrong = replace(GOOD, value=lambda move, seed: 7.0)
    found = verdict(DEAD, wrong, GOOD, GOOD)

    assert (found.status, found.candidate) == ("verified", 1)
    assert verdict(DEAD, wrong, shown(end="late")).reason.startswith("the value differs")
    assert verdict(DEAD).reason == "there is no rewrite to run"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("epoch 1: loss 0.50 in 3.2 s, 41.5 it/s", "epoch 1: loss 0.50 in 2.8 s, 39.0 it/s"),
        ("10/10 ━━━━━ 0s 12ms/step\nloss 0.5", "loss 0.5"),
        ("tensor(0.5, grad_fn=<MeanBackward0>)", "tensor(0.5)"),
    ],
)
def test_what_differs_from_run_to_run_is_not_compared(one: str, other: str) -> None:
    assert all(tells_same(*pair) for pair in zip(comparable_lines(one), comparable_lines(other), strict=True))


@pytest.mark.parametrize(("one", "other"), [("0.5", "tensor(0.5)"), ("loss 0.50", "loss 0.60"), ("a", "b")])
def test_what_is_printed_otherwise_shows(one: str, other: str) -> None:
    assert not all(tells_same(*pair) for pair in zip(comparable_lines(one), comparable_lines(other), strict=True))
