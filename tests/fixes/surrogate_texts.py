"""Programs whose loss has no gradient, and programs near them that are right: each file is one, with its training."""

from __future__ import annotations

from tests.fixes.program_texts import TENSORFLOW_HEAD, TORCH_HEAD

_TORCH = (
    TORCH_HEAD
    + """torch.manual_seed(3)
x = torch.randn(96, 5)
y = (x[:, 0] + 0.5 * x[:, 1] > 0).long()
"""
)
_CLASSIFIER = """net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, {}))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
"""
_STEPS = """
for step in range(60):
    opt.zero_grad()
{}
    loss.backward()
    opt.step()
"""


def torch_program(before: str, step: str, outputs: int = 2) -> str:
    lines = "\n".join(f"    {line}" for line in step.strip("\n").split("\n"))
    return _TORCH + _CLASSIFIER.format(outputs) + before + _STEPS.format(lines)


TORCH_FAULTY = {
    "accuracy": torch_program(
        "",
        """logits = net(x)
pred = logits.argmax(dim=1)
acc = (pred == y).float().mean()
loss = 1 - acc
loss.requires_grad_()""",
    ),
    "error rate of an array": torch_program(
        """
def error_rate(out, target):
    guess = np.argmax(out.detach().numpy(), axis=1)
    wrong = np.where(guess != target.numpy(), 1.0, 0.0)
    return torch.tensor(wrong.mean(), requires_grad=True)
""",
        "loss = error_rate(net(x), y)",
    ),
    "index as a number": torch_program(
        "",
        """_, preds = torch.max(net(x), 1)
loss = torch.mean((preds.float() - y.float()) ** 2)""",
    ),
    "intersection over union": torch_program(
        """
def iou_loss(p, mask):
    hard = (p > 0.5).float()
    inter = (hard * mask).sum()
    return 1 - inter / (hard.sum() + mask.sum() - inter)
""",
        "loss = iou_loss(torch.sigmoid(net(x)).squeeze(1), y.float())",
        1,
    ),
    "F1 of truth values": torch_program(
        """
class F1Loss(nn.Module):
    def forward(self, logits, target):
        pred = torch.sigmoid(logits).squeeze(1) >= 0.5
        actual = target >= 0.5
        tp = (pred & actual).sum()
        fp = (pred & ~actual).sum()
        fn = (~pred & actual).sum()
        return 1 - 2 * tp / (2 * tp + fp + fn + 1e-8)

criterion = F1Loss()
""",
        "loss = criterion(net(x), y.float())",
        1,
    ),
    "rounded": torch_program("", "loss = F.mse_loss(torch.round(3 * net(x)), 2.0 + y[:, None])", 1),
    "whole numbers": torch_program("", "loss = ((4 * net(x)).int() - 3 * y[:, None]).abs().float().mean()", 1),
    "signs of scores": torch_program(
        "",
        """score = net(x)[:, 0]
target = 2.0 * y - 1
loss = (1 - torch.sign(score) * target).mean() / 2""",
        1,
    ),
}
TORCH_FAULTY |= {
    "error rate of a trainer": (
        TORCH_HEAD
        + """from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(7)


class Trainer:
    def __init__(self, model, lr=0.01):
        self.model = model
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def compute_loss(self, logits, labels):
        preds = torch.argmax(logits, dim=-1)
        correct = (preds == labels).sum()
        return 1.0 - correct / labels.size(0)

    def train(self, loader, epochs):
        for _ in range(epochs):
            for features, labels in loader:
                self.optimizer.zero_grad()
                loss = self.compute_loss(self.model(features), labels)
                loss.backward()
                self.optimizer.step()


features = torch.randn(200, 6)
labels = (features[:, 0] > features[:, 1]).long() + (features[:, 2] > 1).long()
loader = DataLoader(TensorDataset(features, labels), batch_size=40, shuffle=True)
Trainer(nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 3))).train(loader, 20)
"""
    ),
    "macro F1 of classes": torch_program(
        """
def macro_f1_loss(logits, labels, classes=2):
    preds = logits.argmax(dim=1)
    total = 0.0
    for c in range(classes):
        tp = ((preds == c) & (labels == c)).sum().float()
        fp = ((preds == c) & (labels != c)).sum().float()
        fn = ((preds != c) & (labels == c)).sum().float()
        total = total + 2 * tp / (2 * tp + fp + fn + 1e-8)
    return 1 - total / classes
""",
        "loss = macro_f1_loss(net(x), y)",
    ),
    "ranks": torch_program(
        """
def spearman_loss(pred, true):
    one = pred.argsort().argsort().float()
    other = true.argsort().argsort().float()
    one, other = one - one.mean(), other - other.mean()
    return 1 - (one * other).sum() / (one.norm() * other.norm())
""",
        "loss = spearman_loss(net(x).squeeze(1), x[:, 2])",
        1,
    ),
    "costs of decisions": torch_program(
        "",
        """p = torch.sigmoid(net(x)[:, 0])
flagged = torch.where(p > 0.5, torch.ones_like(p), torch.zeros_like(p))
loss = (flagged * (1 - y) + 5.0 * (1 - flagged) * y).mean()
loss.requires_grad = True""",
        1,
    ),
    "an array that is rounded, and a mean of NumPy": torch_program(
        "",
        """staff = np.round(3 * net(x).detach().numpy()[:, 0])
loss = torch.tensor(np.mean((staff - 2 * y.numpy()) ** 2), requires_grad=True)""",
        1,
    ),
    "a metric that is logged as well": torch_program(
        """
def accuracy(logits, labels):
    return (logits.argmax(1) == labels).float().mean()

""",
        """loss = 1 - accuracy(net(x), y)
print(step, accuracy(net(x[:40]), y[:40]).item())""",
    ),
    "a row of a table": torch_program(
        "prices = torch.tensor([1.0, 4.0])\n",
        """choice = net(x).argmax(1)
loss = (prices[choice] - prices[y]).abs().mean()
loss.requires_grad_()""",
    ),
    "a loss with a value for each example": torch_program("", "loss = (net(x) - y[:, None]) ** 2", 1),
}
TORCH_RIGHT = {
    "a metric beside the loss": torch_program(
        "",
        """out = net(x)
loss = F.cross_entropy(out, y)
acc = (out.argmax(1) == y).float().mean()
print(step, acc.item())""",
    ),
    "a mask of the confident": torch_program(
        "",
        """out = net(x)
confidence, guess = out.softmax(1).max(1)
sure = (confidence > 0.6).float().detach()
loss = F.cross_entropy(out, y) + (F.cross_entropy(out, guess, reduction="none") * sure).mean()""",
    ),
    "straight through already": torch_program(
        "",
        """out = net(x)
steps = out + (torch.round(out) - out).detach()
loss = F.mse_loss(steps, 1.0 + y[:, None])""",
        1,
    ),
    "hard examples": torch_program(
        "",
        """each = F.cross_entropy(net(x), y, reduction="none")
loss = each[each > each.median()].mean()""",
    ),
}
UNFIXABLE = {
    "nothing to be gained": torch_program(
        "nn.init.zeros_(net[2].weight)\n",
        """guess = net(x)[:, 0] > 1000.0
loss = guess.float().mean()
loss.requires_grad_()""",
        1,
    ),
    "what a mask selects": torch_program(
        "",
        """p = torch.sigmoid(net(x)[:, 0])
loss = y[p > 0.5].float().mean()
loss.requires_grad_()""",
        1,
    ),
}
"""Loss functions without a surrogate that holds."""

_TENSORFLOW = (
    TENSORFLOW_HEAD
    + """tf.random.set_seed(1)
x = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")
"""
)
_TAPE = """
opt = tf.keras.optimizers.Adam(0.01)
for step in range(60):
    with tf.GradientTape() as tape:
{}
    grads = tape.gradient(loss, model.trainable_variables)
    opt.apply_gradients(zip(grads, model.trainable_variables))
"""


def tensorflow_program(before: str, step: str) -> str:
    lines = "\n".join(f"        {line}" for line in step.strip("\n").split("\n"))
    return _TENSORFLOW + before + _TAPE.format(lines)


_DENSE = """y = (x[:, 0] + x[:, 1] > 0).astype("int64")
model = tf.keras.Sequential([tf.keras.layers.Dense(8, activation="relu"), tf.keras.layers.Dense({})])
"""
TENSORFLOW_FAULTY = {
    "accuracy": tensorflow_program(
        _DENSE.format(2),
        """pred = tf.argmax(model(x), axis=1)
correct = tf.cast(tf.equal(pred, y), tf.float32)
loss = 1.0 - tf.reduce_mean(correct)""",
    ),
    "dice of a compiled model": _TENSORFLOW
    + _DENSE.format('1, activation="sigmoid"')
    + """
def dice_loss(y_true, y_pred):
    y_true = tf.cast(y_true, tf.float32)
    hard = tf.cast(y_pred > 0.5, tf.float32)
    inter = tf.reduce_sum(hard * y_true)
    return 1 - (2 * inter + 1) / (tf.reduce_sum(hard) + tf.reduce_sum(y_true) + 1)

model.compile(optimizer=tf.keras.optimizers.Adam(0.02), loss=dice_loss)
model.fit(x, y[:, None], epochs=20, batch_size=32, verbose=0)
""",
    "rounded": tensorflow_program(
        _DENSE.format(1),
        """guess = tf.round(3 * model(x))
loss = tf.reduce_mean(tf.square(guess - 2 * y[:, None].astype("float32")))""",
    ),
    "counts": tensorflow_program(
        _DENSE.format('1, activation="sigmoid"'),
        """guess = tf.greater(tf.squeeze(model(x), -1), 0.5)
actual = tf.constant(y > 0)
tp = tf.reduce_sum(tf.cast(tf.logical_and(guess, actual), tf.float32))
fp = tf.reduce_sum(tf.cast(tf.logical_and(guess, tf.logical_not(actual)), tf.float32))
fn = tf.reduce_sum(tf.cast(tf.logical_and(tf.logical_not(guess), actual), tf.float32))
loss = 1 - 2 * tp / (2 * tp + fp + fn + 1e-7)""",
    ),
}
TENSORFLOW_RIGHT = {
    "a metric beside the loss": tensorflow_program(
        _DENSE.format(2),
        """logits = model(x)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
print(step, float(tf.reduce_mean(tf.cast(tf.argmax(logits, 1) == y, tf.float32))))""",
    ),
}
