"""Losses of Keras 3 are fixed with `keras.ops` as the file spells it, and never with TensorFlow."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue

LOSS = "def loss(y_true, y_pred):\n    return np.mean(np.abs(y_true - y_pred))\n\n\nmodel.compile(loss=loss)\n"


def fixed(text: str) -> str:
    (fault,) = diagnose(ast.parse(text), text)
    candidates = rewrite(text, fault, Catalogue.load(fault.framework), Looks())
    assert not isinstance(candidates, Reason), candidates.text
    return candidates[0]


@pytest.mark.parametrize(
    ("head", "new_head", "ops"),
    [
        ("import numpy as np\nfrom keras import ops\n", "from keras import ops\n", "ops"),
        ("import numpy as np\nfrom keras import ops as K\n", "from keras import ops as K\n", "K"),
        ("import keras\nimport numpy as np\n", "import keras\n", "keras.ops"),
        ("import keras as k\nimport numpy as np\n", "import keras as k\n", "k.ops"),
        ("import keras\nimport numpy as np\nfrom keras import ops\n", "import keras\nfrom keras import ops\n", "ops"),
        ("import numpy as np\nfrom keras import layers\n", "from keras import layers, ops\n", "ops"),
        ("import numpy as np\nfrom keras import Model, regularizers\n", "from keras import Model, ops, regularizers\n",
         "ops"),
        ("import numpy as np\nfrom keras import (\n    Model,\n    layers,\n)\n",
         "from keras import (\n    Model,\n    layers,\n    ops,\n)\n", "ops"),
        ("import numpy as np\nfrom keras.losses import Loss\n",
         "from keras import ops\nfrom keras.losses import Loss\n", "ops"),
        ("import os\n\nimport numpy as np\nfrom keras.losses import Loss\n",
         "import os\n\nfrom keras import ops\nfrom keras.losses import Loss\n", "ops"),
        ("import numpy as np\nfrom keras.losses import Loss\nfrom mine import ops\n",
         "import keras\nfrom keras.losses import Loss\nfrom mine import ops\n", "keras.ops"),
        ("import numpy as np\nimport tensorflow as tf\nfrom keras import layers\n",
         "import tensorflow as tf\nfrom keras import layers\n", ""),  # a file that uses TensorFlow stays with it
    ],
)  # fmt: skip
def test_the_functions_are_named_as_the_file_names_them(head: str, new_head: str, ops: str) -> None:
    mean = f"{ops}.mean({ops}.abs(" if ops else "tf.reduce_mean(tf.abs("

    assert fixed(f"{head}\n\n{LOSS}") == f"{new_head}\n\n{LOSS}".replace("np.mean(np.abs(", mean)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return ops.mean(ops.convert_to_numpy(y_true - y_pred) ** 2)", "return ops.mean((y_true - y_pred) ** 2)"),
        ("return ops.mean(ops.stop_gradient(y_pred) - y_true)", "return ops.mean(y_pred - y_true)"),
        ("return np.std(y_true - y_pred, ddof=1)", "return ops.sqrt(_variance(y_true - y_pred, ddof=1))"),
    ],
)  # fmt: skip
def test_what_cuts_the_gradient_is_undone(body: str, expected: str) -> None:
    text = f"import numpy as np\nfrom keras import ops\n\n\ndef loss(y_true, y_pred):\n    {body}\n\n\n"

    found = fixed(f"{text}model.compile(loss=loss)\n")

    assert expected in found
    assert "tensorflow" not in found


RIGHT = (
    "def loss(y_true, y_pred):\n    return ops.mean(ops.abs(y_true - y_pred))\nmodel.compile(loss=loss)\n",
    "def mae(y_true, y_pred):\n    return np.mean(np.abs(y_true - y_pred))\nmodel.compile(loss='mse', metrics=[mae])\n",
    "class Median(keras.metrics.Metric):\n    def update_state(self, y_true, y_pred, sample_weight=None):\n"
    "        self.total.assign_add(float(np.median(ops.convert_to_numpy(y_true - y_pred))))\n",
    "def loss(y_true, y_pred):\n    return ops.mean(ops.square(y_pred - ops.stop_gradient(teacher(y_true))))\n"
    "model.compile(loss=loss)\n",
)


@pytest.mark.parametrize("body", RIGHT)
def test_right_losses_and_metrics_are_silent(body: str) -> None:
    text = f"import keras\nimport numpy as np\nfrom keras import ops\n\n\n{body}"

    assert list(diagnose(ast.parse(text), text)) == []


LAYER = (
    "import keras\nimport numpy as np\nfrom keras import ops\n\n\nclass Sparse(keras.layers.Layer):\n"
    "    def call(self, inputs):\n        {}\n        return inputs\n"
)


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("self.add_loss(ops.sum(np.abs(inputs)))", {"inputs"}),
        ("self.add_loss(self.rate * ops.sum(np.abs(inputs)))", {"rate", "inputs"}),
    ],
)
def test_a_loss_that_a_layer_adds_is_taken_out_as_a_function_of_its_inputs(body: str, names: set[str]) -> None:
    text = LAYER.format(body)
    (fault,) = diagnose(ast.parse(text), text)
    taken = Looks().lifted(text, fault.framework, fault.steps[0])

    assert taken is not None
    assert {each.name for each in taken.target.parameters if each.role == "prediction"} == {"inputs"}
    assert {each.name for each in taken.target.parameters} == names
