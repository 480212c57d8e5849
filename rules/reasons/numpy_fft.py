"""numpy.fft: what is made of plain numbers."""

from __future__ import annotations

FOR = "numpy.fft"


def fftfreq(n, d=1.0):
    raise NotImplementedError("it is computed from plain numbers and needs no gradient; NumPy is fine here")


rfftfreq = fftfreq
