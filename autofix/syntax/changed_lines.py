"""Take two texts and the lines that were run; give the changed lines of the second that no run reached.

A statement was run if one of its lines was; a compound statement counts by its head. Imports and definitions have no
effect that a fix changes. Functions that a fix inserts are verified as rules. The second tree is the first with a few
expressions rewritten, and statements added or removed: `counterparts` pairs the nodes of both.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from autofix.model import Generated, Request
from autofix.source.diff import changes, runs
from autofix.syntax.parsing import parsed


def counterparts(before: ast.Module, after: ast.Module) -> dict[ast.AST, ast.AST]:
    """Return what the nodes of `after` were before; what was added was nothing."""
    found: dict[ast.AST, ast.AST] = {}
    _bodies(before.body, after.body, found)
    return found


def _bodies(before: Sequence[ast.stmt], after: Sequence[ast.stmt], found: dict[ast.AST, ast.AST]) -> None:
    old, new = list(_flat(before)), list(_flat(after))
    dumped = [ast.dump(each) for each in old], [ast.dump(each) for each in new]
    for run in runs(*dumped):
        for step in range(run.size):
            _alike(old[run.old + step], new[run.new + step], found)
    for change in changes(*dumped):
        _changed(old[change.old : change.old_end], new[change.new : change.new_end], found)


def _changed(old: Sequence[ast.AST], new: Sequence[ast.AST], found: dict[ast.AST, ast.AST]) -> None:
    labels = [_label(each) for each in old], [_label(each) for each in new]
    for run in runs(*labels):
        for step in range(run.size):
            _alike(old[run.old + step], new[run.new + step], found)


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    """Yield statements, those in a `with` beside its head: a block that records nothing may be gone."""
    for each in body:
        if isinstance(each, (ast.With, ast.AsyncWith)):
            yield from each.items
            yield from _flat(each.body)
        else:
            yield each


def _label(node: ast.AST) -> str:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return f"def {name}"
        case ast.Assign(targets=targets):
            return "=".join(map(ast.unparse, targets))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target) | ast.For(target=target):
            return f"{type(node).__name__} {ast.unparse(target)}"
        case ast.Expr(value=ast.Call(func=func)):
            return ast.unparse(func).rpartition(".")[2]
    return type(node).__name__


def _alike(one: ast.AST, two: ast.AST, found: dict[ast.AST, ast.AST]) -> None:
    """Note that `two` was `one`, and what stands in them as far as they are built alike."""
    found[two] = one
    if type(one) is not type(two):
        return
    for name in two._fields:
        old, new = getattr(one, name, None), getattr(two, name, None)
        if isinstance(old, ast.AST) and isinstance(new, ast.AST):
            _alike(old, new, found)
        elif isinstance(old, list) and isinstance(new, list):
            if any(isinstance(each, ast.stmt) for each in new):
                _bodies(old, new, found)
            elif len(old) == len(new):
                for first, second in zip(old, new, strict=True):
                    if isinstance(first, ast.AST) and isinstance(second, ast.AST):
                        _alike(first, second, found)


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_IDLE = (*_FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass)
_TRACED = frozenset({"function", "jit", "script", "compile"})
"""Decorators under which other code is run than what is written."""


def not_run(request: Request, candidate: int, ran: frozenset[int]) -> tuple[int, ...]:
    """Return the first changed line of each statement of a candidate that was not run, and handlers that were not.

    The handlers are those of functions of which something was run. `ran` are lines of the candidate's text; those of a
    step that was taken out of its place count where they stand in it.
    """
    text = request.candidates[candidate]
    generated = request.generated_candidates[candidate] if request.generated_candidates else None
    reached = _in_the_file(ran, generated)
    first = generated.first if generated is not None else text.count("\n") + 2
    changed = {line for line in changed_lines(request.original, text) if line < first}
    if not changed or not reached:
        return ()
    tree = parsed(text)
    known = set(_names_of_functions(parsed(request.original)))
    found: list[int] = []
    for scope in (tree, *_functions(tree)):
        if not isinstance(scope, ast.Module) and (scope.name not in known or _is_traced(scope)):
            continue
        for lines in _parts(scope.body):
            if not changed.isdisjoint(lines) and reached.isdisjoint(lines):
                found.append(min(changed.intersection(lines)))
        if isinstance(scope, ast.Module) or reached.isdisjoint(_lines_of(scope)):
            continue
        handlers = (each for each in ast.walk(scope) if isinstance(each, ast.ExceptHandler))
        found += [each.lineno for each in handlers if reached.isdisjoint(_lines_of(each))]
    return tuple(sorted(set(found)))


def unrun(before: str, after: str, ran: frozenset[int]) -> set[int]:
    """Return the first changed line of each statement of the second text that was not run; `ran` are lines of it."""
    tree, changed = parsed(after), changed_lines(before, after)
    parts = [lines for scope in (tree, *_functions(tree)) for lines in _parts(scope.body)]
    return {min(changed.intersection(each)) for each in parts if changed.intersection(each) and ran.isdisjoint(each)}


def changed_inside(request: Request, ranges: Iterable[tuple[int, int]]) -> list[int]:
    """Return the lines of the original that some candidate changes, of statements of functions in these ranges."""
    wanted: set[int] = set()
    for text in request.candidates:
        wanted |= changed_lines(text, request.original)
    inside = {line for first, last in ranges for line in range(first, last + 1)}
    lines = [
        part
        for function in _functions(parsed(request.original))
        if not _is_traced(function)
        for part in map(set, _parts(function.body))
        if not wanted.isdisjoint(part)
    ]
    return sorted(line for part in lines for line in list(part & wanted & inside)[:1])


def changed_lines(before: str, after: str) -> set[int]:
    """Return the lines of the second text that the first has not, counted from 1."""
    old, new = before.splitlines(), after.splitlines()
    return {line + 1 for _, _, first, last in changes(old, new) for line in range(first, last)}


def line_before(before: str, after: str, line: int) -> int | None:
    """Return the line of the first text in whose place a changed line of the second stands; None where it is new."""
    for start, end, first, last in changes(before.splitlines(), after.splitlines()):
        if first < line <= last:
            return None if start == end else start + 1 + min(line - 1 - first, end - start - 1)
    return None


def _in_the_file(ran: frozenset[int], generated: Generated | None) -> set[int]:
    if generated is None:
        return set(ran)
    own = {line for line in ran if line < generated.first}
    return own | {generated.written_at[line] for line in ran if line in generated.written_at}


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            yield node


def _names_of_functions(tree: ast.AST) -> Iterator[str]:
    return (each.name for each in _functions(tree))


def _is_traced(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = (ast.unparse(each).partition("(")[0] for each in function.decorator_list)
    return any(name.rpartition(".")[2] in _TRACED for name in names)


def _parts(body: Iterable[ast.stmt]) -> Iterator[range]:
    """Yield the lines of each statement, of one that holds others those of its head."""
    for statement in body:
        if isinstance(statement, _IDLE) or _is_constant(statement):
            continue
        yield head(statement)
        blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        holders = (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ()))
        for block in (*blocks, *(each.body for each in holders)):
            yield from _parts(block)


def _is_constant(statement: ast.stmt) -> bool:
    """Is this a docstring, or another constant that stands alone? No run comes to one."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def head(statement: ast.stmt) -> range:
    """Return the lines of a statement without those of the statements that it holds."""
    if isinstance(statement, ast.Match):
        return range(statement.lineno, statement.cases[0].pattern.lineno)
    below = getattr(statement, "body", None)
    last = below[0].lineno - 1 if isinstance(below, list) and below else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(last, statement.lineno) + 1)


def _lines_of(node: ast.ExceptHandler | ast.FunctionDef | ast.AsyncFunctionDef) -> range:
    return range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)
