"""What layers of Keras 3 keep without tracking it, although it is trained: variables of TensorFlow itself.

A layer tracks variables of Keras, and other layers: `trainable_variables` leaves out each `tf.Variable` that is an
attribute of it, or stands in a list of its own. Counters, averages and schedules are kept so on purpose: it is a fault
where the layer makes the variable, its other variables are trained, a gradient reaches it, and nobody assigns it.
"""

from __future__ import annotations

import ast
import gc
import linecache
import re
import sys
from collections.abc import Iterator
from typing import Any

from ..provenance import is_foreign
from ..untracked import Place, called, methods_of, place_of, tree_of

DEEPEST = 3
MOST_KEPT = 1000
STEP = "train_step"
"""The method of Keras' own loop that asks a model for its variables."""
WEIGHTED = frozenset({"add_loss", "compute_loss", "compute_own_loss", STEP, "test_step", "loss"})
"""Where a number is the weight of a term of the loss as often as it is learned."""
SHOWS = frozenset({"print", "float", "int", "round", "numpy", "item", "str", "format", "info", "debug"})


class Untracked:
    """What is known of the variables that layers keep.

    `asked` are the layers whose variables a program or Keras' own loop asked for, `sources` the variables that a
    gradient was asked for by the program, `live` those that one reached, `then` their values at that time.
    """

    def __init__(self, tf: Any, numpy: Any) -> None:
        self.tf, self.numpy = tf, numpy
        self.asked: dict[int, Any] = {}
        self.sources: set[int] = set()
        self.live: set[int] = set()
        self.then: dict[int, Any] = {}
        self.known: dict[int, tuple[Any, Any, str]] = {}
        self.counted = -1
        self.base: Any = type(None)

    @property
    def layer(self) -> Any:
        """The base of all layers; None where the program has no Keras."""
        return getattr(getattr(sys.modules.get("keras"), "layers", None), "Layer", None)

    def was_asked(self, layer: Any) -> None:
        """Note a layer that is asked for its variables, by the program or for a step of Keras' own loop."""
        code = sys._getframe(2).f_code
        if id(layer) not in self.asked and (code.co_name == STEP or not is_foreign(code.co_filename)):
            self.asked[id(layer)] = layer

    def beside(self, used: list[Any], sources: list[Any]) -> list[Any]:
        """The variables in use that a layer keeps untracked, and that no gradient is asked for."""
        self.sources.update(id(one) for one in sources)
        if self.layer is None or all(id(one) in self.sources for one in used):
            return []
        if len(used) != self.counted:
            self.counted = len(used)
            self.known = {id(one): (layer, one, name) for layer in self.layers() for one, name in self.kept(layer)}
        return [one for one in used if id(one) in self.known and id(one) not in self.sources and one.dtype.is_floating]

    def layers(self) -> list[Any]:
        return [each for each in gc.get_objects() if issubclass(type(each), self.layer)]

    def kept(self, layer: Any) -> Iterator[tuple[Any, str]]:
        """The variables of TensorFlow that a layer keeps, each with the attribute."""
        for name, value in list(vars(layer).items()):
            yield from ((one, name) for one in self.variables(value))

    def variables(self, value: Any, depth: int = 0) -> Iterator[Any]:
        if isinstance(value, self.base):
            yield value
        elif isinstance(value, (list, tuple, dict, set)) and depth < DEEPEST and len(value) <= MOST_KEPT:
            for each in list(value.values() if isinstance(value, dict) else value):
                yield from self.variables(each, depth + 1)

    def reached(self, variable: Any, gradient: Any) -> None:
        """Note that a gradient reaches a variable."""
        if gradient is not None and id(variable) not in self.live:
            dense = self.tf.convert_to_tensor(gradient)
            if dense.dtype.is_floating and bool(self.tf.reduce_any(dense != 0)):
                self.live.add(id(variable))
                self.then[id(variable)] = variable.numpy()

    def strays(self, held: set[int]) -> Iterator[tuple[Any, str, str]]:
        """The places where a layer keeps variables that are never trained, with their names and forms."""
        wholes = self.trained_as_a_whole(held)
        found: dict[tuple[int, str], list[Any]] = {}
        for layer, one, name in self.known.values():
            if id(one) in self.live and id(one) not in self.sources | held and id(layer) in wholes:
                found.setdefault((id(layer), name), []).append((layer, one))
        for (_, name), pairs in found.items():
            layer = pairs[0][0]
            place = place_of(type(layer), name)
            own = [one for _, one in pairs]
            if place is None or place.is_meant or any(self.is_changed(one) for one in own):
                continue
            if is_made(place) and not is_assigned(place, name) and not self.is_weight(place, name, own):
                yield place.frame, f"{type(layer).__name__}.{name}", "variable"

    def is_changed(self, variable: Any) -> bool:
        return not self.numpy.array_equal(self.then[id(variable)], variable.numpy())

    def is_weight(self, place: Place, name: str, own: list[Any]) -> bool:
        """Is this a number that weighs terms of the loss?"""
        if any(one.shape.num_elements() != 1 for one in own):
            return False
        file = place.frame.file
        inside = [each for found in methods_of(file).values() for each in found]
        other = {id(read) for part in (*inside, *showing(file)) for read in reads(part, name)}
        is_read = any(id(each) not in other for each in reads(tree_of(file), name))
        return is_read or any(reads(part, name) for part in weighting(file))

    def trained_as_a_whole(self, held: set[int]) -> set[int]:
        """The layers that are part of one that was asked for its variables, all of which an optimizer gets.

        Where those of a part are the same, that part was meant.
        """
        parts = {id(each): each._flatten_layers() for each in self.asked.values()}
        trained = {
            id(each): {id(getattr(one, "_value", one)) for one in each.trainable_variables}
            for each in self.asked.values()
        }
        whole = [each for each in self.asked.values() if trained[id(each)] and trained[id(each)] <= held]
        return {
            id(part)
            for each in whole
            if not any(
                other is not each
                and trained[id(other)] == trained[id(each)]
                and any(one is other for one in parts[id(each)])
                for other in whole
            )
            for part in parts[id(each)]
        }


def weighting(file: str) -> Iterator[ast.AST]:
    """The methods and calls of a file in which terms of a loss are weighed."""
    for method in (each for found in methods_of(file).values() for each in found):
        if method.name in WEIGHTED:
            yield method
        yield from (each for each in ast.walk(method) if isinstance(each, ast.Call) and called(each) in WEIGHTED)


def showing(file: str) -> Iterator[ast.AST]:
    """The expressions of a file that make plain numbers of variables, or print them: these weigh nothing."""
    for each in ast.walk(tree_of(file)):
        made = each.elt if isinstance(each, (ast.ListComp, ast.GeneratorExp)) else each
        if isinstance(made, ast.JoinedStr) or (isinstance(made, ast.Call) and called(made) in SHOWS):
            yield each


def reads(node: ast.AST, name: str) -> list[ast.AST]:
    """The places where an attribute of this name stands."""
    return [each for each in ast.walk(node) if isinstance(each, ast.Attribute) and each.attr == name]


def is_made(place: Place) -> bool:
    """Does the class make variables itself, where it keeps them?"""
    methods = [each for found in methods_of(place.frame.file).values() for each in found]
    own = [each for each in methods if each.lineno <= place.frame.line <= (each.end_lineno or 0)]
    value = place.value
    if isinstance(value, ast.Name) or (isinstance(value, ast.Call) and called(value) != "Variable"):
        return False
    calls = [each for method in own for each in ast.walk(method) if isinstance(each, ast.Call)]
    return any(called(each) == "Variable" for each in calls)


def is_assigned(place: Place, name: str) -> bool:
    """Is a value assigned to the variable anywhere in its file? A schedule may do so much later."""
    text = "".join(linecache.getlines(place.frame.file))
    return (
        re.search(rf"\.{re.escape(name)}(?:\[[^\]]*\])?\.assign|set_value\([^,]*\.{re.escape(name)}\b", text)
        is not None
    )
