"""Elements that are set, or scaled, in a NumPy copy of a loss: NumPy says which, and the tensor keeps its gradient."""

from __future__ import annotations

import pytest

from autofix.fixes.repairs import masked
from autofix.fixes.repairs.program import FaultyProgram
from autofix.model import Framework, OwnRules, Site, Span
from autofix.observe.faults import Diagnosed, ObservedFault
from autofix.observe.observation import End
from tests.fixes.conftest import Run, assert_stays
from tests.fixes.program_texts import TENSORFLOW_BATCH, TENSORFLOW_HEAD
from tests.fixes.term_texts import TENSORFLOW_NET
from tests.observe.behaviours import PROGRAM, event, measured

STEPS = """
for step in range(3):
    with tf.GradientTape() as tape:
        loss = fit(x, y) + objective(x, y, part=True)
    gradients = tape.gradient(loss, variables)
    opt.apply_gradients(zip(gradients, variables))
"""
OBJECTIVE = """
def objective(x, y, part=False):
    values = tf.square(head(body(x)) - y)
    if part:
        values = {call}
        return tf.reduce_mean(values)
    return 0.5 * tf.reduce_mean(values)
"""
LOOP = """
lengths = np.arange(16) % 3

def cut_off(values, lengths):
    values = np.array(values)
    for row, length in enumerate(lengths):
        values[row, int(length) :] = 0.0
    return values
"""
MASK = """
def without_large(values, most):
    kept = values.numpy().copy()
    kept[kept > most] = -1.0
    return kept
"""
SCALED = """
class Weighing:
    def __init__(self, weights):
        self.weights = weights

    def __call__(self, values):
        values = np.copy(values)
        values[:4] = 0.0
        for at, weight in enumerate(self.weights):
            values[at] *= weight
        return values

weighing = Weighing(np.linspace(0.5, 2.0, 16))
"""
CHANGED = {
    "a loop over rows": (
        LOOP,
        "np.array(values)",
        """    keep = np.ones(values.shape, dtype=bool)
    for row, length in enumerate(lengths):
        keep[row, int(length) :] = False
    values = tf.where(keep, values, 0.0)
    return values
""",
    ),
    "a mask": (
        MASK,
        "values.numpy()",
        """    kept = values
    keep = np.ones(kept.shape, dtype=bool)
    keep[kept > most] = False
    kept = tf.where(keep, kept, -1.0)
    return kept
""",
    ),
    "a factor of a row": (
        SCALED,
        "np.copy(values)",
        """        factor = np.ones(values.shape, dtype=values.dtype.as_numpy_dtype)
        factor[:4] = 0.0
        for at, weight in enumerate(self.weights):
            factor[at] *= weight
        values = values * factor
        return values
""",
    ),
}
LEFT = {
    "two numbers": LOOP.replace("    return values", "    values[0] = 1.0\n    return values"),
    "numbers that are computed": LOOP.replace("= 0.0", "= lengths.mean()"),
    "a sum": LOOP.replace("= 0.0", "+= 1.0"),
    "nothing that is set": LOOP.replace("values[row, int(length) :] = 0.0", "print(row, length)"),
}
SHOWN = """
def shown(values):
    values = np.array(values)
    values[values > 1.0] = 1.0
    print(np.round(values.mean(), 3))

def same(values):
    shown(values)
    return values
"""
OF_DATA = """
def weights(y):
    w = np.array(y)
    w[w < 0] = 0.5
    return w
"""
FROM_MASK = """
def masked(values):
    keep = np.ones(values.shape, dtype=bool)
    keep[:4] = False
    return tf.where(keep, values, 0.0)
"""
RIGHT = {
    "a copy that is printed": (SHOWN, "same(values)"),
    "weights of data": (OF_DATA, "values * weights(y)"),
    "a mask already": (FROM_MASK, "masked(values)"),
}


def program(helper: str, call: str) -> str:
    objective = OBJECTIVE.replace("{call}", call)
    return TENSORFLOW_HEAD + TENSORFLOW_BATCH + TENSORFLOW_NET + helper + objective + STEPS


def repaired(helper: str, conversion: str, framework: Framework = "tensorflow") -> list[str]:
    """Return the repairs of a helper where a gradient ends at this conversion."""
    text = TENSORFLOW_HEAD + helper
    line = next(at for at, each in enumerate(text.splitlines(), 1) if conversion in each)
    column = text.splitlines()[line - 1].index(conversion) + 1
    site = Site(PROGRAM, Span(line, column, line, column + len(conversion)), conversion, "helper")
    fault = ObservedFault(event(), (End("AF101", False, (site,), 1.0, 1, 0),), True)
    diagnosed = Diagnosed(measured(text, {}))
    found = masked.repairs(FaultyProgram(PROGRAM, text, framework, diagnosed, (fault,), (), OwnRules()))
    return [each.text for each in found]


@pytest.mark.parametrize(("helper", "conversion", "lines"), CHANGED.values(), ids=CHANGED)
def test_a_mask_or_a_factor_is_changed_in_place_of_the_copy(helper: str, conversion: str, lines: str) -> None:
    (text,) = repaired(helper, conversion)

    assert lines in text, text


@pytest.mark.parametrize("helper", LEFT.values(), ids=LEFT)
def test_what_neither_can_say_is_left(helper: str) -> None:
    assert repaired(helper, "np.array(values)") == []


def test_a_framework_that_assigns_in_place_needs_no_mask() -> None:
    assert repaired(LOOP, "np.array(values)", "torch") == []


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize("helper, call", [(LOOP, "cut_off(values, lengths)"), (SCALED, "weighing(values)")])
def test_elements_that_are_changed_keep_their_gradient(run: Run, helper: str, call: str) -> None:
    outcome = run(program(helper, call))

    assert outcome.findings and all(each.fix.status == "verified" for each in outcome.findings), outcome.findings


@pytest.mark.slow
@pytest.mark.tensorflow
@pytest.mark.parametrize(("helper", "call"), RIGHT.values(), ids=RIGHT)
def test_a_copy_that_no_gradient_is_asked_of_stays(run: Run, helper: str, call: str) -> None:
    text = program(helper, call)
    assert_stays(run, text)
