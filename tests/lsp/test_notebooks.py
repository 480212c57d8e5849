"""Notebooks in an editor: their cells are one program, and a fix is an edit of each cell that changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from tests.lsp.editing import FIX_ALL, after, until

pytestmark = pytest.mark.torch

SETUP = "%matplotlib inline\nimport numpy as np\nimport torch"
HEAD = "def mae_loss(y_true, y_pred):\n"
LOSS = f"{HEAD}    return torch.from_numpy(np.abs(y_true.numpy() - y_pred.detach().numpy())).mean()"
MENDED = f"{HEAD}    return torch.abs(y_true - y_pred).mean()"
STEP = "def step(model, x, y):\n    mae_loss(y, model(x)).backward()"
OTHER = LOSS.replace("mae_loss", "other_loss").replace("np.abs", "np.square")
NOTEBOOK_KIND = "notebook.source.fixAll.autofix"


class Notebook:
    """A notebook in the editor; its first cell is one of text."""

    def __init__(self, client: LanguageClient, path: Path, *sources: str) -> None:
        self.client, self.uri, self.version = client, path.as_uri(), 1
        self.sources = ["# Title", *sources]
        self.uris = [f"vscode-notebook-cell:{path}#{number}" for number in range(len(self.sources))]
        kinds = [types.NotebookCellKind.Markup, *[types.NotebookCellKind.Code] * len(sources)]
        cells = [types.NotebookCell(kind, uri) for kind, uri in zip(kinds, self.uris, strict=True)]
        languages = ["markdown", *["python"] * len(sources)]
        texts = zip(self.uris, languages, self.sources, strict=True)
        items = [types.TextDocumentItem(uri, language, 1, text) for uri, language, text in texts]
        document = types.NotebookDocument(self.uri, "jupyter-notebook", 1, cells)
        client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, items))

    def type(self, cell: int, text: str) -> None:
        """Replace the text of a cell."""
        self.version += 1
        self.sources[cell] = text
        change = types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uris[cell]),
            [types.TextDocumentContentChangeWholeDocument(text)],
        )
        event = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(text_content=[change]))
        identifier = types.VersionedNotebookDocumentIdentifier(self.version, self.uri)
        self.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(identifier, event))

    def close(self) -> None:
        identifiers = [types.TextDocumentIdentifier(uri) for uri in self.uris]
        params = types.DidCloseNotebookDocumentParams(types.NotebookDocumentIdentifier(self.uri), identifiers)
        self.client.notebook_document_did_close(params)

    async def diagnostics(self, cell: int, codes: list[str]) -> list[types.Diagnostic]:
        """The diagnostics of a cell, once they have these codes."""

        def look() -> list[types.Diagnostic] | None:
            found = self.client.diagnostics.get(self.uris[cell])
            return list(found) if found is not None and [each.code for each in found] == codes else None

        return await until(look, f"diagnostics {codes} of cell {cell}")

    async def saved(self, cell: int, kind: str) -> list[str]:
        """The texts of the cells after an action of a save is asked for in a cell."""
        where = types.TextDocumentIdentifier(self.uris[cell]), types.Range(types.Position(0, 0), types.Position(9, 0))
        context = types.CodeActionContext([], only=[kind])
        actions = await self.client.text_document_code_action_async(types.CodeActionParams(*where, context))
        texts = dict(zip(self.uris, self.sources, strict=True))
        for action in actions or ():
            for change in action.edit.document_changes:
                texts[change.text_document.uri] = after(texts[change.text_document.uri], list(change.edits))
        return list(texts.values())


@pytest.fixture
def notebook(client: LanguageClient, tmp_path: Path) -> Iterator[object]:
    opened: list[Notebook] = []

    def open_(*sources: str) -> Notebook:
        opened.append(Notebook(client, tmp_path / f"{len(opened)}.ipynb", *sources))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


async def test_a_finding_is_shown_in_its_cell(notebook) -> None:  # type: ignore[no-untyped-def]
    mine = notebook(SETUP, LOSS, STEP)

    (diagnostic,) = await mine.diagnostics(2, ["AF102"])

    assert diagnostic.range.start.line == 1
    assert await mine.diagnostics(1, []) == [] and await mine.diagnostics(3, []) == []


async def test_a_save_mends_the_cells_that_are_broken_and_no_other(notebook) -> None:  # type: ignore[no-untyped-def]
    mine = notebook(SETUP, LOSS, STEP, OTHER)

    texts = await mine.saved(1, NOTEBOOK_KIND)

    assert texts[:4] == ["# Title", SETUP, MENDED, STEP]
    assert "torch.square(y_true - y_pred).mean()" in texts[4]


async def test_a_save_of_one_cell_mends_that_cell(notebook) -> None:  # type: ignore[no-untyped-def]
    mine = notebook(SETUP, LOSS, STEP, OTHER)

    assert await mine.saved(2, FIX_ALL) == ["# Title", SETUP, MENDED, STEP, OTHER]


async def test_a_right_notebook_is_left_alone(notebook) -> None:  # type: ignore[no-untyped-def]
    mine = notebook(SETUP, MENDED, STEP)

    assert await mine.diagnostics(2, []) == []
    assert await mine.saved(0, NOTEBOOK_KIND) == mine.sources


async def test_typing_in_a_cell_is_seen(notebook) -> None:  # type: ignore[no-untyped-def]
    mine = notebook(SETUP, MENDED, STEP)
    await mine.diagnostics(2, [])

    mine.type(2, LOSS)
    await mine.diagnostics(2, ["AF102"])

    assert await mine.saved(1, NOTEBOOK_KIND) == ["# Title", SETUP, MENDED, STEP]


async def test_a_cell_that_is_no_python_does_not_hide_the_others(notebook) -> None:  # type: ignore[no-untyped-def]
    mine = notebook(SETUP, "%%bash\nls -la", LOSS, "def broken(:", STEP)

    await mine.diagnostics(3, ["AF102"])

    assert (await mine.saved(1, NOTEBOOK_KIND))[3] == MENDED
