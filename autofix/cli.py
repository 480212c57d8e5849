"""The command line: what the user typed in, a job done, its exit status out.

0: nothing (left) to do; 1: findings (left); 2: wrong use, a failure of autofix itself, or no file could be handled.
"""

from __future__ import annotations

import contextlib
import gc
import io
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
from click.core import ParameterSource

from autofix.knowledge.frameworks import NAMES
from autofix.model import Demands, Framework, OwnRules, Problem
from autofix.report.screen import UNWRITABLE, discard_standard_output, tell, with_standard_streams
from autofix.report.visible import visible_lines
from autofix.source.settings import FORMATS, Settings, load
from autofix.version import __version__

_OBJECTS = 10_000
"""How many objects are made before garbage is looked for: as many as one file makes, hardly any of which outlives it.

With Python's 700 that search takes an eighth of the time."""

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals by which a system or a terminal ends a program."""

HELP = """Find losses whose gradient is lost, and show a verified fix for each.

PATHS are Python files, notebooks or folders, or - for standard input. Nothing is written without --apply.
"""
EPILOG = (
    "Commands: `autofix run train.py` watches a training, `autofix explain AF103` explains a cause, `autofix rules` "
    "lists what can be rewritten, `autofix trust FOLDER` allows code in a folder to run without a sandbox, "
    "`autofix cache clean` empties the cache. "
    "To check a file called explain, write ./explain."
)


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script: `run`, `explain`, `rules`, `trust` and `lsp` are commands, all else is the main one."""
    gc.set_threshold(_OBJECTS)
    with_standard_streams()
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:2] == ["cache", "clean"]:  # a folder called cache is checked
        sys.exit(_status(clean, words[2:], "autofix cache clean"))
    for command in (run, explain, rules, trust, lsp):
        if words[:1] == [command.name]:
            words = _with_program_apart(words) if command is run else words
            sys.exit(_status(command, words[1:], f"autofix {command.name}"))
    sys.exit(_status(fix, words, "autofix"))


def _status(command: click.Command, words: list[str], name: str) -> int:
    """Run a command; whatever happens, the exit status says it as promised."""
    with _interrupted_by(() if command is lsp else ENDING) as received:
        try:
            status = int(command.main(words, prog_name=name, standalone_mode=False) or 0)
            if sys.stdout is not None and not sys.stdout.closed:  # the language server has closed it
                sys.stdout.flush()
            return status
        except click.ClickException as error:
            said = io.StringIO()
            error.show(file=said)
            tell(visible_lines(said.getvalue()).removesuffix("\n"))  # it quotes paths and the project's settings
            return 2
        except (click.Abort, KeyboardInterrupt):
            tell("autofix: interrupted; no file was left half-written")
            return 128 + (received[0] if received else signal.SIGINT)
        except Exception as error:
            if isinstance(error, OSError) and error.filename is None and error.errno in UNWRITABLE:
                discard_standard_output()
                tell(f"autofix: standard output could not be written: {error.strerror}")
                return 2
            import traceback

            tell(visible_lines(traceback.format_exc()).removesuffix("\n"))
            tell("autofix: internal error; please report it with the traceback above")
            return 2


@contextlib.contextmanager
def _interrupted_by(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Take some signals as an interrupt from the keyboard while the block runs; yield those that were received.

    A server takes none: it ends with its client, and what it started ends with it.
    """
    received: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command(help=HELP, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--apply", is_flag=True, help="Write the verified fixes (with -: print the fixed source).")
@click.option("--diff", is_flag=True, help="Print only the diffs of the verified fixes, for `git apply`.")
@click.option("--format", type=click.Choice(FORMATS), help="Output format [text].")
@click.option("--select", multiple=True, metavar="CODES", help="Only these causes: AF101,AF103, or AF1 for a group.")
@click.option("--ignore", multiple=True, metavar="CODES", help="Do not report these causes.")
@click.option("--strict", is_flag=True, help="Also report what may be held constant on purpose.")
@click.option("--unsafe-fixes", is_flag=True, help="Also offer surrogates: fixes with another value, and a gradient.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="Skip these when walking a folder.")
@click.option("--python", metavar="PATH", help="Python with the frameworks [detected].")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), metavar="SECONDS", help="Time limit per loss [20].")
@click.option("--observe", type=click.FloatRange(0), metavar="SECONDS", help="Time limit per program [10]; 0: none.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Files processed in parallel [automatic].")
@click.option("--stdin-filename", metavar="NAME", help="File name of the source on standard input.")
@click.option("--allow-unsandboxed", is_flag=True, help="Run losses without a sandbox if none is available.")
@click.option("--no-cache", is_flag=True, help="Check everything again; do not read or write the cache.")
@click.option("--statistics", is_flag=True, help="Print how often each cause was found.")
@click.option("-q", "--quiet", is_flag=True, help="Print no summary and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Print what is done, with tracebacks.")
@click.version_option(__version__, prog_name="autofix")
@click.pass_context
def fix(context: click.Context, /, paths: tuple[str, ...], **typed: object) -> None:
    """Preview or apply; all that is done is in `autofix.runner`."""
    from autofix import runner

    if "-" in paths and len(paths) > 1:
        raise click.UsageError("cannot combine - (standard input) with paths")
    name = str(typed["stdin_filename"] or "")
    if name and "-" not in paths:
        raise click.UsageError("--stdin-filename requires - (standard input)")
    if typed["diff"] and (typed["apply"] or typed["format"] not in (None, "text")):
        raise click.UsageError("--diff cannot be combined with --apply or --format")
    settings = _settings(context, [name or "-"] if "-" in paths else list(paths))
    if typed["diff"]:
        settings = replace(settings, format="diff")
    unsandboxed, typed_python = bool(typed["allow_unsandboxed"]), bool(typed["python"])
    observes = context.get_parameter_source("observe") is ParameterSource.COMMANDLINE and settings.observe > 0
    own = _own(settings)
    asked = runner.Job(paths, settings, bool(typed["apply"]), name, unsandboxed, own, typed_python, observes)
    context.exit(runner.run(asked))


def _settings(context: click.Context, paths: Sequence[str]) -> Settings:
    """The table of pyproject.toml with the options that were typed over it, checked."""
    loaded = load(paths)
    if isinstance(loaded, Problem):
        raise click.ClickException(f"{loaded.path}: {loaded.message}")
    typed = {
        name: context.params[name]
        for name in Settings.__dataclass_fields__
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE
    }
    settings = replace(loaded, **typed)
    python = _python(settings.python)
    return replace(settings, select=_codes(settings.select), ignore=_codes(settings.ignore), python=python)


def _own(settings: Settings) -> OwnRules:
    """The project's own rules, which must all be in order before anything is done."""
    if not settings.rules:
        return OwnRules(demands=_demands(settings), unsafe=settings.unsafe_fixes)
    from autofix.rewrite.catalogue import read_own_rules

    found = read_own_rules([Path(folder) for folder in settings.rules])
    if isinstance(found, OwnRules):
        return replace(found, demands=_demands(settings), unsafe=settings.unsafe_fixes)
    raise click.ClickException("\n".join(f"{each.path}: {each.message}" for each in found))


def _demands(settings: Settings) -> Demands:
    return "all" if settings.strict else "named"


def _codes(prefixes: Sequence[str]) -> tuple[str, ...]:
    """Every code meant by `--select AF1,AF203` and the like."""
    if not prefixes:
        return ()
    from autofix.knowledge.causes import codes, expand

    expanded = expand(tuple(word.strip() for words in prefixes for word in words.split(",")))
    if isinstance(expanded, str):
        raise click.UsageError(f"unknown code {expanded!r}; the codes are {', '.join(codes())}")
    return expanded


def _python(path: str) -> str:
    """The interpreter a path or a command's name stands for."""
    if not path:
        return ""
    from shutil import which

    found = which(path)
    if found is None:
        raise click.UsageError(f"--python {path}: not an executable; pass a Python, such as .venv/bin/python")
    return found


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _check(folder: Path, framework: Framework | None, python: str, unsandboxed: bool) -> int:
    """Verify the rules of a folder; return 0 if all are verified, 1 if some are not."""
    from autofix.prove.proof import ProofError, check, interpreter_for
    from autofix.rewrite.catalogue import rule_files

    settings = load([str(folder / "-")])
    if isinstance(settings, Problem):
        raise click.ClickException(f"{settings.path}: {settings.message}")
    _own(replace(Settings(), rules=(str(folder),)))
    asked = [each for each in NAMES if each in (framework or each) and rule_files(folder, each)]
    if not asked:
        raise click.UsageError(f"{folder} has no rules for {framework}")
    proven = True
    for each in asked:
        try:
            path = _python(python or settings.python)
            outcome = check([folder], each, interpreter_for(path, folder, each, bool(python), unsandboxed))
        except ProofError as error:
            raise click.ClickException(str(error)) from None
        for failure in outcome.failures:
            click.echo(visible_lines(str(failure)))
        said = _count(len(outcome.failures), "failure") if outcome.failures else "all verified"
        click.echo(f"{each}: {_count(outcome.rules, 'rule')}, {_count(outcome.calls, 'call')}: {said}")
        proven = proven and not outcome.failures
    return 0 if proven else 1


EXPLAIN = """Explain a cause, such as AF103: what happens, why, an example, and when it is not a fault.

For a place, such as losses.py:12, print what autofix knows about each value in the function there, and what it decided.
"""


@click.command(help=EXPLAIN)
@click.argument("code", metavar="CODE|FILE:LINE")
def explain(code: str) -> None:
    """Print the page of a cause, or the account of the function at a line."""
    from autofix.knowledge.causes import page, titles

    text = page(code)
    if text is None and (place := re.fullmatch(r"(.+):(\d+)", code)):
        text = _account(place[1], int(place[2]))
    if text is None:
        known = "\n".join(f"  {known}  {title}" for known, title in titles().items())
        raise click.UsageError(f"unknown code {code!r}; the codes are\n{known}")
    click.echo(text, nl=False)


def _account(path: str, line: int) -> str:
    """Return what is known of the function at a line, as text."""
    from autofix import runner

    loaded = load([path])
    if isinstance(loaded, Problem):
        raise click.ClickException(f"{loaded.path}: {loaded.message}")
    settings = replace(loaded, python=_python(loaded.python))
    account = runner.account(runner.Job((path,), settings, own=_own(settings)), line)
    if isinstance(account, Problem):
        raise click.ClickException(f"{account.path}: {account.message}")
    return account


RUN = """Run a program as Python would, watch its first steps, and show what learns and what does not.

PROGRAM is a script, a notebook, or with -m a module; what follows are its own arguments. It is your process and your
data: nothing is confined. After the first steps it is ended. Then its files are checked for a verified fix.
"""


@click.command(help=RUN, context_settings={"allow_interspersed_args": False, "help_option_names": ["-h", "--help"]})
@click.option("-m", "module", is_flag=True, help="PROGRAM is the name of a module, as in python -m.")
@click.option("--steps", type=click.IntRange(1), default=2, metavar="N", help="Steps of each optimizer to watch [2].")
@click.option("--keep-going", is_flag=True, help="Train on; stop at the first step that is dead or not finite.")
@click.option("--apply", is_flag=True, help="Write the verified fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="Also offer surrogates: fixes with another value, and a gradient.")
@click.option("--python", metavar="PATH", help="Python to run it with [detected].")
@click.argument("program")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run(
    context: click.Context, /, module: bool, steps: int, keep_going: bool, apply: bool, program: str,
    arguments: tuple[str, ...], **typed: object,
) -> None:  # fmt: skip
    """Run and watch; all that is done is in `autofix.run`."""
    from autofix import run as watched
    from autofix.verify.watching import Started

    settings = _settings(context, ["."] if module else [program])
    started = Started(program, arguments, module, None, steps, keep_going)
    context.exit(watched.run(watched.Asked(started, settings, apply, _own(settings), bool(typed["python"]))))


def _with_program_apart(words: list[str]) -> list[str]:
    """Words of `autofix run` in which nothing behind `-m MODULE` is taken for an option of autofix."""
    return [*words[: (at := words.index("-m")) + 1], "--", *words[at + 1 :]] if "-m" in _own_words(words) else words


def _own_words(words: list[str]) -> list[str]:
    """The words before the program: options, and the values of those that take one."""
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-m", "--"):
        at += 2 if words[at] in ("--steps", "--python") else 1
    return words[: at + 1]


@click.command(help="List what can be rewritten, or show how one name, such as np.std, is rewritten.")
@click.argument("name", required=False, default="")
@click.option("--framework", type=click.Choice(NAMES), help="Show only names with a rule for it.")
@click.option("--format", type=click.Choice(("text", "json", "markdown")), default="text", help="Output format [text].")
@click.option("--check", is_flag=True, help="Verify the rules in the folder NAME against the originals.")
@click.option("--python", metavar="PATH", default="", help="With --check: Python with the frameworks.")
@click.option("--allow-unsandboxed", is_flag=True, help="With --check: run even without a sandbox.")
@click.pass_context
def rules(
    context: click.Context,
    /,
    name: str,
    framework: Framework | None,
    format: str,
    check: bool,
    python: str,
    allow_unsandboxed: bool,
) -> None:
    """Print the catalogue, the part of it that holds `name`, or the page of exactly that name; or check a folder."""
    if check:
        context.exit(_check(Path(name), framework, python, allow_unsandboxed))
    from autofix.report import listing

    loaded = load([])
    if isinstance(loaded, Problem):
        raise click.ClickException(f"{loaded.path}: {loaded.message}")
    known = listing.catalogues(_own(loaded).folders)
    found = list(listing.rows(known, name, framework))
    if not found:
        close = listing.near(known, name)
        hint = f"did you mean {' or '.join(close)}?" if close else "`autofix rules` lists them all"
        raise click.UsageError(f"no rule matches {name!r}; {hint}")
    if format == "json":
        import json

        click.echo(json.dumps([row.as_json() for row in found], indent=2))
        return
    if format == "markdown":
        click.echo(visible_lines(listing.markdown(found)), nl=False)
        return
    if any(row.name == listing.full_name(name) for row in found):
        click.echo(visible_lines(listing.page(known, listing.full_name(name))), nl=False)
        return
    click.echo(visible_lines("\n".join(listing.lines(found))))
    click.echo(f"\n{listing.counts(found)}", err=True)


@click.command(help="Allow code in FOLDER to run where no sandbox is available; `--allow-unsandboxed` does so once.")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
@click.option("--list", "listed", is_flag=True, help="List the trusted folders.")
@click.option("--revoke", metavar="FOLDER", help="Stop trusting a folder.")
def trust(folder: str | None, listed: bool, revoke: str | None) -> None:
    """Change or print the user's own list; which folders are trusted is never read from a project."""
    from autofix.source import trust as known

    if (folder is not None) + listed + (revoke is not None) != 1:
        raise click.UsageError("pass one of: a folder to trust, --list, or --revoke FOLDER")
    try:
        if folder is not None:
            click.echo(f"trusted: {known.trust(Path(folder))} (listed in {known.store()})")
        elif revoke is None:
            click.echo("".join(f"{one}\n" for one in known.trusted_folders()), nl=False)
        elif known.revoke(Path(revoke)):
            click.echo(f"no longer trusted: {revoke}")
        else:
            raise click.ClickException(f"{revoke} is not a trusted folder; `autofix trust --list` lists them")
    except known.TrustError as error:
        raise click.ClickException(str(error)) from None


@click.command(help="Remove what earlier runs have left in the cache; no run needs it.")
def clean() -> None:
    """Empty the user's cache."""
    from autofix.verify import cache

    try:
        click.echo(f"removed {_count(cache.clean(cache.user_folder()), 'cached result')} from {cache.user_folder()}")
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None


@click.command(help="Speak the Language Server Protocol on standard input and output, for editors.")
def lsp() -> None:
    """Serve until the client is gone."""
    try:
        from autofix.lsp.server import serve
    except ImportError as error:
        raise click.ClickException(
            f"autofix lsp needs {error.name}; install it with pip install 'autofix-gradients[lsp]'"
        ) from error
    serve()
