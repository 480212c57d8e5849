"""Losses that are lambdas without a name: the one that is meant is found among others and proven."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from autofix.model import Reason, Request, Target
from autofix.trial.requests import lambda_request
from autofix.verify.verifier import Verifier
from tests.verify.asking import parameters

HEAD = "import numpy as np\nimport torch\n"
TABLE = HEAD + "LOSSES = {'mse': lambda p, t: ((p - t) ** 2).mean(), 'cosh': lambda p, t: LOSS}\n"
ORIGINAL = "torch.tensor(np.mean(np.log(np.cosh((p - t).detach().numpy()))))"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def asked(original: str, *candidates: str, number: int = 1) -> Request | Reason:
    nodes = [each for each in ast.walk(ast.parse(original)) if isinstance(each, ast.Lambda)]
    target = Target("<lambda>", nodes[number].lineno, parameters("p:p t:t"))
    return lambda_request("a.py", "torch", target, nodes[number], original, candidates)


@pytest.mark.torch
@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ("torch.mean(torch.log(torch.cosh(p - t)))", "verified"),
        ("torch.mean(torch.log(torch.cosh((p - t).detach())))", "rejected"),
        ("((p - t) ** 2).mean()", "rejected"),
    ],
)
def test_an_entry_of_a_table(verifier: Verifier, patch: str, status: str) -> None:
    found = asked(TABLE.replace("LOSS}", ORIGINAL + "}"), "import math\n" + TABLE.replace("LOSS}", patch + "}"))
    assert isinstance(found, Request)
    assert verifier.verify(found).status == status


def test_another_lambda_of_the_line_is_not_taken_for_it() -> None:
    found = asked(TABLE.replace("LOSS}", ORIGINAL + "}"), number=0)
    assert isinstance(found, Request)
    assert found.original.endswith("loss_of_the_module = lambda p, t: ((p - t) ** 2).mean()\n")


def test_a_lambda_of_a_function_sees_more_than_the_module() -> None:
    found = asked("def make(w):\n    return lambda p, t: float(w * (p - t))\n", number=0)
    assert isinstance(found, Reason)


def test_candidates_with_other_lambdas_cannot_be_compared() -> None:
    assert isinstance(asked(TABLE, TABLE + "more = lambda x: x\n"), Reason)
