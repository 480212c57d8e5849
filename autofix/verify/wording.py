"""Take a verdict; give it in terms of the user's file: its lines and names, and none of the generated text.

Texts from a run (exceptions, names, descriptions of inputs) are written by the user's program: they are cut to one line
of limited length here, and `autofix.report.visible` shows their control characters.

Places where a run saw the gradient lost are translated to places in the file, and compared with the cuts of the
analysis. If they confirm one of the cuts, the cuts stand. If the run saw the gradient lost elsewhere only, that place
is reported in place of the cuts that the run passed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from autofix.analysis.attribution import path_beside
from autofix.analysis.faults import Fault, LossFault
from autofix.knowledge.causes import has
from autofix.model import Cut, Elsewhere, Lost, Place, Request, Site, Span, Verdict
from autofix.source.diff import runs
from autofix.syntax.memo import functions_in
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions, at_line, lines_in_words, moved, shortened, span
from autofix.worker.load import MODULE
from autofix.worker.records import Frame, LostPlaces

_FUNCTIONS = re.compile(
    r"\b(?:loss_of_the_step|step_of_the_tape|loss_of_the_module|arguments_of_the_\w+|__enclosing__|given_to_the_step)\b"
    r"(?:\(\))?"
)


def in_words_of_the_file(verdict: Verdict, request: Request) -> Verdict:
    """Return the verdict with its lines as those of the file, and expressions for the names of generated parameters."""
    evidence = verdict.evidence
    if evidence is not None:
        inputs, limits = (tuple(_worded(each, request) for each in some) for some in (evidence.inputs, evidence.limits))
        if (inputs, limits) != (evidence.inputs, evidence.limits):
            evidence = replace(evidence, inputs=inputs, limits=limits)
    reason = _worded(lines_in_words(verdict.reason, request.path), request)
    return replace(verdict, reason=reason, evidence=evidence)


def _worded(text: str, request: Request) -> str:
    text = _FUNCTIONS.sub("the loss", text.replace(f"{MODULE}.", ""))
    generated = request.generated
    if generated is None:
        return text
    for name, written in generated.names.items():
        text = re.sub(rf"(?<![\w.'\"]){re.escape(name)}(?![\w.(='\"])", lambda _: written, text)  # noqa: B023
    first, places = generated.first, generated.written_at
    return moved(text, lambda line: line if line < first else places.get(line))


MOST_CHARACTERS = 400
"""Longer texts say no more: the worker itself sends the first line of an exception, at most 300 characters of it."""

EXACT = frozenset({"opened", "searched", "printed", "written", "kept"})
"""Entries that hold paths and names of modules, which are looked up and never shown, texts of which lines are, and the
bytes of parameters."""


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
    return shortened(line, MOST_CHARACTERS)


def lost_of(report: LostPlaces) -> Lost:
    """Raises what a report that is not ours leads to: KeyError, TypeError, ValueError."""
    places = tuple(
        Place(str(one["code"]), bool(one["explicit"]), tuple(site_of(frame, report["name"]) for frame in one["frames"]))
        for one in report["places"]
    )
    return Lost(places, frozenset(int(line) for line in report["lines"]))


def site_of(frame: Frame, own: str) -> Site:
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


LONGEST = 60


def beside(
    verdict: Verdict, cuts: tuple[Cut, ...], partly: bool, path: str, text: str, held: Iterable[Cut] = ()
) -> tuple[tuple[Cut, ...], str]:
    """The cuts to report, and a remark that follows the reason; `partly` says that some gradient seems to flow.

    `text` is the file as it was read: what stands behind its end was put there to be run. What a loss has `held`
    constant on purpose is none of it.
    """
    end = len(text.rstrip().splitlines())
    meant = {line for cut in held for line in _lines(cut.span)} - {line for cut in cuts for line in _lines(cut.span)}
    places, left = (
        [place for each in lost.places if not _is_in(meant, place := _within(each, text, end))]
        for lost in (verdict.lost, verdict.left)
    )
    is_whole = all(line <= end for line in verdict.lost.lines)
    confirmed = [place for place in places if _confirms(place, cuts)]
    added = _added(places, cuts, partly if verdict.lost.flows is None else verdict.lost.flows)
    if not confirmed and added and is_whole and all(_own(place) for place in places):
        kept = tuple(cut for cut in cuts if not verdict.lost.lines.intersection(_lines(cut.span)))
        found = [_cut(place, path) for place in added]
        return tuple(sorted({*kept, *found}, key=lambda cut: (cut.span, cut.code))), ""
    still = _added(left, cuts, flows=False)
    for word, chosen in (("still", still), ("also", added)):
        if chosen:
            return cuts, f"; when run, the gradient is {word} lost at {_described(chosen[0].sites[0], path)}"
    return cuts, ""


def missed_by(verdict: Verdict, fault: Fault, tree: ast.Module) -> list[Cut]:
    """The cuts of a loss that loses its gradient for certain, and that a run which found it right did not come to.

    Such a run was of another function, or of another branch: it says nothing of them. What is lost in the step itself
    is run as a function of its own, the lines of which are not known.
    """
    lines = verdict.lost.lines
    if fault.partly or not isinstance(fault, LossFault) or not lines:
        return []
    return [cut for cut in fault.cuts if lines.isdisjoint(_covered(cut, tree))]


def _covered(cut: Cut, tree: ast.Module) -> range:
    """The lines of a cut; those of the whole function where that is decorated with it."""
    for function in functions_in(tree):
        if any(each.lineno <= cut.span.line <= (each.end_lineno or 0) for each in function.decorator_list):
            return range(function.body[0].lineno, (function.end_lineno or 0) + 1)
    return _lines(cut.span)


def _within(place: Place, text: str, end: int) -> Place:
    """The place with what stands behind the end of the file where the file has it, once; or without it."""
    sites = (site if site.path or site.span.end_line <= end else _found(site, text) for site in place.sites)
    return Place(place.code, place.explicit, tuple(site for site in sites if site is not None))


def _found(site: Site, text: str) -> Site | None:
    """The only expression of a file that reads like this one, written as it is there."""
    try:
        wanted = ast.unparse(ast.parse(site.expression, mode="eval"))
    except SyntaxError:
        return None
    kind = type(ast.parse(wanted, mode="eval").body)
    found = [each for each in ast.walk(parsed(text)) if isinstance(each, kind) and ast.unparse(each) == wanted]
    if len(found) != 1:
        return None
    expression = " ".join((ast.get_source_segment(text, found[0]) or wanted).split())
    return Site("", span(Positions(text).key(found[0])), expression, site.function)


def _is_in(lines: set[int], place: Place) -> bool:
    """Does the gradient end in one of these lines of the file itself?"""
    first = place.sites[0] if place.sites else None
    return first is not None and not first.path and not lines.isdisjoint(_lines(first.span))


def _own(place: Place) -> list[Site]:
    return [site for site in place.sites if not site.path]


def _confirms(place: Place, cuts: Sequence[Cut]) -> bool:
    if place.code == "AF109" and any(cut.code == "AF109" for cut in cuts):
        return True  # a block without gradients is reported as a whole
    return any(set(_lines(site.span)) & set(_lines(cut.span)) for site in _own(place) for cut in cuts)


def _added(places: Sequence[Place], cuts: Sequence[Cut], flows: bool) -> list[Place]:
    """What the source did not show; where a gradient flows all the same, an explicit cut beside it is meant."""
    return [
        place
        for place in places
        if place.sites and not _confirms(place, cuts) and not (flows and has(place.code, "soft"))
    ]


def _cut(place: Place, path: str) -> Cut:
    """The place as a cut of the file itself: the expression there, or the one that leads to it."""
    site, innermost = _own(place)[0], place.sites[0]
    there = Elsewhere(path_beside(path, innermost.path), innermost.span.line, innermost.expression)
    return Cut(_code(place), site.span, site.expression, place.explicit, None if site is innermost else there)


def _code(place: Place) -> str:
    expression = place.sites[0].expression
    if place.code == "AF104" and expression.startswith("math."):
        return "AF106"
    return "AF108" if "py_function(" in expression or "numpy_function(" in expression else place.code


def _described(site: Site, path: str) -> str:
    expression = shortened(site.expression, LONGEST)
    if site.path:
        return f"`{expression}` ({path_beside(path, site.path)}:{site.span.line})"
    return f"`{expression}` ({at_line(site.span.line)})"


def _lines(span: Span) -> range:
    return range(span.line, span.end_line + 1)
