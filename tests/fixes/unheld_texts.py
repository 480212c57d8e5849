"""Programs that make something to be trained and hand it to no optimizer, and some that leave parts out on purpose."""

from __future__ import annotations

import textwrap

from tests.fixes import untracked_texts
from tests.fixes.program_texts import TORCH_HEAD

DATA = "x, y = torch.randn(24, 6), torch.randint(0, 4, (24,))\n"
BODY = "body = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5))\n"
STEPS = """
for step in range(5):
    loss = {loss}
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
MIXED = """
class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(6, 8), nn.Linear(8, 5)
        {made}

    def forward(self, x):
        return {value}

def listed(model):
    params = []
    for module in model.modules():
        if not list(module.children()):
            params.extend(module.parameters())
    return params

model = Mixed()
opt = torch.optim.SGD({held}, lr=0.1)
"""
BETWEEN = "self.head(torch.relu(self.body(x)) @ self.mix)"
MADE = "self.mix = nn.Parameter(torch.randn(8, 8))"


def mixed(made: str, value: str = BETWEEN, held: str = "listed(model)") -> str:
    head = TORCH_HEAD + DATA + MIXED.format(made=made, value=value, held=held)
    return head + STEPS.format(loss="F.cross_entropy(model(x), y)")


MARGIN = """
class Margin(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(count, width))

    def forward(self, x, label):
        cosine = F.linear(F.normalize(x), F.normalize(self.weight))
        return 8.0 * (cosine - 0.1 * F.one_hot(label, len(self.weight)))
"""
CENTRES = """
class Centres(nn.Module):
    def __init__(self, count, width):
        super().__init__()
        self.centres = nn.Parameter(torch.randn(count, width))

    def forward(self, x, label):
        return (x - self.centres[label]).square().sum(1).mean()
"""
CHAIN = """
class Chain(nn.Module):
    def __init__(self, tags):
        super().__init__()
        self.moves = nn.Parameter(torch.zeros(tags, tags))
        self.first = nn.Parameter(torch.zeros(tags))

    def forward(self, scores, tags):
        total = self.first[tags[:, 0]] + scores[:, 0].gather(1, tags[:, :1])[:, 0]
        alpha = self.first + scores[:, 0]
        for t in range(1, scores.shape[1]):
            total = total + self.moves[tags[:, t - 1], tags[:, t]] + scores[:, t].gather(1, tags[:, t : t + 1])[:, 0]
            alpha = torch.logsumexp(alpha[:, :, None] + self.moves, 1) + scores[:, t]
        return torch.logsumexp(alpha, 1) - total
"""


def program(classes: str, before: str, loss: str, steps: str = STEPS) -> str:
    classes = "\n".join(f"\n{textwrap.dedent(each).strip()}\n" for each in classes.split("\n---\n") if each.strip())
    gap = "\n\n" if classes else ""
    return f"{TORCH_HEAD}torch.manual_seed(0)\n{classes}{gap}{DATA}{before}{steps.format(loss=loss)}"


SGD = "opt = torch.optim.SGD({given}, lr=0.1)\n"
HELD = SGD.format(given="body.parameters()")

FIXED = {
    "a parameter beside layers that are collected": (
        mixed(MADE),
        ["opt = torch.optim.SGD([*listed(model), model.mix], lr=0.1)"],
    ),
    "a scale of what the layers give": (
        mixed("self.scale = nn.Parameter(torch.ones(5))", "self.head(self.body(x).tanh()) * self.scale"),
        ["opt = torch.optim.SGD([*listed(model), model.scale], lr=0.1)"],
    ),
    "a head with centres of its own": (
        program(MARGIN, f"{BODY}head = Margin(5, 4)\n{HELD}", "F.cross_entropy(head(body(x), y), y)"),
        ["torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)"],
    ),
    "a loss with centres, beside a list": (
        program(
            CENTRES,
            f"{BODY}last = nn.Linear(5, 4)\ncentre_loss = Centres(4, 5)\n"
            "params = list(body.parameters()) + list(last.parameters())\nopt = torch.optim.Adam(params, lr=1e-2)\n",
            "F.cross_entropy(last(body(x)), y) + 0.1 * centre_loss(body(x), y)",
        ),
        ["params = list(body.parameters()) + list(last.parameters()) + list(centre_loss.parameters())"],
    ),
    "weights of the terms of a loss": (
        program(
            "",
            f"{BODY}first, second = nn.Linear(5, 4), nn.Linear(5, 1)\nlog_vars = nn.Parameter(torch.zeros(2))\n"
            "opt = torch.optim.Adam([*body.parameters(), *first.parameters(), *second.parameters()], lr=1e-2)\n",
            "(torch.exp(-log_vars) * torch.stack([F.cross_entropy(first(body(x)), y), second(body(x)).square().mean()])"
            " + log_vars).sum()",
        ),
        ["[*body.parameters(), *first.parameters(), *second.parameters(), log_vars]"],
    ),
    "two weights that are tensors, in groups": (
        program(
            "",
            f"{BODY}last = nn.Linear(5, 4)\ns1 = torch.zeros(1, requires_grad=True)\n"
            "s2 = torch.zeros(1, requires_grad=True)\n"
            "opt = torch.optim.AdamW([\n    {'params': body.parameters()},\n"
            "    {'params': last.parameters(), 'lr': 0.1},\n], lr=1e-2)\n",
            "((-s1).exp() * F.cross_entropy(last(body(x)), y) + s1 + (-s2).exp() * body(x).square().mean() + s2).sum()",
        ),
        ["    {'params': last.parameters(), 'lr': 0.1},\n    {\"params\": [s1]},\n    {\"params\": [s2]},\n]"],
    ),
    "a chain of tags, in a trainer": (
        program(
            f"""{CHAIN}
---
class Tagger:
    def __init__(self, net, crf):
        self.net, self.crf = net, crf
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=1e-2)

    def step(self, x, tags):
        loss = self.crf(self.net(x), tags).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()
""",
            "tagger = Tagger(nn.Linear(6, 4), Chain(4))\n",
            "",
            "for _ in range(4):\n    tagger.step(x.reshape(8, 3, 6), y.reshape(8, 3))\n",
        ),
        ["torch.optim.Adam([*self.net.parameters(), *self.crf.parameters()], lr=1e-2)"],
    ),
    "a temperature of a contrastive loss, where the optimizer is made in a function": (
        program(
            """
class Contrast(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(1.5))

    def forward(self, a, b):
        logits = self.scale.exp() * F.normalize(a) @ F.normalize(b).T
        return F.cross_entropy(logits, torch.arange(len(a)))
---
def make_optimizer(model, lr=0.05):
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.AdamW([{"params": decayed, "weight_decay": 0.01}, {"params": plain}], lr=lr)
""",
            f"{BODY}criterion = Contrast()\nopt = make_optimizer(body)\n",
            "criterion(body(x), body(x + 0.1))",
        ),
        ["opt = make_optimizer(nn.ModuleList([body, criterion]))"],
    ),
    "a head that is made behind the optimizer": (
        program(MARGIN, f"{BODY}{HELD}head = Margin(5, 4)\n", "F.cross_entropy(head(body(x), y), y)"),
        ['head = Margin(5, 4)\nopt.add_param_group({"params": head.parameters()})\n'],
    ),
    "a projection that is put in training mode by name": (
        program(
            "",
            f"{BODY}project = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3))\n"
            "params = [p for p in body.parameters() if p.requires_grad]\nopt = torch.optim.SGD(params, lr=0.1)\n"
            "body.train()\nproject.train()\n",
            "F.cross_entropy(F.normalize(project(body(x))) @ F.normalize(project(body(x + 0.1))).T, torch.arange(24))",
        ),
        ["*project.parameters()"],
    ),
    "a value net beside a policy": (
        program(
            "",
            "policy, value = nn.Linear(6, 4), nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1))\n"
            "opt = torch.optim.Adam(policy.parameters(), lr=1e-2)\nreward = torch.randn(24)\n",
            "-((reward - value(x)[:, 0]).detach() * -F.cross_entropy(policy(x), y, reduction='none')).mean()"
            " + 0.5 * F.mse_loss(value(x)[:, 0], reward) - 0.01 * policy(x).mean()",
        ).replace("F.mse_loss(value(x)[:, 0], reward)", "(value(x)[:, 0] - reward).square().mean()"),
        ["[*policy.parameters(), *value.parameters()]"],
    ),
    "an encoder with a term of its own": (
        program(
            "",
            "encoder, decoder = nn.Linear(6, 4), nn.Linear(2, 6)\n"
            "opt = torch.optim.Adam(decoder.parameters(), lr=1e-2)\n",
            "F.mse_loss(decoder(encoder(x)[:, :2] + encoder(x)[:, 2:].exp() * torch.randn(24, 2)), x)\n"
            "    loss = loss + 0.1 * (encoder(x)[:, :2].square() + encoder(x)[:, 2:].exp() - encoder(x)[:, 2:]).mean()",
        ),
        ["[*decoder.parameters(), *encoder.parameters()]"],
    ),
}
FIXED |= {
    "a loss with a classifier and weights, made where the optimizer is handed over": (
        program(
            """
class Joint(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.classifier = nn.Linear(width, count)
        self.s_det = nn.Parameter(torch.tensor(-1.0))

    def forward(self, z, batch):
        loss = F.cross_entropy(self.classifier(F.normalize(z)), batch["y"])
        return (-self.s_det).exp() * loss + self.s_det
---
class Trainer:
    def __init__(self, net, optimizer):
        self.net, self.optimizer = net, optimizer
        self.loss = Joint(5, 4)

    def step(self, batch):
        loss = self.loss(self.net(batch["x"]), batch)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
""",
            f"{BODY}trainer = Trainer(body, torch.optim.Adam(body.parameters(), lr=0.01))\n",
            "",
            "for _ in range(4):\n    trainer.step({{'x': x, 'y': y}})\n",
        ),
        ['        self.loss = Joint(5, 4)\n        optimizer.add_param_group({"params": self.loss.parameters()})\n'],
    ),
    "a weight that the model keeps beside parts that are listed": (
        program(
            """
class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.last = nn.Linear(6, 5), nn.Linear(5, 4)
        self.log_var = nn.Parameter(torch.zeros(()))

    def forward(self, x, y):
        return (-self.log_var).exp() * F.cross_entropy(self.last(self.body(x).relu()), y) + self.log_var
""",
            "net = Two()\nopt = torch.optim.Adam([*net.body.parameters(), *net.last.parameters()], lr=0.01)\n",
            "net(x, y)",
        ),
        ["[*net.body.parameters(), *net.last.parameters(), net.log_var]"],
    ),
    "a table of words before a model": (
        program(
            """
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.last = nn.Linear(5, 8), nn.Linear(8, 4)

    def forward(self, e):
        return self.last(self.hidden(e).relu())
""",
            "words, reader = nn.Embedding(4, 5), Reader()\nopt = torch.optim.Adam(reader.parameters(), lr=0.01)\n",
            "F.cross_entropy(reader(words(y)), y)",
        ),
        ["[*reader.parameters(), *words.parameters()]"],
    ),
    "layers in plain objects": (
        program(
            """
class Expert:
    \"\"\"Two layers, and a name.\"\"\"

    def __init__(self, name):
        self.name = name
        self.hidden, self.last = nn.Linear(6, 5), nn.Linear(5, 4)

    def __call__(self, x):
        return self.last(self.hidden(x).relu())
---
class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(6, 2)
        self.experts = {name: Expert(name) for name in "ab"}

    def forward(self, x):
        shares = self.gate(x).softmax(1)
        return sum(shares[:, at, None] * each(x) for at, each in enumerate(self.experts.values()))
""",
            "net = Mixture()\nopt = torch.optim.Adam(net.parameters(), lr=0.01)\n",
            "F.cross_entropy(net(x), y)",
        ),
        [
            "class Expert(nn.Module):",
            "super().__init__()\n        self.name",
            "    def forward(self, x):\n",
            'self.experts = nn.ModuleDict({name: Expert(name) for name in "ab"})',
        ],
    ),
    "proxies of classes in a learner": (
        program(
            f"""{MARGIN}
---
class Learner(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 5))
        self.proxies = Margin(5, 4)

    def configure_optimizers(self):
        return torch.optim.Adam(filter(lambda p: p.requires_grad, self.net.parameters()), lr=1e-2)

    def loss(self, x, y):
        return F.cross_entropy(self.proxies(self.net(x), y), y)
""",
            "learner = Learner()\nopt = learner.configure_optimizers()\n",
            "learner.loss(x, y)",
        ),
        ["[*filter(lambda p: p.requires_grad, self.net.parameters()), *self.proxies.parameters()], lr=1e-2)"],
    ),
    "a pooling between two networks that are chained": (
        program(
            """
class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.power = nn.Parameter(torch.tensor(3.0))

    def forward(self, x):
        return x.clamp_min(1e-3).pow(self.power).mean(1).pow(1 / self.power)
""",
            "import itertools\n\nbody, pool, last = nn.Linear(2, 5), Pool(), nn.Linear(5, 4)\n"
            "opt = torch.optim.Adam(itertools.chain(body.parameters(), last.parameters()), lr=1e-2)\n",
            "F.cross_entropy(last(pool(body(x.reshape(24, 3, 2)).relu())), y)",
        ),
        ["itertools.chain(body.parameters(), last.parameters(), pool.parameters())"],
    ),
}
RIGHT = {
    "a parameter that is left out by its name": mixed(
        MADE, held='[p for n, p in model.named_parameters() if n != "mix"]'
    ),
    "a parameter that a comment calls fixed": mixed(f"# a fixed rotation\n        {MADE}"),
    "a parameter in front of all layers": mixed(
        "self.mask = nn.Parameter(torch.randn(6))", "self.head(torch.relu(self.body(x * self.mask)))"
    ),
    "a reservoir of parameters before a readout": mixed(
        MADE, "self.head(torch.tanh(self.body(x)) @ self.mix)", "model.head.parameters()"
    ),
    "a parameter that asks for no gradient": mixed(MADE.replace("8))", "8), requires_grad=False)")),
    "a parameter of numbers that are given": mixed("self.mix = nn.Parameter(torch.tensor(np.eye(8, 8) + 0.1).float())"),
    "a probe": program(
        "",
        f"{BODY}last = nn.Linear(5, 4)\n" + SGD.format(given="last.parameters()"),
        "F.cross_entropy(last(body(x)), y)",
    ),
    "probes of two heads, with a decay of all": program(
        "",
        f"{BODY}first, second = nn.Linear(5, 4), nn.Linear(5, 1)\n"
        + SGD.format(given="[*first.parameters(), *second.parameters()]"),
        "F.cross_entropy(first(body(x)), y) + second(body(x)).square().mean()"
        " + 1e-4 * sum(p.square().sum() for p in [*body.parameters(), *first.parameters()])",
    ),
    "a network that judges what another makes, and the truth": program(
        "",
        f"{BODY}judge = nn.Sequential(nn.Linear(5, 8), nn.ReLU())\ntruth = torch.randn(24, 5)\n{HELD}",
        "F.mse_loss(judge(body(x)), judge(truth)) + F.mse_loss(body(x), truth)",
    ),
    "a classifier behind a generator": program(
        "", f"{BODY}classifier = nn.Linear(5, 4)\n{HELD}", "F.cross_entropy(classifier(body(x)), y)"
    ),
    "a head in evaluation mode": program(
        MARGIN, f"{BODY}head = Margin(5, 4).eval()\n{HELD}", "F.cross_entropy(head(body(x), y), y)"
    ),
    "a head that is frozen": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4).requires_grad_(False)\n{HELD}",
        "F.cross_entropy(head(body(x), y), y)",
    ),
    "a head that comments call fixed": program(
        MARGIN, f"{BODY}head = Margin(5, 4)  # stays fixed\n{HELD}", "F.cross_entropy(head(body(x), y), y)"
    ),
    "a head with an optimizer of its own": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4)\n{HELD}other = torch.optim.SGD(head.parameters(), lr=0.5)\n",
        "F.cross_entropy(head(body(x), y), y)",
        STEPS + "    other.step()\n    other.zero_grad()\n",
    ),
    "a head that is trained later": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4)\n{HELD}",
        "F.cross_entropy(head(body(x), y), y)",
        STEPS + "    if step == 3:\n        opt.add_param_group({{'params': head.parameters()}})\n",
    ),
    "a head that was trained before": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4)\nwarm = torch.optim.SGD(head.parameters(), lr=0.5)\n"
        "for _ in range(3):\n    warm.zero_grad()\n    F.cross_entropy(head(body(x).detach(), y), y).backward()\n"
        f"    warm.step()\n{HELD}",
        "F.cross_entropy(head(body(x), y), y)",
    ),
    "a head that is trained by hand": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4)\n{HELD}",
        "F.cross_entropy(head(body(x), y), y)",
        STEPS + "    with torch.no_grad():\n        head.weight -= 0.5 * head.weight.grad\n    head.zero_grad()\n",
    ),
    "a head that is loaded": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4)\nhead.load_state_dict(Margin(5, 4).state_dict())\n{HELD}",
        "F.cross_entropy(head(body(x), y), y)",
    ),
    "centres that follow an average": program(
        CENTRES,
        f"{BODY}centre_loss = Centres(4, 5)\n{HELD}",
        "centre_loss(body(x), y) - body(x).mean()",
        STEPS + "    centre_loss.centres.data.mul_(0.9)\n",
    ),
    "a picture that is optimized": program(
        MARGIN,
        f"{BODY}head = Margin(5, 4)\nimage = x.clone().requires_grad_()\n" + SGD.format(given="[image]"),
        "F.cross_entropy(head(body(image), y), y)",
    ),
    "prompts before a network that stays": program(
        "",
        f"prompt = nn.Embedding(4, 6)\n{BODY}adapter = nn.Linear(5, 4)\n"
        + SGD.format(given="[*prompt.parameters(), *adapter.parameters()]"),
        "F.cross_entropy(adapter(body(prompt(y) + x)), y)",
    ),
    "a tower that is locked": program(
        "",
        f"{BODY}texts = nn.Linear(6, 5)\n{HELD}",
        "F.cross_entropy(F.normalize(body(x)) @ F.normalize(texts(x)).T, torch.arange(24))",
    ),
    "a target network": program(
        "",
        f"import copy\n\n{BODY}target = copy.deepcopy(body)\n{HELD}",
        "F.mse_loss(body(x), 1.0 + 0.9 * target(x))",
        STEPS + "    if step % 3 == 2:\n        target.load_state_dict(body.state_dict())\n",
    ),
    "points that a residual is taken at": program(
        "",
        "net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))\n"
        "inside = torch.linspace(0, 1, 16)[:, None].requires_grad_()\n"
        "edge = torch.zeros(4, 1, requires_grad=True)\nopt = torch.optim.Adam(net.parameters(), lr=1e-2)\n",
        "(torch.autograd.grad(net(inside).sum(), inside, create_graph=True)[0] - inside).square().mean()\n"
        "    loss = loss + (net(edge) - torch.sin(edge)).square().mean()",
    ),
    "adapters of weights that stay": program(
        """
class Adapted(nn.Module):
    def __init__(self, n, m):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(m, n) * 0.3)
        self.lora_a = nn.Parameter(torch.randn(2, n) * 0.3)
        self.lora_b = nn.Parameter(torch.zeros(m, 2))

    def forward(self, x):
        return x @ self.weight.T + x @ self.lora_a.T @ self.lora_b.T
""",
        "net = nn.Sequential(Adapted(6, 8), nn.ReLU(), Adapted(8, 4))\n"
        "opt = torch.optim.SGD([p for n, p in net.named_parameters() if 'lora' in n], lr=0.1)\n",
        "F.cross_entropy(net(x), y)",
    ),
    "a table of words before a probe": program(
        "",
        "words, last = nn.Embedding(4, 5), nn.Linear(5, 4)\n" + SGD.format(given="last.parameters()"),
        "F.cross_entropy(last(words(y)), y)",
    ),
    "a table of words that is written": program(
        """
class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.last = nn.Linear(5, 8), nn.Linear(8, 4)

    def forward(self, e):
        return self.last(self.hidden(e).relu())
""",
        "words, reader = nn.Embedding(4, 5), Reader()\nwords.weight.data.copy_(torch.randn(4, 5))\n"
        "opt = torch.optim.Adam(reader.parameters(), lr=0.01)\n",
        "F.cross_entropy(reader(words(y)), y)",
    ),
    "a window of a loss, and weights of classes, as parameters": program(
        """
class Smooth(nn.Module):
    def __init__(self):
        super().__init__()
        self.window = nn.Parameter(torch.tensor([[[0.25, 0.5, 0.25]]]))
        self.weights = nn.Parameter(torch.tensor([0.1, 0.2, 0.3, 0.4]))

    def forward(self, scores, y):
        smooth = F.conv1d(scores[:, None], self.window, padding=1)[:, 0]
        return F.cross_entropy(scores, y, reduction="none").mul(self.weights[y]).mean() + smooth.square().mean()
""",
        f"{BODY}last, loss_of = nn.Linear(5, 4), Smooth()\n"
        + SGD.format(given="[*body.parameters(), *last.parameters()]"),
        "loss_of(last(body(x)), y)",
    ),
    "a kernel that is a parameter": program(
        "",
        f"{BODY}kernel = nn.Parameter(torch.tensor([[[-1.0, 0.0, 1.0]]]))\n{HELD}",
        "F.conv1d(body(x)[:, None], kernel).square().mean()",
    ),
    "a simulator that a policy is trained through": program(
        """
class Cart(nn.Module):
    def __init__(self):
        super().__init__()
        self.mass = nn.Parameter(torch.tensor(1.2))

    def forward(self, state, action):
        return state + 0.1 * action / self.mass
---
def rollout(policy, cart, state):
    cost = 0.0
    for _ in range(3):
        state = cart(state, policy(state))
        cost = cost + state.square().mean()
    return cost
""",
        "policy, cart = nn.Linear(6, 6), Cart()\n" + SGD.format(given="policy.parameters()"),
        "rollout(policy, cart, x)",
    ),
    "plain objects that a comment calls frozen": program(
        """
class Expert:
    def __init__(self):
        self.hidden = nn.Linear(6, 4)
---
class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(6, 4)
        self.expert = Expert()  # not trained

    def forward(self, x):
        return self.gate(x).sigmoid() * self.expert.hidden(x)
""",
        "net = Mixture()\nopt = torch.optim.Adam(net.parameters(), lr=0.01)\n",
        "F.cross_entropy(net(x), y)",
    ),
    "a game of two": program(
        "",
        "maker, judge = nn.Linear(6, 5), nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 1))\n"
        "opt = torch.optim.Adam(maker.parameters(), lr=1e-2)\nother = torch.optim.Adam(judge.parameters(), lr=1e-2)\n"
        "maker.train()\njudge.train()\n",
        "-judge(maker(x)).mean()",
        STEPS + "    other.zero_grad()\n    (judge(maker(x).detach()) - judge(torch.randn(24, 5))).mean().backward()\n"
        "    other.step()\n",
    ),
}

KERAS = f"{untracked_texts.HEAD}\n{{classes}}x = np.random.randn(24, 6).astype('float32')\ny = np.arange(24) % 4\n"
TAPED = """
opt = keras.optimizers.Adam(0.01)
for step in range(4):
    with tf.GradientTape() as tape:
        loss = {loss}
    variables = {variables}
    gradients = tape.gradient(loss, variables)
    opt.apply_gradients(zip(gradients, variables))
"""


def taped(classes: str, before: str, loss: str, variables: str, steps: str = TAPED) -> str:
    classes = f"{textwrap.dedent(classes).strip()}\n\n\n" if classes else ""
    return KERAS.format(classes=classes) + before + steps.format(loss=loss, variables=variables)


def net(*widths: int) -> str:
    return f"keras.Sequential([{', '.join(f'keras.layers.Dense({each})' for each in widths)}])"


ENTROPY = "tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, {}, from_logits=True))"
ANGLES = """
class Angles(keras.layers.Layer):
    def __init__(self, count, width):
        super().__init__()
        self.centres = self.add_weight(shape=(width, count), initializer="glorot_uniform", name="centres")

    def call(self, features, labels):
        cosine = tf.math.l2_normalize(features, 1) @ tf.math.l2_normalize(self.centres, 0)
        return 8.0 * (cosine - 0.1 * tf.one_hot(labels, cosine.shape[1]))
"""
NETS = f"encoder, decoder = {net(8, 4)}, {net(8, 6)}\n"
AUTOENCODER = (
    "tf.reduce_mean(tf.square(decoder(encoder(x)[:, :2]) - x))"
    " + 0.1 * tf.reduce_mean(tf.square(encoder(x)[:, :2]) + tf.exp(encoder(x)[:, 2:]) - encoder(x)[:, 2:])"
)
IN_PLACE = """
opt = keras.optimizers.Adam(0.01)
for step in range(4):
    with tf.GradientTape() as tape:
        loss = {loss}
    opt.apply_gradients(zip(tape.gradient(loss, {variables}), {variables}))
"""
JUDGED = """
opt, opt_judge = keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.01)
for step in range(4):
    fake = decoder(encoder(x)[:, :2])
    with tf.GradientTape() as tape:
        judged = tf.reduce_mean(tf.nn.softplus(judge(fake)) + tf.nn.softplus(-judge(x)))
    gradients = tape.gradient(judged, judge.trainable_variables)
    opt_judge.apply_gradients(zip(gradients, judge.trainable_variables))
    with tf.GradientTape() as tape:
        loss = {loss} + 0.1 * tf.reduce_mean(tf.nn.softplus(-judge(decoder(encoder(x)[:, :2]))))
    variables = {variables}
    opt.apply_gradients(zip(tape.gradient(loss, variables), variables))
"""
EXPERTS = """
class Expert:
    def __init__(self, units):
        self.hidden = keras.layers.Dense(units, activation="relu")
        self.last = keras.layers.Dense(1)

    def __call__(self, x):
        return self.last(self.hidden(x))


class Mixture(keras.Model):
    def __init__(self{given}):
        super().__init__()
        self.gate = keras.layers.Dense(3, activation="softmax")
        self.experts = {experts}

    def call(self, x):
        return tf.reduce_sum(self.gate(x) * tf.concat([each(x) for each in self.experts], 1), 1)
"""
FITTED = "model = Mixture({given})\nmodel.compile('adam', 'mse')\nmodel.fit(x, 1.0 * y, epochs=2, verbose=0)\n"
MADE = "[Expert(units) for units in (4, 5, 6)]"
MIXER = """
class Mixer:{about}
    def __init__(self, width):
        self.score = keras.layers.Dense(width, activation="tanh")
        self.give = keras.layers.Dense(width)

    def __call__(self, z):
        return z * tf.nn.softmax(self.give(self.score(z)))
"""
MIXED = f"net, mixer, last = {net(8, 5)}, Mixer(5), {net(4)}\n"
ASKED = """
layers = [net, mixer, keras.layers.Dropout(0.0), last]


def forward(t):
    for layer in layers:
        t = layer(t)
    return t


def weights_of():
    found = []
    for layer in layers:
        found.extend(getattr(layer, "trainable_weights", []))
    return found


"""
MIXED_LOSS = ENTROPY.format("self.last(self.mixer(self.net(x)))")
MIXER_TRAINER = (
    """
class Trainer:
    def __init__(self):
        self.net, self.mixer, self.last = NET, Mixer(5), LAST
        self.opt = keras.optimizers.Adam(0.01)

    def weights(self):
        return self.net.trainable_variables + self.last.trainable_variables

    def step(self):
        with tf.GradientTape() as tape:
            loss = LOSS
        variables = self.weights()
        self.opt.apply_gradients(zip(tape.gradient(loss, variables), variables))
""".replace("NET", net(8, 5))
    .replace("LAST", net(4))
    .replace("LOSS", MIXED_LOSS)
)

KERAS_FIXED = {
    "an encoder with a term of its own": (
        taped("", NETS, AUTOENCODER, "decoder.trainable_variables"),
        ["variables = decoder.trainable_variables + encoder.trainable_variables"],
    ),
    "an encoder, beside a judge of what is made before its tape": (
        taped("", NETS + f"judge = {net(1)}\n", AUTOENCODER, "decoder.trainable_variables", JUDGED),
        [
            "    fake = decoder(encoder(x)[:, :2])\n    with tf.GradientTape() as tape:\n        judged = ",
            "variables = decoder.trainable_variables + encoder.trainable_variables",
        ],
    ),
    "one that is listed twice, and one that is not": (
        taped("", NETS, AUTOENCODER, "decoder.trainable_weights + decoder.trainable_weights", IN_PLACE),
        ["tape.gradient(loss, decoder.trainable_weights + encoder.trainable_variables),"
         " decoder.trainable_weights + encoder.trainable_variables)"],
    ),
    "weights of the terms of a loss, in a list": (
        taped(
            "",
            f"net, last = {net(8, 4)}, {net(1)}\nlog_vars = tf.Variable([0.0, 0.0])\n",
            "tf.reduce_sum(log_vars) + tf.exp(-log_vars[0]) * " + ENTROPY.format("net(x)")
            + " + tf.exp(-log_vars[1]) * tf.reduce_mean(tf.square(last(net(x))))",
            "[*net.trainable_variables, *last.trainable_variables]",
        ),
        ["variables = [*net.trainable_variables, *last.trainable_variables, log_vars]"],
    ),
    "a head with centres, in a trainer": (
        taped(
            f"{ANGLES}\n" + """
class Trainer:
    def __init__(self, net, head):
        self.net, self.head = net, head
        self.opt = keras.optimizers.Adam(0.01)

    @tf.function
    def step(self, x, y):
        with tf.GradientTape() as tape:
            logits = self.head(self.net(x), y)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        grads = tape.gradient(loss, self.net.trainable_variables)
        self.opt.apply_gradients(zip(grads, self.net.trainable_variables))
        return loss
""",
            f"trainer = Trainer({net(8, 5)}, Angles(4, 5))\n",
            "", "",
            "for step in range(4):\n    trainer.step(tf.constant(x), tf.constant(y))\n",
        ),
        ["tape.gradient(loss, self.net.trainable_variables + self.head.trainable_variables)",
         "zip(grads, self.net.trainable_variables + self.head.trainable_variables)"],
    ),
    "experts in plain objects": (
        taped(EXPERTS.format(given="", experts=MADE), "", "", "", FITTED.format(given="")),
        ["class Expert(keras.layers.Layer):", "        super().__init__()\n        self.hidden", "    def call(self"],
    ),
    "an object that is asked for variables it may not have": (
        taped(MIXER.format(about=""), MIXED + ASKED, ENTROPY.format("forward(x)"), "weights_of()"),
        ["    def trainable_weights(self):\n"
         "        return self.score.trainable_weights + self.give.trainable_weights\n"],
    ),
    "an object that a list of variables leaves out": (
        taped(
            MIXER.format(about=""), MIXED, ENTROPY.format("last(mixer(net(x)))"),
            "net.trainable_variables + last.trainable_variables",
        ),
        ["last.trainable_variables + mixer.score.trainable_variables + mixer.give.trainable_variables\n"],
    ),
    "an object of a trainer": (
        taped(f"{MIXER.format(about='')}\n{MIXER_TRAINER}", "trainer = Trainer()\n", "", "",
              "for step in range(4):\n    trainer.step()\n"),
        ["self.weights() + self.mixer.score.trainable_variables + self.mixer.give.trainable_variables\n"],
    ),
}  # fmt: skip
KERAS_RIGHT = {
    "a probe": taped(
        "", f"net, last = {net(8)}, {net(4)}\n", ENTROPY.format("last(net(x))"), "last.trainable_variables"
    ),
    "a network that judges what another makes, and the truth": taped(
        "",
        f"net, judge, truth = {net(6)}, {net(8)}, np.random.randn(24, 6).astype('float32')\n",
        "tf.reduce_mean(tf.square(judge(net(x)) - judge(truth)))",
        "net.trainable_variables",
    ),
    "a classifier behind a generator": taped(
        "", f"net, judge = {net(6)}, {net(4)}\n", ENTROPY.format("judge(net(x))"), "net.trainable_variables"
    ),
    "a head that is not trainable": taped(
        ANGLES,
        f"net, head = {net(5)}, Angles(4, 5)\nhead.trainable = False\n",
        ENTROPY.format("head(net(x), y)"),
        "net.trainable_variables",
    ),
    "a weight of a term, as a variable": taped(
        "",
        f"net, beta = {net(4)}, tf.Variable(0.1)\n",
        ENTROPY.format("net(x)") + " + beta * tf.reduce_mean(tf.square(net(x)))",
        "net.trainable_variables",
    ),
    "a target network": taped(
        "",
        f"net, target = {net(4)}, {net(4)}\n",
        "tf.reduce_mean(tf.square(net(x) - 1.0 - 0.9 * target(x)))",
        "net.trainable_variables",
        TAPED + "    if step == 2:\n        target.set_weights(net.get_weights())\n",
    ),
    "an encoder that is trained later": taped(
        "",
        f"{NETS}decoder(encoder(x)[:, :2])\n",
        AUTOENCODER,
        "decoder.trainable_variables + (encoder.trainable_variables if step > 2 else [])",
        TAPED.replace(
            "Adam(0.01)\n", "SGD(0.01)\nopt.build(decoder.trainable_variables + encoder.trainable_variables)\n"
        ),
    ),
    "experts that are handed in": taped(
        EXPERTS.format(given=", experts", experts="experts"), "", "", "", FITTED.format(given=MADE)
    ),
    "an object whose layers are not trainable": taped(
        MIXER.format(about=""),
        f"{MIXED}mixer.score.trainable = mixer.give.trainable = False\n{ASKED}",
        ENTROPY.format("forward(x)"),
        "weights_of()",
    ),
    "an object that says it is fixed": taped(
        MIXER.format(about='\n    """A fixed random projection."""\n'),
        MIXED,
        ENTROPY.format("last(mixer(net(x)))"),
        "net.trainable_variables + last.trainable_variables",
    ),
    "an object that judges what is made, and the truth": taped(
        MIXER.format(about=""),
        f"net, judge, truth = {net(6)}, Mixer(6), np.random.randn(24, 6).astype('float32')\n",
        "tf.reduce_mean(tf.square(judge(net(x)) - judge(truth)))",
        "net.trainable_variables",
    ),
    "an object in front of what is trained": taped(
        MIXER.format(about=""),
        f"mixer, last = Mixer(6), {net(4)}\n",
        ENTROPY.format("last(mixer(x))"),
        "last.trainable_variables",
    ),
    "an object that is trained in turn": taped(
        MIXER.format(about=""),
        MIXED,
        ENTROPY.format("last(mixer(net(x)))"),
        "[*mixer.score.trainable_variables, *mixer.give.trainable_variables] if step % 2 else "
        "[*net.trainable_variables, *last.trainable_variables]",
    ),
    "an object for evaluation": taped(
        MIXER.format(about=""),
        MIXED,
        ENTROPY.format("last(net(x))"),
        "net.trainable_variables + last.trainable_variables",
        TAPED + "    print(float(tf.reduce_mean(last(mixer(net(x))))))\n",
    ),
    "experts that a comment calls frozen": taped(
        EXPERTS.format(given="", experts=f"{MADE}  # frozen"), "", "", "", FITTED.format(given="")
    ),
}
