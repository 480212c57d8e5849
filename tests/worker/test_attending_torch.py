"""What the watch of `autofix run` says of PyTorch programs whose training is wrong, and of their right twins."""

from __future__ import annotations

import pytest

from autofix.observe.attended import Attended, faults_of
from tests.worker.attending import attended

pytestmark = [pytest.mark.torch, pytest.mark.slow]

HEAD = """
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.head = nn.Linear(8, 3)
    def forward(self, x):
        return self.head(self.body(x))
net = Net()
x, y = torch.randn(64, 4), torch.randint(0, 3, (64,))
criterion = nn.CrossEntropyLoss()
"""
ADAM = "opt = torch.optim.Adam(net.parameters(), lr=1e-2)\n"
LOOP = """
for _ in range(8):
    opt.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    opt.step()
"""
WRONG = {
    "batch_norm_alone_is_free": """
for name, p in net.named_parameters():
    p.requires_grad = "body.1" in name
opt = torch.optim.Adam(net.head.parameters(), lr=1e-2)
""" + LOOP,
    "frozen_after_the_optimizer": ADAM + "net.requires_grad_(False)\nx.requires_grad_()\n" + LOOP,
    "optimizer_before_the_model": ADAM + "net = Net()\n" + LOOP,
    "head_before_the_new_head": """
opt = torch.optim.SGD(net.head.parameters(), lr=0.1)
net.head = nn.Linear(8, 3)
""" + LOOP,
    "cleared_before_the_step": ADAM + LOOP.replace("    opt.zero_grad()\n", "").replace(
        "    opt.step()", "    opt.zero_grad()\n    opt.step()"
    ),
    "cleared_to_zero_by_the_model": ADAM + LOOP.replace("    opt.zero_grad()\n", "").replace(
        "    opt.step()", "    net.zero_grad(set_to_none=False)\n    opt.step()"
    ),
    "step_before_backward": ADAM + LOOP.replace("    opt.step()\n", "").replace(
        "    loss.backward()", "    opt.step()\n    loss.backward()"
    ),
    "cleared_by_hand_after": ADAM + LOOP.replace("    opt.zero_grad()\n", "").replace(
        "    opt.step()", "    for p in net.parameters():\n        p.grad = None\n    opt.step()"
    ),
    "no_step": ADAM + LOOP.replace("    opt.step()\n", ""),
    "no_backward": ADAM + LOOP.replace("    loss.backward()\n", ""),
    "indices_in_the_loss": ADAM + LOOP.replace(
        "criterion(net(x), y)", "nn.functional.mse_loss(net(x).argmax(1).float(), y.float()).requires_grad_()"
    ),
    "loss_of_the_labels": ADAM + LOOP.replace("criterion(net(x), y)", "criterion(nn.functional.one_hot(y).float(), y)"),
    "arrays": ADAM + LOOP.replace("criterion(net(x), y)", "torch.tensor(net(x).detach().numpy().mean())"),
    "no_grad": ADAM + LOOP.replace("net(x), y", "out, y").replace(
        "    loss = ", "    with torch.no_grad():\n        out = net(x)\n    loss = "
    ),
    "not_a_number": ADAM + LOOP.replace("criterion(net(x), y)", "(net(x) - net(x).detach()).norm().sqrt()"),
    "all_zero": ADAM + LOOP.replace("criterion(net(x), y)", "0.0 * criterion(net(x), y)"),
}  # fmt: skip
"""Programs that train nothing, and a part of what is to be said of each."""
SAID = {
    "batch_norm_alone_is_free": ("AF309", "`net.body.1.weight`"),
    "frozen_after_the_optimizer": ("AF309", "frozen"),
    "optimizer_before_the_model": ("AF310", "which no optimizer holds"),
    "head_before_the_new_head": ("AF310", "`net.body.0.weight`"),
    "cleared_before_the_step": ("", "cleared in between"),
    "cleared_to_zero_by_the_model": ("", "cleared in between"),
    "step_before_backward": ("", "the step comes before the gradient is taken"),
    "cleared_by_hand_after": ("", "cleared in between"),
    "no_step": ("", "Adam made no step"),
    "no_backward": ("", "no gradient is ever taken"),
    "indices_in_the_loss": ("AF201", "net(x).argmax(1)"),
    "loss_of_the_labels": ("AF310", "not connected to anything that is trained"),
    "arrays": ("AF103", "net(x).detach()"),
    "no_grad": ("AF109", "self.body(x)"),
    "not_a_number": ("", "nan"),
    "all_zero": ("", "exactly zero"),
}
RIGHT = {
    "plain": ADAM + LOOP,
    "frozen_body": "net.body.requires_grad_(False)\nopt = torch.optim.Adam(net.head.parameters())\n" + LOOP,
    "cleared_after_backward_of_another": """
other = Net()
opt, opt2 = torch.optim.Adam(net.parameters()), torch.optim.SGD(other.parameters(), lr=0.1)
for _ in range(8):
    opt.zero_grad()
    criterion(net(x), y).backward()
    opt.step()
    opt2.zero_grad()
    (criterion(other(x), y) - criterion(net(x), y)).backward()
    opt2.step()
""",
    "accumulated": ADAM + """
for i in range(24):
    (criterion(net(x), y) / 8).backward()
    if i % 8 == 7:
        opt.step()
        opt.zero_grad()
""",
    "zeroed_with_zeros_first": ADAM + LOOP.replace("zero_grad()", "zero_grad(set_to_none=False)"),
    "clear_at_the_end": ADAM + LOOP.replace("    opt.zero_grad()\n", "") + "    opt.zero_grad()\n",
    "by_hand": """
for _ in range(8):
    for p, g in zip(net.parameters(), torch.autograd.grad(criterion(net(x), y), list(net.parameters()))):
        p.data -= 0.1 * g
""",
    "target_network": """
target = Net()
target.body.load_state_dict(net.body.state_dict())
""" + ADAM + """
for _ in range(8):
    with torch.no_grad():
        wanted = target(x)
    loss = nn.functional.mse_loss(net(x), wanted)
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item(), loss.detach().numpy())
""",
    "penalty_of_the_gradient": ADAM + """
for _ in range(8):
    z = x.clone().requires_grad_()
    slope, = torch.autograd.grad(net(z).sum(), z, create_graph=True)
    loss = criterion(net(x), y) + slope.pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
""",
    "closure_by_name": """
def closure():
    opt.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    return loss
opt = torch.optim.Adam(net.parameters())
for _ in range(4):
    opt.step(closure=closure)
""",
    "lbfgs": """
opt = torch.optim.LBFGS(net.parameters(), lr=0.1, max_iter=3)
def closure():
    opt.zero_grad()
    loss = criterion(net(x), y)
    loss.backward()
    return loss
for _ in range(4):
    opt.step(closure)
""",
    "critic_and_generator": """
critic = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
made = nn.Linear(2, 4)
of_critic, of_made = torch.optim.Adam(critic.parameters()), torch.optim.Adam(made.parameters())
for i in range(8):
    z = torch.randn(64, 2)
    critic.zero_grad()
    (critic(made(z).detach()).mean() - critic(x).mean()).backward()
    of_critic.step()
    if i % 2:
        of_made.zero_grad()
        (-critic(made(z)).mean()).backward()
        of_made.step()
""",
    "a_long_phase_before_the_other": """
encoder, decoder, head = nn.Linear(4, 3), nn.Linear(3, 4), nn.Linear(3, 1)
first = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
second = torch.optim.Adam(head.parameters())
for made_of, of, optimizer in ((lambda: decoder(encoder(x)), x, first), (lambda: head(encoder(x).detach()), y, second)):
    for _ in range(40):
        optimizer.zero_grad()
        criterion(made_of(), of).backward()
        optimizer.step()
""",
    "low_rank_update": """
a, b = nn.Parameter(torch.randn(4, 2)), nn.Parameter(torch.zeros(2, 4))
net.requires_grad_(False)
opt = torch.optim.AdamW([a, b])
""" + LOOP.replace("net(x)", "net(x + x @ a @ b)"),
    "rows_of_a_table": """
table = nn.Embedding(10, 4, sparse=True)
opt = torch.optim.SparseAdam(list(table.parameters()))
""" + LOOP.replace("net(x)", "net(table(torch.randint(0, 10, (64,))))"),
    "cleared_by_hand_before": ADAM + LOOP.replace(
        "opt.zero_grad()", "[setattr(p, 'grad', None) for p in net.parameters()]"
    ),
    "rewards": ADAM + """
for _ in range(4):
    drawn = torch.distributions.Categorical(logits=net(x))
    action = drawn.sample()
    reward = torch.tensor([float(each) for each in action.numpy()])
    opt.zero_grad()
    (-(drawn.log_prob(action) * reward).mean()).backward()
    opt.step()
""",
    "one_part_in_a_later_step": """
opt = torch.optim.SGD([*net.parameters(), nn.Parameter(torch.zeros(3))], lr=0.1)
""" + LOOP,
}  # fmt: skip


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Attended]:
    programs = {name: HEAD + text for name, text in {**WRONG, **RIGHT}.items()}
    return attended(tmp_path_factory.mktemp("programs"), ["torch"], programs)


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(seen: dict[str, Attended], name: str) -> None:
    faults = faults_of(seen[name])
    code, part = SAID[name]

    assert any(part in each.what and each.code == code for each in faults), faults


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_is_left_alone(seen: dict[str, Attended], name: str) -> None:
    assert faults_of(seen[name]) == ()
    assert not [each for each in seen[name].seen.notes if "the watch ended early" in each]


@pytest.mark.parametrize(("name", "taken"), [("closure_by_name", 2), ("lbfgs", 6)])
def test_what_a_closure_differentiates_is_seen(seen: dict[str, Attended], name: str, taken: int) -> None:
    assert seen[name].differentiated == taken
    assert all(each.trains for each in seen[name].seen.events)
    assert {each.state for each in seen[name].seen.parameters} == {"live"}


def test_the_place_is_that_of_the_call(seen: dict[str, Attended]) -> None:
    [fault] = faults_of(seen["cleared_before_the_step"])

    assert fault.sites[0].expression == "opt.zero_grad()"


def test_parameters_carry_the_names_of_the_program(seen: dict[str, Attended]) -> None:
    names = [each.name for each in seen["plain"].seen.parameters]

    assert names[:2] == ["net.body.0.weight", "net.body.0.bias"]
    assert all(each.norm and each.moved for each in seen["plain"].seen.parameters if each.name != "net.body.0.bias")
