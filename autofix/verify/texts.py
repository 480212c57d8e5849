"""Texts that come out of a run: an exception's words, names, descriptions of inputs.

The user's program writes them, so they may be of any length and hold any character. They are cut, and put on one line,
where they reach this process; `autofix.report.visible` shows what is left in them to a terminal.
"""

from __future__ import annotations

from typing import Any

MOST_CHARACTERS = 400
"""Longer texts say no more: the worker itself sends the first line of an exception, at most 300 characters of it."""

EXACT = frozenset({"opened", "searched"})
"""Entries that hold paths and names of modules, which are looked up and never shown."""


def bounded(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message of a worker with each of its texts on one line, and none longer than `MOST_CHARACTERS`."""
    return {key: value if key in EXACT else _bounded(value) for key, value in message.items()}


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return bounded(value)
    if isinstance(value, list) and not (value and isinstance(value[0], (int, float))):  # numbers are the most of it
        return [_bounded(each) for each in value]
    return value


def one_line(text: str) -> str:
    """Return a text on one line, cut where it is too long."""
    line = " ".join(text.splitlines()) if len(text.splitlines()) > 1 else text
    return line if len(line) <= MOST_CHARACTERS else f"{line[: MOST_CHARACTERS - 1]}…"
