"""Where the gradient ends while a program runs once, and which values depend on what was cut there.

A place is an expression of the program that takes a value with a gradient and gives one without. What it gives is
marked with it, and so is everything that is computed from that: the marks of a differentiated value are the places at
which its gradient was lost. Through numbers and arrays no marks pass; a tensor that is made of such counts as made of
every number and array that was taken before (`escaped`).
"""

from __future__ import annotations

import sys
import weakref
from typing import Any

from .provenance import Met, is_foreign, user_frames

NONE: frozenset[int] = frozenset()
MOST_PLACES = 200


class Trail:
    """The places of one run, by their numbers in the order in which they were met, and the marks of values."""

    def __init__(self) -> None:
        self.met: list[Met] = []
        self.known: dict[Any, int] = {}
        self.marks: dict[int, Any] = {}
        self.escaped: frozenset[int] = NONE

    def here(self, code: str, explicit: bool) -> frozenset[int]:
        """The place where the program is, as a mark."""
        key = (*instruction(), code)
        if key not in self.known:
            frames = user_frames() if len(self.met) < MOST_PLACES else []
            if not frames:
                return NONE
            self.known[key] = len(self.met)
            self.met.append(Met(frames, code, explicit))
        return frozenset({self.known[key]})

    def mark(self, value: Any, marks: frozenset[int]) -> None:
        """Mark a value for as long as it lives."""
        key, kept = id(value), self.marks
        self.marks[key] = (weakref.ref(value, lambda _: kept.pop(key, None)), marks)

    def of(self, value: Any) -> frozenset[int]:
        """The marks of a value."""
        reference, marks = self.marks.get(id(value), (None, NONE))
        return marks if reference is not None and reference() is value else NONE


def instruction() -> tuple[Any, int]:
    """The program's own instruction that runs: its code, and where in it."""
    frame: Any = sys._getframe(1)
    while frame is not None and is_foreign(frame.f_code.co_filename):
        frame = frame.f_back
    return (None, 0) if frame is None else (frame.f_code, frame.f_lasti)
