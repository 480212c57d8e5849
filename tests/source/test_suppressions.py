"""Comments that silence findings: where they hold, where they do not, and what is said of one that is idle."""

from __future__ import annotations

import pytest

from autofix.model import Outcome
from autofix.pipeline import NOTHING_RUN, fix_source

LOSS = """import numpy as np
import torch
{above}

{decorator}def mae(p, y):{header}
    error = np.abs({inside}
        p - y
    ){after}
    return error.mean()


def step(model, x, y):
    mae(model(x), y).backward()
"""


def _fixed(path: str = "a.py", select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), **parts: str) -> Outcome:
    places = {"above": "", "decorator": "", "header": "", "inside": "", "after": "", **parts}
    return fix_source(LOSS.format(**places), path, NOTHING_RUN, select=select, ignore=ignore)


def _found(**parts: str) -> list[tuple[str, int]]:
    return [(each.code, each.span.line) for each in _fixed(**parts).findings]


def test_without_a_comment_the_fault_is_found() -> None:
    assert _found() == [("AF101", 6)]


@pytest.mark.parametrize(
    "comment", ["# autofix: ignore", "# autofix: ignore[AF101]", "#autofix:ignore[ af101 , AF102]"]
)
@pytest.mark.parametrize("place", ["after", "inside", "header"])
def test_it_holds_for_its_statement_and_its_function(place: str, comment: str) -> None:
    found = [code for code, _ in _found(**{place: f"  {comment}"})]

    assert found == (["AF001"] if "AF102" in comment else [])  # AF102 is not found there


@pytest.mark.parametrize(
    "parts",
    [
        {"decorator": "@torch.jit.unused  # autofix: ignore[AF101]\n"},
        {"decorator": "# autofix: ignore[AF101]\n"},
        {"decorator": "# autofix: ignore[AF101]\n\n# the reason for it\n@torch.jit.unused\n"},
        {"header": "\n    # autofix: ignore[AF101]: the reason for it"},
        {"after": "  # noqa: E501  # autofix: ignore[AF1]"},
    ],
)
def test_it_holds_alone_on_its_line_and_beside_other_words(parts: dict[str, str]) -> None:
    assert _found(**parts) == []


@pytest.mark.parametrize(
    "parts",
    [
        {"above": 'NOTE = "# autofix: ignore"'},
        {"above": '"""\n# autofix: skip-file\n"""'},
        {"after": "  # autofix: ignored"},
        {"after": "  # autofix: ignore-next"},
        {"after": "  # AF101 is ignored by autofix"},
    ],
)
def test_what_only_looks_like_one_silences_nothing(parts: dict[str, str]) -> None:
    assert [code for code, _ in _found(**parts)] == ["AF101"]


def test_another_cause_is_not_silenced_and_the_comment_is_idle() -> None:
    assert _found(after="  # autofix: ignore[AF103]") == [("AF101", 6), ("AF001", 8)]


def test_a_comment_on_another_function_is_idle() -> None:
    text = (
        LOSS.format(above="", decorator="", header="", inside="", after="")
        + "\n\ndef metric():  # autofix: ignore\n    pass\n"
    )

    found = fix_source(text, "a.py", NOTHING_RUN).findings

    assert [(each.code, each.span.line, each.span.column) for each in found] == [("AF101", 6, 13), ("AF001", 16, 16)]
    assert found[1].message == "`# autofix: ignore` has no effect here"
    assert (found[1].loss, found[1].fix.status, found[1].fix.diff) == ("metric", "none", "")


def test_of_several_codes_the_idle_one_is_named() -> None:
    (finding,) = _fixed(after="  # autofix: ignore[AF101, AF103]").findings

    assert finding.code == "AF001"
    assert finding.message == "`# autofix: ignore[AF103]` has no effect here"


def test_a_code_that_is_none_is_reported() -> None:
    found = _fixed(after="  # autofix: ignore[AF999]").findings

    assert [each.code for each in found] == ["AF101", "AF001"]
    assert "unknown code 'AF999'" in found[1].message


def test_a_file_is_skipped_at_its_top_only() -> None:
    assert _found(after="  # autofix: skip-file") == [("AF101", 6), ("AF001", 8)]
    assert fix_source("# autofix: skip-file\n" + LOSS.format(**dict.fromkeys(
        ("above", "decorator", "header", "inside", "after"), "")), "a.py", None).findings == ()  # fmt: skip


def test_idle_comments_are_silent_where_their_code_is_not_asked_for() -> None:
    idle = {"after": "  # autofix: ignore[AF103]"}

    assert [each.code for each in _fixed(**idle, select=("AF1",)).findings] == ["AF101"]
    assert [each.code for each in _fixed(**idle, ignore=("AF001",)).findings] == ["AF101"]
    assert _fixed(after="  # autofix: ignore[AF101]", ignore=("AF101",)).findings == ()  # it would silence AF101


def test_a_loss_of_which_a_part_is_silenced_is_not_rewritten() -> None:
    text = (
        "import numpy as np\nimport torch\n\ndef mae(p, y):\n    a = np.abs(p)  # autofix: ignore\n"
        "    b = np.exp(p)\n    return a.mean() + b.mean()\n\ndef step(model, x, y):\n    mae(model(x), y).backward()\n"
    )

    outcome = fix_source(text, "a.py", NOTHING_RUN)

    (finding,) = outcome.findings
    assert (finding.code, finding.span.line, finding.fix.status) == ("AF101", 6, "none")
    assert "silenced" in finding.fix.reason


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(end: str) -> None:
    text = LOSS.format(above="", decorator="", header="", inside="", after="  # autofix: ignore[AF101]")

    assert fix_source(text.replace("\n", end), "a.py", NOTHING_RUN).findings == ()


def test_a_file_without_a_framework_is_left_alone() -> None:
    assert fix_source("x = 1  # autofix: ignore\n", "a.py", NOTHING_RUN).findings == ()
