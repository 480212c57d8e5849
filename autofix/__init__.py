"""autofix finds losses that leave the framework's graph, fixes them, and verifies each fix by running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from autofix.version import __version__

if TYPE_CHECKING:
    from autofix.api import Check
    from autofix.model import Outcome
    from autofix.verify.watching import Watching

__all__ = ["__version__", "assert_gradients_flow", "check", "fix_source", "watch"]


def fix_source(text: str, path: str = "<text>", *, python: str | None = None, timeout: float = 20.0) -> Outcome:
    """Return the findings of a Python text, and the text with every verified fix in place.

    The losses run in a worker of `python`, the Python that has the frameworks; by default that of the active
    environment, otherwise this one. `timeout` is in seconds, for one loss. If `path` is a file, imports from the files
    next to it are followed, and the rules that `[tool.autofix]` above it lists are used. If nothing can be run, nothing
    is fixed, and each finding has the reason. Raises SyntaxError if the text is not valid Python, and ValueError for
    invalid rules.
    """
    from pathlib import Path

    from autofix import pipeline
    from autofix.analysis.project import ProjectFiles
    from autofix.rewrite.catalogue import rules_near
    from autofix.verify.verifier import Verifier

    own, around = rules_near(path), ProjectFiles({path: text}).around(path)
    with Verifier(Path(python) if python else None, timeout) as verifier:
        return pipeline.fix_source(text, path, verifier, own=own, around=around)


def check(loss: Callable[..., Any], *, timeout: float = 20.0, **tensors: Any) -> Check:
    """Return whether the gradient of a loss reaches its predictions, where it is lost, and the verified rewrite.

    The tensors are named like the parameters of the loss: `check(mae, y_pred=torch.rand(8), y_true=torch.rand(8))`. The
    loss runs in this process, once; the rewrite runs in a worker of this Python, for at most `timeout` seconds. The
    project's own rules are used, as on the command line. Raises TypeError without a tensor of PyTorch or TensorFlow,
    and ValueError for invalid rules.
    """
    import sys
    from pathlib import Path

    from autofix import api
    from autofix.api import session
    from autofix.verify.verifier import Verifier

    with Verifier(Path(sys.executable), timeout) as verifier:
        return api.check(loss, verifier, tensors, session())


def watch(model: Any = None, optimizer: Any = None, *, steps: int = 2) -> Watching:
    """Return a context in which the first steps of a training are watched: `with autofix.watch(model, optimizer):`.

    When the steps are over, it prints what `autofix run` prints; its `faults` say what is wrong. It is also one of
    Keras' callbacks: `model.fit(…, callbacks=[autofix.watch()])`. `optimizer` may be a list; parameters are named
    as the model names them. Raises TypeError on entry where no framework is imported.
    """
    from autofix.api import show_training
    from autofix.verify.watching import Watching

    known = optimizer if isinstance(optimizer, (list, tuple)) else [optimizer]
    return Watching(model, [each for each in known if each is not None], steps, show_training)


def assert_gradients_flow(loss: Callable[..., Any], model: Any, batch: Sequence[Any]) -> None:
    """Raise AssertionError where a trained parameter of a model gets no gradient of a loss, or one that is not finite.

    The model is called with the first of the batch. The loss is called as the framework calls it: with the prediction
    and the target, in Keras with the target and the prediction. Nothing is stepped. Raises TypeError for a model of no
    framework that is imported.
    """
    from autofix.verify.watching import gradients

    found = gradients(loss, model, batch)
    faults = [f"{name}: {'no gradient' if state == 'none' else 'not finite'}" for name, state in found
              if state in ("none", "bad")]  # fmt: skip
    if not found:
        raise AssertionError("the model has no parameter that is trained")
    if faults:
        raise AssertionError("gradients do not flow\n  " + "\n  ".join(faults))


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext autofix`: adds the magics `%autofix` and `%%autofix`."""
    from autofix.api import register

    register(shell)
