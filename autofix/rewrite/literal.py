"""What the source shows of an argument (a literal, a dtype, a list) and of an expression (its text, its name).

Takes arguments as LibCST expressions; gives `Slot`s, on which the conditions of rules are decided. `laid_out_as` keeps
the line breaks and comments of a call where another call with the same arguments replaces it.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass

import libcst as cst

from autofix.analysis.values import Dotted, Scope
from autofix.knowledge import effects
from autofix.knowledge.operations import having, values
from autofix.model import Kind
from autofix.rewrite.rules import Argument

_FLOATING, _INTEGER = having("floating-type"), having("integer-type")
_LITERALS = (cst.Integer, cst.Float, cst.UnaryOperation, cst.SimpleString, cst.Tuple, cst.List)
_CANONICAL = {"float": "float64", **values("type")}
_INFINITE = {"inf": math.inf, "Inf": math.inf, "infty": math.inf}


@dataclass(frozen=True)
class Known:
    """A value that the source shows."""

    value: object


@dataclass(frozen=True)
class Slot:
    """The place of one argument in the body of a rule; `placeholder` is the name that stands for it there."""

    placeholder: str
    argument: Argument
    literal: Known | None

    @property
    def name(self) -> ast.expr:
        return ast.Name(self.placeholder, ast.Load())

    @property
    def is_sequence(self) -> bool:
        return self.argument.kind is Kind.SEQUENCE

    @property
    def is_atomic(self) -> bool:
        """Whether the argument may be written twice without computing anything twice."""
        return self.literal is not None or _is_short(self.argument.expression)


def slot_of(placeholder: str, argument: Argument) -> Slot:
    """Look at an argument."""
    return Slot(placeholder, argument, literal(argument.expression))


def code_of(expression: cst.BaseExpression) -> str:
    """The text of an expression."""
    return cst.Module([]).code_for_node(expression)


def canonical_of(expression: cst.BaseExpression, module: Scope) -> str:
    """The canonical name that a dotted path from an import has (`numpy.mean` for `np.mean`), "" for all else."""
    names: list[str] = []
    while isinstance(expression, cst.Attribute):
        names.insert(0, expression.attr.value)
        expression = expression.value
    bound = module.names.get(expression.value) if isinstance(expression, cst.Name) else None
    if bound is None or type(bound.meaning) is not Dotted:
        return ""
    return effects.canonical(".".join([bound.meaning.name, *names]))


def literal(expression: cst.BaseExpression) -> Known | None:
    """The value of a literal; `np.inf` and its like count as literals."""
    match expression:
        case cst.Name("None" | "True" | "False"):
            return Known(ast.literal_eval(expression.value))
        case cst.Attribute(attr=cst.Name(name)) if name in _INFINITE:
            return Known(_INFINITE[name])
        case cst.UnaryOperation(operator=cst.Minus(), expression=cst.Attribute(attr=cst.Name(name))) if (
            name in _INFINITE
        ):
            return Known(-_INFINITE[name])
    if not isinstance(expression, _LITERALS):
        return None
    try:
        return Known(ast.literal_eval(code_of(expression).strip()))
    except (ValueError, SyntaxError):
        return None


def dtype_name(slot: Slot) -> str | None:
    """NumPy's name of a dtype as written (`np.float32`, `"float32"`, `float`); "" for that of a tensor (`x.dtype`)."""
    if slot.literal is not None:
        name = slot.literal.value
        return _CANONICAL.get(name, name) if isinstance(name, str) else None
    if not _is_dotted(slot.argument.expression):
        return None
    name = code_of(slot.argument.expression).rpartition(".")[2].rstrip("_")
    if name == "dtype" and isinstance(slot.argument.expression, cst.Attribute):
        return ""  # a name alone may stand for any type, of NumPy's too
    return (
        _CANONICAL.get(name, name)
        if name in _FLOATING | _INTEGER or name.startswith(("int", "uint", "bool", "complex", "long"))
        else None
    )


def is_floating(slot: Slot) -> bool | None:
    """Whether a dtype is a floating one; the dtype of a tensor is taken to be; None where nothing shows it."""
    name = dtype_name(slot)
    return None if name is None else name == "" or name in _FLOATING


def _is_short(expression: cst.BaseExpression) -> bool:
    """A name, or the comparison of a name with a name or a number: a mask."""
    match expression:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(comparator=right)]):
            return _is_dotted(left) and (_is_dotted(right) or literal(right) is not None)
        case _:
            return _is_dotted(expression)


def _is_dotted(expression: cst.BaseExpression) -> bool:
    while isinstance(expression, cst.Attribute):
        expression = expression.value
    return isinstance(expression, cst.Name)


def laid_out_as(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """`torch.where(…)` spread over the lines, with the comments, that `np.where(…)` was; otherwise `new` unchanged."""
    if not (isinstance(new, cst.Call) and isinstance(old, cst.Call)) or len(new.args) != len(old.args):
        return new
    pairs = tuple(zip(new.args, old.args, strict=True))
    if any(code_of(mine.value) != code_of(theirs.value) for mine, theirs in pairs):
        return new
    arguments = [
        mine.with_changes(comma=theirs.comma, whitespace_after_arg=theirs.whitespace_after_arg)
        for mine, theirs in pairs
    ]
    return new.with_changes(args=arguments, whitespace_before_args=old.whitespace_before_args)
