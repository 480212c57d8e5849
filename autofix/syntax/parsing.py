"""Parses a text once for all who ask; lets one thread at a time read syntax in the Pythons that cannot do it in two.

CPython before 3.11.8 and 3.12.2 counts the depth of the syntax trees of all threads in one place, and raises
SystemError where a thread was interrupted while it made one (github.com/python/cpython/issues/106905).
"""

from __future__ import annotations

import ast
import contextlib
import sys
import threading
from collections.abc import Iterator
from functools import lru_cache
from weakref import WeakValueDictionary

MISCOUNTS = (3, 11) <= sys.version_info < (3, 11, 8) or (3, 12) <= sys.version_info < (3, 12, 2)


_IN_USE: WeakValueDictionary[str, ast.Module] = WeakValueDictionary()


def parsed(text: str) -> ast.Module:
    """Return the tree of a text: the same one for everybody who asks, so nobody changes it.

    Whoever holds a tree meets its nodes again in every other answer, however many texts are read meanwhile; and those
    of the few texts that are worked on are kept. Raises what `ast.parse` raises.
    """
    tree = _kept(text)
    return _IN_USE.setdefault(text, tree)


@lru_cache(maxsize=16)
def _kept(text: str) -> ast.Module:
    tree = _IN_USE.get(text)
    return tree if tree is not None else ast.parse(text)


class Turn:
    """Held while a thread analyses; others that want it wait, where it `matters`."""

    def __init__(self, matters: bool) -> None:
        self._matters = matters
        self._lock = threading.Lock()
        self._own = threading.local()

    def __enter__(self) -> None:
        if self._matters:
            self._lock.acquire()
            self._own.holds = True

    def __exit__(self, *error: object) -> None:
        if self._matters:
            self._own.holds = False
            self._lock.release()

    @contextlib.contextmanager
    def left(self) -> Iterator[None]:
        """Leave the turn to others while the block runs; nothing where this thread has none."""
        if not getattr(self._own, "holds", False):
            yield
            return
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()


TURN = Turn(MISCOUNTS)
