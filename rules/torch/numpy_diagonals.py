"""NumPy's diagonals and triangles in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def trace(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    if offset == 0 and axis1 == 0 and axis2 == 1:
        assert a.dim() == 2
        return torch.trace(a)
    return torch.diagonal(a, offset=offset, dim1=axis1, dim2=axis2).sum(dim=-1)


def trace__of_more_axes(a, offset=0, axis1=0, axis2=1, dtype=None, out=None):
    return torch.diagonal(a, offset=offset, dim1=axis1, dim2=axis2).sum(dim=-1)


def diagonal(a, offset=0, axis1=0, axis2=1):
    return torch.diagonal(a, offset=offset, dim1=axis1, dim2=axis2)


def diag(v, k=0):
    return torch.diag(v, diagonal=k)


def tril(m, k=0):
    assert m.ndim >= 2
    return torch.tril(m, diagonal=k)


def triu(m, k=0):
    assert m.ndim >= 2
    return torch.triu(m, diagonal=k)


def diagflat(v, k=0):
    return torch.diagflat(v, offset=k)
