"""What runs in the user's interpreter runs in every Python from 3.8 on: its syntax, its modules, its jail."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import autofix.rules
import pytest

import autofix
from autofix.worker.start import too_old

pytestmark = pytest.mark.slow

FOLDER = Path(autofix.__file__).parent
WORKER = FOLDER / "worker"
OTHERS = (FOLDER / "prove/worker", Path(autofix.rules.__path__[0]))
OLD = ("3.8", "3.9", "3.10")
TRIED = """
import importlib, importlib.util, sys, tempfile
from pathlib import Path
folder = Path(sys.argv[1])
spec = importlib.util.spec_from_file_location("w", folder / "__init__.py", submodule_search_locations=[str(folder)])
sys.modules["w"] = importlib.util.module_from_spec(spec)
for file in sorted(folder.rglob("*.py")):
    if file.stem not in ("__init__", "__main__"):
        importlib.import_module("w." + ".".join(file.relative_to(folder).with_suffix("").parts))
from w.draw import draw_point, together
for kind in ("normal", "positive", "negative", "unit", "sign", "labels", "bool", "simplex", "onehot"):
    (argument,) = draw_point({"x": {"kind": kind, "shape": [2, 3], "classes": 3}}, 0)
    assert len(argument.arrays[0].values) == 6
assert list(together([1, 2], "ab")) == [(1, "a"), (2, "b")]
try:
    together([1], [])
except ValueError:
    pass
else:
    raise AssertionError
confined = importlib.import_module("w.sandbox").unconfined(tempfile.mkdtemp(dir=sys.argv[2])) or "held"
print(sys.version_info[:2], confined)
"""


def pythons(version: str) -> Iterator[str]:
    """The interpreters of a version on this machine."""
    if found := shutil.which(f"python{version}"):
        yield found
    roots = (Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions", Path("/opt/python"))
    yield from (str(one) for root in roots for one in sorted(root.glob(f"{version}.*/bin/python")))


def runs(python: str, version: str) -> bool:
    """Whether it is one, and no shim of a version that is not set up."""
    asked = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(asked, capture_output=True, text=True).stdout.strip() == version


@pytest.fixture
def python(request: pytest.FixtureRequest) -> str:
    version: str = request.param
    found = next((one for one in pythons(version) if runs(one, version)), None)
    if found is None:
        pytest.skip(f"NOT TESTED with Python {version}: there is none on this machine")
    return found


@pytest.mark.parametrize("folder", [WORKER, *OTHERS], ids=str)
def test_its_syntax_is_that_of_3_8(folder: Path) -> None:
    files = sorted(folder.rglob("*.py"))
    assert files
    for file in files:
        ast.parse(file.read_text(), str(file), feature_version=(3, 8))


def test_newer_syntax_would_be_found() -> None:
    with pytest.raises(SyntaxError):
        ast.parse("match x:\n    case 1: pass\n", feature_version=(3, 8))


@pytest.mark.parametrize("python", OLD, indirect=True)
def test_its_modules_run_there_and_the_jail_holds(python: str, tmp_path: Path) -> None:
    """All but the frameworks: those are tried by hand with their oldest versions."""
    ran = subprocess.run(
        [python, "-B", "-W", "error", "-c", TRIED, str(WORKER), str(tmp_path)], capture_output=True, text=True
    )
    confines = subprocess.run(
        [sys.executable, "-B", "-c", TRIED, str(WORKER), str(tmp_path)], capture_output=True, text=True
    )

    assert ran.stderr == ""
    assert ran.stdout.partition(") ")[2] == confines.stdout.partition(") ")[2] != ""


@pytest.mark.parametrize("python", OLD, indirect=True)
def test_the_worker_starts_there_and_says_what_it_lacks(python: str, tmp_path: Path) -> None:
    from autofix.verify.verifier import Verifier

    with Verifier(Path(python)) as verifier:
        reason = verifier.missing("tensorflow", tmp_path)

    assert reason is not None
    assert reason.startswith("tensorflow is not installed for ")


@pytest.mark.parametrize("version", ["3.6", "3.7"])
def test_what_is_older_says_so_in_words(version: str, tmp_path: Path) -> None:
    from autofix.verify.verifier import Verifier

    found = next((one for one in pythons(version) if runs(one, version)), None)
    if found is None:
        pytest.skip(f"NOT TESTED with Python {version}: there is none on this machine")
    with Verifier(Path(found)) as verifier:
        assert verifier.missing("torch", tmp_path) == f"it is Python {version}, and 3.8 or later is needed ({found})"


@pytest.mark.parametrize(
    ("framework", "version", "least"),
    [
        ("torch", "1.12.1", "1.13"),
        ("torch", "1.9.0+cpu", "1.13"),
        ("torch", "1.13.0", None),
        ("torch", "2.0.1+cu117", None),
        ("torch", "2.13.0a0+git123", None),
        ("tensorflow", "1.15.5", "2.8"),
        ("tensorflow", "2.7.4", "2.8"),
        ("tensorflow", "2.8.0-rc1", None),
        ("tensorflow", "2.21.0", None),
    ],
)
def test_versions_are_compared_as_numbers(framework: str, version: str, least: str | None) -> None:
    assert too_old(framework, version) == least
