"""Results in as they come, the report on standard output, problems and progress on standard error."""

from __future__ import annotations

import os
import shutil
import sys

import click

from autofix.files import Source, encode
from autofix.model import Problem
from autofix.report import text
from autofix.report.diff import patch, unified_diff
from autofix.report.places import relative
from autofix.report.visible import visible, visible_lines, visible_record
from autofix.run import Checked
from autofix.settings import Settings

CLEAR_LINE = "\r\033[K"
_NARROWEST = 40


class Screen:
    """Shows each file as soon as it is done, and the whole at the end; `to_stderr` leaves standard output alone."""

    def __init__(self, settings: Settings, apply: bool, files: int, to_stderr: bool = False) -> None:
        self._settings, self._apply, self._files, self._to_stderr = settings, apply, files, to_stderr
        stream = sys.stderr if to_stderr else sys.stdout
        self._is_terminal = stream.isatty()
        self._style = _style(self._is_terminal)
        self._shows_progress = sys.stderr.isatty() and files > 1 and not settings.quiet
        for terminal in (sys.stdout, sys.stderr):
            if hasattr(terminal, "reconfigure"):  # a diff may hold what the terminal's encoding lacks
                terminal.reconfigure(errors="backslashreplace")

    def show(self, result: Checked, number: int) -> None:
        """Report one file, the `number`th."""
        if self._shows_progress:
            click.echo(CLEAR_LINE, err=True, nl=False, color=True)
        if self._settings.format == "text":
            report = text.applied if self._apply and result.problem is None else text.preview
            self._print(report([visible_record(each) for each in result.findings], self._style))
        if self._settings.format == "diff" and result.changes and result.source and result.outcome:
            self._show_diff(result.source, result.outcome.text)
        if self._settings.verbose:
            click.echo(f"autofix: {visible(result.path)}: {text.count(len(result.findings), 'finding')}", err=True)
            click.echo(visible_lines(result.trace), err=True, nl=False)
        if result.problem:
            click.echo(visible(f"autofix: {result.problem.path}: {result.problem.message}"), err=True)
        if self._shows_progress and number < self._files:
            click.echo(f"autofix: {number} of {self._files} files", err=True, nl=False)

    def _show_diff(self, source: Source, text_after: str) -> None:
        """Print a diff to read on a terminal; into a pipe it goes byte for byte: other programs apply it."""
        path, after = relative(source.path), source.rewritten(text_after)
        if self._is_terminal:
            self._print(text.coloured(visible_lines(unified_diff(path, source.written, after)), self._style))
            return
        encoded = encode(source, text_after)
        if isinstance(encoded, Problem):
            click.echo(visible(f"autofix: {encoded.path}: {encoded.message}"), err=True)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(patch(path, source.content, encoded))
        sys.stdout.buffer.flush()

    def finish(self, results: list[Checked]) -> None:
        """The JSON object, or the last lines of the text."""
        settings = self._settings
        findings = [finding for result in results for finding in result.findings]
        problems = [result.problem for result in results if result.problem]
        handled = len(results) - len(problems)
        if settings.format == "json":
            from autofix.report.json import document

            self._print(document(findings, problems, handled))
        if settings.format == "sarif":
            from autofix.report.sarif import log

            self._print(log(findings, problems))
        if settings.format == "github":
            from autofix.report.github import commands

            self._print(commands(findings, problems))
        if settings.statistics:
            from autofix.explain import titles

            click.echo(text.statistics(findings, titles()), err=self._to_stderr or settings.format != "text", nl=False)
        if settings.format in ("text", "diff") and not settings.quiet:
            mended, written = self._mended(results), self._written(results)
            summary = text.summary(len(findings), mended, handled, len(problems), written)
            click.echo(summary, err=self._to_stderr or settings.format == "diff", nl=False)

    def _mended(self, results: list[Checked]) -> int:
        """How many findings have a proven fix, and with `--apply` one that is in the file."""
        counted = [result for result in results if not (self._apply and result.problem)]
        return sum(len(result.findings) - len(text.remaining(result.findings)) for result in counted)

    def _written(self, results: list[Checked]) -> int | None:
        """How many files `--apply` changed; None in a preview."""
        return sum(result.changes and result.problem is None for result in results) if self._apply else None

    def _print(self, report: str) -> None:
        click.echo(report, err=self._to_stderr, nl=False, color=True)  # whether to colour was decided; strip nothing


def _style(terminal: bool) -> text.Style:
    width = max(_NARROWEST, shutil.get_terminal_size().columns) if terminal else text.Style().width
    return text.Style(terminal and "NO_COLOR" not in os.environ, width)
