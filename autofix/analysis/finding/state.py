"""The state of one search for the losses of a module: its abstract run, and what was found on the way."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property

from autofix.analysis.interpreter import new_run
from autofix.analysis.record import Invocation
from autofix.analysis.run import Run
from autofix.analysis.values import Instance, Value
from autofix.model import Framework, OwnRules
from autofix.syntax.memo import nodes_of
from autofix.syntax.neighbours import Around, Neighbour, file_of, is_here
from autofix.syntax.spans import Key


@dataclass
class Search:
    """One search: `run` is the abstract run of the module `tree`, written in `framework`.

    `bare` are the instances whose `__init__` was not run yet. `blamed` are the other checked files that lose a
    gradient. `met` are the losses by their node, each with whether a prediction is known to be in it.
    """

    tree: ast.Module
    text: str
    framework: Framework
    own_rules: frozenset[str]
    around: Around | None
    run: Run
    bare: set[Instance] = field(default_factory=set)
    blamed: set[str] = field(default_factory=set)
    met: dict[int, bool] = field(default_factory=dict)

    @cached_property
    def iterated(self) -> set[Key]:
        """The calls of what a loop or a comprehension goes through: `for f in LOSSES: f(p, y)`."""
        targets = [each.target for each in nodes_of(self.tree, ast.For)]
        targets += [each.target for each in nodes_of(self.tree, ast.comprehension)]
        bound = {name.id for each in targets for name in ast.walk(each) if isinstance(name, ast.Name)}
        called = ((each, each.func) for each in nodes_of(self.tree, ast.Call))
        return {
            self.run.positions.key(call) for call, func in called if isinstance(func, ast.Name) and func.id in bound
        }


def new_search(
    tree: ast.Module, text: str, framework: Framework, own: OwnRules, around: Around | None = None
) -> Search:
    """Return a search in which nothing was run yet."""
    own_rules = own.names.get(framework, frozenset())
    return Search(tree, text, framework, own_rules, around, new_run(tree, text, framework, own_rules, around))


def start_strictly(search: Search) -> None:
    """Begin the run anew, as one in which a name excuses nothing."""
    search.run = new_run(search.tree, search.text, search.framework, search.own_rules, search.around)
    search.run.names.strict = True


def meet(search: Search, node: ast.AST, loss: Value) -> None:
    """Count a loss of this file, and whether a prediction is in it."""
    if is_here(node):
        search.met[id(node)] = search.met.get(id(node), False) or loss.derived


def home_of(search: Search, invocation: Invocation | None) -> Neighbour | None:
    """Return the other file in which a responsible function stands; None for this one."""
    return search.run.files.neighbours.get(file_of(invocation.function.node)) if invocation else None
