"""Take a text and the places of operations without a gradient; give the text in which each has a surrogate.

The value is another one; whether it tends to the original's, and trains, is for a run to say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from autofix.knowledge import surrogates as known
from autofix.knowledge.effects import LEAVERS, package_of
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Exit, Framework, Reason, Span
from autofix.rewrite.blocks import ends_alone
from autofix.rewrite.catalogue import bundled
from autofix.rewrite.imports import used_names, without_imports
from autofix.rewrite.rules import read_rules
from autofix.rewrite.surrogates.operations import soften
from autofix.rewrite.surrogates.writing import (
    BY_OPERATOR,
    LOOSE,
    Refused,
    Writing,
    free_name,
    reaches_gradient,
    uses_of,
)
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import last_part
from autofix.syntax.module import Syntax, first_line, function_at, parents_of, statement_of
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Positions, at_line, span

_FILE = "_surrogates.py"
_TEMPERATURE = re.compile(r"(?<=temperature=)[0-9.e+-]+(?=\):)")


@dataclass(frozen=True)
class Surrogates:
    """A text with surrogates, the names of the functions that stand there now, and the lines that were changed."""

    text: str
    functions: frozenset[str]
    lines: frozenset[int]

    def at(self, temperature: float) -> str:
        """Return the text with another temperature in all of them."""
        return with_temperature(self.text, self.functions, temperature)


def with_surrogates(text: str, framework: Framework, places: Sequence[Span]) -> Surrogates | Reason:
    """Return the text in which the operations at these places have surrogates, or which of them has none."""
    writing = _writing(text, framework)
    try:
        for place in places:
            soften(writing, place)
    except Refused as refused:
        return Reason(Exit.RULE, f"no surrogate is known for {refused}")
    return _finished(writing)


def with_means(text: str, places: Sequence[Span]) -> str | Reason:
    """Return the text in which the mean of what has several values is differentiated where these calls stand."""
    syntax, edits = Syntax(parsed(text), text), []
    for place in places:
        match syntax.at(place):
            case ast.Call(func=ast.Attribute(value=value), args=[], keywords=[]):
                own = syntax.span(value)
                end = own.end_column + isinstance(value, LOOSE)  # its parenthesis
                edits.append(Edit(Span(own.end_line, end, own.end_line, end), ".mean()"))
            case _:
                return Reason(Exit.RULE, "no surrogate is known for what is differentiated", place)
    return apply_edits(text, edits)


def _writing(text: str, framework: Framework) -> Writing:
    tree = parsed(text)
    modules = dict(imports_in(tree))
    return Writing(text, framework, tree, Syntax(tree, text), Positions(text), parents_of(tree), modules)


def hard_operations(text: str, framework: Framework, is_derived: Callable[[ast.expr], bool]) -> list[Span]:
    """Return where an operation without a gradient may lie on the way to what is differentiated.

    `is_derived` says which expressions are made from a prediction, whatever was cut on the way.
    """
    writing = _writing(text, framework)
    found = (each for each in ast.walk(writing.tree) if isinstance(each, ast.expr))
    hard = [each for each in found if _is_hard(writing, each) and reaches_gradient(writing, each)]
    return [span(writing.positions.key(each)) for each in hard if any(map(is_derived, _made_from(writing, each)))]


def _is_hard(writing: Writing, node: ast.expr) -> bool:
    match node:
        case ast.Compare(ops=[operator, *_]):
            return type(operator) in BY_OPERATOR and not isinstance(
                writing.parents[node], (ast.If, ast.While, ast.Assert)
            )
        case ast.Call(func=func):
            name = last_part(func)
            return name in known.INDICES or name in known.COMPARISONS or name in known.STEPS
    return False


def _made_from(writing: Writing, node: ast.expr, depth: int = 6) -> Iterator[ast.expr]:
    """Yield the expressions that one is made from, and those that the names in it stand for."""
    for each in ast.walk(node):
        if isinstance(each, ast.expr):
            yield each
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and depth:
            for one in writing.syntax.bindings(each)[1][:1]:
                yield from _made_from(writing, one.value, depth - 1)


def with_temperature(text: str, functions: Iterable[str], temperature: float) -> str:
    """Return a text with another temperature as the default of these functions."""
    heads = tuple(f"def {name}(" for name in functions)
    lines = text.splitlines(keepends=True)
    return "".join(_TEMPERATURE.sub(repr(temperature), line) if line.startswith(heads) else line for line in lines)


def _is_read(writing: Writing, target: ast.Name) -> bool:
    """Is a name still read in the new text?"""
    statements = {statement_of(writing.parents, each) for each in uses_of(writing, target)}
    written = (writing.source(each) for each in statements)
    return any(re.search(rf"\b{target.id}\b", each) for each in written)


def _finished(writing: Writing) -> Surrogates | Reason:
    if not writing.replaced:
        return Reason(Exit.RULE, "no surrogate is known")
    lines_of_text = writing.text.splitlines(keepends=True)
    idle = (each for each, target in writing.idle.items() if not _is_read(writing, target))
    gone = {each for each in idle if ends_alone(each, lines_of_text)}
    edits = [
        Edit(writing.place(each), writing.operand(each))
        for each in writing.outermost(writing.tree)
        if statement_of(writing.parents, each) not in gone
    ]
    for statement in {*writing.added, *gone}:
        after = statement.lineno if statement not in gone else (statement.end_lineno or statement.lineno) + 1
        edits.append(Edit.of_lines(statement.lineno, after, "".join(writing.added.get(statement, ()))))
    try:
        edits = _beside_others(writing, edits)
    except Refused as refused:
        return Reason(Exit.READERS, str(refused))
    changed = frozenset(each.span.line for each in edits)
    text = apply_edits(writing.text, edits)
    if not _is_valid(text):
        return Reason(Exit.REWRITE, "what takes its place cannot be written there")
    pasted = _with_functions(writing, text, min(changed))
    left_behind = (used_names(writing.text) - used_names(pasted)) & set(writing.modules)
    pasted = without_imports(pasted, {each for each in left_behind if package_of(writing.modules[each]) in LEAVERS})
    return Surrogates(pasted, frozenset(writing.names[each] for each in writing.functions), changed)


def _is_valid(text: str) -> bool:
    try:
        parsed(text)
    except SyntaxError:
        return False
    return True


def _beside_others(writing: Writing, edits: list[Edit]) -> list[Edit]:
    """Return the edits in which a function that others call as well stays, and the loss calls one of its own."""
    for function in writing.tree.body:
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        inside = [each for each in edits if function.lineno <= each.span.line <= (function.end_lineno or 0)]
        calls = [each for each in ast.walk(writing.tree) if isinstance(each, ast.Call)
                 and isinstance(each.func, ast.Name) and each.func.id == function.name]  # fmt: skip
        others = [each for each in calls if not reaches_gradient(writing, each)]
        if not inside or not others or len(others) == len(calls):
            continue  # one that only acts takes the gradient itself
        callers = {function_at(writing.tree, each.lineno) for each in calls if each not in others}
        if any(not isinstance(each, ast.Module) for each in callers):
            where = at_line(others[0].lineno)
            raise Refused(f"`{function.name}` is also called in {where}, which would get another value")
        name = free_name(writing, f"soft_{function.name.lstrip('_')}")
        own = parsed(apply_edits(writing.text, inside))
        copy = next(each for each in own.body if getattr(each, "name", "") == function.name)
        lines = apply_edits(writing.text, inside).splitlines(keepends=True)[first_line(copy) - 1 : copy.end_lineno]
        written = "".join(lines).replace(f"def {function.name}(", f"def {name}(", 1)
        edits = [each for each in edits if each not in inside]
        edits.append(Edit.of_lines(first_line(function), first_line(function), f"{written.rstrip()}\n\n\n"))
        for each in calls:
            if each not in others:
                edits.append(Edit(span(writing.positions.key(each.func)), name))
    return edits


def _with_functions(writing: Writing, text: str, line: int) -> str:
    """Return a text with the surrogates that it calls, above the function that does, or below the imports."""
    record = record_of(writing.framework)
    rules = read_rules(bundled() / writing.framework / _FILE)
    alias = next((name for name, module in writing.modules.items() if module == record.module), "")
    missing = [each for each in writing.functions if f"def {writing.names[each]}(" not in text]
    if not missing:
        return text
    definitions = []
    for each in missing:
        source = re.sub(rf"\b{record.alias}\.", f"{alias or record.alias}.", rules.source(each))
        definitions.append(source.replace(f"def {each}(", f"def {writing.names[each]}(", 1) + "\n")
    lines = text.splitlines(keepends=True)
    tree = parsed(text)
    place = _place(tree, line + sum(len(each) for each in writing.added.values()))
    before = "".join(lines[: place - 1]).rstrip("\n")
    after = "".join(lines[place - 1 :]).lstrip("\n")
    if not alias:
        definitions.insert(0, record.statement + "\n")
    return f"{before}\n\n\n" + "\n\n".join(definitions) + "\n\n" + after


def _place(tree: ast.Module, line: int) -> int:
    """Return the line above which functions go: the definition around a line, else what follows the imports."""
    for each in tree.body:
        if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([each.lineno, *(one.lineno for one in each.decorator_list)])
            if first <= line <= (each.end_lineno or 0):
                return first
    head = 1
    for each in tree.body:
        if isinstance(each, (ast.Import, ast.ImportFrom)) or (
            isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and each is tree.body[0]
        ):
            head = (each.end_lineno or each.lineno) + 1
        else:
            break
    return head
