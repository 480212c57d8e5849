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


def uniform_filter(input, size=3, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain mean of neighbours, mirrored at the edges")
    if isinstance(size, (list, tuple)):
        raise NotImplementedError("one size for all axes: filter axis by axis with uniform_filter1d")
    return _averaged(input, size)


def _averaged(input, size):
    for axis in range(input.ndim):
        input = _along(input, [1 / size] * size, axis)
    return input


def uniform_filter1d(input, size, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    if output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain mean of neighbours, mirrored at the edges")
    return _along(input, [1 / size] * size, axis)


def sobel(input, axis=-1, output=None, mode="reflect", cval=0.0):
    if output is not None or mode != "reflect":
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _slope(input, axis, [1, 2, 1])


def prewitt(input, axis=-1, output=None, mode="reflect", cval=0.0):
    if output is not None or mode != "reflect":
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _slope(input, axis, [1, 1, 1])


def _slope(input, axis, beside):
    found = _along(input, [-1, 0, 1], axis)
    for other in range(input.ndim):
        if other != axis % input.ndim:
            found = _along(found, beside, other)
    return found


def laplace(input, output=None, mode="reflect", cval=0.0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect":
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _laplace(input)


def _laplace(input):
    return sum(_along(input, [1, -2, 1], axis) for axis in range(input.ndim))


def correlate1d(input, weights, axis=-1, output=None, mode="reflect", cval=0.0, origin=0):
    if output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    return _along(input, weights, axis)


def correlate(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    assert weights.ndim == 2
    return _correlated(input, weights)


def convolve(input, weights, output=None, mode="reflect", cval=0.0, origin=0, *, axes=None):
    if axes is not None or output is not None or mode != "reflect" or origin != 0:
        raise NotImplementedError("only the plain filter, mirrored at the edges")
    assert weights.ndim == 2 and weights.shape[0] % 2 == 1 and weights.shape[1] % 2 == 1
    return _correlated(input, weights.flip(0, 1))


def _correlated(input, weights):
    middle = weights.shape[0] // 2
    rows = [_along(_shifted(input, place - middle), weights[place], -1) for place in range(weights.shape[0])]
    return sum(rows)


def _shifted(input, by):
    size = input.shape[0]
    positions = torch.arange(by, size + by, device=input.device) % (2 * size)
    return input[torch.minimum(positions, 2 * size - 1 - positions)]


def _along(input, weights, axis=-1):
    size, before = input.shape[axis], len(weights) // 2
    positions = torch.arange(-before, size + len(weights) - 1 - before, device=input.device) % (2 * size)
    padded = input.index_select(axis, torch.minimum(positions, 2 * size - 1 - positions))
    return sum(weights[place] * padded.narrow(axis, place, size) for place in range(len(weights)))
