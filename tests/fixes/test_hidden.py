"""What only the program shows is silenced by a comment as well, and then nothing is changed."""

from __future__ import annotations

import pytest

from tests.fixes.conftest import Run, assert_seen, assert_stays

pytestmark = pytest.mark.torch

PROGRAM = """import torch

torch.manual_seed(0)
net, head = torch.nn.Linear(3, 3), torch.nn.Linear(3, 1)
opt = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
x, y = torch.randn(8, 3), torch.randn(8, 1)
for _ in range(3):
    way = "detach"
    features = getattr(net(x), way)()
    loss = ((head(features) - y) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
PLACE = "way)()"


def test_without_a_comment_it_is_found(run: Run) -> None:
    outcome = run(PROGRAM)

    assert_seen(outcome)
    assert [(each.code, each.span.line) for each in outcome.findings] == [("AF103", 9)]


@pytest.mark.parametrize("comment", ["ignore", "ignore[AF103]", "constant"])
def test_a_comment_silences_it(run: Run, comment: str) -> None:
    text = PROGRAM.replace(PLACE, f"{PLACE}  # autofix: {comment}")
    assert_stays(run, text)


def test_a_comment_on_another_cause_does_not(run: Run) -> None:
    outcome = run(PROGRAM.replace(PLACE, f"{PLACE}  # autofix: ignore[AF104]"))

    assert [each.code for each in outcome.findings] == ["AF103", "AF001"]
