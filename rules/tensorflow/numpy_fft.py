"""numpy.fft in TensorFlow, which transforms the last axes, and real numbers only with `rfft`."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.fft"


def fft(a, n=None, axis=-1, norm=None):
    if n is not None or axis != -1 or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.fft(a)


def fft__of_real(a, n=None, axis=-1, norm=None):
    if n is not None or axis != -1 or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.fft(tf.complex(a, tf.zeros_like(a)))


def ifft(a, n=None, axis=-1, norm=None):
    if n is not None or axis != -1 or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.ifft(a)


def ifft__of_real(a, n=None, axis=-1, norm=None):
    if n is not None or axis != -1 or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.ifft(tf.complex(a, tf.zeros_like(a)))


def rfft(a, n=None, axis=-1, norm=None):
    if axis != -1 or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    if n is not None:
        return tf.signal.rfft(a[..., :n], fft_length=[n])
    return tf.signal.rfft(a)


def irfft(a, n=None, axis=-1, norm=None):
    if axis != -1 or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    if n is not None:
        return tf.signal.irfft(a[..., : n // 2 + 1], fft_length=[n])
    return tf.signal.irfft(a)


def fft2(a, s=None, axes=(-2, -1), norm=None):
    if s is not None or axes != (-2, -1) or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.fft2d(a)


def fft2__of_real(a, s=None, axes=(-2, -1), norm=None):
    if s is not None or axes != (-2, -1) or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.fft2d(tf.complex(a, tf.zeros_like(a)))


def ifft2(a, s=None, axes=(-2, -1), norm=None):
    if s is not None or axes != (-2, -1) or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.ifft2d(a)


def ifft2__of_real(a, s=None, axes=(-2, -1), norm=None):
    if s is not None or axes != (-2, -1) or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.ifft2d(tf.complex(a, tf.zeros_like(a)))


def rfft2(a, s=None, axes=(-2, -1), norm=None):
    if s is not None or axes != (-2, -1) or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.rfft2d(a)


def irfft2(a, s=None, axes=(-2, -1), norm=None):
    if s is not None or axes != (-2, -1) or norm is not None:
        raise NotImplementedError("tf.signal transforms whole last axes, without a norm")
    return tf.signal.irfft2d(a)


def fftshift(x, axes=None):
    return tf.signal.fftshift(x, axes=axes)


def ifftshift(x, axes=None):
    return tf.signal.ifftshift(x, axes=axes)


def fftfreq(n, d=1.0):
    raise NotImplementedError("made of plain numbers, it carries no gradient: it may stay NumPy")


rfftfreq = fftfreq
