"""Tells which parts of a loss are held constant on purpose, and which terms never train.

A value asked for in so many words (`.item()`, `float()`, `.numpy()`) is meant as a threshold, a weight, a divisor, a
target or a center: wherever it meets the prediction in anything but a sum. As a summand of the loss it adds nothing to
the gradient, and that is a fault, unless the same value is also used in one of those roles (the shift of a
log-sum-exp, which is added again in the end) or is the mean of what it is taken from.

In a loss without any gradient each cut is judged as it would stand once the others are fixed.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autofix.analysis.record import Fact, Facts, Operation, operation
from autofix.analysis.results import noted
from autofix.analysis.values import Value
from autofix.analysis.ways import leaves_without_way
from autofix.knowledge import naming
from autofix.knowledge.effects import BREAKING_METHODS, LEAVERS
from autofix.knowledge.operations import having, last_names
from autofix.model import Cut, Kind
from autofix.syntax.memo import functions_in
from autofix.syntax.spans import Key, is_within, span

if TYPE_CHECKING:
    from autofix.analysis.run import Run

_SAME = having("passes-on")
_SUMS, _PRODUCTS, _QUOTIENTS = having("adds"), having("multiplies"), having("divides")
_ALIKE = frozenset({Kind.NUMBER})
"""What a number meets that is divided by something: it is no weight of that."""


_DETACHING = last_names("AF103")
_ASKED = frozenset({"AF102", "AF103", "AF104", "AF105"})


def is_asked(cut: Cut) -> bool:
    """Is a value taken out of the graph here in so many words? `tf.numpy_function` says so too."""
    return not cut.demanded and (cut.code == "AF108" or (cut.explicit and cut.code in _ASKED))


def dead_summands(
    value: Value, facts: Facts, nodes: Mapping[Key, ast.AST], factors: AbstractSet[Key] = frozenset()
) -> frozenset[Cut]:
    """Return the explicit conversions that make a whole summand of a live value a constant.

    `factors` are the makers of what is known to weigh something already.
    """
    walk = _Walk(facts, nodes, roles=set(factors))
    walk.follow(value.makers)
    return frozenset(cut for each in walk.summands for cut in walk.unexcused(each))


def is_demanded(cut: Cut) -> bool:
    """Is a value held constant in words that say nothing else, although it is to be differentiated?"""
    return cut.demanded and cut.code in ("AF103", "AF109")


def within_dead_summands(
    value: Value, facts: Facts, nodes: Mapping[Key, ast.AST], factors: AbstractSet[Key] = frozenset()
) -> frozenset[Key]:
    """Return the expressions that the summands of a live value are made of that carry no gradient."""
    walk = _Walk(facts, nodes, roles=set(factors))
    walk.follow(value.makers)
    return frozenset(key for each in walk.summands for key in walk.behind(each))


@dataclass(frozen=True)
class ConstantPart:
    """What made the constants that a cut leaves in a loss, which of them are factors, and the way of a gradient."""

    constants: frozenset[Key]
    factors: frozenset[Key]
    way: frozenset[Key]


def constant_part(
    cut: Cut, fixed: frozenset[Cut], value: Value, facts: Facts, nodes: Mapping[Key, ast.AST]
) -> ConstantPart | None:
    """Return what a cut holds constant in a loss once the cuts that are `fixed` are none; None if that is a summand.

    A number says so, beside the arrays of a loss that was handed to NumPy as a whole, and so do `detach` and `no_grad`.
    """
    walk = _Walk(facts, nodes, fixed=fixed)
    walk.follow(value.makers)
    summands = (walk.unexcused(each) if is_asked(cut) else each.cuts for each in walk.summands)
    met = [(each, others, name) for each, others, name in walk.met if cut in each.cuts]
    if not met or any(cut in each for each in summands):
        return None
    apart = all(each.kind is Kind.NUMBER and Kind.NUMBER not in others for each, others, _ in met)
    if cut.demanded or (cut.code not in ("AF103", "AF109") and not (apart and any(others for _, others, _ in met))):
        return None
    every, factors = (
        facts.reaching(key for each, _, name in met if name in names for key in each.makers)
        for names in ({name for *_, name in met}, _PRODUCTS)
    )
    return ConstantPart(every, factors, frozenset(walk.way))


@dataclass
class _Walk:
    """One way back from a loss through what is live in it; `roles` are the makers of what is held constant there.

    What only the cuts that are `fixed` have made a constant is taken to be live. `met` are the constants, each with the
    kinds of what it meets that a gradient reaches, and the name of the operation.
    """

    facts: Facts
    nodes: Mapping[Key, ast.AST]
    summands: list[Value] = field(default_factory=list)
    roles: set[Key] = field(default_factory=set)
    fixed: frozenset[Cut] = frozenset()
    met: list[tuple[Value, frozenset[Kind], str]] = field(default_factory=list)
    way: set[Key] = field(default_factory=set)

    def is_live(self, value: Value) -> bool:
        return value.live or not self.fixed.isdisjoint(value.cuts)

    def follow(self, makers: Iterable[Key]) -> None:
        """Look at every operation that made a loss; `whole` says that its summands are summands of the loss."""
        waiting = [(key, True) for key in makers]
        seen: set[tuple[Key, bool]] = set()
        while waiting:
            key, whole = waiting.pop()
            fact = self.facts.by_key.get(key)
            if fact is None or (key, whole) in seen:
                continue
            seen.add((key, whole))
            if fact.value.cuts and not self.is_live(fact.value):
                self._meet(fact.value, whole=True)  # in another branch it is what carries the gradient
                continue
            self.way.add(key)
            waiting += self._operands(operation(self.nodes[key], fact.callee, fact.operands), whole)

    def _operands(self, done: Operation, whole: bool) -> Iterator[tuple[Key, bool]]:
        """Meet what carries no gradient among the operands; yield what made those that do."""
        every = (*done.operands, *done.named.values())
        parts = [part for each in every for part in _parts(each)]
        passed = whole and _passes_on(done, parts, self.is_live)
        others = frozenset(each.kind for each in parts if self.is_live(each))
        divided = done.operands[0] if _name(done) in _QUOTIENTS else None
        for each in parts:
            if each.cuts and not self.is_live(each):
                self.met.append((each, others if each is not divided else _ALIKE, _name(done)))
            if self.is_live(each):
                yield from ((key, passed) for key in each.makers)
            elif each.cuts and each is not divided:
                self._meet(each, passed and _name(done) not in _PRODUCTS and not self._centers(done, each))

    def _meet(self, value: Value, whole: bool) -> None:
        if not whole:
            self.roles |= value.makers
        elif not value.traits.may_carry:
            self.summands.append(value)

    def _centers(self, done: Operation, value: Value) -> bool:
        """Is this `x - x.mean().item()`: a value taken from what it was computed from?"""
        if _name(done) != "sub" or len(done.operands) < 2 or done.operands[1] is not value:
            return False
        behind = self.facts.reaching(value.makers)
        whole = done.operands[0]
        if whole.makers:
            return whole.makers <= behind
        left = done.node.left if isinstance(done.node, ast.BinOp) else None
        nodes = (each for key in behind if key in self.nodes for each in ast.walk(self.nodes[key]))
        return isinstance(left, ast.Name) and any(isinstance(each, ast.Name) and each.id == left.id for each in nodes)

    def behind(self, summand: Value) -> set[Key]:
        """Return what a summand is made of, up to what is held constant elsewhere, or detached."""
        reached: set[Key] = set()
        waiting = list(summand.makers)
        while waiting:
            key = waiting.pop()
            if key in reached or key in self.roles:
                continue
            reached.add(key)
            fact = self.facts.by_key.get(key)
            if fact is not None and not _is_detached(fact):
                waiting += [maker for each in fact.operands for maker in each.makers]
        return reached

    def unexcused(self, summand: Value) -> Iterator[Cut]:
        """Yield what cuts a summand, but for values that are held constant elsewhere in the loss as well."""
        reached = self.behind(summand)
        spans = {span(key) for key in reached} - {span(key) for key in self.facts.reaching(self.roles)}
        facts = [self.facts.by_key[key] for key in reached if key in self.facts.by_key]
        converted = {cut for fact in facts if _converts(fact.callee)
                     for each in fact.operands if not self.is_live(each) for cut in each.cuts}  # fmt: skip
        for cut in summand.cuts:
            found = cut.span in spans or not summand.makers
            if is_asked(cut) and found and (cut in converted or cut.code != "AF103"):
                yield cut


def _is_detached(fact: Fact) -> bool:
    """Is a value detached here? Then it is meant as a constant, whatever it came from: particles kept in a buffer."""
    return fact.callee.rpartition(".")[2] in _DETACHING and not fact.value.live


def _converts(callee: str) -> bool:
    """Is this `.numpy()`, `float()` or NumPy itself, which makes more of a detached tensor than a constant?"""
    package, _, last = callee.partition(".")
    return (
        package in LEAVERS
        or (package == "Tensor" and BREAKING_METHODS.get(last, "AF103") != "AF103")
        or (callee == "builtins.float")
    )


def _passes_on(done: Operation, parts: Iterable[Value], is_live: Callable[[Value], bool]) -> bool:
    """Are the summands of the operands summands of the result?"""
    name = _name(done)
    if name in _PRODUCTS:
        divided = name in _QUOTIENTS and any(map(is_live, done.operands[1:2]))
        return not divided and sum(map(is_live, done.operands)) == 1
    return name in _SAME or name in _SUMS


def _name(done: Operation) -> str:
    """Return the name of an operation; Python's own `sum` goes by what is written."""
    func = done.node.func if isinstance(done.node, ast.Call) else None
    return done.name or (func.id if isinstance(func, ast.Name) else "")


def _parts(value: Value) -> Iterator[Value]:
    """Yield the elements of a list or tuple; of one whose length is not known, what stands for each of them."""
    if value.kind is Kind.SEQUENCE and value.items:
        for each in value.items:
            yield from _parts(each)
    elif value.kind is Kind.SEQUENCE and value.element is not None:
        yield from _parts(value.element)
    else:
        yield value


def kept(value: Value, mendable: frozenset[Cut], run: Run) -> frozenset[Cut]:
    """Return the cuts of a dead value that are meant; `mendable` are those that a fix may take away.

    In so many words are `detach` and `no_grad`, and a number where the rest are arrays and tensors: of
    `w.numpy() * e.numpy()` or `a.item() / b.item()` neither is meant more than the other.
    """
    if value.live or value.traits.may_carry or not mendable:
        return frozenset()
    weights = frozenset(cut for cut in value.weights - value.cuts if is_wish(cut))
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
    return is_asked(cut) or (cut.code == "AF109" and not cut.demanded)


def _is_meant(cut: Cut, fixed: frozenset[Cut], value: Value, run: Run) -> bool:
    if not fixed or leaves_without_way(cut, fixed, run):
        return False
    part = constant_part(cut, fixed, value, run.facts, run.nodes)
    return part is not None and not _has_the_target(part, cut, run)


def _has_the_target(part: ConstantPart, cut: Cut, run: Run) -> bool:
    """Does a factor that is held compare a prediction with what the rest, made of that prediction, never meets?

    Of `torch.from_numpy(np.exp(-p.numpy())) * (p - y).detach().abs()` the error is no weight.
    """
    around = [each for each in functions_in(run.tree) if is_within(cut.span, each)]
    if not around:
        return False
    function = max(around, key=lambda each: each.lineno)
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    given = {each.arg for each in arguments if each.arg != "self" and naming.role(each.arg) != "number"}
    factors = (run.nodes[key] for key in part.factors if key in run.nodes)
    inside = {id(each) for key in part.constants if key in run.nodes for each in ast.walk(run.nodes[key])}
    rest = [each for each in _names(run.nodes[key] for key in part.way if key in run.nodes) if id(each) not in inside]
    held, others = ({each.id: noted(run, each).derived for each in names if each.id in given}
                    for names in (_names(factors), rest))  # fmt: skip
    return any(others.values()) and all(others.values()) and others.keys() < held.keys() and not all(held.values())


def _names(nodes: Iterable[ast.AST]) -> Iterator[ast.Name]:
    return (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name))
