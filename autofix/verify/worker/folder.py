"""A child's private folder: how full a loss has made it.

The size of one file has a limit of its own in the kernel, their number has none.
"""

from __future__ import annotations

import os

MOST_FILES = 4096
MOST_BYTES = 64 * 1024 * 1024


def is_crowded(folder: str) -> bool:
    """Whether it holds more than a loss has any use for; files that come and go meanwhile do not count."""
    count = size = 0
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_size
                    if count > MOST_FILES or size > MOST_BYTES:
                        return True
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            continue
    return False
