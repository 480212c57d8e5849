"""What was found is found again while nothing has changed; where anything that counts has, all is looked at again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from autofix import runner
from autofix.analysis.footing import UNLISTED, Footing, listing
from autofix.analysis.project import ProjectFiles
from autofix.model import OwnRules, Survey
from autofix.scan import clear, processes
from autofix.scan.clear import Clearing, Scan
from autofix.scan.look import survey as find_survey
from autofix.scan.remembered import RememberedScans, remembered
from autofix.source.settings import Settings
from autofix.verify.cache import Cache

LOSS = "import torch\nfrom helper import weighted\n\ndef loss(p, y):\n    return weighted((p - y) ** 2).mean()\n"
HELPER = "def weighted(x):\n    return 2 * x\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A file with a loss, and a helper in which no framework is named."""
    root = tmp_path / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("")
    (root / "loss.py").write_text(LOSS)
    (root / "helper.py").write_text(HELPER)
    return root


def scans(root: Path, own: OwnRules | None = None, observes: bool = False) -> tuple[RememberedScans, Clearing]:
    path = str(root / "loss.py")
    files = ProjectFiles({path: (root / "loss.py").read_text()}, own or OwnRules(), Footing())
    look = Clearing(files, own or OwnRules(), observes)
    return remembered(Cache(root.parent / "cache"), look, [path]), look


def kept(root: Path) -> str:
    """Look at the loss, remember that, and return its path."""
    entries, look = scans(root)
    path = str(root / "loss.py")
    survey = find_survey(look, path, LOSS)
    assert survey == Survey(1, 1)
    assert look.files.footing is not None
    entries.keep(Scan({path: survey}, {path: frozenset()}), look.files.footing)
    return path


def test_what_was_found_is_found_again(project: Path) -> None:
    path = kept(project)

    assert scans(project)[0].find() == Scan({path: Survey(1, 1)}, {path: frozenset()})


def test_what_does_not_count_may_change(project: Path) -> None:
    kept(project)
    (project / "notes.txt").write_text("new")
    (project / "__pycache__").mkdir()
    os.utime(project / "helper.py")

    assert scans(project)[0].find() is not None


CHANGES: Mapping[str, Callable[[Path], object]] = {
    "the file": lambda root: (root / "loss.py").write_text(f"{LOSS}\n"),
    "what it imports": lambda root: (root / "helper.py").write_text(HELPER.replace("2 * x", "x.detach()")),
    "that it is gone": lambda root: (root / "helper.py").unlink(),
    "a package that comes before": lambda root: (root / "helper").mkdir(),
    "a module of the name of a library": lambda root: (root / "torch.py").write_text(""),
    "that its folder is a package": lambda root: (root / "__init__.py").write_text(""),
    "that a project begins above": lambda root: ((root / "pyproject.toml").unlink(), (root.parent / ".git").mkdir()),
    "a folder that imports start from": lambda root: (root / "src").mkdir(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_counts_may_not(project: Path, change: str) -> None:
    kept(project)
    CHANGES[change](project)

    assert scans(project)[0].find() is None


def test_other_ways_to_look_are_others(project: Path) -> None:
    kept(project)

    assert scans(project, OwnRules(names={"torch": frozenset({"mine.f"})}))[0].find() is None
    assert scans(project, observes=True)[0].find() is None


@pytest.mark.parametrize("entry", ["", "{}", "[1]", '{"surveys": 3, "blamed": {}, "texts": {}, "folders": {}}'])
def test_an_entry_that_is_none_is_not_used(project: Path, entry: str) -> None:
    kept(project)
    found = scans(project)[0]
    found.entries.path(found.key).write_text(entry)

    assert found.find() is None


def test_what_two_processes_saw_differently_is_noticed() -> None:
    met = Footing({"a": "1"}, {"f": "2"})

    assert met.join(Footing({"a": "1", "b": "1"}))
    assert not met.join(Footing({"b": "2"}))
    assert not met.join(Footing({}, {"f": "3"}))


def test_a_folder_that_cannot_be_read_is_not_relied_on(project: Path) -> None:
    entries, _ = scans(project)
    entries.keep(Scan({}, {}), Footing({}, {str(project): UNLISTED}))

    assert entries.find() is None


def test_a_folder_that_is_not_there_is_noticed_when_it_is(tmp_path: Path) -> None:
    before = listing(str(tmp_path / "new"))
    (tmp_path / "new").mkdir()

    assert listing(str(tmp_path / "new")) != before


@pytest.mark.skipif(not hasattr(os, "fork"), reason="files are looked at in forks")
@pytest.mark.parametrize("no_cache", [False, True])
def test_an_unchanged_project_is_looked_at_once(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], no_cache: bool
) -> None:
    monkeypatch.setenv("AUTOFIX_CACHE_DIR", str(project.parent / "cache"))
    monkeypatch.setattr(clear, "can_fork", lambda: True)
    looked: list[int] = []
    clearing = processes.clearing
    monkeypatch.setattr(processes, "clearing", lambda *given: looked.append(given[2]) or clearing(*given))
    for number in range(2 * runner.SUSPECTS_PER_PROCESS):
        (project / f"loss_{number}.py").write_text(LOSS)
    job = runner.Job((str(project),), replace(Settings(), jobs=2, observe=0, no_cache=no_cache))

    assert [runner.run(job), runner.run(job)] == [0, 0]
    assert len(looked) == (2 if no_cache else 1)
    first, second = capsys.readouterr().out.splitlines()
    assert first == second
