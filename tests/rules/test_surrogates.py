"""The surrogates of the rules: their limits as the temperature falls, their gradients, dtypes and ranks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autofix.rewrite.catalogue import bundled
from autofix.rewrite.rules import read_rules

CHECKS = """
import numpy as np

COLD = 1e-3
rng = np.random.default_rng(0)
scores, other = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
labels = rng.integers(0, 4, 6)
a, b = rng.uniform(size=5), rng.uniform(size=5)
truth = rng.uniform(size=5) > 0.5
order = np.argsort(np.argsort(scores, -1), -1)
whole = np.array([1.0, 2.0, 3.0, 4.0])
LIMITS = [
    ("soft_argmax", (scores, 1), scores.argmax(1)),
    ("soft_argmax", (scores, 0), scores.argmax(0)),
    ("soft_argmax", (scores, None), scores.argmax()),
    ("label_probability", (scores, labels, 1), scores.argmax(1) == labels),
    ("label_probability", (scores, 2, -1), scores.argmax(1) == 2),
    ("label_probability", (scores, np.full(6, 9), -1), np.zeros(6)),
    ("soft_choice", (whole, scores, 1), whole[scores.argmax(1)]),
    ("soft_choice", (np.stack([whole, whole**2], 1), scores, -1), np.stack([whole, whole**2], 1)[scores.argmax(1)]),
    ("soft_step", (scores,), scores > 0),
    ("soft_sign", (scores,), np.sign(scores)),
    ("soft_equal", (whole, np.array([1.0, 3.0, 3.0, 0.0])), [1, 0, 1, 0]),
    ("soft_rank", (scores,), order),
    ("soft_rank", (scores, True), 3 - order),
]
VALUES = [
    ("both", (a, b), a * b), ("both", (a, truth), a * truth),
    ("either", (a, b), a + b - a * b), ("either", (a, truth), np.where(truth, 1, a)),
    ("agreement", (a, b), a * b + (1 - a) * (1 - b)), ("agreement", (truth, a), np.where(truth, a, 1 - a)),
    ("blend", (a, b, 3 * b), a * b + 3 * (1 - a) * b),
    ("straight_through_round", (3 * scores,), np.round(3 * scores)),
    ("straight_through_floor", (3 * scores,), np.floor(3 * scores)),
    ("straight_through_ceil", (3 * scores,), np.ceil(3 * scores)),
    ("straight_through_trunc", (3 * scores,), np.trunc(3 * scores)),
]


def check(rules, tensor, gradient, kinds):
    for name, given, expected in LIMITS + VALUES:
        named = {"temperature": COLD} if (name, given, expected) in LIMITS[:0] or any(
            each[0] == name for each in LIMITS) else {}
        arguments = [tensor(each, "float64") if isinstance(each, np.ndarray) else each for each in given]
        found = np.asarray(rules[name](*arguments, **named))
        assert np.allclose(found, np.asarray(expected), atol=1e-9), (name, given, found, expected)
        assert found.shape == np.shape(expected), name
        one = given[0] if given[0].dtype != bool else given[1]
        for kind in kinds:
            warm = [tensor(each, kind) if isinstance(each, np.ndarray) and each.dtype != bool else
                    tensor(each, "") if isinstance(each, np.ndarray) else each for each in given]
            at = 0 if given[0] is one else 1
            slope = gradient(lambda value: rules[name](*warm[:at], value, *warm[at + 1:]), warm[at])
            assert slope.dtype == kind and np.isfinite(slope).all(), (name, kind)
            assert (slope != 0).any() or given[1:2] and np.all(given[1] == 9), (name, kind)
            if name.startswith("straight"):
                assert (slope == 1).all()
    print("checked", len(LIMITS + VALUES))
"""
TORCH = """
import torch
from autofix.rules.torch import _surrogates

def tensor(value, kind):
    return torch.as_tensor(value) if value.dtype.kind != "f" or not kind else torch.as_tensor(value.astype(kind))

def gradient(function, value):
    value = value.clone().requires_grad_()
    function(value).sum().backward()
    return value.grad.numpy()

check(vars(_surrogates), tensor, gradient, ("float32", "float64"))
"""
TENSORFLOW = """
import tensorflow as tf
from autofix.rules.tensorflow import _surrogates

def tensor(value, kind):
    return tf.constant(value) if value.dtype.kind != "f" or not kind else tf.constant(value.astype(kind))

def gradient(function, value):
    with tf.GradientTape() as tape:
        tape.watch(value)
        result = function(value)
    return tape.gradient(result, value).numpy()

check(vars(_surrogates), tensor, gradient, ("float32", "float64"))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "script",
    [
        pytest.param(TORCH, marks=pytest.mark.torch, id="torch"),
        pytest.param(TENSORFLOW, marks=pytest.mark.tensorflow, id="tensorflow"),
    ],
)
def test_each_tends_to_what_it_stands_for_and_has_a_gradient(script: str) -> None:
    done = subprocess.run([sys.executable, "-c", CHECKS + script], capture_output=True, text=True, timeout=300)

    assert done.stdout.startswith("checked 24"), done.stderr


def test_both_frameworks_have_the_same_ones_and_each_says_what_it_is() -> None:
    torch, tensorflow = (read_rules(bundled() / each / "_surrogates.py") for each in ("torch", "tensorflow"))

    assert set(torch.functions) == set(tensorflow.functions)
    for rules in (torch, tensorflow):
        assert all('    """' in rules.source(name).split("\n")[1] for name in rules.functions)
