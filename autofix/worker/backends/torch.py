"""What a stand-in for a model computes in PyTorch.

PyTorch, as the worker needs it: tensors from plain numbers, values and gradients back to plain numbers.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Callable

from ..draw import Array, together
from ..numerics import Leaf, LeafGradients, NotNumeric, first_of, weights
from ..protocol import type_in_words
from ..standins import wave
from .base import Backend as Base
from .base import Call, Generator, Norms
from .torch_program import ProgramBackend
from .torch_provenance import TracingBackend, device_mode

HIDDEN = 3
OLDEST = (1, 13)
"""The oldest version whose functions the backend can use."""


class StandInBackend:
    """The part of the backend that stand-ins ask."""

    torch: Any
    tensor_type: Any

    def is_fed(self, value: Any) -> bool:
        return isinstance(value, self.tensor_type)

    def moved_by(self, free: Any, fed: list[Any], kind: str, salt: int) -> Any:
        """The free tensor, row by row moved by what the model is fed with, in the range of its kind."""
        torch = self.torch
        hidden = None
        for number, one in enumerate(fed):
            rows = one.to(free.dtype).reshape(one.shape[0] if one.dim() else 1, -1)
            if rows.shape[1] == 0:
                continue
            found = torch.sin(rows @ free.new_tensor(wave(rows.shape[1], HIDDEN, salt + number)) + 0.3 * number)
            same = hidden is None or hidden.shape[0] == found.shape[0]
            hidden = found if hidden is None else hidden + (found if same else found.mean(0, keepdim=True))
        if hidden is None:
            return ranged(torch, free, kind)
        if free.dim() == 0:
            moved = free + (0.2 + 0.1 * free) * hidden.mean()
            return ranged(torch, moved, kind)
        chosen = free if hidden.shape[0] == free.shape[0] else free[torch.arange(hidden.shape[0]) % free.shape[0]]
        width = free[0].numel()
        shift = (hidden @ free.new_tensor(wave(HIDDEN, width, salt + 7))).reshape(chosen.shape)
        return ranged(torch, chosen + (1.0 + 0.5 * chosen) * shift, kind)

    def distance(self, fed: list[Any]) -> Any:
        """What a criterion says of what it is given: a smooth mean that moves with each of its arguments."""
        first, rest = fed[0], fed[1:]
        total = (first * first).mean()
        for one in rest:
            other = one.to(first.dtype)
            total = total + ((first - other) ** 2).mean() if other.shape == first.shape else total * other.mean().cos()
        return total


def ranged(torch: Any, value: Any, kind: str) -> Any:
    if kind == "unit":
        return torch.sigmoid(value)
    if kind == "simplex":
        return torch.softmax(value, dim=-1)
    if kind == "positive":
        return torch.nn.functional.softplus(value) + 0.1
    return -torch.nn.functional.softplus(value) if kind == "negative" else value


CUTS = ("detach", "detach_", "data")


class Backend(ProgramBackend, TracingBackend, StandInBackend, Base):
    """References to everything that judges are taken here, before any user code is run."""

    name = "torch"
    needs_scalar = True
    array_ways = ("tensors", "arrays")
    memory = 2 << 30
    checks_graph = False
    checks_device = True
    casts_labels = False

    def __init__(self) -> None:
        self.torch: Any = importlib.import_module("torch")
        self.version = self.torch.__version__
        self.framework = self.torch
        self.wider_names = {"float": "float64"}
        self.gradient = self.torch.autograd.grad
        self.make = self.torch.tensor
        self.tensor_type = self.torch.Tensor
        self.module_base: Any = self.torch.nn.Module
        self.dtypes = {
            "double": self.torch.float64,
            "wide": self.torch.float64,
            "single": self.torch.float32,
            "float16": self.torch.float16,
            "bfloat16": self.torch.bfloat16,
        }

    def prepare(self) -> None:
        torch = self.torch
        torch.set_num_threads(1)
        torch.__dict__["compile"] = lambda model=None, **_: model if model is not None else (lambda function: function)
        # There is no accelerator in here: what is sent to one stays where it is.
        torch.Tensor.cuda = lambda tensor, *_, **__: tensor
        torch.nn.Module.cuda = lambda module, *_, **__: module

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Put back the state that a run changes: the default type and the generators."""
        torch = self.torch
        dtype, generator = torch.get_default_dtype(), torch.get_rng_state()
        yield
        torch.set_default_dtype(dtype)
        torch.set_rng_state(generator)

    def small_loss(self, prediction: Any, target: Any) -> Any:
        torch = self.torch
        error = torch.where(target > 0, torch.abs(prediction - target), (prediction - target) ** 2)
        likely = torch.log_softmax(prediction, dim=1).exp() * torch.sigmoid(target).clamp(min=1e-7).log()
        return torch.sqrt(error.mean()) + (prediction @ target.T).sum() - likely.sum(dim=1).mean() + target.std()

    def precision(self, precision: str) -> None:
        wide = precision in ("double", "wide")
        self.torch.set_default_dtype(self.torch.float64 if wide else self.torch.float32)

    def reseed(self, seed: int) -> None:
        random.seed(seed)
        # torch.manual_seed formats the whole stack for a GPU that is not there: most of the time of a small loss.
        self.torch.default_generator.manual_seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed)

    def generators(self) -> list[Generator]:
        return [(self.torch.set_rng_state, self.torch.get_rng_state())]

    def makes_single(self, name: str, count: int, has_float: bool) -> bool:
        """Whatever it makes has the default type, or that of what it is given."""
        return False

    def tensor(self, array: Array, precision: str) -> Any:
        dtypes = {"int": self.torch.int64, "bool": self.torch.bool}
        dtype = dtypes.get(array.type, self.dtypes[precision])
        tensor = self.make(array.values, dtype=self.torch.float64).to(dtype).reshape(array.shape)
        return tensor.mT.contiguous().mT if array.strided and tensor.dim() > 1 else tensor

    def to_array(self, value: Any) -> Any:
        return value.detach().cpu().numpy() if isinstance(value, self.tensor_type) else value

    def from_array(self, value: Any) -> Any:
        kind = type(value)
        if kind.__module__ != "numpy" or not hasattr(value, "dtype") or value.dtype.kind not in "fiub":
            return value
        return self.torch.as_tensor(value)

    def leaf(self, value: Any) -> Leaf | None:
        if isinstance(value, self.tensor_type):
            if value.is_complex():
                raise NotNumeric("the loss returned complex numbers, which cannot be minimized")
            bits = self.torch.finfo(value.dtype).bits if value.is_floating_point() else 64
            flat = value.detach().to(self.torch.float64).reshape(-1).tolist()
            return Leaf(tuple(flat), tuple(value.shape), bits)
        return None

    def evaluate(self, call: Call, arrays: list[Array], precision: str, recorded: Sequence[int] = ()) -> Any:
        tensors = [self.tensor(array, precision) for array in arrays]
        for index in recorded:
            tensors[index].requires_grad_()
        return call(tensors)

    def evaluate_watching(self, call: Call, arrays: list[Array], precision: str) -> tuple[Any, list[int]]:
        """The result where no gradient is recorded, and which of the tensors were changed in place."""
        tensors, before = ([self.tensor(array, precision) for array in arrays] for _ in range(2))
        with self.torch.no_grad():
            result = call(list(tensors))
        pairs = enumerate(together(tensors, before))
        return result, [index for index, (now, then) in pairs if not self.torch.equal(now, then)]

    def differentiate(
        self, call: Call, arrays: list[Array], wanted: list[int], precision: str, parameters: Sequence[Any] = (),
        recorded: Sequence[int] = (),
    ) -> tuple[Any, LeafGradients]:  # fmt: skip
        """The result, and the gradient of its first tensor with respect to the wanted arrays and the parameters."""
        tensors = [self.tensor(array, precision) for array in arrays]
        for index in recorded:
            tensors[index].requires_grad_()
        leaves = [*(tensors[index].requires_grad_() for index in wanted), *parameters]
        with self.torch.enable_grad():
            # Predictions are never leaves in a training step: in-place changes to them must be allowed here too.
            copies = [tensor.clone() if tensor.requires_grad else tensor for tensor in tensors]
            result = call(copies)
        first = first_of(result)
        if not isinstance(first, self.tensor_type) or not first.requires_grad:
            return result, [None] * len(leaves)
        flat = first.reshape(-1)
        shares = self.make(weights(flat.numel()), dtype=flat.dtype)
        found = self.gradient((flat * shares).sum(), leaves, allow_unused=True)
        return result, [None if one is None else self.numbers(one) for one in found]

    def recorded(self, loss: Callable[..., Any], tensors: Mapping[str, Any], names: Sequence[str]) -> tuple[Any, Norms]:
        """Whatever the caller has switched off, gradients are recorded here."""
        leaves = {name: tensors[name].detach().clone().requires_grad_() for name in names}
        with self.torch.enable_grad():
            value = loss(**{**tensors, **leaves})

        def norms() -> list[float | None]:
            if not isinstance(value, self.tensor_type):
                raise TypeError(f"the loss returns {type_in_words(value)}, which has no gradient")
            found = self.gradient(value.sum(), list(leaves.values()), allow_unused=True)
            return [None if one is None else float(one.norm()) for one in found]

        return value, norms

    def numbers(self, gradient: Any) -> list[float]:
        return gradient.to(self.torch.float64).to_dense().reshape(-1).tolist()  # type: ignore[no-any-return]

    def on_other_device(self, call: Call, arrays: list[Array]) -> None:
        """Run with every tensor counted as on another device than the CPU; raises what speaks against it."""
        tensors = [self.tensor(array, "single") for array in arrays]
        with device_mode(self.torch, tensors):
            call(list(tensors))

    def parameters(self, value: Any) -> list[tuple[str, Any]] | None:
        """The trainable parameters of a module or a tensor; None for what is neither."""
        if isinstance(value, self.module_base):
            return [(f".{name}", one) for name, one in value.named_parameters() if one.requires_grad]
        if isinstance(value, self.tensor_type):
            return [("", value)] if value.requires_grad and value.is_leaf else []
        return None

    def count(self, parameter: Any) -> int:
        return int(parameter.numel()) if parameter.is_floating_point() else 0

    def array_of(self, parameter: Any) -> Array:
        return Array(tuple(parameter.shape), tuple(self.numbers(parameter.detach())))

    def assign(self, parameter: Any, array: Array) -> None:
        with self.torch.no_grad():
            parameter.copy_(self.make(array.values, dtype=self.torch.float64).reshape(array.shape))

    @contextlib.contextmanager
    def uncut(self) -> Iterator[None]:
        """Explicit cuts do nothing in here: `detach`, `data`, `no_grad`."""
        tensor, guard = self.tensor_type, self.torch.no_grad
        enter, leave = guard.__enter__, guard.__exit__
        own = {name: vars(tensor)[name] for name in CUTS if name in vars(tensor)}
        tensor.detach = tensor.detach_ = lambda value: value
        tensor.data = property(lambda value: value)
        guard.__enter__, guard.__exit__ = (lambda _: None), (lambda *_: None)
        try:
            yield
        finally:
            for name in CUTS:
                setattr(tensor, name, own[name]) if name in own else delattr(tensor, name)
            guard.__enter__, guard.__exit__ = enter, leave
