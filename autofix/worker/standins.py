"""Stand-ins for values that cannot be created: opaque values, missing modules, models, and values by name.

An opaque value or a missing module is silent until something needs its value; then it raises `Unavailable` with the
reason.

A stand-in for a model is a small differentiable function of its arguments. Its result is a free tensor of the point,
varied by a smooth function of the arguments: the loss is a function of the model's output, and a gradient reaches the
input of the model, twice if need be. Its form is `{"paths": {"": pack, "encode": pack}, "kinds": ["normal"], "numbers":
{"config.width": 10}}`, and a pack is `{"pack": "tensor" | "tuple" | "fields" | "criterion", "items": [0, 1], "keys":
["logits", "loss"]}`. A model that runs is recorded: what each of its methods returned, a stand-in has to return.

`__model__("self.encoder")` in the arguments of a class is a stand-in. If the loss does not run as written, stand-ins
replace `everywhere` each model that it calls, including those that could be built.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import partial
from math import sin as sine
from typing import Any

from .backends.base import ITSELF, PARAMETERS
from .draw import together
from .records import ModelForm


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


USES = (
    "__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __floordiv__ __rfloordiv__ __mod__ "
    "__rmod__ __pow__ __rpow__ __matmul__ __rmatmul__ __neg__ __pos__ __abs__ __invert__ __and__ __rand__ __or__ "
    "__ror__ __xor__ __rxor__ __lt__ __le__ __gt__ __ge__ __eq__ __ne__ __bool__ __len__ __iter__ __next__ "
    "__contains__ __getitem__ __setitem__ __delitem__ __int__ __float__ __index__ __complex__ __round__ __array__ "
    "__enter__ __exit__ __format__"
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
        setattr(kind, name, method)


_equip(Opaque, USES, refuse)
_equip(Stub, USES, refuse)


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
        if name in ITSELF:
            return lambda *_, **__: self
        if name in PARAMETERS:
            return list(self._shared.get("tensors", []))
        if name == "parameters":
            return partial(iter, list(self._shared.get("tensors", [])))
        if name in ("training", "losses"):
            return True if name == "training" else []
        raise Lacking(f"{self._name} is a model that could not be created, and its {name} is needed")

    def _answer(self, path: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
        form = self._shared.get("form")
        if form is None or path not in form["paths"]:
            raise Unavailable(f"{self._name} is a model that could not be created, and its output is needed")
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


def filled(standin: StandIn, form: ModelForm, tensors: list[Any]) -> StandIn:
    standin._shared.update(form=form, tensors=tensors)
    return standin


def adopt(own: StandIn, other: StandIn) -> None:
    """Have a model that the loss holds return what another one does."""
    own._shared.update(other._shared)


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


class RecordedModel:
    """A model that answers as it does, and keeps the first answer of each of its methods, by path."""

    def __init__(self, model: Any, path: str = "", answers: dict[str, Any] | None = None) -> None:
        self._model, self._path = model, path
        self._answers: dict[str, Any] = {} if answers is None else answers

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        answer = self._model(*arguments, **named)
        self._answers.setdefault(self._path, answer)
        return answer

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._model, name)
        if name.startswith("__") or not callable(value):
            return value
        path = self._path if name in TRANSPARENT else f"{self._path}.{name}".strip(".")
        return RecordedModel(value, path, self._answers)


def returned_by(recorded: RecordedModel, form: ModelForm) -> list[Any]:
    """What stands for each item of a form; raises where the answers have another form."""
    found: dict[int, Any] = {}
    for path, pack in form["paths"].items():
        if not pack["items"]:
            continue
        answer = recorded._answers[path]
        for place, (item, key) in enumerate(together(pack["items"], pack["keys"])):
            found[item] = part_of(answer, pack["pack"], place, key)
        if pack["pack"] == "tuple" and len(answer) != len(pack["items"]):
            raise KeyError(path)
    return [found[item] for item in range(len(found))]


def part_of(answer: Any, pack: str, place: int, key: str) -> Any:
    if pack == "tuple":
        return answer[place]
    if pack == "fields":
        return answer[key] if isinstance(answer, dict) else getattr(answer, key)
    return answer


class StandIns:
    """The stand-ins of one loaded module, by the name of what they stand for."""

    def __init__(
        self,
        backend: Any = None,
        models: Collection[str] = (),
        plain: Mapping[str, Any] = Values(),
        everywhere: bool = False,
    ) -> None:
        self.backend, self.models, self.plain, self.everywhere = backend, models, plain, everywhere
        self.standins: dict[str, StandIn] = {}

    def stand_in(self, name: str) -> StandIn:
        return self.standins.setdefault(name, StandIn(name, self.backend))

    def furnish_namespace(self, namespace: dict[str, Any]) -> None:
        """Put stand-ins for the module's models that could not be had."""
        for name in self.models if self.everywhere else ():
            if "." not in name and isinstance(namespace.get(name, Opaque("")), (Opaque, Stub)):
                namespace[name] = self.stand_in(name)

    def furnish(self, instance: Any) -> None:
        """Put stand-ins for the models of an instance, and values for what it lacks."""
        if not self.everywhere:
            return
        for name in self.models:
            owner, _, attribute = name.partition(".")
            if owner == "self" and attribute and self.is_model_or_missing(attribute_of(instance, attribute)):
                place(instance, attribute, self.stand_in(name))
        for name, value in values(dict(self.plain)).items():
            if f"self.{name}" not in self.models and lacks(attribute_of(instance, name), value):
                place(instance, name, value)

    def is_model_or_missing(self, value: Any) -> bool:
        is_missing = value is None or isinstance(value, (Opaque, Stub, int, float, str))
        return is_missing or bool(self.backend.parameters(value))


def attribute_of(instance: Any, name: str) -> Any:
    """An attribute of an instance; None where it has none."""
    try:
        return getattr(instance, name, None)
    except Exception:
        return None


def lacks(value: Any, wanted: Any) -> bool:
    """Whether there is no value, or one without the parts that are asked of it."""
    if value is None or isinstance(value, (Opaque, Stub)):
        return True
    return isinstance(wanted, dict) and isinstance(value, (int, float, str))


def place(instance: Any, name: str, value: Any) -> None:
    """Set an attribute past what a module says to a model that is none of its own kind."""
    getattr(instance, "_modules", {}).pop(name, None)
    vars(instance)[name] = value


def tolerant(tree: ast.Module) -> ast.Module:
    """The module with every statement of every `__init__` allowed to fail: what it would have set is missing then."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for start in node.body:
                if isinstance(start, ast.FunctionDef) and start.name == "__init__":
                    start.body = [allowed_to_fail(one) for one in start.body]
    return ast.fix_missing_locations(tree)


def allowed_to_fail(statement: ast.stmt) -> ast.stmt:
    guarded = ast.parse("try:\n    pass\nexcept Exception:\n    pass").body[0]
    assert isinstance(guarded, ast.Try)
    guarded.body = [statement]
    return ast.copy_location(guarded, statement)
