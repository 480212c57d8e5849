"""Stand-ins for what cannot be had: an opaque value, and a module that is not installed.

Both are silent until something needs their value; then they raise `Unavailable` with the reason.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from .named_values import Values

USES = (
    "add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow matmul rmatmul neg pos abs "
    "invert and rand or ror xor rxor lt le gt ge eq ne bool len iter next contains getitem setitem delitem int "
    "float index complex round array enter exit format"
).split()


class Unavailable(Exception):
    """A value was needed that could not be had; the message is the reason."""


def refuse(self: Any, *_: object, **__: object) -> Any:
    raise Unavailable(object.__getattribute__(self, "_reason"))


class Opaque:
    """A name whose statement was not run."""

    def __init__(self, reason: str) -> None:
        object.__setattr__(self, "_reason", reason)

    __getattr__ = __setattr__ = __call__ = refuse
    __hash__ = object.__hash__


class Stub:
    """A name from a module that is not there: decorators are the identity, calls for their effect do nothing."""

    def __init__(self, reason: str, bases: tuple[type, ...] = ()) -> None:
        self._reason = reason
        self._bases = bases

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Stub(self._reason, self._bases)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        if len(arguments) == 1 and not named and callable(arguments[0]):
            return arguments[0]
        return Stub(self._reason, self._bases)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        missing = type("Missing", (OfMissing,), {"_reason": self._reason})
        return missing, *(one for one in self._bases if one is not object)

    __hash__ = object.__hash__


class OfMissing:
    """A base class from a module that is not there: what a method asks of it is a stub."""

    _reason = ""

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def __getattr__(self, name: str) -> Any:
        above = getattr(super(), "__getattr__", None)
        try:
            if above is not None:
                return above(name)
        except AttributeError:
            pass
        if name.startswith("_"):
            raise AttributeError(name)
        return Stub(self._reason)

    def save_hyperparameters(self, *_: Any, **__: Any) -> None:
        """The arguments of the caller, as Lightning keeps them."""
        frame = sys._getframe(1)
        code = frame.f_code
        names = code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount]
        self.hparams = Values({name: frame.f_locals[name] for name in names})


def _equip(kind: type, names: list[str], method: Callable[..., Any]) -> None:
    for name in names:
        setattr(kind, f"__{name}__", method)


_equip(Opaque, USES, refuse)
_equip(Stub, USES, refuse)
