"""Elements of a NumPy copy that are set to what has a gradient: a changed tensor takes its place."""

from __future__ import annotations

import pytest

from tests.fixes.conftest import Run, assert_fixed, assert_stays

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]
PROGRAM = """
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
x, y = np.random.randn(8, 6, 4).astype("float32"), np.random.randn(8).astype("float32")
rng = np.random.default_rng(1)


class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.inner, self.other = tf.keras.layers.Dense(5), tf.keras.layers.Dense(5)
        self.token = self.add_weight(shape=(5,), initializer="uniform", name="token")
        self.last = tf.keras.layers.Dense(1)

    def mixed(self, x):
        z = self.inner(x)
{body}

    def call(self, x):
        return self.last(tf.reshape(self.mixed(x), [8, -1]))


net = Net()
net.compile("adam", "mse", run_eagerly=True)
net.fit(x, y, epochs=2, batch_size=8, verbose=0)
"""
ROWS = """\
        best = tf.math.top_k(tf.reduce_sum(z, -1), 2).indices
        picked = tf.gather(self.other(x), best, batch_dims=1) * self.token
        out = z.numpy()
        out[np.arange(8)[:, None], best.numpy()] = picked.numpy()
        return tf.convert_to_tensor(out)"""
FIXED = {
    "rows and columns": (ROWS, ["out = z\n", "out = tf.tensor_scatter_nd_update(out, "]),
}
RIGHT = {
    "what is drawn": """\
        shown = z.numpy()
        shown[0] = self.other(x)[0].numpy()
        print(shown.shape)
        return z * self.token + self.other(x)""",
    "numbers that say where": """\
        order = z.numpy()
        order[:, 0] = self.other(x)[:, 0].numpy()
        place = order.sum(-1).argmax(1)
        return tf.gather(z * self.token + self.other(x), place, axis=1, batch_dims=1)""",
    "a threshold": """\
        level = z.numpy()
        level[level < 0] = 0.0
        level[0] = self.other(x)[0].numpy()
        return tf.where(z > level.mean(), z * self.token, self.other(x))""",
    "a scatter": """\
        places = np.stack([np.arange(4), np.arange(4)], -1)
        return tf.tensor_scatter_nd_update(z * self.token, places, self.other(x)[0, :4])""",
}


@pytest.mark.parametrize(("body", "lines"), FIXED.values(), ids=FIXED)
def test_elements_that_are_set_keep_their_gradient(run: Run, body: str, lines: list[str]) -> None:
    assert_fixed(run(PROGRAM.lstrip("\n").format(body=body)), lines)


@pytest.mark.parametrize("body", RIGHT.values(), ids=RIGHT)
def test_what_only_says_where_stays(run: Run, body: str) -> None:
    assert_stays(run, PROGRAM.lstrip("\n").format(body=body))
