"""Other files of the project as the analysis sees them: each node of one says which file it stands in.

A node of the file that is analysed says nothing, and `file_of` answers "". Nothing here, and nothing that asks here,
imports anything.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol, TypeVar

_Node = TypeVar("_Node", bound=ast.AST)
HERE = ""
"""The file that is analysed, where others are named by their paths."""


@dataclass(frozen=True, eq=False)
class Neighbour:
    """Another file of the project; each node of `tree` that has a position is marked with `path`."""

    path: str
    text: str
    tree: ast.Module


class Around(Protocol):
    """What lies around one file that is analysed; paths are absolute."""

    @property
    def path(self) -> str:
        """The file itself."""

    def place(self, name: str, near: str) -> str | None:
        """Return the file of the module that the file `near` imports as `name`; None where it is not the project's."""

    def read(self, path: str) -> Neighbour | None:
        """Return a file of the project; None where it cannot be read, or is too large to be."""

    def checks(self, path: str) -> bool:
        """Is this file itself among those whose findings the user sees?"""

    def users(self) -> tuple[Neighbour, ...]:
        """Return the checked files that differentiate a loss which this one loses."""

    def uses(self, name: str) -> bool:
        """May another file of the project use what this one calls `name`? True where that is not known."""

    def using(self, name: str) -> tuple[str, ...] | None:
        """Return the texts of the files that may use what this one calls `name`; None where that is not known."""

    def takes(self, name: str) -> bool:
        """May another file take `name` from this one: by its import, by a star, or as an attribute of this module?"""

    def importers(self) -> tuple[Neighbour, ...]:
        """Return the other files of the project that import this one."""

    def seen_from(self, path: str, text: str) -> Around:
        """Return what lies around another file, where this one has this text."""


def neighbour(path: str, text: str) -> Neighbour:
    """Return a text as another file of the project. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if "lineno" in node._attributes:  # others, such as `ast.Load()`, are shared among all trees
            node.file = path  # type: ignore[attr-defined]
    return Neighbour(path, text, tree)


def file_of(node: ast.AST) -> str:
    """Return the path of the other file that a node stands in; "" for the file that is analysed itself."""
    file: str = getattr(node, "file", HERE)
    return file


def is_here(node: ast.AST) -> bool:
    """Does a node stand in the file that is analysed itself?"""
    return file_of(node) == HERE


def in_place_of(new: _Node, old: ast.AST) -> _Node:
    """Return a node that is made while the analysis runs, with the file and the position of the one it stands for."""
    if not is_here(old):
        new.file = file_of(old)  # type: ignore[attr-defined]
    return ast.copy_location(new, old)
