"""What the text alone says before it is run: its frameworks, its models, and what is done with a loss besides training.

Answers that are asked for again are kept with the node that they are about. Compilation and half precision are read off
the text of the file and of the files of its project that may use it: casts, autocast, policies, flags of trainers. What
only a docstring says does not count.
"""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator

from autofix.analysis.faults import Fault
from autofix.analysis.optimizers import PARAMETERS
from autofix.analysis.uses import compiles_nothing
from autofix.knowledge import naming
from autofix.knowledge.frameworks import KERAS_BACKEND, written_in
from autofix.knowledge.operations import having
from autofix.model import Framework
from autofix.syntax.bindings import dotted
from autofix.syntax.memo import called_in, nodes_of, remembered
from autofix.syntax.parsing import parsed


@remembered
def frameworks(tree: ast.Module) -> list[Framework]:
    """Return the frameworks that a module imports anywhere."""
    names = [(node.lineno, alias.name) for node in nodes_of(tree, ast.Import) for alias in node.names]
    names += [(node.lineno, node.module) for node in nodes_of(tree, ast.ImportFrom) if node.module]
    return list(written_in((name for _, name in sorted(names, key=lambda each: each[0])), _of_keras_backend(tree)))


def _of_keras_backend(tree: ast.Module) -> Iterator[str]:
    """Yield what a module uses of `keras.backend`, under the name that it is imported as."""
    imported = [
        (f"{node.module}.{alias.name}", alias) for node in nodes_of(tree, ast.ImportFrom) for alias in node.names
    ]
    imported += [(alias.name, alias) for node in nodes_of(tree, ast.Import) for alias in node.names]
    names = {KERAS_BACKEND, *(each.asname or each.name for name, each in imported if name == KERAS_BACKEND)}
    yield from (node.attr for node in nodes_of(tree, ast.Attribute) if dotted(node.value) in names)
    yield from (each.name for name, each in imported if name == f"{KERAS_BACKEND}.{each.name}")


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


_BLOCKS = (ast.stmt, ast.withitem, ast.ExceptHandler, ast.match_case)
"""What a `with` may stand in: no expression holds one."""


def _opens_tape(node: ast.AST) -> bool:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _BLOCKS) or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if isinstance(child, ast.withitem) and "GradientTape" in ast.unparse(child.context_expr):
            return True
        if _opens_tape(child):
            return True
    return False


HALVES = having("half-precision")

_BFLOAT16 = re.compile(r"bfloat16|bf16", re.IGNORECASE)
_FLOAT16 = re.compile(r"(?<!b)float16|(?<!b)fp16|HalfTensor|GradScaler|LossScaleOptimizer", re.IGNORECASE)
_OF_TRAINERS = re.compile(r"16(-mixed|-true)?")
_EITHER = frozenset({"autocast", "mixed_precision", "custom_fwd"})
"""Names that ask for half precision and do not say which one."""


@remembered
def halves_of(tree: ast.AST) -> frozenset[str]:
    """Return those of `HALVES` in which something of a module is computed."""
    written = {*_names(tree), *_texts(tree)}
    found = {name for name, said in (("float16", _FLOAT16), ("bfloat16", _BFLOAT16)) if any(map(said.search, written))}
    if any(each.attr == "half" for each in nodes_of(tree, ast.Attribute)) or _sixteen_bits(tree):
        found.add("float16")
    return frozenset(found) or (HALVES if written & _EITHER else frozenset())


def _names(tree: ast.AST) -> set[str]:
    named = {each.attr for each in nodes_of(tree, ast.Attribute)} | {each.id for each in nodes_of(tree, ast.Name)}
    named |= {part for each in nodes_of(tree, ast.alias) for part in each.name.split(".")}
    return named | {each.arg for each in nodes_of(tree, ast.keyword) if each.arg and not _is_off(each.value)}


def _is_off(value: ast.expr) -> bool:
    """Is this a flag that asks for nothing: `fp16=False`?"""
    return isinstance(value, ast.Constant) and value.value in (False, None, "no")


def _texts(tree: ast.AST) -> set[str]:
    """Return the texts of a module that are values."""
    said = {each.value for each in nodes_of(tree, ast.Expr)}
    return {each.value for each in nodes_of(tree, ast.Constant) if isinstance(each.value, str) and each not in said}


def _sixteen_bits(tree: ast.AST) -> bool:
    """Is a trainer asked for `precision=16`, or `"16-mixed"`?"""
    asked = [each.value for each in nodes_of(tree, ast.keyword) if each.arg == "precision"]
    return any(isinstance(each, ast.Constant) and bool(_OF_TRAINERS.fullmatch(str(each.value))) for each in asked)


def only_eager(fault: Fault) -> bool:
    """Is it sure that nothing compiles this loss?"""
    using = _using(fault)
    return fault.use.only_eager and using is not None and all(map(compiles_nothing, using))


def halves(fault: Fault, tree: ast.Module) -> frozenset[str]:
    """Return the half precisions that the program of this loss, which stands in `tree`, runs in."""
    around = [each.tree for each in fault.program.neighbours.values()]
    return halves_of(tree).union(*map(halves_of, (*around, *(_using(fault) or ()))))


def _using(fault: Fault) -> list[ast.Module] | None:
    """Return the other files of the project that may use the loss; None where they are not known."""
    if fault.program.around is None:
        return []
    texts = fault.program.around.using(fault.loss.partition(".")[0])
    return None if texts is None else [tree for text in texts for tree in _parsed(text)]


def _parsed(text: str) -> list[ast.Module]:
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        return [parsed(text)]
    return []
