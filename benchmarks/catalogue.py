"""What the catalogue costs: a start of the command line, the same with LibCST, and with one rule rendered as well.

Prints the medians of the processor time in milliseconds, and what each adds; the three are run in turns.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

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
            before = os.times()
            subprocess.run([sys.executable, "-c", program], check=True)
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            times.append(used * 1000)
    start, libcst, rule = (statistics.median(times[1:]) for times in taken.values())
    print(f"start {start:.0f} ms; with LibCST {libcst:.0f} ms; with a rule rendered {rule:.0f} ms")
    print(f"the catalogue adds {rule - libcst:.0f} ms (at most {MOST:.0f}), LibCST {libcst - start:.0f} ms")
    return int(rule - libcst > MOST)


if __name__ == "__main__":
    sys.exit(main())
