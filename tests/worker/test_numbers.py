"""Parameters keep their numbers, whatever else a text of their program makes."""

from __future__ import annotations

from autofix.worker.numbers import MOST_HELD, Numbers


def test_what_an_optimizer_holds_has_its_place_there() -> None:
    numbers = Numbers()

    assert [numbers.give(key, place, (4, 4)) for key, place in ((10, 2), (11, 0), (10, 5))] == [2, 0, 2]


def test_a_parameter_more_changes_no_other_number() -> None:
    one, other = Numbers(), Numbers()
    for numbers in (one, other):
        numbers.give(1, None, (4,))
    other.give(2, None, (16, 4, 4))
    other.give(3, 7, (4,))

    assert one.give(4, None, (4,)) == other.give(4, None, (4,)) >= MOST_HELD


def test_no_two_have_the_same() -> None:
    numbers = Numbers()
    given = [numbers.give(key, None, (key % 3,)) for key in range(3000)] + [numbers.give(-1, 0, ())]

    assert len(set(given)) == 3001
