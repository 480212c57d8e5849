"""What is wrong with a program by what its first steps show, and what looks alike and is not wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autofix.observe.faults import Diagnosed, ObservedFault
from autofix.observe.observation import Observation
from tests.observe.behaviours import Behaviour, end, error, event, measured, optimizer, parameter

NONE = Observation("steps", steps=2, parameters=(parameter(state="none"),), optimizers=(optimizer(0),))
DEAD = Behaviour(events=(event(live=False),), shown=NONE, ends=(end(7),), changes={7: 0.1})
HEALTHY = Behaviour(shown=replace(NONE, parameters=(parameter(),)))
PARTLY = replace(HEALTHY, events=(event(slope=1.0),), ends=(end(7, "AF101"),), changes={7: 0.1})


def faults(behaviour: Behaviour) -> tuple[ObservedFault, ...]:
    return Diagnosed(measured("text", {"text": behaviour})).faults


def codes(behaviour: Behaviour) -> list[str]:
    return [each for fault in faults(behaviour) for each in (fault.code, *(end.code for end in fault.ends)) if each]


def test_a_healthy_program_has_no_fault() -> None:
    assert faults(HEALTHY) == ()


def test_a_value_without_a_gradient_is_a_fault_with_the_ends_on_its_way() -> None:
    (fault,) = faults(replace(DEAD, ends=(end(6), end(7))))

    assert [each.sites[0].span.line for each in fault.ends] == [7]
    assert not fault.partly and fault.event is not None
    assert [each.name for each in fault.parameters] == ["model.weight"]


def test_a_leaf_is_a_value_without_a_gradient() -> None:
    assert codes(replace(DEAD, events=(event(leaf=True),))) == ["AF102"]


def test_a_program_that_cannot_be_run_has_no_fault() -> None:
    assert faults(replace(DEAD, events=(), shown=replace(NONE, end="raised", error=error(), parameters=()))) == ()
    assert faults(replace(DEAD, events=(), shown=Observation("late"))) == ()


def test_an_inner_gradient_of_a_constant_is_no_fault_unless_it_raises() -> None:
    inner = event(live=False, by="grad")

    assert faults(replace(DEAD, events=(inner, event(12)), shown=HEALTHY.shown)) == ()
    assert codes(replace(DEAD, events=(replace(inner, error="does not require grad"),))) == ["AF102"]


@pytest.mark.parametrize(("frozen", "code"), [(True, "AF309"), (False, "AF310")])
def test_without_an_end_the_parameters_say_what_is_wrong(frozen: bool, code: str) -> None:
    shown = replace(NONE, parameters=(parameter(state="none", frozen=frozen),))

    assert codes(replace(DEAD, ends=(), shown=shown)) == [code]


def test_an_optimizer_that_nothing_reaches_is_a_fault_where_it_is_made() -> None:
    shown = replace(NONE, parameters=(parameter(), parameter("other.weight", "none", number=-1, used=False)))
    (fault,) = faults(replace(HEALTHY, shown=replace(shown, optimizers=(optimizer(0), optimizer(1, line=6)))))

    assert (fault.code, fault.event, fault.sites[0].span.line) == ("AF310", None, 6)
    assert [each.name for each in fault.parameters] == ["other.weight"]


@pytest.mark.parametrize(
    "shown",
    [
        replace(
            NONE, parameters=(parameter(), parameter("head.bias", "none", number=-1)), optimizers=(optimizer(0, 1),)
        ),
        replace(NONE, steps=0, optimizers=(optimizer(),)),
        replace(
            NONE,
            parameters=(parameter(), parameter("later.weight", "none", number=-1, used=False)),
            optimizers=(optimizer(0), optimizer(1, line=6, steps=0)),
        ),
        replace(NONE, parameters=(parameter(state="zero"),)),
        replace(NONE, parameters=(parameter(frozen=True),)),
        replace(
            NONE, parameters=(parameter(), parameter("frozen", "none", frozen=True)), optimizers=(optimizer(0, 1),)
        ),
    ],
    ids=["one-of-several", "no-step", "not-yet", "zero", "frozen-in-turns", "frozen-backbone"],
)
def test_a_parameter_without_a_gradient_alone_is_no_fault(shown: Observation) -> None:
    assert faults(replace(HEALTHY, shown=shown)) == ()


def test_what_keeps_a_used_parameter_from_every_value_is_a_fault() -> None:
    shown = replace(
        NONE, parameters=(parameter(), parameter("g.weight", "none", number=3)), optimizers=(optimizer(0, 1),)
    )
    cut = Behaviour(shown=shown, ends=(end(7), end(8)), changes={7: 0.1, 8: 0.1}, behind={8: (3,)})
    (fault,) = faults(cut)

    assert [each.sites[0].span.line for each in fault.ends] == [8]
    assert [each.name for each in fault.parameters] == ["g.weight"]
    assert faults(replace(cut, behind={})) == ()


def test_a_part_of_the_gradient_that_is_missing_is_a_fault_where_a_call_took_it_unasked() -> None:
    (fault,) = faults(PARTLY)

    assert fault.partly and [each.code for each in fault.ends] == ["AF101"]


@pytest.mark.parametrize(
    "behaviour",
    [
        replace(PARTLY, ends=(end(7, "AF103", explicit=True),)),
        replace(PARTLY, ends=(end(7, "AF201"),)),
        replace(PARTLY, changes={}),
        replace(PARTLY, events=(event(),)),
        replace(PARTLY, uncut={"events": (event(),)}),
    ],
    ids=["asked-for", "piecewise-constant", "not-on-the-way", "the-whole-gradient", "meant"],
)
def test_a_part_that_is_missing_on_purpose_is_no_fault(behaviour: Behaviour) -> None:
    assert faults(behaviour) == ()


RAISING = replace(HEALTHY.shown, end="raised", steps=0)


@pytest.mark.parametrize(
    ("kind", "message", "code"),
    [
        ("RuntimeError", "Trying to backward through the graph a second time (or ...)", "AF311"),
        ("RuntimeError", "One of the differentiated Tensors appears to not have been used in the graph. Set", "AF312"),
        ("RuntimeError", "A non-persistent GradientTape can only be used to compute one set of gradients", "AF306"),
        ("ValueError", "shapes (3,) and (4,) do not match", None),
    ],
)
def test_an_error_says_what_no_value_shows(kind: str, message: str, code: str | None) -> None:
    found = faults(replace(HEALTHY, shown=replace(RAISING, error=error(7, kind, message))))

    assert [(each.code, each.sites[0].span.line) for each in found] == ([(code, 7)] if code else [])


def test_what_is_none_is_a_gradient_only_where_one_was_asked_for_in_vain() -> None:
    shown = replace(RAISING, error=error(12, "AttributeError", "'NoneType' object has no attribute 'pow'"))
    inner = event(live=False, by="grad")
    (fault,) = faults(replace(HEALTHY, shown=shown, events=(inner,)))

    assert (fault.code, fault.sites) == ("AF312", inner.sites)
    assert faults(replace(HEALTHY, shown=shown)) == ()


def test_a_program_may_see_for_itself_that_there_is_no_gradient() -> None:
    beside = event(12, live=False, by="tape")

    assert faults(replace(HEALTHY, events=(event(), beside))) == ()
    assert codes(replace(HEALTHY, events=(event(), beside), shown=NONE)) == ["AF310"]


def test_values_of_one_place_are_one_fault() -> None:
    assert len(faults(replace(DEAD, events=(event(live=False),) * 5))) == 1
    assert len(faults(replace(DEAD, events=(event(live=False), event(12, live=False))))) == 2
