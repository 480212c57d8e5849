"""Trainings whose steps go on from the step before: each is one file."""

from __future__ import annotations

from tests.fixes.program_texts import TORCH_HEAD

HEAD = TORCH_HEAD + """
torch.manual_seed(0)
data = torch.randn(12, 4, 3)
cell, lstm, out = nn.GRUCell(3, 5), nn.LSTM(3, 5), nn.Linear(5, 3)
opt = torch.optim.SGD([*cell.parameters(), *lstm.parameters(), *out.parameters()], lr=0.1)
"""
CELL = """
state = torch.zeros(4, 5)
for start in range(0, 9, 3):
    {start}loss = 0.0
    for t in range(start, start + 3):
        state = cell(data[t], state)
        loss = loss + F.mse_loss(out(state), data[t + 1])
    opt.zero_grad()
    loss.backward({how})
    opt.step()
    print(loss.item())
"""
LSTM = """
hidden = (torch.zeros(1, 4, 5), torch.zeros(1, 4, 5))
for start in range(0, 9, 3):
    {start}predicted, hidden = lstm(data[start : start + 3], hidden)
    loss = F.mse_loss(out(predicted), data[start + 1 : start + 4])
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(loss.item())
"""
MEMORY = """
class Memory(nn.Module):
    def __init__(self):
        super().__init__()
        self.state = torch.zeros(4, 5)

    def forward(self, sequence):
        {start}for each in sequence:
            self.state = cell(each, self.state)
        return out(self.state)

model = Memory()

def step(start):
    loss = F.mse_loss(model(data[start : start + 3]), data[start + 3])
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item()

for start in range(0, 9, 3):
    print(step(start))
"""
AVERAGE = """
level = torch.zeros(())
for step in range(5):
    level = {level}
    loss = F.mse_loss(out(cell(data[step])), data[step + 1]) + 0.1 * level
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
LATER = """
state = torch.zeros(4, 5)
for step in range(4):
    state = torch.zeros(4, 5)
    for t in range(3):
        state = cell(data[t], state)
    loss = F.mse_loss(out(state), data[3])
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
WHOLE = """
state, loss = torch.zeros(4, 5), 0.0
for t in range(11):
    state = cell(data[t], state)
    loss = loss + F.mse_loss(out(state), data[t + 1])
loss.backward()
opt.step()
"""
FIXED = {
    "a state": (HEAD + CELL.format(start="", how=""), ["    state = state.detach()\n    loss = 0.0\n"]),
    "a state whose graph is kept": (
        HEAD + CELL.format(start="", how="retain_graph=True"),
        ["    state = state.detach()\n    loss = 0.0\n"],
    ),
    "a state of two tensors": (
        HEAD + LSTM.format(start=""),
        ["    hidden = tuple(each.detach() for each in hidden)\n    predicted, hidden = lstm("],
    ),
    "a state that a model keeps": (
        HEAD + MEMORY.format(start=""),
        ["        self.state = self.state.detach()\n        for each in sequence:\n"],
    ),
    "an average": (
        HEAD + AVERAGE.format(level="0.9 * level + 0.1 * cell(data[step]).square().mean()"),
        ["    level = level.detach()\n    level = 0.9 * level + "],
    ),
}
RIGHT = {
    "a state that is let go": HEAD + CELL.format(start="state = state.detach()\n    ", how=""),
    "states that are let go": HEAD + LSTM.format(start="hidden = [each.detach() for each in hidden]\n    "),
    "a state that a model lets go": HEAD + MEMORY.format(start="self.state = self.state.detach()\n        "),
    "an average of numbers": HEAD
    + AVERAGE.format(level="0.9 * level + 0.1 * cell(data[step]).square().mean().detach()"),
    "a state of each step": HEAD + LATER,
    "one step of all": HEAD + WHOLE,
}
