"""A box has a `y1` as it has an `x1`; what is made of a prediction is no target for being called so."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose

LOSS = """import numpy as np
import tensorflow as tf
def loss(y_true, y_pred):
    a, b = y_true.numpy(), y_pred.numpy()
    x1 = np.maximum(a[:, 0], b[:, 0])
    {name} = np.maximum(a[:, 1], b[:, 1])
    return tf.reduce_mean(x1 + {name})
model.compile(loss=loss)
"""


@pytest.mark.parametrize(("name", "carries"), [("y1", True), ("y_min", True), ("y_true", False)])
def test_a_coordinate_carries_the_gradient(name: str, carries: bool) -> None:
    (found,) = diagnose(ast.parse(LOSS.format(name=name)), LOSS.format(name=name))
    assert any(each[0] == "Call" and each[1] == 6 for each in found.reaching) is carries
