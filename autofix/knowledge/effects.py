"""What calls from outside the file do to a gradient: tables of names, read by the interpreter.

Names are canonical: `numpy.mean` whatever the alias, `keras` for `tensorflow.keras`, `tensorflow` for its v1 and v2
views.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

Effect = Literal["keep", "cut", "inert"]

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

LEAVERS = {"numpy": "AF101", "math": "AF106", "scipy": "AF107", "sklearn": "AF107", "statistics": "AF106"}
"""Packages whose functions leave the graph, and the cause that is."""

INDICES = frozenset(
    "argmax argmin argsort argwhere nonzero flatnonzero argpartition searchsorted digitize bincount unique "
    "count_nonzero argmax_v2 histogram linear_sum_assignment nanargmax nanargmin lexsort "
    "unravel_index unique_all unique_counts unique_inverse unique_values histogram2d histogramdd "
    "histogram_bin_edges".split()
)
ROUNDING = frozenset(
    "round floor ceil trunc fix rint around sign round_ floor_ ceil_ sign_ heaviside floor_divide".split()
)
COMPARING = frozenset(
    "eq ne gt ge lt le equal not_equal greater greater_equal less less_equal logical_and logical_or logical_not "
    "isclose allclose isnan isinf isfinite greater_equal in_top_k array_equal array_equiv signbit "
    "isin in1d isposinf isneginf isreal iscomplex".split()
)
INTEGER_CASTS = frozenset("int long short bool byte char int8 int16 int32 int64 uint8".split())

SHAPES = frozenset(
    "shape size ndim dim numel device dtype stride requires_grad grad grad_fn is_leaf get_shape rank ndimension layout "
    "is_cuda sample sample_n name nbytes itemsize element_size is_floating_point result_type isinstance "
    "type len id hash".split()
)
"""Attributes and functions that say something about a tensor and carry nothing of its value."""

CONSTANTS = frozenset(
    "zeros ones empty full eye arange linspace logspace zeros_like ones_like empty_like rand randn randint randperm "
    "rand_like randn_like randint_like normal_like identity one_hot range fill random_normal random_uniform "
    "manual_seed set_seed default_rng finfo iinfo tri tril_indices triu_indices "
    "tril_indices_from triu_indices_from diag_indices_from broadcast_shapes get_static_value".split()
)
"""Functions whose result does not depend on the value of their tensor arguments, only on shapes or class numbers.

`tf.get_static_value` knows a tensor only where it is a constant of the graph, and gives None for what is computed.
"""

NEW_OF_ITS_KIND = frozenset({"new_zeros", "new_ones", "new_full", "new_empty"})
"""Methods that make a constant of the type and on the device of a tensor."""

NUMPY_KEEPS_TORCH_GRAPH = frozenset(
    "squeeze split array_split hsplit vsplit dsplit swapaxes real imag float32 float64".split()
)
"""NumPy functions that call the tensor's own method, so the graph is kept (measured with torch 2.13, NumPy 2.4)."""

JOINERS = frozenset({"numpy.r_", "numpy.c_"})
"""What joins arrays that are written between square brackets."""

BREAKING_METHODS = {
    "numpy": "AF102", "detach": "AF103", "detach_": "AF103", "item": "AF104", "tolist": "AF104",
}  # fmt: skip
BREAKING_ATTRIBUTES = {"data": "AF103"}

BREAKERS = {
    "builtins.float": "AF104", "builtins.int": "AF204", "builtins.bool": "AF203", "builtins.round": "AF202",
    "numpy.asarray": "AF102", "numpy.array": "AF102", "numpy.asanyarray": "AF102", "numpy.ascontiguousarray": "AF102",
    "keras.backend.eval": "AF102", "keras.backend.get_value": "AF102", "keras.ops.convert_to_numpy": "AF102",
    "tensorflow.make_ndarray": "AF102",
    "tensorflow.stop_gradient": "AF103", "keras.backend.stop_gradient": "AF103", "keras.ops.stop_gradient": "AF103",
    "tensorflow.py_function": "AF108", "tensorflow.numpy_function": "AF108", "tensorflow.py_func": "AF108",
    "torch.tensor": "AF105", "torch.Tensor": "AF105", "torch.FloatTensor": "AF105", "torch.DoubleTensor": "AF105",
    "torch.autograd.Variable": "AF105", "torch.from_numpy": "AF105", "tensorflow.Variable": "AF105",
}  # fmt: skip
"""Functions that end a gradient, and the cause that each is."""

NOT_RECORDING = frozenset(
    "torch.no_grad torch.inference_mode torch.autograd.no_grad torch.autograd.inference_mode "
    "tensorflow.GradientTape.stop_recording".split()
)
"""Blocks and decorators under which nothing is recorded, unless they are given False."""

RECORDING_SWITCHES = frozenset(
    "torch.set_grad_enabled torch.autograd.set_grad_enabled torch.autograd.grad_mode.set_grad_enabled".split()
)
"""Blocks that record what they are told to."""

PREDICTING = frozenset({"predict", "predict_on_batch"})
"""Methods of a Keras model that return arrays."""

DIFFERENTIATING = frozenset(
    "backward manual_backward autograd grad gradient GradientTape minimize compile add_loss training_step "
    "compute_loss optim optimizer optimizers".split()
)
"""Names by which a value is differentiated, or handed to a library that does."""

SWITCHES = frozenset({"requires_grad", "requires_grad_", "trainable"})
"""Names by which a parameter is frozen, or a value declared a leaf."""

REWRAPS = frozenset(
    "torch.tensor torch.Tensor torch.FloatTensor torch.DoubleTensor torch.autograd.Variable torch.from_numpy "
    "torch.as_tensor torch.asarray tensorflow.constant tensorflow.convert_to_tensor tensorflow.Variable "
    "tensorflow.identity keras.ops.convert_to_tensor keras.backend.constant keras.backend.variable".split()
)

PARAMETRIC = frozenset(
    "Linear Bilinear LazyLinear Sequential ModuleList Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d LSTM GRU "
    "RNN "
    "LSTMCell GRUCell RNNCell Embedding EmbeddingBag Transformer TransformerEncoder TransformerEncoderLayer Parameter "
    "MultiheadAttention BatchNorm1d BatchNorm2d LayerNorm GroupNorm PReLU DataParallel DistributedDataParallel "
    "Dense Conv1D Conv2D Conv3D Model BatchNormalization LayerNormalization SimpleRNN Bidirectional Functional "
    "Conv1DTranspose Conv2DTranspose DepthwiseConv2D SeparableConv2D".split()
)
"""Layers with trainable parameters: what they return carries a gradient whatever goes in."""


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
    if last in INDICES:
        return "AF201"
    if last in ROUNDING:
        return "AF202"
    if last in COMPARING:
        return "AF203"
    return None


_SPELLINGS = {
    "subtract": "sub", "multiply": "mul", "divide": "div", "true_divide": "div", "truediv": "div", "negative": "neg",
    "clip": "clamp", "clip_by_value": "clamp", "mm": "matmul", "bmm": "matmul", "absolute": "abs", "power": "pow",
    "concatenate": "cat", "concat": "cat", "arccos": "acos", "stop_gradient": "detach", "reduce_logsumexp": "logsumexp",
    "softmax_v2": "softmax",
}  # fmt: skip


@cache
def plain_name(callee: str) -> str:
    """Return the name of a function without its library: `mean` of `tensorflow.reduce_mean` and of `Tensor.mean`."""
    last = callee.rpartition(".")[2].rstrip("_")
    last = _SPELLINGS.get(last, last)
    return last.removeprefix("reduce_")
