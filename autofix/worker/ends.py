"""Where the gradient ends while a program runs, and whether what is differentiated depends on that.

Every expression that takes a value with a gradient and gives one without is noted. In further runs, what some of them
give is changed a little: a differentiated value that changes with it has lost a path of its gradient there.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Sequence

from .oracle import Bridge, convert, has_bridge, imported_as, library_of
from .provenance import MOST_MET, Key, Met, Recorder, user_frames
from .records import SeenEnd, SeenSilenced, SeenSum

MOST_NOTED = 200
FORMED = frozenset({"AF105", "AF109"})
"""Causes of which it is noted how it came to them (`Recorder.form`)."""
SHARE = 1e-2
"""By how much numbers are changed, relative to themselves."""


class Ends(Recorder):
    """The ends of one run. What those in `changed` give (line, column and code each) is changed, `far` times `SHARE`.

    `events` gives how many values have been differentiated so far.
    """

    def __init__(self, backend: Any, changed: Sequence[Sequence[Any]] | None, events: Any, far: float = 1.0) -> None:
        super().__init__(backend)
        self.far = far
        self.changed = None if changed is None else {tuple(one) for one in changed}
        self.sums: dict[Key, float] = {}
        self.before: dict[Key, int] = {}
        self.last: dict[Key, int] = {}
        self.forms: dict[Key, str] = {}
        self.deltas: dict[Key, float] = {}
        self.sums_of: dict[tuple[str, int, int, bool], SeenSum] = {}
        self.silenced_at: dict[tuple[str, int, int], SeenSilenced] = {}
        self.events = events

    def noted(self, value: Any, code: str, explicit: bool) -> Any:
        if self.resting:
            return None
        frames = user_frames()
        if not frames:
            return None
        key = (frames[0].file, frames[0].line, frames[0].column, code)
        if key not in self.met and len(self.met) >= MOST_NOTED:
            return None
        met = self.met.setdefault(key, Met(frames, code, explicit))
        self.before.setdefault(key, self.events())
        self.last[key] = self.events()
        if code in FORMED:
            self.forms.setdefault(key, self.form)
        self.resting = True
        try:
            if len(met.values) < MOST_MET:
                met.values.append(None)
                self.sums[key] = self.sums.get(key, 0.0) + summed(value)
            if self.changed is not None and (key[1], key[2], key[3]) in self.changed:
                other = changed(value, self.backend, self.far)
                if other is not None and self.events() == self.before[key]:
                    self.deltas[key] = self.deltas.get(key, 0.0) + summed(other, False) - summed(value, False)
                return other
        finally:
            self.resting = False
        return None

    def added(self, constants: Iterable[Any], subtracted: bool = False) -> None:
        """Note numbers without a gradient that are added to one with a gradient, or subtracted (one from the other)."""
        found = [] if self.resting else list(constants)
        frames = user_frames() if found else []
        if not frames:
            return
        key = (frames[0].file, frames[0].line, frames[0].column, subtracted)
        if key not in self.sums_of and len(self.sums_of) >= MOST_NOTED:
            return
        self.resting = True
        try:
            own = {"frames": [each.record() for each in frames], "sum": 0.0, "event": self.events(),
                   "subtracted": subtracted}  # fmt: skip
            noted = self.sums_of.setdefault(key, own)  # type: ignore[arg-type]
            noted["sum"] += sum(summed(each, False) for each in found)
        finally:
            self.resting = False

    def silenced(self, value: Any) -> Any:
        """Note that the gradient of a value which has none is cut; gives what the program is to go on with."""
        frames = [] if self.resting else user_frames()
        key = (frames[0].file, frames[0].line, frames[0].column) if frames else None
        if key is None or (key not in self.silenced_at and len(self.silenced_at) >= MOST_NOTED):
            return value
        self.resting = True
        try:
            own: SeenSilenced = {"frames": [each.record() for each in frames], "sum": 0.0, "event": self.events()}
            noted = self.silenced_at.setdefault(key, own)
            noted["sum"] += summed(value)
            other = changed(value, self.backend, self.far) if (*key[1:], "AF103") in (self.changed or ()) else None
            return value if other is None else other
        finally:
            self.resting = False

    def array_of(self, value: Any, code: str) -> Any:
        """The array of a tensor with a gradient, which ends there."""
        before, self.resting = self.resting, True
        try:
            array = self.backend.to_array(value.detach() if hasattr(value, "detach") else value).copy()
        finally:
            self.resting = before
        return self.lost(array, code)

    def sent(self) -> list[SeenEnd]:
        return [
            {
                **met.record(),
                "sum": self.sums.get(key, 0.0),
                "event": self.before[key],
                "last": self.last[key],
                "times": len(met.values),
                "form": self.forms.get(key, ""),
                "delta": self.deltas.get(key, 0.0),
            }
            for key, met in self.met.items()
        ]


class LiveBridge(Bridge):
    """A module or function of an array library that tells of each tensor with a gradient that it is given.

    Where it is given one, it takes an array, and gives a tensor again with `from_array`; else it is what it is.
    """

    def __init__(self, wrapped: Any, recorder: Ends, from_array: Any) -> None:
        super().__init__(wrapped, None, from_array)  # type: ignore[arg-type]
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return bridge(getattr(self._wrapped, name), self._recorder, self._from_array)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        given: list[Any] = []

        def to_array(value: Any) -> Any:
            if not self._recorder.is_live(value):
                return value
            given.append(value)
            code = "AF101" if library_of(self._wrapped) == "numpy" else "AF107"
            return self._recorder.array_of(value, code)

        taken = convert(list(arguments), to_array)
        taken_named = {name: convert(value, to_array) for name, value in named.items()}
        result = self._wrapped(*taken, **taken_named)
        return self._from_array(result) if given and self._from_array is not None else result


def bridge(value: Any, recorder: Ends, from_array: Any) -> Any:
    """A bridge to what has one."""
    return LiveBridge(value, recorder, from_array) if has_bridge(value) else value


def bridging(recorder: Ends) -> Callable[[str, str], Any]:
    """What imports a module, a name of one (`numpy:mean`) or the top of a dotted one, and gives a bridge to it."""
    backend = recorder.backend
    from_array = backend.from_array if backend.array_ways[0] == "tensors" else None

    def imported(name: str, top: str) -> Any:
        return bridge(imported_as(name, top), recorder, from_array)

    return imported


def summed(value: Any, absolute: bool = True) -> float:
    """What a value gives in sum; of absolute values to tell whether it moves, if only in its order.

    It is 0 for what is no number.
    """
    try:
        if hasattr(value, "detach"):
            flat = value.detach().double().reshape(-1)
            return uneven(flat.abs()) if absolute else float(flat.sum())
        if hasattr(value, "numpy"):
            value = value.numpy()
        if hasattr(value, "astype"):
            flat = value.astype("float64").reshape(-1)
            return uneven(abs(flat)) if absolute else float(flat.sum())
        return float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return 0.0


def uneven(flat: Any) -> float:
    """A sum to which elements contribute by their place, too."""
    return float(flat.sum()) + 0.37 * float(flat[1::2].sum()) + 0.61 * float(flat[::3].sum())


def changed(value: Any, backend: Any, far: float = 1.0) -> Any:
    """A value of the same kind and shape, a little away, or `far` times that; None where it has no neighbour."""
    share = SHARE * far
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return value * (1.0 + share) + share * 0.1
    if isinstance(value, int):
        return None
    kind = str(getattr(value, "dtype", ""))
    if "float" in kind:
        if hasattr(value, "astype"):
            return alike(value, (value * (1.0 + share) + share * 0.1).astype(value.dtype))
        return backend.shifted(value, share * (0.1 + typical(value)))
    if "bool" in kind:
        if hasattr(value, "astype") or hasattr(value, "detach"):
            return alike(value, ~value)
        return backend.tf.logical_not(value)
    if "int" in kind and len(value.shape):
        other = value.reshape(-1)[::-1].reshape(value.shape) if hasattr(value, "astype") else backend.mirrored(value)
        return other if summed(other) != summed(value) else value + 1
    return None


def alike(value: Any, other: Any) -> Any:
    """An array where the value is one: NumPy makes a number of what has no dimensions."""
    if type(other) is type(value):
        return other
    found = value.copy()
    found[...] = other
    return found


def typical(value: Any) -> float:
    """About how large the numbers of a tensor are."""
    size = 1
    for one in value.shape:
        size *= int(one)
    return summed(value) / size if size else 0.0
