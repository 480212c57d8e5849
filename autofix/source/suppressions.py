"""Comments that silence findings, or decide what is one: `# autofix: ignore`, `# autofix: ignore[AF103]`,
`# autofix: skip-file`, `# autofix: constant`, `# autofix: differentiate`.

An `ignore` holds for the statement on whose lines it stands, or for the one below when it stands alone; on the lines of
a `def`, `class` or decorator it holds for all of the function or class. A `skip-file` stands above the first statement
(a docstring aside). What a `constant` stands at is held constant on purpose, whatever it looks like; what a
`differentiate` stands at is not, and is reported until it is fixed. An `ignore` that silences nothing, and a misplaced
`skip-file`, are reported.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from autofix.knowledge.causes import expand
from autofix.model import Cut, Demands, Span

UNUSED = "AF001"
_COMMENT = re.compile(
    r"#\s*autofix:\s*((?:ignore|skip-file|constant|differentiate)(?![\w-]))\s*(?:\[([^\]]*)\])?", re.IGNORECASE
)
_LINE_END = re.compile(r"\r\n|\r")


@dataclass(frozen=True)
class Stretch:
    """The lines that a comment holds for."""

    first: int
    last: int

    def meets(self, span: Span) -> bool:
        """Does a stretch of this file lie in these lines, or reach into them?"""
        return not span.file and self.first <= span.end_line and span.line <= self.last


@dataclass(frozen=True)
class Ignore(Stretch):
    """One comment: the lines it holds for, where it stands, and what it names: each word and the codes it means.

    No `named` means every cause. A word that means no code is a mistake.
    """

    span: Span
    named: tuple[tuple[str, tuple[str, ...]], ...]

    def hides(self, cut: Cut) -> bool:
        """Does it hold for this cut?"""
        return bool(self.words_for(cut)) if self.named else self.meets(cut.span)

    def words_for(self, cut: Cut) -> tuple[str, ...]:
        """Return those of its words that mean this cut."""
        return tuple(word for word, codes in self.named if cut.code in codes and self.meets(cut.span))


@dataclass(frozen=True)
class Wishes:
    """What is held `constant` on purpose, and what is `demanded` to be differentiated, in which kinds of places."""

    constant: tuple[Stretch, ...] = ()
    demanded: tuple[Stretch, ...] = ()
    demands: Demands = "named"

    def hold(self, span: Span) -> bool:
        """Is what stands here meant to be a constant?"""
        return any(each.meets(span) for each in self.constant)

    def demand(self, span: Span, is_conversion: bool) -> bool:
        """Is a gradient that ends here lost, whatever the words say? A conversion is one to an array, or a number."""
        return self.demands == "all" or (is_conversion and self.demands == "conversions") or self.name(span)

    def name(self, span: Span) -> bool:
        """Does a comment say so of this place? Then no name of a variable excuses it either."""
        return any(each.meets(span) for each in self.demanded)


NO_WISHES = Wishes()


@dataclass(frozen=True)
class Comments:
    """All such comments of one file; `misplaced` are those that skip a file from below its top."""

    skip_file: bool = False
    ignores: tuple[Ignore, ...] = ()
    misplaced: tuple[Span, ...] = ()
    wishes: Wishes = NO_WISHES

    def hide(self, cut: Cut) -> bool:
        """Is this cut silenced?"""
        return any(each.hides(cut) for each in self.ignores)

    def faults(self, cuts: Iterable[Cut]) -> Iterator[tuple[Span, str]]:
        """Yield each comment that silences none of these cuts, or names what is no cause, and what is wrong."""
        found = tuple(cuts)
        for each in self.ignores:
            message = _fault(each, found)
            if message:
                yield each.span, message
        for span in self.misplaced:
            yield span, "`# autofix: skip-file` has no effect below the first statement; move it to the top of the file"


def read(text: str, tree: ast.Module) -> Comments:
    """Return the comments of a text that is Python; what looks like one inside a string is none."""
    if "autofix:" not in text:
        return Comments()
    top = next((each.lineno for each in tree.body if not _is_docstring(each)), 1 << 30)
    code = _LINE_END.sub("\n", text)
    skips: list[tuple[bool, Span]] = []
    ignores: list[Ignore] = []
    wishes: dict[str, list[Stretch]] = {"constant": [], "differentiate": []}
    lines = code.split("\n")
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        match = _COMMENT.search(token.string) if token.type == tokenize.COMMENT else None
        if match is None:
            continue
        line, start = token.start
        span = Span(line, start + match.start() + 1, line, start + match.end() + 1)
        if match[1].lower() == "skip-file":
            skips.append((line <= top, span))
            continue
        alone = not lines[line - 1][:start].strip()
        first, last = _covered(tree, _below(lines, line) if alone else line)
        if match[1].lower() == "ignore":
            ignores.append(Ignore(first, last, span, tuple(_named(match[2]))))
        else:
            wishes[match[1].lower()].append(Stretch(first, last))
    misplaced = tuple(span for at_top, span in skips if not at_top)
    decided = Wishes(tuple(wishes["constant"]), tuple(wishes["differentiate"]))
    return Comments(any(at_top for at_top, _ in skips), tuple(ignores), misplaced, decided)


def _named(words: str | None) -> Iterator[tuple[str, tuple[str, ...]]]:
    for word in words.split(",") if words is not None else ():
        codes = expand((word.strip(),))
        yield word.strip(), () if isinstance(codes, str) else codes


def _fault(comment: Ignore, cuts: tuple[Cut, ...]) -> str:
    """Say what is wrong with a comment; empty if all of it has an effect."""
    unknown = [word for word, codes in comment.named if not codes]
    if unknown:
        return f"unknown code {', '.join(repr(word) for word in unknown)}; `autofix explain` lists the codes"
    if not comment.named:
        return "" if any(comment.hides(cut) for cut in cuts) else "`# autofix: ignore` has no effect here"
    used = {word for cut in cuts for word in comment.words_for(cut)}
    idle = [word for word, _ in comment.named if word not in used]
    return f"`# autofix: ignore[{', '.join(idle)}]` has no effect here" if idle else ""


def _below(lines: list[str], line: int) -> int:
    """Return the next line that holds code."""
    for number in range(line + 1, len(lines) + 1):
        code = lines[number - 1].strip()
        if code and not code.startswith("#"):
            return number
    return line


def _covered(tree: ast.Module, line: int) -> tuple[int, int]:
    """Return the lines that a comment on `line` holds for."""
    found, start = (line, line), 0
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        first, head, last = _lines(node)
        if first <= line <= head and first >= start:
            found, start = (first, last), first
    return found


def _lines(node: ast.stmt) -> tuple[int, int, int]:
    """Return the first line of a statement, the last of its head, and the last that a comment in its head holds for."""
    end = node.end_lineno or node.lineno
    body = getattr(node, "body", None)
    if not body:
        return node.lineno, end, end
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    head = max(node.lineno, body[0].lineno - 1)
    whole = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    return first, head, end if whole else head


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
