"""What the interpreter writes down as it goes: one fact an expression, one record a call of a function of this file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from autofix.analysis.neighbours import STRIDE
from autofix.analysis.values import Function, Key, Value, join
from autofix.model import Cut, Span


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


class Positions:
    """Turns `ast` positions, which count UTF-8 bytes, into keys that count characters, as LibCST does."""

    def __init__(self, text: str) -> None:
        self._longer = _longer_lines(text, 0)
        self._keys: dict[ast.AST, Key] = {}

    def add(self, number: int, text: str) -> None:
        """Count the characters of another file too: the one of this number among the neighbours."""
        self._longer |= _longer_lines(text, number)

    def key(self, node: ast.AST) -> Key:
        """Return the key of an expression or a statement."""
        known = self._keys.get(node)
        if known is None:
            known = self._keys[node] = self._key(node)
        return known

    def _key(self, node: ast.AST) -> Key:
        line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        end_line, end_column = getattr(node, "end_lineno", 0), getattr(node, "end_col_offset", 0)
        if line in self._longer:
            column = len(self._longer[line][:column].decode(errors="ignore"))
        if end_line in self._longer:
            end_column = len(self._longer[end_line][:end_column].decode(errors="ignore"))
        return type(node).__name__, line, column, end_line, end_column


def _longer_lines(text: str, number: int) -> dict[int, bytes]:
    """Return the lines of the file of this number that have more bytes than characters, as the analysis counts them."""
    lines = [] if text.isascii() else re.split(r"\r\n|\r|\n", text)
    first = number * STRIDE + 1
    return {line: each.encode() for line, each in enumerate(lines, first) if not each.isascii()}


def span(key: Key) -> Span:
    """Return the stretch of the file that a key stands for."""
    return Span(key[1], key[2] + 1, key[3], key[4] + 1)


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
