"""The graph of a value says which leaves have a term to themselves, and which are taken by what is held."""

from __future__ import annotations

from autofix.worker.unheld import Operation, Ways, roots_of


class Leaf:
    """A parameter."""


HELD, OWN, OTHER = Leaf(), Leaf(), Leaf()
OWNED = {id(OWN), id(OTHER)}


def leaf(value: Leaf) -> Operation:
    return Operation(leaf=value)


def view(inner: Operation) -> Operation:
    return Operation("view", [inner])


def total(*terms: Operation) -> Operation:
    return Operation("sum", list(terms))


def layer(*inputs: Operation) -> Operation:
    return Operation("", list(inputs))


def ways(root: Operation) -> Ways:
    return Ways(root, {id(HELD)}, OWNED)


ENCODED = layer(view(leaf(OWN)), leaf(OTHER))


def test_what_a_backbone_gives_is_taken_by_what_is_held() -> None:
    found = ways(layer(ENCODED, view(leaf(HELD))))

    assert (found.whole.through, found.whole.free, found.has_own_term()) == (True, False, False)


def test_a_term_that_trains_nothing_else_is_an_own_term() -> None:
    assert ways(total(layer(leaf(HELD)), Operation("scale", [ENCODED]))).has_own_term()


def test_a_term_beside_what_is_held_counts_where_that_takes_it_elsewhere() -> None:
    beside = layer(ENCODED, layer(layer(leaf(HELD))))

    assert not ways(total(beside)).has_own_term()
    assert ways(total(beside, layer(ENCODED, leaf(HELD)))).has_own_term()


def test_a_judge_has_no_term_of_its_own() -> None:
    judged = layer(layer(layer(layer(leaf(HELD))), leaf(OWN)), layer(leaf(OTHER)))

    assert (ways(judged).whole.down, ways(total(judged)).has_own_term()) == (True, False)


def test_a_penalty_is_no_term_of_its_own_and_a_leaf_that_is_added_is_one() -> None:
    penalty = total(layer(leaf(HELD)), layer(leaf(OWN)))

    assert not ways(penalty).has_own_term()
    assert not ways(penalty).is_term(OWNED)
    assert ways(total(layer(leaf(HELD)), view(leaf(OWN)))).is_term(OWNED)


def test_a_deep_graph_is_followed_to_its_end() -> None:
    one = leaf(OWN)
    for _ in range(5000):
        one = layer(one)

    assert ways(one).whole.own


def test_of_modules_with_the_same_leaves_that_in_reach_is_taken() -> None:
    leaves = {"outer": [OWN, OTHER], "same": [OWN, OTHER], "inner": [OWN]}
    found = roots_of(leaves, leaves.__getitem__, lambda one: [one], OWNED, lambda one: one == "same")

    assert found == ["same"]
