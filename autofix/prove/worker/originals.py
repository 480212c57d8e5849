"""What a rule stands for, and the rule itself, imported: only the proof runs either."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

_SHORT = {
    "np": "numpy",
    "math": "math",
    "special": "scipy.special",
    "stats": "scipy.stats",
    "norm": "scipy.stats.norm",
    "ndimage": "scipy.ndimage",
    "distance": "scipy.spatial.distance",
    "linalg": "scipy.linalg",
    "signal": "scipy.signal",
    "integrate": "scipy.integrate",
}


def stand_in_for_autofix(bundled: str) -> None:
    """Make `autofix.rules` importable where autofix itself is not installed."""
    package, rules = ModuleType("autofix"), ModuleType("autofix.rules")
    package.__path__, rules.__path__ = [], [bundled]
    sys.modules.update({"autofix": package, "autofix.rules": rules})


@lru_cache(maxsize=None)
def rule_module(file: str, bundled: str) -> Any:
    """The module of a file of rules."""
    path = Path(file)
    if Path(bundled) in path.parents:
        return importlib.import_module(".".join(("autofix.rules", *path.relative_to(bundled).with_suffix("").parts)))
    spec = importlib.util.spec_from_file_location(f"rules_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=None)
def original(name: str) -> Any:
    """What a dotted name stands for: a module's member, or a member of one of its classes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        try:
            found: Any = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(f"there is no module {parts[0]!r}")


def named_in(names: set[str]) -> dict[str, Any]:
    """The modules that these names are short for in an example."""
    return {name: original(_SHORT[name]) for name in sorted(names & set(_SHORT))}
