"""TensorFlow's and Keras' part of attending a program in its user's own process.

Graphs stay graphs: what a function is traced with shows which variables have a gradient at all, and what the function
returns shows the loss of each step. Norms are known where a step runs eagerly.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import sys
from collections.abc import Sequence
from typing import Any

from ..attention import Attention, held
from ..draw import together
from ..provenance import user_frames
from ..record import WITHOUT_OPTIMIZER, Event, Trained
from .tensorflow_program import is_variable, own_of

FUNCTION = "tensorflow.python.eager.polymorphic_function.polymorphic_function"
"""After how many steps of one optimizer others are waited for no longer."""


def attend(attention: Attention) -> None:
    """Watch what is imported by now of TensorFlow and Keras; called after each of both."""
    watch = attention.watches.setdefault(__name__, Watch(attention))
    watch.begin()


def hold(attention: Attention, optimizer: Any) -> None:
    """Note an optimizer that was made before."""
    if hasattr(optimizer, "apply_gradients"):
        watch = attention.watches[__name__]
        watch.iterations[id(optimizer)] = int(optimizer.iterations.numpy())
        watch.hold(optimizer)


def name_after(attention: Attention, model: Any) -> None:
    """Keras' variables know their names."""


def is_model(value: Any) -> bool:
    """Is it a model of this framework?"""
    return hasattr(value, "trainable_variables") and callable(value)


def gradients(loss: Any, model: Any, batch: Sequence[Any]) -> list[tuple[str, str]]:
    """The trained variables of a model and what becomes of their gradient; none where the loss has none at all."""
    tf = sys.modules["tensorflow"]
    with tf.GradientTape() as tape:
        value = loss(batch[1], model(batch[0], training=True), *batch[2:]) if len(batch) > 1 else loss(model(batch[0]))
    variables = list(model.trainable_variables)
    found = tape.gradient(value, variables) if tf.is_tensor(value) else [None] * len(variables)
    return [(described(one).name, state_of(tf, gradient)[0]) for one, gradient in together(variables, found)]


def guard(attention: Attention, stop: Any) -> None:
    """Look, at little cost, for the first loss that is not finite."""
    if attention.watches.pop(__name__, None) is None:  # both names of one framework
        return
    function, own = function_class(), function_class().__call__
    steps = [attention.record.steps]

    def called(self: Any, *arguments: Any, **named: Any) -> Any:
        result = own(self, *arguments, **named)
        value = loss_in(result)
        if value is not None:
            steps[0] += 1
            if not math.isfinite(value):
                stop(f"the loss is {value} at step {steps[0]}")
        return result

    function.__call__ = called


class Watch:
    """The optimizers of a program and their variables, and what its tapes differentiate."""

    def __init__(self, attention: Attention) -> None:
        self.attention, self.record = attention, attention.record
        self.kept: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.iterations: dict[int, int] = {}
        self.traced: Event | None = None
        self.depth = 0
        self.resting = False

    def begin(self) -> None:
        tf, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
        if hasattr(tf, "GradientTape") and "tape" not in self.attention.watches:
            self.attention.watches["tape"] = self
            self.watch_tapes(tf)
            self.watch_functions()
        optimizer = getattr(getattr(keras, "optimizers", None), "Optimizer", None)
        if hasattr(optimizer, "apply") and "optimizer" not in self.attention.watches:
            self.attention.watches["optimizer"] = self
            self.watch_optimizers(optimizer)

    def watch_tapes(self, tf: Any) -> None:
        own, note = tf.GradientTape.gradient, self.attention.quietly(self.differentiated)

        def gradient(tape: Any, target: Any, sources: Any, *arguments: Any, **named: Any) -> Any:
            found = own(tape, target, sources, *arguments, **named)
            note(tf, target, sources, found)
            return found

        self.attention.replace(tf.GradientTape, "gradient", gradient)

    def watch_functions(self) -> None:
        function = function_class()
        own, after = function.__call__, self.attention.quietly(self.after_function)

        def called(compiled: Any, *arguments: Any, **named: Any) -> Any:
            self.depth += 1
            try:
                result = own(compiled, *arguments, **named)
            finally:
                self.depth -= 1
            if not self.depth:
                after(result)
            return result

        self.attention.replace(function, "__call__", called)

    def watch_optimizers(self, optimizer: Any) -> None:
        begin, apply = optimizer.__init__, optimizer.apply
        hold, before = self.attention.quietly(self.hold), self.attention.quietly(self.before_step)
        after = self.attention.quietly(self.after_step)

        def begun(self: Any, *arguments: Any, **named: Any) -> None:
            begin(self, *arguments, **named)
            hold(self)

        def applied(self: Any, grads: Any, trainable_variables: Any = None) -> Any:
            grads = list(grads)
            before(self, grads, trainable_variables)
            result = apply(self, grads, trainable_variables)
            after(self)
            return result

        self.attention.replace(optimizer, "__init__", begun)
        self.attention.replace(optimizer, "apply", applied)

    def hold(self, optimizer: Any) -> dict[str, Any]:
        """Note an optimizer; what it holds shows when it is applied."""
        self.kept.append(optimizer)
        return held(self.attention, optimizer)

    def trained(self, variable: Any) -> Trained:
        own = own_of(variable)
        if id(own) not in self.numbers:
            self.numbers[id(own)] = len(self.numbers)
            self.kept.append(own)
            self.record.trained[id(own)] = described(variable)
            self.attention.loose.pop(id(own), None)
        return self.record.trained[id(own)]

    def differentiated(self, tf: Any, target: Any, sources: Any, found: Any) -> None:
        """Note what a tape is asked for, and what came of it."""
        if self.resting:
            return
        flat, gradients = tf.nest.flatten(sources), flat_of(found)
        eager = tf.executing_eagerly()
        value = number_of(tf, target) if eager else None
        live = any(one is not None for one in gradients)
        event = Event("tape", user_frames(), value, live, False, self.record.steps, 0)
        self.traced = None if eager else event
        for one, gradient in together(flat, gradients):
            if is_variable(one) and id(own_of(one)) not in self.numbers:
                entry = self.attention.loose.setdefault(id(own_of(one)), described(one))
                entry.met(*state_of(tf, gradient))
                self.kept.append(own_of(one))
        self.attention.note_event(event, ())
        if not self.record.optimizers and self.attention.differentiated >= WITHOUT_OPTIMIZER * self.record.wanted:
            self.attention.stop()

    def before_step(self, optimizer: Any, gradients: list[Any], variables: Any) -> None:
        """Note what an optimizer gets."""
        tf, entry = sys.modules["tensorflow"], self.hold(optimizer)
        given = list(variables) if variables is not None else list(getattr(optimizer, "_trainable_variables", []))
        for one, gradient in together(given, gradients):
            trained = self.trained(one)
            trained.met(*state_of(tf, gradient))
            number = self.numbers[id(own_of(one))]
            if number not in entry["parameters"]:
                entry["parameters"].append(number)

    def after_step(self, optimizer: Any) -> None:
        """Count a step, where it was one: what a function is traced with steps when the function runs."""
        if sys.modules["tensorflow"].executing_eagerly():
            self.stepped(optimizer, 1)

    def after_function(self, result: Any) -> None:
        """Count the steps that a function has made, with the loss that it returns."""
        if not sys.modules["tensorflow"].executing_eagerly():
            return
        made = [(each, self.made_by(each)) for each in dict.fromkeys(self.kept_optimizers())]
        value = loss_in(result)
        if any(count for _, count in made) and self.traced is not None and value is not None:
            if self.traced.value is None:
                self.traced.value = value
            else:
                again = dataclasses.replace(self.traced, value=value, step=self.record.steps)
                self.attention.note_event(again, ())
        for optimizer, count in made:
            if count:
                self.stepped(optimizer, count)

    def kept_optimizers(self) -> list[Any]:
        known = {each["id"] for each in self.record.optimizers}
        return [each for each in self.kept if id(each) in known]

    def made_by(self, optimizer: Any) -> int:
        """How many steps an optimizer has made inside functions since this was last asked."""
        then = self.iterations.get(id(optimizer), 0)
        now = self.iterations[id(optimizer)] = int(optimizer.iterations.numpy())
        return max(0, now - then)

    def stepped(self, optimizer: Any, count: int) -> None:
        self.iterations[id(optimizer)] = int(optimizer.iterations.numpy())
        if self.record.stepped(optimizer, count):
            self.attention.stop()


def described(variable: Any) -> Trained:
    """What is noted of a variable before anything is known of its gradient."""
    name = str(getattr(variable, "path", "") or getattr(variable, "name", ""))
    shape = [int(one) for one in variable.shape]
    return Trained(name, shape, used=True, frozen=not getattr(variable, "trainable", True))


def function_class() -> Any:
    return importlib.import_module(FUNCTION).Function


def flat_of(found: Any) -> list[Any]:
    """The gradients of a structure, in the order of their sources; an `IndexedSlices` is one of them."""
    return list(sys.modules["tensorflow"].nest.flatten(found))


def number_of(tf: Any, target: Any) -> float | None:
    """What is differentiated, as one number: a tape sums what it is given."""
    parts = [one for one in tf.nest.flatten(target) if tf.is_tensor(one)]
    return float(sum(float(tf.reduce_sum(tf.cast(one, "float64"))) for one in parts)) if parts else None


def loss_in(result: Any) -> float | None:
    """The loss that a step returns: `loss` of a dict, or the first scalar; None where there is none, or in a graph."""
    if isinstance(result, dict):
        return loss_in(result.get("loss"))
    if hasattr(result, "has_value") and hasattr(result, "get_value"):  # what `fit` asks its function for
        return loss_in(result.get_value()) if bool(result.has_value()) else None
    if isinstance(result, (tuple, list)):
        return next((found for found in map(loss_in, result) if found is not None), None)
    if hasattr(result, "numpy") and not tuple(getattr(result, "shape", (1,))) and result.dtype.is_floating:
        return float(result.numpy())
    return None


def state_of(tf: Any, gradient: Any) -> tuple[str, float | None]:
    """What became of a gradient, and its norm where it is known."""
    if gradient is None:
        return "none", None
    if not tf.executing_eagerly():
        return "live", None
    dense = gradient.values if hasattr(gradient, "indices") else tf.convert_to_tensor(gradient)
    if not dense.dtype.is_floating:
        return "zero", 0.0
    norm = float(tf.norm(tf.cast(dense, "float32")))
    if not math.isfinite(norm):
        return "bad", None
    return ("live" if norm > 0 else "zero"), norm
