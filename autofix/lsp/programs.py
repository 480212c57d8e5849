"""Take the documents of an editor; give the text to check: a Python document, or the code cells of a notebook as one.

A program is a snapshot: it keeps the versions of its documents, so that an edit names the version it applies to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types
from pygls import uris
from pygls.workspace import TextDocument, Workspace

from autofix.model import Edit, Span
from autofix.source.cells import Cell, Cells
from autofix.source.edits import apply_edits, edits_between
from autofix.source.files import split_lines


@dataclass(frozen=True)
class Document:
    """One text of the editor; lines and characters are counted by the client's units when they leave."""

    uri: str
    version: int | None
    text: TextDocument
    source: str

    def range(self, span: Span) -> types.Range:
        """A span of the text in the client's units (UTF-16 by default)."""
        start = types.Position(span.line - 1, span.column - 1)
        end = types.Position(span.end_line - 1, span.end_column - 1)
        return self.text.position_codec.range_to_client_units(split_lines(self.source) or [""], types.Range(start, end))

    def text_edit(self, edit: Edit) -> types.TextEdit:
        """An edit of lines as one of characters; a last line without an end stays one."""
        lines, first, end = split_lines(self.source), edit.span.line, edit.span.end_line
        ends = not lines or lines[-1].endswith(("\n", "\r"))
        if ends or end <= len(lines):
            return types.TextEdit(self._between(first - 1, 0, end - 1, 0), edit.text)
        last = len(lines) - 1
        units = self.text.position_codec.client_num_units(lines[-1])
        if first > len(lines):
            return types.TextEdit(self._between(last, units, last, units), "\n" + edit.text.removesuffix("\n"))
        return types.TextEdit(self._between(first - 1, 0, last, units), edit.text.removesuffix("\n"))

    def _between(self, line: int, character: int, end_line: int, end_character: int) -> types.Range:
        return types.Range(types.Position(line, character), types.Position(end_line, end_character))


@dataclass(frozen=True)
class Program:
    """What is checked as one, and the documents that it consists of; `cells` is None for a file."""

    uri: str
    path: str
    text: str
    documents: tuple[Document, ...]
    cells: Cells | None = None

    def place(self, span: Span) -> tuple[Document, Span]:
        """The document of a span, and the span in it."""
        if self.cells is None:
            return self.documents[0], span
        index, line = self.cells.place(span.line)
        moved = Span(line, span.column, span.end_line + line - span.line, span.end_column)
        return self.documents[index], moved

    def edited(self, edits: Sequence[Edit]) -> str:
        """The text with edits done."""
        return apply_edits(self.text, edits)

    def workspace_edit(self, after: str, only: str = "") -> types.WorkspaceEdit | None:
        """What makes `after` of the program, in the document `only` or in all; None where that changes nothing."""
        changes = [
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(uri=document.uri, version=document.version), edits
            )
            for document, edits in self._edits(after)
            if edits and only in ("", document.uri)
        ]
        return types.WorkspaceEdit(document_changes=changes) if changes else None

    def text_of(self, after: str, uri: str) -> str:
        """The text of one document, where `after` is that of the program; for a notebook all its code cells."""
        if self.cells is None:
            return after
        texts = ("".join(lines) for lines in self.cells.split(after))
        pairs = zip(self.documents, texts, strict=True)
        wanted = [text for document, text in pairs if uri in (document.uri, self.uri)]
        return "\n\n".join(wanted)

    def _edits(self, after: str) -> list[tuple[Document, list[types.TextEdit]]]:
        texts = [after] if self.cells is None else ["".join(lines) for lines in self.cells.split(after)]
        pairs = zip(self.documents, texts, strict=True)
        return [(d, [d.text_edit(e) for e in edits_between(d.source, d.source, text)]) for d, text in pairs]


def program_of(workspace: Workspace, uri: str) -> Program | None:
    """The program that a document, a cell or a notebook belongs to; None for what is no Python."""
    notebook = workspace.get_notebook_document(notebook_uri=uri) or workspace.get_notebook_document(cell_uri=uri)
    if notebook is not None:
        return _of_notebook(workspace, notebook)
    if uri not in workspace.text_documents:
        return None
    document = workspace.get_text_document(uri)
    if document.language_id not in (None, "python"):
        return None
    source = document.source
    return Program(uri, _path(uri), source, (Document(uri, document.version, document, source),))


def _of_notebook(workspace: Workspace, notebook: types.NotebookDocument) -> Program:
    numbered = [
        (number, workspace.get_text_document(cell.document))
        for number, cell in enumerate(notebook.cells, 1)
        if cell.kind == types.NotebookCellKind.Code
    ]
    python = [(number, document) for number, document in numbered if document.language_id in (None, "python")]
    documents = tuple(Document(d.uri, d.version, d, d.source) for _, d in python)
    cells = Cells(tuple(Cell(number, tuple(split_lines(d.source))) for number, d in python))
    return Program(notebook.uri, _path(notebook.uri), cells.program, documents, cells)


def _path(uri: str) -> str:
    """The file of a document; for one that was never saved its name in the working directory."""
    path = uris.to_fs_path(uri) if uri.startswith("file:") else None
    return path or str(Path.cwd() / uri.rpartition("/")[2].rpartition(":")[2])
