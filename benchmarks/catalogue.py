"""What the catalogue costs: a start of the command line, the same with LibCST, and with one rule rendered as well.

Prints the medians in milliseconds and what each adds; the three are run in turns, so that a busy machine slows all alike.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

START = "import autofix.cli"
LIBCST = f"{START}; import libcst, libcst.metadata"
RULE = (
    f"{LIBCST}; from autofix.model import Kind; from autofix.rewrite.catalogue import Argument, Catalogue; "
    "found = Catalogue.load('torch').render("
    "'numpy.mean', [Argument(libcst.Name('p'), Kind.TENSOR)], {'torch': 'torch'}); "
    "import sys; assert found and not {'torch', 'tensorflow', 'numpy'} & set(sys.modules)"
)
MOST = 30.0


def main() -> int:
    """Measure; the status is 1 where reading the catalogue and rendering a rule takes longer than it may."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    taken: dict[str, list[float]] = {START: [], LIBCST: [], RULE: []}
    for _ in range(rounds + 1):
        for program, times in taken.items():
            started = time.perf_counter()
            subprocess.run([sys.executable, "-c", program], check=True)
            times.append((time.perf_counter() - started) * 1000)
    start, libcst, rule = (statistics.median(times[1:]) for times in taken.values())
    print(f"start {start:.0f} ms; with LibCST {libcst:.0f} ms; with a rule rendered {rule:.0f} ms")
    print(f"the catalogue adds {rule - libcst:.0f} ms (at most {MOST:.0f}), LibCST {libcst - start:.0f} ms")
    return int(rule - libcst > MOST)


if __name__ == "__main__":
    sys.exit(main())
