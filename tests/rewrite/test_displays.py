"""Lists of tensors, numbers and lists become one tensor, as PyTorch stacks only tensors of one shape."""

from __future__ import annotations

import pytest

from autofix.model import Framework
from autofix.rewrite.displays import stacked_by_form
from tests.rewrite.test_selection import fixed

MADE: dict[str, tuple[Framework, str, list[str]]] = {
    "rows of an array": (
        "torch",
        "c, s = np.cos(p.detach().numpy()), y.numpy()\nreturn torch.tensor(np.mean(np.array([[c, -s], [s, c]])))",
        ["c, s = torch.cos(p), y", "return torch.mean(torch.stack([torch.stack([c, -s]), torch.stack([s, c])]))"],
    ),
    "numbers beside tensors": (
        "torch",
        "a, b = p.mean(), p.std()\nv = torch.tensor([a, 0, 1.0, b, 0.5])\nreturn (v ** 2).sum()",
        [
            "a, b = p.mean(), p.std()",
            "v = torch.stack([a, torch.zeros_like(a), torch.ones_like(a), b, "
            "torch.as_tensor(0.5, dtype=a.dtype, device=a.device)])",
            "return (v ** 2).sum()",
        ],
    ),
    "tuples": (
        "torch",
        "a = p.mean()\nreturn torch.tensor(((a, 2 * a), (0.0, a))).abs().sum()",
        [
            "a = p.mean()",
            "return torch.stack((torch.stack((a, 2 * a)), torch.stack((torch.zeros_like(a), a)))).abs().sum()",
        ],
    ),
    "a row that spans lines": (
        "torch",
        "a = p.mean()\nm = torch.tensor([\n    [a, 1.0],\n    [0.0, a],\n])\nreturn m.abs().sum()",
        [
            "a = p.mean()",
            "m = torch.stack([",
            "    torch.stack([a, torch.ones_like(a)]),",
            "    torch.stack([torch.zeros_like(a), a]),",
            "])",
            "return m.abs().sum()",
        ],
    ),
    "what TensorFlow packs itself": (
        "tensorflow",
        "q = p.numpy()\nreturn tf.constant(np.mean(np.array([[q, q], [q, q]])))",
        ["return tf.reduce_mean(tf.stack([[p, p], [p, p]]))"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("framework", "body", "expected"), MADE.values(), ids=MADE)
def test_a_list_becomes_a_tensor(framework: Framework, body: str, expected: list[str]) -> None:
    assert fixed(framework, body) == expected


STAY: dict[str, tuple[Framework, str, str]] = {
    "a flat list of tensors": (
        "torch",
        "a = torch.tensor([p.mean(), p.std()])\nreturn a.sum()",
        "a = torch.stack([p.mean(), p.std()])",
    ),
    "a list of numbers": (
        "torch",
        "w = torch.tensor([[0.0, 1.0], [1.0, 0.0]])\nq = p.detach().numpy()\nreturn w.sum() * torch.tensor(q.mean())",
        "w = torch.tensor([[0.0, 1.0], [1.0, 0.0]])",
    ),
    "a row that is appended": (
        "torch",
        "q = p.detach().numpy()\nreturn torch.tensor(np.mean(np.concatenate([q, np.ones((3, 1))], axis=1)))",
        "return torch.mean(torch.cat([p, torch.as_tensor(np.ones((3, 1)), dtype=p.dtype, device=p.device)], dim=1))",
    ),
    "the axes of a reduction": (
        "torch",
        "q = p.detach().numpy()\nreturn torch.tensor(np.mean(np.sum(q, axis=(0, 1))))",
        "return torch.mean(torch.sum(p, dim=(0, 1)))",
    ),
}


@pytest.mark.parametrize(("framework", "body", "line"), STAY.values(), ids=STAY)
def test_other_lists_stay_lists(framework: Framework, body: str, line: str) -> None:
    assert line in fixed(framework, body)


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("[a, t, b]", "[scalar number scalar]",
         "torch.stack([a, torch.as_tensor(t, dtype=a.dtype, device=a.device), b])"),
        ("[[h * c, -s], [0, h]]", "[[scalar] [number]]",
         "torch.stack([torch.stack([h * c, -s]), "
         "torch.stack([torch.zeros_like(s), torch.as_tensor(h, dtype=s.dtype, device=s.device)])])"),
        ("[[a, b], [b, a]]", "[[scalar]]", "torch.stack([torch.stack([a, b]), torch.stack([b, a])])"),
    ],
)  # fmt: skip
def test_a_run_says_what_the_elements_are(value: str, form: str, expected: str) -> None:
    assert stacked_by_form(value, form, "torch") == (expected,)


@pytest.mark.parametrize(
    ("value", "form"), [("parts", "[scalar number]"), ("[a, b]", "[scalar]"), ("[1, t]", "[number]"), ("[]", "[]")]
)
def test_what_needs_no_words_of_its_own_has_none(value: str, form: str) -> None:
    assert stacked_by_form(value, form, "torch") == ()
