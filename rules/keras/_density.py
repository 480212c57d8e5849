"""What densities of scipy.stats are made of; a parameter may be a number or a tensor."""

from __future__ import annotations


def _standard(x, loc=0, scale=1):
    if isinstance(loc, (int, float)) and loc == 0 and isinstance(scale, (int, float)) and scale == 1:
        return x
    if isinstance(scale, (int, float)) and scale == 1:
        return x - loc
    if isinstance(loc, (int, float)) and loc == 0:
        return x / scale
    return (x - loc) / scale
