"""Functions that are chosen while a loss runs: a parameter, an attribute, an entry of a table, what an `if` left.

Which function is called may differ from call to call: such a call stays as it is written, and each function that may be
chosen is rewritten where it stands. Takes a text, a fault and its plan; gives the calls and the functions, or the
reason why not all of them are known. A table of functions that others read too is copied below itself first, and the
loss uses the copy: `with_own_tables` gives that text.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from autofix.analysis.faults import GraphFault
from autofix.analysis.record import Fact
from autofix.knowledge import effects
from autofix.knowledge.frameworks import CALLED, PACKAGES, framework_of, record_of
from autofix.knowledge.trainers import COMPILES
from autofix.model import Edit, Exit, Reason, Span
from autofix.rewrite.plan import Plan, leaves_the_graph
from autofix.rewrite.versions import free_name
from autofix.source.edits import apply_edits, one_per_place, stretch_of
from autofix.syntax.module import FUNCTIONS, FunctionNode, Syntax, parameter, returned
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import Bound, Scopes
from autofix.syntax.spans import HERE, Key, Positions, shortened, span

_MOST_STEPS = 200
_OF_KEYS = frozenset({"len", "list", "sorted", "set", "isinstance", "callable"})
"""Functions that are told no more of a table, or of a function in it, than its keys or its kind."""


@dataclass(frozen=True)
class Option:
    """A function of a library that may be chosen: its canonical name, and what `functools.partial` has filled in."""

    name: str
    filled: ast.Call | None = None


@dataclass
class Choices:
    """Calls of chosen functions, with the facts of each; where its options stand; tables that others read too."""

    sites: dict[Key, tuple[ast.Call, Fact]] = field(default_factory=dict)
    options: dict[Key, Option] = field(default_factory=dict)
    called_at: dict[Key, list[Key]] = field(default_factory=dict)
    shared: dict[str, ast.Assign | ast.AnnAssign] = field(default_factory=dict)
    chain: list[ast.Name] = field(default_factory=list)


class _Unseen(Exception):
    """Not all that may be chosen is seen; the text says what is not."""


def choices(text: str, fault: GraphFault, planned: Plan) -> Choices | Reason:
    """Return the calls of a plan whose function is chosen, and what may be chosen there."""
    syntax = Syntax(parsed(text), text)
    look = _Look(Scopes(syntax), fault)
    for key, fact in planned.operations.items():
        if key.kind != "Call" or key.file != HERE:
            continue
        call = syntax.with_key(key)
        is_method = fact.callee.startswith(("ndarray.", "Tensor."))
        if isinstance(call, ast.Call) and is_method and not isinstance(call.func, ast.Attribute):
            return _refusal(call, _Unseen("it is a method of the object it is called on"), key)
        if not isinstance(call, ast.Call) or not _is_of_a_library(fact) or look.is_fixed(call):
            continue
        try:
            look.follow(call, key, fact)
        except _Unseen as unseen:
            return _refusal(call, unseen, key)
    for call, key, held in look.held:
        try:
            look.refuse_readers(held)
        except _Unseen as unseen:
            return _refusal(call, unseen, key)
    return look.found


def _refusal(call: ast.Call, unseen: _Unseen, key: Key) -> Reason:
    said = f"`{_shown(_callee(call))}` is chosen at run time, and not all of its possible values are known"
    return Reason(Exit.REWRITE, f"{said}: {unseen}", span(key))


def _is_of_a_library(fact: Fact) -> bool:
    package = effects.package_of(fact.callee)
    return package not in ("ndarray", "Tensor", "Model") and leaves_the_graph(fact.callee)


def _callee(call: ast.Call) -> ast.expr:
    """Return what is called in the end: `f` of `map(f, xs)`."""
    return call.args[0] if isinstance(call.func, ast.Name) and call.func.id == "map" and call.args else call.func


def _shown(node: ast.expr) -> str:
    return shortened(ast.unparse(node), 60)


class _Look:
    """The search for the options of all chosen calls of one loss."""

    def __init__(self, scopes: Scopes, fault: GraphFault) -> None:
        self._scopes, self._syntax, self._tree = scopes, scopes.syntax, scopes.syntax.tree
        self._around = fault.program.around
        self.found = Choices()
        self._steps = 0
        self._seen: set[int] = set()
        self.held: list[tuple[ast.Call, Key, ast.expr]] = []

    def is_fixed(self, call: ast.Call) -> bool:
        """Does the call name its function, so that it is the same each time?"""
        return call.func is _callee(call) and bool(self._scopes.dotted(call.func))

    def follow(self, call: ast.Call, key: Key, fact: Fact) -> None:
        """Take down what may be called at a call, and the names on the way there."""
        self._steps, self._seen = 0, set()
        self.found.sites[key] = call, fact
        held: list[ast.expr] = []
        for node, option in self._options(_callee(call), held):
            place = self._syntax.key(node)
            self.found.options[place] = option
            self.found.called_at.setdefault(place, []).append(key)
        self.held += [(call, key, each) for each in held]

    def _options(self, node: ast.expr, held: list[ast.expr]) -> Iterator[tuple[ast.expr, Option]]:
        """Yield the library's functions that an expression may stand for; `held` are the names on the way there."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise _Unseen("there are too many possibilities")
        if id(node) in self._seen:
            return
        self._seen.add(id(node))
        match node:
            case ast.Lambda() | ast.Constant(value=None):
                return
            case ast.IfExp(body=one, orelse=other):
                yield from self._options(one, held)
                yield from self._options(other, held)
            case ast.BoolOp(values=values):
                for each in values:
                    yield from self._options(each, held)
            case ast.NamedExpr(value=value):
                yield from self._options(value, held)
            case ast.Name() | ast.Attribute() if (name := self._scopes.dotted(node)) and self._is_written_out(node):
                yield from self._named(node, name)
            case ast.Name():
                held.append(node)
                for bound in self._bound(node):
                    yield from self._through(bound, node, held)
            case ast.Attribute(value=owner, attr=attribute):
                held.append(node)
                for value in self._stored(owner, attribute, node):
                    yield from self._options(value, held)
            case ast.Subscript(value=table):
                for each in self._elements(table, held):
                    yield from self._options(each, held)
            case ast.Call():
                yield from self._called(node, held)
            case _:
                raise _Unseen(f"the result of `{_shown(node)}` is unknown")

    def _is_written_out(self, node: ast.expr) -> bool:
        """Is this the path itself, and no other name for it?"""
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name):
            return False
        scope, found = self._scopes.lookup(node)
        return scope is None or any(each.kind == "import" for each in found)

    def _named(self, node: ast.expr, name: str) -> Iterator[tuple[ast.expr, Option]]:
        if framework_of(name) and name not in effects.BREAKERS and name not in effects.REWRAPS:
            return  # it keeps the gradient, and stays
        if effects.package_of(name) not in (*effects.LEAVERS, "builtins", *PACKAGES):
            raise _Unseen(f"`{_shown(node)}` is defined in another file")
        yield node, Option(name)

    def _bound(self, name: ast.Name) -> list[Bound]:
        scope, found = self._scopes.lookup(name)
        if scope is None or not found:
            raise _Unseen(f"the value of `{name.id}` is unknown")
        return found

    def _through(self, bound: Bound, name: ast.Name, held: list[ast.expr]) -> Iterator[tuple[ast.expr, Option]]:
        """Yield the options of one binding of a name."""
        if bound.kind == "parameter" and isinstance(bound.node, FUNCTIONS):
            for each in self._passed(bound.node, name.id):
                yield from self._options(each, held)
        elif bound.kind == "value" and isinstance(bound.node, ast.expr):
            for each in _parts(bound.node, bound.way):
                yield from self._options(each, held)
        elif bound.kind == "element" and isinstance(bound.node, ast.expr):
            for each in self._iterated(bound.node, bound.way, held):
                yield from self._options(each, held)
        elif bound.kind != "definition":
            raise _Unseen(f"the value of `{name.id}` in line {name.lineno} is unknown")

    def _called(self, call: ast.Call, held: list[ast.expr]) -> Iterator[tuple[ast.expr, Option]]:
        name = self._scopes.dotted(call.func)
        if name == "functools.partial" and call.args:
            filled = self._scopes.dotted(call.args[0])
            if not filled:
                yield from self._options(call.args[0], held)
            elif effects.package_of(filled) in effects.LEAVERS:
                yield call, Option(filled, call)
        elif name in ("builtins.staticmethod",) and call.args:
            yield from self._options(call.args[0], held)
        elif name == "builtins.getattr" and len(call.args) > 1:
            owner, asked = self._scopes.dotted(call.args[0]), call.args[1]
            if not (owner and isinstance(asked, ast.Constant) and isinstance(asked.value, str)):
                raise _Unseen("its name is known only at run time")
            yield from self._named(call, effects.canonical(f"{owner}.{asked.value}"))
        elif isinstance(call.func, ast.Attribute) and call.func.attr == "get" and not name:
            for each in [*self._elements(call.func.value, held), *call.args[1:2]]:
                yield from self._options(each, held)
        elif isinstance(call.func, ast.Name) and isinstance(made := self._function(call.func), FUNCTIONS):
            held.append(call.func)
            for each in returned(made):
                yield from self._options(each, held)
        else:
            raise _Unseen(f"the result of `{_shown(call)}` is unknown")

    def _function(self, name: ast.Name) -> ast.AST | None:
        _, found = self._scopes.lookup(name)
        return found[0].node if len(found) == 1 and found[0].kind == "definition" else None

    def _elements(self, node: ast.expr, held: list[ast.expr]) -> list[ast.expr]:
        """Return all that a table may hold."""
        match node:
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                parts = [[value] if key is not None else self._elements(value, held) for key, value in pairs]
                return [each for part in parts for each in part]
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                if not any(isinstance(each, ast.Starred) for each in elements):
                    return elements
            case ast.IfExp(body=one, orelse=other):
                return [*self._elements(one, held), *self._elements(other, held)]
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords) if all(k.arg for k in keywords):
                return [each.value for each in keywords]
            case ast.Name():
                held.append(node)
                bound = self._bound(node)
                if all(each.kind == "value" and not each.way and isinstance(each.node, ast.expr) for each in bound):
                    values = [each.node for each in bound if isinstance(each.node, ast.expr)]
                    return [*(each for one in values for each in self._elements(one, held)), *self._added(node, held)]
            case ast.Attribute(value=owner, attr=attribute):
                held.append(node)
                return [each for one in self._stored(owner, attribute, node) for each in self._elements(one, held)]
            case ast.Subscript(value=table):
                return [each for one in self._elements(table, held) for each in self._elements(one, held)]
        raise _Unseen(f"the contents of `{_shown(node)}` are unknown")

    def _added(self, table: ast.Name, held: list[ast.expr]) -> Iterator[ast.expr]:
        """Yield what is put into a table behind its making."""
        for each in ast.walk(self._tree):
            match each:
                case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name) as owner)], value=value):
                    if name == table.id:
                        held.append(owner)
                        yield value
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=method)) if name == table.id:
                    if method in ("update", "setdefault", "append", "extend", "insert", "pop", "clear", "__setitem__"):
                        raise _Unseen(f"`{name}` is changed in line {each.lineno}")

    def _iterated(self, node: ast.expr, way: tuple[int, ...], held: list[ast.expr]) -> list[ast.expr]:
        """Return what a loop over `node` binds: `f` of `for name, f in TABLE.items()`."""
        match node:
            case ast.Call(func=ast.Attribute(value=table, attr="items"), args=[]) if way[:1] == (1,):
                found, rest = self._elements(table, held), way[1:]
            case ast.Call(func=ast.Attribute(value=table, attr="values"), args=[]):
                found, rest = self._elements(table, held), way
            case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *_]) if way[:1] == (1,):
                return self._iterated(inner, way[1:], held)
            case ast.Call(func=ast.Name(id="zip"), args=columns) if way and way[0] < len(columns):
                return self._iterated(columns[way[0]], way[1:], held)
            case _:
                found, rest = self._elements(node, held), way
        return [part for each in found for part in _parts(each, rest)]

    def _stored(self, owner: ast.expr, attribute: str, node: ast.expr) -> list[ast.expr]:
        """Return all that an attribute of an object of this file is given anywhere in it."""
        kind = next((each for each in self._syntax.around(node) if isinstance(each, ast.ClassDef)), None)
        if not (isinstance(owner, ast.Name) and owner.id in ("self", "cls")) or kind is None:
            raise _Unseen(f"the value of `{_shown(node)}` is unknown")
        in_class = self._scopes.stores(kind).get(attribute, [])
        found = [each.node for each in in_class if each.kind == "value" and isinstance(each.node, ast.expr)]
        if any(each.kind == "definition" for each in in_class):
            return found
        for each in ast.walk(self._tree):
            match each:
                case ast.Assign(targets=targets, value=value):
                    found += [part for target in targets for part in _given_to(target, value, attribute)]
                case ast.AnnAssign(target=target, value=ast.expr() as value) if _is_attribute(target, attribute):
                    found.append(value)
                case ast.Attribute(attr=name, ctx=ast.Store()) if name == attribute and not found:
                    raise _Unseen(f"the value assigned to `{_shown(node)}` in line {each.lineno} is unknown")
                case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=name), *_]) if name == attribute:
                    raise _Unseen(f"`{attribute}` is set in line {each.lineno}")
        if not found:
            raise _Unseen(f"the value of `{_shown(node)}` is unknown")
        return found

    def _passed(self, function: FunctionNode, name: str) -> list[ast.expr]:
        """Return all that a parameter is given: its default, and the arguments of every call."""
        if isinstance(function, ast.Lambda):
            raise _Unseen(f"the argument for `{name}` is unknown")
        default = _default(function, name)
        owner = next(iter(self._syntax.around(function)), None)
        owner = owner if isinstance(owner, ast.ClassDef) else None
        called = owner.name if owner is not None and function.name == "__init__" else function.name
        if self._around is not None and self._around.uses(called):
            raise _Unseen(f"another file may pass any value for `{name}` of `{called}`")
        calls = list(self._calls(function, owner, called, name, default is not None))
        if not calls:
            raise _Unseen(f"no call of `{called}` shows the argument for `{name}`")
        place = _place(function, name) - (owner is not None)
        given = [each for call in calls for each in _argument(call, place, name)]
        return [*given, *([default] if default is not None else [])]

    def _calls(
        self, function: FunctionNode, owner: ast.ClassDef | None, called: str, name: str, optional: bool
    ) -> Iterator[ast.Call]:
        """Yield every call of a function of this file; one that may be called unseen is refused."""
        method = owner is not None and getattr(function, "name", "") != "__init__"
        if method and called in CALLED:
            raise _Unseen(f"the argument for `{name}` is unknown")
        heirs = [each for each in ast.walk(self._tree) if isinstance(each, ast.ClassDef) and owner is not None
                 and any(isinstance(base, ast.Name) and base.id == owner.name for base in each.bases)]  # fmt: skip
        if heirs:
            raise _Unseen(f"`{heirs[0].name}` may pass any value for `{name}`")
        calls = {id(each.func): each for each in ast.walk(self._tree) if isinstance(each, ast.Call)}
        for each in ast.walk(self._tree):
            named = each.attr if method and isinstance(each, ast.Attribute) else getattr(each, "id", "")
            if named != called or not isinstance(each, (ast.Name, ast.Attribute)) or not isinstance(each.ctx, ast.Load):
                continue
            if id(each) in calls:
                yield calls[id(each)]
            elif not (optional and self._is_given_to_a_trainer(each)):
                raise _Unseen(f"`{called}` may be called from line {each.lineno} with any value for `{name}`")

    def _is_given_to_a_trainer(self, node: ast.expr) -> bool:
        """Is this `model.compile(loss=f)`? Keras calls it with the targets and the predictions, and no more."""
        around = [each for each in self._syntax.around(node) if isinstance(each, ast.Call)][:1]
        return any(isinstance(each.func, ast.Attribute) and each.func.attr in COMPILES for each in around)

    def refuse_readers(self, held: ast.expr) -> None:
        """Let nobody else be given what is written anew; of a table the loss gets a version of its own."""
        if isinstance(held, ast.Name):
            scope, found = self._scopes.lookup(held)
            nodes = (each for each in ast.walk(self._tree) if isinstance(each, ast.Name) and each.id == held.id)
            readers = [each for each in nodes if self._scopes.lookup(each)[0] is scope]
            table = self._table(found) if scope is self._tree else None
            self.found.chain.append(held)
        else:
            attribute = held.attr if isinstance(held, ast.Attribute) else ""
            readers = [each for each in ast.walk(self._tree) if _is_attribute(each, attribute)]  # type: ignore[misc]
            table = None
        followed = {id(each) for _, _, each in self.held}
        exported = table is not None and self._around is not None and self._around.uses(getattr(held, "id", ""))
        for each in readers:
            if isinstance(each.ctx, ast.Load) and id(each) not in followed and not self._asks_for_keys(each):
                if table is None:
                    raise _Unseen(f"`{_shown(held)}` is used in line {each.lineno} too")
                exported = True
        if exported and table is not None and isinstance(held, ast.Name):
            self.found.shared[held.id] = table

    def _table(self, found: list[Bound]) -> ast.Assign | ast.AnnAssign | None:
        """Return the statement that makes a table of the module, where there is but one."""
        if len(found) != 1 or not isinstance(found[0].node, (ast.Dict, ast.List, ast.Tuple)):
            return None
        for each in self._tree.body:
            if isinstance(each, (ast.Assign, ast.AnnAssign)) and each.value is found[0].node:
                return each
        return None

    def _asks_for_keys(self, node: ast.expr) -> bool:
        """Does the code around a name ask for no more than the keys of a table, or whether there is a function?"""
        above, further, *_ = (*self._syntax.around(node), self._tree, self._tree)
        match above:
            case ast.Compare(ops=ops):
                return all(isinstance(each, (ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) for each in ops)
            case ast.Call(func=ast.Name(id=name)):
                return name in _OF_KEYS
            case ast.Attribute(attr="keys"):
                return isinstance(further, ast.Call)
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                return test is node
            case ast.UnaryOp(op=ast.Not()):
                return True
            case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
                _, found = self._scopes.lookup(node) if isinstance(node, ast.Name) else (None, [])
                return iterated is node and all(isinstance(each.node, ast.Dict) for each in found)
            case _:
                return False


def _given_to(target: ast.expr, value: ast.expr, attribute: str) -> list[ast.expr]:
    """Return what an assignment gives an attribute: `f` of `self.q, self.agg = q, f` for `agg`."""
    match target, value:
        case ast.Tuple(elts=names) | ast.List(elts=names), ast.Tuple(elts=parts) | ast.List(elts=parts) if len(
            names
        ) == len(parts):
            pairs = zip(names, parts, strict=True)
            return [part for one, other in pairs for part in _given_to(one, other, attribute)]
    return [value] if _is_attribute(target, attribute) else []


def _is_attribute(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _parts(node: ast.expr, way: tuple[int, ...]) -> list[ast.expr]:
    """Return the part of a tuple that is written out."""
    for place in way:
        if not isinstance(node, (ast.Tuple, ast.List)) or place >= len(node.elts):
            raise _Unseen(f"the contents of `{_shown(node)}` are unknown")
        node = node.elts[place]
    return [node]


def _place(function: FunctionNode, name: str) -> int:
    """Return the place of a parameter among those given by position; one behind all of them where it has none."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return names.index(name) if name in names else sys.maxsize


def _default(function: FunctionNode, name: str) -> ast.expr | None:
    spec = function.args
    if parameter(function, name) in (spec.vararg, spec.kwarg):
        raise _Unseen(f"the contents of `{name}` are unknown")
    positional = [*spec.posonlyargs, *spec.args]
    pairs = [*zip(positional[::-1], spec.defaults[::-1], strict=False),
             *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]  # fmt: skip
    return next((default for each, default in pairs if each.arg == name), None)


def _argument(call: ast.Call, place: int, name: str) -> list[ast.expr]:
    """Return what a call gives a parameter, nothing where it is left out."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(each.arg is None for each in call.keywords):
        raise _Unseen(f"the value unpacked in line {call.lineno} is unknown")
    named = [each.value for each in call.keywords if each.arg == name]
    return named or call.args[place : place + 1]


def with_own_tables(text: str, fault: GraphFault, planned: Plan) -> str | Reason | None:
    """Return the text in which every table to be changed is the loss's alone; None where that is so already."""
    found = choices(text, fault, planned)
    if isinstance(found, Reason):
        return found
    if not found.shared:
        return None
    suffix = record_of(fault.framework).suffix
    names = {name: free_name(name, suffix.upper() if name.isupper() else suffix, text) for name in found.shared}
    positions = Positions(text)
    reads = [each for each in found.chain if each.id in names and isinstance(each.ctx, ast.Load)]
    renamed = [Edit(span(positions.key(each)), names[each.id]) for each in reads]
    return apply_edits(text, [*one_per_place(renamed), *_copies(text, found, names)])


def _copies(text: str, found: Choices, names: Mapping[str, str]) -> Iterator[Edit]:
    """Yield the edits that put a copy below each table, under its new name."""
    for name, statement in found.shared.items():
        end = (statement.end_lineno or 0) + 1
        table = stretch_of(text, Span(statement.lineno, 1, end, 1))
        yield Edit.of_lines(end, end, names[name] + table[len(name) :])
