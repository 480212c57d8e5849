"""Where it is known that TensorFlow compiles nothing of a file, and where it may."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose

LOSS = """import re
import numpy as np
import tensorflow as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
def loss_fn(y_true, y_pred):
    return tf.reduce_mean(np.abs(y_true - y_pred.numpy()))
"""
STEP = """def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x))
    return tape.gradient(loss, model.trainable_variables)
"""
METHOD = """class M(tf.keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = loss_fn(y, self(x))
        return tape.gradient(loss, self.trainable_variables)
m = M()
"""
FIT = "model.compile(optimizer='adam', loss=loss_fn%s)\n"
EAGER = FIT % ", run_eagerly=True"
ALL = "tf.config.run_functions_eagerly(True)\n"

KNOWN = {
    "a tape": STEP,
    "a tape, and a pattern": "WORDS = re.compile('a+')\n" + STEP,
    "Keras told so": EAGER,
    "a step of Keras's told so": METHOD + "m.compile('adam', run_eagerly=True)\n",
    "all functions told so": ALL + "@tf.function\n" + STEP,
    "Keras, all functions told so": ALL + FIT % "",
}
NOT_KNOWN = {
    "a compiled step": "@tf.function\n" + STEP,
    "compiled where it is called": STEP + "fast = tf.function(step)\n",
    "imported by name": "from tensorflow import function\n" + STEP + "fast = function(step)\n",
    "Keras compiles": FIT % "",
    "Keras is told not to be eager": FIT % ", run_eagerly=False",
    "nobody knows what Keras is told": FIT % ", run_eagerly=DEBUG",
    "one model of two": EAGER + "other = tf.keras.Sequential()\nother.compile('adam', loss=loss_fn)\n",
    "a tape, and a compiled model": STEP + FIT % "",
    "a step of Keras's": METHOD + "m.compile('adam')\n",
    "a step of a model that others compile": METHOD,
    "switched off again": ALL + STEP + "tf.config.run_functions_eagerly(False)\n",
    "a compiler asked for": STEP + "options = dict(jit_compile=True)\n",
    "nobody differentiates it": "",
}


@pytest.mark.parametrize("name", KNOWN)
def test_nothing_compiles_it(name: str) -> None:
    assert only_eager(LOSS + KNOWN[name])


@pytest.mark.parametrize("name", NOT_KNOWN)
def test_it_may_be_compiled(name: str) -> None:
    assert not only_eager(LOSS + NOT_KNOWN[name])


def only_eager(text: str) -> bool:
    (found,) = diagnose(ast.parse(text), text)
    return found.use.only_eager
