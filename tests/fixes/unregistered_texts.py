"""Programs whose models keep parts where nobody registers them, to be trained or on purpose."""

from __future__ import annotations

import textwrap

from tests.fixes.program_texts import TORCH_HEAD

STEP = """
x, y = torch.randn(16, 4), torch.randn(16, 1)
for step in range(6):
    loss = F.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
OPT = "opt = torch.optim.Adam(net.parameters(), lr=0.01)\n"


def model(made: str, forward: str, after: str = OPT, step: str = STEP, given: str = "", net: str = "Net()") -> str:
    """A program whose model makes and does this; `given` are its arguments."""
    made, forward = (textwrap.indent(textwrap.dedent(each).strip("\n"), " " * 8) for each in (made, forward))
    return (
        f"{TORCH_HEAD}torch.manual_seed(0)\n\n\nclass Net(nn.Module):\n    def __init__(self{given}):\n"
        f"        super().__init__()\n        self.last = nn.Linear(8, 1)\n{made}\n\n    def forward(self, x):\n"
        f"{forward}\n\n\nnet = {net}\n{after}{step}"
    )


def helpers(text: str, before: str) -> str:
    """A program with something defined before its model."""
    return text.replace("class Net(", f"{textwrap.dedent(before).strip()}\n\n\nclass Net(", 1)


LOOP = "for layer in self.layers:\n    x = layer(x).tanh()\nreturn self.last(x)"

FIXED = {
    "a comprehension": (
        model("self.layers = [nn.Linear(d, 8) for d in (4, 8)]", LOOP),
        ["self.layers = nn.ModuleList([nn.Linear(d, 8) for d in (4, 8)])"],
    ),
    "two lists, of which one has a single layer": (
        model(
            "self.first = [nn.Linear(d, 8) for d in (4, 8)]\nself.more = [nn.Linear(8, 8)]",
            "for part in self.first:\n    x = part(x).tanh()\n"
            "for part in self.more:\n    x = part(x)\nreturn self.last(x)",
        ),
        ["self.first = nn.ModuleList([nn", "self.more = nn.ModuleList([nn.Linear(8, 8)])"],
    ),
    "parts whose values are copied before, to be compared": (
        model(
            "self.cells = []\nfor d in (4, 8):\n    self.cells.append(nn.Linear(d, 8))",
            "for cell in self.cells:\n    x = cell(x).tanh()\nreturn self.last(x)",
            "start = [p.detach().clone() for cell in net.cells for p in cell.parameters()]\n" + OPT,
        ),
        ["self.cells = nn.ModuleList()"],
    ),
    "two lists in one line, and counts that are printed": (
        model(
            """
            self.a, self.b = [], []
            for d in (4, 8):
                self.a.append(nn.Linear(d, 8))
                self.b.append(nn.LayerNorm(8))
            """,
            "for a, b in zip(self.a, self.b):\n    x = b(a(x)).relu()\nreturn self.last(x)",
            OPT + "print(f'{sum(p.numel() for p in net.parameters()):,} parameters')\nprint(net)\n",
        ),
        ["self.a, self.b = nn.ModuleList(), nn.ModuleList()"],
    ),
    "heads by name": (
        model(
            "self.body = nn.Linear(4, 8)\nself.heads = {name: nn.Linear(8, 8) for name in ('up', 'down')}",
            "h = self.body(x).tanh()\nreturn self.last(sum(head(h) for head in self.heads.values()))",
        ),
        ["self.heads = nn.ModuleDict({name: nn.Linear(8, 8) for name in ('up', 'down')})"],
    ),
    "heads by number": (
        model(
            "self.heads = {}\nfor n in range(2):\n    self.heads[n] = nn.Linear(4, 8)\nself.scale = 2.0",
            "return self.last(sum(self.heads[n](x).tanh() for n in range(2)) * self.scale)",
        ),
        [
            "            self.heads[n] = nn.Linear(4, 8)\n"
            "        self.heads_modules = nn.ModuleList(self.heads.values())\n"
        ],
    ),
    "a list that is built in a helper and sorted": (
        helpers(
            model(
                "self.layers = stack(2)\nself.layers.sort(key=lambda each: each.in_features)",
                LOOP,
            ),
            "def stack(n):\n    return [nn.Linear(8 if i else 4, 8) for i in range(n)][::-1]",
        ),
        ["self.layers_modules = nn.ModuleList(self.layers)\n"],
    ),
    "pairs in a list": (
        model(
            "self.blocks = []\nfor d in (4, 8):\n    self.blocks.append((nn.Linear(d, 8), nn.LayerNorm(8)))",
            "for linear, norm in self.blocks:\n    x = norm(linear(x)).relu()\nreturn self.last(x)",
        ),
        [
            "self.blocks = nn.ModuleList()\n",
            "self.blocks.append(nn.ModuleList((nn.Linear(d, 8), nn.LayerNorm(8))))",
        ],
    ),
    "functions between the layers": (
        model(
            "self.layers = [nn.Linear(4, 8), torch.tanh, nn.Linear(8, 8), torch.relu]",
            "for layer in self.layers:\n    x = layer(x)\nreturn self.last(x)",
        ),
        ["self.layers_modules = nn.ModuleList(each for each in self.layers if isinstance(each, nn.Module))\n"],
    ),
    "a tuple of a generator": (
        model("self.layers = tuple(nn.Linear(d, 8) for d in (4, 8))", LOOP),
        ["self.layers = nn.ModuleList(nn.Linear(d, 8) for d in (4, 8))"],
    ),
    "lists in a dictionary": (
        model(
            "self.experts = {name: [nn.Linear(4, 8) for _ in range(2)] for name in ('up', 'down')}",
            "parts = [each(x).tanh() for name in ('up', 'down') for each in self.experts[name]]\n"
            "return self.last(sum(parts))",
        ),
        ["nn.ModuleDict({name: nn.ModuleList([nn.Linear(4, 8) for _ in range(2)]) for name in ('up', 'down')})"],
    ),
    "a list that is added to": (
        model("self.layers = []\nself.layers += [nn.Linear(d, 8) for d in (4, 8)]", LOOP),
        ["self.layers = nn.ModuleList()\n"],
    ),
    "parameters in a list": (
        model(
            "self.weights = [nn.Parameter(0.1 * torch.randn(d, 8)) for d in (4, 8)]",
            "for w in self.weights:\n    x = (x @ w).tanh()\nreturn self.last(x)",
        ),
        ["self.weights = nn.ParameterList([nn.Parameter(0.1 * torch.randn(d, 8)) for d in (4, 8)])"],
    ),
    "tensors that ask for a gradient": (
        model(
            "self.mix = torch.randn(4, 8, requires_grad=True)\nself.shift = torch.zeros(8).requires_grad_()",
            "return self.last((x @ self.mix + self.shift).tanh())",
        ),
        ["self.mix = nn.Parameter(torch.randn(4, 8))\n", "self.shift = nn.Parameter(torch.zeros(8))\n"],
    ),
    "a list in a part, in a file that names classes alone": (
        TORCH_HEAD.replace("from torch import nn\n", "from torch.nn import Linear, Module\n")
        .replace("import torch\n", "import torch\n")
        .replace("import torch\n", "", 1)
        .replace("import numpy as np\n", "from torch import manual_seed, optim, randn\n")
        + """
manual_seed(0)


class Part(Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers: list[Module] = [Linear(*each) for each in sizes]

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
        return x


class Net(Module):
    def __init__(self):
        super().__init__()
        self.part = Part([(4, 8), (8, 8)])
        self.last = Linear(8, 1)

    def forward(self, x):
        return self.last(self.part(x))


net = Net()
opt = optim.Adam(net.parameters(), lr=0.01)
"""
        + STEP.replace("torch.randn", "randn"),
        [
            "from torch.nn import Linear, Module, ModuleList\n",
            "self.layers: ModuleList = ModuleList([Linear(*each) for each in sizes])",
        ],
    ),
    "copies of a layer, and parameters by groups": (
        helpers(
            model(
                "self.first = nn.Linear(4, 8)\nself.blocks = [copy.deepcopy(block) for _ in range(2)]",
                "x = self.first(x)\nfor block in self.blocks:\n    x = x + block(x).relu()\nreturn self.last(x)",
                "decay = [p for n, p in net.named_parameters() if n.endswith('weight')]\n"
                "rest = [p for n, p in net.named_parameters() if not n.endswith('weight')]\n"
                "opt = torch.optim.AdamW([{'params': decay}, {'params': rest, 'weight_decay': 0.0}], lr=0.01)\n",
                given=", block",
                net="Net(nn.Linear(8, 8))",
            ),
            "import copy",
        ),
        ["self.blocks = nn.ModuleList([copy.deepcopy(block) for _ in range(2)])"],
    ),
    "groups of parameters that fill a dictionary": (
        model(
            "self.gates = {}\nfor at in range(2):\n"
            "    self.gates[at] = {'w': nn.Parameter(torch.ones(8)), 'b': nn.Parameter(torch.zeros(8))}\n"
            "self.first = nn.Linear(4, 8)",
            "x = self.first(x)\nfor gate in self.gates.values():\n    x = x + torch.tanh(gate['w'] * x + gate['b'])\n"
            "return self.last(x)",
        ),
        ["self.gates_parameters = nn.ParameterList(each for group in self.gates.values() for each in group.values())"],
    ),
    "two parts that are trained together, one all in a list": (
        model(
            "pass",
            "return self.last(x)",
            """
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        layers = []
        for d in (4, 8):
            layers.append(nn.Linear(d, 8))
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
        return x

encoder = Encoder()
opt = torch.optim.Adam([*encoder.parameters(), *net.parameters()], lr=0.01)
""",
            STEP.replace("net(x)", "net(encoder(x))"),
        ),
        ["self.layers = nn.ModuleList(layers)\n"],
    ),
}

LAYERS = "self.layers = [nn.Linear(4, 8), nn.Linear(8, 8)]"
TEACHER = "F.mse_loss(self_x, self.teacher[0](x))"
RIGHT = {
    "parameters of a judge that fill a list": model(
        "self.body = nn.Linear(4, 8)\nself.borrowed = []\nfor each in judge.parameters():\n"
        "    self.borrowed.append(each)",
        "h = self.body(x)\nreturn self.last(h) + 0.1 * (h @ self.borrowed[0]).mean()",
        given=", judge",
        net="Net(nn.Linear(8, 8))",
    ),
    "a teacher in a list": model(
        "self.body = nn.Linear(4, 8)\nself.teacher = [teacher]",
        "h = self.body(x)\nreturn self.last(h) + 0.1 * self.teacher[0](h).mean()",
        given=", teacher",
        net="Net(nn.Linear(8, 8))",
    ),
    "perceptual layers in a list of several, handed in": model(
        "self.body = nn.Linear(4, 8)\nself.judges = list(judges)",
        "h = self.body(x)\nreturn self.last(h) + 0.1 * sum(judge(h).mean() for judge in self.judges)",
        given=", judges",
        net="Net([nn.Linear(8, 8), nn.Linear(8, 8)])",
    ),
    "one network hidden in a list": model(
        "self.body = nn.Linear(4, 8)\nself.hidden = [nn.Linear(8, 8)]",
        "return self.last(self.body(x) + self.hidden[0](self.body(x)))",
    ),
    "random features, as a comment says": model(
        "# fixed random features, not trained\n" + LAYERS,
        LOOP,
    ),
    "layers in evaluation mode": model(
        LAYERS + "\nfor layer in self.layers:\n    layer.eval()",
        LOOP,
    ),
    "frozen layers": model(
        LAYERS + "\nfor layer in self.layers:\n    layer.requires_grad_(False)",
        LOOP,
    ),
    "a reservoir without recording": model(
        LAYERS,
        "with torch.no_grad():\n    for layer in self.layers:\n        x = layer(x).tanh()\nreturn self.last(x)",
    ),
    "the head alone is trained": model(LAYERS, LOOP, "opt = torch.optim.Adam(net.last.parameters(), lr=0.01)\n"),
    "the head alone is trained, and all is counted": model(
        LAYERS,
        LOOP,
        "print(sum(p.numel() for p in net.parameters()))\nopt = torch.optim.Adam(net.last.parameters(), lr=0.01)\n",
    ),
    "layers that are registered as well": model(
        LAYERS + "\nfor at, each in enumerate(self.layers):\n    self.add_module(f'layer{at}', each)",
        LOOP,
    ),
    "layers of a sequence": model(
        LAYERS + "\nself.body = nn.Sequential(*self.layers)", "return self.last(self.body(x))"
    ),
    "layers that the optimizer is given": model(
        LAYERS,
        LOOP,
        "opt = torch.optim.Adam([*net.parameters(), *(p for one in net.layers for p in one.parameters())], lr=0.01)\n",
    ),
    "layers with an optimizer of their own, later": model(
        LAYERS,
        LOOP,
        step=STEP
        + "opt = torch.optim.Adam([p for each in net.layers for p in each.parameters()], lr=0.01)\n"
        + STEP.replace("range(6)", "range(3)"),
    ),
    "layers that are trained by hand": model(
        LAYERS,
        LOOP,
        step=STEP
        + "    with torch.no_grad():\n        for each in net.layers:\n            for p in (each.weight, each.bias):\n"
        + "                p -= 0.01 * p.grad\n                p.grad = None\n",
    ),
    "an average of the weights": model(
        "self.body = nn.Linear(4, 8)\nself.shadow = [nn.Linear(4, 8), nn.Linear(8, 1)]",
        "return self.last(self.body(x))",
        step=STEP
        + "    with torch.no_grad():\n        for mine, other in zip(net.shadow, (net.body, net.last)):\n"
        + "            mine.weight.mul_(0.9).add_(0.1 * other.weight)\n",
    ),
    "loaded layers": model(
        "self.body = nn.Linear(4, 8)\nself.prior = [nn.Linear(8, 8), nn.Linear(8, 1)]\n"
        "for each in self.prior:\n    each.load_state_dict({k: v.clone() for k, v in each.state_dict().items()})",
        "h = self.body(x).tanh()\nreturn self.last(h) + self.prior[1](self.prior[0](h).tanh())",
    ),
    "a reservoir, as its class says": model(LAYERS, LOOP).replace("Net", "EchoStateNet"),
    "former selves": helpers(
        model(
            "self.body, self.past = nn.Linear(4, 8), []",
            "h = self.body(x).tanh()\nreturn self.last(h - 0.1 * sum(each(x) for each in self.past))",
            "net.keep()\nnet.keep()\n" + OPT,
        ).replace(
            "    def forward",
            "    def keep(self):\n        self.past.append(copy.deepcopy(self.body))\n\n    def forward",
        ),
        "import copy",
    ),
    "a point that asks for a gradient in vain": model(
        "self.body = nn.Linear(4, 8)\nself.origin = torch.zeros(1, 4, requires_grad=True)",
        "return self.last(self.body(x).tanh() - self.body(self.origin).tanh())",
    ),
    "points of a grid": model(
        "self.body = nn.Linear(4, 8)\nself.points = torch.rand(16, 4, requires_grad=True)",
        "return self.last(self.body(x).tanh())",
        step="""
x, y = torch.randn(16, 4), torch.randn(16, 1)
for step in range(6):
    slope, = torch.autograd.grad(net(net.points).sum(), net.points, create_graph=True)
    loss = F.mse_loss(net(x), y) + slope.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
    ),
    "data that a model keeps": model(
        "self.body = nn.Linear(4, 8)\nself.anchors = torch.tensor(anchors, requires_grad=True)",
        "return self.last(self.body(x).tanh()) + self.last(self.body(self.anchors).tanh()).mean()",
        given=", anchors",
        net="Net([[0.1, 0.2, 0.3, 0.4]])",
    ),
    "the input, kept for its gradient": model(
        "self.body = nn.Linear(4, 8)\nself.seen = None",
        "self.seen = x.clone().requires_grad_()\nreturn self.last(self.body(self.seen).tanh())",
    ),
    "a net that nothing trains, and an input that is": model(
        LAYERS,
        LOOP,
        "z = torch.zeros(16, 4, requires_grad=True)\nopt = torch.optim.Adam([z], lr=0.1)\n",
        STEP.replace("net(x)", "net(z)"),
    ),
    "an adversary with an optimizer of its own": model(
        "self.body = nn.Linear(4, 8)",
        "return self.last(self.body(x).tanh())",
        OPT + "judge = nn.Sequential(nn.Linear(1, 4), nn.Tanh(), nn.Linear(4, 1))\n"
        "second = torch.optim.Adam(judge.parameters(), lr=0.01)\n",
        STEP.replace("F.mse_loss(net(x), y)", "-judge(net(x)).mean()")
        + "    second.zero_grad()\n    (judge(net(x).detach()) - judge(y)).mean().backward()\n    second.step()\n",
    ),
    "layers that are registered": model("self.layers = nn.ModuleList([nn.Linear(4, 8), nn.Linear(8, 8)])", LOOP),
}
