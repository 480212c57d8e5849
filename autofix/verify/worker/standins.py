"""Stand-ins for models that a loss is given or holds: small differentiable functions of what they are called with.

What a stand-in returns is a free tensor of the point, moved by a smooth function of the arguments: the loss is looked
at as a function of the model's output, and a gradient reaches what the model was fed with, twice if need be.
A form says it: `{"paths": {"": pack, "encode": pack}, "kinds": ["normal"], "numbers": {"config.width": 10}}`, and
a pack is `{"pack": "tensor" | "tuple" | "fields" | "criterion", "items": [0, 1], "keys": ["logits", "loss"]}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import sin as sine
from typing import Any

from .named_values import Values
from .opaque import Unavailable
from .together import together

THEMSELVES = frozenset("train eval to cuda cpu float double half requires_grad_ zero_grad compile share_memory".split())
PARAMETERS = frozenset("trainable_variables trainable_weights variables weights".split())
TRANSPARENT = frozenset({"forward", "call", "__call__", "module"})


class Lacking(Unavailable, AttributeError):
    """An attribute was asked of a stand-in that it has not; `hasattr` says so."""


class StandIn:
    """A model that is not there; `filled` gives it what it shall return, before each run."""

    def __init__(self, name: str, backend: Any, path: str = "", shared: dict[str, Any] | None = None) -> None:
        self._name, self._backend, self._path = name, backend, path
        self._shared: dict[str, Any] = {} if shared is None else shared

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return self._answer(self._path, arguments, named)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._part(name)

    def _part(self, name: str) -> Any:
        if name in TRANSPARENT:
            return self
        path = f"{self._path}.{name}".strip(".")
        form = self._shared.get("form", {"paths": {}, "numbers": {}})
        if path in form["numbers"]:
            return form["numbers"][path]
        if any(f"{known}.".startswith(f"{path}.") for known in (*form["paths"], *form["numbers"])):
            return StandIn(self._name, self._backend, path, self._shared)
        if name in THEMSELVES:
            return lambda *_, **__: self
        if name in PARAMETERS:
            return list(self._shared.get("tensors", []))
        if name == "parameters":
            return partial(iter, list(self._shared.get("tensors", [])))
        if name in ("training", "losses"):
            return True if name == "training" else []
        raise Lacking(f"{self._name} is a model that could not be had, and its {name} is needed")

    def _answer(self, path: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        form = self._shared.get("form")
        if form is None or path not in form["paths"]:
            raise Unavailable(f"{self._name} is a model that could not be had, and what it returns is needed")
        fed = [one for value in (*arguments, *named.values()) for one in tensors_in(value, self._backend)]
        pack = form["paths"][path]
        if pack["pack"] == "criterion":
            return self._backend.distance(fed)
        salt = sum(map(ord, self._name + path))
        found = [
            self._backend.moved_by(self._shared["tensors"][item], fed, form["kinds"][item], salt + item)
            for item in pack["items"]
        ]
        if pack["pack"] == "fields":
            return Values(together(pack["keys"], found))
        return tuple(found) if pack["pack"] == "tuple" else found[0]


def filled(standin: StandIn, form: dict[str, Any], tensors: list[Any]) -> StandIn:
    standin._shared.update(form=form, tensors=tensors)
    return standin


def adopt(held: StandIn, given: StandIn) -> None:
    """Have a model that the loss holds return what another one does."""
    held._shared.update(given._shared)


def tensors_in(value: Any, backend: Any) -> Iterator[Any]:
    """Every tensor in nested tuples, lists and dicts, their order kept."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from tensors_in(one, backend)
    elif backend.is_fed(value):
        yield value


def wave(rows: int, columns: int, salt: int) -> list[list[float]]:
    """Fixed weights without a pattern that an exchanged axis would keep; the sum of a column's squares is about one."""
    scale = (2.0 / max(rows, 1)) ** 0.5
    return [[scale * sine(1.0 + salt + 1.7 * row + 2.9 * column + 0.37 * row * column) for column in range(columns)]
            for row in range(rows)]  # fmt: skip
