"""The SARIF log: the fields that code scanning needs, valid by the standard's own schema where that is at hand."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autofix.model import Edit, Explanation, Fix, Problem, Span, Step
from autofix.report.sarif import report
from autofix.source.edits import edits_between
from autofix.source.files import Source, decode, encode
from tests.report.samples import DETACHED, NUMPY, PROVEN, REJECTED, ROUNDED
from tests.source.test_notebooks import LOSS, SETUP, TITLE, code, lines_of, notebook

FIXED = replace(
    NUMPY, fix=replace(PROVEN, edits=(Edit.of_lines(4, 5, "x = torch.abs(y)\n"), Edit.of_lines(9, 9, "import torch\n")))
)
HOW = [{"indent": 1}, {"indent": None}, {"indent": "\t"}, {"ensure_ascii": True}]
PROBLEM = Problem("bad file.py", "line 1: not valid Python")


def run_of(*findings: object, problems: tuple[Problem, ...] = ()) -> dict[str, object]:
    return json.loads(report(findings, problems, 1))["runs"][0]  # type: ignore[arg-type, no-any-return]


def results(*findings: object) -> list[dict[str, object]]:
    return run_of(*findings)["results"]  # type: ignore[return-value]


def slice_of(text: str, region: dict[str, int]) -> str:
    """What a region holds: lines and columns count from 1, the end is left out."""
    starts = [0, *(at + 1 for at, each in enumerate(text) if each == "\n")]
    first = starts[region["startLine"] - 1] + region["startColumn"] - 1
    return text[first : starts[region["endLine"] - 1] + region["endColumn"] - 1]


def replaced(text: str, replacements: list[dict[str, Any]]) -> str:
    """A text with replacements done, from the last to the first."""
    for each in reversed(replacements):
        region = each["deletedRegion"]
        old, lines = slice_of(text, region), text.split("\n")
        at = sum(len(line) + 1 for line in lines[: region["startLine"] - 1]) + region["startColumn"] - 1
        text = text[:at] + each["insertedContent"]["text"] + text[at + len(old) :]
    return text


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


def test_the_way_of_the_value_is_a_flow_of_code() -> None:
    steps = (Step("y", Span(2, 5, 2, 6), "def f(y):"), Step("np.abs", Span(4, 5, 4, 9), "    np.abs(y)"))
    told = replace(FIXED, explanation=Explanation("it ends", steps, "here"))

    (flow,) = results(told)[0]["codeFlows"]  # type: ignore[misc]
    places = [each["location"] for each in flow["threadFlows"][0]["locations"]]
    assert [each["message"]["text"] for each in places] == ["y", "np.abs"]
    assert [each["physicalLocation"]["region"]["startLine"] for each in places] == [2, 4]


@pytest.mark.parametrize("trail", [(), (Step("np.abs", Span(4, 5, 4, 9), "    np.abs(y)"),)])
def test_the_place_alone_is_no_flow(trail: tuple[Step, ...]) -> None:
    assert "codeFlows" not in results(replace(FIXED, explanation=Explanation("it ends", trail, "here")))[0]


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


def test_a_finding_in_a_notebook_names_its_cell_and_stands_in_the_json() -> None:
    (location,) = results(replace(FIXED, path="a.ipynb", cell=3, written=Span(40, 9, 40, 13)))[0]["locations"]  # type: ignore[misc]

    region = {"startLine": 40, "startColumn": 9, "endLine": 40, "endColumn": 13}
    assert location["physicalLocation"]["region"] == region
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "cell 3, line 4: mae"


@pytest.mark.parametrize("how", HOW, ids=str)
def test_the_fixes_of_a_notebook_make_of_its_bytes_what_apply_writes(how: dict[str, object]) -> None:
    text = notebook(TITLE, code('# é 𝛼\t"\n', *lines_of(SETUP)), code('# é 𝛼\t"\n', *lines_of(LOSS)), **how)
    source = decode("a.ipynb", text.encode())
    assert isinstance(source, Source) and source.notebook is not None
    program = source.text
    line = program.split("\n").index("    return np.abs(p - y).mean()") + 1
    after = program.replace("np.abs(p", "torch.abs(p").replace("# é 𝛼", "# ü")
    fix = Fix("verified", diff="d", edits=edits_between(program, program, after))
    finding = replace(NUMPY, path="a.ipynb", span=Span(line, 12, line, 25), fix=fix)

    (result,) = results(source.notebook.placed(finding))

    assert slice_of(text, result["locations"][0]["physicalLocation"]["region"]) == "np.abs(p - y)"  # type: ignore[index]
    (change,) = result["fixes"][0]["artifactChanges"]  # type: ignore[index]
    assert replaced(text, change["replacements"]).encode() == encode(source, after)


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
    in_cell = replace(NUMPY, path="a.ipynb", cell=3, written=Span(40, 9, 40, 13))
    step = Step("y", Span(2, 5, 2, 6), "def f(y):")
    told = replace(FIXED, explanation=Explanation("it ends", (step, step), "here", "no grad", "wait"))

    for findings, problems in [((), ()), ((FIXED, told, NUMPY, ROUNDED, REJECTED, in_cell), (PROBLEM,))]:
        assert list(validator.iter_errors(json.loads(report(findings, problems, 1)))) == []
    broken = report((FIXED,), (), 1).replace('"startLine": 4', '"startLine": 0')
    assert list(validator.iter_errors(json.loads(broken))) != []
