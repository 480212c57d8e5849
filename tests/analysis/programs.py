"""Small programs for the tests of the analysis: a loss, and a step that trains with it."""

from __future__ import annotations

import ast
import textwrap

from autofix.analysis.faults import Fault
from autofix.analysis.finding.search import diagnose

TORCH_STEP = """
model = torch.nn.Linear(3, 1)
for x, y in batches:
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
"""
TENSORFLOW_STEP = """
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
for x, y in batches:
    with tf.GradientTape() as tape:
        loss = loss_fn(model(x), y)
    gradients = tape.gradient(loss, model.trainable_variables)
"""


def diagnosed(source: str) -> tuple[Fault, ...]:
    """Diagnose a program written with the indentation of the test around it."""
    text = textwrap.dedent(source)
    return diagnose(ast.parse(text), text)


def torch_loss(body: str) -> list[tuple[str, str]]:
    """Return code and operation of each cut in a torch loss `loss_fn(p, y)` with this body, trained with."""
    return _cuts("import math\nimport numpy as np\nimport torch\n", body, TORCH_STEP)


def tensorflow_loss(body: str) -> list[tuple[str, str]]:
    """The same for TensorFlow."""
    return _cuts("import math\nimport numpy as np\nimport tensorflow as tf\n", body, TENSORFLOW_STEP)


def _cuts(head: str, body: str, step: str) -> list[tuple[str, str]]:
    indented = textwrap.indent(textwrap.dedent(body).strip(), "    ")
    text = f"{head}\n\ndef loss_fn(p, y):\n{indented}\n\n{step}"
    return [(cut.code, cut.operation) for each in diagnose(ast.parse(text), text) for cut in each.cuts]
