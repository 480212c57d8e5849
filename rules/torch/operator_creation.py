"""Arrays of plain numbers that a name holds in turn with values of a prediction. `like` is a tensor of their type."""

from __future__ import annotations

import torch
from autofix.rules.dtypes import floating

FOR = "operator"


def ones(shape, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    return torch.ones(shape, dtype=like.dtype, device=like.device)


def zeros(shape, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    return torch.zeros(shape, dtype=like.dtype, device=like.device)


def full(shape, fill_value, dtype=None, *, like):
    if dtype is not None and not floating(dtype):
        raise NotImplementedError("it holds integers or Booleans, which have no gradient")
    if isinstance(shape, int):
        return torch.full((shape,), fill_value, dtype=like.dtype, device=like.device)
    return torch.full(shape, fill_value, dtype=like.dtype, device=like.device)
