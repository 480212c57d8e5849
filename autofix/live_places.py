"""A loss of the running program and example tensors in, the places where its gradient is lost out.

It runs a few times, in the process of the caller, with what it prints thrown away and the same chances each time. Where
it gives another value all the same, or runs otherwise when it is watched, nothing is said.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from autofix.model import Framework, Place
from autofix.verify.places import lost_of
from autofix.verify.worker.listening import Listening, imported_in, project_namespaces
from autofix.verify.worker.numbers import leaves, total
from autofix.verify.worker.provenance import Met, Recorder, lost_places

STEP, NOISE = 1e-2, 1e-3


def places_in(
    framework: Framework, loss: Callable[..., Any], tensors: Mapping[str, Any], predictions: Sequence[str]
) -> tuple[Place, ...]:
    """The places, the innermost expression of each first."""
    backend = importlib.import_module(f"autofix.verify.worker.backends.{framework}").Backend()
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
                sent = {"places": [each.sent() for each in found], "lines": [], "name": ""}
                return lost_of(sent).places
    return ()


class _Watched:
    """A loss, run on copies of its predictions under a recorder; `far` moves them far: what is flat has steps there."""

    def __init__(
        self,
        backend: Any,
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
        return lost_places(self.run, self.recorder, NOISE)

    def run(self, is_moved: bool) -> float:
        self.begin()
        with contextlib.redirect_stdout(io.StringIO()):
            copies = {name: self.copy(self.tensors[name], is_moved) for name in self.predictions}
            result = self.backend.watch(self.call(copies), list(copies.values()))
        return total(leaves(result, self.backend))

    def copy(self, tensor: Any, is_moved: bool) -> Any:
        if not is_moved:
            return self.backend.copied(tensor)
        return self.backend.mirrored(tensor) if self.far else self.backend.shifted(tensor, STEP)

    def call(self, copies: Mapping[str, Any]) -> Callable[[list[Any]], Any]:
        def traced(given: list[Any]) -> Any:
            with self.backend.tracing(self.recorder, given):
                return self.loss(**{**self.tensors, **dict(zip(copies, given, strict=True))})

        return traced


@contextlib.contextmanager
def _same_chances(watched: _Watched) -> Iterator[None]:
    """Each run finds the generators as they are now, and so does the caller; those of TensorFlow cannot be read."""
    states: list[tuple[Callable[[Any], Any], Any]] = [(random.setstate, random.getstate())]
    if "numpy" in sys.modules:
        states.append((sys.modules["numpy"].random.set_state, sys.modules["numpy"].random.get_state()))
    if watched.backend.name == "torch":
        states.append((sys.modules["torch"].set_rng_state, sys.modules["torch"].get_rng_state()))

    def restore() -> None:
        for restored, state in states:
            restored(state)

    watched.begin = restore
    try:
        yield
    finally:
        restore()
