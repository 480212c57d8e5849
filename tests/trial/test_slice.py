"""What of a module is run to have a loss, and what is not."""

from __future__ import annotations

import textwrap

import pytest

from autofix.model import Reason
from autofix.trial.slices import Slice, slice_module


def sliced(text: str, qualname: str = "loss", line: int | None = None) -> Slice:
    found = slice_module(textwrap.dedent(text), qualname, line)
    assert isinstance(found, Slice), found
    return found


def run(text: str, qualname: str = "loss") -> list[str]:
    """The first lines of the statements that are run."""
    lines = textwrap.dedent(text).splitlines()
    return [lines[step.at[0] - 1].strip() for step in sliced(text, qualname).steps if not step.reason]


def refused(text: str, qualname: str = "loss") -> list[str]:
    return [step.reason for step in sliced(text, qualname).steps if step.reason]


def test_only_what_is_needed_is_run() -> None:
    text = """
        import numpy as np
        import torch
        import matplotlib.pyplot as plt
        W = np.array([1.0, 2.0])
        V = W / W.sum()
        UNUSED = np.ones(3)
        def helper(a):
            return a * V
        def loss(p, t):
            return helper(p - t).mean()
        model = torch.nn.Linear(1, 1)
        for epoch in range(3):
            loss(model(x), y).backward()
    """
    assert run(text) == [
        "import numpy as np",
        "W = np.array([1.0, 2.0])",
        "V = W / W.sum()",
        "def helper(a):",
        "def loss(p, t):",
    ]
    assert refused(text) == []


@pytest.mark.parametrize(
    "statement",
    [
        "W = open('weights.txt').read()",
        "W = np.load('weights.npy')",
        "W = pd.read_csv('weights.csv')",
        "W = model.fit(x, y)",
        "W = train()",
        "W = [step() for step in steps if print(step)]",
        "W = requests.get('http://example.com').json()",
        "W = torch.hub.load('a', 'b')",
        "W = input()",
        "W = eval('1')",
        "for W in range(3): optimizer.step()",
        "with open('w') as f: W = 1",
        "while True: W = 1",
        "W = Trainer().weight",
        "W = keeper.keep(1)",
        "W = hidden()",
        "W = named()",
    ],
)
def test_effects_are_not_run(statement: str) -> None:
    text = f"""
import numpy as np, pandas as pd, requests, torch
def train():
    for epoch in range(3):
        optimizer.step()
class Trainer:
    def __init__(self):
        open('log', 'w')
    def keep(self, value):
        print(value)
def outer():
    def hidden(): optimizer.step()
named = lambda: print(1)
{statement}
def loss(p):
    return p * W
"""
    assert statement.partition("\n")[0] not in run(text)
    assert len(refused(text)) == 1
    assert refused(text)[0].startswith("W") and "from line 14" in refused(text)[0]


@pytest.mark.parametrize(
    "statement",
    [
        "W = np.random.default_rng(0).normal(size=3)",
        "W = torch.nn.Linear(3, 1)",
        "W = {name: len(name) for name in ('a', 'bb')}",
        "W = scale(2)",
        "W = math.pi if math.e > 2 else 0",
        "W = 'a,b'.split(',')",
        "W = (lambda: 3)()",
        "with torch.no_grad(): W = torch.eye(3)",
        "for W in range(3): pass",
    ],
)
def test_values_are_run(statement: str) -> None:
    before = "import math\nimport numpy as np\nimport torch\ndef scale(k):\n    return np.ones(k)\n"
    text = f"{before}{statement}\ndef loss(p):\n    return p * W\n"
    assert statement in run(text)
    assert refused(text) == []


def test_constants_changed_in_place_are_run_in_order() -> None:
    text = """
        W = [1.0]
        W.append(2.0)
        print(W)
        W[0] = 3.0
        def loss(p):
            return p * W[0]
    """
    assert run(text) == ["W = [1.0]", "W.append(2.0)", "W[0] = 3.0", "def loss(p):"]


def test_names_of_the_function_itself_are_not_taken_from_the_module() -> None:
    text = """
        error = open("x")
        def loss(p, t):
            error = p - t
            return sum(error for error in [error])
    """
    assert run(text) == ["def loss(p, t):"]
    assert refused(text) == []


def test_guarded_imports_are_kept_whole() -> None:
    text = """
        try:
            import fast_losses
            HAS = True
        except ImportError:
            HAS = False
        def loss(p):
            return p if HAS else -p
    """
    assert run(text)[0] == "try:"


def test_names_bound_only_under_the_main_guard_are_a_last_resort() -> None:
    text = """
        def loss(p):
            return p * alpha
        if __name__ == "__main__":
            alpha = 0.3
            main()
    """
    assert run(text) == ["def loss(p):", "alpha = 0.3"]
    assert "alpha = 0.3" not in run("alpha = 1\n" + textwrap.dedent(text))


def test_only_the_methods_that_are_called_count() -> None:
    text = """
        A = 1
        B = 2
        class Loss:
            def __init__(self):
                self.a = A
            def forward(self, p):
                return self.scaled(p)
            def scaled(self, p):
                return p * self.a
            def plot(self):
                return B
    """
    assert run(text, "Loss.forward") == ["A = 1", "class Loss:"]


def test_a_factory_keeps_what_its_closure_needs_and_its_calls() -> None:
    text = """
        LOG = 3
        SIGMA = 0.5
        def make(sigma, other=1):
            norm = sigma * 2
            train(sigma)
            for step in range(10):
                unused = LOG
                def loss(p):
                    return p * norm
            return loss
        criterion = make(SIGMA)
    """
    level = sliced(text, "make.<locals>.loss").levels[0]
    assert [step.names for step in level.keep] == [("norm",), ("loss",)]
    assert level.calls[0].positional == ("SIGMA",)
    assert level.calls[-1].named == {"sigma": "0.7"}
    assert run(text, "make.<locals>.loss") == ["SIGMA = 0.5"]


@pytest.mark.parametrize("qualname", ["other", "loss.<locals>.inner", "Loss.forward", "W"])
def test_what_is_not_there_is_told(qualname: str) -> None:
    found = slice_module("W = 1\ndef loss(p):\n    return p\n", qualname, None)
    assert isinstance(found, Reason) and found.text == f"{qualname} was not found in the module"


def test_of_two_with_one_name_the_line_decides() -> None:
    text = "def loss(a):\n    return a\ndef loss(b):\n    return b\n"
    assert [one.arg for one in sliced(text, line=2).function.args.args] == ["a"]
    assert [one.arg for one in sliced(text).function.args.args] == ["b"]
