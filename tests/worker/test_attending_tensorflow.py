"""What the watch of `autofix run` says of TensorFlow and Keras programs that train nothing, and of right ones."""

from __future__ import annotations

import pytest

from autofix.observe.attended import Attended, faults_of
from tests.worker.attending import attended

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

HEAD = """
import numpy as np
import tensorflow as tf
tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense(1)])
x = np.random.randn(96, 4).astype("float32")
y = x.sum(1, keepdims=True)
model(x[:1])
"""
FIT = """
model.compile(optimizer="adam", loss="mse")
model.fit(x, y, epochs=2, verbose=0)
"""
LOOP = """
optimizer = tf.keras.optimizers.Adam()
for _ in range(4):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
"""
FUNCTION = """
optimizer = tf.keras.optimizers.SGD(0.01)
@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(x) - y) ** 2)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss
for _ in range(4):
    step()
"""
WRONG = {
    "stopped_in_fit": FIT.replace('"mse"', "lambda t, p: tf.reduce_mean((tf.stop_gradient(p) - t) ** 2)"),
    "array_in_the_tape": LOOP.replace("model(x)", "model(x).numpy()"),
    "other_model": "other = tf.keras.models.clone_model(model)\n" + LOOP.replace("model(x)", "other(x)"),
    "zero": LOOP.replace("loss = tf", "loss = 0.0 * tf"),
    "not_a_number": LOOP.replace("tf.reduce_mean", "tf.math.log(-1.0) * tf.reduce_mean"),
    "not_a_number_in_fit": FIT.replace('"mse"', "lambda t, p: tf.reduce_mean((p - t) ** 2) / 0.0"),
}
SAID = {
    "stopped_in_fit": "not connected to anything that is trained",
    "array_in_the_tape": "not connected to anything that is trained",
    "other_model": "not connected to anything that is trained",
    "zero": "exactly zero",
    "not_a_number": "the loss is nan",
    "not_a_number_in_fit": "the loss is inf",
}
RIGHT = {
    "fit": FIT,
    "loop": LOOP,
    "function": FUNCTION,
    "variables_by_hand": """
w = tf.Variable(tf.zeros((4, 1)))
for _ in range(4):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((x @ w - y) ** 2)
    w.assign_sub(0.1 * tape.gradient(loss, w))
""",
    "target_without_gradient": LOOP.replace("- y", "- tf.stop_gradient(model(x + 1))"),
    "frozen_layer": "model.layers[0].trainable = False\n" + FIT,
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Attended]:
    programs = {name: HEAD + text for name, text in {**WRONG, **RIGHT}.items()}
    return attended(tmp_path_factory.mktemp("programs"), ["tensorflow", "keras"], programs)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(seen: dict[str, Attended], name: str) -> None:
    assert any(SAID[name] in each.what for each in faults_of(seen[name])), faults_of(seen[name])


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_is_left_alone(seen: dict[str, Attended], name: str) -> None:
    assert faults_of(seen[name]) == ()
    assert seen[name].seen.trains
    assert not [each for each in seen[name].seen.notes if "the watch ended early" in each]


@pytest.mark.parametrize("name", ["fit", "function", "loop"])
def test_steps_are_counted_and_losses_are_shown(seen: dict[str, Attended], name: str) -> None:
    assert seen[name].seen.steps == 2
    assert [each.value for each in seen[name].seen.events if each.value is not None]
