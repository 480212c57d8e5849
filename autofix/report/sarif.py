"""Findings and problems in, one SARIF log out: version 2.1.0, as code scanning services take it.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence

from autofix.knowledge.causes import page, titles
from autofix.model import Finding, Fix, Problem, Span, Step
from autofix.report.results import fingerprint, span_in_file, uri
from autofix.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "autofixLoss/v1"


def report(findings: Sequence[Finding], problems: Iterable[Problem], files: int) -> str:
    """Return the whole log, with one run; SARIF has no place for the number of files."""
    found = sorted({finding.code for finding in findings})
    index = {code: number for number, code in enumerate(found)}
    seen: Counter[tuple[str, str, str]] = Counter()
    results = [_result(finding, index[finding.code], fingerprint(finding, seen)) for finding in findings]
    faults = [_notification(problem) for problem in problems]
    run = {
        "tool": {
            "driver": {
                "name": "autofix",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code) for code in found],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": results,
        "invocations": [{"executionSuccessful": not faults, "toolExecutionNotifications": faults}],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(code: str) -> dict[str, object]:
    text = page(code) or code
    title = titles().get(code, code)
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in "".join(c if c.isalnum() else " " for c in title).split()),
        "shortDescription": {"text": title},
        "fullDescription": {"text": title},
        "help": {"text": text, "markdown": text},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["gradient"], "precision": "high"},
    }


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": "note" if finding.may_be_meant else "error",
        "message": {"text": finding.message},
        "locations": [_location(finding)],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }
    trail = finding.explanation.trail if finding.explanation is not None else ()
    if len(trail) > 1:
        flow = {"locations": [{"location": _step(finding.path, each)} for each in trail]}
        result["codeFlows"] = [{"message": {"text": "The path of the value"}, "threadFlows": [flow]}]
    replacements = _replacements(finding.fix) if finding.fix.status == "verified" else []
    if replacements:
        change = {"artifactLocation": {"uri": uri(finding.path)}, "replacements": replacements}
        said = "; limit: ".join((_verified(finding.fix), *finding.fix.limits))
        result["fixes"] = [{"description": {"text": said}, "artifactChanges": [change]}]
    return result


def _verified(fix: Fix) -> str:
    if fix.safety == "safe" or fix.evidence is None:
        return "Verified: same value, right gradient"
    return f"Unsafe fix, a surrogate with another value: {fix.evidence.surrogate}"


def _location(finding: Finding) -> dict[str, object]:
    physical = _physical(finding.path, finding)
    name = finding.loss if finding.cell is None else f"cell {finding.cell}, line {finding.span.line}: {finding.loss}"
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": name, "kind": "function"}]}


def _step(path: str, step: Step) -> dict[str, object]:
    return {"physicalLocation": _physical(path, step), "message": {"text": step.name}}


def _physical(path: str, placed: Finding | Step) -> dict[str, object]:
    span = span_in_file(placed)
    place: dict[str, object] = {"artifactLocation": {"uri": uri(path)}}
    return place if span is None else {**place, "region": _region(span)}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _replacements(fix: Fix) -> list[dict[str, object]]:
    return [
        {"deletedRegion": _region(each.span), "insertedContent": {"text": each.text}}
        for each in (*fix.edits, *fix.replacements)
    ]


def _notification(problem: Problem) -> dict[str, object]:
    return {
        "level": "error",
        "message": {"text": f"{problem.path}: {problem.message}"},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(problem.path)}}}],
    }
