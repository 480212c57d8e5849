"""Finds losses that no name calls one: functions that make a tensor again of what a prediction lost its gradient in.

A function that nobody here differentiates is a loss by its name (`state.looks_like_a_loss`), or by what it does.
There are two ways to see that:

* The result is declared a leaf, `torch.tensor(x, requires_grad=True)`: its author wants a gradient. It compares a
  prediction with a target by their names, or two arguments, or a prediction alone, of which one is converted in so many
  words (`.detach()`, `.numpy()`, `.item()`).
* The result is a plain re-wrap: `torch.from_numpy(x)`, `tf.convert_to_tensor(x)`. It is made of an argument that is
  converted in so many words and of one that is called a target, by more than comparisons and indices, and no other code
  of the file calls the function: what trains has been followed before, and what does not is a metric.

Either is reduced on every way to the result: a mean, a sum, a norm. A starting point, a batch or a picture is not.

Metrics, evaluation, plots and data are silent: by the name of the function, of its class or of the file.
"""

from __future__ import annotations

import ast

from autofix.analysis.attribution import is_discrete, is_training_loss, leads_to
from autofix.analysis.finding.state import Search, enter, stem_of
from autofix.analysis.record import Fact, operation
from autofix.analysis.syntactic import differentiates, last_name
from autofix.analysis.trainers import given_by_library
from autofix.analysis.values import Class, Dotted, Function, Instance, Value
from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import CALLED
from autofix.knowledge.operations import having
from autofix.syntax.memo import called_in, nodes_of, remembered, walk
from autofix.syntax.spans import Key, is_here

_REWRAPS = frozenset(name.rpartition(".")[2] for name in effects.REWRAPS) - {"identity"}
_CONVERTING = frozenset({"AF102", "AF103", "AF104"})
_REDUCING = having("reduces") | having("one-number")


def loss_by_body(search: Search, function: Function) -> Value | None:
    """Return the result of a function that nobody here uses and that does what a broken loss does; None for others.

    It leaves no trace in the run if it is none.
    """
    if not _may_be_one(search, function):
        return None
    run = search.run
    invocations, by_key = list(run.journal.invocations), dict(run.facts.by_key)
    consumed = len(run.journal.consumed)
    run.names.losses.add(id(function.node))
    result = enter(search, function)
    if is_training_loss(result) and not (result.live or result.unknown) and _does_as_a_loss(search, function, result):
        return result
    run.names.losses.discard(id(function.node))
    run.journal.invocations[:], run.facts.by_key = invocations, by_key
    del run.journal.consumed[consumed:]
    return None


def _may_be_one(search: Search, function: Function) -> bool:
    """Does the text allow it: a function of this file, or a module's `forward`, that re-wraps something?"""
    node = function.node
    if isinstance(node, ast.Lambda) or not is_here(node) or not _rewraps(node) or differentiates(node):
        return False
    if given_by_library(function) is not None or not _is_free(function):
        return False
    gives_target = any(naming.role(word) == "target" for word in naming.words(function.qualname)[-1:])
    return not gives_target and not any(map(naming.is_no_loss, (function.qualname, stem_of(search))))


def _is_free(function: Function) -> bool:
    """Is this a function, or what an object of a module is called by? A `Function` of torch has its own gradient."""
    owner, _, name = function.qualname.rpartition(".")
    if not owner:
        return True
    receiver = function.receiver.meaning if function.receiver is not None else None
    made_from = receiver.made_from if isinstance(receiver, Instance) else None
    if not isinstance(made_from, Class) or name not in CALLED:
        return False
    bases = [base.meaning for base in made_from.bases]
    return not any(isinstance(base, Dotted) and base.name.endswith("Function") for base in bases)


@remembered
def _rewraps(node: ast.AST) -> bool:
    return any(last_name(func) in _REWRAPS or _last(func) == "requires_grad_" for func in called_in(node))


def _last(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else ""


def _does_as_a_loss(search: Search, function: Function, result: Value) -> bool:
    run = search.run
    reaching = run.facts.reaching(result.makers)
    used = _used(search, function, reaching)
    cuts = [cut for cut in result.cuts if cut.code != "AF303"]
    if any(leads_to(cut, result, run, _is_reduction) for cut in cuts):
        return False
    converted = [cut for cut in cuts if cut.code in _CONVERTING]
    roles = [naming.role(name) for name in used]
    if len(cuts) < len(result.cuts):
        given = sum(role != "number" for role in roles)
        compared = {"prediction", "target"} <= set(roles)
        return compared or (bool(converted) and (given > 1 or "prediction" in roles))
    compared = any(map(naming.is_ground_truth, used)) and len(used) > 1
    moves = any(leads_to(cut, result, run, is_discrete) for cut in converted)
    return compared and moves and _is_rewrapped(search, reaching) and not _is_called_here(search, function)


def _is_reduction(fact: Fact, node: ast.AST | None) -> bool:
    return operation(node, fact.callee, ()).name in _REDUCING if isinstance(node, ast.Call) else False


def _used(search: Search, function: Function, reaching: frozenset[Key]) -> set[str]:
    """Return the parameters that the result is made of."""
    spec = function.node.args
    given = {each.arg for each in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)} - {"self", "cls"}
    nodes = (search.run.nodes[key] for key in reaching if key in search.run.nodes)
    return {each.id for node in nodes for each in walk(node) if isinstance(each, ast.Name)} & given


def _is_rewrapped(search: Search, reaching: frozenset[Key]) -> bool:
    facts = search.run.facts.by_key
    return any(facts[key].callee in effects.REWRAPS for key in reaching if key in facts)


def _is_called_here(search: Search, function: Function) -> bool:
    """Does anything in this file name a function, or the class that it is a method of?"""
    name = function.qualname.partition(".")[0]
    return any(each.id == name for each in nodes_of(search.tree, ast.Name))
