"""What a user says of the inputs of a loss, where guessing fails: a comment above the function.

    # autofix: inputs(y_pred=float[8, 10], y_true=int[8] < 10, alpha=0.5)

    # autofix: inputs(model=returns(float[8, 10]), encoder=returns(mu=float[8, 3], logvar=float[8, 3]))

Tensors are `float`, `int`, `bool`, `prob` (rows that sum to one) or `onehot` with a shape, and with bounds if need be:
`0 < float[8, 1] < 1`. A tuple, a list or a dict of these is given as such; any other literal as it stands. A model
`returns` a tensor, several as a tuple, or by their names; a loss that holds one knows it without its `self`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.syntax.bindings import FunctionNode
from autofix.syntax.module import first_line
from autofix.worker.records import ModelForm, Pack, Specification

COMMENT = re.compile(r"^\s*#\s*autofix:\s*inputs\b(.*)$")
KINDS = {"float": "normal", "int": "labels", "bool": "bool", "prob": "simplex", "onehot": "onehot"}
EXPECTED = (
    "a tensor such as float[8, 10], 0 < float[8] < 1, int[8] < 10, bool[8], prob[8, 10], or a literal, "
    "or returns(float[8]) for a model"
)
DEFAULT_CLASSES = 2
SPAN = 2.0


@dataclass
class CommentError(Exception):
    """A comment that cannot be read, and what was expected in its place."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def check_comments(text: str) -> None:
    """Read every such comment of a text; raises `CommentError` for the first that is malformed."""
    if "autofix:" in text:
        for number, line in enumerate(text.splitlines(), 1):
            if COMMENT.match(line):
                read_comment(line, number)


def stated_inputs(text: str, function: FunctionNode, names: list[str]) -> dict[str, Specification]:
    """What the comment above a function says of its parameters; nothing where there is none."""
    number = first_line(function) - 1
    lines = text.splitlines()
    while 0 < number <= len(lines) and lines[number - 1].lstrip().startswith("#"):
        if COMMENT.match(lines[number - 1]):
            stated = read_comment(lines[number - 1], number)
            if unknown := [name for name in stated if name not in names]:
                raise CommentError(number, f"the loss has no parameter {unknown[0]}; it has {', '.join(names)}")
            return stated
        number -= 1
    return {}


def read_comment(line: str, number: int) -> dict[str, Specification]:
    found = COMMENT.match(line)
    assert found is not None
    written = found[1].strip()
    try:
        call = ast.parse(f"inputs{written}", mode="eval").body
    except SyntaxError:
        raise CommentError(number, f"inputs{written} cannot be read; expected inputs(name=…, …)") from None
    if (
        not isinstance(call, ast.Call)
        or call.args
        or not call.keywords
        or any(one.arg is None for one in call.keywords)
    ):
        raise CommentError(number, f"inputs{written}: expected inputs(name=…, …), with a name for each parameter")
    return {one.arg: specification(one.value, one.arg, number) for one in call.keywords if one.arg is not None}


def specification(node: ast.expr, name: str, number: int) -> Specification:
    """One argument: a tensor, several of them, or a plain value."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "returns":
        return model(node, name, number)
    if any(isinstance(one, ast.Name) for one in ast.walk(node)):
        if isinstance(node, (ast.Tuple, ast.List)):
            return {"kind": "list", "items": [tensor(one, name, number) for one in node.elts]}
        if isinstance(node, ast.Dict):
            return {"kind": "dict", "keys": list(keys(node, name, number)),
                    "items": [tensor(one, name, number) for one in node.values]}  # fmt: skip
        return tensor(node, name, number)
    try:
        return {"kind": "value", "value": ast.literal_eval(node)}
    except ValueError:
        raise CommentError(number, f"{name}={ast.unparse(node)}: expected {EXPECTED}") from None


def model(node: ast.Call, name: str, number: int) -> Specification:
    """What stands in for a model: each tensor that it returns is drawn, and kept within its bounds."""
    if bool(node.args) == bool(node.keywords) or any(one.arg is None for one in node.keywords):
        raise CommentError(number, f"{name}={ast.unparse(node)}: expected returns(float[8, 10]) or returns(logits=…)")
    items = [tensor(one, name, number) for one in [*node.args, *(one.value for one in node.keywords)]]
    if any(one["kind"] in ("labels", "bool", "onehot") for one in items):
        raise CommentError(number, f"{name}={ast.unparse(node)}: a model returns floats or prob")
    pack = "fields" if node.keywords else "tuple" if len(items) > 1 else "tensor"
    keys = [str(one.arg) for one in node.keywords] or [""] * len(items)
    described: Pack = {"pack": pack, "items": list(range(len(items))), "keys": keys}
    form: ModelForm = {"paths": {"": described}, "kinds": [range_of(one) for one in items], "numbers": {}}
    free: list[Specification] = [{"kind": "normal", "shape": one["shape"]} for one in items]
    return {"kind": "model", "items": free, "form": form, "stated": True}


def range_of(tensor: Specification) -> str:
    """What a model's free tensor is mapped to, so that it keeps the bounds that were stated."""
    if tensor["kind"] != "uniform":
        return str(tensor["kind"])
    if tensor["low"] < 0:
        return "normal" if tensor["high"] > 0 else "negative"
    return "unit" if tensor["high"] <= 1 else "positive"


def keys(node: ast.Dict, name: str, number: int) -> Iterator[str]:
    for key in node.keys:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise CommentError(number, f"{name}: expected strings as the keys of a dict of tensors")
        yield key.value


def tensor(node: ast.expr, name: str, number: int) -> Specification:
    """`float[8, 10]` with bounds or without; `float` alone is a scalar."""
    inner, low, high = bounds(node, name, number)
    kind, shape = (inner.value, inner.slice) if isinstance(inner, ast.Subscript) else (inner, None)
    if not isinstance(kind, ast.Name) or kind.id not in KINDS:
        raise CommentError(number, f"{name}={ast.unparse(node)}: expected {EXPECTED}")
    described: Specification = {"kind": KINDS[kind.id], "shape": lengths(shape, name, number), "stated": True}
    if kind.id == "int":
        first = int(low or 0)
        return described | {"low": first, "classes": int(high) if high is not None else first + DEFAULT_CLASSES}
    if low is None and high is None:
        return described
    if kind.id != "float":
        raise CommentError(number, f"{name}={ast.unparse(node)}: only float and int have bounds")
    least = low if low is not None else (high or 0.0) - SPAN
    most = high if high is not None else least + SPAN
    margin = 0.02 * (most - least)
    return described | {"kind": "uniform", "low": least + margin, "high": most - margin}


def bounds(node: ast.expr, name: str, number: int) -> tuple[ast.expr, float | None, float | None]:
    """The tensor in `0 < float[8] < 1`, its lower bound and the first number above it; for integers `<=` counts."""
    if not isinstance(node, ast.Compare):
        return node, None, None
    parts = [node.left, *node.comparators]
    place = next((at for at, one in enumerate(parts) if not is_bound(one)), 0)
    low: float | None = None
    high: float | None = None
    for at, operator in enumerate(node.ops):
        if place not in (at, at + 1) or not isinstance(operator, (ast.Lt, ast.LtE, ast.Gt, ast.GtE)):
            raise CommentError(number, f"{name}={ast.unparse(node)}: expected bounds such as 0 < float[8] < 1")
        other = parts[at + 1] if at == place else parts[at]
        if not is_bound(other):
            raise CommentError(number, f"{name}={ast.unparse(node)}: expected a number as a bound")
        value, is_upper = float(ast.literal_eval(other)), isinstance(operator, (ast.Lt, ast.LtE)) == (at == place)
        inclusive = isinstance(operator, (ast.LtE, ast.GtE))
        if is_upper:
            high = value + (inclusive and is_int(parts[place]))
        else:
            low = value + (not inclusive and is_int(parts[place]))
    if low is not None and high is not None and low >= high:
        raise CommentError(number, f"{name}={ast.unparse(node)}: there is no number between these bounds")
    return parts[place], low, high


def is_bound(node: ast.expr) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and type(inner.value) in (int, float)


def is_int(node: ast.expr) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "int" for one in ast.walk(node))


def lengths(node: ast.expr | None, name: str, number: int) -> list[int]:
    if node is None:
        return []
    found = node.elts if isinstance(node, ast.Tuple) else [node]
    shape = [one.value for one in found if isinstance(one, ast.Constant) and type(one.value) is int and one.value >= 0]
    if len(shape) < len(found):
        raise CommentError(number, f"{name}: expected integers as the lengths of its dimensions")
    return shape
