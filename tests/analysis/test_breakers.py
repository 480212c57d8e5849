"""Where a loss loses its gradient, and where a value may leave the graph: each breaker beside its innocent twin."""

from __future__ import annotations

import pytest

from tests.analysis.programs import tensorflow_loss, torch_loss


@pytest.mark.parametrize(
    "body",
    [
        "return ((p - y) ** 2).mean()",
        "print(p.detach().numpy())\nreturn ((p - y) ** 2).mean()",  # logging
        "w = np.sqrt(np.bincount(y.numpy()))\nreturn ((p - y) ** 2).mean() * float(w[0])",  # weights from targets
        "return ((p - y) ** 2).mean() / math.sqrt(p.shape[-1])",  # shapes are plain numbers
        "top = p.max().detach()\nreturn (p - top).exp().sum().log() + top",  # the maximum may be a constant
        "scale = (p - y).abs().max().item()\nreturn ((p - y) / scale).abs().mean()",  # a number asked for as a factor
        "hard = torch.round(p)\nreturn ((p + (hard - p).detach() - y) ** 2).mean()",  # straight-through
        "return ((p - y).abs() * (p > 0.5)).mean()",  # a threshold that only selects
        "return torch.where(p > y, p - y, 2 * (y - p)).mean()",
        "return p[torch.arange(3), p.argmax(dim=1)].mean()",  # indices select, values carry
        "with torch.no_grad():\n    target = teacher(y)\nreturn ((p - target) ** 2).mean()",
        "assert np.isfinite(p.detach().numpy()).all()\nreturn ((p - y) ** 2).mean()",
        "loss = torch.as_tensor(p) - y\nreturn loss.abs().mean()",  # as_tensor of a tensor keeps the graph
        "return np.float32(0.5) * ((p - y) ** 2).mean()",
        "return np.squeeze(p - y).abs().mean()",  # numpy.squeeze calls the tensor's own method
    ],
)
def test_silent_on_right_torch_losses(body: str) -> None:
    assert torch_loss(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return np.mean(np.abs(p - y))", [("AF101", "np.abs(p - y)")]),
        ("d = p.detach().cpu().numpy() - y.numpy()\nreturn torch.tensor((d**2).mean())",
         [("AF102", "p.detach().cpu().numpy()")]),
        ("return torch.from_numpy(np.asarray(p)).mean()", [("AF102", "np.asarray(p)")]),
        ("return (p.detach() - y).abs().mean()", [("AF103", "p.detach()")]),
        ("return (p.data - y).abs().mean()", [("AF103", "p.data")]),
        ("return torch.tensor(((p - y) ** 2).mean().item())", [("AF104", "((p - y) ** 2).mean().item()")]),
        ("return torch.tensor([a for a in p - y]).sum()", [("AF105", "torch.tensor([a for a in p - y])")]),
        ("return math.sqrt(((p - y) ** 2).mean())", [("AF106", "math.sqrt(((p - y) ** 2).mean())")]),
        ("with torch.no_grad():\n    return ((p - y) ** 2).mean()", [("AF109", "torch.no_grad()")]),
        ("return (p.argmax(dim=1) - y).float().mean()", [("AF201", "p.argmax(dim=1)")]),
        ("return (torch.round(p) - y).abs().mean()", [("AF202", "torch.round(p)")]),
        ("return ((p > 0.5).float() - y).abs().mean()", [("AF203", "p > 0.5")]),
        ("return (p.long() - y).abs().float().mean()", [("AF204", "p.long()")]),
        ("return (p.type(torch.int64) - y).abs().float().mean()", [("AF204", "p.type(torch.int64)")]),
        ("return np.abs(p.type(torch.float32) - y).mean()", [("AF101", "np.abs(p.type(torch.float32) - y)")]),
        ("loss = p.detach().mean()\nloss.requires_grad = True\nreturn loss",
         [("AF103", "p.detach()"), ("AF303", "loss.requires_grad = True")]),
    ],
)  # fmt: skip
def test_finds_where_a_torch_loss_is_cut(body: str, expected: list[tuple[str, str]]) -> None:
    assert torch_loss(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return ((p - y) ** 2).mean() + np.mean(np.abs(p))", [("AF101", "np.abs(p)")]),
        ("return ((p - y) ** 2).mean() + math.exp(-p.mean()) * p.mean()", [("AF106", "math.exp(-p.mean())")]),
        ("kl = p.detach().numpy().sum()\nreturn ((p - y) ** 2).mean() + 0.1 * kl", [("AF102", "p.detach().numpy()")]),
    ],
)
def test_finds_a_lost_term_beside_a_living_one(body: str, expected: list[tuple[str, str]]) -> None:
    assert torch_loss(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "return tf.reduce_mean(tf.square(p - y))",
        "tf.print(p)\nreturn tf.reduce_mean(p - y)",
        "n = np.prod(p.shape[1:])\nreturn tf.reduce_sum(tf.abs(p - y)) / float(n)",
        "return tf.reduce_mean(p + tf.stop_gradient(tf.round(p) - p))",
        "target = tf.stop_gradient(tf.convert_to_tensor(y))\nreturn tf.reduce_mean(tf.square(p - target))",
        "return tf.reduce_mean(tf.convert_to_tensor(p) - tf.cast(y, tf.float32))",
    ],
)
def test_silent_on_right_tensorflow_losses(body: str) -> None:
    assert tensorflow_loss(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return tf.reduce_mean(np.abs(y - p.numpy()))", [("AF102", "p.numpy()")]),
        ("return np.mean(np.square(y - p), axis=-1)", [("AF101", "np.square(y - p)")]),
        ("return tf.reduce_mean(tf.Variable(p) - y)", [("AF105", "tf.Variable(p)")]),
        ("return tf.reduce_mean(tf.py_function(np.abs, [p], tf.float32))",
         [("AF108", "tf.py_function(np.abs, [p], tf.float32)")]),
        ("return tf.reduce_mean(tf.cast(p, tf.int32) - y)", [("AF204", "tf.cast(p, tf.int32)")]),
        ("return tf.reduce_mean(tf.cast(p > 0.5, tf.float32) - y)", [("AF203", "p > 0.5")]),
        ("return float(tf.reduce_mean(p - y))", [("AF104", "float(tf.reduce_mean(p - y))")]),
    ],
)  # fmt: skip
def test_finds_where_a_tensorflow_loss_is_cut(body: str, expected: list[tuple[str, str]]) -> None:
    assert tensorflow_loss(body) == expected
