"""Modules that are hard to take a loss out of: run without their training code, or refused with the reason and line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.syntax.spans import said
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

pytestmark = pytest.mark.torch
BOTH = "p:p t:t"
BROKEN, RIGHT = "float((p - t).abs().mean())", "(p - t).abs().mean()"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def texts(text: str) -> tuple[str, str]:
    """A module with the broken expression in the place of `LOSS`, and with the right one."""
    whole = "import numpy as np\nimport torch\n" + textwrap.dedent(text)
    return whole.replace("LOSS", BROKEN), whole.replace("LOSS", RIGHT)


# Qualified name and text.
RUN = {
    "a training loop in the module": (
        "loss",
        """
        def loss(p, t):
            return LOSS
        model = torch.nn.Linear(3, 1)
        optimizer = torch.optim.SGD(model.parameters(), 0.1)
        for epoch in range(10 ** 9):
            loss(model(x), y).backward()
            optimizer.step()
        """,
    ),
    "argparse": (
        "loss",
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--alpha", type=float, default=0.5)
        args = parser.parse_args()
        def loss(p, t):
            return args.alpha * LOSS
        """,
    ),
    "nested in a training function": (
        "train.<locals>.loss",
        """
        def train(loader, epochs=3):
            scale = 2.0
            for x, y in loader:
                pass
            def loss(p, t):
                return scale * LOSS
            for epoch in range(epochs):
                loss(model(x), y).backward()
        """,
    ),
    "class attributes and call sites": (
        "L.forward",
        """
        class L(torch.nn.Module):
            scale = 2.0
            def __init__(self, gamma):
                super().__init__()
                self.gamma = gamma
            def forward(self, p, t):
                return self.scale * self.gamma * LOSS
        criterion = L(gamma=3.0).to("cpu")
        """,
    ),
    "a model and a constant of the module": (
        "loss",
        """
        head = torch.nn.Linear(10, 10)
        W = torch.ones(1)
        def loss(p, t):
            return W.sum() * LOSS + 0 * head.weight.sum()
        """,
    ),
    "wrapped by functools": (
        "loss",
        """
        import functools
        def logged(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner
        @logged
        def loss(p, t):
            return LOSS
        """,
    ),
    "scripted": (
        "loss",
        """
        @torch.jit.script
        def loss(p, t):
            return LOSS
        """,
    ),
    "a decorator of a missing package": (
        "loss",
        """
        import no_such_tracker as tracker
        from no_such_types import typed
        @tracker.watch(every=3)
        @typed
        def loss(p, t):
            tracker.log("loss", 1)
            return LOSS
        """,
    ),
    "a guarded import that fails": (
        "loss",
        """
        try:
            from no_such_kernels import fast
            HAS = True
        except ImportError:
            HAS = False
        def loss(p, t):
            return fast(p) if HAS else LOSS
        """,
    ),
    "a star import": (
        "loss",
        """
        from math import *
        def loss(p, t):
            return pi * LOSS
        """,
    ),
    "bound under the main guard": (
        "loss",
        """
        def loss(p, t):
            return alpha * LOSS
        if __name__ == "__main__":
            alpha = 0.5
            train()
        """,
    ),
    "numpy imported in the body": (
        "loss",
        """
        del np
        def loss(p, t):
            import numpy
            return numpy.float64(1.0) * LOSS
        """,
    ),
    "a dataclass, an enum, a type variable, __all__": (
        "loss",
        """
        from __future__ import annotations
        import dataclasses, enum, typing
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from no_such_types import Batch
        __all__ = ["loss"]
        T = typing.TypeVar("T")
        class Mode(enum.Enum):
            MEAN = "mean"
        @dataclasses.dataclass(frozen=True)
        class Config:
            scale: float = 2.0
            mode: Mode = Mode.MEAN
        CONFIG = Config()
        def loss(p: T, t: Batch) -> T:
            assert CONFIG.mode is Mode.MEAN
            return CONFIG.scale * LOSS
        """,
    ),
    "defined on a condition": (
        "loss",
        """
        import sys
        if sys.version_info >= (3, 0):
            def loss(p, t):
                return LOSS
        else:
            def loss(p, t):
                return None
        """,
    ),
    "constants changed in place": (
        "loss",
        """
        W = {"a": 1.0}
        W["b"] = 2.0
        W.update(c=3.0)
        def loss(p, t):
            return sum(W.values()) * LOSS
        """,
    ),
    "a lambda in a dict is a helper": (
        "loss",
        """
        KINDS = {"l1": lambda e: e.abs(), "l2": lambda e: e ** 2}
        def loss(p, t):
            return KINDS["l1"](p - t).mean().detach() * 0 + LOSS
        """,
    ),
}


@pytest.mark.parametrize("name", RUN)
def test_a_loss_of_a_hard_module_is_run(verifier: Verifier, name: str) -> None:
    qualname, text = RUN[name]
    verdict = verifier.verify(request("torch", qualname, BOTH, *texts(text)))
    assert verdict.status == "verified", verdict


REFUSED = {
    "read from a file": (
        """
        import pandas as pd
        frame = pd.read_csv("weights.csv")
        weights = frame["w"].values
        def loss(p, t):
            return weights[0] * LOSS
        """,
        ("needs", "pd.read_csv(…)", "line 5"),
    ),
    "a missing package": (
        """
        import no_such_einops
        def loss(p, t):
            return no_such_einops.reduce(p, "b c -> b") * LOSS
        """,
        ("no_such_einops, which is not installed",),
    ),
    "a missing module beside it": (
        """
        from .no_such_module import scale
        def loss(p, t):
            return scale * LOSS
        """,
        ("needs",),
    ),
    "a value that takes training": (
        """
        model = torch.nn.Linear(3, 1)
        history = model.fit(1, 2)
        def loss(p, t):
            return history.best * LOSS
        """,
        ("model.fit(…)", "line 5"),
    ),
    "a counter": (
        """
        step = 0
        def loss(p, t):
            global step
            step += 1
            return step * LOSS
        """,
        ("a different value each time",),
    ),
    "a statement that raises": (
        """
        W = np.ones(3) @ np.ones(4)
        def loss(p, t):
            return W * LOSS
        """,
        ("needs W from line 4, which raised ValueError",),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_run_is_refused_with_its_reason(verifier: Verifier, name: str) -> None:
    text, words = REFUSED[name]
    verdict = verifier.verify(request("torch", "loss", BOTH, *texts(text)))
    assert verdict.status == "unverifiable", verdict
    told = said(verdict.reason, "")
    assert [word for word in words if word not in told] == [], told


def test_a_module_beside_it_is_imported(verifier: Verifier, tmp_path: Path) -> None:
    package = tmp_path / "project"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "scales.py").write_text("scale = 2.0\n")
    asked = texts("from .scales import *\ndef loss(p, t):\n    return scale * LOSS\n")
    verdict = verifier.verify(request("torch", "loss", BOTH, *asked, path=str(package / "losses.py")))
    assert verdict.status == "verified" or "only inside the sandbox" in verdict.reason, verdict


def test_array_libraries_that_a_function_imports_take_its_tensors(verifier: Verifier) -> None:
    original = """
        def loss(p, t):
            import numpy as xp, scipy.special
            from numpy import average
            return average(xp.mean(xp.abs(p - t), axis=0)) + scipy.special.expit(0.0)
    """
    patch = "def loss(p, t):\n    return (p - t).abs().mean() + 0.5\n"
    verdict = verifier.verify(request("torch", "loss", BOTH, texts(original)[0], texts(patch)[1]))
    assert verdict.status == "verified", verdict
