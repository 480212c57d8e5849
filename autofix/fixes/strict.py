"""What may be constant on purpose, and may as well be a fault that nobody sees: listed where a user asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from autofix.fixes.rounds import Fixing
from autofix.model import Finding
from autofix.observe.first_steps import Measured

MAY_BE_MEANT = "it may be meant: `# autofix: constant` on the line says so"


def beyond(
    strict: Fixing,
    text: str,
    findings: Iterable[Finding],
    program: Measured | None,
    attempting: Callable[[Callable[[], None]], object],
) -> tuple[list[Finding], str]:
    """Return what is found beside these findings where no value counts as constant on purpose, and the fixed text.

    `strict` fixes on top of `text`, which has all other fixes. A `program` verifies what no other run does; it is run
    within `attempting`.
    """
    strict.current = text
    strict.attend_all()
    if program is not None:
        by_program = program
        attempting(lambda: strict.attend_by_program(by_program))
    if strict.reverted():
        strict.revert_all()
        strict.current = text
    told = {(each.span, each.code) for each in findings}
    return [_marked(each) for each in strict.findings if (each.span, each.code) not in told], strict.current


def _marked(finding: Finding) -> Finding:
    """Return a finding as one that its author may have meant."""
    said = finding.explanation
    if said is not None:
        said = replace(said, note="; ".join(filter(None, (said.note, MAY_BE_MEANT))))
    return replace(finding, explanation=said, may_be_meant=True)
