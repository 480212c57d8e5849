"""The worker: imports one framework, runs no operation of it, and serves each request in a child of its own.

Run by path by the user's interpreter (`python …/worker/__main__.py torch`), never as part of the autofix package.
Takes JSON lines on standard input, `{"id", …}` or `{"stop": id}`; gives JSON lines on standard output:

    {"state": "found" | "missing" | "ready" | "failed", "reason"}       once each, while it starts
    {"id", "report": {…}}                                               what the child sends, as it comes
    {"id", "end": "done" | "stopped" | "late" | "flood" | "killed" | "exited", "status", "output"}
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from pathlib import Path

PACKAGE = "_autofix_worker"


def register() -> None:
    """Make this folder importable under a name that no project of a user has, and nothing else of ours."""
    folder = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(2)
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def main() -> None:
    framework = sys.argv[1]
    register()
    serve = importlib.import_module(f"{PACKAGE}.serve")
    # The protocol's own copies: what user code prints must never be taken for an answer.
    requests, answers = os.dup(0), os.dup(1)
    with Path(os.devnull).open("r+b") as null:
        os.dup2(null.fileno(), 0)
        os.dup2(null.fileno(), 1)
    serve.serve(framework, requests, answers)


if __name__ == "__main__":
    main()
