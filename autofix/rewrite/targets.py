"""Further things to try in TensorFlow, which never promotes: what meets a prediction in the type of that."""

from __future__ import annotations

import libcst as cst

from autofix.analysis.diagnosis import Diagnosis
from autofix.rewrite.literal import code_of
from autofix.rewrite.places import is_docstring, with_function

_MAKING = {"one_hot": 2, "ones": 1, "zeros": 1, "eye": 1}
"""Functions that make a tensor of the default type where none is asked for, and how many arguments come before it."""


def cast_targets_to_double(module: cst.Module, diagnosis: Diagnosis, tensorflow: str) -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, tf.float64)` heading the loss, None without targets."""
    return cast_targets(module, diagnosis, tensorflow, f"{tensorflow}.float64")


def cast_targets(module: cst.Module, diagnosis: Diagnosis, tensorflow: str, dtype: str = "") -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, y_pred.dtype)` heading the loss, None without targets."""
    target, prediction = diagnosis.target, _prediction(diagnosis)
    if target is None:
        return None
    targets = [each.name for each in target.parameters if each.role == "target" and not each.sequence]
    if prediction is None or not targets:
        return None
    lines = [f"{name} = {tensorflow}.cast({name}, {dtype or f'{prediction}.dtype'})" for name in targets]

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        body = list(function.body.body)
        place = 1 if body and isinstance(body[0], cst.SimpleStatementLine) and is_docstring(body[0]) else 0
        body[place:place] = [cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine) for line in lines]
        return function.with_changes(body=function.body.with_changes(body=body))

    return with_function(module, target.qualname, change)


def typed_like_the_prediction(module: cst.Module, diagnosis: Diagnosis, tensorflow: str) -> cst.Module | None:
    """Return the module with `tf.one_hot(y, n, dtype=y_pred.dtype)` in the loss, None where nothing is made there.

    NumPy's arrays take the type of a tensor that they meet; once they are tensors, the other has to take theirs.
    """
    target, prediction = diagnosis.target, _prediction(diagnosis)
    if target is None or prediction is None:
        return None
    typing = _Typing(tensorflow, cst.parse_expression(f"{prediction}.dtype"))

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        return cst.ensure_type(function.visit(typing), cst.FunctionDef)

    changed = with_function(module, target.qualname, change)
    return changed if typing.found else None


class _Typing(cst.CSTTransformer):
    """Gives tensors that are made without a type this one."""

    def __init__(self, tensorflow: str, dtype: cst.BaseExpression) -> None:
        super().__init__()
        self._names = {f"{tensorflow}.{name}": count for name, count in _MAKING.items()}
        self._dtype = dtype
        self.found = False

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        count = self._names.get(code_of(updated_node.func)) if isinstance(updated_node.func, cst.Attribute) else None
        given = updated_node.args
        if count is None or len(given) > count or any(each.star or _named(each) == "dtype" for each in given):
            return updated_node
        self.found = True
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        return updated_node.with_changes(args=[*given, cst.Arg(self._dtype, cst.Name("dtype"), equal)])


def _named(argument: cst.Arg) -> str:
    return argument.keyword.value if argument.keyword else ""


def _prediction(diagnosis: Diagnosis) -> str | None:
    parameters = diagnosis.target.parameters if diagnosis.target else ()
    return next((each.name for each in parameters if each.role == "prediction" and not each.sequence), None)
