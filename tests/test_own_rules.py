"""A project's own rules from the command line: a loss with a private package's function is mended end to end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autofix
from autofix.analysis.finding.search import diagnose
from autofix.cli import main
from autofix.model import OwnRules
from autofix.pipeline import NOTHING_RUN, fix_source

METRICS = """import numpy as np


def smooth_abs(x, eps=0.001):
    x = np.asarray(x)
    return np.sqrt(x * x + eps * eps)


def mean_of(x):
    return np.asarray(x).mean()
"""
RULES = '''import torch

FOR = "mylib.metrics"


def smooth_abs(x, eps=0.001):
    """|x|, rounded off at 0.

    >>> smooth_abs(x)
    """
    return torch.sqrt(x * x + eps * eps)


def mean_of(x):
    return torch.mean(x)
'''
BROKEN = """import mylib.metrics
import torch


def pixel_loss(y_pred, y_true):
    distance = mylib.metrics.smooth_abs(y_pred.detach().numpy() - y_true.numpy())
    return torch.tensor(mylib.metrics.mean_of(distance))
"""
MENDED = '''import torch


def _smooth_abs(x, eps=0.001):
    """|x|, rounded off at 0."""
    return torch.sqrt(x * x + eps * eps)


def pixel_loss(y_pred, y_true):
    distance = _smooth_abs(y_pred - y_true)
    return torch.mean(distance)
'''
NAMES = OwnRules((), {"torch": frozenset({"mylib.metrics.smooth_abs"})})
SHORT = "import torch\nfrom {module} import smooth_abs\n\n\ndef my_loss(y_pred, y_true):\n"
SHORT += "    return torch.mean(torch.from_numpy(smooth_abs(y_pred.detach().numpy() - y_true.numpy())))\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {
        "mylib/__init__.py": "",
        "mylib/metrics.py": METRICS,
        "tools/rules/torch/mylib.py": RULES,
        "pyproject.toml": f'[tool.autofix]\nrules = ["tools/rules"]\npython = "{sys.executable}"\n',
        "loss.py": BROKEN,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(words)
    return int(str(stop.value.code))


@pytest.mark.torch
def test_a_loss_is_mended_and_the_import_goes(project: Path) -> None:
    for number in range(3):
        (project / f"loss{number}.py").write_text(BROKEN)

    assert _run("--apply", "--jobs", "2", ".") == 0
    assert [(project / f"loss{number}.py").read_text() for number in range(3)] == [MENDED] * 3
    assert (project / "loss.py").read_text() == MENDED


@pytest.mark.torch
def test_from_standard_input(project: Path) -> None:
    command = [sys.executable, "-m", "autofix", "--apply", "--stdin-filename", "loss.py", "-"]
    done = subprocess.run(command, input=BROKEN, capture_output=True, text=True, cwd=project)

    assert (done.returncode, done.stdout) == (0, MENDED)


CHECK = """import autofix
import torch
from loss import pixel_loss

print(autofix.check(pixel_loss, y_pred=torch.rand(4, 3), y_true=torch.rand(4, 3)).diff)
"""


@pytest.mark.torch
def test_a_loss_of_the_running_program_is_mended_with_them(project: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, cwd=project)

    assert done.returncode == 0, done.stderr
    assert "+    distance = _smooth_abs(y_pred - y_true)" in done.stdout


@pytest.mark.torch
def test_without_the_table_its_function_is_not_known(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.autofix]\n")
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, cwd=project)

    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_a_broken_rule_is_said_to_whoever_asks_from_a_program(project: Path) -> None:
    rules = project / "tools/rules/torch/mylib.py"
    rules.write_text(RULES.replace("x * x", "x * y"))

    with pytest.raises(ValueError, match=r"mylib.py:11: y is neither a parameter of smooth_abs"):
        autofix.fix_source(BROKEN, str(project / "loss.py"))


def test_a_broken_rule_ends_the_run_before_any_file_is_handled(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = project / "tools/rules/torch/mylib.py"
    rules.write_text(RULES.replace("x * x", "x * y"))

    assert _run("--apply", "loss.py") == 2
    assert f"{rules}:11: y is neither a parameter of smooth_abs" in capsys.readouterr().err
    assert (project / "loss.py").read_text() == BROKEN


def test_a_folder_that_is_not_there_ends_the_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.autofix]\nrules = ["nowhere"]\n')

    assert _run("loss.py") == 2
    assert f"{project / 'nowhere'}: there is no such folder of rules" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["mylib.metrics", "mylib"])
def test_what_has_no_rule_has_no_known_counterpart(module: str) -> None:
    findings = fix_source(SHORT.format(module=module), "a.py", NOTHING_RUN, own=NAMES).findings

    assert [finding.code for finding in findings] == ["AF102"]
    assert findings[0].explanation is not None
    assert ("no counterpart is known" in findings[0].explanation.note) == (module == "mylib")


def test_a_live_tensor_in_it_is_a_finding_of_its_own() -> None:
    import ast

    text = SHORT.format(module="mylib.metrics").replace(".detach().numpy()", "").replace(".numpy()", "")
    codes = [cut.code for fault in diagnose(ast.parse(text), text, NAMES) for cut in fault.cuts]

    assert codes == ["AF107"]
    assert "AF107" not in [cut.code for each in diagnose(ast.parse(text), text) for cut in each.cuts]
