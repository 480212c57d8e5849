"""The operators that mean the same on tensors as on arrays: written as they stand, they need no rule."""

from __future__ import annotations

from autofix.model import Framework
from autofix.prove.samples import Sample

_BOTH = {
    "op.neg": "-x",
    "~ op.compare": "x < y",
    "~ op.eq": "x == y",
    "~ op.and(&)": "m & (x > 0.5)",
    "~ op.or(|)": "m | (x > 0.5)",
    "~ op.invert(~)": "~m",
    "~ op.floordiv(//)": "x // 0.3",
    "op.mod(%)": "x % 0.3",
    "op.pow(**)": "x**2",
    "op.getitem[slice]": "x[1:, :2]",
    "op.getitem[newaxis/ellipsis]": "x[..., None, 1:]",
    "op.iadd(+=)": "x + y",
}
_OF_ONE: dict[Framework, dict[str, str]] = {
    "torch": {
        "op.add(+)": "x + y",
        "op.mul(*)": "x * y",
        "op.truediv(/)": "x / y",
        "op.matmul(@)": "x @ u",
        "op.getitem[int-array]": "x[i]",
        "op.getitem[pair-of-int-arrays]": "x[i, i]",
        "op.getitem[bool-mask]": "x[m]",
        "op.setitem[index]": "(lambda d: (d.__setitem__(1, 0.5), d)[1])(x * 1)",
    },
    "tensorflow": {"op.getitem[neg-step]": "x[:, ::-1]", "op.getitem[bool-mask]": "x[m]"},
    "keras": {"op.getitem[bool-mask]": "x[m]"},
}
RULES = {
    "op.abs": "builtins.abs",
    "op.sub(-)": "operator.sub",
    "op.add(+)": "operator.add",
    "op.mul(*)": "operator.mul",
    "op.truediv(/)": "operator.truediv",
    "op.matmul(@)": "operator.matmul",
    "op.getitem[int-array]": "operator.getitem_indices",
    "op.getitem[pair-of-int-arrays]": "operator.getitem_pairs",
    "op.getitem[neg-step]": "operator.getitem_backwards",
    "op.setitem[bool-mask]": "operator.setitem_mask",
    "op.setitem[index]": "operator.setitem",
}
"""The rules of those that mean something else in one of the frameworks."""


def operators(framework: Framework) -> tuple[Sample, ...]:
    """The operators of a framework as samples that are their own spelling."""
    written = _BOTH | _OF_ONE[framework]
    return tuple(
        Sample(text, name.removeprefix("~ "), text, (framework,), not name.startswith("~ "), spelling=text)
        for name, text in written.items()
    )
