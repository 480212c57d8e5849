"""What the text alone says before it is run: whether a function differentiates or opens a tape, what names are models'.

Answers that are asked for again are kept with the node that they are about.
"""

from __future__ import annotations

import ast

from autofix.analysis.optimizers import PARAMETERS
from autofix.knowledge import naming
from autofix.knowledge.operations import having
from autofix.syntax.memo import called_in, nodes_of, remembered

_CONSUMERS = having("consumes")


def last_name(node: ast.expr) -> str:
    """Return the name that a callee is known by: `actor` of `self.actor`, `net` of `net.forward`."""
    if isinstance(node, ast.Attribute):
        return last_name(node.value) if node.attr in ("forward", "call", "module", "apply") else node.attr
    return node.id if isinstance(node, ast.Name) else ""


@remembered
def differentiates(node: ast.AST) -> bool:
    """Does a function differentiate something itself? Then it is a step, not a loss; `np.gradient` is neither.

    A derivative that is taken to be differentiated again (`create_graph=True`) is a term of a loss.
    """
    calls = called_in(node)
    attributes = [func for func in calls if isinstance(func, ast.Attribute) and func.attr in _CONSUMERS]
    taped = any(isinstance(func, ast.Attribute) and func.attr == "GradientTape" for func in calls)
    again = _differentiated_again(node) if any(func.attr == "grad" for func in attributes) else set()
    return any(
        func.attr not in ("gradient", "grad")
        or (func.attr == "gradient" and (taped or "tape" in naming.words(ast.unparse(func.value))))
        or (func.attr == "grad" and id(func) not in again and "autograd" in ast.unparse(func.value))
        for func in attributes
    )


def _differentiated_again(node: ast.AST) -> set[int]:
    """Return what is called with `create_graph=True` in a node, by its identity."""
    return {
        id(each.func)
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        for keyword in each.keywords
        if keyword.arg == "create_graph" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    }


@remembered
def trained_names(tree: ast.AST) -> frozenset[str]:
    """Return the names of what has parameters, by use: `m.parameters()`, `m.trainable_variables`."""
    owners = (each.value for each in nodes_of(tree, ast.Attribute) if each.attr in PARAMETERS)
    return frozenset(last_name(owner) for owner in owners) - {"", "self"}


@remembered
def has_own_gradient(node: ast.AST) -> bool:
    """Does a function bring its own gradient (`@tf.custom_gradient`)? What stands in it says nothing about that one."""
    return any("custom_gradient" in ast.unparse(decorator) for decorator in getattr(node, "decorator_list", ()))


@remembered
def opens_tape(node: ast.AST) -> bool:
    """Does this body open a `tf.GradientTape()` itself, not counting functions that are defined in it?"""
    return _opens_tape(node)


def _opens_tape(node: ast.AST) -> bool:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            continue
        if isinstance(child, ast.withitem) and "GradientTape" in ast.unparse(child.context_expr):
            return True
        if _opens_tape(child):
            return True
    return False
