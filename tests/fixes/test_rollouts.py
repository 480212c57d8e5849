"""A simulation that calls the network itself, in `numpy_function`, is rewritten whole: loops and what they carry."""

from __future__ import annotations

import pytest

from tests.fixes.conftest import Run, assert_stays

HEAD = """
import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(2)
policy = keras.Sequential([keras.Input((2,)), keras.layers.Dense(8, activation="tanh"), keras.layers.Dense(1)])
opt = keras.optimizers.Adam(0.01)
rng = np.random.default_rng(0)
"""
STEPS = """
for step in range(4):
    start = tf.constant(rng.normal(size=(16, 2)), tf.float32)
    with tf.GradientTape() as tape:
        loss = objective(start)
    gradients = tape.gradient(loss, policy.trainable_variables)
    opt.apply_gradients(zip(gradients, policy.trainable_variables))
"""
PENDULUM = """
def simulate(state):
    angle, rate = state[:, 0], state[:, 1]
    effort = np.zeros(len(state), dtype=np.float32)
    for _ in range(10):
        torque = policy(np.stack([angle, rate], axis=-1)).numpy().squeeze(-1)
        rate = rate + 0.05 * (np.sin(angle) + torque)
        angle = angle + 0.05 * rate
        effort += 0.05 * torque ** 2
    return (np.square(angle) + 0.1 * effort).astype("float32")

def objective(start):
    return tf.reduce_mean(tf.numpy_function(simulate, [start], tf.float32))
"""
TANK = """
class Tank:
    def __init__(self, controller):
        self.controller = controller

    def run(self, state):
        level = state[:, :1]
        inflow = np.full_like(level, 0.5)
        spent, step = np.zeros_like(level), 0
        while step < 8:
            valve = self.controller(tf.constant(np.concatenate([level, inflow], axis=1))).numpy()
            inflow = np.clip(inflow + 0.1 * np.tanh(valve), 0.0, 1.0)
            level = np.maximum(level + 0.2 * (inflow - 0.3 * np.abs(level)), -2.0)
            spent = spent + 0.1 * inflow
            step += 1
        return level.astype(np.float32), spent.astype(np.float32)

    def cost(self, state):
        level, spent = tf.numpy_function(self.run, [state], [tf.float32] * 2)
        return tf.reduce_mean(tf.square(level - 1.0) + 0.1 * spent)

tank = Tank(policy)

def objective(start):
    return tank.cost(start)
"""
PATH = """
def trajectory(x0):
    x, path = x0, []
    for _ in range(6):
        push = policy(x).numpy()
        x = x + 0.1 * np.concatenate([x[:, 1:], push - 0.5 * x[:, 1:]], axis=1)
        path.append(x)
    return np.stack(path).astype(np.float32)

def objective(start):
    path = tf.py_function(trajectory, [start], tf.float32)
    return tf.reduce_mean(tf.square(path))
"""
NOISE = """
def noisy(x):
    return (x + rng.normal(size=x.shape)).astype(np.float32)

def objective(start):
    return tf.reduce_mean(tf.square(policy(tf.numpy_function(noisy, [start], tf.float32)) - 1.0))
"""
SCORED = """
def scored(x):
    return np.abs(policy(x).numpy()).mean()

def objective(start):
    if step == 0:
        print("before", float(tf.py_function(scored, [start], tf.float32)))
    return tf.reduce_mean(tf.square(policy(start) - 1.0))
"""
COUNTED = """
def counted(x):
    total = np.zeros(len(x), np.float32)
    for _ in range(3):
        total = total + np.abs(x).sum(axis=1)
    return total

def objective(start):
    weights = tf.numpy_function(counted, [start], tf.float32)
    return tf.reduce_mean(weights * tf.square(policy(start)[:, 0] - 1.0))
"""
FIXED = {
    "a loop of a pendulum": (PENDULUM, "return tf.reduce_mean(simulate(start))"),
    "a loop of a method": (TANK, "level, spent = self.run(state)"),
    "a path in a list": (PATH, "return tf.cast(tf.stack(path), tf.float32)"),
}
RIGHT = {"noise on data": NOISE, "a score that is printed": SCORED, "weights of data": COUNTED}


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize(("body", "line"), FIXED.values(), ids=FIXED)
def test_a_simulation_is_rewritten_as_a_whole(run: Run, body: str, line: str) -> None:
    outcome = run(HEAD.lstrip() + body + STEPS)

    assert outcome.findings and all(each.fix.status == "verified" for each in outcome.findings), outcome.findings
    assert line in outcome.text and ".numpy()" not in outcome.text, outcome.text
    assert "_tf(" not in outcome.text, "a copy that nobody calls"


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_what_is_computed_of_data_alone_stays(run: Run, body: str) -> None:
    text = HEAD.lstrip() + body + STEPS
    assert_stays(run, text)
