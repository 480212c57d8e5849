"""The findings of a project are the same for any number of jobs and any order of its files.

On Pythons that read syntax one thread at a time (`autofix.turns`) the first test can hardly fail; the second one can.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autofix.analysis.finding import search
from autofix.analysis.project import ProjectFiles
from autofix.model import Outcome
from autofix.pipeline import look
from autofix.report.results import Checked
from autofix.runner import Verifiers, fix_all, read
from tests.analysis.projects import written

pytestmark = pytest.mark.slow

HELPERS = 20
FILLER = 150
"""Functions before the step: the file that differentiates takes longer to read than those that it blames."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Helpers that lose a gradient and are not called losses, some that nobody trains with, and a training file."""
    names = [f"part{number:02}" for number in range(HELPERS)]
    cut = "    return torch.tensor(np.mean(np.abs(a.detach().numpy() - b.numpy())))\n"
    head = "import numpy as np\nimport torch\n\n"
    texts = {f"{name}.py": f"{head}def measure_{name}(a, b):\n{cut}" for name in names}
    texts |= {f"idle{number}.py": f"{head}def idle_{number}(a, b):\n{cut}" for number in range(3)}
    imports = "".join(f"from {name} import measure_{name}\n" for name in names)
    filler = "".join(f"def other_{number}(a):\n    return [a + each for each in a]\n" for number in range(FILLER))
    steps = "".join(f"measure_{name}(model(x), y).backward()\n" for name in names)
    model = "model = torch.nn.Linear(3, 1)\nx = y = torch.ones(3, 3)\n"
    texts["train.py"] = f"import torch\n{imports}{filler}{model}{steps}"
    return written(tmp_path_factory.mktemp("project"), "".join(f"# {path}\n{text}" for path, text in texts.items()))


def checker(paths: Iterable[str]) -> Callable[[str, str, object], Outcome]:
    """Return what looks at one of the files, all of which are checked together."""
    files = ProjectFiles({path: Path(path).read_text() for path in paths})
    return lambda text, path, verifier: look(text, path, around=files.around(path))


def found(paths: Sequence[str], jobs: int) -> list[tuple[str, int, str]]:
    """Return file, line and code of every finding, sorted."""
    sources = [read(path, is_named=False) for path in paths]
    checked: list[Checked] = list(fix_all(sources, checker(paths), Verifiers(None), jobs))
    assert not any(each.problem for each in checked)
    return sorted((Path(f.path).name, f.span.line, f.code) for each in checked for f in each.findings)


@pytest.mark.parametrize("jobs", [1, 2, 4, 8])
def test_any_number_of_jobs_and_any_order_find_the_same(folder: Path, jobs: int) -> None:
    paths = sorted(map(str, folder.glob("*.py")))

    expected = [(f"part{number:02}.py", 5, "AF102") for number in range(HELPERS)]
    assert found(paths, jobs) == expected
    assert found(paths[::-1], jobs) == expected


def test_a_thread_waits_for_what_another_one_finds_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = sorted(map(str, folder.glob("*.py")))
    files, entered, second_asks = ProjectFiles({path: Path(path).read_text() for path in paths}), [], threading.Event()

    def slow(*arguments: object) -> frozenset[str]:
        entered.append(threading.get_ident())
        second_asks.wait(2.0)
        time.sleep(0.05)  # the other thread is about to ask
        return blamed_files(*arguments)

    def users(path: str) -> list[str]:
        if entered:
            second_asks.set()
        around = files.around(path)
        return [each.path for each in around.users()] if around else []

    blamed_files = search.blamed_files
    monkeypatch.setattr(search, "blamed_files", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(users, paths[-2])
        while not entered:
            second_asks.wait(0.001)
        second = pool.submit(users, paths[-3])

        assert first.result() == second.result() == [str(folder / "train.py")]
    assert len(entered) == 1, "it is found out once"


def test_what_is_looked_at_leaves_nothing_behind(folder: Path) -> None:
    path, trains = str(folder / "part00.py"), str(folder / "train.py")
    text = Path(path).read_text()
    files = ProjectFiles({path: text, trains: Path(trains).read_text()})

    before = look(text, path, around=files.around(path)).findings
    look("import torch\nfrom part01 import measure_part01\n", trains, around=files.around(trains))

    assert [each.code for each in before] == ["AF102"]
    assert look(text, path, around=files.around(path)).findings == before
