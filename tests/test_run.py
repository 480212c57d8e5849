"""`autofix run`: a program keeps its arguments, streams and name; what is seen of it, and the status of the command."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autofix.cli import _with_program_apart

ECHO = """
import os, sys
print(sys.argv, __name__, os.path.basename(__file__), sys.path[0] == os.path.dirname(os.path.abspath(__file__)))
print(sys.stdin.read())
"""
BROKEN = """
import torch
net = torch.nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    opt.zero_grad()
    loss = (net(torch.ones(3, 4)).detach() ** 2).mean()
    loss.backward()
    opt.step()
"""
LATE = """
import torch
net = torch.nn.Linear(2, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for i in range(20):
    opt.zero_grad()
    loss = net(torch.ones(3, 2)).mean() * (float("nan") if i == 12 else 1.0)
    loss.backward()
    opt.step()
    print("step", i)
"""

RANDOM = """
import torch
from torch.utils.data import DataLoader, TensorDataset
def main():
    torch.manual_seed(3)
    rows = TensorDataset(torch.randn(64, 4), torch.randn(64, 1))
    net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Dropout(0.3), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    opt = torch.optim.AdamW(net.parameters())
    for x, y in DataLoader(rows, 16, shuffle=True, num_workers=1):
        loss = ((net(x) - y) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        print("drawn", loss.item(), torch.rand(1).item(), torch.get_num_threads())
if __name__ == "__main__":
    main()
"""


def run(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "autofix", "run", *words]
    return subprocess.run(command, cwd=folder, input=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        (["run", "a.py", "-m", "x"], ["run", "a.py", "-m", "x"]),
        (["run", "-m", "pytest", "-q"], ["run", "-m", "--", "pytest", "-q"]),
        (["run", "--steps", "3", "-m", "p", "--apply"], ["run", "--steps", "3", "-m", "--", "p", "--apply"]),
        (["run", "--apply", "a.py", "-m"], ["run", "--apply", "a.py", "-m"]),
    ],
)
def test_what_follows_the_program_is_its_own(typed: list[str], taken: list[str]) -> None:
    assert _with_program_apart(typed) == taken


def test_a_program_has_its_own_arguments_input_and_name(tmp_path: Path) -> None:
    (tmp_path / "echo.py").write_text(ECHO, encoding="utf-8")
    done = run(tmp_path, "echo.py", "--steps", "7", "-q", given="typed")

    assert done.stdout.startswith("['echo.py', '--steps', '7', '-q'] __main__ echo.py True\ntyped\n")
    assert "there is no training to watch" in done.stderr
    assert done.returncode == 2


def test_a_module_runs_as_python_runs_it(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("", encoding="utf-8")
    (tmp_path / "package" / "echo.py").write_text("import sys\nprint(__name__, sys.argv[1:], __package__)\n", "utf-8")

    assert run(tmp_path, "-m", "package.echo", "--apply").stdout.startswith("__main__ ['--apply'] package\n")


def test_a_failure_is_shown_as_python_shows_it(tmp_path: Path) -> None:
    (tmp_path / "fails.py").write_text("def f():\n    raise ValueError('x')\nf()\n", encoding="utf-8")
    done = run(tmp_path, "fails.py")
    plain = subprocess.run([sys.executable, "fails.py"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.stderr.startswith(plain.stderr.replace('"fails.py"', f'"{tmp_path}/fails.py"'))
    assert "its exit status is 1" in done.stderr
    assert done.returncode == 2


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "nothing.py")

    assert "nothing.py: no such file" in done.stderr
    assert done.returncode == 2


@pytest.mark.torch
@pytest.mark.slow
def test_a_notebook_is_run_cell_by_cell_and_its_fault_is_placed_there(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "id": str(n), "metadata": {}, "execution_count": None, "outputs": [], "source": text}
        for n, text in enumerate(["%matplotlib inline\n", BROKEN])
    ]
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"language_info": {"name": "python"}}, "cells": cells}
    (tmp_path / "train.ipynb").write_text(json.dumps(whole), encoding="utf-8")
    done = run(tmp_path, "train.ipynb")

    assert done.stdout.count("train.ipynb:cell 2:7:13: AF103") == 2, done.stdout
    assert "+    loss = (net(torch.ones(3, 4)) ** 2).mean()" in done.stdout
    assert done.returncode == 1


@pytest.mark.torch
@pytest.mark.slow
def test_a_verified_fix_is_written_and_the_program_learns_then(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(BROKEN, encoding="utf-8")

    assert run(tmp_path, "--apply", "train.py").returncode == 1
    assert ".detach()" not in file.read_text(encoding="utf-8")
    again = run(tmp_path, "train.py")
    assert "learns: gradients arrive" in again.stdout
    assert again.returncode == 0


MODEL = """
from torch import nn


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.blocks = [nn.Linear(4, 4) for _ in range(2)]

    def forward(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = x + block(x).tanh()
        return x
"""
PARTLY = """
import torch
from model import Tower
net = Tower()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    opt.zero_grad()
    loss = (net(torch.ones(3, 3)) ** 2).mean()
    loss.backward()
    opt.step()
"""


@pytest.mark.torch
@pytest.mark.slow
def test_parts_that_no_optimizer_holds_are_named_by_their_list_and_fixed_in_their_file(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PARTLY)
    (tmp_path / "model.py").write_text(MODEL)
    (tmp_path / "pyproject.toml").write_text("")
    broken = run(tmp_path, "--apply", "train.py")

    assert "net.blocks[0]" in broken.stdout and "in no optimizer" in broken.stdout
    assert "self.blocks = nn.ModuleList([nn.Linear(4, 4) for _ in range(2)])" in (tmp_path / "model.py").read_text()
    fixed = run(tmp_path, "train.py")
    assert fixed.returncode == 0 and "in no optimizer" not in fixed.stdout


HEAD = """
import torch
class Head(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.centres = torch.nn.Parameter(torch.randn(4, 3))
    def forward(self, x, y):
        return (x - self.centres[y]).square().mean()
net, head = torch.nn.Linear(4, 3), Head()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(8, 4), torch.arange(8) % 4
for step in range(3):
    loss = head(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
"""


@pytest.mark.torch
@pytest.mark.slow
def test_what_learns_is_told_from_what_no_optimizer_holds(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(HEAD, encoding="utf-8")
    done = run(tmp_path, "train.py")

    assert "learns: gradients arrive at what SGD holds; not trained: `head.centres`, in no optimizer" in done.stdout
    assert "+opt = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)" in done.stdout
    assert done.returncode == 1


@pytest.mark.torch
@pytest.mark.slow
def test_a_training_that_goes_on_ends_at_the_first_value_that_is_not_finite(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(LATE, encoding="utf-8")
    done = run(tmp_path, "--keep-going", "train.py")

    assert "step 11\n" in done.stdout
    assert "step 12\n" not in done.stdout
    assert "the loss is nan at step 13" in done.stdout
    assert done.returncode == 1


@pytest.mark.torch
@pytest.mark.slow
def test_the_watch_changes_no_number_that_is_drawn_or_computed(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(RANDOM, encoding="utf-8")
    plain = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    done = run(tmp_path, "--keep-going", "train.py")

    assert [line for line in done.stdout.splitlines() if line.startswith("drawn")] == plain.stdout.splitlines()
    assert len(plain.stdout.splitlines()) == 4
