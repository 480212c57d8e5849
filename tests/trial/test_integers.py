"""Targets that may be integers: where a file shows it, and patches that take them in every type they may have."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from autofix.pipeline import fix_source
from autofix.trial.integers import may_be_integers, may_be_integers_in_fit
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

LOSS = "def loss(y_true, y_pred):\n    return np.mean(y_true - y_pred)\n"
MAY = {
    "random": "y = np.random.randint(0, 2, size=(8,))\nloss(y, model(x))",
    "random, of a generator": "y = rng.integers(0, 2, 8)\nloss(y, model(x))",
    "a cast": "loss(tf.cast(y, tf.int32), model(x))",
    "a cast of NumPy's": "y = read().astype(int)\nloss(y_true=y, y_pred=model(x))",
    "a type by its name": "y = np.zeros(8, dtype='int64')\nloss(y, model(x))",
    "the largest": "loss(tf.argmax(scores, axis=1), model(x))",
    "whole numbers": "y = tf.constant([[0, 1, 1, 0]] * 8)\nloss(y, model(x))",
    "a slice": "y = np.arange(10, dtype=np.int64)\nloss(y[:4], model(x))",
    "a range": "loss(tf.range(8), model(x))",
    "an argument of a step": "def step(a, b):\n    loss(b, model(a))\nstep(x, np.random.randint(0, 2, 8))",
    "an argument by name": "def step(a, b):\n    loss(b, model(a))\nstep(a=x, b=np.random.randint(0, 2, 8))",
    "a loop over pairs": "for a, b in zip(xs, np.random.randint(0, 2, (4, 8))):\n    loss(b, model(a))",
    "a data set": "y = np.random.randint(0, 2, 8)\n"
    "ds = tf.data.Dataset.from_tensor_slices((x, y)).batch(4)\nfor a, b in ds:\n    loss(b, model(a))",
    "a generator": "def batches():\n    yield x, np.random.randint(0, 2, 8)\n"
    "for a, b in batches():\n    loss(b, model(a))",
    "a data set of a library": "(x, y), _ = tf.keras.datasets.mnist.load_data()\nloss(y, model(x))",
    "an instance": "class Loss:\n    def call(self, y_true, y_pred):\n        pass\ncriterion = Loss()\n"
    "criterion(np.random.randint(0, 2, 8), model(x))",
}
MAY_NOT = {
    "nobody calls it": "",
    "a range of floats": "loss(np.arange(0, 1, 0.1), model(x))",
    "zeros": "loss(np.zeros((8, 4)), model(x))",
    "floats": "y = np.random.rand(8)\nloss(y, model(x))",
    "cast to float": "y = np.random.randint(0, 2, size=(8,)).astype('float32')\nloss(y, model(x))",
    "cast to float by TensorFlow": "loss(tf.cast(tf.argmax(scores, axis=1), tf.float32), model(x))",
    "one float among the numbers": "y = tf.constant([0.0, 1, 1])\nloss(y, model(x))",
    "integers of another use": "n = np.random.randint(0, 8)\ny = np.random.rand(8)\nloss(y, model(x))",
    "the other of two": "for a, b in zip(np.random.randint(0, 2, (4, 8)), np.random.rand(4, 8)):\n"
    "    loss(b, model(a))",
    "a function of the file's own": "def load_targets():\n    return np.random.rand(8)\nloss(load_targets(), model(x))",
    "a quotient": "y = np.random.randint(0, 256, 8) / 255\nloss(y, model(x))",
    "what is counted": "for i in range(10):\n    loss(y, model(x))",
    "itself": "y = y\nloss(y, model(x))",
}


def asked(text: str, loss: str = LOSS) -> frozenset[str]:
    module = ast.parse(loss + text)
    function = next(each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and each.args.args)
    named = next((each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and each.name == "call"), None)
    return may_be_integers(module, named or function, "Loss.call" if named else "loss")


@pytest.mark.parametrize("name", MAY)
def test_a_target_may_be_integers(name: str) -> None:
    assert asked(MAY[name]) == {"y_true"}


@pytest.mark.parametrize("name", MAY_NOT)
def test_a_target_is_not_known_to_be(name: str) -> None:
    assert asked(MAY_NOT[name]) == frozenset()


def test_a_loss_says_it_itself() -> None:
    assert asked("", LOSS.replace("y_true,", "y_true: 'Tensor[int32]',")) == {"y_true"}
    assert asked("", LOSS.replace("y_true -", "tf.cast(y_true, tf.float32) -")) == {"y_true"}
    assert asked("", LOSS.replace("y_true -", "y_true.astype(np.float32) -")) == {"y_true"}
    assert asked("", LOSS.replace("y_true -", "y_true.numpy().astype(np.float32) -")) == {"y_true"}
    assert asked("", LOSS.replace("y_true -", "np.asarray(y_true, dtype=np.float32) -")) == {"y_true"}
    assert asked("", LOSS.replace("y_true -", "tf.convert_to_tensor(y_true, tf.float32) -")) == {"y_true"}
    assert asked("", LOSS.replace("y_true -", "np.asarray(y_true) -")) == set()
    assert asked("", LOSS.replace("y_true -", "np.asarray(y_true / 2, dtype=np.float32) -")) == set()
    assert asked("", LOSS.replace("y_true,", "y_true: tf.Tensor,")) == frozenset()


COMPILED = "model.compile(optimizer='adam', loss=loss)\n"
FITTED = {
    "random": COMPILED + "y = np.random.randint(0, 2, size=(8, 1))\nmodel.fit(x, y)",
    "a type": COMPILED + "y = read().astype(np.int64)\nmodel.fit(x=x, y=y, epochs=3)",
    "the largest": "model.compile('sgd', loss)\nmodel.fit(x, scores.argmax(axis=1))",
    "one batch": COMPILED + "model.train_on_batch(x, np.random.poisson(3.0, 8).astype('int32'))",
    "a data set": COMPILED + "y = np.arange(24) % 5\n"
    "ds = tf.data.Dataset.from_tensor_slices((x, y[:, None])).shuffle(24).batch(8)\nmodel.fit(ds)",
    "a generator": COMPILED + "def batches():\n    while True:\n        yield x, np.random.randint(0, 9, (8, 1))\n"
    "model.fit(batches(), steps_per_epoch=2)",
    "an instance of a class": "class Loss:\n    def call(self, y_true, y_pred):\n        pass\n"
    "model.compile('adam', Loss())\nmodel.fit(x, np.random.randint(0, 2, 8))",
    "a named instance": "class Loss:\n    def call(self, y_true, y_pred):\n        pass\n"
    "criterion = Loss()\nmodel.compile('adam', loss=criterion)\nmodel.fit(x, np.random.randint(0, 2, 8))",
    "one of several": "model.compile('adam', {'a': 'mse', 'b': loss})\nmodel.fit(x, np.random.randint(0, 2, 8))",
}
NOT_FITTED = {
    "floats": COMPILED + "model.fit(x, np.random.rand(8, 1))",
    "made floats": COMPILED + "model.fit(x, np.random.randint(0, 2, 8).astype('float32'))",
    "integers are what goes in": COMPILED + "model.fit(np.random.randint(0, 99, (8, 5)), np.random.rand(8))",
    "integers go into a data set": COMPILED + "tokens = np.random.randint(0, 99, (8, 5))\n"
    "ds = tf.data.Dataset.from_tensor_slices((tokens, np.random.rand(8))).batch(4)\nmodel.fit(ds)",
    "another loss": "model.compile('adam', loss='mse')\nmodel.fit(x, np.random.randint(0, 2, 8))",
    "nothing is compiled": "model.fit(x, np.random.randint(0, 2, 8))",
}


def fitted(text: str) -> frozenset[str]:
    module = ast.parse(LOSS + text)
    named = next((each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and each.name == "call"), None)
    function = next(each for each in ast.walk(module) if isinstance(each, ast.FunctionDef) and each.args.args)
    return may_be_integers_in_fit(module, named or function, "Loss.call" if named else "loss")


@pytest.mark.parametrize("name", FITTED)
def test_labels_that_fit_is_given_may_be_integers(name: str) -> None:
    assert fitted(FITTED[name]) == {"y_true"}


@pytest.mark.parametrize("name", NOT_FITTED)
def test_labels_that_fit_is_given_are_not_known_to_be(name: str) -> None:
    assert fitted(NOT_FITTED[name]) == frozenset()


HEAD = """import numpy as np
import tensorflow as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(4)])
x = np.random.rand(8, 5).astype("float32")
"""
STEP = """
def train_step(a, b):
    with tf.GradientTape() as tape:
        loss = loss_fn(b, model(a))
    return tape.gradient(loss, model.trainable_variables)
"""
ABSOLUTE = "def loss_fn(y_true, y_pred):\n    return tf.reduce_mean(np.abs(y_true - y_pred.numpy()))\n"
HINGE = """def loss_fn(y_true, y_pred):
    return tf.reduce_mean(np.maximum(0.0, 1.0 - y_pred.numpy() * (2 * y_true.numpy() - 1)))
"""
CHOSEN = """def loss_fn(y_true, y_pred):
    p = tf.nn.softmax(y_pred).numpy()
    return tf.reduce_mean(-np.log(p[np.arange(len(y_true)), y_true] + 1e-8))
"""
CAST = "    y_true = tf.cast(y_true, y_pred.dtype)\n"
PROGRAMS = {
    "arrays of integers": (ABSOLUTE, "y = np.random.randint(0, 2, size=(8, 4))\ntrain_step(x, y)\n", True),
    "tensors of integers": (
        HINGE,
        "y = tf.one_hot(tf.argmax(tf.random.uniform((8, 4)), 1), 4, dtype=tf.int32)\ntrain_step(x, y)\n",
        True,
    ),
    "integers now and then": (
        HINGE,
        "for y in (tf.ones((8, 4)), tf.constant([[0, 1, 1, 0]] * 8)):\n    train_step(x, y)\n",
        True,
    ),
    "floats": (ABSOLUTE, "y = np.random.rand(8, 4).astype('float32')\ntrain_step(x, y)\n", False),
    "labels": (CHOSEN, "y = np.random.randint(0, 4, size=(8,)).astype(np.int32)\ntrain_step(x, y)\n", False),
    "floats of integers": (
        ABSOLUTE,
        "y = np.random.randint(0, 2, size=(8, 4)).astype('float32')\ntrain_step(x, y)\n",
        False,
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_patch_takes_what_the_program_gives(verifier: Verifier, name: str) -> None:
    loss, use, is_cast = PROGRAMS[name]
    outcome = fix_source(HEAD + loss + STEP + use, "loss.py", verifier)
    assert {each.fix.status for each in outcome.findings} == {"verified"}, outcome.findings
    assert (CAST in outcome.text) is is_cast


COUNTS = """import numpy as np
import tensorflow as tf

def histogram_loss(y_true, y_pred):
    votes = np.asarray(y_true, dtype=np.float32)
    share = votes / votes.sum(axis=-1, keepdims=True)
    return tf.constant(np.mean(np.abs(np.cumsum(y_pred.numpy(), axis=-1) - np.cumsum(share, axis=-1))))
"""


@pytest.mark.tensorflow
@pytest.mark.parametrize(("text", "is_cast"), [(COUNTS, True), (COUNTS.replace(", dtype=np.float32", ""), False)])
def test_counts_that_a_loss_casts_itself_are_cast(verifier: Verifier, text: str, is_cast: bool) -> None:
    outcome = fix_source(text, "loss.py", verifier)

    assert {each.fix.status for each in outcome.findings} == {"verified"}, outcome.findings
    assert (CAST in outcome.text) is is_cast


MENDED = HINGE.replace("np.maximum(0.0, ", "tf.nn.relu(").replace("y_pred.numpy()", "y_pred").replace(".numpy()", "")
SOMETIMES = "for y in (tf.ones((8, 4)), tf.constant([[0, 1, 1, 0]] * 8)):\n    train_step(x, y)\n"
UNSEEN = "def train(path):\n    for y in (read(path), tf.constant([[0, 1, 1, 0]] * 8)):\n        train_step(x, y)\n"


@pytest.mark.tensorflow
@pytest.mark.parametrize(("use", "status"), [(SOMETIMES, "verified"), (UNSEEN, "rejected")])
def test_integers_that_the_first_step_does_not_have_are_a_limit(verifier: Verifier, use: str, status: str) -> None:
    texts = [HEAD + loss + STEP + use for loss in (HINGE, MENDED)]
    verdict = verifier.verify(request("tensorflow", "loss_fn", "y_true:t y_pred:p", *texts))
    assert verdict.status == status, verdict
    if verdict.evidence is not None:
        assert [each.split("(")[0] for each in verdict.evidence.limits] == [
            "fails with int32 in y_true ",
            "fails with int64 in y_true ",
        ]
    else:
        assert "the rewrite fails with int32 in y_true" in verdict.reason


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "wrong",
    [
        "y_pred * tf.cast(2 * y_true - (0 if y_true.dtype.is_integer else 1), y_pred.dtype)",
        "(tf.stop_gradient(y_pred) if y_true.dtype.is_integer else y_pred) * tf.cast(2 * y_true - 1, y_pred.dtype)",
    ],
)
def test_a_patch_that_is_wrong_for_integers_alone_is_rejected(verifier: Verifier, wrong: str) -> None:
    patch = MENDED.replace("y_pred * (2 * y_true - 1)", wrong)
    texts = [HEAD + each + STEP + SOMETIMES for each in (HINGE, patch)]
    verdict = verifier.verify(request("tensorflow", "loss_fn", "y_true:t y_pred:p", *texts))
    assert verdict.status == "rejected" and "in y_true" in verdict.reason, verdict


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("keras", "labels", "casts"),
    [
        ('os.environ["TF_USE_LEGACY_KERAS"] = "1"\n', "np.random.randint(0, 2, (8, 4))", True),
        ('os.environ["TF_USE_LEGACY_KERAS"] = "1"\n', "np.random.rand(8, 4)", False),
        ("", "np.random.randint(0, 2, (8, 4))", False),  # Keras 3 casts them itself
    ],
)
def test_a_patch_takes_what_fit_gives_where_keras_does_not_cast_it(
    verifier: Verifier, keras: str, labels: str, casts: bool
) -> None:
    use = f"model.compile('sgd', loss_fn, run_eagerly=True)\nmodel.fit(x, {labels}, verbose=0)\n"
    text = f"import os\n{keras}{HEAD}{HINGE}{use}"

    outcome = fix_source(text, "<text>", verifier)

    assert outcome.findings[0].fix.status == "verified"
    assert (CAST in outcome.text) == casts
