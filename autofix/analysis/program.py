"""What a program does with a loss beside training it: whether it is compiled, and in which half precisions it runs.

Read off the text of the file and of the files of its project that may use it: casts, autocast, policies, flags of
trainers. What only a docstring says does not count.
"""

from __future__ import annotations

import ast
import contextlib
import re

from autofix.analysis.faults import Fault
from autofix.analysis.uses import compiles_nothing
from autofix.knowledge.operations import having
from autofix.syntax.memo import nodes_of, remembered
from autofix.syntax.parsing import parsed

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
