"""Proves rules: each spelling of each sample is run beside the original, in one child process a framework.

Takes a catalogue and samples; gives the failures, each with the rule's place, the call, and what came out.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autofix.model import Framework
from autofix.prove.sample import ALIASES, Sample
from autofix.prove.variants import variants_of
from autofix.rewrite.catalogue import Catalogue, Refused, Rendering, bundled
from autofix.rewrite.literal import code_of
from autofix.rewrite.rule_binding import NEEDLESS

PROGRAM = Path(__file__).parent / "worker" / "__main__.py"
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0"}


class ProofError(Exception):
    """Nothing could be run; the text says why."""


@dataclass(frozen=True)
class Failure:
    """What is wrong with one spelling of one call; `ran` is false where the call itself cannot be run or rewritten.

    `variant` says on which other arrays ("int64", "rank 3"), and `raised` that the framework refused them itself.
    """

    place: str
    call: str
    spelling: str
    problem: str
    ran: bool = True
    name: str = ""
    variant: str = ""
    raised: bool = False

    def __str__(self) -> str:
        spelled = f" -> {self.spelling}" if self.spelling else ""
        on = f"with {self.variant}: " if self.variant else ""
        return f"{self.place}: {self.call}{spelled}: {on}{self.problem}"


@dataclass(frozen=True)
class Interpreter:
    """What runs the proof: a Python with the framework, the folders it imports from, and its deadline in seconds."""

    python: Path
    folders: tuple[Path, ...] = ()
    timeout: float = 900.0


def prove(
    framework: Framework, catalogue: Catalogue, samples: Sequence[Sample], interpreter: Interpreter
) -> list[Failure]:
    """The failures of all samples for a framework. Raises ProofError where nothing can be run."""
    failures = [failure for each in samples if each.refused for failure in _unrefused(each, catalogue)]
    asked = [each for each in samples if not each.refused]
    calls: list[tuple[Sample, dict[str, Any]]] = []
    for sample in asked:
        if sample.spelling:
            calls.append((sample, {**_bare_call(sample, framework), "candidates": [_candidate_of(sample.spelling)]}))
            continue
        found = catalogue.render(sample.name, sample.arguments, ALIASES[framework])
        if isinstance(found, Refused):
            problem = f"refused: {found.reason}"
            failures.append(Failure(_place(sample, catalogue), sample.text, "", problem, False, sample.name))
        else:
            calls.append((sample, _call(sample, framework, catalogue, found)))
    seen = answers(framework, [call for _, call in calls], interpreter) if calls else []
    for (sample, call), answer in zip(calls, seen, strict=True):
        failures += _judged(_place(sample, catalogue), sample, call, answer)
    return failures


def _unrefused(sample: Sample, catalogue: Catalogue) -> list[Failure]:
    found = catalogue.render(sample.name, sample.arguments, ALIASES[sample.frameworks[0]])
    if isinstance(found, Refused):
        return []
    return [Failure(_place(sample, catalogue), sample.text, code_of(found[0].expression), "it must be refused")]


def _place(sample: Sample, catalogue: Catalogue) -> str:
    return str(catalogue.place(sample.name) or sample.name)


def _call(
    sample: Sample, framework: Framework, catalogue: Catalogue, renderings: Sequence[Rendering]
) -> dict[str, Any]:
    place = catalogue.place(sample.name)
    assert place is not None
    return {
        **_bare_call(sample, framework),
        "file": str(place.path),
        "functions": place.functions,
        "candidates": [_candidate(each, sample.rest) for each in renderings],
        "variants": variants_of(sample),
    }


def _bare_call(sample: Sample, framework: Framework) -> dict[str, Any]:
    """What the worker must know of a call whose spellings are not a rule's."""
    return {
        "framework": framework,
        "text": sample.text,
        "rest": sample.rest,
        "oracle": sample.oracle,
        "original": sample.original,
        "differentiable": sample.differentiable,
        "method": sample.is_method,
        "file": "",
        "functions": (),
        "left_out": ("dtype", "nan_policy", *NEEDLESS),
        "variants": (),
    }


def _candidate(rendering: Rendering, rest: str = "") -> dict[str, Any]:
    when = [_candidate(each) for each in rendering.when]
    return {**_candidate_of(f"({code_of(rendering.expression)}){rest}", rendering.definitions), "when": when}


def _candidate_of(code: str, definitions: Sequence[str] = ()) -> dict[str, Any]:
    return {"code": code, "definitions": definitions, "when": []}


def answers(framework: Framework, calls: Sequence[dict[str, Any]], interpreter: Interpreter) -> list[dict[str, Any]]:
    """What the worker says of each call, in its own words. Raises ProofError where nothing can be run."""
    folders = [str(folder.resolve()) for folder in interpreter.folders]
    asked = {"framework": framework, "bundled": str(bundled()), "folders": folders, "calls": calls}
    try:
        child = subprocess.run(
            [str(interpreter.python), str(PROGRAM)],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            env={**os.environ, **_QUIET},
            timeout=interpreter.timeout,
        )
    except subprocess.TimeoutExpired:
        raise ProofError(f"{interpreter.python} was not done after {interpreter.timeout:.0f} s") from None
    except OSError as error:
        raise ProofError(f"{interpreter.python} cannot be run: {error}") from None
    if child.returncode:
        last = (child.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise ProofError(f"{interpreter.python} could not run the rules for {framework}: {last}")
    found: list[dict[str, Any]] = json.loads(child.stdout)
    return found


def _judged(place: str, sample: Sample, call: dict[str, Any], answer: dict[str, Any]) -> list[Failure]:
    """Every candidate that is for this call must be right, there must be one, and so must the function itself."""
    written = sample.text + sample.rest
    if answer["original"] is not None:
        return [Failure(place, written, "", f"the original does not run: {answer['original']}", False, sample.name)]
    failures = []
    for candidate, seen in zip(call["candidates"], answer["candidates"], strict=True):
        if seen["problem"]:
            failures.append(Failure(place, written, candidate["code"], seen["problem"], name=sample.name))
    if not any(seen["holds"] for seen in answer["candidates"]):
        failures.append(Failure(place, written, "", "no spelling is for this call", name=sample.name))
    elif not any(seen["compiled"] for seen in answer["candidates"]):
        problem = "no spelling is for this call in a compiled function"
        failures.append(Failure(place, written, "", problem, name=sample.name))
    for name, seen in zip(call["functions"], answer["direct"], strict=True):
        if seen["holds"] and seen["problem"]:
            failures.append(Failure(place, written, f"{name}(…) itself", seen["problem"], name=sample.name))
    for seen in answer["varied"]:
        spelling = call["candidates"][seen["candidate"]]["code"]
        failures.append(
            Failure(place, written, spelling, seen["problem"], True, sample.name, seen["variant"], seen["raised"])
        )
    return failures
