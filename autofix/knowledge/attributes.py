"""What NumPy's arrays and numbers have, and are instances of; what a framework's tensors have is in `frameworks`."""

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

ASKED_OF_TENSORS = frozenset(
    "shape dtype device T mT ndim data grad real imag mean sum size dim view reshape detach numpy item cpu cuda to "
    "float double long int bool log exp sqrt square abs pow clamp squeeze unsqueeze flatten transpose permute t std "
    "var max min softmax log_softmax sigmoid tanh relu norm gather contiguous repeat expand type_as get_shape "
    "requires_grad requires_grad_ numel backward rank name clone tolist matmul mm bmm argmax sort topk".split()
)
ASKED_OF_MODELS = frozenset(
    "train eval to cuda cpu float double half parameters named_parameters zero_grad trainable_variables state_dict "
    "trainable_weights variables weights training losses requires_grad_ modules children".split()
)
"""Attributes and methods whose use shows that a value is a tensor, or a model."""

_NUMBER = frozenset({"Number", "Complex", "Real", "Hashable", "object"})
_SCALAR = _NUMBER | {"floating", "inexact", "number", "generic"}
INSTANCE_OF = {
    "array": frozenset({"ndarray", "Iterable", "Sized", "Collection", "Container", "object"}),
    "list": frozenset("list Sequence MutableSequence Iterable Sized Collection Container Reversible object".split()),
    "scalar": _SCALAR | {"float32"},
    "double": _SCALAR | {"float64", "double", "float"},
    "float": _NUMBER | {"float"},
    "int": _NUMBER | {"int", "Rational", "Integral"},
}
"""The classes that a plain value is an instance of, by its kind; a `double` is `np.float64`."""

NEVER_INSTANCE_OF = frozenset(
    "str bytes bytearray dict tuple set frozenset bool complex NoneType Mapping MutableMapping OrderedDict "
    "defaultdict deque Module Layer Model Path Image DataFrame Series Variable Parameter PackedSequence RaggedTensor "
    "SparseTensor matrix MaskedArray ModelOutput".split()
)
"""Classes that no tensor, array or number is an instance of."""
