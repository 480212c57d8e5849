"""autofix finds losses that leave the framework's graph, mends them, and proves each mend by running it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autofix.version import __version__

if TYPE_CHECKING:
    from autofix.api import Check
    from autofix.model import Outcome

__all__ = ["__version__", "check", "fix_source"]


def fix_source(text: str, path: str = "<text>", *, python: str | None = None, timeout: float = 20.0) -> Outcome:
    """Return the findings of a Python text, and the text with every proven fix in place.

    The losses run in a worker of `python`, the interpreter that has the frameworks; by default that of the active
    environment or, failing that, this one. `timeout` is in seconds, for one loss. What the text imports from files
    beside `path`, where it is one, is followed; the project's own rules are those that `[tool.autofix]` above `path`
    names. Raises SyntaxError for a text that is no Python, and ValueError for own rules that cannot be used. Where
    nothing can be run, nothing is mended, and each finding says why.
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
    """Say whether the gradient of a loss arrives at its predictions, where it is lost, and the proven rewrite.

    The tensors go by the names of the loss's parameters: `check(mae, y_pred=torch.rand(8), y_true=torch.rand(8))`. The
    loss runs here, once; the rewrite runs in a worker of this interpreter, for at most `timeout` seconds.
    Rules of the project's own count as on the command line. Raises TypeError when no tensor of PyTorch or TensorFlow
    is given, and ValueError for own rules that cannot be used.
    """
    import sys
    from pathlib import Path

    from autofix import api
    from autofix.api import session
    from autofix.verify.verifier import Verifier

    with Verifier(Path(sys.executable), timeout) as verifier:
        return api.check(loss, verifier, tensors, session())


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext autofix`: adds the magics `%autofix` and `%%autofix`."""
    from autofix.api import register

    register(shell)
