"""One broken loss for each name of tier 1 is fixed by the command line; what is left is listed with its reason."""

from __future__ import annotations

import pytest

from autofix.model import Framework
from tests.rules.broken import left

pytestmark = pytest.mark.slow

FIXED = {"torch": 230, "tensorflow": 229}
"""How many losses are fixed at least."""

LEFT: dict[Framework, dict[str, str]] = {
    "torch": {
        "builtins.sum": "of an empty batch it gives a plain 0, of which torch.mean has none",
        "op.setitem[index]": "the sample assigns in a lambda: the gradient of what is overwritten differs",
        "scipy.stats.pearsonr": "it also gives a p-value",
        "scipy.stats.zscore": "the mean square of standard scores does not depend on them",
    },
    "tensorflow": {
        "builtins.sum": "of an empty batch it gives a plain 0",
        "numpy.linalg.svd": "TensorFlow has no gradient of it for all shapes with full_matrices=True",
        "scipy.stats.pearsonr": "it also gives a p-value",
        "scipy.stats.zscore": "the mean square of standard scores does not depend on them",
    },
}
BOTH = [pytest.param(each, marks=getattr(pytest.mark, each)) for each in FIXED]


@pytest.mark.parametrize("framework", BOTH)
def test_a_broken_loss_with_each_name_of_tier_1_is_fixed(framework: Framework) -> None:
    count, others = left(framework, "1")

    assert count - len(others) >= FIXED[framework]
    assert [f"{each.name}: {each.reason}" for each in others if each.name not in LEFT[framework]] == []
