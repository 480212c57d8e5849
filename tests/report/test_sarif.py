"""The SARIF log: the fields that code scanning needs, valid by the standard's own schema where that is at hand."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import replace
from pathlib import Path

import pytest

from autofix.model import Edit, Problem, Span
from autofix.report.sarif import log
from tests.report.samples import DETACHED, NUMPY, PROVEN, REJECTED, ROUNDED

FIXED = replace(NUMPY, fix=replace(PROVEN, edits=(Edit(4, 5, "x = torch.abs(y)\n"), Edit(9, 9, "import torch\n"))))
PROBLEM = Problem("bad file.py", "line 1: not valid Python")


def run_of(*findings: object, problems: tuple[Problem, ...] = ()) -> dict[str, object]:
    return json.loads(log(findings, problems))["runs"][0]  # type: ignore[arg-type, no-any-return]


def results(*findings: object) -> list[dict[str, object]]:
    return run_of(*findings)["results"]  # type: ignore[return-value]


def test_a_finding_has_its_rule_its_place_and_a_fix() -> None:
    (result,) = results(FIXED)

    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("AF101", 0, "error")
    place = result["locations"][0]["physicalLocation"]  # type: ignore[index]
    assert place["artifactLocation"] == {"uri": "loss.py"}
    assert place["region"] == {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 9}
    (change,) = result["fixes"][0]["artifactChanges"]  # type: ignore[index]
    assert change["replacements"] == [
        {
            "deletedRegion": {"startLine": 4, "startColumn": 1, "endLine": 5, "endColumn": 1},
            "insertedContent": {"text": "x = torch.abs(y)\n"},
        },
        {
            "deletedRegion": {"startLine": 9, "startColumn": 1, "endLine": 9, "endColumn": 1},
            "insertedContent": {"text": "import torch\n"},
        },
    ]


@pytest.mark.parametrize("finding", [ROUNDED, REJECTED, NUMPY], ids=["none", "rejected", "stands on another fix"])
def test_what_cannot_be_mended_alone_has_no_fix(finding: object) -> None:
    assert "fixes" not in results(finding)[0]


def test_each_rule_is_described_once() -> None:
    driver = run_of(FIXED, NUMPY, ROUNDED)["tool"]["driver"]  # type: ignore[index]

    assert [rule["id"] for rule in driver["rules"]] == ["AF101", "AF202"]
    assert all(len(rule["help"]["markdown"]) > 200 for rule in driver["rules"])


def test_a_fingerprint_stays_when_lines_move_and_differs_between_faults() -> None:
    def prints(*findings: object) -> list[object]:
        return [result["partialFingerprints"] for result in results(*findings)]

    moved = [replace(each, span=Span(90, 1, 90, 2)) for each in (DETACHED, NUMPY, ROUNDED)]

    assert prints(*moved) == prints(DETACHED, NUMPY, ROUNDED)
    assert len({str(each) for each in prints(DETACHED, NUMPY, NUMPY, ROUNDED)}) == 4


def test_a_finding_in_a_notebook_names_its_cell_instead_of_a_line_of_the_json() -> None:
    (location,) = results(replace(FIXED, path="a.ipynb", cell=3))[0]["locations"]  # type: ignore[misc]

    assert "region" not in location["physicalLocation"]
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "cell 3, line 4: mae"


def test_a_file_that_failed_is_a_notification() -> None:
    (invocation,) = run_of(problems=(PROBLEM,))["invocations"]  # type: ignore[misc]

    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "bad file.py: line 1: not valid Python"
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "bad%20file.py"


def test_paths_are_relative_to_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def uri(path: str) -> object:
        return results(replace(NUMPY, path=path))[0]["locations"][0]["physicalLocation"]["artifactLocation"]  # type: ignore[index]

    assert uri(str(tmp_path / "a b" / "c.py")) == {"uri": "a%20b/c.py"}
    assert uri("/elsewhere/c.py") == {"uri": "file:///elsewhere/c.py"}


@pytest.mark.schema
def test_the_log_is_valid_by_the_schema_of_the_standard() -> None:
    path = os.environ.get("AUTOFIX_SARIF_SCHEMA", "")
    if not path:
        warnings.warn("SARIF WAS NOT CHECKED: AUTOFIX_SARIF_SCHEMA names no schema", stacklevel=1)
        pytest.skip("AUTOFIX_SARIF_SCHEMA names no schema")
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.validators.validator_for(schema := json.loads(Path(path).read_text()))(schema)
    notebook = replace(NUMPY, path="a.ipynb", cell=3)

    for findings, problems in [((), ()), ((FIXED, NUMPY, ROUNDED, REJECTED, notebook), (PROBLEM,))]:
        assert list(validator.iter_errors(json.loads(log(findings, problems)))) == []
    broken = log((FIXED,), ()).replace('"startLine": 4', '"startLine": 0')
    assert list(validator.iter_errors(json.loads(broken))) != []
