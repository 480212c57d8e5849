"""Every backend passes one suite, each in a process of its own framework."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.worker.conformance import CHECKS, WATCHING

SUITE = Path(__file__).with_name("conformance.py")
BACKENDS = [pytest.param(each, marks=getattr(pytest.mark, each)) for each in ("torch", "tensorflow")]


@cache
def results(name: str) -> dict[str, str]:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    ran = subprocess.run([sys.executable, str(SUITE), name], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", BACKENDS)
@pytest.mark.parametrize("title", [*CHECKS, *WATCHING])
def test_a_backend_does_what_the_worker_asks(title: str, name: str) -> None:
    assert results(name)[title] == ""
