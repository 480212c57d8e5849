"""Each file of checks holds one that is asked, under a name of its own; and what is read of a record is in it."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from autofix.worker import as_called, checks, draw
from autofix.worker.checks import CHECKS
from autofix.worker.checks.base import Check, Failure
from autofix.worker.records import Specification

FILES = [each for each in sorted(Path(checks.__path__[0]).glob("*.py")) if each.stem not in ("__init__", "base")]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_holds_one_check_that_is_asked(file: Path) -> None:
    module = importlib.import_module(f"autofix.worker.checks.{file.stem}")
    found = [each for each in vars(module).values() if isinstance(each, Check) and each.name == file.stem]

    assert len(found) == 1
    assert found[0] in CHECKS


def test_each_has_a_name_of_its_own_and_says_what_a_candidate_must_do() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS) == len(FILES)
    assert all(ast.get_docstring(ast.parse(file.read_text("utf-8"))) for file in FILES)


def test_a_failure_under_a_condition_rejects_where_the_program_meets_it() -> None:
    limit = Failure("fails in float16", "float16", "fails in float16")

    assert limit.rejects(["float16"]) and not limit.rejects([])
    assert Failure("the value differs").rejects([])


@pytest.mark.parametrize("module", [draw, as_called], ids=lambda module: module.__name__.rpartition(".")[2])
def test_what_is_asked_of_a_specification_is_one_of_its_keys(module: object) -> None:
    """A key that is none is no error to the type checker, where it is asked for with `get`."""
    tree = ast.parse(Path(str(getattr(module, "__file__", ""))).read_text("utf-8"))
    asked = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get"
        and isinstance(node.args[0], ast.Constant)
    }  # fmt: skip

    assert asked and asked <= set(Specification.__annotations__)
