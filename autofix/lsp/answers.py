"""Take findings; give what an editor shows of them: diagnostics, hovers and code actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lsprotocol import types

from autofix.knowledge.causes import page
from autofix.lsp.programs import Program
from autofix.model import Finding, Fix, Outcome
from autofix.report.text import Style, evidence_line

FIX_ALL = "source.fixAll.autofix"
FIX_NOTEBOOK = "notebook.source.fixAll.autofix"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL, FIX_NOTEBOOK)


def wants(only: Sequence[str] | None, kind: str) -> bool:
    """Whether a request for the kinds `only` (None: any) is one for `kind`; `source` asks for all that begin so."""
    return only is None or any(kind == each or kind.startswith(f"{each}.") for each in only)


def diagnostics(
    program: Program, findings: Iterable[Finding], related: bool = False
) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of each document of a program, none for those without a finding.

    `related` is whether the client shows the places that belong to one: the way of the value.
    """
    found: dict[str, list[types.Diagnostic]] = {document.uri: [] for document in program.documents}
    for finding in findings:
        document, span = program.place(finding.span)
        found[document.uri].append(
            types.Diagnostic(
                range=document.range(span),
                message=finding.message,
                severity=types.DiagnosticSeverity.Warning,
                code=finding.code,
                source="autofix",
                data={"loss": finding.loss},
                related_information=list(_way(program, finding)) or None if related else None,
            )
        )
    return found


def _way(program: Program, finding: Finding) -> Iterator[types.DiagnosticRelatedInformation]:
    """The stations of a value before its gradient ends."""
    for step in finding.explanation.trail if finding.explanation is not None else ():
        if step.span != finding.span:
            document, span = program.place(step.span)
            location = types.Location(document.uri, document.range(span))
            yield types.DiagnosticRelatedInformation(location, f"flows through `{step.name}`")


def hover(finding: Finding) -> str:
    """What is wrong and whether it can be fixed, then the page of its cause; Markdown."""
    said = f"**{finding.code}** in `{finding.loss}`: {finding.message}"
    return "\n\n".join([said, _fate(finding.fix), "---", page(finding.code) or ""]).rstrip()


def _fate(fix: Fix) -> str:
    if fix.status == "verified":
        return evidence_line(fix, Style()).strip().replace("\n", "  \n")  # a line break of Markdown
    words = {"rejected": "No rewrite passed verification", "unverifiable": "No verified fix", "none": "No fix"}
    return f"{words[fix.status]}: {fix.reason or 'no rewrite with the same value is known'}"


def quick_fixes(
    program: Program, outcome: Outcome, asked: types.CodeActionParams, disabled: bool
) -> Iterator[types.CodeAction]:
    """One action for each loss that has a finding where it is asked; `disabled` shows what cannot be done, and why."""
    seen: set[str] = set()
    for finding in outcome.findings:
        document, span = program.place(finding.span)
        here = document.range(span)
        if document.uri != asked.text_document.uri or not _overlap(here, asked.range) or finding.loss in seen:
            continue
        seen.add(finding.loss)
        action = _quick_fix(program, outcome, finding)
        if action is not None and (disabled or action.disabled is None):
            told = [each for each in asked.context.diagnostics if each.code == finding.code]
            action.diagnostics = [each for each in told if _overlap(each.range, here)] or None
            yield action


def _quick_fix(program: Program, outcome: Outcome, finding: Finding) -> types.CodeAction | None:
    title = f"Fix lost gradient in `{finding.loss}`"
    kind = types.CodeActionKind.QuickFix
    if finding.fix.status != "verified":
        return types.CodeAction(title, kind=kind, disabled=types.CodeActionDisabled(_fate(finding.fix)))
    alone = finding.fix.edits
    edit = program.workspace_edit(program.edited(alone) if alone else outcome.text)
    return types.CodeAction(f"{title} (verified)", kind=kind, edit=edit, is_preferred=True) if edit else None


def fix_all(kind: str, edit: types.WorkspaceEdit) -> types.CodeAction:
    """The action that an editor runs on save."""
    return types.CodeAction("autofix: apply all verified fixes", kind=kind, edit=edit)


def _overlap(one: types.Range, other: types.Range) -> bool:
    return _key(one.start) <= _key(other.end) and _key(other.start) <= _key(one.end)


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character


def at(program: Program, findings: Iterable[Finding], uri: str, position: types.Position) -> Finding | None:
    """The finding under a position."""
    point = types.Range(position, position)
    for finding in findings:
        document, span = program.place(finding.span)
        if document.uri == uri and _overlap(document.range(span), point):
            return finding
    return None
