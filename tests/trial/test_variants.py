"""Other values of what a loss decides by, read off its text."""

from __future__ import annotations

import ast

from autofix.trial.requests import variants

TEXT = """
LIMIT = 3


def loss(pred, target, mode="mean", squared=False, mask=None, power=1, kind="a"):
    if squared and not cached:
        pass
    if mode == "sum" or mode in ("none", "mean"):
        pass
    if mask is not None:
        pass
    if power > 1:
        pass
    if LIMIT:
        pass
    if pred.dim() > 2:
        pass
    if self.log:
        pass
    match kind:
        case "b":
            pass
"""


def test_values_of_arguments_attributes_and_names_of_the_module() -> None:
    constant, function = ast.parse(TEXT).body
    assert isinstance(function, ast.FunctionDef)

    tried = variants(function, [constant])
    found = [(each["where"], each["name"], each.get("value", each.get("kind"))) for each in tried]

    wanted = {
        *(("argument", "squared", value) for value in (True, False)),
        *(("argument", "mode", value) for value in ("sum", "", "none", "mean")),
        *(("argument", "mask", value) for value in (None, "bool", "positive")),
        *(("argument", "power", value) for value in (2, 0)),
        ("argument", "kind", "b"),
        *(("global", "LIMIT", value) for value in (True, False)),
        *(("attribute", "log", value) for value in (True, False)),
    }
    assert set(found) == wanted


def test_what_decides_nothing_is_left_alone() -> None:
    [function] = ast.parse("def loss(pred, target, mode='mean'):\n    return pred - target\n").body
    assert isinstance(function, ast.FunctionDef)

    assert variants(function, []) == []
