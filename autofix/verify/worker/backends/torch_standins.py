"""What a stand-in for a model computes in PyTorch."""

from __future__ import annotations

from typing import Any

from ..standins import wave

HIDDEN = 3


class StandInBackend:
    """The part of the backend that stand-ins ask."""

    torch: Any
    tensor_type: Any

    def is_fed(self, value: Any) -> bool:
        return isinstance(value, self.tensor_type)

    def moved_by(self, free: Any, fed: list[Any], kind: str, salt: int) -> Any:
        """The free tensor, row by row moved by what the model is fed with, in the range of its kind."""
        torch = self.torch
        hidden = None
        for number, one in enumerate(fed):
            rows = one.to(free.dtype).reshape(one.shape[0] if one.dim() else 1, -1)
            if rows.shape[1] == 0:
                continue
            found = torch.sin(rows @ free.new_tensor(wave(rows.shape[1], HIDDEN, salt + number)) + 0.3 * number)
            same = hidden is None or hidden.shape[0] == found.shape[0]
            hidden = found if hidden is None else hidden + (found if same else found.mean(0, keepdim=True))
        if hidden is None:
            return ranged(torch, free, kind)
        if free.dim() == 0:
            moved = free + (0.2 + 0.1 * free) * hidden.mean()
            return ranged(torch, moved, kind)
        chosen = free if hidden.shape[0] == free.shape[0] else free[torch.arange(hidden.shape[0]) % free.shape[0]]
        width = free[0].numel()
        shift = (hidden @ free.new_tensor(wave(HIDDEN, width, salt + 7))).reshape(chosen.shape)
        return ranged(torch, chosen + (1.0 + 0.5 * chosen) * shift, kind)

    def distance(self, fed: list[Any]) -> Any:
        """What a criterion says of what it is given: a smooth mean that moves with each of its arguments."""
        first, rest = fed[0], fed[1:]
        total = (first * first).mean()
        for one in rest:
            other = one.to(first.dtype)
            total = total + ((first - other) ** 2).mean() if other.shape == first.shape else total * other.mean().cos()
        return total


def ranged(torch: Any, value: Any, kind: str) -> Any:
    if kind == "unit":
        return torch.sigmoid(value)
    if kind == "simplex":
        return torch.softmax(value, dim=-1)
    if kind == "positive":
        return torch.nn.functional.softplus(value) + 0.1
    return -torch.nn.functional.softplus(value) if kind == "negative" else value
