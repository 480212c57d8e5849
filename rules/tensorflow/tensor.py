"""What takes a tensor of TensorFlow out of the graph: the mended loss keeps the tensor."""

from __future__ import annotations

import tensorflow as tf

FOR = "Tensor"


def numpy(self):
    return self


def item(self):
    assert self.shape.rank == 0
    return self


def item__of_one_element(self):
    return tf.squeeze(self)


def tolist(self):
    raise NotImplementedError("a list of Python numbers has no gradient")
