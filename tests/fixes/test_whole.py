"""What one differentiated value needs is fixed as a whole: run end to end, and with answers made up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.model import Request
from autofix.pipeline import fix_source
from autofix.source.edits import apply_edits
from autofix.verify.verifier import Verifier
from tests.test_pipeline import VERIFIED, Told

pytestmark = pytest.mark.torch

HEAD = "import numpy as np\nimport torch\nfrom scipy import ndimage\n\n\n"
DATA = """def data_term(pred, target):
    d = pred.detach().numpy() - target.numpy()
    return torch.tensor(np.mean(d ** 2))


"""
LOG = """def log_term(pred, target):
    return torch.tensor(np.log1p(np.abs(pred.detach().numpy() - target.numpy())).sum())


"""
SURFACE = """def surface_term(pred, target):
    return torch.tensor(np.abs(ndimage.distance_transform_edt(pred.detach().numpy() > 0)).mean())


"""
STEP = """def step(net, opt, x, y):
    pred = net(x)
    loss = {loss}
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
WHOLE = {
    "both terms of a sum": DATA + LOG + STEP.format(loss="data_term(pred, y) + 0.1 * log_term(pred, y)"),
    "a loss and the step that wraps its result": """def rmse(pred, target):
    return np.sqrt(np.mean((pred.detach().numpy() - target.numpy()) ** 2))


"""
    + STEP.format(loss="torch.tensor(float(rmse(pred, y)), requires_grad=True)"),
}
HALF = {
    "a term that has no gradient": (
        DATA + SURFACE + STEP.format(loss="data_term(pred, y) + surface_term(pred, y)"),
        "`surface_term` in line 12 cannot be fixed: a distance transform is computed from Booleans, so it has no "
        "gradient; "
        "without it, only a part of the loss would train",
    ),
    "a step that rounds the result": (
        DATA + STEP.format(loss="torch.round(100 * data_term(pred, y)).requires_grad_()"),
        "until it is fixed, the loss gets no gradient",
    ),
    "a helper that wraps the result": (
        "def wrap(value):\n"
        "    return torch.autograd.Variable(torch.FloatTensor([float(value)]), requires_grad=True)\n\n\n"
        + DATA
        + STEP.format(loss="wrap(data_term(pred, y))"),
        "`wrap` in line 7 cannot be fixed",
    ),
    "a loss that another sum needs too": (
        DATA
        + SURFACE
        + STEP.format(loss="data_term(pred, y) + surface_term(pred, y)")
        + "\n\n"
        + STEP.replace("step(net, opt", "fine_tune(net, opt", 1).format(loss="data_term(pred, y)"),
        "without it, only a part of the loss would train",
    ),
    "terms that a loop adds up": (
        DATA
        + SURFACE
        + "LOSSES = {'data': data_term, 'surface': surface_term}\n\n\n"
        + STEP.format(loss="sum(loss_fn(pred, y) for loss_fn in LOSSES.values())"),
        "in line 20 iterates over functions, one of which would return a tensor",
    ),
    "a term whose code is not checked": (
        DATA
        + "def smooth(pred):\n    return pred.abs().mean().item()\n\n\n"
        + STEP.format(loss="data_term(pred, y) + smooth(pred)"),
        "is excluded by --select or --ignore",
    ),
}
APART = {
    "the losses of two optimizers": DATA
    + SURFACE
    + STEP.format(loss="data_term(pred, y)")
    + "\n\n"
    + STEP.replace("step(net, opt", "other_step(net, opt", 1).format(loss="surface_term(pred, y)"),
    "a function that trains with either": DATA
    + SURFACE
    + "def train(net, loss_fn, x, y):\n    loss_fn(net(x), y).backward()\n\n\n"
    "net = torch.nn.Linear(4, 3)\nx, y = torch.randn(8, 4), torch.randn(8, 3)\n"
    "train(net, data_term, x, y)\ntrain(net, surface_term, x, y)\n",
    "an entry of a table": DATA
    + SURFACE
    + "LOSSES = {'data': data_term, 'surface': surface_term}\n\n\n"
    + STEP.replace("x, y)", "x, y, name)", 1).format(loss="LOSSES[name](pred, y)"),
    "a table whose entries are only handed on": DATA
    + SURFACE
    + "LOSSES = {'data': data_term, 'surface': surface_term}\n\n\n"
    "def named(check):\n    return {name: check(each) for name, each in LOSSES.items()}\n\n\n"
    + STEP.replace("x, y)", "x, y, name)", 1).format(loss="LOSSES[name](pred, y)"),
    "one arm of a branch": DATA
    + SURFACE
    + "def step(net, opt, x, y, name):\n    pred = net(x)\n    if name == 'data':\n"
    "        loss = data_term(pred, y)\n    else:\n        loss = surface_term(pred, y)\n"
    "    loss.backward()\n    opt.step()\n",
    "a function that returns early": DATA.replace("term", "loss")
    + SURFACE.replace("term", "loss")
    + "def either(pred, y, name):\n    if name == 'data':\n        return data_loss(pred, y)\n"
    "    return surface_loss(pred, y)\n\n\n"
    + STEP.replace("x, y)", "x, y, name)", 1).format(loss="either(pred, y, name)"),
    "one arm of a branch, the other made of ranks": DATA + "def rank_term(pred, target):\n"
    "    ranks = np.argsort(pred.detach().numpy()) != np.argsort(target.numpy())\n"
    "    return torch.tensor(np.mean(ranks))  # distance_transform_edt(pred.detach()\n\n\n"
    "def step(net, opt, x, y, name):\n    pred = net(x)\n    if name == 'data':\n"
    "        loss = data_term(pred, y)\n    else:\n        loss = rank_term(pred, y)\n"
    "    loss.backward()\n    opt.step()\n",
    "a loss that trained in part before": DATA
    + SURFACE
    + STEP.format(loss="torch.abs(pred - y).mean() + data_term(pred, y) + surface_term(pred, y)"),
    "a term that a comment hides": DATA
    + SURFACE.replace(".mean())", ".mean())  # autofix: ignore")
    + STEP.format(loss="data_term(pred, y) + surface_term(pred, y)"),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None) as one:
        yield one


@pytest.mark.parametrize("source", WHOLE.values(), ids=list(WHOLE))
def test_all_that_a_value_needs_is_fixed_in_one_group(source: str, verifier: Verifier) -> None:
    outcome = fix_source(HEAD + source, "a.py", verifier)

    assert "numpy()" not in outcome.text
    assert {finding.fix.group for finding in outcome.findings} == {1}
    assert {finding.fix.status for finding in outcome.findings} == {"verified"}
    for finding in outcome.findings:
        assert apply_edits(HEAD + source, finding.fix.edits) == outcome.text
    assert fix_source(outcome.text, "a.py", verifier).findings == ()


@pytest.mark.parametrize(("source", "reason"), HALF.values(), ids=list(HALF))
def test_half_a_fix_is_none(source: str, reason: str, verifier: Verifier) -> None:
    ignored = ["AF104"] if "smooth" in source else []
    outcome = fix_source(HEAD + source, "a.py", verifier, ignore=ignored)

    assert outcome.text == HEAD + source
    assert "verified" not in {finding.fix.status for finding in outcome.findings}
    (told,) = [finding.fix.reason for finding in outcome.findings if finding.loss == "data_term"]
    assert reason in told


@pytest.mark.parametrize("source", APART.values(), ids=list(APART))
def test_what_trains_by_itself_is_fixed_by_itself(source: str, verifier: Verifier) -> None:
    outcome = fix_source(HEAD + source, "a.py", verifier)

    fixed = [finding for finding in outcome.findings if finding.fix.status == "verified"]
    assert [(finding.loss.partition("_")[0], finding.fix.group) for finding in fixed] == [("data", 0)]
    assert "d = pred - target" in outcome.text and "distance_transform_edt(pred.detach()" in outcome.text


def test_what_is_cut_on_purpose_is_no_fault_once_the_other_loss_trains_again(verifier: Verifier) -> None:
    source = HEAD + (
        "enc, dec, critic = torch.nn.Linear(8, 3), torch.nn.Linear(3, 8), torch.nn.Linear(3, 1)\n"
        "opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()])\n"
        "opt_critic = torch.optim.Adam(critic.parameters())\nx = torch.randn(16, 8)\n\n\n"
        "def rec_loss(a, b):\n    return torch.tensor(np.mean((a.detach().numpy() - b.numpy()) ** 2))\n\n\n"
        "for _ in range(2):\n    z = enc(x)\n    rec_loss(dec(z), x).backward()\n    opt.step()\n"
        "    (critic(z.detach()).mean() - critic(torch.randn(16, 3)).mean()).backward()\n    opt_critic.step()\n"
    )

    outcome = fix_source(source, "a.py", verifier)

    assert [(finding.loss, finding.fix.status) for finding in outcome.findings] == [("rec_loss", "verified")]
    assert "critic(z.detach())" in outcome.text


def test_no_question_is_asked_twice_when_a_fix_is_reverted() -> None:
    told = Told([VERIFIED])

    fix_source(HEAD + HALF["a term that has no gradient"][0], "a.py", told)

    assert len(told.asked) == len(set(map(_key, told.asked)))


def _key(request: Request) -> tuple[str, tuple[str, ...]]:
    return request.original, request.candidates


SHARED = """def soft(z):
    return np.log1p(np.exp(z))


def first(pred):
    return torch.tensor(np.mean(soft(pred.detach().numpy())))


def second(pred):
    return torch.tensor({second})


"""
APART = """net, other = torch.nn.Linear(2, 2), torch.nn.Linear(2, 2)
x = torch.ones(3, 2)
first(net(x)).backward()
second(other(x)).backward()
"""


@pytest.mark.parametrize(
    ("second", "is_fixed"),
    [
        ("np.mean(soft(-pred.detach().numpy()))", True),
        ("ndimage.distance_transform_edt(soft(-pred.detach().numpy()) > 0).mean()", False),
        ("ndimage.distance_transform_edt(-pred.detach().numpy() > 0).mean()", None),
    ],
)
def test_a_helper_that_a_loss_without_a_fix_calls_stays_as_it_is(second: str, is_fixed: bool | None) -> None:
    """`None`: that loss does not call it, and the first is fixed with its helper."""
    text = HEAD + SHARED.format(second=second) + APART

    outcome = fix_source(text, "a.py", Told([VERIFIED]))

    helper = "return torch.log1p(torch.exp(z))" in outcome.text
    assert helper is (is_fixed is not False)
    if is_fixed is False:
        assert outcome.text == text or "def soft(z):\n    return np.log1p(np.exp(z))" in outcome.text


def test_a_method_that_a_loss_without_a_fix_calls_stays_as_it_is() -> None:
    second = "ndimage.distance_transform_edt(self.soft(-pred.detach().numpy()) > 0).mean()"
    functions = SHARED.format(second=second).replace("soft(pred", "self.soft(pred").rstrip()
    methods = "\n".join(f"    {line}" if line else "" for line in functions.splitlines())
    methods = methods.replace("soft(z)", "soft(self, z)").replace("(pred)", "(self, pred)")
    steps = APART.replace("first(", "Terms().first(").replace("second(", "Terms().second(")
    text = f"{HEAD}class Terms:\n{methods}\n\n\n{steps}"

    outcome = fix_source(text, "a.py", Told([VERIFIED]))

    assert "def soft(self, z):\n        return np.log1p(np.exp(z))" in outcome.text
