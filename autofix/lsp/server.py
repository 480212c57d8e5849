"""The language server: takes documents; gives diagnostics, hovers and code actions.

No code runs inside a request of the editor: fixes are verified in the background after a text is opened or changed, and
a save applies those that are verified for exactly its text, or waits within its budget. Handlers are coroutines; slow
work runs in a thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import Sequence

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from autofix.lsp import answers
from autofix.lsp.checker import Checker, Seen
from autofix.lsp.programs import Program, program_of
from autofix.lsp.protocol import Options, Protocol, with_documents
from autofix.version import __version__

PREVIEW = "autofix/preview"
STATUS = "autofix/status"
FIX = "autofix.fix"
CELLS = [types.NotebookCellLanguage("python"), types.NotebookCellLanguage("markdown")]
NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [types.NotebookDocumentFilterWithNotebook(notebook="jupyter-notebook", cells=CELLS)]
)


class Server(LanguageServer):
    """pygls' server with what autofix knows of each program."""

    def __init__(self) -> None:
        super().__init__("autofix", __version__, notebook_document_sync=NOTEBOOKS, max_workers=2, protocol_cls=Protocol)
        self.checker = Checker(self.show, self.tell)

    def show(self, program: Program, seen: Seen) -> None:
        """Publish the diagnostics of a program, unless one of its documents has another text by now."""
        if not self.is_current(program):
            return
        versions = {document.uri: document.version for document in program.documents}
        for uri, found in answers.diagnostics(program, seen.outcome.findings, self.shows_related).items():
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri=uri, diagnostics=found, version=versions[uri])
            )

    def tell(self, uri: str, state: str, message: str) -> None:
        """Tell the client what the proofs of a program are at: `proving`, `proven`, `unproven` or `off`."""
        self.protocol.notify(STATUS, {"uri": uri, "state": state, "message": message})

    def is_current(self, program: Program) -> bool:
        """Whether the editor still shows this text."""
        now = program_of(self.workspace, program.uri)
        return now is not None and _versions(now) == _versions(program) and now.text == program.text

    def changed(self, uri: str) -> None:
        """A document was opened or changed."""
        program = program_of(self.workspace, uri)
        if program is not None:
            self.checker.changed(program)

    @property
    def shows_related(self) -> bool:
        """Whether the client shows the places that belong to a diagnostic."""
        text = self.client_capabilities.text_document
        return bool(text and text.publish_diagnostics and text.publish_diagnostics.related_information)

    @property
    def shows_disabled(self) -> bool:
        """Whether the client shows actions that cannot be done, with the reason."""
        text = self.client_capabilities.text_document
        return bool(text and text.code_action and text.code_action.disabled_support)


def _versions(program: Program) -> list[tuple[str, int | None]]:
    return [(document.uri, document.version) for document in program.documents]


server = Server()


@server.feature(types.INITIALIZE)
async def initialize(ls: Server, params: types.InitializeParams) -> None:
    with_documents(ls.workspace)
    ls.checker.configure(Options().changed(params.initialization_options))


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
async def did_open(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.changed(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def did_change(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    ls.changed(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
async def did_save(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """What a text depends on may have changed without a word: pyproject.toml, in an editor that watches no files."""
    ls.changed(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
async def did_close(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    ls.checker.closed(uri)
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=uri, diagnostics=[]))


@server.feature(types.NOTEBOOK_DOCUMENT_DID_OPEN)
async def did_open_notebook(ls: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    ls.changed(params.notebook_document.uri)


@server.feature(types.NOTEBOOK_DOCUMENT_DID_CHANGE)
async def did_change_notebook(ls: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    ls.changed(params.notebook_document.uri)


@server.feature(types.NOTEBOOK_DOCUMENT_DID_CLOSE)
async def did_close_notebook(ls: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    ls.checker.closed(params.notebook_document.uri)
    for cell in params.cell_text_documents:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri=cell.uri, diagnostics=[]))


@server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
async def did_change_configuration(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    given = params.settings
    section = given.get("autofix", given) if isinstance(given, dict) else given
    ls.checker.configure(ls.checker.options.changed(section))
    _check_again(ls)


@server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
async def did_change_watched_files(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.checker.configure(ls.checker.options)
    _check_again(ls)


def _check_again(ls: Server) -> None:
    for uri in [*ls.workspace.text_documents, *ls.workspace.notebook_documents]:
        if ls.workspace.get_notebook_document(cell_uri=uri) is None:
            ls.changed(uri)


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    program = program_of(ls.workspace, params.text_document.uri)
    if program is None:
        return None
    seen = await ls.checker.seen(program)
    finding = answers.at(program, seen.outcome.findings, params.text_document.uri, params.position)
    if finding is None:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, answers.hover(finding)))


@server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=answers.KINDS))
async def code_action(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri, only = params.text_document.uri, params.context.only
    program = program_of(ls.workspace, uri)
    if program is None:
        return []
    found: list[types.CodeAction] = []
    if only is not None:
        found += await _fix_all(ls, program, uri, only)
    if answers.wants(only, types.CodeActionKind.QuickFix):
        seen = await ls.checker.seen(program)
        found += answers.quick_fixes(program, seen.outcome, params, ls.shows_disabled)
    return found


async def _fix_all(ls: Server, program: Program, uri: str, only: Sequence[str]) -> list[types.CodeAction]:
    """The action of a save: what is proven for this text, if need be after waiting as long as a save may."""
    notebook = program.cells is not None and any(each.startswith("notebook") for each in only)
    kind = answers.FIX_NOTEBOOK if notebook else answers.FIX_ALL
    if not answers.wants(only, kind):
        return []
    seen = await ls.checker.proven(program, ls.checker.options.save_budget)
    edit = program.workspace_edit(seen.outcome.text, "" if notebook or program.cells is None else uri)
    return [answers.fix_all(kind, edit)] if edit is not None and ls.is_current(program) else []


@server.command(FIX)
async def fix(ls: Server, uri: str) -> bool:
    """Apply all verified fixes to a file or notebook; wait for verification, and return whether something changed."""
    program = program_of(ls.workspace, uri)
    if program is None:
        return False
    async with _progress(ls, "Verifying fixes"):
        seen = await ls.checker.proven(program, None)
    edit = program.workspace_edit(seen.outcome.text)
    if edit is None or not ls.is_current(program):
        return False
    answer = await ls.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label="Fix lost gradients"))
    return answer.applied


@server.feature(PREVIEW)
async def preview(ls: Server, params: object) -> dict[str, str] | None:
    """The text of a document with every verified fix, for a side-by-side diff."""
    uri = str(getattr(params, "uri", ""))
    program = program_of(ls.workspace, uri)
    if program is None:
        return None
    async with _progress(ls, "Verifying fixes"):
        seen = await ls.checker.proven(program, None)
    return {"uri": uri, "text": program.text_of(seen.outcome.text, uri)}


@contextlib.asynccontextmanager
async def _progress(ls: Server, title: str):  # type: ignore[no-untyped-def]
    """Show a spinner while the block runs, where the client has one."""
    window = ls.client_capabilities.window
    if not (window and window.work_done_progress):
        yield
        return
    token = f"autofix-{id(asyncio.current_task())}-{asyncio.get_running_loop().time()}"
    await ls.work_done_progress.create_async(token)
    ls.work_done_progress.begin(token, types.WorkDoneProgressBegin(title=f"autofix: {title}"))
    try:
        yield
    finally:
        ls.work_done_progress.end(token, types.WorkDoneProgressEnd())


@server.feature(types.SHUTDOWN)
async def shutdown(ls: Server, params: None) -> None:
    ls.checker.close()


def serve() -> None:
    """Speak the protocol on standard input and output until the client is gone; leave nothing running."""
    gc.freeze()  # what is here now stays: it need not be searched for garbage between two keys
    try:
        server.start_io()
    finally:
        server.checker.close()
