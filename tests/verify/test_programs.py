"""Broken losses in the shapes that people write: fixed with a proof, and left alone once they are right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier

PROGRAMS = Path(__file__).parent / "programs"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


def fixed_and_then_left_alone(program: Path, verifier: Verifier) -> None:
    text = program.read_text(encoding="utf-8")
    outcome = fix_source(text, str(program), verifier)

    assert outcome.findings
    assert {one.fix.status for one in outcome.findings} == {"verified"}, [one.fix.reason for one in outcome.findings]
    again = fix_source(outcome.text, str(program), verifier)
    assert (again.findings, again.text) == ((), outcome.text)


@pytest.mark.torch
@pytest.mark.parametrize("program", sorted((PROGRAMS / "torch").glob("*.py")), ids=lambda path: path.stem)
def test_torch_program_is_fixed_and_then_left_alone(program: Path, verifier: Verifier) -> None:
    fixed_and_then_left_alone(program, verifier)


@pytest.mark.tensorflow
@pytest.mark.parametrize("program", sorted((PROGRAMS / "tensorflow").glob("*.py")), ids=lambda path: path.stem)
def test_tensorflow_program_is_fixed_and_then_left_alone(program: Path, verifier: Verifier) -> None:
    fixed_and_then_left_alone(program, verifier)
