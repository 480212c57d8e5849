"""Asks autofix.check about losses of TensorFlow and Keras and prints what it says, one JSON object."""

from __future__ import annotations

import json

import keras
import numpy as np
import tensorflow as tf

import autofix


def mae(y_true, y_pred):
    return tf.constant(np.mean(np.abs(y_true.numpy() - y_pred.numpy())))


def right(y_true, y_pred):
    return tf.reduce_mean(tf.abs(y_true - y_pred))


def plain(y_true, y_pred):
    return np.mean(np.abs(y_true - y_pred))


def hidden(y_true, y_pred):
    convert = {"mean": np.mean}
    print("", end=str(float(tf.reduce_mean(y_pred)))[:0])
    squared = tf.square(y_true - y_pred)
    return tf.constant(getattr(squared, "num" + "py")().mean()) + 0 * len(convert)


class Quantile(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return tf.convert_to_tensor(np.maximum(0.9 * (y_true - y_pred).numpy(), 0.1 * (y_pred - y_true).numpy()))


def said(loss, **tensors):
    found = autofix.check(loss, **tensors)
    codes = [finding.code for finding in found.findings]
    shown = {"codes": codes, "diff": found.diff, "error": found.error}
    shown["places"] = [(place.code, place.sites[0].expression, place.sites[0].function) for place in found.places]
    return {"flows": found.flows, "gradients": dict(found.gradients), **shown}


def main():
    tensors = {"y_true": tf.constant([0.3, 0.2, 0.9]), "y_pred": tf.constant([0.1, 0.7, 0.4])}
    print(
        json.dumps(
            {
                "mae": said(mae, **tensors),
                "right": said(right, **tensors),
                "plain": said(plain, **tensors),
                "hidden": said(hidden, **tensors),
                "Quantile": said(Quantile(), **tensors),
                "keras": said(keras.losses.MeanSquaredError(), **tensors),
            }
        )
    )


if __name__ == "__main__":
    main()
