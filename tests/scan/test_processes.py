"""What several processes find is what one finds, each file is looked at once, and none is lost with a process."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from autofix.analysis.project import ProjectFiles
from autofix.model import Outcome, OwnRules
from autofix.pipeline import NOTHING_RUN, fix_source
from autofix.report.results import Checked
from autofix.runner import Verifiers, fix_all, take
from autofix.scan.clear import Clearing, processes
from autofix.scan.processes import FILES_AT_ONCE, clearing
from autofix.source.files import Source

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("torch_*.py"))[:48]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="only there are files looked at in forks"),
]


def sources() -> list[Source]:
    found = [take(str(path), path.read_bytes(), is_named=True) for path in FIXTURES]
    return [each for each in found if isinstance(each, Source)]


def checked(given: Sequence[Source], count: int, kill: bool = False) -> tuple[list[Checked], list[str]]:
    """Return what becomes of files with `count` processes that clear them, and which files are looked at here."""
    files = ProjectFiles({each.path: each.text for each in given})
    here: list[str] = []

    def fix(text: str, path: str, verifier: object) -> Outcome:
        here.append(path)
        return fix_source(text, path, NOTHING_RUN, around=files.around(path))

    if count < 2:
        return list(fix_all(given, fix, Verifiers(None), 1)), here
    before = set(multiprocessing.active_children())
    with clearing(Clearing(files, OwnRules(), False), [each.path for each in given], count) as cleared:
        for each in set(multiprocessing.active_children()) - before if kill else ():
            os.kill(each.pid or 0, signal.SIGKILL)
        found = list(fix_all(given, fix, Verifiers(None), 1, cleared))
    for each in set(multiprocessing.active_children()) - before:
        each.join(10)
        assert not each.is_alive()
    return found, here


def test_processes_find_what_one_finds() -> None:
    alone, _ = checked(sources(), 1)
    together, here = checked(sources(), 2)

    assert together == alone
    assert len(here) == sum(bool(each.findings) for each in alone)


def test_a_process_that_dies_takes_no_file_with_it() -> None:
    alone, _ = checked(sources(), 1)
    together, _ = checked(sources(), 2, kill=True)

    assert together == alone


def test_more_processes_than_files_do_no_harm() -> None:
    few = sources()[: FILES_AT_ONCE + 1]

    assert checked(few, 4)[0] == checked(few, 1)[0]


def test_the_user_says_how_many_there_are() -> None:
    assert processes(1) == 1


def test_else_the_processors_do() -> None:
    assert 1 <= processes(0) <= len(os.sched_getaffinity(0))
