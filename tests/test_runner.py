"""Files in several threads come out as in one."""

from __future__ import annotations

import gc
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.model import Outcome
from autofix.pipeline import NOTHING_RUN, fix_source
from autofix.report.results import Checked
from autofix.runner import Verifiers, fix_all, take
from autofix.syntax.parsing import Turn

pytestmark = pytest.mark.slow

FIXTURES = sorted((Path(__file__).parents[1] / "fixtures").glob("*_broken.py"))


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads that are interrupted as often as can be, as on a machine with other work."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


def checked(jobs: int) -> list[Checked]:
    def fix(text: str, path: str, verifier: object) -> Outcome:
        return fix_source(text, path, NOTHING_RUN)

    sources = [take(str(path), path.read_bytes(), is_named=True) for path in FIXTURES]
    return list(fix_all(sources, fix, Verifiers(None), jobs))


@pytest.mark.usefixtures("restless")
def test_threads_do_not_disturb_one_another() -> None:
    together = checked(jobs=4)

    assert [(one.problem, one.trace) for one in together] == [(None, "")] * len(FIXTURES)
    assert together == checked(jobs=1)


def test_one_thread_at_a_time_has_the_turn() -> None:
    turn, inside, most = Turn(matters=True), [], []

    def work() -> None:
        with turn:
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.01)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1, 1, 1, 1]


def test_who_waits_leaves_the_turn_to_others() -> None:
    turn, other = Turn(matters=True), threading.Event()

    def work() -> None:
        with turn:
            other.set()

    with turn:
        thread = threading.Thread(target=work)
        thread.start()
        assert not other.wait(0.05)
        with turn.left():
            assert other.wait(5.0)
    thread.join()
    with turn.left():
        pass
    with turn:
        pass
