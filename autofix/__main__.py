"""The command line, however it is started; no module of the working folder is imported in place of one of autofix's."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Leave the working folder out of the import path: `-m` and an empty entry in `PYTHONPATH` have put it there."""
    here = os.path.realpath(os.curdir)
    ours = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))  # noqa: PTH120
    if here != ours:
        sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry or os.curdir) != here]
    from autofix.cli import main as run

    run()


if __name__ == "__main__":
    main()
