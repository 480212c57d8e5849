"""What may be kept from an optimizer is run, to see; programs in which nothing is kept apart are not run for that."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autofix.analysis.apart import keeps_apart
from autofix.analysis.groups import collects_in_vain, left_out

CLASS = "class Net(Module):\n    def __init__(self, given, n):\n"


@pytest.mark.parametrize(
    "made",
    [
        "self.layers = [Linear(n, n)]",
        "self.layers = []\nfor _ in range(n):\n    self.layers.append(Linear(n, n))",
        "self.heads = {name: Linear(n, n) for name in given}",
        "self.heads[n] = Linear(n, n)",
        "self.scale = torch.ones(n, requires_grad=True)",
        "self.scale = tf.Variable(tf.ones(n))",
    ],
)
def test_parts_that_are_made_in_containers_are_looked_at(made: str) -> None:
    assert keeps_apart(ast.parse(CLASS + textwrap.indent(made, " " * 8)))


@pytest.mark.parametrize(
    "made",
    [
        "self.layer = Linear(n, n)",
        "self.sizes = [n, 2 * n]",
        "self.given = list(given)",
        "self.names = {name: len(name) for name in given}",
        "self.losses = []\nself.losses.append(n)",
        "self.scale = torch.ones(n)",
    ],
)
def test_what_holds_no_parts_is_not(made: str) -> None:
    assert not keeps_apart(ast.parse(CLASS + textwrap.indent(made, " " * 8)))


GROUPS = """
def optimizer(net):
    groups = []
    group = {"lr": 0.1, "params": net.body.parameters()}
    groups.append(group)
    group = {"lr": 0.2, "params": net.head.parameters()}
    return SGD(groups)
"""


def test_a_group_that_nothing_reads_is_found_where_it_is_made() -> None:
    (found,) = left_out(ast.parse(GROUPS), GROUPS, 7)

    assert (found.name, found.kind, found.first.lineno) == ("group", "again", 6)
    assert collects_in_vain(ast.parse(GROUPS), GROUPS)


@pytest.mark.parametrize(
    "more",
    [
        "    groups.append(group)\n",
        "    if net.tuned:\n        groups.append(group)\n",
        "    groups = [*groups, group]\n",
        "    # groups.append(group)\n",
        "    print(group)\n",
    ],
)
def test_a_group_that_is_read_or_taken_out_is_not(more: str) -> None:
    text = GROUPS.replace("    return", f"{more}    return")

    assert not collects_in_vain(ast.parse(text), text)
    assert not left_out(ast.parse(text), text, text.count("\n"))
