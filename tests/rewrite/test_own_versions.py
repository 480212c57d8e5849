"""Helpers that NumPy callers use too: the loss gets versions of its own, and those callers keep theirs."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue
from tests.rewrite.test_readers import fixed

pytestmark = pytest.mark.slow

_TORCH = "import numpy as np\nimport torch\n\n\n"
_TENSORFLOW = "import numpy as np\nimport tensorflow as tf\n\n\n"
_SMOOTH = """def smooth(a, eps=1e-3):
    return np.sqrt(a**2 + eps)
"""
_OWN = """

def _smooth_torch(a, eps=1e-3):
    return torch.sqrt(a**2 + eps)
"""
_LOSS = """

def loss_fn(p, y):
    return torch.mean(smooth(p - y))


def step(model, x, y):
    loss_fn(model(x), y).backward()
"""
_REPORT = """

def report(a, b):
    print(smooth(np.asarray(a) - np.asarray(b)).max())
"""


@cache
def _catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def _rewritten(text: str) -> str | Reason:
    (fault,) = diagnose(ast.parse(text), text)
    candidates = rewrite(text, fault, _catalogue(fault.framework), Looks())
    return candidates if isinstance(candidates, Reason) else candidates[0]


def _rerouted(loss: str) -> str:
    return loss.replace("smooth(", "_smooth_torch(")


@pytest.mark.parametrize(
    "use",
    [
        _REPORT,
        "\n\ndef report(a):\n    return smooth(np.zeros(3))\n",
        "\n\nclass Metric:\n    def update(self, a):\n        self.total += smooth(np.abs(a)).sum()\n",
        "\n\nprint(smooth(np.linspace(0, 1, 5)))\n",
        "\n\ndef curve(p, y):\n    return smooth(p.detach().numpy() - y.numpy())\n",
        "\n\ndef watch(model, x, y):\n    print(smooth(model(x).detach().numpy() - y.numpy()))\n",
        "\n\ndef rate(y):\n    return smooth(y.numpy())\n\n\nprint(rate(torch.zeros(3)))\n",
        "\n\ndef smoothed(t):\n    return smooth(torch.zeros(3))\n",
    ],
)
def test_a_helper_that_others_use_is_copied_for_the_loss(use: str) -> None:
    text = _TORCH + _SMOOTH + _LOSS + use

    assert _rewritten(text) == _TORCH + _SMOOTH + _OWN + _rerouted(_LOSS) + use


@pytest.mark.parametrize(
    "use",
    [
        "",
        "\n\ndef other_step(model, x, y):\n    smooth(model(x) - y).mean().backward()\n",
        "\n\ndef report(a):\n    return np.max(a)\n",
    ],
)
def test_a_helper_that_only_losses_call_is_changed_where_it_stands(use: str) -> None:
    text = _TORCH + _SMOOTH + _LOSS + use

    rewritten = _rewritten_first(text)

    assert "_smooth_torch" not in rewritten
    assert "    return torch.sqrt(a**2 + eps)\n" in rewritten
    assert "    return np.sqrt(a**2 + eps)\n" not in rewritten


def _rewritten_first(text: str) -> str:
    fault = diagnose(ast.parse(text), text)[0]
    candidates = rewrite(text, fault, _catalogue(fault.framework), Looks())
    assert not isinstance(candidates, Reason), candidates.text
    return candidates[0]


def test_helpers_of_helpers_are_copied_once_each() -> None:
    text = (
        _TENSORFLOW
        + """def norm(a):
    return a / np.sum(np.abs(a))


def smooth(a):
    return np.sqrt(norm(a) ** 2 + norm(a * 2))


def my_loss(y_true, y_pred):
    return tf.reduce_mean(smooth(y_pred) - smooth(y_true))


model.compile("adam", loss=my_loss)
print(smooth(np.ones(3)))
"""
    )

    assert _rewritten(text) == (
        _TENSORFLOW
        + """def norm(a):
    return a / np.sum(np.abs(a))


def _norm_tf(a):
    return a / tf.reduce_sum(tf.abs(a))


def smooth(a):
    return np.sqrt(norm(a) ** 2 + norm(a * 2))


def _smooth_tf(a):
    return tf.sqrt(_norm_tf(a) ** 2 + _norm_tf(a * 2))


def my_loss(y_true, y_pred):
    return tf.reduce_mean(_smooth_tf(y_pred) - _smooth_tf(y_true))


model.compile("adam", loss=my_loss)
print(smooth(np.ones(3)))
"""
    )


def test_what_stands_between_loss_and_shared_helper_and_is_the_losses_own_is_only_rerouted() -> None:
    between = "\n\ndef distance(p, y):\n    return smooth(p - y)\n"
    loss = _LOSS.replace("smooth(p - y)", "distance(p, y)")
    text = _TORCH + _SMOOTH + between + loss + _REPORT

    assert _rewritten(text) == _TORCH + _SMOOTH + _OWN + _rerouted(between) + loss + _REPORT


def test_weights_that_the_loss_computes_with_numpy_stay_with_the_original() -> None:
    loss = _LOSS.replace("smooth(p - y)", "smooth(p - y) * float(smooth(np.arange(3.0)).sum())")
    text = _TORCH + _SMOOTH + loss

    assert _rewritten(text) == _TORCH + _SMOOTH + _OWN + loss.replace("smooth(p", "_smooth_torch(p")


def test_targets_that_go_through_the_helper_too_are_tensors_there() -> None:
    loss = """

def loss_fn(p, y):
    p_np = p.detach().numpy()
    y_np = y.numpy()
    return torch.from_numpy(smooth(p_np) - smooth(y_np)).mean()


def step(model, x, y):
    loss_fn(model(x), y).backward()
"""
    mended = """

def loss_fn(p, y):
    return (_smooth_torch(p) - _smooth_torch(y)).mean()


def step(model, x, y):
    loss_fn(model(x), y).backward()
"""

    assert _rewritten(_TORCH + _SMOOTH + loss + _REPORT) == _TORCH + _SMOOTH + _OWN + mended + _REPORT
    assert _rewritten(_TORCH + _SMOOTH + loss) == (
        (_TORCH + _SMOOTH.replace("np.", "torch.") + mended.replace("_smooth_torch", "smooth")).replace(
            "import numpy as np\n", ""
        )
    )


def test_a_copy_takes_a_name_that_nothing_has() -> None:
    taken = "\n\ndef _smooth_torch():\n    pass\n"

    rewritten = _rewritten(_TORCH + _SMOOTH + _LOSS + _REPORT + taken)

    assert isinstance(rewritten, str)
    assert "def _smooth_torch_2(a, eps=1e-3):\n    return torch.sqrt(a**2 + eps)\n" in rewritten
    assert "torch.mean(_smooth_torch_2(p - y))" in rewritten


@pytest.mark.parametrize(
    "text",
    [
        _TORCH + "def loss_fn(p, y):\n    return np.mean((p - y) ** 2)\n\n\ndef step(model, x, y):\n"
        "    loss_fn(model(x), y).backward()\n\n\nprint(loss_fn(np.zeros(3), np.ones(3)))\n",
        _TORCH + "class Loss(torch.nn.Module):\n    def smooth(self, a):\n        return np.sqrt(a**2)\n\n"
        "    def forward(self, p, y):\n        return self.smooth(p - y).mean()\n\n"
        "    def report(self, a):\n        return self.smooth(np.asarray(a))\n\n\n"
        "def step(model, x, y):\n    Loss()(model(x), y).backward()\n",
        _TORCH + "smooth = lambda a: np.sqrt(a**2)\n" + _LOSS + _REPORT,
        _TORCH + _SMOOTH + _LOSS + "\n\nprint(loss_fn(np.zeros(3), np.ones(3)))\n",
    ],
    ids=["the loss itself", "a method", "a lambda", "a loss that passes arrays on"],
)
def test_losses_methods_and_lambdas_that_numpy_callers_use_are_refused(text: str) -> None:
    refusal = _rewritten(text)

    assert isinstance(refusal, Reason)
    assert "is also called with NumPy arrays, for which it is correct" in refusal.text


_METHOD = """class Job:
    def __init__(self):
        self.net = torch.nn.Linear(3, 1)

{decorated}    def squash({first}t):
        a = t.detach().numpy()
        return np.tanh(a) * 2

    def cost(self, p, t):
        return torch.from_numpy(np.abs({owner}.squash(p) - t.numpy())).mean()

    def fit(self, x, y):
        self.cost(self.net(x), y).backward()
"""
_OWN_METHOD = """
{decorated}    def _squash_torch({first}t):
        return torch.tanh(t) * 2
"""
_SHOW = """
    def show(self, x):
        return self.squash(self.net(x)).tolist()
"""


def _method(decorated: str = "", first: str = "self, ", owner: str = "self") -> str:
    return _METHOD.format(decorated=decorated, first=first, owner=owner)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"decorated": "    @staticmethod\n", "first": "", "owner": "Job"},
        {"decorated": "    @classmethod\n", "first": "cls, "},
    ],
    ids=["a method", "a static one", "a class method"],
)
@pytest.mark.parametrize(
    "use",
    [
        _SHOW,
        "\n    @property\n    def top(self):\n        return self.squash(self.net(torch.ones(1, 3))).max()\n",
        "\n    def order(self, xs):\n        return sorted(xs, key=self.squash)\n",
        "\n\ndef report(jobs):\n    return [each.squash(each.net(x)).tobytes() for each, x in jobs]\n",
    ],
    ids=["another method", "a property", "it is handed on", "of something unknown"],
)
def test_a_method_that_others_call_stays_word_for_word(use: str, form: dict[str, str]) -> None:
    text = _TORCH + _method(**form) + use

    rewritten = _rewritten_first(text)

    head = _method(**form).partition("\n    def cost")[0]
    own = _OWN_METHOD.format(decorated=form.get("decorated", ""), first=form.get("first", "self, "))
    assert rewritten.startswith(_TORCH + head + own + "\n    def cost")
    assert f"torch.abs({form.get('owner', 'self')}._squash_torch(p) - t).mean()" in rewritten
    assert rewritten.endswith(use)


def test_a_method_that_only_the_loss_calls_is_changed_where_it_stands() -> None:
    rewritten = _rewritten_first(_TORCH + _method())

    assert "_squash_torch" not in rewritten and "        return torch.tanh(t) * 2\n" in rewritten


def test_a_method_of_a_base_class_gets_its_version_there() -> None:
    head, _, rest = _method().partition("    def cost")
    text = f"{_TORCH}{head.rstrip()}\n\n\nclass Own(Job):\n    def cost{rest}{_SHOW}"

    rewritten = _rewritten_first(text)

    own = _OWN_METHOD.format(decorated="", first="self, ")
    assert rewritten.startswith(_TORCH + head.rstrip() + "\n" + own + "\n\nclass Own(Job):\n")
    assert rewritten.endswith(_SHOW)


@pytest.mark.parametrize(
    "other",
    [
        "\n\nclass Loud(Job):\n    def squash(self, t):\n        return super().squash(t)\n",
        "\n\nclass Loud(Job):\n    def squash(self, t):\n        return -t.detach().numpy()\n",
    ],
)
def test_a_method_that_another_class_overrides_gets_no_version(other: str) -> None:
    assert "_squash_torch" not in _rewritten_first(_TORCH + _method() + _SHOW + other)


def test_a_conversion_that_is_a_method_is_written_out() -> None:
    method = _method().replace(
        "        a = t.detach().numpy()\n        return np.tanh(a) * 2\n", "        return t.detach().numpy()\n"
    )

    rewritten = _rewritten_first(_TORCH + method + _SHOW)

    assert "    def squash(self, t):\n        return t.detach().numpy()\n" in rewritten
    assert "return torch.abs(p - t).mean()" in rewritten
    assert rewritten.endswith(_SHOW)


_WRAPPED = """def tversky(t, p):
    hits = np.sum(t * p)
    return np.float32(1 - hits / (hits + 0.5 * np.sum(t + p) + 1e-6))


def loss_fn(t, p):
    return tf.{wrapper}(tversky, [t, p], tf.float32)


w = tf.Variable([[0.5], [0.1]])
x, y = np.random.rand(8, 2).astype("float32"), np.random.rand(8, 1).astype("float32")
with tf.GradientTape() as tape:
    loss = loss_fn(y, x @ w)
grads = tape.gradient(loss, [w])
"""


@pytest.mark.parametrize("wrapper", ["numpy_function", "py_function"])
@pytest.mark.parametrize("use", ["print(tversky(y, x @ w.numpy()))\n", "table = {'tversky': tversky(y, 1 - y)}\n"])
def test_what_runs_outside_the_graph_is_copied_where_others_call_it_too(wrapper: str, use: str) -> None:
    text = _TENSORFLOW + _WRAPPED.format(wrapper=wrapper) + use
    helper = _WRAPPED.partition("\n\n\n")[0]

    found = _rewritten(text)

    assert isinstance(found, str)
    assert helper in found
    assert "def _tversky_tf(t, p):\n    hits = tf.reduce_sum(t * p)" in found
    assert "return _tversky_tf(t, p)" in found
    assert found.endswith(use)


@pytest.mark.parametrize("wrapper", ["numpy_function", "py_function"])
def test_what_runs_outside_the_graph_is_changed_in_place_where_nobody_else_calls_it(wrapper: str) -> None:
    found = _rewritten(_TENSORFLOW + _WRAPPED.format(wrapper=wrapper))

    assert isinstance(found, str)
    assert "_tversky_tf" not in found
    assert "def tversky(t, p):\n    hits = tf.reduce_sum(t * p)" in found
    assert "return tversky(t, p)" in found


def test_what_numpy_draws_inside_what_runs_outside_the_graph_stays() -> None:
    noisy = _WRAPPED.replace("np.sum(t * p)", "np.sum(t * p * np.random.choice([0.0, 1.0], size=p.shape))")

    found = _rewritten(_TENSORFLOW + noisy.format(wrapper="numpy_function"))

    assert isinstance(found, str)
    assert "np.random.choice([0.0, 1.0], size=p.shape)" in found


class TestOfHelpersInWhichNothingChanges:
    LAYOUT = """
class Base:
    @staticmethod
    def flat(t):
        return t.reshape(t.shape[:-2] + (-1,))

    def forward(self, p):
        return super().forward(self.flat(p))


{decorator}def loss_fn(p, t):
    return {error}


loss_fn(torch.nn.Linear(3, 3)(torch.ones(2, 3)), torch.zeros(2, 3)).backward()


def report(p, t):
    return Base.flat(p).tolist()
"""

    def test_none_is_copied_where_the_decorator_of_the_loss_is_all_that_goes(self) -> None:
        layout = {"decorator": "@torch.no_grad()\n", "error": "((Base.flat(p) - Base.flat(t)) ** 2).mean()"}
        text = "import torch\n\n" + self.LAYOUT.format(**layout)

        after = fixed(text)

        assert after == text.replace("@torch.no_grad()\n", "")

    def test_one_that_leaves_the_graph_is(self) -> None:
        layout = {"decorator": "", "error": "torch.mean(torch.from_numpy(Base.flat(p) - Base.flat(t)) ** 2)"}
        text = "import torch\n\n" + self.LAYOUT.format(**layout).replace(
            "t.reshape(t.shape[:-2] + (-1,))", "t.detach().numpy().reshape(t.shape[:-2] + (-1,))"
        )

        after = fixed(text)

        assert "def _flat_torch(t):" in after and "Base._flat_torch(p) - Base._flat_torch(t)" in after
        assert "def flat(t):\n        return t.detach().numpy()" in after
