"""Tells which reads of a value lead to what is differentiated, and what a plain value is for its other readers.

The expressions that a loss was made from say nothing of who else reads a name on its way. Here `loss` in
`history.append(loss)` and `loss` in `loss.backward()` are two makers, and only the second one is on the way. What is
not on the way stays a Python float, a NumPy scalar, an array or a detached tensor: `loss.item()` and `np.mean(a)` are
both numbers, and differ in what `repr`, `json` and `type` say of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum

from autofix.analysis.run import Run, evaluate
from autofix.analysis.values import INERT, Function, Scope, Value, join
from autofix.knowledge import effects
from autofix.knowledge.effects import COMPARING, INDICES, NUMPY_KEEPS_TORCH_GRAPH, package_of
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having, last_names
from autofix.model import Kind
from autofix.syntax.memo import nodes_of, remembered
from autofix.syntax.spans import Key

_READS = frozenset({ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant})
_ARRAYS_ONLY = frozenset({"numpy", "scipy", "sklearn", "statistics"})
_NUMERIC = frozenset({Kind.TENSOR, Kind.ARRAY, Kind.NUMBER})


class Reads:
    """An observer that makes every read of a value one of its own, and answers for who reads what; names say nothing.

    `reads` has what each read was made from. `beside` has what else went into an expression: an index, a factor.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.reads: dict[Key, frozenset[Key]] = {}
        self.beside: dict[Key, frozenset[Key]] = {}
        self._last: dict[Key, Value] = {}
        self._in_tuples: dict[ast.AST, frozenset[Key]] = {}
        self._callees: dict[Key, set[ast.AST]] = {}

    def evaluated(self, node: ast.expr, value: Value) -> Value:
        key = self.run.positions.key(node)
        if node.__class__ in _READS and value.makers != {key}:
            for callee in self._callees.get(key, ()):
                self._note_beside(key, self.in_tuples(callee))
            return self._read(key, value)
        if isinstance(node, (ast.BinOp, ast.Subscript, ast.Call)):
            self._note_beside(key, *(self._makers_of(each) for each in _parts_beside(node)))
        return value

    def called(self, node: ast.Call, function: Function) -> None:
        self._callees.setdefault(self.run.positions.key(node), set()).add(function.node)

    def returned(self, function: Function, values: Sequence[Value]) -> None:
        for value in values:
            if value.kind is Kind.SEQUENCE:
                self._in_tuples[function.node] = self.in_tuples(function.node) | frozenset(_all_makers(value))

    def binding(self, target: ast.expr, value: Value, scope: Scope) -> None:
        frames, names = self.run.context.frames, self.run.module.names
        if isinstance(target, ast.Subscript):
            evaluate(self.run, target.slice, scope)
        elif isinstance(target, ast.Name) and frames and target.id in _globals(frames[-1].function.node):
            old = names.get(target.id)
            names[target.id] = value if old is None or not is_numeric(old) else join((old, value))

    def in_tuples(self, function: ast.AST) -> frozenset[Key]:
        """Return what is in the tuples that a function returns: `(loss, out)` where it gives `loss` alone elsewhere."""
        return self._in_tuples.get(function, frozenset())

    def _read(self, key: Key, value: Value) -> Value:
        """Return a value as one that is made by its being read."""
        if not value.makers and (value.kind not in _NUMERIC or isinstance(value.traits.constant, bool)):
            return value
        self.reads[key] = self.reads.get(key, frozenset()) | value.makers
        self._last[key] = value
        items = value.items
        if items is not None:
            entries = (key._replace(kind=f"{key.kind}.{place}") for place in range(len(items)))
            items = tuple(self._read(entry, each) for entry, each in zip(entries, items, strict=True))
        element = value.element
        if element is not None:
            element = self._read(key._replace(kind=f"{key.kind}.each"), element)
            if items:
                makers = frozenset().union(*(each.makers for each in items))
                element = element._replace(makers=makers or element.makers)
        return value._replace(makers=frozenset({key}), items=items, element=element)

    def _note_beside(self, key: Key, *makers: frozenset[Key]) -> None:
        self.beside[key] = self.beside.get(key, frozenset()).union(*makers)

    def _makers_of(self, node: ast.expr) -> frozenset[Key]:
        key, facts = self.run.positions.key(node), self.run.facts.by_key
        if key in self.reads:
            return frozenset({key})
        if isinstance(node, (ast.Tuple, ast.List)):
            return frozenset().union(*(self._makers_of(each) for each in node.elts))
        return facts[key].value.makers if key in facts else frozenset()

    def value_at(self, node: ast.AST) -> Value:
        """Return what was seen of an expression."""
        key = self.run.positions.key(node)
        fact = self.run.facts.by_key.get(key)
        return fact.value if fact is not None else self._last.get(key, INERT)

    def read_at(self, node: ast.AST) -> Value:
        """Return an expression as a value that is made by its being read, where it is."""
        key = self.run.positions.key(node)
        value = self.value_at(node)
        return value._replace(makers=frozenset({key})) if key in self.reads else value

    def way_to(self, asked: Iterable[Value], mended: bool = False) -> frozenset[Key]:
        """Return every read and every expression that these values were made from.

        In a `mended` text what NumPy computes of an index or a comparison is off the way: no gradient goes there.
        """
        waiting = [(key, False) for value in asked for key in _all_makers(value)]
        seen: set[tuple[Key, bool]] = set()
        while waiting:
            key, aside = waiting.pop()
            if (key, aside) in seen:
                continue
            seen.add((key, aside))
            aside = aside or (mended and self._moves_in_steps(key))
            if aside and self._takes_plain_arrays(key):
                continue
            is_index = mended and key[0] == "Subscript"
            waiting += ((each, aside or is_index) for each in self.beside.get(key, ()))
            waiting += ((each, aside) for each in self._what_made(key))
        return frozenset(key for key, _ in seen)

    def _what_made(self, key: Key) -> Iterator[Key]:
        if key in self.reads:
            yield from self.reads[key]
        elif key in self.run.facts.by_key:
            fact = self.run.facts.by_key[key]
            yield from (maker for operand in fact.operands for maker in _all_makers(operand))
            yield from fact.value.makers

    def _moves_in_steps(self, key: Key) -> bool:
        """Is this a comparison, or an index that is computed, through which no gradient goes in any way of writing?"""
        last = self.run.facts.by_key[key].callee.rpartition(".")[2] if key in self.run.facts.by_key else ""
        return key[0] == "Compare" or last in INDICES or last in COMPARING

    def _takes_plain_arrays(self, key: Key) -> bool:
        """Is this a function of arrays that fails on a tensor with a graph: `np.argsort(losses)` in an index?"""
        fact, framework = self.run.facts.by_key.get(key), record_of(self.run.framework)
        if fact is None:
            return False
        last = fact.callee.rpartition(".")[2]
        if framework.reads_as_plain:
            return fact.callee.startswith("Tensor.") and last in framework.array_only
        if fact.value.kind is Kind.TENSOR:
            return False
        return package_of(fact.callee) in _ARRAYS_ONLY and last not in NUMPY_KEEPS_TORCH_GRAPH

    def origins(self, value: Value) -> frozenset[Key]:
        """Return the expressions that made a value, whoever read it on the way here."""
        waiting, seen, found = list(value.makers), set[Key](), set[Key]()
        while waiting:
            key = waiting.pop()
            if key in seen:
                continue
            seen.add(key)
            if key in self.reads:
                waiting += self.reads[key]
                found |= {key} if key[0] == "Constant" else set()
            else:
                found.add(key)
        return frozenset(found)


def observed(run: Run) -> Reads:
    """Return the observer that a run, in which nothing was executed yet, is given."""
    run.names.strict = True
    run.observer = reads = Reads(run)
    return reads


def _parts_beside(node: ast.BinOp | ast.Subscript | ast.Call) -> list[ast.expr]:
    match node:
        case ast.BinOp():
            return [node.left, node.right]
        case ast.Subscript():
            return [node.slice]
        case _:
            return [*node.args, *(each.value for each in node.keywords)]


@remembered
def _globals(node: ast.AST) -> frozenset[str]:
    """Return the names of the module that a function binds."""
    return frozenset(name for each in nodes_of(node, ast.Global) for name in each.names)


def _all_makers(value: Value) -> Iterator[Key]:
    yield from value.makers
    for each in (*(value.items or ()), *((value.element,) if value.element is not None else ())):
        yield from _all_makers(each)


def whole(key: Key) -> Key:
    """Return the read of a list or a dictionary for that of one of its entries."""
    return key._replace(kind=key.kind.partition(".")[0])


def is_numeric(value: Value) -> bool:
    """Is this one tensor, array or number?"""
    return value.kind in _NUMERIC and value.items is None


class PlainKind(Enum):
    """What a value is that is no tensor of the graph; TENSOR is a detached one.

    A SCALAR is NumPy's, in the type of the tensor that it was made from; a DOUBLE is `np.float64`.
    """

    FLOAT = "float"
    INT = "int"
    SCALAR = "scalar"
    DOUBLE = "double"
    ARRAY = "array"
    LIST = "list"
    TENSOR = "tensor"
    OTHER = "other"


_STRONGEST_FIRST = (
    PlainKind.TENSOR,
    PlainKind.ARRAY,
    PlainKind.SCALAR,
    PlainKind.DOUBLE,
    PlainKind.FLOAT,
    PlainKind.INT,
    PlainKind.LIST,
)
_IN_DOUBLE = frozenset({PlainKind.FLOAT, PlainKind.INT, PlainKind.DOUBLE})
"""What NumPy computes with in double precision."""

_OF_KINDS = {Kind.NUMBER: PlainKind.FLOAT, Kind.ARRAY: PlainKind.ARRAY, Kind.TENSOR: PlainKind.TENSOR}

_REDUCING, _WITH_SECOND_OPERAND = having("one-number"), having("second-operand")
_FLOATS, _INTEGERS = having("gives-float"), having("gives-int")
_DOUBLES = having("gives-double")
_CASTING_ARRAYS = last_names("casts-arrays")


def plain_kinds(value: Value, reads: Reads) -> frozenset[PlainKind]:
    """Return what a value may be."""
    origins = reads.origins(value)
    if not origins:
        return frozenset({_of_kind(value)})
    return frozenset(_kind_of(key, reads, frozenset()) for key in origins)


def _kind_of(key: Key, reads: Reads, above: frozenset[Key]) -> PlainKind:
    fact = reads.run.facts.by_key.get(key)
    if key[0] == "Constant":
        return PlainKind.FLOAT
    if fact is None or key in above:
        return PlainKind.OTHER
    if fact.value.kind is Kind.TENSOR:
        return PlainKind.TENSOR
    package, _, last = fact.callee.partition(".")
    if fact.callee in _FLOATS or package in ("math", "statistics"):
        return PlainKind.FLOAT
    if fact.callee in _INTEGERS:
        return PlainKind.INT
    if package in ("numpy", "ndarray", "Tensor") and last in effects.SHAPES:
        return PlainKind.INT  # `r.size`, `r.shape[0]`: arithmetic with it leaves a Python float what it is
    if fact.callee == "Tensor.tolist":
        return PlainKind.LIST
    if fact.callee in _DOUBLES:
        return PlainKind.DOUBLE
    if fact.callee == "numpy.float32":
        return PlainKind.SCALAR
    operands = _of_all(fact.operands, reads, above | {key})
    last = last.rpartition(".")[2]
    if package in ("numpy", "ndarray") and last in _REDUCING and _is_whole(reads.run.nodes.get(key), package):
        return PlainKind.DOUBLE if operands <= _IN_DOUBLE | {PlainKind.LIST} else PlainKind.SCALAR
    if package in ("numpy", "ndarray", "scipy", "sklearn"):
        if last in _CASTING_ARRAYS or PlainKind.ARRAY in operands or not operands:
            return PlainKind.ARRAY
        if operands <= _IN_DOUBLE:
            return PlainKind.DOUBLE
        return PlainKind.SCALAR if PlainKind.SCALAR in operands else PlainKind.ARRAY
    if package == "Tensor":
        return PlainKind.ARRAY
    return strongest_of(operands) if operands else _of_kind(fact.value)


def _of_all(values: Iterable[Value], reads: Reads, above: frozenset[Key]) -> frozenset[PlainKind]:
    found: set[PlainKind] = set()
    for value in values:
        if value.kind in (Kind.ARRAY, Kind.NUMBER, Kind.TENSOR):
            origins = reads.origins(value)
            found |= {_kind_of(each, reads, above) for each in origins} if origins else {_of_kind(value)}
        elif value.kind is Kind.SEQUENCE:
            found |= _of_all([value.element] if value.element is not None else [], reads, above)
    return frozenset(found)


def strongest_of(kinds: Iterable[PlainKind]) -> PlainKind:
    """Return what arithmetic with values of these kinds gives."""
    met = set(kinds)
    return next((each for each in _STRONGEST_FIRST if each in met), PlainKind.OTHER)


def _of_kind(value: Value) -> PlainKind:
    return _OF_KINDS.get(value.kind, PlainKind.OTHER)


def _is_whole(node: ast.AST | None, package: str) -> bool:
    """Does a reduction leave one number: is it given no axis?"""
    if not isinstance(node, ast.Call):
        return False
    names = {each.arg for each in node.keywords}
    places = 1 if package == "numpy" else 0
    if isinstance(node.func, ast.Attribute) and node.func.attr in _WITH_SECOND_OPERAND:
        places += 1
    return not names & {"axis", "keepdims", "out"} and len(node.args) <= places
