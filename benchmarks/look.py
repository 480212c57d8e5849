"""What an editor waits for while one types: a look at a program of about 1,000 lines, against parsing it.

Prints the least processor time of several rounds in milliseconds, and its ratio to parsing: for a right program, for
one in which every loss is broken, and for each file that is named. Arguments: the number of rounds, then files.
"""

from __future__ import annotations

import ast
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from autofix.pipeline import look

FIXTURES = Path(__file__).parents[1] / "fixtures"
LINES = 1000
MOST = 50.0


def program(kind: str) -> str:
    """The programs of one kind in one file, again and again, each of their functions under a name of its own."""
    text = (FIXTURES / f"torch_huber_{kind}.py").read_text() + (FIXTURES / f"torch_mae_{kind}.py").read_text()
    turns = range(LINES // len(text.splitlines()))
    return "\n".join(text.replace("mae_loss", f"mae_loss_{n}").replace("HuberLoss", f"HuberLoss{n}") for n in turns)


def least(action: Callable[[], object], rounds: int) -> float:
    """The least processor time of a round in milliseconds: what else runs on the machine only adds to it."""
    taken = []
    for _ in range(rounds):
        start = time.process_time()
        action()
        taken.append((time.process_time() - start) * 1000)
    return min(taken)


def main() -> int:
    """Measure; the status is 1 where a look at one of the texts takes longer than it may."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    texts = {kind: program(kind) for kind in ("right", "broken")}
    texts |= {name: Path(name).read_text() for name in sys.argv[2:]}
    looks = []
    for name, text in texts.items():
        parse = least(partial(ast.parse, text), rounds)
        looks.append(least(partial(look, text, "loss.py"), rounds))
        lines, ratio = len(text.splitlines()), looks[-1] / parse
        print(f"{name}: {lines} lines; parsed in {parse:.1f} ms, looked at in {looks[-1]:.1f} ms: {ratio:.1f} to 1")
    return int(max(looks) > MOST)


if __name__ == "__main__":
    sys.exit(main())
