"""`zip(…, strict=True)`, which Python has from 3.10 on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")


@overload
def together(first: Iterable[A], second: Iterable[B], /) -> Iterator[tuple[A, B]]: ...
@overload
def together(first: Iterable[A], second: Iterable[B], third: Iterable[C], /) -> Iterator[tuple[A, B, C]]: ...


def together(*sequences: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """The first of each, then the second of each; raises ValueError where they are not equally long."""
    known = [list(sequence) for sequence in sequences]
    if len({len(one) for one in known}) > 1:
        raise ValueError(f"sequences of {' and '.join(str(len(one)) for one in known)}, not of one length")
    return zip(*known)
