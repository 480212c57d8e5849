"""Runs the spellings of calls in one process of a framework, and compares them with the originals.

Run by path by the user's interpreter, which needs nothing but the framework and NumPy. Reads one JSON object on
standard input: `framework`, `bundled` (the folder of autofix's rules), `folders` to import from, `calls`. Writes one
list on standard output, an entry a call: what each candidate and each rule gave.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
import warnings
from pathlib import Path
from typing import Any

PACKAGE = "_autofix_prove"


def register() -> None:
    """Make this folder importable under a name that no project of a user has, and nothing else of ours."""
    folder = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(2)
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)


def main() -> None:
    """Answer one request."""
    warnings.simplefilter("ignore")
    answers, sys.stdout = sys.stdout, sys.stderr  # what a project prints on import is no answer
    asked: dict[str, Any] = json.load(sys.stdin)
    register()
    sys.path[:0] = asked["folders"]
    importlib.import_module(f"{PACKAGE}.trial").stand_in_for_autofix(asked["bundled"])
    backend = importlib.import_module(f"{PACKAGE}.backends").backend(asked["framework"])
    answer = importlib.import_module(f"{PACKAGE}.variants").answer
    json.dump([answer(call, backend, asked["bundled"]) for call in asked["calls"]], answers)
    answers.flush()
    os._exit(0)  # the frameworks take a second to end in good order


if __name__ == "__main__":
    main()
