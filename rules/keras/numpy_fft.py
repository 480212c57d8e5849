"""numpy.fft in Keras: `keras.ops` has no complex tensors, but pairs of a real and an imaginary part."""

from __future__ import annotations

FOR = "numpy.fft"


def fft(a):
    raise NotImplementedError("keras.ops has no complex tensors: ops.fft takes and gives a pair of real tensors")


fft2 = fft
fftn = fft
ifft = fft
ifft2 = fft
ifftn = fft
rfft = fft
rfft2 = fft
rfftn = fft
irfft = fft
irfft2 = fft
irfftn = fft
hfft = fft
ihfft = fft
