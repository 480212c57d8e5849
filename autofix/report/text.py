"""Take the findings of a file; give the report for people: excerpts, verified diffs with their evidence, and reasons.

An excerpt shows the lines of source through which a value reaches the fault, with the fault underlined.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from autofix.model import Evidence, Finding, Fix, Step
from autofix.report.results import Looked

RED, GREEN, YELLOW, CYAN, BOLD = "31", "32", "33", "36", "1"
WHY = {
    "rejected": "no rewrite passed verification: ",
    "unverifiable": "could not be verified, because ",
    "none": "",
    "verified": "",
}


@dataclass(frozen=True)
class Style:
    """Whether to colour, on a terminal only, and how many columns there are."""

    colour: bool = False
    width: int = 120

    def paint(self, text: str, colour: str) -> str:
        """`text` in a colour, its line end outside."""
        body = text.rstrip("\r\n")
        return f"\033[{colour}m{body}\033[0m{text[len(body) :]}" if self.colour and body else text


def preview(findings: Sequence[Finding], style: Style) -> str:
    """The findings of one file, loss by loss: what is wrong, then the verified diff and its evidence, or why none."""
    blocks = ["".join((*_described(group, style), *_diffs(group, style))) for group in _losses(findings)]
    return "\n".join(blocks) + ("\n" if findings else "")


def _losses(findings: Iterable[Finding]) -> list[list[Finding]]:
    """The findings loss by loss, in the order of the first of each; what is fixed together stands together."""
    groups: dict[object, list[Finding]] = {}
    for finding in findings:
        fix = finding.fix
        groups.setdefault(fix.group or fix.diff or (finding.loss, fix.reason), []).append(finding)
    return list(groups.values())


def _described(findings: Sequence[Finding], style: Style) -> Iterator[str]:
    """Each finding with its way through the source, then what they lead to, said once."""
    for finding in findings:
        yield _line(finding, style)
        yield from (f"  {line}\n" for line in excerpt(finding, style.width - 2, style.paint))
    said = [each.explanation for each in findings if each.explanation is not None]
    errors = [f'note: at run time this raises "{each.error}"' for each in said if each.error]
    notes = [f"note: {each.note}" for each in said if each.note]
    left = [f"no fix: {_why(each.fix)}" for each in remaining(findings)]
    yield from (f"  {style.paint('=', CYAN)} {each}\n" for each in dict.fromkeys([*errors, *notes, *left]))


def _why(fix: Fix) -> str:
    return WHY[fix.status] + (fix.reason or "no rewrite with the same value is known")


def _diffs(findings: Sequence[Finding], style: Style) -> Iterator[str]:
    for fix in verified_fixes(findings):
        yield "\n" + coloured(fix.diff, style) + evidence_line(fix, style)


def applied(findings: Sequence[Finding], style: Style) -> str:
    """The findings of one file that was written: what was fixed, and what is left and why."""
    fixed = [finding for finding in findings if finding.fix.status == "verified"]
    lines = [style.paint("fixed  ", GREEN) + _line(finding, style) for finding in fixed]
    lines += [evidence_line(fix, style) for fix in verified_fixes(findings)]
    for group in _losses(remaining(findings)):
        described = list(_described(group, style))
        lines += [style.paint("no fix ", RED) + described[0], *described[1:]]
    return "".join(lines)


def verified_fixes(findings: Iterable[Finding]) -> list[Fix]:
    """The verified fixes, each once: the faults of one loss are fixed together."""
    return list({finding.fix.diff: finding.fix for finding in findings if finding.fix.status == "verified"}.values())


def remaining(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without a verified fix."""
    return [finding for finding in findings if finding.fix.status != "verified"]


def _line(finding: Finding, style: Style) -> str:
    cell = "" if finding.cell is None else f"cell {finding.cell}:"
    place = style.paint(f"{finding.path}:{cell}{finding.span.line}:{finding.span.column}", BOLD)
    what = finding.message if finding.explanation is None else finding.explanation.what
    return f"{place}: {style.paint(finding.code, RED)} {what}  [{finding.loss}]\n"


def coloured(diff: str, style: Style) -> str:
    """The diff as terminals show it."""
    colours = {"-": RED, "+": GREEN, "@": CYAN}
    if not style.colour:
        return diff
    lines = diff.split("\n")
    headers, body = lines[:2], lines[2:]
    painted = [style.paint(line, colours[line[0]]) if line[:1] in colours else line for line in body]
    return "\n".join([style.paint(line, BOLD) for line in headers] + painted)


def evidence_line(fix: Fix, style: Style) -> str:
    """What was seen when original and patch ran side by side, in one line, and a line for each limit of that."""
    if fix.evidence is None:
        return ""
    limits = [f"limit: {limit}\n" for limit in fix.limits]
    if fix.safety == "unsafe":
        head = style.paint("surrogate (unsafe fix): ", YELLOW) + fix.evidence.surrogate
    else:
        head = style.paint("verified: ", GREEN) + _evidence(fix.evidence)
    return "".join([head + "\n", *limits])


def _evidence(evidence: Evidence) -> str:
    before = "none" if evidence.gradient_before is None else f"{evidence.gradient_before:.2g}"
    jail = "" if evidence.sandboxed else "; unsandboxed"
    return (
        f"{' / '.join(evidence.inputs)}; value differs by {evidence.value_difference:.2g}; "
        f"gradient norm {before} before, {evidence.gradient_after:.2g} after{jail}"
    )


_NOTHING = Looked()


def summary(
    found: int,
    fixed: int,
    files: int,
    problems: int,
    written: int | None,
    looked: Looked = _NOTHING,
    has_faults: bool = False,
    unsafe: int = 0,
    hidden: int = 0,
) -> str:
    """The last line; `written` is the number of files that `--apply` changed, None in a preview.

    `has_faults` says that faults were shown before, in which no file had a part. Of the fixes so many are `unsafe`;
    `hidden` findings might have such a one if it were asked for.
    """
    errors = count(problems, "error")
    if problems and not files and not found:
        return f"Nothing was checked: {errors}.\n"
    checked, failed = count(files, "file"), f", {errors}" if problems else ""
    if not found:
        what = "Nothing to rewrite" if has_faults else "No lost gradients"
        return f"{what} found in {checked}{failed}{_known(looked)}.\n"
    if written is not None:
        done = f"Fixed {fixed} of {count(found, 'finding')} in {count(written, 'file')}"
        done += f", {unsafe} with a surrogate" if unsafe else ""
    else:
        done = f"{count(found, 'finding')}, {fixed - unsafe} with a verified fix"
        done += f", {unsafe} with a surrogate" if unsafe else ""
        done += f" (run `autofix{' --unsafe-fixes' if unsafe else ''} --apply` to write)" if fixed else ""
    if hidden:
        done += f"; {hidden} may have a surrogate, which `--unsafe-fixes` shows"
    return f"{done}; {checked} checked{failed}{_known(looked)}.\n"


def _known(looked: Looked) -> str:
    """How much of the files is known: silence about what could not be followed is not health."""
    if not looked.analysed:
        return ""
    losses = f"{count(looked.losses, 'loss', 'losses')} looked at" if looked.losses else "no loss recognised"
    if missed := looked.losses - looked.followed:
        losses += f", {missed} of them not followed to a model"
    if not looked.programs:
        return f"; {losses}"
    seen = sum(not observed.reason for _, observed in looked.programs)
    ran = f"{seen} of {len(looked.programs)}" if seen < len(looked.programs) else str(seen)
    return f"; {losses}; {ran} {'program' if len(looked.programs) == 1 else 'programs'} observed"


def statistics(findings: Iterable[Finding], titles: Mapping[str, str]) -> str:
    """How often each cause was found, the most frequent first."""
    counts = Counter(finding.code for finding in findings)
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return "".join(f"{count:5}  {code}  {titles.get(code, '')}".rstrip() + "\n" for code, count in rows)


def count(number: int, noun: str, several: str = "") -> str:
    """`1 file`, `2 files`; `several` is the plural where it takes more than an s."""
    return f"{number} {noun if number == 1 else several or noun + 's'}"


Paint = Callable[[str, str], str]
Item = TypeVar("Item")

FAULT, STATION, GUTTER = "31;1", "36", "2"
_SHOWN = 5
"""How many stations of a way, or lines, are shown; of more, those in the middle are left out."""

_BEFORE = 16
"""How much is kept before a name where a line is too long to show all of it."""


@dataclass(frozen=True)
class _Marked:
    """A line of source, cut to its room, and where names stand in it."""

    text: str
    marks: tuple[tuple[int, int], ...]


def excerpt(finding: Finding, width: int, paint: Paint) -> Iterator[str]:
    """Yield the lines to show below a finding, each within `width` columns where that can be; none without a trail."""
    explanation = finding.explanation
    steps = [each for each in explanation.trail if each.source] if explanation is not None else []
    if not steps or explanation is None:
        return
    rows = [(place, list(group)) for place, group in groupby(steps, key=_gutter)]
    margin = max(len(place) for place, _ in rows)
    way = explanation.stations if _is_fault(steps[-1], finding) else []
    note = " → ".join([*_shortened(way, "…"), explanation.end])
    for place, group in _shortened(rows, ("…", [])):
        if not group:
            yield paint(f"{place:>{margin}}", GUTTER)
            continue
        fault = any(_is_fault(each, finding) for each in group)
        line = _fitted(group, width - margin - 3)
        yield paint(f"{place:>{margin}} | ", GUTTER) + _painted(line, fault, paint)
        if fault:
            bar = paint(f"{'':>{margin}} | ", GUTTER)
            yield from (bar + each for each in _underlined(line, note, width - margin - 3, paint))


def columns(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _is_fault(step: Step, finding: Finding) -> bool:
    return step.span == finding.span and step.cell == finding.cell


def _gutter(step: Step) -> str:
    return str(step.span.line) if step.cell is None else f"cell {step.cell}:{step.span.line}"


def _shortened(items: Sequence[Item], gap: Item) -> Sequence[Item]:
    return items if len(items) <= _SHOWN else [*items[:2], gap, *items[-2:]]


def _fitted(steps: Sequence[Step], room: int) -> _Marked:
    """Return the line of some steps; where it is too long, the part around the last of their names."""
    source = steps[-1].source.expandtabs(4)
    tabs = len(source) - len(steps[-1].source)  # tabs stand at the start of a line
    marks = [(each.span.column - 1 + tabs, _end(each, source, tabs)) for each in steps]
    first, last = marks[-1]
    start = 0 if columns(source[:last]) < room else min(first, max(first - _BEFORE, last + 2 - room))
    text = ("…" if start else "") + source[start:]
    if columns(text) > room:
        while columns(text) >= room:
            text = text[:-1]
        text += "…"
    shift, edge = bool(start) - start, len(text) - text.endswith("…")
    moved = [(max(a + shift, int(start > 0)), min(b + shift, edge)) for a, b in marks]
    return _Marked(text, tuple((a, b) for a, b in moved if a < b))


def _end(step: Step, source: str, tabs: int) -> int:
    return step.span.end_column - 1 + tabs if step.span.end_line == step.span.line else len(source.rstrip())


def _painted(line: _Marked, fault: bool, paint: Paint) -> str:
    """Return the text of a line with its names in colour, from the right to the left; the last of a fault is it."""
    text, edge = line.text, len(line.text)
    for index, (start, end) in reversed(list(enumerate(line.marks))):
        if end <= edge:
            colour = FAULT if fault and index == len(line.marks) - 1 else STATION
            text, edge = text[:start] + paint(text[start:end], colour) + text[end:], start
    return text


def _underlined(line: _Marked, note: str, room: int, paint: Paint) -> Iterator[str]:
    start, end = line.marks[-1]
    before, carets = columns(line.text[:start]), "^" * max(1, columns(line.text[start:end]))
    if before + len(carets) + 1 + columns(note) <= room:
        yield " " * before + paint(f"{carets} {note}", FAULT)
        return
    yield " " * before + paint(carets, FAULT)
    yield " " * max(0, min(before, room - columns(note))) + paint(note, FAULT)
