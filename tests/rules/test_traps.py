"""Where the framework's function of the same name is not NumPy's: it fails, and what autofix writes does not."""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from autofix.analysis.faults import LossFault
from autofix.analysis.finding.search import diagnose
from autofix.model import Framework, Reason, Request
from autofix.pipeline import fix_source
from autofix.prove.proof import Interpreter, answers
from autofix.rewrite.catalogue import Catalogue, Rendering
from autofix.rewrite.literal import code_of
from autofix.verify.verifier import Verifier
from tests.rules.calls import ALIASES, arguments_of, call_and_rest, name_of
from tests.rules.traps import LOSSES, TRAPS, LossTrap, Trap

MARKS = {"torch": pytest.mark.torch, "tensorflow": pytest.mark.tensorflow}
RUN = [pytest.param(each, marks=mark) for each, mark in MARKS.items()]


def _parts(trap: Trap) -> tuple[str, str, str]:
    """The call, what is looked at of its result, and NumPy's side."""
    written, _, oracle = trap.call.partition(" => ")
    text, rest = call_and_rest(written)
    return text, rest, oracle or written


def _rendered(trap: Trap, framework: str) -> tuple[Rendering, ...] | Reason:
    text, _, _ = _parts(trap)
    catalogue = _catalogue(framework)
    return catalogue.render(name_of(text), arguments_of(text, method=False), ALIASES[framework])


@cache
def _catalogue(framework: str) -> Catalogue:
    return Catalogue.load(framework)  # type: ignore[arg-type]


def _call(trap: Trap, framework: str, candidates: list[dict[str, object]]) -> dict[str, object]:
    text, rest, oracle = _parts(trap)
    call = {"framework": framework, "text": text, "rest": rest, "oracle": oracle, "candidates": candidates}
    rule = {"original": "", "differentiable": True, "method": False, "file": "", "functions": (), "left_out": ()}
    return {**call, **rule, "variants": ()}


def _of(framework: str) -> list[Trap]:
    return [trap for trap in TRAPS if framework in trap.frameworks and not trap.refused]


@cache
def _problems(framework: str) -> list[tuple[Trap, list[str | None], list[str | None]]]:
    """Each trap with what is wrong with its naive translation, and with the ways that autofix offers."""
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    calls = []
    for trap in _of(framework):
        naive = [_candidate(trap.naive[framework])] if framework in trap.naive else []
        ways = _rendered(trap, framework)
        assert not isinstance(ways, Reason), f"{trap.call}: {ways.text}"
        own = [_candidate(f"({code_of(way.expression)}){_parts(trap)[1]}", way.definitions) for way in ways]
        calls += [_call(trap, framework, naive), _call(trap, framework, own)]
    found = [_of_candidates(answer) for answer in answers(framework, calls, Interpreter(Path(sys.executable)))]  # type: ignore[arg-type]
    return list(zip(_of(framework), found[::2], found[1::2], strict=True))


def _candidate(code: str, definitions: Sequence[str] = ()) -> dict[str, object]:
    return {"code": code, "definitions": definitions, "when": []}


def _of_candidates(answer: dict[str, Any]) -> list[str | None]:
    return [answer["original"]] if answer["original"] else [each["problem"] for each in answer["candidates"]]


@pytest.mark.parametrize("framework", RUN)
def test_the_naive_translation_is_wrong(framework: str) -> None:
    harmless = [trap.call for trap, naive, _ in _problems(framework) if framework in trap.naive and None in naive]

    assert harmless == []


@pytest.mark.parametrize("framework", RUN)
def test_what_autofix_writes_agrees_with_numpy(framework: str) -> None:
    wrong = [(trap.call, own) for trap, _, own in _problems(framework) if None not in own]

    assert wrong == []


@pytest.mark.parametrize("framework", list(MARKS))
def test_what_has_no_gradient_is_refused_with_a_reason(framework: str) -> None:
    refused = [(trap, _rendered(trap, framework)) for trap in TRAPS if trap.refused and framework in trap.frameworks]

    assert len(refused) > 3
    for trap, answer in refused:
        assert isinstance(answer, Reason), trap.call
        assert len(answer.text) > 10


def test_every_trap_of_a_call_is_tried_somewhere() -> None:
    naive = {framework: sum(framework in trap.naive for trap in TRAPS) for framework in MARKS}

    assert naive["torch"] > 35
    assert naive["tensorflow"] > 25


def _text(trap: LossTrap, body: str) -> str:
    module, alias = ("torch", "torch") if trap.framework == "torch" else ("tensorflow", "tf")
    imported = f"import {module}" if module == alias else f"import {module} as {alias}"
    step = {
        "torch": "def step(model, x, y):\n    my_loss(y, model(x)).backward()\n",
        "tensorflow": "def step(model, x, y):\n    with tf.GradientTape() as tape:\n"
        "        loss = my_loss(y, model(x))\n    return tape.gradient(loss, model.trainable_variables)\n",
    }[trap.framework]
    loss = textwrap.indent(body, "    ")
    special = "from scipy import special\n" if "special." in body else ""
    return f"import numpy as np\n{imported}\n{special}\n\ndef my_loss(y_true, y_pred):\n{loss}\n\n\n{step}"


def _in_numpy(trap: LossTrap) -> str:
    detached = "y_pred.detach().numpy()" if trap.framework == "torch" else "y_pred.numpy()"
    return _text(trap, f"p = {detached}\nt = y_true.numpy()\n{trap.body}")


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


WHOLE = [
    pytest.param(trap, marks=MARKS[trap.framework], id=f"{trap.number}-{trap.framework}-{place}")
    for place, trap in enumerate(LOSSES)
]


@pytest.mark.parametrize("trap", WHOLE)
def test_a_loss_with_a_trap_in_it_is_mended(verifier: Verifier, trap: LossTrap) -> None:
    outcome = fix_source(_in_numpy(trap), "loss.py", verifier)
    lines = {line.strip() for line in outcome.text.splitlines()}
    as_before = [line for line in trap.body.splitlines() if re.search(r"\bp\b", line) and line.strip() in lines]

    assert {finding.fix.status for finding in outcome.findings} == {"verified"}, outcome.findings[0].fix.reason
    assert "p = y_pred." not in outcome.text
    assert ("p = y_pred" in lines) == bool(as_before)  # the name stays for lines that stay, and goes otherwise


@pytest.mark.parametrize("trap", WHOLE)
def test_its_naive_translation_does_not_pass_the_proof(verifier: Verifier, trap: LossTrap) -> None:
    framework: Framework = trap.framework
    original = _in_numpy(trap)
    (fault,) = diagnose(ast.parse(original), original)
    assert isinstance(fault, LossFault)

    request = Request("loss.py", framework, fault.target, original, (_text(trap, trap.naive),))

    assert verifier.verify(request).status == "rejected"
