"""Whether TensorFlow runs what stands in a file operation by operation: nothing of it may be compiled to a graph.

Only what the file shows counts; a loss that nothing here differentiates may be compiled by whoever does.
"""

from __future__ import annotations

import ast

from autofix.analysis.remembered import nodes_of, remembered

_TRACING = frozenset({"function", "autograph", "graph", "make_train_function", "set_jit"})
"""Names that stand for compiling, or may do so: `tf.function` above all."""


@remembered
def compiles_nothing(tree: ast.AST) -> bool:
    """Is it sure that this file has nothing compiled? Models that Keras trains it has to ask for that one by one."""
    switches = [each for each in nodes_of(tree, ast.Call) if _named(each) == "run_functions_eagerly"]
    if switches:
        return all([ast.unparse(each) for each in switch.args] == ["True"] for switch in switches)
    return not _mentions_tracing(tree) and all(_is_kept_eager(each) for each in _models(tree))


@remembered
def trains_eagerly(tree: ast.AST) -> bool:
    """Does this file train models by Keras, and have it compile none of them?"""
    return bool(_models(tree)) and compiles_nothing(tree)


def _models(tree: ast.AST) -> list[ast.Call]:
    """Return the calls `model.compile(…)`."""
    return [each for each in nodes_of(tree, ast.Call) if _named(each) == "compile" and not _is_of_patterns(each)]


def _is_of_patterns(call: ast.Call) -> bool:
    """Is this `re.compile`, or Python's own?"""
    return isinstance(call.func, ast.Name) or ast.unparse(call.func) == "re.compile"


def _is_kept_eager(model: ast.Call) -> bool:
    asked = [each.value for each in model.keywords if each.arg == "run_eagerly"]
    return any(isinstance(each, ast.Constant) and each.value is True for each in asked)


def _mentions_tracing(tree: ast.AST) -> bool:
    attributes = {each.attr for each in nodes_of(tree, ast.Attribute)}
    names = {each.name for each in nodes_of(tree, ast.alias)}
    compiled = any(each.arg == "jit_compile" for each in nodes_of(tree, ast.keyword))
    return compiled or bool((attributes | names) & _TRACING)


def _named(call: ast.Call) -> str:
    """Return the last part of the name of what is called."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
