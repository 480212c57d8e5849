"""Whether fixes may be applied: which of them belong together, and which certainly fail in lines that no run reached.

Takes what became of each broken loss of a text, and what is still wrong in the text with the fixes; gives the fixes to
revert, each with the reason, and the groups of those that stay. What one differentiated value needs is applied as a
whole, or not at all: a value that got no gradient before would otherwise train silently on a part of it.

Takes the changed lines that no run reached; gives the reason why they raise. A tensor has not all that an array has,
most of torch's functions take tensors only, and a handler that caught an error of NumPy lets the framework's pass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from autofix.analysis.faults import Fault, LossFault
from autofix.analysis.looks import Looks
from autofix.analysis.run import Run
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import framework_of, record_of
from autofix.knowledge.operations import having
from autofix.model import Exit, Finding, Fix, Framework, Kind, Reason
from autofix.syntax.changed_lines import head
from autofix.syntax.module import are_exclusive
from autofix.syntax.spans import at_line

State = Literal["fixed", "left", "right", "hidden"]
_NO_REWRITE = "no rewrite with the same value is known"


_OF_NUMBERS = frozenset({*dir(0.0), *dir(0)})
_MAKES_NUMBERS = (having("gives-float") | having("gives-int")) - {"ndarray.item"}

_TAKES_NUMBERS = having("takes-plain-numbers")
"""Functions of torch that take plain numbers alone."""

_RAISED_BY_NUMPY = frozenset(
    "ValueError ZeroDivisionError FloatingPointError ArithmeticError OverflowError LinAlgError RuntimeWarning".split()
)
_CATCHES_ALL = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True)
class Attempt:
    """What became of one broken loss: fixed, left as it is, right when it was run, or hidden by a comment.

    `line` is where its first cut stands in the file as it was read; `late` says that only a fix brought it to light.
    """

    fault: Fault
    state: State
    fix: Fix
    line: int
    findings: tuple[Finding, ...] = ()
    late: bool = False

    def with_fix(self, fix: Fix) -> Attempt:
        """Return the attempt with another fix, in its findings too."""
        return replace(self, fix=fix, findings=tuple(replace(each, fix=fix) for each in self.findings))


def half_fixes(attempts: Sequence[Attempt], now: Sequence[Fault]) -> dict[int, Reason]:
    """Return the fixes that leave a value without a part of its gradient, by their place among the attempts.

    `now` are the faults of the text with all fixes.
    """
    fixed = {at: each for at, each in enumerate(attempts) if each.state == "fixed"}
    reverted: dict[int, Reason] = {}
    for left in (each for each in attempts if each.state == "left"):
        reason = _reason(left, now)
        for at in _linked(left.fault, fixed):
            reverted.setdefault(at, reason)
    for fault in now:
        if fault.cuts and not any(fault.same_as(each.fault) for each in attempts if each.state != "fixed"):
            said = f"the gradient would still be lost at `{fault.cuts[0].operation}`"
            for at in _linked(fault, fixed) if fault.starved else ():
                reverted.setdefault(at, Reason(Exit.HALF, said, fault.cuts[0].span))
    return reverted


def groups_of(attempts: Sequence[Attempt]) -> Iterator[list[int]]:
    """Yield the fixes that belong together, by their places among the attempts; a fix that stands alone is left out."""
    fixed = {at: each for at, each in enumerate(attempts) if each.state == "fixed"}
    while fixed:
        first = next(iter(fixed))
        group = sorted({first, *_linked(fixed[first].fault, fixed)})
        fixed = {at: each for at, each in fixed.items() if at not in group}
        if len(group) > 1:
            yield group


def called_by(fault: Fault) -> set[str]:
    """Return the names of the functions of its file that a loss calls, and that these call."""
    found = {id(each.node): "" for each in fault.functions}
    size = 0
    while size != len(found):
        size = len(found)
        for site in fault.program.call_sites:
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


def _linked(start: Fault, fixed: dict[int, Attempt]) -> set[int]:
    """Return the fixes that one value needs beside a loss, those that the other values of these need, and so on."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        needed = waiting.pop()
        new = {at for at, each in fixed.items() if at not in found and _is_needed_beside(needed, each.fault)}
        found |= new
        waiting += [fixed[at].fault for at in new]
    return found


def _is_needed_beside(one: Fault, other: Fault) -> bool:
    """Are both parts of a value that got no gradient? Of what is chosen from, each makes one."""
    return bool(one.feeds & other.starved) and not _is_choice(one, other) and not are_exclusive(one.arms, other.arms)


def _is_choice(one: Fault, other: Fault) -> bool:
    """Are these two functions of which a call runs the one or the other?"""
    if not isinstance(one, LossFault) or not isinstance(other, LossFault) or one.is_loss(other.function.node):
        return False
    return bool(one.chosen_at & other.chosen_at)


def _reason(left: Attempt, now: Sequence[Fault]) -> Reason:
    """Say what is left of a value, why, and what the other fixes would come to without it."""
    name = left.fault.loss
    what = f"`{left.fault.cuts[0].operation if name.startswith('<') else name}` in {at_line(left.line)}"
    could = "could not be verified" if left.fix.status == "unverifiable" else "cannot be fixed"
    why = f"{what} {could}: {left.fix.reason or _NO_REWRITE}"
    after = [each for each in now if each.same_as(left.fault)]
    if any(each.starved for each in after):
        return Reason(Exit.HALF, f"{why}; until it is fixed, the loss gets no gradient")
    return Reason(Exit.HALF, f"{why}; without it, only a part of the loss would train")


def certain_to_fail(text: str, lines: Iterable[int], fault: Fault, look: Looks) -> Reason | None:
    """Return why these lines fail whenever they are run, or let an error through; None where nothing is known."""
    wanted = frozenset(lines)
    run = look.run(text, fault.framework)
    failures = (*_missed_errors(run, wanted, fault.framework), *_failures(run, wanted, fault.framework))
    return next((Reason(Exit.VERDICT, each) for each in failures), None)


def _missed_errors(run: Run, wanted: frozenset[int], framework: Framework) -> Iterator[str]:
    for block in (each for each in ast.walk(run.tree) if isinstance(each, ast.Try)):
        handlers = [each for each in block.handlers if each.lineno in wanted and _is_for_numpy(each, framework)]
        computes = any(_value(node, run).live for each in block.body for node in ast.walk(each)
                       if isinstance(node, (ast.BinOp, ast.Call, ast.Compare, ast.Subscript)))  # fmt: skip
        for handler in handlers if computes else ():
            caught = ast.unparse(handler.type) if handler.type is not None else ""
            where = at_line(handler.lineno)
            yield f"`except {caught}` in {where} catches errors of NumPy, but the fix raises others"


def _is_for_numpy(handler: ast.ExceptHandler, framework: Framework) -> bool:
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    names = {ast.unparse(each).rpartition(".")[2] for each in parts}
    return bool(names & _RAISED_BY_NUMPY) and not names & (_CATCHES_ALL | record_of(framework).errors)


def _failures(run: Run, wanted: frozenset[int], framework: Framework) -> Iterator[str]:
    for statement in ast.walk(run.tree):
        if not isinstance(statement, ast.stmt) or wanted.isdisjoint(head(statement)):
            continue
        for node in _expressions(statement):
            if isinstance(node, ast.Attribute) and (lacks := _lacks(node, run, framework)):
                yield f"`{ast.unparse(node)}` in {at_line(node.lineno)} fails: {lacks}"
            elif isinstance(node, ast.Call) and not record_of(framework).takes_arrays and _is_given_numbers(node, run):
                yield f"`{ast.unparse(node)}` in {at_line(node.lineno)} fails: it takes tensors, not numbers"


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement; of one that holds others those of its head."""
    for name, value in ast.iter_fields(statement):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.expr) and name not in ("body", "orelse"):
                yield from ast.walk(each)


def _lacks(node: ast.Attribute, run: Run, framework: Framework) -> str:
    value = _value(node.value, run)
    if value.kind is Kind.TENSOR and node.attr in record_of(framework).array_only:
        return f"a tensor has no `{node.attr}`"
    makers = [run.facts.by_key.get(key) for key in value.makers]
    callees = {each.callee for each in makers if each is not None}
    is_number = value.kind is Kind.NUMBER and bool(callees) and callees <= _MAKES_NUMBERS
    return f"a number has no `{node.attr}`" if is_number and node.attr not in _OF_NUMBERS else ""


def _is_given_numbers(node: ast.Call, run: Run) -> bool:
    fact = run.facts.by_key.get(run.positions.key(node))
    package, _, name = (fact.callee if fact is not None else "").rpartition(".")
    if framework_of(package) != run.framework or name in _TAKES_NUMBERS or not node.args:
        return False
    return all(_is_plain(each) for each in node.args)


def _is_plain(node: ast.expr) -> bool:
    """Is this a number as written, or a list of such?"""
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts) and all(map(_is_plain, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _value(node: ast.expr, run: Run) -> Value:
    fact = run.facts.by_key.get(run.positions.key(node))
    return fact.value if fact is not None else Value()
