"""Every format says of a surrogate that it is an unsafe fix, and what was seen of it."""

from __future__ import annotations

import json
from dataclasses import replace

from autofix.model import Edit, Fix
from autofix.report.github import report as annotations
from autofix.report.gitlab import report as quality
from autofix.report.json import report as document
from autofix.report.sarif import report as log
from autofix.report.text import Style, preview, summary
from tests.report.samples import DIFF, EVIDENCE, NUMPY, ROUNDED

SAID = "value 0.41, the original's 0.4, difference 2e-4 at a temperature of 0.001"
EDIT = Edit.of_lines(9, 10, "x\n")
SURROGATE = Fix("verified", None, DIFF, replace(EVIDENCE, surrogate=SAID), (EDIT,), safety="unsafe")
SOFT = replace(ROUNDED, fix=SURROGATE)


def test_in_text_it_stands_below_the_diff() -> None:
    assert f"{DIFF}surrogate (unsafe fix): {SAID}\n" in preview([SOFT], Style())
    assert "surrogate" not in preview([NUMPY], Style())


def test_the_summary_counts_it_apart_and_names_the_option() -> None:
    assert summary(3, 2, 1, 0, None, unsafe=1).startswith(
        "3 findings, 1 with a verified fix, 1 with a surrogate (run `autofix --unsafe-fixes --apply` to write); 1 file"
    )
    assert summary(2, 2, 1, 0, 1, unsafe=1).startswith("Fixed 2 of 2 findings in 1 file, 1 with a surrogate; 1 file")
    assert "; 1 may have a surrogate, which `--unsafe-fixes` shows; 1 file" in summary(1, 0, 1, 0, None, hidden=1)


def test_for_programs_it_has_a_field() -> None:
    soft, safe = (each["fix"] for each in json.loads(document([SOFT, NUMPY], [], 1))["findings"])

    assert (soft["status"], soft["safety"], soft["evidence"]["surrogate"]) == ("verified", "unsafe", SAID)
    assert safe["safety"] == "safe" and "surrogate" not in safe["evidence"]


def test_for_code_scanning_and_reviews_it_is_called_unsafe() -> None:
    (result,) = json.loads(log([SOFT], [], 1))["runs"][0]["results"]

    assert result["fixes"][0]["description"]["text"] == f"Unsafe fix, a surrogate with another value: {SAID}"
    for report in (annotations, quality):
        assert "`autofix --unsafe-fixes --apply`" in report([SOFT], [], 1) and "unsafe" in report([SOFT], [], 1)
        assert "unsafe" not in report([NUMPY], [], 1)
