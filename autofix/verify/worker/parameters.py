"""The parameters that a loss finds outside its arguments: in its instance, its closure and its module.

They are differentiated like predictions: a patch that cuts a learned temperature out of the graph is no mending.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .draw import Argument, Point
from .opaque import Opaque
from .together import together

MOST = 8
MOST_ELEMENTS = 2000
CONTAINERS = (list, tuple, dict)


def parameters_of(
    function: Callable[..., Any], namespace: dict[str, Any], names: list[str], backend: Any
) -> dict[str, Any]:
    """Parameters by the name a reader knows them under (`self.log_sigma`, `head.weight`), few and small ones only."""
    found: dict[str, Any] = {}
    for root, value in owners(function, namespace, names):
        for name, parameter in within(root, value, backend):
            known = any(parameter is other for other in found.values())
            if not known and 0 < backend.count(parameter) <= MOST_ELEMENTS:
                found[name] = parameter
    return found if len(found) <= MOST else {}


def owners(function: Callable[..., Any], namespace: dict[str, Any], names: list[str]) -> Iterator[tuple[str, Any]]:
    """The instance of a method, what a closure holds, and the module's names that the loss uses."""
    if getattr(function, "__self__", None) is not None:
        yield "self", function.__self__  # type: ignore[attr-defined]
    inner = getattr(function, "__func__", function)
    code, cells = getattr(inner, "__code__", None), getattr(inner, "__closure__", None)
    if code is not None and cells:
        for name, cell in together(code.co_freevars, cells):
            try:
                yield name, cell.cell_contents
            except ValueError:
                continue
    yield from ((name, namespace[name]) for name in names if name in namespace)


def within(name: str, value: Any, backend: Any, depth: int = 2) -> Iterator[tuple[str, Any]]:
    """The parameters that a value is or has, one container or plain object deep."""
    own = () if isinstance(value, Opaque) else backend.parameters(value)
    if own is not None:
        yield from ((f"{name}{suffix}", parameter) for suffix, parameter in own)
    elif depth and isinstance(value, CONTAINERS):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from within(f"{name}[{key!r}]", item, backend, depth - 1)
    elif depth and name == "self" and hasattr(value, "__dict__"):
        for key, item in vars(value).items():
            yield from within(f"{name}.{key}", item, backend, depth - 1)


def as_arguments(parameters: Mapping[str, Any], backend: Any) -> Point:
    """The parameters with the values that they were made with."""
    return tuple(Argument(name, (backend.array_of(one),), owned=True) for name, one in parameters.items())
