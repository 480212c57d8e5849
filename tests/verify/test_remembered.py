"""What is not run again, and all that must be run again because something has changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autofix.model import Request, Verdict
from autofix.verify import processes
from autofix.verify.cache import Cache, Remembered
from autofix.verify.launcher import launch
from autofix.verify.processes import Cancellation
from autofix.verify.verifier import Verifier
from tests.verify.asking import request
from tests.verify.pythons import python

pytestmark = pytest.mark.torch
TIMEOUT = 6.0
HEAD = "import torch\nLIMIT = 2.0\n"
CUT = "def loss(y_pred, y_true):\n    return float((y_true - y_pred).abs().mean())\n"
FIXED = "def loss(y_pred, y_true):\n    return (y_true - y_pred).abs().mean()\n"
WRONG = "def loss(y_pred, y_true):\n    return (y_true - y_pred).abs().sum()\n"


class Counting(Verifier):
    """Counts what is run."""

    runs = 0

    def run(self, *arguments: object) -> Verdict:
        self.runs += 1
        return super().run(*arguments)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def running() -> Iterator[Counting]:
    with Counting(None, timeout=TIMEOUT) as verifier:
        if reason := verifier.missing("torch"):
            pytest.skip(reason)
        yield verifier


@pytest.fixture
def verifier(running: Counting, tmp_path: Path) -> Counting:
    """One that remembers nothing yet; its worker runs already."""
    remember(running, tmp_path / "cache")
    running.missing("torch")
    running.runs = 0
    return running


def remember(verifier: Verifier, folder: Path, *options: object) -> None:
    verifier.remembered = Remembered(Cache(folder), *options)


def asked(folder: Path, original: str = HEAD + CUT, *candidates: str, name: str = "losses.py") -> Request:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = candidates or (HEAD + FIXED,)
    return request("torch", "loss", "y_pred:p y_true:t", original, *texts, path=str(path))


def settle(*paths: Path) -> None:
    """Make files as old as those of a project are."""
    then = time.time() - 60
    for path in paths:
        os.utime(path, (then, then))


def test_the_same_is_not_run_again(verifier: Counting, tmp_path: Path) -> None:
    first = verifier.verify(asked(tmp_path))
    again = verifier.verify(asked(tmp_path))

    assert first.status == "verified"
    assert again == first
    assert verifier.runs == 1


def test_not_even_a_worker_is_started(verifier: Counting, tmp_path: Path) -> None:
    first = verifier.verify(asked(tmp_path))
    text = asked(tmp_path).original
    verifier.missing("torch", tmp_path, text)

    with Verifier(None, timeout=TIMEOUT) as later:
        remember(later, tmp_path / "cache")
        assert later.missing("torch", tmp_path, text) is None
        assert later.verify(asked(tmp_path)) == first
        assert later.workers.running == {}
        # A text that nobody has asked about needs one, and it may as well start at once.
        assert later.missing("torch", tmp_path, text + "\n") is None
        assert len(later.workers.running) == 1


REJECTED = (HEAD + CUT, HEAD + WRONG)
UNVERIFIABLE = (HEAD + "def loss(y_pred, y_true):\n    raise ValueError(y_pred)\n", HEAD + FIXED)
HEALTHY = (HEAD + FIXED, HEAD + FIXED)
FLAT = (HEAD + "def loss(y_pred, y_true):\n    return (y_pred > 0).float().mean()\n", HEAD + FIXED)


@pytest.mark.parametrize(
    ("texts", "status"),
    [(REJECTED, "rejected"), (UNVERIFIABLE, "unverifiable"), (HEALTHY, "healthy"), (FLAT, "flat")],
)
def test_other_answers_are_kept_too(verifier: Counting, tmp_path: Path, texts: tuple[str, str], status: str) -> None:
    first = verifier.verify(asked(tmp_path, *texts))
    again = verifier.verify(asked(tmp_path, *texts))

    assert (first.status, again, verifier.runs) == (status, first, 1)


def test_lines_that_the_loss_does_not_need_may_change(verifier: Counting, tmp_path: Path) -> None:
    more = "import torch\n\n# moved\nLIMIT = 2.0\nOTHER = 1\n"
    first = verifier.verify(asked(tmp_path))

    assert verifier.verify(asked(tmp_path, more + CUT, more + FIXED)) == first
    assert verifier.runs == 1


def test_a_reason_is_told_with_the_lines_of_now(verifier: Counting, tmp_path: Path) -> None:
    needs = "WEIGHT = [][1]\n" + FIXED.replace("(y_true", "WEIGHT * (y_true")
    first = verifier.verify(asked(tmp_path, HEAD + needs))
    moved = verifier.verify(asked(tmp_path, HEAD + "\n\n" + needs))

    assert ("from line 3" in first.reason, "from line 5" in moved.reason) == (True, True)


CHANGES = {
    "the loss": (HEAD + CUT.replace("abs", "square"), HEAD + FIXED.replace("abs", "square")),
    "the candidate": (HEAD + CUT, HEAD + FIXED.replace("mean()", "mean() * 1")),
    "what the loss says of its inputs": (
        HEAD + "# autofix: inputs(y_pred=float[4, 2], y_true=float[4, 2])\n" + CUT,
        HEAD + FIXED,
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_other_text_is_run(verifier: Counting, tmp_path: Path, change: str) -> None:
    verifier.verify(asked(tmp_path))
    verifier.verify(asked(tmp_path, *CHANGES[change]))

    assert verifier.runs == 2


def test_a_constant_that_the_loss_needs_is_part_of_it(verifier: Counting, tmp_path: Path) -> None:
    original, fixed = (HEAD + one.replace("mean()", "mean() * LIMIT") for one in (CUT, FIXED))
    verifier.verify(asked(tmp_path, original, fixed))
    verifier.verify(asked(tmp_path, *(one.replace("2.0", "3.0") for one in (original, fixed))))

    assert verifier.runs == 2


def test_other_options_are_other_questions(verifier: Counting, tmp_path: Path) -> None:
    verifier.verify(asked(tmp_path))
    remember(verifier, tmp_path / "cache", 5.0, True)
    verifier.verify(asked(tmp_path))

    assert verifier.runs == 2


RELATIVE = "import torch\nfrom .parts import scaled\n" + FIXED.replace("(y_true - y_pred)", "scaled(y_true - y_pred)")
RELATIVE_CUT = RELATIVE.replace("return ", "return float(")[:-1] + ")\n"


def package(folder: Path) -> Path:
    """A package in which the loss needs a sibling, and that another one."""
    made = folder / "package"
    made.mkdir()
    (made / "__init__.py").touch()
    (made / "parts.py").write_text("from .deeper import BY\ndef scaled(x):\n    return BY * x\n")
    (made / "deeper.py").write_text("BY = 2.0\n")
    (made / "unrelated.py").write_text("X = 1\n")
    settle(*made.iterdir())
    return made


@pytest.mark.parametrize(
    ("changed", "runs"), [("parts.py", 2), ("deeper.py", 2), ("__init__.py", 2), ("unrelated.py", 1)]
)
def test_a_file_that_the_loss_imports_is_part_of_it(
    verifier: Counting, tmp_path: Path, changed: str, runs: int
) -> None:
    made = package(tmp_path)
    question = asked(made, RELATIVE_CUT, RELATIVE)
    assert verifier.verify(question).status == "verified"
    assert verifier.verify(question).status == "verified"
    assert verifier.runs == 1

    (made / changed).write_text((made / changed).read_text() + "\n# changed\n")
    settle(made / changed)
    verifier.verify(question)

    assert verifier.runs == runs


def test_a_sibling_that_breaks_the_proof_is_noticed(verifier: Counting, tmp_path: Path) -> None:
    made = package(tmp_path)
    question = asked(made, RELATIVE_CUT, RELATIVE)
    assert verifier.verify(question).status == "verified"

    (made / "parts.py").write_text("def scaled(x):\n    return x.round()\n")

    assert verifier.verify(question).status == "flat"


def test_a_file_that_is_being_written_is_not_trusted(verifier: Counting, tmp_path: Path) -> None:
    """It may have changed between the run and the look at it."""
    made = package(tmp_path)
    (made / "deeper.py").write_text("BY = 3.0\n")
    question = asked(made, RELATIVE_CUT, RELATIVE)
    verifier.verify(question)
    verifier.verify(question)

    assert verifier.runs == 2


def test_a_module_that_was_missing_is_looked_for_again(verifier: Counting, tmp_path: Path) -> None:
    text = "import torch\nimport lateparts\n" + FIXED.replace("(y_true", "lateparts.BY * (y_true")
    question = asked(tmp_path, text.replace("return ", "return float(")[:-1] + ")\n", text)
    first = verifier.verify(question)
    assert (first.status, verifier.verify(question), verifier.runs) == ("unverifiable", first, 1)

    (tmp_path / "lateparts.py").write_text("BY = 2.0\n")
    settle(tmp_path / "lateparts.py")

    assert verifier.verify(question).status == "verified"


def test_a_file_that_the_loss_reads_is_part_of_it(verifier: Counting, tmp_path: Path) -> None:
    (tmp_path / "scale.txt").write_text("2.0")
    settle(tmp_path / "scale.txt")
    text = HEAD + FIXED.replace("return", f"by = float(open({str(tmp_path / 'scale.txt')!r}).read())\n    return by *")
    question = asked(tmp_path, text.replace("by *", "by * float(").replace("mean()", "mean())"), text)
    assert verifier.verify(question) == verifier.verify(question)
    assert verifier.runs == 1

    (tmp_path / "scale.txt").write_text("3.0")
    verifier.verify(question)

    assert verifier.runs == 2


SHORT = "    if y_pred is not None:\n        raise MemoryError\n"
LATE = "    import time\n    time.sleep(60)\n"
DYING = "    import os\n    os.abort()\n"
LEAVING = "    import os\n    os._exit(3)\n"


@pytest.mark.parametrize("fate", [SHORT, LATE, DYING, LEAVING])
def test_what_may_end_otherwise_is_asked_again(running: Counting, tmp_path: Path, fate: str) -> None:
    remember(running, tmp_path / "cache")
    running.runs, running.timeout = 0, 1.0
    head, _, rest = CUT.partition("\n")
    question = asked(tmp_path, f"{HEAD}{head}\n{fate}{rest}")
    try:
        assert {running.verify(question).status for _ in range(2)} == {"unverifiable"}
    finally:
        running.timeout = TIMEOUT

    assert running.runs == 2


def test_what_was_cancelled_is_asked_again(verifier: Counting, tmp_path: Path) -> None:
    cancelled = Cancellation()
    cancelled.cancel()
    assert verifier.verify(asked(tmp_path), cancelled).reason == "cancelled"

    assert verifier.verify(asked(tmp_path)).status == "verified"


SPOILED = [
    lambda entry: entry.pop("files"),
    lambda entry: entry.update(verdict="verified"),
    lambda entry: entry["verdict"].update(candidate=7),
    lambda entry: entry["verdict"].update(evidence=None),
    lambda entry: entry["verdict"].update(status="proven"),
    lambda entry: entry["verdict"]["evidence"].update(gradient_after="large"),
    lambda entry: entry.update(absent=[None]),
]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_spoiled_verdict_is_none(verifier: Counting, tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    first = verifier.verify(asked(tmp_path))
    (entry,) = [one for one in (tmp_path / "cache").iterdir() if "verdict" in one.read_text()]
    found = json.loads(entry.read_text())
    spoil(found)
    entry.write_text(json.dumps(found))

    assert (verifier.verify(asked(tmp_path)), verifier.runs) == (first, 2)
    assert (verifier.verify(asked(tmp_path)), verifier.runs) == (first, 2)


def searching(folder: Path, before: str = "") -> Path:
    """An interpreter that looks for packages in this folder too; `before` is run at each start of it."""
    folder.mkdir()
    return python(folder, f"sys.path.append({str(folder)!r})\n{before}")


def test_packages_are_part_of_the_question(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    with Counting(searching(packages), timeout=TIMEOUT) as verifier:
        remember(verifier, tmp_path / "cache")
        verifier.missing("torch")
        for _ in range(2):
            verifier.verify(asked(tmp_path))
        assert verifier.runs == 1

        (packages / "einops-0.8.dist-info").mkdir()
        verifier.verify(asked(tmp_path))

        assert verifier.runs == 2


def test_a_missing_framework_is_remembered_until_something_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages, started = tmp_path / "packages", []
    hidden = "import importlib.util as u; find = u.find_spec; u.find_spec = lambda n: None if n == 'torch' else find(n)"
    lacking = searching(packages, hidden)
    monkeypatch.setattr(processes, "launch", lambda *asked: started.append(asked[0].python) or launch(*asked))
    reasons = []
    for _ in range(2):
        with Verifier(lacking, entries=Cache(tmp_path / "cache")) as verifier:
            reasons.append(verifier.missing("torch", tmp_path, "text"))

    way_out = "install it there or pass another Python with --python"
    assert reasons == [f"torch is not installed for {sys.executable}; {way_out} ({lacking})"] * 2
    assert started == [lacking]

    (packages / "torch-9.dist-info").mkdir()
    with Verifier(lacking, entries=Cache(tmp_path / "cache")) as verifier:
        assert verifier.verify(asked(tmp_path)).reason == reasons[0]
    assert started == [lacking] * 2


LOSS = """import numpy as np
import torch


def mae(p, y):
    return np.mean(np.abs((p - y).detach().numpy()))


def step(model, x, y):
    mae(model(x), y).backward()
"""


# The command line, which writes down each process that it starts.
COUNTED = """import sys
from autofix.__main__ import main
STARTS = "subprocess.Popen", "os.fork", "os.posix_spawn", "os.system"
log = open({log!r}, "a", buffering=1)
sys.addaudithook(lambda event, arguments: event in STARTS and log.write("started\\n"))
main()
"""


class Project:
    """A folder with a broken loss, and the command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder / "project", folder / "log"
        self.folder.mkdir()
        (self.folder / "loss.py").write_text(LOSS)
        self.log.touch()
        self.entries = folder / "cache"

    def preview(self, *options: str) -> tuple[int, str, str, int]:
        """The exit status, what is printed, and how many processes it has started until now."""
        ran = subprocess.run(
            [sys.executable, "-c", COUNTED.format(log=str(self.log)), "--python", sys.executable, *options, "."],
            cwd=self.folder,
            env={**os.environ, "AUTOFIX_CACHE_DIR": str(self.entries)},
            capture_output=True,
            text=True,
        )
        return ran.returncode, ran.stdout, ran.stderr, self.log.read_text().count("started")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_second_preview_starts_no_process(project: Project) -> None:
    first = project.preview()
    again = project.preview()

    assert first[0] == 1 and "+    return torch.mean(torch.abs(p - y))" in first[1]
    assert again == first
    assert again[3] == 1

    applied = project.preview("--apply")
    assert (applied[0], applied[3]) == (0, 1)
    assert "torch.mean(torch.abs(p - y))" in (project.folder / "loss.py").read_text()


@pytest.mark.parametrize("by", ["option", "table"])
def test_without_the_cache_all_is_proven_anew_and_nothing_kept(project: Project, by: str) -> None:
    if by == "table":
        (project.folder / "pyproject.toml").write_text("[tool.autofix]\nno-cache = true\n")
    options = ("--no-cache",) if by == "option" else ()
    first = project.preview(*options)
    again = project.preview(*options)

    assert (first[:3], first[3], again[3]) == (again[:3], 1, 2)
    assert not project.entries.exists()


def test_two_at_once_say_the_same(project: Project) -> None:
    with ThreadPoolExecutor(3) as pool:
        said = [one[:3] for one in pool.map(lambda _: project.preview(), range(3))]

    assert said == [said[0]] * 3
    assert said[0][0] == 1
    assert project.preview()[:3] == said[0]
    assert not list(project.entries.glob("*.unfinished"))
