"""Which inputs come first."""

from __future__ import annotations

import textwrap
from typing import Any

from autofix.verify.inputs import scenarios
from autofix.verify.names import parameters as arguments_in
from autofix.verify.slice import Slice, slice_module
from autofix.verify.told import told_inputs
from tests.verify.asking import parameters


def ranked(text: str, marked: str, qualname: str = "loss") -> list[dict[str, Any]]:
    found = slice_module(textwrap.dedent(text), qualname, None)
    assert isinstance(found, Slice)
    names = [one.arg for one in arguments_in(found.function)]
    told = told_inputs(textwrap.dedent(text), found.function, names)
    return [one["arguments"] for one in scenarios(parameters(marked), found, told)]


def shapes(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(one["shape"]) if "shape" in one else one.get("value") for name, one in arguments.items()}


def test_the_same_unequal_sizes_come_first() -> None:
    first = ranked("def loss(y_pred, y_true):\n    return y_pred - y_true", "y_pred:p y_true:t")[0]
    assert shapes(first) == {"y_pred": (8, 10), "y_true": (8, 10)}
    assert first["y_pred"]["kind"] == "normal"


def test_labels_where_classes_are_picked() -> None:
    text = "def loss(y_pred, y_true):\n    return F.cross_entropy(y_pred, y_true)"
    first = ranked(text, "y_pred:p y_true:t")[0]
    assert shapes(first) == {"y_pred": (8, 10), "y_true": (8,)}
    assert (first["y_true"]["kind"], first["y_true"]["classes"]) == ("labels", 10)


def test_images_where_four_dimensions_are_unpacked() -> None:
    text = "def loss(y_pred, y_true):\n    n, c, h, w = y_pred.shape\n    return y_pred - y_true"
    assert len(shapes(ranked(text, "y_pred:p y_true:t")[0])["y_pred"]) == 4


def test_the_length_of_a_constant_is_the_last_dimension() -> None:
    text = "W = np.array([[0.1, 0.2, 0.3], [1, 2, 3]])\ndef loss(y_pred, y_true):\n    return W * (y_pred - y_true)"
    assert shapes(ranked("import numpy as np\n" + text, "y_pred:p y_true:t")[0])["y_pred"] == (8, 3)


def test_hyper_parameters_take_their_default_or_a_number_by_name() -> None:
    text = "def loss(y_pred, y_true, margin, alpha=0.5, weight=None):\n    return margin"
    first = ranked(text, "y_pred:p y_true:t margin:n alpha:n weight:t")[0]
    assert list(first) == ["y_pred", "y_true", "margin"]
    assert first["margin"] == {"kind": "value", "value": 0.5}


def test_python_numbers_ask_for_scalars_and_reduced_ones_do_not() -> None:
    scalar = ranked("import math\ndef loss(a, b):\n    return math.exp(-a) * b", "a:p b:p")[0]
    assert shapes(scalar) == {"a": (), "b": ()}
    reduced = ranked("import math\ndef loss(a, b):\n    return math.sqrt(F.mse_loss(a, b))", "a:p b:t")[0]
    assert shapes(reduced) == {"a": (8, 10), "b": (8, 10)}


def test_lists_of_tensors_are_lists_of_scalars_first() -> None:
    first = ranked("def loss(losses):\n    return sum(losses)", "losses:p*")[0]
    assert (first["losses"]["shape"], first["losses"]["length"]) == ([], 5)


def test_self_is_nobodys_argument() -> None:
    text = """
        class L:
            def forward(self, p, t):
                return p - t
            @staticmethod
            def call(p, t):
                return p
    """
    assert list(ranked(text, "p:p t:t", "L.forward")[0]) == ["p", "t"]
    assert list(ranked(text, "p:p t:t", "L.call")[0]) == ["p", "t"]
