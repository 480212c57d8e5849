"""What a mended loss reads like, and what is not touched on the way: no framework runs here."""

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

_HEADS = {
    "torch": "import math\n\nimport numpy as np\nimport torch\n",
    "tensorflow": "import math\n\nimport numpy as np\nimport tensorflow as tf\n",
}
_STEPS = {
    "torch": "def step(model, x, y):\n    loss_fn(model(x), y).backward()\n",
    "tensorflow": "def step(model, x, y):\n    with tf.GradientTape() as tape:\n        loss = loss_fn(model(x), y)\n"
    "    return tape.gradient(loss, model.trainable_variables)\n",
}


@cache
def _catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def _rewritten(text: str) -> tuple[str, ...] | Reason:
    (fault,) = diagnose(ast.parse(text), text)
    return rewrite(text, fault, _catalogue(fault.framework), Looks())


def _first(text: str) -> str:
    candidates = _rewritten(text)
    assert not isinstance(candidates, Reason), candidates.text
    return candidates[0]


def _loss(framework: Framework, body: str) -> str:
    """Return the body of the mended `loss_fn(p, y)`, the rest of the program being as it was but for its imports."""
    indented = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    text = f"{_HEADS[framework]}\n\ndef loss_fn(p, y):\n{indented}\n\n\n{_STEPS[framework]}"
    mended = _first(text)
    ast.parse(mended)
    start = mended.index("def loss_fn(p, y):\n") + len("def loss_fn(p, y):\n")
    end = mended.index("\n\n\ndef step", start)
    assert mended[end:].lstrip("\n") == _STEPS[framework]
    return textwrap.dedent(mended[start:end])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return np.mean(np.abs(p - y))", "return torch.mean(torch.abs(p - y))"),
        ("d = p.detach().cpu().numpy() - y.cpu().numpy()\nreturn torch.from_numpy(d**2).float().mean()",
         "d = p - y\nreturn (d**2).mean()"),
        ("a = p.detach().numpy()\nb = y.numpy()\nreturn torch.tensor(((a - b) ** 2).mean(axis=1).sum())",
         "return ((p - y) ** 2).mean(dim=1).sum()"),
        ("p = p.detach().numpy()\ny = y.numpy()\nreturn torch.tensor(np.std(p - y), requires_grad=True)",
         "return torch.std(p - y, correction=0)"),
        ("e = p.detach().numpy().T - y.numpy().T\nreturn torch.tensor(np.linalg.norm(e))",
         "e = p.T - y.T\nreturn torch.linalg.norm(e)"),
        ("return torch.tensor(((p - y) ** 2).mean().item())", "return ((p - y) ** 2).mean()"),
        ("return torch.tensor(float(((p - y) ** 2).mean()))", "return ((p - y) ** 2).mean()"),
        ("return math.sqrt(((p - y) ** 2).mean())", "return torch.sqrt(((p - y) ** 2).mean())"),
        ("return np.sum([a.mean() for a in (p, p - y)])",
         "return sum([a.mean() for a in (p, p - y)])"),
        ("return torch.tensor([a.mean() for a in (p, p - y)]).sum()",
         "return torch.stack([a.mean() for a in (p, p - y)]).sum()"),
        ("return np.mean(np.clip(p - y, -1, 1) * np.maximum(p, 0))",
         "return torch.mean(torch.clamp(p - y, -1, 1) * torch.clamp(p, min=0))"),
        ("h = np.where(\n    p > y,  # over\n    p - y,\n    2 * (y - p),\n)\nreturn h.mean()",
         "h = torch.where(\n    p > y,  # over\n    p - y,\n    2 * (y - p),\n)\nreturn h.mean()"),
    ],
)  # fmt: skip
def test_torch_reads_as_a_person_writes_it(body: str, expected: str) -> None:
    assert _loss("torch", body).strip("\n") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return tf.reduce_mean(np.abs(y - p.numpy()))", "return tf.reduce_mean(tf.abs(y - p))"),
        ("a = p.numpy()\nreturn tf.convert_to_tensor(((a - y.numpy()) ** 2).mean(axis=-1))",
         "return tf.reduce_mean((p - y) ** 2, axis=-1)"),
        ("return np.mean(np.square(y - p), axis=-1)", "return tf.reduce_mean(tf.square(y - p), axis=-1)"),
        ("return tf.constant(np.log(np.cosh(p.numpy() - y.numpy())).mean())",
         "return tf.reduce_mean(tf.math.log(tf.cosh(p - y)))"),
        ("d = (p.numpy() - y.numpy()).reshape(-1)\nreturn tf.constant(d @ d)", None),
        ("return tf.reduce_mean(math.exp(p) * y)", "return tf.reduce_mean(tf.exp(p) * y)"),
    ],
)  # fmt: skip
def test_tensorflow_reads_as_a_person_writes_it(body: str, expected: str | None) -> None:
    mended = _loss("tensorflow", body).strip("\n")
    if expected is None:
        assert "np." not in mended and ".numpy()" not in mended
    else:
        assert mended == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("u = np.ones(len(a))\nfor _ in range(9):\n    u = 1 / (a @ u)\nreturn u.sum()",
         "u = torch.ones(len(a), dtype=p.dtype, device=p.device)\nfor _ in range(9):\n    u = 1 / (a @ u)\n"
         "return u.sum()"),
        ("u = np.full(3, 0.5, dtype=np.float32)\nfor _ in range(9):\n    u = 1 / (a @ u)\nreturn u.sum()",
         "u = torch.full((3,), 0.5, dtype=p.dtype, device=p.device)\nfor _ in range(9):\n    u = 1 / (a @ u)\n"
         "return u.sum()"),
        ("u = np.ones(len(a)) / len(a)\nfor _ in range(9):\n    u = 1 / (a @ u)\nreturn u.sum()",
         "u = torch.ones(len(a), dtype=p.dtype, device=p.device) / len(a)\nfor _ in range(9):\n    u = 1 / (a @ u)\n"
         "return u.sum()"),
        ("u = np.array([0.3, 0.7])\nfor _ in range(9):\n    u = 1 / (a @ u)\nreturn u.sum()",
         "u = torch.as_tensor(np.array([0.3, 0.7]), dtype=p.dtype, device=p.device)\nfor _ in range(9):\n"
         "    u = 1 / (a @ u)\nreturn u.sum()"),
        ("r = np.zeros((len(a), 2))\nr[0, 0] = 1.0\nfor i in range(len(a)):\n    r[i, 1] = r[i - 1, 0] + a[i]\n"
         "return r.sum()",
         "r = torch.zeros((len(a), 2), dtype=p.dtype, device=p.device)\nr[0, 0] = 1.0\nfor i in range(len(a)):\n"
         "    r[i, 1] = r[i - 1, 0] + a[i]\nreturn r.sum()"),
    ],
)  # fmt: skip
def test_an_array_that_becomes_a_prediction_is_a_tensor_from_the_start(body: str, expected: str) -> None:
    assert _loss("torch", f"a = p.detach().numpy()\n{body}").strip("\n") == f"a = p\n{expected}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("w = np.arange(a.shape[-1]) + 1\nw = w / np.linalg.norm(w)\nreturn (a * w).sum()",
         "w = np.arange(a.shape[-1]) + 1\nw = w / np.linalg.norm(w)\n"
         "return (a * torch.as_tensor(w, dtype=a.dtype, device=a.device)).sum()"),
        ("w = np.random.rand(len(a), 2)\nw /= np.linalg.norm(w, axis=0, keepdims=True)\nreturn (a @ w).sum()",
         "w = np.random.rand(len(a), 2)\nw /= np.linalg.norm(w, axis=0, keepdims=True)\n"
         "return (a @ torch.as_tensor(w, dtype=a.dtype, device=a.device)).sum()"),
        ("b = y.numpy()\nw = b / np.linalg.norm(b)\nreturn (a * w).sum()",
         "w = y / torch.linalg.norm(y)\nreturn (a * w).sum()"),
    ],
)  # fmt: skip
def test_an_array_with_no_more_than_its_size_from_a_tensor_stays_numpy(body: str, expected: str) -> None:
    assert _loss("torch", f"a = p.detach().numpy()\n{body}").strip("\n") == f"a = p\n{expected}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = p.tolist()\nb = y.tolist()\nreturn torch.tensor(sum(abs(s - t) for s, t in zip(a, b)))",
         "return sum(abs(s - t) for s, t in zip(p, y))"),
        ("h = [max(0, 1 - s * t) for s, t in zip(p.tolist(), y.tolist())]\nreturn torch.tensor(sum(h) / len(h))",
         "h = [torch.clamp(1 - s * t, min=0) for s, t in zip(p, y)]\nreturn sum(h) / len(h)"),
        ("d = ((p - y) ** 2).mean().item()\nreturn torch.tensor(min(d, 2.5))",
         "d = ((p - y) ** 2).mean()\nreturn torch.clamp(d, max=2.5)"),
        ("x1, y1 = p[0].item(), p[1].item()\nreturn torch.tensor(max(x1, y1))",
         "x1, y1 = p[0], p[1]\nreturn max(x1, y1)"),
        ("x1 = min(p[0].item(), 1)\ny1 = min(p[1].item(), 1)\nreturn torch.tensor(x1 * y1)",
         "x1 = torch.clamp(p[0], max=1)\ny1 = torch.clamp(p[1], max=1)\nreturn x1 * y1"),
        ("k = max(1, len(y))\nreturn torch.tensor(p.sum().item() / k)", "k = max(1, len(y))\nreturn p.sum() / k"),
    ],
)  # fmt: skip
def test_python_numbers_become_tensors_of_one_element(body: str, expected: str) -> None:
    assert _loss("torch", body).strip("\n") == expected


@pytest.mark.parametrize(
    ("above", "body", "reason"),
    [
        ("", "r = a\n", "would also modify"),
        ("", "r = a.reshape(-1)\n", "would also modify"),
        ("TABLE = np.zeros(9)\n", "r = TABLE\n", "would also modify"),
        ("", "r = np.zeros(len(a))\n", ""),
        ("", "r = helper(len(a))\n", ""),
    ],
)
def test_a_table_is_written_to_only_where_nobody_else_has_it(above: str, body: str, reason: str) -> None:
    lines = textwrap.indent(f"a = p.detach().numpy()\n{body}r[0] = a[0] ** 2\nreturn r.sum()\n", "    ")
    helper = "def helper(n):\n    return np.zeros(n)\n\n\n"
    text = f"{_HEADS['torch']}{above}\n\n{helper}def loss_fn(p, y):\n{lines}\n\n{_STEPS['torch']}"
    found = _rewritten(text)
    assert (found.text if isinstance(found, Reason) else "").count(reason or "would also modify") == bool(reason)


def test_predictions_in_double_precision_are_tried_last_and_only_where_an_array_joins_them() -> None:
    loop = "    for _ in range(9):\n        u = 1 / (a @ u)\n"
    joined = f"a = p.detach().numpy()\n    u = np.ones(3)\n{loop}    return u.sum()"
    met = "a = p.detach().numpy()\n    return (a * np.ones(3)).sum()"
    for body, widened in ((joined, 1), (met, 0)):
        found = _rewritten(f"{_HEADS['torch']}\n\ndef loss_fn(p, y):\n    {body}\n\n\n{_STEPS['torch']}")
        assert not isinstance(found, Reason)
        assert ["a = p.double()" in each for each in found] == [False] * (len(found) - widened) + [True] * widened


def test_the_file_keeps_its_own_aliases_and_loses_only_what_nothing_uses() -> None:
    text = (
        "import numpy\nimport os\nimport torch as T\nfrom numpy import abs as nabs, pi\n\n\n"
        "def loss_fn(p, y):\n    return T.tensor(numpy.mean(nabs(p - y)) * pi)\n\n\n" + _STEPS["torch"]
    )

    assert _first(text) == (
        "import os\nimport torch as T\nfrom numpy import pi\n\n\n"
        "def loss_fn(p, y):\n    return T.mean(T.abs(p - y)) * pi\n\n\n" + _STEPS["torch"]
    )


def test_numpy_stays_where_something_else_uses_it() -> None:
    text = f"{_HEADS['torch']}\nSEED = np.pi\n\n\ndef loss_fn(p, y):\n    return np.mean(p - y)\n\n\n{_STEPS['torch']}"

    assert _first(text) == text.replace("np.mean", "torch.mean")


def test_a_missing_import_is_added_in_its_place() -> None:
    text = (
        '"""Train."""\nimport numpy as np\nfrom tensorflow import keras\n\n\ndef rmse(y_true, y_pred):\n'
        "    return np.sqrt(np.mean(y_true - y_pred))\n\n\nmodel.compile('adam', loss=rmse)\nprint(np.pi)\n"
    )

    assert _first(text) == text.replace(
        "import numpy as np\n", "import numpy as np\nimport tensorflow as tf\n"
    ).replace("np.sqrt(np.mean(", "tf.sqrt(tf.reduce_mean(")


@pytest.mark.parametrize(
    "setting",
    ['os.environ["KERAS_BACKEND"] = "tensorflow"\n', 'sys.path.append("..")\nwarnings.simplefilter("ignore")\n'],
)
def test_a_missing_import_goes_behind_settings_that_imports_depend_on(setting: str) -> None:
    text = (
        f"import os, sys, warnings\n\n{setting}\nfrom tensorflow import keras\nimport numpy as np\n\nprint(np.pi)\n\n\n"
        "def rmse(y_true, y_pred):\n    return np.sqrt(np.mean(y_true - y_pred))\n\n\n"
        "model.compile('adam', loss=rmse)\n"
    )

    assert _first(text) == text.replace(
        "import numpy as np\n", "import numpy as np\nimport tensorflow as tf\n"
    ).replace("np.sqrt(np.mean(", "tf.sqrt(tf.reduce_mean(")


def test_nothing_is_declared_a_leaf_that_has_a_past() -> None:
    body = "d = np.abs(p.detach().numpy() - y.numpy())\nreturn torch.from_numpy(d).mean().requires_grad_()"

    assert _loss("torch", body).strip("\n") == "d = torch.abs(p - y)\nreturn d.mean()"


def test_a_leaf_beside_the_loss_stays_one() -> None:
    body = "w = torch.ones(3).requires_grad_()\nreturn w.sum() + np.mean(np.abs(p.detach().numpy() - y.numpy()))"

    assert _loss("torch", body).splitlines()[0] == "w = torch.ones(3).requires_grad_()"


def test_logging_beside_the_loss_is_left_alone() -> None:
    body = "print(np.round(p.detach().numpy(), 3))\nhistory.append(p.mean().item())\nreturn np.mean(np.abs(p - y))"

    assert _loss("torch", body).splitlines()[:2] == body.splitlines()[:2]


def test_a_name_is_an_alias_until_it_is_bound_anew() -> None:
    body = "q = p.detach().numpy()\nq = np.abs(q - 1)\nreturn torch.tensor(q.mean())"

    assert _loss("torch", body).strip("\n") == "q = torch.abs(p - 1)\nreturn q.mean()"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("a = p.detach().numpy()\nb = y.numpy()\nd = a - b\nreturn torch.tensor(np.mean(d**2))",
         "a = p\nb = y\nd = a - b\nreturn torch.mean(d**2)"),
        ("q = p.detach().numpy()\nq = q - 1\nreturn torch.tensor(q.mean())", "q = p\nq = q - 1\nreturn q.mean()"),
        ("q = p.detach().numpy()\nif q.sum() > 0:\n    return torch.tensor(np.mean(q))\nreturn torch.tensor(np.sum(q))",
         "q = p\nif q.sum() > 0:\n    return torch.mean(q)\nreturn torch.sum(q)"),
        ("q = p.detach().numpy()\nwith open('log') as log:\n    return np.mean(q)",
         "with open('log') as log:\n    return torch.mean(p)"),
    ],
)  # fmt: skip
def test_no_name_is_changed_for_its_own_sake(body: str, expected: str) -> None:
    assert _loss("torch", body).strip("\n") == expected


def test_a_constant_array_becomes_a_tensor_of_the_type_and_device_of_the_prediction() -> None:
    body = "w = np.array([1.0, 2.0, 3.0])\nreturn np.mean(np.abs(p - y) * w)"

    assert _loss("torch", body).splitlines() == [
        "w = np.array([1.0, 2.0, 3.0])",
        "return torch.mean(torch.abs(p - y) * torch.as_tensor(w, dtype=p.dtype, device=p.device))",
    ]


def test_labels_that_only_numpy_uses_stay_numpy() -> None:
    body = "w = np.bincount(y.numpy())\nreturn np.mean(np.abs(p - y)) * float(w[0])"

    assert _loss("torch", body).splitlines()[0] == "w = np.bincount(y.numpy())"


def test_a_helper_is_mended_in_its_own_place() -> None:
    text = (
        "import torch\n\n\ndef flat(t):\n    return t.detach().numpy().reshape(-1)\n\n\n"
        "def loss_fn(p, y):\n    return torch.from_numpy(flat(p) - flat(y)).abs().mean()\n\n\n" + _STEPS["torch"]
    )

    assert _first(text) == text.replace("t.detach().numpy().reshape", "t.reshape").replace(
        "torch.from_numpy(flat(p) - flat(y)).abs", "(flat(p) - flat(y)).abs"
    )


def test_a_function_that_numpy_callers_use_too_is_not_changed() -> None:
    text = (
        "import numpy as np\nimport torch\n\n\ndef mse(p, y):\n    return np.mean((p - y) ** 2)\n\n\n"
        "def step(model, x, y):\n    mse(model(x), y).backward()\n\n\n"
        "print(mse(np.zeros(3), np.ones(3)))\n"
    )

    refusal = _rewritten(text)

    assert isinstance(refusal, Reason)
    assert "NumPy arrays" in refusal.text


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return torch.tensor(np.polynomial.chebyshev.chebval(p, y))", "chebval"),
        ("return torch.tensor(np.mean(p, out=buffer))", "out"),
        ("return torch.tensor(np.mean(*[p]))", "unpack"),
        ("return torch.tensor(stats.weightedtau(p, y))", None),
    ],
)
def test_what_has_no_rule_is_refused_with_the_reason(body: str, reason: str | None) -> None:
    head = _HEADS["torch"] + "from scipy import stats\n"
    text = f"{head}\n\ndef loss_fn(p, y):\n    {body}\n\n\n{_STEPS['torch']}"

    refusal = _rewritten(text)

    assert isinstance(refusal, Reason)
    assert (reason or "weightedtau") in refusal.text


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_and_tabs_are_the_files_own(newline: str) -> None:
    body = "\td = p.detach().numpy()\n\treturn torch.tensor(np.mean(d))"
    text = f"import torch\nimport numpy as np\n\n\ndef loss_fn(p, y):\n{body}\n\n\n{_STEPS['torch']}"
    text = text.replace("\n", newline)

    mended = _first(text)

    assert mended.count("\n") == mended.count(newline)
    assert f"def loss_fn(p, y):{newline}\treturn torch.mean(p){newline}" in mended


def test_what_stands_behind_characters_of_several_bytes_is_found() -> None:
    body = "s = 'é→'; return np.mean(p)  # µ"
    text = f"import torch\nimport numpy as np\n\n\ndef loss_fn(p, y):\n    {body}\n\n\n{_STEPS['torch']}"

    assert "s = 'é→'; return torch.mean(p)  # µ" in _first(text)


def test_the_body_of_a_numpy_function_is_called_directly() -> None:
    body = "return tf.reduce_mean(tf.numpy_function(inner, [p, y], tf.float32))"
    head = _HEADS["tensorflow"] + "\n\ndef inner(a, b):\n    return np.abs(a - b).astype(np.float32)\n"
    text = f"{head}\n\ndef loss_fn(p, y):\n    {body}\n\n\n{_STEPS['tensorflow']}"

    mended = _first(text)

    assert "return tf.cast(tf.abs(a - b), tf.float32)\n" in mended
    assert "return tf.reduce_mean(inner(p, y))\n" in mended


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("y * tf.numpy_function(lambda a: np.log(a), [p], tf.float32)", "y * tf.math.log(p)"),
        ("y * tf.numpy_function(np.log, [p], tf.float32)", "y * tf.math.log(p)"),
        ("y * tf.py_function(lambda a, b: a - b, [p, y], tf.float32)", "y * (p - y)"),
        ("2 ** tf.numpy_function(lambda a: -a, inp=[p], Tout=tf.float32)", "2 ** -p"),
        ("tf.numpy_function(lambda a: a - 1, [p], tf.float32)[0]", "(p - 1)[0]"),
        ("y - tf.numpy_function(lambda a: a * a, [p - y], tf.float32)", "y - (lambda a: a * a)(p - y)"),
        ("-tf.numpy_function(lambda a=1: np.exp(a), [p], tf.float32)", "-(lambda a=1: tf.exp(a))(p)"),
        ("tf.numpy_function(lambda p: np.exp(p) - p, [y - p], tf.float32)", "(lambda p: tf.exp(p) - p)(y - p)"),
        ("y if y is p else tf.numpy_function(lambda a: a - y, [p], tf.float32)", "y if y is p else p - y"),
    ],
)
def test_a_wrapped_function_is_written_in_place_of_its_call(call: str, expected: str) -> None:
    assert _loss("tensorflow", f"return tf.reduce_mean({call})").strip() == f"return tf.reduce_mean({expected})"


def test_a_wrapped_function_without_a_rule_is_named_in_the_reason() -> None:
    call = "tf.numpy_function(np.polynomial.chebyshev.chebval, [p, y], tf.float32)"
    text = f"{_HEADS['tensorflow']}\n\ndef loss_fn(p, y):\n    return {call}\n\n\n{_STEPS['tensorflow']}"

    refusal = _rewritten(text)

    assert isinstance(refusal, Reason)
    assert "chebval" in refusal.text


def test_a_mask_made_of_targets_is_carried_over() -> None:
    body = "e = p.numpy() - y.numpy()\nreturn tf.constant((e[y.numpy() > 0] ** 2).mean())"

    assert _loss("tensorflow", body).splitlines() == ["e = p - y", "return tf.reduce_mean(e[y > 0] ** 2)"]


def test_indices_chosen_by_the_prediction_stay_plain() -> None:
    body = "k = int(np.argmax(p.detach().numpy()))\nreturn np.mean(np.abs(p - y)) + p.detach().numpy()[0]"

    assert _loss("torch", body).splitlines()[0] == "k = int(np.argmax(p.detach().numpy()))"


@pytest.mark.parametrize("batch", ["next(feed, None)", "next(iter(batches))"])
def test_the_parts_of_the_next_batch_are_tensors_of_their_own(batch: str) -> None:
    batches = "x, y = torch.zeros(8, 3), torch.zeros(8, 1)\nbatches = [(x, y)] * 3\nfeed = iter(batches)\n"
    text = (
        f"{_HEADS['torch']}\nmodel = torch.nn.Linear(3, 1)\n{batches}pair = {batch}\na, b = pair\n"
        "torch.tensor(np.mean((model(a).detach().numpy() - b.numpy()) ** 2), requires_grad=True).backward()\n"
    )

    assert _first(text).endswith("torch.mean((model(a) - b) ** 2).backward()\n")
