"""What rules may ask about a dtype. While rewriting, the questions are answered from the text of the argument."""

from __future__ import annotations

import numpy as np


def numpy_name(dtype):
    """NumPy's name of a dtype of NumPy, PyTorch, TensorFlow or Python: `float32`, `int64`, `bool`."""
    if type(dtype).__module__.startswith(("torch", "tensorflow")):
        return getattr(dtype, "name", str(dtype).rpartition(".")[2])
    return np.dtype(dtype).name


def floating(dtype):
    """Whether a dtype can carry a gradient."""
    return "float" in numpy_name(dtype)


def truths(x):
    """Whether the elements of an array or tensor are truth values; while rewriting, whether the source shows it."""
    return hasattr(x, "dtype") and numpy_name(x.dtype) == "bool"


def integers(x):
    """Whether the elements of an array or tensor are integers; while rewriting, whether the source shows it."""
    return hasattr(x, "dtype") and "int" in numpy_name(x.dtype)
