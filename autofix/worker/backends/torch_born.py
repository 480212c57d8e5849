"""Parameters that a module makes for itself in a forward pass, behind the optimizer that holds the others of its model.

A scale that begins as the first batch has it, a layer of a size that is known then: `parameters()` did not list them
when the optimizer was made. It is a fault where a gradient reaches them at a step, no optimizer holds them to the end,
and nobody reads that gradient, changes them by hand, or makes them anew by each pass.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from ..provenance import Frame, calling, user_frames, user_frames_of
from ..record import frames_at
from .torch_unheld import Unheld
from .torch_unregistered import Unregistered


@dataclass
class Pass:
    """A call of a module by the program that is no part of another one's: what it is given, and by which frame."""

    module: Any
    given: list[Any]
    caller: FrameType


@dataclass
class Birth:
    """A parameter that a module registers in a pass, and where; `called` is where the pass is."""

    parameter: Any
    module: Any
    name: str
    frame: Frame
    called: Frame
    made_by: Pass


class Born:
    """The parameters that came to a module in a pass, by its identity and their name; `again` are those made anew."""

    def __init__(self, torch: Any, unheld: Unheld) -> None:
        self.torch, self.unheld = torch, unheld
        self.known: dict[tuple[int, str], Birth] = {}
        self.again: set[tuple[int, str]] = set()
        self.running: Pass | None = None

    def begin(self) -> None:
        module = self.torch.nn.Module
        call, register = module.__call__, module.register_parameter
        born = self

        @functools.wraps(call)
        def watched(self: Any, *arguments: Any, **named: Any) -> Any:
            if born.running is not None or not born.unheld.optimizers:
                return call(self, *arguments, **named)
            born.running = Pass(self, [*arguments, *named.values()], sys._getframe(1))
            try:
                return call(self, *arguments, **named)
            finally:
                born.running = None

        @functools.wraps(register)
        def registered(self: Any, name: str, param: Any, *arguments: Any, **named: Any) -> None:
            register(self, name, param, *arguments, **named)
            if born.running is not None and param is not None:
                born.registered(self, name, param)

        module.__call__, module.register_parameter = watched, registered

    def registered(self, module: Any, name: str, parameter: Any) -> None:
        """Note a parameter that a pass which runs makes."""
        key, frames = (id(module), name), user_frames()
        self.unheld.born.add(key)
        around = next(user_frames_of(calling(self.running.caller)), None) if self.running is not None else None
        if key in self.known:
            self.again.add(key)
        elif frames and around is not None and self.running is not None and parameter.requires_grad:
            self.known[key] = Birth(parameter, module, name, frames[0], around, self.running)

    def strays(
        self,
        others: Unregistered,
        held: dict[int, Any],
        names: dict[int, str],
        modules: list[Any],
        stepped: list[Any],
    ) -> Iterator[tuple[str, list[Frame], str]]:
        """What is meant to be trained: its name, where it is made, where the pass is called and the optimizer made, and
        how that and what the pass is given are written where the optimizer is made."""
        for key, each in self.known.items():
            if key in self.again or not self.is_forgotten(each, others, held):
                continue
            beside = {id(one) for root in modules if is_part(each.module, root) for one in root.parameters()}
            order = list(held)
            holders = [entry for entry in stepped if any(order[at] in beside for at in entry["parameters"])]
            name = names.get(id(each.parameter), each.name)
            if not holders or self.unheld.is_meant(each.parameter, [name], [each.frame, *frames_at(holders[0])]):
                continue
            frames, scope = frames_at(holders[0]), self.unheld.scopes[holders[0]["id"]]
            spelled = [scope.spelled(value, frames) for value in (each.made_by.module, *each.made_by.given)]
            yield name, [each.frame, each.called, *frames], json.dumps({"spelled": spelled})

    def is_forgotten(self, birth: Birth, others: Unregistered, held: dict[int, Any]) -> bool:
        """Does a gradient that nobody reads reach what nobody holds or changes?"""
        one = birth.parameter
        is_there = getattr(birth.module, birth.name, None) is one
        is_used = id(one) in self.unheld.read or id(one) in others.wanted or others.is_changed(one)
        return is_there and id(one) not in held and id(one) in self.unheld.live and not is_used


def is_part(module: Any, root: Any) -> bool:
    return any(each is module for each in root.modules())
