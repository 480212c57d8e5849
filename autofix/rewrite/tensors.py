"""Makes tensors of arrays that meet one, and of arrays that a name holds before it holds a prediction's values.

Takes expressions that are rewritten already, with the values that they have; gives them with `torch.as_tensor` and its
like around the arrays. The type is that of a floating tensor near them, which this module also looks for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import libcst as cst

from autofix.analysis.faults import LossFault
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Exit, Kind, Reason
from autofix.rewrite.literal import laid_out_as
from autofix.rewrite.parentheses import in_place_of
from autofix.rewrite.rules import Argument, Rendering
from autofix.rewrite.state import State
from autofix.syntax.spans import Key, is_here

_CREATING = having("filled")


def as_tensors(
    state: State,
    expressions: Sequence[cst.BaseExpression],
    values: Sequence[Value],
    selecting: Collection[int] = (),
    listed: Collection[int] = (),
) -> list[cst.BaseExpression]:
    """Turn arrays that meet a tensor into tensors of its type: PyTorch does not mix the two.

    Truth values keep their type, and so does what selects among elements, at the places `selecting`; at those `listed`
    stands a list of numbers for an array.
    """
    kinds = [state.plan.kind(value) for value in values]
    kinds = [Kind.ARRAY if place in listed else kind for place, kind in enumerate(kinds)]
    triples = zip(expressions, values, kinds, strict=True)
    tensors = [(each, value) for each, value, kind in triples if kind is Kind.TENSOR]
    tensors.sort(key=lambda pair: state.elements.of(pair[1]) in ("bool", "int"))  # a mask has another type
    modules = state.names.values()
    like = next((name for each, _ in tensors if (name := first_name(each, modules))), None)
    if like is None or Kind.ARRAY not in kinds:
        return list(expressions)
    state.modules |= {record_of(state.framework).module}
    keep = [place in selecting or state.elements.of(value) == "bool" for place, value in enumerate(values)]
    found = zip(expressions, kinds, keep, strict=True)
    return [_as_tensor(state, each, like, keeps) if kind is Kind.ARRAY else each for each, kind, keeps in found]


def _module(state: State) -> str:
    """Return what the file calls the module of the framework."""
    return state.names[record_of(state.framework).module]


def _as_tensor(state: State, array: cst.BaseExpression, like: str, keeps_type: bool) -> cst.BaseExpression:
    """Return an array as a tensor on the device of another, and of its type or of the array's own."""
    dtype = "" if keeps_type else f"dtype={like}.dtype, "
    template = cst.parse_expression(f"{_module(state)}.as_tensor(x, {dtype}device={like}.device)")
    call = cst.ensure_type(template, cst.Call)
    return call.with_changes(args=[call.args[0].with_changes(value=array), *call.args[1:]])


def first_name(node: cst.BaseExpression, modules: Collection[str]) -> str | None:
    """Return a name in an expression that stands for a tensor: a local variable, not one of these modules."""
    if isinstance(node, cst.Name):
        return node.value if node.value not in modules else None
    if isinstance(node, cst.BinaryOperation):
        return first_name(node.left, modules) or first_name(node.right, modules)
    if isinstance(node, cst.Comparison):
        return first_name(node.left, modules)
    if isinstance(node, cst.UnaryOperation):
        return first_name(node.expression, modules)
    if isinstance(node, cst.Subscript):
        return first_name(node.value, modules)
    if isinstance(node, cst.Call):
        typed = next((each.value for each in node.args if _keyword(each) == "dtype"), None)
        if isinstance(typed, cst.Attribute) and isinstance(typed.value, cst.Name) and typed.attr.value == "dtype":
            return typed.value.value  # `as_tensor(weights, dtype=p.dtype)`: the array is none
        receiver = first_name(node.func.value, modules) if isinstance(node.func, cst.Attribute) else None
        inner = (first_name(each.value, modules) for each in node.args)
        return receiver or next((name for name in inner if name), None)
    return None


def converted(state: State, name: str, argument: Argument, *near: cst.BaseExpression) -> cst.BaseExpression:
    """Return an argument as an operation with one rendering writes it, in the type of a tensor near here."""
    found = state.rendered(name, (argument, *like_argument(state, *near)))
    return argument.expression if isinstance(found, Reason) else state.use(found[0])


def like_argument(state: State, *originals: cst.BaseExpression) -> tuple[Argument, ...]:
    """Return a floating tensor near here, for its type: one that is named in `originals`, else the prediction."""
    for name in (each for original in originals for each in names_in(original)):
        if _is_floating_tensor(state, name):
            return (Argument(name, Kind.TENSOR, "like"),)
    where = state.positions.get(originals[0])
    if not isinstance(state.fault, LossFault) or where is None:
        return ()
    node = state.fault.function.node
    if not node.lineno <= where.start.line <= (node.end_lineno or 0):
        return _like_a_parameter(state, where.start.line)
    predictions = (each.name for each in state.fault.parameters if each.role == "prediction" and not each.sequence)
    return tuple(Argument(cst.Name(each), Kind.TENSOR, "like") for each in predictions)[:1]


def _like_a_parameter(state: State, line: int) -> tuple[Argument, ...]:
    """Return the first parameter to which a caller of this helper of the loss passes the prediction."""
    for invocation in state.fault.program.invocations:
        node = invocation.function.node
        inside = is_here(node) and node.lineno <= line <= (node.end_lineno or 0)
        if not inside or id(node) not in state.plan.path:
            continue
        names = {name for name, value in invocation.arguments if value.derived and value.kind is not Kind.SEQUENCE}
        for name, value in invocation.arguments:
            if name in names and value.meaning is None:
                return (Argument(cst.Name(name), Kind.TENSOR, "like"),)
    return ()


def _is_floating_tensor(state: State, name: cst.Name) -> bool:
    fact = state.fact(name)
    if fact is None or not fact.value.derived or state.plan.kind(fact.value) is not Kind.TENSOR:
        return False
    return state.elements.of(fact.value) not in ("bool", "int")


def created_as_tensor(state: State, key: Key, original: cst.CSTNode, array: cst.BaseExpression) -> cst.BaseExpression:
    """Return an array of plain numbers as a tensor of the type of those near it."""
    fact, like = state.fault.program.facts.by_key[key], _tensor_before(state, original)
    if like is None:
        return array
    if state.elements.of(fact.value) in ("bool", "int"):
        return _in_its_own_type(state, array, like)
    found: tuple[Rendering, ...] | Reason = Reason(Exit.RULE, "")
    if isinstance(array, cst.Call) and fact.callee in _CREATING and len(array.args) == len(fact.operands):
        pairs = zip(array.args, fact.operands, strict=True)
        arguments = [state.argument(each.value, value, _keyword(each)) for each, value in pairs]
        found = state.rendered(f"operator.{fact.callee.rpartition('.')[2]}", [*arguments, like])
    if isinstance(found, Reason):
        found = state.rendered("operator.as_tensor", [Argument(array, Kind.ARRAY), like])
    if isinstance(found, Reason):
        return array
    return in_place_of(laid_out_as(state.choose(key, found), array), array)


def _in_its_own_type(state: State, array: cst.BaseExpression, like: Argument) -> cst.BaseExpression:
    """Return an array of truth values or integers as a tensor of those: it may be an index."""
    state.has_edits = True
    state.modules |= {record_of(state.framework).module}
    if not record_of(state.framework).takes_arrays and isinstance(like.expression, cst.Name):
        return _as_tensor(state, array, like.expression.value, keeps_type=True)
    return cst.Call(cst.parse_expression(f"{_module(state)}.convert_to_tensor"), [cst.Arg(array)])


def _tensor_before(state: State, node: cst.CSTNode) -> Argument | None:
    """Return a tensor that the function around a node has by then: a parameter, or what it has assigned before."""
    where = state.positions.get(node)
    if where is None or not state.enclosing:
        return None
    function = state.enclosing[-1]
    parameters = [each.name.value for each in _parameters(function)]
    bound = {*parameters, *_assigned(function)}
    names = [each for each in names_in(function.body) if each.value in bound and _is_floating_tensor(state, each)]
    before = [each for each in names if state.positions[each].start.line < where.start.line]
    found = sorted(before, key=lambda each: each.value not in parameters)
    found += [each for each in names if each.value in set(parameters) - set(_assigned(function))]
    return Argument(cst.Name(found[0].value), Kind.TENSOR, "like") if found else None


def _parameters(function: cst.FunctionDef) -> Iterator[cst.Param]:
    yield from (*function.params.posonly_params, *function.params.params, *function.params.kwonly_params)


def _assigned(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names that statements bind: those of a comprehension are gone after it."""
    if isinstance(node, cst.AssignTarget):
        yield from (each.value for each in names_in(node.target))
    for child in node.children:
        yield from _assigned(child)


def names_in(node: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield the names in an expression or a statement, in the order of the text."""
    if isinstance(node, cst.Name):
        yield node
    for child in node.children:
        yield from names_in(child)


def _keyword(argument: cst.Arg) -> str | None:
    return argument.keyword.value if argument.keyword else argument.star or None
