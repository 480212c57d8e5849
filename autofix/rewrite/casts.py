"""Casts: which of them a fix keeps, and where it casts what the framework's function does not take or promote.

NumPy's own promotion is left to the framework's; what the loss asks for by name stays, so that what is cast to float64
on purpose stays float64. Takes an operation, its arguments and its alternatives; gives those that keep the type, or the
arguments with a cast. TensorFlow never promotes: of a rewritten module, gives further ones in which what meets the
prediction is cast to its type.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import libcst as cst

from autofix.analysis.faults import GraphFault, LossFault
from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.knowledge import effects
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having, values
from autofix.model import Kind, Reason
from autofix.rewrite.binding import unused
from autofix.rewrite.imports import is_docstring
from autofix.rewrite.literal import code_of, dtype_name, is_floating, slot_of
from autofix.rewrite.parentheses import bare, in_place_of
from autofix.rewrite.rules import Argument, Rendering
from autofix.rewrite.state import State
from autofix.rewrite.tensors import converted
from autofix.syntax.objects import attributes_of
from autofix.syntax.spans import Key

_CASTS = Key("casts to the type that is there mostly", 0, 0, 0, 0)
"""The choice whether casts to single precision stay: it is made for all of them at once."""

_TYPES = values("type")
_CASTING, _OTHER_TYPES, _AFTER_A_REWRAP = having("casts-arrays"), having("other-type"), having("after-rewrap")

_CREATING = {name: int(place) for name, place in values("dtype-after").items()}
"""Functions that create a tensor of the default type where none is asked for, and how many arguments come before it."""

SELECTING = frozenset("condition where condlist indices repeats obj test_elements dtype labels".split())
"""Parameters that select among elements: what they hold is no number to compute with."""


def in_the_type_asked_for(
    state: State, key: Key, fact: Fact, arguments: Sequence[Argument], found: tuple[Rendering, ...]
) -> tuple[Key, tuple[Rendering, ...]]:
    """Return the alternatives that keep a type which is asked for, and the key of the choice among them."""
    asked = _asked_by_cast(fact.callee, arguments)
    is_rewrap = asked is None and fact.callee in effects.REWRAPS
    asked = _asked_by_dtype(arguments) if is_rewrap else asked
    casts, others = _casts_and_others(found, arguments[0]) if asked is not None else ([], [])
    if asked is None or not casts:
        return key, found
    if asked == "float64" or arguments[0].elements in ("bool", "int") or (is_rewrap and _is_double(state, fact)):
        return key, tuple(casts)
    return (key, found) if is_rewrap or not others else (_CASTS, (casts[0], others[0]))


def _asked_by_cast(callee: str, arguments: Sequence[Argument]) -> str | None:
    """Return NumPy's name of the floating type that a cast asks for, "" for that of another array; None for no cast."""
    owner, _, last = callee.rpartition(".")
    if owner == "numpy" and last in _TYPES:
        return _TYPES[last]
    if callee not in _CASTING:
        return None
    dtype = _type_argument(arguments)
    if dtype is None and len(arguments) > 1 and arguments[1].keyword is None:
        dtype = arguments[1]
    return _floating(dtype) if dtype is not None else None


def _asked_by_dtype(arguments: Sequence[Argument]) -> str | None:
    """Return the same of `torch.tensor(x, dtype=…)` and its like."""
    dtype = _type_argument(arguments)
    return _floating(dtype) if dtype is not None else None


def _type_argument(arguments: Iterable[Argument]) -> Argument | None:
    """Return the argument `dtype=…`."""
    return next((each for each in arguments if each.keyword == "dtype"), None)


def _floating(dtype: Argument) -> str | None:
    slot = slot_of("dtype", dtype)
    return dtype_name(slot) if is_floating(slot) else None


def _casts_and_others(found: Sequence[Rendering], first: Argument) -> tuple[list[Rendering], list[Rendering]]:
    """Return the alternatives that cast, and those that only give the argument back."""
    plain = code_of(bare(first.expression))
    if isinstance(first.expression, (cst.List, cst.Tuple, cst.ListComp)) or first.kind is Kind.SEQUENCE:
        plain = min((code_of(each.expression) for each in found), key=len, default=plain)  # one tensor made of the list
    others = [each for each in found if code_of(each.expression) == plain]
    return [each for each in found if code_of(each.expression) != plain], others


def is_made_double(state: State, value: Value) -> bool:
    """Was a value made of what is asked to be float64?"""
    double = state.asked_double
    return bool(double) and bool(state.fault.program.facts.reaching(value.makers) & double)


def _is_double(state: State, fact: Fact) -> bool:
    """Was this made of what is asked to be float64, so that a cast behind it says what it is in the end?"""
    return any(is_made_double(state, operand) for operand in fact.operands[:1])


def with_cast_first(state: State, fact: Fact, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Return the arguments with the first cast to a `dtype=` that the framework's function does not take."""
    dtype, function = _type_argument(arguments), state.catalogue.function(fact.callee)
    if dtype is None or function is None or fact.callee in effects.REWRAPS or arguments[0] is dtype:
        return arguments
    parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)} - unused(function)
    if "dtype" in parameters or _asked_by_cast(fact.callee, arguments) is not None:
        return arguments
    first = replace(arguments[0], keyword=None)
    found = state.rendered("ndarray.astype", (first, replace(dtype, keyword=None)))
    casts = [] if isinstance(found, Reason) else _casts_and_others(found, first)[0]
    slot = slot_of("dtype", dtype)
    if first.kind is not Kind.TENSOR or not casts or not is_floating(slot):
        return arguments
    if dtype_name(slot) != "float64" and state.takes_second(_CASTS):
        return arguments
    cast = replace(arguments[0], expression=state.use(casts[0]))
    return (cast, *(each for each in arguments[1:] if each is not dtype))


def with_counts_as_numbers(
    state: State, original: cst.Call, fact: Fact, arguments: tuple[Argument, ...]
) -> tuple[Argument, ...]:
    """Cast the integers and truth values that the framework's function does not take, or counts otherwise."""
    return tuple(
        _as_number(state, original, each) if _needs_a_cast(state, fact.callee, place, arguments) else each
        for place, each in enumerate(arguments)
    )


def with_arrays_in_one_type(
    state: State, original: cst.Call, fact: Fact, arguments: tuple[Argument, ...]
) -> tuple[Argument, ...]:
    """Cast the arrays that meet a tensor in a function which does not take two types: NumPy's are float64."""
    framework, dialect = record_of(state.framework), state.catalogue.dialect
    meets = any(each.kind is Kind.TENSOR for each in arguments)
    if framework.promotes or not meets or fact.callee not in dialect.takes_no.get("two types", ()):
        return arguments
    names = parameters_of(state.catalogue.function(fact.callee), arguments)
    return tuple(
        replace(each, expression=converted(state, "operator.as_tensor", replace(each, keyword=None), original))
        if each.kind is Kind.ARRAY and name not in SELECTING and each.elements not in ("bool", "int")
        else each
        for each, name in zip(arguments, names, strict=True)
    )


def parameters_of(function: ast.FunctionDef | None, arguments: Sequence[Argument]) -> list[str]:
    """Return the name of the rule's parameter for each argument, empty where there is none."""
    names = [each.arg for each in function.args.args] if function is not None else []
    by_place = dict(enumerate(names))
    return [each.keyword or by_place.get(place, "") for place, each in enumerate(arguments)]


def _as_number(state: State, original: cst.Call, argument: Argument) -> Argument:
    number = converted(state, "operator.as_number", replace(argument, keyword=None), original)
    return replace(argument, expression=number, elements="float")


def _needs_a_cast(state: State, callee: str, place: int, arguments: tuple[Argument, ...]) -> bool:
    argument = arguments[place]
    if argument.elements not in ("bool", "int") or argument.kind is not Kind.TENSOR:
        return False
    dialect, function = state.catalogue.dialect, state.catalogue.function(callee)
    positional = [each.arg for each in function.args.args] if function is not None else []
    if (argument.keyword or "".join(positional[place : place + 1])) in SELECTING:
        return False
    if place == 0 and callee.rpartition(".")[2] in dialect.numbers:
        return True
    if callee in dialect.takes_no.get("integers" if argument.elements == "int" else "booleans", ()):
        return True
    meets = any(each.kind is Kind.TENSOR and each.elements not in ("bool", "int") for each in arguments)
    return meets and callee in dialect.takes_no.get("two types", ())


def with_the_predictions_type(
    state: State, original: cst.Call, fact: Fact, arguments: tuple[Argument, ...], written: cst.BaseExpression
) -> cst.BaseExpression:
    """Give weights made of masks the prediction's type, where the framework would give them one of its own."""
    if record_of(state.framework).promotes:
        return written
    is_cast = fact.callee == "ndarray.astype" and len(arguments) == 2 and is_floating(slot_of("dtype", arguments[1]))
    if is_cast and arguments[0].elements in ("bool", "int"):
        state.cast_to_number.add(state.key(original) or Key("", 0, 0, 0, 0))
        return converted(state, "operator.as_number", arguments[0], original)
    if fact.value.derived:
        return written
    if fact.callee == "numpy.where" and [each.kind for each in arguments[1:]] == [Kind.NUMBER, Kind.NUMBER]:
        weights = Argument(written, Kind.TENSOR, elements="int")
        return converted(state, "operator.as_number", weights, original)
    if is_cast and fact.operands[0].makers & state.cast_to_number:
        return arguments[0].expression
    return written


def without_cast_after_rewrap(state: State, original: cst.Call, updated: cst.Call) -> cst.BaseExpression:
    """Drop a `.float()` or `.to(device)` that only dressed an array for the framework: the tensor never left it."""
    func = original.func
    if not isinstance(func, cst.Attribute) or not isinstance(updated.func, cst.Attribute):
        return updated
    inner, method = state.key(func.value), func.attr.value
    if method not in _AFTER_A_REWRAP:
        return updated
    if method == "requires_grad_" and _has_lost_its_past(state, inner):
        return in_place_of(updated.func.value, updated)
    if inner not in state.unwrapped or _says_what_type(state, original, inner):
        return updated
    own = state.key(original)
    if own is not None:
        state.unwrapped.add(own)
    return in_place_of(updated.func.value, updated)


def _says_what_type(state: State, original: cst.Call, inner: Key | None) -> bool:
    """Is this a cast to double or half precision by name, or one back to single of what is asked to be double?"""
    name = original.func.attr.value if isinstance(original.func, cst.Attribute) else ""
    if name == "double" or _is_cast_to(original, _OTHER_TYPES):
        return True
    fact = state.fault.program.facts.by_key.get(inner) if inner is not None else None
    single = name == "float" or _is_cast_to(original, frozenset({"float", "float32"}))
    return fact is not None and single and is_made_double(state, fact.value)


def _is_cast_to(node: cst.Call, names: frozenset[str]) -> bool:
    """Is this `x.to(torch.float64)`, `x.type(np.float64)`: a cast to one of these types by name?"""
    if len(node.args) != 1 or (node.args[0].keyword is not None and node.args[0].keyword.value != "dtype"):
        return False
    return code_of(node.args[0].value).rpartition(".")[2].strip("'\"") in names


def _has_lost_its_past(state: State, key: Key | None) -> bool:
    """Was this made of a prediction, by a way that is fixed? A leaf on purpose was not, or has its gradient."""
    fact = state.fault.program.facts.by_key.get(key) if key in state.plan.tensors and key is not None else None
    return fact is not None and bool(fact.value.cuts & state.fault.lost) and not fact.value.live


def cast_targets_to_double(module: cst.Module, fault: GraphFault, tensorflow: str) -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, tf.float64)` heading the loss, None without targets."""
    return cast_targets(module, fault, tensorflow, record_of(fault.framework).double.format(tensorflow))


def cast_targets(module: cst.Module, fault: GraphFault, tensorflow: str, dtype: str = "") -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, y_pred.dtype)` heading the loss, None without targets."""
    prediction = _prediction(fault)
    if not isinstance(fault, LossFault) or prediction is None:
        return None
    named = [each.name for each in fault.parameters if each.role == "target" and not each.sequence]
    targets = [each for each in named if not attributes_of(each, ast.walk(fault.function.node))]
    if not targets:
        return None
    lines = [f"{name} = {tensorflow}.cast({name}, {dtype or f'{prediction}.dtype'})" for name in targets]

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        body = list(function.body.body)
        place = 1 if body and isinstance(body[0], cst.SimpleStatementLine) and is_docstring(body[0]) else 0
        body[place:place] = [cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine) for line in lines]
        return function.with_changes(body=function.body.with_changes(body=body))

    return with_function(module, fault.target.qualname, change)


def typed_like_the_prediction(module: cst.Module, fault: GraphFault, tensorflow: str) -> cst.Module | None:
    """Return the module with `tf.one_hot(y, n, dtype=y_pred.dtype)` in the loss, None where it creates nothing.

    NumPy's arrays take the type of a tensor that they meet; once they are tensors, the other has to take theirs.
    """
    prediction = _prediction(fault)
    if not isinstance(fault, LossFault) or prediction is None:
        return None
    typing = _Typing(tensorflow, cst.parse_expression(f"{prediction}.dtype"))

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        return cst.ensure_type(function.visit(typing), cst.FunctionDef)

    changed = with_function(module, fault.target.qualname, change)
    return changed if typing.found else None


class _Typing(cst.CSTTransformer):
    """Gives this type to the tensors that are created without one."""

    def __init__(self, tensorflow: str, dtype: cst.BaseExpression) -> None:
        super().__init__()
        self._names = {f"{tensorflow}.{name}": count for name, count in _CREATING.items()}
        self._dtype = dtype
        self.found = False

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        count = self._names.get(code_of(updated_node.func)) if isinstance(updated_node.func, cst.Attribute) else None
        arguments = updated_node.args
        if count is None or len(arguments) > count or any(each.star or _keyword(each) == "dtype" for each in arguments):
            return updated_node
        self.found = True
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        return updated_node.with_changes(args=[*arguments, cst.Arg(self._dtype, cst.Name("dtype"), equal)])


def _keyword(argument: cst.Arg) -> str:
    return argument.keyword.value if argument.keyword else ""


def _prediction(fault: GraphFault) -> str | None:
    return next((each.name for each in fault.parameters if each.role == "prediction" and not each.sequence), None)


Change = Callable[[cst.FunctionDef], cst.FunctionDef]


def with_function(module: cst.Module, qualname: str, change: Change) -> cst.Module | None:
    """Return the module with the function called `qualname` changed; None where there is none of that name."""
    path = [part for part in qualname.split(".") if part != "<locals>"]
    editor = _Editor(path, change)
    changed = module.visit(editor)
    return changed if editor.done else None


class _Editor(cst.CSTTransformer):
    def __init__(self, path: list[str], change: Change) -> None:
        super().__init__()
        self._wanted = path
        self._change = change
        self._path: list[str] = []
        self.done = False

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._path.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._path.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._path.append(node.name.value)

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        here = self._path == self._wanted
        self._path.pop()
        if not here or self.done:
            return updated_node
        self.done = True
        return self._change(updated_node)
