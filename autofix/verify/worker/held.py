"""What a loss holds and cannot have: models of its instance or its module, and values of its instance.

`__model__("self.encoder")` in the arguments of a class is a stand-in. Where the loss does not run as it stands,
stand-ins are put `everywhere`: for every model that it calls, also those that could be built.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import Any

from .named_values import Values, values
from .opaque import Opaque, Stub
from .standins import StandIn


class Held:
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
            if owner == "self" and attribute and self.is_model_or_missing(had(instance, attribute)):
                place(instance, attribute, self.stand_in(name))
        for name, value in values(dict(self.plain)).items():
            if f"self.{name}" not in self.models and lacks(had(instance, name), value):
                place(instance, name, value)

    def is_model_or_missing(self, value: Any) -> bool:
        is_missing = value is None or isinstance(value, (Opaque, Stub, int, float, str))
        return is_missing or bool(self.backend.parameters(value))


def had(instance: Any, name: str) -> Any:
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
