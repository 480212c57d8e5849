"""What two runs of a program print, compared: times, bars of progress and rounding aside.

Where a rewrite lets an optimizer hold more parameters, what counts them may say so: numbers that grow by as many, and
the lines in which a model shows its new parts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from autofix.worker.protocol import shortened

MOST_SHOWN = 200
"""Characters of a line."""
SAME_PRINTED = 1e-2
"""Relative: numbers are compared as they are printed, and so after the rounding of more than one operation."""
_GRAPH = re.compile(r",? ?(?:grad_fn=<[^>]*>|requires_grad=True)")
_TIME = re.compile(
    r"\b\d+(?:\.\d+)?\s?(?:ns|us|µs|ms|s|secs?|seconds?|minutes?)(?:/\w+)?\b|\b\d+(?:\.\d+)?\s?\w+/s\b|\b\d+:\d\d(?::\d\d)?\b"
)
_BAR = re.compile(r"[━█▏▎▍▌▋▊▉]|\[=*>?\.*\]|%\|")
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x08]")
_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?|\bnan\b|\binf\b")
_THOUSANDS = re.compile(r"(?<=\d)[,_](?=\d{3}\b)")
_PART = re.compile(r"\s*(?:\([\w.\- ]+\): .*|\)+)")
"""A line in which a module shows one of its parts."""
_UNITS = (1.0, 1e3, 1e6, 1024.0, 1024.0**2)


@dataclass(frozen=True)
class Added:
    """What a rewrite adds to the parameters that optimizers hold: elements, tensors, and the names of these."""

    elements: int = 0
    tensors: int = 0
    names: tuple[str, ...] = ()


def otherwise(
    before: Sequence[str], after: Sequence[str], do: str, now: str, added: Added | None = None, whole: bool = True
) -> str:
    """Return which line a program would tell otherwise, or that it tells fewer or more; empty where it does not.

    Of lines that are not the `whole`, the later ones of both may be missing.
    """
    at = 0
    for one in before:
        while at < len(after) and _is_new(one, after[at], added):
            at += 1
        if at == len(after):
            return f"the program would not {do} what it {now}" if whole else ""
        if not (tells_same(one, after[at]) or _counts(one, after[at], added)):
            return f"the program would {do} `{_short(after[at])}`, not `{_short(one)}`"
        at += 1
    more = [each for each in after[at:] if not _is_new("", each, added)]
    return f"the program would not {do} what it {now}" if more and whole else ""


def _short(line: str) -> str:
    return shortened(line, MOST_SHOWN)


def comparable_lines(printed: str) -> list[str]:
    """Return what is printed, without what differs from run to run: how long something took, bars of progress."""
    lines = (_ESCAPE.sub("", line) for line in printed.splitlines())
    return [_TIME.sub("", _GRAPH.sub("", line)).rstrip() for line in lines if line.strip() and not _BAR.search(line)]


def tells_same(one: str, other: str) -> bool:
    """Whether two lines say the same: the same words, and numbers that differ by rounding."""
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(is_same(float(first), float(second), SAME_PRINTED) for first, second in pairs)


def is_same(one: float | None, other: float | None, relative: float) -> bool:
    """Whether two numbers are the same but for rounding."""
    if one is None or other is None:
        return one is other
    if not (math.isfinite(one) and math.isfinite(other)):
        return str(one) == str(other)
    return abs(one - other) <= relative * max(abs(one), abs(other), 1e-3)


def _is_new(before: str, after: str, added: Added | None) -> bool:
    """Is a line there only for the parameters that are new?"""
    if added is None or tells_same(before, after):
        return False
    return bool(_PART.fullmatch(after)) or any(each and each in after for each in added.names)


def _counts(before: str, after: str, added: Added | None) -> bool:
    """Do two lines differ only by counts of parameters, which grow by as many as there are new ones?"""
    if added is None:
        return False
    one, other = (_THOUSANDS.sub("", each) for each in (before, after))
    if _NUMBER.sub("#", one) != _NUMBER.sub("#", other):
        return False
    pairs = zip(_NUMBER.findall(one), _NUMBER.findall(other), strict=True)
    return all(is_same(float(x), float(y), SAME_PRINTED) or _grows(x, y, added) for x, y in pairs)


def _grows(before: str, after: str, added: Added) -> bool:
    """Is a number larger by what is added, in some unit and as precisely as it is printed?"""
    digits = min(len(each.partition(".")[2]) for each in (before, after))
    by = float(after) - float(before)
    return any(
        abs(by - count / unit) <= 1.01 * 10.0**-digits * (0 if unit == 1.0 and digits == 0 else 1)
        for count in (added.elements, added.tensors)
        for unit in _UNITS
        if count / unit >= 10.0**-digits
    )
