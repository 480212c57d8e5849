"""`python -m autofix` is the console script under another name."""

from __future__ import annotations

from autofix.cli import main

if __name__ == "__main__":
    main()
