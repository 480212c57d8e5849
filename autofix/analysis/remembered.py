"""Answers about a piece of syntax that are asked again and again: found once, and forgotten with the tree."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Node = TypeVar("Node", bound=ast.AST)
Answer = TypeVar("Answer")


def remembered(question: Callable[[Node], Answer]) -> Callable[[Node], Answer]:
    """Return the question with a memory; the tree must not be changed between two askings."""
    known: WeakKeyDictionary[ast.AST, Answer] = WeakKeyDictionary()

    @wraps(question)
    def ask(node: Node) -> Answer:
        if node not in known:
            known[node] = question(node)
        return known[node]

    return ask


@remembered
def nodes_in(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Return every node below this one, which is not among them: a memory that held it would keep it for ever."""
    return tuple(ast.walk(tree))[1:]
