"""What a comment says of the inputs of a loss: read, refused with what was expected, and used for the proof."""

from __future__ import annotations

from typing import Any

import pytest

from autofix.model import Outcome
from autofix.pipeline import fix_source
from autofix.runner import Verifiers, fix_all
from autofix.source.files import Source
from autofix.trial.stated import CommentError, check_comments, read_comment
from autofix.verify.verifier import Verifier
from tests.trial.test_inputs import ranked
from tests.verify.asking import request


def stated(arguments: str) -> dict[str, dict[str, Any]]:
    found = read_comment(f"# autofix: inputs({arguments})", 1)
    return {name: {key: value for key, value in one.items() if key != "stated"} for name, one in found.items()}


READ = {
    "p=float[8, 10]": {"kind": "normal", "shape": [8, 10]},
    "p=float": {"kind": "normal", "shape": []},
    "p=0 < float[8] < 1": {"kind": "uniform", "shape": [8], "low": 0.02, "high": 0.98},
    "p=float[8] > 0": {"kind": "uniform", "shape": [8], "low": 0.04, "high": 1.96},
    "p=int[8] < 10": {"kind": "labels", "shape": [8], "low": 0, "classes": 10},
    "p=1 <= int[8] <= 3": {"kind": "labels", "shape": [8], "low": 1, "classes": 4},
    "p=0 < int[8] < 3": {"kind": "labels", "shape": [8], "low": 1, "classes": 3},
    "p=bool[8, 10]": {"kind": "bool", "shape": [8, 10]},
    "p=prob[8, 10]": {"kind": "simplex", "shape": [8, 10]},
    "p=onehot[8, 10]": {"kind": "onehot", "shape": [8, 10]},
    "p=0.5": {"kind": "value", "value": 0.5},
    "p='mean'": {"kind": "value", "value": "mean"},
    "p=None": {"kind": "value", "value": None},
    "p=[1, 2]": {"kind": "value", "value": [1, 2]},
}


@pytest.mark.parametrize("written", READ)
def test_what_is_said_of_one_argument(written: str) -> None:
    assert stated(written) == {"p": READ[written]}


def test_several_arguments_and_several_tensors_in_one() -> None:
    found = stated("batch={'x': float[8, 3], 'y': int[8] < 4}, pair=(float[2], float[3])")
    assert [found["batch"]["keys"], [one["shape"] for one in found["pair"]["items"]]] == [["x", "y"], [[2], [3]]]


MALFORMED = {
    "(p=flaot[8])": "expected a tensor such as",
    "(p=float[8.5])": "expected integers",
    "(p=float[n])": "expected integers",
    "(p=bool[8] < 1)": "only float and int have bounds",
    "(p=0 < float[8] < q)": "expected a number as a bound",
    "(p=3 < float[8] < 1)": "no number between",
    "(p=float[8] == 1)": "expected bounds such as",
    "(float[8])": "a name for each parameter",
    "()": "a name for each parameter",
    "(p=": "cannot be read",
    ": p=1": "cannot be read",
    "(p={1: float[8]})": "expected strings as the keys",
}


@pytest.mark.parametrize("written", MALFORMED)
def test_what_cannot_be_read_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(CommentError) as caught:
        check_comments(f"import torch\n# autofix: inputs{written}\ndef loss(p):\n    return p\n")
    assert str(caught.value).startswith("line 2: ")
    assert MALFORMED[written] in str(caught.value)


@pytest.mark.parametrize("text", ["", "# autofix: ignore", "# inputs(p=flaot)", "s = 'autofix: inputs(p=flaot)'"])
def test_other_comments_are_none_of_it(text: str) -> None:
    check_comments(text)


def test_one_bad_comment_leaves_the_other_files_alone() -> None:
    bad, good = (Source(name, b"", text, "utf-8") for name, text in (
        ("bad.py", "import torch\n# autofix: inputs(p=flaot[8])\ndef loss(p):\n    return float(p)\n"),
        ("good.py", "import torch\nx = 1\n"),
    ))  # fmt: skip

    def fix(text: str, path: str, verifier: Verifier | None) -> Outcome:
        return fix_source(text, path, verifier)

    with Verifiers(None) as verifiers:
        results = list(fix_all([bad, good], fix, verifiers, 1))
    assert results[0].problem is not None
    assert results[0].problem.message.startswith("line 2: p=flaot[8]: expected a tensor such as")
    assert (results[0].trace, results[1].problem) == ("", None)


def test_what_is_told_of_one_argument_leaves_the_others_to_be_guessed() -> None:
    text = "# autofix: inputs(y_true=int[8] < 4)\n@decorator\ndef loss(y_pred, y_true):\n    return y_pred - y_true\n"
    found = ranked(text, "y_pred:p y_true:t")
    assert all(one["y_true"]["classes"] == 4 for one in found)
    assert found[0]["y_pred"]["shape"] == [8, 10]


ODD = """
import numpy as np
import torch

{}
def loss(y_pred, order, mode):
    assert y_pred.shape == (3, 7) and mode == "cubic" and order == 3
    return {}
"""


@pytest.mark.torch
def test_inputs_that_nobody_could_guess() -> None:
    comment = '# autofix: inputs(y_pred=float[3, 7], order=3, mode="cubic")'
    bodies = "torch.tensor(np.mean(np.abs(y_pred.detach().numpy()) ** order))", "(y_pred.abs() ** order).mean()"
    with Verifier(None, timeout=60.0) as verifier:
        with_it = request("torch", "loss", "y_pred:p order:u mode:u", *(ODD.format(comment, one) for one in bodies))
        without = request("torch", "loss", "y_pred:p order:u mode:u", *(ODD.format("", one) for one in bodies))
        unknown = request(
            "torch", "loss", "y_pred:p", *(ODD.format("# autofix: inputs(pred=1)", one) for one in bodies)
        )
        assert verifier.verify(with_it).status == "verified"
        assert verifier.verify(without).status == "unverifiable"
        with pytest.raises(CommentError, match="no parameter pred; it has y_pred, order, mode"):
            verifier.verify(unknown)
