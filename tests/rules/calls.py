"""Turns the text of a call into what the rewriter hands to the catalogue: a name, and arguments with their kinds."""

from __future__ import annotations

import ast
from dataclasses import dataclass

import libcst as cst

from autofix.model import Kind
from autofix.rewrite.catalogue import Argument
from tests.rules.samples import NAMES, tables

ALIASES = {"torch": {"torch": "torch"}, "tensorflow": {"tensorflow": "tf"}}


@dataclass(frozen=True)
class Sample:
    """One line of the table of samples."""

    text: str
    name: str
    oracle: str
    frameworks: tuple[str, ...]
    differentiable: bool
    refused: bool
    rest: str = ""


def samples() -> tuple[Sample, ...]:
    """The whole table."""
    return tuple(_sample(line, of) for lines, of in tables() for line in lines.splitlines() if line.strip())


def _sample(line: str, of: str) -> Sample:
    frameworks: tuple[str, ...] = ("torch", "tensorflow")
    if line.startswith(("torch ", "tf ")):
        word, _, line = line.partition(" ")
        frameworks = ("torch",) if word == "torch" else ("tensorflow",)
    flag = line[0] if line[0] in "~!" else ""
    written, _, oracle = line.lstrip("~! ").partition(" => ")
    text, rest = call_and_rest(written)
    return Sample(text, name_of(text, of), oracle or written, frameworks, not flag, flag == "!", rest)


def call_and_rest(text: str) -> tuple[str, str]:
    """`np.split(x, 2)[1]` is the call, and what is looked at of its result; so is `np.linalg.qr(u)[1] ** 2`."""
    node = ast.parse(text, mode="eval").body
    while isinstance(node, (ast.Subscript, ast.BinOp)):
        node = node.value if isinstance(node, ast.Subscript) else node.left
    return text[: node.end_col_offset], text[node.end_col_offset :]


def name_of(text: str, of: str = "") -> str:
    """`np.linalg.norm(v)` is about numpy.linalg.norm; `x.mean()` about what `of` says: ndarray.mean or Tensor.mean."""
    node = ast.parse(text, mode="eval").body
    function = node.func if isinstance(node, ast.Call) else node
    if of:
        assert isinstance(function, ast.Attribute)
        return f"{of}.{function.attr}"
    head, _, rest = ast.unparse(function).partition(".")
    return f"{NAMES[head]}.{rest}" if rest else NAMES[head]


def arguments_of(text: str, method: bool) -> list[Argument]:
    """The arguments of a call, the receiver of a method first."""
    node = cst.parse_expression(text)
    if isinstance(node, cst.Attribute):
        return [Argument(node.value, Kind.TENSOR)] if method else []
    assert isinstance(node, cst.Call)
    arguments = [Argument(a.value, kind_of(a.value), _keyword(a), elements_of(a.value)) for a in node.args]
    if method:
        assert isinstance(node.func, cst.Attribute)
        return [Argument(node.func.value, Kind.TENSOR), *arguments]
    return arguments


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
