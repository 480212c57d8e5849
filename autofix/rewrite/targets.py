"""The second thing to try in TensorFlow, which never promotes: the targets cast to the type of the prediction."""

from __future__ import annotations

import libcst as cst

from autofix.analysis.diagnosis import Diagnosis
from autofix.rewrite.places import is_docstring, with_function


def cast_targets(module: cst.Module, diagnosis: Diagnosis, tensorflow: str) -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, y_pred.dtype)` heading the loss, None without targets."""
    target = diagnosis.target
    if target is None:
        return None
    prediction = next(
        (each.name for each in target.parameters if each.role == "prediction" and not each.sequence), None
    )
    targets = [each.name for each in target.parameters if each.role == "target" and not each.sequence]
    if prediction is None or not targets:
        return None
    lines = [f"{name} = {tensorflow}.cast({name}, {prediction}.dtype)" for name in targets]

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        body = list(function.body.body)
        place = 1 if body and isinstance(body[0], cst.SimpleStatementLine) and is_docstring(body[0]) else 0
        body[place:place] = [cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine) for line in lines]
        return function.with_changes(body=function.body.with_changes(body=body))

    return with_function(module, target.qualname, change)
