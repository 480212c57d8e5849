"""What modules of PyTorch keep without registering it, although they are trained: `parameters()` leaves it out.

A module registers what is assigned to it, and nothing of what a list, a dictionary or a tuple of its own holds. Many
keep something there on purpose: a teacher, an encoder of somebody else, fixed random weights. It is a fault where the
module made the parts itself, an optimizer was given all its parameters, a gradient reaches the parts, and nobody else
changes them.
"""

from __future__ import annotations

import ast
import functools
import os
import re
import sys
import weakref
from collections.abc import Iterator
from typing import Any

from ..provenance import PACKAGE, Frame, user_frames
from ..untracked import Place, called, is_handed, of_project, place_of, plain_objects, tree_of

MOST_KEPT = 1000
DEEPEST = 4
MOST_COMPARED = 1_000_000
"""Elements of a tensor that is compared with what it was before."""


class Unregistered:
    """What is known of the modules of a program: who made them, and who was asked for its parameters.

    `makers` are the modules whose methods were running while one was made, by identity, and `copies` what one is a copy
    of; `asked` are those whose parameters were asked for, with the place, of which the first `before` were asked before
    an optimizer was made. `used` are tensors with a gradient of their own that no module knows, `then` the values of
    leaves at a step.
    """

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.makers: dict[int, set[int]] = {}
        self.copies: dict[int, Any] = {}
        self.asked: dict[int, tuple[Any, list[Frame]]] = {}
        self.before = 0
        self.loaded: set[int] = set()
        self.used: dict[int, Any] = {}
        self.then: dict[int, Any] = {}
        self.wanted: set[int] = set()
        self.plain = frozenset(vars(torch.nn.Module()))

    def begin(self) -> None:
        module = self.torch.nn.Module
        begin, restored, load = module.__init__, module.__setstate__, module.load_state_dict
        unregistered = self

        @functools.wraps(begin)
        def made(self: Any, *arguments: Any, **named: Any) -> None:
            begin(self, *arguments, **named)
            unregistered.made(self)

        @functools.wraps(restored)
        def copied(self: Any, state: Any) -> None:
            restored(self, state)
            frame = sys._getframe(1)
            if frame.f_globals.get("__name__") == "copy":
                unregistered.made(self)
                unregistered.copies[id(self)] = frame.f_back.f_locals.get("x") if frame.f_back is not None else None

        @functools.wraps(load)
        def filled(self: Any, *arguments: Any, **named: Any) -> Any:
            unregistered.loaded.update(id(each) for each in self.modules())
            return load(self, *arguments, **named)

        module.__init__, module.__setstate__, module.load_state_dict = made, copied, filled
        for name in ("parameters", "named_parameters"):
            setattr(module, name, self.asking(getattr(module, name)))

    def asking(self, own: Any) -> Any:
        """A method that lists parameters, for others than PyTorch itself."""
        inside = (os.path.dirname(self.torch.nn.__file__), PACKAGE)  # noqa: PTH120
        asked = self.asked

        @functools.wraps(own)
        def listed(self: Any, *arguments: Any, **named: Any) -> Any:
            if id(self) not in asked and not sys._getframe(1).f_code.co_filename.startswith(inside):
                asked[id(self)] = self, user_frames()
            return own(self, *arguments, **named)

        return listed

    def made(self, module: Any) -> None:
        """Note whose methods run while a module is made."""
        found: set[int] = set()
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            if code.co_argcount and code.co_varnames[0] == "self":
                owner = frame.f_locals.get("self")
                if owner is not module and isinstance(owner, self.torch.nn.Module):
                    found.add(id(owner))
            frame = frame.f_back  # type: ignore[assignment]
        self.makers[id(module)] = found

    def met(self, value: Any) -> None:
        """Note a tensor with a gradient of its own that goes into an operation."""
        if id(value) not in self.used:
            self.used[id(value)] = weakref.ref(value)

    def in_use(self) -> list[Any]:
        """The tensors with a gradient of their own that are in use, and still there."""
        found = [reference() for reference in self.used.values()]
        return [each for each in found if each is not None and each.is_leaf and each.requires_grad]

    def leaves(self, kept: list[Any]) -> list[Any]:
        """The leaves that are in use: parameters, and other tensors that still are there."""
        others = [reference() for reference in self.used.values()]
        return [each for each in (*kept, *others) if isinstance(each, self.torch.Tensor) and each.grad is not None]

    def stepping(self, kept: list[Any]) -> None:
        """Note the values of leaves at a step, to tell later who changes them."""
        for one in self.leaves(kept):
            if id(one) not in self.then and one.numel() <= MOST_COMPARED:
                self.then[id(one)] = one, one.detach().clone()

    def strays(self, held: dict[int, Any], optimizers: list[dict[str, Any]], modules: list[Any]) -> Iterator[Any]:
        """The places where a module keeps what no optimizer holds, with its name and how it is kept."""
        meant = self.trained_as_a_whole(held, optimizers)
        for module in modules:
            if id(module) in meant:
                yield from self.kept_apart(module, held, modules, True)

    def strays_of_all(self, modules: list[Any]) -> Iterator[Any]:
        """Those of modules that were asked for parameters and have none, so that no optimizer could be made; and the
        frames of that."""
        for module, frames in list(self.asked.values()):
            if not list(module.parameters()):
                for part in module.modules():
                    for place, name, form in self.kept_apart(part, {}, modules, False):
                        yield [place, *frames], name, form

    def kept_apart(self, module: Any, held: dict[int, Any], modules: list[Any], live: bool) -> Iterator[Any]:
        """The places where one module keeps what no optimizer holds."""
        inner = {id(child) for each in modules for child in each.children()}
        around = {id(each) for each in modules if any(one is module for one in each.modules())}
        for name, value in list(vars(module).items()):
            if name in self.plain or not isinstance(value, (list, tuple, dict, set, self.torch.Tensor)):
                continue
            items = list(self.items(value))
            if items and self.is_lost(items, held, inner, around, live):
                place = place_of(type(module), name)
                if place is not None and not place.is_meant and self.is_made_there(items, place, modules):
                    yield place.frame, f"{type(module).__name__}.{name}", self.form(value)

    def hidden(self, held: dict[int, Any], optimizers: list[dict[str, Any]], modules: list[Any]) -> Iterator[Any]:
        """The places where a module keeps plain objects that keep modules, with the class of these."""
        meant = self.trained_as_a_whole(held, optimizers)
        inner = {id(child) for each in modules for child in each.children()}
        for module in (each for each in modules if id(each) in meant and of_project(type(each))):
            around = {id(each) for each in modules if any(one is module for one in each.modules())}
            for name, one in self.plain_objects(module):
                items = [each for part in vars(one).values() for each in self.items(part) if self.is_part(each)]
                if items and self.is_lost(items, held, inner, around, True):
                    place = place_of(type(module), name)
                    if place is not None and not place.is_meant and not is_handed(place):
                        yield place.frame, f"{type(module).__name__}.{name}", type(one).__name__

    def plain_objects(self, module: Any) -> Iterator[tuple[str, Any]]:
        """The plain objects that a module keeps, each with the attribute."""
        kinds = (self.torch.nn.Module, self.torch.Tensor)
        for name, value in list(vars(module).items()):
            yield from ((name, one) for one in plain_objects(value, kinds) if name not in self.plain)

    def is_part(self, value: Any) -> bool:
        return isinstance(value, (self.torch.nn.Module, self.torch.nn.Parameter))

    def trained_as_a_whole(self, held: dict[int, Any], optimizers: list[dict[str, Any]]) -> set[int]:
        """The modules that are part of one whose parameters were asked for, and are held by optimizers.

        Where those of a part are the same, that part was meant: its owner was asked for another reason.
        """
        lines = {
            (frame["file"], line)
            for each in optimizers
            for frame in each["frames"]
            for line in range(frame["line"], frame["end_line"] + 1)
        }
        asked = list(self.asked.values())[: self.before]
        trained = {id(each): {id(one) for one in each.parameters() if one.requires_grad} for each, _ in asked}
        whole = [
            (each, trained[id(each)])
            for each, where in asked
            if trained[id(each)] <= set(held)
            and (trained[id(each)] or any((one.file, one.line) in lines for one in where))
        ]
        return {
            id(part)
            for each, own in whole
            if not any(other is not each and theirs == own and is_part(other, each) for other, theirs in whole)
            for part in each.modules()
        }

    def asked_for(self) -> set[int]:
        """The parameters that the program has asked modules for."""
        return {id(one) for each, _ in self.asked.values() for one in each.parameters()}

    def is_untouched(self, value: Any) -> bool:
        """Is a leaf that a gradient reaches changed by nobody, and has nobody asked for its gradient alone?"""
        return id(value) not in self.wanted and self.is_live(value) and not self.is_changed(value)

    def contained(self, module: Any) -> Iterator[Any]:
        """The modules and tensors that a module keeps in containers of its own."""
        for name, value in list(vars(module).items()):
            if name not in self.plain and isinstance(value, (list, tuple, dict, set)):
                yield from self.items(value)

    def items(self, value: Any, depth: int = 0) -> Iterator[Any]:
        """The modules and tensors that a container holds."""
        if isinstance(value, (self.torch.nn.Module, self.torch.Tensor)):
            yield value
        elif isinstance(value, (list, tuple, dict, set)) and depth < DEEPEST and len(value) <= MOST_KEPT:
            for each in list(value.values() if isinstance(value, dict) else value):
                yield from self.items(each, depth + 1)

    def is_lost(self, items: list[Any], held: dict[int, Any], inner: set[int], around: set[int], live: bool) -> bool:
        """Are these parts of a module that trains them, though no optimizer holds any of it, and nobody else does?"""
        module = self.torch.nn.Module
        own = [one for each in items for one in (each.parameters() if isinstance(each, module) else [each])]
        modules = [each for each in items if isinstance(each, module)]
        if any(id(one) in held or id(one) in self.wanted or self.is_changed(one) for one in own):
            return False
        if any(id(part) in self.loaded for each in modules for part in each.modules()):
            return False
        if any(id(each) in inner or not each.training for each in modules):
            return False
        copied = [self.copies.get(id(part)) for each in modules for part in each.modules()]
        if any(id(one) in held for each in copied if isinstance(each, module) for one in each.parameters()):
            return False
        if any(not self.makers.get(id(each), set()) & around for each in modules):
            return False
        return any(self.is_live(one) or (not live and one.requires_grad) for one in own)

    def is_live(self, value: Any) -> bool:
        """Does a gradient reach a leaf?"""
        if not (value.is_leaf and value.requires_grad) or value.grad is None:
            return False
        return bool((value.grad.to_dense() if value.grad.is_sparse else value.grad).abs().sum() > 0)

    def is_changed(self, value: Any) -> bool:
        """Has somebody changed a leaf that no optimizer holds?"""
        kept = self.then.get(id(value))
        return kept is not None and kept[0] is value and not self.torch.equal(kept[1], value.detach())

    def is_made_there(self, items: list[Any], place: Place, modules: list[Any]) -> bool:
        """Does the assignment say that tensors are made there to be learned? Points of a grid and data are not.

        What fills an empty container with parameters says so, where no other module has these.
        """
        if all(isinstance(each, self.torch.nn.Module) for each in items) or learns(place):
            return True
        if not is_empty(place) or not all(isinstance(each, self.torch.nn.Parameter) for each in items):
            return False
        registered = {id(one) for each in modules for one in each.parameters(recurse=False)}
        return not any(id(each) in registered for each in items)

    def form(self, value: Any) -> str:
        """How something is kept: in which containers, the outermost first, and what they hold in the end."""
        if isinstance(value, self.torch.Tensor):
            return "tensor"
        items = list(self.items(value))
        kinds = {isinstance(each, self.torch.nn.Module) for each in items}
        held = "modules" if kinds == {True} else "tensors" if kinds == {False} else "both"
        return f"{self.shape(value)} {held}"

    def shape(self, value: Any) -> str:
        """The containers of a value: `list`, `dict`, `keys` (a dictionary with others than names), `mixed` parts."""
        parts = list(value.values() if isinstance(value, dict) else value)
        kind = "list" if isinstance(value, (list, tuple)) else "set"
        if isinstance(value, dict):
            kind = "dict" if all(isinstance(each, str) and each and "." not in each for each in value) else "keys"
        inner = {self.shape_of_part(each) for each in parts}
        if inner == {""}:
            return kind
        return f"{kind} {inner.pop()}" if len(inner) == 1 else f"{kind} mixed"

    def shape_of_part(self, part: Any) -> str:
        if isinstance(part, (list, tuple, dict, set)):
            return self.shape(part)
        return "" if isinstance(part, (self.torch.nn.Module, self.torch.Tensor)) else "other"


def is_part(one: Any, whole: Any) -> bool:
    return any(each is one for each in whole.modules())


def is_empty(place: Place) -> bool:
    """Is an attribute given a container with nothing in it: `[]`, `{}`?"""
    elements = getattr(place.value, "elts", getattr(place.value, "keys", None))
    return isinstance(place.value, (ast.List, ast.Dict)) and not elements


def learns(place: Place) -> bool:
    """Is what is assigned made there to be learned? What its method is given may say how large it is, and no more."""
    if place.value is None or POINTS.search(place.names) or is_fed(place):
        return False
    calls = [each for each in ast.walk(place.value) if isinstance(each, ast.Call)]
    if not calls or any(called(each) in DATA for each in calls):
        return False
    taken = [part for each in calls if called(each) in TAKES for part in (*each.args[:1], receiver(each))]
    return not any(isinstance(each, ast.Name) and each.id in place.given for each in taken)


def is_fed(place: Place) -> bool:
    """Is the attribute handed as it is to a model, or a function of the program: as a point, and not as a weight?"""
    name, tree = place.attribute, tree_of(place.frame.file)
    modules = {
        (alias.asname or alias.name).partition(".")[0]
        for each in ast.walk(tree)
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for alias in each.names
    }
    return any(
        isinstance(one, ast.Attribute) and one.attr == name and root_of(call.func) not in modules
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        for one in call.args
    )


def root_of(node: ast.expr) -> str:
    """The name that an expression begins with."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def receiver(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None


POINTS = re.compile(r"^[xytz]{1,3}\d*( |$)|point|coord|input|grid|colloc|bound|data|sample|image|observ", re.IGNORECASE)
"""What points and data are called that a model is evaluated at."""
DATA = frozenset("linspace arange meshgrid from_numpy as_tensor load cartesian_prod grid logspace stack cat".split())
"""What makes tensors of points and of data, which are not learned though a gradient by them may be wanted."""
TAKES = frozenset("tensor Variable requires_grad_ clone detach to float double".split())
"""What gives the values that it takes."""
