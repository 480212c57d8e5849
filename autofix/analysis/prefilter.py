"""Which files are worth parsing: a test on bytes, about a thousand times cheaper than a parse."""

from __future__ import annotations

import re

_FRAMEWORK = re.compile(rb"torch|tensorflow|keras")
_BREAKER = re.compile(
    rb"numpy|\bmath\b|scipy|sklearn|statistics|\.item\b|\.detach\b|\.data\b|\.tolist\b|float\(|\bint\(|Variable|no_grad|"
    rb"inference_mode|set_grad_enabled|stop_gradient|stop_recording|tensor\(|Tensor\(|constant\(|convert_to_tensor|"
    rb"py_func|K\.eval|get_value|requires_grad|predict|GradientTape|arg(?:max|min|sort)|round|floor|ceil|sign|cast\(|"
    rb"\.long\(|\.backward\(|\bsqrt\b|\*\* *0\.5|norm\(|where\(|softmax|relu\(|clamp|maximum|minimum|clip_by|"
    rb"[lL]oss|autofix:"
)


def may_have_losses(content: bytes) -> bool:
    """Can this file hold a broken loss at all? True where in doubt; a False is certain."""
    return _FRAMEWORK.search(content) is not None and _BREAKER.search(content) is not None
