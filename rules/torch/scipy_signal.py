"""scipy.signal in PyTorch."""

from __future__ import annotations

import torch
from autofix.rules.torch.numpy_signal import _convolve

FOR = "scipy.signal"


def convolve2d(in1, in2, mode="full", boundary="fill", fillvalue=0):
    if boundary != "fill" or fillvalue != 0:
        raise NotImplementedError("only zeros beyond the edges: pad the image first, and pass mode='valid'")
    return _convolve2d(in1, in2, mode)


def _convolve2d(in1, in2, mode="full"):
    rows, columns = in2.shape
    padding = (0, 0) if mode == "valid" else (rows - 1, columns - 1)
    full = torch.nn.functional.conv2d(in1[None, None], in2.flip(0, 1)[None, None], padding=padding)[0, 0]
    if mode != "same":
        return full
    top, left = (rows - 1) // 2, (columns - 1) // 2
    return full[top : top + in1.shape[0], left : left + in1.shape[1]]


def convolve(in1, in2, mode="full", method="auto"):
    if in1.ndim == 1:
        assert in1.shape[0] >= in2.shape[0]
        return _convolve(in1, in2, mode)
    assert in1.ndim == 2
    return _convolve2d(in1, in2, mode)


def fftconvolve(in1, in2, mode="full", axes=None):
    if axes is not None:
        raise NotImplementedError("axes= convolves along some axes only: write it with the fft of the framework")
    if in1.ndim == 1:
        assert in1.shape[0] >= in2.shape[0]
        return _convolve(in1, in2, mode)
    assert in1.ndim == 2
    return _convolve2d(in1, in2, mode)


def correlate(in1, in2, mode="full", method="auto"):
    if in1.ndim == 1:
        assert in1.shape[0] >= in2.shape[0]
        return _convolve(in1, in2.flip(0), mode)
    assert in1.ndim == 2
    return _convolve2d(in1, in2.flip(0, 1), mode)
