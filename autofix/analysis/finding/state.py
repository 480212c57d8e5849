"""The state of one search for the losses of a module, and how its functions are entered.

The state is the abstract run of the module, and what was found on the way. Its steps are entered first, from those that
call them, and then what else may be a loss.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from autofix.analysis.functions import initialize, invoke
from autofix.analysis.interpreter import look_into, new_run, run_module, run_user
from autofix.analysis.lookup import is_function_of, member
from autofix.analysis.record import CallSite, Invocation
from autofix.analysis.run import Run
from autofix.analysis.syntactic import differentiates
from autofix.analysis.trainers import calling_steps, given_by_library, given_to_layer
from autofix.analysis.values import Arguments, Class, Dotted, Function, Instance, Scope, Value
from autofix.knowledge import naming
from autofix.knowledge.frameworks import CALLED
from autofix.knowledge.trainers import is_loss_class
from autofix.model import Cut, Framework, OwnRules
from autofix.syntax.memo import nodes_of
from autofix.syntax.spans import HERE, Around, Key, Neighbour, file_of, is_here


@dataclass
class Search:
    """One search: `run` is the abstract run of the module `tree`, written in `framework`.

    `bare` are the instances whose `__init__` was not run yet. `blamed` are the other checked files that lose a
    gradient. `met` are the losses by their node, each with whether a prediction is known to be in it.
    """

    tree: ast.Module
    text: str
    framework: Framework
    own: OwnRules
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
    return Search(tree, text, framework, own, around, _new_run(tree, text, framework, own, around))


def _new_run(tree: ast.Module, text: str, framework: Framework, own: OwnRules, around: Around | None) -> Run:
    return new_run(tree, text, framework, own.names_in(framework), around, own.demands, own.lost)


def start_strictly(search: Search) -> None:
    """Begin the run anew, as one in which a name excuses nothing."""
    search.run = _new_run(search.tree, search.text, search.framework, search.own, search.around)
    search.run.names.strict = True


def meet(search: Search, node: ast.AST, loss: Value) -> None:
    """Count a loss of this file, and whether a prediction is in it."""
    if is_here(node):
        search.met[id(node)] = search.met.get(id(node), False) or loss.derived


def home_of(search: Search, invocation: Invocation | None) -> Neighbour | None:
    """Return the other file in which a responsible function stands; None for this one."""
    return search.run.files.neighbours.get(file_of(invocation.function.node)) if invocation else None


def enter_module(search: Search) -> list[Function]:
    """Run the module and its steps; return its functions, and those of its users whose result is differentiated."""
    run_module(search.run)
    functions = list(functions_of(search, search.run.module, HERE))
    _enter_steps(search, functions)
    for user in search.around.users() if search.around is not None else ():
        using = list(functions_of(search, run_user(search.run, user), user.path))
        _enter_steps(search, using)
        functions += [each for each in using if given_by_library(each) is not None]
    return functions


def _enter_steps(search: Search, functions: Sequence[Function]) -> None:
    """Follow the functions of a module that differentiate something, from those that call them."""
    entered = [each for each in functions if differentiates(each.node) or given_to_layer(each) is not None]
    for function in (*calling_steps(functions), *entered):
        if not was_invoked(search, function):
            enter(search, function, given_to_layer(function))


def functions_of(search: Search, module: Scope, file: str) -> Iterator[Function]:
    """Yield the functions and methods of a module, methods bound to an instance of their class, still bare."""
    for value in list(module.names.values()):
        if not is_function_of(value.meaning, file):
            continue
        if isinstance(value.meaning, Function):
            yield value.meaning
        elif isinstance(value.meaning, Class):
            yield from _methods_of(search, value.meaning)


def _methods_of(search: Search, cls: Class) -> Iterator[Function]:
    bare = Instance(cls)
    search.bare.add(bare)
    for name in list(cls.members.names):
        method = member(search.run, Value(meaning=bare), name)
        if method is not None and isinstance(method.meaning, Function):
            yield method.meaning


def enter(search: Search, function: Function, given: Arguments | None = None) -> Value:
    """Run a function, with arguments of which nothing is known if none are given, and return its result."""
    equip(search, function)
    return invoke(search.run, function, given or Arguments((), {}))


def equip(search: Search, function: Function) -> None:
    """Run `__init__` of the instance that a method is bound to, at its first use: most classes have no loss."""
    owner = function.receiver
    if owner is not None and isinstance(owner.meaning, Instance) and owner.meaning in search.bare:
        search.bare.remove(owner.meaning)
        initialize(search.run, owner, Arguments((), {}))


def stem_of(search: Search) -> str:
    """Return the name of the file at hand without its ending; "" for a text without a path."""
    path = search.around.path if search.around is not None else ""
    return path.replace("\\", "/").rpartition("/")[2].removesuffix(".py")


def was_invoked(search: Search, function: Function) -> bool:
    """Was a function run, by whom ever?"""
    return any(each.function.node is function.node for each in search.run.journal.invocations)


def all_call_sites(search: Search, functions: Iterable[Function], lost: frozenset[Cut]) -> tuple[CallSite, ...]:
    """Return all calls of the file's functions, also those in functions that no loss has to do with.

    `lost` are the cuts of the losses: a prediction that was cut elsewhere is no part of any.
    """
    for function in functions:
        if not was_invoked(search, function):
            equip(search, function)
            look_into(search.run, function)
    return tuple(
        replace(site, trains=any(value.live or value.cuts & lost for value in site.arguments))
        for site in search.run.journal.call_sites
    )


def looks_like_a_loss(function: Function) -> bool:
    """Does its name, or its class, say that a function which nobody here uses is a loss?"""
    owner, _, name = function.qualname.rpartition(".")
    if not owner:
        return naming.is_named_loss(name)
    receiver = function.receiver.meaning if function.receiver is not None else None
    made_from = receiver.made_from if isinstance(receiver, Instance) else None
    if name not in CALLED or not isinstance(made_from, Class):
        return False
    bases = [base.meaning.name for base in made_from.bases if isinstance(base.meaning, Dotted)]
    return any(map(is_loss_class, bases)) or naming.is_loss(owner)
