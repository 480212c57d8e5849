"""What a project brings is executed inside the jail by the language server too; untrusted, it is not executed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_lsp import LanguageClient

from autofix.lsp.protocol import Options
from tests.lsp.editing import File
from tests.verify import attacks

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("way", ["[tool.autofix] python", ".venv/bin/python"])
async def test_an_interpreter_of_the_project_can_do_nothing(client: LanguageClient, tmp_path: Path, way: str) -> None:
    root = attacks.project(tmp_path)
    attacks.WAYS[way](root, attacks.TELLS)
    file = File(client, root / "loss.py", attacks.PROGRAM)
    assert attacks.CONTAINED in await file.state("unproven", "proven")
    assert attacks.marks(tmp_path) == []
    file.close()


async def test_an_untrusted_workspace_executes_nothing(untrusted: LanguageClient, tmp_path: Path) -> None:
    root = attacks.project(tmp_path)
    attacks.as_setting(root, attacks.TELLS)
    file = File(untrusted, root / "loss.py", attacks.PROGRAM)
    assert "not trusted" in await file.state("off", "unproven", "proven")
    assert attacks.marks(tmp_path) == []
    file.close()


@pytest.mark.parametrize(
    ("given", "trusts"),
    [({}, False), ({"trusted": True}, True), ({"trusted": False}, False), ({"trustGiven": True}, False)],
)
def test_the_trust_of_an_editor_is_what_it_says_itself(given: dict[str, object], trusts: bool) -> None:
    """Many editors know no trust: their word is none, and where nothing can be confined nothing is run for them."""
    options = Options().changed(given).changed({"delay": 0.1})
    assert (options.trusted and options.trust_given) is trusts
