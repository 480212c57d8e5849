"""Which tensors are leaves on purpose: their own gradient is read, asked for, or followed by an optimizer.

`x.requires_grad = True` is right for an input to optimise (an adversarial image, a latent code), whatever it was made
from; on a loss it hides a lost gradient.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.analysis import words
from autofix.analysis.optimizers import name_of, optimized, parts_of
from autofix.analysis.remembered import nodes_of, remembered


@remembered
def wanted_leaves(tree: ast.AST) -> frozenset[str]:
    """Return the names of the tensors of a module whose own gradient somebody wants: `x.grad`, `grad(loss, [x])`."""
    read = (node.value for node in nodes_of(tree, ast.Attribute) if node.attr == "grad")
    found = {name_of(owner) for owner in read if not isinstance(owner, ast.Call)}
    found |= {name for node in nodes_of(tree, ast.Call) for name in _asked_by(node)}
    found |= optimized(tree)
    found -= {"", "self"}
    return frozenset(name for name in found if not words.is_loss(name))


@remembered
def made_as_leaves(tree: ast.AST) -> frozenset[int]:
    """Return the identities of the expressions that such a name is given: `torch.tensor(start, requires_grad=True)`."""
    wanted = wanted_leaves(tree)
    if not wanted:
        return frozenset()
    assigned = (node for node in nodes_of(tree, ast.Assign) if any(name_of(each) in wanted for each in node.targets))
    return frozenset(id(made) for node in assigned for part in parts_of(node.value) for made in _each_of(part))


def _each_of(node: ast.expr) -> Iterator[ast.expr]:
    yield node.elt if isinstance(node, (ast.ListComp, ast.GeneratorExp)) else node


def _asked_by(node: ast.Call) -> Iterator[str]:
    """Yield the names that a call differentiates by."""
    asked = [each.value for each in node.keywords if each.arg == "inputs"] if node.keywords else []
    asked += node.args[1:2] if name_of(node.func) == "grad" else []
    if isinstance(node.func, ast.Attribute) and node.func.attr == "gradient":  # a tape's
        asked += [*node.args[1:2], *(each.value for each in node.keywords if each.arg == "sources")]
    for each in asked:
        yield from (name_of(part) for part in parts_of(each))
