"""A loss and example tensors in, its value and the gradient at each prediction out, in the process of the caller.

The frameworks are taken from `sys.modules`: whoever has their tensors has imported them.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autofix.model import Framework


@dataclass(frozen=True)
class Flow:
    """The value of the loss (its mean where it is no scalar), and the norm of each gradient, None where there is none.

    `error` is the first line of what the framework or the loss raised, and `runs` whether the loss gives a value at
    least where no gradient is asked for.
    """

    value: float | None
    gradients: Mapping[str, float | None]
    error: str = ""
    runs: bool = True


def flow(
    framework: Framework, loss: Callable[..., Any], tensors: Mapping[str, Any], predictions: Sequence[str]
) -> Flow:
    """Run the loss once on copies of the predictions and differentiate it; whatever it raises becomes `error`."""
    nothing: dict[str, float | None] = dict.fromkeys(predictions)
    seen: list[float | None] = [None]
    try:
        gradients = _BACKENDS[framework](loss, tensors, predictions, seen)
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        runs = seen[0] is not None or _runs(loss, tensors)
        return Flow(seen[0], nothing, f"{type(error).__name__}: {lines[0]}", runs)
    return Flow(seen[0], nothing | dict(zip(predictions, gradients, strict=True)))


def _torch(
    loss: Callable[..., Any], tensors: Mapping[str, Any], predictions: Sequence[str], seen: list[float | None]
) -> list[float | None]:
    torch = sys.modules["torch"]
    leaves = {name: tensors[name].detach().clone().requires_grad_() for name in predictions}
    with torch.enable_grad():
        value = loss(**{**tensors, **leaves})
    total = value.sum() if isinstance(value, torch.Tensor) else value
    seen[0] = _mean(value)
    if not isinstance(total, torch.Tensor):
        raise TypeError(f"the loss returns {_kind(value)}, which has no gradient")
    gradients = torch.autograd.grad(total, list(leaves.values()), allow_unused=True)
    return [None if gradient is None else float(gradient.norm()) for gradient in gradients]


def _tensorflow(
    loss: Callable[..., Any], tensors: Mapping[str, Any], predictions: Sequence[str], seen: list[float | None]
) -> list[float | None]:
    tensorflow = sys.modules["tensorflow"]
    copies = [tensorflow.identity(tensors[name]) for name in predictions]
    with tensorflow.GradientTape() as tape:
        tape.watch(copies)
        value = loss(**{**tensors, **dict(zip(predictions, copies, strict=True))})
    seen[0] = _mean(value)
    if not tensorflow.is_tensor(value):
        raise TypeError(f"the loss returns {_kind(value)}, which has no gradient")
    gradients = tape.gradient(value, copies)
    return [None if gradient is None else float(tensorflow.norm(gradient)) for gradient in gradients]


def _runs(loss: Callable[..., Any], tensors: Mapping[str, Any]) -> bool:
    """Does the loss return at all, on tensors that ask for no gradient?"""
    plain = {name: each.detach() if hasattr(each, "detach") else each for name, each in tensors.items()}
    try:
        loss(**plain)
    except Exception:
        return False
    return True


def _mean(value: Any) -> float | None:
    """The value as a number, NaN and all; None for what is none."""
    try:
        plain = value.detach() if hasattr(value, "detach") else value
        whole = plain.numpy() if hasattr(plain, "numpy") else plain
        mean = float(whole.mean() if hasattr(whole, "mean") else whole)
    except (TypeError, ValueError):
        return None
    return mean if math.isfinite(mean) else None


def _kind(value: Any) -> str:
    kind = type(value)
    return "None" if value is None else f"a {kind.__module__}.{kind.__qualname__}".replace("builtins.", "")


_Backend = Callable[[Callable[..., Any], Mapping[str, Any], Sequence[str], "list[float | None]"], "list[float | None]"]
_BACKENDS: dict[Framework, _Backend] = {"torch": _torch, "tensorflow": _tensorflow}
