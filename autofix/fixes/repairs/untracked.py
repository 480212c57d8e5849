"""Variables of TensorFlow that a layer of Keras keeps without tracking them: they are made variables of Keras.

`tf.Variable(value, name=…)` becomes `keras.Variable(value, name=…)`, which has the same value and the same type, and
which a layer tracks as an attribute and in a list of its own.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.fixes.repairs.program import FaultyProgram, Repair, class_at, spelled_in
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Span
from autofix.observe.observation import Stray
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import dotted, last_part
from autofix.syntax.module import parents_of
from autofix.syntax.spans import Positions, span

CODE = "AF310"
KIND = "untracked"
_VARIABLES = last_names("rewraps")
_KEPT = frozenset({"name", "dtype", "trainable"})
"""The arguments that mean the same in both."""
_TRACKED = "keras.Variable"
_FIRST = "initial_value"
_TRAINABLE = "trainable"


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the variables of all layers are tracked, then those of one alone."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND]
    own = [each for each in strays if each.sites and each.sites[0].path == program.file]
    for chosen in dict.fromkeys([tuple(own), *((each,) for each in own)]):
        edits = dict.fromkeys(edit for each in chosen for edit in _tracked(program, each, chosen))
        if edits:
            text = apply_edits(program.text, edits)
            spans, names = tuple(each.sites[0].span for each in chosen), frozenset(each.name for each in chosen)
            operation = f"`{chosen[0].sites[0].expression}`"
            yield Repair(CODE, spans[0], operation, text, same_leaves=False, spans=spans, settles=names)


def _tracked(program: FaultyProgram, stray: Stray, chosen: Sequence[Stray]) -> list[Edit]:
    """Return the edits of the calls that make the variables of a layer."""
    owner = class_at(program.tree, stray.sites[0].span.line)
    if owner is None:
        return []
    names = {each.name.rpartition(".")[2] for each in chosen}
    calls = [each for each in ast.walk(owner) if isinstance(each, ast.Call) and last_part(each.func) in _VARIABLES]
    made = [each for each in calls if dotted(each.func).partition(".")[0] == _framework_of(program)]
    wanted = [each for each in made if _is_trained(each) and _goes_to(owner, each, names)]
    found = [_as_tracked(program, each) for each in wanted]
    return [edit for edits in found for edit in edits] if all(found) else []


def _is_trained(call: ast.Call) -> bool:
    flags = [*(each.value for each in call.keywords if each.arg == _TRAINABLE), *call.args[1:2]]
    return not any(isinstance(each, ast.Constant) and not each.value for each in flags)


def _goes_to(owner: ast.ClassDef, call: ast.Call, names: set[str]) -> bool:
    """Does a variable go to one of these attributes, or is that not known?"""
    parents = parents_of(owner)
    node: ast.AST = call
    while not isinstance(node, ast.stmt) and node in parents:
        node = parents[node]
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        targets = [node.value.func.value]  # self.parts.append(…)
    attributes = {each.attr for one in targets for each in ast.walk(one) if isinstance(each, ast.Attribute)}
    return not attributes or bool(attributes & names)


def _as_tracked(program: FaultyProgram, call: ast.Call) -> list[Edit]:
    """Return the edits that make a variable one of Keras; none where it has an argument that is not known there."""
    places = Positions(program.text)
    named = {each.arg or "": each for each in call.keywords}
    value = call.args[0] if call.args else named[_FIRST].value if _FIRST in named else None
    if value is None or isinstance(value, ast.Lambda) or not set(named) <= _KEPT | {_FIRST} or len(call.args) > 2:
        return []
    edits = [Edit(span(places.key(call.func)), _spelled(program))]
    if _FIRST in named:
        whole, inner = span(places.key(named[_FIRST])), span(places.key(value))
        edits.append(Edit(Span(whole.line, whole.column, inner.line, inner.column), ""))
        if call.keywords[0] is not named[_FIRST]:
            return []
    if len(call.args) == 2:
        second = span(places.key(call.args[1]))
        edits.append(Edit(Span(second.line, second.column, second.line, second.column), f"{_TRAINABLE}="))
    return edits


def _framework_of(program: FaultyProgram) -> str:
    """Return what a file calls the framework whose variables are not tracked."""
    return spelled_in(program.tree, record_of(record_of(program.framework).runs_on).module)


def _spelled(program: FaultyProgram) -> str:
    """Return how a file writes the variable of Keras."""
    return spelled_in(program.tree, _TRACKED) or f"{_framework_of(program)}.{_TRACKED}"
