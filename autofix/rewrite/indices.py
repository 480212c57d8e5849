"""Reads an index in brackets: what goes backwards, and what picks elements by arrays of integers or truth values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from autofix.model import Kind
from autofix.rewrite.catalogue import Argument
from autofix.rewrite.literal import code_of, literal


@dataclass(frozen=True)
class Backwards:
    """The axes that a slice goes along backwards, and the index that is left once they are turned round."""

    axes: tuple[int, ...]
    rest: Sequence[cst.SubscriptElement] | None


@dataclass(frozen=True)
class Picked:
    """An operation that an index may mean, and its arguments; without a name, the expression as it stands."""

    name: str
    arguments: tuple[Argument, ...]


def read_backwards(node: cst.Subscript) -> Backwards | None:
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
    return Backwards(axes, None if all(_is_whole(each.slice) for each in left) else left)


def picked(node: cst.Subscript, parts: Sequence[Argument | None], of_each_row: bool) -> Iterator[Picked]:
    """Yield what an index with arrays in it may mean; nothing where it holds none.

    `parts` are the parts that are no slices; `of_each_row` says that the first of two counts the rows.
    """
    arrays = [place for place, part in enumerate(parts) if part is not None and _is_array(part)]
    owner = Argument(node.value, Kind.TENSOR)
    if len(arrays) == 2 == len(parts):
        first, second = (part for part in parts if part is not None)
        if of_each_row:
            yield Picked("getitem_of_each_row", (owner, second))
        yield Picked("getitem_pairs", (owner, first, second))
    if len(arrays) != 1 or any(part is not None for place, part in enumerate(parts) if place not in arrays):
        return
    (place,) = arrays
    array = parts[place]
    if array is None or any(_text(each.slice) == "..." for each in node.slice[place + 1 :]):
        return
    from_the_end = any(_text(each.slice) == "..." for each in node.slice[:place])
    axis = place - len(parts) if from_the_end else place
    others = [each.with_changes(slice=_whole()) if at == place else each for at, each in enumerate(node.slice)]
    if not all(_is_whole(each.slice) for each in others):
        owner = Argument(node.with_changes(slice=others), Kind.TENSOR)
    along = Argument(cst.parse_expression(str(axis)), Kind.NUMBER)
    if axis == 0 and array.elements != "int" and array.kind is not Kind.SEQUENCE:
        yield Picked("", (Argument(node, Kind.TENSOR),))
    if array.elements != "bool":
        yield Picked("getitem_indices", (owner, array, along))
    if axis != 0 and array.elements != "int":
        yield Picked("getitem_mask", (owner, array, along))


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
