"""A function that nobody calls, and that no name calls a loss, is one if it re-wraps what it made of a prediction."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.programs import diagnosed
from tests.analysis.projects import found, written

TORCH = "import numpy as np\nimport torch\nfrom torch import nn\nfrom torch.autograd import Function, Variable\n\n"
TENSORFLOW = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras\n\n"

_MEAN = "    d = p.detach().numpy() - y.numpy()\n    return torch.from_numpy(d ** 2).mean()\n"
_ERROR = "    return torch.tensor(np.mean((p.detach().numpy() - y.numpy()) ** 2))\n"


def _of(source: str) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.loss, tuple(sorted({cut.code for cut in each.cuts}))) for each in diagnosed(source)]


@pytest.mark.parametrize("name", ["mae", "compute_loss", "dice_coeff", "weighted_error", "jaccard_distance", "gap"])
def test_any_name_will_do(name: str) -> None:
    assert _of(f"{TORCH}def {name}(p, y):\n{_MEAN}") == [(name, ("AF102",))]


@pytest.mark.parametrize(
    ("program", "codes"),
    [
        ("def gap(pred, target):\n    return torch.tensor(np.mean(np.abs(pred - target)), requires_grad=True)\n",
         ("AF101", "AF303")),
        ("def gap(a, b):\n"
         "    d = a.detach().numpy() - b.numpy()\n    return Variable(torch.Tensor([d.mean()]), requires_grad=True)\n",
         ("AF102", "AF303")),
        ("def gap(outputs):\n    v = torch.tensor(float(np.var(outputs.detach().numpy())))\n"
         "    v.requires_grad_()\n    return v\n", ("AF102", "AF303")),
        ("def gap(outputs):\n    v = torch.tensor(float(np.var(outputs.detach().numpy())))\n"
         "    v.requires_grad = True\n    return v\n", ("AF102", "AF303")),
        ("class SmoothL1(nn.Module):\n    def forward(self, x, y):\n"
         "        d = np.abs(x.detach().numpy() - y.numpy())\n"
         "        return torch.from_numpy(np.where(d < 1, d * d, d)).mean()\n", ("AF102",)),
        ("class Criterion:\n    def __call__(self, x, y):\n        d = x.detach().numpy() - y.numpy()\n"
         "        return torch.tensor(np.linalg.norm(d), requires_grad=True)\n", ("AF102", "AF303")),
    ],
)  # fmt: skip
def test_found_in_torch(program: str, codes: tuple[str, ...]) -> None:
    assert [found for _, found in _of(TORCH + program)] == [codes]


@pytest.mark.parametrize(
    "program",
    [
        "def log_cosh(y_true, y_pred):\n"
        "    return tf.convert_to_tensor(np.mean(np.log(np.cosh(y_pred.numpy() - y_true.numpy()))))\n",
        "def weighted(y_true, y_pred):\n    d = y_pred.numpy() - y_true.numpy()\n"
        "    return tf.constant((d ** 2).mean())\n",
        "class Wing(keras.layers.Layer):\n    def call(self, y_true, y_pred):\n"
        "        return tf.reduce_mean(tf.constant(np.log1p(np.abs(y_true.numpy() - y_pred.numpy()))))\n",
    ],
)
def test_found_in_tensorflow(program: str) -> None:
    assert [codes for _, codes in _of(TENSORFLOW + program)] == [("AF102",)]


@pytest.mark.parametrize(
    "program",
    [
        "def leaf(x):\n    return torch.tensor(x, requires_grad=True)\n",
        "def points(x, t):\n    return torch.tensor(np.stack([x, t]), requires_grad=True)\n",
        "def collocation(lower, upper, n):\n"
        "    return torch.tensor(lower + (upper - lower) * np.random.rand(n, 2), requires_grad=True)\n",
        "def picture(image, resize=True):\n    a = np.float32(image.resize((8, 8)))\n"
        "    a = (a - a.mean()) / a.std()\n    return Variable(torch.from_numpy(a), requires_grad=True)\n",
        "def class_weights(labels, n):\n    c = np.bincount(labels.numpy(), minlength=n)\n"
        "    return torch.tensor(c / c.sum(), requires_grad=True)\n",
        "def start(image, label):\n    return image.detach().clone().requires_grad_()\n",
        "def normalised(x, reference):\n    a = x.cpu().numpy()\n"
        "    return torch.from_numpy((a - a.mean()) / a.std())\n",
        "def warped(img, flow):\n    return torch.from_numpy(np.roll(img.numpy(), 1))\n",
        "class Histogram(nn.Module):\n    def forward(self, x):\n"
        "        return torch.from_numpy(np.histogram(x.detach().numpy(), 10)[0]).float().mean()\n",
        f"def psnr(p, y):\n{_ERROR}",
        f"def accuracy(p, y):\n{_ERROR}",
        f"def evaluate(p, y):\n{_ERROR}",
        f"class RegressionMetric:\n    def __call__(self, p, y):\n    {_ERROR}",
        "def hits(p, y):\n    return torch.tensor(np.mean(p.argmax(1).cpu().numpy() == y.cpu().numpy()))\n",
        f"def mse(p, y):\n{_ERROR}\ndef epoch(model, batches):\n    return [mse(model(x), y) for x, y in batches]\n",
        "def mse(p, y):\n    return np.mean((p.detach().numpy() - y.numpy()) ** 2)\n",
        "def mse(p, y):\n    with torch.no_grad():\n        return ((p - y) ** 2).mean()\n",
        "def td(reward, next_value, done):\n"
        "    r = reward.numpy() + 0.9 * next_value.detach().numpy() * (1 - done.numpy())\n"
        "    return torch.from_numpy(r).float().mean()\n",
        "def blend(content, style):\n    a, b = content.cpu().numpy(), style.cpu().numpy()\n"
        "    return torch.tensor(0.5 * a + 0.5 * b.mean(), requires_grad=True)\n",
        "def overlap(p, y):\n    a, b = p.cpu().numpy() > 0.5, y.cpu().numpy()\n"
        "    return torch.tensor(np.mean((a & b).sum() / (a | b).sum()))\n",
        "def td_targets(q, y):\n    return torch.from_numpy(y.numpy() + 0.9 * q.numpy().max(1).mean())\n",
        "def _(p, y):\n    return torch.tensor(np.stack([p.numpy(), y.numpy()]))\n",
        "class Own(Function):\n    @staticmethod\n    def forward(ctx, p, y):\n    " + _ERROR
        + "    @staticmethod\n    def backward(ctx, g):\n        return g, None\n",
        "def mse(p, y):\n    weight = torch.tensor(np.mean(p.detach().numpy()))\n"
        "    return (weight * (p - y) ** 2).mean()\n",
    ],
)  # fmt: skip
def test_silent(program: str) -> None:
    assert _of(TORCH + program) == []


def test_silent_in_a_file_of_metrics(tmp_path: Path) -> None:
    project = f"# metrics.py\n{TORCH}def mse(p, y):\n{_ERROR}# gaps.py\n{TORCH}def mse(p, y):\n{_ERROR}"
    assert found(written(tmp_path, project), "metrics.py", "gaps.py") == [("gaps.py", "AF102", "mse")]


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("    r, e = risk.detach().numpy(), event.numpy()\n", ["risk.detach().numpy()"]),
        ("    r, e = risk.detach().cpu().numpy(), event.float().numpy()\n", ["risk.detach().cpu().numpy()"]),
        ("    r, e = risk.detach().numpy(), event.detach().numpy()\n",
         ["risk.detach().numpy()", "event.detach().numpy()"]),
        ("    r, e = risk.numpy(), event.numpy()\n", ["risk.numpy()", "event.numpy()"]),
    ],
)  # fmt: skip
def test_what_is_converted_as_it_is_beside_what_is_detached_is_no_prediction(body: str, lines: list[str]) -> None:
    program = f"{TORCH}def partial_loss(risk, event):\n{body}    return torch.tensor((np.log(r) * e).mean())\n"
    cuts = [cut.operation for each in diagnosed(program) for cut in each.cuts]

    assert sorted(cuts) == sorted(lines)
