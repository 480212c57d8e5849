"""What a Keras model is asked for in NumPy, of a tensor that carries a gradient: the model itself keeps it."""

from __future__ import annotations

FOR = ("Model",)


def predict(model, x, batch_size=None, verbose="auto", steps=None, callbacks=None):
    return model(x)
