"""Evaluates calls: functions of the project are followed, known operations keep or end a gradient, others are unknown.

What a callee stands for decides: `method_calls` has those of methods. A function of a library is known by its canonical
name (`known_calls`), or by its package (`library_calls`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from autofix.analysis.bounds import flat_inside, flat_layer
from autofix.analysis.expressions import attribute
from autofix.analysis.functions import instantiate, invoke
from autofix.analysis.lookup import behind, followed, member
from autofix.analysis.outside import of_outside
from autofix.analysis.record import CallSite, Fact
from autofix.analysis.results import in_context, result_of
from autofix.analysis.run import Call, Handler, Run, evaluate, evaluates, read_only, registering
from autofix.analysis.shapes import LAYERS, layer_shape
from autofix.analysis.syntactic import differentiates, last_name
from autofix.analysis.values import (
    LIVE,
    UNKNOWN,
    Arguments,
    Choice,
    Class,
    Dotted,
    Function,
    Imported,
    Instance,
    Method,
    Scope,
    Value,
    element_of,
    first_choice,
    is_model_class,
    join,
    live_in,
    of_model,
    strongest,
    uncertain,
)
from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import CALLED, framework_of
from autofix.knowledge.operations import having
from autofix.model import Cut, Kind
from autofix.syntax.spans import Key, is_here

_TRANSPARENT = having("transparent")

FUNCTIONS: dict[str, Callable[[Run, Call, str], Value | None]] = {}
_PACKAGES: dict[str, Callable[[Run, Call, str], Value]] = {}
_MEANINGS: dict[type[object], Callable[[Run, Call, Value, Any], Value]] = {}


def call_of(*names: str) -> Callable[[Handler], Handler]:
    """Register `(run, call, name) -> Value | None` for canonical names; None leaves the call to the name's package."""
    return registering(FUNCTIONS, names)


def call_in(*packages: str) -> Callable[[Handler], Handler]:
    """Register `(run, call, name) -> Value` for all other functions of packages."""
    return registering(_PACKAGES, packages)


def applies(*meanings: type[object]) -> Callable[[Handler], Handler]:
    """Register `(run, call, callee, meaning) -> Value` for what a callee may stand for."""
    return registering(_MEANINGS, meanings)


def _made_here(run: Run, base: Value, name: str) -> Value:
    """Return an object of another file's class as one of its class, if it is asked for what its name calls a loss.

    Nothing else of it is: a model's insides stay the model's.
    """
    instance = base.meaning
    if not isinstance(instance, Instance) or instance.imported is None or not naming.is_loss(name):
        return base
    imported, arguments = instance.imported
    found = behind(run, imported)
    return instantiate(run, found.meaning, arguments) if found and isinstance(found.meaning, Class) else base


@evaluates(ast.Call)
def _call(run: Run, node: ast.Call, scope: Scope) -> Value:
    callee = _callee(run, node.func, scope)
    result = apply(run, Call(node, _arguments(run, node, scope), scope), callee)
    _look_into_keys(run, node, scope)
    return result


def _look_into_keys(run: Run, node: ast.Call, scope: Scope) -> None:
    """Evaluate what `sorted(rows, key=lambda row: …)` calls, which nothing else follows."""
    for each in node.keywords:
        if each.arg == "key" and isinstance(each.value, ast.Lambda):
            names = [one.arg for one in each.value.args.args]
            read_only(run, (each.value.body,), Scope(scope, dict.fromkeys(names, UNKNOWN)))


def _callee(run: Run, func: ast.expr, scope: Scope) -> Value:
    if not isinstance(func, ast.Attribute):
        return evaluate(run, func, scope)
    base = _made_here(run, first_choice(evaluate(run, func.value, scope)), func.attr)
    known = member(run, base, func.attr)
    if known is not None:
        return known
    if (isinstance(base.meaning, Dotted) and not base.derived) or isinstance(base.meaning, Function):
        return attribute(run, func, base)
    return Value(meaning=Method(base, func.attr))


def _arguments(run: Run, node: ast.Call, scope: Scope) -> Arguments:
    positional: list[Value] = []
    for each in node.args:
        value = evaluate(run, each, scope)
        if isinstance(each, ast.Starred):
            whole = evaluate(run, each.value, scope)
            positional += whole.items if whole.items is not None else [element_of(whole)]
        else:
            positional.append(value)
    keywords = {each.arg or "**": evaluate(run, each.value, scope) for each in node.keywords}
    return Arguments(tuple(positional), keywords)


def apply(run: Run, call: Call, callee: Value) -> Value:
    """Return the value of calling `callee`, which may be another file's."""
    target = followed(run, callee, call.arguments)
    result = _applied(run, call, target)
    _note_dead_loss(run, target, result)
    if isinstance(target.meaning, Function) and not is_here(target.meaning.node):
        return _led_to(run, call, result)
    imported, instance = callee.meaning, result.meaning
    if isinstance(imported, Imported) and isinstance(instance, Instance) and isinstance(instance.made_from, Dotted):
        return result._replace(meaning=replace(instance, imported=(imported, call.arguments)))
    return result


def _applied(run: Run, call: Call, callee: Value) -> Value:
    meaning = callee.meaning
    handler = _MEANINGS.get(meaning.__class__)
    if handler is not None:
        return handler(run, call, callee, meaning)
    return unknown_call(run, call.node, last_name(call.node.func), (callee, *call.arguments.values))


def _note_dead_loss(run: Run, callee: Value, result: Value) -> None:
    """Take down the result of a loss that carries no gradient at all, and what cuts it."""
    may_train = result.live or result.unknown or result.traits.may_carry
    if result.cuts and not may_train and _is_loss(callee):
        run.gradients.dead[result.makers] = result.cuts


def _is_loss(callee: Value) -> bool:
    """Does the name of what is called say that it is a loss?"""
    meaning = callee.meaning
    if isinstance(meaning, Function):
        owner, _, last = meaning.qualname.rpartition(".")
        return naming.is_loss(last) or (last in CALLED and naming.is_loss(owner))
    name = meaning.name if isinstance(meaning, (Dotted, Instance)) else ""
    statistic = effects.package_of(name) in effects.LEAVERS  # `np.quantile` is a threshold more often than a loss
    return not statistic and naming.is_loss(name.rpartition(".")[2])


def _led_to(run: Run, call: Call, result: Value) -> Value:
    """Return what another file gave for a call of this one, the call among its makers.

    Where a gradient arrives, what cuts it there may as well be for other types, or other ways to call it.
    """
    node, operands = call.node, call.arguments.values
    if not result.derived or not is_here(node):
        return result
    key = run.positions.key(node)
    run.nodes[key] = node
    known = frozenset().union(*(each.cuts for each in operands))
    value = _with_maker(result, key, known)
    run.facts.note(key, Fact(value, operands))
    return value


def _with_maker(value: Value, key: Key, known: frozenset[Cut]) -> Value:
    items = tuple(_with_maker(each, key, known) for each in value.items) if value.items is not None else None
    element = _with_maker(value.element, key, known) if value.element is not None else None
    cuts = value.cuts & known if value.live else value.cuts
    return value._replace(items=items, element=element, makers=value.makers | {key}, cuts=cuts)


@applies(Choice)
def _apply_choice(run: Run, call: Call, callee: Value, choice: Choice) -> Value:
    inside = first_choice(callee).meaning
    options = [each for each in choice.options if not isinstance(each, Dotted) or isinstance(inside, Function)]
    return join([apply(run, call, callee._replace(meaning=each)) for each in options or (inside,)])


@applies(Function)
def _apply_function(run: Run, call: Call, callee: Value, function: Function) -> Value:
    note_call_site(run, call, function)
    result = invoke(run, function, call.arguments)
    run.facts.note(run.positions.key(call.node), Fact(result, call.arguments.values))
    return result


def note_call_site(run: Run, call: Call, function: Function) -> None:
    frames = run.context.frames
    caller = frames[-1].function if frames else None
    arguments = tuple(_as_array(run, each) for each in call.arguments.values)
    run.journal.call_sites.append(CallSite(run.positions.key(call.node), caller, function, arguments))
    if run.observer is not None:
        run.observer.called(call.node, function)


def _as_array(run: Run, value: Value) -> Value:
    """Return what NumPy made of something unknown as the array that it may be."""
    if value.kind is not Kind.NUMBER:
        return value
    reaching = (run.facts.by_key.get(key) for key in run.facts.reaching(value.makers))
    of_numpy = any(each is not None and each.callee.startswith(("numpy.", "ndarray.")) for each in reaching)
    return value._replace(kind=Kind.ARRAY) if of_numpy else value


@applies(Class)
def _apply_class(run: Run, call: Call, callee: Value, cls: Class) -> Value:
    return instantiate(run, cls, call.arguments)


@applies(Instance)
def _apply_instance(run: Run, call: Call, callee: Value, instance: Instance) -> Value:
    is_given_prediction = any(each.derived for each in call.arguments.values)
    if instance.imported is not None and is_given_prediction and _is_called_loss(call.node, instance.imported[0]):
        found = _instance_of_imported(run, instance, *instance.imported)
        if found is not None and isinstance(found.meaning, Instance):
            callee, instance = found, found.meaning
    result = _result_of_instance(run, call, callee, instance)
    is_elsewhere = isinstance(instance.made_from, Class) and not is_here(instance.made_from.node)
    return _led_to(run, call, result) if is_elsewhere else result


def _is_called_loss(node: ast.Call, imported: Imported) -> bool:
    """Does a name say that an object is a loss: its own, or that of the file which its class comes from?"""
    return naming.is_loss(last_name(node.func)) or naming.is_named_loss(imported.name)


def _instance_of_imported(run: Run, instance: Instance, imported: Imported, arguments: Arguments) -> Value | None:
    """Return an instance of another file's class, which nothing but its use shows to be a loss."""
    found, instances = behind(run, imported), run.files.instances
    if found is None or not isinstance(found.meaning, Class):
        return None
    if id(instance) not in instances:
        instances[id(instance)] = instantiate(run, found.meaning, arguments)
    return instances[id(instance)]


def _result_of_instance(run: Run, call: Call, callee: Value, instance: Instance) -> Value:
    wrapper = instance.arguments if instance.name == "LossFunctionWrapper" else None
    wrapped = wrapper.first("fn") if wrapper else None
    if wrapped is not None:
        return apply(run, call, wrapped)
    if isinstance(instance.made_from, Class):
        return _result_of_own_class(run, call, callee, instance, instance.made_from)
    name, operands = last_name(call.node.func), call.arguments.values
    of_framework = framework_of(instance.made_from.name)
    if instance.name in effects.PARAMETRIC or (not of_framework and naming.is_model(instance.name)):
        return _result_of_layer(run, call, instance, (live_in(name, True), *operands))
    if of_framework:
        return _result_of_layer(run, call, instance, operands)
    return unknown_call(run, call.node, instance.name, operands)


def _result_of_own_class(run: Run, call: Call, callee: Value, instance: Instance, cls: Class) -> Value:
    """Return what an object of a class of the project gives when it is called."""
    node, name, is_model = call.node, last_name(call.node.func), is_model_class(cls)
    methods = (member(run, callee, each) for each in CALLED)
    function = next((each.meaning for each in methods if each and isinstance(each.meaning, Function)), None)
    if function is None:
        unknown = uncertain(UNKNOWN._replace(kind=Kind.TENSOR))
        operands = (live_in(name, True), *call.arguments.values)
        return result_of(run, node, Kind.TENSOR, operands) if is_model else unknown
    result = invoke(run, function, call.arguments)
    has_attributes = isinstance(result.meaning, Instance) and result.meaning.attributes
    if not result.derived and result.unknown and not has_attributes and _has_parameters(instance):
        result = in_context(run, LIVE, node)
    result = of_model(result, name) if is_model else result
    run.facts.note(run.positions.key(node), Fact(result, call.arguments.values))
    return result


def _has_parameters(instance: Instance) -> bool:
    meanings = (value.meaning for value in instance.attributes.values())
    made_from = [meaning.made_from for meaning in meanings if isinstance(meaning, Instance)]
    layers = any(isinstance(each, Dotted) and each.name.rpartition(".")[2] in effects.PARAMETRIC for each in made_from)
    return (
        layers
        or any(value.live for value in instance.attributes.values())
        or any(isinstance(each, Class) for each in made_from)
    )


def _result_of_layer(run: Run, call: Call, layer: Instance, operands: tuple[Value, ...]) -> Value:
    is_flat = flat_layer(layer, call.arguments.first()) or flat_inside(layer) is not None
    code, callee = "AF207" if is_flat else None, LAYERS.get(layer.name, "")
    value = result_of(run, call.node, Kind.TENSOR, operands, callee=callee, code=code)
    shape = layer_shape(layer, layer.name, call.arguments.positional)
    return value._replace(traits=value.traits._replace(shape=shape))


def unknown_call(run: Run, node: ast.Call, name: str, operands: tuple[Value, ...]) -> Value:
    """A call of something that cannot be followed: it may hold parameters of its own, so a cut proves nothing."""
    run_closures(run, operands)
    if name[:1].isupper():
        return UNKNOWN._replace(meaning=Instance(Dotted(name), _derived_keywords(node, operands)))
    if name in run.declared.models or (naming.is_model(name) and not naming.is_loss(name)):
        return result_of(run, node, Kind.TENSOR, (live_in(name, True), *operands))
    is_of_loss = naming.is_loss(name) and any(each.derived for each in operands)
    if is_of_loss or any(operand.live for operand in operands):
        return result_of(run, node, strongest(operands), operands)
    return UNKNOWN._replace(kind=Kind.TENSOR if strongest(operands) is Kind.TENSOR else Kind.OTHER)


def _derived_keywords(node: ast.Call, operands: tuple[Value, ...]) -> dict[str, Value]:
    """Return what an object made by keywords holds of a prediction, by name: `ModelOutput(loss=…, logits=…)`."""
    names = [each.arg for each in node.keywords]
    values = operands[len(operands) - len(names) :] if names else ()
    return {name: value for name, value in zip(names, values, strict=False) if name is not None and value.derived}


def run_closures(run: Run, arguments: Sequence[Value]) -> None:
    """Run the steps that something else is to call: `optimizer.step(closure)`."""
    for each in arguments:
        if isinstance(each.meaning, Function) and differentiates(each.meaning.node):
            invoke(run, each.meaning, Arguments((), {}))


@applies(Dotted, Imported)
def _apply_from_outside(run: Run, call: Call, callee: Value, outside: Dotted) -> Value:
    name, arguments = outside.name, call.arguments
    special = FUNCTIONS.get(name)
    answer = special(run, call, name) if special is not None else None
    if answer is not None:
        return answer
    if name in _TRANSPARENT:
        return arguments.first() if arguments.positional else Value(meaning=Dotted(name))
    of_package = _PACKAGES.get(effects.package_of(name))
    if of_package is not None:
        return of_package(run, call, name)
    if name in run.own_rules:
        return result_of(run, call.node, Kind.ARRAY, arguments.values, callee=name, code="AF107")
    told = of_outside(run, call.node, name, arguments)
    return told if told is not None else unknown_call(run, call.node, name.rpartition(".")[2], arguments.values)
