"""Each cause in three programs and more, and as many right ones beside it, about which nothing is said."""

from __future__ import annotations

import pytest

from autofix.knowledge.causes import codes, has
from autofix.source.suppressions import UNUSED
from tests.analysis.cause_programs import PROGRAMS
from tests.analysis.programs import diagnosed

BROKEN = [(code, program) for code, programs in PROGRAMS.items() for program in programs.broken]
RIGHT = [(code, program) for code, programs in PROGRAMS.items() for program in programs.right]


def _named(cases: list[tuple[str, str]]) -> list[str]:
    return [f"{code}-{number % 3 + 1}" for number, (code, _) in enumerate(cases)]


@pytest.mark.parametrize(("code", "program"), BROKEN, ids=_named(BROKEN))
def test_it_is_found(code: str, program: str) -> None:
    assert code in {cut.code for each in diagnosed(program) for cut in each.cuts}


@pytest.mark.parametrize(("code", "program"), RIGHT, ids=_named(RIGHT))
def test_what_looks_like_it_is_left_alone(code: str, program: str) -> None:
    assert [(cut.code, cut.operation) for each in diagnosed(program) for cut in each.cuts] == []


@pytest.mark.parametrize("code", [each for each in codes() if each != UNUSED and not has(each, "observed")])
def test_every_cause_has_three_of_each(code: str) -> None:
    programs = PROGRAMS[code]

    assert len(set(programs.broken)) >= 3
    assert len(set(programs.right)) >= 3
