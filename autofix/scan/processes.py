"""Looks at many files in several processes, for the main one to go on with those that are not clear.

The processes are forks of this one: they have read its texts and imported its modules already. Where a system cannot
fork, there are none, and no file is cleared. A process that dies clears nothing: its files are looked at here.

What a file that uses others is to blame them for is asked of each such file once, in one process, and told to all.
"""

from __future__ import annotations

import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait

from autofix.analysis.footing import Footing
from autofix.model import Survey
from autofix.scan.clear import Clearing, Scan
from autofix.scan.look import survey

FILES_AT_ONCE = 8
"""How many files a process is given at a time: few, so that none is idle at the end."""

Surveys = tuple[Sequence["Survey | None"], Footing]
Blamed = tuple[frozenset[str], Footing]


class Cleared:
    """The surveys of the files that are clear, each as soon as it is known."""

    def __init__(self, chunks: Mapping[str, tuple[int, Future[Surveys]]], blamed: Mapping[str, Blamed]) -> None:
        self._chunks, self._blamed = chunks, blamed

    def survey(self, path: str) -> Survey | None:
        """Wait for a file; None where it is not clear, or nobody has looked."""
        at, chunk = self._chunks.get(path, (0, None))
        if chunk is None:
            return None
        with contextlib.suppress(Exception):  # its process has died
            return chunk.result()[0][at]
        return None

    def whole(self) -> tuple[Scan, Footing] | None:
        """Return all that was found, and what it rests on; None where some of it is missing, or not yet there."""
        futures = {id(chunk): chunk for _, chunk in self._chunks.values()}.values()
        if any(not each.done() or each.cancelled() or each.exception() is not None for each in futures):
            return None
        surveys = {path: found for path in self._chunks if (found := self.survey(path)) is not None}
        met = Footing()
        for other in (*(each[1] for each in self._blamed.values()), *(each.result()[1] for each in futures)):
            if not met.join(other):
                return None
        return Scan(surveys, {path: blamed for path, (blamed, _) in self._blamed.items()}), met


@contextlib.contextmanager
def clearing(clearing: Clearing, paths: Sequence[str], count: int) -> Iterator[Cleared]:
    """Look at these files in `count` processes while the block runs; they end with it."""
    clearing.files.prepare()
    gc.collect()
    gc.freeze()  # else the first collection in each process copies every page
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _begin, (clearing,))
    try:
        found = _blames(pool, clearing, paths)
        blamed = {path: each[0] for path, each in found.items()}
        clearing.files.know_blames(blamed)
        chunks = [paths[at : at + FILES_AT_ONCE] for at in range(0, len(paths), FILES_AT_ONCE)]
        given = [(chunk, pool.submit(_surveys, chunk, blamed)) for chunk in chunks]
        gc.unfreeze()
        yield Cleared({path: (at, future) for chunk, future in given for at, path in enumerate(chunk)}, found)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for each in set(multiprocessing.active_children()) - before:
            each.terminate()


def _blames(pool: ProcessPoolExecutor, clearing: Clearing, paths: Sequence[str]) -> dict[str, Blamed]:
    """Ask each file that may be to blame others for which; one whose process dies is asked again where it matters."""
    asked = {path: pool.submit(_blamed, path) for path in clearing.files.askers_of(paths)}
    found: dict[str, Blamed] = {}
    for path, future in asked.items():
        with contextlib.suppress(Exception):
            found[path] = future.result()
    return found


@dataclass
class _Process:
    """The one job of a process of the pool, and how much of what it has met the main one knows."""

    clearing: Clearing
    texts: int = 0
    folders: int = 0

    def met(self) -> Footing:
        """Return what was met since the last time."""
        footing = self.clearing.files.footing or Footing()
        new = footing.behind(self.texts, self.folders)
        self.texts, self.folders = len(footing.texts), len(footing.folders)
        return new


_process: list[_Process] = []  # it got it by being forked, and is asked by pickled calls


def _begin(clearing: Clearing) -> None:
    """Prepare a process: the main one decides when it ends, and it ends with the main one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _process[:] = [_Process(clearing)]


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _blamed(path: str) -> Blamed:
    (process,) = _process
    return process.clearing.files.blames(path), process.met()


def _surveys(paths: Sequence[str], blamed: Mapping[str, frozenset[str]]) -> Surveys:
    (process,) = _process
    files = process.clearing.files
    files.know_blames(blamed)
    return [survey(process.clearing, path, files.text(path)) for path in paths], process.met()
