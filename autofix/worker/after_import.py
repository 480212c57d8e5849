"""Do something as soon as the program has imported a module, and leave the module as it would have been."""

from __future__ import annotations

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Collection


class AfterImport:
    """A finder that lets others find, and calls `then` with the name of a module once that has been executed."""

    def __init__(self, names: Collection[str], then: Callable[[str], None]) -> None:
        self.waiting, self.then = set(names), then

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in self.waiting:
            return None
        self.waiting.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = Loading(spec.loader, lambda: self.then(name))  # type: ignore[assignment]
        return spec

    def install(self) -> None:
        sys.meta_path.insert(0, self)

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)


class Loading:
    """A loader for as long as it loads one module: the module knows its own one alone."""

    def __init__(self, own: Any, then: Callable[[], None]) -> None:
        self.own, self.then = own, then

    def create_module(self, spec: ModuleSpec) -> Any:
        return self.own.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self.own
        if module.__spec__ is not None:
            module.__spec__.loader = self.own
        self.own.exec_module(module)
        self.then()
