"""What is said to the user names lines, cells and expressions of the user's file, and nothing that was generated."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from autofix.model import Generated, Request, Target, Verdict
from autofix.pipeline import fix_source
from autofix.source.edits import Origin
from autofix.syntax.spans import at_line, lines_in_words, lines_of, moved, said
from autofix.verify.verifier import Verifier
from autofix.verify.wording import in_words_of_the_file

pytestmark = pytest.mark.torch

HEAD = "import numpy as np\nimport torch\n\n\n"
PROGRAMS = {
    "a step whose loss has no such attribute": """class Agent:
    def __init__(self, net, memory, opt):
        self.net, self.memory, self.opt = net, memory, opt

    def learn(self):
        batch = self.memory.sample(32)
        values = self.net(batch.states)
        picked = values.detach().numpy()[np.arange(32), batch.actions.places()]
        loss = torch.tensor(((batch.returns - picked) ** 2).mean(), requires_grad=True)
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
""",
    "a lambda in a table": """LOSSES = {
    "odd": lambda p, y: torch.tensor(np.mean(np.abs(p.odd().detach().numpy() - y.numpy()))),
}


def step(model, x, y, name):
    LOSSES[name](model(x), y).backward()
""",
    "a method of an object that is not there": """class Alignment:
    def __init__(self, table):
        self.table = table

    def loss(self, lattice):
        path = self.table.decode(lattice.graph)
        return torch.tensor(np.log(lattice.score(path).detach().numpy()).sum())


def train(model, table, batches):
    alignment = Alignment(table)
    for batch in batches:
        loss = alignment.loss(model(batch))
        loss.requires_grad_()
        loss.backward()
""",
    "a method that takes nothing": """class Energy(torch.nn.Module):
    def __init__(self, sampler):
        super().__init__()
        self.sampler = sampler
        self.field = torch.nn.Parameter(torch.zeros(5))

    def energy_loss(self):
        state = self.sampler.draw(self.field) + "none"
        return torch.tensor(float(np.mean(state.detach().numpy())))


def run(sampler):
    loss = Energy(sampler).energy_loss()
    loss.requires_grad_()
    loss.backward()
""",
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None) as one:
        yield one


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=list(PROGRAMS))
def test_a_reason_names_lines_and_parameters_of_the_file(source: str, verifier: Verifier) -> None:
    text = HEAD + source

    outcome = fix_source(text, "a.py", verifier)

    assert outcome.findings
    for finding in outcome.findings:
        told = finding.fix.reason
        assert all(int(line) <= text.count("\n") for line in re.findall(r"line (\d+)", told))
        for comment in re.findall(r"inputs\((.*?)\)", told):
            names = re.findall(r"(\w+)=", comment)
            assert names and "self" not in names and all(re.search(rf"\({name}\b|, {name}\b", text) for name in names)
        assert "of_the_" not in told and "autofix_" not in told and "model_output" not in told


def test_a_line_of_the_step_is_named_where_it_stands(verifier: Verifier) -> None:
    outcome = fix_source(HEAD + PROGRAMS["a step whose loss has no such attribute"], "a.py", verifier)

    assert "has no attribute 'places' in line 12)" in outcome.findings[0].fix.reason


def test_evidence_names_what_the_step_computes(verifier: Verifier) -> None:
    step = "net = torch.nn.Linear(4, 3)\nx, y = torch.randn(8, 4), torch.randn(8, 3)\n"
    step += "loss = (net(x).detach() - y).abs().mean()\nloss.requires_grad_()\nloss.backward()\n"
    outcome = fix_source(HEAD + step, "a.py", verifier)

    evidence = outcome.findings[0].fix.evidence
    assert evidence is not None
    assert evidence.inputs[0] == "net(x) float[8, 3], y float[8, 3]"


def test_a_line_of_a_fixed_text_is_told_as_one_of_the_file() -> None:
    origin = Origin("a\nb\nc\nd\n", "a\nd\nnew\n")

    assert [origin.line(line) for line in (1, 2, 3)] == [1, 4, None]


def test_lines_are_moved_said_and_left_out() -> None:
    text = f"needs x from {at_line(3)} (a while in {at_line(7)}); lost at `y` ({at_line(9)})"

    told = said(moved(text, {3: 30, 7: 70, 9: 90}.get), "")
    assert told == "needs x from line 30 (a while in line 70); lost at `y` (line 90)"
    assert said(moved(text, {3: 30}.get), "") == "needs x from line 30 (a while); lost at `y`"
    assert said(moved(text, {9: 90}.get), "") == "needs x (a while); lost at `y` (line 90)"


def test_what_the_users_own_exception_says_of_lines_stays() -> None:
    error = "ValueError: bad record in line 12"

    assert said(moved(error, lambda line: None), "") == error


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ('failed: File "src/a.py", line 23, in step', "failed: line 8, in step"),
        ("invalid syntax (a.py, line 23)", "invalid syntax (line 8)"),
        ("see src/a.py:23 for more", "see line 8 for more"),
        ("expected 'else' (a.py, line 21)", "expected 'else'"),  # a line that only the generated function has
        ("invalid syntax (a.py (patched), line 30)", "invalid syntax (the patched file)"),
    ],
)
def test_a_line_of_the_run_text_in_an_exception_is_said_as_one_of_the_file(error: str, shown: str) -> None:
    generated = Generated(20, {23: 8})
    request = Request("src/a.py", "torch", Target("loss_of_the_step", 20, ()), "", (), generated=generated)

    assert said(in_words_of_the_file(Verdict("unverifiable", error), request).reason, "") == shown


@pytest.mark.parametrize(
    "error",
    [
        'File "<string>", line 23',
        'File "lib/src/a.py", line 23',  # another file of that name
        "invalid syntax (<string>, line 23)",
        "invalid syntax (data.py, line 23)",
        "bad record (line 23)",
        "lib/src/a.py:23 is missing",
    ],
)
def test_lines_of_other_texts_in_an_exception_stay(error: str) -> None:
    assert lines_in_words(error, "src/a.py") == error


TRACED = """import traceback

model = torch.nn.Linear(3, 1)
x, y = torch.zeros(4, 3), torch.zeros(4, 1)
for _ in range(2):
    # from here on the lines of the lifted step

    # are others
    p = model(x)
    try:
        q = p.odd()
    except AttributeError:
        raise RuntimeError("failed: " + traceback.format_exc().splitlines()[1].strip())
    loss = torch.tensor(np.abs(q.detach().numpy() - y.numpy()).mean(), requires_grad=True)
    loss.backward()
"""


def test_a_traceback_in_the_words_of_an_exception_names_lines_of_the_file(verifier: Verifier) -> None:
    outcome = fix_source(HEAD + TRACED, "a.py", verifier)

    assert "RuntimeError: failed: line 15, in the loss in line 17" in outcome.findings[0].fix.reason


def test_generated_names_are_said_as_the_file_writes_them() -> None:
    generated = Generated(20, {21: 8}, {"model_output": "net(x)"})
    request = Request("a.py", "torch", Target("loss_of_the_step", 20, ()), "", (), generated=generated)
    reason = f"no gradient reaches model_output; loss_of_the_step() fails in {at_line(21)}; __autofix_slice__.Odd"

    told = in_words_of_the_file(Verdict("rejected", reason), request)

    assert said(told.reason, "") == "no gradient reaches net(x); the loss fails in line 8; Odd"


def test_each_line_of_a_statement_that_is_written_anew_knows_where_it_stood() -> None:
    import ast

    [block] = ast.parse("if a:\n\n    b = (1 +\n         2)\nelse:\n    # why\n    c = 3\n").body

    assert lines_of(block) == [("if a:", 1), ("    b = 1 + 2", 3), ("else:", 3), ("    c = 3", 7)]
