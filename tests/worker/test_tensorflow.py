"""TensorFlow and Keras losses against right patches, wrong patches, and originals that need none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from autofix.model import Request
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

pytestmark = pytest.mark.tensorflow
BOTH = "y_true:t y_pred:p"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        if reason := running.missing("tensorflow"):
            pytest.skip(reason)
        yield running


def function(body: str, before: str = "") -> str:
    return f"import numpy as np\nimport tensorflow as tf\n{before}\ndef loss(y_true, y_pred):\n    {body}\n"


MAE = "return tf.reduce_mean(tf.abs(y_true - y_pred))"
RIGHT = {
    "numpy": ("return tf.reduce_mean(np.abs(y_true.numpy() - y_pred.numpy()))", MAE),
    "numpy alone": ("return np.mean(np.abs(y_true - y_pred))", MAE),
    "per sample": (
        "return np.mean(np.square(y_true - y_pred), axis=-1)",
        "return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)",
    ),
    "numpy function": (
        "return tf.numpy_function(lambda a, b: np.float32(np.abs(a - b).mean()), [y_true, y_pred], tf.float32)",
        MAE,
    ),
    "float32 constant": (
        "return tf.reduce_mean(tf.stop_gradient(tf.abs(y_true - y_pred)) * tf.constant(0.3))",
        "return tf.reduce_mean(tf.abs(y_true - y_pred) * tf.constant(0.3))",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_patch_is_verified(verifier: Verifier, name: str) -> None:
    original, patch = RIGHT[name]
    verdict = verifier.verify(request("tensorflow", "loss", BOTH, function(original), function(patch)))
    assert (verdict.status, verdict.candidate) == ("verified", 0), verdict
    assert verdict.evidence is not None
    assert verdict.evidence.gradient_after > 0


BROKEN = "return tf.reduce_mean(np.square(y_true.numpy() - y_pred.numpy()), axis=-1)"
WRONG = {
    "sum for mean": ("return tf.reduce_sum(tf.square(y_true - y_pred), axis=-1)", "the value differs"),
    "wrong axis": (
        "return tf.reduce_mean(tf.square(y_true - y_pred), axis=0)",
        "the value differs: shape [8] against [10]",
    ),
    "cut": (
        "return tf.reduce_mean(tf.square(tf.stop_gradient(y_pred) - y_true), axis=-1)",
        "no gradient reaches y_pred",
    ),
    "half cut": (
        "e = y_true - y_pred; return tf.reduce_mean(e * tf.stop_gradient(e), axis=-1)",
        "the gradient of y_pred is wrong (off by 50 %)",
    ),
    "static batch": (
        "n = y_pred.shape[0] * 1.0; return n * tf.reduce_mean(tf.square(y_true - y_pred), axis=-1) / n",
        "fails inside tf.function",
    ),
    "eager only": (
        "tf.print(y_pred.numpy()[0]); return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)",
        "fails inside tf.function: AttributeError",
    ),
    "another value when traced": (
        "scale = 1.0 if tf.executing_eagerly() else 2.0; return scale * tf.reduce_mean(tf.square(y_true - y_pred), -1)",
        "the value differs inside tf.function",
    ),
    "wrong type": ("return tf.reduce_mean(tf.square(y_true - tf.cast(y_pred, tf.int32)), -1)", "the rewrite fails"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_patch_is_rejected(verifier: Verifier, name: str) -> None:
    patch, reason = WRONG[name]
    verdict = verifier.verify(request("tensorflow", "loss", BOTH, function(BROKEN), function(patch)))
    assert verdict.status == "rejected", verdict
    assert reason in verdict.reason


KERAS = """
    import keras
    import numpy as np
    import tensorflow as tf

    class Quantile(keras.losses.Loss):
        def __init__(self, q=0.5):
            super().__init__()
            self.q = q

        def call(self, y_true, y_pred):
            e = y_true - y_pred
            return {}

    model.compile(loss=Quantile(0.9))
    model.fit(x, y)
"""


def test_decorated_original_is_run_eagerly_and_its_patch_traced(verifier: Verifier) -> None:
    original = function("return tf.reduce_mean(np.abs(y_true.numpy() - y_pred.numpy()))", before="@tf.function")
    patch, eager_only = function(MAE, before="@tf.function"), function("y_pred.numpy(); " + MAE, before="@tf.function")
    verdict = verifier.verify(request("tensorflow", "loss", BOTH, original, eager_only, patch))
    assert (verdict.status, verdict.candidate) == ("verified", 1), verdict


def test_keras_loss_class(verifier: Verifier) -> None:
    original = KERAS.format("np.mean(np.maximum(self.q * e, (self.q - 1.0) * e), axis=-1)")
    right = KERAS.format("tf.reduce_mean(tf.maximum(self.q * e, (self.q - 1.0) * e), axis=-1)")
    wrong = right.replace("- 1.0", "+ 1.0")
    assert verifier.verify(request("tensorflow", "Quantile.call", BOTH, original, wrong, right)).candidate == 1
    assert verifier.verify(request("tensorflow", "Quantile.call", BOTH, original, wrong)).status == "rejected"


@pytest.mark.parametrize("body", [MAE, "return tf.keras.losses.MeanSquaredError()(tf.stop_gradient(y_true), y_pred)"])
def test_healthy_original_is_left(verifier: Verifier, body: str) -> None:
    assert verifier.verify(request("tensorflow", "loss", BOTH, function(body), function(MAE))).status == "healthy"


@pytest.mark.parametrize("body", ["return tf.reduce_mean(tf.round(y_pred) - y_true)", "return tf.reduce_mean(y_true)"])
def test_flat_original_is_told(verifier: Verifier, body: str) -> None:
    assert verifier.verify(request("tensorflow", "loss", BOTH, function(body), function(MAE))).status == "flat"


LOOP = "return {0}({1}([{1}({2}(y_true[i] - y_pred[i])) for i in range(y_true.shape[0])]))"
LOOPING = LOOP.format("tf.constant", "np.mean", "np.abs")
LOOPED = LOOP.format("", "tf.reduce_mean", "tf.abs")
TENSORS = "return tf.stop_gradient(tf.add_n([tf.reduce_mean(tf.abs(y_true[i] - y_pred[i])) for i in range(3)]))"


SPECTRUM = "return {0}({1}({2}(y_true) - {2}(y_pred)))"
CENTERS = "centers = tf.Variable(tf.ones([10]))"
IN_HALF = {
    "no kernel": (
        SPECTRUM.format("np.mean", "np.abs", "np.fft.rfft"),
        SPECTRUM.format("tf.reduce_mean", "tf.abs", "tf.signal.rfft"),
        "",
    ),
    "a variable of its own": (
        "return np.mean(np.square(y_pred.numpy() - centers.numpy())) + 0.0 * tf.reduce_mean(y_true)",
        "return tf.reduce_mean(tf.square(y_pred - centers)) + 0.0 * tf.reduce_mean(y_true)",
        CENTERS,
    ),
}


@pytest.mark.parametrize("name", IN_HALF)
def test_half_precision_is_asked_only_where_there_is_any(verifier: Verifier, name: str) -> None:
    original, patch, before = IN_HALF[name]
    texts = function(original, before), function(patch, before)
    verdict = verifier.verify(request("tensorflow", "loss", BOTH, *texts))
    assert verdict.status == "verified", verdict


def test_a_tensor_of_the_type_of_the_prediction_is_preferred(verifier: Verifier) -> None:
    original = "return tf.reduce_mean(tf.ones(y_pred.shape[-1:]) * np.abs(y_true - y_pred))"
    plain = original.replace("np.abs", "tf.abs")
    typed = plain.replace(":])", ":], dtype=y_pred.dtype)")
    verdict = verifier.verify(request("tensorflow", "loss", BOTH, function(original), function(plain), function(typed)))
    assert (verdict.status, verdict.candidate) == ("verified", 1), verdict
    assert verdict.evidence is not None and not verdict.evidence.limits


def eagerly(original: str, *patches: str, eager: bool = True) -> Request:
    asked = request("tensorflow", "loss", BOTH, function(original), *map(function, patches))
    return replace(asked, only_eager=eager)


def test_a_loop_over_the_batch_is_verified_where_nothing_compiles_it(verifier: Verifier) -> None:
    verdict = verifier.verify(eagerly(LOOPING, LOOPED))
    assert verdict.status == "verified" and verdict.evidence is not None, verdict
    assert not verdict.evidence.compiles
    assert verdict.evidence.limits == ("fails inside tf.function, where the original fails too",)


def test_a_patch_that_compiles_is_preferred(verifier: Verifier) -> None:
    verdict = verifier.verify(eagerly(LOOPING, LOOPED, MAE))
    assert (verdict.status, verdict.candidate) == ("verified", 1), verdict
    assert verdict.evidence is not None and verdict.evidence.compiles


@pytest.mark.parametrize(
    "patch, reason",
    [
        (LOOPED.replace("abs", "square"), "the value differs"),
        (LOOPED.replace("y_pred[i]", "tf.stop_gradient(y_pred[i])"), "no gradient reaches y_pred"),
        (LOOPED.replace("y_pred[i]", "y_pred[i].numpy()"), "no gradient reaches y_pred"),
    ],
)
def test_a_wrong_patch_is_rejected_where_nothing_compiles_it_too(verifier: Verifier, patch: str, reason: str) -> None:
    verdict = verifier.verify(eagerly(LOOPING, patch))
    assert verdict.status == "rejected" and reason in verdict.reason, verdict


def test_a_loop_over_the_batch_is_rejected_where_it_may_be_compiled(verifier: Verifier) -> None:
    verdict = verifier.verify(eagerly(LOOPING, LOOPED, eager=False))
    assert verdict.status == "rejected" and verdict.reason.startswith("fails inside tf.function"), verdict


def test_a_patch_compiles_where_the_original_does(verifier: Verifier) -> None:
    counted = TENSORS.replace("range(3)", "range(int(tf.reduce_sum(y_true) * 0 + 3))")
    patch = counted.replace("stop_gradient", "identity")
    verdict = verifier.verify(eagerly(TENSORS, patch))
    assert verdict.status == "rejected" and verdict.reason.startswith("fails inside tf.function"), verdict


def test_random_original_is_judged_by_its_eager_value(verifier: Verifier) -> None:
    body = "return tf.reduce_mean(tf.abs({} - y_true) * tf.random.uniform([]))"
    typed = body.replace("uniform([])", "uniform([], dtype=y_pred.dtype)")
    original, patch = function(typed.format("y_pred.numpy()")), function(typed.format("y_pred"))
    assert verifier.verify(request("tensorflow", "loss", BOTH, original, patch)).status == "verified"


HELPER = """
def halved(x):
    while tf.reduce_max(tf.abs(x)) > 0.5:
        x = x * 0.5
    return x
"""


@pytest.mark.parametrize(
    "head",
    ["", "\n    @tf.autograph.experimental.do_not_convert"],
)
def test_branches_and_loops_over_tensors_are_compiled_as_by_tf_function(verifier: Verifier, head: str) -> None:
    """The loss and what it calls are converted; what says that it is not to be converted is not."""
    patched = f"""import numpy as np
import tensorflow as tf
{HELPER}
class Loss:{head}
    def call(self, y_true, y_pred):
        if tf.reduce_mean(y_true) > 1e6:
            return tf.reduce_sum(y_pred)
        return tf.reduce_mean(halved(y_true - y_pred) ** 2)
"""
    original = patched.replace("tf.reduce_mean(halved", "np.mean(halved")

    verdict = verifier.verify(replace(request("tensorflow", "Loss.call", BOTH, original, patched), only_eager=True))

    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert verdict.evidence.compiles == (not head)
