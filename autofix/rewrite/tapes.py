"""Mends a training step's tapes in the text itself, so that every line that stays is as it was.

Takes the text and what is wrong with one step; gives candidate texts, the likeliest first, or a refusal. Statements
move into the block as they are, with the comments above them; they are only indented.
"""

from __future__ import annotations

import ast
import re

from autofix.analysis.tape_faults import Mend, StepFault
from autofix.rewrite.refusal import Refusal
from autofix.syntax.spans import Positions

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_WAYS = (", training=True", "")


def mend_step(text: str, fault: StepFault) -> tuple[str, ...] | Refusal:
    """Return the texts in which the step's tapes record what they are asked for, for the verifier to choose from."""
    if fault.reason:
        return Refusal(fault.reason)
    if not fault.mends:
        return Refusal("")
    moved = [each for mend in fault.mends for each in (*mend.above, *mend.below)]
    if not all(_can_move(text, each) for each in moved) or not all(_has_room(mend) for mend in fault.mends):
        return Refusal("the statements share lines with others, or hold text of several lines")
    found = dict.fromkeys(_Lines(text).mended(fault, way) for way in (_WAYS if fault.calls else ("",)))
    found.pop(text, None)
    return tuple(found) or Refusal("nothing is known to change")


def _can_move(text: str, statement: ast.stmt) -> bool:
    lines = _LINE.findall(text)
    alone = not lines[statement.lineno - 1].encode()[: statement.col_offset].strip()
    rest = lines[(statement.end_lineno or 0) - 1].encode()[statement.end_col_offset or 0 :].strip()
    strings = (each for each in ast.walk(statement) if isinstance(each, (ast.Constant, ast.JoinedStr)))
    whole = all(each.lineno == each.end_lineno for each in strings)
    return alone and whole and (not rest or rest.startswith(b"#"))


def _has_room(mend: Mend) -> bool:
    """Does the block's body stand on lines of its own? It need not where nothing is put into it."""
    block = mend.tape.block
    changes = bool(mend.above or mend.below or mend.watched or mend.hoisted)
    return not changes or block.body[0].lineno > max(item.context_expr.end_lineno or 0 for item in block.items)


class _Lines:
    """The lines of a text, and what has been put in their place; numbers count from 1 as the parser's do."""

    def __init__(self, text: str) -> None:
        self._positions = Positions(text)
        self._lines: list[str] = ["", *_LINE.findall(text)]
        self._original = tuple(self._lines)
        self._end = next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")

    def mended(self, fault: StepFault, way: str) -> str:
        """Return the text with all of a step's mends; `way` is put behind the argument of a model that is called."""
        for mend in fault.mends:
            if mend.persistent:
                self._make_persistent(mend.tape.made)
        for call in sorted(fault.calls, key=lambda each: (-each.lineno, -each.col_offset)):
            self._call_the_model(call, way)
        for mend in sorted(fault.mends, key=lambda each: -each.tape.block.lineno):
            self._fill(mend)
        return "".join(self._lines)

    def _fill(self, mend: Mend) -> None:
        block = mend.tape.block
        margin = self._margin(block.body[0])
        deeper = margin[len(self._margin(block)) :]
        below = "".join(self._taken(each, deeper, above=False) for each in mend.below)
        above = "".join(self._taken(each, deeper, above=True) for each in mend.above)
        if mend.hoisted is not None:
            target, name = mend.hoisted
            below += f"{margin}{name} = {self._replaced(target, name)}{self._end}"
        last = block.end_lineno or 0
        watches = {name: f"{margin}{mend.tape.name}.watch({name}){self._end}" for name, _ in mend.watched}
        made = {name: statement for name, statement in mend.watched if statement is not None}
        for name, statement in made.items():
            self._close(statement.end_lineno or 0)
            self._lines[statement.end_lineno or 0] += self._margin(statement) + watches.pop(name).lstrip()
        header = self._behind_the_head(block)
        self._lines[header] = "".join(watches.values()) + above + self._lines[header]
        if below:
            self._close(last)
            self._lines[last] += below

    def _close(self, line: int) -> None:
        if self._lines[line] and not self._lines[line].endswith(("\n", "\r")):
            self._lines[line] += self._end

    def _behind_the_head(self, block: ast.With) -> int:
        """Return the first line of a block's body, the comments above its first statement included."""
        line = block.body[0].lineno
        while line - 1 > block.lineno and self._original[line - 1].strip().startswith("#"):
            line -= 1
        return line

    def _margin(self, statement: ast.stmt) -> str:
        """Return what a statement is indented with."""
        return self._original[statement.lineno].encode()[: statement.col_offset].decode()

    def _taken(self, statement: ast.stmt, deeper: str, above: bool) -> str:
        """Take a statement and the comments above it out of the text; return them indented."""
        first, last = self._with_comments(statement), statement.end_lineno or 0
        taken = "".join(deeper + line if line.strip() else line for line in self._lines[first : last + 1])
        self._lines[first : last + 1] = [""] * (last + 1 - first)
        self._close_gap(first, last, above)
        return taken if taken.endswith(("\n", "\r")) else taken + self._end

    def _with_comments(self, statement: ast.stmt) -> int:
        margin, first = self._margin(statement), statement.lineno
        while self._original[first - 1].startswith(f"{margin}#") and self._lines[first - 1]:
            first -= 1
        return first

    def _close_gap(self, first: int, last: int, above: bool) -> None:
        """Drop the blank lines that set off what was taken out."""
        after = last + 1
        if not above:
            while first > 1 and (self._lines[first - 1] == "" or not self._lines[first - 1].strip()):
                if self._lines[first - 1] == "" and self._original[first - 1].strip():
                    break
                self._lines[first - 1] = ""
                first -= 1
            return
        before = first - 1
        opens = before < 1 or not self._original[before].strip() or self._original[before].rstrip().endswith(":")
        while opens and after < len(self._lines) and not self._lines[after].strip():
            self._lines[after] = ""
            after += 1

    def _make_persistent(self, made: ast.Call) -> None:
        given = [each for each in made.keywords if each.arg == "persistent"]
        if given:
            self._replaced(given[0].value, "True")
        elif made.args:
            self._replaced(made.args[0], "True")
        else:
            self._insert_first(made, "persistent=True")

    def _insert_first(self, call: ast.Call, text: str) -> None:
        """Put an argument before the others of a call."""
        key = self._positions.key(call.func)
        line, column = key[3], key[4]
        at = self._lines[line].index("(", column) + 1
        more = ", " if call.keywords or call.args else ""
        self._lines[line] = f"{self._lines[line][:at]}{text}{more}{self._lines[line][at:]}"

    def _call_the_model(self, call: ast.Call, way: str) -> None:
        func = call.func
        assert isinstance(func, ast.Attribute)
        given = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "x")]
        argument = self._text(given[0]) if given else ""
        self._replaced(call, f"{self._text(func.value)}({argument}{way if argument else ''})")

    def _text(self, node: ast.AST) -> str:
        _, line, column, end_line, end_column = self._positions.key(node)
        if line == end_line:
            return self._original[line][column:end_column]
        inner = self._original[line + 1 : end_line]
        return "".join([self._original[line][column:], *inner, self._original[end_line][:end_column]])

    def _replaced(self, node: ast.AST, new: str) -> str:
        """Put `new` in the place of a node; return what stood there. What is left of it must be as it was."""
        old = self._text(node)
        _, line, column, end_line, end_column = self._positions.key(node)
        head, tail = self._lines[line][:column], self._lines[end_line][end_column:]
        self._lines[line : end_line + 1] = [head + new + tail, *[""] * (end_line - line)]
        return old
