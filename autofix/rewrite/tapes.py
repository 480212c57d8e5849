"""Fixes the tapes of a training step in the text itself, so that every line that stays is as it was.

Takes the text and the fault of one step; gives candidate texts, the likeliest first, or a refusal. Statements move into
the block as they are, with the comments above them; they are only indented.
"""

from __future__ import annotations

import ast
from collections import defaultdict

from autofix.analysis.tape_faults import FaultyTapes, TapeFix
from autofix.model import Edit, Exit, Reason, Span
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.spans import Positions, span

_WAYS = (", training=True", "")


def fix_step(text: str, fault: FaultyTapes) -> tuple[str, ...] | Reason:
    """Return the texts in which the step's tapes record what they are asked for, for the verifier to choose from."""
    if fault.refusal is not None:
        return fault.refusal
    fixes = fault.tape_fixes
    moved = [each for tape_fix in fixes for each in (*tape_fix.above, *tape_fix.below)]
    if not all(_can_move(text, each) for each in moved) or not all(map(_has_room, fixes)):
        return Reason(Exit.REWRITE, "the statements share lines with others, or contain multi-line strings")
    found = dict.fromkeys(_Step(text).fixed(fault, way) for way in (_WAYS if fault.calls else ("",)))
    found.pop(text, None)
    return tuple(found) or Reason(Exit.REWRITE, "there is no known change")


def _can_move(text: str, statement: ast.stmt) -> bool:
    lines = split_lines(text)
    alone = not lines[statement.lineno - 1].encode()[: statement.col_offset].strip()
    rest = lines[(statement.end_lineno or 0) - 1].encode()[statement.end_col_offset or 0 :].strip()
    strings = (each for each in ast.walk(statement) if isinstance(each, (ast.Constant, ast.JoinedStr)))
    whole = all(each.lineno == each.end_lineno for each in strings)
    return alone and whole and (not rest or rest.startswith(b"#"))


def _has_room(tape_fix: TapeFix) -> bool:
    """Does the block's body stand on lines of its own? It need not where nothing is put into it."""
    block = tape_fix.tape.block
    changes = bool(tape_fix.above or tape_fix.below or tape_fix.watched or tape_fix.hoisted)
    return not changes or block.body[0].lineno > max(item.context_expr.end_lineno or 0 for item in block.items)


class _Step:
    """The edits of one step: those inside lines, the lines that are taken out, and what is written around a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._positions = Positions(text)
        self._lines = ("", *split_lines(text))
        self._end = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")
        self._inside: list[Edit] = []
        self._taken: set[int] = set()
        self._before: defaultdict[int, str] = defaultdict(str)
        self._behind: defaultdict[int, str] = defaultdict(str)

    def fixed(self, fault: FaultyTapes, way: str) -> str:
        """Return the text with all of a step's fixes; `way` is put behind the argument of a model that is called."""
        self._inside += [self._persistent(each.tape.made) for each in fault.tape_fixes if each.persistent]
        self._inside += [self._call_of_model(each, way) for each in fault.calls]
        for tape_fix in sorted(fault.tape_fixes, key=lambda each: -each.tape.block.lineno):
            self._fill(tape_fix)
        inside = (each for each in self._inside if each.span.line not in self._taken)
        taken = (Edit.of_lines(line, line + 1, "") for line in self._taken)
        places = {*self._before, *(line + 1 for line in self._behind)}
        written = (Edit.of_lines(at, at, self._behind[at - 1] + self._before[at]) for at in places)
        return apply_edits(self._ended(), [*inside, *taken, *written])

    def _ended(self) -> str:
        """Return the text, its last line with an end where something is written behind it."""
        is_open = not self._text.endswith(("\n", "\r"))
        return self._text + self._end if is_open and len(self._lines) - 1 in self._behind else self._text

    def _fill(self, tape_fix: TapeFix) -> None:
        """Put into a block what moves there, and have its tape watch what it does not."""
        block = tape_fix.tape.block
        margin = self._margin(block.body[0])
        deeper = margin[len(self._margin(block)) :]
        below = "".join(self._take(each, deeper, above=False) for each in tape_fix.below)
        above = "".join(self._take(each, deeper, above=True) for each in tape_fix.above)
        if tape_fix.hoisted is not None:
            target, name = tape_fix.hoisted
            below += f"{margin}{name} = {self._source(target)}{self._end}"
            self._inside.append(Edit(self._span(target), name))
        header = self._behind_the_head(block)
        self._before[header] = self._watch(tape_fix, margin) + above + self._before[header]
        if below:
            self._behind[block.end_lineno or 0] += below

    def _watch(self, tape_fix: TapeFix, margin: str) -> str:
        """Return the calls that watch what is there before the block; write the others behind what they watch."""
        watches = {name: f"{tape_fix.tape.name}.watch({name}){self._end}" for name, _ in tape_fix.watched}
        made = {name: statement for name, statement in tape_fix.watched if statement is not None}
        for name, statement in made.items():
            self._behind[statement.end_lineno or 0] += self._margin(statement) + watches.pop(name)
        return "".join(margin + each for each in watches.values())

    def _behind_the_head(self, block: ast.With) -> int:
        """Return the first line of a block's body, the comments above its first statement included."""
        line = block.body[0].lineno
        while line - 1 > block.lineno and self._lines[line - 1].strip().startswith("#"):
            line -= 1
        return line

    def _margin(self, statement: ast.stmt) -> str:
        """Return what a statement is indented with."""
        return self._lines[statement.lineno].encode()[: statement.col_offset].decode()

    def _take(self, statement: ast.stmt, deeper: str, above: bool) -> str:
        """Take a statement and the comments above it out of the text; return them indented."""
        first, last = self._with_comments(statement), statement.end_lineno or 0
        inside = [each for each in self._inside if first <= each.span.line <= last]
        lines = split_lines(stretch_of(self._text, Span(first, 1, last + 1, 1), inside))
        taken = "".join(deeper + line if line.strip() else line for line in lines)
        self._taken |= {*range(first, last + 1)}
        self._close_gap(first, last, above)
        return taken if taken.endswith(("\n", "\r")) else taken + self._end

    def _with_comments(self, statement: ast.stmt) -> int:
        """Return the first line of a statement, the comments above it included."""
        margin, first = self._margin(statement), statement.lineno
        while self._lines[first - 1].startswith(f"{margin}#") and first - 1 not in self._taken:
            first -= 1
        return first

    def _close_gap(self, first: int, last: int, above: bool) -> None:
        """Take out the blank lines that set off what was taken."""
        if not above:
            while first > 1 and self._is_blank(first - 1):
                first -= 1
                self._taken.add(first)
            return
        before, after = first - 1, last + 1
        opens = before < 1 or self._is_blank(before) or self._lines[before].rstrip().endswith(":")
        while opens and after < len(self._lines) and (after in self._taken or self._is_blank(after)):
            self._taken.add(after)
            after += 1

    def _is_blank(self, line: int) -> bool:
        return not self._lines[line].strip()

    def _persistent(self, made: ast.Call) -> Edit:
        """Return the edit that makes a tape persistent."""
        values = [each.value for each in made.keywords if each.arg == "persistent"] or made.args
        if values:
            return Edit(self._span(values[0]), "True")
        end = self._span(made.func)
        column = self._lines[end.end_line].index("(", end.end_column - 1) + 2
        more = ", " if made.keywords else ""
        return Edit(Span(end.end_line, column, end.end_line, column), f"persistent=True{more}")

    def _call_of_model(self, call: ast.Call, way: str) -> Edit:
        """Return the edit that calls a model where its `predict` was called."""
        func = call.func
        assert isinstance(func, ast.Attribute)
        inputs = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "x")]
        argument = self._source(inputs[0]) + way if inputs else ""
        return Edit(self._span(call), f"{self._source(func.value)}({argument})")

    def _source(self, node: ast.AST) -> str:
        return stretch_of(self._text, self._span(node))

    def _span(self, node: ast.AST) -> Span:
        return span(self._positions.key(node))
