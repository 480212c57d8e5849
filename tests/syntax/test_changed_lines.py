"""Which changed lines no run came to: statements by their lines, branches by their heads, steps where they stand."""

from __future__ import annotations

from autofix.model import Generated, Request, Target
from autofix.syntax.changed_lines import changed_inside, changed_lines, line_before, not_run, unrun

BEFORE = """import np


def loss(p, flag):
    a = np.abs(
        p)
    if flag:
        a = np.log(a)
    else:
        a = np.exp(a)
    try:
        a = a + 1
    except ValueError:
        a = a - 1
    return np.mean(a)


def other(p):
    return np.sum(p)
"""
AFTER = BEFORE.replace("np.", "torch.").replace("import np", "import torch")


def asked(before: str, after: str, generated: Generated | None = None) -> Request:
    there = () if generated is None else (generated,)
    target = Target("loss", 4, ())
    return Request("a.py", "torch", target, before, (after,), generated=generated, generated_candidates=there)


def test_statements_that_were_not_run() -> None:
    assert not_run(asked(BEFORE, AFTER), 0, frozenset({4, 5, 7, 8, 11, 12, 15})) == (10, 13, 19)
    assert not_run(asked(BEFORE, AFTER), 0, frozenset({6, 7, 10, 11, 12, 14, 15, 19})) == (8,)


def test_imports_definitions_and_what_is_pasted_need_no_run() -> None:
    after = "import torch\n\n\ndef _log(x):\n    return x\n" + BEFORE.replace("np.log(a)", "_log(a)")

    assert not_run(asked(BEFORE, after), 0, frozenset({13})) == (18,)


def test_nothing_is_said_where_another_code_was_run_than_is_written() -> None:
    assert not_run(asked(BEFORE, AFTER), 0, frozenset()) == ()
    traced = "@tf.function\ndef loss(p):\n    return np.abs(p)\n\n\ndef use(p):\n    return loss(p)\n"
    assert not_run(asked(traced, traced.replace("np.", "tf.")), 0, frozenset({7})) == ()


def test_a_step_counts_where_it_stands() -> None:
    step = "def step(x):\n    loss = np.abs(x)\n    loss.backward()\n"
    lifted = "\n\ndef loss_of_the_step(x):\n    return {}.abs(x)\n"
    before, after = step + lifted.format("np"), step.replace("np.", "torch.") + lifted.format("torch")
    generated = Generated(6, {7: 2})

    assert not_run(asked(before, after, generated), 0, frozenset({7})) == ()
    assert not_run(asked(before, after, generated), 0, frozenset({6, 3})) == (2,)


def test_lines_of_the_original_that_are_to_change() -> None:
    assert changed_inside(asked(BEFORE, AFTER), [(4, 15)]) == [5, 8, 10, 15]
    assert changed_inside(asked(BEFORE, AFTER), [(18, 19)]) == [19]


def test_where_a_changed_line_stood() -> None:
    assert changed_lines("a\nb\nc\n", "a\nx\ny\nc\nd\n") == {2, 3, 5}
    assert [line_before("a\nb\nc\n", "a\nx\ny\nc\nd\n", line) for line in (2, 3, 5)] == [2, 2, None]


NEW = '''def shifted(x):
    """Move it.

    By one.
    """
    "not a comment"
    return (
        x + 1
    )


class Net:
    """A net."""

    def call(self, x):
        if x:
            ...
            return shifted(x)
        return x
'''


def test_of_what_no_run_came_to_only_what_can_be_run_is_named() -> None:
    lines = NEW.splitlines()
    inner = {lines.index(each) + 1 for each in ("            return shifted(x)", "        if x:", "        return x")}

    assert unrun("", NEW, frozenset()) == {lines.index("    return (") + 1, *inner}
    assert unrun("", NEW, frozenset({lines.index("        x + 1") + 1, *inner})) == set()
