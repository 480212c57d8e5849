"""numpy.fft in TensorFlow, which transforms whole last axes, and real numbers only with `rfft`."""

from __future__ import annotations

import tensorflow as tf

FOR = "numpy.fft"


def fft(a, n=None, axis=-1, norm=None):
    if n is None and axis == -1 and norm is None:
        assert a.dtype.is_complex
        return tf.signal.fft(a)
    return _fft(a, n, axis, norm)


def fft__of_real(a, n=None, axis=-1, norm=None):
    if n is None and axis == -1 and norm is None:
        assert not a.dtype.is_complex
        return tf.signal.fft(tf.complex(a, tf.zeros_like(a)))
    raise NotImplementedError("the general transform takes both real and complex numbers")


def ifft(a, n=None, axis=-1, norm=None):
    if n is None and axis == -1 and norm is None:
        assert a.dtype.is_complex
        return tf.signal.ifft(a)
    return _ifft(a, n, axis, norm)


def ifft__of_real(a, n=None, axis=-1, norm=None):
    if n is None and axis == -1 and norm is None:
        assert not a.dtype.is_complex
        return tf.signal.ifft(tf.complex(a, tf.zeros_like(a)))
    raise NotImplementedError("the general transform takes both real and complex numbers")


def rfft(a, n=None, axis=-1, norm=None):
    if axis != -1 or norm is not None:
        return _rfft(a, n, axis, norm)
    if n is not None:
        return tf.signal.rfft(a[..., :n], fft_length=[n])
    return tf.signal.rfft(a)


def irfft(a, n=None, axis=-1, norm=None):
    if axis != -1 or norm is not None:
        return _irfft(a, n, axis, norm)
    if n is not None:
        return tf.signal.irfft(a[..., : n // 2 + 1], fft_length=[n])
    return tf.signal.irfft(a)


def hfft(a, n=None, axis=-1, norm=None):
    if norm == "ortho":
        return _irfft(tf.math.conj(a), n, axis, norm)
    if norm == "forward":
        return _irfft(tf.math.conj(a), n, axis, None)
    return _irfft(tf.math.conj(a), n, axis, "forward")


def ihfft(a, n=None, axis=-1, norm=None):
    if norm == "ortho":
        return tf.math.conj(_rfft(a, n, axis, norm))
    if norm == "forward":
        return tf.math.conj(_rfft(a, n, axis, None))
    return tf.math.conj(_rfft(a, n, axis, "forward"))


def fft2(a, s=None, axes=(-2, -1), norm=None):
    if s is None and axes == (-2, -1) and norm is None:
        assert a.dtype.is_complex
        return tf.signal.fft2d(a)
    return _fftn(a, s, axes, norm)


def fft2__of_real(a, s=None, axes=(-2, -1), norm=None):
    if s is None and axes == (-2, -1) and norm is None:
        assert not a.dtype.is_complex
        return tf.signal.fft2d(tf.complex(a, tf.zeros_like(a)))
    raise NotImplementedError("the general transform takes both real and complex numbers")


def ifft2(a, s=None, axes=(-2, -1), norm=None):
    if s is None and axes == (-2, -1) and norm is None:
        assert a.dtype.is_complex
        return tf.signal.ifft2d(a)
    return _ifftn(a, s, axes, norm)


def ifft2__of_real(a, s=None, axes=(-2, -1), norm=None):
    if s is None and axes == (-2, -1) and norm is None:
        assert not a.dtype.is_complex
        return tf.signal.ifft2d(tf.complex(a, tf.zeros_like(a)))
    raise NotImplementedError("the general transform takes both real and complex numbers")


def rfft2(a, s=None, axes=(-2, -1), norm=None):
    if s is None and axes == (-2, -1) and norm is None:
        return tf.signal.rfft2d(a)
    return _rfftn(a, s, axes, norm)


def irfft2(a, s=None, axes=(-2, -1), norm=None):
    if s is None and axes == (-2, -1) and norm is None:
        return tf.signal.irfft2d(a)
    return _irfftn(a, s, axes, norm)


def fftn(a, s=None, axes=None, norm=None):
    return _fftn(a, s, axes, norm)


def ifftn(a, s=None, axes=None, norm=None):
    return _ifftn(a, s, axes, norm)


def rfftn(a, s=None, axes=None, norm=None):
    return _rfftn(a, s, axes, norm)


def irfftn(a, s=None, axes=None, norm=None):
    return _irfftn(a, s, axes, norm)


def _fft(a, n=None, axis=-1, norm=None):
    a = a if a.dtype.is_complex else tf.complex(a, tf.zeros_like(a))
    rows = _of_length(tf.experimental.numpy.moveaxis(a, axis, -1), n)
    count = tf.cast(tf.shape(rows)[-1], rows.dtype)
    scale = {None: 1, "backward": 1, "ortho": 1 / tf.sqrt(count), "forward": 1 / count}[norm]
    return tf.experimental.numpy.moveaxis(tf.signal.fft(rows) * scale, -1, axis)


def _ifft(a, n=None, axis=-1, norm=None):
    a = a if a.dtype.is_complex else tf.complex(a, tf.zeros_like(a))
    rows = _of_length(tf.experimental.numpy.moveaxis(a, axis, -1), n)
    count = tf.cast(tf.shape(rows)[-1], rows.dtype)
    scale = {None: 1, "backward": 1, "ortho": tf.sqrt(count), "forward": count}[norm]
    return tf.experimental.numpy.moveaxis(tf.signal.ifft(rows) * scale, -1, axis)


def _rfft(a, n=None, axis=-1, norm=None):
    rows = _of_length(tf.experimental.numpy.moveaxis(a, axis, -1), n)
    transformed = tf.signal.rfft(rows)
    count = tf.cast(tf.shape(rows)[-1], transformed.dtype)
    scale = {None: 1, "backward": 1, "ortho": 1 / tf.sqrt(count), "forward": 1 / count}[norm]
    return tf.experimental.numpy.moveaxis(transformed * scale, -1, axis)


def _irfft(a, n=None, axis=-1, norm=None):
    a = a if a.dtype.is_complex else tf.complex(a, tf.zeros_like(a))
    rows = tf.experimental.numpy.moveaxis(a, axis, -1)
    n = 2 * (tf.shape(rows)[-1] - 1) if n is None else n
    transformed = tf.signal.irfft(_of_length(rows, n // 2 + 1), fft_length=[n])
    count = tf.cast(n, transformed.dtype)
    scale = {None: 1, "backward": 1, "ortho": tf.sqrt(count), "forward": count}[norm]
    return tf.experimental.numpy.moveaxis(transformed * scale, -1, axis)


def _of_length(rows, n=None):
    if n is None:
        return rows
    return tf.pad(rows, [[0, 0]] * (len(rows.shape) - 1) + [[0, n]])[..., :n]


def _fftn(a, s=None, axes=None, norm=None):
    for axis, n in _lengths(a, s, axes):
        a = _fft(a, n, axis, norm)
    return a


def _ifftn(a, s=None, axes=None, norm=None):
    for axis, n in _lengths(a, s, axes):
        a = _ifft(a, n, axis, norm)
    return a


def _rfftn(a, s=None, axes=None, norm=None):
    *others, (last, length) = _lengths(a, s, axes)
    a = _rfft(a, length, last, norm)
    for axis, n in others:
        a = _fft(a, n, axis, norm)
    return a


def _irfftn(a, s=None, axes=None, norm=None):
    *others, (last, length) = _lengths(a, s, axes)
    for axis, n in others:
        a = _ifft(a, n, axis, norm)
    return _irfft(a, length, last, norm)


def _lengths(a, s=None, axes=None):
    rank = len(a.shape) if s is None else len(s)
    axes = range(-rank, 0) if axes is None else axes
    return list(zip(axes, [None] * len(axes) if s is None else s, strict=True))


def fftshift(x, axes=None):
    return tf.signal.fftshift(x, axes=axes)


def ifftshift(x, axes=None):
    return tf.signal.ifftshift(x, axes=axes)
