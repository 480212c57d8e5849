"""What an editor waits for while one types: a look at a program of about 1,000 lines, against parsing it.

Prints medians in milliseconds and their ratio, for a right program and for one in which every loss is broken.
"""

from __future__ import annotations

import ast
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from autofix.fix import look

FIXTURES = Path(__file__).parents[1] / "fixtures"
LINES = 1000
MOST = 50.0


def program(kind: str) -> str:
    """The programs of one kind in one file, again and again, each of their functions under a name of its own."""
    text = (FIXTURES / f"torch_huber_{kind}.py").read_text() + (FIXTURES / f"torch_mae_{kind}.py").read_text()
    turns = range(LINES // len(text.splitlines()))
    return "\n".join(text.replace("mae_loss", f"mae_loss_{n}").replace("HuberLoss", f"HuberLoss{n}") for n in turns)


def median(action: Callable[[], object], rounds: int) -> float:
    """The median of the wall time in milliseconds, the first round left out."""
    taken = []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken[1:])


def main() -> int:
    """Measure; the status is 1 where a look at the right program takes longer than it may."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    looks = {}
    for kind in ("right", "broken"):
        text = program(kind)
        parse = median(partial(ast.parse, text), rounds)
        looks[kind] = median(partial(look, text, "loss.py"), rounds)
        lines, ratio = len(text.splitlines()), looks[kind] / parse
        print(f"{kind}: {lines} lines; parsed in {parse:.1f} ms, looked at in {looks[kind]:.0f} ms: {ratio:.1f} to 1")
    return int(looks["right"] > MOST)


if __name__ == "__main__":
    sys.exit(main())
