"""Findings and problems in, one JSON object out, for programs: version 1 of the format the README describes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict

from autofix.model import Evidence, Finding, Fix, Problem
from autofix.report.results import Looked

VERSION = 1


_NOTHING = Looked()


def report(findings: Iterable[Finding], problems: Iterable[Problem], files: int, looked: Looked = _NOTHING) -> str:
    """Return the whole report; `files` is the number of files that were handled, `looked` what is known of them."""
    document = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in findings],
        "errors": [{"path": problem.path, "message": problem.message} for problem in problems],
        "files": files,
        "losses": {"found": looked.losses, "followed": looked.followed},
        "observed": [{"path": path, **asdict(observed)} for path, observed in looked.programs],
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "path": finding.path,
        **({} if finding.cell is None else {"cell": finding.cell}),
        "line": finding.span.line,
        "column": finding.span.column,
        "end_line": finding.span.end_line,
        "end_column": finding.span.end_column,
        "code": finding.code,
        "message": finding.message,
        "loss": finding.loss,
        "framework": finding.framework,
        "fix": _fix(finding.fix),
    }


def _fix(fix: Fix) -> dict[str, object]:
    evidence = _evidence(fix.evidence) if fix.evidence else None
    known = {"status": fix.status, "reason": fix.reason, "diff": fix.diff, "evidence": evidence}
    return {**known, "limits": list(fix.limits), "group": fix.group, "safety": fix.safety}


def _evidence(evidence: Evidence) -> dict[str, object]:
    return {
        "inputs": list(evidence.inputs),
        "value_difference": _number(evidence.value_difference),
        "gradient_before": _number(evidence.gradient_before),
        "gradient_after": _number(evidence.gradient_after),
        "gradient_difference": _number(evidence.gradient_difference),
        "sandboxed": evidence.sandboxed,
        "compiles": evidence.compiles,
        **({"surrogate": evidence.surrogate} if evidence.surrogate else {}),
    }


def _number(value: float | None) -> float | None:
    """JSON has no NaN and no infinity: they are null."""
    return value if value is not None and math.isfinite(value) else None
