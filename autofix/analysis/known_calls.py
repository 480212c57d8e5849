"""Calls that mean something of their own: what is differentiated, what is watched, what re-makes a leaf.

A function that returns None leaves the call to the general rules of `calls`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from autofix.analysis.assignment import bind
from autofix.analysis.bounds import flat_inside, is_path
from autofix.analysis.calls import apply, call_of, note_call_site
from autofix.analysis.expressions import attribute
from autofix.analysis.functions import invoke
from autofix.analysis.library_calls import requires_grad
from autofix.analysis.method_calls import method
from autofix.analysis.optimizers import name_of
from autofix.analysis.record import Fact
from autofix.analysis.results import as_leaf, cut_at, ended, result_of
from autofix.analysis.run import Call, Consumption, Run, evaluate, is_in_loss
from autofix.analysis.syntactic import last_name
from autofix.analysis.values import (
    INERT,
    LABEL,
    LIVE,
    PARAMETER,
    UNKNOWN,
    Arguments,
    Class,
    Dotted,
    Function,
    Instance,
    Method,
    Scope,
    Super,
    Traits,
    Value,
    element_of,
    join,
    sequence,
    uncertain,
)
from autofix.knowledge import naming, trainers
from autofix.knowledge.frameworks import record_of
from autofix.model import Kind
from autofix.syntax.spans import in_place_of

CHOSEN = "chosen_by_name"
"""What stands for an attribute whose name only the running program knows: `getattr(np, reduction)`."""

_NO_ARGUMENTS = Arguments((), {})


def _consume(run: Run, node: ast.AST, value: Value, weighted: bool = False) -> None:
    """Write down that `value` is what gets differentiated at `node`, with weights for its elements or without."""
    run.journal.consumed.append(Consumption(node, value, weighted))


@call_of("builtins.getattr")
def _getattr(run: Run, call: Call, name: str) -> Value | None:
    """Return what a name that is known, or chosen while the program runs, stands for in a library or an array."""
    node, positional = call.node, call.arguments.positional
    if len(positional) < 2 or len(node.args) != len(positional):
        return None
    base, wanted = positional[0], getattr(node.args[1], "value", None)
    in_library = isinstance(base.meaning, Dotted) and not base.derived
    if not in_library and not base.derived:
        return None
    asked = ast.Attribute(node.args[0], wanted if isinstance(wanted, str) else CHOSEN, ast.Load())
    return attribute(run, in_place_of(asked, node), base)


@call_of("builtins.super")
def _super(run: Run, call: Call, name: str) -> Value | None:
    """Return the bases of the class whose method is being followed; None outside of one."""
    frame = next((each for each in reversed(run.context.frames) if each.function.receiver is not None), None)
    receiver = frame.function.receiver if frame is not None else None
    if frame is None or receiver is None:
        return None
    made_from = receiver.meaning.made_from if isinstance(receiver.meaning, Instance) else receiver.meaning
    owner = _owner(made_from, frame.function.node) if isinstance(made_from, Class) else None
    return Value(meaning=Super(receiver, owner.bases)) if owner is not None else None


def _owner(cls: Class, node: ast.AST) -> Class | None:
    """Return the class among this one and its bases in which a method is defined."""
    own = (value.meaning for value in cls.members.names.values())
    if any(isinstance(each, Function) and each.node is node for each in own):
        return cls
    above = (_owner(base.meaning, node) for base in cls.bases if isinstance(base.meaning, Class))
    return next((each for each in above if each is not None), None)


@call_of("builtins.dict")
def _dict(run: Run, call: Call, name: str) -> Value | None:
    """Return `dict(a=…, b=…)` as the display that it stands for."""
    keywords = call.arguments.keywords
    if call.arguments.positional or not keywords or "**" in keywords:
        return None
    whole = sequence(keywords.values())
    return whole._replace(kind=Kind.OTHER, traits=Traits(constant=tuple(keywords)))


@method("register_buffer")
def _register_buffer(run: Run, call: Call, base: Value) -> Value | None:
    """A buffer is a value that nobody trains."""
    name, value = call.arguments.argument(0, "name"), call.arguments.argument(1, "tensor")
    known = name.traits.constant if name is not None else None
    if not isinstance(base.meaning, Instance) or not isinstance(known, str) or value is None:
        return None
    plain = value if value.cuts or value.live else LABEL._replace(traits=value.traits._replace(may_carry=False))
    base.meaning.attributes[known] = plain
    run.journal.attributes_set += 1
    return INERT


@call_of("functools.partial")
def _partial(run: Run, call: Call, name: str) -> Value | None:
    """Return a function with some of its arguments filled in."""
    function, arguments = call.arguments.first(), call.arguments
    if not isinstance(function.meaning, Function):
        return None
    before = function.meaning.given or _NO_ARGUMENTS
    rest = Arguments((*before.positional, *arguments.positional[1:]), before.keywords | arguments.keywords)
    return function._replace(meaning=replace(function.meaning, given=rest))


@call_of("numpy.vectorize")
def _vectorize(run: Run, call: Call, name: str) -> Value | None:
    """Return the function itself: what is called with one number after another is called with each of them."""
    function, operands = call.arguments.first(), call.arguments.values
    if not isinstance(function.meaning, Function) or len(operands) > 1:
        return None
    run.facts.note(run.positions.key(call.node), Fact(function, operands, name))
    return function


@call_of("torch.nn.Parameter")
def _parameter(run: Run, call: Call, name: str) -> Value:
    if _is_switched_off(call.arguments.argument(1, "requires_grad")):
        return _state(run, call, name)
    return PARAMETER


@call_of("torch.as_tensor")
def _as_tensor(run: Run, call: Call, name: str) -> Value:
    code = "AF105" if call.arguments.first("data").kind is Kind.SEQUENCE else None
    return result_of(run, call.node, Kind.TENSOR, call.arguments.values, callee=name, code=code)


@call_of("torch.tensor")
def _leaf(run: Run, call: Call, name: str) -> Value | None:
    """`requires_grad=True` makes a leaf: right for an input to optimise, a fault where it hides a lost gradient."""
    node, arguments = call.node, call.arguments
    if not requires_grad(node):
        return None
    if not arguments.first("data").derived or id(node) in run.declared.made_as_leaves:
        return LIVE
    value = result_of(run, node, Kind.TENSOR, arguments.values, callee=name, code="AF303")
    return as_leaf(run, node, value)


@call_of("torch.autograd.Variable")
def _autograd_variable(run: Run, call: Call, name: str) -> Value | None:
    first, leaf = call.arguments.first("data"), _leaf(run, call, name)
    return leaf if leaf is not None or first.derived else first._replace(kind=Kind.TENSOR)


@call_of("tensorflow.Variable")
def _variable(run: Run, call: Call, name: str) -> Value | None:
    if _is_switched_off(call.arguments.argument(1, "trainable")):
        return _state(run, call, name)
    return None if call.arguments.first("initial_value").derived else LIVE


def _state(run: Run, call: Call, callee: str) -> Value:
    """A variable that is declared not to be trained holds a value on purpose."""
    node, key = call.node, run.positions.key(call.node)
    value = result_of(run, node, Kind.TENSOR, call.arguments.values, callee=callee, code="AF105")
    plain, asked = (cut_at(run, node, "AF105", explicit=each) for each in (False, True))
    if plain not in value.cuts:
        return value
    roots = run.gradients.cut_off.pop(plain, frozenset())
    value = value._replace(cuts=value.cuts - {plain} | {ended(run, asked, roots)})
    run.facts.by_key[key] = run.facts.by_key[key]._replace(value=value)
    return value


@call_of("tensorflow.numpy_function", "tensorflow.py_func")
def _numpy_function(run: Run, call: Call, name: str) -> Value:
    return _python_body(run, call, Kind.ARRAY)


@call_of("tensorflow.py_function")
def _py_function(run: Run, call: Call, name: str) -> Value:
    return _python_body(run, call, Kind.TENSOR)


def _python_body(run: Run, call: Call, kind: Kind) -> Value:
    """Follow the function that runs outside the graph, where its inputs are of this kind."""
    node, function, inputs = call.node, call.arguments.first("func"), call.arguments.values[1:2]
    result = result_of(run, node, Kind.TENSOR, inputs, callee="tensorflow.numpy_function", code="AF108")
    if not isinstance(function.meaning, Function) or not inputs:
        return result
    if not result.derived:
        return _with_models_inside(run, call, function.meaning, inputs[0], kind) or result
    inside = [
        Value(kind, cuts=result.cuts if each.derived else frozenset(), makers=result.makers)
        for each in inputs[0].items or ()
    ]
    taken = Arguments(tuple(inside), {})
    note_call_site(run, call._replace(arguments=taken), function.meaning)
    inner, key = invoke(run, function.meaning, taken), run.positions.key(node)
    run.facts.by_key[key] = run.facts.by_key[key]._replace(operands=(*inputs, inner))
    return result


def _with_models_inside(run: Run, call: Call, function: Function, inputs: Value, kind: Kind) -> Value | None:
    """Return what a function outside the graph makes of a model that it calls itself; None where it calls none."""
    node, key = call.node, run.positions.key(call.node)
    taken = Arguments(tuple(Value(kind, makers=frozenset({key})) for _ in inputs.items or ()), {})
    inner = invoke(run, function, taken)
    if not inner.derived:
        return None
    note_call_site(run, call._replace(arguments=taken), function)
    made = inner._replace(kind=Kind.TENSOR, live=True, cuts=frozenset())
    result = result_of(run, node, Kind.TENSOR, (made,), callee="tensorflow.numpy_function", code="AF108")
    result = result._replace(cuts=result.cuts | inner.cuts)
    run.facts.by_key[key] = run.facts.by_key[key]._replace(value=result)
    return result


@call_of("torch.autograd.grad")
def _autograd_grad(run: Run, call: Call, name: str) -> Value:
    weighted = call.arguments.argument(2, "grad_outputs") is not None
    _consume(run, call.node, call.arguments.first("outputs"), weighted)
    again = call.arguments.argument(4, "create_graph")
    if again is None or again.traits.constant is False:
        return LABEL  # first order: no gradient flows through it, whatever is done to it
    if again.traits.constant is not True:
        return uncertain(UNKNOWN._replace(kind=Kind.TENSOR))
    return join((LIVE, *call.arguments.values))


@call_of("torch.autograd.backward")
def _autograd_backward(run: Run, call: Call, name: str) -> Value:
    weighted = call.arguments.argument(1, "grad_tensors") is not None
    _consume(run, call.node, call.arguments.first("tensors"), weighted)
    return INERT


@method("backward", *trainers.BACKWARD)
def _backward(run: Run, call: Call, base: Value) -> Value:
    if record_of(run.framework).has_tape:
        return INERT
    arguments = call.arguments
    is_engine = base.meaning is None and not base.derived and bool(arguments.positional)
    weighted = arguments.argument(1 if is_engine else 0, "gradient", "grad_tensors", "**") is not None
    _consume(run, call.node, arguments.first() if is_engine else base, weighted)
    return INERT


@method("scale")
def _scale(run: Run, call: Call, base: Value) -> Value | None:
    return call.arguments.first() if not base.derived and call.arguments.positional else None


@method("gradient")
def _gradient(run: Run, call: Call, base: Value) -> Value | None:
    if not _is_tape(call.node, base) or not record_of(run.framework).has_tape:
        return None
    _consume(run, call.node, call.arguments.first("target"))
    is_recorded = run.context.open_tapes > 0  # an outer tape records what an inner one gives
    return LIVE._replace(kind=Kind.OTHER, live=is_recorded)


@method("watch")
def _watch(run: Run, call: Call, base: Value) -> Value | None:
    if not _is_tape(call.node, base) or not call.node.args:
        return None
    first = call.node.args[0]
    for each in first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]:
        watched = evaluate(run, each, call.scope)
        if not watched.derived or (not watched.live and name_of(each) in run.declared.leaves):
            bind(run, each, watched._replace(kind=Kind.TENSOR, live=True, cuts=frozenset()), call.scope)
    return INERT


@method("minimize")
def _minimize(run: Run, call: Call, base: Value) -> Value:
    loss = call.arguments.first("loss")
    if isinstance(loss.meaning, Method):
        loss = loss.meaning.receiver  # `variable.read_value`
    if isinstance(loss.meaning, Function):
        with _recording(run):
            loss = invoke(run, loss.meaning, _NO_ARGUMENTS)
    _consume(run, call.node, loss)
    return INERT


@method(*trainers.COMPILES)
def _compile(run: Run, call: Call, base: Value) -> Value:
    loss = call.arguments.keywords.get("loss") or call.arguments.argument(1)
    for each in (loss.items or (loss,)) if loss is not None else ():
        if each.meaning is not None:
            _consume(run, call.node, _called_by_keras(run, call, each))
    layer = flat_inside(base.meaning) if isinstance(base.meaning, Instance) else None
    flat_call = layer.meaning.node if layer is not None and isinstance(layer.meaning, Instance) else None
    if loss is not None and flat_call is not None:
        _consume(run, call.node, result_of(run, flat_call, Kind.TENSOR, (LIVE,), code="AF207"))
    return INERT


def _called_by_keras(run: Run, call: Call, loss: Value) -> Value:
    """Return the value of a loss called as Keras does: with targets and predictions."""
    with _recording(run):
        return apply(run, Call(call.node, Arguments((Value(Kind.TENSOR), LIVE), {}), Scope()), loss)


@contextmanager
def _recording(run: Run) -> Iterator[None]:
    """Call a loss as an optimizer or Keras does, which record what they call."""
    tape, run.context.tape = run.context.tape, "none"
    try:
        yield
    finally:
        run.context.tape = tape


@method("add_weight")
def _add_weight(run: Run, call: Call, base: Value) -> Value | None:
    return PARAMETER if record_of(run.framework).adds_weights else None


@method("parameters")
def _parameters(run: Run, call: Call, base: Value) -> Value | None:
    return sequence((LIVE,), known_length=False) if is_in_loss(run) else None


@method("named_parameters")
def _named_parameters(run: Run, call: Call, base: Value) -> Value | None:
    return sequence((sequence((INERT, LIVE)),), known_length=False) if is_in_loss(run) else None


@method(*trainers.ADDS)
def _add_loss(run: Run, call: Call, base: Value) -> Value:
    for each in call.arguments.positional[:1]:
        loss = invoke(run, each.meaning, _NO_ARGUMENTS) if isinstance(each.meaning, Function) else each
        if not any(cut.code == "AF301" for cut in loss.cuts):  # a model is built outside any tape
            _consume(run, call.node, loss)
    return INERT


@method("predict", "predict_on_batch")
def _predict(run: Run, call: Call, base: Value) -> Value | None:
    node = call.node
    if len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
        return None  # Keras' own takes one batch, then numbers: this is another method of that name
    if not record_of(run.framework).adds_weights:
        return UNKNOWN._replace(kind=Kind.ARRAY)
    if call.arguments.first("x").live:
        operands = (base._replace(live=False, cuts=frozenset()), *call.arguments.values)
        return result_of(run, node, Kind.ARRAY, operands, callee="Model.predict", code="AF102")
    owner = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if owner in run.declared.models or naming.is_model(owner):
        return result_of(run, node, Kind.ARRAY, (LIVE,), callee="Model.predict", code="AF304")
    return UNKNOWN._replace(kind=Kind.ARRAY)


@method("requires_grad_")
def _requires_grad(run: Run, call: Call, base: Value) -> Value:
    node = call.node
    if _is_switched_off(call.arguments.argument(0, "requires_grad")):
        return base
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else node
    wanted = name_of(receiver) in run.declared.leaves or id(node) in run.declared.made_as_leaves
    if not base.derived or wanted or _is_fresh_leaf(node):
        return base._replace(kind=Kind.TENSOR, live=True, cuts=frozenset())
    if base.live:
        return base
    value = as_leaf(run, node, base)
    if isinstance(receiver, ast.Name):  # it is changed in place
        bind(run, receiver, value, call.scope)
    return value


@method("append", "extend", "insert", "appendleft")
def _append(run: Run, call: Call, base: Value) -> Value | None:
    func, positional = call.node.func, call.arguments.positional
    if not isinstance(func, ast.Attribute) or base.kind is not Kind.SEQUENCE or not positional:
        return None
    added = positional[-1]
    parts = [added] if base.items == () else [element_of(base), added]
    if func.attr == "extend":
        parts = [element_of(base), element_of(added)]
    bind(run, func.value, sequence(parts, known_length=False), call.scope)
    return INERT


def _is_switched_off(switch: Value | None) -> bool:
    """Is this the literal False, given for `requires_grad` or `trainable`?"""
    return switch is not None and switch.traits.constant is False


def _is_fresh_leaf(node: ast.Call) -> bool:
    """Is this `x.detach().clone().requires_grad_()`: a named value taken as a new starting point on purpose?"""
    names = []
    inner: ast.expr = node
    while isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute):
        names.append(inner.func.attr)
        inner = inner.func.value
    return "detach" in names and is_path(inner)


def _is_tape(node: ast.Call, base: Value) -> bool:
    made_from = base.meaning.made_from if isinstance(base.meaning, Instance) else None
    if isinstance(made_from, Dotted):
        return made_from.name.endswith("GradientTape")
    return isinstance(node.func, ast.Attribute) and "tape" in naming.words(last_name(node.func.value))
