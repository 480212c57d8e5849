"""The shipped programs, end to end through the real command line: broken ones are mended, right ones left alone.

Per framework the command runs three times (preview, --apply, --apply again), and one more process runs every program
as it was and as it became.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
QUIET = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
PREFIXES = {"torch": ("torch_",), "tensorflow": ("tensorflow_", "keras_")}
BOTH = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in PREFIXES]
RUN_ALL = """
import json, runpy, sys
for path in sys.argv[1:]:
    try:
        runpy.run_path(path, run_name="__main__")
        print("\\n" + json.dumps([path, ""]))
    except Exception as error:
        print("\\n" + json.dumps([path, str(error)]))
"""
NO_GRAD = "element 0 of tensors does not require grad"
NO_GRADIENTS = "No gradients provided for any variable"
TODAY = {
    "torch_mae": NO_GRAD,
    "torch_huber": NO_GRAD,
    "torch_rmse": "",  # runs to its end, and nothing was learned
    "torch_step": "",  # the same
    "torch_shared": NO_GRAD,
    "tensorflow_mae": NO_GRADIENTS,
    "tensorflow_step": NO_GRADIENTS,
    "tensorflow_shared": NO_GRADIENTS,
    "tensorflow_tape": NO_GRADIENTS,
    "tensorflow_watch": "Attempt to convert a value (None)",
    "tensorflow_twice": "A non-persistent GradientTape can only be used to compute one set of gradients",
    "keras_quantile": NO_GRADIENTS,
    "keras_predict": NO_GRADIENTS,
    "keras_ops": NO_GRADIENTS,
}
MENDED_LINES = {
    "torch_mae": ["    diff = torch.abs(y_true - y_pred)", "    return torch.mean(diff)"],
    "tensorflow_mae": ["    diff = tf.abs(y_true - y_pred)", "    return tf.reduce_mean(diff)"],
}


@dataclass(frozen=True)
class Seen:
    """What one framework's programs were before and after, and what was said of them."""

    names: tuple[str, ...]
    before: dict[str, bytes]
    after_preview: dict[str, bytes]
    after: dict[str, bytes]
    after_twice: dict[str, bytes]
    report: dict[str, Any]
    statuses: tuple[int, int, int]
    errors: dict[str, str]

    def findings(self, file: str) -> list[dict[str, Any]]:
        return [finding for finding in self.report["findings"] if Path(finding["path"]).name == file]


def _autofix(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autofix", "--python", sys.executable, *options, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, env=QUIET, timeout=300, check=False)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.py")}


def _errors(*folders: Path) -> dict[str, str]:
    """How each program of these folders ends: `folder/file` to its error, empty where it runs to its end."""
    paths = [str(path) for folder in folders for path in sorted(folder.glob("*.py"))]
    command = [sys.executable, "-c", RUN_ALL, *paths]
    done = subprocess.run(command, capture_output=True, text=True, env=QUIET, timeout=300, check=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
    return {f"{Path(path).parent.name}/{Path(path).name}": error for path, error in rows}


@pytest.fixture(scope="module", params=BOTH)
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    root = tmp_path_factory.mktemp(request.param)
    today, folder = root / "today", root / "mended"
    for place in (today, folder):
        place.mkdir()
        for path in FIXTURES.glob("*.py"):
            if path.name.startswith(PREFIXES[request.param]):
                shutil.copy(path, place)
    names = tuple(name for name in TODAY if name.startswith(PREFIXES[request.param]))
    before, preview, after_preview = _contents(folder), _autofix(folder, "--format", "json"), _contents(folder)
    applied, after = _autofix(folder, "--apply"), _contents(folder)
    again, after_twice = _autofix(folder, "--apply"), _contents(folder)
    statuses = (preview.returncode, applied.returncode, again.returncode)
    errors = _errors(today, folder)
    return Seen(names, before, after_preview, after, after_twice, json.loads(preview.stdout), statuses, errors)


def test_every_program_is_there_broken_and_right(seen: Seen) -> None:
    assert set(seen.before) == {f"{name}_{kind}.py" for name in seen.names for kind in ("broken", "right")}


def test_the_broken_programs_fail_today_and_run_once_mended(seen: Seen) -> None:
    assert [seen.errors[f"today/{name}_broken.py"].rstrip(".")[: len(TODAY[name])] for name in seen.names] == [
        TODAY[name] for name in seen.names
    ]
    assert [seen.errors[f"mended/{name}_broken.py"] for name in seen.names] == ["" for _ in seen.names]


def test_they_read_as_a_person_would_have_written_them(seen: Seen) -> None:
    mended = {name: seen.after[f"{name}_broken.py"].decode() for name in seen.names}

    assert mended == {name: seen.before[f"{name}_right.py"].decode() for name in seen.names}


def test_the_seeds_are_mended_word_for_word(seen: Seen) -> None:
    [name] = [name for name in seen.names if name in MENDED_LINES]
    mended = seen.after[f"{name}_broken.py"].decode()

    assert mended[mended.index("def mae_loss") :].splitlines()[1:3] == MENDED_LINES[name]
    assert "numpy" not in mended


def test_the_findings_name_the_loss_and_carry_one_proven_diff(seen: Seen) -> None:
    for name in seen.names:
        findings = seen.findings(f"{name}_broken.py")
        evidence = [finding["fix"]["evidence"] for finding in findings]

        assert len({finding["loss"] for finding in findings}) == 1
        assert {finding["fix"]["status"] for finding in findings} == {"verified"}
        assert len({finding["fix"]["diff"] for finding in findings}) == 1
        assert all(seen["gradient_before"] is None and seen["gradient_after"] > 0 for seen in evidence)


def test_the_right_programs_are_left_alone(seen: Seen) -> None:
    for name in seen.names:
        file = f"{name}_right.py"

        assert seen.findings(file) == []
        assert seen.after[file] == seen.before[file]
        assert seen.errors[f"today/{file}"] == ""


def test_preview_writes_nothing(seen: Seen) -> None:
    assert seen.after_preview == seen.before


def test_a_second_apply_changes_nothing(seen: Seen) -> None:
    assert seen.after_twice == seen.after
    assert seen.after != seen.before


def test_exit_statuses(seen: Seen) -> None:
    assert seen.statuses == (1, 0, 0)
