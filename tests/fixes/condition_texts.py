"""Programs that record under a condition, and programs that write into leaves: broken and right."""

from __future__ import annotations

from tests.fixes.program_texts import NET, TORCH_HEAD, torch_program
from tests.fixes.repair_texts import LOSS, module

PHASES = TORCH_HEAD + (
    """
x, y = torch.randn(16, 4), torch.randn(16, 1)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)

def run(x, y, {parameter}):
    {before}
    with torch.set_grad_enabled({condition}):
        loss = F.mse_loss(net(x), y)
        if {trains}:
            opt.zero_grad()
            loss.backward()
            opt.step()
    return loss.item()

for step in range(4):
    print(run(x, y, {first}), run(x, y, {second}))
"""
)


def phases(condition: str, before: str = "pass", parameter: str = "phase", trains: str = "phase == 'train'",
           first: str = "'train'", second: str = "'val'") -> str:  # fmt: skip
    """A program that trains and evaluates by one function, which records under this condition."""
    return PHASES.format(
        condition=condition, before=before, parameter=parameter, trains=trains, first=first, second=second
    )


FLAG = {"parameter": "evaluate=False", "trains": "not evaluate", "first": "evaluate=False", "second": "evaluate=True"}
MODE = {"parameter": "is_train", "trains": "is_train", "first": "True", "second": "False"}

GENERATED = """
class Hyper(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.make = nn.Linear(4, 3), nn.Linear(4, 3)

    def forward(self, x):
        layer = nn.Linear(3, 1, bias=False)
        made = self.make(x.mean(0, keepdim=True))
        {write}
        return layer(self.body(x).tanh())

model = Hyper()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
"""
FILLED = """
def by_row(pred, y):
    {made}
    for i in range(len(pred)):
        {write} = (pred[i] - y[i]).pow(2).sum()
    return {given}
"""

TORCH_FIXED = {
    "the other phase is recorded": (phases("phase == 'val'"), ["set_grad_enabled(phase != 'val')"]),
    "a condition turned round": (phases("not is_train", **MODE), ["set_grad_enabled(is_train)"]),
    "a condition that has a name": (phases("record", "record = phase != 'train'"), ["record = phase == 'train'"]),
    "a builtin in the place of a parameter": (phases("on", "on = not eval", **FLAG), ["on = not evaluate"]),
    "generated weights given to a layer as data": (
        torch_program(GENERATED.replace("{write}", "layer.weight.data = made.data"), LOSS),
        ["del layer.weight\n        layer.weight = made\n"],
    ),
    "generated weights copied into a layer": (
        torch_program(GENERATED.replace("{write}", "layer.weight.data.copy_(made)"), LOSS),
        ["del layer.weight\n        layer.weight = made\n"],
    ),
    "a leaf that is filled row by row": (
        torch_program(
            FILLED.format(made="out = torch.zeros(len(pred), requires_grad=True)", write="out.data[i]", given="out")
            + NET,
            "loss = by_row(net(x), y).mean()",
        ),
        ["out = torch.zeros(len(pred))\n", "        out[i] = (pred[i]"],
    ),
    "a leaf that asks for its gradient later": (
        torch_program(
            FILLED.format(
                made="out = torch.zeros(len(pred))\n    out.requires_grad_()", write="out.data[i]", given="out.mean()"
            )
            + NET,
            "loss = by_row(net(x), y)",
        ),
        ["out = torch.zeros(len(pred))\n    for i", "        out[i] = (pred[i]"],
    ),
    "parameters that an inner loop starts from a copy of": (
        torch_program(
            NET,
            """
            import copy
            weights = copy.deepcopy(list(net.parameters()))
            out = torch.tanh(x @ weights[0].T + weights[1]) @ weights[2].T + weights[3]
            loss = F.mse_loss(out, y)
            """,
        ),
        ["weights = list(net.parameters())\n"],
    ),
}

TORCH_RIGHT = {
    "the phase that trains is recorded": phases("phase == 'train'"),
    "a condition by its name": phases("record", "record = not evaluate", **FLAG),
    "a teacher that is never recorded": torch_program(
        NET + "teacher, learns = nn.Linear(4, 1), False\n",
        """
        with torch.set_grad_enabled(learns):
            goal = teacher(x)
        loss = F.mse_loss(net(x), y + goal)
        """,
    ),
    "numbers that start a layer": torch_program(
        NET + "net[0].weight.data = torch.eye(8, 4)\nnet[2].weight.data.copy_(torch.ones(1, 8))\n",
        "loss = F.mse_loss(net(x), y)",
    ),
    "an average of the weights, written as data": torch_program(
        NET + "import copy\nslow = copy.deepcopy(net)\n",
        """
        for one, other in zip(slow.parameters(), net.parameters()):
            one.data.copy_(0.9 * one.data + 0.1 * other.data)
        loss = F.mse_loss(net(x), y + 0.1 * slow(x).detach())
        """,
    ),
    "weights that are clipped and pruned": torch_program(
        NET,
        """
        for p in net.parameters():
            p.data.clamp_(-1, 1)
            p.data = p.data * (p.data.abs() > 1e-3)
        loss = F.mse_loss(net(x), y)
        """,
    ),
    "a filled buffer that only scales": torch_program(
        NET,
        """
        out = net(x)
        scale = torch.ones(16, 1, requires_grad=True)
        for i in range(16):
            scale.data[i] = 1 + (out[i] - y[i]).abs().item()
        loss = ((out - y).pow(2) / scale.detach()).mean()
        """,
    ),
    "a target network in step with the net": module(
        "import copy\nself.net = nn.Linear(4, 1)\nself.goal = copy.deepcopy(self.net).requires_grad_(False)",
        "self.goal.weight.data = self.net.weight.data.clone()\nreturn self.net(x) + 0.1 * self.goal(x)",
        held="model.net.parameters()",
    ),
}
