"""PyTorch, as the worker needs it: tensors from plain numbers, values and gradients back to plain numbers."""

from __future__ import annotations

import contextlib
import importlib
import random
import sys
from collections.abc import Callable, Iterator
from typing import Any

from ..draw import Array
from ..numbers import Gradients, Leaf, first_of, weights

Call = Callable[[list[Any]], Any]


class Backend:
    """References to everything that judges are taken here, before any user code is run."""

    name = "torch"
    memory = 2 << 30
    checks_graph = False

    def __init__(self) -> None:
        self.torch = importlib.import_module("torch")
        self.version = self.torch.__version__
        self.gradient = self.torch.autograd.grad
        self.make = self.torch.tensor
        self.tensor_type = self.torch.Tensor
        self.module_base: type = self.torch.nn.Module
        self.dtypes = {"double": self.torch.float64, "single": self.torch.float32}

    def prepare(self) -> None:
        torch = self.torch
        torch.set_num_threads(1)
        torch.__dict__["compile"] = lambda model=None, **_: model if model is not None else (lambda given: given)
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
        self.torch.set_default_dtype(self.dtypes[precision])

    def reseed(self, seed: int) -> None:
        random.seed(seed)
        # torch.manual_seed formats the whole stack for a GPU that is not there: most of the time of a small loss.
        self.torch.default_generator.manual_seed(seed)
        if "numpy" in sys.modules:
            sys.modules["numpy"].random.seed(seed)

    def tensor(self, array: Array, precision: str) -> Any:
        dtype = self.torch.int64 if array.integral else self.dtypes[precision]
        return self.make(array.values, dtype=self.torch.float64).to(dtype).reshape(array.shape)

    def to_array(self, value: Any) -> Any:
        return value.detach().cpu().numpy() if isinstance(value, self.tensor_type) else value

    def from_array(self, value: Any) -> Any:
        kind = type(value)
        if kind.__module__ != "numpy" or not hasattr(value, "dtype") or value.dtype.kind not in "fiub":
            return value
        return self.torch.as_tensor(value)

    def leaf(self, value: Any) -> Leaf | None:
        if isinstance(value, self.tensor_type):
            bits = self.torch.finfo(value.dtype).bits if value.is_floating_point() else 64
            flat = value.detach().to(self.torch.float64).reshape(-1).tolist()
            return Leaf(tuple(flat), tuple(value.shape), bits)
        return None

    def evaluate(self, call: Call, arrays: list[Array], precision: str) -> Any:
        return call([self.tensor(array, precision) for array in arrays])

    def differentiate(
        self, call: Call, arrays: list[Array], wanted: list[int], precision: str
    ) -> tuple[Any, Gradients]:
        """The result, and the gradient of its first tensor with respect to the wanted arrays."""
        tensors = [self.tensor(array, precision) for array in arrays]
        leaves = [tensors[index].requires_grad_() for index in wanted]
        with self.torch.enable_grad():
            # Predictions are never leaves in a training step: in-place changes to them must be allowed here too.
            given = [tensor.clone() if tensor.requires_grad else tensor for tensor in tensors]
            result = call(given)
        first = first_of(result)
        if not isinstance(first, self.tensor_type) or not first.requires_grad:
            return result, [None] * len(leaves)
        flat = first.reshape(-1)
        shares = self.make(weights(flat.numel()), dtype=flat.dtype)
        found = self.gradient((flat * shares).sum(), leaves, allow_unused=True)
        return result, [None if one is None else one.to(self.torch.float64).reshape(-1).tolist() for one in found]
