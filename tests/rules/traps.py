"""The traps, one a line: NumPy's call ; what one would write in PyTorch ; in TensorFlow.

The arrays are those of the samples. `-` is for a framework in which there is no trap, `skip` for one without such a
rule; `!` marks a call that must be refused. `=>` gives NumPy's side where it is not the call itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from autofix.model import Framework

_CALLS = """
1 np.std(x, axis=0) ; torch.std(x, dim=0) ; -
1 np.var(x) ; torch.var(x) ; -
1 np.std(x, axis=0, ddof=1) ; - ; tf.math.reduce_std(x, axis=0)
2 np.max(x, axis=1) ; torch.max(x, 1) ; -
2 np.max(z, axis=(0, 1)) ; torch.max(z, dim=(0, 1)) ; -
3 np.maximum(x, 0.5) ; torch.maximum(x, 0.5) ; -
3 np.arctan2(x, 2.0) ; torch.atan2(x, 2.0) ; -
4 np.minimum(0.5, x) ; torch.minimum(0.5, x) ; -
5 np.clip(x, None, 0.5) ; - ; tf.clip_by_value(x, None, 0.5)
5 np.clip(x, a_min=0.2, a_max=0.5) ; torch.clamp(x, a_min=0.2, a_max=0.5) ; tf.clip_by_value(x, a_min=0.2, a_max=0.5)
7 operator.mul(m, x, like=x) => m * x ; skip ; m * x
7 operator.mul(x, m, like=x) => x * m ; skip ; x * m
7 operator.sub(x, m, like=x) => x - m ; x - m ; x - m
8 operator.truediv(x, b + 1, like=x) => x / (b + 1) ; skip ; x / (b + 1)
12 np.flip(x, axis=1) ; torch.flip(x, axis=1) ; -
12 np.prod(z, axis=(0, 1)) ; torch.prod(z, dim=(0, 1)) ; -
12 np.median(z, axis=(0, 1)) ; torch.median(z, dim=(0, 1)) ; -
13 np.cumsum(x) ; torch.cumsum(x) ; tf.cumsum(x)
13 np.cumprod(x) ; torch.cumprod(x) ; tf.math.cumprod(x)
13 np.take(x, i) ; - ; tf.gather(x, i)
13 np.flip(x) ; torch.flip(x) ; tf.reverse(x)
13 ! np.argmax(x) ; - ; -
14 np.where(m, x, 0.0) ; torch.where(np.asarray(m), x, 0.0) ; -
15 ! np.round(x, 2) ; - ; -
15 ! np.floor(x) ; - ; -
15 ! np.sign(x) ; - ; -
16 np.median(v) ; torch.median(v) ; -
16 np.median(x, axis=1) ; torch.median(x, dim=1) ; -
17 np.percentile(x, 30) ; torch.quantile(x, 30) ; -
18 np.sort(x) ; torch.sort(x) ; -
19 np.linalg.norm(x, 2) ; torch.norm(x, 2) ; tf.norm(x, 2)
20 np.dot(x, u) ; torch.dot(x, u) ; -
20 np.dot(x, v) ; torch.dot(x, v) ; tf.matmul(x, v)
20 np.inner(x, y) ; torch.dot(x, y) ; tf.matmul(x, y)
20 np.outer(x, y) ; torch.outer(x, y) ; tf.tensordot(x, y, 0)
20 operator.matmul(x, v) => x @ v ; skip ; x @ v
21 operator.getitem_backwards(x, (1,)) => x[:, ::-1] ; x[:, ::-1] ; skip
21 operator.getitem_indices(x, i, 1) => x[:, i] ; skip ; x[:, i]
21 operator.getitem_indices(x, [0, -1], 1) => x[:, [0, -1]] ; skip ; tf.gather(x, [0, -1], axis=1)
21 operator.getitem_pairs(x, i, i) => x[i, i] ; skip ; x[i, i]
21 operator.getitem_mask(x, [True, False, True, True], 1) => x[:, [True, False, True, True]] ; skip ; x[:, m[0]]
22 operator.setitem_mask(x, m, 0.5) => np.where(m, 0.5, x) ; x.__setitem__(m, 0.5) ; x.__setitem__(m, 0.5)
22 operator.setitem(x, 1, 0.5) => np.where(np.arange(3)[:, None] == 1, 0.5, x) ; skip ; x.__setitem__(1, 0.5)
23 np.transpose(z) ; torch.transpose(z) ; z.T
24 np.repeat(x, 2, axis=0) ; x.repeat(2, 1) ; tf.tile(x, [2, 1])
24 np.split(x, 3)[0] ; torch.split(x, 3)[0] ; -
24 np.take(x, i, axis=1) ; torch.take(x, i) ; tf.gather(x, i)
25 np.diag(S) ; - ; tf.linalg.diag(S)
25 np.meshgrid(v, w)[0] ; torch.meshgrid(v, w)[0] ; -
25 np.log2(x) ; - ; tf.math.log2(x)
25 np.log(x) ; - ; tf.log(x)
26 np.pad(x, ((1, 1), (2, 0))) ; torch.nn.functional.pad(x, (1, 1, 2, 0)) ; -
27 np.roll(x, 1, axis=1) ; torch.roll(x, 1) ; tf.roll(x, 1)
27 np.roll(x, 1) ; - ; tf.roll(x, 1, axis=0)
28 np.gradient(v) ; torch.gradient(v) ; -
29 np.cov(u, rowvar=False) ; torch.cov(u) ; -
29 np.cov(x, bias=True) ; torch.cov(x) ; -
30 np.sum(x, where=m) ; torch.sum(x, where=m) ; tf.reduce_sum(x, where=m)
30 np.mean(x, where=m) ; torch.where(m, x, 0.0).mean() ; tf.reduce_mean(tf.where(m, x, 0.0))
30 np.reshape(x, (4, 3), order="F") ; torch.reshape(x, (4, 3)) ; tf.reshape(x, (4, 3))
31 np.sum([s, s * 2]) ; torch.sum([s, s * 2]) ; -
31 np.array([s, s * 2]) ; torch.tensor([s, s * 2]) ; -
31 np.full((2, 2), s) ; torch.full((2, 2), s) ; -
32 np.fmod(x - 0.55, 0.3) ; torch.remainder(x - 0.55, 0.3) ; tf.truncatemod(x - 0.55, 0.3)
32 np.mod(x - 0.55, 0.3) ; torch.fmod(x - 0.55, 0.3) ; -
33 np.linalg.svd(x)[1] ; - ; tf.linalg.svd(x)[1]
33 np.linalg.solve(S, v) ; - ; tf.linalg.solve(S, v)
"""


@dataclass(frozen=True)
class Trap:
    """One call and its naive translation in each framework that has the trap."""

    number: int
    call: str
    refused: bool
    naive: dict[str, str]
    frameworks: tuple[str, ...]


@dataclass(frozen=True)
class LossTrap:
    """A loss in NumPy, over `p = y_pred.numpy()` and `t = y_true.numpy()`, and the naive translation of its body."""

    number: int
    framework: Framework
    body: str
    naive: str


def _trap(line: str) -> Trap:
    call, torch, tensorflow = line.split(" ; ")
    number, _, call = call.partition(" ")
    written = {"torch": torch, "tensorflow": tensorflow}
    frameworks = tuple(each for each, code in written.items() if code != "skip")
    naive = {each: code for each, code in written.items() if code not in ("-", "skip")}
    return Trap(int(number), call.removeprefix("! "), call.startswith("! "), naive, frameworks)


TRAPS = tuple(_trap(line) for line in _CALLS.strip().splitlines())

LOSSES = (
    LossTrap(6, "tensorflow", "c = np.mean((t > 0).astype(int))\nreturn c * np.mean((p - t) ** 2)",
             "c = tf.reduce_mean(tf.cast(y_true > 0, tf.int64))\n"
             "return tf.cast(c, y_pred.dtype) * tf.reduce_mean((y_pred - y_true) ** 2)"),
    LossTrap(6, "torch", "c = np.mean(t > 0)\nreturn c * np.mean((p - t) ** 2)",
             "c = torch.mean(y_true > 0)\nreturn c * torch.mean((y_pred - y_true) ** 2)"),
    LossTrap(7, "tensorflow", "return np.sum((t > 0) * (p - t) ** 2)",
             "return tf.reduce_sum((y_true > 0) * (y_pred - y_true) ** 2)"),
    LossTrap(7, "torch", "return np.sum((1 - (t > 0)) * (p - t) ** 2)",
             "return torch.sum((1 - (y_true > 0)) * (y_pred - y_true) ** 2)"),
    LossTrap(7, "tensorflow", "m = t > 0\nreturn np.sum(np.abs(p - t)) / np.sum(m)",
             "m = y_true > 0\nreturn tf.reduce_sum(tf.abs(y_pred - y_true)) / tf.reduce_sum(m)"),
    LossTrap(9, "tensorflow", "w = np.linspace(0.5, 1.5, 10)\nreturn np.mean(w * (p - t) ** 2)",
             "w = tf.constant(np.linspace(0.5, 1.5, 10))\nreturn tf.reduce_mean(w * (y_pred - y_true) ** 2)"),
    LossTrap(11, "torch", "return np.mean(np.log(2.0) * (p - t) ** 2)",
             "return torch.mean(torch.log(2.0) * (y_pred - y_true) ** 2)"),
    LossTrap(11, "tensorflow", "return np.mean(np.sqrt(2) * (p - t) ** 2)",
             "return tf.reduce_mean(tf.sqrt(2) * (y_pred - y_true) ** 2)"),
    LossTrap(10, "torch", "w = np.array(0.25)\nreturn np.mean(w * (p - t) ** 2)",
             "w = np.array([0.25])\nreturn torch.mean(w * (y_pred - y_true) ** 2)"),
    LossTrap(21, "torch", "return np.mean((p[::-1] - t) ** 2)", "return torch.mean((y_pred[::-1] - y_true) ** 2)"),
    LossTrap(22, "tensorflow", "d = np.abs(p - t)\nd[d > 1] = 1.0\nreturn np.mean(d)",
             "d = tf.abs(y_pred - y_true)\nd[d > 1] = 1.0\nreturn tf.reduce_mean(d)"),
    LossTrap(22, "tensorflow", "d = (p - t) ** 2\nd[0] *= 2\nreturn np.mean(d)",
             "d = (y_pred - y_true) ** 2\nd[0] *= 2\nreturn tf.reduce_mean(d)"),
    LossTrap(22, "torch", "d = np.exp(p - t)\nd[0] = 0.0\nreturn np.mean(d)",
             "d = torch.exp(y_pred - y_true)\nd[0] = 0.0\nreturn torch.mean(d)"),
    LossTrap(34, "torch", "return np.mean(special.xlogy(t, t) - special.xlogy(t, p))",
             "return torch.mean(y_true * torch.log(y_true) - y_true * torch.log(y_pred))"),
    LossTrap(34, "tensorflow", "return np.mean(special.xlogy(t, t) - special.xlogy(t, p))",
             "return tf.reduce_mean(y_true * tf.math.log(y_true) - y_true * tf.math.log(y_pred))"),
    LossTrap(35, "torch", "tiny = np.finfo(p.dtype).tiny\nreturn np.mean(np.log(np.abs(p - t) + tiny))",
             "tiny = np.finfo(y_pred.dtype).tiny\nreturn torch.mean(torch.log(torch.abs(y_pred - y_true) + tiny))"),
    LossTrap(35, "tensorflow", "tiny = np.finfo(p.dtype).tiny\nreturn np.mean(np.log(np.abs(p - t) + tiny))",
             "tiny = np.finfo(y_pred.dtype).tiny\nreturn tf.reduce_mean(tf.math.log(tf.abs(y_pred - y_true) + tiny))"),
    LossTrap(36, "tensorflow", "return np.sum((p - t) ** 2) / p.shape[0]",
             "return tf.reduce_sum((y_pred - y_true) ** 2) / y_pred.shape[0]"),
    LossTrap(36, "tensorflow", "n = len(p)\nreturn np.sum((p - t) ** 2) / n",
             "n = len(y_pred)\nreturn tf.reduce_sum((y_pred - y_true) ** 2) / n"),
)  # fmt: skip
