"""What a run saw of a lost gradient, beside what the source shows.

The cuts of a loss, and a verdict that proves nothing, in; the cuts to report, and what the run adds to the reason, out.
Where it saw the gradient end at one of the cuts, they stand. Where it saw it end elsewhere only, that is reported in
place of the cuts that it passed: never is the gradient said to end in two places of which one is wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.elsewhere import path_beside
from autofix.analysis.facts import Positions, span
from autofix.analysis.remembered import functions_in
from autofix.lines import at_line
from autofix.model import Cut, Elsewhere, Place, Site, Span, Verdict

ON_PURPOSE = frozenset({"AF103", "AF109"})
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
            return cuts, f"; when run, the gradient is {word} lost at {_told(chosen[0].sites[0], path)}"
    return cuts, ""


def missed_by(verdict: Verdict, diagnosis: Diagnosis, tree: ast.Module) -> list[Cut]:
    """The cuts of a loss that loses its gradient for certain, and that a run which found it right did not come to.

    Such a run was of another function, or of another branch: it says nothing of them. What is lost in the step itself
    is run as a function of its own, the lines of which are not known.
    """
    lines = verdict.lost.lines
    if diagnosis.partly or diagnosis.target is None or not lines:
        return []
    return [cut for cut in diagnosis.cuts if lines.isdisjoint(_covered(cut, tree))]


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
    found = [each for each in ast.walk(ast.parse(text)) if isinstance(each, kind) and ast.unparse(each) == wanted]
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
        if place.sites and not _confirms(place, cuts) and not (flows and place.code in ON_PURPOSE)
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


def _told(site: Site, path: str) -> str:
    expression = site.expression if len(site.expression) <= LONGEST else f"{site.expression[: LONGEST - 1]}…"
    if site.path:
        return f"`{expression}` ({path_beside(path, site.path)}:{site.span.line})"
    return f"`{expression}` ({at_line(site.span.line)})"


def _lines(span: Span) -> range:
    return range(span.line, span.end_line + 1)
