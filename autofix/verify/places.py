"""From what a run reported of lost gradients to places in files, those of a patched text in the text as it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from autofix.model import Lost, Place, Site, Span
from autofix.source.linediff import runs


def lost_of(report: dict[str, Any]) -> Lost:
    """Raises what a report that is not ours leads to: KeyError, TypeError, ValueError."""
    places = tuple(
        Place(str(one["code"]), bool(one["explicit"]), tuple(site_of(frame, report["name"]) for frame in one["frames"]))
        for one in report["places"]
    )
    return Lost(places, frozenset(int(line) for line in report["lines"]))


def site_of(frame: dict[str, Any], own: str) -> Site:
    span = Span(int(frame["line"]), int(frame["column"]) + 1, int(frame["end_line"]), int(frame["end_column"]) + 1)
    path = "" if frame["file"] == own else str(frame["file"])
    return Site(path, span, str(frame["expression"]), str(frame["function"]))


def as_before(lost: Lost, patched: str, original: str) -> Lost:
    """Places of a patched text as places of the original; those on lines that the patch made have none there."""
    lines = {0: 0}
    for run in runs(original.splitlines(), patched.splitlines()):
        lines |= {run.new + step + 1: run.old + step + 1 for step in range(run.size)}
    places = [replace(one, sites=tuple(moved for site in one.sites if (moved := moved_site(site, lines)) is not None))
              for one in lost.places]  # fmt: skip
    return Lost(tuple(one for one in places if one.sites), frozenset(lines[one] for one in lost.lines if one in lines))


def moved_site(site: Site, lines: dict[int, int]) -> Site | None:
    if site.path:
        return site
    span = site.span
    if span.line not in lines or span.end_line not in lines:
        return None
    return replace(site, span=Span(lines[span.line], span.column, lines[span.end_line], span.end_column))
