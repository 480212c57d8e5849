"""Notes what an expression makes of its operands: whether it carries a gradient, and the cuts on the way to it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from autofix.analysis.bounds import compares_with_itself, is_flat, traits_of
from autofix.analysis.record import Fact, Operation, operation
from autofix.analysis.run import Run, is_in_metric_loss
from autofix.analysis.singular import guards_its_own_operand, infinite_slope
from autofix.analysis.values import INERT, Meaning, Root, Value
from autofix.knowledge.causes import has
from autofix.model import Cut, Kind
from autofix.syntax.spans import Key, span

_INDEXING = frozenset({"AF201", "AF202", "AF204"})


def result_of(
    run: Run,
    node: ast.AST,
    kind: Kind,
    operands: Sequence[Value],
    *,
    callee: str = "",
    code: str | None = None,
    inert: bool = False,
    meaning: Meaning | None = None,
    weights: frozenset[Cut] = frozenset(),
) -> Value:
    """Return and note the value that `node` makes of `operands`; `code` is the cause that ends a gradient here.

    What is `inert` says something about its operands and is not made of their values: their shape, their type.
    `weights` are the cuts of the factors of a product.
    """
    key = run.positions.key(node)
    run.nodes[key] = node
    inflow = _inflow(() if inert else operands)
    done = operation(node, callee, operands)
    code = code or _flat(done, inflow.live)
    live, cuts = _outflow(run, node, done, code, inflow)
    traits = traits_of(done)
    if traits.may_carry and (inert or code or kind in (Kind.ARRAY, Kind.NUMBER)):
        traits = traits._replace(may_carry=False)
    recorded = Value(
        kind, live, cuts, inflow.unknown, meaning, makers=frozenset({key}), traits=traits, roots=inflow.roots,
        weights=inflow.weights | weights if weights else inflow.weights,
    )  # fmt: skip
    value = in_context(run, recorded, node)
    run.facts.note(key, Fact(value, tuple(operands), callee))
    return value


def text_of(run: Run, node: ast.AST, parts: Sequence[Value]) -> Value:
    """Return a text that is written of values: what was made of a prediction stays so, without its gradient."""
    return result_of(run, node, Kind.OTHER, parts) if any(each.derived for each in parts) else INERT


class _Inflow(NamedTuple):
    """What operands bring with them: whether any is live or unknown, all cuts, the live ones' roots, and weights."""

    live: bool
    unknown: bool
    cuts: frozenset[Cut]
    roots: frozenset[Root]
    weights: frozenset[Cut]


def _inflow(operands: Sequence[Value]) -> _Inflow:
    live = unknown = False
    cuts: frozenset[Cut] = frozenset()
    roots: frozenset[Root] = frozenset()
    weights: frozenset[Cut] = frozenset()
    for operand in operands:
        live, unknown = live or operand.live, unknown or operand.unknown
        cuts = cuts | operand.cuts if operand.cuts else cuts
        roots = roots | operand.roots if operand.live and operand.roots else roots
        weights = weights | operand.weights if operand.weights else weights
    return _Inflow(live, unknown, cuts, roots, weights)


def _outflow(
    run: Run, node: ast.AST, done: Operation, code: str | None, inflow: _Inflow
) -> tuple[bool, frozenset[Cut]]:
    """Return whether the result of an operation is live, and its cuts; `code` is the cause that ends a gradient."""
    live, cuts = inflow.live, inflow.cuts
    if code and run.declared.wishes.hold(span(run.positions.key(node))):
        return False, frozenset()
    if (live and code) or code == "AF208":
        return False, cuts | {ended(run, cut_at(run, node, code), inflow.roots)}
    if code == "AF201" and not all(has(cut.code, "soft") for cut in cuts):
        return live, frozenset({cut_at(run, node, code)})  # an index has no gradient, whatever it is computed on
    if live and _is_singular(run, done):
        return live, cuts | {cut_at(run, node, "AF206")}
    return live, cuts


def _flat(done: Operation, live: bool) -> str | None:
    """Return the cause of an operation whose result never moves, whatever the prediction."""
    if compares_with_itself(done):
        return "AF207" if live else "AF208"
    return "AF207" if live and is_flat(done) else None


def _is_singular(run: Run, done: Operation) -> bool:
    """Is the gradient of this operation NaN or infinite at values that do occur?"""
    if done.name == "where" and isinstance(done.node, ast.Call):
        return guards_its_own_operand(done.node, lambda node: _written(run, node), lambda node: noted(run, node))
    return infinite_slope(done, run.framework, is_in_metric_loss(run))


def _written(run: Run, node: ast.expr) -> ast.expr:
    """Return the expression that a name stands for, where it is one."""
    makers = noted(run, node).makers if isinstance(node, ast.Name) else frozenset()
    written = run.nodes.get(next(iter(makers))) if len(makers) == 1 else None
    return written if isinstance(written, ast.expr) else node


def noted(run: Run, node: ast.expr) -> Value:
    """Return what is known of an expression that was met."""
    fact = run.facts.by_key.get(run.positions.key(node))
    return fact.value if fact is not None else INERT


def cut_at(run: Run, node: ast.AST, code: str, explicit: bool | None = None) -> Cut:
    """Return the cut that stands at a node."""
    place = span(run.positions.key(node))
    if run.declared.wishes.demand(place, has(code, "fixable")):
        return Cut(code, place, ast.unparse(node), demanded=True)
    wish = has(code, "explicit") if explicit is None else explicit
    return Cut(code, place, ast.unparse(node), wish)


def ended(run: Run, cut: Cut, roots: frozenset[Root]) -> Cut:
    """Write down what the gradient that ends at a cut would have arrived at."""
    run.gradients.cut_off[cut] = run.gradients.cut_off.get(cut, frozenset()) | roots
    return cut


def in_context(run: Run, value: Value, node: ast.AST) -> Value:
    """End the gradient of a value made under `no_grad`, or away from the tape."""
    no_grad = run.context.no_grad
    if no_grad and value.traits.may_carry:
        value = value._replace(traits=value.traits._replace(may_carry=False))
    if not value.live or not (no_grad or run.context.tape == "closed"):
        return value
    ending = no_grad or cut_at(run, node, "AF301")
    if run.declared.wishes.hold(ending.span):
        return value._replace(live=False, cuts=frozenset())
    return value._replace(live=False, cuts=value.cuts | {ended(run, ending, value.roots)})


def as_leaf(run: Run, node: ast.AST, value: Value) -> Value:
    """Return a value whose gradient was lost before and that is then declared a leaf."""
    return value._replace(cuts=value.cuts | {cut_at(run, node, "AF303")})


def positions_of(index: Value) -> tuple[Value, ...]:
    """Return the parts of an index: they select and carry no gradient, even where they were made from a prediction."""
    parts = index.items if index.kind is Kind.SEQUENCE and index.items is not None else (index,)
    none: frozenset[Cut] = frozenset()
    return tuple(part._replace(live=False, cuts=none, weights=none, makers=_selecting(part)) for part in parts)


def _selecting(part: Value) -> frozenset[Key]:
    """A mask made of predictions can be a tensor like any other; an index made of them cannot be had from tensors."""
    if part.kind is Kind.SEQUENCE or part.live or any(cut.code in _INDEXING for cut in part.cuts):
        return frozenset()
    return part.makers
