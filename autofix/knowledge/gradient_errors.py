"""What programs raise for want of a gradient, beside what the value itself says: the cause that each message shows."""

from __future__ import annotations

_CODES = {
    "Trying to backward through the graph a second time": "AF311",
    "appears to not have been used in the graph": "AF312",
    "One of the differentiated Tensors does not require grad": "AF312",
    "non-persistent GradientTape can only be used": "AF306",
}
"""Parts of messages."""
_OF_NONE = ("None values not supported", "Attempt to convert a value (None)", "NoneType")
_OF_TENSOR = ("Tensor' object has no attribute '_unique_id'", "can't optimize a non-leaf Tensor")
"""What optimizers say of a tensor that stands where a variable, or a leaf, did."""
_LACKING = "No gradients provided for any variable"
_OVERWRITTEN = "has been modified by an inplace operation"


def code_of(message: str) -> str:
    """Return the cause that an error's message shows; empty where it shows none."""
    return next((code for part, code in _CODES.items() if part in message), "")


def is_of_none(message: str) -> bool:
    """Does something fail because it is None, as a gradient is that does not exist, or by a tensor that has none?"""
    return any(part in message for part in (*_OF_NONE, *_OF_TENSOR))


def is_overwritten(message: str) -> bool:
    """Does a gradient need a value that was changed in place, as a step does with parameters?"""
    return _OVERWRITTEN in message


def is_lacking(message: str) -> bool:
    """Does an optimizer fail because none of what it is to change has a gradient?"""
    return _LACKING in message
