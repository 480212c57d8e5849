"""What is not autofix's own acts on no terminal, and reads as it did."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autofix.model import Exit, Explanation, Problem, Reason, Span, Step
from autofix.report.github import report
from autofix.report.text import Style, preview
from autofix.report.visible import visible, visible_lines, visible_record
from autofix.verify.wording import MOST_CHARACTERS, bounded
from tests.report.samples import DIFF, NUMPY, REJECTED

CLIPBOARD = "\x1b]52;c;cm0gLXJmIC8=\x07"
HOSTILE = [
    CLIPBOARD,  # OSC 52: sets the clipboard
    "\x1b[2J\x1b[1;1H",  # clears the screen
    "\x9b31m",  # the same introducer as one character of Latin-1
    "\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\",
    "a\rb",  # overwrites the line
    "a\x08b",
    "\x00\x7f\x0c\x0b",
    "\u202e drawkcab \u202c",
    "\u2066\u2069\u200f\u061c",
    "\u2028\u2029",
]


def acts(text: str) -> list[str]:
    """Return the characters of a text that a terminal acts on, line ends left out."""
    controls = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u200e", "\u200f", "\u061c", "\u2028", "\u2029"}
    controls |= {*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))}
    return [each for each in text if each in controls - {"\n", "\t"}]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_character_that_acts_on_a_terminal_is_replaced_by_one_that_shows(text: str) -> None:
    assert acts(visible(text)) == [] == acts(visible_lines(text))
    assert len(visible(text)) == len(text), "columns stay what they are"
    assert visible("\x1b[1m\n\x7f") == "␛[1m␊␡"


@pytest.mark.parametrize("text", ["loss = y - ŷ", "日本語 = 損失", "\ttabbed", "naïve café 🎉👩‍🔬", "α→β …", ""])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text == visible_lines(text)


def test_the_ends_of_lines_stay_in_lines() -> None:
    assert visible_lines("a\r\nb\n") == "a\r\nb\n"
    assert visible_lines("a\rb\r\n") == "a␍b\r\n"


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("style", [Style(), Style(colour=True, width=60)])
def test_no_text_of_a_finding_acts_on_a_terminal(text: str, style: Style) -> None:
    told = Explanation(f"`{text}` ends it", (Step(text, Span(4, 5, 4, 9), f"    {text}"),), "the end", text, text)
    evidence = replace(NUMPY.fix.evidence, inputs=(text,)) if NUMPY.fix.evidence else None
    proven = replace(NUMPY.fix, diff=DIFF.replace("abs", text.replace("\n", "")), evidence=evidence)
    findings = [
        replace(NUMPY, path=f"{text}.py", loss=text, explanation=told, fix=proven),
        replace(
            REJECTED, message=text, fix=replace(REJECTED.fix, why=Reason(Exit.VERDICT, f"it raises ValueError: {text}"))
        ),
    ]

    shown = preview([visible_record(each) for each in findings], style)

    own = shown.replace("\x1b[", "") if style.colour else shown
    assert acts(own) == []
    assert style.colour == ("\x1b[" in shown)


def test_a_workflow_command_holds_nothing_that_acts_either() -> None:
    found = replace(REJECTED, message=f"{CLIPBOARD}\n::set-output name=a::b", path="\x1b.py")

    assert acts(report([found], [Problem("a.py", CLIPBOARD)], 1)) == []


def test_what_comes_out_of_a_run_is_cut_and_on_one_line() -> None:
    report = {"oracle": {"refusals": ["a\nproven: yes", "x" * 9000], "text": "y" * 500, "numbers": [1.0] * 1000}}

    cut = bounded({"id": 1, "report": {**report, "opened": {"files": ["/" + "d" * 900]}}})

    assert cut["id"] == 1
    assert cut["report"]["oracle"]["refusals"][0] == "a proven: yes"
    assert len(cut["report"]["oracle"]["refusals"][1]) == len(cut["report"]["oracle"]["text"]) == MOST_CHARACTERS
    assert cut["report"]["oracle"]["numbers"] == [1.0] * 1000
    assert cut["report"]["opened"]["files"] == ["/" + "d" * 900], "paths are looked up, not shown"
    assert json.dumps(cut)
