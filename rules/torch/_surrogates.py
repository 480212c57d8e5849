"""Surrogates in PyTorch: what takes the place of an operation without a gradient, with another value.

As the temperature falls, each tends to what it stands for, wherever no two scores and no threshold are met exactly. The
straight-through ones have its value, and the gradient of the identity.
"""

from __future__ import annotations

import torch


def soft_argmax(x, dim=None, temperature=1.0):
    """The expected index under softmax(x / temperature): argmax as the temperature falls (Kendall et al. 2017)."""
    if dim is None:
        x, dim = x.reshape(-1), 0
    shape = [-1 if axis == dim % x.ndim else 1 for axis in range(x.ndim)]
    index = torch.arange(x.shape[dim], dtype=x.dtype, device=x.device).reshape(shape)
    return (torch.softmax(x / temperature, dim) * index).sum(dim)


def label_probability(x, labels, dim=-1, temperature=1.0):
    """The probability of each label under softmax(x / temperature): argmax == label as the temperature falls."""
    labels = torch.as_tensor(labels, device=x.device).long()
    keep = labels.ndim == x.ndim
    index = labels.expand(x.argmax(dim, keepdim=keep).shape)
    index = index if keep else index.unsqueeze(dim)
    found = torch.softmax(x / temperature, dim).gather(dim, index.clamp(0, x.shape[dim] - 1))
    found = found * ((index >= 0) & (index < x.shape[dim]))
    return found if keep else found.squeeze(dim)


def soft_choice(table, x, dim=-1, temperature=1.0):
    """The mean of the rows of a table under softmax(x / temperature): table[argmax] as the temperature falls."""
    return torch.tensordot(torch.softmax(x / temperature, dim).movedim(dim, -1), table.to(x.dtype), 1)


def soft_step(x, temperature=1.0):
    """The logistic function of x / temperature: 1 where x > 0 and 0 where x < 0, as the temperature falls."""
    return torch.sigmoid(x / temperature)


def soft_sign(x, temperature=1.0):
    """The hyperbolic tangent of x / temperature: the sign of x as the temperature falls."""
    return torch.tanh(x / temperature)


def soft_equal(a, b, temperature=1.0):
    """1 where a and b are less than a half apart, else 0, as the temperature falls: a == b for whole numbers."""
    return torch.sigmoid((0.5 - torch.abs(a - b)) / temperature)


def soft_rank(x, descending=False, temperature=1.0):
    """How many others are less along the last axis, from 0: a logistic function counts each pair (Qin et al. 2010)."""
    larger = torch.sigmoid((x.unsqueeze(-1) - x.unsqueeze(-2)) / temperature)
    rank = larger.sum(-1) - 0.5
    return x.shape[-1] - 1 - rank if descending else rank


def both(a, b):
    """The probability that both of two independent events occur."""
    return a * b


def either(a, b):
    """The probability that one of two independent events occurs, or both."""
    return a + b - a * b


def agreement(a, b):
    """The probability that two independent events both occur, or none of them does."""
    a, b = torch.as_tensor(a), torch.as_tensor(b)
    kind = a.dtype if a.is_floating_point() else b.dtype
    a, b = a.to(kind), b.to(kind)
    return a * b + (1 - a) * (1 - b)


def blend(weight, a, b):
    """a and b, weighted."""
    return weight * a + (1 - weight) * b


def straight_through_round(x):
    """The rounded values with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + (torch.round(x) - x).detach()


def straight_through_floor(x):
    """The values rounded down with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + (torch.floor(x) - x).detach()


def straight_through_ceil(x):
    """The values rounded up with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + (torch.ceil(x) - x).detach()


def straight_through_trunc(x):
    """The values rounded towards zero with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + (torch.trunc(x) - x).detach()
