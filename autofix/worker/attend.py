"""Start a user's program in this process as Python would, watched to its first steps.

Run by path by the user's interpreter (`python …/worker/attend.py OPTIONS ARGUMENTS…`), never as part of the autofix
package. OPTIONS is one JSON object, `{"report", "steps", "keep_going", "module", "program", "text"}`; what
the watch has seen is written to the file `report` (`records.AttendedReport`), for nothing else may be printed.

Every Python can read this one file, so that one that is too old says so.
"""

import sys

OLDEST = 0x03080000

if sys.hexversion < OLDEST:
    sys.stderr.write("autofix: Python 3.8 or later is needed, and this is " + sys.version.split()[0] + "\n")
    sys.exit(2)
elif __name__ == "__main__":
    import importlib
    import importlib.util
    import json
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
    importlib.import_module(PACKAGE + ".attended_program").run(json.loads(sys.argv[1]), sys.argv[2:])
