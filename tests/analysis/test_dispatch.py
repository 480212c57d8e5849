"""How the abstract interpreter finds what evaluates a node: by one look into a table that has everything once."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.interpreter import new_run, run_module
from autofix.analysis.run import EXPRESSIONS, STATEMENTS, Run, registering

BY_THEIR_PARTS = {"FormattedValue", "Interpolation", "JoinedStr", "Slice", "TemplateStr", "Yield", "YieldFrom"}
WITHOUT_EFFECT = {"Break", "Continue", "Delete", "Global", "Nonlocal", "Pass", "TryStar", "TypeAlias"}


def run_of(text: str) -> Run:
    run = new_run(ast.parse(text), text, "torch")
    run_module(run)
    return run


def names_of(table: dict[type[ast.AST], object], kind: type[ast.AST]) -> set[str]:
    """Return the kinds of Python's nodes below `kind` that a table does not know; TensorFlow's `gast` has others."""
    own = [each for each in kind.__subclasses__() if each.__module__ in ("ast", "_ast")]
    assert own
    return {each.__name__ for each in own if each not in table}


def test_every_other_expression_is_evaluated_by_a_function_of_its_own() -> None:
    assert names_of(EXPRESSIONS, ast.expr) <= BY_THEIR_PARTS


def test_every_other_statement_is_executed_by_a_function_of_its_own() -> None:
    assert names_of(STATEMENTS, ast.stmt) <= WITHOUT_EFFECT


def test_nothing_is_registered_twice() -> None:
    table: dict[object, object] = {}
    registering(table, ("numpy.mean",))(len)

    with pytest.raises(AssertionError):
        registering(table, ("numpy.mean", "numpy.sum"))(len)


def test_an_expression_without_a_function_has_its_parts_evaluated() -> None:
    run = run_of("import torch\nw = torch.nn.Parameter(torch.ones(3))\nprint(f'{(s := w.sum())}')\n")

    assert run.module.names["s"].live


def test_a_block_that_is_too_deep_to_be_entered_is_left_again() -> None:
    manager = " + ".join(["w"] * 2_000)
    head = "import torch\nw = torch.nn.Parameter(torch.ones(3))\n"
    run = run_of(f"{head}with torch.no_grad(), {manager}:\n    pass\nloss = w.sum()\n")

    assert run.context.no_grad is None
    assert run.module.names["loss"].live


@pytest.mark.parametrize(
    "text",
    [
        "import torch\nx.of_unknown(y)\n",
        "import torch\nimport instance\ninstance(x)\n",
        "import tensorflow as tf\npredict = model.predict\npredict(x)\n",  # the receiver is not written at the call
    ],
)
def test_a_name_of_the_user_is_no_name_of_a_handler(text: str) -> None:
    assert diagnose(ast.parse(text), text) == ()
