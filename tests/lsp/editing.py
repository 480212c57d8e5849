"""What an editor does, in a line each: open, type, wait for what the server says, ask for actions, apply edits."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from lsprotocol import types
from pytest_lsp import LanguageClient

FIXTURES = Path(__file__).parents[2] / "fixtures"
BROKEN = (FIXTURES / "torch_mae_broken.py").read_text()
MENDED = (FIXTURES / "torch_mae_right.py").read_text()
FIX_ALL = "source.fixAll.autofix"
PATIENCE = 20.0


class File:
    """A document in the editor."""

    def __init__(self, client: LanguageClient, path: Path, text: str) -> None:
        self.client, self.path, self.text, self.version = client, path, text, 1
        self.uri = path.as_uri()
        item = types.TextDocumentItem(self.uri, "python", 1, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def type(self, text: str) -> None:
        """Replace the whole text."""
        self.version += 1
        self.text = text
        change = types.TextDocumentContentChangeWholeDocument(text)
        versioned = types.VersionedTextDocumentIdentifier(version=self.version, uri=self.uri)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(versioned, [change]))

    def saved(self) -> None:
        """Tell that the document was written."""
        identifier = types.TextDocumentIdentifier(self.uri)
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(identifier))

    def close(self) -> None:
        identifier = types.TextDocumentIdentifier(self.uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(identifier))

    async def diagnostics(self, codes: list[str]) -> list[types.Diagnostic]:
        """The diagnostics, once they have these codes."""
        return await until(lambda: self._diagnostics(codes), f"diagnostics {codes}")

    def _diagnostics(self, codes: list[str]) -> list[types.Diagnostic] | None:
        found = list(self.client.diagnostics.get(self.uri, ())) if self.uri in self.client.diagnostics else None
        return found if found is not None and [each.code for each in found] == codes else None

    async def state(self, *wanted: str) -> str:
        """The message of the state that the server tells of this document, once it is one of those wanted."""
        return (await until(lambda: self._state(wanted), f"state {wanted}"))[0]

    def _state(self, wanted: tuple[str, ...]) -> list[str] | None:
        told = [each for each in self.client.told if each[0] == self.uri]  # type: ignore[attr-defined]
        return [told[-1][2]] if told and told[-1][1] in wanted else None

    async def actions(self, *only: str, line: int | None = None) -> list[types.CodeAction]:
        """The actions of these kinds for a line, or the whole document."""
        end = types.Position(len(self.text.splitlines()), 0)
        where = types.Range(types.Position(0, 0), end)
        if line is not None:
            where = types.Range(types.Position(line - 1, 0), types.Position(line - 1, 200))
        here = list(self.client.diagnostics.get(self.uri, ()))
        context = types.CodeActionContext(here, only=list(only) or None)
        identifier = types.TextDocumentIdentifier(self.uri)
        found = await self.client.text_document_code_action_async(types.CodeActionParams(identifier, where, context))
        return [each for each in found or () if isinstance(each, types.CodeAction)]

    async def save(self) -> str:
        """The text after what a save does."""
        found = await self.actions(FIX_ALL)
        return self.applied(found[0]) if found else self.text

    def applied(self, action: types.CodeAction) -> str:
        """The text after an action; its edits must be made for the text that the document has."""
        assert action.edit is not None and action.edit.document_changes is not None
        (change,) = action.edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert (change.text_document.uri, change.text_document.version) == (self.uri, self.version)
        return after(self.text, [edit for edit in change.edits if isinstance(edit, types.TextEdit)])


def after(text: str, edits: list[types.TextEdit]) -> str:
    """A text with edits done, as a client does them: positions count UTF-16 units and lines."""
    lines = text.splitlines(keepends=True) or [""]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(position: types.Position) -> int:
        if position.line >= len(lines):
            assert position.line == len(lines) and position.character == 0
            return len(text)
        line = lines[position.line].encode("utf-16-le")[: 2 * position.character]
        return starts[position.line] + len(line.decode("utf-16-le"))

    spans = sorted((offset(edit.range.start), offset(edit.range.end), edit.new_text) for edit in edits)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans)), "edits overlap"
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return text


async def until(look, what: str):  # type: ignore[no-untyped-def]
    """What `look` finds once it finds something."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while (found := look()) is None:
        assert asyncio.get_running_loop().time() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)
    return found


__all__ = ["BROKEN", "FIX_ALL", "MENDED", "File", "after", "until"]
