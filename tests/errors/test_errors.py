"""The errors that messages quote are those that the frameworks raise, and the cures that are called none are none."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from autofix.analysis.explanations import Explainer
from autofix.analysis.finding.search import diagnose
from autofix.knowledge.causes import page
from autofix.model import Elsewhere, Explanation
from tests.errors import tensorflow_programs, torch_programs

HERE = Path(__file__).parent
TORCH, TENSORFLOW = torch_programs.PROGRAMS, tensorflow_programs.PROGRAMS


@cache
def said(framework: str) -> dict[str, str]:
    """Return what each program of a framework raises."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    command = [sys.executable, str(HERE / f"{framework}_programs.py")]
    child = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=600)
    assert child.returncode == 0, child.stderr
    found: dict[str, str] = json.loads(child.stdout)
    return found


def explained(program: str) -> Explanation:
    """Return what is said of a program's first fault."""
    tree = ast.parse(program)
    (fault, *_) = diagnose(tree, program)
    return Explainer(tree, program).explain(fault.cuts[0], fault)


def _is_quoted(error: str, raised: str) -> bool:
    return re.search(".*".join(map(re.escape, error.split("…"))), raised, re.DOTALL) is not None


def _is_number(raised: str) -> bool:
    return re.fullmatch(r"[\d.e+-]+", raised) is not None


@pytest.mark.torch
@pytest.mark.parametrize("name", TORCH)
def test_pytorch_says_what_is_quoted(name: str) -> None:
    error, raised = explained(TORCH[name]).error, said("torch")[name]

    assert _is_quoted(error, raised) if error else _is_number(raised) or raised == "None", raised


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", TENSORFLOW)
def test_tensorflow_says_what_is_quoted(name: str) -> None:
    error, raised = explained(TENSORFLOW[name]).error, said("tensorflow")[name]

    assert _is_quoted(error, raised) if error else _is_number(raised) or raised == "", raised


@pytest.mark.torch
@pytest.mark.parametrize("note", torch_programs.CURES)
def test_a_cure_of_pytorch_takes_the_error_away_and_gives_no_gradient(note: str) -> None:
    assert said("torch")[note] in ("None", "element 0 of tensors does not require grad and does not have a grad_fn")
    assert any(explained(program).note.startswith(note) for program in TORCH.values())


@pytest.mark.tensorflow
def test_a_cure_of_tensorflow_gives_no_gradient() -> None:
    zero, *eager = tensorflow_programs.CURES

    assert float(said("tensorflow")[zero]) == 0
    assert all("No gradients provided" in said("tensorflow")[note] for note in eager)
    for note in tensorflow_programs.CURES:
        assert any(explained(program).note.startswith(note) for program in TENSORFLOW.values())


@pytest.mark.parametrize("program", [*TORCH.values(), *TENSORFLOW.values()], ids=[*TORCH, *TENSORFLOW])
def test_the_page_of_a_cause_names_its_error_so_that_a_search_finds_it(program: str) -> None:
    cut = diagnose(ast.parse(program), program)[0].cuts[0]
    sentence = re.split(r"…|\. |\.$| Set | \(or ", explained(program).error)[0]
    quoted = re.sub(r"^\w+\(\):? |^'\w+' ", "", sentence)  # whose error it is may differ

    assert quoted.strip(" `(:") in " ".join((page(cut.code) or "").split()), cut.code


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("abs", "`.detach()`"),
        ("mean", "`.detach()`"),
        ("detach", "`loss.requires_grad = True`"),
        ("item", "`torch.tensor(loss, requires_grad=True)`"),
        ("remade, grad", "`allow_unused=True`"),
    ],
)
def test_a_cure_is_named_where_people_try_it(name: str, fits: str) -> None:
    assert explained(TORCH[name]).note.startswith(fits)


@pytest.mark.parametrize("name", ["partly", "round", "vector", "remade", "floor division", "builtin round"])
def test_no_cure_is_named_where_none_is_usual(name: str) -> None:
    assert explained(TORCH[name]).note == ""


def test_a_part_that_never_trains_is_said_to_where_the_rest_does() -> None:
    assert "the rest of the loss still trains" in explained(TORCH["partly"]).what
    assert "the rest of the loss still trains" not in explained(TORCH["partly numpy"]).what  # it stops with an error


def test_the_message_is_one_line_with_the_way_and_the_error() -> None:
    assert explained(TORCH["abs"]).line == (
        "`np.abs(p - y)` is computed by NumPy, outside the graph; the gradient is lost here (path: "
        "`p`; raises \"Can't call numpy() on Tensor that requires grad. Use "
        'tensor.detach().numpy() instead.")'
    )
    assert explained(TORCH["partly"]).line.endswith("the gradient is lost here (path: `p`)")


@pytest.mark.parametrize(
    ("operation", "code", "expected"),
    [
        ("np.abs(s)", "AF101", "Can't call numpy()"),
        ("numpy.mean(s, axis=0)", "AF101", "mean() got an unexpected keyword argument 'axis'"),
        ("np.mean([a, b])", "AF101", "Can't call numpy()"),
        ("s.numpy()", "AF102", "Can't call numpy()"),
        ("expit(s)", "AF107", "Can't call numpy()"),
        ("s.detach().numpy()", "AF102", "element 0 of tensors"),
        ("s.detach()", "AF103", "element 0 of tensors"),
        ("math.sqrt(s)", "AF106", "element 0 of tensors"),
        ("torch.tensor(s)", "AF105", "element 0 of tensors"),
    ],
)
def test_what_another_file_does_is_told_by_its_text(operation: str, code: str, expected: str) -> None:
    program = TORCH["detach"]
    tree = ast.parse(program)
    (fault,) = diagnose(tree, program)
    cut = replace(fault.cuts[0], code=code, elsewhere=Elsewhere("other.py", 3, operation))

    said = Explainer(tree, program).explain(cut, replace(fault, cuts=(cut,)))

    assert said.error.startswith(expected)
    assert f"leads to other.py:3, where `{operation}` " in said.what
