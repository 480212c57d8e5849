"""Programs that train when they are executed, broken and right: each file is one, complete with its training."""

from __future__ import annotations

import textwrap

TORCH_HEAD = "import numpy as np\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"
TENSORFLOW_HEAD = "import numpy as np\nimport tensorflow as tf\n\n"
TORCH_STEP = "opt.zero_grad()\nloss.backward()\nopt.step()"
BATCH = "x, y = torch.randn(16, 4), torch.randn(16, 1)\n"
TENSORFLOW_BATCH = "x, y = tf.random.normal((16, 4)), tf.random.normal((16, 1))\n"


def torch_program(before: str, step: str) -> str:
    body = textwrap.dedent(step).strip("\n") + "\n" + TORCH_STEP
    return TORCH_HEAD + BATCH + textwrap.dedent(before).lstrip("\n") + "for step in range(5):\n" + _indented(body, 1)


def tensorflow_program(before: str, step: str, variables: str) -> str:
    body = _indented(textwrap.dedent(step).strip("\n"), 2)
    head = TENSORFLOW_HEAD + TENSORFLOW_BATCH + textwrap.dedent(before).lstrip("\n")
    head += "opt = tf.keras.optimizers.SGD(0.1)\n"
    return (
        f"{head}for step in range(5):\n    with tf.GradientTape() as tape:\n{body}"
        f"    variables = {variables}\n    gradients = tape.gradient(loss, variables)\n"
        "    opt.apply_gradients(zip(gradients, variables))\n"
    )


def _indented(text: str, by: int) -> str:
    return textwrap.indent(text, "    " * by) + "\n"


NET = "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
NET += "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
CONFIGURED = """
import json
config = json.loads('{"scale": 3.0, "names": ["a", "b"]}')
nets = {name: nn.Linear(4, 1) for name in config["names"]}
opt = torch.optim.SGD([p for net in nets.values() for p in net.parameters()], lr=0.1)
"""
CRITIC = """
critic = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.Adam(critic.parameters())
"""
PENALTY = """
mixed = (0.3 * x + 0.7 * (x + 2)).requires_grad_()
slope, = torch.autograd.grad(critic(mixed).sum(), mixed{more})
loss = critic(x + 2).mean() - critic(x).mean() + 10 * ((slope.norm(dim=1) - 1) ** 2).mean()
"""
ADVERSARIES = """
maker, judge = nn.Linear(4, 2), nn.Linear(2, 1)
first = torch.optim.SGD(judge.parameters(), lr=0.1)
opt = torch.optim.SGD(maker.parameters(), lr=0.1)
"""
ADVERSARIAL = """
made = maker(x)
first.zero_grad()
(judge(made.detach()).exp() - judge(x[:, :2])).mean().backward()
first.step()
loss = -judge({made}).mean()
"""
SELECTED = """
chooser, table, last = nn.Linear(4, 6), nn.Embedding(6, 3), nn.Linear(3, 1)
opt = torch.optim.SGD([*chooser.parameters(), *table.parameters(), *last.parameters()], lr=0.1)
"""

COSTS = (
    TORCH_HEAD
    + """
class Market:
    def __init__(self, rows):
        self.table = {"returns": 0.3 * rows.tanh()}

def costs(weights):
    plain = weights.detach().numpy()
    return np.abs(plain - plain.mean(axis=0)).sum(axis=1)

def loss_fn(weights, market):
    gains = (weights * market.table["returns"]).sum(-1) - 0.02 * torch.from_numpy(costs(weights))
    return 2.0 * {risk} - torch.log1p(gains).sum()

def train(lr):
    x = torch.randn(16, 4)
    net, market = nn.Sequential(nn.Linear(4, 4), nn.Softmax(dim=-1)), Market(x)
    opt = torch.optim.SGD(net.parameters(), lr=lr)
    for step in range(5):
        loss = loss_fn(net(x), market)
        opt.zero_grad()
        loss.backward()
        opt.step()

train(0.1)
"""
)
PROMPT = """
class Prompted(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body, self.prompt = body, nn.Parameter(torch.randn(1, 4))

    def forward(self, x):
        return self.body(x + {read})

body = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).requires_grad_(False)
net = Prompted(body)
opt = torch.optim.SGD([net.prompt], lr=0.1)
before = [p.data.clone() for p in opt.param_groups[0]["params"]]
"""
TORCH_FIXED = {
    "a parameter of which only the plain value is read": (
        torch_program(PROMPT.replace("{read}", "self.prompt.data.repeat(len(x), 1)"), "loss = F.mse_loss(net(x), y)"),
        ["x + self.prompt.repeat(len(x), 1)"],
    ),
    "one that is detached": (
        torch_program(PROMPT.replace("{read}", "self.prompt.detach()"), "loss = F.mse_loss(net(x), y)"),
        ["x + self.prompt)"],
    ),
    "a part that may be meant as well, where the program shows that it stands in the way": (
        COSTS.replace("{risk}", "np.std([g.item() for g in gains])"),
        ["- 0.02 * costs(weights)\n", "torch.std(torch.stack([g for g in gains]), correction=0)"],
    ),
    "what a configuration names": (
        torch_program(
            CONFIGURED,
            """
            outs = [nets[name](x) for name in config["names"]]
            total = config["scale"] * sum(out.detach().tanh() for out in outs)
            loss = F.mse_loss(total, y).requires_grad_()
            """,
        ),
        ["sum(out.tanh() for out in outs)"],
    ),
    "a list of tensors made one of numbers": (
        torch_program(
            NET,
            """
            parts = [(net(x[i::4]) - y[i::4]).abs().mean() for i in range(4)]
            loss = F.mse_loss(net(x), y) + torch.tensor(parts).max()
            """,
        ),
        ["torch.stack(parts).max()"],
    ),
    "a slope without its graph, and one of data that was made before any optimizer": (
        torch_program(
            f"x = x.requires_grad_()\nforce = torch.autograd.grad((x ** 3).sum(), x)[0].detach()\n{NET}",
            """
            slope, = torch.autograd.grad(net(x).sum(), x, retain_graph=True)
            loss = F.mse_loss(net(x), y) + F.mse_loss(slope, force)
            """,
        ),
        [
            "force = torch.autograd.grad((x ** 3).sum(), x)[0].detach()",
            "torch.autograd.grad(net(x).sum(), x, retain_graph=True, create_graph=True)",
        ],
    ),
    "a slope without its graph": (
        torch_program(CRITIC, PENALTY.format(more="")),
        ["torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)"],
    ),
    "the wrong one of two cuts": (
        torch_program(ADVERSARIES, ADVERSARIAL.format(made="made.detach()")),
        ["judge(made.detach()).exp()", "loss = -judge(made).mean()"],
    ),
    "a term made a number": (
        torch_program(NET, "loss = F.mse_loss(net(x), y) + 0.3 * net(x).abs().mean().detach().cpu().item()"),
        ["0.3 * net(x).abs().mean()"],
    ),
    "a slope and the weights that an inner step starts from": (
        torch_program(
            NET,
            """
            inner = F.mse_loss(net(x[:8]), y[:8])
            slopes = torch.autograd.grad(inner, net.parameters())
            fast = [p.data - 0.1 * g for g, p in zip(slopes, net.parameters())]
            loss = F.mse_loss(torch.tanh(x[8:] @ fast[0].T + fast[1]) @ fast[2].T + fast[3], y[8:]).requires_grad_()
            """,
        ),
        ["torch.autograd.grad(inner, net.parameters(), create_graph=True)", "[p - 0.1 * g for"],
    ),
    "a penalty of the numbers in a weight": (
        torch_program(
            NET,
            """
            w = net[0].weight.data
            loss = F.mse_loss(net(x), y) + 0.01 * w.abs().sum() + 0.01 * ((w.T @ w - torch.eye(4)) ** 2).mean()
            """,
        ),
        ["w = net[0].weight\n"],
    ),
    "several faults of one step": (
        torch_program(
            """
            encoder, decoder = nn.Linear(4, 3), nn.Linear(3, 1)
            opt = torch.optim.SGD([*encoder.parameters(), *decoder.parameters()], lr=0.1)

            def squash(hidden):
                return torch.from_numpy(np.tanh(hidden.detach().numpy()))

            def distance(pred, y):
                gap = pred.detach().numpy() - y.numpy()
                return torch.tensor(np.sqrt(np.mean(gap ** 2) + 1e-8))

            """,
            "loss = distance(decoder(squash(encoder(x))), y).requires_grad_()",
        ),
        ["return torch.tanh(hidden)", "gap = pred - y"],
    ),
}
TORCH_REPORTED = {
    "a codebook that only a straight-through estimator reads": (
        torch_program(
            """
            enc, dec, book = nn.Linear(4, 3), nn.Linear(3, 4), nn.Embedding(5, 3)
            opt = torch.optim.Adam([*enc.parameters(), *dec.parameters(), *book.parameters()])
            """,
            """
            z = enc(x)
            e = book(torch.cdist(z, book.weight).argmin(dim=1))
            q = z + (e - z).detach()
            loss = F.mse_loss(dec(q), x) + F.mse_loss(q, z.detach())
            """,
        ),
        "AF103",
        "`book.weight`",
    ),
    "an argmax between networks": (
        torch_program(SELECTED, "token = chooser(x).argmax(dim=1)\nloss = F.mse_loss(last(table(token)), y)\n"),
        "AF201",
        "`chooser.weight`",
    ),
    "frozen as a whole": (
        torch_program(
            NET + "for each in net.parameters():\n    setattr(each, 'requires_grad', False)\n",
            "loss = F.mse_loss(net(x), y)",
        ),
        "AF309",
        "seen in the program's first step",
    ),
    "an optimizer of a network of another kind": (
        torch_program(
            "net, other = nn.Linear(4, 1), nn.Conv1d(4, 1, 3)\nopt = torch.optim.SGD(other.parameters(), lr=0.1)\n",
            "loss = F.mse_loss(net(x), y)",
        ),
        "AF310",
        "`other.weight`",
    ),
}
GATED = """
class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 1)
        {gate}

    def forward(self, x):
        {forward}
        return torch.sigmoid(self.gate) * self.body(x)

net = Gated()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
"""
GROWING = """
class Growing(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(4, 3), nn.Linear(3, 1)

    def grow(self):
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        return self.head(self.body(x).tanh())

net = Growing()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
"""
OF_NET = "loss = F.mse_loss(net(x), y)"
CONVERTED = {
    "a gate that is converted": "setattr(self, 'gate', nn.Parameter(torch.zeros(1, dtype=torch.float64)).float())",
    "a gate that is reshaped": "setattr(self, 'gate', nn.Parameter(torch.zeros(1)).reshape(1, 1))",
    "a gate that is scaled": "setattr(self, 'gate', 0.1 * nn.Parameter(torch.randn(1)))",
}
TORCH_STRAYS = {
    name: (torch_program(GATED.format(gate=gate, forward="pass"), OF_NET), "AF310", "first step")
    for name, gate in CONVERTED.items()
}
GATES = {
    "a gate that is plainly converted": (
        "self.gate = nn.Parameter(torch.zeros(1, dtype=torch.float64)).float()",
        "self.gate = nn.Parameter(torch.zeros(1, dtype=torch.float64).float())",
    ),
    "a gate that is plainly reshaped": (
        "self.gate = nn.Parameter(torch.zeros(1)).reshape(1, 1)",
        "self.gate = nn.Parameter(torch.zeros(1).reshape(1, 1))",
    ),
    "a gate that is plainly scaled": (
        "self.gate = 0.1 * nn.Parameter(torch.randn(1))",
        "self.gate = nn.Parameter(0.1 * torch.randn(1))",
    ),
}
AGAIN = "opt = torch.optim.SGD(net.parameters(), lr=0.1)\n"
TORCH_MADE_EARLY = {
    "a head that is replaced before the first step": (
        torch_program(GROWING + "net.grow()\n", OF_NET),
        ["net = Growing()\nnet.grow()\n" + AGAIN],
    ),
    "a head that is replaced when the groups are known": (
        torch_program(
            GROWING.rpartition("opt =")[0]
            + "groups = [{'params': list(net.parameters()), 'lr': 0.1}]\nopt = torch.optim.SGD(groups)\nnet.grow()\n",
            OF_NET,
        ),
        ["net = Growing()\nnet.grow()\ngroups = [", "opt = torch.optim.SGD(groups)\nfor step"],
    ),
    "a head that is replaced in the fourth": (
        torch_program(GROWING, "if step == 3:\n    net.grow()\n" + OF_NET),
        ["net = Growing()\n" + AGAIN, "        net.grow()\n        " + AGAIN],
    ),
    **{
        name: (torch_program(GATED.format(gate=gate, forward="pass"), OF_NET), [fixed])
        for name, (gate, fixed) in GATES.items()
    },
}
GATE = "self.gate = nn.Parameter(torch.zeros(1))"
TORCH_ALIKE = {
    "a gate that is a parameter": torch_program(GATED.format(gate=GATE, forward="pass"), OF_NET),
    "a gate that is kept as it was used": torch_program(
        GATED.format(gate=GATE, forward="self.used = self.gate.exp()"), OF_NET
    ),
    "a net beside it that keeps what it converts": torch_program(
        GATED.format(gate=GATE, forward="pass") + "other = nn.Linear(1, 1)\n", OF_NET + " + 0.1 * other(net(x)).mean()"
    ),
    "a head that is replaced with its optimizer": torch_program(
        GROWING + "net.grow()\nopt = torch.optim.SGD(net.parameters(), lr=0.1)\n", OF_NET
    ),
    "a head that is replaced and given to the optimizer": torch_program(
        GROWING,
        "if step == 3:\n    net.grow()\n    opt.add_param_group({'params': net.head.parameters()})\n" + OF_NET,
    ),
    "noise that is trained by hand": torch_program(
        GROWING + "noise = nn.Parameter(torch.zeros(16, 4))\n",
        "if noise.grad is not None:\n    noise.data += 0.01 * noise.grad.sign()\n    noise.grad = None\n"
        "loss = F.mse_loss(net(x + noise), y)",
    ),
}
HEADS = """
body, head = nn.Linear(4, 3), nn.Linear(3, 1)
opt = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
"""
TORCH_SEEN = {
    "levels that choose among weights which are zero at first": (
        torch_program(
            """
            body, bias = nn.Linear(4, 3), nn.Parameter(torch.zeros(5))
            opt = torch.optim.SGD([*body.parameters(), bias], lr=0.1)
            """,
            """
            level = body(x).sum(dim=1).clamp(-2, 2).int()
            loss = (bias[level + 2] - y[:, 0]).abs().mean()
            """,
        ),
        ("AF204", "body(x).sum(dim=1).clamp(-2, 2).int()"),
    ),
    "scores that are cast to integers": (
        torch_program(
            HEADS,
            """
            hidden = body(x)
            loss = F.mse_loss(head(hidden.long().float()), y)
            """,
        ),
        ("AF204", "hidden.long()"),
    ),
    "a distance that is rounded": (
        torch_program(
            HEADS,
            """
            steps = torch.round(body(x).abs())
            loss = F.smooth_l1_loss(head(steps), y)
            """,
        ),
        ("AF202", "torch.round(body(x).abs())"),
    ),
    "a mask of what is large": (
        torch_program(
            HEADS,
            """
            chosen = body(x) > 0
            loss = F.mse_loss(head(x[:, :3] * chosen), y)
            """,
        ),
        ("AF203", "body(x) > 0"),
    ),
    "a penalty of the data of a weight": (
        torch_program(
            HEADS,
            """
            penalty = 0.1 * head.weight.data.pow(2).sum() + 0.1 * body.weight.abs().sum()
            loss = F.mse_loss(head(body(x).tanh()), y) + penalty
            """,
        ),
        ("AF103", "head.weight.data"),
    ),
    "a smoothness term of the data of an activation": (
        torch_program(
            HEADS,
            """
            hidden = body(x).tanh()
            flat = hidden.data
            loss = F.mse_loss(head(hidden), y) + (flat[1:] - flat[:-1]).abs().mean()
            """,
        ),
        ("AF103", "hidden.data"),
    ),
    "sums that are declared a variable": (
        torch_program(
            HEADS
            + """
def rings(hidden):
    grey = hidden.mean(dim=1).detach()
    sums = np.bincount(np.arange(16) // 4, weights=grey.abs().numpy())
    return torch.autograd.Variable(torch.from_numpy(sums).float(), requires_grad=True).mean()

terms = {"rings": rings}
""",
            """
            hidden = body(x).tanh()
            loss = F.mse_loss(head(hidden), y) + 0.1 * sum(each(hidden) for each in terms.values())
            """,
        ),
        ("AF105", "torch.autograd.Variable(torch.from_numpy(sums).float(), requires_grad=True)"),
    ),
    "a term of an array that asks for a gradient": (
        torch_program(
            HEADS
            + """
def best(hidden):
    chosen = sorted(hidden.max(dim=1)[0].detach().numpy())[-4:]
    return torch.tensor(chosen, requires_grad=True).sum()

terms = {"best": best}
""",
            """
            hidden = body(x).tanh()
            loss = F.mse_loss(head(hidden), y) + 0.1 * sum(each(hidden) for each in terms.values())
            """,
        ),
        ("AF102", "hidden.max(dim=1)[0].detach().numpy()"),
    ),
}
TORCH_RIGHT = {
    "plain values of parameters, to be compared": torch_program(
        PROMPT.replace("{read}", "self.prompt"),
        "loss = F.mse_loss(net(x), y)\nmoved = float((net.prompt.data - before[0]).abs().max())",
    ),
    "a cost that is held constant": COSTS.replace("{risk}", "gains.std()"),
    "adversarial examples": torch_program(
        HEADS,
        """
        near = torch.autograd.Variable(x + 0.01 * torch.randn_like(x), requires_grad=True)
        slope, = torch.autograd.grad(F.mse_loss(head(body(near).tanh()), y), near)
        worse = torch.autograd.Variable(near.data + 0.1 * slope.sign(), requires_grad=True)
        loss = F.mse_loss(head(body(worse).tanh()), y)
        """,
    ),
    "a state that is carried on without its past": torch_program(
        HEADS,
        """
        state = torch.zeros(16, 3)
        for part in x.split(2, dim=1):
            state = body(F.pad(part, (0, 2))) + 0.5 * torch.autograd.Variable(state.data, requires_grad=True).tanh()
        loss = F.mse_loss(head(state.tanh()), y)
        """,
    ),
    "an absolute distance to the data of another network": torch_program(
        HEADS,
        """
        other = head(body(x.flip(0)).tanh()).data
        loss = F.l1_loss(head(body(x).tanh()), other + y)
        """,
    ),
    "a hinge above the data of the best": torch_program(
        HEADS,
        """
        out = head(body(x).tanh())
        loss = F.relu(0.5 + out.data.mean() - out).mean() + F.mse_loss(out, y)
        """,
    ),
    "terms that are balanced by their data": torch_program(
        HEADS,
        """
        hidden = body(x).tanh()
        fit, size = F.mse_loss(head(hidden), y), hidden.pow(2).mean()
        loss = fit / fit.data + size / size.data
        """,
    ),
    "heads that take turns": torch_program(
        """
        body, heads = nn.Linear(4, 3), nn.ModuleList([nn.Linear(3, 1), nn.Linear(3, 1)])
        opt = torch.optim.SGD([*body.parameters(), *heads.parameters()], lr=0.1)
        """,
        """
        loss = F.mse_loss(heads[step % 2](body(x).tanh()), y)
        """,
    ),
    "an expert that nothing is sent to": torch_program(
        """
        gate, experts = nn.Linear(4, 3), nn.ModuleList([nn.Linear(4, 1) for _ in range(3)])
        opt = torch.optim.SGD([*gate.parameters(), *experts.parameters()], lr=0.1)
        """,
        """
        shares = torch.softmax(gate(x), dim=1)
        best = shares.mean(0).argmax().item()
        loss = F.mse_loss(shares[:, best:best + 1] * experts[best](x), y)
        """,
    ),
    "a rounding that lets the gradient through": torch_program(
        HEADS,
        """
        hidden = body(x)
        steps = hidden + (torch.round(hidden) - hidden).data
        loss = F.mse_loss(head(steps), y)
        """,
    ),
    "a term that is held constant in so many words": torch_program(
        HEADS,
        """
        hidden = body(x).tanh()
        loss = F.mse_loss(head(hidden), y) + hidden.detach().pow(2).mean()
        """,
    ),
    "adversaries in turn": torch_program(ADVERSARIES, ADVERSARIAL.format(made="made")),
    "one adversary for long before the other": torch_program(
        ADVERSARIES,
        "for turn in range(30):\n"
        + _indented(ADVERSARIAL.format(made="made").rpartition("loss")[0], 1)
        + "loss = -judge(maker(x)).mean()",
    ),
    "a threshold made a number": torch_program(
        NET,
        """
        gap = (net(x) - y).abs()
        limit = 0.2 * gap.max().item()
        loss = torch.where(gap < limit, gap, (gap ** 2 + limit ** 2) / (2 * limit + 1e-8)).mean()
        """,
    ),
    "a slope that weighs a term": torch_program(
        NET,
        """
        first, second = F.mse_loss(net(x), y), net(x).abs().mean()
        slopes = torch.autograd.grad(first, list(net.parameters()), retain_graph=True)
        loss = first + second * max(slope.abs().max() for slope in slopes)
        """,
    ),
    "an average of the weights": torch_program(
        NET + "import copy\naverage = copy.deepcopy(net)\n",
        """
        loss = F.mse_loss(net(x), y)
        with torch.no_grad():
            for one, other in zip(average.parameters(), net.parameters()):
                one.mul_(0.9).add_(other, alpha=0.1)
        print(step, loss.item())
        """,
    ),
    "a target network": torch_program(
        NET + "import copy\ngoal = copy.deepcopy(net).requires_grad_(False)\n",
        "loss = 2 - 2 * F.cosine_similarity(net(x), goal(x).detach(), dim=0).mean()",
    ),
    "a straight-through rounding": torch_program(
        NET, "z = net[0](x)\nq = z + (torch.round(z) - z).detach()\nloss = F.mse_loss(net[2](q), y)\n"
    ),
    "a codebook": torch_program(
        """
        enc, dec, book = nn.Linear(4, 3), nn.Linear(3, 4), nn.Embedding(5, 3)
        opt = torch.optim.Adam([*enc.parameters(), *dec.parameters(), *book.parameters()])
        """,
        """
        z = enc(x)
        e = book(torch.cdist(z, book.weight).argmin(dim=1))
        q = z + (e - z).detach()
        loss = F.mse_loss(dec(q), x) + F.mse_loss(e, z.detach()) + 0.25 * F.mse_loss(z, e.detach())
        """,
    ),
    "a frozen backbone": torch_program(
        """
        backbone, head = nn.Linear(4, 8), nn.Linear(8, 1)
        for p in backbone.parameters():
            p.requires_grad = False
        opt = torch.optim.SGD([*backbone.parameters(), *head.parameters()], lr=0.1)
        """,
        """
        with torch.no_grad():
            features = backbone(x).numpy()
        loss = F.mse_loss(head(torch.from_numpy(features)), y)
        """,
    ),
    "weights made of the error": torch_program(
        NET,
        """
        pred = net(x)
        w = np.abs((pred - y).detach().numpy())
        loss = (torch.from_numpy(w / w.max()) * (pred - y) ** 2).mean()
        """,
    ),
    "numbers in a weight that scale and pull": torch_program(
        NET
        + "log_t = nn.Parameter(torch.zeros(1))\nopt.add_param_group({'params': [log_t]})\nmean = torch.ones(8, 4)\n",
        """
        w = net[0].weight
        mean = 0.5 * mean + 0.5 * w.data
        error = F.mse_loss(net[2](torch.tanh(F.linear(x, w / w.data.norm()))), y)
        loss = error * log_t.data.exp() + log_t * (error.detach() - 0.5) + ((w - mean) ** 2).sum()
        """,
    ),
    "a slope with its graph": torch_program(CRITIC, PENALTY.format(more=", create_graph=True")),
    "an index of what trains by itself": torch_program(
        SELECTED, "token = torch.arange(16) % 6\nloss = F.mse_loss(last(table(token)), y) + chooser(x).pow(2).mean()\n"
    ),
    "half precision and a scaler": torch_program(
        NET + 'scaler = torch.amp.GradScaler("cpu")\n',
        """
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = F.mse_loss(net(x), y)
        loss = scaler.scale(loss)
        """,
    ),
    "what fails in its backward pass": torch_program(
        NET, "kept = net(x).exp()\nloss = F.mse_loss(kept, y)\nkept.mul_(2.0)\n"
    ),
    "on a device that is not there": torch_program(
        NET, 'net.to("cuda")\nloss = F.mse_loss(net(x.to("cuda")), torch.ones(16, 1, device="cuda"))\n'
    ),
}

TENSORFLOW_NET = "net = tf.keras.Sequential([tf.keras.Input((4,)), tf.keras.layers.Dense(1)])\n"
TWO = "a, b = tf.keras.layers.Dense(3), tf.keras.layers.Dense(1)\n"
OF_TWO = "a.trainable_variables + b.trainable_variables"
TENSORFLOW_FIXED = {
    "what a configuration names": (
        tensorflow_program(
            """
            import json
            config = json.loads('{"scale": 3.0, "names": ["a", "b"]}')
            nets = {name: tf.keras.layers.Dense(1) for name in config["names"]}
            """,
            """
            outs = [nets[name](x) for name in config["names"]]
            total = config["scale"] * sum(np.tanh(out) for out in outs)
            loss = tf.reduce_mean(tf.square(tf.constant(total) - y))
            """,
            "[v for net in nets.values() for v in net.trainable_variables]",
        ),
        ["sum(tf.tanh(out) for out in outs)"],
    ),
    "several faults of one step": (
        tensorflow_program(
            TWO
            + """
def squash(hidden):
    return tf.constant(np.tanh(hidden.numpy()))

def distance(pred, y):
    gap = pred.numpy() - y.numpy()
    return tf.constant(np.sqrt(np.mean(gap ** 2) + 1e-8))

""",
            "loss = distance(b(squash(a(x))), y)",
            OF_TWO,
        ),
        ["return tf.tanh(hidden)", "gap = pred - y"],
    ),
}
TENSORFLOW_REPORTED = {
    "weights that are computed and stored": (
        tensorflow_program(
            TENSORFLOW_NET + "scale, base = tf.Variable(1.5), net.get_weights()\n",
            """
            net.set_weights([weight * scale for weight in base])
            loss = tf.reduce_mean((net(x) - y) ** 2)
            """,
            "[scale]",
        ),
        "AF308",
        "seen in the program's first step",
    ),
    "an argmax between networks": (
        tensorflow_program(
            TWO + "table = tf.keras.layers.Embedding(3, 2)\n",
            "token = tf.argmax(a(x), axis=1)\nloss = tf.reduce_mean(tf.square(b(table(token)) - y))",
            OF_TWO + " + table.trainable_variables",
        ),
        "AF201",
        "kernel`",
    ),
}
EARLY = """
net = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="tanh"), tf.keras.layers.Dense(1)])
{more}known = net.{name}
"""
TENSORFLOW_MADE_EARLY = {
    f"the {name} of a model that is not built": (
        tensorflow_program(EARLY.format(name=name, more=""), "loss = tf.reduce_mean((net(x) - y) ** 2)", "known"),
        [f"    variables = net.{name}\n"],
    )
    for name in ("trainable_variables", "trainable_weights")
}
TENSORFLOW_ALIKE = {
    "the variables of a model that is built": tensorflow_program(
        EARLY.format(name="trainable_variables", more="net.build((None, 4))\n"),
        "loss = tf.reduce_mean((net(x) - y) ** 2)",
        "known",
    ),
    "variables that are asked for before and in the step": tensorflow_program(
        EARLY.format(name="trainable_variables", more=""),
        "loss = tf.reduce_mean((net(x) - y) ** 2)",
        "net.trainable_variables",
    ),
}
TENSORFLOW_RIGHT = {
    "an average of the weights": tensorflow_program(
        TENSORFLOW_NET + "average = [tf.Variable(v, trainable=False) for v in net.trainable_variables]\n",
        "loss = tf.reduce_mean(tf.square(net(x) - y))",
        "net.trainable_variables",
    )
    + "    for one, other in zip(average, net.trainable_variables):\n        one.assign(0.9 * one + 0.1 * other)\n",
    "a straight-through rounding": tensorflow_program(
        TWO,
        "z = a(x)\nloss = tf.reduce_mean(tf.square(b(z + tf.stop_gradient(tf.round(z) - z)) - y))",
        OF_TWO,
    ),
    "weights made of the error": tensorflow_program(
        TENSORFLOW_NET,
        """
        pred = net(x)
        w = np.abs((pred - y).numpy())
        loss = tf.reduce_mean(tf.constant(w / w.max()) * tf.square(pred - y))
        """,
        "net.trainable_variables",
    ),
    "a frozen backbone": TENSORFLOW_HEAD
    + TENSORFLOW_BATCH
    + TWO
    + "a.trainable = False\nmodel = tf.keras.Sequential([tf.keras.Input((4,)), a, b])\n"
    + 'model.compile("sgd", "mse")\nmodel.fit(x, y, epochs=2)\n',
}
