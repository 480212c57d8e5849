"""What a second look at unchanged files costs: `python benchmarks/again.py [PATHS]` (the fixtures).

Wall and processor time, in seconds and with all child processes, of a bare `autofix --version`, of a first preview with
an empty cache, and of the previews after it, of which the best counts. Fails where a later one says something else.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FIXTURES = str(Path(__file__).parents[1] / "fixtures")
LATER = 3


def timed(arguments: list[str], cache: str) -> tuple[float, float, str]:
    """Wall time, processor time, and what is printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "autofix", *arguments]
    ran = subprocess.run(command, env={**os.environ, "AUTOFIX_CACHE_DIR": cache}, capture_output=True, text=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ran.stdout


def main() -> int:
    paths = sys.argv[1:] or [FIXTURES]
    with tempfile.TemporaryDirectory() as cache:
        bare = min(timed(["--version"], cache) for _ in range(LATER))
        first = timed(paths, cache)
        later = [timed(paths, cache) for _ in range(LATER)]
    best = min(later)
    for name, (wall, processor, _) in {"--version": bare, "first": first, "second": best}.items():
        print(f"{name:10} wall {wall:6.2f} s   processor {processor:6.2f} s")
    return 0 if all(said == first[2] for _, _, said in later) else 1


if __name__ == "__main__":
    sys.exit(main())
