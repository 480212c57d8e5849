"""The frameworks, one record each: how a file imports one, and what the engine must know of its tensors and functions.

Adding a framework is a record here, a backend in `worker/backends/` and a folder of rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from autofix.model import Framework


@dataclass(frozen=True)
class Record:
    """What is known of one framework.

    Importing one of `packages` means it; `module` is what a rewrite names, as `alias` where the file has no name for
    it. Its losses run on `runs_on`. Copies of shared functions end in `suffix`.
    """

    name: Framework
    title: str
    packages: tuple[str, ...]
    module: str
    alias: str
    suffix: str
    runs_on: Framework
    to_array: str
    """A plain array of a tensor `{0}` with a gradient, `{1}` being the module."""
    to_double: str
    """A cast of `x` to float64, `{0}` being the module."""
    double: str
    """The type float64."""
    is_floating: str
    """The attribute of a dtype that says whether it is a floating one."""
    common_loss: str
    """An import of a loss that stands in for one which is handed to a step."""
    differentiation: str
    """How a call of a loss is differentiated."""
    takes_arrays: bool
    """Functions and operators take arrays beside tensors."""
    promotes: bool
    """Operators promote tensors of two types to a common one."""
    reads_as_plain: bool
    """NumPy, `math` and `float` read a tensor with a gradient as the numbers in it; they raise otherwise."""
    numpy_keeps_gradient: bool
    """NumPy functions that call a method of the tensor keep its gradient."""
    has_tape: bool
    """Gradients are asked of a tape; otherwise `backward` is called on a scalar."""
    traces: bool
    """A loss is compiled for any batch size, where shapes are known only when the graph runs."""
    assigns_in_place: bool
    """Elements of a tensor may be assigned."""
    declares_leaves: bool
    """A value becomes a parameter by `requires_grad`."""
    adds_weights: bool
    """`add_weight` makes a parameter, and `predict` gives arrays."""
    not_recorded: str
    """What of `module` switches recording off for a block; empty where only a tape does."""
    has_devices: bool
    """A tensor is made on a device that the program names."""
    singular_norm: bool
    """The gradient of a norm along an axis is not finite at zero."""
    errors: frozenset[str]
    """The exceptions that it raises itself."""
    array_only: frozenset[str]
    """What an array of NumPy has, and a tensor has not."""
    attributes: frozenset[str]
    private_attributes: frozenset[str]
    lists_all_attributes: bool
    """A tensor has none but `attributes`."""
    instance_of: frozenset[str]
    """The classes that a tensor is an instance of."""
    same_on_numbers: frozenset[str]
    """Attributes that give the same of a tensor with a gradient as of the number or array that it was before."""

    @property
    def statement(self) -> str:
        """Return how a file imports `module`."""
        package, _, last = self.module.rpartition(".")
        if package:
            return f"from {package} import {last}" + (f" as {self.alias}" if self.alias != last else "")
        return f"import {last}" + (f" as {self.alias}" if self.alias != last else "")


TORCH = Record(
    name="torch",
    title="PyTorch",
    packages=("torch",),
    module="torch",
    alias="torch",
    suffix="torch",
    runs_on="torch",
    to_array="{0}.detach().numpy()",
    to_double="x.double()",
    double="{0}.float64",
    is_floating="is_floating_point",
    common_loss="from torch.nn.functional import mse_loss as {name}",
    differentiation="    {call}.backward()\n",
    takes_arrays=False,
    promotes=True,
    reads_as_plain=False,
    numpy_keeps_gradient=True,
    has_tape=False,
    traces=False,
    assigns_in_place=True,
    declares_leaves=True,
    adds_weights=False,
    not_recorded="no_grad",
    has_devices=True,
    singular_norm=False,
    lists_all_attributes=False,
    errors=frozenset({"RuntimeError"}),
    array_only=frozenset(
        "argpartition astype base byteswap choose compress conjugate copy ctypes dump dumps fill flags flat getfield "
        "partition searchsorted setfield setflags strides tobytes tofile".split()
    ),
    attributes=frozenset(
        "T all any argmax argmin argsort clip conj cumprod cumsum data diagonal dot dtype flatten imag item max mean "
        "min ndim nonzero prod put ravel real repeat reshape resize round shape size sort squeeze std sum swapaxes "
        "take tolist trace transpose var view".split()
    ),
    private_attributes=frozenset(
        "_addmm_activation _autocast_to_full_precision _autocast_to_reduced_precision _backward_hooks _base _cdata "
        "_clear_non_serializable_cached_data _coalesced_ _conj _conj_physical _dimI _dimV _dtensor__new__ "
        "_fix_weakref _grad _grad_fn _has_symbolic_sizes_strides _indices _is_all_true _is_any_true _is_view "
        "_is_zerotensor _lazy_clone _make_subclass _make_wrapper_subclass _neg_view _nested_tensor_size "
        "_nested_tensor_storage_offsets _nested_tensor_strides _nnz _philox_normal_ _philox_uniform_ "
        "_post_accumulate_grad_hooks _python_dispatch _reduce_ex_internal _rev_view_func_unsafe "
        "_sparse_mask_projection _to_dense _to_sparse _to_sparse_bsc _to_sparse_bsr _to_sparse_csc _to_sparse_csr "
        "_typed_storage _use_count _values _version _view_func _view_func_unsafe".split()
    ),
    instance_of=frozenset("Tensor Iterable Sized Collection Container Reversible Hashable object".split()),
    same_on_numbers=frozenset(
        {"item", "detach", "tolist", "ndim", "requires_grad_", "requires_grad", "retain_grad", "backward"}
    ),
)

TENSORFLOW = Record(
    name="tensorflow",
    title="TensorFlow",
    packages=("tensorflow", "tf_keras"),
    module="tensorflow",
    alias="tf",
    suffix="tf",
    runs_on="tensorflow",
    to_array="{0}.numpy()",
    to_double="{0}.cast(x, {0}.float64)",
    double="{0}.float64",
    is_floating="is_floating",
    common_loss="from tensorflow.compat.v1.losses import mean_squared_error as {name}",
    differentiation=(
        "    import tensorflow\n\n    with tensorflow.GradientTape() as tape:\n        loss = {call}\n"
        "    tape.gradient(loss, model.trainable_variables)\n"
    ),
    takes_arrays=True,
    promotes=False,
    reads_as_plain=True,
    numpy_keeps_gradient=False,
    has_tape=True,
    traces=True,
    assigns_in_place=False,
    declares_leaves=False,
    adds_weights=True,
    not_recorded="",
    has_devices=False,
    singular_norm=True,
    lists_all_attributes=True,
    errors=frozenset({"InvalidArgumentError", "OpError"}),
    array_only=frozenset(
        "T all any argmax argmin argpartition argsort astype base byteswap choose clip compress conj conjugate "
        "copy ctypes cumprod cumsum diagonal dot dump dumps fill flags flat flatten getfield imag item itemsize mT "
        "max mean min nbytes nonzero partition prod put ravel real repeat reshape resize round searchsorted "
        "setfield setflags size sort squeeze std strides sum swapaxes take tobytes tofile tolist trace transpose "
        "var view".split()
    ),
    attributes=frozenset(
        "OVERLOADABLE_OPERATORS backing_device consumers cpu device dtype eval experimental_ref get_shape gpu graph "
        "is_packed name ndim numpy op ref set_shape shape value_index".split()
    ),
    private_attributes=frozenset(
        "_USE_EQUALITY _add_consumer _as_node_def_input _as_tf_output _capture_as_const _copy _copy_nograd "
        "_copy_to_device _datatype_enum _disallow _disallow_bool_casting _disallow_iteration _get_first_dim "
        "_handle_data _id _keras_mask _matmul _num_elements _numpy _numpy_internal _numpy_style_getitem "
        "_override_operator _prefer_custom_summarizer _rank _record_tape _shape _shape_as_list _shape_tuple "
        "_summarize_value _tensor_shape _tf_api_names _tf_api_names_v1 _with_index_add _with_index_max "
        "_with_index_min _with_index_update".split()
    ),
    instance_of=frozenset({"Tensor", "EagerTensor", "Iterable", "Sized", "Hashable", "object"}),
    same_on_numbers=frozenset({"ndim"}),
)

KERAS = replace(
    TENSORFLOW,
    name="keras",
    title="Keras",
    packages=("keras",),
    module="keras.ops",
    alias="ops",
    suffix="keras",
    to_array="{1}.convert_to_numpy({0})",
    to_double='{0}.cast(x, "float64")',
    double='"float64"',
)
"""Keras 3 by itself: written with `keras.ops`, whatever Keras runs on. The rest is as with TensorFlow, on which a trial
runs it."""

ALL = (TORCH, TENSORFLOW, KERAS)
NAMES: tuple[Framework, ...] = tuple(each.name for each in ALL)
PACKAGES: Mapping[str, Framework] = {package: each.name for each in ALL for package in each.packages}
"""The packages that mean a framework."""

SAME_ON_NUMBERS = frozenset().union(*(each.same_on_numbers for each in ALL))
"""Attributes that give the same of a tensor of some framework as of the number or array that it was before."""

_BY_NAME = {each.name: each for each in ALL}

TRACING = frozenset({"function", "autograph", "graph", "set_jit"})
"""Names that stand for compiling a function to a graph, or may do so: `tf.function` above all."""

EAGER_SWITCH, RUNS_EAGERLY = "run_functions_eagerly", "tf.config.run_functions_eagerly(True)"
"""The function by which nothing is compiled to a graph, and its call."""

CALLED = ("forward", "call", "__call__")
"""The methods of an object that run when it is called itself."""

KERAS_BACKEND = "keras.backend"
KERAS_3_BACKEND = frozenset(
    "backend clear_session epsilon floatx get_uid image_data_format is_float_dtype is_int_dtype is_keras_tensor "
    "result_type set_epsilon set_floatx set_image_data_format standardize_dtype".split()
)
"""What is left of `keras.backend` in Keras 3: a file that uses more of it was written for Keras 2."""


def record_of(framework: Framework) -> Record:
    """Return the record of a framework."""
    return _BY_NAME[framework]


def framework_of(name: str) -> Framework | None:
    """Return the framework that a dotted name belongs to."""
    return PACKAGES.get(name.partition(".")[0])


def written_in(imported: Iterable[str], of_keras_backend: Iterable[str] = ()) -> tuple[Framework, ...]:
    """Return the frameworks that a file is written in, by the modules that it imports and what it uses of `K`.

    Keras is one where nothing else is imported. Beside TensorFlow or PyTorch, and in Keras 2, a loss of Keras is
    written with TensorFlow's functions.
    """
    found = dict.fromkeys(framework for name in imported if (framework := framework_of(name)) is not None)
    if len(found) > 1 or (KERAS.name in found and not KERAS_3_BACKEND.issuperset(of_keras_backend)):
        found = dict.fromkeys(record_of(framework).runs_on for framework in found)
    return tuple(found)
