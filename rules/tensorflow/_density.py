"""What densities of scipy.stats are made of, in TensorFlow; a parameter may be a number or a tensor."""

from __future__ import annotations

import math

import tensorflow as tf


def _standard(x, loc=0, scale=1):
    if isinstance(loc, (int, float)) and loc == 0 and isinstance(scale, (int, float)) and scale == 1:
        return x
    if isinstance(scale, (int, float)) and scale == 1:
        return x - loc
    if isinstance(loc, (int, float)) and loc == 0:
        return x / scale
    return (x - loc) / scale


def _log(x):
    if isinstance(x, (int, float)):
        return math.log(x)
    return tf.math.log(x)


def _lgamma(x):
    if isinstance(x, (int, float)):
        return math.lgamma(x)
    return tf.math.lgamma(x)


def _scaled(logarithm, scale=1):
    if isinstance(scale, (int, float)) and scale == 1:
        return logarithm
    return logarithm - _log(scale)
