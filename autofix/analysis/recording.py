"""Does what a tape records lead from the sources to the target? A run over the names of one scope, in their order.

A name is *live* inside the block when it was made there from a source or from another live name; it is *lost* when it
was made from one of them outside.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from autofix.analysis import effects
from autofix.analysis.flow import changed, dotted, owners, reads, slice_back
from autofix.analysis.tapes import Asked, Tape, flat, holds
from autofix.verify.names import needed


@dataclass(frozen=True)
class Recording:
    """What became of the target: `lost` with the `guilty` statements, or, with `target`, in the call that asks.

    `needed` are the names that the target is made of.
    """

    lost: bool
    guilty: tuple[ast.stmt, ...] = ()
    target: bool = False
    needed: frozenset[str] = frozenset()
    live: bool = False


@dataclass(frozen=True)
class Known:
    """What an abstract run says of a statement: if it holds a prediction, and if a call in it may hide a model."""

    derived: Callable[[ast.AST], bool]
    opaque: Callable[[ast.AST], bool]


def record(tape: Tape, asked: Asked, known: Known, roots: set[str] | None = None) -> Recording:
    """Follow the statements of a scope up to where the tape is asked.

    What is made in the block by a call that may have variables of its own is taken to be live.
    """
    statements = _before(tape, asked)
    sources = owners(asked.sources, statements) if roots is None else roots
    live: set[str] = set()
    lost: set[str] = set()
    made_outside: list[ast.stmt] = []
    for statement in statements:
        read, given = _carried(statement), changed(statement) - sources
        if holds(tape.block, statement):
            if read & (sources | live):
                live, lost = live | given, lost - given
            elif read & lost and not known.opaque(statement):
                live, lost = live - given, lost | given
            elif read & lost or (roots is None and known.derived(statement)):
                live, lost = live | given, lost - given
            else:
                live, lost = live - given, lost - given
        elif given and read & sources and _makes_an_object(statement):
            sources, live, lost = sources | given, live - given, lost - given
        elif given and (read & (sources | live | lost) or (roots is None and known.derived(statement))):
            live, lost = live - given, lost | given
            made_outside.append(statement)
        else:
            live, lost = live - given, lost - given
    names, plain = _carried(asked.target), _is_plain(asked.target)
    inside = holds(tape.block, asked.call)
    kept = slice_back(statements, needed(asked.target))
    guilty = tuple(each for each in kept if any(each is one for one in made_outside))
    if plain or inside:
        is_live = bool(names & live) or (inside and bool(names & sources))
        is_lost = not is_live and bool(names & lost)
        return Recording(is_lost, guilty if is_lost else (), False, frozenset(needed(asked.target)), is_live)
    reached = bool(names & (live | lost | sources))
    return Recording(reached, guilty if not names & live else (), reached, frozenset(needed(asked.target)))


def _before(tape: Tape, asked: Asked) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in flat(tape.scope.body, [tape.block, asked.call]):
        if holds(statement, asked.call):
            break
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(statement)
    return found


def _carried(node: ast.AST) -> set[str]:
    """Return the dotted names that a node reads, where their values are meant and not their shapes."""
    shapes = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Attribute)
              and each.attr in effects.SHAPES and each.attr not in ("name", "type")}  # fmt: skip
    again = {dotted(each.target) for each in ast.walk(node) if isinstance(each, ast.AugAssign)} - {""}
    return again.union(*(reads(each) for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Attribute))
                         and id(each) not in shapes and not _stands_for_shape(each)))  # fmt: skip


def _stands_for_shape(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in effects.SHAPES


def _makes_an_object(statement: ast.AST) -> bool:
    """Is an object made of variables, a distribution or a layer, which computes with them only when it is asked?"""
    call = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(call, ast.Call):
        return False
    return any(part[:1].isupper() for part in dotted(call.func).split("."))


def _is_plain(target: ast.expr) -> bool:
    """Is the target made before it is asked for: a name, an attribute, an element, or a list of those?"""
    if isinstance(target, (ast.List, ast.Tuple)):
        return all(_is_plain(each) for each in target.elts)
    if isinstance(target, (ast.Attribute, ast.Subscript)):
        return _is_plain(target.value)
    return isinstance(target, ast.Name)
