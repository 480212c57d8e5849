"""The same for TensorFlow and Keras: a loss in `model.fit`, in a loop of one's own, and in a `tf.function`."""

from __future__ import annotations

import json
import sys

HEAD = """
import math
import numpy as np
import scipy.special
import tensorflow as tf
from tensorflow import keras
keras.utils.set_random_seed(0)
x, y = tf.random.uniform((4, 3)), tf.random.uniform((4, 1))
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD()
optimizer.build(model.trainable_variables)
"""
FIT = 'model.compile("sgd", loss)\nmodel.fit(x, y, verbose=0)\n'
EAGER = 'model.compile("sgd", loss, run_eagerly=True)\nmodel.fit(x, y, verbose=0)\n'
STEP = """{}def step(x, y):
    with tf.GradientTape() as tape:
        value = loss(y, model(x))
    gradients = tape.gradient(value, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return gradients

gradients = step(x, y)
"""
USES = {"fit": FIT, "eager": EAGER, "tape": STEP.format(""), "graph": STEP.format("@tf.function\n")}

BODIES = {
    "numpy": "tf.reduce_mean(tf.abs(y - p.numpy()))",
    "numpy number": "np.mean(np.abs(y.numpy() - p.numpy()))",
    "abs": "np.abs(y - p)",
    "maximum": "tf.reduce_mean(np.maximum(p - y, 0))",
    "array": "tf.reduce_mean(np.array(p) - y)",
    "convert": "tf.reduce_mean(keras.ops.convert_to_numpy(p) - y)",
    "float": "float(tf.reduce_mean(tf.square(y - p)))",
    "constant": "tf.constant(float(tf.reduce_mean(tf.square(y - p))))",
    "math": "tf.constant(math.sqrt(tf.reduce_mean(tf.square(y - p))))",
    "scipy": "tf.reduce_mean(scipy.special.expit(p) - y)",
    "variable": "tf.reduce_mean(tf.square(tf.Variable(p) - y))",
    "stop_gradient": "tf.reduce_mean(tf.square(tf.stop_gradient(p) - y))",
    "numpy_function": "tf.numpy_function(lambda a, b: np.abs(a - b).mean(), [y, p], tf.float32)",
    "argmax": "tf.reduce_mean(tf.cast(tf.argmax(p, 1), tf.float32))",
    "threshold": "tf.reduce_mean(tf.cast(p > 0.5, tf.float32))",
    "cast": "tf.reduce_mean(tf.cast(tf.cast(p, tf.int32), tf.float32))",
    "round": "tf.reduce_mean(tf.round(p) - y)",
    "sign": "tf.reduce_mean(tf.sign(p) - y)",
}
LEFT_OUT = {"float, graph", "constant, graph", "variable, graph"}
"""What autograph makes of `float` is its own, and a variable made in a `tf.function` fails by itself."""

IN_EVERY_USE = ("numpy", "abs", "float", "math", "stop_gradient", "sign")

PROGRAMS = {
    f"{name}, {use}": f"{HEAD}\ndef loss(y, p):\n    return {body}\n\n{code}"
    for name, body in BODIES.items()
    for use, code in USES.items()
    if f"{name}, {use}" not in LEFT_OUT and (use in ("fit", "tape") or name in IN_EVERY_USE)
}
_APPLY = "optimizer.apply_gradients(zip(gradients, model.trainable_variables))\n"
PROGRAMS |= {
    "predict": f"{HEAD}\nwith tf.GradientTape() as tape:\n    value = tf.reduce_mean(model.predict(x, verbose=0) - y)\n"
    f"gradients = tape.gradient(value, model.trainable_variables)\n{_APPLY}",
    "outside": f"{HEAD}\nout = model(x)\nwith tf.GradientTape() as tape:\n    value = tf.reduce_mean(out - y)\n"
    f"gradients = tape.gradient(value, model.trainable_variables)\n{_APPLY}",
    "twice": f"{HEAD}\nwith tf.GradientTape() as tape:\n    one = tf.reduce_mean(model(x))\n"
    "    two = tf.reduce_sum(model(x))\n"
    "a = tape.gradient(one, model.trainable_variables)\nb = tape.gradient(two, model.trainable_variables)\n",
    "unwatched": f"{HEAD}\ndef attack(model, image):\n    with tf.GradientTape() as tape:\n"
    "        value = tf.reduce_mean(model(image))\n    return tf.sign(tape.gradient(value, image))\n\n"
    "attack(model, x)\n",
    "one source": f"{HEAD}\nw = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n    value = float(w * 3.0)\n"
    "gradient = tape.gradient(value, w)\n",
}
CURES = {
    "`unconnected_gradients='zero'`": f"{HEAD}\nw = tf.Variable(2.0)\nwith tf.GradientTape() as tape:\n"
    "    value = tf.stop_gradient(w * 3.0)\ngradients = [tape.gradient(value, w, unconnected_gradients='zero')]\n",
    "`run_eagerly=True`": PROGRAMS["numpy, eager"],
    "`tf.config.run_functions_eagerly(True)`": PROGRAMS["numpy, graph"]
    .replace("def step", "tf.config.run_functions_eagerly(True)\n@tf.function\ndef step", 1)
    .replace("@tf.function\ntf.config", "tf.config"),
}


def said(program: str) -> str:
    """What is raised by a program; else the size of the gradients that it got."""
    names: dict[str, object] = {}
    try:
        exec(program, names)
    except Exception as error:
        return str(error)
    gradients = names.get("gradients")
    return str(sum(float(abs(each).numpy().sum()) for each in gradients)) if gradients else ""  # type: ignore


if __name__ == "__main__":
    json.dump({name: said(program) for name, program in {**PROGRAMS, **CURES}.items()}, sys.stdout)
