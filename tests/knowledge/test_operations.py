"""The catalogue of operations: each name stands once, and each trait is described and used."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from autofix.knowledge import graph_operations, tensor_operations, trainers
from autofix.knowledge.causes import codes
from autofix.knowledge.effects import plain_name
from autofix.knowledge.operations import SPELLINGS, TRAITS, causes, has, having, last_names, names, values

ROWS = [
    *(
        row
        for module in (tensor_operations, graph_operations)
        for name, table in vars(module).items()
        if name.isupper()
        for row in table.strip().splitlines()
    ),
    *trainers.operations(),
]
ROW = re.compile(r"[\w.]+(=[\w.]+)*(, [\w.]+(=[\w.]+)*)* \|( [\w-]+(=\S+)?)+")


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_names_and_traits(row: str) -> None:
    assert ROW.fullmatch(row)


def test_each_name_stands_in_one_row() -> None:
    counted = Counter(name for row in ROWS for name in re.findall(r"[\w.]+", row.partition(" | ")[0]))

    assert [name for name, count in counted.items() if count > 1] == []


def test_each_trait_is_described_and_used() -> None:
    used = {each.partition("=")[0] for row in ROWS for each in row.partition(" | ")[2].split()}

    assert {trait for trait in used if not trait.startswith("AF")} == TRAITS.keys()


def test_each_cause_of_an_operation_has_a_page() -> None:
    assert set(causes().values()) <= set(codes())


def test_an_operation_has_its_facts_under_each_spelling() -> None:
    assert "clip_by_value" in names() and SPELLINGS["clip_by_value"] == "clamp"
    assert "clamp" not in causes() and "clip_by_value" not in causes()
    assert has("clamp", "same-shape") and has("clip", "same-shape")
    assert plain_name("tensorflow.clip_by_value") == "clamp"


def test_a_dotted_name_is_that_function_alone() -> None:
    assert "torch.tensor" in having("rewraps") and "tensor" not in having("rewraps")
    assert "tensor" in last_names("rewraps")


def test_a_trait_may_have_a_value() -> None:
    assert values("function")["MSELoss"] == "mse_loss"


def test_what_nobody_knows_is_nothing() -> None:
    assert "nonsense" not in names()
    with pytest.raises(KeyError):
        having("nonsense")
