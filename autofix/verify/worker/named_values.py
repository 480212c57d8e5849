"""Values by name: hyper-parameters, and what models return."""

from __future__ import annotations

from typing import Any


class Values(dict):  # type: ignore[type-arg]
    """Had as attributes, as items and by their number."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, key: Any) -> Any:
        return list(self.values())[key] if isinstance(key, int) and key not in self else super().__getitem__(key)


def values(by_path: dict[str, Any]) -> Values:
    """`{"lr": 0.1, "model.width": 10}` as nested values."""
    nested = Values()
    for path, value in by_path.items():
        *above, last = path.split(".")
        inner = nested
        for name in above:
            inner = inner.setdefault(name, Values())
        inner[last] = value
    return nested
