"""Take the text of a module and the qualified name of a loss; give the statements that the loss needs, in order.

The plan never includes training code. A statement that must not be run is listed with the reason; its names become
opaque values in the worker. A factory or a class is called as the module calls it, with defaults, or by guess.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from autofix.knowledge.naming import guess
from autofix.model import Exit, Reason
from autofix.syntax.bindings import (
    FUNCTION_NODES,
    FunctionNode,
    bound,
    needed,
    needed_by_all,
    needed_by_function,
    needed_by_method,
    parameters,
    required_parameters,
    touched,
)
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import at_line
from autofix.trial.models import attributes_used, called_inside, is_name
from autofix.trial.purity import Purity, is_main_guard
from autofix.worker import records
from autofix.worker.records import CallArguments, Plan

MOST_CALL_SITES = 3
MODEL, VALUES = "__model__", "__values__"


@dataclass(frozen=True)
class Way:
    """The arguments of one call, as expressions in the module's own words."""

    positional: tuple[str, ...] = ()
    named: dict[str, str] = field(default_factory=dict)

    def record(self) -> CallArguments:
        """As the worker takes it."""
        return {"positional": list(self.positional), "named": self.named}

    def sizes(self) -> list[int]:
        """Whole numbers that may be a number of classes."""
        texts = [*self.positional, *self.named.values()]
        return [int(text) for text in texts if text.isdigit() and 2 <= int(text) <= 32]

    def needs(self) -> set[str]:
        texts = [*self.positional, *self.named.values()]
        return {name for text in texts for name in needed(ast.parse(text, mode="eval"))} - {MODEL, VALUES}


def ways_to_call(module: ast.Module, node: ast.AST, name: str, purity: Purity) -> tuple[Way, ...]:
    """The ways to call a function or build a class, the module's own first."""
    module_names = {one for statement in module.body for one in bound(statement)}
    called = [
        way_of(call)
        for call in ast.walk(module)
        if isinstance(call, ast.Call) and calls(call, name) and not purity.objection_of(call.args, frozenset())
    ]
    sites = [way for way in called if way is not None and way.needs() <= module_names | set(purity.imports)]
    required = required_of(node)
    guessed = Way(named={one: guess_from_use(node, one) for one in required})
    unique = [way for number, way in enumerate(sites) if way not in sites[:number]]
    return (*unique[:MOST_CALL_SITES], guessed)


def guess_from_use(node: ast.AST, name: str) -> str:
    """A parameter of a class or a factory: a model where it is called, values where it is asked for some."""
    if isinstance(node, ast.ClassDef) and (attribute := called_inside(node, name)) is not None:
        return f"{MODEL}({'self.' + attribute!r})"
    called = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    if isinstance(node, FUNCTION_NODES) and any(is_name(one, name) for one in called):
        return f"{MODEL}({name!r})"
    values = dict(attributes_used([node], name)) | {
        one.removeprefix(f"{name}."): value
        for one, value in attributes_used([node], "self")
        if one.startswith(f"{name}.")
    }
    return f"{VALUES}({values!r})" if values else guess(name)


def calls(call: ast.Call, name: str) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == name


def way_of(call: ast.Call) -> Way | None:
    if any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords):
        return None
    return Way(
        tuple(ast.unparse(one) for one in call.args),
        {one.arg: ast.unparse(one.value) for one in call.keywords if one.arg is not None},
    )


def required_of(node: ast.AST) -> list[str]:
    """The parameters that a call has to give; `self` is not one of them."""
    if isinstance(node, ast.ClassDef):
        start = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)
        return required_parameters(start)[1:] if start is not None else []
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    return [one for one in required_parameters(node) if one not in ("self", "cls")]


LOCALS = "<locals>"


@dataclass(frozen=True)
class Level:
    """One part of a qualified name, and how to get from it to the next."""

    name: str
    kind: str
    at: tuple[int, int]
    static: bool = False
    keep: tuple[Step, ...] = ()
    calls: tuple[Way, ...] = ()

    def record(self) -> records.Level:
        """As the worker takes it."""
        keep, calls = [step.record() for step in self.keep], [way.record() for way in self.calls]
        return {
            "name": self.name, "kind": self.kind, "at": self.at, "static": self.static, "keep": keep, "calls": calls
        }  # fmt: skip


@dataclass(frozen=True)
class Slice:
    """What the worker needs to have one loss of one module; `function` is the loss itself, `used` all that is run.

    `lines` are the first and the last line of each statement that it is made of.
    """

    steps: tuple[Step, ...]
    levels: tuple[Level, ...]
    function: FunctionNode
    used: tuple[ast.stmt, ...]
    future: tuple[str, ...]
    lines: tuple[tuple[int, int], ...]

    def plan(self, text: str, name: str, path: str, package: str) -> Plan:
        return {
            "text": text,
            "name": name,
            "path": path,
            "package": package,
            "future": list(self.future),
            "steps": [step.record() for step in self.steps],
            "levels": [level.record() for level in self.levels],
            "lines": list(self.lines),
            "fixed": [],
        }


@dataclass(frozen=True)
class Found:
    """A definition on the way to the loss: its statement, what it defines, and the names its part of the way needs."""

    statement: ast.stmt
    node: ast.AST


def slice_module(text: str, qualname: str, line: int | None) -> Slice | Reason:
    """The slice, or why there is none."""
    module = parsed(text)
    chain = resolve(module, qualname, line)
    if chain is None or not isinstance(chain[-1].node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return Reason(Exit.TRIAL, f"{qualname} was not found in the module")
    purity = Purity(module)
    parts = [part for part in qualname.split(".") if part != LOCALS]
    levels, outside = levels_of(module, chain, parts, qualname, purity)
    statements = [one for one in module.body if not is_main_guard(one)]
    method = {chain[0].statement: parts[1]} if isinstance(chain[0].node, ast.ClassDef) and len(parts) > 1 else {}
    steps, used = select(statements, outside, purity, method)
    steps += from_main_guard(module, outside | needed_by_all(used), steps, purity)
    future = [
        alias.name
        for one in module.body
        if isinstance(one, ast.ImportFrom) and one.module == "__future__"
        for alias in one.names
    ]
    lines = lines_of(module, {step.at for step in steps} | {position(chain[0].statement)})
    return Slice(tuple(steps), tuple(levels), chain[-1].node, tuple(used), tuple(future), tuple(lines))


def lines_of(module: ast.Module, places: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The lines of the statements at these places, decorators included."""
    guarded = [one for guard in module.body if isinstance(guard, ast.If) and is_main_guard(guard) for one in guard.body]
    for statement in (*module.body, *guarded):
        if position(statement) in places:
            decorators = getattr(statement, "decorator_list", [])
            yield min(one.lineno for one in (statement, *decorators)), statement.end_lineno or statement.lineno


def resolve(module: ast.Module, qualname: str, line: int | None) -> list[Found] | None:
    """The definitions along a qualified name; of several with the same name, the one at `line`, else the last."""
    scope: ast.AST = module
    chain: list[Found] = []
    parts = [part for part in qualname.split(".") if part != LOCALS]
    for number, part in enumerate(parts):
        candidates = [found for found in definitions(scope) if part in bound(found.statement)]
        if not candidates:
            return None
        at_line = [one for one in candidates if contains(one.statement, line)] if number < len(parts) else []
        chain.append((at_line or candidates)[-1])
        scope = chain[-1].node
    return chain


def contains(statement: ast.stmt, line: int | None) -> bool:
    return line is not None and statement.lineno <= line <= (statement.end_lineno or statement.lineno)


def definitions(scope: ast.AST) -> list[Found]:
    """The functions, classes and named lambdas of a scope, wherever in its blocks they stand."""
    found: list[Found] = []
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(Found(node, node))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Lambda):
            found.append(Found(node, node.value))
        elif isinstance(node, (ast.stmt, ast.ExceptHandler)):
            found += definitions(node)
    return found


def levels_of(
    module: ast.Module, chain: list[Found], parts: list[str], qualname: str, purity: Purity
) -> tuple[list[Level], set[str]]:
    """The levels of a qualified name, and the names that they need from the module."""
    levels: list[Level] = []
    outside: set[str] = {parts[0]} if f"{parts[0]}.{LOCALS}" not in qualname else set()
    for number, (found, part) in enumerate(zip(chain, parts, strict=True)):
        below = chain[number + 1] if number + 1 < len(chain) else None
        kind = kind_of(found, chain[number - 1] if number else None, below)
        at = position(found.statement)
        keep: list[Step] = []
        if kind == "factory" and below is not None:
            assert isinstance(found.node, (ast.FunctionDef, ast.AsyncFunctionDef))
            keep, names = enclosed(found.node, below, parts[number + 1 :], purity)
            outside |= names - {one.arg for one in parameters(found.node)}
        elif isinstance(found.node, ast.ClassDef) and below is not None and number == 0:
            outside |= needed_by_method(found.node, parts[1])
        calls = ways_to_call(module, found.node, part, purity) if kind in ("factory", "class") else ()
        for way in calls:
            outside |= way.needs()
        levels.append(Level(part, kind, at, is_static(below), tuple(keep), calls))
    return levels, outside


def kind_of(found: Found, above: Found | None, below: Found | None) -> str:
    if isinstance(found.node, ast.ClassDef):
        return "class"
    if below is not None:
        return "factory"
    return "method" if above is not None and isinstance(above.node, ast.ClassDef) else "function"


def is_static(below: Found | None) -> bool:
    decorators = getattr(below.node, "decorator_list", []) if below else []
    return any(isinstance(one, ast.Name) and one.id in ("staticmethod", "classmethod") for one in decorators)


def preceding(body: list[ast.stmt], wanted: ast.stmt) -> Iterator[ast.stmt]:
    """The statements before one, in its own block and in those around it."""
    for statement in body:
        if statement is wanted:
            return
        if wanted in ast.walk(statement):
            blocks = [block for _, block in ast.iter_fields(statement) if isinstance(block, list) and block]
            for block in blocks:
                if any(wanted in ast.walk(one) for one in block):
                    yield from preceding(block, wanted)
            return
        yield statement


def enclosed(
    function: ast.FunctionDef | ast.AsyncFunctionDef, below: Found, rest: list[str], purity: Purity
) -> tuple[list[Step], set[str]]:
    """What a nested definition needs of the function around it, and what both need of the module."""
    names = needed(below.statement)
    if isinstance(below.node, ast.ClassDef) and len(rest) > 1:
        names = needed_by_method(below.node, rest[1])
    keep, used = select(list(preceding(function.body, below.statement)), names, purity)
    keep.append(Step(position(below.statement), (rest[0],)))
    own = {name for one in function.body for name in bound(one)} | {one.arg for one in parameters(function)}
    outside = needed_by_all(one.annotation for one in parameters(function) if one.annotation)
    outside |= needed_by_all(function.args.defaults) | needed_by_all(one for one in function.args.kw_defaults if one)
    return keep, outside | ((names | needed_by_all(used)) - own)


@dataclass(frozen=True)
class Step:
    """One statement: where it stands, what it binds, why it is not run (empty: it is)."""

    at: tuple[int, int]
    names: tuple[str, ...]
    reason: str = ""

    def record(self) -> records.Statement:
        """As the worker takes it."""
        return {"at": self.at, "names": list(self.names), "reason": self.reason}


def select(
    statements: Sequence[ast.stmt],
    names: set[str],
    purity: Purity,
    method: Mapping[ast.stmt, str] = MappingProxyType({}),
) -> tuple[list[Step], list[ast.stmt]]:
    """The statements that `names` need, directly or through others, in their order."""
    wanted, chosen = set(names), set[int]()
    while True:
        fresh = [
            number
            for number, one in enumerate(statements)
            if number not in chosen and wanted & (bound(one) | touched_values(one, purity)) | star(one)
        ]
        if not fresh:
            break
        chosen.update(fresh)
        for number in fresh:
            wanted |= needs_of(statements[number], method.get(statements[number]))
    steps = [step for number in sorted(chosen) if (step := step_of(statements[number], purity))]
    run = {step.at for step in steps if not step.reason}
    return steps, [statements[number] for number in sorted(chosen) if position(statements[number]) in run]


def touched_values(statement: ast.stmt, purity: Purity) -> set[str]:
    """Names changed in place; a module is not a value: `np.random.seed(0)` does not change `np`."""
    return touched(statement) - set(purity.imports) - set(purity.functions)


def star(statement: ast.stmt) -> set[str]:
    return {"*"} if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*" else set()


def needs_of(statement: ast.stmt, method: str | None) -> set[str]:
    """What a statement needs; of a class only `method` and what that calls, where it is given."""
    if isinstance(statement, ast.ClassDef) and method is not None:
        return needed_by_method(statement, method)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return needed_by_function(statement)
    if isinstance(statement, ast.ClassDef):
        return {name for one in statement.body for name in needed(one)} | needed_by_all(
            [*statement.bases, *statement.decorator_list, *(keyword.value for keyword in statement.keywords)]
        )
    return needed(statement)


def step_of(statement: ast.stmt, purity: Purity) -> Step | None:
    names = tuple(sorted(bound(statement) | star(statement) or touched(statement)))
    objection = purity.objection(statement) or unknown_call(statement, purity)
    if objection is None:
        return Step(position(statement), names)
    if isinstance(statement, ast.Expr):
        return None
    return Step(position(statement), names, f"{', '.join(names)} from {at_line(statement.lineno)} ({objection})")


def unknown_call(statement: ast.stmt, purity: Purity) -> str | None:
    """A call that stands alone is made for its effect: it must be a method's, or a function's that can be followed."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    is_unknown = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id not in purity.functions
    return "a call of something unknown" if is_unknown else None


def position(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.col_offset


def from_main_guard(module: ast.Module, names: set[str], steps: Iterable[Step], purity: Purity) -> list[Step]:
    """Simple assignments under `if __name__ == "__main__"`, for names that are bound nowhere else."""
    have = {name for step in steps for name in step.names}
    body = [one for guard in module.body if isinstance(guard, ast.If) and is_main_guard(guard) for one in guard.body]
    simple = [one for one in body if isinstance(one, (ast.Assign, ast.AnnAssign)) and purity.objection(one) is None]
    missing = {name for one in simple for name in bound(one)} & names - have
    return select(simple, missing, purity)[0] if missing else []
