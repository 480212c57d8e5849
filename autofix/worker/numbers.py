"""The numbers of parameters: by these they are moved, and known again where another text of the program is run.

They say nothing of how many others were used before: a leaf more or less in a text leaves all other numbers as they
were. What an optimizer holds has its place there for a number; of any other parameter the number is made from what it
looks like, and from how many like it were used before.
"""

from __future__ import annotations

import zlib
from collections import Counter
from typing import Any

MOST_HELD = 1 << 16
"""From here on are the numbers of parameters that no optimizer held when they were first used."""
SPREAD = 1 << 20


class Numbers:
    """The numbers that were given, by the identity of the parameter."""

    def __init__(self) -> None:
        self.of: dict[int, int] = {}
        self.alike: Counter[str] = Counter()
        self.taken: set[int] = set()

    def give(self, key: int, place: int | None, looks: Any) -> int:
        """Number a parameter, once: by its `place` in what optimizers hold, else by what it `looks` like."""
        if key not in self.of:
            self.of[key] = self.free(place if place is not None and place < MOST_HELD else self.made_of(str(looks)))
        return self.of[key]

    def made_of(self, looks: str) -> int:
        self.alike[looks] += 1
        return MOST_HELD + zlib.crc32(f"{looks} {self.alike[looks]}".encode()) % SPREAD

    def free(self, number: int) -> int:
        while number in self.taken:
            number += 1
        self.taken.add(number)
        return number
