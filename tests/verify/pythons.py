"""Interpreters made for a test: this one, with something of its system taken away before the worker starts."""

from __future__ import annotations

import sys
from pathlib import Path

# What is run before the worker's program, under its own name and with its own arguments.
WITHOUT_FORK = "import os; del os.fork"
WITHOUT_JAIL = "import platform; platform.machine = lambda: 'riscv64'"
OLD = "import sys; sys.hexversion = 0x030700f0; sys.version_info = (3, 7, 0, 'final', 0)"
SLOW = "import time; time.sleep(60)"


def python(folder: Path, before: str = "", shell: str = "") -> Path:
    """An executable that runs `before` and then what it is asked to, or instead a few lines of shell."""
    made = folder / "python"
    start = folder / "start.py"
    then = "runpy.run_path(sys.argv[0], run_name='__main__')"
    start.write_text(f"import runpy, sys\nsys.argv = sys.argv[1:]\n{before}\n{then}\n")
    run = f'while [ "${{1#-}}" != "$1" ]; do shift; done\nexec "{sys.executable}" -B -u {start} "$@"'
    made.write_text(f"#!/bin/sh\n{shell or run}\n")
    made.chmod(0o755)
    return made


def without_framework(folder: Path, framework: str, fault: str) -> Path:
    """An interpreter in which the framework's import raises or does what `fault` says."""
    (folder / framework).mkdir()
    (folder / framework / "__init__.py").write_text(fault + "\n")
    return python(folder, f"sys.path.insert(0, {str(folder)!r})")
