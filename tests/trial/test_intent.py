"""What the way a loss is written says of its author's wishes."""

from __future__ import annotations

import ast

import pytest

from autofix.trial.constants import frozen_names, makes_tensors_in_place

FIXED = {
    "with torch.no_grad():\n    t = self.teacher(x)": ["self.teacher"],
    "t = teacher(x).detach()": ["teacher", "x"],
    "t = tf.stop_gradient(target_net(x))": ["target_net", "x"],
}


@pytest.mark.parametrize("text", FIXED)
def test_what_is_held_fixed(text: str) -> None:
    assert set(FIXED[text]) <= set(frozen_names([ast.parse(text)]))


@pytest.mark.parametrize(
    "text",
    [
        "s = self.log_sigma.detach().numpy()",
        "s = a().detach().cpu().numpy()",
        "s = scale.item()",
        "with open(f) as g: g",
    ],
)
def test_ways_to_numpy_hold_nothing_fixed(text: str) -> None:
    assert "self.log_sigma" not in frozen_names([ast.parse(text)])
    assert not {"a", "scale", "g"} & set(frozen_names([ast.parse(text)]))


MADE = {
    "th.ones(3)": True,
    "th.tensor([1.0, 2.0])": True,
    "th.ones(3, device=d)": False,
    "th.tensor(np.mean(x))": False,
    "np.ones(3)": False,
    "x.new_zeros(3)": False,
}


@pytest.mark.parametrize("text", MADE)
def test_tensors_that_are_made_without_a_place(text: str) -> None:
    imports = ast.parse("import numpy as np\nimport torch as th\n").body
    assert makes_tensors_in_place([ast.parse(text)], imports) is MADE[text]
