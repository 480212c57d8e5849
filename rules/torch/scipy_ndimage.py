"""scipy.ndimage in PyTorch."""

from __future__ import annotations

import torch

FOR = "scipy.ndimage"


def gaussian_filter(
    input, sigma, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None, axes=None
):
    if axes is not None:
        raise NotImplementedError("axes= leaves some alone: blur axis by axis with gaussian_filter1d")
    if radius is not None:
        raise NotImplementedError("radius= cuts the blur off by elements: pass truncate=")
    if order != 0 or output is not None or mode != "reflect":
        raise NotImplementedError("only the plain blur, mirrored at the edges")
    if isinstance(sigma, (list, tuple)):
        raise NotImplementedError("one sigma for all axes: blur axis by axis with gaussian_filter1d")
    return _gaussian_filter(input, sigma, truncate)


def _gaussian_filter(input, sigma, truncate=4.0):
    for axis in range(input.ndim):
        input = _blurred(input, sigma, axis, truncate)
    return input


def gaussian_filter1d(
    input, sigma, axis=-1, order=0, output=None, mode="reflect", cval=0.0, truncate=4.0, *, radius=None
):
    if radius is not None:
        raise NotImplementedError("radius= cuts the blur off by elements: pass truncate=")
    if order != 0 or output is not None or mode != "reflect":
        raise NotImplementedError("only the plain blur, mirrored at the edges")
    return _blurred(input, sigma, axis, truncate)


def _blurred(input, sigma, axis=-1, truncate=4.0):
    radius = int(truncate * sigma + 0.5)
    offsets = torch.arange(-radius, radius + 1, device=input.device)
    weights = torch.softmax(-((offsets.to(input.dtype) / sigma) ** 2) / 2, dim=0)
    size = input.shape[axis]
    positions = (torch.arange(size, device=input.device)[:, None] + offsets) % (2 * size)
    mirrored = torch.minimum(positions, 2 * size - 1 - positions)
    return (input.movedim(axis, -1)[..., mirrored] @ weights).movedim(-1, axis)
