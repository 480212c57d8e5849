"""Which cuts of a loss without any gradient hold a part of it constant on purpose, and stay where the rest is fixed.

Each is asked of the loss as it is once the others are fixed: a divisor, a threshold, a weight, a center that was taken
out of the graph in so many words would be right then, as it is beside a gradient that flows.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from autofix.analysis import words
from autofix.analysis.constants import ConstantPart, constant_part, is_asked
from autofix.analysis.remembered import functions_in
from autofix.analysis.values import Value
from autofix.analysis.ways import leaves_without_way, weighing
from autofix.model import Cut

if TYPE_CHECKING:
    from autofix.analysis.interpreter import Interpreter


def kept(value: Value, mendable: frozenset[Cut], run: Interpreter) -> frozenset[Cut]:
    """Return the cuts of a dead value that are meant; `mendable` are those that a fix may take away.

    In so many words are `detach` and `no_grad`, and a number where the rest are arrays and tensors: of
    `w.numpy() * e.numpy()` or `a.item() / b.item()` neither is meant more than the other.
    """
    if value.live or value.traits.may_carry or not mendable:
        return frozenset()
    weights = frozenset(cut for cut in weighing(value, run) - value.cuts if is_wish(cut))
    held = frozenset(cut for cut in weights if not leaves_without_way(cut, mendable, run))
    wishes = frozenset(cut for cut in value.cuts - mendable if is_wish(cut))
    held |= {cut for cut in wishes if _is_meant(cut, mendable, value, run)}
    items = frozenset(cut for cut in mendable if cut.code == "AF104" and is_asked(cut))
    numbers = frozenset(cut for cut in items if _is_meant(cut, mendable - items, value, run))
    asked = frozenset(cut for cut in mendable - numbers if is_asked(cut))
    numbers |= {cut for cut in asked if _is_meant(cut, mendable - numbers - {cut}, value, run)}
    return held | numbers if mendable - numbers else held


def is_wish(cut: Cut) -> bool:
    """Is a value held constant here in words that say nothing else: `detach`, `no_grad`?"""
    return is_asked(cut) or cut.code == "AF109"


def _is_meant(cut: Cut, fixed: frozenset[Cut], value: Value, run: Interpreter) -> bool:
    if not fixed or leaves_without_way(cut, fixed, run):
        return False
    part = constant_part(cut, fixed, value, run.facts, run.nodes)
    return part is not None and not _has_the_target(part, cut, run)


def _has_the_target(part: ConstantPart, cut: Cut, run: Interpreter) -> bool:
    """Does a factor that is held compare a prediction with what the rest, made of that prediction, never meets?

    Of `torch.from_numpy(np.exp(-p.numpy())) * (p - y).detach().abs()` the error is no weight.
    """
    around = [each for each in functions_in(run.tree) if each.lineno <= cut.span.line <= (each.end_lineno or 0)]
    if not around:
        return False
    function = max(around, key=lambda each: each.lineno)
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    given = {each.arg for each in arguments if each.arg != "self" and words.role(each.arg) != "number"}
    factors = (run.nodes[key] for key in part.factors if key in run.nodes)
    inside = {id(each) for key in part.constants if key in run.nodes for each in ast.walk(run.nodes[key])}
    rest = [each for each in _names(run.nodes[key] for key in part.way if key in run.nodes) if id(each) not in inside]
    held, others = ({each.id: run.seen(each).derived for each in names if each.id in given}
                    for names in (_names(factors), rest))  # fmt: skip
    return any(others.values()) and all(others.values()) and others.keys() < held.keys() and not all(held.values())


def _names(nodes: Iterable[ast.AST]) -> Iterator[ast.Name]:
    return (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name))
