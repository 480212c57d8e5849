"""Evaluates expressions over abstract values: what is live, what is cut, what never depended on a prediction.

Behind an `if` that asks for a type (`isinstance(x, np.ndarray)`) a name has no other. Types go by the last part of
their names: `torch.Tensor`, `tf.Tensor` and `Tensor` are one.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from autofix.analysis.assignment import bind
from autofix.analysis.indices import indices_at
from autofix.analysis.lookup import member, of_star_imports, resolved_loss
from autofix.analysis.results import positions_of, result_of, text_of
from autofix.analysis.run import Run, evaluate, evaluates, is_in_loss, read_only
from autofix.analysis.values import (
    INERT,
    LIVE,
    PLAIN,
    UNKNOWN,
    Class,
    Dotted,
    Function,
    Instance,
    Method,
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
from autofix.analysis.ways import trained_layers
from autofix.knowledge import effects
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Kind
from autofix.syntax.objects import is_of_tensors

_NUMPY_NUMBERS = frozenset(
    "numpy.pi numpy.e numpy.inf numpy.nan numpy.euler_gamma math.pi math.e math.inf math.tau math.nan".split()
)
_VARIABLES = having("lists-variables")
_VIEWS = having("view-attribute") | {"flat"}


@evaluates(ast.Constant)
def _constant(run: Run, node: ast.Constant, scope: Scope) -> Value:
    known = run.memory.constants.get(node)
    if known is None:
        kind = Kind.NUMBER if isinstance(node.value, (int, float, complex)) else Kind.OTHER
        known = run.memory.constants[node] = Value(kind, traits=of_constant(node.value))
    return known


@evaluates(ast.JoinedStr)
def _joinedstr(run: Run, node: ast.JoinedStr, scope: Scope) -> Value:
    written = [each.value for each in node.values if isinstance(each, ast.FormattedValue)]
    return text_of(run, node, [evaluate(run, each, scope) for each in written])


@evaluates(ast.Name)
def _name(run: Run, node: ast.Name, scope: Scope) -> Value:
    value = scope.find(node.id)
    if value is None:
        is_builtin = hasattr(builtins, node.id)
        value = Value(meaning=Dotted(f"builtins.{node.id}")) if is_builtin else of_star_imports(run, node)
    run.facts.note_name(run.positions.key(node), value)
    return value


@evaluates(ast.Attribute)
def _attribute(run: Run, node: ast.Attribute, scope: Scope) -> Value:
    return attribute(run, node, evaluate(run, node.value, scope))


def attribute(run: Run, node: ast.Attribute, base: Value) -> Value:
    """Return the value of an attribute of `base`."""
    base = first_choice(base)
    known = member(run, base, node.attr)
    if known is not None:
        return known
    if node.attr in _VARIABLES and record_of(run.framework).adds_weights and is_in_loss(run):
        return sequence((LIVE,), known_length=False)
    if isinstance(base.meaning, Dotted) and not base.derived:
        return _attribute_from_outside(base.meaning, node.attr)
    if node.attr == "value" and isinstance(base.meaning, Function):
        return base  # a member of an Enum
    if isinstance(base.meaning, Instance) and isinstance(base.meaning.made_from, Class) and not base.derived:
        return uncertain(UNKNOWN)  # set where nobody looked: by a base class, by other code
    return _attribute_of_tensor(run, node, base)


def _attribute_from_outside(owner: Dotted, attr: str) -> Value:
    name = effects.canonical(f"{owner.name}.{attr}")
    named = Dotted(name) if type(owner) is Dotted else replace(owner, name=name)
    return Value(Kind.NUMBER if name in _NUMPY_NUMBERS else Kind.OTHER, meaning=named)


def _attribute_of_tensor(run: Run, node: ast.Attribute, base: Value) -> Value:
    """Return the value of an attribute of a tensor, an array or something unknown."""
    indices = indices_at(run, node, base)
    if indices is not None:
        return indices
    owner = "ndarray" if base.kind in (Kind.ARRAY, Kind.NUMBER) else "Tensor"
    if node.attr in effects.SHAPES:
        return result_of(run, node, Kind.NUMBER, (base,), callee=f"{owner}.{node.attr}", inert=True)
    code = effects.BREAKING_ATTRIBUTES.get(node.attr) if owner == "Tensor" else None
    if code or node.attr in _VIEWS:
        return result_of(run, node, base.kind, (base,), callee=f"{owner}.{node.attr}", code=code)
    kind = base.kind if base.kind is Kind.TENSOR else Kind.OTHER
    return result_of(run, node, kind, (base,), meaning=Method(base, node.attr))


@evaluates(ast.BinOp)
def _binop(run: Run, node: ast.BinOp, scope: Scope) -> Value:
    left, right = evaluate(run, node.left, scope), evaluate(run, node.right, scope)
    if Kind.SEQUENCE in (left.kind, right.kind) and isinstance(node.op, (ast.Add, ast.Mult)):
        both = [side for side in (left, right) if side.kind is Kind.SEQUENCE]
        if len(both) == 2 or isinstance(node.op, ast.Mult):
            return sequence((element_of(side) for side in both), known_length=False)
    if isinstance(node.op, (ast.Mult, ast.Div)):
        weights = left.cuts | right.cuts
        left, right = _weighed(run, node, left, right)
    else:
        weights = frozenset()
    code = "AF202" if isinstance(node.op, ast.FloorDiv) else None
    kind, meaning = _kind_of_both(left, right), _part_among((left, right))
    return result_of(run, node, kind, (left, right), code=code, weights=weights, meaning=meaning)


def _part_among(values: Iterable[Value]) -> Method | None:
    """Return the part of an object that a value is computed from, beside nothing but numbers."""
    others = [each for each in values if each.kind is not Kind.NUMBER]
    found = [_part(each) for each in others]
    return found[0] if found and all(found) else None


def _kind_of_both(left: Value, right: Value) -> Kind:
    """Return what arithmetic with both gives: beside an array the part of an object is no tensor, but a number."""
    sides = [each for each in (left, right) if _part(each) is None]
    is_array = any(each.kind is Kind.ARRAY for each in sides)
    return strongest(sides if is_array else (left, right))


def _part(value: Value) -> Method | None:
    """Return the part of something that may be an object which a value is: `args.alpha`."""
    meaning = value.meaning if not value.derived else None
    return meaning if isinstance(meaning, Method) and not is_of_tensors(meaning.name) else None


def _weighed(run: Run, node: ast.BinOp, left: Value, right: Value) -> tuple[Value, Value]:
    """Return both sides of a product or a quotient, each as the factor that it is; what is divided is no weight."""
    of_product, gradients = isinstance(node.op, ast.Mult), run.gradients
    weights = [right] * left.live + [left] * (right.live and of_product)
    gradients.factors |= {key for one in weights if not one.live for key in one.makers}
    if _cuts_off_a_parameter(run, left) or _cuts_off_a_parameter(run, right):
        return left, right
    return as_factor(left, right) if of_product else left, as_factor(right, left)


def _cuts_off_a_parameter(run: Run, value: Value) -> bool:
    """Was a parameter cut off on the way to this value? It may get its gradient by no other way."""
    lost = [root for cut in value.cuts for root in run.gradients.cut_off.get(cut, ())]
    return any(not root.is_model for root in lost) or any(root.name in trained_layers(run.tree) for root in lost)


@evaluates(ast.UnaryOp)
def _unaryop(run: Run, node: ast.UnaryOp, scope: Scope) -> Value:
    operand = evaluate(run, node.operand, scope)
    if isinstance(node.op, ast.Not):
        return INERT
    return result_of(run, node, operand.kind, (operand,), meaning=_part_among((operand,)))


@evaluates(ast.Compare)
def _compare(run: Run, node: ast.Compare, scope: Scope) -> Value:
    operands = [evaluate(run, each, scope) for each in (node.left, *node.comparators)]
    if any(isinstance(op, (ast.Is, ast.IsNot, ast.In, ast.NotIn)) for op in node.ops):
        return INERT
    return result_of(run, node, strongest(operands), operands, code="AF203")


@evaluates(ast.BoolOp)
def _boolop(run: Run, node: ast.BoolOp, scope: Scope) -> Value:
    return join([evaluate(run, each, scope) for each in node.values])


@evaluates(ast.IfExp)
def _ifexp(run: Run, node: ast.IfExp, scope: Scope) -> Value:
    evaluate(run, node.test, scope)
    holds, fails = (Scope(scope, dict.fromkeys(names, PLAIN)) for names in plain_where(node.test))
    return join((evaluate(run, node.body, holds), evaluate(run, node.orelse, fails)))


@evaluates(ast.Subscript)
def _subscript(run: Run, node: ast.Subscript, scope: Scope) -> Value:
    base, index = resolved_loss(run, evaluate(run, node.value, scope)), evaluate(run, node.slice, scope)
    if isinstance(base.meaning, Class):
        return join(each for each in base.meaning.members.names.values() if isinstance(each.meaning, Function)
                    and "." not in each.meaning.qualname)  # fmt: skip
    if isinstance(base.meaning, Dotted) and base.meaning.name in effects.JOINERS:
        return result_of(run, node, Kind.ARRAY, index.items or (index,), callee=base.meaning.name, code="AF101")
    if base.kind is Kind.SEQUENCE or base.element is not None:
        return _item(base, node.slice)
    if base.meaning is not None and not base.derived:
        return UNKNOWN._replace(kind=base.kind)
    indices = indices_at(run, node, base)
    return indices if indices is not None else result_of(run, node, base.kind, (base, *positions_of(index)))


def _item(base: Value, index: ast.expr) -> Value:
    """Return an item of a list or a dictionary, whose keys are its constant; a slice keeps what its elements are."""
    if isinstance(index, ast.Slice):
        return base._replace(items=None)
    place = index.value if isinstance(index, ast.Constant) else None
    keys = base.traits.constant
    if isinstance(keys, tuple) and place in keys:
        place = keys.index(place)
    if base.items is not None and isinstance(place, int) and -len(base.items) <= place < len(base.items):
        return base.items[place]
    return element_of(base)


@evaluates(ast.List, ast.Tuple, ast.Set)
def _display(run: Run, node: ast.List | ast.Tuple | ast.Set, scope: Scope) -> Value:
    starred = any(isinstance(each, ast.Starred) for each in node.elts)
    return sequence([evaluate(run, each, scope) for each in node.elts], known_length=not starred)


@evaluates(ast.Starred)
def _starred(run: Run, node: ast.Starred, scope: Scope) -> Value:
    return element_of(evaluate(run, node.value, scope))


@evaluates(ast.Dict)
def _dict(run: Run, node: ast.Dict, scope: Scope) -> Value:
    read_only(run, node.keys, scope)
    values = [evaluate(run, each, scope) for each in node.values]
    entries = _entries(node, values)
    whole = sequence(entries.values() if entries is not None else values, known_length=entries is not None)
    whole = whole._replace(kind=Kind.OTHER)
    return whole if entries is None else whole._replace(traits=Traits(constant=tuple(entries)))


def _entries(node: ast.Dict, values: Iterable[Value]) -> dict[object, Value] | None:
    """Return the entries of a dictionary by their keys; None where one is not known, and for one without any."""
    entries: dict[object, Value] = {}
    for key, value in zip(node.keys, values, strict=True):
        inner = value.traits.constant
        if key is None and isinstance(inner, tuple) and value.items is not None:
            entries.update(zip(inner, value.items, strict=True))
        elif isinstance(key, ast.Constant) and key.value is not None:
            entries[key.value] = value
        else:
            return None
    return entries if node.keys else None


@evaluates(ast.ListComp, ast.GeneratorExp, ast.SetComp)
def _comprehension(run: Run, node: ast.ListComp | ast.GeneratorExp | ast.SetComp, scope: Scope) -> Value:
    inner = _comprehended(run, node.generators, scope)
    return sequence([evaluate(run, node.elt, inner)], known_length=False)


@evaluates(ast.DictComp)
def _dictcomp(run: Run, node: ast.DictComp, scope: Scope) -> Value:
    inner = _comprehended(run, node.generators, scope)
    read_only(run, (node.key,), inner)
    return sequence([evaluate(run, node.value, inner)], known_length=False)._replace(kind=Kind.OTHER)


def _comprehended(run: Run, generators: Iterable[ast.comprehension], scope: Scope) -> Scope:
    """Return the scope inside a comprehension, with the names that its generators bind."""
    inner = Scope(scope)
    for each in generators:
        bind(run, each.target, element_of(evaluate(run, each.iter, inner)), inner)
        for condition in each.ifs:
            evaluate(run, condition, inner)
    return inner


@evaluates(ast.Lambda)
def _lambda(run: Run, node: ast.Lambda, scope: Scope) -> Value:
    return Value(meaning=Function(node, scope, "<lambda>"))


@evaluates(ast.NamedExpr)
def _namedexpr(run: Run, node: ast.NamedExpr, scope: Scope) -> Value:
    value = evaluate(run, node.value, scope)
    bind(run, node.target, value, scope)
    return value


@evaluates(ast.Await)
def _await(run: Run, node: ast.Await, scope: Scope) -> Value:
    return evaluate(run, node.value, scope)


def as_factor(value: Value, other: Value) -> Value:
    """Return a factor of `other` as the author meant it: a number asked for on purpose is a constant weight there."""
    if value.live or not other.live or not value.cuts or not all(cut.explicit for cut in value.cuts):
        return value
    return value._replace(cuts=frozenset(), makers=frozenset(), weights=frozenset())


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
    if value is None or not value.derived or value.kind not in (Kind.TENSOR, Kind.ARRAY, Kind.SEQUENCE):
        return None
    if value.kind is Kind.SEQUENCE:
        return False if types <= _TENSORS | {"ndarray"} else None
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
