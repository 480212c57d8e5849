"""`autofix.watch` and `autofix.assert_gradients_flow`: what a training's own process can ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autofix

TORCH = """
import autofix, torch
model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
before = (torch.autograd.backward, torch.optim.Optimizer.zero_grad, torch._C._len_torch_function_stack())
def train(cleared):
    for _ in range(4):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(model(x), y).backward()
        if cleared:
            optimizer.zero_grad()
        optimizer.step()
with autofix.watch(model, optimizer) as right:
    train(False)
assert right.attended.seen.steps == 2 and right.faults == (), right.faults
assert [each.name for each in right.attended.seen.parameters][0] == "0.weight"
with autofix.watch(model, optimizer) as wrong:
    train(True)
assert "cleared in between" in wrong.faults[0].what, wrong.faults
with autofix.watch(model, optimizer) as without:
    torch.nn.functional.mse_loss(model(x), y).backward()
assert "made no step" in without.faults[0].what, without.faults
assert before == (torch.autograd.backward, torch.optim.Optimizer.zero_grad, torch._C._len_torch_function_stack())

flow, mse = autofix.assert_gradients_flow, torch.nn.functional.mse_loss
gradients = [each.grad.clone() for each in model.parameters()]
flow(mse, model, (x, y))
assert all(torch.equal(one, each.grad) for one, each in zip(gradients, model.parameters()))
for loss, said in (
    (lambda p, t: mse(p.detach(), t), "0.weight: no gradient"),
    (lambda p, t: mse(torch.tensor(p.detach().numpy()), t), "no gradient"),
    (lambda p, t: (p - p.detach()).norm().sqrt(), "not finite"),
):
    try:
        flow(loss, model, (x, y))
    except AssertionError as error:
        assert said in str(error), error
    else:
        raise SystemExit(said)
print("PASSED")
"""
KERAS = """
import autofix, numpy as np, tensorflow as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(4, activation="tanh"), tf.keras.layers.Dense(1)])
x = np.random.randn(64, 3).astype("float32")
y = x.sum(1, keepdims=True)
model.compile("sgd", "mse")
watch = autofix.watch()
model.fit(x, y, epochs=2, verbose=0, callbacks=[watch])
assert watch.attended.seen.steps == 2 and watch.faults == (), watch.faults
flow, mse = autofix.assert_gradients_flow, tf.keras.losses.MeanSquaredError()
flow(mse, model, (x, y))
try:
    flow(lambda t, p: mse(t, tf.stop_gradient(p)), model, (x, y))
except AssertionError as error:
    assert "kernel: no gradient" in str(error), error
else:
    raise SystemExit("nothing was said")
print("PASSED")
"""
PLUGIN = """
import torch

def test_right(assert_gradients_flow):
    assert_gradients_flow(torch.nn.functional.mse_loss, torch.nn.Linear(2, 1), (torch.ones(3, 2), torch.zeros(3, 1)))

def test_wrong(assert_gradients_flow):
    loss = lambda p, t: torch.nn.functional.mse_loss(p.detach(), t)
    assert_gradients_flow(loss, torch.nn.Linear(2, 1), (torch.ones(3, 2), torch.zeros(3, 1)))
"""


@pytest.mark.torch
@pytest.mark.slow
def test_a_torch_training_is_watched_from_inside() -> None:
    assert run("-c", TORCH).endswith("PASSED\n")


@pytest.mark.tensorflow
@pytest.mark.slow
def test_a_keras_training_is_watched_by_a_callback() -> None:
    assert run("-c", KERAS).endswith("PASSED\n")


@pytest.mark.torch
@pytest.mark.slow
def test_the_fixture_fails_a_test_whose_gradients_do_not_flow(tmp_path: Path) -> None:
    (tmp_path / "test_loss.py").write_text(PLUGIN, encoding="utf-8")
    plugin = ("-p", "autofix.verify.pytest_plugin", "-p", "no:autofix")
    said = run("-m", "pytest", *plugin, "-p", "no:cacheprovider", str(tmp_path / "test_loss.py"))

    assert "1 failed, 1 passed" in said, said


def test_a_model_of_no_framework_is_refused() -> None:
    with pytest.raises(TypeError, match="no model of a framework"):
        autofix.assert_gradients_flow(max, object(), ())


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    return done.stdout or done.stderr
