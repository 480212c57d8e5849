"""A program is run as its user runs it, and what it shows comes back, however it ends.

The programs are plain Python: what stands for a framework differentiates with `step.backward()` and watches nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

HARNESS = """
import json, os, sys, types
from autofix.worker.program import observe
from autofix.worker.provenance import user_frames
from autofix.worker.record import Event

class Backend:
    def watch_program(self, record):
        def backward(value=1.0):
            record.differentiated(Event("backward", user_frames(), value, True, False, record.steps, record.printed()))
            record.stepped()
            if record.steps == record.wanted:
                record.end("steps")
        module = types.ModuleType("step")
        module.backward = backward
        module.place = record.place
        sys.modules["step"] = module

request = json.loads(sys.argv[1])
own, written = os._exit, os.dup(1)
def send(report):
    os.write(written, json.dumps(report["content"]).encode() + b"\\n")
os.chdir(request.pop("folder"))
observe(request, Backend(), send, lambda: own(0))
"""
STEPS = "import step\nfor _ in range(5):\n    step.backward()\n"


def ran(folder: Path, text: str, name: str = "train.py", seconds: float = 5.0, **wanted: Any) -> dict[str, Any]:
    """Run a program in its project, and give its report."""
    program = folder / "project" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(textwrap.dedent(text))
    (folder / "run").mkdir()
    request = {
        "folder": str(folder / "run"), "program": str(program), "root": str(folder / "project"), "texts": {},
        "seconds": seconds, "steps": 2, "move": 0.0, "seed": 0, "frozen": False, "slopes": False, "lines_of": "",
        "only": None, "lenient": False, "uncut": False, "recorded": False, "nested": False, "keeps": False,
        "values": {}, "trace": False, "changed": [], "folders": [], "stage": 0, "ahead": 0.0,
    }  # fmt: skip
    command = [sys.executable, "-c", HARNESS, json.dumps({**request, **wanted})]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.stdout, done.stderr
    reports = done.stdout.splitlines()
    assert len(reports) == 1  # it reports once, whatever it does
    return json.loads(reports[0])  # type: ignore[no-any-return]


def test_it_ends_after_the_steps_that_were_asked_for(tmp_path: Path) -> None:
    report = ran(tmp_path, STEPS + "raise ValueError\n")

    assert (report["end"], report["steps"], len(report["events"]), report["error"]) == ("steps", 2, 2, None)


def test_it_ends_by_itself_where_it_makes_fewer_steps(tmp_path: Path) -> None:
    report = ran(tmp_path, "import step\nstep.backward()\nprint('done')\n")

    assert (report["end"], report["steps"], report["printed"]) == ("finished", 1, "done\n")


def test_what_is_printed_is_counted_up_to_each_value(tmp_path: Path) -> None:
    report = ran(tmp_path, "import step\nprint('one')\nstep.backward()\nprint('two')\nstep.backward()\n")

    assert [each["printed"] for each in report["events"]] == [4, 8]


def test_an_error_is_told_with_its_frames_in_the_project(tmp_path: Path) -> None:
    report = ran(tmp_path, "def fail():\n    raise KeyError('x')\n\nfail()\n")
    (inner, outer) = report["error"]["frames"]

    assert report["end"] == "raised" and report["error"]["type"] == "KeyError"
    assert inner["file"] == outer["file"] == str(tmp_path / "project" / "train.py")
    assert (inner["line"], inner["function"], outer["line"]) == (2, "fail", 4)


def test_places_in_the_copy_are_told_as_the_project_has_them(tmp_path: Path) -> None:
    report = ran(tmp_path, "print(__file__)\nopen(__file__ + '.none')\n")
    place = str(tmp_path / "project" / "train.py")

    assert report["printed"] == f"{place}\n"
    assert place + ".none" in report["error"]["message"] and "/run/" not in report["error"]["message"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "end", "printed"),
    [
        ("import sys; sys.exit()", "finished", ""),
        ("import sys; sys.exit(0)", "finished", ""),
        ("import sys; sys.exit(3)", "exited", ""),
        ("import sys; sys.exit('no data')", "exited", "no data\n"),
        ("import os; os._exit(0)", "finished", ""),
        ("import os; os._exit(1)", "exited", ""),
        ("try:\n    import os; os._exit(1)\nfinally:\n    raise ValueError", "exited", ""),
    ],
)
def test_a_program_that_exits_says_so(tmp_path: Path, text: str, end: str, printed: str) -> None:
    report = ran(tmp_path, text + "\n")

    assert (report["end"], report["printed"], report["error"]) == (end, printed, None)


def test_required_arguments_that_are_missing_are_named(tmp_path: Path) -> None:
    parser = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--data', required={})\np.parse_args()\n"
    report = ran(tmp_path, parser.format(True) + STEPS)

    assert report["end"] == "exited" and "required: --data" in report["printed"]


def test_arguments_have_their_defaults(tmp_path: Path) -> None:
    parser = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--data', default='a')\n"
    report = ran(tmp_path, parser + "print(p.parse_args().data)\n" + STEPS)

    assert (report["end"], report["printed"]) == ("steps", "a\n")


def test_it_is_the_main_module_in_its_folder(tmp_path: Path) -> None:
    text = """
        import os, pickle, sys
        from inside import value
        class Model: ...
        assert __name__ == "__main__" and type(pickle.loads(pickle.dumps(Model()))) is Model
        assert sys.argv == [__file__] and os.getcwd() == os.path.dirname(__file__)
        print(value)
    """
    (tmp_path / "project/sub").mkdir(parents=True)
    (tmp_path / "project/sub/inside.py").write_text("value = 7\n")
    report = ran(tmp_path, text, name="sub/train.py")

    assert (report["error"], report["printed"]) == (None, "7\n")


def test_a_module_that_imports_from_its_package_is_run_as_a_part_of_it(tmp_path: Path) -> None:
    package = tmp_path / "project/models/nets"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").write_text("")
    (package / "inside.py").write_text("value = 7\n")
    text = "from .inside import value\nfrom ..nets import inside\nprint(value, __name__, __package__)\n"
    report = ran(tmp_path, text, name="models/nets/train.py")

    assert (report["error"], report["printed"]) == (None, "7 __main__ models.nets\n")


def test_a_relative_import_outside_of_a_package_fails_as_it_does(tmp_path: Path) -> None:
    assert ran(tmp_path, "from .inside import value\n")["error"]["type"] == "ImportError"


def test_there_is_no_input(tmp_path: Path) -> None:
    assert ran(tmp_path, "input('name? ')\n")["error"]["type"] == "EOFError"


@pytest.mark.slow
@pytest.mark.parametrize(
    "wait",
    [
        "while True:\n    time.sleep(9)",
        "while True:\n    pass",
        "while True:\n    try:\n        time.sleep(9)\n    except BaseException:\n        pass",
        "signal.signal(signal.SIGALRM, signal.SIG_IGN)\nsignal.alarm(0)\ntime.sleep(9)",
        "signal.setitimer(signal.ITIMER_REAL, 0)\ntime.sleep(9)",
        "threading.Thread(target=time.sleep, args=(9,)).start()\ntime.sleep(9)",
    ],
)
def test_a_program_that_does_not_end_is_late(tmp_path: Path, wait: str) -> None:
    start = time.monotonic()
    report = ran(tmp_path, "import signal, threading, time\n" + wait + "\n", seconds=1.0)

    assert report["end"] == "late" and time.monotonic() - start < 8.0


@pytest.mark.slow
@pytest.mark.parametrize(
    "act",
    [
        "import signal\nsignal.signal(signal.SIGALRM, print)\nsignal.alarm(30)",
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)",
        "import atexit, time\natexit.register(time.sleep, 30)",
        "import threading, time\nthreading.Thread(target=time.sleep, args=(30,)).start()",
        "import sys\nsys.excepthook = print",
        "import io, sys\nsys.stdout = io.StringIO()\nsys.stderr = None",
        "import sys\nsys.stdout.close()",
        "for _ in range(20_000):\n    print('x' * 100)",
        "import os\nos.makedirs('out')\nos.chdir('out')\nopen('log', 'w').write('x')",
        "import os\nos.makedirs(os.path.expanduser('~/.program/cache'))",
        "import logging\nlogging.basicConfig(filename='run.log', level=10)\nlogging.info('x')",
        "import warnings\nwarnings.warn('x')",
    ],
)
def test_what_else_a_program_does_does_not_keep_it_from_its_steps(tmp_path: Path, act: str) -> None:
    report = ran(tmp_path, act + "\n" + STEPS)

    assert (report["end"], report["error"], report["steps"]) == ("steps", None, 2)
    assert sorted(each.name for each in (tmp_path / "project").iterdir()) == ["train.py"]


def test_a_program_that_catches_everything_ends_all_the_same(tmp_path: Path) -> None:
    text = "import step\nwhile True:\n    try:\n        step.backward()\n    except:\n        pass\n"

    assert ran(tmp_path, text)["end"] == "steps"


def test_a_number_that_is_differentiated_is_a_value_without_a_gradient(tmp_path: Path) -> None:
    report = ran(tmp_path, "loss = 2.5\nloss.backward()\n")
    (event,) = report["events"]

    assert report["end"] == "raised" and (event["value"], event["live"]) == (2.5, False)
    assert event["frames"][0]["line"] == 2


@pytest.mark.parametrize("text", ["loss = 2.5\nloss.foo()\n", "loss = 'a'\nloss.backward()\n"])
def test_what_is_no_number_or_not_differentiated_is_no_value(tmp_path: Path, text: str) -> None:
    assert ran(tmp_path, text)["events"] == []


def test_the_lines_that_ran_are_those_of_the_file(tmp_path: Path) -> None:
    text = "def unused():\n    return 1\n\nif __name__ == '__main__':\n    x = 1\n"
    report = ran(tmp_path, text, lines_of=str(tmp_path / "project" / "train.py"))

    assert 5 in report["lines"] and 2 not in report["lines"]


def test_random_numbers_are_the_same_each_time(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = (ran(tmp_path / each, "import random\nprint(random.random())\n") for each in "ab")

    assert first["printed"] == second["printed"]
