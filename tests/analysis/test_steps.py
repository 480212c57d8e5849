"""A training step's loss as a function of the model's output: what is taken out, and what cannot be."""

from __future__ import annotations

import ast
import textwrap

from autofix.analysis.losses import diagnose, lifted
from autofix.model import Parameter


def _lifted(source: str) -> tuple[str, tuple[Parameter, ...]] | None:
    text = textwrap.dedent(source)
    (diagnosis,) = diagnose(ast.parse(text), text)
    assert diagnosis.target is None
    assert diagnosis.place is not None
    found = lifted(text, diagnosis.framework, diagnosis.place)
    if found is None:
        return None
    assert found.text.startswith(text.rstrip())
    return found.text[found.text.rindex("def ") :], found.target.parameters


def test_the_models_output_becomes_the_prediction_and_the_data_a_target() -> None:
    found = _lifted("""
        import torch
        from torch import nn
        model, criterion = nn.Linear(2, 1), nn.MSELoss()
        for x, y in batches:
            optimizer.zero_grad()
            out = model(x)
            loss = criterion(out.detach(), y)
            loss.requires_grad = True
            print(loss)
            loss.backward()
            optimizer.step()
    """)

    assert found is not None
    assert found[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    out = model_output\n"
        "    loss = criterion(out.detach(), y)\n"
        "    loss.requires_grad = True\n"
        "    return loss\n"
    )
    assert found[1] == (Parameter("model_output", "prediction"), Parameter("y", "target"))


def test_the_tape_is_opened_and_the_gradient_left_out() -> None:
    found = _lifted("""
        import tensorflow as tf
        def step(model, x, y):
            with tf.GradientTape() as tape:
                out = model(x, training=True)
                loss = tf.reduce_mean(tf.abs(out.numpy() - y))
            gradients = tape.gradient(loss, model.trainable_variables)
            optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    """)

    assert found is not None
    assert found[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    out = model_output\n"
        "    loss = tf.reduce_mean(tf.abs(out.numpy() - y))\n"
        "    return loss\n"
    )


def test_a_block_that_stays_still_cuts_what_is_made_in_it() -> None:
    found = _lifted("""
        import torch
        def step(model, x, y):
            with torch.no_grad():
                out = model(x)
            ((out - y) ** 2).mean().backward()
    """)

    assert found is not None
    assert "    with torch.no_grad():\n        out = model_output.clone()\n" in found[0]


def test_two_calls_of_one_model_on_one_input_are_one_prediction_and_on_two_are_two() -> None:
    found = _lifted("""
        import torch
        def step(model, a, b):
            loss = (model(a).detach() - model(a).detach() * model(b).detach()).mean()
            loss.backward()
    """)

    assert found is not None
    assert [each.name for each in found[1]] == ["model_output", "model_output2"]


def test_what_only_the_step_knows_how_to_call_is_left_in_its_place() -> None:
    assert (
        _lifted("""
        import torch
        def step(model, blend, x, y):
            loss = blend(model(x), y).detach().mean()
            loss.backward()
    """)
        is None
    )


def test_a_common_loss_stands_in_for_one_that_the_step_is_handed() -> None:
    lifted = _lifted("""
        import torch
        def step(model, criterion, x, y):
            loss = criterion(model(x).detach(), y)
            loss.backward()
    """)
    assert lifted is not None
    assert lifted[0] == (
        "def loss_of_the_step(model_output, y):\n"
        "    from torch.nn.functional import mse_loss as criterion\n"
        "    loss = criterion(model_output.detach(), y)\n"
        "    return loss\n"
    )
