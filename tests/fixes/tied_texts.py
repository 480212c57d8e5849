"""Programs that make a parameter of another one from outside: each is one file, complete with its training."""

from __future__ import annotations

from tests.fixes.program_texts import torch_program

CLASS = """
class Reservoir(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(4, 3)
        self.rate, self.gain = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.gain * (torch.tanh(self.mix(x)) * self.rate).sum(-1, keepdim=True)

model = Reservoir()
"""
STEP = "loss = F.mse_loss(model(x), y)"
SGD = "opt = torch.optim.SGD([{}], lr=0.05)\n"


def program(tied: str, held: str) -> str:
    return torch_program(CLASS + tied + SGD.format(held), STEP)


POSITIVE = """
def positive(module, *names):
    for name in names:
        module.register_parameter(name + "_raw", nn.Parameter(getattr(module, name).detach().log()))
        {tie}

positive(model, "rate", "gain")
"""
FREE = "raw = nn.Parameter(torch.zeros(3))\n"

FIXED = {
    "logarithms of several parameters": (
        program(
            POSITIVE.format(tie='setattr(module, name, nn.Parameter(getattr(module, name + "_raw").exp()))').replace(
                "module", "net"
            ),
            '*(p for n, p in model.named_parameters() if n not in ("rate", "gain"))',
        ),
        [
            "        delattr(net, name)\n"
            "        net.register_forward_pre_hook(\n"
            '            lambda module, _, name=name: setattr(module, name, getattr(module, name + "_raw").exp())\n'
            "        )\n"
        ],
    ),
    "an attribute, of a tensor on the side": (
        program(FREE + "model.rate = nn.Parameter(torch.sigmoid(raw) + 0.5)\n", "raw, *model.mix.parameters()"),
        [
            "del model.rate\n"
            'model.register_forward_pre_hook(lambda module, _: setattr(module, "rate", torch.sigmoid(raw) + 0.5))\n'
        ],
    ),
    "a new parameter by its name": (
        program(
            FREE + 'del model.rate\nmodel.register_parameter("rate", nn.Parameter(F.softplus(raw)))\n',
            "raw, *model.mix.parameters()",
        ),
        ['model.register_forward_pre_hook(lambda module, _: setattr(module, "rate", F.softplus(raw)))\n'],
    ),
    "the weights of each layer": (
        torch_program(
            "model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
            "for layer in model:\n    if isinstance(layer, nn.Linear):\n"
            "        layer.free = nn.Parameter(torch.atanh(layer.weight.detach()))\n"
            "        layer.weight = nn.Parameter(torch.tanh(layer.free))\n"
            "opt = torch.optim.SGD([p for n, p in model.named_parameters() if 'weight' not in n], lr=0.05)\n",
            STEP,
        ),
        [
            "        del layer.weight\n        layer.register_forward_pre_hook("
            'lambda module, _: setattr(module, "weight", torch.tanh(module.free)))\n'
        ],
    ),
}
RIGHT = {
    "a start that is computed": program(
        "model.rate = nn.Parameter(torch.exp(model.rate - 1))\n", "*model.parameters()"
    ),
    "a start from another network": program(
        "other = nn.Linear(4, 3)\nmodel.mix.weight = nn.Parameter(0.5 * other.weight)\n", "*model.parameters()"
    ),
    "weights that are shared": program(
        "decoder = nn.Linear(4, 3)\ndecoder.weight = model.mix.weight\n", "*model.parameters()"
    ),
    "a parametrization": program(
        "class Exp(nn.Module):\n    def forward(self, raw):\n        return raw.exp()\n\n"
        'nn.utils.parametrize.register_parametrization(model, "rate", Exp())\n',
        "*model.parameters()",
    ),
    "a hook": program(
        FREE + "del model.rate\n"
        "model.register_forward_pre_hook(lambda module, _: setattr(module, 'rate', torch.exp(raw)))\n",
        "raw, *model.mix.parameters()",
    ),
}
