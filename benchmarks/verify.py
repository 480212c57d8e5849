"""How long a verification takes, and what its processes hold: `python benchmarks/verify.py [torch] [tensorflow]`.

For each framework: a bare import of it, then requests to a warm worker, with a spare child and with a fork for each
request. Times are wall times in ms from request to verdict, ratios are to the import measured in the same run: they
say more than the times on a machine that does other things too. Some machines are slower after a pause, and the times
with them: how much so is printed, for plain Python after the pause that each request comes after.

With `--count 500` it is an endurance run: it fails where the worker grew, or left a process, a file or a folder behind.
"""

from __future__ import annotations

import argparse
import ast
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import get_args

from autofix.model import Framework, Parameter, Request, Target
from autofix.verify.launcher import environment
from autofix.verify.processes import Worker
from autofix.verify.verifier import Verifier

LOSS = """
import numpy as np
import {imported}
def loss(y_pred, y_true):
    return {value}
"""
LOSSES: dict[Framework, tuple[str, str, str]] = {
    "torch": (
        "torch",
        "torch.tensor(np.mean(np.abs(y_pred.detach().numpy() - y_true.numpy())))",
        "torch.mean(torch.abs(y_pred - y_true))",
    ),
    "tensorflow": (
        "tensorflow as tf",
        "tf.constant(np.mean(np.abs(y_pred.numpy() - y_true.numpy())))",
        "tf.reduce_mean(tf.abs(y_pred - y_true))",
    ),
}
# MiB, of some hundred.
MOST_GROWTH = 8
# Seconds in which the next spare is warm.
PAUSES: dict[Framework, float] = {"torch": 0.25, "tensorflow": 1.0}


def request(framework: Framework) -> Request:
    imported, *values = LOSSES[framework]
    original, patch = (LOSS.format(imported=imported, value=value) for value in values)
    parameters = Parameter("y_pred", "prediction"), Parameter("y_true", "target")
    return Request("loss.py", framework, Target("loss", 0, parameters), original, (patch,))


def import_seconds(framework: Framework) -> float:
    """The best of three bare imports, in the environment of a worker."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            begun = time.perf_counter()
            command = [sys.executable, "-B", "-c", f"import {framework}"]
            subprocess.run(command, env=environment(Path(folder)), stderr=subprocess.DEVNULL, check=True)
            found.append(time.perf_counter() - begun)
    return min(found)


def slower_after(pause: float, rounds: int = 9) -> float:
    """How many times as long plain Python takes after a pause as without one; medians."""
    source = Path(__file__).read_text()

    def median(idle: float) -> float:
        taken = []
        for _ in range(rounds):
            time.sleep(idle)
            begun = time.perf_counter()
            ast.dump(ast.parse(source))
            taken.append(time.perf_counter() - begun)
        return statistics.median(taken)

    return median(pause) / median(0.0)


def memory(process: int) -> tuple[int, int]:
    """Resident and proportional size, in MiB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    sizes = {line.split(":")[0]: int(line.split()[1]) >> 10 for line in lines[1:] if line.endswith("kB")}
    return sizes["Rss"], sizes["Pss"]


def children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def files(process: int) -> int:
    return len(list(Path(f"/proc/{process}/fd").iterdir()))


def settled(worker: int, count: int) -> None:
    """Wait until nothing but the spare is left, and the machine has had time to calm down."""
    limit = time.monotonic() + 20.0
    while len(children(worker)) != count and time.monotonic() < limit:
        time.sleep(0.05)


def measure(framework: Framework, spare: bool, count: int, pause: float, importing: float) -> list[str]:
    """Print one row; gives what is wrong with what is left."""
    asked, times = request(framework), []
    with Verifier(None, spare=spare) as verifier:
        if reason := verifier.missing(framework):
            sys.exit(reason)
        for _ in range(3):
            verifier.verify(asked)
        worker = verifier.worker(framework, Path.cwd())
        assert isinstance(worker, Worker)
        process = worker.process.pid
        settled(process, int(spare))
        before = memory(process)[0], files(process), files(os.getpid())
        for _ in range(count):
            time.sleep(pause)
            begun = time.perf_counter()
            verdict = verifier.verify(asked)
            times.append(1e3 * (time.perf_counter() - begun))
            if verdict.status != "verified":
                return [f"a right patch was not proven: {verdict}"]
        settled(process, int(spare))
        after = memory(process)[0], files(process), files(os.getpid())
        own = "worker {} / {} MiB".format(*memory(process))
        child = "child {} / {} MiB".format(*memory(children(process)[0])) if spare else "no spare"
        left = len(children(process)) - int(spare), len(list(Path(worker.folder).glob("run-*"))) - int(spare)
    median, late = statistics.median(times), sorted(times)[int(0.95 * len(times))]
    ratio = f"1:{1e3 * importing / median:.0f}"
    name = f"{framework}, {'spare' if spare else 'fork'}"
    row = f"{name:18} p50 {median:7.1f}  min {min(times):7.1f}  p95 {late:7.1f}  {ratio:>6}"
    print(f"{row}   {own}, {child} (RSS / PSS)")
    faults = {
        "the worker grew": after[0] - before[0] > MOST_GROWTH,
        "files stay open": after[1:] != before[1:],
        "processes are left": left[0] != 0,
        "folders are left": left[1] != 0 or Path(worker.folder).exists(),
    }
    return [f"{name}: {fault}" for fault, is_so in faults.items() if is_so]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("frameworks", nargs="*", choices=[*get_args(Framework), []], default=[])
    parser.add_argument("--count", type=int, default=30, help="requests for each row (30)")
    parser.add_argument("--pause", type=float, help="seconds before each (0.25 for torch, 1 for tensorflow)")
    chosen = parser.parse_args()
    faults = []
    for framework in chosen.frameworks or get_args(Framework):
        importing = import_seconds(framework)
        pause = PAUSES[framework] if chosen.pause is None else chosen.pause
        print(f"{framework}, bare import {1e3 * importing:.0f} ms")
        print(f"plain Python after {pause:g} s of rest: {slower_after(pause):.1f} times as long as at work")
        for spare in (True, False):
            faults += measure(framework, spare, chosen.count, pause, importing)
    print("\n".join(faults) or "nothing grew, nothing was left behind")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
