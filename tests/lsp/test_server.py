"""The language server as editors see it: what is shown while one types, what a save does, what is never done."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.workspace import TextDocument
from pytest_lsp import LanguageClient

from autofix.lsp.answers import diagnostics
from autofix.lsp.programs import Document, Program
from autofix.pipeline import look
from tests.lsp.editing import BROKEN, FIX_ALL, MENDED, File

pytestmark = pytest.mark.torch

TWO = BROKEN.replace(
    "for epoch in",
    """def mse_loss(y_true, y_pred):
    return torch.from_numpy(np.square(y_true.numpy() - y_pred.detach().numpy())).mean()


def train(x, y):
    mse_loss(y, model(x)).backward()


for epoch in""",
)
ROUNDED = BROKEN.replace("np.abs(y_true_np - y_pred_np)", "np.abs(y_true_np - np.round(y_pred_np))")


@pytest.fixture
def file(client: LanguageClient, tmp_path: Path):  # type: ignore[no-untyped-def]
    opened: list[File] = []

    def open_(text: str, name: str = "loss.py") -> File:
        opened.append(File(client, tmp_path / name, text))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


async def test_a_broken_loss_is_shown_where_its_gradient_ends(file) -> None:  # type: ignore[no-untyped-def]
    (diagnostic,) = await file(BROKEN).diagnostics(["AF102"])

    assert diagnostic.source == "autofix"
    assert diagnostic.severity == types.DiagnosticSeverity.Warning
    assert diagnostic.range == types.Range(types.Position(14, 16), types.Position(14, 39))


async def test_the_way_of_the_value_belongs_to_the_diagnostic(file) -> None:  # type: ignore[no-untyped-def]
    broken = file(
        BROKEN.replace("y_pred.detach()", "p.detach()").replace("    y_pred_np", "    p = y_pred * 1\n    y_pred_np")
    )
    (diagnostic,) = await broken.diagnostics(["AF102"])

    way = diagnostic.related_information or ()
    assert [(each.message, each.location.uri) for each in way] == [
        ("flows through `y_pred`", broken.uri),
        ("flows through `p`", broken.uri),
    ]
    assert [each.location.range.start for each in way] == [types.Position(13, 21), types.Position(14, 4)]
    assert "does not require grad" in diagnostic.message


def test_a_client_that_shows_no_related_places_is_told_of_none() -> None:
    found = look(BROKEN, "loss.py").findings
    document = TextDocument("file:///loss.py", BROKEN, version=1)
    program = Program(document.uri, "loss.py", BROKEN, (Document(document.uri, 1, document, BROKEN),))

    assert [each.related_information for each in diagnostics(program, found)[document.uri]] == [None]
    assert diagnostics(program, found, related=True)[document.uri][0].related_information


async def test_a_right_loss_is_shown_nothing(file) -> None:  # type: ignore[no-untyped-def]
    right = file(MENDED)

    assert await right.diagnostics([]) == []
    assert await right.actions() == []
    assert await right.save() == MENDED


async def test_a_save_writes_what_is_proven(file) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.state("proven")

    assert await broken.save() == MENDED


async def test_a_save_asks_for_nothing_but_lines_that_change(file) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.state("proven")

    (action,) = await broken.actions(FIX_ALL)

    (change,) = action.edit.document_changes
    replaced = sum(edit.range.end.line - edit.range.start.line for edit in change.edits)
    assert replaced < 8


@pytest.mark.parametrize("only", ["source", "source.fixAll", FIX_ALL])
async def test_a_save_is_asked_for_by_any_kind_above_it(only: str, file) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.state("proven")

    (action,) = await broken.actions(only)

    assert action.kind == FIX_ALL
    assert broken.applied(action) == MENDED


@pytest.mark.parametrize("only", ["source.fixAll.ruff", "source.organizeImports", "refactor"])
async def test_other_kinds_are_left_to_others(only: str, file) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.state("proven")

    assert await broken.actions(only) == []


async def test_a_save_before_the_proof_waits_for_it(file) -> None:  # type: ignore[no-untyped-def]
    assert await file(BROKEN).save() == MENDED


async def test_the_lamp_offers_the_loss_under_the_cursor(file) -> None:  # type: ignore[no-untyped-def]
    two = file(TWO)
    await two.state("proven")
    line = next(n for n, text in enumerate(TWO.splitlines(), 1) if "np.square" in text)

    (action,) = await two.actions("quickfix", line=line)

    assert (action.kind, action.is_preferred) == ("quickfix", True)
    assert "`mse_loss` (verified)" in action.title
    text = two.applied(action)
    assert "torch.square(y_true - y_pred)" in text and "np.abs(y_true_np - y_pred_np)" in text


async def test_the_lamp_is_dark_where_nothing_is_wrong(file) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.state("proven")

    assert await broken.actions("quickfix", line=1) == []


async def test_what_cannot_be_mended_is_shown_with_its_reason(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    rounded = file(ROUNDED)
    await rounded.state("proven", "unproven")

    found = await rounded.actions("quickfix")

    shows = client.capabilities.text_document.code_action.disabled_support
    assert all(each.edit is None and each.disabled and each.disabled.reason for each in found)
    assert bool(found) == bool(shows)
    assert await rounded.save() == ROUNDED


async def test_a_hover_explains_the_cause(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.state("proven")
    where = types.TextDocumentIdentifier(broken.uri), types.Position(14, 20)

    hover = await client.text_document_hover_async(types.HoverParams(*where))

    assert hover is not None and isinstance(hover.contents, types.MarkupContent)
    assert hover.contents.value.startswith("**AF102** in `mae_loss`")
    assert "verified: " in hover.contents.value and "## " in hover.contents.value


async def test_there_is_no_hover_elsewhere(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    await broken.diagnostics(["AF102"])
    where = types.TextDocumentIdentifier(broken.uri), types.Position(0, 0)

    assert await client.text_document_hover_async(types.HoverParams(*where)) is None


async def test_columns_count_the_units_of_the_client(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    text = BROKEN.replace("y_pred_np = y_pred.detach()", "é = '😀'; y_pred_np = y_pred.detach()")
    broken = file(text)

    (diagnostic,) = await broken.diagnostics(["AF102"])

    line = text.splitlines()[14]
    before = line[: line.index("y_pred.detach()")]
    is_utf8 = client.position_encoding == types.PositionEncodingKind.Utf8
    units = len(before.encode()) if is_utf8 else len(before.encode("utf-16-le")) // 2
    assert diagnostic.range.start == types.Position(14, units)
    await broken.state("proven")
    assert "diff = torch.abs(y_true - y_pred)" in await broken.save()


async def test_a_last_line_without_an_end_stays_without(file) -> None:  # type: ignore[no-untyped-def]
    start, end = BROKEN.index("def mae_loss"), BROKEN.index("\n\n\nfor epoch")
    step = "def step(x, y):\n    mae_loss(y, model(x)).backward()\n\n\n"
    broken = file(BROKEN[:start] + step + BROKEN[start:end])
    await broken.state("proven")

    assert (await broken.save()).endswith("\n    diff = torch.abs(y_true - y_pred)\n    return torch.mean(diff)")


async def test_windows_line_ends_stay(file) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN.replace("\n", "\r\n"))
    await broken.state("proven")

    assert await broken.save() == MENDED.replace("\n", "\r\n")


async def test_what_is_typed_is_looked_at_again(file) -> None:  # type: ignore[no-untyped-def]
    typed = file(MENDED)
    await typed.diagnostics([])

    typed.type(BROKEN)
    await typed.diagnostics(["AF102"])
    typed.type(MENDED)

    assert await typed.diagnostics([]) == []


async def test_typing_during_a_proof_drops_it_and_the_next_is_made(file) -> None:  # type: ignore[no-untyped-def]
    typed = file(BROKEN)
    for number in range(5):
        typed.type(BROKEN + f"# {number}\n")
        await asyncio.sleep(0.15)

    assert await typed.save() == MENDED + "# 4\n"


async def test_an_undo_finds_what_was_proven(file) -> None:  # type: ignore[no-untyped-def]
    typed = file(BROKEN)
    await typed.state("proven")
    typed.type(BROKEN + "# more\n")
    await typed.state("proving", "proven")
    typed.type(BROKEN)

    assert await typed.save() == MENDED


async def test_a_text_that_is_no_python_yet_hurts_nothing(file) -> None:  # type: ignore[no-untyped-def]
    typed = file(BROKEN + "def (:\n")

    assert await typed.actions() == []
    assert await typed.save() == BROKEN + "def (:\n"
    typed.type(BROKEN)
    assert await typed.save() == MENDED


async def test_several_files_do_not_mix(file) -> None:  # type: ignore[no-untyped-def]
    files = [file(BROKEN + f"# {number}\n", f"loss{number}.py") for number in range(3)]

    saved = await asyncio.gather(*(each.save() for each in files))

    assert saved == [MENDED + f"# {number}\n" for number in range(3)]


async def test_a_closed_file_has_no_diagnostics(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN, "closed.py")
    await broken.diagnostics(["AF102"])

    broken.close()

    assert await broken.diagnostics([]) == []


async def test_the_command_mends_a_whole_file(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)
    applied: list[types.ApplyWorkspaceEditParams] = []

    @client.feature(types.WORKSPACE_APPLY_EDIT)
    def apply(_: object, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        applied.append(params)
        return types.ApplyWorkspaceEditResult(applied=True)

    done = await client.workspace_execute_command_async(types.ExecuteCommandParams("autofix.fix", [broken.uri]))

    assert done is True
    assert broken.applied(types.CodeAction("", edit=applied[0].edit)) == MENDED
    client.protocol.fm.features.pop(types.WORKSPACE_APPLY_EDIT)


async def test_the_command_says_when_there_is_nothing_to_do(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    right = file(MENDED)

    assert not await client.workspace_execute_command_async(types.ExecuteCommandParams("autofix.fix", [right.uri]))


async def test_a_preview_is_the_text_after_the_fix(file, client: LanguageClient) -> None:  # type: ignore[no-untyped-def]
    broken = file(BROKEN)

    answer = await client.protocol.send_request_async("autofix/preview", {"uri": broken.uri})

    assert (answer.uri, answer.text) == (broken.uri, MENDED)


async def test_a_document_of_another_language_is_left_alone(client: LanguageClient, tmp_path: Path) -> None:
    uri = (tmp_path / "loss.md").as_uri()
    item = types.TextDocumentItem(uri, "markdown", 1, BROKEN)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    where = types.TextDocumentIdentifier(uri), types.Range(types.Position(0, 0), types.Position(30, 0))

    found = await client.text_document_code_action_async(types.CodeActionParams(*where, types.CodeActionContext([])))

    assert not found
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
