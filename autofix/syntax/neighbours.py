"""Other files of the project as the analysis sees them: modules whose lines stand behind those of the file at hand.

Each file has a number, and its lines are moved by that many strides, so that a position says which file it is in: the
file that is analysed has the number 0. Nothing here, and nothing that asks here, imports anything.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Protocol

STRIDE = 1_000_000
"""Lines from one file to the next; no file that is read has as many."""


@dataclass(frozen=True, eq=False)
class Neighbour:
    """Another file of the project; the lines of `tree` are moved by `number` strides."""

    path: str
    text: str
    tree: ast.Module
    number: int


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


def number_of(node: ast.AST) -> int:
    """Return the number of the file that a node stands in."""
    line: int = getattr(node, "lineno", 0)
    return line // STRIDE


def is_here(node: ast.AST) -> bool:
    """Does a node stand in the file that is analysed itself?"""
    return number_of(node) == 0
