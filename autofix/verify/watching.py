"""The watch of `autofix run` from inside: for some steps of a training in the caller's own process.

Nothing of a framework is imported here: what is watched is what the caller has imported.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from autofix.observe.attended import Attended, Seen, attended_of, faults_of
from autofix.worker.attention import Attention
from autofix.worker.backends.attended import ATTENDED
from autofix.worker.record import Record


class Watching:
    """A context in which a training is watched; it is one of Keras' callbacks as well.

    `show` is called with what was seen when the steps are over, or at the end of the block, whichever is first.
    `attended` is what was seen, None before that.
    """

    def __init__(self, model: Any, optimizers: Sequence[Any], steps: int, show: Callable[[Attended], None]) -> None:
        self._model, self._optimizers, self._show = model, optimizers, show
        self._attention = Attention(Record(wanted=steps), self._over)
        self.attended: Attended | None = None

    @property
    def faults(self) -> tuple[Seen, ...]:
        """What is wrong with what was seen."""
        return () if self.attended is None else faults_of(self.attended)

    def __enter__(self) -> Watching:
        names = [name for name in ATTENDED if name in sys.modules]
        if not names:
            raise TypeError("no framework is imported: import it before its training is watched")
        for name in names:
            _backend(name).attend(self._attention)
            _backend(name).name_after(self._attention, self._model)
        for optimizer in self._optimizers:
            for name in names:
                _backend(name).hold(self._attention, optimizer)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if not self._attention.over:
            self._attention.record.describe()
            self._attention.release()
            self._over("finished" if kind is None else "raised")

    def _over(self, how: str = "steps") -> None:
        self.attended = attended_of(self._attention.report(how, None, ""))
        self._show(self.attended)

    # What Keras calls of a callback.

    def on_train_begin(self, logs: object = None) -> None:
        """Begin to watch."""
        self.__enter__()

    def on_train_end(self, logs: object = None) -> None:
        """End the watch, if the steps were fewer."""
        self.__exit__(None)

    def __getattr__(self, name: str) -> Any:
        if name.startswith(("on_", "set_", "_implements_")):
            return lambda *_, **__: None
        raise AttributeError(name)


def gradients(loss: Callable[..., Any], model: Any, batch: Sequence[Any]) -> list[tuple[str, str]]:
    """Return the trained parameters of a model with what becomes of their gradient (`STATES` of `worker/record.py`).

    The model is called with the first of the batch. The loss is called as the framework calls it: with the prediction
    and the target, in Keras with the target and the prediction. Nothing is stepped,
    and gradients that are there stay. Raises TypeError for a model of no framework that is imported.
    """
    for name in ATTENDED:
        if name in sys.modules and _backend(name).is_model(model):
            found: list[tuple[str, str]] = _backend(name).gradients(loss, model, batch)
            return found
    raise TypeError(f"{type(model).__name__} is no model of a framework that is imported")


def _backend(name: str) -> ModuleType:
    return importlib.import_module(f"autofix.worker.backends.{ATTENDED[name]}")
