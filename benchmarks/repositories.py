"""What autofix says of other people's code: every Python file and notebook of folders of checked-out repositories.

Prints, for each folder, its files and losses, the findings with the line they stand in, and findings for 1,000 losses.
Nothing of a repository is run, but for its losses with `--verify`, which shows what `autofix` itself would report. A
file that is no Python is counted; one that autofix fails on is named, and the status is then 2.
"""

from __future__ import annotations

import argparse
import ast
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from autofix.analysis.finding.search import survey
from autofix.analysis.project import ProjectFiles
from autofix.model import Finding, Outcome, Problem
from autofix.pipeline import fix_source, look
from autofix.report.results import Checked
from autofix.runner import Verifiers, fix_all, read
from autofix.source.files import Source, find
from autofix.verify.verifier import Verifier

OF_COMMENTS = "AF001"
SLOW = 5.0


@dataclass(frozen=True)
class Seen:
    """One file: its losses, those followed to a prediction, what is said of it, and the seconds that took.

    `fault` is set where autofix itself failed; `broken` says that the file cannot be read or parsed.
    """

    path: str
    losses: int = 0
    followed: int = 0
    findings: tuple[Finding, ...] = ()
    seconds: float = 0.0
    broken: bool = False
    fault: str = ""


def main() -> int:
    """Look at each folder; the status is 2 where autofix failed on a file, else 0."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folders", nargs="+", help="folders that each hold one repository")
    options.add_argument("--verify", action="store_true", help="run the losses too: leaves out what a run clears")
    options.add_argument("--python", type=Path, help="the interpreter that has the frameworks, for --verify")
    options.add_argument("--jobs", type=int, default=2, help="files handled at a time (2)")
    given = options.parse_args()
    whole: list[Seen] = []
    for folder in given.folders:
        seen = list(_verified(folder, given.python) if given.verify else _looked_at(folder, given.jobs))
        _tell(Path(folder).name, seen, folder)
        whole += seen
    if len(given.folders) > 1:
        print(_line("all", whole))
    return 2 if any(each.fault for each in whole) else 0


def _looked_at(folder: str, jobs: int) -> Iterator[Seen]:
    """Analyse the files of a folder in several processes."""
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(_look, _paths(folder), chunksize=8)


def _verified(folder: str, python: Path | None) -> Iterator[Seen]:
    """The same through the main job itself, losses run and all."""
    sources = [read(path, is_named=False) for path in _paths(folder)]

    def fix(text: str, path: str, verifier: Verifier | None) -> Outcome:
        return fix_source(text, path, verifier, around=_project().around(path))

    with warnings.catch_warnings(), Verifiers(partial(Verifier, python)) as verifiers:
        warnings.simplefilter("ignore")
        start = time.perf_counter()
        for source, checked in zip(sources, fix_all(sources, fix, verifiers, 1), strict=True):
            yield _seen(source, checked, time.perf_counter() - start)
            start = time.perf_counter()


def _paths(folder: str) -> list[str]:
    return [found for found in find([folder]) if not isinstance(found, Problem)]


def _look(path: str) -> Seen:
    """Analyse one file as the main job does, in this process, and run nothing."""
    warnings.simplefilter("ignore")
    start = time.perf_counter()
    source = read(path, is_named=False)
    checked = next(fix_all([source], _looked, Verifiers(None), 1))
    return _seen(source, checked, time.perf_counter() - start)


def _looked(text: str, path: str, verifier: Verifier | None) -> Outcome:
    return look(text, path, around=_project().around(path))


@cache
def _project() -> ProjectFiles:
    """The files that those looked at import, parsed once a process."""
    return ProjectFiles()


def _seen(source: Source | Checked, checked: Checked, seconds: float) -> Seen:
    if checked.problem is not None:
        return Seen(checked.path, seconds=seconds, broken=not checked.trace, fault=checked.trace)
    if not isinstance(source, Source):
        return Seen(checked.path, seconds=seconds)
    counted = survey(ast.parse(source.text), source.text, around=_project().around(source.path))
    findings = tuple(each for each in checked.findings if each.code != OF_COMMENTS)
    return Seen(checked.path, counted.losses, counted.followed, findings, seconds)


def _tell(name: str, seen: Iterable[Seen], folder: str) -> None:
    files = list(seen)
    print(_line(name, files))
    for each in files:
        for finding in each.findings:
            print(f"  {_place(finding, folder)} {finding.code} {finding.message}")
            print(f"      {_written(finding)}")
        if each.seconds > SLOW:
            print(f"  {each.path}: took {each.seconds:.0f} s")
        if each.fault:
            print(f"  {each.path}: AUTOFIX FAILED\n{each.fault}", file=sys.stderr)
    sys.stdout.flush()


def _line(name: str, files: list[Seen]) -> str:
    losses, findings = sum(each.losses for each in files), sum(len(each.findings) for each in files)
    followed, broken = sum(each.followed for each in files), sum(each.broken for each in files)
    rate = f"{1000 * findings / losses:.1f} for 1,000 losses" if losses else "no loss"
    counted = f"{len(files)} files ({broken} no Python), {losses} losses, {followed} followed, {findings} findings"
    return f"{name}: {counted}: {rate}"


def _place(finding: Finding, folder: str) -> str:
    inside = Path(finding.path).relative_to(folder)
    cell = f":cell {finding.cell}" if finding.cell else ""
    return f"{inside}{cell}:{finding.span.line}"


def _written(finding: Finding) -> str:
    """The line that a finding stands in, and what became of it."""
    status = "" if finding.fix.status == "unverifiable" and not finding.fix.diff else f"  [{finding.fix.status}]"
    if finding.cell is not None:
        return f"(in a notebook){status}"
    lines = Path(finding.path).read_bytes().decode(errors="replace").splitlines()
    return lines[finding.span.line - 1].strip()[:140] + status


if __name__ == "__main__":
    sys.exit(main())
