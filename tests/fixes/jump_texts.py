"""Programs with a term of the loss that changes in jumps only, and such in which counts and roundings are right."""

from __future__ import annotations

from tests.fixes.program_texts import NET, TENSORFLOW_BATCH, TENSORFLOW_HEAD, torch_program
from tests.fixes.term_texts import TENSORFLOW_NET

_FIT = "F.mse_loss(net(x), y)"
_BODY = """
body, head = nn.Sequential(nn.Linear(4, 8), nn.Tanh()), nn.Linear(8, 1)
net = nn.Sequential(body, head)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
"""
_COUNT = """
def sparsity(h):
    return (h.abs() > 0.3).float().sum(1).mean()

def objective(x, y):
    h = body(x)
    return F.mse_loss(head(h), y) + 0.05 * sparsity(h)
"""
_ERRORS = """
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
labels = torch.randint(3, (16,))

def losses(x):
    scores = net(x)
    wrong = scores.argmax(1) != labels
    return {"entropy": F.cross_entropy(scores, labels), "errors": wrong.float().mean()}
"""
_BYTES = """
import zlib

def size(code):
    levels = np.rint(2 * code.detach().numpy()).astype(np.int8)
    return len(zlib.compress(levels.tobytes()))

def objective(x, y):
    h = body(x)
    return F.mse_loss(head(h), y) + 1e-3 * size(h)
"""
_GRID = """
def cells(points):
    at = (points * 4).floor().long().clamp(-3, 3) + 3
    grid = torch.zeros(7, 7)
    grid[at[:, 0], at[:, 1]] = 1.0
    return grid

def objective(x, y):
    h = body(x)
    total = torch.stack([F.mse_loss(head(h), y), 0.1 * F.l1_loss(cells(h), torch.ones(7, 7))])
    return total.sum()
"""


def _torch(before: str, loss: str) -> str:
    return torch_program(before, f"loss = {loss}")


TORCH_TOLD = {
    "how many are active": (_torch(_BODY + _COUNT, "objective(x, y)"), "AF203", "h.abs() > 0.3"),
    "a rate of errors": (_torch(_ERRORS, "sum(losses(x).values())"), "AF201", "scores.argmax(1)"),
    "the size of what is compressed": (_torch(_BODY + _BYTES, "objective(x, y)"), "AF103", "code.detach()"),
    "cells of a grid": (_torch(_BODY + _GRID, "objective(x, y)"), "AF202", "(points * 4).floor()"),
}
"""Each with the cause and the expression that are told."""
_METRIC = """
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
labels = torch.randint(3, (16,))

def right(scores):
    return (scores.argmax(1) == labels).float().mean()
{more}
"""
_OBJECTIVE = """
def objective(x):
    scores = net(x)
    return {value}
"""
_UNRECORDED = """
@torch.no_grad()
def errors(scores):
    return 1 - right(scores)
"""
_GATES = """
def hard(p):
    return (p > 0.5).float()

def gate(p):
    return p + (hard(p) - p).detach()

class Sign(torch.autograd.Function):
    @staticmethod
    def forward(context, value):
        return value.sign()

    @staticmethod
    def backward(context, gradient):
        return gradient
"""
_BOOK = """
encoder, decoder, book = nn.Linear(4, 3), nn.Linear(3, 4), nn.Embedding(6, 3)
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters(), *book.parameters()], lr=0.01)

def objective(x):
    z = encoder(x)
    index = torch.cdist(z, book.weight).argmin(1)
    nearest = book(index)
    passed = z + (nearest - z).detach()
    return F.mse_loss(decoder(passed), x) + F.mse_loss(nearest, z.detach()) + 0.2 * F.mse_loss(z, nearest.detach())
"""
_MASKED = """
def objective(x, y):
    out = F.dropout(net(x), 0.2)
    error = (out - y).pow(2)
    near = (error < error.median()).float()
    return (near * error).sum() / near.sum().clamp(min=1) + 1e-3 * len(error)
"""
_SCHEDULED = """
def objective(x, y):
    error = F.mse_loss(net(x), y)
    weight = 0.1 if error.item() > 0.5 else 0.01
    return error + weight * sum(each.pow(2).sum() for each in net.parameters())
"""
_ENTROPY = "F.cross_entropy(scores, labels)"
TORCH_RIGHT = {
    "a metric of weight zero": _torch(
        _METRIC.format(more=_OBJECTIVE.format(value=f"{_ENTROPY} + 0.0 * right(scores)")), "objective(x)"
    ),
    "a metric for show": _torch(
        _METRIC.format(more=_OBJECTIVE.format(value=f"{_ENTROPY} + (1 - right(scores)).detach()")), "objective(x)"
    ),
    "a metric that is not recorded": _torch(
        _METRIC.format(more=_UNRECORDED + _OBJECTIVE.format(value=f"{_ENTROPY} + errors(scores)")), "objective(x)"
    ),
    "a weight by a metric": _torch(
        _METRIC.format(more=_OBJECTIVE.format(value=f"{_ENTROPY} * (1.5 - right(scores))")), "objective(x)"
    ),
    "a level by a metric": _torch(
        _METRIC.format(more=_OBJECTIVE.format(value=f"{_ENTROPY} - right(scores)")), "objective(x)"
    ),
    "straight through a gate": _torch(NET + _GATES, f"{_FIT} + 0.1 * gate(torch.sigmoid(net(x))).mean()"),
    "straight through one gate": _torch(NET + _GATES, f"{_FIT} + 0.1 * gate(torch.sigmoid(net(x).mean()))"),
    "a sign with a gradient of its own": _torch(NET + _GATES, f"{_FIT} + 0.1 * Sign.apply(net(x)).mean()"),
    "a book of codes": _torch(_BOOK, "objective(x)"),
    "a mask and its size": _torch(NET + _MASKED, "objective(x, y)"),
    "a schedule": _torch(NET + _SCHEDULED, "objective(x, y)"),
}
_STEP = """
for step in range(4):
    with tf.GradientTape() as tape:
        loss = {loss}
    gradients = tape.gradient(loss, variables)
    opt.apply_gradients(zip(gradients, variables))
"""


def _tensorflow(more: str, loss: str) -> str:
    return TENSORFLOW_HEAD + TENSORFLOW_BATCH + TENSORFLOW_NET + more + _STEP.format(loss=loss)


_TENSORFLOW_COUNT = """
def objective(x, y):
    hidden = body(x)
    count = tf.reduce_sum(tf.round(tf.nn.relu(4 * hidden)))
    return tf.reduce_mean(tf.square(head(hidden) - y)) + 0.01 * tf.abs(count - 20.0)
"""
_TENSORFLOW_RUNS = """
def runs(code):
    signs = np.sign(code.numpy())
    return float((signs[1:] != signs[:-1]).mean())

def objective(x, y):
    hidden = body(x)
    terms = {"fit": tf.reduce_mean(tf.square(head(hidden) - y)), "runs": 0.1 * runs(hidden)}
    return tf.add_n([tf.convert_to_tensor(each) for each in terms.values()])
"""
TENSORFLOW_TOLD = {
    "a count of what is rounded": (
        _tensorflow(_TENSORFLOW_COUNT, "objective(x, y)"), "AF202", "tf.round(tf.nn.relu(4 * hidden))",
    ),
    "changes of sign": (_tensorflow(_TENSORFLOW_RUNS, "objective(x, y)"), "AF102", "code.numpy()"),
}  # fmt: skip
_TENSORFLOW_ROUNDED = """
def rounded(value):
    return value + tf.stop_gradient(tf.round(value) - value)
"""
_TENSORFLOW_SHOWN = """
def errors(x, y):
    return tf.reduce_mean(tf.cast(head(body(x)) * y < 0, tf.float32))
"""
TENSORFLOW_RIGHT = {
    "straight through a rounding": _tensorflow(
        _TENSORFLOW_ROUNDED, "fit(x, y) + 0.1 * tf.reduce_mean(rounded(4 * head(body(x))))"
    ),
    "a rate of weight zero": _tensorflow(_TENSORFLOW_SHOWN, "fit(x, y) + 0.0 * errors(x, y)"),
    "a rate for show": _tensorflow(_TENSORFLOW_SHOWN, "fit(x, y) + tf.stop_gradient(errors(x, y))"),
    "a weight by a rate": _tensorflow(_TENSORFLOW_SHOWN, "fit(x, y) * (1.0 + errors(x, y))"),
}
