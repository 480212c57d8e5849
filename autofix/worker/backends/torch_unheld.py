"""What a program of PyTorch makes to be trained, computes its loss from, and gives to no optimizer.

A head of its own beside the network, a loss with parameters, weights of the terms of a loss. It is a fault where the
program made it, a gradient reaches it at every step, nobody changes it or reads that gradient, no optimizer holds it to
the end, and the graph of the loss says that it is no part which is kept as it is (`worker/unheld.py`).
"""

from __future__ import annotations

import ast
import functools
import json
import linecache
import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from ..draw import together
from ..provenance import Frame, is_foreign, user_frames
from ..record import frames_at
from ..unheld import (
    DRAWS,
    MOST_OPERATIONS,
    Called,
    Operation,
    Scope,
    Ways,
    comments_at,
    draws,
    is_named,
    is_said,
    is_used_as_trained,
    made_by,
    roots_of,
)
from ..untracked import of_project, place_of, tree_of
from .torch_unregistered import Unregistered

VIEWS = "t transpose permute view unsafeview reshapealias expand unsqueeze squeeze clone tocopy slice select".split()
KINDS = {
    **dict.fromkeys(VIEWS, "view"),
    **dict.fromkeys("add sub stack cat sum mean neg".split(), "sum"),
    **dict.fromkeys("mul div".split(), "scale"),
}
"""What operations are, by the names of their nodes in autograd's graph, of which no other is asked."""


class Unheld:
    """What is known of leaves beside optimizers: how modules were called, and the graphs of differentiated values.

    `scopes` are the variables in reach where an optimizer was made, by its identity, `reach` those where a module was
    made behind one; `graphs` the last graph of each place; `read` the leaves whose gradient the program reads, `live`
    those that one reaches at a step, `trained` the modules that it calls `train` or `zero_grad` of, `born` the
    parameters that come to a module in a pass behind an optimizer, by its identity and their name.
    """

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.scopes: dict[int, Scope] = {}
        self.optimizers: dict[int, Any] = {}
        self.reach: dict[int, Scope] = {}
        self.graphs: dict[Frame, Operation] = {}
        self.calls: dict[int, Called] = {}
        self.places: dict[int, Frame] = {}
        self.read: set[int] = set()
        self.live: dict[int, Any] = {}
        self.trained: set[int] = set()
        self.born: set[tuple[int, str]] = set()

    def begin(self) -> None:
        module = self.torch.nn.Module
        begin, call, train, clear = module.__init__, module.__call__, module.train, module.zero_grad
        unheld = self

        @functools.wraps(begin)
        def made(self: Any, *arguments: Any, **named: Any) -> None:
            begin(self, *arguments, **named)
            unheld.made(self)

        @functools.wraps(call)
        def watched(self: Any, *arguments: Any, **named: Any) -> Any:
            found = call(self, *arguments, **named)
            unheld.called(self, [*arguments, *named.values()], found)
            return found

        def noting(own: Any) -> Any:
            @functools.wraps(own)
            def noted(self: Any, *arguments: Any, **named: Any) -> Any:
                if not is_foreign(sys._getframe(1).f_code.co_filename):
                    unheld.trained.add(id(self))
                return own(self, *arguments, **named)

            return noted

        module.__init__, module.__call__, module.train, module.zero_grad = made, watched, noting(train), noting(clear)

    def made(self, module: Any) -> None:
        """Note where the program makes a module: behind the methods that run for it."""
        frame = sys._getframe(2)
        while frame is not None:
            code = frame.f_code
            own = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
            if own is not module and not is_foreign(code.co_filename):
                place = code.co_filename, frame.f_lineno, code.co_name
                self.places[id(module)] = Frame(place[0], place[1], 0, place[1], 0, place[2], "")
                if self.optimizers:
                    self.reach[id(module)] = Scope((self.torch.optim.Optimizer,), frame, 1)
                return
            frame = frame.f_back  # type: ignore[assignment]

    def called(self, module: Any, arguments: list[Any], found: Any) -> None:
        """Note what a call of a module was like, while gradients are recorded."""
        if not self.torch.is_grad_enabled():
            return
        tensors = list(self.tensors(arguments))
        entry = self.calls.setdefault(id(module), Called())
        is_live = any(each.requires_grad for each in tensors)
        entry.still = entry.still or not module.training
        entry.on_data = entry.on_data or not is_live
        if is_live:
            entry.labels = entry.labels or any(each.ndim and is_integer(each) for each in tensors)
            given = next(self.tensors([found]), None)
            entry.scalar = entry.scalar or (given is not None and given.ndim == 0 and given.requires_grad)

    def tensors(self, values: Any, depth: int = 0) -> Iterator[Any]:
        for each in values.values() if isinstance(values, dict) else values:
            if isinstance(each, self.torch.Tensor):
                yield each
            elif isinstance(each, (list, tuple, dict)) and depth < 2:
                yield from self.tensors(each, depth + 1)

    def differentiated(self, values: list[Any]) -> None:
        """Keep the graph of values that are differentiated."""
        where = user_frames()[:1]
        nodes = [each.grad_fn for each in values if isinstance(each, self.torch.Tensor) and each.grad_fn is not None]
        if where and nodes:
            self.graphs[where[0]] = Operation("sum", list(operations(nodes)))

    def made_optimizer(self, optimizer: Any) -> None:
        """Note what is in reach where an optimizer is made."""
        self.optimizers[id(optimizer)] = optimizer
        self.scopes[id(optimizer)] = Scope((self.torch.nn.Module, self.torch.Tensor), sys._getframe(1))

    def asked(self, value: Any) -> None:
        """Note that the gradient of a leaf is read, by the program itself."""
        if not is_foreign(sys._getframe(2).f_code.co_filename):
            self.read.add(id(value))

    def stepping(self, loose: Iterable[Any]) -> None:
        """Note the leaves that a gradient reaches, and that the optimizer which makes a step does not hold."""
        for one in loose:
            if id(one) not in self.live and is_live(one):
                self.live[id(one)] = one

    def strays(
        self, others: Unregistered, held: dict[int, Any], names: dict[int, str], modules: list[Any], stepped: list[Any]
    ) -> Iterator[tuple[str, list[Frame], str]]:
        """What is meant to be trained: its name, where the optimizer is made that lacks it, and how each of the frames
        around that can write it."""
        root = Operation("sum", list(self.graphs.values()))
        reached = {id(each.leaf) for each in root.in_order() if each.leaf is not None}
        inner = {id(one) for each in modules for one in each.parameters()}
        if not any(one in held and one in inner for one in reached):
            return  # what is trained is an image, a latent or a prompt
        order = list(held)
        optimizer = max(stepped, key=lambda each: sum(order[at] in reached for at in each["parameters"]))
        own = [one for key, one in self.live.items() if key in reached and key not in held]
        own = [one for one in own if id(one) not in others.wanted and not others.is_changed(one)]
        kept = {id(one) for each in modules for value in others.contained(each) for one in leaves_of(value)}
        own, frames = [one for one in own if id(one) not in kept], frames_at(optimizer)
        spell = partial(self.scopes[optimizer["id"]].spelled, beside=frames)
        for each in self.roots(own, modules, lambda one: any(spell(one))):
            leaves, spelled = leaves_of(each), spell(each)
            ways = Ways(root, set(held), {id(one) for one in leaves})
            is_left = self.is_left_alone(each, modules, held, frames)
            if id(each) in inner and not ways.is_term({id(each)}) and not (is_left and ways.whole.down):
                continue  # a part of a module of which others are held
            if (others.loaded | others.copies.keys()) & ids_of(each) or self.is_meant(each, spelled, frames):
                continue
            if not (is_left or self.is_forgotten(each, spelled, frames, ways, modules, held)):
                continue
            name = names.get(id(leaves[0]), "") or next((one for one in spelled if one), "") or type(each).__name__
            made = self.places.get(id(each)) if not any(spelled) else None
            kind = "tensor" if isinstance(each, self.torch.Tensor) else "module"
            there = self.reach.get(id(each)) if made is not None else None
            beside = there.spelled(self.optimizers[optimizer["id"]], [made])[0] if there is not None and made else ""
            form = {"kind": kind, "spelled": spelled, "made": made is not None, "optimizer": beside}
            yield name, [*frames, *([made] if made is not None else [])], json.dumps(form)

    def is_left_alone(self, one: Any, modules: list[Any], held: dict[int, Any], frames: list[Frame]) -> bool:
        """Is it a parameter that a module of the project made for itself, and is all that its parts have held?

        Who trains all parts of a module and collects their parameters one by one has not thought of its own. One that
        the program leaves out by its name is left out on purpose.
        """
        owners = [(each, name) for each in modules for name, own in each.named_parameters(recurse=False) if own is one]
        if not owners or id(one) in self.read:
            return False
        owner, name = owners[0]
        if (id(owner), name) in self.born:
            return False
        place = place_of(type(owner), name)
        if place is None or place.is_meant or is_named(type(owner), name):
            return False
        own = {id(each) for each in owner.parameters(recurse=False)}
        inner = [each for each in trained_of(owner) if id(each) not in own]
        is_made = is_even(one) or draws(type(owner))
        return is_made and len(inner) > 1 and all(id(each) in held for each in inner) and not is_quoted(name, frames)

    def roots(self, own: list[Any], modules: list[Any], is_in_reach: Any) -> list[Any]:
        """What some leaves are together: whole modules, and single leaves."""
        loose = {id(one) for one in own}
        found = roots_of(modules, trained_of, lambda one: list(one.modules()), loose, is_in_reach)
        whole = {id(one) for each in found for one in trained_of(each)}
        return [*found, *(one for one in own if id(one) not in whole)]

    def is_meant(self, one: Any, spelled: list[str], frames: list[Frame]) -> bool:
        """Do names or comments say that it is not to be trained?"""
        path = next((each for each in spelled if each), "")
        places = [self.places[id(one)]] if id(one) in self.places else []
        comments = " ".join(comments_at(each) for each in [*places, *frames])
        return is_named(type(one), path.replace(".", " ")) or is_said(comments)

    def is_forgotten(
        self, one: Any, spelled: list[str], frames: list[Frame], ways: Ways, modules: list[Any], held: dict[int, Any]
    ) -> bool:
        """Does the program use it as what is trained?"""
        whole = ways.whole
        if isinstance(one, self.torch.Tensor):
            is_made = is_even(one) and (isinstance(one, self.torch.nn.Parameter) or not whole.through)
            return whole.free and id(one) not in self.read and (is_made or is_drawn(spelled, frames))
        calls = [self.calls.get(id(each), Called()) for each in one.modules()]
        if any(each.still for each in calls) or not one.training:
            return False
        if isinstance(one, self.torch.nn.Embedding):
            return whole.through and not whole.free and is_table(spelled, frames) and has_composite(modules, held)
        first, is_beside = self.calls.get(id(one), Called()), is_beside_held(one, modules, held)
        makers = made_by(((type(each), list(each.parameters(recurse=False))) for each in one.modules()), is_even)
        return is_used_as_trained(ways, first, makers, is_beside, id(one) in self.trained)


def is_quoted(name: str, frames: list[Frame]) -> bool:
    """Does a file around write this name in a string, as what picks parameters by their names does?"""
    constants = (each for frame in frames for each in ast.walk(tree_of(frame.file)) if isinstance(each, ast.Constant))
    return any(name in each.value for each in constants if isinstance(each.value, str))


def is_integer(value: Any) -> bool:
    return not (value.is_floating_point() or value.is_complex())


def is_live(value: Any) -> bool:
    """Does a gradient reach a leaf?"""
    return bool((value.grad.to_dense() if value.grad.is_sparse else value.grad).abs().sum() > 0)


def leaves_of(value: Any) -> list[Any]:
    """The parameters of a module, or a leaf itself."""
    return trained_of(value) if hasattr(value, "parameters") else [value]


def ids_of(value: Any) -> set[int]:
    return {id(each) for each in value.modules()} if hasattr(value, "modules") else {id(value)}


def trained_of(module: Any) -> list[Any]:
    return [each for each in module.parameters() if each.requires_grad]


def is_even(value: Any) -> bool:
    """Are all numbers of a leaf the same? What is no constant often begins so."""
    return bool((value.detach() == value.detach().reshape(-1)[:1]).all())


def is_beside_held(one: Any, modules: list[Any], held: dict[int, Any]) -> bool:
    """Is it a part of what an optimizer holds other parts of?"""
    around = [each for each in modules if each is not one and any(part is one for part in each.modules())]
    return any(id(leaf) in held for each in around for leaf in each.parameters())


def operations(nodes: list[Any]) -> Iterator[Operation]:
    """The graphs behind some nodes of autograd."""
    known: dict[Any, Operation] = {}
    waiting = list(nodes)
    while waiting and len(known) < MOST_OPERATIONS:
        node = waiting.pop()
        if node in known:
            continue
        known[node] = Operation(KINDS.get(name_of(node), ""), [], getattr(node, "variable", None))
        waiting += [each for each, _ in node.next_functions if each is not None]
    for node, one in known.items():
        one.inputs = [known[each] for each, _ in node.next_functions if each in known]
    yield from (known[each] for each in nodes if each in known)


def name_of(node: Any) -> str:
    return str(node.name()).rpartition("::")[2].partition("Backward")[0].lower()


def has_composite(modules: list[Any], held: dict[int, Any]) -> bool:
    """Is all of a model of the project's own held, and no single layer, as a probe is?"""
    return any(
        of_project(type(each)) and len(trained_of(each)) > 2 and all(id(one) in held for one in trained_of(each))
        for each in modules
    )


def is_table(spelled: list[str], frames: list[Frame]) -> bool:
    """Are the vectors of a table those that it was made with, and no others that are written into it?"""
    name = next((each for each in spelled if each), "")
    pattern = re.compile(rf"\b{re.escape(name.rpartition('.')[2])}\.weight(?:\.data)?(?:\[.*\])?(?:\s*=[^=]|\.copy_)")
    return bool(name) and not any(pattern.search("".join(linecache.getlines(each.file))) for each in frames)


def is_drawn(spelled: list[str], frames: list[Frame]) -> bool:
    """Is what has this name drawn where it is assigned?"""
    for name, frame in together(spelled, frames[: len(spelled)]):
        own = name.rpartition(".")[2]
        for node in ast.walk(tree_of(frame.file)) if own else ():
            names = [getattr(each, "attr", getattr(each, "id", "")) for each in getattr(node, "targets", ())]
            if own in names and isinstance(node, ast.Assign):
                return bool(DRAWS.search("".join(linecache.getlines(frame.file)[node.lineno - 1 : node.end_lineno])))
    return False
