"""From a training step at fault and its candidates to what the verifier is asked: the step run by itself.

First with what the module gives it, then with stand-ins for what cannot be had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from autofix.analysis.tape_faults import StepFault
from autofix.model import Framework, Request, Target
from autofix.verify.step_inputs import models_of, roles, step_scenarios
from autofix.verify.step_text import STEP, isolated


def step_requests(
    path: str, framework: Framework, original: str, candidates: Sequence[str], fault: StepFault
) -> Iterator[Request]:
    """Yield the requests to make until one can be answered."""
    for as_called in (True, False):
        before = isolated(original, fault.number, as_called)
        after = [isolated(each, fault.number, as_called) for each in candidates]
        texts = [each.text for each in after if each is not None and before is not None and each.names == before.names]
        if before is None or len(texts) < len(candidates):
            continue
        scenarios = step_scenarios(roles(before.names, before.body, fault.watched), models_of(before.body))
        target = Target(STEP, before.line, ())
        yield Request(
            path,
            framework,
            target,
            before.text,
            tuple(texts),
            "step",
            tuple(scenarios),
            generated=before.generated,
            generated_candidates=tuple(each.generated for each in after if each is not None),
        )
