"""TensorFlow's part of finding where a gradient is lost: every operation is seen, and every way to a plain value.

Operations pass through one function of the runtime; tensors become plain through methods of theirs. Where a version of
TensorFlow has these no more, nothing is seen and nothing is said.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..draw import together

METHODS = {
    "numpy": "AF102",
    "__array__": "AF102",
    "__float__": "AF104",
    "__int__": "AF104",
    "__index__": "AF104",
    "__complex__": "AF104",
    "__bool__": "AF203",
}
CONVERSIONS = ("array", "asarray", "asanyarray", "ascontiguousarray")
STEPS = frozenset("Round Rint Floor Ceil Sign FloorDiv".split())
DESCRIBING = frozenset("Shape ShapeN Size Rank ZerosLike OnesLike".split())
"""What says something of a tensor and gives none of its numbers."""
STORES = ("AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp", "ResourceStridedSliceAssign",
          "ResourceScatter")  # fmt: skip
"""How the names of operations begin that write into a variable, or into a part of it."""
CASTS = frozenset({"Cast"})
INDICES = frozenset("ArgMax ArgMin TopKV2 Where Bucketize UnsortedSegmentSum InTopK InTopKV2".split())
ADDS = frozenset("Add AddV2 AddN Pack ConcatV2".split())
SUBTRACTS = frozenset({"Sub"})
"""What makes a sum, or what sums are made of, of numbers that have a gradient and such that have none."""
UNEVEN = 12.9898
RUNTIME = "tensorflow.python.pywrap_tfe"
EXECUTE, RECORDS = "TFE_Py_FastPathExecute", "TFE_Py_TapeSetShouldRecordBackprop"
SLOW_PATH = "TFE_Py_RecordGradient"
"""Through which a tape is told of an operation that the fast function refuses: one that is given a Keras variable."""


class TracingBackend:
    """What a backend has to offer to those that look where a gradient is lost."""

    tf: Any
    numpy: Any
    make: Any
    tape_type: Any

    def tracing(self, recorder: Any, known: Sequence[Any]) -> Any:
        """A context in which a recorder is told of every loss of gradient, where `known` are what a tape may have."""
        return tracing(self.tf, self.numpy, recorder, known)

    def copied(self, value: Any) -> Any:
        """A value as it is now, whatever is written into it later; tensors never change."""
        return value.copy() if isinstance(value, self.numpy.ndarray) else value

    def watch(self, call: Callable[[list[Any]], Any], tensors: list[Any]) -> Any:
        """The result of a call whose tensors are on a tape, which nobody asks."""
        watched = [self.tf.identity(tensor) for tensor in tensors]
        with self.tape_type() as tape:
            tape.watch(watched)
            return call(watched)

    def shifted(self, value: Any, by: float) -> Any:
        """A tensor a little away from another, each element by another step, so that their differences change."""
        steps = 2 + self.numpy.sin(UNEVEN * self.numpy.arange(self.numpy.size(value.numpy())))
        return value + self.make(by * steps.reshape(value.shape), dtype=value.dtype)

    def mirrored(self, value: Any) -> Any:
        """The same numbers in the other order."""
        return self.make(value.numpy().reshape(-1)[::-1].reshape(value.shape))


class Tracing:
    """What is live and what is not; what is kept here keeps its id."""

    def __init__(self, tensorflow: Any, runtime: Any, recorder: Any, in_program: bool = False) -> None:
        self.tensor_type = type(tensorflow.constant(0.0))
        self.execute = getattr(runtime, EXECUTE)
        self.records = getattr(runtime, RECORDS)
        self.recorder = recorder
        self.in_program = in_program
        self.live: dict[int, Any] = {}
        self.dead: dict[int, Any] = {}
        recorder.is_live = self.is_live

    def is_live(self, value: Any) -> bool:
        """Whether a tape has it: one that was seen to be lost may stand on it all the same, with a gradient of zero."""
        if not isinstance(value, self.tensor_type) or id(value) in self.dead:
            return False
        return id(value) in self.live or bool(self.records([value]))

    def operation(self, context: Any, name: str, label: Any, *inputs: Any) -> Any:
        """Stands for the function through which every operation passes."""
        if self.recorder.resting:
            return self.execute(context, name, label, *inputs)
        inputs_of_it = [one for one in flat(inputs) if isinstance(one, self.tensor_type)]
        is_live = any(self.is_live(one) for one in inputs_of_it)
        if is_live and name.startswith(STORES):
            return self.execute(context, name, label, *map(self.stored, inputs))
        result = self.execute(context, name, label, *inputs)
        if not is_live:
            self.note_new(result, any(self.is_lost(one) for one in inputs_of_it))
            if name == "StopGradient":
                other = self.recorder.silenced(result)
                self.dead[id(other)] = other
                return other
            return result
        if name in ADDS or name in SUBTRACTS:
            self.recorder.added([one for one in inputs_of_it if self.is_constant(one)], name in SUBTRACTS)
        if isinstance(result, (list, tuple)):
            items = [self.passed(name, one) for one in result]
            same = all(one is other for one, other in together(items, result))
            return result if same else type(result)(items)
        return self.passed(name, result)

    def stored(self, value: Any) -> Any:
        """What is written into a variable instead of this, which keeps its gradient no longer if it has one."""
        if not isinstance(value, self.tensor_type) or value.dtype == "resource" or not self.is_live(value):
            return value
        return self.recorder.lost(value, "AF308" if self.in_program else "AF105")

    def recording(self, own: Callable[..., Any]) -> Callable[..., Any]:
        """Stands for the function that tells the tapes of an operation on another path: what it gives is live, too."""

        def recorded(name: str, inputs: Any, attributes: Any, results: Any, *rest: Any) -> Any:
            if not self.recorder.resting and any(self.is_live(one) for one in flat(inputs)):
                self.live.update({id(one): one for one in flat(results) if isinstance(one, self.tensor_type)})
            return own(name, inputs, attributes, results, *rest)

        return recorded

    def is_lost(self, value: Any) -> bool:
        """Whether a tape has a value that was seen to be lost; the handle of a variable is no value."""
        return id(value) in self.dead and value.dtype != "resource" and bool(self.records([value]))

    def is_constant(self, value: Any) -> bool:
        """Whether this is one number without a gradient."""
        return value.dtype.is_floating and value.shape.num_elements() == 1 and not self.is_live(value)

    def note_new(self, result: Any, is_lost: bool) -> None:
        """Note what was made of nothing live; in a whole program that may be of a variable, which a tape has.

        So has it what was made of a value that `is_lost`, as of a rounding.
        """
        for one in flat([result]):
            if isinstance(one, self.tensor_type):
                lives = self.in_program and not is_lost and self.records([one])
                (self.live if lives else self.dead)[id(one)] = one

    def passed(self, name: str, result: Any) -> Any:
        """What the loss goes on with, after an operation on a live value."""
        if not isinstance(result, self.tensor_type):
            return result
        if name in DESCRIBING or (name not in STEPS and self.records([result])):
            (self.dead if name in DESCRIBING else self.live)[id(result)] = result
            return result
        kept = self.recorder.lost(result, self.cause(name, result), name == "StopGradient")
        self.dead[id(kept)] = kept
        return kept

    def cause(self, name: str, result: Any) -> str:
        if name in STEPS:
            return "AF202"
        if name in INDICES:
            return "AF201"
        if result.dtype.is_bool:
            return "AF203"
        if result.dtype.is_integer:
            return "AF204" if name in CASTS else "AF201"
        return "AF108" if name == "PyFunc" else "AF103"

    def method(self, own: Callable[..., Any], code: str) -> Callable[..., Any]:
        """Stands for a method by which a tensor becomes a plain value."""

        def plain(tensor: Any, *arguments: Any, **named: Any) -> Any:
            result = own(tensor, *arguments, **named)
            return self.recorder.lost(result, code, True) if self.is_live(tensor) else result

        return plain

    def conversion(self, own: Callable[..., Any]) -> Callable[..., Any]:
        """Stands for `np.array`, which reads a tensor's memory without asking it."""

        @functools.wraps(own)
        def converted(value: Any = None, *arguments: Any, **named: Any) -> Any:
            result = own(value, *arguments, **named)
            if isinstance(value, self.tensor_type) and self.is_live(value):
                return self.recorder.lost(result, "AF102", True)
            return result

        return converted


@contextlib.contextmanager
def tracing(
    tensorflow: Any, numpy: Any, recorder: Any, known: Sequence[Any], in_program: bool = False
) -> Iterator[None]:
    """A context in which the recorder is told of every loss of gradient; a tape has some of what is `known`.

    In a whole program, all that a tape has counts.
    """
    runtime = sys.modules.get(RUNTIME)
    if runtime is None or not hasattr(runtime, EXECUTE) or not hasattr(runtime, RECORDS):
        yield
        return
    tracing = Tracing(tensorflow, runtime, recorder, in_program)
    tracing.live = {id(one): one for one in known if tracing.is_live(one)}
    holder = next(kind for kind in tracing.tensor_type.__mro__ if "numpy" in vars(kind))
    exchanged: list[tuple[Any, str, Any]] = [(runtime, EXECUTE, tracing.operation)]
    if hasattr(runtime, SLOW_PATH):
        exchanged.append((runtime, SLOW_PATH, tracing.recording(getattr(runtime, SLOW_PATH))))
    exchanged += [(holder, name, tracing.method(vars(holder)[name], code)) for name, code in METHODS.items()
                  if name in vars(holder)]  # fmt: skip
    exchanged += [(numpy, name, tracing.conversion(getattr(numpy, name))) for name in CONVERSIONS]
    kept = [(owner, name, vars(owner)[name]) for owner, name, _ in exchanged]
    try:
        for owner, name, value in exchanged:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def flat(values: Any) -> Iterator[Any]:
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from flat(value)
        else:
            yield value
