"""The training steps of a module that hold a `tf.GradientTape`: what each tape records and what it is asked.

Takes a syntax tree; gives tapes in the order of the file. Nothing is evaluated: whether what is recorded carries a
gradient is for `tape_faults` to say.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.analysis.remembered import called_in, functions_in

_ASKING = frozenset({"gradient", "jacobian", "batch_jacobian"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_BLOCKS = (ast.With, ast.For, ast.While, ast.If, ast.Try)

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Asked:
    """One `tape.gradient(target, sources)`."""

    call: ast.Call
    target: ast.expr
    sources: ast.expr


@dataclass(frozen=True, eq=False)
class Tape:
    """One `with tf.GradientTape() as name:`, its options, and what it is asked; `made` is the call that opens it."""

    name: str
    block: ast.With
    made: ast.Call
    scope: Scope
    asked: tuple[Asked, ...]

    @property
    def persistent(self) -> bool:
        """May it be asked more than once? True where that cannot be read."""
        options = [each.value for each in self.made.keywords if each.arg in ("persistent", None)] + self.made.args[:1]
        return any(not (isinstance(each, ast.Constant) and not each.value) for each in options)


def find_tapes(tree: ast.Module) -> tuple[Tape, ...]:
    """Return the tapes of a module that are opened by a `with` and asked in the same scope."""
    if not any(_name_of(func) == "GradientTape" for func in called_in(tree)):
        return ()
    scopes = [tree, *functions_in(tree)]
    found = [tape for scope in scopes for tape in _tapes_of(scope)]
    return tuple(sorted(found, key=lambda each: (each.made.lineno, each.made.col_offset)))


def steps_of(tapes: Sequence[Tape]) -> tuple[tuple[Tape, ...], ...]:
    """Gather tapes that stand in one another, or in one `with`: they make one step."""
    steps: list[list[Tape]] = []
    for tape in tapes:
        around = [step for step in steps if holds(step[0].block, tape.block)]
        if around:
            around[0].append(tape)
        else:
            steps.append([tape])
    return tuple(tuple(step) for step in steps)


def within(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a node, the bodies of functions and classes in it left out."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _FUNCTIONS):
            yield from within(child)


def holds(node: ast.AST, wanted: ast.AST) -> bool:
    """Does `wanted` stand in `node`, or is it `node` itself?"""
    return node is wanted or any(each is wanted for each in ast.walk(node))


def siblings(scope: ast.AST, statement: ast.stmt) -> Sequence[ast.stmt]:
    """Return the statements among which one stands."""
    for node in (scope, *within(scope)):
        for _, field in ast.iter_fields(node):
            if isinstance(field, list) and any(each is statement for each in field):
                return field
    return ()


def flat(body: Sequence[ast.stmt], opened: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    """Yield statements in their order, each block around one of `opened`, and each `with`, opened up."""
    for statement in body:
        if isinstance(statement, _BLOCKS) and (
            isinstance(statement, ast.With) or any(holds(statement, each) for each in opened)
        ):
            for part in (statement.body, getattr(statement, "orelse", []), getattr(statement, "finalbody", [])):
                yield from flat(part, opened)
        else:
            yield statement


def path_to(root: ast.AST, node: ast.AST) -> list[tuple[ast.AST, str]]:
    """Return the nodes from `root` down to just above `node`, each with the field through which the way leads."""
    for name, field in ast.iter_fields(root):
        for child in field if isinstance(field, list) else [field]:
            if child is node:
                return [(root, name)]
            if isinstance(child, ast.AST) and (below := path_to(child, node)):
                return [(root, name), *below]
    return []


def _tapes_of(scope: Scope) -> Iterator[Tape]:
    opened: list[tuple[str, ast.With, ast.Call]] = []
    asked: dict[int, list[Asked]] = {}
    for node in sorted(within(scope), key=_place):
        if isinstance(node, ast.With):
            for item in node.items:
                match item:
                    case ast.withitem(ast.Call() as made, ast.Name(id=name)) if _name_of(made.func) == "GradientTape":
                        opened.append((name, node, made))
        elif isinstance(node, ast.Call) and (question := _question(node)) is not None:
            asking = node.func.value.id  # type: ignore[attr-defined]
            number = next((at for at in reversed(range(len(opened))) if opened[at][0] == asking), None)
            if number is not None:
                asked.setdefault(number, []).append(question)
    for number, (name, block, made) in enumerate(opened):
        if number in asked:
            yield Tape(name, block, made, scope, tuple(asked[number]))


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _question(call: ast.Call) -> Asked | None:
    """Return what a call asks a tape, None where it is no such call or not written out."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _ASKING or not isinstance(func.value, ast.Name):
        return None
    named = {each.arg: each.value for each in call.keywords}
    given = [*call.args[:2]]
    target = given[0] if given else named.get("target")
    sources = given[1] if len(given) > 1 else named.get("sources") or named.get("source")
    if target is None or sources is None or any(isinstance(each, ast.Starred) for each in given):
        return None
    return Asked(call, target, sources)


def _name_of(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
