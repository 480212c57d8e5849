"""The methods of NumPy's divide in PyTorch."""

from __future__ import annotations

FOR = ("numpy.divide", "numpy.true_divide")


def outer(a, b):
    if a.ndim == 1 and b.ndim == 1:
        return a[:, None] / b
    return a.reshape(a.shape + (1,) * b.ndim) / b


def at(a, indices, b=None):
    raise NotImplementedError("it writes into an array: write the new one with np.where")


def reduceat(array, indices, axis=0):
    raise NotImplementedError("it reduces slices of unequal lengths: write the slices out")
