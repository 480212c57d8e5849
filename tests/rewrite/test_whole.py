"""What comes from a parameter of a TensorFlow loss is the framework's from end to end in one of the candidates."""

from __future__ import annotations

import ast
import textwrap
from functools import cache

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue

pytestmark = pytest.mark.slow

HEADS = {"tensorflow": "import numpy as np\nimport tensorflow as tf", "torch": "import numpy as np\nimport torch"}
STEPS = {
    "tensorflow": "def step(model, x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(model(x), y)\n"
    "    return tape.gradient(loss, model.trainable_variables)\n",
    "torch": "def step(model, x, y):\n    loss_fn(model(x), y).backward()\n",
}


@cache
def catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def bodies(body: str, before: str = "", framework: Framework = "tensorflow") -> list[str]:
    """Return each way in which everything before the step is written."""
    loss = f"def loss_fn(p, y, margin=1.0):\n{textwrap.indent(body, '    ')}"
    text = f"{HEADS[framework]}\n\n\n{before}{loss}\n\n\n{STEPS[framework]}"
    (fault,) = diagnose(ast.parse(text), text)
    found = rewrite(text, fault, catalogue(framework), Looks())
    assert not isinstance(found, Reason), found.text
    return [each.partition("\n\n\ndef step")[0] for each in found]


CARRIED = {
    "sums": ("a = np.cumsum(y, axis=-1)", "a = tf.cumsum(y, axis=-1)"),
    "an order": ("a = y[np.argsort(-y)]", "a = tf.gather(y, tf.argsort(-y))"),
    "rows of the identity": ("a = np.eye(3)[y].astype(np.float32)", "a = tf.one_hot(y, 3, dtype=p.dtype)"),
    "a class": ("a = np.argmax(y, axis=-1)", "a = tf.argmax(y, axis=-1)"),
    "a comparison": ("a = np.greater(y, 0)", "a = tf.greater(y, 0)"),
    "several steps": ("b = np.abs(y)\na = np.sqrt(b)", "b = tf.abs(y)\na = tf.sqrt(b)"),
}
KEPT = {
    "a number": "a = np.sqrt(margin)",
    "a constant": "a = np.cumsum(np.ones(3))",
    "a count": "a = np.log(len(y))",
    "a shape": "a = np.sqrt(y.shape[-1])",
    "what has no rule": "a = np.unique(y)",
}
USE = "\nreturn np.mean(np.square(p)) + tf.reduce_mean(tf.cast(a, p.dtype))"
USED = "\nreturn tf.reduce_mean(tf.square(p)) + tf.reduce_mean(tf.cast(a, p.dtype))"


@pytest.mark.parametrize("name", CARRIED)
def test_what_is_made_of_the_targets_is_carried_over_after_what_leaves_it(name: str) -> None:
    before, after = CARRIED[name]
    found = bodies(before + USE)
    places = [number for number, each in enumerate(found) if textwrap.indent(after + USED, "    ") in each]
    assert places and places[0] > 0, found
    assert textwrap.indent(before, "    ") in found[0]


@pytest.mark.parametrize("name", KEPT)
def test_what_comes_from_no_parameter_or_cannot_be_written_otherwise_stays(name: str) -> None:
    for each in bodies(KEPT[name] + USE):
        assert KEPT[name] in each


def test_pytorch_has_no_such_candidate() -> None:
    body = "a = np.cumsum(y, axis=-1)\nreturn torch.as_tensor(np.mean(p.detach().numpy()) + np.mean(a))"
    assert all("np.cumsum(y, axis=-1)" in each for each in bodies(body, framework="torch"))


def test_a_helper_called_for_both_is_changed_for_both_instead_of_copied() -> None:
    helper = "def soft(t):\n    return np.exp(t) / np.sum(np.exp(t))\n\n\n"
    found = bodies("return np.mean(soft(p) * soft(y))", helper)
    assert any("def soft(t):\n    return tf.exp(t) / tf.reduce_sum(tf.exp(t))\n" in each for each in found), found


def test_a_helper_that_numpy_callers_use_too_stays_for_them() -> None:
    helper = "def soft(t):\n    return np.exp(t) / np.sum(np.exp(t))\n\n\nPRIOR = soft(np.arange(3))\n\n\n"
    for each in bodies("return np.mean(soft(p) * soft(y))", helper):
        assert "def soft(t):\n    return np.exp(t) / np.sum(np.exp(t))\n" in each


@pytest.mark.parametrize(
    ("made", "typed"),
    [
        ("tf.one_hot(y, 3)", "tf.one_hot(y, 3, dtype=p.dtype)"),
        ("tf.ones(3)", "tf.ones(3, dtype=p.dtype)"),
        ("tf.ones(3, tf.float32)", ""),
        ("tf.zeros(3, dtype=tf.float32)", ""),
        ("tf.range(3)", ""),
    ],
)
def test_what_is_made_anew_takes_the_type_of_the_prediction_in_a_further_candidate(made: str, typed: str) -> None:
    found = bodies(f"return np.mean({made} * np.abs(p - y))")
    assert made in found[0]
    assert any(f"{typed} * " in each for each in found) if typed else all(made in each for each in found)


def test_a_helper_has_the_type_of_what_it_is_given() -> None:
    helper = "def rows(q, k):\n    return np.sum(q * np.eye(3)[k].astype(np.float32), axis=1)\n\n\n"
    assert any("q * tf.one_hot(k, 3, dtype=q.dtype)" in each for each in bodies("return np.mean(rows(p, y))", helper))


DRAWN = """
class Agent:
    def act(self, s):
        p = self.policy(s).numpy()[0]
        return np.random.choice(2, p=p / p.sum())

    def learn(self, states, actions):
        with tf.GradientTape() as tape:
            probs = self.policy(states)
            loss = tf.reduce_mean(-np.log(probs.numpy()[:, 0]) * actions)
        return tape.gradient(loss, self.policy.trainable_variables)

    def play(self, s):
        actions = np.array([self.act(s) for _ in range(9)])
        return self.learn(s, actions)
"""


@pytest.mark.parametrize("drawing", ["np.random.choice(2, p=p / p.sum())", "np.random.multinomial(1, p)"])
def test_what_was_drawn_stays_whatever_its_chances_came_from(drawing: str) -> None:
    text = HEADS["tensorflow"] + "\n" + DRAWN.replace("np.random.choice(2, p=p / p.sum())", drawing)
    fault = next(each for each in diagnose(ast.parse(text), text) if each.loss == "learn")
    found = rewrite(text, fault, catalogue("tensorflow"), Looks())
    assert not isinstance(found, Reason), found.text
    assert all(drawing in each and "self.policy(s).numpy()" in each for each in found)
    assert "tf.math.log(probs[:, 0])" in found[0]


def test_what_meets_a_drawn_number_is_mended_all_the_same() -> None:
    found = bodies("noise = np.random.rand(3)\nreturn np.mean(np.abs(p.numpy()) * noise)")
    assert all("noise = np.random.rand(3)\n    return tf.reduce_mean(tf.abs(p) * noise)" in each for each in found)
