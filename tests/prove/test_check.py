"""`autofix rules --check`: right rules pass, each kind of wrong one fails with its place, its call and both values."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autofix.cli import main
from autofix.worker import jail

ORIGINALS = """import numpy as np


def smooth_abs(x, eps=0.001):
    return np.sqrt(np.asarray(x) ** 2 + eps * eps)


def total(x):
    x = np.asarray(x)
    return x.sum() if x.ndim == 1 else x.mean()


def named(x, axis=None):
    return np.asarray(x).sum(axis)
"""
TORCH = '''import torch

FOR = "mylib"


def smooth_abs(x, eps=0.001):
    """Rounded off at 0.

    >>> smooth_abs(x)
    >>> smooth_abs(x - y, eps=0.5)
    """
    return torch.sqrt(x**2 + eps * eps)


def total(x):
    """
    >>> total(v)
    >>> total(x)
    >>> total(x > 0.5)  # value only
    >>> total(x * 2)  # => np.mean(x) * 2
    """
    if x.dim() == 1:
        return x.sum()
    return x.to(torch.float64).mean() if x.dtype == torch.bool else x.mean()


def named(x, axis=None):
    """
    >>> named(x)
    >>> named(x, axis=1)
    >>> named(x, axis="rows")  # refused
    """
    if isinstance(axis, str):
        raise NotImplementedError("an axis is a number here")
    return x.sum() if axis is None else x.sum(dim=axis)
'''
WRONG = {
    "value": ("x**2 + eps * eps", "x**2 + eps * 2", "6", ["smooth_abs(x)", "value [[0.6", "is not [[0.6"]),
    "gradient": ("torch.sqrt(x**2", "torch.sqrt(x.detach() ** 2", "6", ["smooth_abs(x)", "does not require grad"]),
    "one branch of two": ("        return x.sum()\n", "        return x.mean()\n", "15", ["total(v)", "-> (v.mean())"]),
    "another rank": ("x.sum(dim=axis)", "x.sum(dim=-1)", "27", ["named(x, axis=1)", "with rank 3: value"]),
    "refused": ('(x, axis="rows")  # refused', "(x, axis=0)  # refused", "27", ["named(x, axis=0)", "must refuse it"]),
    "not refused": ("axis=1)", 'axis="1")', "27", ["refused: an axis"]),
    "a parameter": ("    >>> smooth_abs(x - y, eps=0.5)\n", "", "6", ["no example passes eps="]),
    "never left out": ("    >>> smooth_abs(x)\n", "", "6", ["no example omits eps="]),
    "another rule's": (">>> total(v)", ">>> named(v)", "17", ["does not call the rule; write total(…)"]),
    "a comment": ("# value only", "# roughly", "19", ["'roughly' is unknown"]),
    "an original that fails": (">>> total(v)", ">>> total(v, 1)", "15", ["refused: total takes no more than 1"]),
}


def _project(folder: Path, rules: str, name: str = "torch", originals: str = ORIGINALS) -> Path:
    (folder / "pyproject.toml").write_text(f'[tool.autofix]\npython = "{sys.executable}"\n')
    (folder / "mylib.py").write_text(originals)
    (folder / "rules" / name).mkdir(parents=True)
    (folder / "rules" / name / "mine.py").write_text(rules)
    return folder / "rules"


def _check(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["rules", "--check", str(folder), *words])
    printed = capsys.readouterr()
    return int(str(stop.value.code)), printed.out, printed.err


@pytest.mark.torch
def test_right_rules_are_proven(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(capsys, _project(tmp_path, TORCH)) == (0, "torch: 3 rules, 9 calls: all verified\n", "")


@pytest.mark.torch
def test_each_fault_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All at once, a file each, since PyTorch takes seconds to import."""
    folder = _project(tmp_path, TORCH)
    (folder / "torch" / "mine.py").unlink()
    for number, (old, new, _, _) in enumerate(WRONG.values()):
        assert old in TORCH
        text = TORCH.replace(old, new, 1).replace('FOR = "mylib"', f'FOR = "mylib{number}"')
        (folder / "torch" / f"mine{number}.py").write_text(text)
        (tmp_path / f"mylib{number}.py").write_text(ORIGINALS)
    status, out, _ = _check(capsys, folder)

    assert status == 1
    for number, (_, _, line, words) in enumerate(WRONG.values()):
        own = [each for each in out.splitlines() if f"mine{number}.py" in each]
        found = [each for each in own if all(word in each for word in words)]
        assert found, (words, own)
        assert found[0].startswith(f"{folder}/torch/mine{number}.py:{line}: ")


@pytest.mark.torch
def test_without_examples_calls_are_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = 'import torch\n\nFOR = "mylib"\n\n\n'
    rule += "def smooth_abs(x, eps=0.001):\n    return torch.sqrt(x * x + eps * eps)\n"

    assert _check(capsys, _project(tmp_path, rule)) == (0, "torch: 1 rule, 6 calls: all verified\n", "")


@pytest.mark.torch
def test_a_rule_without_an_original_has_no_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = 'FOR = "mylib"\n\n\ndef absent(x):\n    return x\n'
    status, out, _ = _check(capsys, _project(tmp_path, rule))

    assert status == 1
    assert "mylib.absent: no call generated from its signature runs" in out
    assert 'such as ">>> absent(x)"' in out


@pytest.mark.tensorflow
def test_in_tensorflow_it_must_hold_in_a_compiled_function(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    original = "def mean_of(x):\n    return x.mean()\n\n\ndef total(x):\n    return x.sum() / 1\n"
    rules = 'import tensorflow as tf\n\nFOR = "mylib"\n\n\n'
    rules += "def mean_of(x):\n    return tf.reduce_sum(x) / tf.size(x).numpy()\n\n\n"
    rules += "def total(x):\n    return tf.reduce_sum(x)\n"
    status, out, _ = _check(capsys, _project(tmp_path, rules, "tensorflow", original))

    assert status == 1
    assert "mean_of(x) -> " in out and "as a compiled function: " in out
    assert "total(" not in out


def test_what_cannot_be_checked_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _project(tmp_path, TORCH.replace("eps * eps", "eps * epsilon"))

    assert _check(capsys, tmp_path / "nowhere")[0] == 2
    assert _check(capsys, folder, "--python", str(tmp_path / "no_python"))[0] == 2
    status, _, err = _check(capsys, folder)
    assert status == 2
    assert "mine.py:12: epsilon is neither a parameter of smooth_abs" in err


def test_a_framework_without_rules_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = _check(capsys, _project(tmp_path, TORCH), "--framework", "tensorflow")

    assert status == 2
    assert "has no rules for tensorflow" in err


@pytest.mark.torch
@pytest.mark.skipif(bool(jail.lacking()), reason=jail.lacking() or "there is a jail")
def test_what_is_imported_for_it_is_jailed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The originals are the project's: they may read it, by a relative path too, and write nothing."""
    attempt = "\ntry:\n    open(__file__ + '.mark', 'w')\nexcept PermissionError:\n    pass\nelse:\n    del total\n"
    (tmp_path / "mylib.py").write_text(ORIGINALS + attempt)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "rules/torch").mkdir(parents=True)
    (tmp_path / "rules/torch/mine.py").write_text(TORCH)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["rules", "--check", "rules", "--framework", "torch"])
    assert ended.value.code == 0
    assert not (tmp_path / "mylib.py.mark").exists()


def test_where_it_cannot_be_jailed_nothing_is_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mylib.py").write_text(f"open({str(tmp_path / 'mark')!r}, 'w')\n")
    (tmp_path / "rules/torch").mkdir(parents=True)
    (tmp_path / "rules/torch/mine.py").write_text(TORCH)
    monkeypatch.setattr(jail, "version", lambda: 0)
    monkeypatch.setenv("AUTOFIX_CONFIG_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main(["rules", "--check", str(tmp_path / "rules")])
    assert ended.value.code == 2
    assert "--allow-unsandboxed" in capsys.readouterr().err
    assert not (tmp_path / "mark").exists()
