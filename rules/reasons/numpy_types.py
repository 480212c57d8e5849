"""NumPy's types and settings, which speak of no values."""

from __future__ import annotations

FOR = "numpy"


def issubdtype(arg1, arg2):
    raise NotImplementedError("it operates on types, not on values; NumPy is fine here")


def promote_types(type1, type2):
    raise NotImplementedError("it operates on types, not on values; NumPy is fine here")


def result_type(*arrays_and_dtypes):
    raise NotImplementedError("it operates on types, not on values; NumPy is fine here")


can_cast = promote_types


def dtype(dtype):
    raise NotImplementedError("it operates on types, not on values; NumPy is fine here")


def generic():
    raise NotImplementedError("a class of types, of which there are no values; NumPy is fine here")


number = generic
integer = generic
signedinteger = generic
unsignedinteger = generic
inexact = generic
floating = generic
complexfloating = generic


def errstate():
    raise NotImplementedError("it silences NumPy's warnings, which tensors do not give; leave it as it is")


seterr = errstate


def einsum_path(subscripts, *operands):
    raise NotImplementedError("an order of multiplications has no gradient; NumPy is fine here")


def math():
    raise NotImplementedError("Python's module under another name: write math instead")
