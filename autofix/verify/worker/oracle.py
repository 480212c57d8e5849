"""Ways to have the original's value although it may not run on the framework's tensors as it stands.

`plain`    as it is
`arrays`   NumPy's and SciPy's functions get arrays where they are given tensors, and give arrays
`tensors`  the same, and what they give is made a tensor again
`inputs`   the arguments themselves are arrays
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from typing import Any

ATTEMPTS = (
    ("double", "plain"),
    ("double", "arrays"),
    ("double", "tensors"),
    ("single", "plain"),
    ("single", "arrays"),
    ("single", "tensors"),
    ("double", "inputs"),
    ("single", "inputs"),
)
ARRAY_LIBRARIES = ("numpy", "scipy", "sklearn")


class Bridge:
    """A NumPy module or function that takes tensors as arrays, lists of tensors included."""

    def __init__(self, wrapped: Any, to_array: Callable[[Any], Any], from_array: Callable[[Any], Any] | None) -> None:
        self._wrapped = wrapped
        self._to_array = to_array
        self._from_array = from_array

    def __getattr__(self, name: str) -> Any:
        return bridged(getattr(self._wrapped, name), self._to_array, self._from_array)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        taken = convert(list(arguments), self._to_array)
        taken_named = {name: convert(value, self._to_array) for name, value in named.items()}
        result = self._wrapped(*taken, **taken_named)
        return result if self._from_array is None else self._from_array(result)


def convert(value: Any, to_array: Callable[[Any], Any]) -> Any:
    if type(value) in (list, tuple):
        return type(value)(convert(item, to_array) for item in value)
    return to_array(value)


def bridged(value: Any, to_array: Callable[[Any], Any], from_array: Callable[[Any], Any] | None) -> Any:
    """Types stay themselves, for isinstance; constants stay themselves too."""
    if isinstance(value, type) or not (callable(value) or isinstance(value, types.ModuleType)):
        return value
    return Bridge(value, to_array, from_array)


def bridge_namespace(namespace: dict[str, Any], backend: Any, mode: str) -> None:
    """Replace the array libraries in a namespace by bridges to them."""
    from_array = backend.from_array if mode == "tensors" else None
    for name, value in list(namespace.items()):
        if library_of(value) in ARRAY_LIBRARIES:
            namespace[name] = bridged(value, backend.to_array, from_array)


def bridging_import(backend: Any, mode: str) -> Callable[[str, str], Any]:
    """What imports a module, a name of one (`numpy:mean`) or the top of a dotted one, and gives a bridge to it."""
    from_array = backend.from_array if mode == "tensors" else None

    def imported(name: str, top: str) -> Any:
        module, _, attribute = name.partition(":")
        value = importlib.import_module(module)
        value = importlib.import_module(top) if top else getattr(value, attribute) if attribute else value
        return bridged(value, backend.to_array, from_array)

    return imported


def library_of(value: Any) -> str:
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(type(value), "__module__", "")
    if isinstance(value, types.FunctionType) or type(value).__name__ in (
        "_ArrayFunctionDispatcher",
        "builtin_function_or_method",
    ):
        name = getattr(value, "__module__", "") or ""
    return str(name).partition(".")[0]
