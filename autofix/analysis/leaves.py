"""Which tensors are leaves on purpose: their own gradient is read, asked for, or followed by an optimizer.

`x.requires_grad = True` is right for an input to optimise (an adversarial image, a latent code), whatever it was made
from; on a loss it hides a lost gradient.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.analysis import words
from autofix.analysis.remembered import nodes_of, remembered

_OPTIMIZERS = frozenset({"Adam", "AdamW", "SGD", "LBFGS", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam"})


@remembered
def wanted_leaves(tree: ast.AST) -> frozenset[str]:
    """Return the names of the tensors of a module whose own gradient somebody wants: `x.grad`, `grad(loss, [x])`."""
    read = (node.value for node in nodes_of(tree, ast.Attribute) if node.attr == "grad")
    found = {name_of(owner) for owner in read if not isinstance(owner, ast.Call)}
    found |= {name for node in nodes_of(tree, ast.Call) for name in _asked_by(node)}
    found -= {"", "self"}
    return frozenset(name for name in found if not words.is_loss(name))


@remembered
def made_as_leaves(tree: ast.AST) -> frozenset[int]:
    """Return the identities of the expressions that such a name is given: `torch.tensor(start, requires_grad=True)`."""
    wanted = wanted_leaves(tree)
    if not wanted:
        return frozenset()
    return frozenset(
        id(node.value) for node in nodes_of(tree, ast.Assign) if any(name_of(each) in wanted for each in node.targets)
    )


def name_of(node: ast.AST) -> str:
    """Return `x` for `x`, `self.x` and `x[0]`."""
    if isinstance(node, ast.Subscript):
        return name_of(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _asked_by(node: ast.Call) -> Iterator[str]:
    """Yield the names that a call differentiates by, or optimizes."""
    asked = [each.value for each in node.keywords if each.arg in ("inputs", "params")] if node.keywords else []
    called = name_of(node.func)
    if called == "grad":
        asked += node.args[1:2]
    elif called in _OPTIMIZERS:
        asked += node.args[:1]
    for each in asked:
        yield from (name_of(part) for part in _parts(each))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, (ast.List, ast.Tuple)):
        for each in node.elts:
            yield from _parts(each)
    elif isinstance(node, ast.BinOp):
        yield from _parts(node.left)
        yield from _parts(node.right)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _parts(value)
    else:
        yield node
