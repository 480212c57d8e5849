"""Whole terms of a differentiated value that are constants, although they depend on what it trains.

Adding a constant to a loss has no use. Beside the sum, `loss = main + extra.detach()` may keep a number for show, or
give another function's value to a gradient, and says so to its reader. What is cut in another function (a hook, an
extractor of features, a property, a helper) is read where nobody sees the cut: there it is a fault.

Values of an earlier state that a new one is compared with are no such terms: they are subtracted, and with a gradient
of their own they would take that of the comparison away. Nor is the shift of a sum of exponentials: its gradient would
change nothing.

Nor is a term for show what a network of another optimizer makes of what this step trains, or what is cut behind that:
the judgement of an adversary has no use but its gradient. It counts as one where its value is no multiple of what is
cut.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from autofix.knowledge.operations import last_names
from autofix.model import Site
from autofix.observe.first_steps import UNCHANGED, Measured, is_partial
from autofix.observe.observation import Differentiated, End, Sum
from autofix.observe.programs import MOVE
from autofix.observe.summands import widely
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions, span
from autofix.worker.records import LEAF

_CODES = frozenset({"AF101", "AF102", "AF103", "AF104", "AF105", "AF107", "AF109"})
_MOST_TRIED = 8
_COMPARES = 0.7
"""A term whose gradient would leave less than this share of that of the rest is what the rest is compared with."""
_CONVERTS = last_names("AF102", "AF103", "AF104", "AF105", "passes-on") | {"list", "tuple"}
_STOPS = last_names("stops-recording")
_SAYS_SO = re.compile(r"detach|stop_?grad|no_?grad|freeze|frozen|constant|to_np|numpy|as_np|sg$", re.IGNORECASE)
_TO_NUMBERS = re.compile(r"^[\w.()]*\.(?:item|tolist|numpy)\(\)")
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.Module


def computed_terms(original: Measured, number: int, own: frozenset[int]) -> Iterator[End]:
    """Yield where whole terms of the program's differentiated value number `number` are computed from what is cut.

    They depend on the parameters of these numbers, which are trained with the value, and have no gradient by any; and
    on those of another optimizer.
    """
    only = tuple(sorted(own))
    plain, texts = original.observe(original.traced), dict(original.run.texts)
    cuts = [each for each in plain.ends if each.explicit and each.code == "AF103" and may_be(each, number, texts)]
    if not cuts or not only:
        return
    moved = {each.key: each.total for each in original.observe(replace(original.traced, move=MOVE, only=only)).ends}
    behind = [each for each in cuts if moved.get(each.key, each.total) != each.total]
    others = _trained(original) - own
    judged = [each for each in behind if others and _is_judged(original, number, each, others)]
    for end in judged[:_MOST_TRIED]:
        found = widely(original, number, end, own)
        is_loss = found.is_term and not found.is_proportional and not any(each.subtracted for each in found.sums)
        if is_loss and _changes_it(*(_by(original, only, is_uncut, number) for is_uncut in (False, True))):
            yield end


def _trained(original: Measured) -> frozenset[int]:
    """Return the parameters that optimizers hold, that gradients are asked for, or that an earlier stage trained."""
    held = (each.number for each in original.natural.parameters)
    events = original.frozen.events
    wanted = (one for each in events for one in each.wanted)
    # An optimizer that makes no step in this stage is not met; what it trained before is reached all the same.
    reached = (one for each in events for one in each.reaches) if original.run.stage else ()
    return frozenset(one for one in (*held, *wanted, *reached) if one >= 0)


def _is_judged(original: Measured, number: int, end: End, others: frozenset[int]) -> bool:
    """Do parameters of these numbers make what an end gives, or make a term of the value of it?"""
    moved = original.observe(replace(original.traced, move=MOVE, only=tuple(sorted(others)))).ends
    now = {each.key: each.total for each in moved}
    return now.get(end.key, end.total) != end.total or widely(original, number, end, others).changes_gradient


def _by(original: Measured, only: tuple[int, ...], is_uncut: bool, number: int) -> Differentiated | None:
    """Return a value with its gradient by some parameters, where explicit cuts do nothing if `is_uncut`."""
    run = replace(original.run, frozen=True, slopes=True, lenient=True, uncut=is_uncut, only=only)
    events = original.observe(run).events
    return events[number] if number < len(events) else None


def constant_terms(original: Measured, number: int) -> Iterator[End]:
    """Yield where the terms of the program's differentiated value number `number` may have lost all their gradient.

    Each changes a sum that the value is made of, and is cut far from it.
    """
    plain, texts = original.observe(original.traced), dict(original.run.texts)
    sums = [each for each in plain.sums if each.sites and each.event <= number]
    known = (each for each in plain.ends if each.code in _CODES and may_be(each, number, texts))
    for end in [each for each in known if any(_is_far(each, one, texts) for one in sums)][:_MOST_TRIED]:
        reached = _reached(original, end, sums)
        far = bool(reached) and all(_is_far(end, each, texts) for each in reached)
        if far and _is_missed(original, number, end, reached):
            yield end


def _reached(original: Measured, end: End, sums: Sequence[Sum]) -> list[Sum]:
    """Return the sums that change with what an end gives."""
    changed = original.observe(replace(original.traced, changed=(end.key,)))
    now = {each.key: each.total for each in changed.sums}
    return [each for each in sums if now.get(each.key, each.total) != each.total]


def may_be(end: End, number: int, texts: Mapping[str, str]) -> bool:
    """Is an end in a file that can be changed, and met before a value was differentiated?"""
    known = bool(end.sites) and end.sites[0].path in texts
    return known and end.form != LEAF and end.event <= number


def is_converted(end: End, text: str) -> bool:
    """Is what an end of this file gives made a number, or an array, right behind it?"""
    site, lines = end.sites[0], text.splitlines()
    behind = lines[site.span.end_line - 1][site.span.end_column - 1 :] if site.span.end_line <= len(lines) else ""
    return _TO_NUMBERS.match(behind) is not None


def is_unrecorded(end: End, texts: Mapping[str, str]) -> bool:
    """Is what gives it said not to be recorded, by a function on the way to it or a block in one?"""
    sites = (each for each in end.sites if each.path in texts)
    return any(True for each in sites for _ in _unrecorded(each, texts[each.path]))


def _is_missed(original: Measured, number: int, end: End, sums: Sequence[Sum]) -> bool:
    """Would the gradient of a term change that of the value, without taking the most of it away?"""
    before, after = original.frozen.events, original.uncut.events
    if end.code != "AF103" or number >= len(after):
        return not any(each.subtracted for each in sums) and is_partial(number, before[number], original)
    return _changes_it(before[number], after[number])


def _changes_it(one: Differentiated | None, other: Differentiated | None) -> bool:
    """Is a gradient another one where explicit cuts do nothing, and not most of it gone?"""
    if one is None or other is None:
        return False
    if one.norm is None or other.norm is None or one.slope is None or other.slope is None:
        return False
    changes = max(abs(one.norm - other.norm), abs(one.slope - other.slope))
    return changes > UNCHANGED * one.norm and other.norm >= _COMPARES * one.norm


def _is_far(end: End, place: Sum, texts: Mapping[str, str]) -> bool:
    """Does no function that the sum is made in, or is called by, say that its term has no gradient?"""
    around = [_scope(each, texts) for each in place.sites]
    return bool(where := _places(end, texts)) and not any(each in around for each in where)


def _places(end: End, texts: Mapping[str, str]) -> list[tuple[str, int]]:
    """Return the functions in which a value is cut in so many words: that of the call, or of what is not recorded."""
    sites = [each for each in end.sites if each.path in texts]
    if end.code == "AF109":
        return [found for each in sites for found in _unrecorded(each, texts[each.path])]
    at = next((at for at, each in enumerate(sites) if not _only_cuts(each, texts[each.path])), None)
    return [] if at is None else [_scope(sites[at], texts)]


def _scope(site: Site, texts: Mapping[str, str]) -> tuple[str, int]:
    """Return the function around a place: its file and line, 0 for that of a module."""
    if site.path not in texts:
        return site.path, -1
    return site.path, getattr(_around(site, texts[site.path])[-1], "lineno", 0)


def _around(site: Site, text: str) -> list[Scope]:
    """Return the functions around a place, and the module, the innermost last."""
    scopes = (each for each in ast.walk(parsed(text)) if isinstance(each, Scope))
    return [each for each in scopes if isinstance(each, ast.Module) or _holds(each, site, text)]


def _holds(node: ast.expr | ast.stmt, site: Site, text: str) -> bool:
    place, whole = site.span, span(Positions(text).key(node))
    first, last = (whole.line, whole.column), (whole.end_line, whole.end_column)
    return first <= (place.line, place.column) and (place.end_line, place.end_column) <= last


def _unrecorded(site: Site, text: str) -> Iterator[tuple[str, int]]:
    """Yield the functions around a place in which it, or they themselves, are said not to be recorded."""
    inner = _around(site, text)[-1]
    if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(map(_stops, inner.decorator_list)):
        yield site.path, inner.lineno
    blocks: list[ast.With | ast.AsyncWith] = [*nodes_of(inner, ast.With), *nodes_of(inner, ast.AsyncWith)]
    for node in blocks:
        if any(_stops(each.context_expr) for each in node.items) and _holds(node, site, text):
            yield site.path, getattr(inner, "lineno", 0)


def _stops(node: ast.expr) -> bool:
    return last_part(node.func if isinstance(node, ast.Call) else node) in _STOPS


def _only_cuts(site: Site, text: str) -> bool:
    """Is the cut all that its function is for (`def sg(x): return x.detach()`)? Its caller asks for it then."""
    inner = _around(site, text)[-1]
    if isinstance(inner, ast.Module):
        return False
    if isinstance(inner, ast.Lambda):
        return _is_argument(inner.body, inner)
    if _SAYS_SO.search(inner.name):
        return True
    body = [each for each in inner.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return returned is not None and _is_argument(returned, inner)


def _is_argument(node: ast.expr, owner: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> bool:
    """Is this what a function is given, or the items of it, converted and nothing else?"""
    own = {each.arg for each in (*owner.args.posonlyargs, *owner.args.args, *owner.args.kwonlyargs)}
    while not isinstance(node, ast.Name):
        match node:
            case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if name in _CONVERTS:
                node = value
            case ast.Attribute(value=value, attr=name) if name in _CONVERTS:
                node = value
            case ast.Call(func=function, args=[value, *_]) if last_part(function) in _CONVERTS:
                node = value
            case ast.ListComp(elt=element, generators=[one]) | ast.GeneratorExp(elt=element, generators=[one]):
                own |= {each.id for each in ast.walk(one.target) if isinstance(each, ast.Name)}
                node = element
            case ast.DictComp(value=element, generators=[one]):
                own |= {each.id for each in ast.walk(one.target) if isinstance(each, ast.Name)}
                node = element
            case _:
                return False
    return node.id in own
