"""torch.autograd.Variable, which makes a new leaf."""

from __future__ import annotations

FOR = "torch.autograd"


def Variable(data, requires_grad=False):
    return data
