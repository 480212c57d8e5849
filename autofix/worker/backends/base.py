"""What the worker needs of a framework: one class of these members a framework, which passes one conformance suite.

A backend holds references to everything that judges, taken before any code of the user's runs. Tensors are the
framework's own; arrays (`draw.Array`), leaves (`numbers.Leaf`) and gradients are plain numbers, in C order.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping, Sequence
from typing import Any, Callable, ContextManager, List, Optional, Tuple

from ..draw import Array
from ..numerics import Leaf, LeafGradients

ITSELF = frozenset("train eval to cuda cpu float double half requires_grad_ zero_grad compile share_memory".split())
"""Methods after which a model or tensor is the one it was, as far as its value goes."""
PARAMETERS = frozenset("trainable_variables trainable_weights variables weights".split())
"""Attributes that hold the parameters of a model."""
WIDER_NAMES = {"float32": "float64", "FloatTensor": "DoubleTensor", "single": "double"}
"""Names that frameworks and NumPy have for single precision, each with the one for double."""

Call = Callable[[List[Any]], Any]
"""A loss as the worker calls it: the tensors of its arguments in, whatever it returns out."""
Norms = Callable[[], List[Optional[float]]]
"""Differentiates what was recorded: the norm of each gradient, None where there is none; raises."""
Generator = Tuple[Callable[[Any], Any], Any]
"""A function that sets the state of a random generator, and its state now."""


class Backend(abc.ABC):
    """One framework. `memory` is in bytes; `array_ways` says in which ways an original may be given its arguments.

    `casts_labels` says that its `fit` hands labels to a loss in the type of the predictions; `wider_names` are
    attributes of the framework that name a type of single precision, each with that of double.
    """

    name: str
    framework: Any
    version: str
    needs_scalar: bool
    array_ways: Sequence[str]
    memory: int
    checks_graph: bool
    checks_device: bool
    casts_labels: bool
    module_base: Any
    dtypes: Any
    wider_names: dict[str, str]

    @abc.abstractmethod
    def prepare(self) -> None:
        """Make the framework of this process run alone: one thread, nothing compiled, no accelerator."""

    @abc.abstractmethod
    def restored(self) -> ContextManager[None]:
        """Put back, behind the block, the state that a run changes: the default type, the generators."""

    @abc.abstractmethod
    def precision(self, precision: str) -> None:
        """Make `double`, `wide` or `single` the default type of what is made without one."""

    @abc.abstractmethod
    def reseed(self, seed: int) -> None:
        """Seed the generators of Python, NumPy and the framework."""

    @abc.abstractmethod
    def small_loss(self, prediction: Any, target: Any) -> Any:
        """Return a loss of many operations, to warm up with."""

    @abc.abstractmethod
    def generators(self) -> list[Generator]:
        """Return the generators of the framework whose state can be read."""

    @abc.abstractmethod
    def makes_single(self, name: str, count: int, has_float: bool) -> bool:
        """Does a function of the framework make single precision by itself, given so many arguments and no type?

        `has_float` says that a constant of Python's floats is among these.
        """

    @abc.abstractmethod
    def tensor(self, array: Array, precision: str) -> Any:
        """Return a tensor of an array: integers and truth values in their own type, others in this precision."""

    @abc.abstractmethod
    def to_array(self, value: Any) -> Any:
        """Return the NumPy array of a tensor, and everything else as it is."""

    @abc.abstractmethod
    def from_array(self, value: Any) -> Any:
        """Return the tensor of a NumPy array of numbers, and everything else as it is."""

    @abc.abstractmethod
    def leaf(self, value: Any) -> Leaf | None:
        """Return the numbers of a tensor; None for what is none. Raises NotNumeric for complex numbers."""

    @abc.abstractmethod
    def evaluate(self, call: Call, arrays: list[Array], precision: str, recorded: Sequence[int] = ()) -> Any:
        """Return what a loss gives; gradients are recorded for the `recorded` of its arguments."""

    @abc.abstractmethod
    def evaluate_watching(self, call: Call, arrays: list[Array], precision: str) -> tuple[Any, list[int]]:
        """Return what a loss gives where nothing is recorded, and which arguments it changed in place."""

    @abc.abstractmethod
    def differentiate(
        self, call: Call, arrays: list[Array], wanted: list[int], precision: str, parameters: Sequence[Any] = (),
        recorded: Sequence[int] = (),
    ) -> tuple[Any, LeafGradients]:  # fmt: skip
        """Return what a loss gives, and the gradient of its first tensor by the wanted arguments and parameters.

        None stands for an argument that no gradient reaches.
        """

    @abc.abstractmethod
    def recorded(self, loss: Callable[..., Any], tensors: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, Norms]:
        """Run a loss on its own tensors, with copies of the named ones that ask for a gradient."""

    @abc.abstractmethod
    def parameters(self, value: Any) -> list[tuple[str, Any]] | None:
        """Return what is trained in a module, or in a value that is trained itself; None for what is neither."""

    @abc.abstractmethod
    def count(self, parameter: Any) -> int:
        """Return how many numbers a parameter has; 0 where they are no floats."""

    @abc.abstractmethod
    def array_of(self, parameter: Any) -> Array:
        """Return the numbers of a parameter."""

    @abc.abstractmethod
    def assign(self, parameter: Any, array: Array) -> None:
        """Give a parameter these numbers, in place."""

    @abc.abstractmethod
    def uncut(self) -> ContextManager[None]:
        """Let what cuts a gradient in so many words do nothing inside the block."""

    @abc.abstractmethod
    def tracing(self, recorder: Any, known: Sequence[Any]) -> ContextManager[Any]:
        """Tell the recorder of each operation inside the block; `known` are the tensors that carry a gradient."""

    @abc.abstractmethod
    def watch(self, call: Call, tensors: list[Any]) -> Any:
        """Return what a loss gives of tensors whose gradient is recorded."""

    @abc.abstractmethod
    def copied(self, value: Any) -> Any:
        """Return a value as it is now, whatever is written into it later."""

    @abc.abstractmethod
    def shifted(self, value: Any, by: float) -> Any:
        """Return a tensor whose elements lie a little away, by up to three times this much."""

    @abc.abstractmethod
    def mirrored(self, value: Any) -> Any:
        """Return a tensor of the same numbers in the other order."""

    @abc.abstractmethod
    def is_fed(self, value: Any) -> bool:
        """Is this something that a stand-in for a model can be moved by?"""

    @abc.abstractmethod
    def moved_by(self, free: Any, fed: list[Any], kind: str, salt: int) -> Any:
        """Return what a stand-in gives: its own tensor moved smoothly by what it is fed, in the range of its kind."""

    @abc.abstractmethod
    def distance(self, fed: list[Any]) -> Any:
        """Return what a stand-in for a criterion gives: a smooth scalar of what it is fed."""

    @abc.abstractmethod
    def watch_program(self, record: Any) -> None:
        """Note in a `record.Record` what is differentiated, and what optimizers hold and get, until the process ends.

        Generators are seeded; what the record asks for is done: parameters are moved, steps are frozen. Nothing of the
        program may run in another process, be compiled, or need a device that is not there.
        """

    @abc.abstractmethod
    def trace_program(self, record: Any) -> None:
        """Note from now on where gradients end (`record.ends`), in a program that is watched."""


ATTENDED = {"torch": "torch_attend", "tensorflow": "tensorflow_attend", "keras": "tensorflow_attend"}
