"""NumPy's products of vectors and matrices in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def dot(a, b, out=None):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    assert a.ndim > 0 and b.ndim > 0
    if a.ndim == 1 and b.ndim == 1:
        return torch.dot(a, b)
    if b.ndim <= 2:
        return torch.matmul(a, b)
    return torch.tensordot(a, b, dims=([-1], [-2]))


def matmul(x1, x2):
    return torch.matmul(x1, x2)


def inner(a, b):
    if isinstance(a, (int, float)) or isinstance(b, (int, float)):
        return a * b
    return torch.inner(a, b)


def outer(a, b, out=None):
    if a.ndim == 1 and b.ndim == 1:
        return torch.outer(a, b)
    return torch.outer(a.flatten(), b.flatten())


def vdot(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return torch.vdot(a, b)
    return torch.vdot(a.flatten(), b.flatten())


def tensordot(a, b, axes=2):
    if isinstance(axes, (list, tuple)) and isinstance(axes[0], int):
        return torch.tensordot(a, b, dims=([axes[0]], [axes[1]]))
    return torch.tensordot(a, b, dims=axes)


def einsum(subscripts, *operands, out=None, optimize=False):
    return torch.einsum(subscripts, *operands)


def kron(a, b):
    return torch.kron(a, b)


def vecdot(x1, x2, *, axis=-1):
    return torch.linalg.vecdot(x1, x2, dim=axis)


def matvec(x1, x2):
    if x2.ndim == 1:
        return torch.matmul(x1, x2)
    return torch.matmul(x1, x2[..., None])[..., 0]


def vecmat(x1, x2):
    if x1.ndim == 1:
        return torch.matmul(x1, x2)
    return torch.matmul(x1[..., None, :], x2)[..., 0, :]


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if axisa != -1 or axisb != -1 or axisc != -1:
        raise NotImplementedError("one axis for both vectors and the result: pass axis=")
    if axis is None:
        return torch.linalg.cross(a, b)
    return torch.linalg.cross(a, b, dim=axis)
