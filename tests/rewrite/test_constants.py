"""Constants of NumPy that meet a tensor take its type, where the framework does not do so itself."""

from __future__ import annotations

import pytest

from autofix.model import Framework
from tests.rewrite.test_selection import fixed

MEET: dict[str, tuple[Framework, str, list[str]]] = {
    "a window": (
        "torch",
        "q = p.detach().numpy()\nreturn torch.tensor(np.mean(np.hanning(q.shape[1]) * q))",
        ["return torch.mean(torch.as_tensor(np.hanning(p.shape[1]), dtype=p.dtype, device=p.device) * p)"],
    ),
    "a list": (
        "torch",
        "q = p.detach().numpy()\nreturn torch.tensor(np.mean(np.maximum(q, [0.1, 0.2, 0.3])))",
        ["return torch.mean(torch.maximum(p, torch.as_tensor([0.1, 0.2, 0.3], dtype=p.dtype, device=p.device)))"],
    ),
    "an array beside a mask": (
        "torch",
        "q = p.detach().numpy()\nreturn torch.tensor(np.sum(np.where(q > 0, q, np.array(1.0))))",
        ["return torch.sum(torch.where(p > 0, p, torch.as_tensor(np.array(1.0), dtype=p.dtype, device=p.device)))"],
    ),
    "the array of a method": (
        "torch",
        "q = p.detach().numpy()\nw = np.linspace(0.1, 1.0, 3)\nreturn torch.tensor(q.dot(w).mean())",
        ["w = np.linspace(0.1, 1.0, 3)", "return p.dot(torch.as_tensor(w, dtype=p.dtype, device=p.device)).mean()"],
    ),
    "what takes one type only": (
        "tensorflow",
        "q = p.numpy()\nw = np.ones(3)\nreturn tf.constant(np.mean(np.hypot(q, w)))",
        ["w = np.ones(3)", "return tf.reduce_mean(tf.sqrt(tf.square(p) + tf.square(tf.cast(w, p.dtype))))"],
    ),
    "two values that are wrapped again alike": (
        "torch",
        "a, b = torch.tensor(p.detach().numpy()), torch.tensor(y.numpy())\nreturn (a - b).abs().mean()",
        ["a = p", "b = y", "return (a - b).abs().mean()"],
    ),
    "an array filled with a prediction": (
        "torch",
        "q = p.detach().numpy()\nreturn torch.tensor(np.mean(np.full((2, 2), q[0, 0]) ** 2))",
        ["return torch.mean(p[0, 0].expand((2, 2)) ** 2)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("framework", "body", "expected"), MEET.values(), ids=MEET)
def test_a_constant_takes_the_type_of_the_tensor(framework: Framework, body: str, expected: list[str]) -> None:
    assert fixed(framework, body) == expected


STAY: dict[str, tuple[Framework, str]] = {
    "a window beside a tensor": ("torch", "w = torch.as_tensor(np.hanning(4), dtype=p.dtype)\nreturn (w * p).mean()"),
    "a coefficient of a polynomial": ("torch", "return (2.0 * p**2 + p - y).abs().mean()"),
    "an array that TensorFlow casts itself": (
        "tensorflow",
        "w = np.linspace(0.1, 1.0, 3)\nreturn tf.reduce_sum(p * w)",
    ),
    "a target that is wrapped again": ("torch", "t = torch.tensor(y.numpy())\nreturn (p - t).abs().mean()"),
}


@pytest.mark.parametrize(("framework", "body"), STAY.values(), ids=STAY)
def test_a_loss_with_a_gradient_stays(framework: Framework, body: str) -> None:
    assert fixed(framework, body) == body.splitlines()


def test_a_list_that_a_rule_walks_over_stays_one() -> None:
    body = "q = p.detach().numpy()\nreturn torch.tensor(np.mean(np.polyval([2.0, 1.0, 3.0], q)))"

    assert fixed("torch", body) == ["return torch.mean(_polyval([2.0, 1.0, 3.0], p))"]
