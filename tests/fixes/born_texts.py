"""Programs whose modules make parameters in their first pass: each is one file, complete with its training."""

from __future__ import annotations

from tests.fixes.program_texts import TORCH_HEAD

MODEL = """
class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 1)
        self.ready, self.scale = False, None

    def forward(self, x):
        h = torch.tanh(self.first(x))
        if not self.ready:
            {born}
            self.ready = True
        return self.last({used})

"""
BORN, USED = "self.gain = nn.Parameter(1.0 / h.detach().std(0))", "self.gain * h"
TRAIN = """
def train(epochs=2):
    torch.manual_seed(3)
    batches = {batches}
    model = Scaled()
    {made}
    for epoch in range(epochs):
        for x, y in batches:
            loss = F.mse_loss(model(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
    return model

model = train()
"""
BATCHES = "[(torch.randn(16, 4), torch.randn(16, 1)) for _ in range(3)]"
SET = "torch.utils.data.TensorDataset(torch.randn(48, 4), torch.randn(48, 1))"
SHUFFLED = f"torch.utils.data.DataLoader({SET}, batch_size=16, shuffle=True)"
OPTIMIZER = "opt = torch.optim.SGD(model.parameters(), lr=0.1)"
SCRIPT = """
torch.manual_seed(0)
data = [{"x": torch.randn(16, 4), "y": torch.randn(16, 1)} for _ in range(3)]
net = Scaled()
groups = [{"params": net.first.parameters()}, {"params": [p for n, p in net.named_parameters() if "first" not in n]}]
opt = torch.optim.Adam(groups, lr=0.01)
for step, batch in enumerate(data):
    opt.zero_grad(set_to_none=True)
    F.mse_loss(net(x=batch["x"]), batch["y"]).backward()
    opt.step()
"""


def program(
    born: str = BORN, used: str = USED, made: str = OPTIMIZER, batches: str = BATCHES, train: str = TRAIN
) -> str:
    born, made = born.replace("\n", "\n            "), made.replace("\n", "\n    ")
    return TORCH_HEAD + MODEL.format(born=born, used=used) + train.format(made=made, batches=batches)


def first_pass(call: str, more: str = "") -> str:
    return f"    with torch.no_grad(){more}:\n        {call}\n"


FIXED = {
    "a gain by the first batch": (program(), [first_pass("model(batches[0][0])") + f"    {OPTIMIZER}\n"]),
    "a gain that is registered by its name, of shuffled batches": (
        program('self.register_parameter("gain", nn.Parameter(1.0 / h.detach().std(0)))', batches=SHUFFLED),
        [first_pass("x, y = next(iter(batches))\n        model(x)", ", torch.random.fork_rng(devices=[])")],
    ),
    "a layer of a size that is known then": (
        program("self.scale = nn.Linear(h.shape[1], h.shape[1])", "self.scale(h)"),
        [first_pass("model(batches[0][0])")],
    ),
    "groups of a script": (
        TORCH_HEAD + MODEL.format(born=BORN, used=USED) + SCRIPT,
        ['net = Scaled()\nwith torch.no_grad():\n    net(x=data[0]["x"])\ngroups = [{"params"'],
    ),
    "an optimizer of a function": (
        "def with_optimizer(net):\n    return torch.optim.SGD(net.parameters(), lr=0.1)\n\n"
        + program(made="opt = with_optimizer(model)"),
        [first_pass("model(batches[0][0])") + "    opt = with_optimizer(model)\n"],
    ),
}
RIGHT = {
    "a pass before the optimizer": program(made=f"with torch.no_grad():\n    model(batches[0][0])\n{OPTIMIZER}"),
    "a lazy layer": program("pass", "h").replace("nn.Linear(8, 1)", "nn.LazyLinear(1)"),
    "random numbers on the side": program("pass", "h").replace(
        "            loss = F", "            with torch.random.fork_rng():\n                pass\n            loss = F"
    ),
    "a buffer": program(BORN.replace("self.gain = nn.Parameter(", 'self.register_buffer("gain", ')),
    "a parameter that is frozen": program(BORN[:-1] + ", requires_grad=False)"),
    "a group that is added behind the first pass": program().replace(
        "            loss = F", "            is_first = not model.ready\n            loss = F"
    ).replace(
        "            opt.zero",
        "            if is_first:\n                opt.add_param_group({'params': [model.gain]})\n            opt.zero",
    ),
    "noise that is drawn by each pass": program(BORN.replace("1.0 / h.detach().std(0)", "torch.rand(8)")).replace(
        "            self.ready = True\n", "            pass\n"
    ),
    "a scale for the evaluation": program("pass", "h").replace(
        "        return self.last(h)",
        "        if not self.training:\n            self.scale = nn.Parameter(h.detach().std(0))\n"
        "        return self.last(h) if self.training else self.last(h * self.scale)",
    ).replace("    return model\n", "    model.eval()\n    print(F.mse_loss(model(x), y).item())\n    return model\n"),
    "a gain that is moved by hand": program().replace(
        "            opt.step()",
        "            with torch.no_grad():\n                model.gain -= model.gain.grad\n            opt.step()",
    ),
    "an optimizer that is made behind the first pass": program(made="opt = None").replace(
        "            opt.zero", f"            if opt is None:\n                {OPTIMIZER}\n            opt.zero"
    ),
}  # fmt: skip
