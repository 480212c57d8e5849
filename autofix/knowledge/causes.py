"""The causes of a lost gradient: one page each in `causes/`, with what the engine must know of it as its front matter.

    ---
    what: what happens at the cut; {operation} stands for the expression
    here: what is written under the expression, where it is not that the gradient ends
    instead: what people do where the value cannot be kept
    traits: fixable, explicit
    ---

Nothing is read before a cause is asked for: a file without a cut costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autofix.model import ENDS

_PAGES = Path(__file__).parent / "causes"
_FENCE = "---\n"


@dataclass(frozen=True)
class Cause:
    """One cause; which traits there are is listed in `TRAITS`."""

    code: str
    title: str
    what: str = "the gradient is lost at {operation}"
    here: str = ENDS
    instead: str = ""
    traits: frozenset[str] = frozenset()


TRAITS = {
    "fixable": "fixed in a loss that still trains, too: nobody asks for it on purpose beside a live term",
    "explicit": "authors often ask for it on purpose, in so many words",
    "soft": "right wherever a gradient still flows past it, or where a plain value was cut anyway",
    "of-targets": "meant where its result goes by the name of a target",
    "of-tapes": "the tape's, and fixed in the step instead of in the loss",
    "of-the-whole": "it concerns the whole loss, or another place: that the rest still trains says nothing beside it",
    "without-trace": "no path leads to it from a prediction",
    "observed": "only a run of the program shows it",
    "surrogate": "a function with another value, and with a gradient, may stand in for what cuts",
    "for-the-author": "no rewrite keeps the value: what to do is for the author to decide",
}
"""What a cause may be, beside its texts."""


@cache
def cause(code: str) -> Cause:
    """Return the record of a cause. Raises KeyError for a code that has no page."""
    if code not in codes():
        raise KeyError(code)
    head, body = _parts(code)
    title = body.partition("\n")[0].partition(": ")[2]
    texts = {key: head[key] for key in ("what", "here", "instead") if key in head}
    traits = frozenset(each.strip() for each in head.get("traits", "").split(",") if each.strip())
    return Cause(code, title, traits=traits, **texts)


def has(code: str, trait: str) -> bool:
    """Does a cause have a trait of `TRAITS`?"""
    return trait in cause(code).traits


@cache
def codes() -> tuple[str, ...]:
    """Return every code that has a page, sorted."""
    return tuple(sorted(each.stem for each in _PAGES.glob("AF*.md")))


def page(code: str) -> str | None:
    """Return the page of a code as people read it, in whatever case the code is written; None where there is none."""
    name = code.upper()
    return _parts(name)[1] if name in codes() else None


def titles() -> dict[str, str]:
    """Return what each code stands for."""
    return {code: cause(code).title for code in codes()}


def expand(prefixes: tuple[str, ...]) -> tuple[str, ...] | str:
    """Return the codes that start with one of `prefixes` (`AF2`: all of that hundred), or the prefix that fits none."""
    unknown = [each for each in prefixes if not each or not any(code.startswith(each.upper()) for code in codes())]
    if unknown:
        return unknown[0]
    return tuple(code for code in codes() if any(code.startswith(each.upper()) for each in prefixes))


@cache
def _parts(code: str) -> tuple[dict[str, str], str]:
    """Return the front matter of a page and its text."""
    text = (_PAGES / f"{code}.md").read_text(encoding="utf-8")
    if not text.startswith(_FENCE):
        return {}, text
    head, _, body = text.removeprefix(_FENCE).partition(_FENCE)
    pairs = (line.partition(": ") for line in head.replace("\n  ", " ").splitlines())
    return {key: value for key, _, value in pairs}, body
