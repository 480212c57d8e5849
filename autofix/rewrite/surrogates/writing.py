"""A text while surrogates are written into it: what takes the place of which node, and where a value is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from autofix.knowledge import surrogates as known
from autofix.model import Edit, Framework, Span
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import dotted, last_part
from autofix.syntax.module import Syntax, function_at
from autofix.syntax.spans import Positions, span

Parts = tuple["str | ast.expr", ...]
BY_OPERATOR = {
    ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
LOOSE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Await)


@dataclass(frozen=True)
class Index:
    """The index of the largest of some scores along an axis, both as they are written."""

    scores: Parts
    axis: Parts


class Refused(Exception):
    """There is no known surrogate; the message says for what."""


@dataclass
class Writing:
    """A text while surrogates are written into it: what takes the place of each node, and which lines are added.

    `idle` are statements whose name may have no use then.
    """

    text: str
    framework: Framework
    tree: ast.Module
    syntax: Syntax
    positions: Positions
    parents: dict[ast.AST, ast.AST]
    modules: dict[str, str]
    replaced: dict[ast.AST, Parts] = field(default_factory=dict)
    added: dict[ast.stmt, list[str]] = field(default_factory=dict)
    idle: dict[ast.stmt, ast.Name] = field(default_factory=dict)
    functions: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def call(self, function: str, *arguments: Parts) -> Parts:
        """The call of a surrogate, which the text is to have then."""
        self.functions[function] = None
        inner = [part for each in arguments for part in (", ", *each)][1:]
        return (self.name_of(function), "(", *inner, ")")

    def name_of(self, function: str) -> str:
        name = f"_{function}"
        while f"def {name}(" not in self.text and re.search(rf"\b{name}\b", self.text):
            name += "_"
        return self.names.setdefault(function, name)

    def is_module(self, node: ast.expr) -> bool:
        """Is a function looked up in a module here, and no method of a tensor?"""
        return dotted(node).partition(".")[0] in self.modules

    def source(self, node: ast.AST) -> str:
        """The text of a node with all that takes the place of parts of it."""
        if node in self.replaced:
            return "".join(each if isinstance(each, str) else self.source(each) for each in self.replaced[node])
        inner = list(self.outermost(node))
        written = ast.get_source_segment(self.text, node) or ast.unparse(node)
        if not inner:
            return written
        own = span(self.positions.key(node))
        lines = self.text.splitlines(keepends=True)[own.line - 1 : own.end_line]
        lines[-1] = lines[-1][: own.end_column - 1]
        lines[0] = " " * (own.column - 1) + lines[0][own.column - 1 :]
        moved = map(self.place, inner)
        edits = [
            Edit(Span(one.line - own.line + 1, one.column, one.end_line - own.line + 1, one.end_column),
                 self.operand(each))
            for each, one in zip(inner, moved, strict=True)
        ]  # fmt: skip
        return apply_edits("".join(lines), edits)[own.column - 1 :]

    def operand(self, node: ast.AST) -> str:
        """What takes the place of a node, in parentheses where it may need them and the node had none."""
        written = self.source(node)
        if node not in self.replaced or isinstance(node, LOOSE):
            return written
        alone = isinstance(ast.parse(written.strip(), mode="eval").body, LOOSE)
        return f"({written})" if alone and isinstance(self.parents.get(node), (*LOOSE, ast.Attribute)) else written

    def place(self, node: ast.AST) -> Span:
        """Where a node stands; with its parentheses, where what takes its place needs none."""
        own = span(self.positions.key(node))
        line = self.text.splitlines()[own.line - 1]
        before, after = line[: own.column - 1], line[own.end_column - 1 :]
        loose = not isinstance(node, LOOSE) or own.line != own.end_line
        if loose or not before.endswith("(") or not after.startswith(")") or re.search(r"[\w\])]\($", before):
            return own
        if isinstance(ast.parse(self.source(node).strip(), mode="eval").body, LOOSE):
            return own
        return Span(own.line, own.column - 1, own.end_line, own.end_column + 1)

    def outermost(self, node: ast.AST) -> Iterator[ast.expr]:
        """Yield the nodes below one that are replaced, without those within another."""
        for child in ast.iter_child_nodes(node):
            if child in self.replaced and isinstance(child, ast.expr):
                yield child
            else:
                yield from self.outermost(child)


def shown(writing: Writing, node: ast.AST) -> str:
    return " ".join((ast.get_source_segment(writing.text, node) or ast.unparse(node)).split())


def free_name(writing: Writing, name: str) -> str:
    taken = {line.strip().partition(" ")[0] for lines in writing.added.values() for line in lines}
    while re.search(rf"\b{name}\b", writing.text) or name in taken:
        name += "_"
    return name


def uses_of(writing: Writing, target: ast.Name) -> list[ast.Name]:
    """Return the reads of a name that see what it is given here."""
    scope = function_at(writing.tree, target.lineno)
    reads = (each for each in ast.walk(scope) if isinstance(each, ast.Name) and each.id == target.id)
    found = []
    for each in reads:
        if isinstance(each.ctx, ast.Load):
            _, bound = writing.syntax.bindings(each)
            if bound and any(target is part for part in ast.walk(bound[0].target)):
                found.append(each)
    return found


def reaches_gradient(writing: Writing, node: ast.AST, depth: int = 8) -> bool:
    """May a value come to what is differentiated or returned from here? What is printed or kept does not."""
    inner = node
    while not isinstance(inner, ast.stmt):
        outer = writing.parents[inner]
        if isinstance(outer, ast.JoinedStr) or (
            isinstance(outer, ast.Call) and inner in outer.args and last_part(outer.func) in known.READERS
        ):
            return False
        inner = outer
    match inner:
        case ast.Return():
            return True
        case ast.Expr(value=value):
            called = {last_part(each.func) for each in ast.walk(value) if isinstance(each, ast.Call)}
            return bool(called & known.TAKES_GRADIENT)
        case ast.Assign(targets=targets) if depth:
            names = [each for one in targets for each in ast.walk(one) if isinstance(each, ast.Name)]
            kept = [each for each in targets if not isinstance(each, (ast.Name, ast.Tuple))]
            called = {last_part(each.func) for each in ast.walk(inner.value) if isinstance(each, ast.Call)}
            if called & known.TAKES_GRADIENT or kept:
                return bool(called & known.TAKES_GRADIENT)
            return any(reaches_gradient(writing, use, depth - 1) for each in names for use in uses_of(writing, each))
        case ast.AugAssign(target=ast.Name() as target) if depth:
            scope = function_at(writing.tree, target.lineno)
            later = (each for each in ast.walk(scope) if isinstance(each, ast.Name) and each.id == target.id
                     and isinstance(each.ctx, ast.Load))  # fmt: skip
            return any(reaches_gradient(writing, use, depth - 1) for use in later)
    return False
