"""A branch whose constant could go backward, as the text made it a leaf, can do so in the fixed text too."""

from __future__ import annotations

import pytest

from tests.rewrite.test_readers import TORCH, _new_lines, fixed, reasons

pytestmark = pytest.mark.slow

LOSS = """
def masked(p, t, mask):
    if not mask.any():
        return {constant}
    return {value}


"""
MEAN = "torch.tensor(np.mean(np.abs(p.detach().numpy() - t.numpy())))"


def test_a_leaf_declared_by_a_statement_is_declared_where_there_is_no_gradient() -> None:
    use = "loss = masked(model(x), y, y > 0)\nloss.requires_grad = True\nloss.backward()\n"
    text = TORCH + LOSS.format(constant="torch.tensor(0.0)", value=MEAN) + use

    assert _new_lines(text, fixed(text)) == [
        "return torch.mean(torch.abs(p - t))",
        "if not loss.requires_grad:",
        "loss.requires_grad = True",
    ]


def test_a_leaf_declared_by_a_statement_goes_where_every_branch_has_a_gradient() -> None:
    use = "loss = masked(model(x), y, y > 0)\nloss.requires_grad = True\nloss.backward()\n"
    text = TORCH + LOSS.format(constant=MEAN.replace("np.abs", "np.square"), value=MEAN) + use

    after = fixed(text)

    assert "requires_grad" not in after


@pytest.mark.parametrize(
    ("constant", "leaf"),
    [
        ("0.0", "torch.tensor(0.0, requires_grad=True)"),
        ("torch.tensor(0.0)", "torch.tensor(0.0, requires_grad=True)"),
        ("torch.zeros(())", "torch.zeros((), requires_grad=True)"),
    ],
)
def test_a_constant_of_an_early_return_becomes_the_leaf(constant: str, leaf: str) -> None:
    use = "loss = torch.tensor(masked(model(x), y, y > 0), requires_grad=True)\nloss.backward()\n"
    text = TORCH + LOSS.format(constant=constant, value="float(np.mean(np.abs(p.detach().numpy() - t.numpy())))") + use

    assert f"return {leaf}" in _new_lines(text, fixed(text))


def test_a_sum_that_nothing_was_added_to_is_made_a_leaf_as_before() -> None:
    text = TORCH + (
        """
def total_of(p, t, masks):
    total = 0.0
    for mask in masks:
        if mask.any():
            total += float(((p - t)[mask] ** 2).mean())
    return torch.tensor(total, requires_grad=True)


total_of(model(x), y, [y > 0]).backward()
"""
    )

    kept = "return total if torch.is_tensor(total) else torch.tensor(total, requires_grad=True)"
    assert kept in _new_lines(text, fixed(text))


def test_a_sum_that_starts_with_a_term_is_no_leaf() -> None:
    text = TORCH + (
        """
def total_of(p, t, masks):
    total = float((p ** 2).mean())
    for mask in masks:
        total += float(((p - t)[mask] ** 2).mean())
    return torch.tensor(total, requires_grad=True)


total_of(model(x), y, [y > 0]).backward()
"""
    )

    assert "return total" in _new_lines(text, fixed(text))


def test_no_fix_where_an_operation_would_meet_a_plain_number() -> None:
    use = "loss = torch.tensor(masked(model(x), y, y > 0) / 2, requires_grad=True)\nloss.backward()\n"
    value = "float(np.mean(np.abs(p.detach().numpy() - t.numpy())))"

    assert "may be a constant" in reasons(TORCH + LOSS.format(constant="0.0", value=value) + use)


STEP = """
for _ in range(2):
    loss = torch.tensor(np.mean({value}), requires_grad=True)
    loss.backward()
"""


def test_what_a_model_gives_where_it_is_called_is_no_constant() -> None:
    text = TORCH + STEP.format(value="(model(x).detach().numpy() - y.numpy()) ** 2")

    assert "loss = torch.mean((model(x) - y) ** 2)" in _new_lines(text, fixed(text))


def test_what_a_function_gives_of_what_may_be_a_constant_may_be_one() -> None:
    above = "\n\ndef masked(t):\n    if t.any():\n        return model(t)\n    return torch.zeros(1)\n\n"
    text = TORCH + above + STEP.format(value="np.abs(masked(x).detach().numpy())")

    assert "may be a constant" in reasons(text)


TENSORS = """
import numpy as np
import tensorflow as tf


def masked(p, t, mask):
    if not np.any(mask):
        return {constant}
    return {value}


w = tf.Variable([[0.5], [1.0]])
x, y = tf.ones((4, 2)), tf.zeros((4, 1))
for mask in (np.array([True] * 4), np.array([False] * 4)):
    with tf.GradientTape() as tape:
        loss = {conversion}
    grads = tape.gradient(loss, w, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    w.assign_sub(0.1 * grads)
    print(loss.numpy())
"""
OF_ARRAYS = "np.mean(np.abs(t - p.numpy()))"


@pytest.mark.parametrize("constant", ["0.0", "0", "np.float32(0)"])
@pytest.mark.parametrize(
    ("conversion", "kept"),
    [
        ("tf.Variable({call})", "tf.convert_to_tensor({call})"),
        ("tf.Variable({call}, dtype=tf.float32)", "tf.cast({call}, tf.float32)"),
    ],
)
def test_what_a_tape_was_given_as_a_tensor_stays_one_where_it_may_be_a_number(
    constant: str, conversion: str, kept: str
) -> None:
    call = "masked(x @ w, y, mask)"
    text = TENSORS.format(
        constant=constant, value="tf.reduce_mean(tf.abs(t - p))", conversion=conversion.format(call=call)
    )

    assert _new_lines(text, fixed(text)) == [f"loss = {kept.format(call=call)}"]


def test_what_is_a_tensor_in_every_branch_is_converted_no_more() -> None:
    text = TENSORS.format(
        constant="tf.constant(0.0)",
        value="tf.reduce_mean(tf.abs(t - p))",
        conversion="tf.Variable(masked(x @ w, y, mask))",
    )

    assert _new_lines(text, fixed(text)) == ["loss = masked(x @ w, y, mask)"]


def test_a_number_that_nothing_made_a_tensor_of_stays_a_number() -> None:
    conversion = "tf.reduce_mean(x @ w) + masked(x @ w, y, mask)"
    text = TENSORS.format(constant="0.0", value=OF_ARRAYS, conversion=conversion)

    assert _new_lines(text, fixed(text)) == ["return tf.reduce_mean(tf.abs(t - p))"]


def test_what_a_helper_made_a_tensor_of_its_sum_stays_one_where_nothing_was_added() -> None:
    text = """
import numpy as np
import tensorflow as tf


def penalty(scores, rows):
    total = 0.0
    for row in rows:
        total = total + np.square(scores.numpy()[row]).sum()
    return tf.constant(total, dtype=tf.float32)


w = tf.Variable([[0.5], [1.0]])
for rows in ([0, 1], []):
    with tf.GradientTape() as tape:
        loss = penalty(tf.ones((4, 2)) @ w, rows)
    grads = tape.gradient(loss, w)
    if grads is not None:
        w.assign_sub(0.1 * grads)
"""

    assert "return tf.cast(total, tf.float32)" in _new_lines(text, fixed(text))


LIBRARY = """
def mae_loss(target, pred):
    return torch.tensor({value}, requires_grad=True)
"""


def test_an_argument_of_a_loss_that_nothing_here_calls_is_no_constant() -> None:
    value = "np.abs(target.numpy() - pred.detach().numpy()).mean()"
    text = "import numpy as np\nimport torch\n\n" + LIBRARY.format(value=value)

    assert _new_lines(text, fixed(text)) == ["return torch.abs(target - pred).mean()"]


def test_a_sum_that_such_a_loss_may_leave_empty_is_one() -> None:
    body = """
def mae_loss(targets, preds):
    total = 0.0
    for t, p in zip(targets, preds):
        total += np.abs(t.numpy() - p.detach().numpy()).mean()
    return torch.tensor(total, requires_grad=True)
"""
    text = "import numpy as np\nimport torch\n\n" + body

    assert "requires_grad=True" in fixed(text)
