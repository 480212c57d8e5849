"""Rewrites the calls and attributes of a plan by their rules: `np.mean(x)`, `x.T`, `x.numpy()`.

Takes a call whose arguments are rewritten already; gives what its rule says, with the casts that the types of its
arguments ask for. A function that is only passed on is written by `function_values`.
"""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.knowledge import effects
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Exit, Kind, Reason
from autofix.rewrite.casts import (
    SELECTING,
    in_the_type_asked_for,
    with_arrays_in_one_type,
    with_cast_first,
    with_counts_as_numbers,
    with_the_predictions_type,
    without_cast_after_rewrap,
)
from autofix.rewrite.displays import is_mixed, one_of_the_tensors, with_stacked_inside
from autofix.rewrite.function_values import applied, function_value
from autofix.rewrite.literal import canonical_of, code_of, laid_out_as, literal
from autofix.rewrite.parentheses import bare, in_place_of
from autofix.rewrite.plan import inert
from autofix.rewrite.rules import Argument, Rendering
from autofix.rewrite.selection import selects
from autofix.rewrite.state import State, Stop, rewrites
from autofix.rewrite.tensors import as_tensors
from autofix.syntax.spans import Key, span

_WIDENED = Key("double precision", 0, 0, 0, 0)
"""The choice whether predictions are taken in double precision: it is made for all of them at once."""

_WRAPPERS, _OF_LISTS = having("AF108"), having("from-list")


@rewrites(cst.Call)
def call(state: State, original: cst.Call, updated: cst.Call) -> cst.BaseExpression:
    """Write a call as its rule says; one of a function that is chosen elsewhere stays."""
    key = state.key(original)
    if key is not None and key in state.choices.options:
        return _option(state, key, updated)
    fact = state.plan.operations.get(key) if key else None
    if key is None or fact is None:
        return without_cast_after_rewrap(state, original, updated)
    if key in state.choices.sites:
        return _of_chosen_function(state, updated, fact)
    if fact.callee in _WRAPPERS:
        state.unwrapped.add(key)
        return in_place_of(_without_wrapper(state, original, updated, fact), updated)
    if isinstance(updated.func, cst.Attribute):
        if fact.callee == "Model.predict":
            state.has_edits = True
            return _of_the_model(updated, updated.func.value)
        if fact.callee == "Tensor.numpy" and _is_widened(state):
            return in_place_of(updated.with_changes(func=_double(updated.func), args=[]), updated)
    return _of_operation(state, original, updated, key, fact)


@rewrites(cst.Name)
def name(state: State, original: cst.Name, updated: cst.Name) -> cst.BaseExpression:
    """Write a function that may be chosen as the framework's own."""
    key = state.key(original) if state.choices.options else None
    return _option(state, key, updated) if key is not None and key in state.choices.options else updated


@rewrites(cst.Attribute)
def attribute(state: State, original: cst.Attribute, updated: cst.Attribute) -> cst.BaseExpression:
    """Write an attribute as its rule says, and a function that may be chosen as the framework's own."""
    key = state.key(original)
    if key is not None and key in state.choices.options:
        return _option(state, key, updated)
    fact = state.plan.operations.get(key) if key else None
    if key is None or fact is None:
        return updated
    receiver = state.argument(updated.value, fact.operands[0])
    return by_rule(state, updated, key, fact, (receiver,))


def _option(state: State, key: Key, updated: cst.BaseExpression) -> cst.BaseExpression:
    state.has_edits = True
    return in_place_of(function_value(state, key, updated), updated)


def _of_operation(state: State, original: cst.Call, updated: cst.Call, key: Key, fact: Fact) -> cst.BaseExpression:
    fact, updated = _as_size(state, fact, updated)
    arguments = with_counts_as_numbers(state, original, fact, _arguments(state, updated, fact))
    arguments = with_cast_first(state, fact, arguments)
    arguments = with_arrays_in_one_type(state, original, fact, arguments)
    expression = by_rule(state, updated, key, fact, arguments)
    return with_the_predictions_type(state, original, fact, arguments, expression)


def by_rule(
    state: State, updated: cst.BaseExpression, key: Key, fact: Fact, arguments: tuple[Argument, ...]
) -> cst.BaseExpression:
    """Return what an operation becomes; Stop where it has no rule and its operands become tensors."""
    found: tuple[Rendering, ...] | Reason = Reason(Exit.RULE, "")
    if not fact.value.derived or selects(fact):
        found = state.rendered(inert(fact.callee), arguments)
    if isinstance(found, Reason):
        found = state.rendered(fact.callee, arguments)
    if isinstance(found, Reason):
        plain_number = fact.value.kind is Kind.NUMBER and not fact.value.derived
        if key not in state.plan.tensors or plain_number:
            return updated
        raise Stop(no_rule(state, fact.callee, found, key))
    found = (*_python_sum(state, fact, arguments), *found)
    choice, found = in_the_type_asked_for(state, key, fact, arguments, found)
    expression = state.choose(choice, found)
    if any(code_of(expression) == code_of(bare(argument.expression)) for argument in arguments):
        state.unwrapped.add(key)
    return in_place_of(laid_out_as(expression, updated), updated)


def no_rule(state: State, callee: str, refused: Reason, key: Key | None) -> Reason:
    """Return why a call has no replacement: what is said of every call of its function, else what was `refused`."""
    stated = state.catalogue.reason(callee) or refused
    return replace(stated, span=span(key) if key is not None else None, callee=callee)


def _python_sum(state: State, fact: Fact, arguments: tuple[Argument, ...]) -> tuple[Rendering, ...]:
    """Return Python's own `sum` for `np.sum` of a list: of no tensors at all it makes 0, as NumPy does."""
    first = arguments[0] if len(arguments) == 1 else None
    if first is None or fact.callee != "numpy.sum" or "sum" in state.fault.program.module.names:
        return ()
    is_list = first.kind is Kind.SEQUENCE or isinstance(first.expression, (cst.List, cst.ListComp))
    written = cst.Call(cst.Name("sum"), [cst.Arg(first.expression)])
    return (Rendering(written, frozenset()),) if is_list else ()


def _arguments(state: State, node: cst.Call, fact: Fact) -> tuple[Argument, ...]:
    """Return the arguments of a call as rules see them, the receiver of a method first."""
    operands = list(fact.operands)
    is_method = fact.callee.startswith(("ndarray.", "Tensor.")) and isinstance(node.func, cst.Attribute)
    receivers = [operands.pop(0)] if is_method else []
    values = receivers + (operands if len(operands) == len(node.args) else [Value()] * len(node.args))
    written = [node.func.value] if isinstance(node.func, cst.Attribute) and is_method else []
    written += [each.value for each in node.args]
    is_wrapped = fact.callee in effects.REWRAPS or not fact.callee.startswith(("Tensor.", "torch."))
    if not record_of(state.framework).takes_arrays and is_wrapped:
        is_stacked = fact.callee.rpartition(".")[2] in _OF_LISTS or fact.callee in effects.REWRAPS
        inside = [_with_tensors_inside(state, *pair, is_stacked) for pair in zip(written, values, strict=True)]
        before = len(receivers)
        selecting = {before + place for place in _selecting(state, node, fact.callee)}
        listed = {before + place for place in _listed(state, node, fact.callee)}
        written = as_tensors(state, inside, values, selecting, listed)
        made = {place for place in listed if isinstance(written[place], cst.Call)}
        values = [Value(Kind.TENSOR, live=True) if place in made else each for place, each in enumerate(values)]
    keywords: list[str | None] = [None] * len(receivers)
    keywords += [each.keyword.value if each.keyword else each.star or None for each in node.args]
    triples = zip(written, values, keywords, strict=True)
    return tuple(state.argument(expression, value, keyword) for expression, value, keyword in triples)


def _selecting(state: State, node: cst.Call, callee: str) -> set[int]:
    """Return the places of the arguments of a call that select among elements."""
    return {place for place, name in enumerate(_parameters(state, node, callee)) if name in SELECTING}


def _listed(state: State, node: cst.Call, callee: str) -> set[int]:
    """Return the places where a list of numbers stands for an array; a rule that walks over it takes the list."""
    function, arrays = state.catalogue.function(callee), state.catalogue.dialect.arrays
    loops = (each for each in ast.walk(function) if isinstance(each, ast.For)) if function is not None else ()
    walked = {ast.unparse(each.iter) for each in loops}
    names = enumerate(_parameters(state, node, callee))
    wanted = {place for place, name in names if name in arrays and name not in walked}
    return {place for place in wanted if isinstance(node.args[place].value, (cst.List, cst.Tuple))
            and literal(node.args[place].value) is not None}  # fmt: skip


def _parameters(state: State, node: cst.Call, callee: str) -> list[str]:
    """Return the name of the rule's parameter for each argument of a call, empty where there is none."""
    function = state.catalogue.function(callee)
    names = [each.arg for each in function.args.args] if function is not None else []
    by_place = dict(enumerate(names[callee.startswith("ndarray.") :]))
    pairs = enumerate(node.args)
    return [each.keyword.value if each.keyword else by_place.get(place, "") for place, each in pairs]


def _with_tensors_inside(
    state: State, written: cst.BaseExpression, value: Value, is_stacked: bool
) -> cst.BaseExpression:
    """Turn the arrays in a list that holds tensors as well into tensors; numbers and lists in one that is stacked."""
    if not isinstance(written, (cst.List, cst.Tuple)) or len(value.items or ()) != len(written.elements):
        return written
    inside = as_tensors(state, [each.value for each in written.elements], value.items or ())
    pairs = zip(written.elements, inside, strict=True)
    written = written.with_changes(elements=[each.with_changes(value=new) for each, new in pairs])
    if not is_stacked:
        return written
    kinds = _kinds_inside(state, written, value)
    like = one_of_the_tensors(kinds, state.names.values())
    if like is None or not is_mixed(written, kinds.__getitem__):
        return written
    state.modules |= {record_of(state.framework).module}
    return with_stacked_inside(written, kinds.__getitem__, state.names[record_of(state.framework).module], like)


def _kinds_inside(state: State, written: cst.BaseExpression, value: Value) -> dict[cst.BaseExpression, Kind]:
    """Return what the elements of a list are, and of the lists in it."""
    if not isinstance(written, (cst.List, cst.Tuple)) or len(value.items or ()) != len(written.elements):
        return {written: state.plan.kind(value)}
    pairs = zip(written.elements, value.items or (), strict=True)
    return {node: kind for each, item in pairs for node, kind in _kinds_inside(state, each.value, item).items()}


def _as_size(state: State, fact: Fact, updated: cst.Call) -> tuple[Fact, cst.Call]:
    """Read `np.prod(x.shape)` as `np.size(x)`: a shape is no tensor, and is not known before a graph runs."""
    shapes = [state.fault.program.facts.by_key.get(key) for each in fact.operands[:1] for key in each.makers]
    match updated.args, shapes:
        case [cst.Arg(value=cst.Attribute(value=owner, attr=cst.Name("shape")))], [Fact(operands=[whole, *_])]:
            if fact.callee == "numpy.prod":
                sized = fact._replace(callee="numpy.size", operands=(whole,))
                return sized, updated.with_changes(args=[cst.Arg(owner)])
    return fact, updated


def _of_chosen_function(state: State, updated: cst.Call, fact: Fact) -> cst.BaseExpression:
    """Return a call of a chosen function, which stays: all that changes is the arrays among its arguments."""
    state.has_edits = True
    written = [each.expression for each in _arguments(state, updated, fact)]
    pairs = zip(updated.args, written, strict=len(written) == len(updated.args))
    return updated.with_changes(args=[each.with_changes(value=value) for each, value in pairs])


def _without_wrapper(state: State, original: cst.Call, updated: cst.Call, fact: Fact) -> cst.BaseExpression:
    """Return `f(a, b)` for `tf.numpy_function(f, [a, b], tf.float32)`, of a library's `f` as its rule says."""
    function, inputs = _wrapped_call(updated)
    elements = inputs.elements if isinstance(inputs, (cst.List, cst.Tuple)) else None
    if elements is None:
        raise Stop(Reason(Exit.REWRITE, "the inputs of the wrapped function are not a list display"))
    expressions = [each.value for each in elements]
    callee = canonical_of(_wrapped_call(original)[0], state.fault.program.module)
    if not callee or effects.package_of(callee) not in effects.LEAVERS:
        return applied(function, expressions)
    values = (fact.operands[0].items if fact.operands else None) or (Value(Kind.TENSOR),) * len(expressions)
    pairs = zip(expressions, values, strict=False)
    found = state.rendered(callee, [state.argument(each, value) for each, value in pairs])
    key = state.key(original)
    if isinstance(found, Reason):
        raise Stop(no_rule(state, callee, found, key))
    return state.choose((key or Key("", 0, 0, 0, 0))._replace(kind=callee), found)


def _wrapped_call(node: cst.Call) -> tuple[cst.BaseExpression, cst.BaseExpression]:
    """Return the function and the inputs of `tf.numpy_function(f, [a, b], tf.float32)`."""
    by_name = {each.keyword.value: each.value for each in node.args if each.keyword}
    positional = [each.value for each in node.args if not each.keyword]
    return by_name.get("func") or positional[0], by_name.get("inp") or positional[1]


def _of_the_model(node: cst.Call, model: cst.BaseExpression) -> cst.Call:
    """Return `model(x)` for `model.predict(x, verbose=0)`."""
    inputs = next((each for each in node.args if each.keyword is None or each.keyword.value == "x"), None)
    return cst.Call(model, [cst.Arg(inputs.value)] if inputs is not None else [])


def _is_widened(state: State) -> bool:
    """Does this candidate compute in double precision, as NumPy does once an array of its own has joined?"""
    return record_of(state.framework).promotes and bool(state.plan.created) and state.takes_second(_WIDENED)


def _double(numpy: cst.Attribute) -> cst.Attribute:
    return numpy.with_changes(attr=cst.Name("double"))
