"""A wish to stop a verification, from any thread, while another waits for it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator


class Cancellation:
    """Handed to `Verifier.verify`; after `cancel` that returns soon, and its process is ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = False
        self._wakers: list[Callable[[], None]] = []

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    def cancel(self) -> None:
        """Stop what this was handed to; more than once is no more than once."""
        with self._lock:
            self._cancelled = True
            wakers = list(self._wakers)
        for wake in wakers:
            wake()

    @contextlib.contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """Have `wake` called on cancellation while the block runs, at once where it is cancelled already."""
        with self._lock:
            self._wakers.append(wake)
            late = self._cancelled
        if late:
            wake()
        try:
            yield
        finally:
            with self._lock:
                self._wakers.remove(wake)
