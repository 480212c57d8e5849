"""What a program prints of its parameters may change with their number, and nothing else."""

from __future__ import annotations

import pytest

from autofix.observe.printed import Added, otherwise

ADDED = Added(12_345, 4, ("layers.0.weight",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["1000 parameters"], ["13345 parameters"]),
        (["1,000 parameters, lr 0.1"], ["13,345 parameters, lr 0.1"]),
        (["0.10M"], ["0.11M"]),
        (["2 tensors"], ["6 tensors"]),
        (["last.weight"], ["layers.0.weight", "last.weight"]),
        (["Net(", "  (last): Linear()", ")"],
         ["Net(", "  (a): ModuleList(", "    (0): Linear()", "  )", "  (last): Linear()", ")"]),
    ],
)  # fmt: skip
def test_counts_of_parameters_grow(before: list[str], after: list[str]) -> None:
    assert not otherwise(before, after, "print", "prints", ADDED)
    assert otherwise(before, after, "print", "prints")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["1000 parameters"], ["13346 parameters"]),
        (["loss 0.5"], ["loss 0.7"]),
        (["loss 0.5"], ["loss 0.5", "done"]),
        (["loss 0.5", "done"], ["loss 0.5"]),
        (["epoch 1"], ["epoch 4"]),
    ],
)
def test_other_numbers_and_lines_stay(before: list[str], after: list[str]) -> None:
    assert otherwise(before, after, "print", "prints", ADDED)
