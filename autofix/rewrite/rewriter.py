"""Replaces the operations of a plan in a LibCST tree, from the inside out; every other character stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.knowledge import effects
from autofix.model import Kind
from autofix.rewrite.aliases import drop_aliases
from autofix.rewrite.binding import unused
from autofix.rewrite.catalogue import Argument, Refused
from autofix.rewrite.functions import applied, function_value
from autofix.rewrite.literal import canonical_of, code_of, dtype_name, is_floating, slot_of
from autofix.rewrite.replacement import (
    ALIKE,
    Refusal,
    Stop,
    asked_by_cast,
    casts_and_others,
    in_place_of,
    is_cast_of,
    plain,
    type_argument,
)
from autofix.rewrite.stores import Statement, Stores
from autofix.syntax.spans import Key, span

_CHOOSING = frozenset("condition where condlist indices repeats obj test_elements dtype labels".split())
"""Parameters that choose among elements: what they hold is no number to compute with."""

_WIDENED: Key = ("double precision", 0, 0, 0, 0)
"""The choice whether predictions are taken in double precision: it is made for all of them at once."""

_OTHER_TYPES = frozenset({"float64", "double", "float16", "half", "bfloat16", "DoubleTensor", "HalfTensor"})
_AFTER_A_REWRAP = frozenset("float double to cuda cpu type requires_grad_ type_as".split())


@dataclass
class Rewriter(Stores):
    """Replaces the operations of a plan, from the inside out."""

    stripped: dict[int, cst.Assign] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.cuts = frozenset((cut.code, cut.span) for cut in self.diagnosis.lost)

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.BaseExpression:
        key = self.key(original_node)
        if key in self.choices.options:
            return self._option(key, updated_node)
        fact = self.planned.operations.get(key) if key else None
        if key is None or fact is None:
            return self._after_a_rewrap(original_node, updated_node)
        if key in self.choices.sites:
            return self._called_as_chosen(updated_node, fact, key)
        if fact.callee in ("tensorflow.numpy_function", "tensorflow.py_function", "tensorflow.py_func"):
            self.unwrapped.add(key)
            return in_place_of(self._direct_call(original_node, updated_node, fact), updated_node)
        if fact.callee == "Model.predict" and isinstance(updated_node.func, cst.Attribute):
            self.edited = True
            return _called_itself(updated_node, updated_node.func.value)
        if fact.callee == "Tensor.numpy" and isinstance(updated_node.func, cst.Attribute) and self._is_widened():
            return in_place_of(updated_node.with_changes(func=_double(updated_node.func), args=[]), updated_node)
        fact, updated_node = self._size_of(fact, updated_node)
        arguments = self._counted(original_node, fact, self._arguments(updated_node, fact, key))
        arguments = self._cast_first(fact, arguments)
        return self._in_one_type(original_node, fact, arguments, self.put(updated_node, key, fact, arguments))

    def _direct_call(self, original: cst.Call, updated: cst.Call, fact: Fact) -> cst.BaseExpression:
        """Return `f(a, b)` for `tf.numpy_function(f, [a, b], tf.float32)`, of a library's `f` as its rule says."""
        function, inputs = _wrapped(updated)
        elements = inputs.elements if isinstance(inputs, (cst.List, cst.Tuple)) else None
        if elements is None:
            raise Stop(Refusal("the inputs of the wrapped function are not written out as a list"))
        given = [each.value for each in elements]
        name = canonical_of(_wrapped(original)[0], self.diagnosis.module)
        if not name or effects.package_of(name) not in effects.LEAVERS:
            return applied(function, given)
        kinds = (fact.operands[0].items if fact.operands else None) or (Value(Kind.TENSOR),) * len(given)
        pairs = zip(given, kinds, strict=False)
        ways = self.rendered(name, [self.argument(each, value) for each, value in pairs])
        if isinstance(ways, Refused):
            key = self.key(original)
            raise Stop(Refusal(self.catalogue.reason(name) or ways.reason, span(key) if key else None, name))
        return self.choose((name, *(self.key(original) or ("", 0, 0, 0, 0))[1:]), ways).expression

    def _is_widened(self) -> bool:
        """Is this candidate to compute in double precision, as NumPy does once an array of its own has joined?"""
        if self.framework != "torch" or not self.planned.made:
            return False
        self.ways[_WIDENED] = 2
        return bool(self.chosen.get(_WIDENED))

    def _option(self, key: Key | None, updated: cst.BaseExpression) -> cst.BaseExpression:
        """Return a function that may be chosen as the framework's own."""
        assert key is not None
        self.edited = True
        return in_place_of(function_value(self, self.choices, key, updated), updated)

    def _called_as_chosen(self, updated: cst.Call, fact: Fact, key: Key) -> cst.BaseExpression:
        """Return a call of a chosen function, which stays: all that changes is the arrays among its arguments."""
        self.edited = True
        written = [each.expression for each in self._arguments(updated, fact, key)]
        pairs = zip(updated.args, written, strict=len(written) == len(updated.args))
        return updated.with_changes(args=[each.with_changes(value=value) for each, value in pairs])

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        key = self.key(original_node) if self.choices.options else None
        return self._option(key, updated_node) if key in self.choices.options else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        key = self.key(original_node)
        if key in self.choices.options:
            return self._option(key, updated_node)
        fact = self.planned.operations.get(key) if key else None
        if key is None or fact is None:
            return updated_node
        receiver = self.argument(updated_node.value, fact.operands[0])
        return self.put(updated_node, key, fact, (receiver,))

    def leave_Subscript(self, original_node: cst.Subscript, updated_node: cst.Subscript) -> cst.BaseExpression:
        """Replace `np.r_[a, b]`, a call with square brackets."""
        key = self.key(original_node)
        fact = self.planned.operations.get(key) if key else None
        if key is None or fact is None:
            return super().leave_Subscript(original_node, updated_node)
        pieces = [each.slice.value for each in updated_node.slice if isinstance(each.slice, cst.Index)]
        if len(pieces) != len(updated_node.slice) or len(pieces) != len(fact.operands):
            raise Stop(Refusal("a range stands among the pieces that are joined", span(key), fact.callee))
        written = self.wrapped(pieces, fact.operands) if self.framework == "torch" else pieces
        pairs = zip(written, fact.operands, strict=True)
        arguments = tuple(self.argument(each, value) for each, value in pairs)
        return self.put(updated_node, key, fact, arguments)

    def leave_Assign(self, original_node: cst.Assign, updated_node: cst.Assign) -> Statement | cst.RemovalSentinel:
        if self._is_cut(original_node, "AF303"):
            self.edited = True
            return cst.RemoveFromParent()
        if self.key(original_node.value) in self.unwrapped and isinstance(updated_node.value, cst.Name):
            if [code_of(each.target) for each in updated_node.targets] == [updated_node.value.value]:
                self.edited = True
                return cst.RemoveFromParent()  # `loss = loss`
            self.stripped[id(updated_node)] = updated_node
        apart = self._taken_apart(original_node, updated_node)
        return cst.FlattenSentinel(apart) if apart else self.store(original_node, updated_node)

    def _taken_apart(self, original: cst.Assign, updated: cst.Assign) -> list[cst.Assign]:
        """Return `a = x` and `b = y` for `a, b = x, y`, where all that is left of it are new names."""
        match original.value, updated.value, updated.targets:
            case cst.Tuple(elements=before), cst.Tuple(elements=values), [cst.AssignTarget(cst.Tuple(elements=names))]:
                targets, sources = [code_of(each.value) for each in names], [code_of(each.value) for each in values]
            case _:
                return []
        plain = all(isinstance(each.value, cst.Name) for each in (*names, *values))
        renamed = all(self.key(each.value) in self.unwrapped for each in before)
        if not plain or not renamed or len(targets) != len(sources) or _in_turn(targets, sources):
            return []
        pairs = zip(targets, values, strict=True)
        apart = [cst.Assign([cst.AssignTarget(cst.Name(target))], each.value) for target, each in pairs]
        self.stripped |= {id(each): each for each in apart}
        return apart

    def leave_AugAssign(self, original_node: cst.AugAssign, updated_node: cst.AugAssign) -> Statement:
        return self.store(original_node, updated_node)

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        if not updated_node.body:
            return cst.RemoveFromParent()
        if len(updated_node.body) > len(original_node.body) == 1:
            last = updated_node.with_changes(body=updated_node.body[-1:], leading_lines=[])
            before = [cst.SimpleStatementLine([each]) for each in updated_node.body[:-1]]
            before[0] = before[0].with_changes(leading_lines=updated_node.leading_lines)
            return cst.FlattenSentinel([*before, last])
        return updated_node

    def leave_With(
        self, original_node: cst.With, updated_node: cst.With
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Open a block under which nothing is recorded, where the loss itself stands in it."""
        pairs = zip(original_node.items, updated_node.items, strict=True)
        kept = [item for before, item in pairs if not self._is_cut(before.item, "AF109")]
        if len(kept) == len(updated_node.items):
            return updated_node
        self.edited = True
        if kept:
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            return updated_node.with_changes(items=kept)
        body = [each for each in updated_node.body.body if isinstance(each, cst.BaseStatement)]
        first = body[0]
        if isinstance(first, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            above = [*updated_node.leading_lines, *first.leading_lines]
            body[0] = first.with_changes(leading_lines=above)
        return cst.FlattenSentinel(body)

    def leave_Decorator(
        self, original_node: cst.Decorator, updated_node: cst.Decorator
    ) -> cst.Decorator | cst.RemovalSentinel:
        """Drop a decorator under which nothing is recorded."""
        if not self._is_cut(original_node.decorator, "AF109"):
            return updated_node
        self.edited = True
        return cst.RemoveFromParent()

    def _is_cut(self, node: cst.CSTNode, code: str) -> bool:
        place = self.place(node)
        return place is not None and (code, span(place)) in self.cuts

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        return drop_aliases(original_node, updated_node, self.stripped) if self.stripped else updated_node

    def _arguments(self, node: cst.Call, fact: Fact, key: Key) -> tuple[Argument, ...]:
        operands = list(fact.operands)
        arguments: list[Argument] = []
        if fact.callee.startswith(("ndarray.", "Tensor.")) and isinstance(node.func, cst.Attribute):
            arguments.append(self.argument(node.func.value, operands.pop(0)))
        values = operands if len(operands) == len(node.args) else [Value()] * len(node.args)
        written = [each.value for each in node.args]
        if self.framework == "torch" and not fact.callee.startswith(("Tensor.", "torch.")):
            inside = [self._wrapped_inside(*pair) for pair in zip(written, values, strict=True)]
            written = self.wrapped(inside, values, self._choosing(node, fact.callee))
        for argument, expression, value in zip(node.args, written, values, strict=True):
            keyword = argument.keyword.value if argument.keyword else argument.star or None
            arguments.append(self.argument(expression, value, keyword))
        return tuple(arguments)

    def _choosing(self, node: cst.Call, callee: str) -> set[int]:
        """Return the places of the arguments of a call that choose among elements."""
        function = self.catalogue.function(callee)
        names = [each.arg for each in function.args.args] if function is not None else []
        by_place = dict(enumerate(names[callee.startswith("ndarray.") :]))
        given = (
            (each.keyword.value if each.keyword else by_place.get(place, "")) for place, each in enumerate(node.args)
        )
        return {place for place, name in enumerate(given) if name in _CHOOSING}

    def _wrapped_inside(self, written: cst.BaseExpression, value: Value) -> cst.BaseExpression:
        """Turn the arrays in a list that holds tensors as well into tensors."""
        if not isinstance(written, (cst.List, cst.Tuple)) or len(value.items or ()) != len(written.elements):
            return written
        inside = self.wrapped([each.value for each in written.elements], value.items or ())
        pairs = zip(written.elements, inside, strict=True)
        return written.with_changes(elements=[each.with_changes(value=new) for each, new in pairs])

    def _size_of(self, fact: Fact, updated: cst.Call) -> tuple[Fact, cst.Call]:
        """Read `np.prod(x.shape)` as `np.size(x)`: a shape is no tensor, and is not known before a graph runs."""
        shapes = [self.diagnosis.facts.by_key.get(key) for each in fact.operands[:1] for key in each.makers]
        match updated.args, shapes:
            case [cst.Arg(value=cst.Attribute(value=owner, attr=cst.Name("shape")))], [Fact(operands=[whole, *_])]:
                if fact.callee == "numpy.prod":
                    sized = fact._replace(callee="numpy.size", operands=(whole,))
                    return sized, updated.with_changes(args=[cst.Arg(owner)])
        return fact, updated

    def _in_one_type(
        self, original: cst.Call, fact: Fact, arguments: tuple[Argument, ...], written: cst.BaseExpression
    ) -> cst.BaseExpression:
        """Give weights made of masks the prediction's type, where the framework would give them one of its own."""
        if self.framework != "tensorflow":
            return written
        floating = len(arguments) == 2 and is_floating(slot_of("dtype", arguments[1]))
        if fact.callee == "ndarray.astype" and floating and arguments[0].elements in ("bool", "int"):
            self.numbers.add(self.key(original) or ("", 0, 0, 0, 0))
            return self.written_anew("operator.as_number", arguments[0], original)
        if fact.value.derived:
            return written
        if fact.callee == "numpy.where" and [each.kind for each in arguments[1:]] == [Kind.NUMBER, Kind.NUMBER]:
            weights = Argument(written, Kind.TENSOR, elements="int")
            return self.written_anew("operator.as_number", weights, original)
        if fact.callee == "ndarray.astype" and floating and fact.operands[0].makers & self.numbers:
            return arguments[0].expression
        return written

    def _cast_first(self, fact: Fact, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """Return the arguments with the first cast to a `dtype=` that the framework's function does not take."""
        dtype, function = type_argument(arguments), self.catalogue.function(fact.callee)
        if dtype is None or function is None or fact.callee in effects.REWRAPS or arguments[0] is dtype:
            return arguments
        parameters = {each.arg for each in (*function.args.args, *function.args.kwonlyargs)} - unused(function)
        if "dtype" in parameters or asked_by_cast(fact.callee, arguments) is not None:
            return arguments
        first = replace(arguments[0], keyword=None)
        ways = self.rendered("ndarray.astype", (first, replace(dtype, keyword=None)))
        casts = [] if isinstance(ways, Refused) else casts_and_others(ways, first)[0]
        if first.kind is not Kind.TENSOR or not casts or not is_floating(slot_of("dtype", dtype)):
            return arguments
        if dtype_name(slot_of("dtype", dtype)) != "float64":
            self.ways[ALIKE] = 2
            if self.chosen.get(ALIKE):
                return arguments
        self.use(casts[0])
        cast = replace(arguments[0], expression=casts[0].expression)
        return (cast, *(each for each in arguments[1:] if each is not dtype))

    def _counted(self, original: cst.Call, fact: Fact, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
        """Cast the integers and truth values that the framework's function does not take, or counts otherwise."""
        return tuple(
            replace(each, expression=self.written_anew("operator.as_number", plain(each), original), elements="float")
            if self._needs_a_cast(fact.callee, place, arguments)
            else each
            for place, each in enumerate(arguments)
        )

    def _needs_a_cast(self, callee: str, place: int, arguments: tuple[Argument, ...]) -> bool:
        argument = arguments[place]
        if argument.elements not in ("bool", "int") or argument.kind is not Kind.TENSOR:
            return False
        dialect, function = self.catalogue.dialect, self.catalogue.function(callee)
        positional = [each.arg for each in function.args.args] if function is not None else []
        if (argument.keyword or "".join(positional[place : place + 1])) in _CHOOSING:
            return False
        if place == 0 and callee.rpartition(".")[2] in dialect.numbers:
            return True
        if callee in dialect.takes_no.get("integers" if argument.elements == "int" else "truth values", ()):
            return True
        meets = any(each.kind is Kind.TENSOR and each.elements not in ("bool", "int") for each in arguments)
        return meets and callee in dialect.takes_no.get("two types", ())

    def _after_a_rewrap(self, original: cst.Call, updated: cst.Call) -> cst.BaseExpression:
        """Drop a `.float()` or `.to(device)` that only dressed an array for the framework: the tensor never left it."""
        func = original.func
        if not isinstance(func, cst.Attribute) or func.attr.value not in _AFTER_A_REWRAP:
            return updated
        inner = self.key(func.value)
        if func.attr.value == "requires_grad_" and self._has_lost_its_past(inner):
            return in_place_of(updated.func.value, updated) if isinstance(updated.func, cst.Attribute) else updated
        if inner not in self.unwrapped or not isinstance(updated.func, cst.Attribute):
            return updated
        if self._says_what_type(original, inner):
            return updated
        own = self.key(original)
        if own is not None:
            self.unwrapped.add(own)
        return in_place_of(updated.func.value, updated)

    def _says_what_type(self, original: cst.Call, inner: Key | None) -> bool:
        """Is this a cast to double or half precision by name, or one back to single of what is asked to be double?"""
        name = original.func.attr.value if isinstance(original.func, cst.Attribute) else ""
        if name == "double" or is_cast_of(original, _OTHER_TYPES):
            return True
        fact = self.diagnosis.facts.by_key.get(inner) if inner is not None else None
        single = name == "float" or is_cast_of(original, frozenset({"float", "float32"}))
        return fact is not None and single and self.is_doubled(fact._replace(operands=(fact.value,)))

    def _has_lost_its_past(self, key: Key | None) -> bool:
        """Was this made of a prediction, by a way that is mended? A leaf on purpose was not, or has its gradient."""
        fact = self.diagnosis.facts.by_key.get(key) if key in self.planned.tensors and key is not None else None
        return fact is not None and bool(fact.value.cuts & self.diagnosis.lost) and not fact.value.live


def _in_turn(targets: list[str], sources: list[str]) -> bool:
    """Does an assignment to an earlier name change what a later one is given? `a, b = b, a` does."""
    return any(target in sources[place + 1 :] and target != sources[place] for place, target in enumerate(targets))


def _double(numpy: cst.Attribute) -> cst.Attribute:
    return numpy.with_changes(attr=cst.Name("double"))


def _called_itself(node: cst.Call, model: cst.BaseExpression) -> cst.Call:
    """Return `model(x)` for `model.predict(x, verbose=0)`."""
    given = next((each for each in node.args if each.keyword is None or each.keyword.value == "x"), None)
    argument = [cst.Arg(given.value)] if given is not None else []
    return cst.Call(model, argument)


def _wrapped(node: cst.Call) -> tuple[cst.BaseExpression, cst.BaseExpression]:
    """Return the function and the inputs of `tf.numpy_function(f, [a, b], tf.float32)`."""
    by_name = {each.keyword.value: each.value for each in node.args if each.keyword}
    given = [each.value for each in node.args if not each.keyword]
    return by_name.get("func") or given[0], by_name.get("inp") or given[1]
