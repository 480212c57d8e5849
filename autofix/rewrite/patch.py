"""Rewrites a broken loss: takes the text and a diagnosis, gives candidate texts, the smallest first, or a refusal.

Only here is the text parsed by LibCST. What to change was decided in `plan`; how an operation is written is the
catalogue's, and `rewriter` puts it in place; this module makes whole candidates of the pieces.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from itertools import islice, product

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.losses import diagnose
from autofix.analysis.values import Dotted, Key, Scope
from autofix.model import OwnRules
from autofix.rewrite.catalogue import Catalogue
from autofix.rewrite.chosen import choices
from autofix.rewrite.clashes import Identifiers
from autofix.rewrite.comments import with_comments
from autofix.rewrite.copied_helpers import with_copies
from autofix.rewrite.elements import Elements
from autofix.rewrite.given import NOTHING_GIVEN, given
from autofix.rewrite.imports import finish_imports
from autofix.rewrite.own_tables import with_own_tables
from autofix.rewrite.own_versions import with_conversions, with_own_versions
from autofix.rewrite.parentheses import parenthesised
from autofix.rewrite.plan import Plan, plan
from autofix.rewrite.replacement import Refusal, Stop
from autofix.rewrite.rewriter import Rewriter
from autofix.rewrite.targets import cast_targets, cast_targets_to_double, typed_like_the_prediction

_MOST_CANDIDATES = 8
_MOST_WISHES = 3
"""How often a gradient that is back may be taken away again further on."""


def rewrite(text: str, diagnosis: Diagnosis, catalogue: Catalogue) -> tuple[str, ...] | Refusal:
    """Return the texts in which this loss keeps its gradient, for the verifier to choose from."""
    found = _rewrite(text, diagnosis, catalogue, whole=False)
    if diagnosis.framework == "tensorflow" and not isinstance(found, Refusal):
        whole = _rewrite(text, diagnosis, catalogue, whole=True)
        found = found if isinstance(whole, Refusal) else (*found, *whole)
    return found if isinstance(found, Refusal) else tuple(dict.fromkeys(with_comments(text, each) for each in found))


def _rewrite(
    text: str, diagnosis: Diagnosis, catalogue: Catalogue, whole: bool, deep: int = 0
) -> tuple[str, ...] | Refusal:
    """Rewrite what the gradient needs or, as tf.function does, all that comes from the parameters of the loss."""

    def planned_for(diagnosis: Diagnosis) -> Plan:
        return plan(diagnosis, catalogue.__contains__, given(text, diagnosis) if whole else NOTHING_GIVEN)

    planned = planned_for(diagnosis)
    for step in (with_copies, with_conversions, with_own_versions, with_own_tables):
        changed = step(text, diagnosis, planned)
        if isinstance(changed, Refusal):
            return changed
        again = diagnosis if changed is None else _again(changed, diagnosis)
        if again is None:
            return Refusal("its helpers are used elsewhere too, and could not be told apart")
        if changed is not None:
            text, diagnosis = changed, again
            planned = planned_for(again)
    found = _rewritten(text, diagnosis, planned, catalogue)
    if isinstance(found, Refusal) or not planned.wishes or deep >= _MOST_WISHES:
        return found
    return tuple(dict.fromkeys(each for one in found for each in _granted(one, diagnosis, catalogue, whole, deep)))


def _granted(text: str, diagnosis: Diagnosis, catalogue: Catalogue, whole: bool, deep: int) -> tuple[str, ...]:
    """Return a candidate, rewritten once more where a `detach` that it left is all that still takes the gradient."""
    again = _again(text, diagnosis)
    if again is None or not any(cut.code == "AF103" for cut in again.lost):
        return (text,)
    further = _rewrite(text, again, catalogue, whole, deep + 1)
    return (text,) if isinstance(further, Refusal) else further


def _again(text: str, diagnosis: Diagnosis) -> Diagnosis | None:
    """Return the diagnosis of the same loss in a text with other helpers, none of which are in other files."""
    own = OwnRules(names={diagnosis.framework: diagnosis.own_rules})
    found = diagnose(ast.parse(text), text, own, diagnosis.around)
    same = next((each for each in found if each.same_as(diagnosis)), None)
    return None if same is None or any(cut.elsewhere for cut in same.cuts) else same


def _rewritten(text: str, diagnosis: Diagnosis, planned: Plan, catalogue: Catalogue) -> tuple[str, ...] | Refusal:
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    names = module_names(diagnosis.module)
    elements, identifiers = Elements(text, diagnosis.facts.by_key), Identifiers(text)
    found = choices(text, diagnosis, planned)
    if isinstance(found, Refusal):
        return found
    candidates: dict[str, None] = {}
    dropped = False

    def make(chosen: dict[Key, int]) -> Rewriter:
        return Rewriter(positions, planned, catalogue, diagnosis, names, elements, identifiers, found, chosen)

    try:
        for choice in _choices(wrapper.module, make):
            for whole, modules in _finish(choice, diagnosis, names):
                if _is_python(whole.code):
                    candidates.setdefault(finish_imports(whole, text, modules, choice.definitions, diagnosis, names))
                else:
                    dropped = True
    except Stop as stop:
        return stop.refusal
    candidates.pop(text, None)
    if dropped and not candidates:
        return Refusal("the rewrite was not valid Python: an internal error, please report it with this loss")
    return tuple(islice(candidates, _MOST_CANDIDATES)) or Refusal("no rewrite with the same value is known")


def _is_python(text: str) -> bool:
    """Does a candidate parse? One that does not is no candidate: an f-string, say, whose quotes its Python forbids."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def module_names(module: Scope) -> dict[str, str]:
    """Return what the modules that a replacement may need are called in this file."""
    names = {"torch": "torch", "tensorflow": "tf", "math": "math", "numpy": "np"}
    for name, value in module.names.items():
        if isinstance(value.meaning, Dotted) and value.meaning.name in names:
            names[value.meaning.name] = name
    return names


def _choices(module: cst.Module, make: Callable[[dict[Key, int]], Rewriter]) -> Iterator[Rewriter]:
    """Yield a rewrite for each combination of the ways in which its operations can be written."""
    first = make({})
    first.result = module.visit(first)
    yield first
    open_keys = [key for key, count in first.ways.items() if count > 1]
    for combination in islice(product(*(range(first.ways[key]) for key in open_keys)), 1, _MOST_CANDIDATES):
        other = make(dict(zip(open_keys, combination, strict=True)))
        other.result = module.visit(other)
        yield other


def _finish(
    choice: Rewriter, diagnosis: Diagnosis, names: dict[str, str]
) -> Iterator[tuple[cst.Module, frozenset[str]]]:
    """Yield one rewrite and the modules it names, then some with casts where the framework never promotes."""
    if choice.result is None or not (choice.ways or choice.unwrapped or choice.edited):
        return
    whole = cst.ensure_type(parenthesised(choice.result), cst.Module)
    yield whole, choice.modules
    if diagnosis.framework == "tensorflow":
        double = (cast_targets_to_double,) if choice.doubled else ()
        for change in (*double, cast_targets, typed_like_the_prediction):
            cast = change(whole, diagnosis, names["tensorflow"])
            if cast is not None:
                yield cast, choice.modules | {"tensorflow"}
