"""Lines as Python counts them, and texts with lone carriage returns, which keep every one of them."""

from __future__ import annotations

import ast

import pytest

from autofix.model import Outcome, Request, Verdict
from autofix.pipeline import fix_source, look
from autofix.source.files import has_lone_returns, restored, split_lines, with_plain_ends
from tests.report.samples import EVIDENCE

BROKEN = """import numpy as np
import torch


def loss_fn(pred, target):
    # one \x0c two
    err = np.abs(pred.detach().numpy() - target.numpy())
    return torch.tensor(err.mean())

\x0c
x = 1
"""
FIXED = (
    BROKEN.replace("import numpy as np\n", "")
    .replace("np.abs(pred.detach().numpy() - target.numpy())", "torch.abs(pred - target)")
    .replace("torch.tensor(err.mean())", "err.mean()")
)


class Agreeing:
    """Stands in for the verifier: the first candidate is right."""

    def verify(self, request: Request) -> Verdict:
        ast.parse(request.original)
        return Verdict("verified", candidate=0, evidence=EVIDENCE)

    def missing(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_other_byte_of_a_fixed_text_stays(end: str) -> None:
    text = BROKEN.replace("\n", end)

    outcome = fix_source(text, "<test>", Agreeing())

    assert outcome.text == FIXED.replace("\n", end)
    assert [(each.span.line, each.span.column) for each in outcome.findings] == [(7, 18)]


def test_a_mixed_text_keeps_the_end_of_each_line() -> None:
    ends = ["\n", "\r", "\r\n"] * 4
    text = "".join(line.replace("\n", end) for line, end in zip(split_lines(BROKEN), ends, strict=False))

    fixed = fix_source(text, "<test>", Agreeing()).text

    assert with_plain_ends(fixed) == FIXED
    kept = [line for line in split_lines(fixed) if line in split_lines(text)]
    assert len(kept) == 8, "all but the two lines that were rewritten"


@pytest.mark.parametrize("text", ["a\rb\r", "a\r", "\r", "a\r\r\nb", "x = '''a\rb'''\n"])
def test_what_changes_nothing_gives_the_same_bytes(text: str) -> None:
    assert has_lone_returns(text)
    assert restored(Outcome(with_plain_ends(text)), text).text == text


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\r\n", "a\r\nb\n\x0c\n\x85\u2028"])
def test_texts_without_a_lone_return_are_taken_as_they_are(text: str) -> None:
    assert not has_lone_returns(text)


@pytest.mark.parametrize("text", ["", "a", "a\n\n", "a\rb\r\nc\n\rd", "a\x0cb\n\x1c\x85\u2028\n", "\n\r\n\r"])
def test_lines_are_those_of_python(text: str) -> None:
    lines = split_lines(text)

    assert "".join(lines) == text
    assert len(lines) == len(with_plain_ends(text).split("\n")) - (not text or text.endswith(("\n", "\r")))


def test_looking_names_the_same_places_whatever_the_ends() -> None:
    plain, lone = look(BROKEN, "<test>").findings, look(BROKEN.replace("\n", "\r"), "<test>").findings

    assert [each.span for each in plain] == [each.span for each in lone] != []
