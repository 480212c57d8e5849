"""Optimizers that never find a gradient at a step, because it is cleared between `backward` and the step.

A training that clears gradients, or makes its step, at the wrong moment runs and learns nothing. An optimizer that has
found a gradient at any step is none of these, and one that was never given any is a fault of another kind.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..provenance import Frame, user_frames


class Cleared:
    """Where gradients were last taken and cleared; `empty` steps were without any, by the identity of the optimizer.

    `fine` are the optimizers that have found one.
    """

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.taken: list[Frame] = []
        self.places: dict[int, tuple[list[Frame], list[Frame]]] = {}
        self.empty: dict[int, tuple[list[Frame], list[Frame], list[Frame]]] = {}
        self.fine: set[int] = set()

    def begin(self) -> None:
        optimizer, module = self.torch.optim.Optimizer, self.torch.nn.Module
        clear, clear_module, cleared = optimizer.zero_grad, module.zero_grad, self

        @functools.wraps(clear)
        def zeroed(self: Any, *arguments: Any, **named: Any) -> None:
            cleared.clear(one for group in self.param_groups for one in group["params"])
            clear(self, *arguments, **named)

        @functools.wraps(clear_module)
        def zeroed_of_module(self: Any, *arguments: Any, **named: Any) -> None:
            cleared.clear(self.parameters())
            clear_module(self, *arguments, **named)

        optimizer.zero_grad, module.zero_grad = zeroed, zeroed_of_module

    def clear(self, parameters: Iterable[Any]) -> None:
        """Note where gradients are thrown away."""
        here = None
        for one in parameters:
            if self.taken and one.grad is not None and id(one) not in self.places and is_live(one.grad):
                here = here if here is not None else user_frames()
                self.places[id(one)] = here, self.taken

    def stepping(self, optimizer: Any, parameters: list[Any], takes_itself: bool) -> None:
        """Note a step, which may take its gradients by itself, and forget what was cleared before it."""
        places = [self.places.pop(id(one)) for one in parameters if id(one) in self.places]
        if takes_itself or any(one.grad is not None and is_live(one.grad) for one in parameters):
            self.fine.add(id(optimizer))
        elif places and id(optimizer) not in self.empty:
            self.empty[id(optimizer)] = (*places[0], user_frames())

    def strays(self, optimizers: Iterable[dict[str, Any]]) -> Iterator[tuple[str, list[Frame], str]]:
        """Each optimizer that has found no gradient at any step: what it is, then where gradients are cleared, taken
        and stepped with; the form tells how many of the places are of the first and the second (`records.Cleared`)."""
        for each in optimizers:
            if each["id"] in self.empty and each["id"] not in self.fine:
                cleared, taken, stepped = self.empty[each["id"]]
                form = json.dumps({"cleared": len(cleared), "taken": len(taken)})
                yield each["kind"], [*cleared, *taken, *stepped], form


def is_live(gradient: Any) -> bool:
    dense = gradient.to_dense() if gradient.is_sparse else gradient
    return bool(dense.any())
