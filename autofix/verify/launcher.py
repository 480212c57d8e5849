"""Start the user's Python inside the outer jail, or without it if the user allows that.

`launch` is the only way in which autofix starts a process. autofix's own Python gives up its rights and then executes
the user's, so that `sitecustomize`, `.pth` files and whatever the project calls a Python run inside.

The environment has what the Python needs and the settings of the frameworks, but no secrets, and no variable that makes
it execute other code: no `PYTHONPATH` (an empty entry is the working folder, and a `torch.py` there would be imported),
`PYTHONHOME`, `PYTHONSTARTUP` or `LD_PRELOAD`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autofix.knowledge.frameworks import TENSORFLOW
from autofix.source.environments import folders_of_project
from autofix.source.trust import TrustError, is_trusted, trusted_folders
from autofix.verify.interpreters import Places, is_users_word, parts_of, places_of, prefixes_of
from autofix.worker import jail

HERE = Path(__file__).parent.parent
ENTER = "import sys; sys.path.append({folder!r}); from worker.outer_jail import main; main({plan!r})"
PLAN = "plan.json"


@dataclass(frozen=True)
class Chosen:
    """A Python and who chose it: `typed`, or by what it is; `near` is a folder of the project that it is run for."""

    python: Path
    near: Path
    typed: bool = False

    @property
    def is_users_word(self) -> bool:
        """Whether what its environment says of folders elsewhere is believed."""
        return is_users_word(self.python, self.typed) or is_trusted(self.near)

    @cached_property
    def places(self) -> Places:
        """Where it and its packages lie."""
        *_, repository = self.near.resolve(), *folders_of_project(self.near.resolve())
        return places_of(self.python, self.is_users_word, repository)


def lacking() -> str:
    """Why nothing can be confined on this system, as far as can be seen without trying; empty where it can."""
    return jail.lacking()


def refusal(reason: str, near: Path) -> str:
    """What is said where nothing may be run, with both ways out."""
    *_, project = near, *folders_of_project(near.resolve())
    try:
        trusted_folders()
        broken = ""
    except TrustError as error:
        broken = f" ({error})"
    once, always = "--allow-unsandboxed runs it without one once", f"`autofix trust {project}` permanently"
    return f"no sandbox is available ({reason}); {once}, {always}{broken}"


def launch(
    chosen: Chosen, arguments: Sequence[str], folder: Path, readable: Iterable[str] = (), programs: Iterable[Path] = ()
) -> subprocess.Popen[bytes]:
    """Execute a Python with pipes for its standard streams, in a session of its own.

    It may write to `folder`, and read itself and its packages, the visible part of the projects `readable`, and the
    folders of our `programs`. Where the system cannot confine it, it runs without: the caller has asked whether it may.
    Raises OSError.
    """
    command = [str(chosen.python.absolute()), *arguments]
    confined = not lacking()
    variables = environment(folder, confined)
    if confined:
        plan = folder / PLAN
        asked = planned(chosen, folder, [*readable], [*programs])
        plan.write_text(json.dumps({**asked, "command": command, "environment": variables}), encoding="utf-8")
        enter = ENTER.format(folder=str(HERE), plan=str(plan))
        command = [sys.executable, "-I", "-S", "-c", enter]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=variables,
        # A Ctrl-C is ours to handle; and all that is started there is one group, which can be ended.
        start_new_session=sys.platform != "win32",
    )


def planned(chosen: Chosen, folder: Path, readable: list[str], programs: list[Path]) -> dict[str, object]:
    """What the outer jail lets it do."""
    keras = os.path.expanduser("~/.keras/keras.json")  # noqa: PTH111
    ours = [part for one in prefixes_of(Path(sys.executable), True) for part in parts_of(one)]
    return {
        "host": os.getpid(),
        "folder": str(folder),
        # Our own Python's too: a script that the user calls a Python may well start that one.
        "run": [*chosen.places.run, *ours],
        "read": [*map(str, programs), *absolute("LD_LIBRARY_PATH"), keras],
        "projects": [*dict.fromkeys((*readable, *chosen.places.sources))],
        "near": [str(chosen.near)],
    }


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all that it has started and not let go of."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    if process.poll() is None:
        process.kill()


KEPT = ("LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")
# Lists of folders. Modules of clusters and activated environments name CUDA's and compilers' libraries in the second:
# without it many a torch cannot be imported. It is the user's, not the project's.
FOLDERS = ("PATH", "LD_LIBRARY_PATH")
SET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8",
    "PYTORCH_JIT": "0",
    "TORCHDYNAMO_DISABLE": "1",
    "KERAS_BACKEND": TENSORFLOW.name,
    "MPLBACKEND": "Agg",
}


def environment(folder: Path, confined: bool = False) -> dict[str, str]:
    """The environment of what is started; `folder` is its own, for what it would else write in the user's home.

    Where it is `confined`, it can write nowhere else. `HOME` stays the user's: `pip --user` puts packages there.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    kept |= {name: os.pathsep.join(found) for name in FOLDERS if (found := absolute(name))}
    home = os.path.expanduser("~")  # noqa: PTH111
    keras = Path(home, ".keras/keras.json")
    own = {"TMPDIR": str(folder), "HOME": home} if confined else {}
    return kept | SET | own | ({} if keras.is_file() else {"KERAS_HOME": str(folder / ".keras")})


def absolute(name: str) -> list[str]:
    """The folders of a list; an empty or a relative entry would be one of the project's."""
    return [one for one in os.environ.get(name, "").split(os.pathsep) if Path(one).is_absolute()]
