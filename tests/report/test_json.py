"""The JSON report: exactly the keys of version 1, and always valid JSON."""

from __future__ import annotations

import json
import math
from dataclasses import replace

from autofix.model import Evidence, Fix, Observed, Problem
from autofix.report.json import report as document
from autofix.report.results import Looked
from tests.report.samples import DIFF, EVIDENCE, NUMPY, ROUNDED


def test_a_proven_finding() -> None:
    report = json.loads(document([NUMPY], [], 2))

    assert report == {
        "version": 1,
        "findings": [
            {
                "path": "loss.py",
                "line": 4,
                "column": 5,
                "end_line": 4,
                "end_column": 9,
                "code": "AF101",
                "message": "`np.abs` leaves the graph",
                "loss": "mae",
                "framework": "torch",
                "fix": {
                    "status": "verified",
                    "reason": "",
                    "diff": DIFF,
                    "evidence": {
                        "inputs": ["y_pred float[8, 10], y_true float[8, 10]"],
                        "value_difference": 1.2e-16,
                        "gradient_before": None,
                        "gradient_after": 0.1118,
                        "gradient_difference": 3e-9,
                        "sandboxed": True,
                        "compiles": True,
                    },
                    "limits": [],
                    "group": 0,
                    "safety": "safe",
                },
            }
        ],
        "errors": [],
        "files": 2,
        "losses": {"found": 0, "followed": 0},
        "observed": [],
    }


def test_a_finding_without_a_fix() -> None:
    [finding] = json.loads(document([ROUNDED], [], 1))["findings"]

    assert finding["fix"] == {
        "status": "none",
        "reason": "rounding has no gradient",
        "diff": "",
        "evidence": None,
        "limits": [],
        "group": 0,
        "safety": "safe",
    }


def test_limits_of_a_fix() -> None:
    limited = EVIDENCE.limited(["line 41 was not run"]).limited(["line 41 was not run", "not in float16"])
    [finding] = json.loads(document([replace(NUMPY, fix=Fix("verified", diff=DIFF, evidence=limited))], [], 1))[
        "findings"
    ]

    assert finding["fix"]["limits"] == ["line 41 was not run", "not in float16"]


def test_problems() -> None:
    report = json.loads(document([], [Problem("a.py", "line 3: not valid Python")], 0))

    assert report == {
        "version": 1,
        "findings": [],
        "errors": [{"path": "a.py", "message": "line 3: not valid Python"}],
        "files": 0,
        "losses": {"found": 0, "followed": 0},
        "observed": [],
    }


def test_nan_and_infinity_are_null() -> None:
    evidence: Evidence = replace(EVIDENCE, gradient_before=math.nan, gradient_difference=math.inf)
    text = document([replace(NUMPY, fix=Fix("verified", diff=DIFF, evidence=evidence))], [], 1)

    seen = json.loads(text, parse_constant=lambda word: f"invalid {word}")["findings"][0]["fix"]["evidence"]
    assert (seen["gradient_before"], seen["gradient_difference"]) == (None, None)


def test_a_name_that_is_not_unicode() -> None:
    text = document([], [Problem("lo\udce9.py", "cannot be read")], 0)

    assert json.loads(text.encode("ascii"))["errors"][0]["path"] == "lo\udce9.py"


def test_what_was_looked_at_is_counted_and_what_was_run_is_listed() -> None:
    programs = (("train.py", Observed(2, 2, 4, 0.5)), ("other.py", Observed(0, 0, 1, 0.1, "it raises")))
    report = json.loads(document([], [], 2, Looked(2, 3, 1, programs)))

    assert report["losses"] == {"found": 3, "followed": 1}
    assert report["observed"] == [
        {"path": "train.py", "values": 2, "steps": 2, "runs": 4, "seconds": 0.5, "reason": "", "untried": ""},
        {"path": "other.py", "values": 0, "steps": 0, "runs": 1, "seconds": 0.1, "reason": "it raises", "untried": ""},
    ]
