"""Which framework a file is written in, by what it imports; and what a record says."""

from __future__ import annotations

import ast

import pytest

from autofix.analysis.syntactic import frameworks
from autofix.knowledge.frameworks import ALL, record_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import torch\n", ["torch"]),
        ("import tensorflow as tf\n", ["tensorflow"]),
        ("from tensorflow import keras\n", ["tensorflow"]),
        ("import tensorflow.keras.backend as K\nK.mean\n", ["tensorflow"]),
        ("import tf_keras\n", ["tensorflow"]),
        ("import keras\n", ["keras"]),
        ("from keras import ops\n", ["keras"]),
        ("from keras.losses import Loss\n", ["keras"]),
        ("import keras\nimport tensorflow as tf\n", ["tensorflow"]),  # its losses may be written with either
        ("import torch\nimport keras\n", ["torch", "tensorflow"]),
        ("from keras import backend as K\nK.set_floatx('float64')\nK.epsilon()\n", ["keras"]),
        ("from keras import backend as K\ndef loss(y, p):\n    return K.mean(y - p)\n", ["tensorflow"]),  # Keras 2
        ("import keras.backend as K\nK.mean\n", ["tensorflow"]),
        ("import keras\nkeras.backend.mean\n", ["tensorflow"]),
        ("from keras.backend import mean\n", ["tensorflow"]),
        ("import numpy\n", []),
        ("import keras_tuner\n", []),
    ],
)
def test_the_framework_of_a_file(text: str, expected: list[str]) -> None:
    assert frameworks(ast.parse(text)) == expected


def test_a_record_says_how_it_is_imported() -> None:
    assert [each.statement for each in ALL] == ["import torch", "import tensorflow as tf", "from keras import ops"]
    assert all(record_of(each.name) is each for each in ALL)
