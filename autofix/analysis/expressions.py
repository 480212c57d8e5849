"""Evaluates expressions over abstract values: what is live, what is cut, what never depended on a prediction.

What an `if` says of the type of a name: behind `isinstance(x, np.ndarray)` it is no tensor, and carries nothing.

Types go by the last part of their names: `torch.Tensor`, `tf.Tensor` and `Tensor` are one.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from autofix.analysis.bounds import compares_with_itself, is_flat, traits_of
from autofix.analysis.operations import Operation, operation
from autofix.analysis.record import Fact, Facts
from autofix.analysis.singular import guards_its_own_operand, infinite_slope
from autofix.analysis.values import (
    INERT,
    LIVE,
    PLAIN,
    UNKNOWN,
    Class,
    Dotted,
    Function,
    Instance,
    Meaning,
    Method,
    Root,
    Scope,
    Traits,
    Value,
    element_of,
    first_choice,
    join,
    of_constant,
    sequence,
    strongest,
    uncertain,
)
from autofix.knowledge import effects
from autofix.knowledge.causes import has
from autofix.model import Cut, Framework, Kind
from autofix.syntax.spans import Key, Positions, span

_NUMPY_NUMBERS = frozenset(
    "numpy.pi numpy.e numpy.inf numpy.nan numpy.euler_gamma math.pi math.e math.inf math.tau math.nan".split()
)
_INDEXING = frozenset({"AF201", "AF202", "AF204"})
_VARIABLES = frozenset({"trainable_variables", "trainable_weights"})
_VIEWS = frozenset("T mT H real imag flat".split())


def handler_name(kind: str) -> str:
    """Return the name of the method for a kind of expression: `_binop` for `BinOp`."""
    return f"_{kind.lower()}"


class Expressions:
    """Evaluation of everything but calls; `Calls` and `Interpreter` build on it."""

    def __init__(self, positions: Positions, framework: Framework) -> None:
        self.positions = positions
        self.framework = framework
        self.facts = Facts()
        self.no_grad: Cut | None = None
        self.away_from_tape: bool | None = None
        self.tapes = 0
        self.factors: set[Key] = set()
        self.weighing: dict[Key, frozenset[Cut]] = {}
        self.cut_off: dict[Cut, frozenset[Root]] = {}
        self.models: frozenset[str] = frozenset()
        self.nodes: dict[Key, ast.AST] = {}
        self.own_rules: frozenset[str] = frozenset()
        self.wanted_leaves: frozenset[str] = frozenset()
        self.made_as_leaves: frozenset[int] = frozenset()
        self.optimized: frozenset[str] = frozenset()
        self._constants: dict[ast.Constant, Value] = {}
        self._handlers: dict[type[ast.expr], Callable[[Any, Any, Scope], Value]] = {}

    def evaluate(self, node: ast.expr, scope: Scope) -> Value:
        """Return the value of an expression; what cannot be followed is unknown."""
        kind = node.__class__
        if kind not in self._handlers:
            self._handlers[kind] = getattr(type(self), handler_name(kind.__name__), Expressions._other)
        return self._handlers[kind](self, node, scope)

    def made(
        self,
        node: ast.AST,
        kind: Kind,
        operands: Sequence[Value],
        *,
        callee: str = "",
        code: str | None = None,
        inert: bool = False,
        meaning: Meaning | None = None,
    ) -> Value:
        """Return and note the value that `node` makes of `operands`; `code` is the cause that ends a gradient here."""
        key = self.positions.key(node)
        self.nodes[key] = node
        live = unknown = False
        cuts: frozenset[Cut] = frozenset()
        roots: frozenset[Root] = frozenset()
        for operand in operands if not inert else ():
            live, unknown = live or operand.live, unknown or operand.unknown
            cuts = cuts | operand.cuts if operand.cuts else cuts
            roots = roots | operand.roots if operand.live and operand.roots else roots
        done = operation(node, callee, operands)
        code = code or self.flat(done, live)
        if (live and code) or code == "AF208":
            live, cuts = False, cuts | {self.ended(self.cut(key, code, node), roots)}
        elif code == "AF201" and not all(has(cut.code, "soft") for cut in cuts):
            cuts = frozenset({self.cut(key, code, node)})  # an index has no gradient, whatever it is computed on
        elif live and self.is_singular(done):
            cuts |= {self.cut(key, "AF206", node)}
        traits = traits_of(done)
        if traits.may_carry and (inert or code or kind in (Kind.ARRAY, Kind.NUMBER)):
            traits = traits._replace(may_carry=False)
        made = Value(kind, live, cuts, unknown, meaning, makers=frozenset({key}), traits=traits, roots=roots)
        value = self.in_context(made, node)
        self.facts.note(key, Fact(value, tuple(operands), callee))
        return value

    def flat(self, done: Operation, live: bool) -> str | None:
        """Return the cause of an operation whose result never moves, whatever the prediction."""
        if compares_with_itself(done):
            return "AF207" if live else "AF208"
        return "AF207" if live and is_flat(done) else None

    def is_singular(self, done: Operation) -> bool:
        """Is the gradient of this operation NaN or infinite at values that do occur?"""
        if done.name == "where" and isinstance(done.node, ast.Call):
            return guards_its_own_operand(done.node, self._written, self.seen)
        return infinite_slope(done, self.framework, self.in_metric_loss())

    def in_loss(self) -> bool:
        """Is something on its way that its name calls a loss, or a term of one?"""
        return False

    def in_metric_loss(self) -> bool:
        """Is a loss on its way that compares samples with their like: triplet, contrastive, siamese?"""
        return False

    def _written(self, node: ast.expr) -> ast.expr:
        """Return the expression that a name stands for, where it is one."""
        makers = self.seen(node).makers if isinstance(node, ast.Name) else frozenset()
        written = self.nodes.get(next(iter(makers))) if len(makers) == 1 else None
        return written if isinstance(written, ast.expr) else node

    def seen(self, node: ast.expr) -> Value:
        """Return what is known of an expression that was met."""
        fact = self.facts.by_key.get(self.positions.key(node))
        return fact.value if fact is not None else INERT

    def cut(self, key: Key, code: str, node: ast.AST, explicit: bool | None = None) -> Cut:
        """Return the cut that stands at `key`."""
        wish = has(code, "explicit") if explicit is None else explicit
        return Cut(code, span(key), ast.unparse(node), wish)

    def in_context(self, value: Value, node: ast.AST) -> Value:
        """End the gradient of a value made under `no_grad`, or away from the tape."""
        if self.no_grad and value.traits.may_carry:
            value = value._replace(traits=value.traits._replace(may_carry=False))
        if not value.live or not (self.no_grad or self.away_from_tape):
            return value
        ending = self.no_grad or self.cut(self.positions.key(node), "AF301", node)
        return value._replace(live=False, cuts=value.cuts | {self.ended(ending, value.roots)})

    def ended(self, cut: Cut, roots: frozenset[Root]) -> Cut:
        """Write down what the gradient that ends at a cut would have arrived at."""
        self.cut_off[cut] = self.cut_off.get(cut, frozenset()) | roots
        return cut

    def _other(self, node: ast.expr, scope: Scope) -> Value:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.evaluate(child, scope)
        return INERT

    def _constant(self, node: ast.Constant, scope: Scope) -> Value:
        known = self._constants.get(node)
        if known is None:
            kind = Kind.NUMBER if isinstance(node.value, (int, float, complex)) else Kind.OTHER
            known = self._constants[node] = Value(kind, traits=of_constant(node.value))
        return known

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        value = scope.find(node.id)
        if value is None:
            builtin = hasattr(builtins, node.id)
            value = Value(meaning=Dotted(f"builtins.{node.id}")) if builtin else self.unnamed(node)
        self.facts.note_name(self.positions.key(node), value)
        return value

    def unnamed(self, node: ast.Name) -> Value:
        """Return what a name stands for that nothing in this file gives a value."""
        return UNKNOWN

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.attribute(node, self.evaluate(node.value, scope))

    def attribute(self, node: ast.Attribute, base: Value) -> Value:
        """Return the value of an attribute of `base`."""
        base = first_choice(base)
        known = self.member(base, node.attr)
        if known is not None:
            return known
        if node.attr in _VARIABLES and self.framework == "tensorflow" and self.in_loss():
            return sequence((LIVE,), known_length=False)
        if isinstance(base.meaning, Dotted) and not base.derived:
            name = effects.canonical(f"{base.meaning.name}.{node.attr}")
            named = Dotted(name) if type(base.meaning) is Dotted else replace(base.meaning, name=name)
            return Value(Kind.NUMBER if name in _NUMPY_NUMBERS else Kind.OTHER, meaning=named)
        if isinstance(base.meaning, Instance) and isinstance(base.meaning.made_from, Class) and not base.derived:
            return uncertain(UNKNOWN)  # set where nobody looked: by a base class, by other code
        owner = "ndarray" if base.kind in (Kind.ARRAY, Kind.NUMBER) else "Tensor"
        if node.attr in effects.SHAPES:
            return self.made(node, Kind.NUMBER, (base,), callee=f"{owner}.{node.attr}", inert=True)
        code = effects.BREAKING_ATTRIBUTES.get(node.attr) if owner == "Tensor" else None
        if code or node.attr in _VIEWS:
            return self.made(node, base.kind, (base,), callee=f"{owner}.{node.attr}", code=code)
        kind = base.kind if base.kind is Kind.TENSOR else Kind.OTHER
        return self.made(node, kind, (base,), meaning=Method(base, node.attr))

    def member(self, base: Value, name: str) -> Value | None:
        """Return an attribute or method of a class or instance of this file, None where it is not known."""
        meaning = base.meaning
        if isinstance(meaning, Instance):
            if name in meaning.attributes:
                return uncertain(meaning.attributes[name])  # what is not known of it may be a parameter
            found = (
                self.member(Value(meaning=meaning.made_from), name) if isinstance(meaning.made_from, Class) else None
            )
            return _bound(found, base)
        if isinstance(meaning, Class):
            if name in meaning.members.names:
                found = meaning.members.names[name]
                return _bound(found, base) if _decorated(found, "classmethod") else found
            bases = (self.member(each, name) for each in meaning.bases)
            return next((found for found in bases if found is not None), None)
        return None

    def _binop(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.evaluate(node.left, scope), self.evaluate(node.right, scope)
        if Kind.SEQUENCE in (left.kind, right.kind) and isinstance(node.op, (ast.Add, ast.Mult)):
            both = [side for side in (left, right) if side.kind is Kind.SEQUENCE]
            if len(both) == 2 or isinstance(node.op, ast.Mult):
                return sequence((element_of(side) for side in both), known_length=False)
        code = "AF202" if isinstance(node.op, ast.FloorDiv) else None
        if isinstance(node.op, (ast.Mult, ast.Div)):
            of_product = isinstance(node.op, ast.Mult)  # what is divided is no weight
            weights = [right] * left.live + [left] * (right.live and of_product)
            self.factors |= {key for one in weights if not one.live for key in one.makers}
            self.weighing[self.positions.key(node)] = left.cuts | right.cuts
            if not self._of_parameters(left) and not self._of_parameters(right):
                left, right = as_factor(left, right) if of_product else left, as_factor(right, left)
        return self.made(node, strongest((left, right)), (left, right), code=code)

    def _of_parameters(self, value: Value) -> bool:
        """Was a parameter cut off on the way to this value? It may get its gradient by no other way."""
        return any(not root.is_model for cut in value.cuts for root in self.cut_off.get(cut, ()))

    def _unaryop(self, node: ast.UnaryOp, scope: Scope) -> Value:
        operand = self.evaluate(node.operand, scope)
        return INERT if isinstance(node.op, ast.Not) else self.made(node, operand.kind, (operand,))

    def _compare(self, node: ast.Compare, scope: Scope) -> Value:
        operands = [self.evaluate(each, scope) for each in (node.left, *node.comparators)]
        if any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops):
            return INERT
        return self.made(node, strongest(operands), operands, code="AF203")

    def _boolop(self, node: ast.BoolOp, scope: Scope) -> Value:
        return join([self.evaluate(each, scope) for each in node.values])

    def _ifexp(self, node: ast.IfExp, scope: Scope) -> Value:
        self.evaluate(node.test, scope)
        holds, fails = (Scope(scope, dict.fromkeys(names, PLAIN)) for names in plain_where(node.test))
        return join((self.evaluate(node.body, holds), self.evaluate(node.orelse, fails)))

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        base, index = self.seen_through(self.evaluate(node.value, scope)), self.evaluate(node.slice, scope)
        if isinstance(base.meaning, Dotted) and base.meaning.name in effects.JOINERS:
            return self.made(node, Kind.ARRAY, index.items or (index,), callee=base.meaning.name, code="AF101")
        if base.kind is Kind.SEQUENCE or base.element is not None:
            if isinstance(node.slice, ast.Slice):
                return base._replace(items=None)
            place = node.slice.value if isinstance(node.slice, ast.Constant) else None
            keys = base.traits.constant
            if isinstance(keys, tuple) and place in keys:
                place = keys.index(place)
            if base.items is not None and isinstance(place, int) and -len(base.items) <= place < len(base.items):
                return base.items[place]
            return element_of(base)
        if base.meaning is not None and not base.derived:
            return UNKNOWN._replace(kind=base.kind)
        return self.made(node, base.kind, (base, *positions_of(index)))

    def _list(self, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
        starred = any(isinstance(each, ast.Starred) for each in node.elts)
        return sequence([self.evaluate(each, scope) for each in node.elts], known_length=not starred)

    _tuple = _set = _list

    def _starred(self, node: ast.Starred, scope: Scope) -> Value:
        return element_of(self.evaluate(node.value, scope))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        values = [self.evaluate(each, scope) for each in node.values]
        entries: dict[object, Value] = {}
        known = bool(node.keys)
        for key, value in zip(node.keys, values, strict=True):
            inner = value.traits.constant
            if key is None and isinstance(inner, tuple) and value.items is not None:
                entries.update(zip(inner, value.items, strict=True))
            elif isinstance(key, ast.Constant) and key.value is not None:
                entries[key.value] = value
            else:
                known = False
        whole = sequence(entries.values() if known else values, known_length=known)._replace(kind=Kind.OTHER)
        return whole._replace(traits=Traits(constant=tuple(entries))) if known else whole

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Value:
        inner = self._comprehend(node.generators, scope)
        return sequence([self.evaluate(node.elt, inner)], known_length=False)

    _generatorexp = _setcomp = _listcomp

    def _dictcomp(self, node: ast.DictComp, scope: Scope) -> Value:
        inner = self._comprehend(node.generators, scope)
        return sequence([self.evaluate(node.value, inner)], known_length=False)._replace(kind=Kind.OTHER)

    def _comprehend(self, generators: Iterable[ast.comprehension], scope: Scope) -> Scope:
        inner = Scope(scope)
        for each in generators:
            self.bind(each.target, element_of(self.evaluate(each.iter, inner)), inner)
            for condition in each.ifs:
                self.evaluate(condition, inner)
        return inner

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Value(meaning=Function(node, scope, "<lambda>"))

    def _namedexpr(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.evaluate(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _await(self, node: ast.Await, scope: Scope) -> Value:
        return self.evaluate(node.value, scope)

    def seen_through(self, value: Value) -> Value:
        """Return what another file of the project has under the name that a value stands for, where it is followed."""
        return value

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Give a name, an attribute or the parts of a tuple their new value."""
        raise NotImplementedError


def _bound(found: Value | None, receiver: Value) -> Value | None:
    """Return a method bound to an instance or a class; a static one is bound to neither."""
    if found is None or not isinstance(found.meaning, Function) or _decorated(found, "staticmethod"):
        return found
    return found._replace(meaning=replace(found.meaning, receiver=receiver))


def _decorated(value: Value, name: str) -> bool:
    function = value.meaning
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
        return False
    return any(isinstance(each, ast.Name) and each.id == name for each in function.node.decorator_list)


def positions_of(index: Value) -> tuple[Value, ...]:
    """Return the parts of an index: they select and carry no gradient, even where they were made from a prediction."""
    parts = index.items if index.kind is Kind.SEQUENCE and index.items is not None else (index,)
    return tuple(part._replace(live=False, cuts=frozenset(), makers=_kept(part)) for part in parts)


def _kept(part: Value) -> frozenset[Key]:
    """A mask made of predictions can be a tensor like any other; an index made of them cannot be had from tensors."""
    if part.kind is Kind.SEQUENCE or part.live or any(cut.code in _INDEXING for cut in part.cuts):
        return frozenset()
    return part.makers


def as_factor(value: Value, other: Value) -> Value:
    """Return a factor of `other` as the author meant it: a number asked for on purpose is a constant weight there."""
    if value.live or not other.live or not value.cuts or not all(cut.explicit for cut in value.cuts):
        return value
    return value._replace(cuts=frozenset(), makers=frozenset())


_TENSORS = frozenset({"Tensor", "Variable", "FloatTensor", "EagerTensor", "SymbolicTensor"})
_CONTAINERS = frozenset({"list", "tuple", "str", "dict", "Sequence"})
_PLAIN = _CONTAINERS | {"ndarray", "int", "float", "bool", "Number", "number"}


def plain_where(test: ast.expr) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that are certainly no tensors where a test holds, and those that are none where it does not."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        holds, fails = plain_where(test.operand)
        return fails, holds
    if isinstance(test, ast.BoolOp):
        both = [plain_where(each) for each in test.values]
        side = 0 if isinstance(test.op, ast.And) else 1
        found: frozenset[str] = frozenset().union(*(each[side] for each in both))
        return (found, frozenset()) if side == 0 else (frozenset(), found)
    name, types = _asked(test)
    if not name or not types:
        return frozenset(), frozenset()
    holds = frozenset({name}) if types <= _PLAIN else frozenset()
    fails = frozenset({name}) if types & _TENSORS else frozenset()
    return holds, fails


def decided(test: ast.expr, find: Callable[[str], Value | None]) -> bool | None:
    """Return what a test of the type of something made from a prediction gives; None for any other test."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        answer = decided(test.operand, find)
        return None if answer is None else not answer
    if isinstance(test, ast.BoolOp):
        return _of_all([decided(each, find) for each in test.values], isinstance(test.op, ast.Or))
    name, types = _asked(test)
    value = find(name) if types else None
    if value is None or not value.derived or value.kind not in (Kind.TENSOR, Kind.ARRAY):
        return None
    if value.live and value.kind is Kind.ARRAY:
        return None  # an array carries no gradient: this is a list, or it is a tensor in another turn of a loop
    return _of_all([_is_of(value, each) for each in types], True)


def _of_all(answers: Iterable[bool | None], either: bool) -> bool | None:
    """Return what several answers come to: one that is `either` is enough, and one that is not known leaves it open."""
    found = set(answers)
    return either if either in found else None if None in found else not either


def _is_of(value: Value, kind: str) -> bool | None:
    if kind == "Tensor":
        return value.kind is Kind.TENSOR
    if kind == "ndarray":
        return value.kind is Kind.ARRAY
    if value.kind is Kind.ARRAY and kind not in _CONTAINERS:
        return None  # the mean of an array is a `float`
    return False if kind in _PLAIN else None


def _asked(test: ast.expr) -> tuple[str, frozenset[str]]:
    """Return the name and the types of `isinstance(x, torch.Tensor)`, `torch.is_tensor(x)` or `type(x) is list`."""
    match test:
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), types]):
            return name, frozenset(_types(types))
        case ast.Call(func=ast.Attribute(attr="is_tensor") | ast.Name(id="is_tensor"), args=[ast.Name(id=name)]):
            return name, frozenset({"Tensor"})
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="type"), args=[ast.Name(id=name)]),
            ops=[ast.Is() | ast.Eq()],
            comparators=[types],
        ):
            return name, frozenset(_types(types))
    return "", frozenset()


def _types(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Tuple):
        for each in node.elts:
            yield from _types(each)
    elif isinstance(node, ast.BinOp):
        yield from _types(node.left)
        yield from _types(node.right)
    else:
        yield node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else "?"
