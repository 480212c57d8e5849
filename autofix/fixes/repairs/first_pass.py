"""Parameters that a module makes in its first pass: the model is called once before its optimizer is made.

That is done under `no_grad`, with what the loop gives it first: as it is in reach where the optimizer is made, or as
the first of what the loop goes through. Where that draws random numbers, the generators are put back.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Sequence

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit
from autofix.observe.observation import Stray
from autofix.rewrite.blocks import Block, blocks_around, ends_alone, with_comments
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.bindings import changed, last_part, needed
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at, parents_of, statement_of

CODE = "AF310"
KIND = "born"
_CALLED, _MADE = 1, 2
_GENERATORS = "random.fork_rng(devices=[])"
_KEY = re.compile(r"\['(\w+)'\]")


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts with a first pass before an optimizer is made, for each parameter that is made too late."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND]
    for stray in strays:
        names = frozenset(each.name for each in strays)
        if not program.package or any(each.path != program.file for each in stray.sites[:_MADE]):
            continue
        for edit in _ways(program, stray):
            yield Repair(
                CODE, stray.sites[0].span, f"`{stray.sites[0].expression}`", apply_edits(program.text, [edit]),
                same_leaves=False, spans=tuple(each.sites[0].span for each in strays), settles=names,
            )  # fmt: skip


def _ways(program: FaultyProgram, stray: Stray) -> Iterator[Edit]:
    """Yield the edits that call the model, by each frame around that which makes the optimizer."""
    call = node_at(stray.sites[_CALLED], program.text)
    spelled: list[list[str]] = json.loads(stray.form)["spelled"]
    for at, site in enumerate(stray.sites[_MADE:]):
        made = node_at(site, program.text) if site.path == program.file else None
        if not isinstance(call, ast.Call) or made is None:
            continue
        texts = [each[at] if at < len(each) else "" for each in spelled]
        for lines in (_with_what_is_in_reach(call, texts), _with_the_first(program, call, texts[0])):
            if lines:
                yield from _before(program, made, lines)


def _with_what_is_in_reach(call: ast.Call, texts: Sequence[str]) -> list[str]:
    """Return the call with what it was given first, as it is written there; none where some of it is not."""
    given = [*call.args, *(each.value for each in call.keywords)]
    if len(given) != len(texts) - 1 or any(isinstance(each, ast.Starred) for each in given):
        return []
    values = [
        ast.unparse(each) if isinstance(each, ast.Constant) else _KEY.sub(r'["\1"]', text)
        for each, text in zip(given, texts[1:], strict=True)
    ]
    names = ["" for _ in call.args] + [f"{each.arg}=" if each.arg else "**" for each in call.keywords]
    written = ", ".join(f"{name}{value}" for name, value in zip(names, values, strict=True))
    return [f"{texts[0]}({written})"] if texts[0] and all(values) else []


def _with_the_first(program: FaultyProgram, call: ast.Call, model: str) -> list[str]:
    """Return the call with the first of what its loop goes through, as the loop takes it apart."""
    parents = parents_of(program.tree)
    loop: ast.AST | None = call
    names = {name for one in (*call.args, *call.keywords) for name in _names(one)}
    while loop is not None and not (isinstance(loop, ast.For) and _names(loop.target) & names):
        loop = parents.get(loop)
    if not isinstance(loop, ast.For) or not model:
        return []
    target, source = loop.target, loop.iter
    counts = isinstance(source, ast.Call) and last_part(source.func) == enumerate.__name__
    if counts and isinstance(target, ast.Tuple) and isinstance(source, ast.Call):
        target, source = target.elts[1], source.args[0]
    taken = program.source_of(target).strip("()")
    given = program.source_of(call)[len(program.source_of(call.func)) :]
    return [f"{taken} = next(iter({program.source_of(source)}))", f"{model}{given}"]


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _before(program: FaultyProgram, made: ast.expr, lines: Sequence[str]) -> Iterator[Edit]:
    """Yield the edits that write a block before the parameters are collected which an optimizer is made of."""
    _, block, at = blocks_around(program.tree, statement_of(parents_of(program.tree), made))[0]
    first = block[_first_of(block, at, lines)]
    own = split_lines(program.text)
    if not ends_alone(first, own):
        return
    margin = program.margin_of(first)
    line, guard = with_comments(first, own), f"{program.package}.{record_of(program.framework).not_recorded}()"
    body = "".join(f"{margin}    {each}\n" for each in lines)
    for head in (guard, f"{guard}, {program.package}.{_GENERATORS}"):
        yield Edit.of_lines(line, line, f"{margin}with {head}:\n{body}")


def _first_of(block: Block, at: int, lines: Sequence[str]) -> int:
    """Return before which statement of a block something is computed: behind all it needs, before parameters are asked
    for."""
    wanted = needed(ast.parse("\n".join(lines)))
    behind = max((number + 1 for number in range(at) if changed(block[number]) & wanted), default=0)
    asking = (number for number in range(behind, at) if _asks(block[number]))
    return next(asking, at)


def _asks(statement: ast.stmt) -> bool:
    return any(last_part(each.func).endswith("parameters") for each in nodes_of(statement, ast.Call))
