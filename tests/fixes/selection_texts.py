"""Programs that ask for a gradient by a part of a tensor: each is one file, complete with its training."""

from __future__ import annotations

from tests.fixes.program_texts import NET, TENSORFLOW_BATCH, TENSORFLOW_HEAD, torch_program

SLOPES = "loss = F.mse_loss(u, y) + (u_t - 0.1 * u_x).pow(2).mean()"
RECORDED = "x.requires_grad_()\nu = net(x)\n"
HELPER = """
def derivative(value, by):
    return torch.autograd.grad(value, by, torch.ones_like(value), create_graph=True)[0]

"""

FIXED = {
    "both columns in one call": (
        torch_program(
            NET,
            RECORDED + "u_x, u_t = torch.autograd.grad(u.sum(), (x[:, 0:1], x[:, 1:2]), create_graph=True)\n" + SLOPES,
        ),
        [
            "    x_grad = torch.autograd.grad(u.sum(), x, create_graph=True)[0]\n"
            "    u_x, u_t = x_grad[:, 0:1], x_grad[:, 1:2]\n"
        ],
    ),
    "columns that were split off before": (
        torch_program(
            NET,
            RECORDED + "place, time = torch.split(x, [2, 2], dim=1)\n"
            "u_x = torch.autograd.grad(u.sum(), place, create_graph=True)[0]\n"
            "u_t = torch.autograd.grad(u.sum(), time, create_graph=True)[0]\n" + SLOPES,
        ),
        [
            "u_x = torch.split(torch.autograd.grad(u.sum(), x, create_graph=True)[0], [2, 2], dim=1)[0]",
            "u_t = torch.split(torch.autograd.grad(u.sum(), x, create_graph=True)[0], [2, 2], dim=1)[1]",
        ],
    ),
    "a function that takes the gradient": (
        torch_program(
            HELPER + NET, RECORDED + "u_x, u_t = derivative(u, x[:, :1]), derivative(u, x[:, 1:2])\n" + SLOPES
        ),
        ["u_x, u_t = derivative(u, x)[:, :1], derivative(u, x)[:, 1:2]"],
    ),
    "a second derivative": (
        torch_program(
            HELPER + NET,
            RECORDED
            + "u_t = derivative(u, x[:, :1])\nu_x = derivative(derivative(u, x)[:, 1:2], x[:, 1:2])\n"
            + SLOPES,
        ),
        ["derivative(derivative(u, x)[:, 1:2], x)[:, 1:2]", "u_t = derivative(u, x)[:, :1]"],
    ),
    "a gradient that is None": (
        torch_program(
            NET,
            RECORDED + "slope = torch.autograd.grad(u.sum(), x[:, 1:], create_graph=True, allow_unused=True)[0]\n"
            "loss = F.mse_loss(u, y) + slope.pow(2).mean()",
        ),
        ["torch.autograd.grad(u.sum(), x, create_graph=True, allow_unused=True)[0][:, 1:]"],
    ),
    "in another shape": (
        torch_program(
            NET,
            RECORDED + "slope = torch.autograd.grad(inputs=x.T.reshape(4, -1), outputs=[u.sum()], create_graph=True)\n"
            "loss = F.mse_loss(u, y) + slope[0].pow(2).mean()",
        ),
        ["slope = (torch.autograd.grad(inputs=x, outputs=[u.sum()], create_graph=True)[0].T.reshape(4, -1),)"],
    ),
    "a name for a part, beside a tensor": (
        torch_program(
            NET,
            "x.requires_grad_()\nscale = torch.ones(1, requires_grad=True)\nu = net(x * scale)\npart = x[:, 2]\n"
            "u_x, u_t = torch.autograd.grad(u.sum(), [part, scale], create_graph=True)\n" + SLOPES,
        ),
        [
            "    gradients = torch.autograd.grad(u.sum(), [x, scale], create_graph=True)\n"
            "    u_x, u_t = gradients[0][:, 2], gradients[1]\n"
        ],
    ),
}
RIGHT = {
    "the parts that the value is computed from": torch_program(
        NET,
        "x.requires_grad_()\na, b = x[:, :2], x[:, 2:]\nu = net(torch.cat([a, b], 1))\n"
        "u_x, u_t = torch.autograd.grad(u.sum(), (a, b), create_graph=True)\n" + SLOPES,
    ),
    "a part of the gradient": torch_program(
        HELPER + NET, RECORDED + "u_x, u_t = derivative(u, x)[:, :1], derivative(u, x)[:, 1:2]\n" + SLOPES
    ),
    "a part that is a leaf": torch_program(
        HELPER + NET,
        "a = x[:, :1].clone().requires_grad_()\nu = net(torch.cat([a, x[:, 1:]], 1))\n"
        "u_t = derivative(u, a)\nu_x = u_t\n" + SLOPES,
    ),
    "a gradient that may be missing": torch_program(
        NET,
        RECORDED + "slope, = torch.autograd.grad(u.sum(), x[:, :1], create_graph=True, allow_unused=True)\n"
        "loss = F.mse_loss(u, y) + (0.0 if slope is None else slope.pow(2).mean())",
    ),
    "a state that is handed on": torch_program(
        HELPER + "cell = nn.Linear(5, 1)\nopt = torch.optim.SGD(cell.parameters(), lr=0.01)\n",
        "state = torch.zeros(16, 1, requires_grad=True)\nparts = [state]\nfor _ in range(3):\n"
        "    parts.append(cell(torch.cat([x, parts[-1]], 1)))\n"
        "loss = F.mse_loss(parts[-1], y) + derivative(parts[-1], parts[1]).pow(2).mean()",
    ),
}

MODEL = (
    "model = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(8, 'tanh'), tf.keras.layers.Dense(1)])\n"
    "opt = tf.keras.optimizers.SGD(0.05)\n"
)
TAPES = """
for epoch in range(3):
    with tf.GradientTape() as tape:
        with tf.GradientTape(persistent=True) as inner:
            inner.watch(x)
            u = model(x)
        {slopes}
        loss = tf.reduce_mean((u - y) ** 2) + tf.reduce_mean((u_t - 0.1 * u_x) ** 2)
    opt.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
"""


def tensorflow(slopes: str) -> str:
    return TENSORFLOW_HEAD + TENSORFLOW_BATCH + MODEL + TAPES.format(slopes=slopes.replace("\n", "\n        "))


TENSORFLOW_FIXED = {
    "columns": (
        tensorflow("u_x = inner.gradient(u, x[:, 0:1])\nu_t = inner.gradient(u, x[:, 1:2])"),
        ["u_x = inner.gradient(u, x)[:, 0:1]", "u_t = inner.gradient(u, x)[:, 1:2]"],
    ),
    "columns that were split off": (
        tensorflow("first, second = tf.split(x, 2, axis=1)\nu_x, u_t = inner.gradient(u, [first, second])"),
        [
            "        x_grad = inner.gradient(u, x)\n"
            "        u_x, u_t = tf.split(x_grad, 2, axis=1)[0], tf.split(x_grad, 2, axis=1)[1]\n"
        ],
    ),
}
TENSORFLOW_RIGHT = {
    "a part of the gradient": tensorflow("slopes = inner.gradient(u, x)\nu_x, u_t = slopes[:, 0:1], slopes[:, 1:2]"),
    "none, and seen to be none": tensorflow(
        "u_x = inner.gradient(u, x[:, 0:1])\nu_x = 0.0 if u_x is None else u_x\nu_t = inner.gradient(u, x)"
    ),
}
