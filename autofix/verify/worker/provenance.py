"""Where the gradient of a loss is lost, seen by running it.

A place is an expression into which a value went that carries the gradient, and out of which one came that does not:
`.item()`, NumPy, `argmax`, a block without gradients. That is no fault by itself: of most, nothing of the loss is made.
So the loss is run as it is, and with its predictions moved; then for each place as it is again, but with what that one
place gave when they were moved. Where the loss follows, a path of the gradient led through the place, and ended there.

A backend tells the recorder of places (`Backend.tracing`). Standard library only; nothing here is run by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Tuple

from .numbers import NotNumeric, leaves
from .stack import Frame, user_frames
from .together import together

MOST_MET = 400
MOST_TRIED = 12
MOST_FOUND = 6

Key = Tuple[str, int, int, str]


@dataclass
class Met:
    """A place in one run: the user's frames there, innermost first, and all that it gave, in the order of the run.

    `explicit` says that a plain value is asked for there in so many words (`.detach()`), `code` is the likeliest cause.
    """

    frames: list[Frame]
    code: str
    explicit: bool
    values: list[Any] = field(default_factory=list)

    def sent(self) -> dict[str, Any]:
        return {"frames": [frame.sent() for frame in self.frames], "code": self.code, "explicit": self.explicit}


class Recorder:
    """The places of one run, by key in the order in which they were met; `exchanged` has what they give instead."""

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.met: dict[Key, Met] = {}
        self.exchanged: Mapping[Key, Met] = {}
        self.resting = False
        self.is_live: Callable[[Any], bool] = lambda value: False

    def begin(self, exchanged: Mapping[Key, Met]) -> None:
        self.met, self.exchanged = {}, exchanged

    def lost(self, value: Any, code: str, explicit: bool = False) -> Any:
        """Note that `value` came out without its gradient; gives what the loss is to go on with."""
        other = self.noted(value, code, explicit)
        return value if other is None else other

    def written(self, target: Any, code: str) -> None:
        """Note that a tensor was written into that keeps no gradient of it."""
        other = self.noted(target, code, False)
        if other is not None:
            self.backend.overwrite(target, other)

    def noted(self, value: Any, code: str, explicit: bool) -> Any:
        frames = user_frames()
        if not frames or self.resting:
            return None
        key = (frames[0].file, frames[0].line, frames[0].column, code)
        met = self.met.setdefault(key, Met(frames, code, explicit))
        number = len(met.values)
        if number < MOST_MET:
            met.values.append(self.backend.copied(value))
        instead = self.exchanged[key].values if key in self.exchanged else []
        return self.backend.copied(instead[number]) if number < len(instead) else None


def lost_places(run: Callable[[bool], float], recorder: Recorder, tolerance: float) -> list[Met]:
    """The places through which a path of the gradient led and where it ended, in the order of the run.

    `run` runs the loss under the recorder, with its predictions moved or not, and gives its value; it may raise.
    `tolerance` is the share of that move which still is the rounding of the arithmetic.
    """
    recorder.begin({})
    center = run(False)
    first = recorder.met
    recorder.begin({})
    moved = run(True)
    second = recorder.met
    least = max(tolerance * abs(moved - center), 1e-6 * tolerance * abs(center))
    found: list[Met] = []
    moving = [key for key, met in first.items() if key in second and differ(met, second[key], recorder.backend)]
    for key in moving[:MOST_TRIED]:
        recorder.begin({key: second[key]})
        if follows(run, center, least):
            found.append(first[key])
        if len(found) == MOST_FOUND:
            break
    return found


def follows(run: Callable[[bool], float], center: float, least: float) -> bool:
    """Whether the loss moves with what was exchanged; what fails on it has at least used it."""
    try:
        return not abs(run(False) - center) <= least
    except (Exception, SystemExit):
        return True


def differ(one: Met, other: Met, backend: Any) -> bool:
    """Whether a place gave other numbers: what does not move with the predictions carried nothing of them."""
    pairs = together(one.values, other.values)
    return any(numbers_of(first, backend) != numbers_of(second, backend) for first, second in pairs)


def numbers_of(value: Any, backend: Any) -> list[Any]:
    try:
        return [(leaf.shape, leaf.values) for leaf in leaves(value, backend)]
    except (NotNumeric, OverflowError):
        return []
