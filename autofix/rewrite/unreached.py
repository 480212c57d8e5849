"""What is certain to fail in changed lines that no run came to: a text and those lines in, a reason or nothing out.

A tensor has not all that an array has, most of torch's functions take tensors only, and a handler that caught an error
of NumPy lets through the other one that the framework raises in its place.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from autofix.analysis.faults import Diagnosis
from autofix.analysis.interpreter import Interpreter
from autofix.analysis.losses import run_of
from autofix.analysis.values import Value
from autofix.model import Framework, Kind, OwnRules
from autofix.syntax.changed_lines import head
from autofix.syntax.places import at_line

_NO_ATTRIBUTES: Mapping[Framework, frozenset[str]] = {
    "torch": frozenset(
        "argpartition astype base byteswap choose compress conjugate copy ctypes dump dumps fill flags flat getfield "
        "partition searchsorted setfield setflags strides tobytes tofile".split()
    ),
    "tensorflow": frozenset(
        "T all any argmax argmin argpartition argsort astype base byteswap choose clip compress conj conjugate "
        "copy ctypes cumprod cumsum diagonal dot dump dumps fill flags flat flatten getfield imag item itemsize mT "
        "max mean min nbytes nonzero partition prod put ravel real repeat reshape resize round searchsorted "
        "setfield setflags size sort squeeze std strides sum swapaxes take tobytes tofile tolist trace transpose "
        "var view".split()
    ),
}
"""What an array of NumPy has, and a tensor has not."""

_OF_NUMBERS = frozenset({*dir(0.0), *dir(0)})
_MAKES_NUMBERS = frozenset({"Tensor.item", "builtins.float", "builtins.int", "builtins.len", "builtins.round"})

_TAKES_NUMBERS = frozenset(
    "add arange as_tensor asarray bartlett_window blackman_window device div divide empty eye finfo floor_divide full "
    "hamming_window hann_window iinfo kaiser_window linspace logspace manual_seed mul multiply ones rand randint randn "
    "randperm range result_type scalar_tensor set_default_dtype set_grad_enabled Size sub subtract tensor tril_indices "
    "triu_indices true_divide zeros no_grad enable_grad inference_mode Generator".split()
)
"""Functions of torch that take plain numbers alone."""

_RAISED_BY_NUMPY = frozenset(
    "ValueError ZeroDivisionError FloatingPointError ArithmeticError OverflowError LinAlgError RuntimeWarning".split()
)
_CATCHES_ALL = frozenset({"Exception", "BaseException"})
_RAISED_BY: Mapping[Framework, frozenset[str]] = {
    "torch": frozenset({"RuntimeError"}),
    "tensorflow": frozenset({"InvalidArgumentError", "OpError"}),
}


def certain_to_fail(text: str, lines: Iterable[int], diagnosis: Diagnosis, own: OwnRules) -> str:
    """Return why these lines fail whenever they are run, or let an error through; empty where nothing is known."""
    wanted = frozenset(lines)
    run = run_of(text, diagnosis.framework, own, diagnosis.around)
    failures = (*_missed_errors(run, wanted, diagnosis.framework), *_failures(run, wanted, diagnosis.framework))
    return next(iter(failures), "")


def _missed_errors(run: Interpreter, wanted: frozenset[int], framework: Framework) -> Iterator[str]:
    for block in (each for each in ast.walk(run.tree) if isinstance(each, ast.Try)):
        handlers = [each for each in block.handlers if each.lineno in wanted and _is_for_numpy(each, framework)]
        computes = any(_value(node, run).live for each in block.body for node in ast.walk(each)
                       if isinstance(node, (ast.BinOp, ast.Call, ast.Compare, ast.Subscript)))  # fmt: skip
        for handler in handlers if computes else ():
            caught = ast.unparse(handler.type) if handler.type is not None else ""
            where = at_line(handler.lineno)
            yield f"`except {caught}` in {where} catches errors of NumPy, and the fix raises others"


def _is_for_numpy(handler: ast.ExceptHandler, framework: Framework) -> bool:
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type] if handler.type else []
    names = {ast.unparse(each).rpartition(".")[2] for each in parts}
    return bool(names & _RAISED_BY_NUMPY) and not names & (_CATCHES_ALL | _RAISED_BY[framework])


def _failures(run: Interpreter, wanted: frozenset[int], framework: Framework) -> Iterator[str]:
    for statement in ast.walk(run.tree):
        if not isinstance(statement, ast.stmt) or wanted.isdisjoint(head(statement)):
            continue
        for node in _expressions(statement):
            if isinstance(node, ast.Attribute) and (lacks := _lacks(node, run, framework)):
                yield f"`{ast.unparse(node)}` in {at_line(node.lineno)} fails: {lacks}"
            elif isinstance(node, ast.Call) and framework == "torch" and _is_given_numbers(node, run):
                yield f"`{ast.unparse(node)}` in {at_line(node.lineno)} fails: it takes tensors, and is given numbers"


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement; of one that holds others those of its head."""
    for name, value in ast.iter_fields(statement):
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, ast.expr) and name not in ("body", "orelse"):
                yield from ast.walk(each)


def _lacks(node: ast.Attribute, run: Interpreter, framework: Framework) -> str:
    value = _value(node.value, run)
    if value.kind is Kind.TENSOR and node.attr in _NO_ATTRIBUTES[framework]:
        return f"a tensor has no `{node.attr}`"
    makers = [run.facts.by_key.get(key) for key in value.makers]
    callees = {each.callee for each in makers if each is not None}
    is_number = value.kind is Kind.NUMBER and bool(callees) and callees <= _MAKES_NUMBERS
    return f"a number has no `{node.attr}`" if is_number and node.attr not in _OF_NUMBERS else ""


def _is_given_numbers(node: ast.Call, run: Interpreter) -> bool:
    fact = run.facts.by_key.get(run.positions.key(node))
    package, _, name = (fact.callee if fact is not None else "").rpartition(".")
    if not package.startswith("torch") or name in _TAKES_NUMBERS or not node.args:
        return False
    return all(_is_plain(each) for each in node.args)


def _is_plain(node: ast.expr) -> bool:
    """Is this a number as written, or a list of such?"""
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts) and all(map(_is_plain, node.elts))
    if isinstance(node, ast.UnaryOp):
        return _is_plain(node.operand)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _value(node: ast.expr, run: Interpreter) -> Value:
    fact = run.facts.by_key.get(run.positions.key(node))
    return fact.value if fact is not None else Value()
