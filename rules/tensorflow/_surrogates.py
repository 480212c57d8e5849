"""Surrogates in TensorFlow: what takes the place of an operation without a gradient, with another value.

As the temperature falls, each tends to what it stands for, wherever no two scores and no threshold are met exactly. The
straight-through ones have its value, and the gradient of the identity.
"""

from __future__ import annotations

import tensorflow as tf


def soft_argmax(x, axis=0, temperature=1.0):
    """The expected index under softmax(x / temperature): argmax as the temperature falls (Kendall et al. 2017)."""
    if axis is None:
        x, axis = tf.reshape(x, [-1]), 0
    probability = tf.nn.softmax(x / temperature, axis)
    index = tf.cumsum(tf.ones_like(probability), axis, exclusive=True)
    return tf.reduce_sum(probability * index, axis)


def label_probability(x, labels, axis=-1, temperature=1.0):
    """The probability of each label under softmax(x / temperature): argmax == label as the temperature falls."""
    probability = tf.nn.softmax(x / temperature, axis)
    labels = tf.broadcast_to(tf.cast(labels, tf.int32), tf.shape(tf.argmax(x, axis)))
    return tf.reduce_sum(probability * tf.one_hot(labels, tf.shape(x)[axis], axis=axis, dtype=x.dtype), axis)


def soft_choice(table, x, axis=-1, temperature=1.0):
    """The mean of the rows of a table under softmax(x / temperature): table[argmax] as the temperature falls."""
    return tf.tensordot(tf.nn.softmax(x / temperature, axis), tf.cast(table, x.dtype), [[axis], [0]])


def soft_step(x, temperature=1.0):
    """The logistic function of x / temperature: 1 where x > 0 and 0 where x < 0, as the temperature falls."""
    return tf.sigmoid(x / temperature)


def soft_sign(x, temperature=1.0):
    """The hyperbolic tangent of x / temperature: the sign of x as the temperature falls."""
    return tf.tanh(x / temperature)


def soft_equal(a, b, temperature=1.0):
    """1 where a and b are less than a half apart, else 0, as the temperature falls: a == b for whole numbers."""
    return tf.sigmoid((0.5 - tf.abs(a - b)) / temperature)


def soft_rank(x, descending=False, temperature=1.0):
    """How many others are less along the last axis, from 0: a logistic function counts each pair (Qin et al. 2010)."""
    larger = tf.sigmoid((x[..., :, tf.newaxis] - x[..., tf.newaxis, :]) / temperature)
    rank = tf.reduce_sum(larger, -1) - 0.5
    return tf.cast(tf.shape(x)[-1] - 1, x.dtype) - rank if descending else rank


def both(a, b):
    """The probability that both of two independent events occur."""
    kind = a.dtype if a.dtype.is_floating else b.dtype
    return tf.cast(a, kind) * tf.cast(b, kind)


def either(a, b):
    """The probability that one of two independent events occurs, or both."""
    kind = a.dtype if a.dtype.is_floating else b.dtype
    a, b = tf.cast(a, kind), tf.cast(b, kind)
    return a + b - a * b


def agreement(a, b):
    """The probability that two independent events both occur, or none of them does."""
    a, b = tf.convert_to_tensor(a), tf.convert_to_tensor(b)
    kind = a.dtype if a.dtype.is_floating else b.dtype
    a, b = tf.cast(a, kind), tf.cast(b, kind)
    return a * b + (1 - a) * (1 - b)


def blend(weight, a, b):
    """a and b, weighted."""
    return weight * tf.cast(a, weight.dtype) + (1 - weight) * tf.cast(b, weight.dtype)


def straight_through_round(x):
    """The rounded values with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + tf.stop_gradient(tf.round(x) - x)


def straight_through_floor(x):
    """The values rounded down with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + tf.stop_gradient(tf.floor(x) - x)


def straight_through_ceil(x):
    """The values rounded up with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + tf.stop_gradient(tf.math.ceil(x) - x)


def straight_through_trunc(x):
    """The values rounded towards zero with the gradient of x (the straight-through estimator, Bengio et al. 2013)."""
    return x + tf.stop_gradient(tf.sign(x) * tf.floor(tf.abs(x)) - x)
