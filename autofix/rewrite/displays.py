"""A list of tensors and numbers, written out and nested as it may be, as one tensor that keeps their gradient.

PyTorch stacks tensors of one shape only: a list in the list is stacked first, and a number becomes a tensor of the type
of those beside it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Union

import libcst as cst

from autofix.model import Kind
from autofix.rewrite.literal import code_of
from autofix.rewrite.tensors import first_name

Display = cst.List | cst.Tuple
KindOf = Callable[[cst.BaseExpression], Kind]
Form = Union[str, "list[Form]"]
"""What a value was when a program ran: `scalar`, `tensor`, `number`, `other`, or the list of what its items were."""
_FILLED = {0.0: "zeros_like", 1.0: "ones_like"}


def is_mixed(display: Display, kind_of: KindOf) -> bool:
    """Are there tensors in it, and numbers or lists beside them?"""
    leaves = [*_leaves(display)]
    kinds = {kind_of(each) for each in leaves}
    is_nested = any(isinstance(each.value, Display) for each in display.elements)
    return Kind.TENSOR in kinds and (is_nested or len(kinds) > 1)


def with_stacked_inside(display: Display, kind_of: KindOf, module: str, like: str) -> Display:
    """Return a display of tensors alone: lists in it are stacked, numbers have the type and device of `like`."""
    inside = [_as_tensor(each.value, kind_of, module, like) for each in display.elements]
    elements = [each.with_changes(value=value) for each, value in zip(display.elements, inside, strict=True)]
    return display.with_changes(elements=elements)


def stacked(display: Display, kind_of: KindOf, module: str, like: str) -> cst.Call:
    """Return a display as one tensor."""
    return cst.Call(
        cst.parse_expression(f"{module}.stack"), [cst.Arg(with_stacked_inside(display, kind_of, module, like))]
    )


def stacked_by_form(value: str, form: str, module: str) -> tuple[str, ...]:
    """Return the source of a display as one tensor, where a run says what its elements were: `[scalar number]`."""
    display = cst.parse_expression(value)
    if not isinstance(display, Display):
        return ()
    kinds = _kinds(display, json.loads(re.sub(r"(\w+)", r'"\1"', form).replace(" ", ",")))
    like = one_of_the_tensors(kinds, (module,))

    def kind_of(node: cst.BaseExpression) -> Kind:
        return kinds.get(node, Kind.OTHER)

    if like is None or not is_mixed(display, kind_of):
        return ()
    return (code_of(stacked(display, kind_of, module, like)),)


def one_of_the_tensors(kinds: Mapping[cst.BaseExpression, Kind], modules: Collection[str]) -> str | None:
    """Return a name of a tensor among expressions: one that stands alone, else the first in one of them."""
    tensors = sorted((node for node, kind in kinds.items() if kind is Kind.TENSOR), key=_is_composed)
    return next((name for each in tensors if (name := first_name(each, modules))), None)


def _is_composed(node: cst.BaseExpression) -> bool:
    return not isinstance(node.expression if isinstance(node, cst.UnaryOperation) else node, cst.Name)


def _kinds(node: cst.BaseExpression, form: Form) -> dict[cst.BaseExpression, Kind]:
    """Return what the elements of a display are, those of the displays in it too; of other lists nothing."""
    if isinstance(form, str):
        return {node: Kind.TENSOR if form in ("scalar", "tensor") else Kind.NUMBER}
    if not isinstance(node, Display):
        return {}
    forms = form * len(node.elements) if len(form) == 1 else form
    pairs = zip(node.elements, forms, strict=False)
    return {leaf: kind for each, one in pairs for leaf, kind in _kinds(each.value, one).items()}


def _as_tensor(node: cst.BaseExpression, kind_of: KindOf, module: str, like: str) -> cst.BaseExpression:
    if isinstance(node, Display):
        return stacked(node, kind_of, module, like)
    if kind_of(node) is Kind.TENSOR:
        return node
    if isinstance(node, (cst.Integer, cst.Float)) and float(node.evaluated_value) in _FILLED:
        return cst.parse_expression(f"{module}.{_FILLED[float(node.evaluated_value)]}({like})")
    template = cst.ensure_type(
        cst.parse_expression(f"{module}.as_tensor(x, dtype={like}.dtype, device={like}.device)"), cst.Call
    )
    return template.with_changes(args=[template.args[0].with_changes(value=node), *template.args[1:]])


def _leaves(display: Display) -> Iterator[cst.BaseExpression]:
    for each in display.elements:
        if isinstance(each.value, Display):
            yield from _leaves(each.value)
        else:
            yield each.value
