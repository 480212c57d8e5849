"""Rewrites statements: what a fix leaves without effect is removed, `with torch.no_grad():` around a loss is opened.

An assignment that only gives a tensor another name goes with it: `p = y_pred.numpy()` became `p = y_pred`, so that `p`
is `y_pred`. Takes a statement whose expressions are rewritten already; gives what stands in its place, if anything.
"""

from __future__ import annotations

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import libcst as cst

from autofix.rewrite.comments import speaks_to_a_tool
from autofix.rewrite.literal import code_of
from autofix.rewrite.state import State, rewrites
from autofix.rewrite.stores import Statement, store

T = TypeVar("T", bound=cst.CSTNode)
Statements = cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel
_OTHERWISE_BOUND = (cst.Lambda, cst.FunctionDef, cst.AugAssign, cst.NamedExpr, cst.Del)
"""What binds a name elsewhere than in an assignment, or reads it later."""


@rewrites(cst.Assign)
def assignment(state: State, original: cst.Assign, updated: cst.Assign) -> Statement | cst.RemovalSentinel:
    """Remove `loss = loss` and a cut by assignment; note what gives a name only; write what changes an array."""
    if state.is_cut(original, "AF303"):
        state.has_edits = True
        return cst.RemoveFromParent()
    if state.key(original.value) in state.unwrapped and isinstance(updated.value, cst.Name):
        if [code_of(each.target) for each in updated.targets] == [updated.value.value]:
            state.has_edits = True
            return cst.RemoveFromParent()
        state.aliases[id(updated)] = updated
    apart = _taken_apart(state, original, updated)
    return cst.FlattenSentinel(apart) if apart else store(state, original, updated)


def _taken_apart(state: State, original: cst.Assign, updated: cst.Assign) -> list[cst.Assign]:
    """Return `a = x` and `b = y` for `a, b = x, y`, where all that is left of it are new names."""
    match original.value, updated.value, updated.targets:
        case cst.Tuple(elements=before), cst.Tuple(elements=values), [cst.AssignTarget(cst.Tuple(elements=names))]:
            targets, sources = [code_of(each.value) for each in names], [code_of(each.value) for each in values]
        case _:
            return []
    plain = all(isinstance(each.value, cst.Name) for each in (*names, *values))
    renamed = all(state.key(each.value) in state.unwrapped for each in before)
    if not plain or not renamed or len(targets) != len(sources) or _depends_on_order(targets, sources):
        return []
    pairs = zip(targets, values, strict=True)
    apart = [cst.Assign([cst.AssignTarget(cst.Name(target))], each.value) for target, each in pairs]
    state.aliases |= {id(each): each for each in apart}
    return apart


def _depends_on_order(targets: list[str], sources: list[str]) -> bool:
    """Does an assignment to an earlier name change what a later one is given? `a, b = b, a` does."""
    return any(target in sources[place + 1 :] and target != sources[place] for place, target in enumerate(targets))


@rewrites(cst.SimpleStatementLine)
def simple_line(state: State, original: cst.SimpleStatementLine, updated: cst.SimpleStatementLine) -> Statements:
    """Remove a line that is empty now; write each statement that one has become on a line of its own."""
    if not updated.body:
        return cst.RemoveFromParent()
    if len(updated.body) > len(original.body) == 1:
        last = updated.with_changes(body=updated.body[-1:], leading_lines=[])
        before = [cst.SimpleStatementLine([each]) for each in updated.body[:-1]]
        before[0] = before[0].with_changes(leading_lines=updated.leading_lines)
        return cst.FlattenSentinel([*before, last])
    return updated


@rewrites(cst.With)
def with_block(state: State, original: cst.With, updated: cst.With) -> Statements:
    """Open a block under which nothing is recorded, where the loss itself stands in it."""
    pairs = zip(original.items, updated.items, strict=True)
    kept = [item for before, item in pairs if not state.is_cut(before.item, "AF109")]
    if len(kept) == len(updated.items):
        return updated
    state.has_edits = True
    if kept:
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return updated.with_changes(items=kept)
    body = [each for each in updated.body.body if isinstance(each, cst.BaseStatement)]
    first = body[0]
    if isinstance(first, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        above = [*updated.leading_lines, *first.leading_lines]
        body[0] = first.with_changes(leading_lines=above)
    return cst.FlattenSentinel(body)


@rewrites(cst.Decorator)
def decorator(state: State, original: cst.Decorator, updated: cst.Decorator) -> cst.Decorator | cst.RemovalSentinel:
    """Remove a decorator under which nothing is recorded."""
    if not state.is_cut(original.decorator, "AF109"):
        return updated
    state.has_edits = True
    return cst.RemoveFromParent()


@rewrites(cst.FunctionDef)
def function_definition(state: State, original: cst.FunctionDef, updated: cst.FunctionDef) -> cst.FunctionDef:
    """Remove the assignments of a function that only give another name."""
    return _without_aliases(original, updated, state.aliases) if state.aliases else updated


def _without_aliases(
    before: cst.FunctionDef, function: cst.FunctionDef, aliases: Mapping[int, cst.Assign]
) -> cst.FunctionDef:
    """Return the function without those of the `aliases` (by identity) whose name nothing needs.

    A name is replaced where both names are bound once, so that it means the same everywhere in the function, and where
    it is bound again further down in the same block, up to there. It stays where a line that reads as in `before` uses
    it, and where a comment follows the assignment: no name is changed for its own sake.
    """
    if not isinstance(function.body, cst.IndentedBlock):
        return function
    function = _without(function, {key for key, each in aliases.items() if _is_own_name(each)})
    bindings, kept = _bindings(function), _names_in_kept_lines(before, function)
    renamed: dict[str, str] = {}
    removed: set[int] = set()
    for key, assignment in aliases.items():
        name, source = _names(assignment)
        if not _stands_in(function, assignment) or bindings[source] > 1 or name == source or name in kept:
            continue
        if _is_commented(function, assignment):
            continue
        if bindings[name] == 1:
            renamed[name] = renamed.get(source, source)
            removed.add(key)
            continue
        block = cst.ensure_type(function.body, cst.IndentedBlock)
        lines = _renamed_until_bound_again(block.body, assignment, aliases)
        if lines is not None:
            function = function.with_changes(body=block.with_changes(body=lines))
            removed.add(key)
    if not removed:
        return function
    renamed_function = _without(function, removed).visit(_Rename(renamed))
    return cst.ensure_type(renamed_function, cst.FunctionDef)


def _names_in_kept_lines(before: cst.FunctionDef, after: cst.FunctionDef) -> set[str]:
    """Return the names in those statements, and heads of blocks, that are written as they were."""
    old = Counter(text for text, _ in _pieces(before.body))
    return {each.value for text, piece in _pieces(after.body) if old[text] for each in _nodes(piece, cst.Name)}


def _pieces(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield the statements below a node, each with its text, and the expressions in the heads of blocks."""
    for child in node.children:
        if isinstance(child, (cst.BaseSmallStatement, cst.BaseExpression, cst.WithItem, cst.Parameters)):
            yield cst.Module([]).code_for_node(child).strip(), child
        else:
            yield from _pieces(child)


def _names(assignment: cst.Assign) -> tuple[str, str]:
    """Return the target and the value of `a = b`, empty names for anything else."""
    target = assignment.targets[0].target
    if len(assignment.targets) == 1 and isinstance(target, cst.Name) and isinstance(assignment.value, cst.Name):
        return target.value, assignment.value.value
    return "", ""


def _is_own_name(assignment: cst.Assign) -> bool:
    name, source = _names(assignment)
    return name == source != ""


def _bindings(function: cst.FunctionDef) -> Counter[str]:
    """Count how often each name is bound in a function, by its parameters too."""
    tree = ast.parse(textwrap.dedent(cst.Module([function]).code))
    names: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names[node.id] += 1
        elif isinstance(node, ast.arg):
            names[node.arg] += 1
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            names.update(dict.fromkeys(node.names, 2))
    return names


def _stands_in(function: cst.FunctionDef, assignment: cst.Assign) -> bool:
    lines = [line for line in function.body.body if isinstance(line, cst.SimpleStatementLine)]
    return any(small is assignment for line in lines for small in line.body)


def _is_commented(function: cst.FunctionDef, assignment: cst.Assign) -> bool:
    """Does a comment stand behind an assignment, for a person to read?"""
    lines = [line for line in function.body.body if isinstance(line, cst.SimpleStatementLine)]
    comments = (line.trailing_whitespace.comment for line in lines if any(each is assignment for each in line.body))
    return any(each is not None and not speaks_to_a_tool(each.value) for each in comments)


def _renamed_until_bound_again(
    lines: Sequence[cst.BaseStatement], assignment: cst.Assign, aliases: Mapping[int, cst.Assign]
) -> list[cst.BaseStatement] | None:
    """Return a block in which `b` is read for `a`, from `a = b` on to the next `a = …`; None where that is not sure."""
    name, source = _names(assignment)
    rename, found = _Rename({name: source}), list(lines)
    first = next((at for at, line in enumerate(lines) if _only(line) is assignment), None)
    for at in range(first + 1 if first is not None else len(lines), len(lines)):
        small, names = _only(lines[at]), [each for each in _nodes(lines[at], cst.Name) if each.value == name]
        if not names:
            continue
        if id(small) in aliases or any(_nodes(lines[at], _OTHERWISE_BOUND)):
            return None
        if isinstance(small, cst.Assign) and _targets(small) == [name]:
            found[at] = lines[at].with_changes(body=[small.with_changes(value=small.value.visit(rename))])
            return found
        if small is None or (isinstance(small, cst.Assign) and name in _targets(small)):
            return None
        found[at] = cst.ensure_type(lines[at].visit(rename), cst.SimpleStatementLine)
    return None


def _only(line: cst.BaseStatement) -> cst.BaseSmallStatement | None:
    return line.body[0] if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None


def _targets(assignment: cst.Assign) -> list[str]:
    return [each.value for target in assignment.targets for each in _nodes(target.target, cst.Name)]


def _nodes(node: cst.CSTNode, wanted: type[T] | tuple[type[T], ...]) -> Iterator[T]:
    if isinstance(node, wanted):
        yield node
    for child in node.children:
        yield from _nodes(child, wanted)


def _without(function: cst.FunctionDef, removed: set[int]) -> cst.FunctionDef:
    """Return the function without these assignments of its own block; comments and blank lines above them stay."""
    kept: list[cst.BaseStatement] = []
    above: list[cst.EmptyLine] = []
    for line in function.body.body:
        small = (
            [each for each in line.body if id(each) not in removed]
            if isinstance(line, cst.SimpleStatementLine)
            else None
        )
        if small is not None and isinstance(line, cst.SimpleStatementLine) and len(small) < len(line.body):
            if not small:
                above += line.leading_lines
                continue
            last = small[-1].with_changes(semicolon=cst.MaybeSentinel.DEFAULT)
            line = line.with_changes(body=[*small[:-1], last])
        if above and hasattr(line, "leading_lines"):
            line = line.with_changes(leading_lines=[*above, *line.leading_lines])
        above = []
        if isinstance(line, cst.BaseStatement):
            kept.append(line)
    return function.with_changes(body=function.body.with_changes(body=kept)) if kept else function


class _Rename(cst.CSTTransformer):
    """Renames variables; attributes, keywords and parameters of the same name are something else."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._names.get(updated_node.value, updated_node.value))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_Param(self, original_node: cst.Param, updated_node: cst.Param) -> cst.Param:
        return updated_node.with_changes(name=original_node.name)
