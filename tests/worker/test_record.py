"""What is kept of a run: bounded, plain JSON, and of each parameter the last that became of its gradient."""

from __future__ import annotations

import json

import pytest

from autofix.worker.record import MOST_EVENTS, MOST_PARAMETERS, Event, Record, Trained


def event(value: float = 1.0) -> Event:
    return Event("backward", [], value, True, False, 0, 0)


@pytest.mark.parametrize(
    ("met", "state", "norm"),
    [
        ([], "none", None),
        ([("none", None)], "none", None),
        ([("zero", 0.0), ("none", None)], "zero", 0.0),
        ([("none", None), ("live", 2.0)], "live", 2.0),
        ([("live", 2.0), ("zero", 0.0)], "live", 2.0),
        ([("live", 2.0), ("live", 3.0)], "live", 3.0),
        ([("live", 2.0), ("bad", None)], "bad", 2.0),
        ([("live", float("inf"))], "live", None),
    ],
)
def test_the_strongest_state_counts(met: list[tuple[str, float | None]], state: str, norm: float | None) -> None:
    one = Trained("model.weight", [3])
    for each in met:
        one.met(*each)

    assert (one.state, one.norm) == (state, norm)


def test_what_is_sent_is_json_and_bounded() -> None:
    record = Record(wanted=2)
    for _ in range(100):
        record.differentiated(event())
    for number in range(MOST_PARAMETERS + 10):
        record.trained[number] = Trained("", [1])
    sent = json.loads(json.dumps(record.sent()))

    assert (len(sent["events"]), len(sent["parameters"])) == (MOST_EVENTS, MOST_PARAMETERS)
    assert sent["ends"] == []


def test_a_note_is_kept_once() -> None:
    record = Record(wanted=2)
    for text in ("one", "two", "one"):
        record.note(text)

    assert record.notes == ["one", "two"]


@pytest.mark.parametrize(
    ("move", "only", "expected"),
    [(0.0, None, []), (0.1, None, [0, 1, 2]), (0.1, [1], [1]), (0.1, [], []), (0.0, [1], [])],
)
def test_which_parameters_are_moved(move: float, only: list[int] | None, expected: list[int]) -> None:
    record = Record(wanted=2, move=move, only=only)

    assert [number for number in range(3) if record.moves(number)] == expected


def steps_of(record: Record, *kinds: str) -> None:
    for kind in kinds:
        record.step_of(kind)
        record.stepped()


def test_what_comes_before_a_stage_is_not_noted() -> None:
    awake: list[int] = []
    record = Record(wanted=2, stage=3)
    record.wake = lambda: awake.append(record.passed)
    steps_of(record, *"abab")

    assert (awake, record.steps, record.passed, record.asleep) == ([3], 1, 4, False)


def test_a_later_stage_begins_with_a_step_of_another_kind() -> None:
    record = Record(wanted=2, ahead=True)
    steps_of(record, *"ababab")
    record.asleep = True
    steps_of(record, *"abcdcd", *"cd" * 10, "a", "e")

    assert record.begins == [8, 33]  # what comes right behind `c` belongs to its stage


def test_it_looks_for_a_few_stages() -> None:
    ends: list[str] = []
    record = Record(wanted=2, ahead=True, end=ends.append)
    record.asleep = True
    steps_of(record, *("b" * 20), *("c" * 20))

    assert (record.begins, ends) == ([0, 20], ["steps"])
