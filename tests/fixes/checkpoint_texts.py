"""Programs that save memory by checkpointing: each is one file, complete with its training."""

from __future__ import annotations

from tests.fixes.program_texts import torch_program

HEAD = "from functools import partial\nfrom torch.utils.checkpoint import checkpoint, checkpoint_sequential\n"
CLASS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(4, 8)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(8, 8), nn.Tanh()) for _ in range(3))
        self.head = nn.Linear(8, 1)
        {made}

    def forward(self, x):
        {forward}

model = Net()
{prepared}
opt = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.05)
"""
FROZEN = "model.embed.requires_grad_(False)"
LOOP = "h = self.embed(x)\nfor block in self.blocks:\n    h = {call}\nreturn self.head(h)"


def program(forward: str, made: str = "pass", prepared: str = FROZEN, before: str = "") -> str:
    made, forward = ("\n        ".join(each.splitlines()) for each in (made, forward))
    text = HEAD + before + CLASS.format(made=made, forward=forward, prepared=prepared)
    return torch_program(text, "loss = F.mse_loss(model(x), y)")


def loop(call: str, made: str = "pass", prepared: str = FROZEN, before: str = "") -> str:
    return program(LOOP.format(call=call), made, prepared, before)


SETTINGS = """
from dataclasses import dataclass

@dataclass
class Settings:
    width: int = 8
    use_reentrant: bool = True

settings = Settings()
"""
SETTER = """    def gradient_checkpointing_enable(self, options=None):
        self.checkpointing = partial(checkpoint, **(options or {"use_reentrant": True}))

    def forward"""
RAW = "h = checkpoint(self.embed, x)\nfor block in self.blocks:\n    h = block(h)\nreturn self.head(h)"
WRAPPED = "from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import CheckpointImpl, checkpoint_wrapper\n"

FIXED = {
    "the first layer alone, on data, by default": (
        program(RAW, prepared=""),
        ["        h = checkpoint(self.embed, x, use_reentrant=False)\n"],
    ),
    "options of a setter, in a partial": (
        loop("self.checkpointing(block.__call__, h)", prepared=FROZEN + "\nmodel.gradient_checkpointing_enable()")
        .replace("    def forward", SETTER),
        ['(options or {"use_reentrant": False})'],
    ),
    "a sequence in segments": (
        program("h = checkpoint_sequential(self.blocks, 2, self.embed(x), True)\nreturn self.head(h)"),
        ["checkpoint_sequential(self.blocks, 2, self.embed(x), False)"],
    ),
    "a setting": (
        loop("checkpoint(block, h, use_reentrant=settings.use_reentrant)", before=SETTINGS),
        ["    use_reentrant: bool = False\n", "checkpoint(block, h, use_reentrant=settings.use_reentrant)"],
    ),
    "inputs within a tuple": (
        loop("checkpoint(lambda both, block=block: block(both[0]), (h, 1.0), use_reentrant=True)", prepared=""),
        ["(h, 1.0), use_reentrant=False)"],
    ),
    "a partial of the module": (
        loop("self.save(block, h)", "self.save = partial(checkpoint, use_reentrant=True, preserve_rng_state=False)"),
        ["self.save = partial(checkpoint, use_reentrant=False, preserve_rng_state=False)"],
    ),
    "two calls": (
        program(
            "h = checkpoint(self.blocks[0], self.embed(x), use_reentrant=True)\n"
            "g = checkpoint(self.blocks[0], self.embed(-x), use_reentrant=True)\nreturn self.head(h * g)"
        ),
        ["self.embed(x), use_reentrant=False)", "self.embed(-x), use_reentrant=False)"],
    ),
    "a wrapper": (
        loop("block(h)", "self.blocks = nn.ModuleList(checkpoint_wrapper(each, CheckpointImpl.REENTRANT) "
             "for each in self.blocks)", before=WRAPPED),
        ["checkpoint_wrapper(each, CheckpointImpl.NO_REENTRANT)"],
    ),
}  # fmt: skip

REENTRANT = "checkpoint(block, h, use_reentrant=True)"
RIGHT = {
    "inputs with a gradient": loop(REENTRANT, prepared=""),
    "inputs that are made to require one": program(
        f"h = self.embed(x).requires_grad_()\nfor block in self.blocks:\n    h = {REENTRANT}\nreturn self.head(h)"
    ),
    "nothing to train in it": loop(REENTRANT, prepared=FROZEN + "\nmodel.blocks.requires_grad_(False)"),
    "not re-entrant": loop(REENTRANT.replace("True", "False")),
    "an input for its gradient alone": loop(
        "checkpoint(lambda h, _, block=block: block(h), h, self.dummy, use_reentrant=True)",
        "self.dummy = torch.ones(1, requires_grad=True)",
    ),
    "a measure beside the training": loop(REENTRANT.replace("True", "not self.training"))
    + "model.eval()\nwith torch.no_grad():\n    print(F.mse_loss(model(x), y).item())\n",
    "a teacher": loop("block(h)", "self.teacher = nn.Linear(4, 1).requires_grad_(False)", "").replace(
        "loss = F.mse_loss(model(x), y)",
        "loss = F.mse_loss(model(x), checkpoint(model.teacher, x, use_reentrant=True))",
    ),
}
