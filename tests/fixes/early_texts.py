"""Programs that compute a value before what differentiates it, and right ones that compute something before as well."""

from __future__ import annotations

from tests.fixes.program_texts import NET, TENSORFLOW_BATCH, TENSORFLOW_HEAD, TORCH_HEAD

BATCH = "x, y = torch.randn(16, 4), torch.randn(16, 1)\n"
LOOP = "for step in range(4):\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n    print(loss.item())\n"
FIT = """
w, b = tf.Variable(tf.zeros((4, 1)), name="w"), tf.Variable(tf.zeros(1), name="b")

def fit(closure, variables, steps=4):
    opt = tf.keras.optimizers.SGD(0.1)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            value = closure()
        opt.apply_gradients(zip(tape.gradient(value, variables), variables))
        print(float(value))

"""
MODEL = """
model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])
opt = tf.keras.optimizers.SGD(0.1)
"""
APPLY = "opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))\n"


def torch(text: str) -> str:
    return TORCH_HEAD + BATCH + NET + text


def tensorflow(text: str, before: str = FIT) -> str:
    return TENSORFLOW_HEAD + TENSORFLOW_BATCH + before + text


TORCH_FIXED = {
    "a loss before the loop": (
        torch("loss = F.mse_loss(net(x), y)\n" + LOOP),
        ["range(4):\n    opt.zero_grad()\n    loss = F.mse_loss(net(x), y)\n    loss.backward()\n"],
    ),
    "a loss whose graph is kept": (
        torch("loss = F.mse_loss(net(x), y)\n" + LOOP.replace("backward()", "backward(retain_graph=True)")),
        ["    loss = F.mse_loss(net(x), y)\n    loss.backward("],
    ),
    "features of a layer that is trained": (
        torch(
            "h = net[0](x)  # of all\n" + LOOP.replace("    opt", "    loss = (net[2](h) - y).abs().mean()\n    opt", 1)
        ),
        ["range(4):\n    h = net[0](x)  # of all\n    loss = "],
    ),
    "a closure for a line search": (
        torch(
            "opt = torch.optim.LBFGS(net.parameters(), max_iter=3)\nfor step in range(3):\n"
            "    out = net(x)\n    loss = F.mse_loss(out, y)\n    def closure():\n        opt.zero_grad()\n"
            "        loss.backward()\n        return loss\n    opt.step(closure)\n"
        ),
        ["        opt.zero_grad()\n        out = net(x)\n        loss = F.mse_loss(out, y)\n        loss.backward()\n"],
    ),
    "two losses on a graph that the first releases": (
        torch(
            "for step in range(3):\n    out = net(x)\n    first, second = F.mse_loss(out, y), F.l1_loss(out, y)\n"
            "    opt.zero_grad()\n    first.backward()\n    second.backward()\n    opt.step()\n"
        ),
        ["    first.backward(retain_graph=True)\n    second.backward()\n"],
    ),
    "a slope that releases the graph of its loss": (
        torch(
            "for step in range(3):\n    t = torch.rand(8, 4, requires_grad=True)\n    u = net(t)\n"
            "    slope = torch.autograd.grad(u.sum(), t)[0]\n    loss = (slope.sum(1) - u[:, 0]).pow(2).mean()\n"
            "    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
        ),
        ["    slope = torch.autograd.grad(u.sum(), t, create_graph=True)[0]\n"],
    ),
    "a penalty on the gradient that a leaf keeps": (
        torch(
            "for step in range(3):\n    t = torch.rand(8, 4, requires_grad=True)\n    u = net(t)\n"
            "    u.backward(torch.ones_like(u), retain_graph=True)\n"
            "    loss = u.pow(2).mean() + (t.grad.norm(dim=1) - 1).pow(2).mean()\n"
            "    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
        ),
        [
            "    t_grad = torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)[0]\n",
            "(t_grad.norm(dim=1) - 1)",
        ],
    ),
    "a penalty of a function on the gradient that a leaf keeps": (
        torch(
            "def penalty(net, x):\n    t = x.clone().requires_grad_(True)\n    net(t).sum().backward()\n"
            "    return (t.grad.norm(dim=1) - 1).pow(2).mean()\n\n"
            "for step in range(3):\n    loss = F.mse_loss(net(x), y) + penalty(net, x)\n"
            "    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
        ),
        ["    t_grad = torch.autograd.grad(net(t).sum(), t, create_graph=True)[0]\n    return (t_grad.norm"],
    ),
    "a penalty whose gradients add up": (
        torch(
            "for step in range(3):\n    opt.zero_grad()\n    t = x.clone().requires_grad_(True)\n"
            "    net(t).sum().backward()\n    loss = F.mse_loss(net(x), y) + t.grad.pow(2).mean()\n"
            "    loss.backward()\n    opt.step()\n"
        ),
        ["    net(t).sum().backward(create_graph=True)\n    loss = "],
    ),
    "a slope of a slope without its graph": (
        torch(
            "for step in range(3):\n    t = torch.rand(8, 4, requires_grad=True)\n"
            "    first = torch.autograd.grad(net(t).sum(), t, retain_graph=True)[0]\n"
            "    second = torch.autograd.grad(first.sum(), t, create_graph=True)[0]\n"
            "    loss = second.pow(2).mean()\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
        ),
        ["torch.autograd.grad(net(t).sum(), t, retain_graph=True, create_graph=True)[0]\n    second"],
    ),
}
TORCH_RIGHT = {
    "two losses on one graph": torch(
        "for step in range(4):\n    out = net(x)\n    opt.zero_grad()\n"
        "    F.mse_loss(out, y).backward(retain_graph=True)\n    F.l1_loss(out, y).backward()\n    opt.step()\n"
    ),
    "a second backward that may fail": torch(
        "for step in range(4):\n    loss = F.mse_loss(net(x), y)\n    opt.zero_grad()\n    loss.backward()\n"
        "    try:\n        loss.backward()\n    except RuntimeError:\n        pass\n    opt.step()\n"
    ),
    "features of a layer that is frozen": torch(
        "base = nn.Linear(4, 4)\nwith torch.no_grad():\n    h = base(x)\nfirst = F.mse_loss(net(h), y)\n"
        + LOOP.replace("    opt", "    loss = F.mse_loss(net(h), y) / first.item()\n    opt", 1)
    ),
    "an input that a gradient moves far": torch(
        "for step in range(3):\n    t = x.clone().requires_grad_()\n"
        "    slope = torch.autograd.grad(F.mse_loss(net(t), y), t)[0]\n"
        "    moved = x + 3.0 * slope / slope.norm(dim=1, keepdim=True)\n    loss = F.mse_loss(net(moved), y)\n"
        "    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
    ),
    "an input that the gradient of a leaf moves far": torch(
        "def attacked(net, x, y, by):\n    t = x.clone().requires_grad_()\n    F.mse_loss(net(t), y).backward()\n"
        "    return x + by * t.grad\n\nfor step in range(3):\n    moved = attacked(net, x, y, 3.0)\n"
        "    loss = F.mse_loss(net(moved), y)\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
    ),
    "a closure that computes": torch(
        "opt = torch.optim.LBFGS(net.parameters(), max_iter=3)\ndef closure():\n    opt.zero_grad()\n"
        "    loss = F.mse_loss(net(x), y)\n    loss.backward()\n    return loss\n"
        "for step in range(3):\n    print(opt.step(closure).item())\n"
    ),
    "a gradient by what may be unused": torch(
        "z = torch.randn(4, requires_grad=True)\n"
        + LOOP.replace(
            "    opt",
            "    loss = F.mse_loss(net(x), y)\n"
            "    print(torch.autograd.grad(loss, z, allow_unused=True, retain_graph=True)[0] is None)\n    opt",
            1,
        )
    ),
}
TENSORFLOW_FIXED = {
    "a cost that a lambda hands out": (
        tensorflow("cost = tf.reduce_mean((x @ w + b - y) ** 2)\nloss = lambda: cost\nfit(loss, [w, b])\n"),
        ["loss = lambda: tf.reduce_mean((x @ w + b - y) ** 2)\nfit"],
    ),
    "a cost that is an argument's default": (
        tensorflow("cost = tf.reduce_mean((x @ w + b - y) ** 2)\nfit(lambda c=cost: 0.5 * c, [w, b])\n"),
        ["\nfit(lambda: 0.5 * tf.reduce_mean((x @ w + b - y) ** 2), [w, b])"],
    ),
    "a cost that is bound": (
        tensorflow(
            "import functools\ndef scaled(value, by):\n    return by * value\n"
            "cost = tf.reduce_mean((x @ w + b - y) ** 2)\nfit(functools.partial(scaled, cost, by=0.5), [w, b])\n"
        ),
        ["\nfit(lambda: scaled(tf.reduce_mean((x @ w + b - y) ** 2), by=0.5), [w, b])"],
    ),
    "statements before a closure, one of which leads to all parameters": (
        tensorflow(
            "def main():\n    out = x @ w + b\n    # squares\n    loss = tf.reduce_mean((out - y) ** 2)\n"
            "    loss += 0.01 * tf.reduce_sum(w ** 2)\n    print(float(loss))\n"
            "    def closure():\n        return loss\n    fit(closure, [w, b])\n\nmain()\n"
        ),
        [
            "    print(float(loss))\n    def closure():\n        out = x @ w + b\n        # squares\n"
            "        loss = tf.reduce_mean((out - y) ** 2)\n        loss += 0.01 * tf.reduce_sum(w ** 2)\n"
            "        return loss\n"
        ],
    ),
    "predictions that a step is given": (
        tensorflow(
            "def train_step(model, out, y):\n    with tf.GradientTape() as tape:\n"
            f"        loss = tf.reduce_mean((out - y) ** 2)\n    {APPLY}    return loss\n\n"
            "for epoch in range(3):\n    out = model(x)\n    print(float(train_step(model, out, y)))\n",
            MODEL,
        ),
        [
            "def train_step(model, x, y):\n    with tf.GradientTape() as tape:\n        out = model(x)\n        loss",
            "range(3):\n    print(float(train_step(model, x, y)))",
        ],
    ),
    "predictions before the epochs": (
        tensorflow(
            "out = model(x)\nfor epoch in range(3):\n    with tf.GradientTape() as tape:\n"
            f"        loss = tf.reduce_mean((out - y) ** 2)\n    {APPLY}",
            MODEL,
        ),
        ["\nfor epoch in range(3):\n    with tf.GradientTape() as tape:\n        out = model(x)\n        loss"],
    ),
    "predictions that an object keeps": (
        tensorflow(
            "class Trainer:\n    def __init__(self, model):\n        self.model = model\n"
            "        self.out = model(x)\n\n"
            "    def step(self):\n        with tf.GradientTape() as tape:\n"
            f"            loss = tf.reduce_mean((self.out - y) ** 2)\n        {APPLY}\n"
            "trainer = Trainer(model)\nfor epoch in range(3):\n    trainer.step()\n",
            MODEL,
        ),
        ["self.model = model\n\n    def step", "loss = tf.reduce_mean((self.model(x) - y) ** 2)"],
    ),
    "a slope behind the tape that is to differentiate it": (
        tensorflow(
            "class Problem:\n    def curvature(self, t):\n        with tf.GradientTape() as outer:\n"
            "            outer.watch(t)\n            with tf.GradientTape() as inner:\n                inner.watch(t)\n"
            "                u = tf.tanh(model(t))\n        slope = inner.gradient(u, t)\n"
            "        return outer.gradient(slope, t)\n\n@tf.function\ndef step(t):\n"
            "    with tf.GradientTape() as tape:\n"
            f"        loss = tf.reduce_mean((Problem().curvature(t) - 1.0) ** 2)\n    {APPLY}\n"
            "for epoch in range(3):\n    step(x)\n",
            MODEL,
        ),
        ["u = tf.tanh(model(t))\n            slope = inner.gradient(u, t)\n        return"],
    ),
}
TENSORFLOW_RIGHT = {
    "a closure that computes, and what it is measured by": tensorflow(
        "def cost():\n    return tf.reduce_mean((x @ w + b - y) ** 2)\nfirst = cost()\nprint(float(first))\n"
        "fit(lambda: cost() / first, [w, b])\n"
    ),
    "features of a layer that is not trained": tensorflow(
        "base = tf.keras.layers.Dense(4)\nh = base(x)\nfor epoch in range(3):\n    with tf.GradientTape() as tape:\n"
        f"        loss = tf.reduce_mean((model(h) - y) ** 2)\n    {APPLY}",
        MODEL,
    ),
    "predictions of the other of two networks": tensorflow(
        "judge = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])\n"
        "slow = tf.keras.optimizers.SGD(0.01)\nfor epoch in range(3):\n    made = model(x)\n"
        "    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean(judge(made)) - tf.reduce_mean(judge(y))\n"
        "    slow.apply_gradients(zip(tape.gradient(loss, judge.trainable_variables), judge.trainable_variables))\n"
        f"    with tf.GradientTape() as tape:\n        loss = -tf.reduce_mean(judge(model(x)))\n    {APPLY}",
        MODEL,
    ),
    "a gradient that a program sees is none": tensorflow(
        "for epoch in range(3):\n    with tf.GradientTape(persistent=True) as tape:\n"
        "        loss = tf.reduce_mean((model(x) - y) ** 2)\n        other = tf.constant(1.0)\n"
        f"    print(tape.gradient(other, model.trainable_variables[0]) is None)\n    {APPLY}",
        MODEL,
    ),
    "a step against the input": tensorflow(
        "for epoch in range(3):\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n"
        "        inner = tf.reduce_mean((model(x) - y) ** 2)\n    moved = x + 0.1 * tape.gradient(inner, x)\n"
        "    with tf.GradientTape() as tape:\n        loss = tf.reduce_mean((model(moved) - y) ** 2)\n"
        f"    {APPLY}",
        MODEL,
    ),
}
TORCH_SAID = {
    "a copy that is not in the graph": (
        torch(
            "for step in range(3):\n    t = torch.rand(8, 4)\n    other = t.clone().requires_grad_()\n"
            "    slope = torch.autograd.grad(net(t).sum(), other, create_graph=True)[0]\n"
            "    loss = slope.pow(2).mean()\n    opt.zero_grad()\n    loss.backward()\n    opt.step()\n"
        ),
        "AF312",
        "slope = ",
    ),
    "a tensor that asks for no gradient": (
        torch(
            "for step in range(3):\n    t = torch.rand(8, 4)\n    out = net(t)\n"
            "    out.sum().backward(retain_graph=True)\n"
            "    loss = out.pow(2).mean() + t.grad.pow(2).mean()\n    opt.zero_grad()\n    loss.backward()\n"
        ),
        "AF312",
        "t.grad.pow(2)",
    ),
}
TENSORFLOW_SAID = {
    "a copy that the tape does not know": (
        tensorflow(
            "for epoch in range(3):\n    with tf.GradientTape() as tape:\n        with tf.GradientTape() as inner:\n"
            "            inner.watch(x)\n            t = tf.identity(x)\n            u = model(x)\n"
            "        slope = inner.gradient(u, t)\n        loss = tf.reduce_mean(slope ** 2)\n"
            f"    {APPLY}",
            MODEL,
        ),
        "AF312",
        "slope = ",
    ),
}
"""Each with the cause that is said, and what stands in its line: the author has to know which tensor was meant."""
