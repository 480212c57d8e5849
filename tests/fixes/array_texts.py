"""Programs in which arrays become tensors, or leaves results: with methods and readers of their own on the way."""

from __future__ import annotations

from tests.fixes.program_texts import BATCH, TENSORFLOW_HEAD, TORCH_HEAD, TORCH_STEP

_STEP = "".join(f"    {line}\n" for line in TORCH_STEP.splitlines())
MODEL = """
class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.head{names} = nn.Linear(4, 5), nn.Linear(5, 1){parts}

    def forward(self, x):
        {forward}

model = Model()
opt = torch.optim.SGD(model.parameters(), lr=0.05)
for step in range(5):
    out = model(x)
    loss = F.mse_loss(out, y)
{step}{after}"""


def model(
    before: str, forward: str, names: str = "", parts: str = "", after: str = "print(round(loss.item(), 3))\n"
) -> str:
    """A program that trains a model of two layers, between which this is computed."""
    forward = "\n        ".join(forward.splitlines())
    return TORCH_HEAD + BATCH + before + MODEL.format(
        names=names, parts=parts, forward=forward, step=_STEP, after=after
    )  # fmt: skip


GATE = """
class Gate(nn.Module):
    def forward(self, h):
        a = h.detach().numpy()
        w = np.exp(a - a.max(axis=-1, keepdims=True))
        w = w / w.sum(axis=-1, keepdims=True)
        return {given}
"""
READ = 'print("most", model.weights.argmax(axis=1).tolist(), round(float(np.log(model.weights).mean()), 3))\n'

SEQUENCE = (
    TORCH_HEAD
    + BATCH
    + """
class Sharpen(nn.Module):
    def __init__(self, power):
        super().__init__()
        self.power = power

    def forward(self, h):
        {made}
        return {value}

net = nn.Sequential(nn.Linear(4, 8), Sharpen(1.5), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(5):
    loss = F.mse_loss(net(x), y)
"""
    + _STEP
)

TORCH_FIXED = {
    "an array of a part that is returned, and read by NumPy": (
        model(
            GATE.format(given="torch.from_numpy(w * a), w"),
            "gated, self.weights = self.gate(self.enc(x))\nreturn self.head(gated)",
            ", self.gate", ", Gate()", f"    {READ}",
        ),
        ["w = torch.exp(h - h.amax(dim=-1, keepdim=True))", "return w * h, w.detach().numpy()", READ],
    ),
    "an array in a dictionary": (
        model(
            GATE.format(given='{"gated": torch.from_numpy(w * a), "weights": w}'),
            'parts = self.gate(torch.tanh(self.enc(x)))\nself.weights = parts["weights"]\n'
            'return self.head(parts["gated"])',
            ", self.gate", ", Gate()", READ,
        ),
        ['return {"gated": w * h, "weights": w.detach().numpy()}', READ],
    ),
    "the methods of an array": (
        model(
            "",
            "a = torch.sigmoid(self.enc(x)).detach().numpy()\n"
            "a = (a - a.mean(axis=0)) / (a.std(axis=0, ddof=1) + 1e-3)\n"
            "b = a.transpose(1, 0).cumsum(axis=0).T.copy().reshape(16, -1).clip(-2, 2).astype(np.float32)\n"
            "return self.head(torch.from_numpy(b.squeeze() + b.max(1, keepdims=True) - b.min(axis=1)[:, None]))",
        ),
        [
            "a = (a - a.mean(dim=0)) / (a.std(dim=0, correction=1) + 1e-3)",
            "b = a.permute(1, 0).cumsum(dim=0).T.clone().reshape(16, -1).clamp(-2, 2).float()",
            "return self.head(b.squeeze() + b.amax(dim=1, keepdim=True) - b.amin(dim=1)[:, None])",
        ],
    ),
    "a product of arrays in a helper": (
        model(
            "def whitened(h):\n    a = h.detach().cpu().numpy()\n    gram = a.T.dot(a) / a.shape[0]\n"
            "    return torch.tensor(a.dot(gram), dtype=h.dtype)\n\n",
            "return self.head(whitened(torch.tanh(self.enc(x))))",
        ),
        ["gram = h.T.matmul(h) / h.shape[0]", "return h.matmul(gram)"],
    ),
    "a part of a sequence": (
        SEQUENCE.format(
            value="torch.from_numpy(a / a.sum(axis=1, keepdims=True))",
            made="a = h.detach().numpy()\n        a = np.exp(self.power * (a - a.max(axis=1, keepdims=True)))",
        ),
        ["a = torch.exp(self.power * (h - h.amax(dim=1, keepdim=True)))", "return a / a.sum(dim=1, keepdim=True)"],
    ),
    "a parameter that is made of a result": (
        model("", "w = nn.Parameter(torch.sigmoid(self.enc(x)))\nreturn self.head(w + self.shift)", ", self.shift",
              ", nn.Parameter(torch.zeros(5))"),
        ["w = torch.sigmoid(self.enc(x))"],
    ),
    "a parameter that is made of a result before an optimizer is": (
        model("", "w = nn.Parameter(torch.sigmoid(self.enc(x)))\nreturn self.head(w + self.shift)", ", self.shift",
              ", nn.Parameter(torch.zeros(5))").replace("opt = ", "print(model(x).shape)\nopt = "),
        ["w = torch.sigmoid(self.enc(x))"],
    ),
    "a parameter that is made of a copy of a result, and kept": (
        model("", "self.w = nn.Parameter(torch.sigmoid(self.enc(x)).detach().clone())\n"
              "return self.head(self.w + self.shift)", ", self.shift", ", nn.Parameter(torch.zeros(5))"),
        ["self.w = torch.sigmoid(self.enc(x)).clone()"],
    ),
}  # fmt: skip

TORCH_RIGHT = {
    "a part of a sequence that is scaled": SEQUENCE.format(
        made="scale = float(np.abs(h.detach().numpy()).max())", value="torch.tanh(self.power * h / (scale + 1e-3))"
    ),
    "an array that is only shown": model(
        GATE.format(given="torch.softmax(h, -1) * h, w"),
        "gated, self.weights = self.gate(self.enc(x))\nreturn self.head(gated)",
        ", self.gate", ", Gate()", READ,
    ),
    "weights of samples that are no part of the model": model(
        "def rarity(x):\n    a = x.detach().numpy()\n"
        "    return torch.from_numpy(1 / (1 + a.std(axis=1, keepdims=True)))\n\n",
        "return self.head(torch.tanh(self.enc(x))) * rarity(x)",
    ),
    "prototypes with an optimizer of their own": model(
        "",
        "z = self.enc(x)\nproto = nn.Parameter(z[:2].detach().clone())\ninner = torch.optim.SGD([proto], lr=0.1)\n"
        "for _ in range(2):\n    inner.zero_grad()\n"
        "    torch.cdist(z.detach(), proto).min(1).values.sum().backward()\n    inner.step()\n"
        "return self.head(z) - torch.cdist(z, proto.detach()).min(1, keepdim=True).values",
    ),
    "parameters that start as a function of others": model(
        "", "return self.head(self.enc(x) * self.scale)", ", self.scale", ", nn.Parameter(nn.Linear(4, 5).weight[:, 0])"
    ),
}  # fmt: skip

LAYER = """
class Coupled(tf.keras.layers.Layer):
    def build(self, shape):
        self.maker = tf.keras.layers.Dense(9)
        self.drive = self.add_weight(shape=(3,), initializer="zeros", name="drive")

    def call(self, x, code):
        {made}
        return x + tf.tanh(x @ w + self.drive)

layer = Coupled()
x, code = tf.random.normal((16, 3)), tf.random.normal((1, 5))
y = tf.tanh(x @ tf.random.normal((3, 3)))
opt = tf.keras.optimizers.SGD(0.1)
for step in range(5):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((layer(x, code) - y) ** 2)
    grads = tape.gradient(loss, layer.trainable_variables)
    opt.apply_gradients((g, v) for g, v in zip(grads, layer.trainable_variables) if g is not None)
"""

TENSORFLOW_FIXED = {
    "a variable that is made of a result": (
        TENSORFLOW_HEAD + LAYER.format(made="w = tf.Variable(tf.reshape(self.maker(code), (3, 3)))"),
        ["w = tf.reshape(self.maker(code), (3, 3))"],
    ),
    "the methods of an array": (
        TENSORFLOW_HEAD
        + LAYER.format(
            made="a = self.maker(code).numpy().reshape(3, 3)\n"
            "        w = tf.constant((a - a.max(axis=1, keepdims=True)) / (a.std(axis=0) + 1.0))"
        ),
        ["w = (a - tf.reduce_max(a, axis=1, keepdims=True)) / (tf.math.reduce_std(a, axis=0) + 1.0)"],
    ),
}

TENSORFLOW_RIGHT = {
    "a variable that counts": TENSORFLOW_HEAD
    + LAYER.format(
        made="self.calls = tf.Variable(0.0, trainable=False)\n        self.calls.assign_add(1.0)\n"
        "        w = tf.reshape(self.maker(code), (3, 3))"
    ),
}
