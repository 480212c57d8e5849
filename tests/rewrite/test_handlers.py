"""The table of the functions that rewrite nodes."""

from __future__ import annotations

import libcst as cst
import pytest

from autofix.rewrite.rewriter import HANDLER_MODULES
from autofix.rewrite.state import HANDLERS, rewrites


def test_each_function_is_found_by_the_type_of_its_node() -> None:
    modules = {each.__name__ for each in HANDLER_MODULES}

    assert {each.__module__ for each in HANDLERS.values()} == modules
    assert HANDLERS.keys() >= {cst.Call, cst.Attribute, cst.BinaryOperation, cst.Subscript, cst.Assign, cst.With}


def test_a_second_function_for_a_type_is_an_error() -> None:
    with pytest.raises(AssertionError, match="two functions rewrite Call"):
        rewrites(cst.Call)(lambda state, original, updated: updated)
