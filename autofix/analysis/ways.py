"""Which cuts leave something that is trained without any way to a loss.

A parameter, or a model that an optimizer is given, has to get its gradient somewhere. A value that is detached, or made
a number, is right as long as what it came from is trained by another term, or another loss, of the same module.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from autofix.analysis.optimizers import name_of, trained_models
from autofix.analysis.values import Root, Value
from autofix.knowledge import naming
from autofix.knowledge.effects import PARAMETRIC
from autofix.knowledge.operations import having
from autofix.model import Cut
from autofix.syntax.memo import nodes_of, remembered

if TYPE_CHECKING:
    from autofix.analysis.run import Run

_CODES = frozenset({"AF102", "AF103", "AF104"})
_IN_PLACE = frozenset("mul_ add_ sub_ copy_ lerp_".split())
_BY_HAND = having("stores") | {"data"}


@remembered
def trained_layers(tree: ast.Module) -> frozenset[str]:
    """Return the layers, by the attributes that they are kept in, of classes of this file whose objects are trained.

    A name that two classes use is nobody's, and what is called a teacher is not trained. None are known where something
    is frozen, or parameters may be moved by hand.
    """
    if _freezes(tree) or any(map(_moves, nodes_of(tree, ast.Attribute))):
        return frozenset()
    trained = trained_models(tree)
    made = [each for each in nodes_of(tree, ast.Assign) if any(name_of(one) in trained for one in each.targets)]
    classes = {name_of(each.value.func) for each in made if isinstance(each.value, ast.Call)}
    kept = [(cls.name, name) for cls in nodes_of(tree, ast.ClassDef) for name in _layers_of(cls)]
    names = Counter(name for _, name in kept)
    return frozenset(
        name for cls, name in kept
        if cls in classes and names[name] == 1 and not _is_held(name)
    )  # fmt: skip


def _moves(node: ast.Attribute) -> bool:
    return node.attr in _IN_PLACE or (node.attr == "data" and isinstance(node.ctx, ast.Store))


def _layers_of(cls: ast.ClassDef) -> Iterator[str]:
    """Yield the attributes of `self` that are given a layer with parameters."""
    for each in nodes_of(cls, ast.Assign):
        is_layer = isinstance(each.value, ast.Call) and name_of(each.value.func) in PARAMETRIC
        yield from (one.attr for one in each.targets if is_layer and isinstance(one, ast.Attribute))


def _is_held(name: str) -> bool:
    return naming.is_surely_target(name) or not naming.FROZEN_MODEL.isdisjoint(naming.words(name))


def without_way(value: Value, run: Run) -> frozenset[Cut]:
    """Return the explicit cuts of a live value by which something that is trained gets no gradient at all."""
    cuts = value.cuts | value.weights
    cuts = frozenset(cut for cut in cuts if cut.explicit and cut.code in _CODES and run.gradients.cut_off.get(cut))
    if not cuts or any(_is_unclear(each.value) for each in run.journal.consumed):
        return frozenset()
    reached = frozenset(root for each in run.journal.consumed for root in _roots(each.value)) | frozenset(_roots(value))
    cut_off = run.gradients.cut_off
    return frozenset(cut for cut in cuts if _is_lost(cut_off[cut], reached, run.tree)
                     or (cut in value.weights and _is_lost_layer(cut_off[cut], reached, run.tree)))  # fmt: skip


def leaves_without_way(cut: Cut, fixed: frozenset[Cut], run: Run) -> bool:
    """Is a cut all that keeps a gradient from something that is trained, once the cuts that are `fixed` are none?"""
    given = frozenset(root for each in run.journal.consumed for root in _roots(each.value))
    given = given.union(*(run.gradients.cut_off.get(each, frozenset()) for each in fixed))
    return _is_lost(run.gradients.cut_off.get(cut, frozenset()), given, run.tree)


def is_all(cut: Cut, value: Value, run: Run) -> bool:
    """Is what is cut all that this loss trains, though a gradient reaches something else?

    A discriminator that a generated image is shown to has one too, which nobody uses there, and so may a label.
    """
    rest, lost = frozenset(_roots(value)), run.gradients.cut_off.get(cut, frozenset())
    if not rest or not lost or rest & lost:
        return False
    trained = trained_models(run.tree) | run.declared.optimized
    another = any(root.is_model for root in lost) and cut in without_way(value, run)
    return another or not any(root.name in trained for root in rest)


def _is_lost(roots: frozenset[Root], reached: frozenset[Root], tree: ast.Module) -> bool:
    """Is one of these parameters trained and not reached, or a model of which no part is?"""
    if any(not root.is_model and root not in reached and _is_trained(root, tree) for root in roots):
        return True
    models = {root for root in roots if root.is_model}
    return models.isdisjoint(reached) and any(root.name in trained_models(tree) for root in models)


def _is_lost_layer(roots: frozenset[Root], reached: frozenset[Root], tree: ast.Module) -> bool:
    """Are these layers of a model that is trained, and none of them reached by another way?"""
    return bool(roots) and roots.isdisjoint(reached) and all(each.name in trained_layers(tree) for each in roots)


def _is_trained(root: Root, tree: ast.Module) -> bool:
    return root.name not in _moved_by_hand(tree) and not _freezes(tree)


def _is_unclear(value: Value) -> bool:
    return (value.unknown or value.traits.may_carry) and not value.roots


def _roots(value: Value) -> Iterator[Root]:
    if value.live:
        yield from value.roots
    for each in value.items or ():
        yield from _roots(each)


@remembered
def _moved_by_hand(tree: ast.Module) -> frozenset[str]:
    """Return the names of what is written to in place: `self.w.data = …`, `w.assign(…)`, `centers.mul_(0.9)`."""
    methods = (
        each.func.value
        for each in nodes_of(tree, ast.Call)
        if isinstance(each.func, ast.Attribute) and each.func.attr.endswith("_") and not each.func.attr.endswith("__")
    )
    written = (each.value for each in nodes_of(tree, ast.Attribute) if each.attr in _BY_HAND)
    assigned = (each.target for each in nodes_of(tree, ast.AugAssign))
    stored = (one for each in nodes_of(tree, ast.Assign) for one in each.targets if isinstance(one, ast.Subscript))
    return frozenset(name_of(each) for each in (*methods, *written, *assigned, *stored))


@remembered
def _freezes(tree: ast.Module) -> bool:
    """Is anything frozen in this module? Then nobody knows here what of it is trained."""
    switched = (each for each in nodes_of(tree, ast.Assign) if getattr(each.value, "value", None) is False)
    by_name = (getattr(one, "attr", "") for each in switched for one in each.targets)
    called = (each for each in nodes_of(tree, ast.Call) if getattr(each.func, "attr", "") == "requires_grad_")
    return any(name in ("requires_grad", "trainable") for name in by_name) or any(
        getattr(one, "value", None) is False for each in called for one in each.args
    )
