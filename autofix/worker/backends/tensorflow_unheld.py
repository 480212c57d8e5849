"""What a program of TensorFlow makes to be trained, computes its loss from, and asks no gradient by.

An encoder that is missing in the list of variables, a loss with weights of its own, the weights of the terms of a loss.
It is a fault where a gradient would reach it, no optimizer gets it to the end, nobody assigns it, and the graph of the
loss says that it is no part which is kept as it is (`worker/unheld.py`). A tape keeps its graph to itself, so that
each operation notes which ones it goes on from.
"""

from __future__ import annotations

import functools
import gc
import json
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any

from ..provenance import Frame, is_foreign, user_frames
from ..unheld import (
    Called,
    Operation,
    Scope,
    Ways,
    comments_at,
    is_named,
    is_said,
    is_used_as_trained,
    made_by,
    roots_of,
)
from ..untracked import is_handed, place_of, plain_objects
from .tensorflow_provenance import DESCRIBING, EXECUTE, RUNTIME, flat

SLOW = "TFE_Py_Execute"
"""The function through which operations pass that the runtime's other one does not take."""
NOTED = "_autofix_operation"
VIEWS = "ReadVariableOp Identity Cast Reshape Transpose ExpandDims Squeeze BroadcastTo StridedSlice".split()
KINDS = {
    **dict.fromkeys(VIEWS, "view"),
    **dict.fromkeys("Add AddV2 AddN Sub Pack ConcatV2 Sum Mean Neg".split(), "sum"),
    **dict.fromkeys("Mul RealDiv DivNoNan".split(), "scale"),
}
"""What operations are, by their names in the runtime, of which no other is asked."""


class Unheld:
    """What is known of variables beside those that gradients are asked for.

    `graphs`, `frames` and `scopes` are of the places where a gradient is asked for: the last value there, the frames,
    and the variables in reach. `live` are the variables that a gradient would reach, `then` their values at that time.
    """

    def __init__(self, tf: Any, numpy: Any) -> None:
        self.tf, self.numpy = tf, numpy
        self.tensor = type(tf.constant(0.0))
        self.variable: Any = type(None)
        self.recording = False
        self.handles: dict[int, Any] = {}
        self.graphs: dict[Frame, Operation] = {}
        self.frames: dict[Frame, list[Frame]] = {}
        self.scopes: dict[Frame, Scope] = {}
        self.asked: dict[Frame, set[int]] = {}
        self.calls: dict[int, Called] = {}
        self.live: dict[int, Any] = {}
        self.then: dict[int, Any] = {}

    def begin(self, variable: Any) -> None:
        self.variable = variable
        runtime = sys.modules.get(RUNTIME)
        if runtime is None or not (hasattr(runtime, EXECUTE) and hasattr(runtime, SLOW)):
            return
        fast, slow = getattr(runtime, EXECUTE), getattr(runtime, SLOW)

        def execute(context: Any, name: str, label: Any, *inputs: Any) -> Any:
            return self.noted(name, inputs, fast(context, name, label, *inputs))

        def execute_slowly(context: Any, device: Any, name: Any, inputs: Any, *rest: Any) -> Any:
            return self.noted(name, inputs, slow(context, device, name, inputs, *rest))

        setattr(runtime, EXECUTE, execute)
        setattr(runtime, SLOW, execute_slowly)
        layer = layer_of_keras()
        if layer is not None:
            self.watch_calls(layer)

    def watch_calls(self, layer: Any) -> None:
        call = layer.__call__

        @functools.wraps(call)
        def watched(own: Any, *arguments: Any, **named: Any) -> Any:
            found = call(own, *arguments, **named)
            self.called(own, [*arguments, *named.values()], found)
            return found

        layer.__call__ = watched

    def called(self, layer: Any, arguments: list[Any], found: Any) -> None:
        """Note what a call of a layer was like, while a tape records."""
        if not self.recording:
            return
        tensors = [each for each in self.tf.nest.flatten(arguments) if isinstance(each, self.tensor)]
        entry = self.calls.setdefault(id(layer), Called())
        is_live = any(hasattr(each, NOTED) for each in tensors)
        entry.on_data = entry.on_data or not is_live
        if is_live:
            entry.labels = entry.labels or any(len(each.shape) and not each.dtype.is_floating for each in tensors)
            entry.scalar = entry.scalar or (isinstance(found, self.tensor) and len(found.shape) == 0)

    def noted(self, name: Any, inputs: Any, result: Any) -> Any:
        """What an operation gives, with a note of what it depends on."""
        if not self.recording:
            return result
        name = name.decode() if isinstance(name, bytes) else name
        if name in DESCRIBING or name == "StopGradient":
            return result
        found = [one for one in map(self.operation, flat(inputs)) if one is not None]
        for each in flat([result]) if found else ():
            if isinstance(each, self.tensor) and each.dtype.is_floating:
                setattr(each, NOTED, Operation(KINDS.get(name, ""), found))
        return result

    def operation(self, value: Any) -> Operation | None:
        """The operation that a value comes from, where it depends on variables."""
        if isinstance(value, self.tensor):
            if id(value) in self.handles:
                return self.handles[id(value)]  # type: ignore[no-any-return]
            return getattr(value, NOTED, None)
        return self.leaf(value) if isinstance(value, self.variable) and value.trainable else None

    def leaf(self, variable: Any) -> Operation:
        """A variable, as something that operations depend on."""
        return self.handles.setdefault(id(variable.handle), Operation("", [], variable))  # type: ignore[no-any-return]

    def differentiated(self, target: Any, sources: list[Any]) -> None:
        """Keep the graph of a value that the program itself asks a gradient of, and what is in reach there."""
        where = user_frames()
        roots = [one for one in map(self.operation, self.tf.nest.flatten(target)) if one is not None]
        if not where or not roots or is_foreign(sys._getframe(3).f_code.co_filename):
            return
        self.graphs[where[0]] = Operation("sum", roots)
        self.asked[where[0]] = {id(one) for one in sources}
        if where[0] not in self.frames:
            kinds = tuple(each for each in (layer_of_keras(), self.tf.Module, self.variable) if each is not None)
            self.frames[where[0]], self.scopes[where[0]] = where, Scope(kinds, sys._getframe(1))

    def reached(self, variable: Any, gradient: Any) -> None:
        """Note that a gradient would reach a variable."""
        if gradient is not None and id(variable) not in self.live:
            dense = self.tf.convert_to_tensor(gradient)
            if dense.dtype.is_floating and bool(self.tf.reduce_any(dense != 0)):
                self.live[id(variable)] = variable
                self.then[id(variable)] = variable.numpy()

    def strays(self, held: set[int]) -> Iterator[tuple[str, list[Frame], str]]:
        """What is meant to be trained: its name, where a gradient is asked for without it, and how each of the frames
        around can write it."""
        loose = {
            key: one for key, one in self.live.items()
            if key not in held and self.numpy.array_equal(self.then[key], one.numpy())
        }  # fmt: skip
        modules = [each for each in gc.get_objects() if issubclass(type(each), self.kinds)] if loose else []
        inner = {id(one) for each in modules for one in self.leaves(each)}
        for where, root in self.graphs.items():
            reached = {id(each.leaf) for each in root.in_order() if each.leaf is not None}
            if not reached & self.asked[where] & inner:
                continue
            own = {key: one for key, one in loose.items() if key in reached}
            found = roots_of(modules, self.leaves, parts_of, own, partial(self.is_in_reach, where))
            for each in [*found, *(one for key, one in own.items() if key not in inner)]:
                ways = Ways(root, held, {id(one) for one in self.leaves(each)})
                yield from self.stray(each, where, ways, held, modules)
            for each in self.scopes[where].objects():
                yield from self.helper(each, where, root, held)

    def elsewhere(self) -> Iterator[tuple[str, list[Frame], str]]:
        """Where a gradient is asked for by the variables of a model that the value is not computed from, while those of
        one like it have it: its name, the frames there, and how these write both (`records.Elsewhere`)."""
        modules = [each for each in gc.get_objects() if issubclass(type(each), self.kinds)] if self.live else []
        for where, root in self.graphs.items() if modules else ():
            used = {id(each.leaf) for each in root.in_order() if each.leaf is not None}
            asked = self.asked[where]
            if not used or used & asked or not used <= self.live.keys():
                continue
            is_in_reach = partial(self.is_in_reach, where)
            now, before = (roots_of(modules, self.leaves, parts_of, each, is_in_reach) for each in (used, asked))
            if len(now) != 1 or len(before) != 1 or self.ranks(now[0]) != self.ranks(before[0]):
                continue
            spelled = self.scopes[where].spelled
            held, written = (spelled(each[0], self.frames[where]) for each in (before, now))
            name = next((each for each in written if each), "")
            if name and not is_named(type(now[0]), name.replace(".", " ")):
                yield name, self.frames[where], json.dumps({"held": held, "used": written, "later": []})

    def ranks(self, module: Any) -> list[int]:
        """How many axes its variables have: another model of its kind has as many."""
        return [len(each.shape) for each in self.leaves(module)]

    def helper(self, one: Any, where: Frame, root: Operation, held: set[int]) -> Iterator[tuple[str, list[Frame], str]]:
        """What is to be said of an object without a base in the framework, if the layers that it keeps lie between
        what is trained: what is trained is handed to them, and all that they give."""
        kept = {name: part for name, part in vars(one).items() if isinstance(part, self.kinds)}
        if not kept or isinstance(one, self.kinds) or not self.are_lost(list(kept.values()), held):
            return
        whole = Ways(root, held, {id(leaf) for part in kept.values() for leaf in self.leaves(part)}).whole
        frames = self.frames[where]
        spelled = self.scopes[where].spelled(one, frames)
        name = next((each for each in spelled if each), "")
        is_meant = whole.through and whole.down and not whole.free and not is_named(type(one), name, *kept)
        if is_meant and name and not is_said(" ".join(map(comments_at, frames[:1]))):
            form = {"kind": "helper", "spelled": spelled, "made": False, "optimizer": "", "of": type(one).__name__,
                    "layers": [each for each, part in kept.items() if self.leaves(part)]}  # fmt: skip
            yield name, frames, json.dumps(form)

    def hidden(self, held: set[int], wholes: set[int]) -> Iterator[tuple[str, Frame, str]]:
        """Where layers that are trained as a whole keep plain objects that keep layers: the attribute, its place, and
        the class of these."""
        layers = [each for each in gc.get_objects() if id(each) in wholes and issubclass(type(each), self.kinds)]
        tracked = {id(part) for each in layers for part in parts_of(each)}
        for each in layers:
            for name, value in list(vars(each).items()):
                for one in plain_objects(value, self.kinds):
                    kept = [part for part in self.kept(one) if id(part) not in tracked]
                    place = place_of(type(each), name) if self.are_lost(kept, held) else None
                    if place is not None and not place.is_meant and not is_handed(place) and not is_named(type(one)):
                        yield f"{type(each).__name__}.{name}", place.frame, type(one).__name__
                        break

    def kept(self, one: Any) -> Iterator[Any]:
        """The layers that a plain object keeps."""
        for value in list(vars(one).values()):
            for each in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(each, self.kinds):
                    yield each

    def are_lost(self, layers: list[Any], held: set[int]) -> bool:
        """Does a gradient reach variables of layers, all of which stay as they are?"""
        own = {id(one): one for each in layers for one in self.leaves(each)}
        return bool(own.keys() & self.live.keys()) and not any(
            key in held or (key in self.then and not self.numpy.array_equal(self.then[key], one.numpy()))
            for key, one in own.items()
        )

    def stray(
        self, one: Any, where: Frame, ways: Ways, held: set[int], modules: list[Any]
    ) -> Iterator[tuple[str, list[Frame], str]]:
        """What is to be said of something, if it is meant to be trained."""
        frames = self.frames[where]
        spelled = self.scopes[where].spelled(one, frames)
        name = next((each for each in spelled if each), "")
        is_variable = isinstance(one, self.variable) or not hasattr(one, "trainable_variables")
        if is_named(type(one), name.replace(".", " ")) or is_said(" ".join(map(comments_at, frames[:1]))):
            return
        if is_variable:
            # What a layer keeps untracked is looked at where it does so (`tensorflow_untracked`).
            is_kept = any(one is value for each in modules for value in vars(each).values())
            is_meant = not is_kept and ways.has_own_term(alone=True)
        else:
            around = [each for each in modules if each is not one and any(part is one for part in parts_of(each))]
            is_beside = any(id(leaf) in held for each in around for leaf in self.leaves(each))
            makers = made_by(((type(each), self.own_leaves(each)) for each in parts_of(one)), self.is_even)
            is_meant = is_used_as_trained(ways, self.calls.get(id(one), Called()), makers, is_beside, False)
        if is_meant and name:
            kind = "tensor" if is_variable else "module"
            yield name, frames, json.dumps({"kind": kind, "spelled": spelled, "made": False, "optimizer": ""})

    def is_in_reach(self, where: Frame, one: Any) -> bool:
        """Can any of the frames at a place write something?"""
        return any(self.scopes[where].spelled(one, self.frames[where]))

    def is_even(self, variable: Any) -> bool:
        """Are all numbers of a variable the same? What is no constant often begins so."""
        values = variable.numpy()
        return bool((values == values.flat[:1]).all())

    @property
    def kinds(self) -> tuple[Any, ...]:
        return tuple(each for each in (layer_of_keras(), self.tf.Module) if each is not None)

    def leaves(self, one: Any) -> list[Any]:
        """The variables of TensorFlow that are trained with something, or of a variable of Keras that itself."""
        found = one.trainable_variables if isinstance(one, self.kinds) else [one]
        return [getattr(each, "_value", each) if hasattr(each, "path") else each for each in found]

    def own_leaves(self, one: Any) -> list[Any]:
        """Those of a layer that are of none of its parts."""
        inner = {id(each) for part in parts_of(one) if part is not one for each in self.leaves(part)}
        return [each for each in self.leaves(one) if id(each) not in inner]


def layer_of_keras() -> Any:
    """The base of all layers; None where the program has no Keras."""
    return getattr(getattr(sys.modules.get("keras"), "layers", None), "Layer", None)


def parts_of(one: Any) -> list[Any]:
    """A layer or a module, and all those within it."""
    if hasattr(one, "_flatten_layers"):
        return list(one._flatten_layers())
    return [one, *getattr(one, "submodules", ())]
