"""Programs under the watch of `autofix run`, many in one process: what was seen of each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from autofix.observe.attended import Attended, attended_of

DRIVER = """
import importlib, json, linecache, sys
from autofix.worker.attention import Attention
from autofix.worker.program import described
from autofix.worker.record import Record
names, programs, steps = json.loads(sys.stdin.read())
for name in names:
    importlib.import_module(name)
from autofix.worker.backends.base import ATTENDED
class Enough(BaseException):
    pass
def enough():
    raise Enough
out = {}
for path, text in programs.items():
    attention = Attention(Record(wanted=steps), enough)
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    how, error = "finished", None
    main = sys.modules["__main__"] = type(sys)("__main__")
    for name in names:
        importlib.import_module("autofix.worker.backends." + ATTENDED[name]).attend(attention)
    try:
        exec(compile(text, path, "exec"), main.__dict__)
    except Enough:
        how = "steps"
    except Exception as raised:
        how, error = "raised", described(raised)
    if not attention.over:
        attention.record.describe()
        attention.release()
    out[path] = attention.report(how, error, path)
sys.stderr.write("REPORT" + json.dumps(out))
"""


def attended(folder: Path, frameworks: list[str], programs: Mapping[str, str], steps: int = 2) -> dict[str, Attended]:
    """Run each program to its first steps, all in one process; what was seen of each, by its name."""
    paths = {str(folder / f"{name}.py"): text for name, text in programs.items()}
    for path, text in paths.items():
        Path(path).write_text(text, encoding="utf-8")
    given = json.dumps([frameworks, paths, steps])
    done = subprocess.run([sys.executable, "-c", DRIVER], input=given, capture_output=True, text=True, check=False)
    assert "REPORT" in done.stderr, done.stderr
    found = json.loads(done.stderr.rpartition("REPORT")[2])
    return {Path(path).stem: attended_of(report) for path, report in found.items()}
