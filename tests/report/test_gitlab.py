"""GitLab's Code Quality report: one entry a finding, whose fingerprint survives edits above it."""

from __future__ import annotations

import json
from dataclasses import replace

from autofix.model import Problem, Span
from autofix.report.gitlab import report
from tests.report.samples import NUMPY, ROUNDED


def test_an_entry_has_what_gitlab_asks_for() -> None:
    (entry,) = json.loads(report([ROUNDED], [], 1))

    assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
    assert entry["check_name"] == ROUNDED.code and entry["severity"] == "major"
    assert entry["description"].startswith(f"{ROUNDED.code} {ROUNDED.message} [")
    assert entry["location"] == {"path": ROUNDED.path, "lines": {"begin": ROUNDED.span.line}}


def test_a_verified_fix_is_named() -> None:
    (entry,) = json.loads(report([NUMPY], [], 1))

    assert entry["description"].endswith("(`autofix --apply` has a verified fix)")


def test_a_fingerprint_stays_when_lines_come_and_go_and_tells_findings_apart() -> None:
    moved = replace(ROUNDED, span=Span(ROUNDED.span.line + 3, 1, ROUNDED.span.end_line + 3, 2))
    before, after = (json.loads(report(each, [], 1)) for each in ([ROUNDED], [moved]))
    twice = json.loads(report([ROUNDED, moved], [], 1))

    assert before[0]["fingerprint"] == after[0]["fingerprint"]
    assert len({each["fingerprint"] for each in twice}) == 2


def test_a_file_that_could_not_be_handled_is_an_entry() -> None:
    (entry,) = json.loads(report([], [Problem("bad.py", "line 3: not valid Python")], 0))

    assert entry["severity"] == "blocker" and entry["location"] == {"path": "bad.py", "lines": {"begin": 1}}


def test_nothing_found_is_an_empty_list() -> None:
    assert json.loads(report([], [], 3)) == []
