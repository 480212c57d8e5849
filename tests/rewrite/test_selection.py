"""What only selects stays NumPy's, and the value is indexed with it, as each framework writes an index."""

from __future__ import annotations

import textwrap

import pytest

from autofix.analysis.looks import Looks
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite, settled
from autofix.rewrite.catalogue import Catalogue

HEADS: dict[Framework, str] = {
    "torch": "import numpy as np\nimport torch\n\n\n",
    "tensorflow": "import numpy as np\nimport tensorflow as tf\n\n\n",
}
STEPS: dict[Framework, str] = {
    "torch": "\n\n\ndef step(model, x, y):\n    loss(model(x), y).backward()\n",
    "tensorflow": "\n\n\ndef step(model, x, y):\n    with tf.GradientTape() as tape:\n"
    "        value = loss(model(x), y)\n    return tape.gradient(value, model.trainable_variables)\n",
}


def fixed(framework: Framework, body: str) -> list[str]:
    """Return the lines of the loss once it is fixed, the preferred way; those of it as it stands where nothing is."""
    lines = textwrap.dedent(body).strip()
    text = f"{HEADS[framework]}def loss(p, y):\n{textwrap.indent(lines, '    ')}{STEPS[framework]}"
    looks = Looks()
    faults = looks.faults(text)
    if not faults:
        return lines.splitlines()
    (fault,) = faults
    found = rewrite(text, fault, Catalogue.load(framework), looks)
    assert not isinstance(found, Reason), found.text
    whole = next(each for each in settled(text, found, fault, looks) if isinstance(each, str))
    inside = whole.partition("def loss(p, y):\n")[2].partition("\n\n\n")[0]
    return textwrap.dedent(inside).splitlines()


TORCH = {
    "the indices of a mask": (
        """
        hard = np.where((p - y > 0.1).cpu().numpy() == 1)[0]
        return torch.from_numpy(p.cpu().data.numpy()[hard]).mean()
        """,
        ["hard = np.where((p - y > 0.1).cpu().numpy() == 1)[0]", "return p[hard].mean()"],
    ),
    "an order": (
        """
        err = np.abs(p.detach().numpy() - y.numpy())
        order = np.argsort(-err)[:4]
        return torch.tensor(np.mean(err[order]), requires_grad=True)
        """,
        [
            "err = torch.abs(p - y)",
            "order = np.argsort(-err.detach().numpy())[:4]",
            "return torch.mean(err[order])",
        ],
    ),
    "an order from the end, of which PyTorch takes a copy": (
        """
        err = np.abs(p.detach().numpy() - y.numpy())
        order = np.argsort(err)[::-1]
        return torch.tensor(np.mean(err[order][:4]))
        """,
        [
            "err = torch.abs(p - y)",
            "order = np.argsort(err.detach().numpy())[::-1]",
            "return torch.mean(err[order.copy()][:4])",
        ],
    ),
    "ranks as weights": (
        """
        err = p.detach().numpy() - y.numpy()
        weights = 1.0 / (1 + np.argsort(np.argsort(err)))
        return torch.tensor(np.sum(weights * err ** 2))
        """,
        [
            "err = p - y",
            "weights = 1.0 / (1 + np.argsort(np.argsort(err.detach().numpy())))",
            "return torch.sum(torch.as_tensor(weights, dtype=err.dtype, device=err.device) * err ** 2)",
        ],
    ),
    "how often each bin is met": (
        """
        err = np.abs(p.detach().numpy() - y.numpy())
        bins = np.digitize(err, [0.1, 0.5])
        counts = np.bincount(bins, minlength=3)
        return torch.tensor(np.sum(err / counts[bins]))
        """,
        [
            "err = torch.abs(p - y)",
            "bins = np.digitize(err.detach().numpy(), [0.1, 0.5])",
            "counts = np.bincount(bins, minlength=3)",
            "return torch.sum(err / torch.as_tensor(counts[bins], dtype=err.dtype, device=err.device))",
        ],
    ),
    "an assignment": (
        """
        from scipy.optimize import linear_sum_assignment
        cost = np.abs(p.detach().numpy()[:, None] - y.numpy()[None])
        rows, columns = linear_sum_assignment(cost)
        return torch.tensor(cost[rows, columns].sum())
        """,
        [
            "from scipy.optimize import linear_sum_assignment",
            "cost = torch.abs(p[:, None] - y[None])",
            "rows, columns = linear_sum_assignment(cost.detach().numpy())",
            "return cost[rows, columns].sum()",
        ],
    ),
}
TENSORFLOW = {
    "an order": (
        """
        err = np.abs(p.numpy() - y.numpy())
        order = np.argsort(-err)[:4]
        return tf.constant(np.mean(err[order]))
        """,
        ["err = tf.abs(p - y)", "order = np.argsort(-err)[:4]", "return tf.reduce_mean(tf.gather(err, order))"],
    ),
    "an order of the targets, and a column of what it selects": (
        """
        y, risk = y.numpy(), p.numpy()[:, 0]
        order = np.argsort(-y[:, 0])
        event = y[order, 1]
        return tf.constant(np.sum(event * risk[order]))
        """,
        [
            "y, risk = y, p[:, 0]",
            "order = tf.argsort(-y[:, 0])",
            "event = tf.gather(y[:, 1], order)",
            "return tf.reduce_sum(event * tf.gather(risk, order))",
        ],
    ),
    "a method of arrays inside an index": (
        """
        d = np.abs(p.numpy() - y.numpy())
        hard = np.where(d.mean(axis=1) > 0.1)[0]
        return tf.constant(np.mean(d[hard]))
        """,
        [
            "d = tf.abs(p - y)",
            "hard = np.where(d.numpy().mean(axis=1) > 0.1)[0]",
            "return tf.reduce_mean(tf.gather(d, hard))",
        ],
    ),
    "pairs of indices": (
        """
        d = np.abs(p.numpy()[:, None] - p.numpy()[None])
        rows, columns = np.triu_indices(8, k=1)
        return tf.constant(np.mean(d[rows, columns]))
        """,
        [
            "d = tf.abs(p[:, None] - p[None])",
            "rows, columns = np.triu_indices(8, k=1)",
            "return tf.reduce_mean(tf.gather_nd(d, tf.stack([rows, columns], axis=-1)))",
        ],
    ),
    "pairs of indices by one name": (
        """
        d = np.abs(p.numpy()[:, None] - p.numpy()[None])
        upper = np.triu_indices(8, k=1)
        return tf.constant(np.mean(d[upper]))
        """,
        [
            "d = tf.abs(p[:, None] - p[None])",
            "upper = np.triu_indices(8, k=1)",
            "return tf.reduce_mean(tf.gather_nd(d, tf.stack(upper, axis=-1)))",
        ],
    ),
    "columns, after an axis that goes": (
        """
        q = p.numpy()
        keep = np.array([0, 2])
        return tf.constant(np.sum(q[:, keep] ** 2) + np.sum(q[0, keep]))
        """,
        [
            "keep = np.array([0, 2])",
            "return tf.reduce_sum(tf.gather(p, keep, axis=1) ** 2) + tf.reduce_sum(tf.gather(p[0, :], keep))",
        ],
    ),
}


@pytest.mark.parametrize(("body", "expected"), TORCH.values(), ids=TORCH)
def test_what_selects_stays_numpys_and_the_value_is_indexed_with_it(body: str, expected: list[str]) -> None:
    assert fixed("torch", body) == expected


@pytest.mark.slow
@pytest.mark.parametrize(("body", "expected"), TENSORFLOW.values(), ids=TENSORFLOW)
def test_tensorflow_has_a_function_for_each_index(body: str, expected: list[str]) -> None:
    assert fixed("tensorflow", body) == expected


RIGHT: dict[str, tuple[Framework, str]] = {
    "an order of a detached copy": (
        "torch",
        """
        order = np.argsort(p.detach().numpy())
        return (p[order] - y).abs().mean()
        """,
    ),
    "hard examples by a mask": (
        "torch",
        """
        hard = np.where((p - y).detach().abs().numpy() > 0.5)[0]
        return ((p - y)[hard] ** 2).mean() if len(hard) else (p * 0).sum()
        """,
    ),
    "a share that is counted": (
        "torch",
        """
        share = np.count_nonzero(p.detach().numpy() > 0) / len(p)
        return ((p - y) ** 2).sum() * (1 + share)
        """,
    ),
    "an order in TensorFlow": (
        "tensorflow",
        """
        order = np.argsort(p.numpy())
        return tf.reduce_mean(tf.abs(tf.gather(p, order) - y))
        """,
    ),
    "an assignment in TensorFlow": (
        "tensorflow",
        """
        from scipy.optimize import linear_sum_assignment
        rows, columns = linear_sum_assignment(tf.abs(p[:, None] - y[None]).numpy())
        return tf.reduce_mean(tf.abs(tf.gather(p, rows) - tf.gather(y, columns)))
        """,
    ),
}


@pytest.mark.parametrize(("framework", "body"), RIGHT.values(), ids=RIGHT)
def test_a_loss_that_selects_with_plain_values_is_right(framework: Framework, body: str) -> None:
    assert fixed(framework, body) == textwrap.dedent(body).strip().splitlines()


def test_a_number_behind_a_slice_and_an_array_moves_the_axis_and_is_no_gather() -> None:
    """Of `x[0, :, i]` NumPy puts the axis of `i` first: it is written as it stands, and TensorFlow refuses it."""
    body = """
    q = p.numpy()
    keep = np.array([0, 2])
    return tf.constant(np.sum(q[0, :, keep] ** 2))
    """

    assert fixed("tensorflow", body)[-1] == "return tf.reduce_sum(p[0, :, keep] ** 2)"
