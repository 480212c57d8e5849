"""What the analysis says of each state of a text is found once, whoever asks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from autofix.analysis import looks
from autofix.analysis.faults import Fault
from autofix.analysis.finding.state import Search
from autofix.analysis.looks import Looks
from autofix.model import Evidence, Framework, Request, Verdict
from autofix.pipeline import fix_source

FIXTURES = sorted((Path(__file__).parents[2] / "fixtures").glob("*_broken.py"))
SEEN = Evidence(("p float[8]",), 0.0, None, 0.5, 0.0)


class _Agreeing:
    """A verifier to which every first candidate is right."""

    def verify(self, request: Request) -> Verdict:
        return Verdict("verified", candidate=0, evidence=SEEN)

    def missing(self, framework: Framework, near: Path, text: str) -> None:
        return None


@pytest.mark.slow
@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_no_state_of_a_text_is_searched_twice_while_it_is_fixed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: Counter[tuple[str, Framework]] = Counter()
    faults_in = looks.faults_in

    def counting(search: Search) -> list[Fault]:
        searched[search.text, search.framework] += 1
        return faults_in(search)

    monkeypatch.setattr(looks, "faults_in", counting)
    outcome = fix_source(path.read_text(), str(path), _Agreeing())

    assert outcome.findings
    assert searched and set(searched.values()) == {1}


def test_a_run_is_that_of_the_search_for_faults() -> None:
    look, text = Looks(), "import torch\nloss = torch.nn.Linear(1, 1)(x).numpy().sum()\nloss.backward()\n"
    (fault,) = look.faults(text)

    assert look.run(text, "torch").facts is fault.program.facts
    assert look.reads(text, "torch") is look.reads(text, "torch")
