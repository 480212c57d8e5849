"""Which files are worth parsing: a test on bytes, about a thousand times cheaper than a parse."""

from __future__ import annotations

import re
from collections.abc import Iterable

_FRAMEWORK = re.compile(rb"torch|tensorflow|keras")
_CUTTING = (
    rb"numpy|\bmath\b|scipy|sklearn|statistics|\.item\b|\.detach\b|\.data\b|\.tolist\b|float\(|\bint\(|Variable|no_grad|"
    rb"inference_mode|set_grad_enabled|stop_gradient|stop_recording|tensor\(|Tensor\(|constant\(|convert_to_tensor|"
    rb"py_func|K\.eval|get_value|requires_grad|arg(?:max|min|sort)|round|floor|ceil|sign|cast\(|\.long\("
)
_BREAKER = re.compile(
    _CUTTING + rb"|predict|GradientTape|\.backward\(|\bsqrt\b|\*\* *0\.5|norm\(|where\(|softmax|relu\(|clamp|maximum|"
    rb"minimum|clip_by|[lL]oss|autofix:"
)
_CUTS = re.compile(_CUTTING.decode())


def may_have_losses(content: bytes, packages: Iterable[str] = ()) -> bool:
    """Can this file hold a broken loss at all? True where in doubt; a False is certain.

    `packages` are those for which the project has rules of its own: they leave the graph as well.
    """
    if _FRAMEWORK.search(content) is None:
        return False
    return _BREAKER.search(content) is not None or any(package.encode() in content for package in packages)


def may_cut(text: str) -> bool:
    """Is there anything in this text that takes a value out of the graph?"""
    return _CUTS.search(text) is not None
