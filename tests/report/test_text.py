"""The report a person reads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autofix.model import Explanation, Observed, Span
from autofix.report.results import Looked
from autofix.report.text import Style, applied, preview, statistics, summary, verified_fixes
from tests.report.samples import DETACHED, DIFF, ENDLESS, NUMPY, REJECTED, ROUNDED

PLAIN = Style()
LEFT = (REJECTED, replace(REJECTED, code="AF103", span=Span(14, 5, 14, 9)))


def test_preview_names_place_code_message_and_loss() -> None:
    assert "loss.py:9:5: AF202 `np.abs` leaves the graph  [count]\n" in preview([ROUNDED], PLAIN)


def test_one_diff_for_all_findings_of_a_loss() -> None:
    report = preview([DETACHED, NUMPY], PLAIN)

    assert report.count(DIFF) == 1
    assert report.index("AF103") < report.index("AF101") < report.index(DIFF)


def test_evidence_follows_the_diff() -> None:
    evidence = (
        "verified: y_pred float[8, 10], y_true float[8, 10]; value differs by 1.2e-16; "
        "gradient norm none before, 0.11 after\n"
    )

    assert DIFF + evidence in preview([NUMPY], PLAIN)


def test_evidence_says_when_it_was_not_had_in_the_sandbox() -> None:
    evidence = NUMPY.fix.evidence
    assert evidence is not None
    open_run = replace(NUMPY, fix=replace(NUMPY.fix, evidence=replace(evidence, sandboxed=False)))

    assert "0.11 after; unsandboxed\n" in preview([open_run], PLAIN)
    assert "unsandboxed" not in preview([NUMPY], PLAIN)


def test_limits_follow_the_evidence_a_line_each() -> None:
    evidence = NUMPY.fix.evidence
    assert evidence is not None
    limited = evidence.limited(["line 41 was not run", "not in float16"])
    finding = replace(NUMPY, fix=replace(NUMPY.fix, evidence=limited))

    assert "0.11 after\nlimit: line 41 was not run\nlimit: not in float16\n" in preview([finding], PLAIN)
    assert "limit:" not in preview([NUMPY], PLAIN)


def test_what_is_left_says_why() -> None:
    report = preview([ROUNDED, NUMPY, REJECTED, ENDLESS], PLAIN)

    assert [line for line in report.splitlines() if line.startswith(("loss.py", "  = "))] == [
        "loss.py:9:5: AF202 `np.abs` leaves the graph  [count]",
        "  = no fix: rounding has no gradient",
        "loss.py:4:5: AF101 `np.abs` leaves the graph  [mae]",
        "loss.py:12:5: AF101 `np.abs` leaves the graph  [odd]",
        "  = no fix: no rewrite passed verification: the value differs: 0.31 against 0.52",
        "loss.py:15:5: AF101 `np.abs` leaves the graph  [slow]",
        "  = no fix: could not be verified, because the loss did not end within 10 s",
    ]


def test_findings_of_one_loss_stand_together_and_share_what_they_lead_to() -> None:
    first, second = (replace(each, explanation=Explanation("it ends", (), "here", "no grad", "wait")) for each in LEFT)

    assert preview([first, ROUNDED, second], PLAIN).split("\n\n")[0].splitlines() == [
        "loss.py:12:5: AF101 it ends  [odd]",
        "loss.py:14:5: AF103 it ends  [odd]",
        '  = note: at run time this raises "no grad"',
        "  = note: wait",
        "  = no fix: no rewrite passed verification: the value differs: 0.31 against 0.52",
    ]


def test_other_losses_say_again_what_they_lead_to() -> None:
    said = Explanation("it ends", (), "here", "no grad")

    assert preview([replace(each, explanation=said) for each in (REJECTED, ENDLESS)], PLAIN).count("no grad") == 2


@pytest.mark.parametrize("finding", [ROUNDED, REJECTED, ENDLESS])
def test_no_diff_and_no_proof_without_verification(finding) -> None:  # type: ignore[no-untyped-def]
    report = preview([finding], PLAIN)

    assert "proven" not in report
    assert "+++" not in report
    assert verified_fixes([finding]) == []


def test_nothing_found_prints_nothing() -> None:
    assert (preview([], PLAIN), applied([], PLAIN)) == ("", "")


def test_applied_says_what_was_fixed_and_what_is_left() -> None:
    report = applied([NUMPY, ROUNDED], PLAIN)

    assert "fixed  loss.py:4:5: AF101" in report
    assert "no fix loss.py:9:5: AF202" in report
    assert "rounding has no gradient" in report
    assert "fixed  loss.py:9" not in report


def test_colour_on_a_terminal_only() -> None:
    assert "\033[" in preview([NUMPY], Style(colour=True))
    assert "\033[" not in preview([NUMPY], PLAIN)


def test_colour_changes_no_character() -> None:
    import re

    coloured = preview([NUMPY, ROUNDED], Style(colour=True))

    assert re.sub(r"\033\[\d+m", "", coloured) == preview([NUMPY, ROUNDED], PLAIN)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (summary(0, 0, 3, 0, None), "No lost gradients found in 3 files.\n"),
        (summary(0, 0, 1, 0, None, has_faults=True), "Nothing to rewrite found in 1 file.\n"),
        (summary(0, 0, 0, 2, None), "Nothing was checked: 2 errors.\n"),
        (summary(0, 0, 1, 1, 0), "No lost gradients found in 1 file, 1 error.\n"),
        (
            summary(2, 1, 1, 0, None),
            "2 findings, 1 with a verified fix (run `autofix --apply` to write); 1 file checked.\n",
        ),
        (summary(1, 0, 1, 0, None), "1 finding, 0 with a verified fix; 1 file checked.\n"),
        (summary(2, 1, 2, 0, 1), "Fixed 1 of 2 findings in 1 file; 2 files checked.\n"),
    ],
)
def test_summary(line: str, expected: str) -> None:
    assert line == expected


SEEN, UNSEEN = Observed(2, 2, 4, 0.5), Observed(0, 0, 1, 0.1, "it raises EOFError")


@pytest.mark.parametrize(
    ("looked", "expected"),
    [
        (Looked(), ""),
        (Looked(2), "; no loss recognised"),
        (Looked(2, 1, 1), "; 1 loss looked at"),
        (Looked(2, 3, 3), "; 3 losses looked at"),
        (Looked(2, 3, 1), "; 3 losses looked at, 2 of them not followed to a model"),
        (Looked(2, 1, 1, (("a", SEEN),)), "; 1 loss looked at; 1 program observed"),
        (Looked(2, 1, 1, (("a", SEEN), ("b", SEEN))), "; 1 loss looked at; 2 programs observed"),
        (Looked(2, 1, 1, (("a", SEEN), ("b", UNSEEN))), "; 1 loss looked at; 1 of 2 programs observed"),
        (Looked(1, 0, 0, (("b", UNSEEN),)), "; no loss recognised; 0 of 1 program observed"),
    ],
)
def test_the_summary_says_how_much_is_known(looked: Looked, expected: str) -> None:
    assert summary(0, 0, 3, 0, None, looked) == f"No lost gradients found in 3 files{expected}.\n"
    assert summary(1, 0, 3, 0, None, looked).endswith(f"; 3 files checked{expected}.\n")


def test_statistics_most_frequent_first() -> None:
    counted = statistics([DETACHED, NUMPY, REJECTED], {"AF101": "NumPy function on a tensor"})

    assert counted == "    2  AF101  NumPy function on a tensor\n    1  AF103\n"
