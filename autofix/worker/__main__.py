"""The worker: imports one framework, runs no operation of it, and serves each request in a child of its own.

Run by path by the user's interpreter (`python …/worker/__main__.py OPTIONS`), never as part of the autofix package.
OPTIONS is one JSON object: `{"framework", "folder", "readable": [...], "sources": [...], "allow_unsandboxed", "spare",
"idle"}`. Takes JSON lines on standard input, `{"id", …}` or `{"stop": id}`; gives JSON lines on standard output, whose
records stand in `records.py`:

    {"state": "found" | "missing" | "unconfined" | "failed" | "ready" | "idle", "reason"}    as it starts and ends
    {"id", "report": {...}}                                             what the child sends, as it comes
    {"id", "end": "done" | "stopped" | "late" | "flood" | "killed" | "exited" | "failed", "status", "output"}

Every Python can read this one file, so that one that is too old says so.
"""

import sys

OLDEST = 0x03080000

if sys.hexversion < OLDEST:
    version = ".".join(str(part) for part in sys.version_info[:2])
    sys.stdout.write('{"state": "failed", "reason": "it is Python ' + version + ', and 3.8 or later is needed"}\n')
    sys.exit(0)
elif __name__ == "__main__":
    import importlib
    import importlib.util
    import os

    PACKAGE = "_autofix_worker"
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    # Importable under a name that no project of a user has, and nothing of it under its own names.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]  # noqa: PTH100
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]  # noqa: PTH118
    )  # fmt: skip
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    importlib.import_module(PACKAGE + ".start").start(sys.argv[1])
