"""Finds the losses of a module that lose their gradient: takes its text, gives one fault a broken loss.

A loss is found by use: whatever `.backward()`, `tape.gradient`, `minimize` or `compile(loss=…)` consumes. A loss that
nobody here uses is looked into when its class or its name says what it is. `finding/` has the stages of a search.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.analysis.faults import Fault, in_order
from autofix.analysis.finding.search import faults_in
from autofix.analysis.finding.state import Search, new_search
from autofix.analysis.imports import frameworks
from autofix.model import OwnRules, Survey
from autofix.syntax.neighbours import Around

_NONE = OwnRules()


def diagnose(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> tuple[Fault, ...]:
    """Return the broken losses of a module in the order of their first cut, then the steps whose tape is at fault.

    What the project has rules of its `own` for leaves the graph, as NumPy does. `around` has the files to follow.
    """
    return in_order(each for search in _searches(tree, text, own, around) for each in faults_in(search))


def blamed_files(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> frozenset[str]:
    """Return the other checked files that lose a gradient which this module differentiates."""
    found: set[str] = set()
    for search in _searches(tree, text, own, around):
        faults_in(search)
        found |= search.blamed
    return frozenset(found)


def _searches(tree: ast.Module, text: str, own: OwnRules, around: Around | None) -> Iterator[Search]:
    return (new_search(tree, text, framework, own, around) for framework in frameworks(tree))


def survey(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> Survey:
    """Count the losses of a module, whether or not anything is wrong with them."""
    met: dict[int, bool] = {}
    for search in _searches(tree, text, own, around):
        faults_in(search)
        met |= {node: met.get(node, False) or followed for node, followed in search.met.items()}
    return Survey(len(met), sum(met.values()))
