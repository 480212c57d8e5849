"""Array libraries that tell a recorder of the tensors that they are given: NumPy reads their memory and asks nobody."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, Dict, Tuple

from .oracle import ARRAY_LIBRARIES, bridged, library_of
from .provenance import Recorder
from .stack import is_foreign

Namespace = Dict[str, Any]
Imported = Tuple[Namespace, str, Any]


class Listening:
    """With `as_tensors`, what the libraries give is made a tensor again."""

    def __init__(self, recorder: Recorder, as_tensors: bool) -> None:
        self.recorder = recorder
        self.from_array = recorder.backend.from_array if as_tensors else None

    @contextlib.contextmanager
    def in_place_of(self, imported: Iterable[Imported]) -> Iterator[None]:
        """What was imported is exchanged for a while."""
        try:
            for namespace, name, value in imported:
                namespace[name] = self.bridge(library_of(value), value)
            yield
        finally:
            for namespace, name, value in imported:
                namespace[name] = value

    def imported(self, name: str, top: str) -> Any:
        """What a function imports for itself, as `bridging_import` has it."""
        module, _, attribute = name.partition(":")
        value = importlib.import_module(module)
        value = importlib.import_module(top) if top else getattr(value, attribute) if attribute else value
        return self.bridge(module.partition(".")[0], value)

    def bridge(self, library: str, value: Any) -> Any:
        return bridged(value, partial(self.to_array, "AF101" if library == "numpy" else "AF107"), self.from_array)

    def to_array(self, code: str, value: Any) -> Any:
        """A tensor as an array, which is a place if it was live."""
        is_live = self.recorder.is_live(value)
        self.recorder.resting = True
        try:
            array = self.recorder.backend.to_array(value)
        finally:
            self.recorder.resting = False
        return self.recorder.lost(array, code) if is_live else array


def project_namespaces() -> list[Namespace]:
    """The namespaces of all modules that are the user's."""
    files = [(getattr(module, "__file__", None), module) for module in list(sys.modules.values())]
    return [vars(module) for file, module in files if type(file) is str and not is_foreign(file)]


def imported_in(namespaces: Iterable[Namespace]) -> list[Imported]:
    """The array libraries' modules and functions in namespaces."""
    return [
        (namespace, name, value)
        for namespace in namespaces
        for name, value in list(namespace.items())
        if library_of(value) in ARRAY_LIBRARIES
    ]
