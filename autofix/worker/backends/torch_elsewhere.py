"""Optimizers that hold a model which nothing differentiates, while one like it has the gradient and no optimizer.

The model was made anew, loaded, copied or pruned after the optimizer was made, or the optimizer was given the wrong
one of two. That it trains nothing is certain then; which one was meant, the gradient says.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from ..provenance import user_frames
from ..record import frames_at
from ..unheld import Scope
from .torch_unheld import Unheld, leaves_of
from .torch_unregistered import Unregistered


class Elsewhere:
    """The optimizers that found no gradient, by identity, with what was in reach at their first step; `fine` others."""

    def __init__(self, torch: Any, unheld: Unheld) -> None:
        self.torch, self.unheld = torch, unheld
        self.idle: dict[int, tuple[Scope, list[str]]] = {}
        self.fine: set[int] = set()

    def stepping(self, optimizer: Any, found_any: bool) -> None:
        """Note a step, called from its hook."""
        if found_any:
            self.fine.add(id(optimizer))
        elif id(optimizer) not in self.idle:
            scope = Scope((self.torch.nn.Module, self.torch.Tensor), sys._getframe(1))
            self.idle[id(optimizer)] = scope, [each.function for each in user_frames()]

    def strays(
        self, others: Unregistered, held: dict[int, Any], modules: list[Any], stepped: list[dict[str, Any]]
    ) -> Iterator[tuple[str, list[Any], str]]:
        """Each such optimizer: the name of the model in use, where it is made, and how that writes both (`records`)."""
        loose = [one for one in self.unheld.live.values() if id(one) not in held]
        loose = [one for one in loose if id(one) not in others.wanted and not others.is_changed(one)]
        idle = [each for each in stepped if each["id"] in self.idle and each["id"] not in self.fine]
        for optimizer in idle if loose else ():
            own = [list(held.values())[at] for at in optimizer["parameters"]]
            frames, scope = frames_at(optimizer), self.unheld.scopes[optimizer["id"]]
            there, functions = self.idle[optimizer["id"]]

            def is_in_reach(one: Any, scope: Scope = scope, there: Scope = there) -> bool:
                return any(each.spelled_in(known, one) for each in (scope, there) for _, known in each.frames)

            before, now = (self.unheld.roots(each, modules, is_in_reach) for each in (own, loose))
            now = list(filter(is_in_reach, now))  # others may have had one of their own, in another call
            if len(before) != 1 or len(now) != 1 or ranks(before[0]) != ranks(now[0]):
                continue
            if self.unheld.is_meant(now[0], scope.spelled(now[0], frames), frames):
                continue
            used = scope.spelled(now[0], frames)
            later = [(name, there.spelled_in(known, now[0])) for name, (_, known) in zip(functions, there.frames)]
            name = next(filter(None, [*used, *(text for _, text in later)]), type(now[0]).__name__)
            form = {"held": scope.spelled(before[0], frames), "used": used, "later": later}
            yield name, frames, json.dumps(form)


def ranks(module: Any) -> list[int]:
    """How many axes its parameters have: what is pruned has fewer numbers, and as many parameters."""
    return [each.ndim for each in leaves_of(module)]
