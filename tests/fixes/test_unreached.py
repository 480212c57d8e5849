"""Changed lines are run by a trial of their own, or named as not run; what is certain to fail there is no fix."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.fixes.rounds import run_by
from autofix.fixes.whole import Attempt, certain_to_fail
from autofix.model import Evidence, Finding, Fix
from autofix.pipeline import fix_source
from autofix.report.json import report as document
from autofix.syntax.spans import at_line
from autofix.verify.verifier import Verifier

TORCH = """import numpy as np
import torch

{loss}

net = torch.nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randn(8, 3)
value = loss(net(x), y)
value.requires_grad_()
value.backward()
"""
TENSORFLOW = """import numpy as np
import tensorflow as tf

{loss}

w = tf.Variable(tf.random.normal((4, 3)))
x, y = tf.random.normal((8, 4)), tf.random.normal((8, 3))
with tf.GradientTape() as tape:
    value = loss(tf.matmul(x, w), y)
gradients = tape.gradient(value, [w])
"""
FUNCTION = """
def loss(pred, target{more}):
    d = np.abs(pred.detach().numpy() - target.numpy())
{body}
    return torch.tensor(np.mean(d))
"""
OBJECT = """
class Loss:
    def __init__(self, power=2, log=False):
        self.power, self.log = power, log

    def __call__(self, pred, target):
        d = np.abs(pred.numpy() - target.numpy())
        if self.log:
            d = np.log1p(d)
        return tf.reduce_mean(tf.constant(d))


loss = Loss()
"""


def function(more: str, *body: str) -> str:
    return TORCH.format(loss=FUNCTION.format(more=more, body="\n".join(f"    {line}" for line in body)))


LACKING = """import torch


def loss(pred, target, log):
    d = (pred - target).abs()
    value = d.mean().item()
    if log:
        print(value.is_integer())
        print(value.astype(int))
        print(d.flat[0])
    return torch.tensor(value)


def step(net, x, y):
    loss(net(x), y, True).backward()
"""
RUN = {
    "a mode": (
        function(', reduction="mean"', 'if reduction == "sum":', "    return torch.tensor(np.sum(d))"),
        "reduction = 'sum'",
    ),
    "a flag": (function(", squared=False", "if squared:", "    d = np.square(d)"), "squared = True"),
    "a number that is compared": (function(", power=1", "if power > 1:", "    d = np.power(d, power)"), "power = 2"),
    "a mask that may be left out": (
        function(", mask=None", "if mask is not None:", "    d = d * mask.numpy()"),
        "mask bool[8, 3]",
    ),
    "a name of the module": (
        "CLIP = False\n" + function("", "if CLIP:", "    d = np.clip(d, 0.1, 2.0)"),
        "CLIP = True",
    ),
}
NAMED = {
    "what no trial leads to": function(
        ", state=None", "if state is not None and state.progress.percent > 30:", "    d = np.sqrt(d + 1e-8)"
    ),
}
REFUSED = {
    "numbers where tensors are taken": (
        function(
            ", cfg=None",
            "if cfg is not None and cfg.a.b:",
            "    d = np.clip(d, torch.min([0.1, 0.2]), 2.0)",
        ),
        "it takes tensors, not numbers",
    ),
    "an error that NumPy raised": (
        function("", "try:", "    d = d - target.numpy()", "except ValueError:", "    d = d[:1]"),
        "`except ValueError` in line 9 catches errors of NumPy, but the fix raises others",
    ),
}
CAUGHT = {
    "any error": function("", "try:", "    d = d * 2", "except Exception:", "    d = d[:1]"),
    "an error of other code": function(
        "", "try:", "    scale = float('2')", "except ValueError:", "    scale = 1.0", "d = d * scale"
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None) as one:
        yield one


def found(source: str, verifier: Verifier) -> Finding:
    return fix_source(source, "a.py", verifier).findings[0]


@pytest.mark.torch
@pytest.mark.parametrize(("source", "trial"), RUN.values(), ids=list(RUN))
def test_a_changed_line_in_a_branch_has_a_trial_of_its_own(source: str, trial: str, verifier: Verifier) -> None:
    fix = found(source, verifier).fix

    assert (fix.status, fix.limits) == ("verified", ()), fix.reason
    assert fix.evidence is not None and any(trial in each for each in fix.evidence.inputs)


@pytest.mark.tensorflow
def test_an_attribute_of_the_loss_is_exchanged_for_a_trial(verifier: Verifier) -> None:
    fix = found(TENSORFLOW.format(loss=OBJECT), verifier).fix

    assert (fix.status, fix.limits) == ("verified", ()), fix.reason
    assert fix.evidence is not None and any("self.log = True" in each for each in fix.evidence.inputs)


@pytest.mark.torch
def test_where_all_lines_are_run_nothing_else_is_tried(verifier: Verifier) -> None:
    fix = found(function(", squared=False", "d = np.square(d)"), verifier).fix

    assert fix.evidence is not None and not any("squared = True" in each for each in fix.evidence.inputs)


@pytest.mark.torch
@pytest.mark.parametrize("source", NAMED.values(), ids=list(NAMED))
def test_a_line_that_no_trial_came_to_is_a_limit(source: str, verifier: Verifier) -> None:
    finding = found(source, verifier)
    line = next(number for number, text in enumerate(source.splitlines(), 1) if "np.sqrt" in text)

    assert finding.fix.status == "verified"
    assert finding.fix.limits == (f"line {line} was not run",)
    assert json.loads(document([finding], [], 1))["findings"][0]["fix"]["limits"] == [f"line {line} was not run"]


@pytest.mark.torch
def test_a_flag_that_gives_no_gradient_makes_no_fault_of_a_right_loss(verifier: Verifier) -> None:
    source = (
        "import torch\n\n\ndef loss(pred, target, as_number=False):\n    d = (pred - target).abs().mean()\n"
        "    if as_number:\n        return d.item()\n    return d\n\n\n"
        "def step(net, x, y):\n    loss(net(x), y).backward()\n"
    )

    assert fix_source(source, "a.py", verifier).findings == ()


def test_a_line_that_the_fix_of_the_step_runs_is_no_limit_of_the_fix_before() -> None:
    limits = (f"{at_line(9)} was not run", f"{at_line(12)} was not run", "not in float16")
    evidence = Evidence(("pred float[8]",), 0.0, None, 0.5, 0.0, limits=limits)
    [fault] = diagnose(ast.parse(LACKING), LACKING)
    attempt = Attempt(fault, "fixed", Fix("verified", diff="-a\n+b\n", evidence=evidence), 6)

    assert run_by(attempt, {9, None}).fix.limits == limits[1:]
    assert run_by(attempt, {10}) is attempt


def test_a_number_has_no_method_of_an_array() -> None:
    [fault] = diagnose(ast.parse(LACKING), LACKING)

    said = [certain_to_fail(LACKING, [line], fault, Looks()) for line in (9, 10)]
    assert ["a number has no `astype`" in str(said[0]), "a tensor has no `flat`" in str(said[1])] == [True, True]
    assert certain_to_fail(LACKING, [6, 7, 8, 11], fault, Looks()) is None


@pytest.mark.torch
@pytest.mark.parametrize(("source", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_certain_to_fail_where_it_was_not_run_is_no_fix(source: str, reason: str, verifier: Verifier) -> None:
    outcome = fix_source(source, "a.py", verifier)

    assert outcome.text == source
    assert reason in outcome.findings[0].fix.reason


@pytest.mark.torch
@pytest.mark.parametrize("source", CAUGHT.values(), ids=list(CAUGHT))
def test_a_handler_that_still_catches_what_it_did_is_no_obstacle(source: str, verifier: Verifier) -> None:
    assert found(source, verifier).fix.status == "verified"
