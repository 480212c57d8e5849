"""Programs taken through the whole of autofix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pytest

from autofix.model import Outcome
from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier

Run = Callable[[str], Outcome]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Take a program through the whole of autofix, as a file of a project."""
    project = tmp_path_factory.mktemp("project")
    (project / "pyproject.toml").write_text("[project]\nname = 'programs'\n")
    number = iter(range(1000))

    def ran(text: str) -> Outcome:
        path = project / f"train{next(number)}.py"
        path.write_text(text)
        before = sorted(each.name for each in project.iterdir())
        outcome = fix_source(text, str(path), verifier, observe=20.0, always=True)
        assert sorted(each.name for each in project.iterdir()) == before
        return outcome

    with Verifier(None, timeout=90.0) as verifier:
        yield ran


def marked(torch: Mapping[str, Any], tensorflow: Mapping[str, Any]) -> list[Any]:
    """The cases of both frameworks by their names, each a text or a tuple, for `pytest.mark.parametrize`."""
    marks = {"torch": [pytest.mark.torch], "tensorflow": [pytest.mark.tensorflow, pytest.mark.slow]}
    return [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=marks[framework], id=f"{framework}: {name}")
        for framework, cases in (("torch", torch), ("tensorflow", tensorflow))
        for name, case in cases.items()
    ]


def assert_seen(outcome: Outcome) -> None:
    assert outcome.observed is not None and not outcome.observed.reason, outcome.observed


def assert_stays(run: Run, text: str) -> None:
    """A program is observed, and nothing is found in it."""
    outcome = run(text)

    assert_seen(outcome)
    assert (outcome.findings, outcome.text) == ((), text)


def assert_fixed(outcome: Outcome, lines: Iterable[str]) -> None:
    """All that is found has a verified fix, and these lines stand in the text."""
    assert outcome.findings and all(each.fix.status == "verified" for each in outcome.findings), outcome.findings
    assert all(line in outcome.text for line in lines), outcome.text


def assert_told(run: Run, text: str, lines: Iterable[str]) -> Outcome:
    """What no optimizer is told of is found and fixed by these lines; give the outcome."""
    outcome = run(text)

    assert_seen(outcome)
    assert {(each.code, each.fix.status) for each in outcome.findings} == {("AF310", "verified")}, outcome.findings
    assert all(line in outcome.text for line in lines), outcome.text
    return outcome
