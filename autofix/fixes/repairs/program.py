"""What a repair is made from, and what it gives."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autofix.knowledge.frameworks import record_of
from autofix.model import Finding, Framework, OwnRules, Site, Span
from autofix.observe.faults import Diagnosed, ObservedFault
from autofix.source.edits import stretch_of
from autofix.source.files import split_lines
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import function_at
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Positions, span

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class FaultyProgram:
    """A program that loses a gradient, by its first steps or by its source.

    `faults` are what was observed, `findings` what the analysis found and could not fix; their places are those of
    `text`.
    """

    path: str
    text: str
    framework: Framework
    diagnosed: Diagnosed
    faults: tuple[ObservedFault, ...]
    findings: tuple[Finding, ...]
    own: OwnRules
    tree: ast.Module = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tree", parsed(self.text))  # held, as its nodes are told apart by their identity

    @property
    def file(self) -> str:
        """Its path as runs name it."""
        return str(Path(self.path).resolve())

    @property
    def fails(self) -> bool:
        """Does it lose a gradient, or raise?"""
        natural = self.diagnosed.natural
        return bool(self.faults) or natural.error is not None or any(not each.trains for each in natural.events)

    @property
    def package(self) -> str:
        """The name of the framework in this file; empty where it has none."""
        return next((name for name, module in imports_in(self.tree) if module == record_of(self.framework).module), "")

    @property
    def imported(self) -> frozenset[str]:
        """The names that the file imports."""
        return frozenset(name for name, _ in imports_in(self.tree))

    def function_at(self, line: int) -> FunctionNode | ast.Module:
        """The innermost function around a line, else the module."""
        return function_at(self.tree, line)

    def place_of(self, node: ast.AST) -> Span:
        """Where a node stands."""
        return span(Positions(self.text).key(node))

    def source_of(self, node: ast.AST) -> str:
        """A node as it is written."""
        return stretch_of(self.text, self.place_of(node))

    def margin_of(self, node: ast.stmt) -> str:
        """What stands before a statement in its first line: how far it is indented."""
        return split_lines(self.text)[node.lineno - 1][: node.col_offset]

    def shown_at(self, place: Span) -> str:
        """What stands at a place, in one line, as messages quote it."""
        return f"`{' '.join(stretch_of(self.text, place).split())}`"

    def sites_of(self, code: str) -> Iterator[tuple[Site, ...]]:
        """Yield the places in this file of each end of a cause: the innermost first, then those that led there."""
        for fault in self.faults:
            for end in fault.ends:
                if end.code == code:
                    yield tuple(each for each in end.sites if each.path == self.file)


@dataclass(frozen=True)
class Repair:
    """One text to try, and how its fault is reported where nothing else has found it.

    Where leaves are not the `same_leaves`, values are compared with parameters as they are. One that `reaches_more` has
    to bring a gradient to parameters that have none. Of repairs each of which `grows` on the one before, one that
    leaves out a part of the gradient is taken only where no later one holds. What a repair leaves behind may be
    `spelled` further. `what` takes the place of the cause's own words. It fixes the findings of its cause at these
    `spans`, all of them where it has none, and what is meant to be trained and is not, by these names (`settles`).
    Where it is `nested`, values are compared with the steps of optimizers of copies as a part of what is computed.
    """

    code: str
    span: Span
    operation: str
    text: str
    what: str = ""
    same_leaves: bool = True
    reaches_more: bool = False
    spelled: bool = False
    spans: tuple[Span, ...] = ()
    settles: frozenset[str] = frozenset()
    grows: bool = False
    nested: bool = False


def kept_as(maker: FunctionNode, own: str) -> dict[str, ast.expr]:
    """Return the attributes of its object (`own`) in which a method keeps what it is given, by the names of that."""
    assigns = (each for each in ast.walk(maker) if isinstance(each, ast.Assign))
    return {
        each.value.id: target
        for each in assigns
        for target in each.targets
        if isinstance(each.value, ast.Name) and isinstance(target, ast.Attribute) and ast.unparse(target.value) == own
    }


def class_at(tree: ast.Module, line: int) -> ast.ClassDef | None:
    """Return the innermost class around a line."""
    around = (each for each in nodes_of(tree, ast.ClassDef) if each.lineno <= line <= (each.end_lineno or 0))
    return max(around, key=lambda each: each.lineno, default=None)


def spelled_in(tree: ast.Module, name: str) -> str:
    """Return how a file writes a dotted name (`torch.nn.Module`), by what it imports; empty where it cannot."""
    bound = {module: each for each, module in imports_in(tree)}
    parts = name.split(".")
    heads = (".".join(parts[:at]) for at in range(len(parts), 0, -1))
    return next((f"{bound[head]}{name.removeprefix(head)}" for head in heads if head in bound), "")
