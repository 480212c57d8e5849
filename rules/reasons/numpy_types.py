"""NumPy's types and settings, which speak of no values."""

from __future__ import annotations

FOR = "numpy"


def issubdtype(arg1, arg2):
    raise NotImplementedError("it speaks of types, not of values: it may stay NumPy")


def promote_types(type1, type2):
    raise NotImplementedError("it speaks of types, not of values: it may stay NumPy")


def result_type(*arrays_and_dtypes):
    raise NotImplementedError("it speaks of types, not of values: it may stay NumPy")


can_cast = promote_types


def dtype(dtype):
    raise NotImplementedError("it speaks of types, not of values: it may stay NumPy")


def generic():
    raise NotImplementedError("a class of types, of which there are no values: it may stay NumPy")


number = generic
integer = generic
signedinteger = generic
unsignedinteger = generic
inexact = generic
floating = generic
complexfloating = generic


def errstate():
    raise NotImplementedError("it silences NumPy's warnings, which tensors do not give: it may stay")


seterr = errstate


def einsum_path(subscripts, *operands):
    raise NotImplementedError("an order of multiplications carries no gradient: it may stay NumPy")


def math():
    raise NotImplementedError("Python's module under another name: write math instead")
