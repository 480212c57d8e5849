"""Names, lists and shapes of a mended loss read as a person writes them: no framework runs here."""

from __future__ import annotations

import pytest

from autofix.model import Framework
from tests.rewrite.test_patch import _loss

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("q = p.detach().numpy()\nt = y.numpy()\nq = np.clip(q, 1e-7, 1)\nreturn -np.mean(t * np.log(q))",
         "q = torch.clamp(p, 1e-7, 1)\nreturn -torch.mean(y * torch.log(q))"),
        ("q = p.detach().numpy()\nm = q.mean()\nq = q - m\nreturn np.mean(q**2)",
         "q = p\nm = q.mean()\nq = q - m\nreturn torch.mean(q**2)"),
        ("a, b = p.detach().numpy(), y.numpy()\nreturn np.mean(np.abs(a - b))", "return torch.mean(torch.abs(p - y))"),
        ("p, t = p.detach().numpy(), y.numpy()\nreturn np.mean(np.abs(p - t))", "return torch.mean(torch.abs(p - y))"),
        ("t = np.stack([y.numpy(), 1 - y.numpy()])\nreturn np.mean(t * p.detach().numpy())",
         "t = torch.stack([y, 1 - y])\nreturn torch.mean(t * p)"),
        ("d = p.detach().numpy() - y.numpy()\nreturn np.sum(d**2) / np.prod(d.shape)",
         "d = p - y\nreturn torch.sum(d**2) / d.numel()"),
        ("d = np.concatenate([p.detach().numpy(), np.ones((3, 1))], axis=1)\nreturn np.mean(d)",
         "d = torch.cat([p, torch.as_tensor(np.ones((3, 1)), dtype=p.dtype, device=p.device)], dim=1)\n"
         "return torch.mean(d)"),
        ("q = p.detach().numpy()\nreturn np.mean(q) / np.finfo(q.dtype).eps",
         "return torch.mean(p) / torch.finfo(p.dtype).eps"),
        ("def cube(a):\n    return a * a * math.exp(a)\n\nreturn np.mean(np.vectorize(cube)(p.detach().numpy()))",
         "def cube(a):\n    return a * a * torch.exp(a)\n\nreturn torch.mean(cube(p))"),
    ],
)  # fmt: skip
def test_in_torch(body: str, expected: str) -> None:
    assert _loss("torch", body).strip("\n") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("q = p.numpy()\nq = np.clip(q, 1e-7, 1)\nreturn -np.mean(np.log(q))",
         "q = tf.clip_by_value(p, 1e-7, 1)\nreturn -tf.reduce_mean(tf.math.log(q))"),
        ("q = p.numpy()\nreturn np.mean(q) / np.finfo(q.dtype).eps",
         "return tf.reduce_mean(p) / np.finfo(p.dtype.as_numpy_dtype).eps"),
        ("t = np.stack([y.numpy(), 1 - y.numpy()])\nreturn np.mean(t * p.numpy())",
         "t = tf.stack([y, 1 - y])\nreturn tf.reduce_mean(t * p)"),
        ("m = (y.numpy() > 0).astype(int)\nreturn np.mean(np.maximum(p.numpy(), m))",
         "m = tf.cast(y > 0, tf.int64)\nreturn tf.reduce_mean(tf.maximum(p, tf.cast(m, p.dtype)))"),
    ],
)  # fmt: skip
def test_in_tensorflow(body: str, expected: str) -> None:
    assert _loss("tensorflow", body).strip("\n") == expected


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("q = p.detach().numpy()\nif len(q) > 3:\n    q = q[:3]\nreturn np.mean(q**2)", "q = p"),  # on one way only
        ("q = p.detach().numpy()\nf = lambda: q\nq = q - 1\nreturn np.mean(f() * q)", "q = p"),  # it is read later
        ("q = p.detach().numpy()\nq *= 2\nreturn np.mean(q)", "q"),  # what it changes is the prediction itself
        ("p, d = y.numpy(), p.detach().numpy()\nreturn np.mean(d - p)", "p, d = y, p"),  # each is read before it is set
    ],
)
def test_a_name_that_means_something_of_its_own_stays(body: str, kept: str) -> None:
    assert kept in _loss("torch", body)


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize("kept", ["np.prod((2, 3))", "np.finfo(np.float32).eps", "np.ones((3, 1)).sum()"])
def test_what_is_no_tensors_stays_numpys(framework: Framework, kept: str) -> None:
    assert kept in _loss(framework, f"return np.mean(p) / {kept}")
