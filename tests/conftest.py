"""Tests that need a framework are skipped where it is not installed, and the run says so at its top and at its end."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile

import pytest

FRAMEWORKS = ("torch", "tensorflow", "keras")
TRAINERS = ("pytorch_lightning", "transformers")
EXTRAS = {"torch": "torch", "tensorflow": "tensorflow", "keras": "tensorflow"}
MISSING = tuple(name for name in (*FRAMEWORKS, *TRAINERS) if importlib.util.find_spec(name) is None)


def pytest_configure(config: pytest.Config) -> None:
    """What the tests prove is remembered nowhere but in a folder of this run."""
    folder = tempfile.mkdtemp(prefix="autofix-tests-")
    os.environ["AUTOFIX_CACHE_DIR"] = folder
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_report_header() -> list[str]:
    return [f"frameworks: {', '.join(name for name in FRAMEWORKS if name not in MISSING) or 'none'}", *_warnings()]


@pytest.hookimpl(tryfirst=True)  # before `-m` looks at the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("keras"):
            item.add_marker("tensorflow")  # what Keras runs on
        for name in MISSING:
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not installed"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in _warnings():
        terminalreporter.write_line(line, red=True, bold=True)


def _warnings() -> list[str]:
    ways = {name: f"'.[{EXTRAS[name]}]'" if name in EXTRAS else name for name in MISSING}
    return [f"NOT TESTED with {name}: it is not installed (pip install {way})" for name, way in ways.items()]
