"""TensorFlow's part of watching a program: the gradients that its tapes give, and what optimizers get of them."""

from __future__ import annotations

import base64
import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import Any

from ..draw import together
from ..numbers import Numbers
from ..provenance import Frame, is_foreign, user_frames, where_called
from ..record import Event, Record, Trained, frames_at, sent_values
from .base import PARAMETERS
from .tensorflow_provenance import EXECUTE, RUNTIME, flat, tracing
from .tensorflow_unheld import Unheld
from .tensorflow_untracked import Untracked

WRITES = ("assign", "assign_add", "assign_sub")
READS = ("_read_variable_op", "sparse_read", "gather_nd")
JACOBIANS = ("jacobian", "batch_jacobian")
COPYING = frozenset({"ZerosLike", "OnesLike", "Shape", "Rank", "Size"})
VARIABLES = "tensorflow.python.ops.resource_variable_ops"
RECORD = "tensorflow.python.eager.record"


class ProgramBackend:
    """What a backend has to offer to those that watch a program."""

    tf: Any
    numpy: Any
    trace: Any

    watched: Watch

    def watch_program(self, record: Record) -> None:
        """Watch from now on, for as long as the process lives."""
        self.watched = Watch(self.tf, self.numpy, record)
        self.watched.begin()

    def uncut_program(self) -> None:
        """Have `stop_gradient` do nothing from now on."""
        own, record = self.tf.stop_gradient, self.watched.record
        self.tf.stop_gradient = lambda value, name=None: own(value) if record.asleep else value

    def trace_program(self, record: Record) -> None:
        """Note from now on where gradients end (`record.ends`)."""
        self.trace = tracing(self.tf, self.numpy, record.ends, (), in_program=True)
        self.trace.__enter__()


class Watch:
    """The variables of a program, and what is differentiated by them.

    `used` are in the order of their first use; `remade` are those that the program makes of what a tape records, or
    writes that into before it uses them.
    """

    def __init__(self, tf: Any, numpy: Any, record: Record) -> None:
        self.tf, self.numpy, self.record = tf, numpy, record
        self.kept: list[Any] = []
        self.numbers = Numbers()
        self.used: list[Any] = []
        self.remade: dict[int, Any] = {}
        self.moved: set[int] = set()
        self.tapes = 0
        self.empty: dict[int, tuple[Any, list[Frame]]] = {}
        self.resting = False
        self.earlier: dict[int, Any] = {}
        self.waiting: dict[int, list[Frame]] = {}
        self.untracked = Untracked(tf, numpy)
        self.unheld = Unheld(tf, numpy)
        self.gradient = tf.GradientTape.gradient

    def begin(self) -> None:
        tf = self.tf
        tf.keras.utils.set_random_seed(0)
        tf.config.run_functions_eagerly(True)
        tf.config.run_functions_eagerly = tf.compat.v1.disable_eager_execution = lambda *_: None  # nor does the program
        watch = self

        def gradient(tape: Any, target: Any, sources: Any, *arguments: Any, **named: Any) -> Any:
            return watch.differentiated(tape, target, sources, *arguments, **named)

        tf.GradientTape.gradient = gradient
        for name in JACOBIANS:
            setattr(tf.GradientTape, name, self.expanding(getattr(tf.GradientTape, name)))
        self.watch_reads()
        if not self.record.frozen:
            self.unheld.begin(self.untracked.base)
        self.watch_lists()
        self.watch_optimizers()
        self.record.describe, self.record.values_now = self.describe, self.values_now
        self.record.wake = self.wake

    def wake(self) -> None:
        """A later stage of the program begins."""
        if self.record.ends is not None:
            self.record.ends.resting = False

    def watch_reads(self) -> None:
        base = self.untracked.base = importlib.import_module(VARIABLES).BaseResourceVariable
        for name in [name for name in READS if hasattr(base, name)]:
            setattr(base, name, self.reading(getattr(base, name)))
        base.numpy = self.copying(base.numpy)
        kind = importlib.import_module(VARIABLES).ResourceVariable
        for name in [name for name in WRITES if hasattr(kind, name)]:
            setattr(kind, name, self.writing(getattr(kind, name)))
        kind.__init__ = self.noting_remade(kind.__init__, base)
        runtime = sys.modules.get(RUNTIME)
        if runtime is not None and hasattr(runtime, EXECUTE):
            setattr(runtime, EXECUTE, self.executing(getattr(runtime, EXECUTE), base))
        tape = self.tf.GradientTape
        tape._push_tape = self.counting(tape._push_tape, 1)
        tape._pop_tape = self.counting(tape._pop_tape, -1)

    def watch_lists(self) -> None:
        """Note where the program asks a model for its variables before it has any."""
        layer = getattr(getattr(sys.modules.get("keras"), "layers", None), "Layer", None)
        for name in PARAMETERS if layer is not None else ():
            own = vars(layer).get(name)
            if isinstance(own, property):
                setattr(layer, name, property(self.listing(own.fget)))

    def listing(self, own: Any) -> Any:
        def listed(model: Any) -> Any:
            self.untracked.was_asked(model)
            found = own(model)
            if type(found) is list and not found and not is_foreign(sys._getframe(1).f_code.co_filename):
                self.empty[id(found)] = found, user_frames()
            return found

        return listed

    def counting(self, own: Any, by: int) -> Any:
        """A method by which a tape begins, or ends, to record."""

        def counted(tape: Any) -> Any:
            self.tapes += by
            self.unheld.recording = self.tapes > 0 and not self.resting
            return own(tape)

        return counted

    def executing(self, own: Any, base: Any) -> Any:
        """The function through which every operation passes: the runtime reads variables for it."""

        def execute(context: Any, name: str, label: Any, *inputs: Any) -> Any:
            if not self.resting and name not in COPYING:
                for one in flat(inputs):
                    if isinstance(one, base) and one.trainable:
                        self.use(one)
            return own(context, name, label, *inputs)

        return execute

    def reading(self, own: Any) -> Any:
        def read(variable: Any, *arguments: Any, **named: Any) -> Any:
            if not self.resting and variable.trainable and self.tf.executing_eagerly():
                self.use(variable)
            return own(variable, *arguments, **named)

        return read

    def noting_remade(self, own: Any, base: Any) -> Any:
        """A constructor of variables; one that is made of what a tape records is a result of the program."""
        is_recorded = importlib.import_module(RECORD).should_record_backprop

        def made(variable: Any, initial_value: Any = None, *arguments: Any, **named: Any) -> None:
            own(variable, initial_value, *arguments, **named)
            is_copy = isinstance(initial_value, base) and self.tapes > 0
            if is_copy or (self.tf.is_tensor(initial_value) and not is_copy and is_recorded([initial_value])):
                self.remade[id(variable)] = variable

        return made

    def writing(self, own: Any) -> Any:
        """A method that writes into a variable: of what a tape records, it is no parameter unless it was in use."""
        is_recorded = importlib.import_module(RECORD).should_record_backprop

        def written(variable: Any, value: Any, *arguments: Any, **named: Any) -> Any:
            is_new = id(variable) not in self.numbers.of and not self.resting
            if is_new and self.tapes > 0 and self.tf.is_tensor(value) and is_recorded([value]):
                self.remade[id(variable)] = variable
            return own(variable, value, *arguments, **named)

        return written

    def copying(self, own: Any) -> Any:
        """What reads a variable in order to copy it: it is not in use yet."""

        def copied(variable: Any, *arguments: Any, **named: Any) -> Any:
            with self.at_rest():
                return own(variable, *arguments, **named)

        return copied

    @contextlib.contextmanager
    def at_rest(self) -> Iterator[None]:
        before, self.resting = self.resting, True
        ends = self.record.ends
        traced = ends is not None and not ends.resting
        if traced:
            ends.resting = True
        try:
            yield
        finally:
            self.resting = before
            if traced:
                ends.resting = False

    @contextlib.contextmanager
    def between_tapes(self) -> Iterator[None]:
        """Take a gradient that no tape records: nothing ends in that."""
        ends = self.record.ends
        if ends is None or ends.resting or self.tapes:
            yield
            return
        ends.resting = True
        try:
            yield
        finally:
            ends.resting = False

    def use(self, variable: Any) -> None:
        """A variable goes into an operation: at the first time it is moved, if the run asks for that."""
        if self.record.asleep:
            return
        key = id(variable)
        if key in self.record.trained:
            self.record.trained[key].used = True
        if key not in self.numbers.of:
            self.used.append(variable)
            self.unheld.leaf(variable)
        number = self.numbers.give(key, None, (key in self.remade, variable.name, variable.shape))
        if key in self.record.trained:
            self.record.trained[key].number = number
        if key in self.moved or key in self.remade or (self.record.recorded and not self.tapes):
            return
        self.moved.add(key)
        if str(number) in self.record.values:
            self.set(variable, self.record.values[str(number)])
        if self.record.moves(number) and variable.dtype.is_floating:
            with self.at_rest():
                move = self.record.move * self.direction(variable)
                variable.assign_add(self.tf.cast(move, variable.dtype))

    def set(self, variable: Any, content: str) -> None:
        """Set a variable to what one of its shape and type was in another run."""
        with self.at_rest():
            flat = self.numpy.frombuffer(base64.b64decode(content), dtype=variable.dtype.as_numpy_dtype)
            if flat.size == int(self.numpy.prod(variable.shape)):
                variable.assign(flat.reshape(variable.shape))

    def values_now(self) -> dict[str, str]:
        """The values of the trained variables, by their numbers."""
        with self.at_rest():
            used = [(self.numbers.of[id(one)], one) for one in self.used if id(one) in self.record.trained]
            return sent_values((number, one.numpy().tobytes()) for number, one in used)

    def direction(self, variable: Any) -> Any:
        """A direction to move a variable in, about as long as it is (an array of doubles)."""
        number = self.numbers.of[id(variable)]
        drawn = self.numpy.random.RandomState(1000 * self.record.seed + number).randn(*variable.shape)
        with self.at_rest():
            now = variable.numpy().astype("float64")
        size = float(self.numpy.sqrt((now**2).mean())) if now.size else 1.0
        return drawn * max(size, 0.05)

    def watch_optimizers(self) -> None:
        keras = sys.modules.get("keras")
        base = getattr(getattr(keras, "optimizers", None), "Optimizer", None)
        if base is None or not hasattr(base, "apply"):
            return
        begin, apply, watch = base.__init__, base.apply, self

        def begun(optimizer: Any, *arguments: Any, **named: Any) -> None:
            begin(optimizer, *arguments, **named)
            watch.waiting[id(optimizer)] = user_frames()
            if not watch.record.asleep:
                watch.hold(optimizer)

        def applied(optimizer: Any, grads: Any, trainable_variables: Any = None) -> Any:
            return watch.applied(optimizer, list(grads), trainable_variables, apply)

        base.__init__, base.apply = begun, applied

    def hold(self, optimizer: Any) -> dict[str, Any]:
        """Note an optimizer; what it holds shows when it is applied."""
        for each in self.record.optimizers:
            if each["id"] == id(optimizer):
                return each
        self.kept.append(optimizer)
        frames = [frame.record() for frame in self.waiting.get(id(optimizer)) or user_frames()]
        entry = {"id": id(optimizer), "kind": type(optimizer).__name__, "frames": frames, "parameters": []}
        self.record.optimizers.append(entry)
        return entry

    def trained(self, variable: Any) -> Trained:
        """What is noted of a variable that a gradient is asked for."""
        own = own_of(variable)
        if id(own) not in self.record.trained:
            self.kept.append(own)
            name = str(getattr(variable, "path", "") or getattr(variable, "name", ""))
            shape = [int(one) for one in own.shape]
            number = self.numbers.of.get(id(own), -1)
            known = id(own) in self.earlier
            self.record.trained[id(own)] = Trained(name, shape, used=number >= 0, number=number, known=known)
        return self.record.trained[id(own)]

    def differentiated(self, tape: Any, target: Any, sources: Any, *arguments: Any, **named: Any) -> Any:
        """Take a gradient as the program does, and note what became of it."""
        if self.resting or self.record.asleep or not self.tf.executing_eagerly():
            return self.gradient(tape, target, sources, *arguments, **named)
        flat = self.tf.nest.flatten(sources)
        if not flat and any(one.trainable for one in self.used):
            _, where = self.empty.get(id(sources), (None, user_frames()))
            self.record.stray("empty", "", where)
        own = [own_of(one) for one in flat]
        self.untracked.beside(self.used, own)
        if not self.record.frozen and any(is_variable(one) for one in flat):
            self.unheld.differentiated(target, own)
        extra = self.moved_beside(flat) if self.record.slopes or any(is_variable(one) for one in flat) else []
        with self.between_tapes():
            found = self.gradient(tape, target, [*flat, *extra] if extra else sources, *arguments, **named)
        gradients = self.tf.nest.flatten(found)
        with self.at_rest():
            event = self.note_event(target, [*flat, *extra], gradients, len(flat))
            for one, gradient in together(extra, gradients[len(flat) :]):
                self.untracked.reached(one, gradient)
                self.unheld.reached(one, gradient)
            for one, gradient in together(flat, gradients[: len(flat)]):
                if is_variable(one) and (gradient is None or not self.record.optimizers):
                    self.trained(one).met(*self.state_of(gradient))
        if self.record.waits_in_vain():
            self.record.end("steps")
        given = gradients[: len(flat)]
        if self.record.frozen and self.steps_by_hand(flat):
            still = [one if one is None else self.tf.zeros_like(one) for one in given]
            return self.tf.nest.pack_sequence_as(sources, still)
        if self.record.ends is not None and event.reaches and not any(is_variable(one) for one in flat):
            ended = [self.ended(each) for each in given]
            return self.tf.nest.pack_sequence_as(sources, ended)
        return self.tf.nest.pack_sequence_as(sources, given) if extra else found

    def steps_by_hand(self, sources: list[Any]) -> bool:
        """Is all that is trained in this program a plain tensor? Its steps have no optimizer that can be frozen."""
        are_plain = not any(is_variable(one) for one in sources) and all(id(one) in self.remade for one in self.used)
        return are_plain and not self.tapes and not self.record.optimizers

    def ended(self, gradient: Any) -> Any:
        """A gradient that a loss may be made from, to be differentiated further; no tape may have recorded it."""
        if not self.tf.is_tensor(gradient) or self.record.ends.is_live(gradient):
            return gradient
        return self.record.ends.lost(gradient, "AF301", True)

    def expanding(self, own: Any) -> Any:
        """A method that gives the gradient of each element of a value, which it takes by many calls of its own."""

        def expanded(tape: Any, target: Any, sources: Any, *arguments: Any, **named: Any) -> Any:
            before, self.resting = self.resting, True
            try:
                found = own(tape, target, sources, *arguments, **named)
            finally:
                self.resting = before
            if not before and not self.record.asleep and self.tf.executing_eagerly():
                with self.at_rest():
                    live = any(one is not None for one in self.tf.nest.flatten(found))
                    value = self.number_of(target)
                    self.record.differentiated(
                        Event("grad", user_frames(), value, live, False, self.record.steps, self.record.printed())
                    )
            return found

        return expanded

    def moved_beside(self, sources: list[Any]) -> list[Any]:
        known = {id(own_of(one)) for one in sources} | self.remade.keys()
        return [one for one in self.used if id(one) not in known and one.dtype.is_floating]

    def note_event(self, target: Any, sources: list[Any], gradients: list[Any], own: int) -> Event:
        """Note a differentiated value; the first `own` of the sources are the program's."""
        live = any(one is not None for one in (gradients if self.record.slopes else gradients[:own]))
        event = Event("tape", user_frames(), self.number_of(target), live, False, self.record.steps,
                      self.record.printed())  # fmt: skip
        if self.record.slopes:
            self.measure(event, sources, gradients)
            event.by_values = self.by_values(sources[:own], gradients)
        asked = [self.numbers.of.get(id(own_of(one)), -1) for one in sources[:own]]
        event.wanted = [each for each in asked if each >= 0]
        self.record.differentiated(event)
        return event

    def measure(self, event: Event, sources: list[Any], gradients: list[Any]) -> None:
        """The gradient by all that is in use: its norm, and its slope along the direction they are moved in."""
        slope = squared = 0.0
        for one, gradient in together(sources, gradients):
            own = own_of(one)
            if gradient is None or id(own) not in self.numbers.of or id(own) in self.remade:
                continue
            number = self.numbers.of[id(own)]
            event.reaches.append(number)
            if not self.record.measures(number):
                continue
            dense = self.tf.convert_to_tensor(gradient).numpy().astype("float64")
            squared += float((dense**2).sum())
            slope += float((dense * self.direction(own)).sum())
        event.slope, event.norm = slope, squared**0.5

    def by_values(self, sources: list[Any], gradients: list[Any]) -> list[float]:
        """The slope along a direction of its own and the length of the gradient by plain tensors; empty for others."""
        found = [one for one in gradients[: len(sources)] if one is not None]
        if not found or any(is_variable(one) for one in sources):
            return []
        dense = [self.tf.convert_to_tensor(one).numpy().astype("float64").ravel() for one in found]
        flat = self.numpy.concatenate(dense)
        drawn = self.numpy.random.RandomState(self.record.seed).randn(flat.size)
        return [float((flat * drawn).sum()), float(self.numpy.sqrt((flat**2).sum()))]

    def number_of(self, target: Any) -> float | None:
        """What is differentiated, as one number: a tape sums what it is given."""
        parts = [one for one in self.tf.nest.flatten(target) if self.tf.is_tensor(one)]
        return float(sum(float(self.tf.reduce_sum(self.tf.cast(one, "float64"))) for one in parts)) if parts else None

    def state_of(self, gradient: Any) -> Any:
        """What became of a gradient, and its norm."""
        if gradient is None:
            return "none", None
        dense = self.tf.convert_to_tensor(gradient)
        if not dense.dtype.is_floating:
            return "zero", 0.0
        if not bool(self.tf.reduce_all(self.tf.math.is_finite(dense))):
            return "bad", None
        norm = float(self.tf.norm(self.tf.cast(dense, "float64")))
        return ("live" if norm > 0 else "zero"), norm

    def applied(self, optimizer: Any, gradients: list[Any], variables: Any, apply: Any) -> Any:
        """Note what an optimizer gets, and let it make its step unless steps are frozen."""
        held = list(variables) if variables is not None else list(getattr(optimizer, "_trainable_variables", []))
        if self.record.ahead:
            shapes = tuple(tuple(one.shape) for one in held)
            self.record.step_of((where_called(), tuple(self.waiting.get(id(optimizer), ())), shapes))
        if self.record.asleep:
            return self.passed_by(optimizer, held, gradients, variables, apply)
        entry = self.hold(optimizer)
        with self.at_rest():
            before = [own_of(one).numpy() for one in held]
            for one, gradient in together(held, gradients):
                self.trained(one).met(*self.state_of(gradient))
                number = list(self.record.trained).index(id(own_of(one)))
                if number not in entry["parameters"]:
                    entry["parameters"].append(number)
        result = None if self.record.frozen else apply(optimizer, gradients, variables)
        with self.at_rest():
            for one, then in together(held, before):
                if not self.numpy.array_equal(then, own_of(one).numpy()):
                    self.trained(one).moved = True
        if self.record.stepped(optimizer):
            self.record.end("steps")
        return result

    def passed_by(self, optimizer: Any, held: list[Any], gradients: list[Any], variables: Any, apply: Any) -> Any:
        """A step of a stage that is not noted."""
        for one, gradient in together(held, gradients):
            if self.record.stage and gradient is not None:
                self.earlier[id(own_of(one))] = own_of(one)
        result = None if self.record.frozen else apply(optimizer, gradients, variables)
        self.record.stepped(optimizer)
        return result

    def describe(self) -> None:
        """Note what layers keep without tracking it; the names of what is trained are known already."""
        if self.record.stage:
            return
        stepped = [each for each in self.record.optimizers if self.record.made.get(each["id"])]
        if stepped:
            with self.at_rest():
                held = set(self.record.trained)
                for frame, name, form in self.untracked.strays(held):
                    self.record.stray("untracked", name, [frame, *frames_at(stepped[0])], form)
                held |= self.untracked.sources
                for name, frame, form in self.unheld.hidden(held, self.untracked.trained_as_a_whole(held)):
                    self.record.stray("plain", name, [frame], form)
                for name, frames, form in self.unheld.strays(held) if not self.record.strays else ():
                    self.record.stray("unheld", name, frames, form)
        if not self.record.strays:
            with self.at_rest():
                for name, frames, form in self.unheld.elsewhere():
                    self.record.stray("elsewhere", name, frames, form)


def own_of(variable: Any) -> Any:
    """TensorFlow's variable of a Keras variable; what is none as it is."""
    return getattr(variable, "_value", variable) if hasattr(variable, "path") else variable


def is_variable(value: Any) -> bool:
    return hasattr(value, "path") or hasattr(value, "handle")
