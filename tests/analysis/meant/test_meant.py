"""What is held constant on purpose is never reported; what never trains beside it is, and is said to."""

from __future__ import annotations

import ast
import re

import pytest

from autofix.analysis.explanations import Explainer
from tests.analysis.meant import tensorflow_programs, torch_programs
from tests.analysis.programs import diagnosed

_MARK = re.compile(r"  # (AF\d{3}(?: AF\d{3})*)$")
_REST = "the rest of the loss still trains"


def _found(text: str) -> list[tuple[int, str]]:
    return sorted({(cut.span.line, cut.code) for each in diagnosed(text) for cut in each.cuts})


def _marked(text: str) -> list[tuple[int, str]]:
    """Return the lines with a mark, and its codes."""
    marks = ((line, _MARK.search(each)) for line, each in enumerate(text.splitlines(), 1))
    return [(line, code) for line, mark in marks if mark for code in mark[1].split()]


def _said(text: str) -> list[str]:
    explainer = Explainer(ast.parse(text), text)
    return [explainer.explain(cut, each).what for each in diagnosed(text) for cut in each.cuts]


@pytest.mark.parametrize("name", torch_programs.RIGHT)
def test_nothing_is_said_of_a_right_torch_step(name: str) -> None:
    assert _found(torch_programs.HEAD + torch_programs.RIGHT[name]) == []


@pytest.mark.parametrize("name", torch_programs.BROKEN)
def test_what_never_trains_is_found_in_torch(name: str) -> None:
    text = torch_programs.HEAD + torch_programs.BROKEN[name]

    assert _found(text) == _marked(text) != []


@pytest.mark.parametrize("name", tensorflow_programs.RIGHT)
def test_nothing_is_said_of_a_right_tensorflow_step(name: str) -> None:
    assert _found(tensorflow_programs.HEAD + tensorflow_programs.RIGHT[name]) == []


@pytest.mark.parametrize("name", tensorflow_programs.BROKEN)
def test_what_never_trains_is_found_in_tensorflow(name: str) -> None:
    text = tensorflow_programs.HEAD + tensorflow_programs.BROKEN[name]

    assert _found(text) == _marked(text) != []


@pytest.mark.parametrize("name", ["kl_item", "np_reg", "learned_temp", "loop_sum"])
def test_the_rest_is_said_to_train_where_it_does(name: str) -> None:
    assert all(_REST in each for each in _said(torch_programs.HEAD + torch_programs.BROKEN[name]))


@pytest.mark.parametrize("name", ["gan_numpy", "gan_detach", "loss_leaf"])
def test_another_network_is_no_rest_that_trains(name: str) -> None:
    assert not any(_REST in each for each in _said(torch_programs.HEAD + torch_programs.BROKEN[name]))


def test_a_label_is_no_rest_that_trains() -> None:
    text = (
        torch_programs.HEAD + "def pair_loss(a, b):\n    a = torch.tensor(a.detach().numpy().mean())\n"
        "    return a + (b ** 2).mean()\n"
    )

    assert [_REST in each for each in _said(text)] == [False]
