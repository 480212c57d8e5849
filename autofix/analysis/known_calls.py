"""Calls that mean something of their own: what is differentiated, what is watched, what re-makes a leaf.

Each handler is found by its name: `_call_` and the canonical dotted name, or `_method_` and the method's name. One that
returns None leaves the call to the general rules of `Calls`.
"""

from __future__ import annotations

import ast

from autofix.analysis.bounds import flat_inside, is_path
from autofix.analysis.calls import Calls, last_name
from autofix.analysis.library_calls import is_true
from autofix.analysis.optimizers import name_of
from autofix.analysis.values import (
    INERT,
    LABEL,
    LIVE,
    PARAMETER,
    UNKNOWN,
    Arguments,
    Dotted,
    Function,
    Instance,
    Method,
    Scope,
    Value,
    element_of,
    join,
    sequence,
    uncertain,
)
from autofix.knowledge import naming
from autofix.model import Kind


class KnownCalls(Calls):
    """The calls with a handler of their own."""

    def _call_torch_nn_Parameter(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value:
        if _is_switched_off(arguments.argument(1, "requires_grad")):
            return self._state(node, arguments, "torch.nn.Parameter")
        return PARAMETER

    def _call_torch_as_tensor(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value:
        first = arguments.first("data")
        code = "AF105" if first.kind is Kind.SEQUENCE else None
        return self.made(node, Kind.TENSOR, arguments.values, callee="torch.as_tensor", code=code)

    def _call_torch_tensor(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        return self._leaf(node, arguments, "torch.tensor")

    def _call_torch_autograd_Variable(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        first = arguments.first("data")
        leaf = self._leaf(node, arguments, "torch.autograd.Variable")
        return leaf if leaf is not None or first.derived else first._replace(kind=Kind.TENSOR)

    def _leaf(self, node: ast.Call, arguments: Arguments, callee: str) -> Value | None:
        """`requires_grad=True` makes a leaf: right for an input to optimise, a fault where it hides a lost gradient."""
        if not any(each.arg == "requires_grad" and is_true(each.value) for each in node.keywords):
            return None
        if not arguments.first("data").derived or id(node) in self.made_as_leaves:
            return LIVE
        value = self.made(node, Kind.TENSOR, arguments.values, callee=callee, code="AF303")
        return self.remade(node, value)

    def _call_tensorflow_Variable(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        if _is_switched_off(arguments.argument(1, "trainable")):
            return self._state(node, arguments, "tensorflow.Variable")
        return None if arguments.first("initial_value").derived else LIVE

    def _state(self, node: ast.Call, arguments: Arguments, callee: str) -> Value:
        """A variable that is declared not to be trained holds a value on purpose."""
        value = self.made(node, Kind.TENSOR, arguments.values, callee=callee, code="AF105")
        key = self.positions.key(node)
        plain, asked = (self.cut(key, "AF105", node, explicit=each) for each in (False, True))
        if plain not in value.cuts:
            return value
        value = value._replace(cuts=value.cuts - {plain} | {self.ended(asked, self.cut_off.pop(plain, frozenset()))})
        self.facts.by_key[key] = self.facts.by_key[key]._replace(value=value)
        return value

    def _call_tensorflow_numpy_function(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        return self._python_body(node, arguments, Kind.ARRAY)

    _call_tensorflow_py_func = _call_tensorflow_numpy_function

    def _call_tensorflow_py_function(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value | None:
        return self._python_body(node, arguments, Kind.TENSOR)

    def _python_body(self, node: ast.Call, arguments: Arguments, given: Kind) -> Value:
        """Follow the function that runs outside the graph, where its inputs are of the kind `given`."""
        function, inputs = arguments.first("func"), arguments.values[1:2]
        result = self.made(node, Kind.TENSOR, inputs, callee="tensorflow.numpy_function", code="AF108")
        if not isinstance(function.meaning, Function) or not result.derived or not inputs:
            return result
        ended = [
            Value(given, cuts=result.cuts if each.derived else frozenset(), makers=result.makers)
            for each in inputs[0].items or ()
        ]
        taken = Arguments(tuple(ended), {})
        self.called(node, function.meaning, taken)
        inner = self.invoke(function.meaning, taken)
        key = self.positions.key(node)
        self.facts.by_key[key] = self.facts.by_key[key]._replace(operands=(*inputs, inner))
        return result

    def _call_torch_autograd_grad(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value:
        self.consume(node, arguments.first("outputs"), arguments.argument(2, "grad_outputs") is not None)
        again = arguments.argument(4, "create_graph")
        if again is None or again.traits.constant is False:
            return LABEL  # first order: no gradient flows through it, whatever is done to it
        if again.traits.constant is not True:
            return uncertain(UNKNOWN._replace(kind=Kind.TENSOR))
        return join((LIVE, *arguments.values))

    def _call_torch_autograd_backward(self, node: ast.Call, arguments: Arguments, scope: Scope) -> Value:
        self.consume(node, arguments.first("tensors"), arguments.argument(1, "grad_tensors") is not None)
        return INERT

    def _method_backward(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value:
        if self.framework != "torch":
            return INERT
        receiver_is_engine = base.meaning is None and not base.derived and bool(arguments.positional)
        weighted = arguments.argument(1 if receiver_is_engine else 0, "gradient", "grad_tensors", "**") is not None
        self.consume(node, arguments.first() if receiver_is_engine else base, weighted)
        return INERT

    _method_manual_backward = _method_backward

    def _method_scale(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        return arguments.first() if not base.derived and arguments.positional else None

    def _method_gradient(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        if not _is_tape(node, base) or self.framework != "tensorflow":
            return None
        self.consume(node, arguments.first("target"))
        return LIVE._replace(kind=Kind.OTHER, live=self.tapes > 0)  # an outer tape records what an inner one gives

    def _method_watch(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        if not _is_tape(node, base) or not node.args:
            return None
        first = node.args[0]
        for each in first.elts if isinstance(first, (ast.List, ast.Tuple)) else [first]:
            watched = self.evaluate(each, scope)
            if not watched.derived or (not watched.live and name_of(each) in self.wanted_leaves):
                self.bind(each, watched._replace(kind=Kind.TENSOR, live=True, cuts=frozenset()), scope)
        return INERT

    def _method_minimize(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value:
        loss = arguments.first("loss")
        if isinstance(loss.meaning, Method):
            loss = loss.meaning.receiver  # `variable.read_value`
        if isinstance(loss.meaning, Function):
            away, self.away_from_tape = self.away_from_tape, None  # the optimizer records what it calls
            loss = self.invoke(loss.meaning, Arguments((), {}))
            self.away_from_tape = away
        self.consume(node, loss)
        return INERT

    def _method_compile(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        loss = arguments.keywords.get("loss") or (arguments.positional[1] if len(arguments.positional) > 1 else None)
        for each in (loss.items or (loss,)) if loss is not None else ():
            if each.meaning is not None:
                self.consume(node, self.call_as_keras(node, each))
        layer = flat_inside(base.meaning) if isinstance(base.meaning, Instance) else None
        made_at = layer.meaning.node if layer is not None and isinstance(layer.meaning, Instance) else None
        if loss is not None and made_at is not None:
            self.consume(node, self.made(made_at, Kind.TENSOR, (LIVE,), code="AF207"))
        return INERT

    def _method_add_weight(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        return PARAMETER if self.framework == "tensorflow" else None

    def _method_parameters(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        return sequence((LIVE,), known_length=False) if self.in_loss() else None

    def _method_named_parameters(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        return sequence((sequence((INERT, LIVE)),), known_length=False) if self.in_loss() else None

    def _method_add_loss(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value:
        for each in arguments.positional[:1]:
            loss = self.invoke(each.meaning, Arguments((), {})) if isinstance(each.meaning, Function) else each
            if not any(cut.code == "AF301" for cut in loss.cuts):  # a model is built outside any tape
                self.consume(node, loss)
        return INERT

    def call_as_keras(self, node: ast.Call, loss: Value) -> Value:
        """Return the value of a loss called as Keras does: targets and predictions, the gradient recorded."""
        away, self.away_from_tape = self.away_from_tape, None
        try:
            return self.apply(node, loss, Arguments((Value(Kind.TENSOR), LIVE), {}), Scope())
        finally:
            self.away_from_tape = away

    def _method_predict(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        value = UNKNOWN._replace(kind=Kind.ARRAY)
        if len(node.args) > 1 and not isinstance(node.args[1], ast.Constant):
            return None  # Keras' own takes one batch, then numbers: this is another method of that name
        first = arguments.first("x")
        if self.framework == "tensorflow" and first.live:
            operands = (base._replace(live=False, cuts=frozenset()), *arguments.values)
            return self.made(node, Kind.ARRAY, operands, callee="Model.predict", code="AF102")
        owner = last_name(node.func.value)  # type: ignore[attr-defined]
        if self.framework == "tensorflow" and (owner in self.models or naming.is_model(owner)):
            return self.made(node, Kind.ARRAY, (LIVE,), callee="Model.predict", code="AF304")
        return value

    _method_predict_on_batch = _method_predict

    def _method_requires_grad_(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value:
        if _is_switched_off(arguments.argument(0, "requires_grad")):
            return base
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else node
        wanted = name_of(receiver) in self.wanted_leaves or id(node) in self.made_as_leaves
        if not base.derived or wanted or _is_fresh_leaf(node):
            return base._replace(kind=Kind.TENSOR, live=True, cuts=frozenset())
        return base if base.live else self.remade(node, base)

    def remade(self, node: ast.AST, value: Value) -> Value:
        """Return a value whose gradient was lost before and that is then declared a leaf."""
        return value._replace(cuts=value.cuts | {self.cut(self.positions.key(node), "AF303", node)})

    def _method_append(self, node: ast.Call, base: Value, arguments: Arguments, scope: Scope) -> Value | None:
        if not isinstance(node.func, ast.Attribute) or base.kind is not Kind.SEQUENCE or not arguments.positional:
            return None
        added = arguments.positional[-1]
        parts = [added] if base.items == () else [element_of(base), added]
        if node.func.attr == "extend":
            parts = [element_of(base), element_of(added)]
        self.bind(node.func.value, sequence(parts, known_length=False), scope)
        return INERT

    _method_extend = _method_insert = _method_appendleft = _method_append


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
