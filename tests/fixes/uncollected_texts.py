"""Programs that collect parameters for an optimizer and hand over some of them, by mistake or on purpose."""

from __future__ import annotations

from tests.fixes.program_texts import TORCH_HEAD
from tests.fixes.unregistered_texts import STEP

NET = "net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))\n"
NAMED = "net.named_parameters()"
FIRST = f"[p for n, p in {NAMED} if n.startswith('0')]"
SECOND = f"[p for n, p in {NAMED} if n.startswith('2')]"


def program(before: str, step: str = STEP) -> str:
    return f"{TORCH_HEAD}torch.manual_seed(0)\n{NET}{before}{step}"


FIXED = {
    "a group that is bound anew": (
        program(
            "groups = []\n"
            f"group = {{'lr': 0.1}}\ngroup['params'] = {FIRST}\ngroups.append(group)\n"
            f"group = dict(lr=0.01)\ngroup['params'] = {SECOND}\n"
            "opt = torch.optim.SGD(groups)\n"
        ),
        [f"group['params'] = {SECOND}\ngroups.append(group)\n"],
    ),
    "a group beside another one": (
        program(
            f"first = {{'params': {FIRST}, 'lr': 0.1}}\nsecond = {{'params': {SECOND}, 'lr': 0.01}}\n"
            "opt = torch.optim.SGD([first], momentum=0.9)\n"
        ),
        ["torch.optim.SGD([first, second], momentum=0.9)"],
    ),
    "a list beside another one, in a function": (
        program(
            "def optimizer(net):\n"
            "    decayed = [p for n, p in net.named_parameters() if n.endswith('weight')]\n"
            "    plain = [p for n, p in net.named_parameters() if n.endswith('bias')]\n"
            "    return torch.optim.AdamW([{'params': decayed, 'weight_decay': 0.1}], lr=0.01)\n\n"
            "opt = optimizer(net)\n"
        ),
        ["[{'params': decayed, 'weight_decay': 0.1}, {\"params\": plain}]"],
    ),
    "two networks, one by its list alone": (
        program(
            "gate = nn.Linear(4, 1)\nof_net = list(net.parameters())\nof_gate = list(gate.parameters())\n"
            "opt = torch.optim.Adam(of_net, lr=0.01)\n",
            STEP.replace("net(x)", "net(x) * gate(x).sigmoid()"),
        ),
        ["torch.optim.Adam([*of_net, *of_gate], lr=0.01)"],
    ),
    "a list that grows when the optimizer is made": (
        program(
            "params = list(net.parameters())\nopt = torch.optim.Adam(params, lr=0.01)  # all\n"
            "gate = nn.Linear(4, 1)\nparams += list(gate.parameters())\n",
            STEP.replace("net(x)", "net(x) * gate(x).sigmoid()"),
        ),
        ["params += list(gate.parameters())\nopt = torch.optim.Adam(params, lr=0.01)  # all\n"],
    ),
}
RIGHT = {
    "the head alone": program("opt = torch.optim.SGD(net[2].parameters(), lr=0.1)\n"),
    "the head alone, by its name": program(f"head = {SECOND}\nopt = torch.optim.SGD(head, lr=0.1)\n"),
    "a list of what is left as it is": program(
        f"backbone = {FIRST}\nhead = {SECOND}\nopt = torch.optim.SGD(head, lr=0.1)\n"
    ),
    "a list of what comes first": program(f"early = {FIRST}\nlate = {SECOND}\nopt = torch.optim.SGD(late, lr=0.1)\n"),
    "a group of what comes first": program(
        f"early = {{'params': {FIRST}}}\nlate = {{'params': {SECOND}}}\nopt = torch.optim.SGD([late], lr=0.1)\n"
    ),
    "a group that a comment takes out": program(
        "groups = []\n"
        f"group = {{'lr': 0.1}}\ngroup['params'] = {FIRST}\ngroups.append(group)\n"
        f"group = {{'lr': 0.1}}\ngroup['params'] = {SECOND}\n# groups.append(group)\n"
        "opt = torch.optim.SGD(groups)\n"
    ),
    "a group for later": program(
        f"first = {{'params': {FIRST}, 'lr': 0.1}}\nsecond = {{'params': {SECOND}, 'lr': 0.01}}\n"
        "opt = torch.optim.SGD([first], momentum=0.9)\n",
        STEP + "    if step == 3:\n        opt.add_param_group(second)\n",
    ),
    "a group that is handed over where it is wanted": program(
        "groups, tune = [], False\n"
        f"group = {{'lr': 0.1}}\ngroup['params'] = {FIRST}\ngroups.append(group)\n"
        f"group = {{'lr': 0.1}}\ngroup['params'] = {SECOND}\nif tune:\n    groups.append(group)\n"
        "opt = torch.optim.SGD(groups)\n"
    ),
    "lists of two optimizers": program(
        f"first = {FIRST}\nsecond = {SECOND}\nopt = torch.optim.SGD(first, lr=0.1)\n"
        "other = torch.optim.SGD(second, lr=0.1)\n",
        STEP + "    other.step()\n    other.zero_grad()\n",
    ),
    "counts and copies of what is trained by hand": program(
        f"late = {SECOND}\ncount = sum(p.numel() for p in net.parameters())\n"
        "before = [p.clone() for p in net.parameters()]\nopt = torch.optim.SGD(net[0].parameters(), lr=0.1)\n"
        "print(len(late))\n"
    ),
    "a list that is counted": program(
        f"first = {FIRST}\nsecond = {SECOND}\nprint(sum(p.numel() for p in first))\n"
        "opt = torch.optim.SGD(second, lr=0.1)\n"
    ),
    "a list that is changed by hand": program(
        "gate = nn.Linear(4, 1)\nof_net = list(net.parameters())\nof_gate = list(gate.parameters())\n"
        "opt = torch.optim.Adam(of_net, lr=0.01)\n",
        STEP.replace("net(x)", "net(x) * gate(x).sigmoid()")
        + "    with torch.no_grad():\n        gate.weight -= 0.1 * gate.weight.grad\n"
        + "        gate.bias -= 0.1 * gate.bias.grad\n    gate.zero_grad()\n",
    ),
    "all parameters in groups": program(
        f"first = {FIRST}\nsecond = {SECOND}\n"
        "opt = torch.optim.SGD([{'params': first, 'lr': 0.1}, {'params': second, 'lr': 0.01}])\n"
    ),
}
