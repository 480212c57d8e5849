"""Trainings in which gradients are cleared, taken and used in some order: each is one file."""

from __future__ import annotations

from tests.fixes.program_texts import BATCH, NET, TORCH_HEAD

HEAD = TORCH_HEAD + BATCH + NET
LOSS = "    loss = F.mse_loss(net(x), y)\n"
LOOP = "for step in range(5):\n"
CLEAR, TAKE, STEP = "    opt.zero_grad()\n", "    loss.backward()\n", "    opt.step()\n"
HELPERS = """
def reset(optimizer):
    optimizer.zero_grad()

def learn(optimizer, loss):
    loss.backward()
    reset(optimizer)
    optimizer.step()

"""
SEVERAL = """
heads = [nn.Linear(8, 1) for _ in range(2)]
optimizers = [opt, torch.optim.Adam([p for head in heads for p in head.parameters()])]
for step in range(5):
    hidden = net[:2](x)
    loss = F.mse_loss(net[2](hidden), y) + sum(F.mse_loss(head(hidden), y) for head in heads)
    loss.backward()
    for each in optimizers:
        {first}
        {second}
"""
SCALED = """
scaler = torch.amp.GradScaler("cpu", enabled=False)
for step in range(5):
    loss = F.mse_loss(net(x), y)
    scaler.scale(loss).backward()
    scaler.unscale_(opt)
    # forget what the last batch left
    opt.zero_grad(set_to_none=False)
    scaler.step(opt)
    scaler.update()
"""
EVERY_OTHER = """
for step in range(6):
    loss = F.mse_loss(net(x), y) / 2
    loss.backward()
    if step % 2:
        {first}
        {second}
"""
CLOSURE = """
opt = torch.optim.LBFGS(net.parameters())
def closure():
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    return loss

for step in range(3):
    opt.step(closure)
"""
PLAYERS = """
judge = nn.Linear(1, 1)
opt_judge = torch.optim.SGD(judge.parameters(), lr=0.1)
for step in range(4):
    fake = net(x)
    opt.zero_grad()
    F.softplus(-judge(fake)).mean().backward()
    opt.step()
    opt_judge.zero_grad()
    (F.softplus(-judge(y)).mean() + F.softplus(judge(fake.detach())).mean()).backward()
    opt_judge.step()
"""
WARM = """
slow = nn.Linear(1, 1)
opt_slow = torch.optim.SGD(slow.parameters(), lr=0.1)
for step in range(20):
    loss = F.mse_loss(slow(net(x)), y)
    opt.zero_grad()
    opt_slow.zero_grad()
    loss.backward()
    if step < 6:
        opt_slow.zero_grad()
    opt.step()
    opt_slow.step()
"""

FIXED = {
    "between the gradient and the step": (HEAD + LOOP + LOSS + TAKE + CLEAR + STEP, [CLEAR + TAKE + STEP]),
    "by the model": (
        HEAD + LOOP + LOSS + TAKE + "    net.zero_grad()\n" + STEP,
        ["    net.zero_grad()\n" + TAKE + STEP],
    ),
    "a second time": (HEAD + LOOP + CLEAR + LOSS + TAKE + CLEAR + STEP, [CLEAR + LOSS + TAKE + STEP]),
    "a step before the gradient": (HEAD + LOOP + LOSS + CLEAR + STEP + TAKE, [LOSS + CLEAR + TAKE + STEP]),
    "a step at the start": (HEAD + LOOP + STEP + LOSS + TAKE + CLEAR, [LOSS + TAKE + STEP + CLEAR]),
    "in functions of its own": (
        HEAD + HELPERS + LOOP + LOSS + "    learn(opt, loss)\n",
        ["    reset(optimizer)\n    loss.backward()\n    optimizer.step()\n"],
    ),
    "for several optimizers": (
        HEAD + SEVERAL.format(first="each.zero_grad()", second="each.step()"),
        ["        each.step()\n        each.zero_grad()\n"],
    ),
    "with a scaler, and a comment": (
        HEAD + SCALED,
        [
            "    # forget what the last batch left\n    opt.zero_grad(set_to_none=False)\n"
            "    scaler.scale(loss).backward()\n"
        ],
    ),
    "every other step": (
        HEAD + EVERY_OTHER.format(first="opt.zero_grad()", second="opt.step()"),
        ["        opt.step()\n        opt.zero_grad()\n"],
    ),
}
RIGHT = {
    "before the gradient": HEAD + LOOP + LOSS + CLEAR + TAKE + STEP,
    "before the value": HEAD + LOOP + CLEAR + LOSS + TAKE + STEP,
    "behind the step": HEAD + LOOP + LOSS + TAKE + STEP + CLEAR,
    "by the model, behind the step": HEAD + LOOP + LOSS + TAKE + STEP + "    net.zero_grad()\n",
    "a step before all others": HEAD + "opt.step()\n" + LOOP + CLEAR + LOSS + TAKE + STEP,
    "every other step": HEAD + EVERY_OTHER.format(first="opt.step()", second="opt.zero_grad()"),
    "in a closure": HEAD + CLOSURE,
    "of the other player": HEAD + PLAYERS,
    "a part that learns later": HEAD + WARM,
    "for several optimizers": HEAD + SEVERAL.format(first="each.step()", second="each.zero_grad()"),
}
