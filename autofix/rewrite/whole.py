"""Which fixes belong together: what one differentiated value needs is applied as a whole, or not at all.

Takes what became of each broken loss of a text, and what is still wrong in the text with the fixes; gives the fixes to
revert, each with the reason, and the groups of those that stay. A value that got no gradient before would otherwise get
one that comes from a part of it, and train silently on that; or none, with the error gone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from autofix.analysis.faults import Diagnosis
from autofix.model import Finding, Fix
from autofix.syntax.module import are_exclusive
from autofix.syntax.places import at_line

State = Literal["fixed", "left", "right", "hidden"]
_NO_REWRITE = "no rewrite with the same value is known"


@dataclass(frozen=True)
class Attempt:
    """What became of one broken loss: fixed, left as it is, right when it was run, or hidden by a comment.

    `line` is where its first cut stands in the file as it was read; `late` says that only a fix brought it to light.
    """

    diagnosis: Diagnosis
    state: State
    fix: Fix
    line: int
    findings: tuple[Finding, ...] = ()
    late: bool = False


def half_fixes(attempts: Sequence[Attempt], now: Sequence[Diagnosis]) -> dict[int, str]:
    """Return the fixes that leave a value without a part of its gradient, by their place among the attempts.

    `now` are the diagnoses of the text with all fixes.
    """
    fixed = {at: each for at, each in enumerate(attempts) if each.state == "fixed"}
    reverted: dict[int, str] = {}
    for left in (each for each in attempts if each.state == "left"):
        reason = _reason(left, now)
        for at in _linked(left.diagnosis, fixed):
            reverted.setdefault(at, reason)
    for diagnosis in now:
        if diagnosis.cuts and not any(diagnosis.same_as(each.diagnosis) for each in attempts if each.state != "fixed"):
            reason = f"the gradient would still be lost at `{diagnosis.cuts[0].operation}`"
            for at in _linked(diagnosis, fixed) if diagnosis.starved else ():
                reverted.setdefault(at, reason)
    return reverted


def groups_of(attempts: Sequence[Attempt]) -> Iterator[list[int]]:
    """Yield the fixes that belong together, by their places among the attempts; a fix that stands alone is left out."""
    fixed = {at: each for at, each in enumerate(attempts) if each.state == "fixed"}
    while fixed:
        first = next(iter(fixed))
        group = sorted({first, *_linked(fixed[first].diagnosis, fixed)})
        fixed = {at: each for at, each in fixed.items() if at not in group}
        if len(group) > 1:
            yield group


def called_by(diagnosis: Diagnosis) -> set[str]:
    """Return the names of the functions of its file that a loss calls, and that these call."""
    found = {id(diagnosis.function.node): ""} if diagnosis.function is not None else {}
    size = 0
    while size != len(found):
        size = len(found)
        for site in diagnosis.call_sites:
            if site.caller is not None and id(site.caller.node) in found:
                found.setdefault(id(site.callee.node), site.callee.qualname)
    return {name for name in found.values() if name}


def functions_of(tree: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """Return the functions and methods of a module by their names, those in other blocks left out."""
    found: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    for each in tree.body:
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found[each.name] = each
        elif isinstance(each, ast.ClassDef):
            functions = (one for one in each.body if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))
            found |= {f"{each.name}.{one.name}": one for one in functions}
    return found


def _linked(start: Diagnosis, fixed: dict[int, Attempt]) -> set[int]:
    """Return the fixes that one value needs beside a loss, those that the other values of these need, and so on."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        needed = waiting.pop()
        new = {at for at, each in fixed.items() if at not in found and _is_needed_beside(needed, each.diagnosis)}
        found |= new
        waiting += [fixed[at].diagnosis for at in new]
    return found


def _is_needed_beside(one: Diagnosis, other: Diagnosis) -> bool:
    """Are both parts of a value that got no gradient? Of what is chosen from, each makes one."""
    nodes = [each.function.node for each in (one, other) if each.function is not None]
    is_choice = len(nodes) == 2 and nodes[0] is not nodes[1] and bool(one.chosen_at & other.chosen_at)
    return bool(one.feeds & other.starved) and not is_choice and not are_exclusive(one.arms, other.arms)


def _reason(left: Attempt, now: Sequence[Diagnosis]) -> str:
    """Say what is left of a value, why, and what the other fixes would come to without it."""
    name = left.diagnosis.loss
    what = f"`{left.diagnosis.cuts[0].operation if name.startswith('<') else name}` in {at_line(left.line)}"
    could = "could not be verified" if left.fix.status == "unverifiable" else "cannot be fixed"
    why = f"{what} {could}: {left.fix.reason or _NO_REWRITE}"
    after = [each for each in now if each.same_as(left.diagnosis)]
    if any(each.starved for each in after):
        return f"{why}; until it is fixed, the loss gets no gradient"
    return f"{why}; without it the loss would train only in part"
