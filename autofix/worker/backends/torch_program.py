"""PyTorch's part of watching a program: its optimizers and their parameters, and each value that is differentiated."""

from __future__ import annotations

import base64
import contextlib
import functools
import gc
import importlib
import importlib.util
import sys
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..draw import together
from ..numbers import Numbers
from ..numerics import weights
from ..provenance import Frame, user_frames, where_called
from ..record import Event, Record, Trained, frames_at, sent_values
from ..records import LEAF, UPSTREAM
from .torch_born import Born
from .torch_cleared import Cleared
from .torch_elsewhere import Elsewhere
from .torch_provenance import name_of, tensors, tracing_mode
from .torch_unheld import Unheld
from .torch_unregistered import Unregistered

COPIES = frozenset(
    "detach clone __deepcopy__ size dim ndimension numel nelement __len__ is_floating_point is_complex is_contiguous "
    "contiguous element_size stride storage untyped_storage data_ptr storage_offset type is_shared pin_memory "
    "zeros_like empty_like ones_like rand_like randn_like full_like register_hook get_device "
    "__repr__ __format__ __hash__ __setstate__ __reduce_ex__ __contains__".split()
)
PLAIN = frozenset({"detach", "data"})
"""What gives the plain value of a parameter: where an optimizer holds it, it may be used as that."""
GRADIENT = "grad"
VIEWS = frozenset({"T", "mT", "H", "mH", "real", "imag"})
"""What reads a parameter in order to copy or describe it: it is not in use yet."""
ASKING = (
    "all any amax amin max min argmax argmin clip cumprod cumsum mean median prod ptp ravel repeat reshape round "
    "squeeze std sum swapaxes take transpose var diff sort argsort".split()
)
"""Functions of NumPy that hand over to the method of that name where their argument is no array."""
MOST_NODES = 20
MOST_KEPT = 1000
PARTS = frozenset({"_parameters", "_buffers", "_modules"})
"""Where a module keeps what it registers."""
ACCELERATORS = frozenset({"cuda", "mps", "xpu", "hpu", "xla"})
OF_DEVICES = ("synchronize", "set_device", "empty_cache", "reset_peak_memory_stats", "reset_max_memory_allocated")


class ProgramBackend:
    """What a backend has to offer to those that watch a program."""

    torch: Any
    tensor_type: Any
    watched: Watch

    def watch_program(self, record: Record) -> None:
        """Watch from now on, for as long as the process lives."""
        self.watched = Watch(self.torch, record)
        self.watched.begin()

    def uncut_program(self) -> None:
        """Have `detach` and `data` do nothing from now on, but for leaves: parameters are initialized by them."""
        tensor = self.tensor_type
        own, data, record = tensor.detach, tensor.data, self.watched.record
        tensor.detach = lambda value: own(value) if value.is_leaf or record.asleep else value
        tensor.data = property(
            lambda value: data.__get__(value) if value.is_leaf or record.asleep else value, data.__set__
        )

    def trace_program(self, record: Record) -> None:
        """Note from now on where gradients end (`record.ends`)."""
        mode = tracing_mode(self.torch, record.ends, (), self.watched.is_trained)
        mode.__enter__()
        self.watched.kept.append(mode)
        for kind in (self.torch.autograd.Variable, self.torch.nn.Parameter):
            kind.__new__ = rewrapping(kind.__new__, record.ends, kind is self.torch.autograd.Variable)


@dataclass
class Beside:
    """The leaves that are no parameters which the gradient of a value reaches, and the square of its length by them."""

    event: Event
    reaches: list[int] = field(default_factory=list)
    squared: float = 0.0


class Watch:
    """The optimizers of a program, what they hold, and what is differentiated.

    `order` has the parameters by their first use, `remade` those that the program makes of what has a gradient,
    `copies` parameters with those that they are copies of; `nested` are optimizers that hold such.
    """

    def __init__(self, torch: Any, record: Record) -> None:
        self.torch, self.record = torch, record
        self.parameters: dict[int, Any] = {}
        self.kept: list[Any] = []
        self.order: dict[int, int] = {}
        self.numbers = Numbers()
        self.beside: list[Beside] = []
        self.remade: dict[int, Any] = {}
        self.moved: set[int] = set()
        self.first: dict[int, list[Frame]] = {}
        self.last: dict[int, str] = {}
        self.before: dict[int, Any] = {}
        self.earlier: dict[int, Any] = {}
        self.waiting: dict[int, tuple[Any, list[Frame]]] = {}
        self.copies: dict[int, tuple[Any, Any]] = {}
        self.nested: dict[int, Any] = {}
        self.unregistered = Unregistered(torch)
        self.unheld = Unheld(torch)
        self.born = Born(torch, self.unheld)
        self.cleared = Cleared(torch)
        self.elsewhere = Elsewhere(torch, self.unheld)
        self.backward, self.grad = torch.autograd.backward, torch.autograd.grad
        self._rests = False
        self.inside = 0

    @property
    def resting(self) -> bool:
        """Whether what runs is autofix's own."""
        return self._rests

    @resting.setter
    def resting(self, rests: bool) -> None:
        self._rests = rests
        if self.record.ends is not None:
            self.record.ends.resting = rests or self.record.asleep

    def begin(self) -> None:
        torch = self.torch
        torch.manual_seed(0)
        seed_numpy()
        self.make_harmless()
        if self.record.lenient:
            let_numpy_read(torch, self.record)
        self.watch_optimizers()
        self.unregistered.begin()
        if not self.record.frozen:
            self.unheld.begin()
            self.born.begin()
            self.cleared.begin()
        parameter = torch.nn.Parameter
        parameter.__new__ = self.noting_remade(parameter.__new__)
        if self.record.nested:
            parameter.__deepcopy__ = self.noting_copies(parameter.__deepcopy__)
            torch.nn.Module.load_state_dict = self.noting_loaded(torch.nn.Module.load_state_dict)
        torch.autograd.backward = self.watched_backward
        torch.autograd.grad = self.watched_grad
        self.record.describe, self.record.values_now = self.describe, self.values_now
        self.record.wake = self.wake
        mode = using_mode(torch, self)
        mode.__enter__()
        self.kept.append(mode)

    def make_harmless(self) -> None:
        """No other process, no compiler: what they would compute is computed here."""
        torch = self.torch
        if hasattr(torch, "compile"):
            torch.compile = uncompiled
        without_dynamo(torch, torch.optim.Optimizer)
        without_accelerator(torch)
        save, load, place = torch.save, torch.load, self.record.place
        torch.save = lambda value, f, *rest, **named: save(value, place(f, True), *rest, **named)
        torch.load = lambda f, *rest, **named: load(place(f, False), *rest, **named)
        loader = torch.utils.data.DataLoader
        own = loader.__init__

        def alone(self: Any, *arguments: Any, **named: Any) -> None:
            for name in ("num_workers", "persistent_workers", "prefetch_factor", "multiprocessing_context", "timeout"):
                named.pop(name, None)
            own(self, *arguments[:5], **named)

        loader.__init__ = alone

    def watch_optimizers(self) -> None:
        optimizer = self.torch.optim.Optimizer
        add = optimizer.add_param_group
        watch = self

        def added(self: Any, group: Any) -> None:
            add(self, group)
            watch.waiting.setdefault(id(self), (self, user_frames()))
            if watch.is_nested(self.param_groups[-1]["params"]):
                watch.nested[id(self)] = self
                return
            if not watch.record.asleep:
                watch.hold(self, self.param_groups[-1]["params"])

        optimizer.add_param_group = added
        if self.record.frozen:  # it would search along a line, and compute the value at other places on the way
            self.torch.optim.LBFGS.step = evaluating_once(self.torch)
        hooks = sys.modules["torch.optim.optimizer"]
        if hasattr(hooks, "register_optimizer_step_pre_hook"):
            hooks.register_optimizer_step_pre_hook(self.before_step)
            hooks.register_optimizer_step_post_hook(self.after_step)

    def hold(self, optimizer: Any, group: Sequence[Any]) -> None:
        """Note what an optimizer holds."""
        self.unregistered.before = len(self.unregistered.asked)
        known = {each["id"]: each for each in self.record.optimizers}
        entry = known.get(id(optimizer))
        if entry is None:
            self.kept.append(optimizer)
            frames = [frame.record() for frame in self.waiting[id(optimizer)][1]]
            entry = {"id": id(optimizer), "kind": type(optimizer).__name__, "frames": frames, "parameters": []}
            self.record.optimizers.append(entry)
            self.unheld.made_optimizer(optimizer)
        for one in group:
            if id(one) not in self.parameters:
                self.parameters[id(one)] = one
                entry_of = Trained("", shape_of(one), used=id(one) in self.order, frozen=not one.requires_grad)
                entry_of.number = self.numbers.of.get(id(one), -1)
                entry_of.known = id(one) in self.earlier
                self.record.trained[id(one)] = entry_of
            entry["parameters"].append(list(self.parameters).index(id(one)))

    def noting_remade(self, own: Any) -> Any:
        """A constructor of parameters; one that is made of what has a gradient is a result of the program."""

        def made(kind: Any, data: Any = None, *arguments: Any, **named: Any) -> Any:
            found = own(kind, data, *arguments, **named)
            if getattr(data, "requires_grad", False) and not self.resting:
                self.remade[id(found)] = found
            return found

        return made

    def noting_copies(self, own: Any) -> Any:
        """A method that copies a parameter, as it is moved."""

        def copied(value: Any, memo: Any) -> Any:
            if not self.resting and value.requires_grad:
                self.use(value)
            found = own(value, memo)
            self.copies[id(found)] = found, value
            return found

        return copied

    def noting_loaded(self, own: Any) -> Any:
        """A method by which a module is given values: those of parameters that are held make copies of its own."""

        def loaded(module: Any, values: Any, *arguments: Any, **named: Any) -> Any:
            places = {one.data_ptr(): one for one in self.parameters.values()}
            of = [(one, places.get(values[name].data_ptr())) for name, one in module.named_parameters()
                  if isinstance(values.get(name), self.torch.Tensor)]  # fmt: skip
            pairs = [(one, source) for one, source in of if source is not None and source is not one]
            for _, source in pairs:
                self.use(source)
            self.copies.update((id(one), (one, source)) for one, source in pairs)
            return own(module, values, *arguments, **named)

        return loaded

    def is_nested(self, group: Sequence[Any]) -> bool:
        """Whether these are copies, and an optimizer holds what some are copies of."""
        of = [self.copies[id(one)][1] for one in group if id(one) in self.copies]
        return len(of) == len(group) and any(id(one) in self.parameters for one in of)

    def is_trained(self, value: Any) -> bool:
        """Whether it is a leaf that training is to change."""
        return value.is_leaf and value.requires_grad and (
            id(value) in self.parameters or id(value) in self.earlier or isinstance(value, self.torch.nn.Parameter)
        )  # fmt: skip

    def use(self, value: Any) -> None:
        """A parameter goes into an operation: at the first time it is moved, if the run asks for that."""
        if self.record.asleep or id(value) in self.copies:
            return
        if id(value) in self.record.trained:
            self.record.trained[id(value)].used = True
        self.read(value)

    def read(self, value: Any) -> None:
        """A parameter goes into an operation, or its plain value is read, which may be used in its place."""
        if self.torch.nn.parameter.is_lazy(value):
            return  # what it has no shape for yet is no value
        if id(value) not in self.order:
            self.order[id(value)] = len(self.order)
            self.kept.append(value)
            self.first[id(value)] = user_frames()
        place = list(self.parameters).index(id(value)) if id(value) in self.parameters else None
        number = self.numbers.give(id(value), place, (id(value) in self.remade, *value.shape))
        if id(value) in self.record.trained:
            self.record.trained[id(value)].number = number
        idle = self.record.recorded and not self.torch.is_grad_enabled()
        if id(value) in self.moved or idle or not self.is_moved(value):
            return
        self.moved.add(id(value))
        if str(number) in self.record.values:
            self.set(value, self.record.values[str(number)])
        if self.record.moves(number) and value.is_floating_point():
            self.resting = True
            value.data.add_(self.direction(value, number), alpha=self.record.move)
            self.resting = False

    def is_moved(self, value: Any) -> bool:
        """Whether a run that moves parameters moves it: optimizers hold it, or there are none and it is no result."""
        if id(value) in self.parameters or id(value) in self.earlier:
            return True
        return not (self.record.optimizers or id(value) in self.remade)

    def set(self, value: Any, content: str) -> None:
        """Set a parameter to what one of its shape and type was in another run."""
        self.resting = True
        flat = self.torch.frombuffer(bytearray(base64.b64decode(content)), dtype=value.dtype)
        if flat.numel() == value.numel():
            value.data.copy_(flat.reshape(value.shape))
        self.resting = False

    def values_now(self) -> dict[str, str]:
        """The values of the trained parameters, by their numbers."""
        self.resting = True
        used = [(self.numbers.of[key], one) for key, one in self.parameters.items() if key in self.numbers.of]
        plain = ((number, one.detach().cpu().contiguous().reshape(-1)) for number, one in used)
        found = sent_values((number, bytes(one.view(self.torch.uint8).numpy())) for number, one in plain if one.numel())
        self.resting = False
        return found

    def direction(self, value: Any, number: int) -> Any:
        """A direction to move a parameter in, about as long as it is."""
        torch = self.torch
        generator = torch.Generator().manual_seed(1000 * self.record.seed + number)
        drawn = torch.randn(value.shape, generator=generator, dtype=torch.float64)
        size = float(value.detach().double().pow(2).mean().sqrt()) if value.numel() else 1.0
        return (drawn * max(size, 0.05)).to(value.dtype)

    def watched_backward(self, tensors: Any, *arguments: Any, **named: Any) -> Any:
        given = self.listed(tensors)
        event = self.differentiated("backward", given)
        if event is not None and not self.record.frozen:
            self.unheld.differentiated(given)
            self.cleared.taken = event.frames
        return self.passed(event, self.backward, given, *arguments, **named)

    def listed(self, value: Any) -> list[Any]:
        """A tensor alone, or several: of what makes them one by one, they are had only once."""
        return [value] if isinstance(value, self.torch.Tensor) else list(value)

    def watched_grad(self, outputs: Any, inputs: Any, *arguments: Any, **named: Any) -> Any:
        given, wanted = self.listed(outputs), self.listed(inputs)
        if not self.resting:
            self.unregistered.wanted.update(map(id, wanted))
        event = self.differentiated("grad", given)
        if event is not None:
            event.wanted = [self.numbers.of[id(one)] for one in wanted if id(one) in self.numbers.of]
        found = self.passed(event, self.grad, given, wanted, *arguments, **named)
        if event is not None and found:
            event.missing = any(each is None for each in found)
        if self.record.ends is not None and event is not None and event.reaches and found:
            pairs = together(wanted, found)
            found = tuple(self.ended(each, by_parameter=self.is_trained(one)) for one, each in pairs)
        for one, gradient in together(wanted, found or [None] * len(wanted)):
            if id(one) in self.order and not self.record.optimizers:
                entry = self.record.trained.setdefault(id(one), Trained("", list(one.shape), used=True))
                self.parameters.setdefault(id(one), one)
                entry.met(*self.state_of(gradient))
        return found

    def ended(self, gradient: Any, by_parameter: bool) -> Any:
        """A gradient that a loss may be made from, to be differentiated further; its graph may be missing.

        That by a parameter is a weight or an update as often as not: it counts as asked for.
        """
        if gradient is None or gradient.requires_grad:
            return gradient
        return self.record.ends.lost(gradient, "AF307", by_parameter)

    def passed(self, event: Event | None, action: Any, *arguments: Any, **named: Any) -> Any:
        """Differentiate; where steps are frozen, what fails is passed over."""
        self.inside += 1  # a mode in force has the framework call itself again
        before, ends = self.resting, self.record.ends
        if ends is not None:
            ends.resting = True
        try:
            return action(*arguments, **named)
        except RuntimeError as error:
            if event is not None:
                event.error = " ".join(str(error).split())[:300]
            if not self.record.frozen or self.inside > 1:  # the outer one of a call within a call has the event
                raise
            return None
        finally:
            self.inside -= 1
            if ends is not None:
                ends.resting = before

    def differentiated(self, by: str, given: list[Any]) -> Event | None:
        """Note a differentiated value, unless autofix itself differentiates or there is no such value."""
        if self.resting or self.record.asleep or self.inside or not given:
            return None
        if not isinstance(given[0], self.torch.Tensor):
            return None
        first = given[0]
        self.resting = True
        try:
            leaf = bool(first.requires_grad and first.grad_fn is None)
            value = number_of(first)
            event = Event(by, user_frames(), value, bool(first.requires_grad), leaf, self.record.steps,
                          self.record.printed())  # fmt: skip
            if event.live and not leaf and self.record.slopes:
                with contextlib.suppress(RuntimeError):  # what the program does raises it again
                    self.measure(event, first)
        finally:
            self.resting = False
        self.record.differentiated(event)
        if self.record.waits_in_vain():
            self.record.end("steps")
        return event

    def measure(self, event: Event, value: Any) -> None:
        """The gradient by all that is in use: its norm, and its slope along the direction they are moved in.

        Where no optimizer is made, to the end, leaves that are no parameters are trained as well, and none of these is
        moved.
        """
        kept = [one for one in self.kept if isinstance(one, self.torch.Tensor) and id(one) in self.order]
        leaves = [one for one in kept if self.is_trained(one) and self.is_moved(one)]
        still = [] if self.record.optimizers else self.unregistered.in_use()
        flat = value.reshape(-1)
        total = (flat * flat.new_tensor(weights(flat.numel()))).sum()
        both = [*leaves, *still]
        found = self.grad(total, both, retain_graph=True, allow_unused=True) if both else []
        slope = squared = 0.0
        beside = Beside(event)
        for at, (one, gradient) in enumerate(together(both, found)):
            if gradient is None:
                continue
            number = self.numbers.give(id(one), None, tuple(one.shape))
            (event if at < len(leaves) else beside).reaches.append(number)
            if not self.record.measures(number):
                continue
            dense = (gradient.to_dense() if gradient.is_sparse else gradient).detach().double()
            if at < len(leaves):
                squared += float(dense.pow(2).sum())
                slope += float((dense * self.direction(one, number).double()).sum())
            else:
                beside.squared += float(dense.pow(2).sum())
        event.slope, event.norm = slope, squared**0.5
        self.beside.append(beside)

    def count_leaves(self) -> None:
        """Count the leaves that are no parameters among what values train: no optimizer was made."""
        for each in self.beside:
            each.event.reaches += each.reaches
            each.event.norm = ((each.event.norm or 0.0) ** 2 + each.squared) ** 0.5

    def state_of(self, gradient: Any) -> Any:
        """What became of a gradient, and its norm."""
        if gradient is None:
            return "none", None
        dense = gradient.to_dense() if gradient.is_sparse else gradient
        if not bool(self.torch.isfinite(dense).all()):
            return "bad", None
        norm = float(dense.detach().double().norm())
        return ("live" if norm > 0 else "zero"), norm

    def wake(self) -> None:
        """A later stage of the program begins."""
        self.resting = False

    def pass_by(self, optimizer: Any) -> None:
        """A step of a stage that is not noted."""
        held = list(held_by(optimizer))
        if self.record.ahead:
            self.record.step_of(self.kind_of(optimizer, held))
        for one in held:
            if self.record.stage and one.grad is not None:
                self.earlier[id(one)] = one
            if self.record.frozen:
                one.grad = None

    def kind_of(self, optimizer: Any, held: list[Any]) -> Any:
        """What tells a step from others: where it is made, by what is made where, and what that trains."""
        _, frames = self.waiting.get(id(optimizer), (None, []))
        return where_called(), tuple(frames), tuple((one.shape, one.requires_grad) for one in held)

    def before_step(self, optimizer: Any, arguments: tuple[Any, ...] = (), named: Any = None) -> None:
        if id(optimizer) in self.nested:
            return
        if self.record.asleep:
            self.pass_by(optimizer)
            return
        if self.record.ahead:
            self.record.step_of(self.kind_of(optimizer, list(held_by(optimizer))))
        if self.record.stage and id(optimizer) not in [each["id"] for each in self.record.optimizers]:
            for group in optimizer.param_groups:
                self.hold(optimizer, group["params"])
        self.resting = True
        self.unregistered.stepping(self.kept)
        self.unheld.stepping(one for one in self.unregistered.leaves(self.kept) if id(one) not in self.parameters)
        held = list(held_by(optimizer))
        takes_itself = any(map(callable, [*arguments[1:], *(named or {}).values()]))  # by a closure
        for one in held:
            if id(one) in self.record.trained:
                entry = self.record.trained[id(one)]
                entry.met(*self.state_of(one.grad))
                self.last[id(one)] = "none" if one.grad is None else "given"
                entry.frozen = not one.requires_grad
            if self.record.frozen:
                one.grad = None
        if not self.record.frozen:
            found_any = takes_itself or any(self.last.get(id(one)) == "given" for one in held)
            self.cleared.stepping(optimizer, held, takes_itself)
            self.elsewhere.stepping(optimizer, found_any)
        self.before = {id(one): one.detach().clone() for one in held if one.numel() < 1_000_000}
        self.resting = False

    def after_step(self, optimizer: Any, *_: Any) -> None:
        if id(optimizer) in self.nested:
            return
        if self.record.asleep:
            self.record.stepped(optimizer)
            return
        self.resting = True
        for one in held_by(optimizer):
            before = self.before.get(id(one))
            if before is not None and id(one) in self.record.trained and not self.torch.equal(before, one.detach()):
                self.record.trained[id(one)].moved = True
        self.resting = False
        if self.record.stepped(optimizer):
            self.record.end("steps")

    def describe(self) -> None:
        """Name the parameters, by the module that holds them and the variable of the program that holds the module."""
        names = parameter_names(self.torch)
        for key, entry in self.record.trained.items():
            entry.name = names.get(key, "")
            if key in self.parameters:
                entry.frozen = not self.parameters[key].requires_grad
                entry.shape = shape_of(self.parameters[key])
        if not self.record.optimizers:
            self.count_leaves()
        if self.record.stage:
            return
        if self.record.optimizers:
            self.resting = True
            self.note_converted()
            self.note_replaced(names)
            self.note_unregistered()
            self.note_born(names)
            self.note_left_out(names)
            self.note_unheld(names)
            self.note_idle()
            self.resting = False
        else:
            for frames, name, form in self.unregistered.strays_of_all(modules_of(self.torch)):
                self.record.stray("unregistered", name, frames, form)

    def note_converted(self) -> None:
        """Note where a module keeps what was made of a parameter: nobody knows of the parameter then."""
        known = {id(one) for module in modules_of(self.torch) for one in module.parameters(recurse=False)}
        for module in modules_of(self.torch):
            for name, value in list(vars(module).items()):
                if not isinstance(value, self.torch.Tensor) or not has_past(value):
                    continue
                leaves = leaves_of(value)
                if leaves and all(
                    isinstance(one, self.torch.nn.Parameter)
                    and one.grad is not None
                    and id(one) not in known
                    and id(one) not in self.parameters
                    for one in leaves
                ):
                    where = self.first.get(id(leaves[0]), [])
                    self.record.stray("converted", f"{type(module).__name__}.{name}", where)

    def note_replaced(self, names: dict[int, str]) -> None:
        """Note an optimizer that holds what is in no model any more, while nobody holds what came in its place.

        So is what the program still has, but not in the model that is trained.
        """
        loose = [one for one in self.kept if self.is_loose(one) and id(one) in names]
        for entry in self.record.optimizers:
            held = [list(self.parameters)[at] for at in entry["parameters"]]
            models = {root_of(names, each) for each in held if self.last.get(each) == "given"} - {""}
            idle = [each for each in held if self.last.get(each) == "none"]
            gone = [each for each in idle if each not in names]
            models |= {root_of(names, each) for each in held if each in names} if gone else set()
            apart = [each for each in idle if each in names and root_of(names, each) not in models]
            new = [one for one in loose if root_of(names, id(one)) in models]
            is_instead = sorted(self.parameters[at].ndim for at in apart) == sorted(one.ndim for one in new)
            if new and (gone or (apart and is_instead)):
                name = names[id(new[0])]
                self.record.strays.append({"kind": "replaced", "name": name, "frames": entry["frames"], "form": ""})

    def note_unregistered(self) -> None:
        """Note what a module keeps where it does not register it, though it is trained."""
        stepped = [each for each in self.record.optimizers if self.record.made.get(each["id"])]
        if stepped:
            found = self.unregistered.strays(self.parameters, stepped, modules_of(self.torch))
            for frame, name, form in found:
                self.record.stray("unregistered", name, [frame, *frames_at(stepped[0])], form)
            for frame, name, form in self.unregistered.hidden(self.parameters, stepped, modules_of(self.torch)):
                self.record.stray("plain", name, [frame], form)

    def note_left_out(self, names: dict[int, str]) -> None:
        """Note that parameters which the program has asked for get a gradient, and are in no optimizer."""
        asked = self.unregistered.asked_for()
        left = [one for one in self.kept if id(one) in asked and self.is_loose(one)]
        left = [one for one in left if id(one) in names and self.unregistered.is_untouched(one)]
        found = [names[id(one)] for one in left]
        first = min((self.order[key] for key in self.parameters if key in self.order), default=0)
        form = UPSTREAM if all(self.order[id(one)] < first for one in left) else ""
        for each in self.record.optimizers if found else ():
            if self.record.made.get(each["id"]):
                self.record.stray("left", found[0], frames_at(each), form)

    def note_born(self, names: dict[int, str]) -> None:
        """Note the parameters that modules make in a pass behind the optimizer: one for each place."""
        stepped = [each for each in self.record.optimizers if self.record.made.get(each["id"])]
        places: set[Frame] = set()
        found = self.born.strays(self.unregistered, self.parameters, names, modules_of(self.torch), stepped)
        for name, frames, form in found:
            if frames[0] not in places:
                places.add(frames[0])
                self.record.stray("born", name, frames, form)

    def note_unheld(self, names: dict[int, str]) -> None:
        """Note what the program makes to be trained, and hands to no optimizer, where nothing says why."""
        stepped = [each for each in self.record.optimizers if self.record.made.get(each["id"])]
        if stepped and all(each["kind"] == "left" for each in self.record.strays):
            found = self.unheld.strays(self.unregistered, self.parameters, names, modules_of(self.torch), stepped)
            for name, frames, form in found:
                self.record.stray("unheld", name, frames, form)

    def note_idle(self) -> None:
        """Note the optimizers that find no gradient at any step: it is cleared before, or is that of another model."""
        for name, frames, form in self.cleared.strays(self.record.optimizers):
            self.record.stray("cleared", name, frames, form)
        stepped = [each for each in self.record.optimizers if self.record.made.get(each["id"])]
        if not self.record.strays:
            found = self.elsewhere.strays(self.unregistered, self.parameters, modules_of(self.torch), stepped)
            for name, frames, form in found:
                self.record.stray("elsewhere", name, frames, form)

    def is_loose(self, value: Any) -> bool:
        """Whether it is a parameter with a gradient that no optimizer holds."""
        is_parameter = isinstance(value, self.torch.nn.Parameter)
        return is_parameter and value.grad is not None and id(value) not in self.parameters


def root_of(names: dict[int, str], key: int) -> str:
    """The variable of the program that a parameter is known by; empty where it is none."""
    return names.get(key, "").partition(".")[0]


def shape_of(value: Any) -> list[int]:
    """The shape of a leaf; that of a lazy layer has none before its first pass."""
    try:
        return list(value.shape)
    except RuntimeError:
        return []


def number_of(value: Any) -> float | None:
    """A tensor as one number: where it has several elements, a sum of them that differ in weight."""
    flat = value.detach().double().reshape(-1)
    if flat.numel() == 0:
        return None
    return float(sum(share * each for share, each in together(weights(flat.numel()), flat.tolist())))


def evaluating_once(torch: Any) -> Any:
    """The step of an optimizer that evaluates its closure and changes nothing."""

    def step(self: Any, closure: Any) -> Any:
        with torch.enable_grad():
            return closure()

    return step


def held_by(optimizer: Any) -> Iterator[Any]:
    for group in optimizer.param_groups:
        yield from group["params"]


def without_dynamo(torch: Any, *classes: Any) -> None:
    """Spare the import of the compiler, which takes two seconds, to tell it to leave the optimizers alone."""
    for each in [one for kind in classes for one in vars(kind).values()]:
        inner = getattr(each, "__wrapped__", None)
        if inner is not None and not hasattr(inner, "__dynamo_disable"):
            with contextlib.suppress(AttributeError):
                setattr(inner, "__dynamo_disable", inner)
    if DYNAMO not in sys.modules:
        absent = types.ModuleType(DYNAMO)
        absent.__dict__.update(
            __path__=[], graph_break=lambda *_, **__: None, disable=uncompiled,
            is_compiling=lambda: False, reset=lambda: None, __getattr__=functools.partial(of_dynamo, torch),
        )  # fmt: skip
        sys.modules[DYNAMO] = torch._dynamo = absent
        sys.meta_path.insert(0, Dynamo(torch))


DYNAMO = "torch._dynamo"


def with_dynamo(torch: Any) -> Any:
    """The compiler, for a library that takes more of it than most programs do; what is compiled still runs eagerly."""
    finders = [each for each in sys.meta_path if isinstance(each, Dynamo)]
    if finders:  # its stand-in is still there, and may be asked again by who has it
        sys.meta_path[:] = [each for each in sys.meta_path if each not in finders]
        sys.modules.pop(DYNAMO, None)
        with contextlib.suppress(AttributeError):
            del torch._dynamo  # what the compiler imports asks the framework for it
    found: Any = importlib.import_module(DYNAMO)
    found.disable = uncompiled
    return found


def of_dynamo(torch: Any, name: str) -> Any:
    """An attribute of the compiler that its stand-in has not."""
    if name.startswith("__"):  # asked of every module
        raise AttributeError(name)
    return getattr(with_dynamo(torch), name)


class Dynamo:
    """Finds the modules of the compiler, as soon as one of them is imported, where its import has put them."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch

    def find_spec(self, name: str, *_: Any) -> Any:
        if not name.startswith(DYNAMO + "."):
            return None
        with_dynamo(self.torch)
        loaded = sys.modules.get(name)
        if loaded is None:
            return importlib.util.find_spec(name)
        loader: Any = self
        return importlib.util.spec_from_loader(name, loader, origin=getattr(loaded, "__file__", None))

    def create_module(self, spec: Any) -> Any:
        return sys.modules[spec.name]

    def exec_module(self, module: Any) -> None:
        """It is there."""


def without_accelerator(torch: Any) -> None:
    """Have nothing to do for what waits for a device or counts its memory; tensors stay with the processor."""
    for name in OF_DEVICES:
        if hasattr(torch.cuda, name):
            setattr(torch.cuda, name, lambda *_, **__: None)
    fork = torch.random.fork_rng
    torch.random.fork_rng = lambda devices=None, *arguments, **named: fork([], *arguments, **named)


def on_processor(torch: Any, value: Any) -> Any:
    """The processor in place of an accelerator, which is not there; any other argument as it is."""
    if isinstance(value, torch.device):
        return torch.device("cpu") if value.type in ACCELERATORS else value
    if isinstance(value, str) and value.partition(":")[0] in ACCELERATORS:
        return "cpu"
    return value


def uncompiled(model: Any = None, *_: Any, **__: Any) -> Any:
    return model if model is not None else lambda function: function


def seed_numpy() -> None:
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(0)


def let_numpy_read(torch: Any, record: Record) -> None:
    """Have NumPy take a tensor with a gradient as it takes one without, in functions that ask the tensor as well."""
    tensor = torch.Tensor
    to_numpy, to_array = tensor.numpy, tensor.__array__
    plain = tensor.detach  # as it is now: in an uncut run it does nothing
    tensor.numpy = noting(record, to_numpy, plain, "AF102")
    tensor.__array__ = noting(record, to_array, plain, "AF101")
    numpy = sys.modules.get("numpy")
    for name in ASKING if numpy is not None else ():
        setattr(numpy, name, reading(tensor, getattr(numpy, name)))


def noting(record: Record, own: Any, plain: Any, code: str) -> Any:
    """A method by which a tensor becomes an array, for one with a gradient too: its gradient ends there."""

    def array(self: Any, *arguments: Any, **named: Any) -> Any:
        if not self.requires_grad or record.ends is None or record.ends.resting:
            return own(plain(self) if self.requires_grad else self, *arguments, **named)
        record.ends.resting = True
        try:
            found = own(plain(self), *arguments, **named).copy()
        finally:
            record.ends.resting = False
        return record.ends.lost(found, code, code == "AF102")

    return array


def rewrapping(own: Any, ends: Any, of_anything: bool) -> Any:
    """A constructor that makes a leaf of what it is given: a gradient ends there, or has ended before."""

    def made(kind: Any, data: Any = None, *arguments: Any, **named: Any) -> Any:
        found = own(kind, data, *arguments, **named)
        is_live = data is not None and not ends.resting and ends.is_live(data)
        if not is_live and (data is None or ends.resting or not (of_anything and found.requires_grad)):
            return found
        ends.form = "tensor" if is_live else LEAF
        other = ends.lost(found, "AF105")
        return found if other is found else own(kind, other, *arguments, **named)

    return made


def reading(tensor: Any, function: Any) -> Any:
    """A function of NumPy that reads tensors as arrays, and does not look for a method of theirs of its own name."""

    @functools.wraps(function)
    def read(*arguments: Any, **named: Any) -> Any:
        taken = [one.__array__() if isinstance(one, tensor) else one for one in arguments]
        return function(*taken, **named)

    return read


def modules_of(torch: Any) -> list[Any]:
    """Every module that there is."""
    return [each for each in gc.get_objects() if issubclass(type(each), torch.nn.Module)]


def has_past(value: Any) -> bool:
    """Whether a tensor was computed from what has a gradient; one of several views of what was changed does not say."""
    try:
        return value.grad_fn is not None
    except RuntimeError:
        return False


def leaves_of(value: Any) -> list[Any]:
    """The leaves that a tensor was made of, where these are few."""
    found: list[Any] = []
    waiting = [value.grad_fn]
    for node in waiting:
        if hasattr(node, "variable"):
            found.append(node.variable)
        waiting += [each for each, _ in node.next_functions if each is not None]
        if len(waiting) > MOST_NODES:
            return []
    return found


def parameter_names(torch: Any) -> dict[int, str]:
    """The names of parameters by their identity: `model.encoder.weight`, or of a variable that holds one itself.

    Those of a module in a list of another are named by the list: `model.layers[0].weight`.
    """
    modules = modules_of(torch)
    inner = {id(child) for each in modules for child in each.children()}
    main = vars(sys.modules["__main__"])
    variables = {id(value): name for name, value in main.items() if isinstance(value, (torch.nn.Module, torch.Tensor))}
    kept = {id(each): (owner, way) for owner in modules for each, way in kept_in_containers(torch, owner)}
    found: dict[int, str] = {}
    known: dict[int, str] = {}
    waiting = sorted(modules, key=lambda one: (id(one) in inner or id(one) in kept, id(one) not in variables))
    for each in waiting:
        owner, way = kept.get(id(each), (None, ""))
        prefix = variables.get(id(each)) or (f"{known[id(owner)]}{way}" if id(owner) in known else type(each).__name__)
        for name, part in each.named_modules():
            known.setdefault(id(part), f"{prefix}.{name}" if name else prefix)
        for name, parameter in each.named_parameters():
            found.setdefault(id(parameter), f"{prefix}.{name}")
    for value, owner, way in [(one, owner, way) for one, (owner, way) in kept.items() if id(owner) in known]:
        found.setdefault(value, f"{known[id(owner)]}{way}")
    return {**variables, **found}


def kept_in_containers(torch: Any, module: Any) -> Iterator[tuple[Any, str]]:
    """The modules and parameters that a module keeps in containers of its own, and how to get at each."""
    for name, value in list(vars(module).items()):
        if name not in PARTS and isinstance(value, (list, tuple, dict)) and len(value) <= MOST_KEPT:
            for key, each in list(value.items() if isinstance(value, dict) else enumerate(value)):
                if isinstance(each, (torch.nn.Module, torch.nn.Parameter)):
                    yield each, f".{name}[{key!r}]"


def computes(function: Any) -> bool:
    """Whether an operation computes with what it is given: it does not describe, copy or overwrite it."""
    name = name_of(function)
    if getattr(function, "__name__", "") in ("__get__", "__set__", "__delete__"):
        return name in VIEWS
    return name not in COPIES and not (name.endswith("_") and not name.endswith("__"))


def using_mode(torch: Any, watch: Watch) -> Any:
    """A context in which the watch is told of each parameter that goes into an operation."""

    class Using(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, types: Any, arguments: Any = (), named: dict[str, Any] | None = None
        ) -> Any:
            arguments = tuple(on_processor(torch, one) for one in arguments)
            named = {name: on_processor(torch, one) for name, one in (named or {}).items()}
            if watch.record.asleep:
                return function(*arguments, **named)
            if not watch.resting and computes(function):
                for one in tensors(torch, (arguments, named)):
                    if watch.is_trained(one):
                        watch.use(one)
                    elif one.requires_grad and one.is_leaf:
                        watch.unregistered.met(one)
            elif not watch.resting and name_of(function) in PLAIN and id(arguments[0]) in watch.record.trained:
                watch.read(arguments[0])
            elif not watch.resting and name_of(function) == GRADIENT and function.__name__ == "__get__":
                watch.unheld.asked(arguments[0])
            return function(*arguments, **named)

    return Using()
