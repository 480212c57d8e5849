"""Programs whose layers of Keras keep variables of TensorFlow, to be trained or on purpose."""

from __future__ import annotations

import textwrap

HEAD = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n\nkeras.utils.set_random_seed(0)\n"
DATA = "x, y = np.random.randn(32, 4).astype('float32'), np.random.randn(32, 1).astype('float32')\n"
FIT = "net.compile(optimizer=keras.optimizers.Adam(0.01), loss='mse')\n"
FIT += "net.fit(x, y, epochs=2, batch_size=16, verbose=0)\n"
LOOP = """
opt = keras.optimizers.Adam(0.01)
for step in range(5):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(net(x) - y))
    variables = {variables}
    gradients = tape.gradient(loss, variables)
    opt.apply_gradients(zip(gradients, variables))
"""


def layer(made: str, call: str, after: str = FIT, more: str = "", given: str = "", part: str = "Part()") -> str:
    """A program whose model has a layer of its own in front of a dense one."""
    made, call, more = (textwrap.indent(textwrap.dedent(each).strip("\n"), " " * 8) for each in (made, call, more))
    more = f"\n{textwrap.dedent(more)}" if more.strip() else ""
    return (
        f"{HEAD}\n\nclass Part(keras.layers.Layer):\n    def __init__(self{given}):\n"
        f"        super().__init__()\n{made}\n{textwrap.indent(more, '    ')}\n\n    def call(self, x):\n{call}\n\n\n"
        f"class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.part = {part}\n"
        f"        self.last = keras.layers.Dense(1)\n\n"
        f"    def call(self, x):\n        return self.last(self.part(x))\n\n\n{DATA}net = Net()\n{after}"
    )


ALL = LOOP.format(variables="net.trainable_variables")
SCALE = "self.scale = tf.Variable(tf.ones(4), name='scale')"
SCALED = "return x * self.scale"

FIXED = {
    "numbers that fill a list, and are printed one by one": (
        layer(
            "self.rates = []\nfor at in range(2):\n    self.rates.append(tf.Variable(0.1 * at))",
            "return sum(tf.tanh(rate * x) for rate in self.rates)",
            FIT + "print([float(rate.numpy()) for rate in net.part.rates])\n",
        ),
        ["self.rates.append(keras.Variable(0.1 * at))"],
    ),
    "an attribute, with a loop": (
        layer("self.scale = tf.Variable(initial_value=tf.ones(4), trainable=True, name='scale')", SCALED, ALL),
        ["self.scale = keras.Variable(tf.ones(4), trainable=True, name='scale')"],
    ),
    "lists of variables and a single number": (
        layer(
            "self.shifts = [tf.Variable(np.full(4, float(i), 'float32'), True) for i in range(2)]\n"
            "self.sharp = tf.Variable(0.5)\nself.count = tf.Variable(0, trainable=False)",
            "self.count.assign_add(1)\nreturn sum(tf.tanh(self.sharp * (x - each)) for each in self.shifts)",
        ),
        ["keras.Variable(np.full(4, float(i), 'float32'), trainable=True)", "self.sharp = keras.Variable(0.5)",
         "self.count = tf.Variable(0, trainable=False)"],
    ),
    "a weight that is drawn when the layer is built, in a file that has no name for Keras": (
        layer(
            "self.units = 8",
            "return tf.nn.relu(x @ self.kernel + self.bias)",
            more="""
            def build(self, shape):
                start = tf.random_normal_initializer(seed=1)
                self.kernel = tf.Variable(initial_value=start(shape=(shape[-1], self.units), dtype='float32'))
                self.bias = tf.Variable(tf.zeros(self.units))
            """,
        ).replace("from tensorflow import keras\n", "").replace("keras.", "tf.keras."),
        ["self.kernel = tf.keras.Variable(start(shape=(shape[-1], self.units), dtype='float32'))",
         "self.bias = tf.keras.Variable(tf.zeros(self.units))"],
    ),
    "numbers in a dict that are printed in the end": (
        layer(
            "self.rates = {}\nfor name in ('slow', 'fast'):\n"
            "    self.rates[name] = tf.Variable(np.log(0.3), dtype=tf.float32, trainable=True, name=name)",
            "return x * tf.sigmoid(self.rates['slow']) + tf.sigmoid(self.rates['fast'])",
            FIT + "print({name: round(float(tf.sigmoid(each)), 3) for name, each in net.part.rates.items()})\n",
        ),
        ["self.rates[name] = keras.Variable(np.log(0.3), dtype=tf.float32, trainable=True, name=name)"],
    ),
    "a tuple that a method makes": (
        layer(
            "self.reset(2)",
            "low, high = self.bounds\nreturn tf.clip_by_value(x, low, high) * high",
            more="""
            def reset(self, width):
                self.bounds = (tf.Variable(-float(width)), tf.Variable(float(width), name="high"))
            """,
            after=ALL + 'print(f"bounds {[each.numpy() for each in net.part.bounds]}")\n',
        ),
        ['self.bounds = (keras.Variable(-float(width)), keras.Variable(float(width), name="high"))'],
    ),
    "a dict of lists": (
        layer(
            "self.tables = {'row': [tf.Variable(tf.ones(4)) for _ in range(2)], 'column': []}",
            "for each in self.tables['row']:\n    x = tf.tanh(x * each)\nreturn x",
        ),
        ["'row': [keras.Variable(tf.ones(4)) for _ in range(2)]"],
    ),
}  # fmt: skip
RIGHT = {
    "variables of Keras": layer("self.scale = keras.Variable(np.ones(4, 'float32'))", SCALED),
    "a variable that is not trained": layer("self.scale = tf.Variable(tf.ones(4), trainable=False)", SCALED),
    "a variable that a comment calls fixed": layer(f"# fixed\n{SCALE}", SCALED),
    "a gradient that is asked for by name": layer(
        SCALE, SCALED, LOOP.format(variables="[*net.trainable_variables, net.part.scale]")
    ),
    "the last layer alone": layer(SCALE, SCALED, LOOP.format(variables="net.last.trainable_variables")),
    "an average that a layer assigns": layer(
        "self.centre = tf.Variable(tf.zeros(4))",
        "self.centre.assign(0.9 * self.centre + 0.1 * tf.reduce_mean(x, axis=0))\nreturn x - self.centre",
    ),
    "a weight of a term that a schedule raises": layer(
        "self.weight = tf.Variable(0.1)",
        "self.add_loss(self.weight * tf.reduce_mean(tf.square(x)))\nreturn x * 2.0",
        "class Raise(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch, logs=None):\n"
        "        self.model.part.weight.assign(0.2)\n\n\n"
        + FIT.replace("verbose=0", "verbose=0, callbacks=[Raise()]"),
    ),
    "a weight of a term that stays": layer(
        "self.weight = tf.Variable(0.1)",
        "h = x * 2.0\nself.add_loss(self.weight * tf.reduce_mean(tf.square(h)))\nreturn h",
    ),
    "a weight of a term in a loop": layer(
        "self.beta = tf.Variable(0.5)",
        "return x * self.beta",
        LOOP.format(variables="net.trainable_variables").replace("- y))", "- y)) + net.part.beta * 0.1"),
    ),
    "numbers in a dict that weigh terms of a loop": layer(
        "self.weights_of = {'norm': tf.Variable(0.5)}",
        "return x * self.weights_of['norm']",
        LOOP.format(variables="net.trainable_variables").replace("- y))", "- y)) + net.part.weights_of['norm'] * 0.1"),
    ),
    "a dict of statistics": layer(
        "self.state = {'mean': tf.Variable(tf.zeros(4), trainable=False), 'seen': tf.Variable(0.0, trainable=False)}",
        "self.state['seen'].assign_add(1.0)\nreturn x - self.state['mean'] / (1.0 + self.state['seen'])",
        FIT + "print({name: each.numpy() for name, each in net.part.state.items()})\n",
    ),
    "a dict whose variables a loop asks for by name": layer(
        "self.rates = {'slow': tf.Variable(0.5)}",
        "return x * self.rates['slow']",
        LOOP.format(variables="[*net.trainable_variables, *net.part.rates.values()]"),
    ),
    "a layer that is only called": layer(
        "self.rates = {'slow': tf.Variable(0.5)}",
        "return x * self.rates['slow']",
        "head = keras.layers.Dense(1)\nhead.build((None, 4))\n"
        + LOOP.format(variables="head.trainable_variables").replace("net(x)", "head(net.part(x))"),
    ),
    "a variable that is handed in": layer(
        "self.scale = scale", SCALED, given=", scale", part="Part(tf.Variable(tf.ones(4)))"
    ),
    "a layer that stops its gradient": layer(SCALE, "return tf.stop_gradient(x * self.scale)"),
    "a layer with weights of its own": layer(
        "self.scale = self.add_weight(shape=(4,), initializer='ones', name='scale')", SCALED
    ),
}  # fmt: skip
