"""Follows functions and classes of the project where they are called, with the arguments of that call."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.analysis.assignment import intended
from autofix.analysis.lookup import member
from autofix.analysis.record import Invocation, copy_of, likeness
from autofix.analysis.results import cut_at
from autofix.analysis.run import Frame, Run, TapeState, evaluate, execute
from autofix.analysis.syntactic import differentiates, has_own_gradient, opens_tape
from autofix.analysis.values import (
    INERT,
    LABEL,
    PLAIN,
    UNKNOWN,
    Arguments,
    Choice,
    Class,
    Dotted,
    Function,
    Instance,
    Meaning,
    Scope,
    Value,
    is_model_class,
    join,
    live_in,
    sequence,
)
from autofix.knowledge import effects, naming, trainers
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import has, last_names
from autofix.model import Cut, Kind
from autofix.syntax.memo import remembered, walk

_DEPTH = 8


def invoke(run: Run, function: Function, arguments: Arguments) -> Value:
    """Return what a function of the project returns for these arguments; the same ones are not followed twice."""
    bound = _bind_arguments(run, function, arguments)
    if has_own_gradient(function.node):
        return join(arguments.values) if arguments.values else UNKNOWN
    if _is_not_followed(run, function):
        return join(arguments.values) if any(each.derived for each in arguments.values) else UNKNOWN
    context = run.context
    form = (id(function.node), id(function.scope), _signature(function.receiver), context.no_grad, context.tape,
            context.open_tapes > 0, tuple((name, _signature(value)) for name, value in bound.items()))  # fmt: skip
    known = run.memory.results.get(form)
    if known is None:
        run.memory.budget -= 1
        known = Invocation(function, tuple(bound.items()), _follow(run, function, bound))
        run.journal.invocations.append(known)
        run.memory.results[form] = known
    return known.result


def _is_not_followed(run: Run, function: Function) -> bool:
    """Is a function being followed already, or the run too deep, or has it followed enough?"""
    frames = run.context.frames
    active = any(frame.function.node is function.node for frame in frames)
    return active or len(frames) >= _DEPTH or run.memory.budget <= 0


def _follow(run: Run, function: Function, bound: dict[str, Value]) -> Value:
    node, scope = function.node, Scope(function.scope, dict(bound))
    if isinstance(node, ast.Lambda):
        return evaluate(run, node.body, scope)
    frame, context = Frame(function), run.context
    context.frames.append(frame)
    before = context.no_grad, context.tape
    try:
        if differentiates(node):  # a step that is called for its value takes no gradient there
            context.no_grad = None
        context.no_grad = context.no_grad or _decorated_no_grad(run, node, function.scope)
        if context.tape == "none":
            context.tape = tape_around(run, node)
        execute(run, node.body, scope)
    finally:
        context.no_grad, context.tape = before
        context.frames.pop()
    return _returned(frame)


def _returned(frame: Frame) -> Value:
    """Return what a function gives: of `loss` and `(loss, outputs)` the loss, where that was made from a prediction."""
    single = [value for value in frame.returned if value.kind is not Kind.SEQUENCE]
    several = [value for value in frame.returned if value.kind is Kind.SEQUENCE]
    returned = single if any(value.derived for value in single) else single + several
    return join(returned) if returned else INERT


def tape_around(run: Run, node: ast.AST) -> TapeState:
    """Return the state of the tape at the beginning of a module or function: closed where it opens one later."""
    return "closed" if record_of(run.framework).has_tape and opens_tape(node) else "none"


def _decorated_no_grad(run: Run, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> Cut | None:
    for decorator in node.decorator_list:
        if ends_recording(run, decorator, scope):
            return cut_at(run, decorator, "AF109")
    return None


def ends_recording(run: Run, node: ast.expr, scope: Scope) -> bool:
    """Is this `torch.no_grad()`, `inference_mode()`, `set_grad_enabled(False)` or `tape.stop_recording()`?"""
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Attribute) and func.attr == "stop_recording":
        return True
    name, switch = _switch(run, node, scope)
    if name in effects.NOT_RECORDING:
        return switch is not False
    return name in effects.RECORDING_SWITCHES and switch is False


def resumes_recording(run: Run, node: ast.expr, scope: Scope) -> bool:
    """Is this `torch.enable_grad()`, `set_grad_enabled(True)` or `inference_mode(False)`?"""
    name, switch = _switch(run, node, scope)
    if name in effects.NOT_RECORDING:
        return switch is False
    switched_on = name in effects.RECORDING_SWITCHES and switch is True
    return switched_on or has(name, "starts-recording")


def _switch(run: Run, node: ast.expr, scope: Scope) -> tuple[str, object]:
    """Return the name of what is called, or stands here, and the literal that it is given first."""
    func = node.func if isinstance(node, ast.Call) else node
    meaning = evaluate(run, func, scope).meaning
    arguments = [*node.args, *(each.value for each in node.keywords)] if isinstance(node, ast.Call) else []
    name = meaning.name if isinstance(meaning, Dotted) else ""
    return name, arguments[0].value if arguments and isinstance(arguments[0], ast.Constant) else None


def _bind_arguments(run: Run, function: Function, arguments: Arguments) -> dict[str, Value]:
    """Return the value of each parameter; what is left out is its default, or unknown."""
    spec, before = function.node.args, function.given or Arguments((), {})
    names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    receiver = (function.receiver,) if function.receiver is not None else ()
    positional = [*receiver, *before.positional, *arguments.positional]
    named = before.keywords | arguments.keywords
    defaults = dict(_defaults(spec, names))
    bound = dict(zip(names, positional, strict=False))
    for name in (*names[len(positional) :], *(each.arg for each in spec.kwonlyargs)):
        if name in named:
            bound[name] = named[name]
        else:
            bound[name] = evaluate(run, defaults[name], function.scope) if name in defaults else UNKNOWN
    if spec.vararg:
        bound[spec.vararg.arg] = sequence(positional[len(names) :])
    if spec.kwarg:
        bound[spec.kwarg.arg] = UNKNOWN
    return _with_roles(run, function, bound)


def _defaults(spec: ast.arguments, names: list[str]) -> Iterator[tuple[str, ast.expr]]:
    yield from zip(names[len(names) - len(spec.defaults) :], spec.defaults, strict=True)
    for each, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if default is not None:
            yield each.arg, default


def _with_roles(run: Run, function: Function, bound: dict[str, Value]) -> dict[str, Value]:
    """Give parameters of a loss of which nothing is known the role that their names say."""
    if not _is_open_loss(run, function, bound):
        return {name: intended(run, name, value) for name, value in bound.items()}
    roles = {name: naming.role(name) for name, value in bound.items()
             if value.unknown and name not in ("self", "cls")}  # fmt: skip
    wanted = "prediction" if "prediction" in roles.values() else "unknown"
    arrays = _annotated_arrays(function.node)
    plain = frozenset() if record_of(run.framework).reads_as_plain else _read_as_they_are(function.node)
    assumed = {
        name: PLAIN if name in arrays else live_in(f"{name}=", True) if role == wanted and name not in plain else LABEL
        for name, role in roles.items()
        if role != "number"
    }
    return {**bound, **assumed}


_CONVERTING, _DETACHING = last_names("AF102", "AF104"), last_names("AF103")
_NO_OPEN_LOSSES = ("__init__", *trainers.RETURNING)


def _is_open_loss(run: Run, function: Function, bound: dict[str, Value]) -> bool:
    """Is this a loss that nobody calls with a prediction? What `__init__` is given, and hands on, are settings."""
    name = function.qualname.replace("<lambda>", "")
    return not (
        ("." in name and name.endswith(_NO_OPEN_LOSSES))
        or any(frame.function.qualname.endswith("__init__") for frame in run.context.frames)
        or not (run.names.assumes_roles and (id(function.node) in run.names.losses or _is_loss(name)))
        or any(value.derived for value in bound.values())
        or any(_is_model(value) for value in bound.values() if value is not function.receiver)
    )


def _is_model(value: Value) -> bool:
    """Is a loss given a model, of which it takes the predictions itself?"""
    made_from = value.meaning.made_from if isinstance(value.meaning, Instance) else None
    if isinstance(made_from, Class):
        return is_model_class(made_from)
    return isinstance(made_from, Dotted) and made_from.name.rpartition(".")[2] in effects.PARAMETRIC


def _is_loss(qualname: str) -> bool:
    """Does the name of a function say that it is a loss, or that of the class which it is a method of?"""
    owner, _, name = qualname.rpartition(".")
    if naming.words(name)[:1] == ("test",):
        return False
    return naming.is_loss(name) or naming.is_kind_of_loss(owner.rpartition(".")[2]) or naming.is_named_loss(owner)


def _annotated_arrays(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> frozenset[str]:
    """Return the parameters that are declared to be NumPy arrays: what nobody calls with a tensor is right for them."""
    declared = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return frozenset(each.arg for each in declared if each.annotation is not None
                     and ast.unparse(each.annotation).rpartition(".")[2] in ("ndarray", "ArrayLike"))  # fmt: skip


@remembered
def _read_as_they_are(node: ast.AST) -> frozenset[str]:
    """Return the names that are converted as they are, beside others that are detached first: labels and weights.

    One who detaches a prediction, since it could not be converted otherwise, knows which of them is none.
    """
    converted: dict[bool, set[str]] = {True: set(), False: set()}
    for each in walk(node):
        if isinstance(each, ast.Attribute) and each.attr in _CONVERTING:
            value, is_detached = each.value, False
            while isinstance(value, (ast.Attribute, ast.Call)):
                is_detached |= isinstance(value, ast.Attribute) and value.attr in _DETACHING
                value = value.value if isinstance(value, ast.Attribute) else value.func
            if isinstance(value, ast.Name):
                converted[is_detached].add(value.id)
    return frozenset(converted[False] - converted[True]) if converted[True] else frozenset()


def instantiate(run: Run, cls: Class, arguments: Arguments) -> Value:
    """Return an instance of a class of the project; of those that are alike only the first one is initialized."""
    form, context, alike = likeness(cls, arguments), run.context, run.memory.alike
    where = (form, context.no_grad, context.tape, context.open_tapes > 0, len(context.frames), run.names.assumes_roles)
    if where in alike:
        return Value(meaning=copy_of(alike[where]))
    instance = Instance(cls)
    value = Value(meaning=instance)
    initialize(run, value, arguments)
    if form is not None and run.memory.budget > 0:
        alike[where] = copy_of(instance)
    return value


def initialize(run: Run, value: Value, arguments: Arguments) -> None:
    """Run the `__init__` of an instance of a class of the project, and the `build` of a layer of Keras."""
    init = member(run, value, "__init__")
    if init is not None and isinstance(init.meaning, Function):
        invoke(run, init.meaning, arguments)
    elif init is None and isinstance(value.meaning, Instance) and isinstance(value.meaning.made_from, Class):
        fields = _fields(value.meaning.made_from)
        attributes = dict(zip(fields, arguments.positional, strict=False)) | arguments.keywords
        value.meaning.attributes.update((name, each) for name, each in attributes.items() if name in fields)
    build = member(run, value, "build")
    if build is not None and isinstance(build.meaning, Function) and _is_of_keras(value):
        invoke(run, build.meaning, Arguments((), {}))


def _fields(cls: Class) -> list[str]:
    """Return the fields of a class that only declares them, as data classes do, in the order of its `__init__`."""
    inherited = [name for base in cls.bases if isinstance(base.meaning, Class) for name in _fields(base.meaning)]
    declared = (each.target for each in cls.node.body if isinstance(each, ast.AnnAssign))
    own = [each.id for each in declared if isinstance(each, ast.Name)]
    return list(dict.fromkeys([*inherited, *own]))


def _is_of_keras(value: Value) -> bool:
    """Is this made from a class of the project whose `build` a library calls?"""
    made_from = value.meaning.made_from if isinstance(value.meaning, Instance) else None
    bases = [base.meaning for base in made_from.bases] if isinstance(made_from, Class) else []
    return any(isinstance(each, Dotted) and each.name.startswith("keras.") for each in bases)


def _identity(meaning: Meaning | None) -> object:
    if isinstance(meaning, Choice):
        return tuple(_identity(each) for each in meaning.options)
    return meaning if isinstance(meaning, Dotted) else id(meaning)


def _signature(value: Value | None) -> object:
    """Return what a call's result can depend on, in a form that can be compared."""
    if value is None:
        return None
    parts = tuple(_signature(each) for each in value.items or ())
    meaning = _identity(value.meaning)
    element = _signature(value.element)
    whole = value.kind, value.live, value.cuts, value.unknown, meaning, value.makers, value.roots
    return *whole, parts, element, value.traits
