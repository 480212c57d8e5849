"""Values that an author detaches on purpose are held fixed, where all candidates keep them; nothing else is."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from autofix.pipeline import fix_source
from autofix.trial.constants import meant_constant
from autofix.verify.verifier import Verifier
from tests.verify.asking import request


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def written(original: str, *candidates: str) -> list[str]:
    return list(meant_constant([ast.parse(original)], candidates or [original]).values())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("adv = ret - value.detach()", ["value.detach()"]),
        ("target = tf.stop_gradient(q)", ["tf.stop_gradient(q)"]),
        ("with torch.no_grad():\n    target = q.max()", ["q.max()"]),
        ("ratio = torch.exp(p.detach())", []),
        ("with torch.no_grad():\n    error = p - y", []),
        ("self.target = q.detach()", []),
        ("target, rest = q.detach(), p", []),
        ("return value.detach() - ret", []),
    ],
)
def test_what_is_cut_on_the_way_to_a_target(text: str, meant: list[str]) -> None:
    assert written(text) == meant


def test_a_candidate_that_changes_it_does_not_hold_it() -> None:
    original = "adv = ret - value.detach()"
    assert written(original, original, "adv = ret - value") == []
    assert written(original, "no python (") == ["value.detach()"]


THRESHOLD = "c = e.max().item()\nr = p.mean().item()"


@pytest.mark.parametrize(
    ("candidates", "meant"),
    [
        (["c = e.max().item()\nr = p.mean()"], ["e.max().item()"]),
        (["c = e.max()\nr = p.mean()"], []),
        (["c = e.max().item()\nr = p.mean()", "c = e.max()\nr = p.mean()"], []),
    ],
)
def test_what_the_analysis_says_is_held_where_every_candidate_keeps_it(candidates: list[str], meant: list[str]) -> None:
    assert list(meant_constant([ast.parse(THRESHOLD)], candidates, ["e.max().item()"]).values()) == meant


def test_one_of_two_that_read_alike_is_held_by_its_line() -> None:
    original = ast.parse("w = f(p.numpy())\nr = g(p.numpy())")
    found = meant_constant([original, original], ["w = f(p.numpy())\nr = h(p)"], ["p.numpy()"])

    assert list(found) == [(1, 6, 1, 15)]


GUARDED = "with torch.no_grad():\n    hard = p - y\nr = p.mean().item()"


@pytest.mark.parametrize(
    ("candidates", "held", "meant"),
    [
        ([GUARDED], ["torch.no_grad()"], ["p - y"]),
        ([GUARDED.replace(".item()", "")], ["torch.no_grad()"], ["p - y"]),
        # the analysis does not say so
        ([GUARDED], [], []),
        # the guard is opened
        (["hard = p - y\nr = p.mean()"], ["torch.no_grad()"], []),
        ([GUARDED, "hard = p - y\nr = p.mean()"], ["torch.no_grad()"], []),
    ],
)
def test_what_is_made_under_a_guard_that_stays(candidates: list[str], held: list[str], meant: list[str]) -> None:
    assert list(meant_constant([ast.parse(GUARDED)], candidates, held).values()) == meant


def test_what_a_guarded_helper_returns() -> None:
    helper = "@torch.no_grad()\ndef hard(p, y):\n    return p - y"

    assert list(meant_constant([ast.parse(helper)], [helper], ["torch.no_grad()"]).values()) == ["p - y"]
    assert meant_constant([ast.parse(helper)], [helper.partition("\n")[2]], ["torch.no_grad()"]) == {}


HEAD = "import numpy as np\nimport torch\n"
AROUND = """
def loss(value, ret, logp):
    CUT
    ratio = RATIO
    return -(ratio * adv).mean() + ((ret - value) ** 2).mean()
"""
MARKED = "value:p ret:t logp:p"
MEANT = "adv = ret - value.detach()"
UNNAMED = "diff = ret - value.detach()"
BROKEN = "torch.from_numpy(np.exp(logp.detach().numpy()))"


def text(cut: str, ratio: str) -> str:
    return HEAD + AROUND.replace("CUT", cut).replace("RATIO", ratio)


@pytest.mark.torch
@pytest.mark.parametrize("cut", [MEANT, "with torch.no_grad(): adv = ret - value"])
def test_a_right_patch_is_proven_with_it_held(verifier: Verifier, cut: str) -> None:
    verdict = verifier.verify(request("torch", "loss", MARKED, text(cut, BROKEN), text(cut, "torch.exp(logp)")))
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert all("held fixed" in each for each in verdict.evidence.inputs)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("before", "after"),
    [
        # what is lost elsewhere is lost still
        ((MEANT, BROKEN), (MEANT, "torch.exp(logp.detach())")),
        # half of it
        ((MEANT, BROKEN), (MEANT, "0.5 * torch.exp(logp) + 0.5 * torch.exp(logp.detach())")),
        # the patch cuts more than the original does
        (("adv = ret - value", BROKEN), (MEANT, "torch.exp(logp)")),
        # or less: the value is the same, and so is what the author meant
        ((MEANT, BROKEN), (f"{MEANT} + 0.5 * (value - value.detach())", "torch.exp(logp)")),
        # the name says nothing of the kind
        ((f"{UNNAMED}; adv = diff", BROKEN), (f"{UNNAMED}; adv = diff", "torch.exp(logp)")),
    ],
)
def test_a_wrong_patch_is_refused(verifier: Verifier, before: tuple[str, str], after: tuple[str, str]) -> None:
    verdict = verifier.verify(request("torch", "loss", MARKED, text(*before), text(*after)))
    assert verdict.status == "rejected", verdict


DEAD = (
    HEAD
    + """

def spread_loss(pred, y):
    CONSTANT
    return LOSS


def step(model, x, y):
    spread_loss(model(x), y).backward()
"""
)
ERROR = "torch.from_numpy(np.abs(pred.detach().numpy() - y.numpy()))"


@pytest.mark.torch
@pytest.mark.parametrize(
    ("constant", "loss", "fixed"),
    [
        ("s = float(np.std(pred.detach().numpy())) + 1e-6", f"{ERROR}.mean() / s", "torch.abs(pred - y).mean() / s"),
        ("m = pred.detach().mean(0)", "torch.tensor(np.mean(((pred - m).detach().numpy() - y.numpy()) ** 2))",
         "torch.mean((pred - m - y) ** 2)"),
        ("soft = torch.sigmoid(pred); st = soft + (soft.round() - soft).detach()",
         "torch.tensor(np.mean(np.square(st.detach().numpy() - y.numpy())))", "torch.mean(torch.square(st - y))"),
        ("with torch.no_grad(): w = torch.exp(-pred)", f"(w * {ERROR}).sum()", "(w * torch.abs(pred - y)).sum()"),
        ("w = torch.softmax(pred.detach(), 0)", f"(w * {ERROR}).sum()", "(w * torch.abs(pred - y)).sum()"),
    ],
)  # fmt: skip
def test_a_constant_of_any_name_is_held_where_the_fix_keeps_it(
    verifier: Verifier, constant: str, loss: str, fixed: str
) -> None:
    outcome = fix_source(DEAD.replace("CONSTANT", constant).replace("LOSS", loss), "loss.py", verifier)

    assert f"    {constant}\n    return {fixed}\n" in outcome.text
    evidence = outcome.findings[0].fix.evidence
    assert evidence is not None
    assert all("held fixed" in each for each in evidence.inputs)


@pytest.mark.torch
def test_what_is_flat_with_its_constants_held_stays_so(verifier: Verifier) -> None:
    constant, loss = "w = pred.detach()", "torch.tensor(np.mean(np.round(pred.detach().numpy())) * w.mean().item())"
    text = DEAD.replace("CONSTANT", constant).replace("LOSS", loss)

    assert fix_source(text, "loss.py", verifier).text == text
