"""Python's own functions that take a number out of the graph."""

from __future__ import annotations

import builtins

from keras import ops

FOR = "builtins"


def float(x):
    assert len(x.shape) == 0
    return x


def float__of_one_element(x):
    return ops.squeeze(x)


def int(x):
    raise NotImplementedError("a cast to integers has no gradient")


def bool(x):
    raise NotImplementedError("a Boolean has no gradient")


def round(number, ndigits=None):
    raise NotImplementedError("the gradient of rounding is zero everywhere")


def len(obj):
    return ops.shape(obj)[0]


def abs(x):
    return ops.abs(x)


def pow(base, exp):
    return base**exp


def sum(iterable):
    raise NotImplementedError("Python's own sum adds tensors one by one and keeps the graph; leave it as it is")


def max(arg1, arg2):
    if isinstance(arg1, (builtins.int, builtins.float)):
        return ops.maximum(arg1, arg2)
    if isinstance(arg2, (builtins.int, builtins.float)):
        return ops.maximum(arg1, arg2)
    raise NotImplementedError("Python's own max and min choose one of the tensors and keep the graph; leave them")


def min(arg1, arg2):
    if isinstance(arg1, (builtins.int, builtins.float)):
        return ops.minimum(arg1, arg2)
    if isinstance(arg2, (builtins.int, builtins.float)):
        return ops.minimum(arg1, arg2)
    raise NotImplementedError("Python's own max and min choose one of the tensors and keep the graph; leave them")
