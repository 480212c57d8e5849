"""What is held constant on purpose is never reported; what never trains beside it is."""

from __future__ import annotations

import re

import pytest

from tests.analysis.meant import torch_programs
from tests.analysis.programs import diagnosed

_MARK = re.compile(r"  # (AF\d{3}(?: AF\d{3})*)$")


def _found(text: str) -> list[tuple[int, str]]:
    return sorted({(cut.span.line, cut.code) for each in diagnosed(text) for cut in each.cuts})


def _marked(text: str) -> list[tuple[int, str]]:
    """Return the lines with a mark, and its codes."""
    marks = ((line, _MARK.search(each)) for line, each in enumerate(text.splitlines(), 1))
    return [(line, code) for line, mark in marks if mark for code in mark[1].split()]


@pytest.mark.parametrize("name", torch_programs.RIGHT)
def test_nothing_is_said_of_a_right_torch_step(name: str) -> None:
    assert _found(torch_programs.HEAD + torch_programs.RIGHT[name]) == []


@pytest.mark.parametrize("name", torch_programs.BROKEN)
def test_what_never_trains_is_found_in_torch(name: str) -> None:
    text = torch_programs.HEAD + torch_programs.BROKEN[name]

    assert _found(text) == _marked(text) != []
