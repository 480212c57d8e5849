"""Losses on whose arguments no likely shape fits are run on shapes that are solved for; wrong patches stay refused."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest

from autofix.verify.verifier import Verifier
from autofix.worker.records import Scenario
from autofix.worker.shrink import numbers_of, shrunk
from autofix.worker.solve import LEAST_TRIED, shapes_in, solved
from tests.verify.asking import request

HEAD = "import numpy as np\nimport torch\n"
# Marked signature, the loss around `LOSS`, the original, the right patch, a wrong one, and the inputs that are found.
LOSSES = {
    "an axis to exchange, and a constant": (
        "pred:p target:t",
        """
        ANCHORS = torch.linspace(0, 1, 5, dtype=torch.float64)
        def loss(pred, target):
            return LOSS
        """,
        "torch.tensor(np.mean((pred.detach().numpy().transpose(0, 2, 1) @ ANCHORS.numpy() - target.numpy()) ** 2))",
        "((pred.permute(0, 2, 1) @ ANCHORS.to(pred) - target) ** 2).mean()",
        "((pred.permute(0, 2, 1) @ ANCHORS.to(pred) - target) ** 2).sum()",
    ),
    "a shape that the error names": (
        "pred:p boxes:t",
        """
        def loss(pred, boxes):
            n, c, h, w = pred.shape
            if boxes.shape != (n, 4):
                raise ValueError(f"boxes must be ({n}, 4)")
            return LOSS
        """,
        "torch.tensor(np.abs(pred.detach().numpy().mean((2, 3)) - boxes.numpy()[:, :c]).mean())",
        "(pred.mean((2, 3)) - boxes[:, :c]).abs().mean()",
        "(pred.mean((1, 2)) - boxes[:, :c]).abs().mean()",
    ),
    "a product of lengths": (
        "pred:p target:t",
        """
        def loss(pred, target):
            p = pred.reshape(pred.shape[0], 17, 3)
            return LOSS
        """,
        "torch.tensor(np.sum(((p - target)[..., :2] ** 2).detach().numpy().sum(-1) * target.numpy()[..., 2]))",
        "(((p - target)[..., :2] ** 2).sum(-1) * target[..., 2]).sum()",
        "(((p - target)[..., :2] ** 2).sum(-1) * target[..., 1]).sum()",
    ),
    "a number for each element": (
        "pred:p target:t",
        """
        def loss(pred, target):
            rows = torch.tensor([[float(pred), -1.0], [1.0, 2.0]])
            return LOSS
        """,
        "torch.tensor(np.abs(rows.numpy() @ np.array([1.0, 2.0]) * float(pred)).sum() * target.numpy().mean())",
        "((pred - 2).abs() + 5) * pred.abs() * target.mean()",
        "((pred - 2).abs() + 4) * pred.abs() * target.mean()",
    ),
    "a batch that is an object": (
        "pred:p batch:u cfg:u",
        """
        class Config:
            def __init__(self, beta=0.3, power=2):
                self.beta, self.power = beta, power
        class Other:
            scale = 3.0
        def loss(pred, batch, cfg: Other):
            return LOSS
        """,
        "torch.tensor(np.mean(np.abs(pred.detach().numpy() - batch.y.numpy()) * batch.weight.numpy()) * cfg.scale)",
        "((pred - batch.y).abs() * batch.weight).mean() * cfg.scale",
        "((pred - batch.y).abs() * batch.weight).mean() * 2",
    ),
    "a constant of the environment": (
        "pred:p target:t",
        """
        import os
        def wanted():
            return os.getenv("CHECKS", "1") != "0"
        CHECKS = wanted()
        def loss(pred, target):
            if CHECKS and pred.shape != target.shape:
                raise ValueError("shapes")
            return LOSS
        """,
        "torch.tensor(np.mean((pred.detach().numpy() - target.numpy()) ** 2))",
        "((pred - target) ** 2).mean()",
        "((pred - target) ** 4).mean()",
    ),
    "more numbers than are drawn": (
        "pred:p target:t",
        """
        def loss(pred, target):
            return LOSS
        def check():
            pred, target = torch.randn(2, 3, 128, 128), torch.randn(2, 3, 128, 128)
            return loss(pred, target)
        """,
        "torch.tensor(np.mean((pred.detach().numpy() - target.numpy()) ** 2))",
        "((pred - target) ** 2).mean()",
        "((pred - target) ** 4).mean()",
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def texts_of(name: str) -> list[str]:
    _, around, *losses = LOSSES[name]
    return [HEAD + textwrap.dedent(around).replace("LOSS", each) for each in losses]


@pytest.mark.torch
@pytest.mark.parametrize("name", LOSSES)
def test_a_right_patch_is_proven(verifier: Verifier, name: str) -> None:
    original, right, _ = texts_of(name)

    verdict = verifier.verify(request("torch", "loss", LOSSES[name][0], original, right))

    assert verdict.status == "verified", verdict


@pytest.mark.torch
@pytest.mark.parametrize("name", LOSSES)
def test_a_wrong_patch_is_refused(verifier: Verifier, name: str) -> None:
    original, _, wrong = texts_of(name)

    verdict = verifier.verify(request("torch", "loss", LOSSES[name][0], original, wrong))

    assert verdict.status == "rejected", verdict


@pytest.mark.torch
@pytest.mark.parametrize("raising", ["open('weights.bin')", "raise MemoryError", "undefined_name"])
def test_what_fails_whatever_it_is_given_is_not_tried_again(verifier: Verifier, raising: str) -> None:
    text = f"def loss(pred, target):\n    {raising}\n    return LOSS\n"
    texts = [HEAD + text.replace("LOSS", each) for each in ("torch.tensor(float(pred.mean()))", "pred.mean()")]

    verdict = verifier.verify(request("torch", "loss", "pred:p target:t", *texts))

    assert verdict.status == "unverifiable"
    assert "no test inputs worked" in verdict.reason and "did not finish" not in verdict.reason


def scenario(**shapes: list[int]) -> Scenario:
    arguments = {name: {"kind": "normal", "shape": shape} for name, shape in shapes.items()}
    return {"arguments": arguments, "score": 1.0}  # type: ignore[typeddict-item]


def test_what_comes_further_is_gone_on_with() -> None:
    def run(found: Scenario) -> tuple[int, str]:
        x, y = (found["arguments"][name]["shape"] for name in "xy")
        if len(x) != 3:
            return 1, f"got {len(x)} axes"
        if x[1] != 7:
            return 2, f"length {x[1]} is not 7"
        return (3, "" if list(y) == [x[0], 7] else f"expected ({x[0]}, 7)")

    found = solved([scenario(x=[8, 10], y=[8, 10])], run)

    assert found is not None
    assert found["arguments"]["x"]["shape"][1] == 7 and found["arguments"]["y"]["shape"] == [8, 7]


def test_what_can_never_run_is_given_up() -> None:
    tried = []

    def run(found: Scenario) -> tuple[int, str]:
        tried.append(found)
        return 1, "there is no file"

    assert solved([scenario(x=[8])], run) is None
    assert 10 < len(tried) <= LEAST_TRIED


def test_what_is_stated_is_not_changed() -> None:
    told = scenario(x=[8, 10])
    told["arguments"]["x"]["stated"] = True

    assert solved([told], lambda _: (1, "shape (4, 4) is wanted")) is None


def test_the_shapes_of_an_error_are_read_and_what_is_split_into_them() -> None:
    assert shapes_in("cannot reshape array of size 80 into shape (8,17,3)") == [[8, 17, 3], [136, 3], [8, 51], [408]]
    assert [each for each in shapes_in("shapes (8,10) (5,) and [2, 3]") if len(each) > 1] == [[8, 10], [2, 3]]
    assert shapes_in("expected 3 of (x, y)") == []


def test_the_parts_of_an_object_are_shaped_as_well() -> None:
    first = scenario(pred=[8, 10])
    first["arguments"]["batch"] = {"kind": "dict", "fields": True, "keys": ["y", "flag"], "value": {}, "items": [
        {"kind": "normal", "shape": [8, 10]}, {"kind": "normal", "shape": [8, 10]}]}  # fmt: skip

    def run(found: Scenario) -> tuple[int, str]:
        batch = found["arguments"]["batch"]
        if "flag" in batch["keys"]:
            return 1, "the truth value of an array is ambiguous"
        if not batch["items"]:
            return 0, "a number has no shape"
        shape = list(batch["items"][0]["shape"])
        return 2, "" if shape == [8] else "operands do not fit"

    found = solved([first], run)

    assert found is not None
    batch = found["arguments"]["batch"]
    assert (batch["keys"], list(batch["value"]), batch["items"][0]["shape"]) == (["y"], ["flag"], [8])


@pytest.mark.parametrize(("needed", "kind"), [(True, "labels"), (False, "normal")])
def test_what_need_not_be_an_index_is_a_float(needed: bool, kind: str) -> None:
    first = scenario(x=[8, 10])
    first["arguments"]["x"]["kind"] = "labels"

    def run(found: Scenario) -> tuple[int, str]:
        return 1, "indices are whole" if needed and found["arguments"]["x"]["kind"] != "labels" else ""

    found = solved([first], run)

    assert found is not None and found["arguments"]["x"]["kind"] == kind


def test_what_is_long_becomes_shorter_everywhere() -> None:
    found = shrunk(scenario(x=[4, 3, 64, 64], y=[4, 64, 64], z=[3])["arguments"], 5000)

    assert {name: one["shape"] for name, one in found.items()} == {"x": [4, 3, 16, 16], "y": [4, 16, 16], "z": [3]}
    assert numbers_of(found) == 4 * 3 * 256 + 4 * 256 + 3


def test_what_is_small_stays_as_it_is() -> None:
    arguments = scenario(x=[4, 3], y=[])["arguments"]

    assert shrunk(arguments) == arguments
