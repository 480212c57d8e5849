"""NumPy's padding, convolution and finite differences in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy"


def pad(array, pad_width, mode="constant", *, constant_values=0):
    if mode in ("edge", "reflect", "symmetric", "wrap"):
        return _pad_by_index(array, pad_width, mode)
    if mode != "constant":
        raise NotImplementedError("this mode of padding has no counterpart")
    if isinstance(pad_width, int):
        return torch.nn.functional.pad(array, (pad_width, pad_width) * array.ndim, value=constant_values)
    if isinstance(pad_width[0], int):
        return torch.nn.functional.pad(array, (pad_width[0], pad_width[1]) * array.ndim, value=constant_values)
    if len(pad_width) == 1:
        return torch.nn.functional.pad(array, (pad_width[0][0], pad_width[0][1]) * array.ndim, value=constant_values)
    if len(pad_width) == 2:
        return torch.nn.functional.pad(
            array, (pad_width[1][0], pad_width[1][1], pad_width[0][0], pad_width[0][1]), value=constant_values
        )
    return _pad_with_number(array, pad_width, constant_values)


def _pad_with_number(array, pad_width, number=0):
    # PyTorch lists the widths of the last dim first.
    widths = [width for pair in reversed(pad_width) for width in pair]
    return torch.nn.functional.pad(array, widths, value=number)


def _pad_by_index(array, pad_width, mode):
    widths = torch.as_tensor(pad_width).broadcast_to(array.ndim, 2).tolist()
    for dim, (before, after) in enumerate(widths):
        size = array.shape[dim]
        index = torch.arange(-before, size + after, device=array.device)
        if mode == "edge":
            index = index.clamp(0, size - 1)
        elif mode == "wrap":
            index = index % size
        elif mode == "reflect":
            index = torch.minimum(index % (2 * size - 2), -index % (2 * size - 2))
        else:
            index = torch.minimum(index % (2 * size), (-1 - index) % (2 * size))
        array = array.index_select(dim, index)
    return array


def convolve(a, v, mode="full"):
    return _convolve(a, v, mode)


def correlate(a, v, mode="valid"):
    return _convolve(a, v.flip(0), mode)


def _convolve(a, v, mode):
    if len(a) < len(v):
        a, v = v, a
    sums = torch.nn.functional.conv1d(a[None, None], v.flip(0)[None, None], padding=len(v) - 1)[0, 0]
    if mode == "valid":
        return sums[len(v) - 1 : len(a)]
    if mode == "same":
        return sums[(len(v) - 1) // 2 :][: len(a)]
    return sums


def gradient(f, *varargs, axis=None, edge_order=1):
    if edge_order != 1 and axis is None:
        raise NotImplementedError("differences of second order at the ends are supported for one axis only")
    if len(varargs) > 1:
        raise NotImplementedError("only one spacing is supported")
    if axis is None and len(varargs) == 0 and f.ndim == 1:
        return torch.gradient(f)[0]
    if axis is None and len(varargs) == 0:
        return torch.gradient(f)
    if axis is None and isinstance(varargs[0], (int, float)) and f.ndim == 1:
        return torch.gradient(f, spacing=varargs[0])[0]
    if axis is None and isinstance(varargs[0], (int, float)):
        return torch.gradient(f, spacing=varargs[0])
    if axis is None:
        return torch.gradient(f, spacing=(varargs[0],))[0]
    if isinstance(axis, (list, tuple)):
        raise NotImplementedError("one axis at a time")
    if len(varargs) == 0:
        return torch.gradient(f, dim=axis, edge_order=edge_order)[0]
    if isinstance(varargs[0], (int, float)):
        return torch.gradient(f, spacing=varargs[0], dim=axis, edge_order=edge_order)[0]
    return torch.gradient(f, spacing=(varargs[0],), dim=axis, edge_order=edge_order)[0]
