"""Code that is to be differentiated and stands where nothing is recorded: the decorator goes, the block is narrowed to
what does not lead to the loss, or goes as well; what switches recording off for good does so for its block only.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Finding, Site, Span
from autofix.observe.faults import ends_behind
from autofix.rewrite.blocks import block_of, dedented, ends_alone, indented, with_comments
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import last_part
from autofix.syntax.spans import Positions, span

CODE = "AF109"
_STOPS = last_names("stops-recording")
_SWITCHES = last_names("switches-recording")


@dataclass(frozen=True)
class Guard:
    """What keeps code from being recorded: an item of a `with`, a decorator, or a call that is a statement."""

    node: ast.With | ast.AsyncWith | ast.FunctionDef | ast.AsyncFunctionDef | ast.Expr
    guard: ast.expr


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which what is lost for want of recording is recorded."""
    sites = tuple(program.sites_of(CODE))
    known = (guards_around(program.tree, each) for each in sites)
    chains = [chain for each in known if (chain := tuple(one for one in each if _stops(one.guard)))]
    switches = _switches(program.tree) if not chains else ()
    if chains:
        place = program.place_of(chains[0][0].guard)
        operation = f"`{sites[0][0].expression}`"
        needed = _needed(program)
        for guards in dict.fromkeys((tuple(_unique(each[:1] for each in chains)), tuple(_unique(chains)))):
            for narrow in (True, False):
                yield Repair(CODE, place, operation, _without(program, guards, needed if narrow else None))
    for each in () if chains else _around_what_is_asked(program):
        place = program.place_of(each.guard)
        text = _without(program, [each], None)
        yield Repair(CODE, place, f"`{ast.unparse(each.guard)}`", text, reaches_more=True)
    for each in switches:
        place = program.place_of(each.guard)
        for text in _switched(program, each):
            what = "nothing is recorded after {operation}: recording is not switched on again"
            yield Repair(CODE, place, f"`{ast.unparse(each.guard)}`", text, what)


def _around_what_is_asked(program: FaultyProgram) -> list[Guard]:
    """Return the blocks of a tape that records nothing, where a gradient was asked for that does not come.

    A run does not show what such a tape leaves out.
    """
    if not record_of(program.framework).has_tape:
        return []
    natural = program.diagnosed.natural
    guards = [each for each in _guards(program.tree) if _stops(each.guard)]
    return guards if any(each.used for each in natural.without_gradient()) else []


def one_a_guard(findings: Sequence[Finding], tree: ast.Module) -> list[Finding]:
    """Return findings without those that say again of one block, or of one function, that it is not recorded."""
    known: set[ast.expr] = set()
    kept: list[Finding] = []
    for each in findings:
        guards = _guards_of(tree, each.span) if each.code == CODE else []
        if not guards or guards[0] not in known:
            kept.append(each)
        known |= set(guards[:1])
    return kept


def _guards_of(tree: ast.Module, place: Span) -> list[ast.expr]:
    """Return what keeps a place from being recorded, the innermost first, or what stands there itself."""
    at = [each.guard for each in _guards(tree) if _starts_at(each.guard, place)]
    return at or [each.guard for each in guards_around(tree, (Site("", place, "", ""),))]


def _starts_at(node: ast.expr, place: Span) -> bool:
    return (node.lineno, node.col_offset) == (place.line, place.column - 1)


def guards_around(tree: ast.Module, sites: Iterable[Site]) -> tuple[Guard, ...]:
    """Return what keeps these places from being recorded, the innermost first."""
    found: list[Guard] = []
    for site in sites:
        inner = [each for each in _guards(tree) if _is_around(each, site.span)]
        found += reversed(inner)
    return tuple(_unique([found]))


def _is_around(guard: Guard, place: Span) -> bool:
    node = guard.node
    return isinstance(node, ast.stmt) and node.lineno <= place.line and place.end_line <= (node.end_lineno or 0)


def _guards(tree: ast.Module) -> Iterator[Guard]:
    """Yield every block and function of a module under which nothing may be recorded, the outer ones first."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            yield from (Guard(node, each.context_expr) for each in node.items
                        if _stops(each.context_expr) or condition_of(each.context_expr) is not None)  # fmt: skip
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield from (Guard(node, each) for each in node.decorator_list if _stops(each))


def _switches(tree: ast.Module) -> list[Guard]:
    """Return the statements that switch recording off."""
    calls = (each for each in ast.walk(tree) if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call))
    return [Guard(each, each.value) for each in calls if _name(each.value) in _SWITCHES and _stops(each.value)]


def _stops(node: ast.expr) -> bool:
    name = _name(node)
    given = node.args[:1] if isinstance(node, ast.Call) else []
    is_false = any(isinstance(each, ast.Constant) and each.value is False for each in given)
    return is_false if name in _SWITCHES else name in _STOPS and not is_false


def condition_of(node: ast.expr) -> ast.expr | None:
    """Return the condition under which a block is recorded: `training` of `set_grad_enabled(training)`."""
    if not isinstance(node, ast.Call) or _name(node) not in _SWITCHES:
        return None
    given = [*node.args[:1], *(each.value for each in node.keywords)]
    return next((each for each in given if not isinstance(each, ast.Constant)), None)


def _name(node: ast.expr) -> str:
    return last_part(node.func if isinstance(node, ast.Call) else node)


def _unique(chains: Iterable[Sequence[Guard]]) -> list[Guard]:
    return list({id(each.guard): each for chain in chains for each in chain}.values())


def _needed(program: FaultyProgram) -> frozenset[int]:
    """Return the lines of this file in which a gradient ends that is wanted, and those that lead there.

    What only a frozen network, or one of no optimizer, goes through is not wanted.
    """
    measured = program.diagnosed.measured
    ends = tuple(end for fault in program.faults for end in fault.ends if end.code == CODE)
    numbers = {each.number for fault in program.faults for each in fault.parameters if each.number >= 0}
    wanted = ends_behind(measured, sorted(numbers), ends) if numbers else ends
    sites = (site for end in wanted or ends for site in end.sites if site.path == program.file)
    return frozenset(line for site in sites for line in range(site.span.line, site.span.end_line + 1))


def _without(program: FaultyProgram, guards: Iterable[Guard], needed: frozenset[int] | None) -> str:
    """Return the text without some guards; those of blocks stay around what is not `needed`, where that is given."""
    edits: list[Edit] = []
    for each in guards:
        if isinstance(each.node, (ast.With, ast.AsyncWith)):
            edits += _of_block(program, each.node, each.guard, needed)
        else:
            edits.append(_line_of(each.guard))
    return apply_edits(program.text, edits)


def _line_of(decorator: ast.expr) -> Edit:
    return Edit.of_lines(decorator.lineno, (decorator.end_lineno or 0) + 1, "")


def _of_block(
    program: FaultyProgram, block: ast.With | ast.AsyncWith, guard: ast.expr, needed: frozenset[int] | None
) -> list[Edit]:
    lines = split_lines(program.text)
    if len(block.items) > 1:
        return [_of_items(program.text, block, guard)]
    head = max(each.context_expr.end_lineno or 0 for each in block.items)
    if block.body[0].lineno <= head or not all(ends_alone(each, lines) for each in block.body):
        return []
    by = block.body[0].col_offset - block.col_offset
    cut = _cut_in(program)
    stays = [needed is not None and _stays(each, needed, cut) for each in block.body]
    edits = [] if stays[0] else [Edit.of_lines(block.lineno, head + 1, "")]
    first = head + 1
    for at, statement in enumerate(block.body):
        last = statement.end_lineno or 0
        if not stays[at]:
            edits += dedented(program.text, program.tree, first, last, by)
        elif at and not stays[at - 1]:
            line = with_comments(statement, lines)
            edits.append(Edit.of_lines(line, line, "".join(lines[block.lineno - 1 : head])))
        first = last + 1
    return edits


def _of_items(text: str, block: ast.With | ast.AsyncWith, guard: ast.expr) -> Edit:
    """Return the edit that leaves one item of a `with` out."""
    positions = Positions(text)
    parts = [(each.context_expr, each.optional_vars or each.context_expr) for each in block.items]
    spans = [(span(positions.key(first)), span(positions.key(last))) for first, last in parts]
    whole = Span(spans[0][0].line, spans[0][0].column, spans[-1][1].end_line, spans[-1][1].end_column)
    kept = [
        stretch_of(text, Span(first.line, first.column, last.end_line, last.end_column))
        for (first, last), item in zip(spans, block.items, strict=True)
        if item.context_expr is not guard
    ]
    return Edit(whole, ", ".join(kept))


def _cut_in(program: FaultyProgram) -> frozenset[int]:
    """Return the lines in which, or behind which, anything live was not recorded."""
    measured = program.diagnosed.measured
    ends = (each for each in measured.observe(measured.traced).ends if each.code == CODE)
    return frozenset(site.span.line for end in ends for site in end.sites if site.path == program.file)


def _stays(statement: ast.stmt, needed: frozenset[int], cut: frozenset[int]) -> bool:
    """Is what a statement computes held constant, and not what is wanted?"""
    lines = frozenset(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return not lines & needed and bool(lines & cut)


def _switched(program: FaultyProgram, switch: Guard) -> Iterator[str]:
    """Yield the text with recording off for the rest of its block only, and with it left on."""
    assert isinstance(switch.node, ast.Expr)
    text, tree, lines = program.text, program.tree, split_lines(program.text)
    block = block_of(tree, switch.node)
    rest = block[block.index(switch.node) + 1 :]
    record = record_of(program.framework)
    if rest and record.not_recorded and all(ends_alone(each, lines) for each in (switch.node, *rest)):
        package, _, _ = ast.unparse(switch.guard).partition("(")
        owner = package.rpartition(".")[0]
        place = span(Positions(text).key(switch.node))
        head = f"with {owner}.{record.not_recorded}():" if owner else ""
        if head:
            inner = indented(text, tree, place.end_line + 1, rest[-1].end_lineno or 0, "    ")
            yield apply_edits(text, [Edit(place, head), *inner])
    if len(block) > 1:
        yield apply_edits(text, [Edit.of_lines(switch.node.lineno, (switch.node.end_lineno or 0) + 1, "")])
