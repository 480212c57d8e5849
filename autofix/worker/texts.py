"""What a run says, in words: an exception in one line, lines marked so that the host translates them to the file's."""

from __future__ import annotations

from .numbers import NotNumeric

MARK = "\x1a"
LONGEST = 200


def at_line(line: int) -> str:
    """`line 12`, its number marked."""
    return f"line {line}{MARK}"


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters; one that is cut ends in `…`."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def type_in_words(value: object) -> str:
    """What a value is: `None`, `a float`, `a numpy.ndarray`."""
    kind = type(value)
    return "None" if value is None else f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", "")


def in_one_line(error: BaseException) -> str:
    """An exception by its type and its first line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    # AutoGraph puts a traceback before what was raised.
    first = (lines[-1] if lines[0] == "in user code:" else lines[0])[:LONGEST]
    if first.startswith(type(error).__name__):
        return first
    return f"{type(error).__name__}: {first}" if not isinstance(error, NotNumeric) else first
