"""What the proof of a rule asks of a framework: tensors, gradients, and the function as it will be used."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any, Callable, Union

import numpy as np

Function = Callable[..., Any]


class Torch:
    """PyTorch, on the processor."""

    def __init__(self) -> None:
        self.torch: Any = importlib.import_module("torch")
        self.namespace: dict[str, Any] = {"torch": self.torch, "math": math, "np": np}

    def tensor(self, array: Any, gradient: bool) -> Any:
        return self.torch.tensor(array, requires_grad=gradient)

    def array(self, value: Any) -> Any:
        return value.detach().resolve_conj().numpy() if isinstance(value, self.torch.Tensor) else np.asarray(value)

    def value_and_gradients(self, function: Function, inputs: Sequence[Any], weight: Any) -> tuple[Any, Any]:
        """The value, and the gradient of its sum weighted by `weight`; none without one."""
        tensors = [self.tensor(array, weight is not None) for array in inputs]
        value = function(*tensors)
        if weight is None:
            return value, None
        parts = self.torch.view_as_real(value.resolve_conj()) if value.is_complex() else value
        loss = (parts * self.torch.as_tensor(weight)).sum()
        gradients = self.torch.autograd.grad(loss, tensors, allow_unused=True)
        return value, [np.zeros_like(a) if g is None else g.numpy() for a, g in zip(inputs, gradients)]

    def stack(self, elements: Any) -> Any:
        return self.torch.stack(elements)

    def as_function(self, function: Function, inputs: Sequence[Any]) -> Any:
        return function(*[self.tensor(array, False) for array in inputs])


class TensorFlow:
    """TensorFlow, eagerly and inside tf.function."""

    def __init__(self) -> None:
        self.tf: Any = importlib.import_module("tensorflow")
        self.namespace: dict[str, Any] = {"tf": self.tf, "math": math, "np": np}

    def tensor(self, array: Any, gradient: bool) -> Any:
        return self.tf.constant(array)

    def array(self, value: Any) -> Any:
        return value.numpy() if self.tf.is_tensor(value) else np.asarray(value)

    def value_and_gradients(self, function: Function, inputs: Sequence[Any], weight: Any) -> tuple[Any, Any]:
        """The value, and the gradient of its sum weighted by `weight`; none without one."""
        tensors = [self.tf.constant(array) for array in inputs]
        if weight is None:
            return function(*tensors), None
        with self.tf.GradientTape() as tape:
            for tensor in tensors:
                tape.watch(tensor)
            value = function(*tensors)
            parts = self._real_and_imaginary(value) if value.dtype.is_complex else value
            loss = self.tf.reduce_sum(parts * weight)
        gradients = tape.gradient(loss, tensors)
        dense = [None if g is None else self.tf.convert_to_tensor(g).numpy() for g in gradients]
        return value, [np.zeros_like(a) if g is None else g for a, g in zip(inputs, dense)]

    def _real_and_imaginary(self, value: Any) -> Any:
        return self.tf.stack([self.tf.math.real(value), self.tf.math.imag(value)], axis=-1)

    def stack(self, elements: Any) -> Any:
        return self.tf.stack(elements)

    def traced_shape(self, shape: Sequence[int]) -> list[int | None]:
        """The shape under which a function is traced."""
        return [None, *shape[1:]] if len(shape) > 1 else list(shape)

    def as_function(self, function: Function, inputs: Sequence[Any]) -> Any:
        """Inside tf.function, the first axis of unknown length."""
        signature = [self.tf.TensorSpec(self.traced_shape(a.shape), a.dtype) for a in inputs]
        return self.tf.function(lambda *tensors: function(*tensors), input_signature=signature)(*inputs)


class Keras(TensorFlow):
    """`keras.ops` on TensorFlow, which must know at once that a matrix is square."""

    def __init__(self) -> None:
        super().__init__()
        self.namespace = {"ops": importlib.import_module("keras").ops, "math": math, "np": np}

    def traced_shape(self, shape: Sequence[int]) -> list[int | None]:
        return list(shape) if len(shape) == 2 and shape[0] == shape[1] else super().traced_shape(shape)


Backend = Union[Torch, TensorFlow]


def backend(framework: str) -> Backend:
    """The backend of a framework, which is imported now."""
    if framework == "keras":
        return Keras()
    return Torch() if framework == "torch" else TensorFlow()
