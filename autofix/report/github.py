"""Findings and problems in, GitHub workflow commands out: each becomes an annotation at its line of a pull request.

The commands and their escapes: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterable

from autofix.model import Finding, Problem
from autofix.report.results import relative, span_in_file
from autofix.report.visible import visible

FIXABLE = {
    "safe": "`autofix --apply` writes a verified fix",
    "unsafe": "`autofix --unsafe-fixes --apply` writes a surrogate, an unsafe fix with another value",
}


def report(findings: Iterable[Finding], problems: Iterable[Problem], files: int) -> str:
    """Return one command a line; where nothing is found there is none, whatever the number of files."""
    lines = [_finding(finding) for finding in findings]
    lines += [_command("error", {"title": "autofix", "file": relative(p.path)}, p.message) for p in problems]
    return "".join(lines)


def _finding(finding: Finding) -> str:
    path = relative(finding.path)
    span = span_in_file(finding)
    properties: dict[str, object] = {"title": f"autofix ({finding.code})", "file": path}
    if span is not None:
        properties |= {"line": span.line, "col": span.column, "endLine": span.end_line, "endColumn": span.end_column}
    here = f"{finding.span.line}:{finding.span.column}"
    place = f"{path}:{here}" if finding.cell is None else f"{path}: cell {finding.cell}:{here}"
    fixable = f" ({FIXABLE[finding.fix.safety]})" if finding.fix.status == "verified" else ""
    level = "notice" if finding.may_be_meant else "error"
    return _command(level, properties, f"{place}: {finding.code} {finding.message} [{finding.loss}]{fixable}")


def _command(name: str, properties: dict[str, object], message: str) -> str:
    written = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in properties.items())
    return f"::{name} {written}::{_escaped(message)}\n"


def _escaped(text: str, more: str = "") -> str:
    for character in "%\r\n" + more:  # "%" first, as the others bring one
        text = text.replace(character, f"%{ord(character):02X}")
    return visible(text)  # it stands in a log that people read in a terminal too
