"""Rewrites operators and brackets on what becomes a tensor, where they would mean something else or raise.

Most operators stay as they are written. TensorFlow promotes no types, PyTorch mixes no arrays with tensors, and truth
values have no arithmetic: there a cast or the framework's function takes their place. Of `x[…]` it rewrites the length
of an axis, what goes backwards, and what selects elements by arrays. `np.r_[a, b]`, a call in brackets, is written as
its rule says.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import record_of
from autofix.model import Exit, Kind, Reason
from autofix.rewrite.calls import by_rule
from autofix.rewrite.casts import is_made_double
from autofix.rewrite.literal import code_of, literal
from autofix.rewrite.parentheses import bare, in_place_of
from autofix.rewrite.rules import Argument, Rendering
from autofix.rewrite.selection import gives_positions
from autofix.rewrite.state import State, Stop, rewrites
from autofix.rewrite.tensors import as_tensors, converted, like_argument
from autofix.syntax.spans import Key, span

_NAMES: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "add", cst.Subtract: "sub", cst.Multiply: "mul", cst.Divide: "truediv", cst.FloorDivide: "floordiv",
    cst.Modulo: "mod", cst.Power: "pow", cst.MatrixMultiply: "matmul", cst.BitAnd: "and_", cst.BitOr: "or_",
    cst.BitXor: "xor",
}  # fmt: skip


@rewrites(cst.BinaryOperation)
def binary_operation(state: State, original: cst.BinaryOperation, updated: cst.BinaryOperation) -> cst.BaseExpression:
    """Give an operator on tensors the meaning that it had on arrays."""
    key, known = state.key(original), state.fact(original)
    if key is not None and known is not None and any(each.makers & state.integer_tensors for each in known.operands):
        state.integer_tensors.add(key)
    fact = state.plan.operators.get(key) if key else None
    if key is None or fact is None:
        return updated
    state.integer_tensors.discard(key)
    operands = _in_one_type(state, [updated.left, updated.right], fact.operands)
    updated = updated.with_changes(left=operands[0], right=operands[1])
    arguments = tuple(state.argument(each, value) for each, value in zip(operands, fact.operands, strict=True))
    return _by_rule(state, original, updated, key, arguments)


def _in_one_type(state: State, operands: list[cst.BaseExpression], values: Sequence[Value]) -> list[cst.BaseExpression]:
    """Return operands that the framework lets meet."""
    if not record_of(state.framework).takes_arrays:
        return as_tensors(state, operands, values)
    double = [is_made_double(state, value) for value in values]
    if double[0] == double[1]:
        return operands
    pairs = zip(operands, values, double, strict=True)
    return [each if is_double else _to_double(state, each, value) for each, value, is_double in pairs]


def _to_double(state: State, expression: cst.BaseExpression, value: Value) -> cst.BaseExpression:
    """Cast a tensor that meets one which is asked to be float64: TensorFlow promotes neither."""
    if state.plan.kind(value) is not Kind.TENSOR:
        return expression
    module = record_of(state.framework).module
    state.modules |= {module}
    text = record_of(state.framework).to_double.format(state.names[module])
    call = cst.ensure_type(cst.parse_expression(text), cst.Call)
    needs_none = isinstance(expression, cst.BinaryOperation) and "\n" not in code_of(expression)
    inside = bare(expression) if needs_none else expression
    return call.with_changes(args=[call.args[0].with_changes(value=inside), *call.args[1:]])


def _by_rule(
    state: State,
    original: cst.BinaryOperation,
    updated: cst.BinaryOperation,
    key: Key,
    arguments: tuple[Argument, ...],
) -> cst.BaseExpression:
    name = f"operator.{_NAMES.get(type(updated.operator), '')}"
    function = state.catalogue.function(name)
    if function is None:
        return updated
    if any(each.arg == "like" for each in function.args.args):
        arguments += like_argument(state, original.left, original.right)
    found = state.rendered(name, arguments)
    if isinstance(found, Reason):
        return updated
    expression = state.choose(key, found)
    if _read_the_same(expression, updated):
        return updated
    state.cast_to_number.add(key)
    return in_place_of(expression, updated)


def _read_the_same(new: cst.BaseExpression, old: cst.BaseExpression) -> bool:
    """Are both the same but for spaces, line breaks and comments?"""
    first, second = (ast.dump(ast.parse(f"(\n{code_of(each)}\n)", mode="eval")) for each in (new, old))
    return first == second


@rewrites(cst.Comparison)
def comparison(state: State, original: cst.Comparison, updated: cst.Comparison) -> cst.BaseExpression:
    """Compare tensors with tensors: PyTorch does not compare one with an array."""
    key = state.key(original)
    fact = state.plan.operators.get(key) if key is not None and not record_of(state.framework).takes_arrays else None
    if fact is None or len(updated.comparisons) != 1:
        return updated
    target = updated.comparisons[0]
    left, right = as_tensors(state, (updated.left, target.comparator), fact.operands)
    return updated.with_changes(left=left, comparisons=[target.with_changes(comparator=right)])


@rewrites(cst.Subscript)
def subscript(state: State, original: cst.Subscript, updated: cst.Subscript) -> cst.BaseExpression:
    """Write an index on a tensor so that it selects what it selected of an array."""
    key = state.key(original)
    if key is None:
        return updated
    if key in state.plan.operations:
        return _joined(state, key, state.plan.operations[key], updated)
    if key in state.plan.lengths and record_of(state.framework).traces:
        return _length(state, key, updated)
    fact = state.plan.operators.get(key)
    if fact is None or fact.callee:
        return updated
    if not record_of(state.framework).takes_arrays:
        updated = _with_copied_indices(state, original, updated)
    one_hot = _of_identity(state, original, updated, key, fact)
    return one_hot if one_hot is not None else _selected(state, original, updated, key, fact)


def _with_copied_indices(state: State, original: cst.Subscript, updated: cst.Subscript) -> cst.Subscript:
    """Copy each array of indices that is a reversed view: PyTorch takes no array with a negative stride."""
    pairs = zip(original.slice, updated.slice, strict=True)
    return updated.with_changes(slice=[_with_copied_index(state, before.slice, after) for before, after in pairs])


def _with_copied_index(state: State, before: cst.BaseSlice, after: cst.SubscriptElement) -> cst.SubscriptElement:
    fact = state.fact(before.value) if isinstance(before, cst.Index) else None
    is_array = fact is not None and state.plan.kind(fact.value) is Kind.ARRAY
    if fact is None or not is_array or not state.elements.goes_backwards(fact.value):
        return after
    index = cst.ensure_type(after.slice, cst.Index)
    copied = cst.Call(cst.Attribute(index.value, cst.Name("copy")))
    return after.with_changes(slice=index.with_changes(value=copied))


def choose_plainest_shape(state: State, node: cst.Subscript) -> None:
    """Note, before its parts are rewritten, that the shape in `x.shape[0]` takes its first alternative."""
    shape = state.key(node.value)
    if state.key(node) in state.plan.lengths and shape is not None:
        state.plainest.add(shape)


def _joined(state: State, key: Key, fact: Fact, updated: cst.Subscript) -> cst.BaseExpression:
    """Return what becomes of `np.r_[a, b]`, a call in brackets."""
    pieces = [each.slice.value for each in updated.slice if isinstance(each.slice, cst.Index)]
    if len(pieces) != len(updated.slice) or len(pieces) != len(fact.operands):
        raise Stop(Reason(Exit.REWRITE, "one of the joined pieces is a range", span(key), fact.callee))
    tensors = as_tensors(state, pieces, fact.operands) if not record_of(state.framework).takes_arrays else pieces
    arguments = tuple(state.argument(each, value) for each, value in zip(tensors, fact.operands, strict=True))
    return by_rule(state, updated, key, fact, arguments)


def _length(state: State, key: Key, updated: cst.Subscript) -> cst.BaseExpression:
    """Read the length of the first axis where the graph runs: the batch may be of any size."""
    owner = updated.value
    if not _is_first(updated.slice) or not isinstance(owner, cst.Attribute) or owner.attr.value != "shape":
        return updated
    found = state.rendered("builtins.len", [Argument(owner.value, Kind.TENSOR)])
    if isinstance(found, Reason):
        return updated
    state.integer_tensors.add(key)
    return state.choose(key, found)


def _is_first(index: Sequence[cst.SubscriptElement]) -> bool:
    return len(index) == 1 and isinstance(index[0].slice, cst.Index) and code_of(index[0].slice.value) == "0"


def _of_identity(
    state: State, original: cst.Subscript, updated: cst.Subscript, key: Key, fact: Fact
) -> cst.BaseExpression | None:
    """Return `tf.one_hot(y, n)` for `np.eye(n)[y]`, as a number of the type that it will meet."""
    owner, parts = updated.value, [each.slice for each in updated.slice]
    created = state.fact(original.value)
    if created is None or created.callee not in ("numpy.eye", "numpy.identity") or not isinstance(owner, cst.Call):
        return None
    if len(owner.args) != 1 or len(parts) != 1 or not isinstance(parts[0], cst.Index):
        return None
    index = state.argument(parts[0].value, fact.operands[1])
    if index.kind not in (Kind.TENSOR, Kind.OTHER):
        return None
    size = Argument(owner.args[0].value, Kind.NUMBER)
    found = state.rendered("operator.getitem_of_identity", (size, index, *like_argument(state, original)))
    if isinstance(found, Reason):
        return None
    state.cast_to_number.add(key)
    return state.choose(key, found)


def _selected(
    state: State, original: cst.Subscript, updated: cst.Subscript, key: Key, fact: Fact
) -> cst.BaseExpression:
    """Return what becomes of an index with a slice that goes backwards, or with arrays."""
    if state.plan.kind(fact.operands[0]) is Kind.ARRAY:
        owner = state.argument(updated.value, fact.operands[0])
        updated = updated.with_changes(value=converted(state, "operator.as_tensor", owner, original))
    backwards = _read_backwards(updated)
    if backwards is not None:
        return _reversed(state, key, backwards, updated)
    return _by_arrays(state, original, updated, fact)


@dataclass(frozen=True)
class _Backwards:
    """The axes that a slice goes along backwards, and the index that is left once they are reversed."""

    axes: tuple[int, ...]
    rest: Sequence[cst.SubscriptElement] | None


def _read_backwards(node: cst.Subscript) -> _Backwards | None:
    """Return the axes of `x[::-1]`, `x[:, ::-2]`; None where nothing goes backwards, or only part of an axis does."""
    parts = [each.slice for each in node.slice]
    turned = [place for place, part in enumerate(parts) if _step(part) < 0]
    if not turned or any(_is_bounded(parts[place]) for place in turned):
        return None
    ellipsis = next((place for place, part in enumerate(parts) if _text(part) == "..."), None)
    if any(_text(part) in ("None", "np.newaxis") for part in parts):
        return None
    axes = tuple(place if ellipsis is None or place < ellipsis else place - len(parts) for place in turned)
    left = [_forwards(each) if place in turned else each for place, each in enumerate(node.slice)]
    return _Backwards(axes, None if all(_is_whole(each.slice) for each in left) else left)


def _reversed(state: State, key: Key, index: _Backwards, updated: cst.Subscript) -> cst.BaseExpression:
    axes = Argument(cst.parse_expression(str(index.axes)), Kind.SEQUENCE)
    found = state.rendered("operator.getitem_backwards", [Argument(updated.value, Kind.TENSOR), axes])
    if isinstance(found, Reason):
        return updated
    whole = state.choose(key, found)
    return whole if index.rest is None else updated.with_changes(value=whole, slice=index.rest)


def _by_arrays(state: State, original: cst.Subscript, updated: cst.Subscript, fact: Fact) -> cst.BaseExpression:
    """Return an index that holds arrays: NumPy's has several meanings, TensorFlow has a function for each."""
    if "operator.getitem_indices" not in state.catalogue:
        return updated
    triples = zip(original.slice, updated.slice, fact.operands[1:], strict=False)
    parts = [_part(state, each.slice, _index_value(state, before.slice, value)) for before, each, value in triples]
    if len(parts) != len(updated.slice):
        return updated
    of_each_row = len(parts) == 2 and _counts_rows(state, original.slice[0].slice)
    found: list[Rendering] = []
    meanings = _meanings(updated, parts, of_each_row)
    if len(parts) == 1 and (whole := _of_positions(state, original, updated)) is not None:
        meanings = chain([whole], meanings)
    for meaning in meanings:
        renderings = _rendered(state, meaning)
        found += () if isinstance(renderings, Reason) else renderings
    same_index = Key(_named(fact.operands[1:]) or code_of(as_expression(updated.slice)), 0, 0, 0, 0)
    return state.choose(same_index, found) if found else updated


def _named(values: Sequence[Value]) -> str:
    """Return what made these, as a name: indices that come from one call have one meaning."""
    return " ".join(sorted(str(key) for value in values for key in value.makers))


def _index_value(state: State, part: cst.BaseSlice, value: Value) -> Value:
    """Return what is known of one part of an index: where it is made of predictions, what it was before it selected."""
    fact = state.fact(part.value) if isinstance(part, cst.Index) and not value.makers else None
    return fact.value if fact is not None else value


def _part(state: State, part: cst.BaseSlice, value: Value) -> Argument | None:
    """Return one part of an index, None for a slice or `...`."""
    if not isinstance(part, cst.Index) or isinstance(part.value, cst.Ellipsis):
        return None
    return state.argument(part.value, value)


def _counts_rows(state: State, part: cst.BaseSlice) -> bool:
    """Is this `np.arange(n)`, which with an array beside it takes one element of each row?"""
    fact = state.fact(part.value) if isinstance(part, cst.Index) else None
    if fact is None:
        return False
    makers = [state.fault.program.facts.by_key.get(each) for each in fact.value.makers]
    return bool(makers) and all(each is not None and each.callee.endswith((".arange", ".range")) for each in makers)


def _of_positions(state: State, original: cst.Subscript, updated: cst.Subscript) -> _Meaning | None:
    """Return what an index means that is a tuple of positions: `x[np.triu_indices(n)]`, by its name too."""
    part = original.slice[0].slice
    fact = state.fact(part.value) if isinstance(part, cst.Index) else None
    makers = [state.fault.program.facts.by_key.get(key) for key in fact.value.makers] if fact is not None else []
    is_tuple = bool(makers) and all(each is not None and gives_positions(each) for each in makers)
    if not is_tuple or not isinstance(part, cst.Index) or not _is_whole_result(state, part.value):
        return None
    index = cst.ensure_type(updated.slice[0].slice, cst.Index).value
    return _Meaning("getitem_tuple", (Argument(updated.value, Kind.TENSOR), Argument(index, Kind.OTHER)))


def _is_whole_result(state: State, index: cst.BaseExpression) -> bool:
    """Is this all that a call gives, and no part that an assignment has taken out of it?"""
    return not isinstance(index, cst.Name) or not state.elements.is_unpacked(index.value)


@dataclass(frozen=True)
class _Meaning:
    """An operation that an index may mean, and its arguments; without a name, the expression as it stands."""

    name: str
    arguments: tuple[Argument, ...]


def _rendered(state: State, meaning: _Meaning) -> tuple[Rendering, ...] | Reason:
    if meaning.name:
        return state.rendered(f"operator.{meaning.name}", meaning.arguments)
    return (Rendering(meaning.arguments[0].expression, frozenset()),)


def _meanings(node: cst.Subscript, parts: Sequence[Argument | None], of_each_row: bool) -> Iterator[_Meaning]:
    """Yield what an index with arrays in it may mean; nothing where it holds none.

    `parts` are the parts that are no slices; `of_each_row` says that the first of two counts the rows.
    """
    arrays = [place for place, part in enumerate(parts) if part is not None and _is_array(part)]
    rest = [each.slice for each in node.slice[len(arrays) :]]
    if len(arrays) in (2, 3) and arrays == [*range(len(arrays))] and all(_is_whole(each) for each in rest):
        found = [part for part in parts if part is not None]
        yield from _meanings_of_several(node, found, of_each_row)
    numbers = [place for place, part in enumerate(parts) if part is not None and _is_number(part)]
    if len(arrays) != 1 or any(part is not None for at, part in enumerate(parts) if at not in (*arrays, *numbers)):
        return
    (place,) = arrays
    array = parts[place]
    if array is None or any(_text(each.slice) == "..." for each in node.slice[place + 1 :]):
        return
    if _meet_where_they_stand(place, numbers):
        yield from _meanings_of_one(node, place, array, numbers)


def _is_number(part: Argument) -> bool:
    """Is this one position on its axis, which is gone afterwards?"""
    known = literal(part.expression)
    return part.kind is Kind.NUMBER or (known is not None and isinstance(known.value, int))


def _meet_where_they_stand(array: int, numbers: Sequence[int]) -> bool:
    """Do the axes of an array and numbers in one index become one in that place? NumPy moves it to the front else."""
    places = sorted((array, *numbers))
    return array == 0 or places == [*range(places[0], places[0] + len(places))]


def _meanings_of_several(node: cst.Subscript, arrays: Sequence[Argument], of_each_row: bool) -> Iterator[_Meaning]:
    owner = Argument(node.value, Kind.TENSOR)
    if of_each_row and len(arrays) == 2:
        yield _Meaning("getitem_of_each_row", (owner, arrays[1]))
    yield _Meaning("getitem_pairs" if len(arrays) == 2 else "getitem_triples", (owner, *arrays))


def _meanings_of_one(node: cst.Subscript, place: int, array: Argument, numbers: Sequence[int]) -> Iterator[_Meaning]:
    """Yield what an index means whose one array stands at this place, beside `numbers`: indices, or a mask."""
    from_the_end = any(_text(each.slice) == "..." for each in node.slice[:place])
    before = sum(each < place for each in numbers)
    axis = place - len(node.slice) + len(numbers) - before if from_the_end else place - before
    others = [each.with_changes(slice=_whole()) if at == place else each for at, each in enumerate(node.slice)]
    is_all = all(_is_whole(each.slice) for each in others)
    owner = Argument(node.value if is_all else node.with_changes(slice=others), Kind.TENSOR)
    along = Argument(cst.parse_expression(str(axis)), Kind.NUMBER)
    if axis == 0 and array.elements != "int" and array.kind is not Kind.SEQUENCE:
        yield _Meaning("", (Argument(_masked(owner, array) if numbers else node, Kind.TENSOR),))
    if array.elements != "bool":
        yield _Meaning("getitem_indices", (owner, array, along))
    if axis != 0 and array.elements != "int":
        yield _Meaning("getitem_mask", (owner, array, along))


def _masked(owner: Argument, mask: Argument) -> cst.BaseExpression:
    return cst.Subscript(owner.expression, [cst.SubscriptElement(cst.Index(mask.expression))])


def as_expression(elements: Sequence[cst.SubscriptElement]) -> cst.BaseExpression:
    """Return what stands in the brackets as an expression of its own: `(slice(None), 0)`."""
    parts = [each.slice.value if isinstance(each.slice, cst.Index) else _slice_call(each.slice) for each in elements]
    return parts[0] if len(parts) == 1 else cst.parse_expression(f"({', '.join(code_of(each) for each in parts)})")


def _slice_call(part: cst.BaseSlice) -> cst.BaseExpression:
    part = cst.ensure_type(part, cst.Slice)
    bounds = ["None" if each is None else code_of(each) for each in (part.lower, part.upper, part.step)]
    if bounds[2] == "None":
        bounds.pop()
        if bounds[0] == "None":
            bounds.pop(0)
    return cst.parse_expression(f"slice({', '.join(bounds)})")


def _is_array(part: Argument) -> bool:
    if isinstance(part.expression, cst.List):
        return True
    return part.kind in (Kind.TENSOR, Kind.ARRAY)


def _whole() -> cst.Slice:
    return cst.Slice(None, None)


def _is_whole(part: cst.BaseSlice) -> bool:
    bare = isinstance(part, cst.Slice) and part.lower is None and part.upper is None and part.step is None
    return bare or _text(part) == "..."


def _is_bounded(part: cst.BaseSlice) -> bool:
    return isinstance(part, cst.Slice) and (part.lower is not None or part.upper is not None)


def _step(part: cst.BaseSlice) -> int:
    known = literal(part.step) if isinstance(part, cst.Slice) and part.step is not None else None
    return known.value if known is not None and isinstance(known.value, int) else 1


def _forwards(element: cst.SubscriptElement) -> cst.SubscriptElement:
    step = -_step(element.slice)
    if step == 1:
        return element.with_changes(slice=_whole())
    part = cst.ensure_type(element.slice, cst.Slice)
    return element.with_changes(slice=part.with_changes(step=cst.Integer(str(step))))


def _text(part: cst.BaseSlice) -> str:
    return code_of(part.value) if isinstance(part, cst.Index) else ""
