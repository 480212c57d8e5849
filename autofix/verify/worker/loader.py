"""Load each module once for every way of running it."""

from __future__ import annotations

from typing import Any

from .held import Held
from .load import LoadedModule, Plan
from .measure import Runnable
from .oracle import bridge_namespace, bridging_import
from .parameters import parameters_of

VARIANT = 1000
"""What a choice is raised by for each of the request's variants: the loss is loaded with another value of one name."""


class Loader:
    """Loaded losses by plan, precision, mode and the way their factories are called.

    The modes are those of the oracle, and `uncut`: explicit cuts do nothing while it is loaded. After the ways of the
    factories come the same with stand-ins for every model.
    """

    def __init__(self, request: dict[str, Any], backend: Any) -> None:
        self.request = request
        self.backend = backend
        self.loaded: dict[tuple[int, str, str, int], Runnable | Exception] = {}

    def load(self, plan: Plan, precision: str, mode: str, choice: int) -> Runnable:
        key = (id(plan), precision, mode, choice)
        if key not in self.loaded:
            try:
                self.loaded[key] = self.load_anew(plan, precision, mode, choice)
            except Exception as error:
                self.loaded[key] = error
        found = self.loaded[key]
        if isinstance(found, Exception):
            raise found
        return found

    def load_anew(self, plan: Plan, precision: str, mode: str, choice: int) -> Runnable:
        self.backend.precision(precision)
        wide_with = self.backend.framework if precision == "wide" else None
        bridge = bridging_import(self.backend, mode) if mode in ("arrays", "tensors") else None
        held, way = self.held_for(plan, choice)
        module = LoadedModule(plan, self.backend.module_base, self.backend.reseed, wide_with, bridge, held)
        if bridge is not None:
            bridge_namespace(module.namespace, self.backend, mode)
        function = module.loss(way)
        if choice >= VARIANT:
            self.vary(self.request["variants"][choice // VARIANT - 1], function, module)
        names = [name for step in plan["steps"] for name in step["names"]]
        parameters = parameters_of(function, module.namespace, names, self.backend)
        frozen = self.request["frozen"]
        wanted = {name: one for name, one in parameters.items() if not is_of(name, frozen)}
        return Runnable(function, self.backend, precision, mode == "inputs", wanted, held.standins, module.fixed)

    def vary(self, variant: dict[str, Any], function: Any, module: LoadedModule) -> None:
        """Give an attribute of the loss, or a name of its module, the value of a variant."""
        if variant["where"] == "global":
            module.namespace[variant["name"]] = variant["value"]
        else:
            setattr(function.__self__, variant["name"], variant["value"])

    def held_for(self, plan: Plan, choice: int) -> tuple[Held, int]:
        """What stands in for models at a choice, and which way to call factories that is."""
        ways, held, choice = ways_of(plan), self.request["held"], choice % VARIANT
        return Held(self.backend, held["models"], held["values"], everywhere=choice >= ways), choice % ways


def ways_of(plan: Plan) -> int:
    """How many ways there are to call the factories of a loss and to build its instance."""
    return max(1, *(len(level["calls"]) for level in plan["levels"]))


def is_of(name: str, roots: list[str]) -> bool:
    return any(name == root or name.startswith((root + ".", root + "/", root + "[")) for root in roots)
