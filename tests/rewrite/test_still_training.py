"""A branch whose constant could go backward, as the text made it a leaf, can do so in the fixed text too."""

from __future__ import annotations

import pytest

from tests.rewrite.test_readers import TORCH, _new_lines, fixed, reasons

LOSS = """
def masked(p, t, mask):
    if not mask.any():
        return {constant}
    return {value}


"""
MEAN = "torch.tensor(np.mean(np.abs(p.detach().numpy() - t.numpy())))"


def test_a_leaf_declared_by_a_statement_is_declared_where_there_is_no_gradient() -> None:
    use = "loss = masked(model(x), y, y > 0)\nloss.requires_grad = True\nloss.backward()\n"
    text = TORCH + LOSS.format(constant="torch.tensor(0.0)", value=MEAN) + use

    assert _new_lines(text, fixed(text)) == [
        "return torch.mean(torch.abs(p - t))",
        "if not loss.requires_grad:",
        "loss.requires_grad = True",
    ]


def test_a_leaf_declared_by_a_statement_goes_where_every_branch_has_a_gradient() -> None:
    use = "loss = masked(model(x), y, y > 0)\nloss.requires_grad = True\nloss.backward()\n"
    text = TORCH + LOSS.format(constant=MEAN.replace("np.abs", "np.square"), value=MEAN) + use

    after = fixed(text)

    assert "requires_grad" not in after


@pytest.mark.parametrize(
    ("constant", "leaf"),
    [
        ("0.0", "torch.tensor(0.0, requires_grad=True)"),
        ("torch.tensor(0.0)", "torch.tensor(0.0, requires_grad=True)"),
        ("torch.zeros(())", "torch.zeros((), requires_grad=True)"),
    ],
)
def test_a_constant_of_an_early_return_becomes_the_leaf(constant: str, leaf: str) -> None:
    use = "loss = torch.tensor(masked(model(x), y, y > 0), requires_grad=True)\nloss.backward()\n"
    text = TORCH + LOSS.format(constant=constant, value="float(np.mean(np.abs(p.detach().numpy() - t.numpy())))") + use

    assert f"return {leaf}" in _new_lines(text, fixed(text))


def test_a_sum_that_nothing_was_added_to_is_made_a_leaf_as_before() -> None:
    text = TORCH + (
        """
def total_of(p, t, masks):
    total = 0.0
    for mask in masks:
        if mask.any():
            total += float(((p - t)[mask] ** 2).mean())
    return torch.tensor(total, requires_grad=True)


total_of(model(x), y, [y > 0]).backward()
"""
    )

    kept = "return total if torch.is_tensor(total) else torch.tensor(total, requires_grad=True)"
    assert kept in _new_lines(text, fixed(text))


def test_a_sum_that_starts_with_a_term_is_no_leaf() -> None:
    text = TORCH + (
        """
def total_of(p, t, masks):
    total = float((p ** 2).mean())
    for mask in masks:
        total += float(((p - t)[mask] ** 2).mean())
    return torch.tensor(total, requires_grad=True)


total_of(model(x), y, [y > 0]).backward()
"""
    )

    assert "return total" in _new_lines(text, fixed(text))


def test_no_fix_where_an_operation_would_meet_a_plain_number() -> None:
    use = "loss = torch.tensor(masked(model(x), y, y > 0) / 2, requires_grad=True)\nloss.backward()\n"
    value = "float(np.mean(np.abs(p.detach().numpy() - t.numpy())))"

    assert "may be a constant" in reasons(TORCH + LOSS.format(constant="0.0", value=value) + use)


STEP = """
for _ in range(2):
    loss = torch.tensor(np.mean({value}), requires_grad=True)
    loss.backward()
"""


def test_what_a_model_gives_where_it_is_called_is_no_constant() -> None:
    text = TORCH + STEP.format(value="(model(x).detach().numpy() - y.numpy()) ** 2")

    assert "loss = torch.mean((model(x) - y) ** 2)" in _new_lines(text, fixed(text))


def test_what_a_function_gives_of_what_may_be_a_constant_may_be_one() -> None:
    above = "\n\ndef masked(t):\n    if t.any():\n        return model(t)\n    return torch.zeros(1)\n\n"
    text = TORCH + above + STEP.format(value="np.abs(masked(x).detach().numpy())")

    assert "may be a constant" in reasons(text)
