"""What the catalogue costs: a start of the command line, then LibCST, the engine, and one rule rendered on top.

Prints the medians of the processor time in milliseconds, and what each adds; the four are run in turns.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

START = "import autofix.cli"
LIBCST = f"{START}; import libcst, libcst.metadata"
ENGINE = f"{LIBCST}; from autofix.model import Kind; from autofix.rewrite.catalogue import Argument, Catalogue"
RULE = (
    f"{ENGINE}; found = Catalogue.load('torch').render("
    "'numpy.mean', [Argument(libcst.Name('p'), Kind.TENSOR)], {'torch': 'torch'}); "
    "import sys; assert found and not {'torch', 'tensorflow', 'numpy'} & set(sys.modules)"
)
MOST = 30.0


def main() -> int:
    """Measure; the status is 1 where reading the catalogue and rendering a rule takes longer than it may."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    taken: dict[str, list[float]] = {START: [], LIBCST: [], ENGINE: [], RULE: []}
    for _ in range(rounds + 1):
        for program, times in taken.items():
            before = _used()
            subprocess.run([sys.executable, "-c", program], check=True)
            times.append((_used() - before) * 1000)
    start, libcst, engine, rule = (statistics.median(times[1:]) for times in taken.values())
    print(f"start {start:.0f} ms; LibCST adds {libcst - start:.0f} ms, the engine {engine - libcst:.0f} ms")
    print(f"reading the catalogue and rendering a rule adds {rule - engine:.0f} ms (at most {MOST:.0f})")
    return int(rule - engine > MOST)


def _used() -> float:
    """The processor time in seconds of all the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
