"""What a run looked at beside its text: the files that it opened, and the modules that it asked for in vain."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.util import source_from_cache
from typing import Any

KERNEL = ("/proc", "/sys", "/dev")
PACKAGES = (os.sep + "site-packages" + os.sep, os.sep + "dist-packages" + os.sep)


class Opened:
    """Listens from `watch` on; installed packages, the standard library and the run's own `folder` are left out."""

    def __init__(self, folder: str) -> None:
        here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
        outside = (folder, here, os.path.dirname(os.__file__), *KERNEL)  # noqa: PTH120
        self.outside = tuple(one + os.sep for one in outside)
        self.paths: set[str] = set()
        self.absent: set[str] = set()

    def watch(self) -> None:
        """Listen until the process ends: there is no way to stop."""
        sys.addaudithook(self.hear)
        sys.meta_path.append(self)

    def hear(self, event: str, arguments: Any) -> None:
        if event == "open" and type(arguments[0]) is str:
            self.paths.add(arguments[0])

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        """The last to be asked for a module: whoever is before has not found it."""
        self.absent.add(name)

    def told(self) -> dict[str, list[str]]:
        """Absolute paths of files, sources in place of their bytecode, and dotted names of modules."""
        absent = [one for one in self.absent if one not in sys.modules]
        return {"files": sorted(set(self.theirs(list(self.paths)))), "absent": sorted(absent)}

    def theirs(self, paths: Iterable[str]) -> Iterable[str]:
        for given in paths:
            path = os.path.abspath(given)  # noqa: PTH100
            if (path + os.sep).startswith(self.outside) or any(one in path for one in PACKAGES):
                continue
            try:
                yield source_from_cache(path)
            except ValueError:
                yield path
