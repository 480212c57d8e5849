"""Training steps run once: right fixes are proven, wrong ones refused, and a step that is right needs none."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

import pytest

from autofix.model import Request, Target, Verdict
from autofix.trial.step_arguments import models_in, roles, step_scenarios
from autofix.trial.steps import STEP, isolated
from autofix.verify.verifier import Verifier

pytestmark = pytest.mark.tensorflow
HEAD = "import numpy as np\nimport tensorflow as tf\n"
MODEL = """
x, y = np.random.normal(size=(8, 3)).astype("float32"), np.ones((8, 1), "float32")
model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(4, "tanh"), tf.keras.layers.Dense(1)])
"""


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        if reason := running.missing("tensorflow"):
            pytest.skip(reason)
        yield running


def asked(
    verifier: Verifier, original: str, *candidates: str, as_called: bool = True, watched: Sequence[str] = ()
) -> Verdict:
    """Have the first step of a program proven against its candidates."""
    texts = [HEAD + textwrap.dedent(each) for each in (original, *candidates)]
    steps = [isolated(each, 0, as_called) for each in texts]
    first = steps[0]
    assert first is not None
    scenarios = tuple(step_scenarios(roles(first.names, first.body, watched), models_in(first.body)))
    after = tuple(each.text for each in steps[1:] if each is not None)
    target = Target(STEP, first.line, ())
    return verifier.verify(Request("a.py", "tensorflow", target, first.text, after, "step", scenarios))


def looped(inside: str, outside: str = "") -> str:
    """A step over the model at the top of a module, with statements in the tape's block and behind it."""
    block = textwrap.indent(textwrap.dedent(inside).strip(), "        ")
    behind = textwrap.indent(textwrap.dedent(outside).strip(), "    ")
    asks = "    gradients = tape.gradient(loss, model.trainable_variables)"
    applies = "    optimizer.apply_gradients(zip(gradients, model.trainable_variables))"
    lines = [MODEL, "for epoch in range(3):", "    with tf.GradientTape() as tape:", block, behind, asks, applies, ""]
    return "\n".join(lines)


def test_a_step_that_may_leave_its_loop_is_a_function_that_raises_there() -> None:
    guarded = looped("p = model(x)", "if (loss := tf.reduce_mean((p - y) ** 2)) > 9:\n    continue")

    step = isolated(HEAD + textwrap.dedent(guarded), 0, True)

    assert step is not None
    assert "raise RuntimeError('the step leaves its loop here')" in ast.unparse(ast.Module(list(step.body), []))
    compile(step.text, "a.py", "exec")


BROKEN = looped("p = model(x)", "loss = tf.reduce_mean((p - y) ** 2)")
RIGHT = looped("p = model(x)\nloss = tf.reduce_mean((p - y) ** 2)")


def test_a_right_fix_is_proven_and_says_what_was_seen(verifier: Verifier) -> None:
    verdict = asked(verifier, BROKEN, RIGHT)

    assert verdict.status == "verified"
    assert verdict.evidence is not None
    assert verdict.evidence.gradient_before is None
    assert verdict.evidence.gradient_after > 0
    assert verdict.evidence.value_difference == 0
    assert verdict.evidence.inputs == ("one step, gradient of kernel (12), bias (4), kernel 2 (4), bias 2 (1)",)


WRONG = {
    "another value": ("p = model(x)\nloss = tf.reduce_sum((p - y) ** 2)", "the value differs"),
    "half of it": (
        "p = model(x)\nloss = tf.reduce_mean((p - y) * tf.stop_gradient(p - y))",
        "the gradient of kernel is wrong (off by 50 %)",
    ),
    "one layer left out": (
        "h = tf.stop_gradient(model.layers[0](x))\nloss = tf.reduce_mean((model.layers[1](h) - y) ** 2)",
        "no gradient reaches kernel",
    ),
    "still outside": ("loss = tf.stop_gradient(tf.reduce_mean((model(x) - y) ** 2))", "no gradient reaches kernel"),
    "not running": ("loss = model(x).mean()", "the rewrite fails"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_fix_is_refused(verifier: Verifier, name: str) -> None:
    inside, reason = WRONG[name]

    verdict = asked(verifier, BROKEN, looped(inside))

    assert verdict.status == "rejected"
    assert verdict.reason.startswith(reason)


CROSS_ENTROPY = "tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=shares, logits={}))"
SHARES = MODEL.replace("Dense(1)", "Dense(3)") + "shares = tf.random.uniform((8, 3))\n"


def of_shares(inside: str, outside: str = "") -> str:
    """A step over a cross entropy of labels that do not sum to one: its gradient is not that of its value."""
    return looped(inside, outside).replace(MODEL, SHARES)


def test_a_cross_entropy_is_tried_with_labels_that_sum_to_one(verifier: Verifier) -> None:
    loss = "loss = " + CROSS_ENTROPY.format("p")
    verdict = asked(verifier, of_shares("p = model(x)", loss), of_shares(f"p = model(x)\n{loss}"))

    assert verdict.status == "verified" and verdict.evidence is not None, verdict
    assert any("labels sum to 1" in each for each in verdict.evidence.limits)


@pytest.mark.parametrize("changed", ["2.0 * p - tf.stop_gradient(p)", "tf.stop_gradient(0.1 * p) + 0.9 * p"])
def test_a_wrong_fix_of_a_cross_entropy_is_refused(verifier: Verifier, changed: str) -> None:
    original = of_shares("p = model(x)", "loss = " + CROSS_ENTROPY.format("p"))
    verdict = asked(verifier, original, of_shares("p = model(x)\nloss = " + CROSS_ENTROPY.format(changed)))

    assert verdict.status == "rejected" and "the gradient of" in verdict.reason, verdict


def test_of_several_the_one_that_keeps_the_value_is_taken(verifier: Verifier) -> None:
    dropout = MODEL.replace("tf.keras.layers.Dense(1)", "tf.keras.layers.Dropout(0.5), tf.keras.layers.Dense(1)")
    predicted = RIGHT.replace(MODEL, dropout).replace("model(x)", "model.predict(x)")

    verdict = asked(
        verifier, predicted, predicted.replace("predict(x)", "call(x, training=True)"), RIGHT.replace(MODEL, dropout)
    )

    assert (verdict.status, verdict.candidate) == ("verified", 1)


def test_a_step_that_is_right_is_healthy(verifier: Verifier) -> None:
    assert asked(verifier, RIGHT, RIGHT).status == "healthy"


def test_a_step_whose_value_does_not_move_is_flat(verifier: Verifier) -> None:
    counting = looped("p = model(x)", "loss = tf.reduce_sum(tf.cast(p > 100.0, tf.float32))")

    assert asked(verifier, counting, RIGHT).status == "flat"


ATTACK = """
def attack(model, image, label, criterion):
    with tf.GradientTape() as tape:
        loss = criterion(label, model(image))
    return tape.gradient(loss, image)
"""
WATCHED = ATTACK.replace("as tape:\n", "as tape:\n        tape.watch(image)\n")


def test_stand_ins_take_the_place_of_what_nobody_gives(verifier: Verifier) -> None:
    verdict = asked(verifier, ATTACK, WATCHED, as_called=False, watched=["image"])

    assert verdict.status == "verified"
    assert verdict.evidence is not None
    assert "a stand-in for" in verdict.evidence.inputs[0]


def test_watching_something_else_is_refused(verifier: Verifier) -> None:
    other = WATCHED.replace("watch(image)", "watch(label)")

    verdict = asked(verifier, ATTACK, other, as_called=False, watched=["image"])

    assert (verdict.status, verdict.reason) == ("rejected", "no gradient reaches image")


def test_what_the_module_reads_from_elsewhere_is_not_run(verifier: Verifier) -> None:
    loaded = RIGHT.replace("tf.keras.Sequential(", "tf.keras.models.load_model(")

    verdict = asked(verifier, loaded, RIGHT)

    assert verdict.status == "unverifiable"
    assert "load_model" in verdict.reason


def test_the_arguments_are_those_of_the_call(verifier: Verifier) -> None:
    program = (
        MODEL
        + """
def step(net, batch, criterion):
    inputs, target = batch
    with tf.GradientTape() as tape:
        p = net(inputs)
    loss = criterion(target, p)
    return tape.gradient(loss, net.trainable_variables)

def fit(net, batches, epochs=2):
    criterion = tf.keras.losses.MeanSquaredError()
    for epoch in range(epochs):
        for number, batch in enumerate(batches):
            step(net, batch, criterion)

if __name__ == "__main__":
    fit(model, tf.data.Dataset.from_tensor_slices((x, y)).shuffle(8).batch(4))
"""
    )
    fixed = program.replace("    loss = criterion(target, p)", "        loss = criterion(target, p)")

    verdict = asked(verifier, program, fixed)

    assert verdict.status == "verified"


def test_second_derivatives_are_proven_together(verifier: Verifier) -> None:
    program = """
def residual(model, x):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            u = model(x)
        u_x = inner.gradient(u, x)
    return outer.gradient(u_x, x)
"""
    both = program.replace("as outer:\n", "as outer:\n        outer.watch(x)\n").replace(
        "as inner:\n", "as inner:\n            inner.watch(x)\n"
    )
    one = program.replace("as inner:\n", "as inner:\n            inner.watch(x)\n")

    assert asked(verifier, program, both, as_called=False, watched=["x"]).status == "verified"
    assert asked(verifier, program, one, as_called=False, watched=["x"]).status == "rejected"
