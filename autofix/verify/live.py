"""Take a loss object and example tensors; give its value, its gradients, and the places where its gradient is lost.

It runs in the process of the caller. The frameworks are taken from `sys.modules`: a caller that has their tensors has
imported them. To locate the lost gradient, the loss runs a few more times with its output discarded and its seeds
fixed. If its value still differs, or it behaves differently when traced, no places are reported.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import math
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autofix.model import Framework, Place
from autofix.verify.wording import lost_of
from autofix.worker.backends.base import Backend
from autofix.worker.numerics import LIVE_MOVE, PLACE_COARSE, leaves, total
from autofix.worker.provenance import Listening, Met, Recorder, imported_in, lost_places, project_namespaces


@dataclass(frozen=True)
class Flow:
    """The value of the loss (its mean where it is no scalar), and the norm of each gradient, None where there is none.

    `error` is the first line of what the framework or the loss raised, and `runs` whether the loss gives a value at
    least where no gradient is asked for.
    """

    value: float | None
    gradients: Mapping[str, float | None]
    error: str = ""
    runs: bool = True


def flow(
    framework: Framework, loss: Callable[..., Any], tensors: Mapping[str, Any], predictions: Sequence[str]
) -> Flow:
    """Run the loss once on copies of the predictions and differentiate it; whatever it raises becomes `error`."""
    nothing: dict[str, float | None] = dict.fromkeys(predictions)
    value: float | None = None
    try:
        result, norms = backend_of(framework).recorded(loss, tensors, predictions)
        value = _mean(result)
        gradients = norms()
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        runs = value is not None or _runs(loss, tensors)
        return Flow(value, nothing, f"{type(error).__name__}: {lines[0]}", runs)
    return Flow(value, nothing | dict(zip(predictions, gradients, strict=True)))


def backend_of(framework: Framework) -> Backend:
    """What the worker has for a framework; the caller has imported that."""
    backend: Backend = importlib.import_module(f"autofix.worker.backends.{framework}").Backend()
    return backend


def _runs(loss: Callable[..., Any], tensors: Mapping[str, Any]) -> bool:
    """Does the loss return at all, on tensors that ask for no gradient?"""
    plain = {name: each.detach() if hasattr(each, "detach") else each for name, each in tensors.items()}
    try:
        loss(**plain)
    except Exception:
        return False
    return True


def _mean(value: Any) -> float | None:
    """The value as a number, NaN and all; None for what is none."""
    try:
        plain = value.detach() if hasattr(value, "detach") else value
        whole = plain.numpy() if hasattr(plain, "numpy") else plain
        mean = float(whole.mean() if hasattr(whole, "mean") else whole)
    except (TypeError, ValueError):
        return None
    return mean if math.isfinite(mean) else None


def places_in(
    framework: Framework, loss: Callable[..., Any], tensors: Mapping[str, Any], predictions: Sequence[str]
) -> tuple[Place, ...]:
    """The places, the innermost expression of each first."""
    backend = backend_of(framework)
    own = getattr(inspect.unwrap(loss), "__globals__", None) or vars(sys.modules[type(loss).__module__])
    imported = imported_in([own, *project_namespaces()])
    for as_tensors in (True, False):
        for far in (False, True):
            watched = _Watched(backend, loss, tensors, predictions, far)
            listening = Listening(watched.recorder, as_tensors)
            try:
                with listening.in_place_of(imported), _same_chances(watched):
                    found = watched.places()
            except (Exception, SystemExit):
                break
            if found:
                return lost_of({"places": [each.record() for each in found], "lines": [], "name": ""}).places
    return ()


class _Watched:
    """A loss, run on copies of its predictions under a recorder; `far` moves them far: what is flat has steps there."""

    def __init__(
        self,
        backend: Backend,
        loss: Callable[..., Any],
        tensors: Mapping[str, Any],
        predictions: Sequence[str],
        far: bool,
    ) -> None:
        self.backend, self.loss, self.tensors, self.predictions, self.far = backend, loss, tensors, predictions, far
        self.recorder = Recorder(backend)
        self.begin: Callable[[], None] = lambda: None

    def places(self) -> list[Met]:
        if self.run(False) != self.run(False):
            return []
        return lost_places(self.run, self.recorder, PLACE_COARSE)

    def run(self, is_moved: bool) -> float:
        self.begin()
        with contextlib.redirect_stdout(io.StringIO()):
            copies = {name: self.copy(self.tensors[name], is_moved) for name in self.predictions}
            result = self.backend.watch(self.call(copies), list(copies.values()))
        return total(leaves(result, self.backend))

    def copy(self, tensor: Any, is_moved: bool) -> Any:
        if not is_moved:
            return self.backend.copied(tensor)
        return self.backend.mirrored(tensor) if self.far else self.backend.shifted(tensor, LIVE_MOVE)

    def call(self, copies: Mapping[str, Any]) -> Callable[[list[Any]], Any]:
        def traced(values: list[Any]) -> Any:
            with self.backend.tracing(self.recorder, values):
                return self.loss(**{**self.tensors, **dict(zip(copies, values, strict=True))})

        return traced


@contextlib.contextmanager
def _same_chances(watched: _Watched) -> Iterator[None]:
    """Each run finds the generators as they are now, and so does the caller; those of TensorFlow cannot be read."""
    states: list[tuple[Callable[[Any], Any], Any]] = [(random.setstate, random.getstate())]
    if "numpy" in sys.modules:
        states.append((sys.modules["numpy"].random.set_state, sys.modules["numpy"].random.get_state()))
    states += watched.backend.generators()

    def restore() -> None:
        for restored, state in states:
            restored(state)

    watched.begin = restore
    try:
        yield
    finally:
        restore()
