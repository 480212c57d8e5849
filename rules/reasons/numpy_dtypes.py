"""NumPy's types that carry no gradient, and questions about types."""

from __future__ import annotations

FOR = "numpy"


def uint8(x):
    raise NotImplementedError("a cast to integers has no gradient")


uint16 = uint8
uint32 = uint8
uint64 = uint8


def issubdtype(arg1, arg2):
    raise NotImplementedError("a question about types carries no gradient: it may stay NumPy")


dtype = issubdtype
result_type = issubdtype
promote_types = issubdtype
can_cast = issubdtype
generic = issubdtype
number = issubdtype
integer = issubdtype
floating = issubdtype
inexact = issubdtype
