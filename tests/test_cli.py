"""The command line: exit statuses, what goes where, what is written, and that one bad file never stops the others."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from autofix.cli import main
from autofix.model import Evidence, Exit, Finding, Fix, Outcome, Reason, Span
from autofix.runner import Job, run
from autofix.source.diff import unified_diff
from autofix.source.settings import Settings

BROKEN = "import numpy as np\nimport torch\nloss = np.abs(y)\n"
MENDED = "import numpy as np\nimport torch\nloss = torch.abs(y)\n"
HOPELESS = "import torch\nimport numpy as np\nloss = np.round(y)\n"
RIGHT = "import torch\nimport numpy as np\nloss = torch.abs(y)\n"
BAD_SYNTAX = "import torch, numpy\ndef loss(:\n"
EVIDENCE = Evidence(("y float[3]",), 0.0, None, 1.0, 0.0)


def fixer(text: str, path: str, verifier: object) -> Outcome:
    """Stands in for the analysis: mends np.abs, gives up on np.round, fails on np.crash."""
    compile(text, path, "exec", flags=1024)  # only an ast: raises SyntaxError as the analysis does
    if "np.crash" in text:
        raise KeyError("span")
    line = next((n for n, row in enumerate(text.splitlines(), 1) if "np." in row), 0)
    if not line:
        return Outcome(text)
    mended = text.replace("np.abs", "torch.abs")
    fix = (
        Fix("verified", diff=unified_diff(path, text, mended), evidence=EVIDENCE)
        if mended != text
        else Fix("none", Reason(Exit.REWRITE, "x"))
    )
    return Outcome(mended, (Finding(path, Span(line, 8, line, 14), "AF101", "lost here", "loss", "torch", fix),))


@dataclass(frozen=True)
class Ran:
    status: int
    out: str
    err: str


@pytest.fixture
def autofix(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Runs the job in a folder of its own on files given as text."""
    monkeypatch.chdir(tmp_path)

    def call(files: dict[str, str], paths: tuple[str, ...] = (".",), apply: bool = False, **options: object) -> Ran:
        for name, text in files.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(text.encode())
        status = run(Job(paths, replace(Settings(), **options), apply), fixer)  # type: ignore[arg-type]
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return call


@pytest.mark.parametrize(
    ("files", "preview", "applied"),
    [
        ({"a.py": RIGHT}, 0, 0),
        ({"a.py": BROKEN}, 1, 0),
        ({"a.py": HOPELESS}, 1, 1),
        ({"a.py": BROKEN, "b.py": HOPELESS}, 1, 1),
        ({"a.py": RIGHT, "b.py": BAD_SYNTAX}, 0, 0),  # another file was handled
        ({"a.py": BROKEN, "b.py": BAD_SYNTAX}, 1, 0),
        ({"b.py": BAD_SYNTAX}, 2, 2),
        ({"a.py": "import torch, numpy\nnp.crash\n", "b.py": BROKEN}, 2, 2),
        ({"notes.txt": ""}, 2, 2),
        ({"a.py": "x = 1\n"}, 0, 0),
    ],
)
def test_exit_status(autofix, files: dict[str, str], preview: int, applied: int) -> None:  # type: ignore[no-untyped-def]
    assert (autofix(files).status, autofix({}, apply=True).status) == (preview, applied)


def test_preview_writes_nothing(autofix) -> None:  # type: ignore[no-untyped-def]
    before = autofix({"a.py": BROKEN})

    assert "+loss = torch.abs(y)" in before.out
    assert Path("a.py").read_text() == BROKEN


def test_apply_writes_once(autofix) -> None:  # type: ignore[no-untyped-def]
    first = autofix({"a.py": BROKEN}, apply=True)
    stamp = Path("a.py").stat().st_mtime_ns
    second = autofix({}, apply=True)

    assert Path("a.py").read_text() == MENDED
    assert "fixed  a.py:3:8: AF101" in first.out
    assert "Fixed 1 of 1 finding in 1 file" in first.out
    assert (second.status, Path("a.py").stat().st_mtime_ns) == (0, stamp)


def test_apply_leaves_what_has_no_proof(autofix) -> None:  # type: ignore[no-untyped-def]
    ran = autofix({"a.py": HOPELESS}, apply=True)

    assert "no fix a.py:3:8: AF101" in ran.out
    assert Path("a.py").read_text() == HOPELESS


def test_a_file_that_cannot_be_written_keeps_its_findings(autofix, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # chmod does not stop root
    Path("a.py").write_text(BROKEN)
    ran = autofix({"b.py": RIGHT}, apply=True)

    assert ran.status == 1
    assert "autofix: a.py: not modified: read-only" in ran.err
    assert "Fixed 0 of 1 finding in 0 files; 1 file checked, 1 error." in ran.out
    assert "fixed  a.py" not in ran.out
    assert Path("a.py").read_text() == BROKEN


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.py", BAD_SYNTAX, "a.py: line 2: syntax error"),
        ("plain.py", "def f(:\n", "plain.py: line 1: syntax error"),  # holds no loss, but was named
        ("a.py", "import torch\n\0", "a.py: line 2: contains NUL bytes"),
        ("a.py", "# coding: klingon\nimport torch", "a.py: line 1: unknown encoding: klingon"),
    ],
)
def test_bad_input_is_one_line_and_the_rest_goes_on(autofix, name: str, content: str, words: str) -> None:  # type: ignore[no-untyped-def]
    alone = autofix({name: content}, (name,))
    among = autofix({"good.py": BROKEN}, (name, "good.py"))

    assert (alone.status, len(alone.err.splitlines())) == (2, 1)
    assert words in alone.err
    assert (among.status, "+loss = torch.abs(y)" in among.out, words in among.err) == (1, True, True)


def test_missing_file(autofix) -> None:  # type: ignore[no-untyped-def]
    ran = autofix({}, ("none.py",))

    assert (ran.status, ran.err) == (2, "autofix: none.py: no such file or folder; check the path\n")


def test_a_fault_of_autofix_asks_for_a_report(autofix) -> None:  # type: ignore[no-untyped-def]
    files = {"a.py": "import torch, numpy\nnp.crash\n", "b.py": BROKEN}
    ran = autofix(files)

    assert "a.py: internal error (KeyError: 'span')" in ran.err
    assert "please report it" in ran.err
    assert "Traceback" not in ran.err
    assert "+loss = torch.abs(y)" in ran.out
    assert "Traceback" in autofix(files, verbose=True).err


def test_json_is_all_there_is_on_standard_output(autofix) -> None:  # type: ignore[no-untyped-def]
    ran = autofix({"a.py": BROKEN, "b.py": BAD_SYNTAX}, format="json", statistics=True)
    report = json.loads(ran.out)

    assert [(f["path"], f["line"], f["fix"]["status"]) for f in report["findings"]] == [("a.py", 3, "verified")]
    assert [error["path"] for error in report["errors"]] == ["b.py"]
    assert report["files"] == 1
    assert "b.py: line 2" in ran.err


def test_quiet_leaves_out_the_summary_only(autofix) -> None:  # type: ignore[no-untyped-def]
    loud, quiet = autofix({"a.py": BROKEN}), autofix({}, quiet=True)

    assert loud.out.startswith(quiet.out)
    assert "checked" in loud.out.removeprefix(quiet.out)
    assert "+loss" in quiet.out


def test_no_escape_codes_off_a_terminal(autofix) -> None:  # type: ignore[no-untyped-def]
    ran = autofix({"a.py": BROKEN, "b.py": BROKEN})

    assert "\033" not in ran.out + ran.err
    assert "\r" not in ran.out + ran.err


@pytest.mark.parametrize("jobs", [1, 4])
def test_order_does_not_depend_on_jobs(autofix, jobs: int) -> None:  # type: ignore[no-untyped-def]
    files = {f"f{number:02}.py": BROKEN for number in range(20)}
    ran = autofix(files, jobs=jobs)

    assert [line.split(":")[0] for line in ran.out.splitlines() if "AF101" in line] == sorted(files)


def test_jobs_run_at_the_same_time_with_a_verifier_each(tmp_path: Path) -> None:
    from autofix.runner import Verifiers, fix_all, take

    class Spy:
        def __init__(self) -> None:
            self.threads: set[int] = set()
            self.is_closed = False

        def close(self) -> None:
            self.is_closed = True

    spies: list[Spy] = []

    def start() -> Spy:
        spies.append(Spy())
        return spies[-1]

    def slow(text: str, path: str, verifier: Spy) -> Outcome:
        verifier.threads.add(threading.get_ident())
        time.sleep(0.02)
        return Outcome(text)

    sources = [take(f"{number}.py", BROKEN.encode(), is_named=False) for number in range(8)]
    with Verifiers(start) as verifiers:  # type: ignore[arg-type]
        results = list(fix_all(sources, slow, verifiers, 2))  # type: ignore[arg-type]

    assert [result.path for result in results] == [f"{number}.py" for number in range(8)]
    assert [(len(spy.threads), spy.is_closed) for spy in spies] == [(1, True)] * 2


class Pipe(io.TextIOWrapper):
    """Standard input or output as the interpreter has it: text above bytes."""

    def __init__(self, content: bytes = b"") -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8", newline="")

    def bytes(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # type: ignore[attr-defined,no-any-return]


def _pipe(monkeypatch: pytest.MonkeyPatch, content: bytes, apply: bool, name: str = "") -> tuple[int, bytes, bytes]:
    streams = {"stdin": Pipe(content), "stdout": Pipe(), "stderr": Pipe()}
    for stream, pipe in streams.items():
        monkeypatch.setattr(sys, stream, pipe)
    status = run(Job(("-",), Settings(), apply, name), fixer)
    return status, streams["stdout"].bytes(), streams["stderr"].bytes()


@pytest.mark.parametrize(
    "content", [BROKEN.encode(), BROKEN.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + BROKEN.encode()]
)
def test_standard_input_patched_byte_for_byte(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    status, out, err = _pipe(monkeypatch, content, apply=True, name="loss.py")

    assert (status, out) == (0, content.replace(b"np.abs", b"torch.abs"))
    assert b"fixed  loss.py:3:8: AF101" in err


def test_standard_input_previewed(monkeypatch: pytest.MonkeyPatch) -> None:
    status, out, err = _pipe(monkeypatch, BROKEN.encode(), apply=False)

    assert (status, err) == (1, b"")
    assert b"<stdin>:3:8: AF101" in out
    assert b"+loss = torch.abs(y)" in out


@pytest.mark.parametrize("content", [BAD_SYNTAX.encode(), b"\0\xff", b"x = 1\n", b""])
def test_standard_input_comes_back_when_there_is_nothing_to_mend(
    monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    assert _pipe(monkeypatch, content, apply=True)[1] == content


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [(KeyboardInterrupt(), 130, "interrupted"), (ZeroDivisionError("1/0"), 2, "please report it")],
)
def test_interrupted_or_failed_as_a_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    error: BaseException, status: int, words: str,
) -> None:  # fmt: skip
    def fail(asked: Job) -> int:
        raise error

    monkeypatch.setattr("autofix.runner.run", fail)

    assert _main(str(tmp_path)) == status
    assert words in capsys.readouterr().err


def _main(*words: str) -> int:
    with pytest.raises(SystemExit) as exit:
        main(words)
    return int(exit.value.code or 0)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "Missing argument"),
        (("--nonsense", "."), "No such option"),
        (("--format", "xml", "."), "xml"),
        (("--jobs", "0", "."), "jobs"),
        (("--timeout", "0", "."), "timeout"),
        (("--select", "AF9", "."), "unknown code 'AF9'; the codes are AF001"),
        (("--python", "nowhere/python", "."), "not an executable"),
        (("-", "a.py"), "cannot combine -"),
        (("--stdin-filename", "a.py", "."), "requires -"),
        (("explain", "AF999"), "unknown code 'AF999'"),
        (("explain",), "Missing argument"),
    ],
)
def test_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
                   words: tuple[str, ...], message: str) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)

    assert _main(*words) == 2
    assert message in capsys.readouterr().err


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert _main("explain", "af103") == 0
    assert capsys.readouterr().out.startswith("# AF103: ")


def test_a_file_called_explain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "explain").write_text("x = 1\n")

    assert _main("./explain") == 0
    assert capsys.readouterr().out == "No lost gradients found in 1 file.\n"


def test_a_broken_configuration_stops_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.autofix]\nsellect = []\n")
    (tmp_path / "a.py").write_text("x = 1\n")

    assert _main("a.py") == 2
    captured = capsys.readouterr()
    assert (captured.out, "line 2" in captured.err, "did you mean 'select'" in captured.err) == ("", True, True)


def test_options_win_over_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.autofix]\nformat = 'json'\nexclude = ['b.py']\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").write_text("x = 1\n")

    assert _main(str(tmp_path)) == 0
    assert json.loads(capsys.readouterr().out)["files"] == 1
    assert _main("--format", "text", "--exclude", "none", str(tmp_path)) == 0
    assert "in 2 files." in capsys.readouterr().out


@pytest.mark.parametrize("words", [["--version"], ["explain", "AF101"], ["plain.py"], ["--format", "json", "plain.py"]])
def test_start_up_is_cheap(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "plain.py").write_text("import torch\nx = 1\n")
    probe = (
        "import sys\n"
        "try:\n    from autofix.cli import main; main(sys.argv[1:])\n"
        "finally:\n    sys.stderr.write(' '.join({'libcst', 'numpy', 'torch', 'tensorflow'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", probe, *words], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert (done.stderr, bool(done.stdout)) == ("", True)


def test_diff_prints_only_diffs_that_git_applies(autofix, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    notebook = json.dumps({"cells": [{"cell_type": "code", "source": BROKEN.splitlines(True)}]}, indent=1)
    crlf = BROKEN.replace("\n", "\r\n") + "# é"
    files = {"a.py": BROKEN, "b/c d.py": crlf, "n.ipynb": notebook, "right.py": RIGHT, "hopeless.py": HOPELESS}

    ran = autofix(files, format="diff")

    assert ran.status == 1
    assert "2 findings" not in ran.out and "4 findings, 3 with a verified fix" in ran.err
    Path("all.diff").write_bytes(ran.out.encode())
    subprocess.run(["git", "apply", "all.diff"], check=True, cwd=tmp_path)
    assert Path("a.py").read_text() == MENDED
    assert Path("b/c d.py").read_bytes() == crlf.replace("np.abs", "torch.abs").encode()
    assert Path("n.ipynb").read_text() == notebook.replace("np.abs", "torch.abs")
    assert (Path("right.py").read_text(), Path("hopeless.py").read_text()) == (RIGHT, HOPELESS)


def test_diff_of_right_code_prints_nothing(autofix) -> None:  # type: ignore[no-untyped-def]
    assert autofix({"a.py": RIGHT}, format="diff").out == ""


@pytest.mark.parametrize("more", [["--apply"], ["--format", "json"]])
def test_diff_goes_with_no_other_way_of_reporting(more: list[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--diff", *more, str(tmp_path)])

    assert ended.value.code == 2


def test_a_notebook_is_written_with_only_its_fault_changed(autofix) -> None:  # type: ignore[no-untyped-def]
    whole = {"cells": [{"cell_type": "code", "outputs": ["np.abs(y)"], "source": BROKEN.splitlines(True)}]}
    before = json.dumps(whole, indent=3)

    ran = autofix({"n.ipynb": before}, apply=True)

    assert ran.status == 0
    assert "n.ipynb:cell 1:3:8: AF101" in ran.out
    assert Path("n.ipynb").read_text() == before.replace("loss = np.abs", "loss = torch.abs")


def test_the_json_report_names_the_cell_of_a_notebook(autofix) -> None:  # type: ignore[no-untyped-def]
    cells = [{"cell_type": "markdown", "source": "a"}, {"cell_type": "code", "source": BROKEN}]
    ran = autofix({"n.ipynb": json.dumps({"cells": cells})}, format="json")

    (finding,) = json.loads(ran.out)["findings"]
    assert (finding["cell"], finding["line"]) == (2, 3)


@pytest.mark.parametrize("format", ["sarif", "github"])
def test_other_formats_are_the_whole_of_standard_output(autofix, format: str) -> None:  # type: ignore[no-untyped-def]
    ran = autofix({"a.py": BROKEN, "b.py": BAD_SYNTAX}, format=format)

    assert ran.status == 1
    if format == "sarif":
        (run_of,) = json.loads(ran.out)["runs"]
        assert [result["ruleId"] for result in run_of["results"]] == ["AF101"]
    else:
        assert [line.partition(" ")[0] for line in ran.out.splitlines()] == ["::error", "::error"]
