"""PyTorch's part of attending a program in its user's own process: optimizers, gradients, and where these end."""

from __future__ import annotations

import functools
import math
import sys
import weakref
from collections.abc import Sequence
from typing import Any

from ..attention import Attention, held
from ..draw import together
from ..lost import NONE
from ..provenance import user_frames
from ..record import WITHOUT_OPTIMIZER, Event, Trained
from ..untracked import place_of
from .torch_program import computes, held_by, kept_in_containers, modules_of, number_of, parameter_names
from .torch_provenance import ARRAYS, COPIES, CUTS, DESCRIBES, NUMBERS, cause_of, name_of, tensors

"""After how many steps of one optimizer others are waited for no longer."""
SAMPLE = 1024
"""Of a parameter, the elements that are compared before and after a step."""
TESTED = 16
"""Of the gradients that a value gives, how many are looked into at once."""


def attend(attention: Attention) -> None:
    """Watch from now on, until the attention is over."""
    attention.watches[__name__] = watch = Watch(sys.modules["torch"], attention)
    watch.begin()


def hold(attention: Attention, optimizer: Any) -> None:
    """Note an optimizer that was made before."""
    if isinstance(optimizer, sys.modules["torch"].optim.Optimizer):
        attention.watches[__name__].hold(optimizer, list(held_by(optimizer)))


def name_after(attention: Attention, model: Any) -> None:
    """Name parameters as a model names them, where the program has no name for the model."""
    if is_model(model):
        attention.watches[__name__].names.update({id(one): name for name, one in model.named_parameters()})


def is_model(value: Any) -> bool:
    """Is it a model of this framework?"""
    return isinstance(value, sys.modules["torch"].nn.Module)


def gradients(loss: Any, model: Any, batch: Sequence[Any]) -> list[tuple[str, str]]:
    """The trained parameters of a model and what becomes of their gradient; none where the loss has none at all."""
    torch = sys.modules["torch"]
    named = [(name, one) for name, one in model.named_parameters() if one.requires_grad]
    with torch.enable_grad():
        value = loss(model(batch[0]), *batch[1:])
        if not isinstance(value, torch.Tensor) or not value.requires_grad:
            return [(name, "none") for name, _ in named]
        found = torch.autograd.grad(value.sum(), [one for _, one in named], allow_unused=True)
    return [(name, state_of(torch, gradient)[0]) for (name, _), gradient in together(named, found)]


def guard(attention: Attention, stop: Any) -> None:
    """Look, at little cost, for the first value that is not finite, and the first step without any gradient."""
    Guard(sys.modules["torch"], attention, stop).begin()


class Watch:
    """The optimizers of a program, what they hold, what is differentiated, and what is cleared."""

    def __init__(self, torch: Any, attention: Attention) -> None:
        self.torch, self.attention, self.record = torch, attention, attention.record
        self.kept: list[Any] = []
        self.numbers: dict[int, int] = {}
        self.used: dict[int, Any] = {}
        self.given: set[int] = set()
        self.cleared: dict[int, Any] = {}
        self.events_then: dict[int, int] = {}
        self.before: dict[int, Any] = {}
        self.closing: set[int] = set()
        self.backward, self.grad = torch.autograd.backward, torch.autograd.grad
        self.resting = False
        self.inside = 0
        self.names: dict[int, str] = {}
        self.mode: Any = None

    def begin(self) -> None:
        quietly, torch = self.attention.quietly, self.torch
        self.record.describe = quietly(self.describe)
        self.watch_optimizers()
        self.attention.replace(torch.autograd, "backward", self.differentiating("backward", self.backward))
        self.attention.replace(torch.autograd, "grad", self.differentiating("grad", self.grad))
        self.mode = mode = trailing_mode(torch, self)
        mode.__enter__()
        self.attention.undo.append(lambda: leave(torch, mode))
        if hasattr(torch, "compile"):
            self.attention.replace(torch, "compile", self.leaving(torch.compile))

    def leaving(self, own: Any) -> Any:
        """A function that compiles: what is compiled is not looked into."""

        def compiling(*arguments: Any, **named: Any) -> Any:
            leave(self.torch, self.mode)
            return own(*arguments, **named)

        return compiling

    def watch_optimizers(self) -> None:
        optimizer, module = self.torch.optim.Optimizer, self.torch.nn.Module
        quietly = self.attention.quietly
        add, zero, zero_of_module = optimizer.add_param_group, optimizer.zero_grad, module.zero_grad
        hold = quietly(lambda one: self.hold(one, one.param_groups[-1]["params"]))
        clear = quietly(self.clear)

        def added(self: Any, *arguments: Any, **named: Any) -> None:
            add(self, *arguments, **named)
            hold(self)

        def zeroed(self: Any, *arguments: Any, **named: Any) -> None:
            clear(held_by(self))
            zero(self, *arguments, **named)

        def zeroed_of_module(self: Any, *arguments: Any, **named: Any) -> None:
            clear(self.parameters())
            zero_of_module(self, *arguments, **named)

        self.attention.replace(optimizer, "add_param_group", added)
        self.attention.replace(optimizer, "zero_grad", zeroed)
        self.attention.replace(module, "zero_grad", zeroed_of_module)
        hooks = sys.modules["torch.optim.optimizer"]
        if hasattr(hooks, "register_optimizer_step_pre_hook"):
            before = hooks.register_optimizer_step_pre_hook(self.stepping(quietly(self.before_step)))
            after = hooks.register_optimizer_step_post_hook(discarding(quietly(self.after_step)))
            self.attention.undo.extend((before.remove, after.remove))

    def stepping(self, hook: Any) -> Any:
        """A hook before a step, whose closure, where it has one, is watched as what comes before other steps is."""

        def before(optimizer: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
            found = [at for at, each in enumerate(arguments) if at and callable(each)]
            closure = arguments[found[0]] if found else named.get("closure")
            hook(optimizer, callable(closure))
            if not callable(closure):
                return None
            watched = self.watched(closure)
            if found:
                return (*arguments[: found[0]], watched, *arguments[found[0] + 1 :]), named
            return arguments, {**named, "closure": watched}

        return before

    def watched(self, closure: Any) -> Any:
        """A closure in which the program is not the optimizer's."""

        @functools.wraps(closure)
        def closing(*arguments: Any, **named: Any) -> Any:
            rested, self.resting = self.resting, False
            try:
                return closure(*arguments, **named)
            finally:
                self.resting = rested

        return closing

    def hold(self, optimizer: Any, group: Sequence[Any]) -> None:
        """Note what an optimizer holds."""
        entry = held(self.attention, optimizer)
        self.kept.append(optimizer)
        for one in group:
            if id(one) not in self.numbers:
                self.numbers[id(one)] = len(self.numbers)
                self.record.trained[id(one)] = Trained("", list(one.shape), frozen=not one.requires_grad)
                self.kept.append(one)
            entry["parameters"].append(self.numbers[id(one)])

    def is_trained(self, value: Any) -> bool:
        """Whether it is a leaf that training is to change."""
        return value.is_leaf and value.requires_grad and (
            id(value) in self.numbers or isinstance(value, self.torch.nn.Parameter)
        )  # fmt: skip

    def use(self, value: Any) -> None:
        """Note that an operation takes a leaf with a gradient."""
        if id(value) not in self.used:
            self.used[id(value)] = weakref.ref(value)

    def clear(self, parameters: Any) -> None:
        """Note that gradients which a value has given are cleared."""
        here = None
        for one in parameters:
            if id(one) in self.given:
                here = here if here is not None else user_frames()
                self.given.discard(id(one))
                self.cleared[id(one)] = here

    def differentiating(self, by: str, own: Any) -> Any:
        note, gave = self.attention.quietly(self.differentiated), self.attention.quietly(self.gave)

        def differentiate(outputs: Any, *arguments: Any, **named: Any) -> Any:
            event = note(by, outputs)
            self.inside += 1  # a mode in force has the framework call itself again
            try:
                found = own(outputs, *arguments, **named)
            except RuntimeError as error:
                if event is not None:
                    event.error = " ".join(str(error).split())[:300]
                raise
            finally:
                self.inside -= 1
            if event is not None:
                gave(by, named.get("inputs", arguments[0] if arguments else None), found)
            return found

        return differentiate

    def differentiated(self, by: str, given: Any) -> Event | None:
        """Note a differentiated value, unless the framework calls itself or there is no such value."""
        first = given if isinstance(given, self.torch.Tensor) else next(iter(given), None)
        if self.resting or self.inside or not isinstance(first, self.torch.Tensor):
            return None
        self.resting = True
        try:
            leaf = bool(first.requires_grad and first.grad_fn is None)
            event = Event(by, user_frames(), number_of(first), bool(first.requires_grad), leaf, self.record.steps, 0)
        finally:
            self.resting = False
        self.attention.note_event(event, self.attention.trail.of(first))
        return event

    def gave(self, by: str, wanted: Any, found: Any) -> None:
        """Note the gradients that are there now."""
        self.resting = True
        try:
            if by == "grad" and not self.record.optimizers:
                sources = [wanted] if isinstance(wanted, self.torch.Tensor) else list(wanted or ())
                for one, gradient in together(sources, list(found or ())):
                    self.loose(one).met(*state_of(self.torch, gradient))
            tested = 0
            for key, reference in list(self.used.items()) if by == "backward" else ():
                one = reference()
                if one is None or one.grad is None:
                    continue
                if key not in self.numbers:
                    if isinstance(one, self.torch.nn.Parameter) or not self.record.optimizers:
                        self.loose(one).met(*state_of(self.torch, one.grad))
                    continue
                tested += 1
                if tested > TESTED or state_of(self.torch, one.grad)[0] != "zero":
                    self.given.add(key)
        finally:
            self.resting = False
        if not self.record.optimizers and self.attention.differentiated >= WITHOUT_OPTIMIZER * self.record.wanted:
            self.attention.stop()

    def loose(self, one: Any) -> Trained:
        if id(one) not in self.attention.loose:
            self.kept.append(one)
        return self.attention.loose.setdefault(id(one), Trained("", list(one.shape), used=True))

    def before_step(self, optimizer: Any, has_closure: bool) -> None:
        """Note what the parameters have got; where a closure takes the gradient, that is known after the step."""
        self.resting = True
        parameters = list(held_by(optimizer))
        if not any(each["id"] == id(optimizer) for each in self.record.optimizers):
            self.hold(optimizer, parameters)
        if has_closure:
            self.closing.add(id(optimizer))
        else:
            states = self.states_at(parameters)
            if states and not {"live", "bad"} & set(states):
                self.note_misplaced(optimizer, parameters)
        self.before = {id(one): sample(one) for one in parameters}

    def states_at(self, parameters: Sequence[Any]) -> list[str]:
        """Note what became of the gradients that an optimizer steps with."""
        states = []
        for one in parameters:
            if id(one) in self.record.trained:
                entry = self.record.trained[id(one)]
                state, norm = state_of(self.torch, one.grad)
                entry.met(state, norm)
                entry.frozen = not one.requires_grad
                entry.used = entry.used or id(one) in self.used
                states.append(state)
        return states

    def note_misplaced(self, optimizer: Any, parameters: Sequence[Any]) -> None:
        """Note why a step finds no gradient, where that lies in the order of the calls."""
        number = next(at for at, each in enumerate(self.record.optimizers) if each["id"] == id(optimizer))
        places = [self.cleared[id(one)] for one in parameters if id(one) in self.cleared]
        if places or any(id(one) in self.given for one in parameters):
            self.attention.note_misplaced("cleared", number, places[0] if places else user_frames())
        elif self.attention.differentiated == self.events_then.get(id(optimizer), 0):
            self.attention.note_misplaced("early", number, user_frames())

    def after_step(self, optimizer: Any, *_: Any) -> None:
        if id(optimizer) in self.closing:
            self.closing.discard(id(optimizer))
            self.states_at(list(held_by(optimizer)))
        for one in held_by(optimizer):
            then = self.before.get(id(one))
            if then is not None and id(one) in self.record.trained and not self.torch.equal(then, sample(one)):
                self.record.trained[id(one)].moved = True
            self.given.discard(id(one))
            self.cleared.pop(id(one), None)
        self.before = {}
        self.resting = False
        self.events_then[id(optimizer)] = self.attention.differentiated
        if self.record.stepped(optimizer):
            self.attention.stop()

    def describe(self) -> None:
        """Name the parameters, by the module that holds them and the variable of the program that holds the module."""
        names = parameter_names(self.torch)
        for key, entry in [*self.record.trained.items(), *self.attention.loose.items()]:
            entry.name = self.names.get(key, "") or names.get(key, "")
            entry.used = entry.used or key in self.used
        self.note_kept()

    def note_kept(self) -> None:
        """Note where a module keeps parts in a container of its own that no optimizer holds: a check says more."""
        loose = set(self.attention.loose) if self.record.optimizers else set()
        for module in modules_of(self.torch) if loose else ():
            for part, way in kept_in_containers(self.torch, module):
                own = part.parameters() if isinstance(part, self.torch.nn.Module) else [part]
                name = way[1:].partition("[")[0]
                place = place_of(type(module), name) if any(id(one) in loose for one in own) else None
                if place is not None:
                    self.record.stray("unregistered", f"{type(module).__name__}.{name}", [place.frame])


class Guard:
    """What still looks on while a program trains: it asks for the last value and one gradient a step."""

    def __init__(self, torch: Any, attention: Attention, stop: Any) -> None:
        self.torch, self.record, self.stop = torch, attention.record, stop
        self.last: Any = None
        self.steps = self.record.steps

    def begin(self) -> None:
        own, autograd = self.torch.autograd.backward, self.torch.autograd

        def backward(tensors: Any, *arguments: Any, **named: Any) -> Any:
            self.last = tensors
            return own(tensors, *arguments, **named)

        autograd.backward = functools.update_wrapper(backward, own)
        hooks = sys.modules["torch.optim.optimizer"]
        if hasattr(hooks, "register_optimizer_step_pre_hook"):
            hooks.register_optimizer_step_pre_hook(self.before_step)

    def before_step(self, optimizer: Any, *_: Any) -> None:
        self.steps += 1
        value, self.last = self.last, None
        if isinstance(value, self.torch.Tensor) and value.numel() == 1 and not math.isfinite(value.detach().item()):
            self.stop(f"the loss is {value.detach().item()} at step {self.steps}")
        if all(one.grad is None for one in held_by(optimizer)):
            self.stop(f"no parameter of {type(optimizer).__name__} has a gradient at step {self.steps}")


def discarding(hook: Any) -> Any:
    """A hook whose result would be taken for other arguments of the step."""

    def discarded(*arguments: Any) -> None:
        hook(*arguments)

    return discarded


def state_of(torch: Any, gradient: Any) -> tuple[str, float | None]:
    """What became of a gradient, and its norm."""
    if gradient is None:
        return "none", None
    dense = (gradient.coalesce().values() if gradient.is_sparse else gradient).detach()
    wide = torch.float32 if dense.dtype in (torch.float16, torch.bfloat16) else None
    norm = float(torch.linalg.vector_norm(dense, dtype=wide))
    if not math.isfinite(norm):
        return ("live", None) if bool(torch.isfinite(dense).all()) else ("bad", None)
    return ("live" if norm > 0 else "zero"), norm


def sample(parameter: Any) -> Any:
    """Some elements of a parameter as they are now."""
    flat = parameter.detach().reshape(-1)
    return flat[:: max(1, flat.numel() // SAMPLE)].clone()


def leave(torch: Any, mode: Any) -> None:
    """Take a mode out of those that are in force, wherever it stands among them."""
    above: list[Any] = []
    while torch._C._len_torch_function_stack():
        top = torch._C._pop_torch_function_stack()
        if top is mode:
            break
        above.append(top)
    while above:
        torch._C._push_on_torch_function_stack(above.pop())


def trailing_mode(torch: Any, watch: Watch) -> Any:
    """A context in which each end of a gradient is noted, and what is computed from it is marked."""
    trail = watch.attention.trail

    class Trailing(torch.overrides.TorchFunctionMode):  # type: ignore[misc]
        def __torch_function__(
            self, function: Any, types: Any, arguments: Any = (), named: dict[str, Any] | None = None
        ) -> Any:
            named = named or {}
            if watch.resting or watch.inside:
                return function(*arguments, **named)
            name = name_of(function)
            if name in DESCRIBES:
                return function(*arguments, **named)
            live, marks = False, NONE
            for one in tensors(torch, (arguments, named)):
                if one.requires_grad:
                    if not one.is_leaf:
                        live = True
                    elif watch.is_trained(one):
                        live = True
                        if computes(function):
                            watch.use(one)
                if trail.marks:
                    marks = marks | trail.of(one)
            result = function(*arguments, **named)
            if live or marks or (name in COPIES and trail.escaped):
                self.follow(name, result, live, marks)
            return result

        def follow(self, name: str, result: Any, live: bool, marks: Any) -> None:
            """Mark what came out of an operation on something that is live or marked."""
            if name in COPIES:
                marks = marks | trail.escaped
            if isinstance(result, torch.Tensor):
                if live and not result.requires_grad and not (name.endswith("_") and not name.endswith("__")):
                    marks = marks | trail.here(cause_of(torch, name, result), name in CUTS)
                if marks:
                    trail.mark(result, marks)
            elif isinstance(result, (list, tuple)):
                for each in result:
                    self.follow(name, each, live, marks)
            elif name in ARRAYS or name in NUMBERS:
                taken = trail.here("AF102" if name in ARRAYS else "AF104", True) if live else NONE
                trail.escaped = trail.escaped | marks | taken

    return Trailing()
