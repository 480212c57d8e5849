"""What a run saw beside what the source shows: what is confirmed stays as it is, and nothing contradicts the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from autofix.analysis.explanations import what_happens
from autofix.model import Cut, Lost, Place, Site, Span, Verdict
from autofix.pipeline import fix_source
from autofix.syntax.spans import said
from autofix.verify.wording import beside
from tests.test_pipeline import BROKEN, Told

TEXT = "line\n" * 30
CUT = Cut("AF102", Span(5, 5, 5, 20), "e.numpy()", True)
REASON = "no gradient reaches y_pred"


def site(line: int, path: str = "", expression: str = "x.item()") -> Site:
    return Site(path, Span(line, 9, line, 17), expression, "loss")


def place(*sites: Site, code: str = "AF104", explicit: bool = True) -> Place:
    return Place(code, explicit, sites)


def told(*places: Place, left: tuple[Place, ...] = (), run: tuple[int, ...] = (5, 9), partly: bool = False) -> str:
    """The cuts by line, then the remark."""
    verdict = Verdict("rejected", REASON, lost=Lost(places, frozenset(run)), left=Lost(left))
    cuts, remark = beside(verdict, (CUT,), partly, "loss.py", TEXT)
    return " ".join(f"{cut.code}:{cut.span.line}" for cut in cuts) + said(remark, TEXT)


CONFIRMED = {
    "nothing was seen": ((), ()),
    "the same line": ((place(site(5)),), ()),
    "the same line, in another file": ((place(site(3, "helpers.py"), site(5)),), ()),
    "the same line, called from another": ((place(site(5), site(9)),), ()),
    "the same line, left in the patch": ((place(site(5)),), (place(site(5)),)),
    "behind the end of the file": ((place(site(31)),), ()),
}


@pytest.mark.parametrize("name", CONFIRMED)
def test_what_is_confirmed_or_unknown_stays_as_it_is(name: str) -> None:
    places, left = CONFIRMED[name]
    assert told(*places, left=left) == "AF102:5"


def test_what_was_seen_besides_is_added_to_the_reason() -> None:
    remark = "; when run, the gradient is also lost at `x.item()`"
    assert told(place(site(5)), place(site(9))) == f"AF102:5{remark} (line 9)"
    assert told(place(site(5)), place(site(3, "helpers.py"), site(9))) == f"AF102:5{remark} (helpers.py:3)"


def test_what_a_patch_leaves_comes_first() -> None:
    left = (place(site(3, "helpers.py"), site(9)),)
    said = told(place(site(5)), place(site(12)), left=left)
    assert said == "AF102:5; when run, the gradient is still lost at `x.item()` (helpers.py:3)"


def test_in_a_step_that_was_taken_apart_only_other_files_are_told() -> None:
    remark = told(place(site(3, "helpers.py"), site(31)), place(site(31)))
    assert remark == "AF102:5; when run, the gradient is also lost at `x.item()` (helpers.py:3)"


STEP = "\n" * 4 + "e = f(out)\nloss = e + g(\n    out, 'ä')\n" + "h(1)\nh(1)\n"


def test_what_was_lifted_out_of_a_step_is_found_in_it() -> None:
    lifted = [site(31, "", "g(out, 'ä')"), site(32, "", "h(1)"), site(33, "", "k(1)"), site(34, "", "f(out")]
    lost = Lost((place(site(31, "", "f(out)")),), frozenset({31}))
    for each, remark in zip(lifted, ["`g( out, 'ä')` (line 6)", "", "", ""], strict=True):
        verdict = Verdict("rejected", REASON, lost=lost, left=Lost((place(each),)))
        cuts, seen = beside(verdict, (CUT,), False, "loss.py", STEP)
        assert cuts == (CUT,)
        assert said(seen, STEP) == (f"; when run, the gradient is still lost at {remark}" if remark else "")


def test_lines_of_a_lifted_step_say_nothing_of_those_of_the_file() -> None:
    lost = Lost((place(site(31, "", "g(out, 'ä')")),), frozenset({31}))
    cuts, remark = beside(Verdict("rejected", REASON, lost=lost), (CUT,), False, "loss.py", STEP)
    assert cuts == (CUT,)
    assert said(remark, STEP) == "; when run, the gradient is also lost at `g( out, 'ä')` (line 6)"


def test_what_the_run_passed_is_not_reported() -> None:
    assert told(place(site(9))) == "AF104:9"
    assert told(place(site(9)), place(site(12), code="AF109")) == "AF104:9 AF109:12"


def test_what_the_run_did_not_come_by_is_still_reported() -> None:
    assert told(place(site(9)), run=(9,)) == "AF102:5 AF104:9"


def test_beside_a_gradient_that_flows_an_explicit_cut_is_meant() -> None:
    on_purpose = place(site(9), code="AF103")
    assert told(on_purpose, partly=True) == "AF102:5"
    assert told(on_purpose, partly=False) == "AF103:9"
    assert told(place(site(5)), on_purpose, partly=True) == "AF102:5"
    verdict = Verdict("rejected", REASON, lost=Lost((on_purpose,), frozenset({5, 9}), flows=False))
    (cut,), _ = beside(verdict, (CUT,), True, "loss.py", TEXT)
    assert cut.span.line == 9


def test_a_patch_that_fails_for_an_explicit_cut_says_so() -> None:
    remark = told(place(site(5)), left=(place(site(9), code="AF103"),), partly=True)
    assert remark == "AF102:5; when run, the gradient is still lost at `x.item()` (line 9)"


def test_a_block_without_gradients_is_confirmed_by_any_line_of_it() -> None:
    cut = Cut("AF109", Span(5, 5, 5, 25), "torch.no_grad()")
    verdict = Verdict("rejected", REASON, lost=Lost((place(site(7), code="AF109"),), frozenset({5, 7})))
    assert beside(verdict, (cut,), False, "loss.py", TEXT) == ((cut,), "")


def test_lines_of_a_notebook_are_told_by_cell() -> None:
    program = "line\n" * 6 + "# autofix: the end of cell 2\n" + "line\n" * 9
    verdict = Verdict("rejected", REASON, lost=Lost((place(site(5)), place(site(9))), frozenset({5, 9})))
    ended = program + "# autofix: the end of cell 4\n"
    _, remark = beside(verdict, (CUT,), False, "loss.ipynb", ended)
    assert said(remark, ended) == "; when run, the gradient is also lost at `x.item()` (cell 4, line 2)"


CODES = {
    "math.sqrt(e)": "AF106",
    "tf.py_function(f, [e], tf.float32)": "AF108",
    "tf.numpy_function(f, [e], tf.float32)": "AF108",
    "float(e)": "AF104",
    "np.math(e)": "AF104",
}


@pytest.mark.parametrize("expression", CODES)
def test_the_cause_is_that_of_the_expression(expression: str) -> None:
    verdict = Verdict("rejected", REASON, lost=Lost((place(site(9, "", expression)),), frozenset({5, 9})))
    cuts, _ = beside(verdict, (CUT,), False, "loss.py", TEXT)
    assert [cut.code for cut in cuts] == [CODES[expression]]


def test_a_cause_in_another_file_is_told_where_it_is_called() -> None:
    place_there = place(site(3, "helpers.py", "x.mean().item()"), site(9, "", "smooth(e)"))
    verdict = Verdict("rejected", REASON, lost=Lost((place_there,), frozenset({5, 9})))
    (cut,), _ = beside(verdict, (CUT,), False, "loss.py", TEXT)
    assert cut.span.line == 9
    assert what_happens(cut, partly=False).startswith("`smooth(e)` leads to helpers.py:3, where `x.mean().item()` ")


def test_what_is_held_constant_on_purpose_is_not_said_to_be_lost() -> None:
    held = replace(CUT, span=Span(9, 1, 9, 20))
    lost = Lost((place(site(9, "", "smooth(e)")),), frozenset({5, 9}))
    for verdict in (Verdict("rejected", REASON, lost=lost), Verdict("rejected", REASON, left=lost)):
        assert beside(verdict, (CUT,), True, "loss.py", TEXT, [held]) == ((CUT,), "")
        assert beside(verdict, (CUT,), True, "loss.py", TEXT) != ((CUT,), "")


def test_the_finding_moves_to_where_the_run_saw_the_gradient_end() -> None:
    lost = Lost((place(site(10, "", "mae(model(x), y)")),), frozenset({6, 10}), flows=False)
    outcome = fix_source(BROKEN, "a.py", Told([Verdict("rejected", REASON, lost=lost)]))
    (finding,) = outcome.findings
    assert (finding.span.line, finding.code) == (10, "AF104")
    assert (finding.fix.status, finding.fix.reason) == ("rejected", REASON)


def test_a_finding_that_the_run_confirms_says_what_it_said_before() -> None:
    before = fix_source(BROKEN, "a.py", Told([Verdict("rejected", REASON)]))
    lost = Lost((place(site(6, "", "np.abs(p - y)"), code="AF101"),), frozenset({6}), flows=False)
    assert fix_source(BROKEN, "a.py", Told([Verdict("rejected", REASON, lost=lost)])) == before


@pytest.mark.parametrize("flows", [True, False])
def test_whether_the_rest_still_trains_is_as_the_run_saw_it(flows: bool) -> None:
    text = BROKEN.replace("np.mean(np.abs(p - y))", "torch.tensor((p - y).abs().mean().item())")
    lost = Lost((place(site(6, "", "(p - y).abs().mean().item()")),), frozenset({6}), flows=flows)
    outcome = fix_source(text, "a.py", Told([Verdict("rejected", REASON, lost=lost)]))
    assert {("the rest of the loss still trains" in one.message) for one in outcome.findings} == {flows}


def test_a_helper_without_a_gradient_says_nothing_of_the_rest_of_the_loss() -> None:
    text = (
        "import numpy as np\nimport torch\n\n\nclass EdgeLoss(torch.nn.Module):\n    def edges(self, p):\n"
        "        return np.abs(p.detach().numpy()).mean()\n\n    def forward(self, p, y):\n"
        "        return ((p - y) ** 2).mean() + self.edges(p)\n\n\n"
        "def step(model, x, y):\n    EdgeLoss()(model(x), y).backward()\n"
    )
    lost = Lost((place(site(7, "", "p.detach().numpy()")),), frozenset({7}), flows=False)
    outcome = fix_source(text, "a.py", Told([Verdict("rejected", REASON, lost=lost)]))
    assert all("the rest of the loss still trains" in one.message for one in outcome.findings)
    assert [one.loss for one in outcome.findings] == ["EdgeLoss.edges"]
