"""Names that stand for objects and for no tensors: `batch.y` and `cfg.beta` ask for parts that no tensor has."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from autofix.knowledge.effects import ASKED_OF_MODELS, ASKED_OF_TENSORS

_NO_PARTS: frozenset[str] = ASKED_OF_TENSORS | ASKED_OF_MODELS


def attributes_of(name: str, pieces: Iterable[ast.AST]) -> tuple[str, ...]:
    """Return the attributes that a name is asked for; none where it is asked for one of a tensor's, or is called."""
    pieces = list(pieces)
    asked = [each for each in pieces if isinstance(each, ast.Attribute) and _is(each.value, name)]
    called = [each.func for each in pieces if isinstance(each, ast.Call)]
    if any(is_of_tensors(each.attr) or each in called for each in asked) or any(_is(each, name) for each in called):
        return ()
    return tuple(dict.fromkeys(each.attr for each in asked))


def is_of_tensors(name: str) -> bool:
    """Is this attribute one of tensors, or of models?"""
    return name in _NO_PARTS


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
