"""What a stand-in for a model computes in TensorFlow, eagerly and traced with an unknown batch size."""

from __future__ import annotations

import math
from typing import Any

from ..standins import wave

HIDDEN = 3


class StandInBackend:
    """The part of the backend that stand-ins ask."""

    tf: Any
    is_tensor: Any

    def is_fed(self, value: Any) -> bool:
        known = self.is_tensor(value) or (type(value).__module__ == "numpy" and hasattr(value, "shape"))
        return bool(known) or isinstance(value, self.tf.Variable)

    def moved_by(self, free: Any, fed: list[Any], kind: str, salt: int) -> Any:
        """The free tensor, row by row moved by what the model is fed with, in the range of its kind."""
        tf = self.tf
        hidden = None
        for number, one in enumerate(fed):
            width = math.prod(one.shape[1:]) if len(one.shape) else 1
            if not width:
                continue
            rows = tf.reshape(tf.cast(one, free.dtype), [-1, width])
            weights = tf.constant(wave(width, HIDDEN, salt + number), free.dtype)
            found = tf.sin(tf.matmul(rows, weights) + tf.cast(0.3 * number, free.dtype))
            hidden = found if hidden is None else hidden + self.fitted(found, hidden)
        if hidden is None:
            return ranged(tf, free, kind)
        small, large = tf.constant([0.2, 1.0], free.dtype), tf.constant([0.1, 0.5], free.dtype)
        if not len(free.shape):
            return ranged(tf, free + (small[0] + large[0] * free) * tf.reduce_mean(hidden), kind)
        chosen = tf.gather(free, tf.range(tf.shape(hidden)[0]) % tf.shape(free)[0])
        width = math.prod(free.shape[1:])
        shift = tf.matmul(hidden, tf.constant(wave(HIDDEN, width, salt + 7), free.dtype))
        shift = tf.reshape(shift, [-1, *free.shape[1:]])
        return ranged(tf, chosen + (small[1] + large[1] * chosen) * shift, kind)

    def fitted(self, found: Any, hidden: Any) -> Any:
        """Rows of another number are told by their mean."""
        tf = self.tf
        if found.shape[0] is None or hidden.shape[0] is None or found.shape[0] == hidden.shape[0]:
            return found
        return tf.reduce_mean(found, axis=0, keepdims=True)

    def distance(self, fed: list[Any]) -> Any:
        """What a criterion says of what it is given: a smooth mean that moves with each of its arguments."""
        tf = self.tf
        first = next(one for one in fed if one.dtype.is_floating)
        total = tf.reduce_mean(first * first)
        for one in fed:
            if one is first:
                continue
            other = tf.cast(one, first.dtype)
            same = other.shape.rank == first.shape.rank
            term = tf.reduce_mean((first - other) ** 2) if same else tf.cos(tf.reduce_mean(other))
            total = total + term if same else total * term
        return total


def ranged(tf: Any, value: Any, kind: str) -> Any:
    if kind == "unit":
        return tf.sigmoid(value)
    if kind == "simplex":
        return tf.nn.softmax(value)
    if kind == "positive":
        return tf.nn.softplus(value) + tf.cast(0.1, value.dtype)
    return -tf.nn.softplus(value) if kind == "negative" else value
