"""The normal distribution of scipy.stats in keras.ops."""

from __future__ import annotations

import math

from autofix.rules.keras._density import _standard
from keras import ops

FOR = "scipy.stats.norm"


def cdf(x, loc=0, scale=1):
    return ops.erfc(-_standard(x, loc, scale) / math.sqrt(2)) / 2


def sf(x, loc=0, scale=1):
    return ops.erfc(_standard(x, loc, scale) / math.sqrt(2)) / 2


def logcdf(x, loc=0, scale=1):
    return ops.log(ops.erfc(-_standard(x, loc, scale) / math.sqrt(2)) / 2)


def logsf(x, loc=0, scale=1):
    return ops.log(ops.erfc(_standard(x, loc, scale) / math.sqrt(2)) / 2)


def ppf(q, loc=0, scale=1):
    return math.sqrt(2) * ops.erfinv(2 * q - 1) * scale + loc


def pdf(x, loc=0, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return ops.exp(-ops.square(_standard(x, loc, scale)) / 2) / math.sqrt(2 * math.pi)
    return ops.exp(-ops.square(_standard(x, loc, scale)) / 2) / (scale * math.sqrt(2 * math.pi))


def logpdf(x, loc=0, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return -ops.square(_standard(x, loc, scale)) / 2 - math.log(2 * math.pi) / 2
    if isinstance(scale, (int, float)):
        return -ops.square(_standard(x, loc, scale)) / 2 - math.log(scale * math.sqrt(2 * math.pi))
    return -ops.square(_standard(x, loc, scale)) / 2 - ops.log(scale * math.sqrt(2 * math.pi))
