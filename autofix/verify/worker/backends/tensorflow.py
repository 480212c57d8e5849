"""TensorFlow, as the worker needs it: tensors from plain numbers, values and gradients back to plain numbers.

Nothing here runs an operation before `prepare`: one operation in the worker is enough to hang its children.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ..draw import Array
from ..numbers import Gradients, Leaf, first_of, weights
from .tensorflow_steps import StepBackend

Call = Callable[[list[Any]], Any]


class Backend(StepBackend):
    """References to everything that judges are taken here, before any user code is run."""

    name = "tensorflow"
    memory = 4 << 30
    checks_graph = True

    def __init__(self) -> None:
        self.tf = importlib.import_module("tensorflow")
        self.numpy = importlib.import_module("numpy")
        self.version = self.tf.__version__
        self.tape_type = self.tf.GradientTape
        self.tape_gradient = self.tf.GradientTape.gradient
        self.function = self.tf.function
        self.make = self.tf.constant
        self.is_tensor = self.tf.is_tensor
        self.module_base: type = object
        self.seed: int | None = None
        self.dtypes = {"double": self.tf.float64, "single": self.tf.float32}

    def prepare(self) -> None:
        self.tf.config.run_functions_eagerly(True)
        seeds = importlib.import_module("tensorflow.python.framework.random_seed")
        get_seed = seeds.get_seed

        def noted(op_seed: Any) -> Any:
            self.seed = None
            return get_seed(op_seed)

        seeds.__dict__["get_seed"] = noted

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Put back the state that a run changes: Keras has its default type, the seed is set before each run."""
        keras = sys.modules.get("keras")
        default = keras.backend.floatx() if keras is not None else ""
        yield
        if keras is not None:
            keras.backend.set_floatx(default)
        self.seed = None

    def small_loss(self, prediction: Any, target: Any) -> Any:
        tf = self.tf
        error = tf.where(target > 0, tf.abs(prediction - target), tf.square(prediction - target))
        likely = tf.exp(tf.nn.log_softmax(prediction)) * tf.math.log(tf.clip_by_value(tf.sigmoid(target), 1e-7, 1.0))
        product = tf.reduce_sum(tf.matmul(prediction, target, transpose_b=True))
        spread = tf.math.reduce_std(target) ** 2 / 2.0
        return tf.sqrt(tf.reduce_mean(error)) + product - tf.reduce_mean(tf.reduce_sum(likely, axis=1)) + spread

    def precision(self, precision: str) -> None:
        keras = sys.modules.get("keras")
        if keras is not None:
            name = "float64" if precision == "double" else "float32"
            keras.backend.set_floatx(name)
            if hasattr(keras, "config"):  # Keras 3 keeps the policy of its first layer otherwise
                keras.config.set_dtype_policy(name)

    def reseed(self, seed: int) -> None:
        random.seed(seed)
        self.numpy.random.seed(seed)
        # Setting it throws every compiled kernel away, so only where a random operation may have moved something.
        if seed != self.seed:
            self.tf.random.set_seed(seed)
            self.seed = seed

    def tensor(self, array: Array, precision: str) -> Any:
        dtype = self.tf.int64 if array.integral else self.dtypes[precision]
        values = self.numpy.array(array.values, dtype=dtype.as_numpy_dtype).reshape(array.shape)
        return self.make(values, dtype=dtype)

    def to_array(self, value: Any) -> Any:
        return value.numpy() if self.is_tensor(value) and hasattr(value, "numpy") else value

    def from_array(self, value: Any) -> Any:
        if not isinstance(value, (self.numpy.ndarray, self.numpy.generic)) or value.dtype.kind not in "fiub":
            return value
        return self.make(value)

    def leaf(self, value: Any) -> Leaf | None:
        if not self.is_tensor(value) and not isinstance(value, self.tf.Variable):
            return None
        array = self.numpy.asarray(value)
        if array.dtype.kind not in "fiub" and array.dtype.name != "bfloat16":
            return None
        bits = array.dtype.itemsize * 8 if value.dtype.is_floating else 64
        return Leaf(tuple(array.astype(self.numpy.float64).reshape(-1).tolist()), tuple(array.shape), bits)

    def evaluate(self, call: Call, arrays: list[Array], precision: str) -> Any:
        return call([self.tensor(array, precision) for array in arrays])

    def differentiate(
        self, call: Call, arrays: list[Array], wanted: list[int], precision: str
    ) -> tuple[Any, Gradients]:
        """The result, and the gradient of its first tensor with respect to the wanted arrays."""
        return self.taped(call, [self.tensor(array, precision) for array in arrays], wanted)

    def taped(self, call: Call, tensors: list[Any], wanted: list[int]) -> tuple[Any, Gradients]:
        sources = [tensors[index] for index in wanted]
        tape = self.tape_type(watch_accessed_variables=False)
        with tape:
            for source in sources:
                tape.watch(source)
            result = call(tensors)
            first = first_of(result)
            if not self.is_tensor(first):
                return result, [None] * len(sources)
            flat = self.tf.reshape(first, [-1])
            shares = self.make(weights(flat.shape[0] or 0), dtype=flat.dtype)
            objective = self.tf.reduce_sum(flat * shares)
        found = self.tape_gradient(tape, objective, sources)
        return result, [None if one is None else self.flat_numbers(one) for one in found]

    def flat_numbers(self, gradient: Any) -> list[float]:
        array = self.numpy.asarray(self.tf.convert_to_tensor(gradient), dtype=self.numpy.float64)
        return [float(value) for value in array.reshape(-1)]

    def graph(self, call: Call, arrays: list[Array], wanted: list[int], precision: str) -> tuple[Any, Gradients]:
        """The same inside tf.function, traced with an unknown batch size."""
        tensors = [self.tensor(array, precision) for array in arrays]
        specifications = [
            self.tf.TensorSpec([None, *one.shape[1:]] if one.shape.rank else [], one.dtype) for one in tensors
        ]
        self.tf.config.run_functions_eagerly(False)
        try:
            traced = self.function(lambda *given: call(list(given)), input_signature=specifications)
            return self.taped(lambda given: traced(*given), tensors, wanted)
        finally:
            self.tf.config.run_functions_eagerly(True)
