"""Findings and problems in, one JSON list out: GitLab's Code Quality report, shown in the merge request and its diff.

The fields that GitLab reads: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from autofix.model import Finding, Problem
from autofix.report.results import digest, fingerprint, relative, span_in_file

FIXED = {
    "safe": "`autofix --apply` has a verified fix",
    "unsafe": "`autofix --unsafe-fixes --apply` has a surrogate, an unsafe fix with another value",
}


def report(findings: Iterable[Finding], problems: Iterable[Problem], files: int) -> str:
    """Return the whole list; a problem stands at the first line of its file."""
    seen: Counter[tuple[str, str, str]] = Counter()
    entries = [_finding(each, fingerprint(each, seen)) for each in findings]
    entries += [
        _entry(each.message, "autofix", digest(each.path, each.message), "blocker", each.path, 1) for each in problems
    ]
    return json.dumps(entries, indent=2) + "\n"


def _finding(finding: Finding, mark: str) -> dict[str, object]:
    span = span_in_file(finding) or finding.span
    fixed = f" ({FIXED[finding.fix.safety]})" if finding.fix.status == "verified" else ""
    message = f"{finding.code} {finding.message} [{finding.loss}]{fixed}"
    severity = "info" if finding.may_be_meant else "major"
    return _entry(message, finding.code, mark, severity, finding.path, span.line)


def _entry(message: str, check: str, mark: str, severity: str, path: str, line: int) -> dict[str, object]:
    location = {"path": relative(path), "lines": {"begin": line}}
    return {
        "description": message,
        "check_name": check,
        "fingerprint": mark,
        "severity": severity,
        "location": location,
    }
