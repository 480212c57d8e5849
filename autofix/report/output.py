"""Write to a standard output that may be closed or full.

A closed pager, `| head` or a full disk does not fail the run: the error is recorded, and fixed files stay fixed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys

import click

UNWRITABLE = frozenset({errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF})
"""What writing to a stream fails with, where it is closed or full."""


class Output:
    """Writes a report to standard output, or to standard error; once that fails, no further word is tried there."""

    def __init__(self, to_stderr: bool = False) -> None:
        self._to_stderr = to_stderr
        self.lost = "" if self._stream is not None else "it is closed"
        """Why what was to be written is lost; empty as long as all of it arrives."""

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads it as it comes."""
        return bool(self._stream and self._stream.isatty())

    @property
    def _stream(self):  # type: ignore[no-untyped-def]
        return sys.stderr if self._to_stderr else sys.stdout

    def write(self, text: str) -> None:
        """Write a text, its colours included: whether there are any was decided before."""
        self._attempt(lambda: click.echo(text, err=self._to_stderr, nl=False, color=True))

    def write_bytes(self, content: bytes) -> None:
        """Write bytes as they are."""
        self._attempt(lambda: self._stream.buffer.write(content))

    def _attempt(self, write) -> None:  # type: ignore[no-untyped-def]
        if self.lost:
            return
        try:
            self._stream.flush()
            write()
            self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: it was closed in this process
            self.lost = getattr(error, "strerror", None) or str(error)
            _discard(self._stream)


def tell(text: str) -> None:
    """Write a line to standard error; where that is gone too, there is nobody to tell."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(text, err=True)


def _discard(stream) -> None:  # type: ignore[no-untyped-def]
    """Let what is still in the buffer of a stream go nowhere: Python flushes it at its end, and would complain."""
    with contextlib.suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def discard_standard_output() -> None:
    """Let nothing more go to standard output."""
    _discard(sys.stdout)


def with_standard_streams() -> None:
    """Open what is closed of standard input, output and error on nothing, so that no other file takes its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest free number is this one
