"""Keeps the comments of a text that was rewritten: those of lines and calls that are gone move to what is there now.

Takes the text before and after; gives the second with every comment of the first that it has lost. One that speaks to a
tool (`# noqa`, `# type: ignore`) stays only behind a line that replaces its own, and one behind an import goes with it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter, defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

from autofix.source.diff import Change, changes
from autofix.syntax.parsing import parsed

_TO_A_TOOL = re.compile(
    r"#\s*(noqa|type:|pylint|pragma|nosec|fmt:|isort|mypy|pyright|ruff|flake8|autofix)", re.IGNORECASE
)
_IMPORT = re.compile(r"\s*(import|from)\s")
_LONGEST = 120
_ALIKE = 0.6
"""How much of what a line said another has to say for a comment behind the one to speak of the other too."""


@dataclass(frozen=True)
class _Comment:
    """A comment in its line, from 0, and whether the line holds nothing else."""

    line: int
    text: str
    alone: bool


class _Lines:
    """A text by its lines: their comments, and the first line of the statement that each is in."""

    def __init__(self, text: str) -> None:
        self.lines = [f"{each}\n" for each in text.split("\n")[:-1]] + [text.split("\n")[-1]]
        self.comments: list[_Comment] = []
        self.start = list(range(len(self.lines)))
        self.closed = set(range(len(self.lines)))
        first: int | None = None
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            line, last = token.start[0] - 1, token.end[0] - 1
            if token.type == tokenize.COMMENT:
                alone = not self.lines[line][: token.start[1]].strip()
                self.comments.append(_Comment(line, token.string, alone))
            elif token.type == tokenize.NEWLINE and first is not None:
                self.start[first : line + 1] = [first] * (line + 1 - first)
                first = None
            elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE):
                first = line if first is None else first
                self.closed -= set(range(line, last))  # a comment there would be a part of a string
        self.closed -= {line for line, each in enumerate(self.lines) if each.rstrip("\r\n").endswith("\\")}


def with_comments(before: str, after: str) -> str:
    """Return `after` with the comments of `before` that it lacks; unchanged where there are none."""
    if "#" not in before or before == after:
        return after
    try:
        old, new = _Lines(before), _Lines(after)
    except (tokenize.TokenError, SyntaxError):
        return after
    lost = Counter(each.text for each in old.comments) - Counter(each.text for each in new.comments)
    if not lost:
        return after
    moved = _Moved(old, new, lost)
    for change in changes(old.lines, new.lines):
        moved.take(change)
    text = moved.text()
    return text if ast.dump(parsed(text)) == ast.dump(parsed(after)) else after


def speaks_to_a_tool(comment: str) -> bool:
    """Is this `# noqa`, `# type: ignore` or its like, which means its own line only?"""
    return _TO_A_TOOL.match(comment) is not None


class _Moved:
    """The lines of the new text with comments put behind and above them."""

    def __init__(self, old: _Lines, new: _Lines, lost: Counter[str]) -> None:
        self._old, self._new, self._lost = old, new, lost
        self._commented = {each.line for each in new.comments}
        self._behind: dict[int, str] = {}
        self._above: dict[int, list[str]] = defaultdict(list)
        self._by_line = {each.line: each for each in old.comments}

    def take(self, change: Change) -> None:
        """Move the comments of some lines that are replaced, or gone."""
        for line in range(change.old, change.old_end):
            comment = self._by_line.get(line)
            if comment is None or self._lost[comment.text] <= 0 or _IMPORT.match(self._old.lines[line]):
                continue
            place, alike = self._replacing(line, change)
            if place is not None and alike > _ALIKE and self._fits(place, comment):
                self._behind[place] = comment.text
            elif not speaks_to_a_tool(comment.text):
                at = change.new if place is None else self._new.start[place] if place < change.new_end else place
                near = self._old.lines[line] if place is None else self._near(at, change)
                self._above[at].append(near[: len(near) - len(near.lstrip())] + comment.text)
            self._lost[comment.text] -= 1

    def _replacing(self, line: int, change: Change) -> tuple[int | None, float]:
        """Return the new line that says most of what an old one said, and how much of it, from 0 to 1.

        A comment alone speaks of the next line.
        """
        if self._by_line[line].alone:
            following = next((at for at in range(line + 1, change.old_end) if self._says(at)), None)
            if following is None:
                return change.new_end if change.new < change.new_end else None, 0.0
            line = following
        wanted = self._code(line)
        found = [(SequenceMatcher(None, wanted, each.strip()).ratio(), -at)
                 for at, each in enumerate(self._new.lines[change.new : change.new_end], change.new)]  # fmt: skip
        alike, place = max(found) if found else (0.0, None)
        return (None if place is None else -place), alike

    def _near(self, at: int, change: Change) -> str:
        """Return a line that is indented as a comment above a new line is to be."""
        return self._new.lines[at if at < change.new_end else self._new.start[change.new_end - 1]]

    def _says(self, line: int) -> bool:
        return bool(self._code(line))

    def _code(self, line: int) -> str:
        comment = self._by_line.get(line)
        written = self._old.lines[line]
        return (written[: written.rindex(comment.text)] if comment is not None else written).strip()

    def _fits(self, place: int, comment: _Comment) -> bool:
        """May a comment stand behind a new line, as it stood behind an old one?"""
        if comment.alone or place in self._commented or place in self._behind:
            return False
        written = self._new.lines[place].rstrip()
        return place in self._new.closed and bool(written) and len(written) + 2 + len(comment.text) <= _LONGEST

    def text(self) -> str:
        """Return all lines."""
        end = "\r\n" if self._new.lines[0].endswith("\r\n") else "\n"
        found: list[str] = []
        for at, line in enumerate(self._new.lines):
            found += [each + end for each in self._above.get(at, ())]
            written = line.rstrip("\r\n")
            behind = self._behind.get(at)
            found.append(line if behind is None else f"{written}  {behind}{line[len(written) :]}")
        return "".join([*found, *(each + end for each in self._above.get(len(self._new.lines), ()))])
