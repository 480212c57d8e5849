"""A type that a loss asks for by name stays; one that only NumPy's promotion made is the framework's affair."""

from __future__ import annotations

from textwrap import indent

import pytest

from tests.rewrite.test_patch import _HEADS, _STEPS, _loss, _rewritten

pytestmark = pytest.mark.slow

TORCH = {
    "astype": ("d = p.detach().numpy().astype(np.float64)\nreturn torch.tensor(np.var(d))",
               "d = p.double()\nreturn torch.var(d, correction=0)"),
    "dtype=": ("return torch.tensor(np.sum(p.detach().numpy(), dtype=np.float64))", "return torch.sum(p.double())"),
    "a method's dtype=": ("return torch.tensor(p.detach().numpy().mean(dtype='float64'))", "return p.double().mean()"),
    "a scalar type": ("return torch.tensor(np.float64(np.mean(p.detach().numpy())))", "return torch.mean(p).double()"),
    "asarray": ("d = np.asarray(p.detach(), dtype=np.float64)\nreturn torch.tensor(np.mean(d))",
                "d = p.double()\nreturn torch.mean(d)"),
    "a list": ("return torch.tensor(np.array([p.mean().item(), y.mean().item()], dtype=np.float64).sum())",
               "return torch.stack([p.mean(), y.mean()]).double().sum()"),
    "a type for the whole loss": ("return torch.tensor(np.mean(p.detach().numpy()), dtype=torch.float64)",
                                  "return torch.mean(p).to(torch.float64)"),
    "double behind a wrapper": ("return torch.from_numpy(p.detach().numpy() ** 2).double().mean()",
                                "return (p ** 2).double().mean()"),
    "back to single": ("d = p.detach().numpy().astype(np.float64)\n"
                       "return torch.tensor(np.var(d), dtype=torch.float32)",
                       "d = p.double()\nreturn torch.var(d, correction=0).to(torch.float32)"),
    "back to single by float": ("d = p.detach().numpy().astype(np.float64)\n"
                                "return torch.from_numpy(d * d).float().sum()",
                                "d = p.double()\nreturn (d * d).float().sum()"),
    "the type of another": ("q = p.detach().numpy()\nt = y.numpy().astype(q.dtype)\n"
                            "return torch.tensor(np.mean(q - t))",
                            "t = y.to(p.dtype)\nreturn torch.mean(p - t)"),
    "a mask": ("d = p.detach().numpy() - y.numpy()\nw = (d < 0).astype(np.float32)\n"
               "return torch.tensor(np.mean(w) + np.mean((1 - w) * d))",
               "d = p - y\nw = (d < 0).float()\nreturn torch.mean(w) + torch.mean((1 - w) * d)"),
    "single precision": ("q = p.detach().numpy().astype(np.float32)\nreturn torch.tensor(np.mean(q))",
                         "q = p.float()\nreturn torch.mean(q)"),
    "only promoted": ("d = p.detach().numpy() * np.float64(2.0)\nreturn torch.from_numpy(d).float().mean()",
                      "d = p * np.float64(2.0)\nreturn d.mean()"),
    "only wrapped again": ("return torch.tensor(np.mean(p.detach().numpy()), dtype=torch.float32)",
                           "return torch.mean(p)"),
    "a constant of truth values": (
        "k = np.array([[1, 0], [0, 1]], dtype=bool)\n"
        "return torch.tensor(np.where(k, p.detach().numpy(), 0.0).sum() + (k * p.detach().numpy()).sum())",
        "k = np.array([[1, 0], [0, 1]], dtype=bool)\n"
        "return torch.where(torch.as_tensor(k, device=p.device), p, 0.0).sum() + "
        "(torch.as_tensor(k, device=p.device) * p).sum()",
    ),
    "truth values taken away": (
        "k = np.array([True, False])\nreturn torch.tensor(np.mean(p.detach().numpy() - k))",
        "k = np.array([True, False])\nreturn torch.mean(p - torch.as_tensor(k, device=p.device).to(p.dtype))",
    ),
    "indices": ("i = np.array([0, 2])\nreturn torch.tensor(np.abs(p.detach().numpy())[i].sum())",
                "i = np.array([0, 2])\nreturn torch.abs(p)[i].sum()"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TORCH)
def test_in_torch(kind: str) -> None:
    body, expected = TORCH[kind]

    assert _loss("torch", body).strip("\n") == expected


TENSORFLOW = {
    "astype": ("d = p.numpy().astype(np.float64)\nreturn tf.constant(np.var(d))",
               "d = tf.cast(p, tf.float64)\nreturn tf.math.reduce_variance(d)"),
    "dtype=": ("return tf.constant(np.sum(p.numpy(), dtype=np.float64))",
               "return tf.reduce_sum(tf.cast(p, tf.float64))"),
    "back to single": ("return tf.constant(np.var(np.float64(p.numpy())), dtype=tf.float32)",
                       "return tf.cast(tf.math.reduce_variance(tf.cast(p, tf.float64)), tf.float32)"),
    "what meets it": ("d = p.numpy().astype(np.float64) - y.numpy()\nreturn tf.constant(np.mean(d / (1 + np.abs(p))))",
                      "d = tf.cast(p, tf.float64) - tf.cast(y, tf.float64)\n"
                      "return tf.reduce_mean(d / tf.cast(1 + tf.abs(p), tf.float64))"),
    "a mask": ("d = p.numpy() - y.numpy()\nw = (d < 0).astype(np.float32)\nreturn tf.constant(np.mean(w * d))",
               "d = p - y\nw = tf.cast(d < 0, d.dtype)\nreturn tf.reduce_mean(w * d)"),
    "only wrapped again": ("return tf.constant(np.mean(p.numpy()), dtype=tf.float32)", "return tf.reduce_mean(p)"),
}  # fmt: skip


@pytest.mark.parametrize("kind", TENSORFLOW)
def test_in_tensorflow(kind: str) -> None:
    body, expected = TENSORFLOW[kind]

    assert _loss("tensorflow", body).strip("\n") == expected


def test_casts_to_single_precision_are_left_out_together_where_that_is_needed() -> None:
    body = "    a, b = p.numpy().astype('float32'), y.numpy().astype('float32')\n    return tf.constant(np.mean(a - b))"
    text = f"{_HEADS['tensorflow']}\n\ndef loss_fn(p, y):\n{body}\n\n\n{_STEPS['tensorflow']}"

    found = _rewritten(text)

    assert isinstance(found, tuple)
    assert "a, b = tf.cast(p, tf.float32), tf.cast(y, tf.float32)" in found[0]
    assert any("tf.float32" not in each for each in found)
    assert not any(each.count("tf.float32)") == 1 for each in found)


def test_targets_are_double_too_where_a_prediction_is() -> None:
    body = "    return tf.constant(np.mean(p.numpy().astype(np.float64) - y.numpy()))"
    text = f"{_HEADS['tensorflow']}\n\ndef loss_fn(p, y):\n{body}\n\n\n{_STEPS['tensorflow']}"

    found = _rewritten(text)

    assert isinstance(found, tuple)
    assert any("    y = tf.cast(y, tf.float64)\n" in each for each in found)
    assert all("tf.cast(p, tf.float64)" in each for each in found)


@pytest.mark.parametrize(
    ("given", "cast"), [("dtype", "p.double()"), ("kind", "p.double()"), ("y.numpy().dtype", None), ("p.dtype", None)]
)
def test_a_name_alone_may_stand_for_any_type_and_that_of_a_tensor_is_the_tensors(given: str, cast: str | None) -> None:
    body = f"dtype = kind = np.float64\nd = p.detach().numpy().astype({given})\nreturn torch.tensor(np.var(d))"

    assert (f"d = {cast}" in _all_of("torch", body)) is (cast is not None)


def _all_of(framework: str, body: str) -> str:
    found = _rewritten(f"{_HEADS[framework]}\n\ndef loss_fn(p, y):\n{indent(body, '    ')}\n\n\n{_STEPS[framework]}")
    assert isinstance(found, tuple)
    return "".join(found)
