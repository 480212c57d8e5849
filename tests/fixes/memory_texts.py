"""Programs that keep what they computed in a container, and make tensors of it in another method."""

from __future__ import annotations

import textwrap

_HEAD = """
from collections import deque, namedtuple
from dataclasses import dataclass

import torch
from torch import nn
from torch.distributions import Categorical

Turn = namedtuple("Turn", "log_prob value reward")


@dataclass
class Entry:
    log_prob: torch.Tensor
    value: torch.Tensor
    reward: float


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(3, 16), nn.Tanh())
        self.actor, self.critic = nn.Linear(16, 4), nn.Linear(16, 1)

    def forward(self, obs):
        hidden = self.trunk(obs)
        return torch.log_softmax(self.actor(hidden), -1), self.critic(hidden)


class Agent:
    def __init__(self, policy):
        self.policy = policy
        self.memory = {empty}
        self.opt = torch.optim.Adam(policy.parameters(), lr=1e-2)

    def act(self, obs):
        logits, value = self.policy({batch})
        choice = Categorical(logits=logits)
        action = choice.sample()
        return choice.log_prob(action), value[0], float(int(action) == int(obs.argmax()))

    def collect(self):
        self.memory = {empty}
        for _ in range(12):
            obs = torch.randn(3)
            log_prob, value, reward = self.act(obs)
{keep}

    def train_step(self):
        self.collect()
        with torch.no_grad():
            beyond = self.policy(torch.zeros(1, 3))[1].item()
{read}
        advantage = rewards + 0.1 * beyond - values
        loss = -(log_probs * advantage.detach()).mean() + advantage.pow(2).mean()
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()


torch.manual_seed(3)
agent = Agent(Policy())
for _ in range(4):
    agent.train_step()
"""
_SINGLE, _BATCH = "obs", "obs[None]"


def _program(empty: str, keep: str, read: str, batch: str = _SINGLE) -> str:
    indented = textwrap.indent(textwrap.dedent(read).strip("\n"), " " * 8)
    parts = {"{empty}": empty, "{keep}": textwrap.indent(keep, " " * 12), "{read}": indented, "{batch}": batch}
    text = _HEAD.lstrip("\n")
    for name, part in parts.items():
        text = text.replace(name, part)
    return text


_OF_TUPLES = """
rewards = torch.tensor([t[2] for t in self.memory])
values = torch.stack([t[1] for t in self.memory])
log_probs = torch.tensor([t[0] for t in self.memory], dtype=torch.float)
"""
KEPT = {
    "a list of tuples": (
        _program("[]", "self.memory.append((log_prob, value, reward))", _OF_TUPLES),
        "log_probs = torch.stack([t[0] for t in self.memory]).to(torch.float)",
    ),
    "a deque of dicts": (
        _program(
            "deque(maxlen=12)",
            "self.memory.append({'log_prob': log_prob, 'value': value, 'reward': reward})",
            """
            rewards = torch.tensor([each["reward"] for each in self.memory])
            values = torch.stack([each["value"] for each in self.memory])
            log_probs = torch.FloatTensor([each["log_prob"] for each in self.memory])
            """,
        ),
        'log_probs = torch.stack([each["log_prob"] for each in self.memory])',
    ),
    "named tuples of one element each": (
        _program(
            "[]",
            "self.memory.append(Turn(log_prob, value, reward))",
            """
            batch = Turn(*zip(*self.memory))
            rewards, values = torch.tensor(batch.reward), torch.cat(batch.value)
            log_probs = torch.as_tensor(batch.log_prob)
            """,
            _BATCH,
        ),
        "log_probs = torch.cat(batch.log_prob)",
    ),
    "dataclasses in rows": (
        _program(
            "[]",
            "self.memory.append(Entry(log_prob, value, reward))",
            """
            rewards = torch.tensor([each.reward for each in self.memory])
            values = torch.cat([each.value for each in self.memory])
            log_probs = torch.tensor([[each.log_prob] for each in self.memory]).squeeze(1)
            """,
            _BATCH,
        ),
        "torch.stack([torch.cat(row) for row in [[each.log_prob] for each in self.memory]]).squeeze(1)",
    ),
    "a dict of lists": (
        _program(
            "{'log_prob': [], 'value': [], 'reward': []}",
            "self.memory['log_prob'].append(log_prob.item())\n"
            "self.memory['value'].append(value)\nself.memory['reward'].append(reward)",
            """
            rewards, values = torch.tensor(self.memory["reward"]), torch.stack(self.memory["value"])
            log_probs = torch.tensor(self.memory["log_prob"])
            """,
        ),
        'log_probs = torch.stack(self.memory["log_prob"])',
    ),
}
"""Each with a line of its fix; the advantage stays detached in all of them."""
_OLD = """
rewards = torch.tensor([t[2] for t in self.memory])
values = torch.stack([t[1] for t in self.memory])
log_probs = torch.stack([t[0] for t in self.memory])
"""
RIGHT = {
    "a stack of what is kept": _program("[]", "self.memory.append((log_prob, value, reward))", _OLD),
    "probabilities of before, as numbers": _program(
        "[]",
        "self.memory.append((log_prob, value, reward, log_prob.item()))",
        f"{_OLD}old = torch.tensor([t[3] for t in self.memory])\nlog_probs = (log_probs - old).exp()\n",
    ),
    "a distance to what was kept as numbers": _program(
        "[]",
        "self.memory.append((log_prob, value, reward, log_prob.item()))",
        f"{_OLD}old = torch.tensor([t[3] for t in self.memory])\nrewards = rewards + 0.1 * (old - log_probs).mean()\n",
    ),
}
