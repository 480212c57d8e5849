"""What is noted of a program that runs in its user's own process, and when that ends.

Nothing of the program is changed: no seed, no thread, no worker process, no compiler, no value. What the watch replaces
for a while (methods of optimizers, the functions that differentiate) is put back when it has seen enough. An error of
the watch's own ends the watch and nothing else.
"""

from __future__ import annotations

import functools
import os
import time
from dataclasses import dataclass, field
from typing import Any, Callable

from .lost import Trail
from .provenance import Met, user_frames
from .record import Event, Record, Trained
from .records import AttendedReport, Misplaced, SeenEnd, SeenError

MOST_WITHOUT_STEP = 256
"""Values that are differentiated before the first step of an optimizer: gradients may be accumulated over as many."""
MOST_KEPT = 64


@dataclass
class Attention:
    """What one watch has noted. `seen_enough` is called once, when the steps that were asked for are over.

    `loose` are parameters that got a gradient and that no optimizer holds. `marks` are, for each differentiated value,
    the numbers of the places at which its gradient was lost (`trail`). `undo` puts back what was replaced;
    `watches` are those of a framework whose parts are imported one after the other.
    """

    record: Record
    seen_enough: Callable[[], None]
    trail: Trail = field(default_factory=Trail)
    loose: dict[int, Trained] = field(default_factory=dict)
    misplaced: list[Misplaced] = field(default_factory=list)
    marks: list[list[int]] = field(default_factory=list)
    undo: list[Callable[[], Any]] = field(default_factory=list)
    over: bool = False
    owner: int = field(default_factory=os.getpid)
    started: float = field(default_factory=time.monotonic)
    differentiated: int = 0
    watches: dict[str, Any] = field(default_factory=dict)

    def note_event(self, event: Event, marks: Any) -> None:
        """Note a differentiated value; the first ones are kept."""
        self.differentiated += 1
        if len(self.record.events) < MOST_KEPT:
            self.record.events.append(event)
            self.marks.append(sorted(marks))
        if not self.record.steps and self.differentiated >= MOST_WITHOUT_STEP:
            self.stop()

    def note_misplaced(self, kind: str, optimizer: int, frames: Any) -> None:
        """Note a step that found no gradient: `early` before any was taken, `cleared` after it was cleared."""
        found = [each.record() for each in frames]
        self.misplaced.append({"kind": kind, "optimizer": optimizer, "step": self.record.steps, "frames": found})

    def stop(self) -> None:
        """End the watch: put everything back, then say so."""
        if not self.over:
            self.record.describe()
            self.release()
            self.seen_enough()

    def release(self) -> None:
        """Put everything back."""
        self.over = True
        while self.undo:
            self.undo.pop()()

    def quietly(self, action: Callable[..., Any]) -> Callable[..., Any]:
        """An action of the watch whose own errors end the watch, and nothing of the program."""

        @functools.wraps(action)
        def quiet(*arguments: Any, **named: Any) -> Any:
            if self.over or os.getpid() != self.owner:
                return None
            try:
                return action(*arguments, **named)
            except Exception as error:
                self.record.note(f"the watch ended early: {type(error).__name__}: {error}")
                self.release()
                return None

        return quiet

    def replace(self, owner: Any, name: str, new: Any) -> None:
        """Replace an attribute until the watch ends, unless somebody has replaced it by then."""
        own = getattr(owner, name)
        functools.update_wrapper(new, own)
        setattr(owner, name, new)
        self.undo.append(lambda: setattr(owner, name, own) if getattr(owner, name, None) is new else None)

    def report(self, end: str, error: SeenError | None, main: str) -> AttendedReport:
        """All that was noted; `main` is the file that was started."""
        seen = self.record.sent()
        return {
            "end": end,
            "error": error,
            "seconds": time.monotonic() - self.started,
            "printed": "",
            "lines": [],
            "steps": seen["steps"],
            "events": seen["events"],
            "parameters": seen["parameters"],
            "optimizers": seen["optimizers"],
            "notes": seen["notes"],
            "ends": [end_at(met) for met in self.trail.met],
            "sums": [],
            "silenced": [],
            "passed": self.record.passed,
            "begins": [],
            "strays": seen["strays"],
            "main": main,
            "loose": [parameter.sent() for parameter in self.loose.values()],
            "misplaced": self.misplaced,
            "marks": self.marks,
            "differentiated": self.differentiated,
        }


def end_at(met: Met) -> SeenEnd:
    """A place where a gradient ended, of which nothing was measured."""
    place = met.record()
    return {
        "frames": place["frames"], "code": place["code"], "explicit": place["explicit"],
        "sum": 0.0, "event": 0, "last": 0, "times": 1, "form": "", "delta": 0.0,
    }  # fmt: skip


def held(attention: Attention, optimizer: Any) -> dict[str, Any]:
    """What is noted of an optimizer, from now on at the latest."""
    for each in attention.record.optimizers:
        if each["id"] == id(optimizer):
            return each
    frames = [frame.record() for frame in user_frames()]
    entry = {"id": id(optimizer), "kind": type(optimizer).__name__, "frames": frames, "parameters": []}
    attention.record.optimizers.append(entry)
    return entry
