"""Results in as they come, the report on standard output, problems and progress on standard error.

A closed pager, `| head` or a full disk does not fail the run: the error is recorded, and fixed files stay fixed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sys
from importlib import import_module

import click

from autofix.knowledge.causes import has
from autofix.model import Problem
from autofix.report import text
from autofix.report.results import Checked, looked_at, relative
from autofix.report.visible import visible, visible_lines, visible_record
from autofix.source.diff import patch, unified_diff
from autofix.source.files import Source, encode
from autofix.source.settings import Settings

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


CLEAR_LINE = "\r\033[K"
_NARROWEST = 40


class Screen:
    """Shows each file as soon as it is done, and the whole at the end; `to_stderr` leaves standard output alone.

    `has_faults` says that faults of the program were shown before.
    """

    def __init__(
        self, settings: Settings, apply: bool, files: int, to_stderr: bool = False, has_faults: bool = False
    ) -> None:
        self._has_faults = has_faults
        self._settings, self._apply, self._files, self._to_stderr = settings, apply, files, to_stderr
        self.output = Output(to_stderr)
        self._style = _style(self.output.is_terminal)
        self._shows_progress = bool(sys.stderr and sys.stderr.isatty()) and files > 1 and not settings.quiet
        for terminal in (sys.stdout, sys.stderr):
            if hasattr(terminal, "reconfigure"):  # a diff may hold what the terminal's encoding lacks
                terminal.reconfigure(errors="backslashreplace")

    def show(self, result: Checked, number: int) -> None:
        """Report one file, the `number`th."""
        if self._shows_progress:
            _progress(CLEAR_LINE)
        if self._settings.format == "text":
            report = text.applied if self._apply and result.problem is None else text.preview
            self._print(report([visible_record(each) for each in result.findings], self._style))
        if self._settings.format == "diff" and result.changes and result.source and result.outcome:
            self._show_diff(result.source, result.outcome.text)
        if self._settings.verbose:
            tell(f"autofix: {visible(result.path)}: {text.count(len(result.findings), 'finding')}")
            if result.outcome is not None and result.outcome.observed is not None:
                tell(visible(f"autofix: {result.path}: {result.outcome.observed}"))
            if result.trace:
                tell(visible_lines(result.trace).removesuffix("\n"))
        if result.problem:
            tell(visible(f"autofix: {result.problem.path}: {result.problem.message}"))
        if self._shows_progress and number < self._files:
            _progress(f"autofix: {number} of {self._files} files")

    def _show_diff(self, source: Source, text_after: str) -> None:
        """Print a diff to read on a terminal; into a pipe it goes byte for byte: other programs apply it."""
        path, after = relative(source.path), source.rewritten(text_after)
        if self.output.is_terminal:
            self._print(text.coloured(visible_lines(unified_diff(path, source.written, after)), self._style))
            return
        encoded = encode(source, text_after)
        if isinstance(encoded, Problem):
            tell(visible(f"autofix: {encoded.path}: {encoded.message}"))
            return
        self.output.write_bytes(patch(path, source.content, encoded))

    def finish(self, results: list[Checked]) -> None:
        """The JSON object, or the last lines of the text."""
        settings = self._settings
        findings = [finding for result in results for finding in result.findings]
        problems = [result.problem for result in results if result.problem]
        handled = len(results) - len(problems)
        if settings.format not in ("text", "diff"):
            emitter = import_module(f"autofix.report.{settings.format}")  # each format is a module of its name
            more = (looked_at(results),) if settings.format == "json" else ()
            self._print(emitter.report(findings, problems, handled, *more))
        if settings.statistics:
            from autofix.knowledge.causes import titles

            self._add(text.statistics(findings, titles()), settings.format != "text")
        if settings.format in ("text", "diff") and not settings.quiet:
            fixed, written = self._fixed(results), self._written(results)
            numbers = len(findings), fixed, handled, len(problems), written
            unsafe = sum(each.fix.safety == "unsafe" for each in findings)
            hidden = 0 if settings.unsafe_fixes else _may_have_surrogates(results)
            summary = text.summary(*numbers, looked_at(results), self._has_faults, unsafe, hidden)
            self._add(summary, settings.format == "diff")
        if self.output.lost:
            self._tell_lost(results)

    def _add(self, said: str, to_stderr: bool) -> None:
        """Print what stands below the report, beside it where that is for programs."""
        if to_stderr:
            tell(said.removesuffix("\n"))
        else:
            self.output.write(said)

    def _tell_lost(self, results: list[Checked]) -> None:
        """Say that the report is lost, and which files were written all the same."""
        tell(f"autofix: standard output could not be written: {self.output.lost}")
        for result in results if self._apply else ():
            if result.changes and result.problem is None:
                tell(f"autofix: fixed {visible(result.path)}")

    def _fixed(self, results: list[Checked]) -> int:
        """How many findings have a verified fix, and with `--apply` one that is in the file."""
        counted = [result for result in results if not (self._apply and result.problem)]
        return sum(len(result.findings) - len(text.remaining(result.findings)) for result in counted)

    def _written(self, results: list[Checked]) -> int | None:
        """How many files `--apply` changed; None in a preview."""
        return sum(result.changes and result.problem is None for result in results) if self._apply else None

    def _print(self, report: str) -> None:
        self.output.write(report)


def _may_have_surrogates(results: list[Checked]) -> int:
    """How many findings have a cause for which there are surrogates, in programs that can show what comes of them."""
    ran = [each for each in results if each.outcome and each.outcome.observed and not each.outcome.observed.reason]
    return sum(has(finding.code, "surrogate") for each in ran for finding in text.remaining(each.findings))


def _progress(said: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        click.echo(said, err=True, nl=False, color=True)


def _style(terminal: bool) -> text.Style:
    width = max(_NARROWEST, shutil.get_terminal_size().columns) if terminal else text.Style().width
    return text.Style(terminal and "NO_COLOR" not in os.environ, width)
