"""What the watch of `autofix run` costs: a step with it and one after it has ended, against one without.

    python benchmarks/watch.py torch|tensorflow

Prints, for a small and a larger model, the time of a step on one processor (the lowest decile of many, as no machine
is at rest) and both ratios. Wanted: at most 5 with the watch, and at most 1.02 after it.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
from collections.abc import Callable

from autofix.worker.attention import Attention
from autofix.worker.record import Record

STEPS = 12
ROUNDS = 8
Step = Callable[[], object]


def torch_step(width: int) -> Step:
    """One step of a network of six layers."""
    import torch

    torch.set_num_threads(1)
    layers = [layer for _ in range(5) for layer in (torch.nn.Linear(width, width), torch.nn.ReLU())]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(width, 10))
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.randn(128, width), torch.randint(0, 10, (128,))

    def step() -> None:
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()

    return step


def tensorflow_step(width: int) -> Step:
    """One step of such a network, in eager mode."""
    import tensorflow as tf

    if not tf.config.list_physical_devices("GPU"):
        tf.config.threading.set_intra_op_parallelism_threads(1)
    layers = [tf.keras.layers.Dense(width, activation="relu") for _ in range(5)]
    model = tf.keras.Sequential([*layers, tf.keras.layers.Dense(10)])
    optimizer = tf.keras.optimizers.Adam()
    x, y = tf.random.normal((128, width)), tf.zeros((128,), tf.int32)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def step() -> None:
        with tf.GradientTape() as tape:
            value = loss(y, model(x))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))

    return step


def seconds(step: Step, count: int) -> list[float]:
    """The time of each of so many steps."""
    found = []
    for _ in range(count):
        start = time.perf_counter()
        step()
        found.append(time.perf_counter() - start)
    return found


def quick(times: list[float]) -> float:
    """The lowest decile."""
    return statistics.quantiles(times, n=10)[0]


def measure(framework: str, width: int) -> None:
    """Print the ratios for one width; with and without take turns, as a machine is never at rest."""
    step = {"torch": torch_step, "tensorflow": tensorflow_step}[framework](width)
    backend = importlib.import_module(f"autofix.worker.backends.{framework}_attend")
    seconds(step, 20)
    without, during, after = [], [], []
    for _ in range(ROUNDS):
        without += seconds(step, STEPS)
        attention = Attention(Record(wanted=10**9), lambda: None)
        backend.attend(attention)
        seconds(step, 2)
        during += seconds(step, STEPS)
        attention.release()
        after += seconds(step, STEPS)
    plain, watched, later = map(quick, (without, during, after))
    print(f"{framework}, width {width}: {plain * 1e3:.2f} ms a step; "
          f"with the watch : without = {watched / plain:.2f}; after it : without = {later / plain:.3f}")  # fmt: skip


if __name__ == "__main__":
    for width in (64, 256):
        measure(sys.argv[1], width)
