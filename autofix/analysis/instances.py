"""Instances of one class that are made of like arguments are alike: `__init__` is run for the first of them only.

Networks are built of hundreds of such layers. What carries a gradient, and arrays and tensors, are never alike: what
was made of which of them decides what a mend has to change.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from autofix.analysis.values import Arguments, Class, Dotted, Instance, Value
from autofix.model import Kind

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
