"""Evaluates calls: functions of this file are followed, known operations keep or end a gradient, others are unknown."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace

from autofix.analysis.bounds import flat_inside, flat_layer
from autofix.analysis.library_calls import LibraryCalls, integer_type
from autofix.analysis.record import Fact
from autofix.analysis.shapes import LAYERS, layer_shape
from autofix.analysis.values import (
    INERT,
    LIVE,
    UNKNOWN,
    Arguments,
    Choice,
    Class,
    Dotted,
    Function,
    Instance,
    Method,
    Scope,
    Value,
    element_of,
    first_choice,
    join,
    live_in,
    of_model,
    sequence,
    strongest,
    uncertain,
)
from autofix.knowledge import effects, naming
from autofix.model import Cut, Framework, Kind, Span
from autofix.syntax.memo import called_in, remembered
from autofix.syntax.spans import Key, Positions, span

_CHAIN = frozenset("detach cpu clone contiguous to float double data cuda".split())
_TRANSPARENT = frozenset(
    "torch.jit.script torch.jit.trace torch.compile torch.vmap tensorflow.function functools.partial functools.wraps "
    "tensorflow.autograph.experimental.do_not_convert keras.saving.register_keras_serializable".split()
)


_SELF = frozenset("to cuda cpu train eval float double half bfloat16 share_memory requires_grad_".split())
"""Methods of a model that give the model itself."""
_SIZES_ONLY = frozenset(
    "view reshape expand repeat unflatten narrow masked_select index_select gather type_as view_as expand_as "
    "reshape_as to".split()
)
"""Methods of a tensor whose arguments say only how large the result is, or what is chosen."""


CHOSEN = "chosen_by_name"
"""What stands for an attribute whose name only the running program knows: `getattr(np, reduction)`."""

_CONSUMERS = frozenset({"backward", "gradient", "grad", "minimize", "manual_backward", "compile", "add_loss"})


class Calls(LibraryCalls):
    """Evaluation of calls; `dead` are results of losses that carry no gradient, by their makers, and what cuts them."""

    def __init__(self, positions: Positions, framework: Framework) -> None:
        super().__init__(positions, framework)
        self.dead: dict[frozenset[Key], frozenset[Cut]] = {}

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        callee = self._callee(node.func, scope)
        arguments = self._arguments(node, scope)
        return self.apply(node, callee, arguments, scope)

    def _callee(self, func: ast.expr, scope: Scope) -> Value:
        if not isinstance(func, ast.Attribute):
            return self.evaluate(func, scope)
        base = first_choice(self.evaluate(func.value, scope))
        known = self.member(base, func.attr)
        if known is not None:
            return known
        if isinstance(base.meaning, Dotted) and not base.derived:
            return self.attribute(func, base)
        return Value(meaning=Method(base, func.attr))

    def _arguments(self, node: ast.Call, scope: Scope) -> Arguments:
        positional: list[Value] = []
        for each in node.args:
            value = self.evaluate(each, scope)
            if isinstance(each, ast.Starred):
                whole = self.evaluate(each.value, scope)
                positional += whole.items if whole.items is not None else [element_of(whole)]
            else:
                positional.append(value)
        keywords = {each.arg or "**": self.evaluate(each.value, scope) for each in node.keywords}
        return Arguments(tuple(positional), keywords)

    def apply(self, node: ast.Call, callee: Value, arguments: Arguments, scope: Scope) -> Value:
        """Return the value of calling `callee`, and take down where a loss carries no gradient at all."""
        result = self._applied(node, callee, arguments, scope)
        if result.cuts and not result.live and not result.unknown and not result.traits.may_carry and _is_loss(callee):
            self.dead[result.makers] = result.cuts
        return result

    def _applied(self, node: ast.Call, callee: Value, arguments: Arguments, scope: Scope) -> Value:
        meaning = callee.meaning
        if isinstance(meaning, Choice):
            inside = first_choice(callee).meaning
            options = [each for each in meaning.options if not isinstance(each, Dotted) or isinstance(inside, Function)]
            each_one = [callee._replace(meaning=each) for each in options or (inside,)]
            return join([self.apply(node, each, arguments, scope) for each in each_one])
        if isinstance(meaning, Function):
            self.called(node, meaning, arguments)
            result = self.invoke(meaning, arguments)
            self.facts.note(self.positions.key(node), Fact(result, arguments.values))
            return result
        if isinstance(meaning, Class):
            return self.instantiate(meaning, arguments)
        if isinstance(meaning, Instance):
            return self._call_instance(node, callee, meaning, arguments, scope)
        if isinstance(meaning, Method):
            return self._method(node, meaning, arguments, scope)
        if isinstance(meaning, Dotted):
            return self._dotted(node, meaning.name, arguments, scope)
        return self._unknown(node, last_name(node.func), (callee, *arguments.values))

    def invoke(self, function: Function, arguments: Arguments) -> Value:
        """Return what a function of this file returns for these arguments."""
        raise NotImplementedError

    def called(self, node: ast.Call, function: Function, arguments: Arguments) -> None:
        """Write down that a function of this file is called at `node`."""
        raise NotImplementedError

    def consume(self, node: ast.AST, value: Value, weighted: bool = False) -> None:
        """Write down that `value` is what gets differentiated at `node`, with weights for its elements or without."""
        raise NotImplementedError

    def instantiate(self, cls: Class, arguments: Arguments) -> Value:
        """Return an instance of a class of this file, its `__init__` run with these arguments."""
        made = Value(meaning=Instance(cls))
        self.initialize(made, arguments)
        return made

    def initialize(self, made: Value, arguments: Arguments) -> None:
        """Run the `__init__` of an instance of a class of this file."""
        init = self.member(made, "__init__")
        if init is not None and isinstance(init.meaning, Function):
            self.invoke(init.meaning, arguments)
        elif init is None and isinstance(made.meaning, Instance) and isinstance(made.meaning.made_from, Class):
            fields = _fields(made.meaning.made_from)
            given = dict(zip(fields, arguments.positional, strict=False)) | arguments.keywords
            made.meaning.attributes.update((name, value) for name, value in given.items() if name in fields)
        build = self.member(made, "build")
        if build is not None and isinstance(build.meaning, Function) and self._is_of_keras(made):
            self.invoke(build.meaning, Arguments((), {}))

    def _is_of_keras(self, made: Value) -> bool:
        """Is this made from a class of this file whose `build` a library calls?"""
        made_from = made.meaning.made_from if isinstance(made.meaning, Instance) else None
        bases = [base.meaning for base in made_from.bases] if isinstance(made_from, Class) else []
        return any(isinstance(each, Dotted) and each.name.startswith("keras.") for each in bases)

    def _call_instance(
        self, node: ast.Call, callee: Value, instance: Instance, arguments: Arguments, scope: Scope
    ) -> Value:
        made_from = instance.made_from
        wrapped = (
            instance.arguments.first("fn") if instance.name == "LossFunctionWrapper" and instance.arguments else None
        )
        if wrapped is not None:
            return self.apply(node, wrapped, arguments, scope)
        if isinstance(made_from, Class):
            for name in ("forward", "call", "__call__"):
                method = self.member(callee, name)
                if method is not None and isinstance(method.meaning, Function):
                    result = self.invoke(method.meaning, arguments)
                    held = isinstance(result.meaning, Instance) and result.meaning.attributes
                    if not result.derived and result.unknown and not held and _has_parameters(instance):
                        result = self.in_context(LIVE, node)
                    if self.is_model_class(made_from):
                        result = of_model(result, last_name(node.func))
                    self.facts.note(self.positions.key(node), Fact(result, arguments.values))
                    return result
            if self.is_model_class(made_from):
                return self.made(node, Kind.TENSOR, (live_in(last_name(node.func), True), *arguments.values))
            return uncertain(UNKNOWN._replace(kind=Kind.TENSOR))
        last = instance.name
        if last in effects.PARAMETRIC or (not effects.framework_of(made_from.name) and naming.is_model(last)):
            return self._layer(node, instance, (live_in(last_name(node.func), True), *arguments.values), arguments)
        if effects.framework_of(made_from.name):
            return self._layer(node, instance, arguments.values, arguments)
        return self._unknown(node, last, arguments.values)

    def is_model_class(self, cls: Class) -> bool:
        """Does a class of this file inherit from a model or module of the framework, or of Lightning?"""
        for base in cls.bases:
            if isinstance(base.meaning, Class) and self.is_model_class(base.meaning):
                return True
            if isinstance(base.meaning, Dotted) and base.meaning.name.endswith(("Module", ".Model")):
                return True
        return False

    def _layer(self, node: ast.Call, layer: Instance, operands: tuple[Value, ...], arguments: Arguments) -> Value:
        code = "AF207" if flat_layer(layer, arguments.first()) or flat_inside(layer) is not None else None
        value = self.made(node, Kind.TENSOR, operands, callee=LAYERS.get(layer.name, ""), code=code)
        shape = layer_shape(layer, layer.name, arguments.positional)
        return value._replace(traits=value.traits._replace(shape=shape))

    def _unknown(self, node: ast.Call, name: str, operands: tuple[Value, ...]) -> Value:
        """A call of something that cannot be followed: it may hold parameters of its own, so a cut proves nothing."""
        self._run_closures(operands)
        if name[:1].isupper():
            return UNKNOWN._replace(meaning=Instance(Dotted(name), _held(node, operands)))
        if name in self.models or (naming.is_model(name) and not naming.is_loss(name)):
            return self.made(node, Kind.TENSOR, (live_in(name, True), *operands))
        if any(operand.live for operand in operands) or (
            naming.is_loss(name) and any(each.derived for each in operands)
        ):
            return self.made(node, strongest(operands), operands)
        return UNKNOWN._replace(kind=Kind.TENSOR if strongest(operands) is Kind.TENSOR else Kind.OTHER)

    def _run_closures(self, given: tuple[Value, ...]) -> None:
        """Run the steps that something else is to call: `optimizer.step(closure)`."""
        for each in given:
            if isinstance(each.meaning, Function) and differentiates(each.meaning.node):
                self.invoke(each.meaning, Arguments((), {}))

    def _method(self, node: ast.Call, method: Method, arguments: Arguments, scope: Scope) -> Value:
        base, name = method.receiver, method.name
        self._run_closures(arguments.values)
        special: Callable[..., Value | None] | None = getattr(self, f"_method_{name}", None)
        if special is not None:
            answer: Value | None = special(node, base, arguments, scope)
            if answer is not None:
                return answer
        if isinstance(base.meaning, Instance) and not base.derived:
            if name in _SELF:
                return base
            if isinstance(base.meaning.made_from, Class):
                value = self._unknown(node, name, arguments.values)
                return value if self.no_grad else uncertain(value)
        if base.element is not None and name in ("get", "pop"):
            return join((element_of(base), *arguments.positional[1:]))
        if base.element is not None and base.kind is not Kind.SEQUENCE and name == "items":
            return sequence((sequence((INERT, element_of(base))),), known_length=False)
        if base.kind is Kind.SEQUENCE or (base.element is not None and name == "values"):
            return element_of(base) if name == "pop" else sequence((element_of(base),), known_length=False)
        if base.kind in (Kind.ARRAY, Kind.NUMBER):
            return self._array_method(node, base, name, arguments)
        if base.unknown and not base.derived and base.kind is Kind.OTHER:
            return self._method_of_unknown(node, base, name, arguments)
        return self._tensor_method(node, base, name, arguments)

    def _method_of_unknown(self, node: ast.Call, base: Value, name: str, arguments: Arguments) -> Value:
        if name in effects.BREAKING_METHODS or name in _CHAIN:
            return self._tensor_method(node, base, name, arguments)
        owner = last_name(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if name == "step" and naming.is_environment(owner):
            return UNKNOWN  # the world answers an action, and is not differentiable
        made_from = base.meaning.made_from if isinstance(base.meaning, Instance) else None
        if isinstance(made_from, Dotted) and naming.is_model(made_from.name) and name not in effects.SHAPES:
            return self.made(node, Kind.TENSOR, (live_in(owner, True), *arguments.values))
        value = self._unknown(node, name if name != "forward" else last_name(node.func), arguments.values)
        belongs_to_model = owner in self.models or naming.is_model(owner)
        return uncertain(value) if belongs_to_model and not self.no_grad else value

    def _array_method(self, node: ast.Call, base: Value, name: str, arguments: Arguments) -> Value:
        operands = (base, *arguments.values)
        kind = Kind.NUMBER if name == "item" else Kind.ARRAY
        code = "AF201" if name in effects.INDICES else None
        return self.made(node, kind, operands, callee=f"ndarray.{name}", code=code, inert=name in effects.SHAPES)

    def _tensor_method(self, node: ast.Call, base: Value, name: str, arguments: Arguments) -> Value:
        given = arguments.values
        if name in _SIZES_ONLY:
            given = tuple(each._replace(live=False, cuts=frozenset()) for each in given)
        operands, callee = (base, *given), f"Tensor.{name}"
        if name in effects.BREAKING_METHODS:
            return self._broken(node, base, name)
        if name in effects.NEW_OF_ITS_KIND:
            return self.made(node, Kind.TENSOR, operands, callee=callee, inert=True)
        if name in effects.SHAPES and not (name == "type" and arguments.values):  # x.type(torch.float32) is a cast
            return self.made(node, Kind.NUMBER, operands, callee=callee, inert=True)
        to_integer = name in effects.INTEGER_CASTS or (name in ("to", "type") and integer_type(arguments.first()))
        code = "AF204" if to_integer else effects.discrete(name)
        kind = base.kind if base.kind is Kind.TENSOR else strongest(operands)
        return self.made(node, kind, operands, callee=callee, code=code)

    def _broken(self, node: ast.Call, base: Value, name: str) -> Value:
        """`.numpy()`, `.item()` and the like; a `.detach()` just before them is part of the same wish."""
        code, key = effects.BREAKING_METHODS[name], self.positions.key(node)
        kind = {"numpy": Kind.ARRAY, "item": Kind.NUMBER, "tolist": Kind.ARRAY}.get(name, Kind.TENSOR)
        chain = self._chain(node) if code != "AF103" else frozenset()
        before = {cut for cut in base.cuts if cut.code == "AF103" and cut.span in chain}
        lost = frozenset().union(*(self.cut_off.get(cut, frozenset()) for cut in before))
        value = self.made(node, kind, (base,), callee=f"Tensor.{name}", code=code)
        if not before:
            return value
        merged = value._replace(cuts=(base.cuts - before) | {self.ended(self.cut(key, code, node), lost)})
        self.facts.by_key[key] = self.facts.by_key[key]._replace(value=merged)
        return merged

    def _chain(self, node: ast.Call) -> frozenset[Span]:
        """Return where the calls stand whose chain `node` ends: `y.detach()` and `y.detach().cpu()` for `.numpy()`."""
        spans = set()
        inner = node.func.value if isinstance(node.func, ast.Attribute) else node
        while isinstance(inner, (ast.Call, ast.Attribute)):
            func = inner.func if isinstance(inner, ast.Call) else inner
            if not isinstance(func, ast.Attribute) or func.attr not in _CHAIN:
                break
            spans.add(span(self.positions.key(inner)))
            inner = func.value
        return frozenset(spans)

    def _dotted(self, node: ast.Call, name: str, arguments: Arguments, scope: Scope) -> Value:
        package, last = effects.package_of(name), name.rpartition(".")[2]
        special: Callable[..., Value | None] | None = getattr(self, "_call_" + name.replace(".", "_"), None)
        if special is not None:
            answer: Value | None = special(node, arguments, scope)
            if answer is not None:
                return answer
        if name == "functools.partial" and isinstance(arguments.first().meaning, Function):
            return _partial(arguments)
        if name in _TRANSPARENT:
            return arguments.first() if arguments.positional else Value(meaning=Dotted(name))
        if package == "builtins":
            return self.builtin(node, last, arguments)
        if package in effects.LEAVERS:
            return self.leaver(node, name, last, arguments)
        if effects.framework_of(name):
            return self.framework_call(node, name, last, arguments)
        if name in self.own_rules:
            return self.made(node, Kind.ARRAY, arguments.values, callee=name, code="AF107")
        return self._unknown(node, last, arguments.values)

    def _call_builtins_getattr(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        """Return what a name that is known, or chosen while the program runs, stands for in a library or an array."""
        if len(arguments.positional) < 2 or len(node.args) != len(arguments.positional):
            return None
        base, name = arguments.positional[0], getattr(node.args[1], "value", None)
        in_library = isinstance(base.meaning, Dotted) and not base.derived
        if not in_library and not base.derived:
            return None
        asked = ast.Attribute(node.args[0], name if isinstance(name, str) else CHOSEN, ast.Load())
        return self.attribute(ast.copy_location(asked, node), base)

    def _call_numpy_vectorize(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        """Return the function itself: what is called with one number after another is called with each of them."""
        function = arguments.first()
        if not isinstance(function.meaning, Function) or len(arguments.values) > 1:
            return None
        self.facts.note(self.positions.key(node), Fact(function, arguments.values, "numpy.vectorize"))
        return function


def _is_loss(callee: Value) -> bool:
    """Does the name of what is called say that it is a loss?"""
    meaning = callee.meaning
    if isinstance(meaning, Function):
        owner, _, last = meaning.qualname.rpartition(".")
        return naming.is_loss(last) or (last in ("forward", "call", "__call__") and naming.is_loss(owner))
    name = meaning.name if isinstance(meaning, (Dotted, Instance)) else ""
    statistic = effects.package_of(name) in effects.LEAVERS  # `np.quantile` is a threshold more often than a loss
    return not statistic and naming.is_loss(name.rpartition(".")[2])


def _held(node: ast.Call, operands: tuple[Value, ...]) -> dict[str, Value]:
    """Return what an object made by keywords holds of a prediction, by name: `ModelOutput(loss=…, logits=…)`."""
    names = [each.arg for each in node.keywords]
    values = operands[len(operands) - len(names) :] if names else ()
    return {name: value for name, value in zip(names, values, strict=False) if name is not None and value.derived}


def _fields(cls: Class) -> list[str]:
    """Return the fields of a class that only declares them, as data classes do, in the order of its `__init__`."""
    inherited = [name for base in cls.bases if isinstance(base.meaning, Class) for name in _fields(base.meaning)]
    declared = (each.target for each in cls.node.body if isinstance(each, ast.AnnAssign))
    own = [each.id for each in declared if isinstance(each, ast.Name)]
    return list(dict.fromkeys([*inherited, *own]))


def _partial(arguments: Arguments) -> Value:
    """Return a function with some of its arguments filled in."""
    function = arguments.first()
    if not isinstance(function.meaning, Function):
        return function
    before = function.meaning.given or Arguments((), {})
    rest = Arguments((*before.positional, *arguments.positional[1:]), before.keywords | arguments.keywords)
    return function._replace(meaning=replace(function.meaning, given=rest))


@remembered
def differentiates(node: ast.AST) -> bool:
    """Does a function differentiate something itself? Then it is a step, not a loss; `np.gradient` is neither.

    A derivative that is taken to be differentiated again (`create_graph=True`) is a term of a loss.
    """
    calls = called_in(node)
    attributes = [func for func in calls if isinstance(func, ast.Attribute) and func.attr in _CONSUMERS]
    taped = any(isinstance(func, ast.Attribute) and func.attr == "GradientTape" for func in calls)
    again = _differentiated_again(node) if any(func.attr == "grad" for func in attributes) else set()
    return any(
        func.attr not in ("gradient", "grad")
        or (func.attr == "gradient" and (taped or "tape" in naming.words(ast.unparse(func.value))))
        or (func.attr == "grad" and id(func) not in again and "autograd" in ast.unparse(func.value))
        for func in attributes
    )


def _differentiated_again(node: ast.AST) -> set[int]:
    """Return what is called with `create_graph=True` in a node, by its identity."""
    return {
        id(each.func)
        for each in ast.walk(node)
        if isinstance(each, ast.Call)
        for keyword in each.keywords
        if keyword.arg == "create_graph" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
    }


def last_name(node: ast.expr) -> str:
    """Return the name that a callee is known by: `actor` of `self.actor`, `net` of `net.forward`."""
    if isinstance(node, ast.Attribute):
        return last_name(node.value) if node.attr in ("forward", "call", "module", "apply") else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _has_parameters(instance: Instance) -> bool:
    meanings = (value.meaning for value in instance.attributes.values())
    made_from = [meaning.made_from for meaning in meanings if isinstance(meaning, Instance)]
    layers = any(isinstance(each, Dotted) and each.name.rpartition(".")[2] in effects.PARAMETRIC for each in made_from)
    return (
        layers
        or any(value.live for value in instance.attributes.values())
        or any(isinstance(each, Class) for each in made_from)
    )
