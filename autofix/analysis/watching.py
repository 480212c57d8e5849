"""Which sources of a tape are plain tensors that it was not told to watch.

A tape follows variables by itself and everything else only after `tape.watch`. Where a name may stand for a variable,
nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.analysis import words
from autofix.analysis.facts import Fact
from autofix.analysis.flow import changed, dotted
from autofix.analysis.interpreter import Interpreter
from autofix.analysis.recording import Known, record
from autofix.analysis.tapes import Asked, Tape, flat, holds, within
from autofix.model import Kind

_INPUTS = frozenset(
    "image images img imgs x input inputs inp sample samples interpolated interpolates interpolation noise latent t xt "
    "coords coordinates points tensor batch pixels spectrogram".split()
)
_UPDATES = frozenset({"assign", "assign_add", "assign_sub"})


def unwatched(tape: Tape, step: Sequence[Tape], interpreter: Interpreter) -> Iterator[tuple[str, ast.stmt | None]]:
    """Yield the sources to watch, each with the statement in the block that makes it, if one does."""
    found: set[str] = set()
    for asked in tape.asked:
        parts = asked.sources.elts if isinstance(asked.sources, (ast.List, ast.Tuple)) else [asked.sources]
        for source in parts:
            if not isinstance(source, ast.Name) or source.id in found or _watches(tape, source.id):
                continue
            made = _made_in_block(tape, asked, source.id)
            if not _is_plain(tape, step, source, made, interpreter) or not _leads(tape, asked, source.id):
                continue
            found.add(source.id)
            yield source.id, made


def _watches(tape: Tape, name: str) -> bool:
    for call in (each for each in within(tape.scope) if isinstance(each, ast.Call)):
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == "watch" and dotted(func.value) == tape.name:
            parts = [
                each for argument in (*call.args, *(key.value for key in call.keywords)) for each in ast.walk(argument)
            ]
            if any(isinstance(each, ast.Name) and each.id == name for each in parts):
                return True
            if any(not isinstance(each, (ast.Name, ast.List, ast.Tuple, ast.expr_context)) for each in parts):
                return True  # watched by another name, perhaps
    return False


def _made_in_block(tape: Tape, asked: Asked, name: str) -> ast.stmt | None:
    inside = [each for each in flat(tape.block.body, [asked.call]) if not holds(each, asked.call)]
    return next((each for each in reversed(inside) if name in changed(each)), None)


def _is_plain(
    tape: Tape, step: Sequence[Tape], source: ast.Name, made: ast.stmt | None, interpreter: Interpreter
) -> bool:
    """Is the source a tensor, for all that is known, and not a variable or the result of one that is recorded?"""
    fact: Fact | None = interpreter.facts.by_key.get(interpreter.positions.key(source))
    if fact is None or _is_updated(interpreter.tree, source.id):
        return False
    value = fact.value
    if made is None and any(other is not tape and _watches(other, source.id) for other in step):
        return True
    if made is None and _is_computed(tape, source.id, interpreter):
        return True
    if value.derived or value.meaning is not None:
        return False
    if value.kind is Kind.TENSOR and not value.unknown:
        return True
    if made is not None or value.kind not in (Kind.TENSOR, Kind.OTHER) or not value.unknown:
        return False
    return bool(set(words.words(source.id)) & _INPUTS) and _goes_into_a_call(tape, source.id)


def _is_computed(tape: Tape, name: str, interpreter: Interpreter) -> bool:
    """Is a name the result of an operation before the block? Operations give tensors, never variables."""
    before = [each for each in flat(tape.scope.body, [tape.block])
              if each.lineno < tape.block.lineno and name in changed(each)]  # fmt: skip
    last = before[-1] if before else None
    if not isinstance(last, ast.Assign) or not isinstance(last.targets[0], ast.Name):
        return False
    fact = interpreter.facts.by_key.get(interpreter.positions.key(last.value))
    return isinstance(last.value, (ast.BinOp, ast.UnaryOp)) or (
        fact is not None and fact.callee.startswith("tensorflow.") and fact.value.kind is Kind.TENSOR
    )


def _is_updated(tree: ast.AST, name: str) -> bool:
    """Is a name treated as a variable anywhere: made one, assigned to, given to an optimizer?"""
    for each in ast.walk(tree):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            if each.func.attr in _UPDATES and dotted(each.func.value) == name:
                return True
            if each.func.attr in ("apply_gradients", "minimize") and _names(each) & {name}:
                return True
        if isinstance(each, ast.Assign) and name in changed(each) and "Variable" in ast.unparse(each.value):
            return True
    return False


def _goes_into_a_call(tape: Tape, name: str) -> bool:
    calls = (each for each in ast.walk(tape.block) if isinstance(each, ast.Call))
    return any(isinstance(part, ast.Name) and part.id == name for each in calls for part in _flat_arguments(each))


def _flat_arguments(call: ast.Call) -> Iterator[ast.expr]:
    for argument in (*call.args, *(each.value for each in call.keywords)):
        yield argument
        if isinstance(argument, (ast.List, ast.Tuple)):
            yield from argument.elts


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _leads(tape: Tape, asked: Asked, name: str) -> bool:
    """Does what the tape records, or would record, lead from the source to the target?"""
    recording = record(tape, asked, Known(lambda node: False, lambda node: False), {name})
    return recording.live or recording.lost
