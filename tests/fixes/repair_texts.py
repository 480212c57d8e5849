"""Programs whose structure keeps the gradient from what trains: each is one file, complete with its training."""

from __future__ import annotations

from tests.fixes.program_texts import NET, TENSORFLOW_BATCH, TENSORFLOW_HEAD, tensorflow_program, torch_program

CLASS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {made}

    def forward(self, x):
        {forward}

model = Net()
opt = torch.optim.SGD({held}, lr=0.1)
"""
LOSS = "loss = F.mse_loss(model(x), y)"


def module(made: str, forward: str, held: str = "model.parameters()", loss: str = LOSS) -> str:
    """A program that trains a module, made and called like this."""
    made, forward = ("\n        ".join(each.splitlines()) for each in (made, forward))
    return torch_program(CLASS.format(made=made, forward=forward, held=held), loss)


TWO = "self.encoder, self.teacher, self.head = nn.Linear(4, 8), nn.Linear(4, 8), nn.Linear(8, 1)"
OF_STUDENT = "[*model.encoder.parameters(), *model.head.parameters()]"

TORCH_FIXED = {
    "a decorator on what is trained": (
        module("self.a, self.b = nn.Linear(4, 3), nn.Linear(3, 1)", "return self.b(self.encode(x))").replace(
            "    def forward",
            "    @torch.no_grad()\n    def encode(self, x):\n        return self.a(x)\n\n    def forward",
        ),
        [
            "        self.a, self.b = nn.Linear(4, 3), nn.Linear(3, 1)\n\n"
            "    def encode(self, x):\n        return self.a(x)\n"
        ],
    ),
    "a block around the encoder and the teacher": (
        module(
            TWO,
            "with torch.no_grad():\n    # what is seen\n    h = self.encoder(x)  # the student\n\n"
            "    t = self.teacher(x)\nreturn self.head(h + t)",
            OF_STUDENT,
        ),
        [
            "        # what is seen\n        h = self.encoder(x)  # the student\n\n"
            "        with torch.no_grad():\n            t = self.teacher(x)\n        return self.head(h + t)\n"
        ],
    ),
    "a block with a text over lines": (
        torch_program(
            NET.replace("lr=0.1", "lr=0.01"),
            'with torch.inference_mode(mode=True):\n    note = """a\n    b"""\n    out = net[:2](x)\n'
            "loss = F.mse_loss(net[2](out.clone()), y)",
        ),
        ['    note = """a\n        b"""\n    out = net[:2](x)\n'],
    ),
    "one of two items": (
        torch_program(
            NET,
            "with torch.autocast('cpu', enabled=False), torch.no_grad():\n    out = net[:2](x)\n"
            "loss = F.mse_loss(net[2](out), y)",
        ),
        ["    with torch.autocast('cpu', enabled=False):\n        out = net[:2](x)\n"],
    ),
    "recording switched off for good": (
        torch_program(
            NET
            + "def evaluate():\n    torch.set_grad_enabled(False)\n    # of all\n"
            + "    return F.l1_loss(net(x), y).item()\n\nevaluate()\n",
            "loss = F.mse_loss(net(x), y)",
        ),
        ["def evaluate():\n    with torch.no_grad():\n        # of all\n        return F.l1_loss(net(x), y).item()\n"],
    ),
    "a parameter converted where it is made": (
        module(
            "self.weight = nn.Parameter(torch.randn(4, 1, dtype=torch.float64)).float()\n"
            "self.bias = nn.Parameter(torch.zeros(1)).float()  # already",
            "return x @ self.weight + self.bias",
        ),
        [
            "self.weight = nn.Parameter(torch.randn(4, 1, dtype=torch.float64).float())\n"
            "        self.bias = nn.Parameter(torch.zeros(1)).float()  # already"
        ],
    ),
    "parameters scaled where they are made": (
        module(
            "self.parts = [0.1 * nn.Parameter(torch.randn(4, 1)) for _ in range(2)]",
            "return sum(x @ part for part in self.parts)",
            "model.parts",
        ),
        ["self.parts = [nn.Parameter(0.1 * torch.randn(4, 1)) for _ in range(2)]"],
    ),
    "a leaf moved where it is made": (
        torch_program(
            "w = torch.randn(4, 1, dtype=torch.float64, requires_grad=True).to(torch.float32)\n"
            "opt = torch.optim.SGD([w], lr=0.1)\n",
            "loss = F.mse_loss(x @ w, y)",
        ),
        ["w = torch.randn(4, 1, dtype=torch.float64).to(torch.float32).requires_grad_()"],
    ),
    "parts of a loss in an array": (
        torch_program(
            NET
            + "def parts(out):\n    found = np.zeros(4)\n    for i in range(4):\n"
            + "        found[i] = (out[i::4] - y[i::4]).pow(2).mean()\n    return found\n\n",
            "loss = torch.tensor(parts(net(x)).sum(), requires_grad=True)",
        ),
        [
            "    found = []\n    for i in range(4):\n        found.append((out[i::4] - y[i::4]).pow(2).mean())\n"
            "    found = torch.stack(found)\n    return found\n",
            "loss = parts(net(x)).sum()",
        ],
    ),
    "parts of a loss in a matrix": (
        torch_program(
            NET,
            "costs = np.empty((2, 4))\nfor i in range(2):\n    for j in range(4):\n"
            "        costs[i, j] = (net(x)[i + 2 * j] - y[i + 2 * j]).abs().mean().item()\n"
            "loss = torch.tensor(costs.mean(), requires_grad=True)",
        ),
        ["costs = [[0.0] * 4 for _ in range(2)]", "costs[i][j] = (net(x)[i + 2 * j] - y[i + 2 * j]).abs().mean()\n"],
    ),
}
TORCH_RIGHT = {
    "a teacher under no_grad": torch_program(
        NET + "import copy\nteacher = copy.deepcopy(net)\n",
        "with torch.no_grad():\n    goal = teacher(x)\nloss = F.mse_loss(net(x), goal + y)",
    ),
    "a backbone under no_grad that no optimizer holds": module(
        TWO, "with torch.no_grad():\n    h = self.encoder(x)\nreturn self.head(h)", "model.head.parameters()"
    ),
    "recording switched off after training": torch_program(NET, "loss = F.mse_loss(net(x), y)")
    + "torch.set_grad_enabled(False)\nprint(F.mse_loss(net(x), y).item())\n",
    "conversions that give the leaf itself": module(
        "self.weight = nn.Parameter(torch.randn(4, 1)).float().to('cpu')", "return x @ self.weight"
    ),
    "a constant made like a parameter": module(
        "self.weight = nn.Linear(4, 1)\nself.scale = 0.1 * nn.Parameter(torch.ones(1), requires_grad=False)",
        "return self.weight(x) * self.scale",
    ),
    "losses kept in an array": torch_program(
        NET + "curve = np.zeros(5)\n", "loss = F.mse_loss(net(x), y)\ncurve[step] = loss.item()"
    ),
    "values held constant in an array": torch_program(
        NET,
        "scale = np.zeros(4)\nfor i in range(4):\n    scale[i] = 1 / (1 + net(x)[i::4].detach().abs().mean().item())\n"
        "loss = (torch.tensor(scale, dtype=torch.float32) * (net(x)[:4, 0] - y[:4, 0]) ** 2).mean()",
    ),
}

DENSE = "tf.keras.layers.Dense"
FITTER = """
class Fitter:
    def __init__(self, net):
        self.net = net
        {made}
        self.opt = tf.keras.optimizers.SGD(0.1)

    def step(self):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.net(x) - y))
        grads = tape.gradient(loss, {variables})
        self.opt.apply_gradients(zip(grads, {variables}))

fitter = Fitter(tf.keras.Sequential([tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)]))
{before}for _ in range(5):
    fitter.step()
"""
MEMORY = """
class Memory(tf.keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.write, self.read = tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)
        self.state = tf.Variable(tf.zeros((16, 3)), trainable=False)

    def call(self, x):
        self.state.assign(tf.zeros_like(self.state))
        for t in range(2):
            self.state.assign({update})
        return self.read({read})

net = Memory()
"""
ROLLOUT = """
net = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
opt = tf.keras.optimizers.SGD(0.1)

def episode():
    outs, seen = [], []
    # the roll-out
    for t in range(4):
        outs.append(net(x[t::4]))
        seen.append(float(tf.reduce_max(outs[-1])))
        if max(seen) > 1e6:
            break

    scale = 1.0 / len(seen)
    with tf.GradientTape() as tape:
        loss = scale * sum(tf.reduce_mean(tf.square(out - y[t::4])) for t, out in enumerate(outs))
    grads = tape.gradient(loss, net.trainable_variables)
    opt.apply_gradients(zip(grads, net.trainable_variables))

for _ in range(5):
    episode()
"""


def fitted(made: str, variables: str, before: str = "") -> str:
    """A program with a class that trains these variables."""
    return TENSORFLOW_HEAD + TENSORFLOW_BATCH + FITTER.format(made=made, variables=variables, before=before)


def remembering(update: str, read: str) -> str:
    """A program with a layer that keeps a state in a variable."""
    return tensorflow_program(
        MEMORY.format(update=update, read=read),
        "loss = tf.reduce_mean(tf.square(net(x) - y))",
        "net.trainable_variables",
    ).replace("zip(gradients, variables)", "[(g, v) for g, v in zip(gradients, variables) if g is not None]")


TENSORFLOW_FIXED = {
    "variables listed before the model is built": (
        fitted("self.weights = net.trainable_variables", "self.weights"),
        ["tape.gradient(loss, self.net.trainable_variables)", "self.net = net\n        self.opt"],
    ),
    "a state that a layer writes": (
        remembering("0.5 * self.state + self.write(x)", "self.state"),
        ["self.state_now = 0.5 * self.state_now + self.write(x)", "return self.read(self.state_now)"],
    ),
    "a roll-out before its tape": (
        TENSORFLOW_HEAD + TENSORFLOW_BATCH + ROLLOUT,
        [
            "    outs, seen = [], []\n    with tf.GradientTape() as tape:\n"
            "        # the roll-out\n        for t in range(4):\n            outs.append(net(x[t::4]))\n",
            "                break\n\n        scale = 1.0 / len(seen)\n        loss = scale * sum(",
        ],
    ),
    "a tape that stops to record": (
        tensorflow_program(
            f"a, b = {DENSE}(3), {DENSE}(1)\nb(a(x))\n",
            "with tape.stop_recording():\n    h = a(x)\nloss = tf.reduce_mean(tf.square(b(h) - y))",
            "a.trainable_variables + b.trainable_variables",
        ).replace("zip(gradients, variables)", "[(g, v) for g, v in zip(gradients, variables) if g is not None]"),
        ["as tape:\n        h = a(x)\n        loss"],
    ),
    "variables converted where they are made": (
        tensorflow_program(
            "w = tf.Variable(tf.random.normal((4, 1))) * 0.1\nb = tf.cast(tf.Variable(np.zeros(1)), tf.float32)\n",
            "loss = tf.reduce_mean(tf.square(x @ w + b - y))",
            "[w, b]",
        ),
        ["w = tf.Variable(tf.random.normal((4, 1)) * 0.1)\nb = tf.Variable(tf.cast(np.zeros(1), tf.float32))"],
    ),
    "parts of a loss in a matrix": (
        tensorflow_program(
            f"net = {DENSE}(2)\ndef costs(out):\n    found = np.zeros((3, 2))\n    for i in range(3):\n"
            "        for j in range(2):\n            found[i, j] = tf.reduce_mean(tf.abs(out[i::3, j] - y[i::3, 0]))\n"
            "    return found\n\n",
            "loss = tf.convert_to_tensor(costs(net(x)).mean())",
            "net.trainable_variables",
        ),
        ["    found = tf.stack(found)\n    return found", "tf.convert_to_tensor(tf.reduce_mean(costs(net(x))))"],
    ),
    "parts of a loss in an array": (
        tensorflow_program(
            f"net = {DENSE}(1)\n",
            "parts = np.zeros(4, dtype='float32')\nfor i in range(4):\n"
            "    parts[i] = tf.reduce_mean(tf.square(net(x)[i::4] - y[i::4]))\nloss = tf.reduce_sum(parts)",
            "net.trainable_variables",
        ),
        ["parts = []", "parts.append(tf.reduce_mean(tf.square(net(x)[i::4] - y[i::4])))", "parts = tf.stack(parts)"],
    ),
}
TENSORFLOW_RIGHT = {
    "variables listed once the model is built": fitted(
        "net.build((None, 4))\n        self.weights = net.trainable_variables", "self.weights"
    ),
    "a running average that a layer writes": remembering(
        "0.9 * self.state + 0.1 * tf.stop_gradient(self.write(x))", "self.write(x) - 0.1 * self.state"
    ),
    "a target that is not recorded": tensorflow_program(
        f"net, goal = {DENSE}(1), {DENSE}(1)\n",
        "with tape.stop_recording():\n    wanted = goal(x)\nloss = tf.reduce_mean(tf.square(net(x) - wanted - y))",
        "net.trainable_variables",
    ),
    "a roll-out whose result is data": TENSORFLOW_HEAD
    + TENSORFLOW_BATCH
    + ROLLOUT.replace("out - y[t::4]", "net(x[t::4]) - tf.stop_gradient(out) - y[t::4]"),
}
