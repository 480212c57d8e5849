"""The server remembers proofs as the command line does, and not where the project's table says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from autofix.lsp.checker import Checker
from autofix.lsp.protocol import Options
from autofix.source.settings import Settings, load


@pytest.mark.parametrize(
    ("table", "remembers"), [("", True), ("no-cache = true\n", False), ("no-cache = false\n", True)]
)
async def test_proofs_are_remembered_unless_the_table_says_no(tmp_path: Path, table: str, remembers: bool) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.autofix]\n{table}")
    settings = load([str(tmp_path)])
    assert isinstance(settings, Settings)
    checker = Checker(lambda program, seen: None, lambda uri, state, message: None)
    checker.configure(Options())

    verifier = checker._running_verifier(settings)
    checker.close()

    assert (verifier.remembered is not None) is remembers
