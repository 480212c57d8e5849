"""What running a training step needs of TensorFlow: its variables, kept and moved, and stand-ins for arguments."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from ..draw import draw_point
from ..records import Arguments, Specification

_ACTIVATIONS = {"normal": None, "unit": "sigmoid", "simplex": "softmax", "positive": "softplus"}


class StepBackend:
    """The half of the backend that deals with steps; what is declared here is the other half's."""

    tf: Any
    numpy: Any
    dtypes: dict[str, Any]
    tensor: Callable[..., Any]
    is_tensor: Callable[[Any], bool]

    def prepare_steps(self) -> None:
        """Have `predict` take arrays as one batch: ten times faster, and the same values."""
        model = self.tf.keras.Model
        whole = model.predict

        def predict(one: Any, x: Any, *arguments: Any, **named: Any) -> Any:
            at_once = self.is_tensor(x) or isinstance(x, self.numpy.ndarray)
            return one.predict_on_batch(x) if at_once else whole(one, x, *arguments, **named)

        model.predict = predict

    def normalise_labels(self) -> None:
        """Have the cross entropy take labels that sum to one: for others it has no gradient of its value."""
        tf = self.tf
        plain = tf.nn.softmax_cross_entropy_with_logits

        def of_whole(labels: Any, logits: Any, axis: int = -1, name: Any = None) -> Any:
            logits = tf.convert_to_tensor(logits)
            shares = tf.cast(labels, logits.dtype)
            return plain(shares / tf.reduce_sum(shares, axis=axis, keepdims=True), logits, axis, name)

        tf.nn.softmax_cross_entropy_with_logits = of_whole

    def flat(self, structure: Any) -> list[Any]:
        return list(self.tf.nest.flatten(structure))

    def packed(self, structure: Any, parts: list[Any]) -> Any:
        return self.tf.nest.pack_sequence_as(structure, parts)

    def is_variable(self, value: Any) -> bool:
        return isinstance(value, self.tf.Variable) or (hasattr(value, "assign") and hasattr(value, "trainable"))

    def is_float_tensor(self, value: Any) -> bool:
        return not self.is_variable(value) and self.is_tensor(value) and bool(value.dtype.is_floating)

    def size(self, value: Any) -> int:
        return int(self.numpy.size(value.numpy()))

    def bits(self, value: Any) -> int:
        return int(value.numpy().dtype.itemsize) * 8

    def name_of(self, source: Any) -> str:
        return str(getattr(source, "name", "") or "source").partition(":")[0].rpartition("/")[2].lower()

    def moved(self, value: Any, by: list[float]) -> Any:
        """A tensor that is `by` away from another."""
        return value + self.tf.constant(self.numpy.array(by).reshape(value.shape), dtype=value.dtype)

    def move(self, variable: Any, by: list[float]) -> None:
        there = variable.numpy()
        variable.assign(there + self.numpy.array(by).reshape(there.shape).astype(there.dtype))

    def variables(self) -> list[tuple[Any, Any]]:
        """Every variable that there is now, with its value."""
        kept = []
        for each in gc.get_objects():
            if isinstance(each, self.tf.Variable):
                try:
                    kept.append((each, each.numpy()))
                except Exception:  # not initialised, or not held as numbers: nothing that a step could move
                    continue
        return kept

    def restore(self, kept: list[tuple[Any, Any]]) -> None:
        for variable, value in kept:
            variable.assign(value)

    def stand_ins(self, wanted: Arguments, precision: str, namespace: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a step, by what each of them is to stand for."""
        standins = {name: self.stand_in_model(one) for name, one in wanted.items() if one["kind"] == "model"}
        for name, one in wanted.items():
            if one["kind"] == "criterion":
                standins[name] = lambda first, second: self.tf.reduce_mean((first - second) ** 2)
            elif one["kind"] == "value":
                standins[name] = one["value"]
            elif one["kind"] != "model":
                shape = self.shape_for(one, {**namespace, **standins})
                kind = "normal" if one["kind"] in ("input", "variable") else one["kind"]
                described = one.copy()
                described["kind"], described["shape"] = kind, shape
                (array,) = draw_point({name: described}, 0)[0].arrays
                drawn = self.tensor(array, precision)
                standins[name] = self.tf.Variable(drawn) if one["kind"] == "variable" else drawn
        return standins

    def shape_for(self, one: Specification, known: dict[str, Any]) -> list[int]:
        """The shape that a real model asks for, where an input goes into one that says so."""
        shape = list(one["shape"])
        for name in one.get("models", ()):
            asked = getattr(known.get(name), "input_shape", None)
            if isinstance(asked, tuple) and asked and not isinstance(asked[0], (tuple, list)):
                return [shape[0], *(length or 7 for length in asked[1:])]
        return shape

    def stand_in_model(self, one: Specification) -> Any:
        shape = tuple(one["shape"])
        width = int(self.numpy.prod(shape)) if shape else 1
        layers = self.tf.keras.layers
        return self.tf.keras.Sequential(
            [
                layers.Flatten(),
                layers.Dense(5, activation="tanh"),
                layers.Dense(width, activation=_ACTIVATIONS[one["activation"]]),
                layers.Reshape(shape),
            ]
        )
