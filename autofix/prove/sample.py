"""One call that a rule is tried on, read from its text: what is called, with what, and what the original is.

`~` or `# value only`: no gradient is compared; `!` or `# refused`: the rule must refuse it; `=> np.abs(x)`: what the
original is, where it is not the call itself. What follows a call (`[0]`, `** 2`) is done to its result on both sides.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

import libcst as cst

from autofix.model import Framework, Kind
from autofix.rewrite.catalogue import Argument

FRAMEWORKS: tuple[Framework, ...] = ("torch", "tensorflow")
ALIASES: dict[Framework, dict[str, str]] = {"torch": {"torch": "torch"}, "tensorflow": {"tensorflow": "tf"}}
_METHODS = ("ndarray.", "Tensor.", "inert ndarray.")


@dataclass(frozen=True)
class Sample:
    """A call of the rule for `name`; `original` is the dotted name to import for the oracle, where there is one.

    `spelling` is what is tried in place of what a rule says: for an operation that needs none.
    """

    text: str
    name: str
    oracle: str
    frameworks: tuple[Framework, ...] = FRAMEWORKS
    differentiable: bool = True
    refused: bool = False
    rest: str = ""
    original: str = ""
    spelling: str = ""

    @property
    def is_method(self) -> bool:
        return self.name.startswith(_METHODS)

    @property
    def arguments(self) -> list[Argument]:
        """The arguments of the call, the receiver of a method first."""
        return arguments_of(self.text, self.is_method)


def call_and_rest(text: str) -> tuple[str, str]:
    """`np.split(x, 2)[1]` is the call and what is done to its result, as are `np.linalg.qr(u)[1] ** 2`, `f(a)(x)`."""
    node = ast.parse(text, mode="eval").body
    while True:
        match node:
            case ast.Subscript(value=inner) | ast.BinOp(left=inner) | ast.Call(func=ast.Call() as inner):
                node = inner
            case _:
                break
    return text[: node.end_col_offset], text[node.end_col_offset :]


def arguments_of(text: str, method: bool) -> list[Argument]:
    """The arguments of a call, the receiver of a method first."""
    node = cst.parse_expression(text)
    if isinstance(node, cst.Attribute):
        return [Argument(node.value, Kind.TENSOR)] if method else []
    call = cst.ensure_type(node, cst.Call)
    arguments = [Argument(a.value, kind_of(a.value), _keyword(a), elements_of(a.value)) for a in call.args]
    if not method:
        return arguments
    return [Argument(cst.ensure_type(call.func, cst.Attribute).value, Kind.TENSOR), *arguments]


def elements_of(node: cst.BaseExpression) -> str:
    """What the constant arrays are made of, and literal numbers."""
    match node:
        case cst.Name(value="m"):
            return "bool"
        case cst.Name(value="i" | "j" | "b") | cst.Integer():
            return "int"
        case cst.BinaryOperation(left=left, right=right):
            return "int" if elements_of(left) == elements_of(right) == "int" else ""
        case _:
            return "float" if isinstance(node, cst.Float) else ""


def _keyword(argument: cst.Arg) -> str | None:
    return argument.keyword.value if argument.keyword else argument.star or None


def kind_of(node: cst.BaseExpression) -> Kind:
    """What the rewriter would know of an argument; names of one letter are tensors."""
    match node:
        case cst.Integer() | cst.Float() | cst.UnaryOperation(expression=cst.Integer() | cst.Float()):
            return Kind.NUMBER
        case cst.List() | cst.Tuple():
            holds_tensors = any(kind_of(element.value) is Kind.TENSOR for element in node.elements)
            return Kind.SEQUENCE if holds_tensors else Kind.OTHER
        case cst.Name(value=name):
            return Kind.TENSOR if len(name) == 1 or name == "z2" else Kind.OTHER
        case cst.Attribute(attr=cst.Name(value=name)):
            return Kind.TENSOR if name == "T" else Kind.OTHER
        case cst.SimpleString():
            return Kind.OTHER
        case cst.UnaryOperation(expression=cst.Attribute()):
            return Kind.OTHER
        case _:
            return Kind.TENSOR
