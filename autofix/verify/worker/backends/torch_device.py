"""Whether a loss would mix devices if its arguments were on an accelerator, found without one.

Every tensor that is given counts as elsewhere, every tensor that is made without a device as on the CPU, and what an
operation gives is where its operands are. The meta device says the same and takes a second to be imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

STRICT = frozenset({"stack", "cat", "concat", "concatenate", "hstack", "vstack", "matmul", "mm", "bmm", "dot", "mv"})
FREE = frozenset({"__getitem__", "to", "copy_", "type_as", "cpu", "cuda", "set_", "__get__", "__set__", "equal"})


class MixedDevices(Exception):
    """An operation met a tensor on the CPU and one that is elsewhere."""


def device_mode(torch: Any, elsewhere: list[Any]) -> Any:
    """A context in which the first operation that mixes devices raises `MixedDevices`."""

    class Devices(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.places: dict[int, tuple[Any, bool]] = {}
            self.place(elsewhere, on_cpu=False)

        def place(self, result: Any, on_cpu: bool) -> None:
            for tensor in tensors(torch, result):
                self.places[id(tensor)] = (tensor, on_cpu)

        def on_cpu(self, tensor: Any) -> bool | None:
            return self.places.get(id(tensor), (None, None))[1]

        def __torch_function__(
            self, function: Callable[..., Any], types: Any, arguments: Any = (), named: dict[str, Any] | None = None
        ) -> Any:
            named = named or {}
            given = list(tensors(torch, (arguments, named)))
            known = [(one, where) for one in given if (where := self.on_cpu(one)) is not None]
            name = getattr(function, "__name__", "")
            if any(not where for _, where in known) and name not in FREE:
                left = [one for one, where in known if where and (one.dim() or name in STRICT)]
                if left:
                    raise MixedDevices(f"{name} met float{list(left[0].shape)} on the CPU")
            result = function(*arguments, **named)
            self.place(result, self.result_on_cpu(name, given, arguments, named))
            return result

        def result_on_cpu(self, name: str, given: list[Any], arguments: Any, named: dict[str, Any]) -> bool:
            if name == "cpu":
                return True
            wanted = [one for one in (*arguments[1:], named.get("device")) if isinstance(one, (str, torch.device))]
            if any(one == "cpu" for one in wanted if isinstance(one, str)):
                return True
            if any(isinstance(one, torch.device) or one.startswith("cuda") for one in wanted):
                return False
            if name in ("to", "type_as") and len(given) > 1:
                return self.on_cpu(given[1]) is True
            return all(self.on_cpu(one) is True for one in given)

    return Devices()


def tensors(torch: Any, value: Any) -> Iterator[Any]:
    """Every tensor in nested tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors(torch, item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(torch, item)
