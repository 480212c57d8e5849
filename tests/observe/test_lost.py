"""Which ends lie on the way of a value: those that move it when what they give is changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autofix.observe.faults import MOST_FOUND, MOST_TRIED, Search, ends_behind, ends_on_the_way
from autofix.observe.first_steps import Unobservable
from autofix.worker.ends import MOST_NOTED
from tests.observe.behaviours import Behaviour, end, event, measured

DEAD = Behaviour(events=(event(live=False),), ends=(end(3), end(4), end(5)), changes={4: 0.1})


def found(behaviour: Behaviour, number: int = 0) -> list[int]:
    return [each.sites[0].span.line for each in ends_on_the_way(measured("text", {"text": behaviour}), number).found]


def test_what_moves_the_value_is_on_its_way() -> None:
    assert found(DEAD) == [4]
    assert found(replace(DEAD, changes={3: 0.1, 5: 0.2})) == [3, 5]


def test_what_moves_nothing_is_not() -> None:
    assert found(replace(DEAD, changes={})) == []
    assert found(replace(DEAD, ends=())) == []


def test_an_end_after_the_value_is_not_on_its_way() -> None:
    assert found(replace(DEAD, ends=(end(4, event=1),))) == []


def test_an_end_outside_of_the_project_is_none() -> None:
    assert found(replace(DEAD, ends=(replace(end(4), sites=()),))) == []


def test_of_several_ends_at_one_expression_the_last_counts() -> None:
    assert found(replace(DEAD, ends=(end(4, "AF102"), end(4, "AF105")))) == [4]


def test_a_program_that_fails_without_what_an_end_gives_has_used_it() -> None:
    assert found(replace(DEAD, ends=(end(4),), changes={}, breaks=frozenset({4}))) == [4]


def test_a_program_that_checks_a_comparison_may_fail_without_using_it() -> None:
    assert found(replace(DEAD, ends=(end(4, "AF201"),), changes={}, breaks=frozenset({4}))) == []


def test_few_are_named() -> None:
    lines = range(3, 30)
    many = replace(DEAD, ends=tuple(map(end, lines)), changes=dict.fromkeys(lines, 0.1))

    assert found(many) == list(lines)[:MOST_FOUND]


def searched(behaviour: Behaviour) -> Search:
    return ends_on_the_way(measured("text", {"text": behaviour}), 0)


def test_what_was_not_tried_is_open() -> None:
    lines = range(3, 30)
    search = searched(replace(DEAD, ends=tuple(map(end, lines)), changes={3: 0.1}))

    assert [each.sites[0].span.line for each in search.open] == list(lines)[MOST_TRIED:]
    assert search.whole


def test_what_hangs_the_program_when_it_is_changed_is_open() -> None:
    assert searched(replace(DEAD, hangs=frozenset({5}))) == Search((end(4),), (end(5),), True)


def test_a_search_among_more_ends_than_are_noted_is_not_whole() -> None:
    assert not searched(replace(DEAD, ends=tuple(end(each) for each in range(3, 3 + MOST_NOTED)))).whole


def test_a_program_that_differentiates_less_while_it_is_traced_says_nothing() -> None:
    with pytest.raises(Unobservable, match="while it is traced"):
        found(DEAD, 1)


def test_an_end_is_behind_the_parameters_that_move_what_it_gives() -> None:
    original = measured("text", {"text": replace(DEAD, behind={3: (1,), 4: (2,)})})

    assert ends_behind(original, [2], DEAD.ends) == (end(4),)
    assert ends_behind(original, [1, 2], DEAD.ends) == (end(3), end(4))
    assert ends_behind(original, [7], DEAD.ends) == ()
