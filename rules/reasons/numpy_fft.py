"""numpy.fft: what is made of plain numbers."""

from __future__ import annotations

FOR = "numpy.fft"


def fftfreq(n, d=1.0):
    raise NotImplementedError("made of plain numbers, it carries no gradient: it may stay NumPy")


rfftfreq = fftfreq
