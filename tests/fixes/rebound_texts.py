"""Programs that step by hand: with plain tensors in place of what is trained, and right ones that look like them."""

from __future__ import annotations

from tests.fixes.program_texts import BATCH, TENSORFLOW_BATCH, TENSORFLOW_HEAD, TORCH_HEAD

_LEAVES = "w, b = torch.randn(4, 1, requires_grad=True), torch.zeros(1, requires_grad=True)\n"


def torch_steps(step: str, made: str = _LEAVES, value: str = "x @ w + b", lost: str = "loss.backward()") -> str:
    """A program that takes these steps for a linear model."""
    body = "\n    ".join([f"loss = F.mse_loss({value}, y)", *lost.splitlines(), *step.splitlines()])
    return f"{TORCH_HEAD}{BATCH}{made}for step in range(6):\n    {body}\nprint(round(loss.item(), 3))\n"


_VARIABLES = "w, b = tf.Variable(tf.ones((4, 1)) * 0.1), tf.Variable(tf.zeros(1))\n"


def tensorflow_steps(
    step: str, made: str = _VARIABLES, value: str = "x @ w + b", by: str = "[w, b]", to: str = "dw, db"
) -> str:
    """A program that takes these steps for a linear model; `to` is what the gradients by `by` are called."""
    step = "\n    ".join([f"{to} = tape.gradient(loss, {by})", *step.splitlines()])
    return (
        f"{TENSORFLOW_HEAD}{TENSORFLOW_BATCH}{made}for step in range(6):\n    with tf.GradientTape() as tape:\n"
        f"        loss = tf.reduce_mean(({value} - y) ** 2)\n    {step}\nprint(round(float(loss), 3))\n"
    )


TORCH_FIXED = {
    "leaves": (
        torch_steps("w = w - 0.1 * w.grad\nb = b - 0.1 * b.grad"),
        [
            "    w = (w - 0.1 * w.grad).detach().requires_grad_()\n"
            "    b = (b - 0.1 * b.grad).detach().requires_grad_()\n"
        ],
    ),
    "leaves whose gradient is set to zero": (
        torch_steps("w = w - 0.1 * w.grad\nb = b - 0.1 * b.grad\nw.grad.zero_()\nb.grad = None"),
        ["    with torch.no_grad():\n        w -= 0.1 * w.grad\n        b -= 0.1 * b.grad\n    w.grad.zero_()\n"],
    ),
    "leaves that are no leaves where nothing is recorded": (
        torch_steps("with torch.no_grad():\n    w = w - 0.1 * w.grad\n    b = b - 0.1 * b.grad"),
        ["        w = (w - 0.1 * w.grad).requires_grad_()\n"],
    ),
    "a list of leaves": (
        torch_steps(
            "params = [p - 0.1 * p.grad for p in params]", _LEAVES + "params = [w, b]\n", "x @ params[0] + params[1]"
        ),
        ["params = [(p - 0.1 * p.grad).detach().requires_grad_() for p in params]"],
    ),
    "a dictionary of leaves": (
        torch_steps(
            "for name in net:\n    net[name] = net[name] - 0.1 * net[name].grad",
            _LEAVES + 'net = {"w": w, "b": b}\n', 'x @ net["w"] + net["b"]',
        ),
        ["net[name] = (net[name] - 0.1 * net[name].grad).detach().requires_grad_()"],
    ),
    "attributes": (
        torch_steps(
            "line.w, line.b = line.w - 0.1 * line.w.grad, line.b - 0.1 * line.b.grad",
            _LEAVES + "class Line:\n    pass\n\nline = Line()\nline.w, line.b = w, b\n", "x @ line.w + line.b",
        ),
        ["(line.w - 0.1 * line.w.grad).detach().requires_grad_(), (line.b - 0.1 * line.b.grad).detach()"],
    ),
}  # fmt: skip

TORCH_RIGHT = {
    "what is limited in place": torch_steps(
        "opt.step()\nopt.zero_grad()\nwith torch.no_grad():\n    w.clamp_(-1, 1)",
        _LEAVES + "opt = torch.optim.SGD([w, b], lr=0.1)\n",
    ),
    "leaves that are made again": torch_steps(
        "w = (w - 0.1 * w.grad).detach().requires_grad_()\nb = (b - 0.1 * b.grad).detach().requires_grad_()"
    ),
    "leaves that are changed": torch_steps("with torch.no_grad():\n    for p in (w, b):\n        p -= 0.1 * p.grad\n"
                                           "        p.grad.zero_()"),
    "a gradient that is taken of results": torch_steps(
        "w, b = w - 0.1 * dw, b - 0.1 * db", lost="dw, db = torch.autograd.grad(loss, [w, b])"
    ),
    "weights for another turn of the same graph": torch_steps(
        "fast = [p - 0.1 * g for p, g in zip([w, b], torch.autograd.grad(loss, [w, b], create_graph=True))]\n"
        "outer = F.mse_loss(x @ fast[0] + fast[1], y)\nopt.zero_grad()\nouter.backward()\nopt.step()",
        _LEAVES + "opt = torch.optim.SGD([w, b], lr=0.1)\n", lost="",
    ),
    "a program that ends for another reason": torch_steps(
        "opt.step()\nsize = w - 0.1 * w.grad\nraise SystemExit('enough')",
        _LEAVES + "opt = torch.optim.SGD([w, b], lr=0.1)\n",
    ),
}  # fmt: skip

_NORMED = """
class Sphere:
    def __init__(self):
        self.w = tf.Variable(tf.ones((4, 1)) * 0.5)
        self.opt = tf.keras.optimizers.SGD(0.1)

    def step(self):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ self.w - y) ** 2)
        grad = tape.gradient(loss, self.w)
        self.opt.apply_gradients([(grad, self.w)])
        {}
        return float(loss)

sphere = Sphere()
print([round(sphere.step(), 3) for _ in range(4)])
"""
TENSORFLOW_FIXED = {
    "variables": (
        tensorflow_steps("w = w - 0.1 * dw\nb = b + (-0.1) * db"),
        ["    w.assign_sub(0.1 * dw)\n    b.assign_add((-0.1) * db)\n"],
    ),
    "variables that are clipped": (
        tensorflow_steps("w, b = tf.clip_by_value(w - 0.1 * dw, -1.0, 1.0), b - 0.1 * db"),
        ["    w.assign(tf.clip_by_value(w - 0.1 * dw, -1.0, 1.0))\n    b.assign_sub(0.1 * db)\n"],
    ),
    "a list of variables, by a velocity": (
        tensorflow_steps(
            "speeds = [0.9 * v + g for v, g in zip(speeds, grads)]\n"
            "params = [p - 0.1 * v for p, v in zip(params, speeds)]",
            _VARIABLES + "params = [w, b]\nspeeds = [tf.zeros_like(p) for p in params]\n", "x @ params[0] + params[1]",
            "params", "grads",
        ),
        ["    for p, v in zip(params, speeds):\n        p.assign_sub(0.1 * v)\n"],
    ),
    "a dictionary of variables": (
        tensorflow_steps(
            "net = {name: p - 0.1 * grads[name] for name, p in net.items()}",
            _VARIABLES + 'net = {"w": w, "b": b}\n', 'x @ net["w"] + net["b"]', "net", "grads",
        ),
        ["    for name, p in net.items():\n        p.assign_sub(0.1 * grads[name])\n"],
    ),
    "elements of a list": (
        tensorflow_steps(
            "for i, g in enumerate(grads):\n    params[i] = params[i] - 0.1 * g",
            _VARIABLES + "params = [w, b]\n", "x @ params[0] + params[1]", "params", "grads",
        ),
        ["        params[i].assign_sub(0.1 * g)\n"],
    ),
    "a function that gives new weights": (
        tensorflow_steps(
            "w, b = descend([w, b], grads)",
            _VARIABLES + "def descend(params, grads, rate=0.1):\n"
            "    return [p - rate * g for p, g in zip(params, grads)]\n\n", to="grads",
        ),
        ["return [tf.Variable(p - rate * g) for p, g in zip(params, grads)]"],
    ),
    "what is limited behind a step": (
        tensorflow_steps(
            "opt.apply_gradients([(dw, w), (db, b)])\nw = tf.clip_by_value(w, -1.0, 1.0)",
            _VARIABLES + "opt = tf.keras.optimizers.SGD(0.1)\n",
        ),
        ["    w.assign(tf.clip_by_value(w, -1.0, 1.0))\n"],
    ),
    "an attribute that is normed behind a step": (
        TENSORFLOW_HEAD + TENSORFLOW_BATCH + _NORMED.format("self.w = tf.math.l2_normalize(self.w)"),
        ["        self.w.assign(tf.math.l2_normalize(self.w))\n"],
    ),
}  # fmt: skip

TENSORFLOW_RIGHT = {
    "what is limited, and assigned": tensorflow_steps(
        "opt.apply_gradients([(dw, w), (db, b)])\nw.assign(tf.clip_by_value(w, -1.0, 1.0))",
        _VARIABLES + "opt = tf.keras.optimizers.SGD(0.1)\n",
    ),
    "what is limited for show": tensorflow_steps(
        "opt.apply_gradients([(dw, w), (db, b)])\nshown = tf.clip_by_value(w, -1.0, 1.0)",
        _VARIABLES + "opt = tf.keras.optimizers.SGD(0.1)\n",
    ),
    "an attribute that is normed in what is computed": (
        TENSORFLOW_HEAD + TENSORFLOW_BATCH + _NORMED.format("self.w.assign(tf.math.l2_normalize(self.w))")
    ),
    "variables that are assigned": tensorflow_steps("w.assign(w - 0.1 * dw)\nb.assign_sub(0.1 * db)"),
    "variables that are made again": tensorflow_steps("w, b = tf.Variable(w - 0.1 * dw), tf.Variable(b - 0.1 * db)"),
    "tensors that a tape watches": tensorflow_steps(
        "w, b = w - 0.1 * dw, b - 0.1 * db", "w, b = tf.ones((4, 1)) * 0.1, tf.zeros(1)\n"
    ).replace("        loss", "        tape.watch([w, b])\n        loss"),
    "weights for another turn of the same graph": tensorflow_steps(
        "w.assign_sub(0.1 * dw)\nb.assign_sub(0.1 * db)"
    ).replace(
        "        loss", "        with tf.GradientTape() as inner:\n"
        "            first = tf.reduce_mean((x @ w + b - y) ** 2)\n"
        "        fast = [p - 0.1 * g for p, g in zip([w, b], inner.gradient(first, [w, b]))]\n        loss"
    ).replace("((x @ w + b - y) ** 2)\n    dw", "((x @ fast[0] + fast[1] - y) ** 2)\n    dw"),
}  # fmt: skip
