"""How surrogates are written: for an operation, and for what is computed from it, whatever the spelling."""

from __future__ import annotations

import ast
from functools import partial

import pytest

from autofix.analysis.looks import Looks
from autofix.analysis.run import Run
from autofix.analysis.syntactic import frameworks
from autofix.knowledge.causes import has
from autofix.model import Reason
from autofix.rewrite.surrogates.text import Surrogates, hard_operations, with_surrogates
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions

TORCH = "import numpy as np\nimport torch\nimport torch.nn as nn\n\nnet = nn.Linear(4, 3)\n\n\n"
TENSORFLOW = (
    "import numpy as np\nimport tensorflow as tf\n\nnet = tf.keras.Sequential([tf.keras.layers.Dense(3)])\n\n\n"
)
TORCH_STEP = "\n\nfor x, y in batches:\n    loss = cost(net(x), y)\n    loss.backward()\n"
TENSORFLOW_STEP = """

for x, y in batches:
    with tf.GradientTape() as tape:
        loss = cost(net(x), y)
    tape.gradient(loss, net.trainable_variables)
"""


def softened(text: str) -> Surrogates | Reason:
    look = Looks()
    faults = look.faults(text)
    places = [cut.span for fault in faults for cut in fault.cuts if has(cut.code, "surrogate")]
    framework = frameworks(parsed(text))[0]
    run, positions = look.run(text, framework), Positions(text)
    return with_surrogates(
        text, framework, places or hard_operations(text, framework, partial(derived, run, positions))
    )


def derived(run: Run, positions: Positions, node: ast.expr) -> bool:
    fact = run.facts.by_key.get(positions.key(node))
    return fact is not None and fact.value.derived


def written(head: str, body: str, step: str) -> str:
    """Return the body of a loss with its surrogates."""
    found = softened(head + "def cost(p, y):\n    " + body.replace("\n", "\n    ") + "\n" + step)
    assert isinstance(found, Surrogates), found
    after = found.text.partition("def cost(p, y):\n    ")[2].partition("\n\n\n")[0]
    return after.replace("\n    ", "\n").rstrip()


TORCH_FORMS = {
    "an argmax, compared": ("return 1 - (p.argmax(1) == y).float().mean()",
                            "return 1 - _label_probability(p, y, 1).float().mean()"),
    "by its function": ("return (torch.argmax(p, dim=-1) != y).float().mean()",
                        "return (1 - _label_probability(p, y, -1)).float().mean()"),
    "with a name": ("pred = p.argmax(dim=1)\nreturn 1 - pred.eq(y).sum() / len(y)",
                    "return 1 - _label_probability(p, y, 1).sum() / len(y)"),
    "of an expression": ("pred = torch.relu(p).argmax(1)\nright = pred == y\nreturn -right.double().mean()",
                         "scores = torch.relu(p)\nright = _label_probability(scores, y, 1)\n"
                         "return -right.double().mean()"),
    "beside its values": ("best, pred = torch.max(p, 1)\nreturn (pred - y).float().abs().mean()",
                          "best, pred = torch.max(p, 1)\nreturn (_soft_argmax(p, 1) - y).float().abs().mean()"),
    "by its field": ("return (p.max(dim=1).indices.float() - y).pow(2).mean()",
                     "return (_soft_argmax(p, 1) - y).pow(2).mean()"),
    "by its place": ("return (p.min(1)[1].float() - y).pow(2).mean()",
                     "return (_soft_argmax(-p, 1) - y).pow(2).mean()"),
    "a threshold": ("return ((p > 0.5).float() * y).mean()", "return (_soft_step(p - 0.5).float() * y).mean()"),
    "below": ("return (p <= 2 * y).int().sum()", "return _soft_step(2 * y - p).sum()"),
    "at zero": ("return p.gt(0).long().sum()", "return _soft_step(p).sum()"),
    "between": ("return ((0 < p) & (p < 1)).float().mean()",
                "return _both(_soft_step(p), _soft_step(1 - p)).float().mean()"),
    "a label": ("return 1 - ((p > 0.5) == y).float().mean()",
                "return 1 - _agreement(_soft_step(p - 0.5), y).float().mean()"),
    "none of both": ("return (~((p > 1) | (y > 1))).float().mean()",
                     "return (1 - _either(_soft_step(p - 1), y > 1)).float().mean()"),
    "functions of truth": ("return torch.logical_and(p > 1, torch.logical_not(y)).float().sum()",
                           "return _both(_soft_step(p - 1), torch.logical_not(y)).float().sum()"),
    "one or zero": ("return torch.where(p > 1, 1.0, 0.0).mean()", "return _soft_step(p - 1).mean()"),
    "ones or zeros": (
        "return torch.where(p > 1, torch.zeros_like(p), torch.ones_like(p)).mean()",
        "return (1 - _soft_step(p - 1)).mean()",
    ),
    "in the shape of labels": (
        "pred = p.argmax(1, keepdim=True)\nright = pred.eq(y.view_as(pred)).sum()\nreturn 1 - right / len(y)",
        "pred = p.argmax(1, keepdim=True)\nright = _label_probability(p, y.view_as(pred), 1).sum()\n"
        "return 1 - right / len(y)",
    ),
    "rounded as an array": (
        "near = np.round(3 * p.detach().numpy()[:, 0])\nreturn torch.tensor(((near - y.numpy()) ** 2).mean())",
        "near = _straight_through_round(3 * p[:, 0])\nreturn torch.tensor(((near - y.numpy()) ** 2).mean())",
    ),
    "a row of a table": (
        "return (torch.arange(3.0)[p.argmax(1)] - y).abs().mean()",
        "return (_soft_choice(torch.arange(3.0), p, 1) - y).abs().mean()",
    ),
    "rounded": ("return ((p.round() - y) ** 2).mean()", "return ((_straight_through_round(p) - y) ** 2).mean()"),
    "a sign": ("return (1 - torch.sign(p) * y).mean()", "return (1 - _soft_sign(p) * y).mean()"),
    "whole numbers": ("return (p.long() - y).float().abs().mean()",
                      "return (_straight_through_trunc(p) - y).float().abs().mean()"),
    "divided": ("return (p // 2).sum()", "return _straight_through_floor(p / 2).sum()"),
    "ranks": ("return ((p[:, 0].argsort().argsort() - y) ** 2).float().mean()",
              "return ((_soft_rank(p[:, 0]) - y) ** 2).float().mean()"),
}  # fmt: skip


@pytest.mark.parametrize("form", TORCH_FORMS)
def test_forms_in_pytorch(form: str) -> None:
    before, after = TORCH_FORMS[form]

    assert written(TORCH, before, TORCH_STEP) == after


TENSORFLOW_FORMS = {
    "an argmax, compared": (
        "right = tf.cast(tf.equal(tf.argmax(p, 1), y), tf.float32)\nreturn 1 - tf.reduce_mean(right)",
        "right = tf.cast(_label_probability(p, y, 1), tf.float32)\nreturn 1 - tf.reduce_mean(right)",
    ),
    "a number": (
        "level = tf.cast(tf.argmax(p, axis=-1), tf.float32)\nreturn tf.reduce_mean(tf.abs(level - y))",
        "return tf.reduce_mean(tf.abs(_soft_argmax(p, -1) - y))",
    ),
    "a threshold": (
        "hard = tf.cast(p > 0.5, tf.float32)\nreturn tf.reduce_sum(hard * y)",
        "hard = tf.cast(_soft_step(p - 0.5), tf.float32)\nreturn tf.reduce_sum(hard * y)",
    ),
    "counted": (
        "return tf.reduce_sum(tf.cast(tf.math.greater_equal(p, y), tf.int32))",
        "return tf.reduce_sum(_soft_step(p - y))",
    ),
    "functions of truth": (
        "return tf.reduce_mean(tf.cast(tf.logical_or(p > 1, y), tf.float32))",
        "return tf.reduce_mean(tf.cast(_either(_soft_step(p - 1), y), tf.float32))",
    ),
    "a row of a table": (
        "return tf.reduce_mean(tf.abs(tf.gather(prices, tf.argmax(p, 1)) - y))",
        "return tf.reduce_mean(tf.abs(_soft_choice(prices, p, 1) - y))",
    ),
    "one or zero": (
        "return tf.reduce_mean(tf.where(p > 1.0, 0.0, 1.0))",
        "return tf.reduce_mean(1 - _soft_step(p - 1.0))",
    ),
    "rounded": (
        "return tf.reduce_mean(tf.square(tf.round(p) - y))",
        "return tf.reduce_mean(tf.square(_straight_through_round(p) - y))",
    ),
}


@pytest.mark.parametrize("form", TENSORFLOW_FORMS)
def test_forms_in_tensorflow(form: str) -> None:
    before, after = TENSORFLOW_FORMS[form]

    assert written(TENSORFLOW, before, TENSORFLOW_STEP) == after


REFUSED = {
    "what is printed as well": "hard = p > 0.5\nprint(hard.sum())\nreturn (hard * y).sum()",
    "what a mask selects": "return y[p > 0.5].sum()",
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_has_no_surrogate_stays(form: str) -> None:
    body = REFUSED[form].replace("\n", "\n    ")

    assert isinstance(softened(f"{TORCH}def cost(p, y):\n    {body}\n{TORCH_STEP}"), Reason)


def test_what_is_shown_keeps_its_value() -> None:
    body = "pred = p.argmax(1)\nprint((pred == y).sum())\nreturn 1 - (pred == y).float().mean()"

    assert written(TORCH, body, TORCH_STEP) == body.replace("1 - (pred == y)", "1 - _label_probability(p, y, 1)")


def test_functions_stand_above_their_use_under_names_of_their_own() -> None:
    text = (
        TORCH.replace("torch\n", "torch as th\n", 1) + "_soft_step = 3\n\n\ndef cost(p, y):\n    return (p > 1).sum()\n"
    )
    found = softened(text + TORCH_STEP)
    assert isinstance(found, Surrogates)

    assert found.text.index("_soft_step = 3") < found.text.index("def _soft_step_(x") < found.text.index("def cost")
    assert (
        "    return th.sigmoid(x / temperature)\n\n\ndef cost(p, y):\n    return _soft_step_(p - 1).sum()\n"
        in found.text
    )


def test_the_temperature_is_a_number_to_read_and_change() -> None:
    found = softened(f"{TORCH}def cost(p, y):\n    return (p > 1).sum()\n{TORCH_STEP}")
    assert isinstance(found, Surrogates)

    assert "def _soft_step(x, temperature=1.0):\n" in found.text
    assert found.at(0.01) == found.text.replace("temperature=1.0", "temperature=0.01")


SHARED = """def accuracy(p, y):
    return (p.argmax(1) == y).float().mean()


for x, y in batches:
    loss = 1 - accuracy(net(x), y)
    loss.backward()
    print(accuracy(net(z), t).item())
"""


def test_a_function_that_others_call_stays_and_the_loss_calls_one_of_its_own() -> None:
    found = softened(TORCH + SHARED)
    assert isinstance(found, Surrogates)
    own = "def soft_accuracy(p, y):\n    return _label_probability(p, y, 1).float().mean()\n\n\n"

    assert found.text.endswith(own + SHARED.replace("1 - accuracy", "1 - soft_accuracy"))


def test_a_function_of_others_that_the_loss_calls_by_another_one_is_left() -> None:
    inner = SHARED.replace("1 - accuracy(net(x), y)", "cost(net(x), y)")
    text = TORCH + inner.replace("\n\n\nfor", "\n\n\ndef cost(p, y):\n    return 1 - accuracy(p, y)\n\n\nfor")
    found = softened(text)

    assert isinstance(found, Reason) and "`accuracy` is also called in line" in found.text


STEP = """def train(x, y):
    loss = 1 - (net(x).argmax(1) == y).float().mean()
    loss.backward()
    return loss


for x, y in batches:
    train(x, y)
"""


def test_a_step_that_is_called_for_what_it_does_is_changed_itself() -> None:
    found = softened(TORCH + STEP)
    assert isinstance(found, Surrogates)

    assert found.text.endswith(STEP.replace("(net(x).argmax(1) == y)", "_label_probability(net(x), y, 1)"))
