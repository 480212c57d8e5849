"""What a stand-in for a model computes in TensorFlow, eagerly and traced with an unknown batch size.

TensorFlow, as the worker needs it: tensors from plain numbers, values and gradients back to plain numbers.

Nothing here runs an operation before `prepare`: one operation in the worker is enough to hang its children.
"""

from __future__ import annotations

import contextlib
import importlib
import math
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable

from ..draw import Array, together
from ..numerics import Leaf, LeafGradients, first_of, weights
from ..protocol import type_in_words
from ..standins import wave
from .base import Backend as Base
from .base import Call, Generator, Norms
from .tensorflow_program import ProgramBackend
from .tensorflow_provenance import TracingBackend
from .tensorflow_steps import StepBackend

HIDDEN = 3
OF_CONSTANTS = frozenset("constant Variable convert_to_tensor".split())
FILLED_FROM_SEVERAL = frozenset("linspace one_hot".split())
FILLED = FILLED_FROM_SEVERAL | frozenset("zeros ones eye uniform normal".split())
"""What chooses float32 unless it is given a type: what is made of constants, filled or drawn."""


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


OLDEST = (2, 8)
"""The oldest version whose functions the backend can use."""
FIRST_WITH_KERAS_3 = (2, 16)


def _in_one_batch(model: Any, x: Any, *arguments: Any, **named: Any) -> Any:
    """Do what `model.predict` does, at once: its loop over batches waits for threads that no child of a fork has."""
    answer = model(x, training=False)
    return answer.numpy() if hasattr(answer, "numpy") else [each.numpy() for each in answer]


class Backend(ProgramBackend, StepBackend, TracingBackend, StandInBackend, Base):
    """References to everything that judges are taken here, before any user code is run."""

    name = "tensorflow"
    needs_scalar = False
    array_ways = ("arrays",)
    memory = 4 << 30
    checks_graph = True
    checks_device = False

    def __init__(self) -> None:
        self.tf: Any = importlib.import_module("tensorflow")
        self.numpy = importlib.import_module("numpy")
        self.version = self.tf.__version__
        self.framework = self.tf
        self.wider_names: dict[str, str] = {}
        numbers = tuple(int(part) for part in self.version.split(".")[:2])
        self.casts_labels = numbers >= FIRST_WITH_KERAS_3
        self.tape_type = self.tf.GradientTape
        self.tape_gradient = self.tf.GradientTape.gradient
        self.function = self.tf.function
        self.convert = importlib.import_module("tensorflow.python.autograph.impl.api").convert
        self.ag_ctx = importlib.import_module("tensorflow.python.autograph.core.ag_ctx")
        self.make = self.tf.constant
        self.is_tensor = self.tf.is_tensor
        self.module_base: type = object
        self.seed: int | None = None
        self.dtypes = {
            "double": self.tf.float64,
            "wide": self.tf.float64,
            "single": self.tf.float32,
            "float16": self.tf.float16,
            "bfloat16": self.tf.bfloat16,
        }
        self.load_kernels()

    def load_kernels(self) -> None:
        """Look for kernels to load, once for all children: TensorFlow then reads `/proc/self`, or aborts.

        A child cannot: the jail in which the worker was born has only the worker's own part of `/proc`.
        """
        importlib.import_module("tensorflow.python.framework.kernels").get_registered_kernels_for_op("NoOp")

    def prepare(self) -> None:
        self.tf.config.run_functions_eagerly(True)
        seeds = importlib.import_module("tensorflow.python.framework.random_seed")
        get_seed = seeds.get_seed

        def noted(op_seed: Any) -> Any:
            self.seed = None
            return get_seed(op_seed)

        seeds.__dict__["get_seed"] = noted
        keras = sys.modules.get("keras")
        if keras is not None:
            keras.Model.predict = _in_one_batch

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
            name = "float64" if precision in ("double", "wide") else "float32"
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

    def generators(self) -> list[Generator]:
        """Their state cannot be read."""
        return []

    def makes_single(self, name: str, count: int, has_float: bool) -> bool:
        if name in OF_CONSTANTS:
            return count == 1 and has_float
        return name in FILLED and (count == 1 or name in FILLED_FROM_SEVERAL)

    def tensor(self, array: Array, precision: str) -> Any:
        dtypes = {"int": self.tf.int64, "int32": self.tf.int32, "bool": self.tf.bool}
        dtype = dtypes.get(array.type, self.dtypes[precision])
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
        if not (value.dtype.is_floating or value.dtype.is_integer or value.dtype.is_bool):
            return None
        bits = value.dtype.size * 8 if value.dtype.is_floating else 64
        array = self.numpy.asarray(self.tf.cast(value, self.tf.float64) if bits < 32 else value)
        return Leaf(tuple(array.astype(self.numpy.float64).reshape(-1).tolist()), tuple(array.shape), bits)

    def evaluate(self, call: Call, arrays: list[Array], precision: str, recorded: Sequence[int] = ()) -> Any:
        return call([self.tensor(array, precision) for array in arrays])

    def evaluate_watching(self, call: Call, arrays: list[Array], precision: str) -> tuple[Any, list[int]]:
        """The result outside every tape; a tensor cannot be changed in place."""
        return self.evaluate(call, arrays, precision), []

    def differentiate(
        self, call: Call, arrays: list[Array], wanted: list[int], precision: str, parameters: Sequence[Any] = (),
        recorded: Sequence[int] = (),
    ) -> tuple[Any, LeafGradients]:  # fmt: skip
        """The result, and the gradient of its first tensor with respect to the wanted arrays and the parameters."""
        return self.taped(call, [self.tensor(array, precision) for array in arrays], wanted, parameters)

    def taped(
        self, call: Call, tensors: list[Any], wanted: list[int], parameters: Sequence[Any] = ()
    ) -> tuple[Any, LeafGradients]:
        sources = [*(tensors[index] for index in wanted), *parameters]
        tape = self.tape_type(watch_accessed_variables=False)
        with tape:
            for source in sources:
                tape.watch(source)
            result = call(tensors)
            first = first_of(result)
            if not self.is_tensor(first) or not first.dtype.is_floating:
                return result, [None] * len(sources)
            flat = self.tf.reshape(first, [-1])
            shares = self.make(weights(flat.shape[0] or 0), dtype=flat.dtype)
            objective = self.tf.reduce_sum(flat * shares)
        found = self.tape_gradient(tape, objective, sources)
        return result, [None if one is None else self.flat_numbers(one) for one in found]

    def recorded(self, loss: Callable[..., Any], tensors: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, Norms]:
        tf = self.tf
        copies = [tf.identity(tensors[name]) for name in names]
        with self.tape_type() as tape:
            tape.watch(copies)
            value = loss(**{**tensors, **dict(together(names, copies))})

        def norms() -> list[float | None]:
            if not tf.is_tensor(value):
                raise TypeError(f"the loss returns {type_in_words(value)}, which has no gradient")
            found = self.tape_gradient(tape, value, copies)
            return [None if one is None else float(tf.norm(one)) for one in found]

        return value, norms

    def flat_numbers(self, gradient: Any) -> list[float]:
        array = self.numpy.asarray(self.tf.convert_to_tensor(gradient)).astype(self.numpy.float64)
        return [float(value) for value in array.reshape(-1)]

    def converted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function as `tf.function` converts it, so that our own code around it need not be converted each time."""
        enabled = self.ag_ctx.ControlStatusCtx(status=self.ag_ctx.Status.ENABLED)
        convert = self.convert(recursive=True, user_requested=False, conversion_ctx=enabled)
        return convert(function)  # type: ignore[no-any-return]

    def graph(
        self, call: Call, points: list[list[Array]], wanted: list[int], precision: str
    ) -> list[tuple[Any, LeafGradients]]:
        """The same inside tf.function, traced once with an unknown batch size, for each of the points.

        What is called is to be `converted` where the user's code begins.
        """
        at_points = [[self.tensor(array, precision) for array in arrays] for arrays in points]
        specifications = [
            self.tf.TensorSpec([None, *one.shape[1:]] if one.shape.rank else [], one.dtype) for one in at_points[0]
        ]
        self.tf.config.run_functions_eagerly(False)
        try:
            traced = self.function(
                lambda *tensors: call(list(tensors)), input_signature=specifications, autograph=False
            )
            return [self.taped(lambda tensors: traced(*tensors), tensors, wanted) for tensors in at_points]
        finally:
            self.tf.config.run_functions_eagerly(True)

    def parameters(self, value: Any) -> list[tuple[str, Any]] | None:
        """The trainable variables of a layer, or a variable itself; None for what is neither."""
        if isinstance(value, self.tf.Variable):
            return [("", value)] if value.trainable else []
        if isinstance(value, self.tf.Module):
            return [(f"/{one.name}", one) for one in value.trainable_variables]
        if any(kind.__module__.startswith("keras.") and kind.__name__ == "Layer" for kind in type(value).__mro__):
            return [(f"/{one.name}", one.value) for one in value.trainable_variables]
        return [] if self.is_tensor(value) else None

    def count(self, parameter: Any) -> int:
        return int(self.numpy.prod(parameter.shape)) if parameter.dtype.is_floating else 0

    def array_of(self, parameter: Any) -> Array:
        values = self.numpy.asarray(parameter, dtype=self.numpy.float64)
        return Array(tuple(values.shape), tuple(values.reshape(-1).tolist()))

    def assign(self, parameter: Any, array: Array) -> None:
        values = self.numpy.array(array.values, dtype=parameter.dtype.as_numpy_dtype)
        parameter.assign(values.reshape(array.shape))

    @contextlib.contextmanager
    def uncut(self) -> Iterator[None]:
        """`stop_gradient` does nothing in here."""
        stop = self.tf.stop_gradient
        self.tf.stop_gradient = lambda value, name=None: value
        try:
            yield
        finally:
            self.tf.stop_gradient = stop
