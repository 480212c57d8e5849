"""Whether a loss would mix devices if its arguments were on an accelerator, found without one.

Every tensor that is given counts as elsewhere, every tensor that is made without a device as on the CPU, and what an
operation gives is where its operands are. The meta device says the same and takes a second to be imported.

PyTorch's part of finding where a gradient is lost: every operation is seen, with what went in and what came out.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from types import CodeType
from typing import Any

from ..draw import together
from ..provenance import own_frames_below
from ..records import LEAF, REENTRANT

STRICT = frozenset({"stack", "cat", "concat", "concatenate", "hstack", "vstack", "matmul", "mm", "bmm", "dot", "mv"})
FREE = frozenset({"__getitem__", "to", "copy_", "type_as", "cpu", "cuda", "set_", "__get__", "__set__", "equal"})


class MixedDevices(Exception):
    """An operation met a tensor on the CPU and one that is elsewhere."""


def device_mode(torch: Any, elsewhere: list[Any]) -> Any:
    """A context in which the first operation that mixes devices raises `MixedDevices`."""

    class Devices(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.places: dict[int, tuple[Any, bool]] = {}
            self.place(elsewhere, on_cpu=False)

        def place(self, result: Any, on_cpu: bool) -> None:
            for tensor in tensors(torch, result):
                self.places[id(tensor)] = (tensor, on_cpu)

        def on_cpu(self, tensor: Any) -> bool | None:
            return self.places.get(id(tensor), (None, None))[1]

        def __torch_function__(
            self, function: Callable[..., Any], types: Any, arguments: Any = (), named: dict[str, Any] | None = None
        ) -> Any:
            named = named or {}
            inputs = list(tensors(torch, (arguments, named)))
            known = [(one, where) for one in inputs if (where := self.on_cpu(one)) is not None]
            name = getattr(function, "__name__", "")
            if any(not where for _, where in known) and name not in FREE:
                left = [one for one, where in known if where and (one.dim() or name in STRICT)]
                if left:
                    raise MixedDevices(f"{name} met float{list(left[0].shape)} on the CPU")
            result = function(*arguments, **named)
            self.place(result, self.result_on_cpu(name, inputs, arguments, named))
            return result

        def result_on_cpu(self, name: str, inputs: list[Any], arguments: Any, named: dict[str, Any]) -> bool:
            if name == "cpu":
                return True
            wanted = [one for one in (*arguments[1:], named.get("device")) if isinstance(one, (str, torch.device))]
            if any(one == "cpu" for one in wanted if isinstance(one, str)):
                return True
            if any(isinstance(one, torch.device) or one.startswith("cuda") for one in wanted):
                return False
            if name in ("to", "type_as") and len(inputs) > 1:
                return self.on_cpu(inputs[1]) is True
            return all(self.on_cpu(one) is True for one in inputs)

    return Devices()


def tensors(torch: Any, value: Any) -> Iterator[Any]:
    """Every tensor in nested tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from tensors(torch, item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from tensors(torch, item)


ARRAYS = frozenset({"numpy", "__array__"})
NUMBERS = frozenset({"item", "tolist", "__float__", "__int__", "__index__", "__complex__"})
TRUTHS = frozenset({"__bool__", "is_nonzero", "equal", "allclose"})
DESCRIBES = frozenset(
    "requires_grad grad_fn is_leaf grad _grad shape dtype device ndim dim size numel is_floating_point is_complex "
    "is_contiguous stride requires_grad_ retain_grad register_hook __repr__ __format__ __hash__ __len__ backward "
    "zeros_like ones_like empty_like full_like rand_like randn_like randint_like new_zeros new_ones new_empty new_full "
    "is_sparse layout names output_nr _version is_cuda zero_ __deepcopy__".split()
)
"""What says something of a tensor and gives none of its numbers."""
CUTS = frozenset({"detach", "detach_", "data"})
STEPS = frozenset("round floor ceil trunc fix sign sgn heaviside floor_divide __floordiv__ __rfloordiv__".split())
STEPS_IN_PLACE = frozenset(f"{name}_" for name in ("round", "floor", "ceil", "trunc", "fix", "sign", "sgn"))
COPIES = frozenset({"tensor", "as_tensor", "asarray", "new_tensor", "from_numpy", "scalar_tensor"})


ADDS = frozenset("add __add__ __radd__ __iadd__ add_ stack cat concat concatenate hstack vstack".split())
SUBTRACTS = frozenset("sub __sub__ __rsub__ __isub__ sub_ rsub subtract".split())
"""What makes a sum, or what sums are made of, of numbers that have a gradient and such that have none."""
UNEVEN = 12.9898
REENTRANT_FILE = "torch/utils/checkpoint.py"
REENTRANT_FUNCTION = "forward"
"""Where re-entrant checkpointing runs what it is given: under `no_grad`, once for the value."""


class TracingBackend:
    """What a backend has to offer to those that look where a gradient is lost."""

    torch: Any
    tensor_type: Any

    def tracing(self, recorder: Any, known: Sequence[Any]) -> Any:
        """A context in which a recorder is told of every loss of gradient, where `known` are what may have one."""
        return tracing_mode(self.torch, recorder, known)

    def copied(self, value: Any) -> Any:
        """A value as it is now, whatever is written into it later."""
        if isinstance(value, self.tensor_type):
            return value.detach().clone()
        return value.copy() if hasattr(value, "copy") else value

    def watch(self, call: Callable[[list[Any]], Any], tensors: list[Any]) -> Any:
        """The result of a call whose tensors have a gradient, which nobody asks for."""
        with self.torch.enable_grad():
            return call([tensor.requires_grad_().clone() for tensor in tensors])

    def shifted(self, value: Any, by: float) -> Any:
        """A tensor a little away from another, each element by another step, so that their differences change."""
        places = self.torch.arange(value.numel(), device=value.device, dtype=self.torch.double)
        steps = 2 + self.torch.sin(UNEVEN * places)
        return value.detach() + by * steps.reshape(value.shape).to(value.dtype)

    def mirrored(self, value: Any) -> Any:
        """The same numbers in the other order."""
        return value.detach().reshape(-1).flip(0).reshape(value.shape)

    def overwrite(self, target: Any, value: Any) -> None:
        with self.torch.no_grad():
            target.copy_(value)


def tracing_mode(torch: Any, recorder: Any, known: Sequence[Any], is_root: Callable[[Any], bool] | None = None) -> Any:
    """A context in which the recorder is told of every loss of gradient; `known` are what may have one.

    In a whole program, which finds its parameters itself, `is_root` says whether a leaf is one.
    """

    class Tracing(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            # What is kept here keeps its id.
            self.live = {id(one): one for one in known}
            self.dead: dict[int, Any] = {}
            self.aliases: dict[int, Any] = {}
            recorder.is_live = self.is_live

        def is_live(self, value: Any) -> bool:
            """Whether it has a gradient of something that was given: a leaf made in the loss has only its own."""
            if not isinstance(value, torch.Tensor) or not value.requires_grad:
                return False
            if value.is_leaf and is_root is not None:
                return is_root(value)
            return id(value) in self.live or not (value.is_leaf or id(value) in self.dead)

        def __torch_function__(
            self, function: Callable[..., Any], types: Any, arguments: Any = (), named: dict[str, Any] | None = None
        ) -> Any:
            named = named or {}
            name = name_of(function)
            if name == "grad" and is_root is not None and not recorder.resting:
                return self.of_leaf(arguments[0], function(*arguments, **named))
            if recorder.resting or name in DESCRIBES:
                return function(*arguments, **named)
            inputs = list(tensors(torch, (arguments, named)))
            if not any(self.is_live(one) for one in inputs):
                result = self.rewrapped(name, function(*arguments, **named), named)
                kept = {id(one): one for one in tensors(torch, result)}
                self.dead.update(kept)
                if name == "data":
                    self.aliases.update(kept)
                if name == "detach" and kept:
                    result = recorder.silenced(result)
                    self.dead[id(result)] = result
                return result
            if name in ADDS or name in SUBTRACTS:
                recorder.added(self.constants(arguments), name in SUBTRACTS)
            if name in COPIES and arguments:
                recorder.form = form_of(torch, arguments[0])
            if name in ARRAYS and is_root is None:  # a tensor with a gradient would refuse
                arguments = (arguments[0].detach(), *arguments[1:])
            result = function(*arguments, **named)
            if name == "__setitem__" or (name.endswith("_") and not name.endswith("__")):
                self.write(name, arguments[0] if arguments else inputs[0], result)
                return result
            return self.passed(name, result)

        def constants(self, arguments: Any) -> list[Any]:
            """The single numbers without a gradient among some arguments."""
            given = [one for each in arguments for one in (each if isinstance(each, (list, tuple)) else [each])]
            return [one for one in given if is_number(torch, one) and not self.is_live(one)]

        def rewrapped(self, name: str, result: Any, named: dict[str, Any]) -> Any:
            """What a whole program goes on with, where it makes a leaf of numbers: a gradient may have ended before."""
            if is_root is None or name not in COPIES or not named.get("requires_grad"):
                return result
            recorder.form = LEAF
            return recorder.lost(result, "AF105").requires_grad_()

        def of_leaf(self, leaf: Any, gradient: Any) -> Any:
            """The gradient that a leaf keeps: of one that is not trained, a loss may be made from it."""
            if gradient is None or gradient.requires_grad or (is_root is not None and is_root(leaf)):
                return gradient
            return recorder.lost(gradient, "AF307", True)

        def write(self, name: str, target: Any, result: Any) -> None:
            if name in STEPS_IN_PLACE or name == "detach_":
                self.live.pop(id(target), None)
                self.dead[id(target)] = target
                recorder.written(target, "AF103" if name == "detach_" else "AF202")
            elif not target.requires_grad or id(target) in self.aliases:
                recorder.form = form_of_unrecorded() if not torch.is_grad_enabled() else recorder.form
                recorder.written(target, "AF103" if torch.is_grad_enabled() else "AF109")
            else:
                self.live[id(target)] = target

        def passed(self, name: str, result: Any) -> Any:
            """What the loss goes on with, after an operation on a live value."""
            if isinstance(result, torch.Tensor):
                if result.requires_grad and not result.is_leaf and name not in STEPS:
                    self.live[id(result)] = result
                    return result
                cause = cause_of(torch, name, result)
                recorder.form = form_of_unrecorded() if cause == "AF109" else recorder.form
                kept = recorder.lost(result, cause, name in CUTS)
                self.dead[id(kept)] = kept
                if name == "data":
                    self.aliases[id(kept)] = kept
                return kept
            if isinstance(result, (tuple, list)) and any(isinstance(one, torch.Tensor) for one in result):
                items = [self.passed(name, one) for one in result]
                same = all(one is other for one, other in together(items, result))
                return result if same else type(result)(items)
            if name in ARRAYS or name in NUMBERS or name in TRUTHS:
                return recorder.lost(result, cause_of(torch, name, result), name in ARRAYS or name in NUMBERS)
            return result

    return Tracing()


def cause_of(torch: Any, name: str, result: Any) -> str:
    """The likeliest cause of what an operation gives without a gradient: a tensor, an array, a number or a truth."""
    if name in ARRAYS:
        return "AF102"
    if name in NUMBERS:
        return "AF104"
    if name in CUTS:
        return "AF103"
    if name in COPIES:
        return "AF105"
    if name in STEPS:
        return "AF202"
    if name in TRUTHS or result.dtype == torch.bool:
        return "AF203"
    if not (result.is_floating_point() or result.is_complex()):
        return "AF204" if name in ("to", "type", "long", "int", "short", "char", "byte") else "AF201"
    return "AF103" if torch.is_grad_enabled() else "AF109"


def form_of_unrecorded() -> str:
    """Why nothing is recorded: `reentrant` and how many of the user's frames a checkpoint runs; empty for others."""
    below = own_frames_below(sys._getframe(1), is_reentrant)
    return "" if below is None else f"{REENTRANT}{below}"


def is_reentrant(code: CodeType) -> bool:
    file = code.co_filename.replace("\\", "/")
    return code.co_name == REENTRANT_FUNCTION and file.endswith(REENTRANT_FILE)


def is_number(torch: Any, value: Any) -> bool:
    """Whether this is one number: a tensor or an array of one that is no integer, or Python's."""
    if isinstance(value, torch.Tensor):
        return bool(value.numel() == 1 and value.is_floating_point())
    return type(value) in (int, float) or ("float" in str(getattr(value, "dtype", "")) and bool(value.size == 1))


MOST_ITEMS = 1000
"""Of longer lists nobody asks what is in them: who writes out so many?"""


def form_of(torch: Any, value: Any, depth: int = 3) -> str:
    """How a value that is made a tensor is built: `tensor`, `number`, or `[…]` around what its items are.

    Items that are alike are said once: `[scalar]` for any number of them, but `[scalar number scalar]`.
    """
    if isinstance(value, torch.Tensor):
        return "tensor" if value.dim() else "scalar"
    if isinstance(value, (list, tuple)) and depth and len(value) <= MOST_ITEMS:
        inner = [form_of(torch, item, depth - 1) for item in value]
        return f"[{' '.join(inner[:1] if len(set(inner)) == 1 else inner)}]"
    return "number" if isinstance(value, (bool, int, float)) else "other"


def name_of(function: Any) -> str:
    """The name of an operation; of a property the property's."""
    name = str(getattr(function, "__name__", ""))
    return str(getattr(function.__self__, "__name__", "")) if name in ("__get__", "__set__") else name
