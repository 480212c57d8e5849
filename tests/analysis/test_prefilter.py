"""The prefilter lets through whatever the analysis finds something in: it is generated from the same tables."""

from __future__ import annotations

import ast
import inspect
from itertools import product

import pytest

from autofix.analysis import calls, method_calls
from autofix.analysis.finding.search import diagnose
from autofix.analysis.prefilter import may_cut, may_have_losses
from autofix.knowledge import effects, naming
from autofix.knowledge.operations import having

TORCH = "import torch\n\n\ndef part(a, b):\n    return (({made}) * b).mean()\n"
TENSORFLOW = """import tensorflow as tf
from keras import ops


def part(a, b):
    return tf.reduce_mean(({made}) * b)
"""
TRAINED = {
    TORCH: "\n\nmodel = torch.nn.Linear(2, 2)\npart(model(x), x).backward()\n",
    TENSORFLOW: "\n\nwith tf.GradientTape() as g:\n    value = part(model(x), x)\ng.gradient(value, model.variables)\n",
}
STEPS = sorted(effects.INDICES | having("AF202") | effects.COMPARING | effects.INTEGER_CASTS)
CUTS = sorted({*effects.BREAKING_METHODS, *effects.BREAKERS})
SPELLINGS = {
    TORCH: ("torch.{0}(a)", "torch.{0}(a, b)", "a.{0}()", "a.{0}(b)"),
    TENSORFLOW: ("tf.{0}(a)", "tf.math.{0}(a, b)", "tf.{0}(a, b)", "ops.{0}(a)", "ops.{0}(a, b)"),
}
OPERATORS = ("a > b", "a < b", "a >= b", "a <= b", "a == b", "a != b", "a // 2", "(a>0)", "(a<0)", "0<a", "0>a")


def of_operations() -> list[tuple[str, str]]:
    """Return a file for each spelling of each operation, without a word that says what it is for."""
    steps = [(head, form.format(name)) for head in SPELLINGS for form, name in product(SPELLINGS[head], STEPS)]
    cuts = [(head, f"{name.replace('tensorflow', 'tf')}(a)") for head, name in product(SPELLINGS, CUTS)]
    methods = [(TORCH, f"a.{name}()") for name in effects.BREAKING_METHODS] + [(TORCH, "a.data")]
    operators = [(head, written) for head, written in product(SPELLINGS, OPERATORS)]
    return [*steps, *cuts, *methods, *operators]


def is_found(head: str, made: str) -> bool:
    """Does the analysis find anything where a training step in another place uses the file?"""
    program = head.format(made=made) + TRAINED[head]
    return bool(diagnose(ast.parse(program), program))


@pytest.mark.slow
def test_no_operation_in_which_something_is_found_is_filtered() -> None:
    found = [(head, made) for head, made in of_operations() if is_found(head, made)]

    assert len(found) > 300, "the spellings must be such that the analysis sees them"
    assert [made for head, made in found if not may_have_losses(head.format(made=made).encode())] == []
    assert [made for head, made in found if not may_cut(head.format(made=made))] == []


def test_whatever_differentiates_a_value_is_known_to_the_prefilter() -> None:
    handlers = {**calls.FUNCTIONS, **method_calls.METHODS}
    consuming = [name for name, handler in handlers.items() if "_consume(" in inspect.getsource(handler)]
    names = {name.rpartition(".")[2] for name in consuming}

    assert {"backward", "gradient", "minimize"} <= names
    assert names <= having("differentiates")


@pytest.mark.parametrize("name", sorted(having("differentiates") | effects.SWITCHES))
def test_a_file_that_differentiates_is_let_through(name: str) -> None:
    assert may_have_losses(f"import torch\nx.{name}(y)\n".encode())


@pytest.mark.parametrize("word", sorted(naming.NAMED_LOSS))
def test_a_loss_by_name_is_let_through(word: str) -> None:
    assert naming.is_named_loss(f"my_{word}")
    assert may_have_losses(f"import torch\ndef my_{word}(a): pass\n".encode())
    assert may_have_losses(f"import torch\ndef My{word.title()}(a): pass\n".encode())


@pytest.mark.parametrize("word", sorted(naming.LOSS))
def test_a_class_whose_name_says_loss_is_let_through(word: str) -> None:
    assert naming.is_loss(f"My{word.title()}")
    assert may_have_losses(f"import torch\nclass My{word.title()}(torch.nn.Module): pass\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "import os\n\n\ndef loss(a):\n    return a.detach().numpy()\n",  # no framework
        "import torch\n\n\ndef scale(a, b):\n    return torch.exp(a) * b\n",
        "import torch\n\n\ndef shift(a: str) -> str:\n    return a << 2 >> 1\n",
        "import tensorflow as tf\n\n\ndef norm(a):\n    return tf.sqrt(tf.reduce_sum(a**2))\n",
        "import torch\n\n\nclass Block(torch.nn.Module):\n    def forward(self, a):\n        return torch.relu(a)\n",
    ],
)
def test_a_file_in_which_nothing_can_be_lost_is_not_parsed(text: str) -> None:
    assert not may_have_losses(text.encode())


def test_a_comment_on_findings_is_looked_at_and_so_is_a_package_with_rules_of_its_own() -> None:
    assert may_have_losses(b"import torch\nx = 1  # autofix: ignore\n")
    assert may_have_losses(b"import torch\nimport ours\n", packages=["ours"])
    assert not may_have_losses(b"import torch\nimport ours\n")
