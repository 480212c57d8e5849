"""Take a plan (`text`, `name`, `steps`, `levels`); run the chosen statements in a fresh namespace and give the loss.

With `wide_with` (the backend) the loss computes in double precision where it casts to single; with `bridge`,
functions import array libraries through the bridge; `standins` lists the stand-ins for models. A statement that was not
chosen, or that raises, binds its names to opaque values, so that only a loss that needs them fails. Each module is
loaded once for every way of running it. Line numbers in messages are marked, so that the host can translate them to
lines of the file.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Dict, Tuple

from .backends.base import Backend
from .draw import together
from .measure import FIXED, Fixed, Marked, Runnable, parameters_of
from .oracle import BRIDGE, FRAMEWORK, bridge_inner_imports, bridge_namespace, bridging_import, widen
from .protocol import at_line
from .records import Level, Plan, Statement, TrialRequest, Variant
from .standins import Opaque, StandIns, Stub, Unavailable, tolerant, values

MODULE = "__autofix_slice__"
Position = Tuple[int, int]
Namespace = Dict[str, Any]


class LoadedModule:
    """The namespace of a slice and its syntax tree, before the loss is taken out of it."""

    def __init__(
        self,
        plan: Plan,
        framework_module: type,
        reseed: Callable[[int], None],
        wide_with: Backend | None = None,
        bridge: Callable[[str, str], Any] | None = None,
        standins: StandIns | None = None,
    ) -> None:
        self.plan = plan
        self.standins = standins or StandIns()
        self.module_base = framework_module
        self.tree = ast.parse(plan["text"]) if wide_with is None else widen(ast.parse(plan["text"]), wide_with)
        self.tree = self.tree if bridge is None else bridge_inner_imports(self.tree)
        self.tree = tolerant(self.tree) if self.standins.everywhere else self.tree
        if plan["fixed"]:
            self.tree = Marked(plan["fixed"]).visit(self.tree)
        self.fixed = Fixed()
        self.places = {position(node): node for node in ast.walk(self.tree) if isinstance(node, ast.stmt)}
        self.namespace = self.fresh_namespace()
        if wide_with is not None:
            self.namespace[FRAMEWORK] = wide_with.framework
        if bridge is not None:
            self.namespace[BRIDGE] = bridge
        self.namespace.update(__model__=self.standins.stand_in, __values__=values)
        self.namespace[FIXED] = self.fixed
        for step in plan["steps"]:
            reseed(0)
            self.run(step)
        self.standins.furnish_namespace(self.namespace)

    def fresh_namespace(self) -> Namespace:
        name = self.plan["name"]
        lines = self.plan["text"].splitlines(keepends=True)
        linecache.cache[name] = (len(self.plan["text"]), None, lines, name)
        module = types.ModuleType(MODULE)
        module.__file__ = self.plan["path"]
        module.__package__ = self.plan["package"]
        # Found again by pickling, dataclasses and inspect.getmodule.
        sys.modules[module.__name__] = module
        return module.__dict__

    def execute(self, statement: ast.stmt) -> None:
        module = ast.Module(body=[statement], type_ignores=[])
        exec(compile(module, self.plan["name"], "exec", dont_inherit=True, flags=self.future_flags()), self.namespace)

    def future_flags(self) -> int:
        import __future__

        wanted = self.plan["future"]
        return sum(getattr(__future__, name).compiler_flag for name in wanted if hasattr(__future__, name))

    def run(self, step: Statement) -> None:
        statement = self.places[place_of(step["at"])]
        reason = step["reason"]
        if reason:
            self.bind(step["names"], Opaque(f"needs {reason}"))
            return
        try:
            self.execute(statement)
        except ImportError as error:
            missing = f"{', '.join(step['names'])} from {at_line(statement.lineno)}, which could not be imported"
            reason = f"needs {error.name}, which is not installed" if error.name else f"needs {missing}"
            self.bind(step["names"], Stub(reason, (self.module_base,)))
        except Exception as error:
            names = ", ".join(step["names"])
            reason = f"needs {names} from {at_line(statement.lineno)}, which raised {type(error).__name__}: {error}"
            self.bind(step["names"], Opaque(str(error) if isinstance(error, Unavailable) else reason))

    def bind(self, names: list[str], value: object) -> None:
        for name in names:
            self.namespace.setdefault(name, value)

    def loss(self, choice: int) -> Callable[..., Any]:
        """The loss itself; `choice` picks among the ways to call its factories and build its instance."""
        levels = self.plan["levels"]
        found: Any = None
        for level, below in together(levels, [*levels[1:], None]):
            if level["kind"] == "factory" and below is not None:
                found = self.call_factory(level, below["name"], found, choice)
            elif level["kind"] == "class":
                found = self.instance(found if found is not None else self.namespace[level["name"]], level, choice)
            elif found is None:
                found = self.namespace[level["name"]]
            elif level["kind"] == "method":
                found = getattr(found, level["name"])
        if not callable(found):
            raise Unavailable(f"{levels[-1]['name']} is not a function when it is run")
        return found  # type: ignore[no-any-return]

    def call_factory(self, level: Level, wanted: str, owner: Any, choice: int) -> Any:
        """Run what the nested function needs from its enclosing one, and hand the nested one out."""
        node = self.places[place_of(level["at"])]
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        body = [piece for step in level["keep"] for piece in self.enclosed(step)]
        body.append(located(ast.parse(f"return {wanted}").body[0], node.body[-1]))
        factory = ast.FunctionDef(**{**fields_of(node), "body": body, "decorator_list": [], "name": "__enclosing__"})
        self.namespace["__opaque__"] = Opaque
        self.execute(located(factory, node))
        arguments = [] if owner is None or level["static"] else [owner]
        positional, named = self.arguments(level, choice)
        return self.namespace["__enclosing__"](*arguments, *positional, **named)

    def enclosed(self, step: Statement) -> Iterator[ast.stmt]:
        statement = self.places[place_of(step["at"])]
        if not step["reason"]:
            yield statement
            return
        for name in step["names"]:
            text = f"{name} = __opaque__({'needs ' + step['reason']!r})"
            yield located(ast.parse(text).body[0], statement)

    def instance(self, kind: Any, level: Level, choice: int) -> Any:
        if level["static"]:
            return kind
        positional, named = self.arguments(level, choice)
        instance = kind(*positional, **named)
        self.standins.furnish(instance)
        return instance

    def arguments(self, level: Level, choice: int) -> tuple[list[Any], dict[str, Any]]:
        ways = level["calls"]
        if not ways:
            return [], {}
        way = ways[min(choice, len(ways) - 1)]
        value = self.value
        return [value(text) for text in way["positional"]], {name: value(text) for name, text in way["named"].items()}

    def value(self, text: str) -> Any:
        return eval(compile(text, self.plan["name"], "eval", dont_inherit=True), self.namespace)


def place_of(at: Sequence[int]) -> Position:
    """A line and a column, as JSON has them."""
    line, column = at
    return line, column


def position(node: ast.stmt) -> Position:
    return node.lineno, node.col_offset


def fields_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> dict[str, Any]:
    return dict(ast.iter_fields(node))


def located(node: ast.stmt, like: ast.stmt) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(node, like))


VARIANT = 1000
"""What a choice is raised by for each of the request's variants: the loss is loaded with another value of one name."""


class Loader:
    """Loaded losses by plan, precision, mode and the way their factories are called.

    The modes are those of the oracle, and `uncut`: explicit cuts do nothing while it is loaded. After the ways of the
    factories come the same with stand-ins for every model.
    """

    def __init__(self, request: TrialRequest, backend: Backend) -> None:
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
        wide_with = self.backend if precision == "wide" else None
        bridge = bridging_import(self.backend, mode) if mode in ("arrays", "tensors") else None
        standins, way = self.standins_for(plan, choice)
        module = LoadedModule(plan, self.backend.module_base, self.backend.reseed, wide_with, bridge, standins)
        if bridge is not None:
            bridge_namespace(module.namespace, self.backend, mode)
        function = module.loss(way)
        if choice >= VARIANT:
            self.vary(self.request["variants"][choice // VARIANT - 1], function, module)
        names = [name for step in plan["steps"] for name in step["names"]]
        parameters = parameters_of(function, module.namespace, names, self.backend)
        frozen = self.request["frozen"]
        wanted = {name: one for name, one in parameters.items() if not is_of(name, frozen)}
        return Runnable(function, self.backend, precision, mode == "inputs", wanted, standins.standins, module.fixed)

    def vary(self, variant: Variant, function: Any, module: LoadedModule) -> None:
        """Give an attribute of the loss, or a name of its module, the value of a variant."""
        if variant["where"] == "global":
            module.namespace[variant["name"]] = variant["value"]
        else:
            setattr(function.__self__, variant["name"], variant["value"])

    def standins_for(self, plan: Plan, choice: int) -> tuple[StandIns, int]:
        """What stands in for models at a choice, and which way to call factories that is."""
        ways, standins, choice = ways_of(plan), self.request["replaced"], choice % VARIANT
        return StandIns(self.backend, standins["models"], standins["values"], everywhere=choice >= ways), choice % ways


def ways_of(plan: Plan) -> int:
    """How many ways there are to call the factories of a loss and to build its instance."""
    return max(1, *(len(level["calls"]) for level in plan["levels"]))


def is_of(name: str, roots: list[str]) -> bool:
    return any(name == root or name.startswith((root + ".", root + "/", root + "[")) for root in roots)


@contextlib.contextmanager
def lines_noted(name: str, lines: set[int]) -> Iterator[None]:
    """Add the lines of the module that was compiled under this name, as they are run in here."""

    def note(frame: Any, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != name:
            return None
        lines.add(frame.f_lineno)
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(before)
