"""numpy.fft in PyTorch."""

from __future__ import annotations

import torch

FOR = "numpy.fft"


def fft(a, n=None, axis=-1, norm=None):
    return torch.fft.fft(a, n=n, dim=axis, norm=norm)


def ifft(a, n=None, axis=-1, norm=None):
    return torch.fft.ifft(a, n=n, dim=axis, norm=norm)


def rfft(a, n=None, axis=-1, norm=None):
    return torch.fft.rfft(a, n=n, dim=axis, norm=norm)


def irfft(a, n=None, axis=-1, norm=None):
    return torch.fft.irfft(a, n=n, dim=axis, norm=norm)


def hfft(a, n=None, axis=-1, norm=None):
    return torch.fft.hfft(a, n=n, dim=axis, norm=norm)


def ihfft(a, n=None, axis=-1, norm=None):
    return torch.fft.ihfft(a, n=n, dim=axis, norm=norm)


def fft2(a, s=None, axes=(-2, -1), norm=None):
    return torch.fft.fft2(a, s=s, dim=axes, norm=norm)


def ifft2(a, s=None, axes=(-2, -1), norm=None):
    return torch.fft.ifft2(a, s=s, dim=axes, norm=norm)


def rfft2(a, s=None, axes=(-2, -1), norm=None):
    return torch.fft.rfft2(a, s=s, dim=axes, norm=norm)


def irfft2(a, s=None, axes=(-2, -1), norm=None):
    return torch.fft.irfft2(a, s=s, dim=axes, norm=norm)


def fftn(a, s=None, axes=None, norm=None):
    return torch.fft.fftn(a, s=s, dim=axes, norm=norm)


def ifftn(a, s=None, axes=None, norm=None):
    return torch.fft.ifftn(a, s=s, dim=axes, norm=norm)


def rfftn(a, s=None, axes=None, norm=None):
    return torch.fft.rfftn(a, s=s, dim=axes, norm=norm)


def irfftn(a, s=None, axes=None, norm=None):
    return torch.fft.irfftn(a, s=s, dim=axes, norm=norm)


def fftshift(x, axes=None):
    return torch.fft.fftshift(x, dim=axes)


def ifftshift(x, axes=None):
    return torch.fft.ifftshift(x, dim=axes)
