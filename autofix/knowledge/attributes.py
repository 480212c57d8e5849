"""The attributes and methods that NumPy's arrays and numbers have; those of tensors are in `frameworks`."""

from __future__ import annotations

OF_ARRAYS = frozenset(
    "T all any argmax argmin argpartition argsort astype base byteswap choose clip compress conj conjugate copy "
    "ctypes cumprod cumsum data diagonal dot dtype dump dumps fill flags flat flatten getfield imag item itemsize max "
    "mean min nbytes ndim nonzero partition prod put ravel real repeat reshape resize round searchsorted setfield "
    "setflags shape size sort squeeze std strides sum swapaxes take tobytes tofile tolist trace transpose var "
    "view".split()
)
OF_SCALARS = (OF_ARRAYS | {"as_integer_ratio", "is_integer"}) - {"argpartition", "ctypes", "dot", "partition"}
DEPENDING_ON_THE_VERSION = frozenset("device mT to_device itemset newbyteorder ptp nbytes itemsize".split())
"""What arrays or tensors have in some versions of their libraries only."""

OF_CONTAINERS = frozenset("__len__ __iter__ __getitem__ __array__ __add__ __mul__ __sub__ __neg__ __abs__".split())
