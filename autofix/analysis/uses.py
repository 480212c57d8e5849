"""How a loss is differentiated, and whether it is compiled: which errors users see depends on that.

Takes the tree of a file, and what differentiates a loss in it; gives its use.
TensorFlow counts as eager only where nothing in the file compiles the loss to a graph. What the file does not show is
left open: a loss that nothing here differentiates may be compiled by whoever does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from autofix.analysis.record import CallSite
from autofix.analysis.run import Run
from autofix.analysis.values import Value, strongest
from autofix.knowledge import frameworks, trainers
from autofix.knowledge.operations import values
from autofix.model import Framework, Kind
from autofix.syntax.memo import functions_in, nodes_of, remembered
from autofix.syntax.spans import is_here

_TRACING = frameworks.TRACING | trainers.TRACING


@remembered
def compiles_nothing(tree: ast.AST) -> bool:
    """Is it sure that this file has nothing compiled? Models that Keras trains it has to ask for that one by one."""
    switches = [each for each in nodes_of(tree, ast.Call) if _named(each) == frameworks.EAGER_SWITCH]
    if switches:
        return all([ast.unparse(each) for each in switch.args] == ["True"] for switch in switches)
    return not _mentions_tracing(tree) and all(_is_kept_eager(each) for each in _models(tree))


@remembered
def trains_eagerly(tree: ast.AST) -> bool:
    """Does this file train models by Keras, and have it compile none of them?"""
    return bool(_models(tree)) and compiles_nothing(tree)


def _models(tree: ast.AST) -> list[ast.Call]:
    """Return the calls `model.compile(…)`."""
    calls = (each for each in nodes_of(tree, ast.Call) if _named(each) in trainers.COMPILES)
    return [each for each in calls if not _is_of_patterns(each)]


def _is_of_patterns(call: ast.Call) -> bool:
    """Is this `re.compile`, or Python's own?"""
    return isinstance(call.func, ast.Name) or ast.unparse(call.func) == "re.compile"


def _is_kept_eager(model: ast.Call) -> bool:
    asked = [each.value for each in model.keywords if each.arg in trainers.EAGER]
    return any(isinstance(each, ast.Constant) and each.value is True for each in asked)


def _mentions_tracing(tree: ast.AST) -> bool:
    attributes = {each.attr for each in nodes_of(tree, ast.Attribute)}
    names = {each.name for each in nodes_of(tree, ast.alias)}
    compiled = any(each.arg == "jit_compile" for each in nodes_of(tree, ast.keyword))
    return compiled or bool((attributes | names) & _TRACING)


def _named(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)


_BY_KERAS, _BY_TENSORFLOW = f"{trainers.KERAS.eager[0]}=True", frameworks.RUNS_EAGERLY

By = Literal["backward", "grad", "tape", "fit", "unknown"]


@dataclass(frozen=True)
class Use:
    """What differentiates a loss, and what kind of value arrives there.

    `eager_by` is what would keep TensorFlow from compiling the loss to a graph; empty where it does not.
    `several` says that a tape is asked for a list of gradients. `only_eager` says that TensorFlow is known to run the
    loss as it stands, operation by operation, wherever this file uses it.
    """

    by: By = "unknown"
    kind: Kind = Kind.TENSOR
    eager_by: str = ""
    several: bool = True
    only_eager: bool = False


NO_USE = Use()


def use_of(run: Run, consumer: ast.AST | None, values: Sequence[Value]) -> Use:
    """Return how `values` are used by `consumer`: a call, the method that a library calls, or None for nobody."""
    tree = run.tree
    kind = strongest(values)
    if consumer is None:
        return Use(kind=kind)
    by = _by(consumer, run.framework)
    if by == "fit":
        return Use(by, kind, "" if _runs_eagerly(tree) else _BY_KERAS, only_eager=trains_eagerly(tree))
    sources = consumer.args[1:2] if isinstance(consumer, ast.Call) and by == "tape" else []
    single = bool(sources) and isinstance(sources[0], ast.Name)
    if by != "tape":
        return Use(by, kind, several=not single)
    eager_by = _eager_by(tree, consumer, run.journal.call_sites)
    return Use(by, kind, eager_by, not single, only_eager=not eager_by and compiles_nothing(tree))


_CONSUMERS = cast("dict[str, By]", values("consumes"))


def _by(consumer: ast.AST, framework: Framework) -> By:
    name = consumer.func.attr if isinstance(consumer, ast.Call) and isinstance(consumer.func, ast.Attribute) else ""
    if isinstance(consumer, ast.FunctionDef):
        return trainers.by_of(consumer.name, framework)
    return _CONSUMERS.get(name, "unknown")


@remembered
def _runs_eagerly(tree: ast.AST) -> bool:
    """Does this file ask Keras, or TensorFlow, not to compile?"""
    for node in nodes_of(tree, ast.keyword):
        if node.arg in trainers.EAGER:
            return not (isinstance(node.value, ast.Constant) and not node.value.value)
    switches = trainers.EAGER | {frameworks.EAGER_SWITCH}
    return any(node.attr in switches for node in nodes_of(tree, ast.Attribute))


def _eager_by(tree: ast.Module, consumer: ast.AST, call_sites: Iterable[CallSite]) -> str:
    """Return what keeps TensorFlow from compiling the functions that the consumer stands in; empty if it does not."""
    if _runs_eagerly(tree):
        return ""
    line = getattr(consumer, "lineno", 0)
    here = functions_in(tree) if is_here(consumer) else []
    inside = [each for each in here if each.lineno <= line <= (each.end_lineno or 0)]
    callers = {site.callee.node: site.caller.node for site in call_sites if site.caller is not None}
    for function in inside:
        node: ast.AST | None = function
        for _ in range(len(callers) + 1):
            if node is None:
                break
            if _is_step_of_keras(node, tree) or _is_graph(node):
                return _BY_KERAS if _is_step_of_keras(node, tree) else _BY_TENSORFLOW
            node = callers.get(node)  # type: ignore[call-overload]
    return ""


def _is_step_of_keras(node: ast.AST, tree: ast.Module) -> bool:
    """Is this a method of a model that is a whole step, as `train_step` is? A class without a base is no model."""
    first = node.args.args[:1] if isinstance(node, ast.FunctionDef) and node.name in trainers.STEPS else []
    owner = next((each for each in nodes_of(tree, ast.ClassDef) if any(one is node for one in each.body)), None)
    return bool(first) and first[0].arg == "self" and (owner is None or bool(owner.bases))


def _is_graph(node: ast.AST) -> bool:
    names = (ast.unparse(each).partition("(")[0] for each in getattr(node, "decorator_list", ()))
    return any(name.rpartition(".")[2] == "function" for name in names)
