"""Programs that train a model through steps of a copy of it: each is one file, complete with its training."""

from __future__ import annotations

from tests.fixes.program_texts import TORCH_HEAD

MODEL = """import copy

torch.manual_seed(1)
net = nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 1))
meta = torch.optim.Adam(net.parameters(), lr=0.01)
tasks = [(torch.randn(8, 1), torch.randn(8, 1), torch.randn(8, 1), torch.randn(8, 1)) for _ in range(2)]
"""
LOOP = """
for step in range(4):
    total = 0.0
    for xs, ys, xq, yq in tasks:
        {adapted}
    meta.zero_grad()
    total.backward()
    meta.step()
"""
INLINE = """clone = copy.deepcopy(net)
clone.train()
inner = {optimizer}
for _ in range(2):
    inner.zero_grad()
    F.mse_loss(clone(xs), ys).backward()
    inner.step()
total = total + F.mse_loss({used}, yq)"""
SGD = "torch.optim.SGD(clone.parameters(), lr=0.1)"
ADAPT = """
def adapt(model, xs, ys, rate=0.1, steps=2):
    learner = copy.deepcopy(model)
    opt = torch.optim.SGD(params=learner.parameters(), lr=rate * 2)
    for _ in range(steps):
        loss = {loss}
        learner.zero_grad()
        loss.backward()
        opt.step()
    return learner
"""
SCORE = "\ndef score(model, x, y):\n    return F.mse_loss(model(x), y)\n"
ADDED = "learner = adapt(net, xs, ys)\ntotal = total + F.mse_loss(learner(xq), yq)"
CALL = "torch.func.functional_call"


def program(adapted: str, before: str = "") -> str:
    return TORCH_HEAD + MODEL + before + LOOP.format(adapted=adapted.replace("\n", "\n        "))


def inline(optimizer: str = SGD, used: str = "clone(xq)") -> str:
    return program(INLINE.format(optimizer=optimizer, used=used))


FIXED = {
    "in the loop over tasks": (
        inline(),
        [
            "        fast = dict(net.named_parameters())\n        for _ in range(2):\n"
            f"            inner_loss = F.mse_loss({CALL}(net, fast, (xs,)), ys)\n"
            "            grads = torch.autograd.grad(inner_loss, list(fast.values()), create_graph=True)\n"
            "            fast = {name: w - 0.1 * g for (name, w), g in zip(fast.items(), grads)}\n"
            f"        total = total + F.mse_loss({CALL}(net, fast, (xq,)), yq)\n",
        ],
    ),
    "a function that gives the copy": (
        program(ADDED, ADAPT.format(loss="F.mse_loss(learner(xs), ys)")),
        [
            "fast = {name: w - (rate * 2) * g for (name, w), g in zip(fast.items(), grads)}\n",
            f"    return lambda *inputs: {CALL}(model, fast, inputs)\n",
        ],
    ),
    "a function that takes the copy": (
        program(ADDED, SCORE + ADAPT.format(loss="score(learner, xs, ys)")),
        [f"loss = score(lambda *inputs: {CALL}(model, fast, inputs), xs, ys)\n"],
    ),
    "a copy that loads what the model has": (
        program(ADDED, ADAPT.format(loss="F.mse_loss(learner(xs), ys)")).replace(
            "copy.deepcopy(model)",
            "nn.Sequential(nn.Linear(1, 12), nn.Tanh(), nn.Linear(12, 1))\n"
            "    learner.load_state_dict(model.state_dict())",
        ),
        ["    fast = dict(model.named_parameters())\n    for _ in range(steps):\n"],
    ),
    "a part of the model is frozen": (
        inline()
        .replace("meta = ", "net[0].requires_grad_(False)\nmeta = ")
        .replace("net.parameters()", "net[2].parameters()"),
        ["fast = {name: w for name, w in net.named_parameters() if w.requires_grad}\n"],
    ),
}
SAID = {
    "momentum": (inline(SGD[:-1] + ", momentum=0.9)"), "AF103", "clone = copy.deepcopy(net)"),
    "Adam": (inline("torch.optim.Adam(clone.parameters(), lr=0.1)"), "AF103", "clone = copy.deepcopy(net)"),
}
RIGHT = {
    "gradients of the first order": inline()
    .replace("        total = total + F.mse_loss(clone(xq), yq)", (
        "        clone.zero_grad()\n        loss = F.mse_loss(clone(xq), yq)\n        loss.backward()\n"
        "        for p, c in zip(net.parameters(), clone.parameters()):\n            p.grad = c.grad.clone()"
    )).replace("    meta.zero_grad()\n    total.backward()\n", ""),
    "steps toward the copy": inline()
    .replace("        total = total + F.mse_loss(clone(xq), yq)", (
        "        for p, c in zip(net.parameters(), clone.parameters()):\n            p.grad = (p - c).detach()"
    )).replace("    meta.zero_grad()\n    total.backward()\n", ""),
    "a copy that is measured": inline().replace("total = total + F.mse_loss(clone(xq), yq)", (
        "total = total + F.mse_loss(net(xq), yq)\n        with torch.no_grad():\n"
        "            gap = F.mse_loss(clone(xq), yq).item()"
    )),
    "a slow copy": program(
        "total = total + F.mse_loss(net(xq), yq) + 0.1 * F.mse_loss(net(xs), slow(xs))", "slow = copy.deepcopy(net)\n"
        "slow.requires_grad_(False)\n"
    ),
}  # fmt: skip
