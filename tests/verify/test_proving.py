"""A verifier that is asked each question once, and runs nothing again that showed nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from autofix.model import Framework, Request, Verdict
from autofix.observe.first_steps import OutOfTime, Unobservable
from autofix.observe.observation import Observation
from autofix.observe.programs import TO_THE_END, ProgramRun
from autofix.verify.proving import MOST_TIMES, Once
from tests.observe.behaviours import event

RUN = ProgramRun("/p/a.py", "/p", "torch", (("/p/a.py", "text"),))
STEPS = Observation("steps", events=(event(),))
RAISED, LATE, LOST = Observation("raised"), Observation("late"), Observation("lost", "gone")


@dataclass
class Verifier:
    """Answers as `answers` says, and notes what it is asked."""

    answers: Callable[[ProgramRun], Observation]
    asked: list[ProgramRun] = field(default_factory=list)

    def observe(self, run: ProgramRun) -> Observation:
        self.asked.append(run)
        return self.answers(run)

    def verify(self, request: Request) -> Verdict:
        raise NotImplementedError

    def missing(self, framework: Framework, near: Path, text: str) -> str | None:
        return None


FROZEN, LENIENT = replace(RUN, frozen=True), replace(RUN, frozen=True, lenient=True)
TRACED, MOVED = replace(LENIENT, trace=True), RUN.moved(1e-3)
CHANGED = replace(TRACED, changed=((3, 4, "AF102"),))


def test_the_same_run_is_made_once() -> None:
    verifier = Verifier(lambda run: STEPS)
    once = Once(verifier)

    assert [once.observe(each) for each in (RUN, FROZEN, RUN, FROZEN)] == [STEPS] * 4
    assert (verifier.asked, once.runs) == ([RUN, FROZEN], 2)


@pytest.mark.parametrize("seen", [LATE, LOST])
def test_a_text_that_is_late_or_lost_is_not_run_again(seen: Observation) -> None:
    verifier = Verifier(lambda run: seen)
    once = Once(verifier)

    assert {once.observe(each).end for each in (RUN, FROZEN, LENIENT, TRACED, MOVED, CHANGED)} == {seen.end}
    assert verifier.asked == [RUN]


def test_a_text_that_fails_is_run_again_only_with_numpy_let_in() -> None:
    verifier = Verifier(lambda run: RAISED)
    once = Once(verifier)
    for each in (RUN, FROZEN, LENIENT, TRACED, MOVED):
        once.observe(each)

    assert verifier.asked == [RUN, LENIENT]


def test_one_that_goes_on_with_numpy_let_in_is_asked_all() -> None:
    verifier = Verifier(lambda run: STEPS if run.lenient else RAISED)
    once = Once(verifier)

    assert [once.observe(each).end for each in (RUN, FROZEN, LENIENT, TRACED)] == ["raised", "raised", "steps", "steps"]
    assert verifier.asked == [RUN, LENIENT, TRACED]


def test_a_program_is_run_as_its_user_runs_it_whatever_the_others_showed() -> None:
    once = Once(Verifier(lambda run: RAISED if run.frozen else STEPS))

    assert [once.observe(each).end for each in (FROZEN, RUN)] == ["raised", "steps"]
    late = Once(Verifier(lambda run: LATE if run.frozen else STEPS))
    assert [late.observe(each).end for each in (FROZEN, RUN)] == ["late", "late"]


def test_another_text_is_another_question() -> None:
    verifier = Verifier(lambda run: LATE if dict(run.texts)["/p/a.py"] == "text" else STEPS)
    once = Once(verifier)

    assert [once.observe(each).end for each in (RUN, RUN.of_text("other"), FROZEN)] == ["late", "steps", "late"]


def test_what_a_late_run_showed_is_not_believed() -> None:
    once = Once(Verifier(lambda run: replace(STEPS, end="late")))

    assert once.observe(RUN).events == ()


@pytest.mark.parametrize(("seen", "reason"), [(LATE, "only sometimes"), (LOST, "something else each time")])
def test_a_text_that_is_late_once_says_nothing_at_all(seen: Observation, reason: str) -> None:
    once = Once(Verifier(lambda run: seen if run.trace else STEPS))
    once.observe(RUN)

    with pytest.raises(Unobservable, match=reason):
        once.observe(TRACED)


@pytest.mark.parametrize("text", ["text", "other"])
def test_a_late_run_of_a_slow_program_has_more_time(text: str) -> None:
    """A busy machine, and no fault of the program's."""
    slow, run = replace(STEPS, seconds=6.0), TRACED.of_text(text)
    verifier = Verifier(lambda run: LATE if run.trace and run.seconds < 20 else slow)
    once = Once(verifier)
    once.observe(RUN)

    assert once.observe(run) == slow
    assert [each.seconds for each in verifier.asked] == [10.0, 10.0, 30.0]


def test_a_training_is_seldom_over_in_time() -> None:
    """That says nothing of its first steps; and no other run waits for it."""
    whole = replace(RUN, steps=TO_THE_END)
    late = replace(LATE, printed="step 1\n", events=(event(),), seconds=9.0)
    verifier = Verifier(lambda run: late if run.is_whole else replace(STEPS, seconds=4.0))
    once = Once(verifier)
    once.observe(RUN)

    assert once.observe(whole) == Observation("late", seconds=10.0, printed="step 1\n")
    assert once.observe(FROZEN).end == "steps"
    assert verifier.asked == [RUN, whole, FROZEN]


def test_a_rewrite_that_hangs_a_fast_program_has_not() -> None:
    verifier = Verifier(lambda run: LATE if dict(run.texts)["/p/a.py"] == "other" else replace(STEPS, seconds=0.5))
    once = Once(verifier)
    once.observe(RUN)

    assert once.observe(RUN.of_text("other")).end == "late"
    assert len(verifier.asked) == 2


@pytest.mark.parametrize("each", [MOVED, CHANGED])
def test_a_change_that_hangs_the_program_is_its_own(each: ProgramRun) -> None:
    once = Once(Verifier(lambda run: LATE if run == each else STEPS))
    once.observe(RUN)

    assert once.observe(each).end == "late"
    assert once.observe(FROZEN).end == "steps"


def test_all_runs_together_have_an_end() -> None:
    verifier = Verifier(lambda run: replace(STEPS, seconds=6.0))
    once = Once(verifier)
    runs = [replace(RUN, seed=number, seconds=10.0) for number in range(100)]

    with pytest.raises(Unobservable, match=f"more than {MOST_TIMES * 10} s"):
        for each in runs:
            once.observe(each)
    assert len(verifier.asked) == 17  # the last that began within 100 s


def test_rewrites_leave_time_for_what_only_the_program_shows() -> None:
    verifier = Verifier(lambda run: replace(STEPS, seconds=6.0))
    once = Once(verifier)
    runs = [replace(RUN, seed=number, seconds=10.0) for number in range(100)]

    with once.for_candidates(), pytest.raises(OutOfTime, match="more than 50 s"):
        for each in runs:
            once.observe(each)
    assert once.observe(runs[-1]).trains
