"""Which inputs come first."""

from __future__ import annotations

import ast
import textwrap
from typing import Any

import pytest

from autofix.syntax.bindings import parameters as arguments_in
from autofix.trial.inputs import scenarios
from autofix.trial.slices import Slice, slice_module
from autofix.trial.stated import stated_inputs
from tests.verify.asking import parameters


def ranked(text: str, marked: str, qualname: str = "loss") -> list[dict[str, Any]]:
    found = slice_module(textwrap.dedent(text), qualname, None)
    assert isinstance(found, Slice)
    names = [one.arg for one in arguments_in(found.function)]
    told = stated_inputs(textwrap.dedent(text), found.function, names)
    return [one["arguments"] for one in scenarios(parameters(marked), found, told, ast.parse(textwrap.dedent(text)))]


def shapes(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(one["shape"]) if "shape" in one else one.get("value") for name, one in arguments.items()}


def test_the_same_unequal_sizes_come_first() -> None:
    first = ranked("def loss(y_pred, y_true):\n    return y_pred - y_true", "y_pred:p y_true:t")[0]
    assert shapes(first) == {"y_pred": (8, 10), "y_true": (8, 10)}
    assert first["y_pred"]["kind"] == "normal"


@pytest.mark.parametrize(
    ("turn", "later"),
    [("total += rough(row)", True), ("total += rough(row.abs(), row)", True), ("total += row ** 2", False),
     ("total += float(row)", False)],
)  # fmt: skip
def test_what_a_helper_is_given_in_turn_has_an_axis_left(turn: str, later: bool) -> None:
    text = "def loss(y_pred, y_true):\n    total = y_true.sum()\n    for row in {}:\n        {}\n    return total"
    orders = [ranked(text.format(walked, turn), "y_pred:p y_true:t") for walked in ("y_pred", "y_pred * 1")]
    places = [[len(one["y_pred"]["shape"]) for one in order].index(1) for order in orders]
    assert (places[0] > places[1]) == later


def test_a_list_of_losses_is_still_one_of_scalars() -> None:
    text = "def loss(losses):\n    total = 0\n    for one in losses:\n        total += weighed(one)\n    return total"
    assert ranked(text, "losses:p*")[0]["losses"]["shape"] == []


@pytest.mark.parametrize(("use", "kind"), [("np.eye(10)[y_true]", "labels"), ("y_true @ np.eye(10)", "normal")])
def test_rows_of_an_identity_are_labels_and_the_identity_alone_is_not(use: str, kind: str) -> None:
    text = f"def loss(y_pred, y_true):\n    return y_pred - {use}"

    assert ranked(text, "y_pred:p y_true:t")[0]["y_true"]["kind"] == kind


@pytest.mark.parametrize(
    ("use", "equal"), [("np.argsort(-y_true)", False), ("y_true.argsort()", False), ("np.sort(-y_true)", True)]
)
def test_what_an_order_is_taken_of_has_no_equal_numbers(use: str, equal: bool) -> None:
    text = f"def loss(y_pred, y_true):\n    return y_pred[{use}] - y_true"
    kinds = {each["y_true"]["kind"] for each in ranked(text, "y_pred:p y_true:t") if "shape" in each["y_true"]}
    assert bool(kinds & {"binary", "sign", "labels"}) is equal


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
            @classmethod
            def of(cls, p, t):
                return t
    """
    assert list(ranked(text, "p:p t:t", "L.forward")[0]) == ["p", "t"]
    assert list(ranked(text, "p:p t:t", "L.call")[0]) == ["p", "t"]
    assert list(ranked(text, "p:p t:t", "L.of")[0]) == ["p", "t"]


def test_annotations_say_ranks_kinds_and_equal_lengths() -> None:
    text = """
        def loss(logits: Float[Tensor, "batch classes"], labels: Int[Tensor, "batch"], keep: Bool[Tensor, "batch"]):
            return logits
    """
    first = ranked(text, "logits:p labels:t keep:t")[0]
    assert shapes(first) == {"logits": (8, 10), "labels": (8,), "keep": (8,)}
    assert [first[name]["kind"] for name in ("labels", "keep")] == ["labels", "bool"]
    assert first["labels"]["classes"] == 10


def test_annotations_with_numbers_and_more_dimensions() -> None:
    text = """
        def loss(image: jaxtyping.Float[torch.Tensor, "b c=3 h w"], other: Float[Tensor, "b 1 h w"], x: Tensor):
            return image - other
    """
    first = ranked(text, "image:p other:t x:t")[0]
    assert (shapes(first)["image"], shapes(first)["other"]) == ((2, 3, 3, 6), (2, 1, 3, 6))


def test_other_annotations_say_nothing() -> None:
    text = "def loss(a: Dict[str, Tensor], b: 'Tensor', c: Annotated[Tensor, 'b c h w q']):\n    return a"
    assert shapes(ranked(text, "a:p b:t c:t")[0]) == {"a": (8, 10), "b": (8, 10), "c": (8, 10)}


CALLS = {
    "loss(torch.randn(4, 1, 7, 9), torch.rand(4, 1, 7, 9))": {"p": (4, 1, 7, 9), "t": (4, 1, 7, 9)},
    "loss(torch.randn((4, 7)), t=torch.randint(0, 7, (4,)))": {"p": (4, 7), "t": (4,)},
    "x = torch.randn(64, 7, requires_grad=True)\nloss(x, torch.zeros(64, 7))": {"p": (8, 7), "t": (8, 7)},
    "loss(torch.randn(3, 7).abs(), tf.zeros((3, 7)))": {"p": (3, 7), "t": (3, 7)},
}


@pytest.mark.parametrize("call", CALLS)
def test_calls_in_the_file_say_shapes(call: str) -> None:
    assert shapes(ranked(f"def loss(p, t):\n    return p - t\n{call}\n", "p:p t:t")[0]) == CALLS[call]


def test_large_inputs_become_smaller() -> None:
    text = "def loss(p, t):\n    return p - t\nloss(torch.randn(2, 3, 224, 224), torch.randn(2, 224, 224))\n"

    assert shapes(ranked(text, "p:p t:t")[0]) == {"p": (2, 3, 28, 28), "t": (2, 28, 28)}


@pytest.mark.parametrize(
    "call",
    [
        "other(torch.randn(4, 7), torch.randn(4, 7))",
        "loss(torch.randn(n, 7), batch)",
        "for x in loader:\n    loss(x, x)",
    ],
)
def test_calls_that_say_nothing_change_nothing(call: str) -> None:
    assert shapes(ranked(f"def loss(p, t):\n    return p - t\n{call}\n", "p:p t:t")[0]) == {"p": (8, 10), "t": (8, 10)}


def test_an_instance_is_called_for_its_class() -> None:
    text = """
        class L:
            def forward(self, p, t):
                return p - t
        criterion = L()
        criterion(torch.randn(4, 7), torch.randn(4, 7))
    """
    assert shapes(ranked(text, "p:p t:t", "L.forward")[0]) == {"p": (4, 7), "t": (4, 7)}


def test_the_last_layer_says_the_number_of_classes() -> None:
    text = "model = nn.Sequential(nn.Linear(4, 32), nn.Linear(32, 3))\ndef loss(p, t):\n    return p - t"
    assert shapes(ranked(text, "p:p t:t")[0])["p"] == (8, 3)


@pytest.mark.parametrize("layer", ["nn.LazyLinear(3)", "nn.Linear(32, 3)", "Dense(3)", "keras.layers.Dense(3, 'relu')"])
def test_a_layer_says_its_width_where_its_library_takes_it(layer: str) -> None:
    text = f"model = Sequential({layer})\ndef loss(p, t):\n    return p - t"
    assert shapes(ranked(text, "p:p t:t")[0])["p"] == (8, 3)


@pytest.mark.parametrize("layer", ["nn.Conv2d(4, 3, 5)", "nn.Linear(3)", "Linear"])
def test_what_says_no_width_is_none(layer: str) -> None:
    text = f"model = Sequential({layer})\ndef loss(p, t):\n    return p - t"
    assert ranked(text, "p:p t:t")[0] == ranked("def loss(p, t):\n    return p - t", "p:p t:t")[0]


def test_masks_that_pick_or_are_negated_are_tried_as_booleans() -> None:
    for use in ("p[mask]", "(p * ~mask)"):
        found = ranked(f"def loss(p, mask):\n    return {use}.sum()", "p:p mask:t")
        assert "bool" in [one["mask"]["kind"] for one in found[:2]]
    assert all(one["mask"]["kind"] != "bool" for one in ranked("def loss(p, mask):\n    return p * mask", "p:p mask:t"))


def test_several_tensors_in_one_argument() -> None:
    unpacked = ranked("def loss(outputs, t):\n    mu, logvar = outputs\n    return mu", "outputs:p t:t")[0]["outputs"]
    assert (unpacked["kind"], len(unpacked["items"])) == ("list", 2)
    keyed = ranked("def loss(batch):\n    return batch['pred'] - batch['target']", "batch:u")[0]["batch"]
    assert (keyed["kind"], keyed["keys"]) == ("dict", ["pred", "target"])
    shape = ranked("def loss(p):\n    n, c = p.shape\n    return p", "p:p")[0]["p"]
    assert shape["kind"] == "normal"
