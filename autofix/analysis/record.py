"""What an abstract run writes down: one fact an expression, one record a call of a function of the project.

Instances of one class that are made of like arguments are alike, and `__init__` is run for the first of them only:
networks are built of hundreds of such layers. What carries a gradient, and arrays and tensors, are never alike: what
was made of which of them decides what a fix has to change.
"""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import NamedTuple

from autofix.analysis.values import Arguments, Class, Dotted, Function, Instance, Value, join
from autofix.knowledge.effects import plain_name
from autofix.model import Cut, Kind
from autofix.syntax.spans import Key

_OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.Pow: "pow", ast.MatMult: "matmul",
}  # fmt: skip


class Operation(NamedTuple):
    """An operation: `name` is the last part of its name (`mean` for `tf.reduce_mean` too), empty where not known."""

    name: str
    operands: tuple[Value, ...]
    named: Mapping[str, Value]
    node: ast.AST | None

    def argument(self, place: int, *names: str) -> Value | None:
        """Return the argument given at `place` or under one of `names`; None where it was left out."""
        if place < len(self.operands):
            return self.operands[place]
        return next((self.named[name] for name in names if name in self.named), None)

    def constant(self, place: int, *names: str) -> object:
        """Return the literal given there; None where there is none."""
        given = self.argument(place, *names)
        return given.traits.constant if given is not None else None


def operation(node: ast.AST, callee: str, operands: Sequence[Value]) -> Operation:
    """Return the operation at a node; its operands are the receiver, the arguments by place, those by name."""
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        return Operation(_OPERATORS.get(type(node.op), ""), tuple(operands), {}, node)
    if isinstance(node, ast.UnaryOp):
        return Operation("neg" if isinstance(node.op, ast.USub) else "", tuple(operands), {}, node)
    if isinstance(node, ast.Subscript):
        return Operation("index", tuple(operands), {}, node)
    if not isinstance(node, ast.Call) or any(isinstance(each, ast.Starred) for each in node.args):
        return Operation("", tuple(operands), {}, node)
    if not node.keywords:
        return Operation(plain_name(callee), tuple(operands), {}, node)
    names = [each.arg or "**" for each in node.keywords]
    by_place = tuple(operands[: len(operands) - len(names)])
    by_name = dict(zip(names, operands[len(by_place) :], strict=False))
    return Operation(plain_name(callee), by_place, by_name, node)


class Fact(NamedTuple):
    """What is known of one expression: its value, what it was made from, and which known operation it is.

    `callee` is the canonical name of a call or attribute that rules may know (`numpy.mean`, `ndarray.mean`,
    `Tensor.detach`), empty for anything else; a method's receiver is the first operand.
    """

    value: Value
    operands: tuple[Value, ...] = ()
    callee: str = ""


@dataclass(frozen=True)
class Invocation:
    """One call of a function of this file: with what, and what came of it."""

    function: Function
    arguments: tuple[tuple[str, Value], ...]
    result: Value


@dataclass(frozen=True)
class CallSite:
    """Where a function of this file is called, in which function (None: at the top of the module), and with what.

    `trains` says that a prediction is passed on here in whose gradient somebody is interested.
    """

    key: Key
    caller: Function | None
    callee: Function
    arguments: tuple[Value, ...]
    trains: bool = False


def _is_held(value: Value, held: AbstractSet[Cut]) -> bool:
    return bool(value.cuts) and not value.live and value.cuts <= held


class Facts:
    """All facts of one run, by key; an expression evaluated twice has the join of what was seen."""

    def __init__(self) -> None:
        self.by_key: dict[Key, Fact] = {}
        self._met: dict[tuple[Key, int], Value] = {}
        self._met_in = self.by_key

    def note_name(self, key: Key, value: Value) -> None:
        """Write down the value that a name has here; one that it had before adds nothing."""
        if self._met_in is not self.by_key:
            self._met, self._met_in = {}, self.by_key
        old = self.by_key.get(key)
        if old is None:
            self.by_key[key] = Fact(value)
        elif old.value is not value:
            met = key, id(value)  # the value is kept, so that no other one gets its identity
            if met not in self._met:
                self._met[met] = value
                self.note(key, Fact(value))

    def note(self, key: Key, fact: Fact) -> None:
        """Write down what was seen of an expression."""
        old = self.by_key.get(key)
        if old is None or old == fact:
            self.by_key[key] = fact
        elif len(old.operands) == len(fact.operands):
            operands = tuple(join(pair) for pair in zip(old.operands, fact.operands, strict=True))
            callee = fact.callee or old.callee
            self.by_key[key] = Fact(join((old.value, fact.value)), operands, callee)
        else:
            self.by_key[key] = fact._replace(value=join((old.value, fact.value)))

    def reaching(self, makers: Iterable[Key], held: AbstractSet[Cut] = frozenset()) -> frozenset[Key]:
        """Return every expression that `makers` were made from, themselves included.

        What only cuts that are `held` make a constant is left out, with what it was made from.
        """
        seen: set[Key] = set()
        waiting = list(makers)
        while waiting:
            key = waiting.pop()
            fact = self.by_key.get(key)
            if key in seen or (held and fact is not None and _is_held(fact.value, held)):
                continue
            seen.add(key)
            if fact is not None:
                waiting += [maker for operand in fact.operands for maker in operand.makers]
                waiting += fact.value.makers
        return frozenset(seen)


_MEND_MATTERS = frozenset({Kind.TENSOR, Kind.ARRAY})


def likeness(cls: Class, arguments: Arguments) -> Hashable | None:
    """Return what instances that are alike have in common; None where this one is like no other."""
    named = sorted(arguments.keywords.items())
    if not all(_is_plain(each) for each in arguments.values):
        return None
    return id(cls), tuple(map(_form, arguments.positional)), tuple((name, _form(value)) for name, value in named)


def copy_of(instance: Instance, copies: dict[int, Instance] | None = None) -> Instance:
    """Return an instance with the same attributes, which can be set without changing those of the first.

    `copies` are those of the parts that were met already: parts may know their owner.
    """
    copies = {} if copies is None else copies
    made = copies[id(instance)] = replace(instance, attributes={})
    made.attributes.update((name, _copied(value, copies)) for name, value in instance.attributes.items())
    return made


def _is_plain(value: Value) -> bool:
    if value.derived or value.kind in _MEND_MATTERS or not isinstance(value.meaning, (Dotted, Class, type(None))):
        return False
    return (value.element is None or _is_plain(value.element)) and all(map(_is_plain, value.items or ()))


def _form(value: Value) -> Hashable:
    items = None if value.items is None else tuple(map(_form, value.items))
    element = None if value.element is None else _form(value.element)
    return value.kind, value.unknown, value.meaning, value.traits, items, element


def _copied(value: Value, copies: dict[int, Instance]) -> Value:
    part = value.meaning
    if not isinstance(part, Instance) or not isinstance(part.made_from, Class):
        return value
    return value._replace(meaning=copies.get(id(part)) or copy_of(part, copies))
