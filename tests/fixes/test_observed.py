"""What a program shows beside its source: found, fixed where a spelling is verified, and findings that it contradicts.

What runs of each text show is made up (`tests/observe/behaviours.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from autofix.analysis.looks import Looks
from autofix.fixes.observed import after_observing, contradiction
from autofix.model import Exit, Finding, Fix, Reason, Site, Span
from autofix.observe.observation import End, Observation, Stray
from autofix.worker.ends import MOST_NOTED
from tests.observe.behaviours import PROGRAM, Behaviour, end, error, event, measured, optimizer, parameter

TEXT = """import torch

net = torch.nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
out = net(x).detach()
extra = out.tanh()
loss = ((out - y) ** 2).mean()
loss.backward()
opt.step()
"""
FIXED = TEXT.replace("net(x).detach()", "net(x)")
CUT = Site(PROGRAM, Span(5, 7, 5, 22), "net(x).detach()", "<module>")
LINES = frozenset(range(1, 10))
SHOWN = Observation(
    "steps", steps=2, parameters=(parameter(state="none"),), optimizers=(optimizer(0, line=4),), lines=LINES
)
DEAD = Behaviour(
    events=(event(8, live=False),), shown=SHOWN, ends=(End("AF103", True, (CUT,), 1.0, 1, 0),), changes={5: 0.1}
)
HEALTHY = Behaviour(events=(event(8),), shown=replace(SHOWN, parameters=(parameter(),)))
NO_FIX = Fix("none", Reason(Exit.REWRITE, "no"))


def observed(behaviours: Mapping[str, Behaviour], *findings: Finding, text: str = TEXT) -> tuple[list[Finding], str]:
    return after_observing(PROGRAM, text, text, measured(text, behaviours), findings, Looks())


def finding(line: int, fix: Fix = NO_FIX, code: str = "AF102") -> Finding:
    return Finding(PROGRAM, Span(line, 1, line, 5), code, "lost", "<module>", "torch", fix)


def test_what_only_the_program_shows_is_found_and_fixed() -> None:
    (found,), text = observed({TEXT: DEAD, FIXED: HEALTHY})

    assert (found.code, found.span.line, found.fix.status) == ("AF103", 5, "verified")
    assert text == FIXED and "-out = net(x).detach()\n+out = net(x)\n" in found.fix.diff
    assert found.explanation is not None
    assert found.explanation.note == "seen in the program's first step: no gradient reaches `model.weight`"


def test_what_is_meant_to_be_trained_has_no_part_in_the_fix_of_what_is_lost() -> None:
    stray = Stray("replaced", "net.head.weight", (Site(PROGRAM, Span(4, 7, 4, 20), "SGD(net)", "<module>"),))
    both = replace(DEAD, shown=replace(SHOWN, strays=(stray,)))
    found, text = observed({TEXT: both, FIXED: replace(HEALTHY, shown=replace(HEALTHY.shown, strays=(stray,)))})

    assert [(each.code, each.fix.status) for each in found] == [("AF310", "none"), ("AF103", "verified")]
    assert text == FIXED and found[0].fix.reason.startswith("make the optimizer after")


def test_a_spelling_that_the_program_refuses_is_no_fix() -> None:
    raises = replace(HEALTHY, shown=replace(HEALTHY.shown, end="raised", error=error(7, "TypeError", "no")))
    of_analysis = FIXED.replace("out.tanh()", "out.detach().tanh()")  # whoever else reads it gets what it had
    (found,), text = observed({TEXT: DEAD, FIXED: raises, of_analysis: raises})

    assert text == TEXT and found.fix.status == "rejected"
    assert "the rewritten program raises TypeError: no in line 7" in found.fix.reason


def test_a_healthy_program_adds_nothing() -> None:
    assert observed({TEXT: HEALTHY}) == ([], TEXT)


def test_what_is_known_is_not_found_again_and_takes_part_in_the_fix() -> None:
    (found,), text = observed({TEXT: DEAD, FIXED: HEALTHY}, finding(5, code="AF103"))

    assert text == FIXED and found.fix.status == "verified" and found.message == "lost"


def test_what_only_the_author_can_change_has_the_reason() -> None:
    index = Site(PROGRAM, Span(6, 9, 6, 19), "out.tanh()", "<module>")
    behaviour = replace(DEAD, ends=(End("AF201", False, (index,), 1.0, 1, 0),), changes={6: 0.1})
    (found,), text = observed({TEXT: behaviour})

    assert (found.code, found.span.line, found.fix.status, text) == ("AF201", 6, "none", TEXT)
    assert found.fix.why is not None and found.fix.why.exit is Exit.AUTHOR


def test_what_nothing_trains_is_found_where_the_optimizer_is_made() -> None:
    shown = replace(SHOWN, parameters=(parameter(), parameter("other.weight", "none", used=False, number=-1)))
    shown = replace(shown, optimizers=(optimizer(0, line=3), optimizer(1, line=4)))
    (found,), _ = observed({TEXT: replace(HEALTHY, shown=shown)})

    assert (found.code, found.span.line) == ("AF310", 4) and "`other.weight`" in found.message


def test_an_end_in_another_file_is_shown_where_this_one_leads_to_it() -> None:
    inner = Site("/project/losses.py", Span(3, 5, 3, 14), "p.numpy()", "mae")
    outer = Site(PROGRAM, Span(6, 9, 6, 19), "out.tanh()", "<module>")
    behaviour = replace(DEAD, ends=(End("AF102", True, (inner, outer), 1.0, 1, 0),), changes={3: 0.1})
    (found,), text = observed({TEXT: behaviour})

    assert found.span.line == 6 and "`p.numpy()` (losses.py:3)" in found.message
    assert text == TEXT


@pytest.mark.parametrize("name", ["y_true", "target"])
def test_a_part_that_is_held_as_a_target_is_meant(name: str) -> None:
    text = TEXT.replace("extra = out.tanh()", f"{name} = np.abs(out)")
    end = End(
        "AF101", False, (Site(PROGRAM, Span(6, len(name) + 4, 6, len(name) + 15), "np.abs(out)", "f"),), 1.0, 1, 0
    )
    partly = replace(HEALTHY, events=(event(8, slope=1.0),), ends=(end,), changes={6: 0.1})

    assert observed({text: partly}, text=text) == ([], text)
    other = text.replace(name, "x" * len(name))
    assert [each.code for each in observed({other: partly}, text=other)[0]] == ["AF101"]


def test_a_finding_is_contradicted_by_a_program_that_loses_nothing_there() -> None:
    assert observed({TEXT: HEALTHY}, finding(6)) == ([], TEXT)


@pytest.mark.parametrize(
    ("behaviour", "found"),
    [
        (HEALTHY, finding(6, Fix("verified"))),
        (replace(HEALTHY, shown=replace(HEALTHY.shown, lines=LINES - {6})), finding(6)),
        (replace(HEALTHY, events=()), finding(6)),
        (replace(HEALTHY, shown=replace(HEALTHY.shown, error=error())), finding(6)),
        (replace(HEALTHY, events=(event(8, slope=1.0),), ends=DEAD.ends, changes=DEAD.changes), finding(5)),
        (replace(HEALTHY, ends=DEAD.ends, hangs=frozenset({5})), finding(5)),
        (replace(HEALTHY, ends=tuple(end(each) for each in range(10, 10 + MOST_NOTED)), changes={11: 1.0}), finding(5)),
    ],
    ids=["fixed", "not-run", "nothing-differentiated", "fails", "an-end-there", "hangs-when-changed", "too-many-ends"],
)
def test_a_finding_stays_where_the_program_says_nothing_of_it(behaviour: Behaviour, found: Finding) -> None:
    assert found in observed({TEXT: behaviour}, found)[0]


def test_a_fix_is_contradicted_by_a_program_that_raises_with_it_alone() -> None:
    raises = replace(HEALTHY, shown=replace(HEALTHY.shown, end="raised", error=error(9)))
    reason = contradiction(measured(TEXT, {TEXT: DEAD, FIXED: raises}), FIXED)

    assert reason is not None and reason.text == "the program would raise KeyError: x in line 9"
    both = replace(DEAD, shown=raises.shown)
    assert contradiction(measured(TEXT, {TEXT: both, FIXED: raises}), FIXED) is None
    assert contradiction(measured(TEXT, {TEXT: DEAD, FIXED: HEALTHY}), FIXED) is None


def test_a_fix_is_contradicted_where_no_step_gets_what_it_restores() -> None:
    """A generator's gradient through the discriminator's loss, which is cleared before the generator's step."""
    nothing = parameter("g.weight", "none", number=1)
    shown = replace(HEALTHY.shown, parameters=(parameter(), nothing), optimizers=(optimizer(0), optimizer(1)))
    before = replace(HEALTHY, shown=shown)
    after = replace(before, events=(event(8, reaches=frozenset({0, 1})),))
    reason = contradiction(measured(TEXT, {TEXT: before, FIXED: after}), FIXED)

    assert reason is not None and reason.text == "the gradient that it brings to `g.weight` is gone before any step"
    for changed in (
        replace(shown, parameters=(parameter(), replace(nothing, state="live"))),
        replace(shown, steps=1),
        replace(shown, parameters=()),
    ):
        restored = replace(after, shown=changed)
        assert contradiction(measured(TEXT, {TEXT: before, FIXED: restored}), FIXED) is None
