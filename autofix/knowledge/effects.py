"""What calls from outside the file do to a gradient: sets of names from the catalogue, read by the interpreter.

Names are canonical: `numpy.mean` whatever the alias, `keras` for `tensorflow.keras`, `tensorflow` for its v1 and v2
views.
"""

from __future__ import annotations

from functools import cache

from autofix.knowledge import tensor_operations
from autofix.knowledge.libraries import OUTSIDE
from autofix.knowledge.operations import SPELLINGS, causes, causes_in, has, having

_VIEWS = (
    ("tensorflow.compat.v1", "tensorflow"),
    ("tensorflow.compat.v2", "tensorflow"),
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.keras", "keras"),
    ("tensorflow.math", "tensorflow"),
    ("tf_keras", "keras"),
    ("numpy.math", "math"),
)
"""Modules that are a view of another one, longest first."""

PARTIAL_VIEWS = frozenset({"tensorflow.math", "numpy.math"})
"""Those that have not all of its names."""

LEAVERS = {"numpy": "AF101", "math": "AF106", "scipy": "AF107", "sklearn": "AF107", "statistics": "AF106"}
LEAVERS |= dict.fromkeys(OUTSIDE, "AF107")
"""Packages whose functions leave the graph, and the cause that is."""

INDICES, COMPARING = having("AF201"), having("AF203")
INTEGER_CASTS = having("AF204")
_CAUSES = causes()
DISCRETE = causes_in(tensor_operations.DISCRETE)
"""Functions and methods whose results move in steps, by their last names, and the cause that each is."""

SHAPES = having("describes")
CONSTANTS = having("constant")
NEW_OF_ITS_KIND = having("new-of-its-kind")
NUMPY_KEEPS_TORCH_GRAPH = having("keeps-torch-graph")
JOINERS = having("joins")
NOT_RECORDING = having("stops-recording")
RECORDING_SWITCHES = having("switches-recording")
SWITCHES = having("freezes")
REWRAPS = having("rewraps")
PARAMETRIC = having("trainable")

BREAKERS = {name: code for name, code in _CAUSES.items() if "." in name and not name.startswith("Tensor.")}
"""Functions that end a gradient, and the cause that each is."""

_OF_TENSORS = {name.removeprefix("Tensor."): code for name, code in _CAUSES.items() if name.startswith("Tensor.")}
BREAKING_ATTRIBUTES = {name: code for name, code in _OF_TENSORS.items() if has(f"Tensor.{name}", "attribute")}
BREAKING_METHODS = {name: code for name, code in _OF_TENSORS.items() if name not in BREAKING_ATTRIBUTES}


@cache
def canonical(name: str) -> str:
    """Return the one name under which `name` stands in the tables."""
    for view, module in _VIEWS:
        if name == view or name.startswith(view + "."):
            return module + name[len(view) :]
    return name


def package_of(name: str) -> str:
    """Return the top-level package of a dotted name."""
    return name.partition(".")[0]


def discrete(last: str) -> str | None:
    """Return the cause of a function, by its last name, whose result moves in steps; None for all others."""
    return DISCRETE.get(last)


@cache
def plain_name(callee: str) -> str:
    """Return the name of a function without its library: `mean` of `tensorflow.reduce_mean` and of `Tensor.mean`."""
    last = callee.rpartition(".")[2].rstrip("_")
    last = SPELLINGS.get(last, last)
    return last.removeprefix("reduce_")


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
