"""What a second look at unchanged files costs: `python benchmarks/again.py [PATHS]` (the fixtures).

Wall and processor time, in seconds and with all child processes, of a bare `autofix --version`, of a first preview with
an empty cache, and of the previews after it, of which the best counts. Fails where a later one says something else.

With `--scan`, for each folder by itself: nothing is run, and beside it stand what `ruff check --select NPY` costs, how
often as much each of the previews costs in the same run, and how often as much as `python -c pass` one clean file does.
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


def timed(command: list[str], cache: str) -> tuple[float, float, str]:
    """Wall time, processor time, and what is printed."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ran = subprocess.run(command, env={**os.environ, "AUTOFIX_CACHE_DIR": cache}, capture_output=True, text=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ran.stdout


def tell(name: str, cost: tuple[float, float, str], unit: tuple[float, float, str] | None = None) -> None:
    """Print what something costs, and how often as much as a unit."""
    ratio = "" if unit is None else f"   {cost[0] / unit[0]:6.1f} and {cost[1] / unit[1]:6.1f} to 1"
    print(f"{name:16} wall {cost[0]:7.2f} s   processor {cost[1]:7.2f} s{ratio}", flush=True)


def scan(folders: list[str]) -> int:
    """Compare looks at folders with ruff, and a clean file with a Python that does nothing."""
    autofix = [sys.executable, "-m", "autofix", "--observe", "0"]
    same = True
    for folder in folders:
        print(f"{folder}: {sum(1 for _ in Path(folder).rglob('*.py'))} Python files")
        with tempfile.TemporaryDirectory() as cache:
            ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "NPY", folder]
            unit = min(timed(ruff, cache) for _ in range(LATER))
            tell("ruff", unit)
            uncached = timed([*autofix, "--no-cache", folder], cache)
            tell("without a cache", uncached, unit)
            first = timed([*autofix, folder], cache)
            tell("first", first, unit)
            later = [timed([*autofix, folder], cache) for _ in range(LATER)]
            tell("second", min(later), unit)
            same = same and {each[2] for each in (uncached, first, *later)} == {first[2]}
    with tempfile.TemporaryDirectory() as empty:
        clean = Path(empty) / "clean.py"
        clean.write_text("x = 1\n")
        bare = min(timed([sys.executable, "-c", "pass"], empty) for _ in range(3 * LATER))
        tell("python -c pass", bare)
        tell("one clean file", min(timed([*autofix, str(clean)], empty) for _ in range(3 * LATER)), bare)
    return 0 if same else 1


def main() -> int:
    if sys.argv[1:2] == ["--scan"]:
        return scan(sys.argv[2:] or [FIXTURES])
    autofix, paths = [sys.executable, "-m", "autofix"], sys.argv[1:] or [FIXTURES]
    with tempfile.TemporaryDirectory() as cache:
        tell("--version", min(timed([*autofix, "--version"], cache) for _ in range(LATER)))
        first = timed([*autofix, *paths], cache)
        later = [timed([*autofix, *paths], cache) for _ in range(LATER)]
    tell("first", first)
    tell("second", min(later))
    return 0 if all(said == first[2] for _, _, said in later) else 1


if __name__ == "__main__":
    sys.exit(main())
