"""Leaves that a loss was declared to be: what a fix removes of them, and what it keeps for a branch that is a constant.

Takes the text before and after a fix; gives the second without the statements that declare a leaf of what has a graph
now. A branch that gives a constant (an empty mask's `0.0`) could go backward only by its leaf: it gets one of its own
there, with the value, the kind and the (missing) gradient that it had. Where that cannot be written, gives a refusal.

In TensorFlow no leaf is needed, but a tensor: a tape gives None for a constant, and raises for a plain number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from autofix.analysis.faults import Fault
from autofix.analysis.looks import Looks
from autofix.analysis.reads import Reads
from autofix.analysis.values import Function
from autofix.knowledge.frameworks import ALL, record_of
from autofix.model import Edit, Exit, Framework, Kind, Reason, Span
from autofix.rewrite.comments import with_comments
from autofix.source.edits import apply_edits, one_per_place
from autofix.syntax.changed_lines import counterparts
from autofix.syntax.memo import nodes_of
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Key, is_here, span

_DEPTH = 4
_CONVERSIONS = frozenset({"constant", "convert_to_tensor", "Variable"})
_MODULES = frozenset({each.module for each in ALL if each.takes_arrays})
"""What makes a tensor of a number, by its name in TensorFlow."""
_DECLARES_A_LEAF = re.compile(r"requires_grad\s*=\s*True")
_MAKES_A_TENSOR = re.compile(r"\.(constant|convert_to_tensor|Variable)\(")


class _Stuck(Exception):
    """A branch that could go backward and could not any more; the text says where."""


def with_leaves_of_constants_only(before: str, after: str, fault: Fault, looks: Looks) -> str | Reason:
    """Return a candidate that declares nothing a leaf but what is a constant in some branch."""
    if record_of(fault.framework).takes_arrays and _MAKES_A_TENSOR.search(before):
        return _with_tensors_for_numbers(before, after, fault, looks)
    if not record_of(fault.framework).declares_leaves or not _DECLARES_A_LEAF.search(before):
        return after
    return _with_leaves_for_constants(before, without_leaves(before, after, fault.framework, looks), fault, looks)


def without_leaves(before: str, after: str, framework: Framework, looks: Looks) -> str:
    """Return a text without the statements that declare a leaf of what has a past now."""
    found = list(_declared_leaves(after, framework, looks)) if _DECLARES_A_LEAF.search(after) else []
    known = {ast.unparse(each) for each in _declared_leaves(before, framework, looks)} if found else set()
    lines = after.split("\n")
    for each in reversed([each for each in found if ast.unparse(each) not in known]):
        written, line = ast.get_source_segment(after, each) or "", lines[each.lineno - 1].strip()
        rest = line[len(written) :].strip()
        alone = line.startswith(written) and (not rest or rest.startswith("#"))
        if alone and each.lineno == each.end_lineno:
            del lines[each.lineno - 1]
    return with_comments(after, "\n".join(lines))


def _declared_leaves(text: str, framework: Framework, looks: Looks) -> Iterator[ast.Assign]:
    """Yield each `x.requires_grad = True` of an `x` that carries a gradient and was made of something."""
    run = looks.run(text, framework)
    for assignment in nodes_of(run.tree, ast.Assign):
        target = assignment.targets[0]
        if getattr(assignment.value, "value", None) is not True or not isinstance(target, ast.Attribute):
            continue
        fact = run.facts.by_key.get(run.positions.key(target.value))
        if target.attr == "requires_grad" and fact is not None and fact.value.live and fact.value.makers:
            yield assignment


def _with_leaves_for_constants(before: str, after: str, fault: Fault, looks: Looks) -> str | Reason:
    """Return a text in which every branch of the loss can go backward that could before."""
    new = looks.reads(after, fault.framework)
    old = parsed(before)
    was = counterparts(old, new.run.tree)
    branches = _Branches(new, before, after)
    try:
        edits = [*branches.of_wrappers(was), *branches.of_statements(old, was)]
    except _Stuck as stuck:
        return Reason(Exit.READERS, str(stuck))
    return apply_edits(after, one_per_place(edits))


def _with_tensors_for_numbers(before: str, after: str, fault: Fault, looks: Looks) -> str:
    """Return a text in which what TensorFlow was given as a tensor still is one where it may be a plain number.

    A call of `tf.constant` or its like that a fix has dropped is put back, as one that keeps the gradient.
    """
    old = looks.reads(before, fault.framework)
    new = looks.reads(after, fault.framework)
    edits = list(_Branches(new, before, after).of_conversions(counterparts(old.run.tree, new.run.tree), old))
    return apply_edits(after, one_per_place(edits)) if edits else after


class _Branches:
    """What a mended loss may be in one branch or another."""

    def __init__(self, reads: Reads, before: str, after: str) -> None:
        self._reads, self._before, self._after = reads, before, after

    def of_wrappers(self, was: dict[ast.AST, ast.AST]) -> Iterator[Edit]:
        """Yield what keeps `torch.tensor(value, requires_grad=True)` where the value may be a constant."""
        for node, before in was.items():
            if not isinstance(before, ast.Call) or not isinstance(node, ast.expr) or ast.dump(node) == ast.dump(before):
                continue
            if any(each.arg == "requires_grad" and ast.unparse(each.value) == "True" for each in before.keywords):
                yield from self._of_value(node, before, _DEPTH)

    def of_conversions(self, was: dict[ast.AST, ast.AST], old: Reads) -> Iterator[Edit]:
        """Yield what makes a tensor of a value that may be a number, where `before` did so and `after` does not."""
        for node, call in was.items():
            if not isinstance(call, ast.Call) or not isinstance(node, ast.expr) or ast.dump(node) == ast.dump(call):
                continue
            fact = old.run.facts.by_key.get(old.run.positions.key(call))
            owner, _, name = (fact.callee if fact is not None else "").rpartition(".")
            if owner not in _MODULES or name not in _CONVERSIONS or not isinstance(call.func, ast.Attribute):
                continue
            if self._is_live(node) and self._may_be_number(node):
                given = call.args[1:2] if name != "Variable" else []
                dtype = next((each.value for each in call.keywords if each.arg == "dtype"), next(iter(given), None))
                written = ast.get_source_segment(self._after, node) or ast.unparse(node)
                yield Edit(span(self._key(node)), _as_tensor(ast.unparse(call.func.value), written, dtype))

    def _may_be_number(self, node: ast.expr) -> bool:
        """Is an expression a plain number in some branch?"""
        match node:
            case ast.BinOp(left=left, right=right):
                return self._may_be_number(left) and self._may_be_number(right)
            case ast.UnaryOp(operand=operand):
                return self._may_be_number(operand)
            case ast.IfExp(body=body, orelse=other):
                return self._may_be_number(body) or self._may_be_number(other)
        return any(map(self._is_number, self._dead(node)))

    def of_statements(self, old: ast.Module, was: dict[ast.AST, ast.AST]) -> Iterator[Edit]:
        """Yield a condition around each `loss.requires_grad = True` that is gone, where `loss` may be a constant."""
        images = {before: node for node, before in was.items()}
        for body in _bodies(old):
            for place, each in enumerate(body):
                if not _declares_leaf(each) or each in images:
                    continue
                following = next((images[other] for other in body[place + 1 :] if other in images), None)
                owner = each.targets[0].value  # type: ignore[attr-defined]
                if following is None or not self._may_be_constant(ast.unparse(owner), following):
                    continue
                indent = " " * following.col_offset  # type: ignore[attr-defined]
                written = f"if not {ast.unparse(owner)}.requires_grad:\n{indent}    {ast.unparse(each)}\n{indent}"
                line, column = following.lineno, len(indent) + 1  # type: ignore[attr-defined]
                yield Edit(Span(line, column, line, column), written)

    def _may_be_constant(self, name: str, statement: ast.AST) -> bool:
        """Is what is called `name` in a statement a constant tensor in some branch?"""
        for each in ast.walk(statement):
            if isinstance(each, ast.expr) and ast.unparse(each) == name:
                return any(not self._is_number(key) for key in self._dead(each))
        return False

    def _of_value(self, node: ast.expr, wrapper: ast.Call, depth: int) -> Iterator[Edit]:
        """Yield what makes the constants leaves that an expression may be."""
        dead = self._dead(node)
        if self._surely_trains(node):
            return
        if not self._is_live(node):
            if depth < _DEPTH:
                yield self._as_leaf(node, wrapper)
            return
        if isinstance(node, ast.Call):
            bodies = self._followed(node)
            if not bodies or depth == 0:
                raise _Stuck(self._said(node))
            for each in bodies:
                yield from self._of_value(each, wrapper, depth - 1)
        elif isinstance(node, ast.Name):
            yield self._guarded(node, wrapper, dead)
        elif isinstance(node, ast.IfExp):
            yield from self._of_value(node.body, wrapper, depth - 1)
            yield from self._of_value(node.orelse, wrapper, depth - 1)
        else:
            raise _Stuck(self._said(node))

    def _surely_trains(self, node: ast.expr) -> bool:
        """Does a gradient flow through an expression whatever branch was taken?"""
        match node:
            case ast.BinOp(left=left, right=right):
                return self._surely_trains(left) or self._surely_trains(right)
            case ast.UnaryOp(operand=operand):
                return self._surely_trains(operand)
            case ast.Call(func=func, args=args) if self._key(node) not in self._reads.reads:
                parts = [*args, *([func.value] if isinstance(func, ast.Attribute) else [])]
                return self._is_live(node) and (any(map(self._surely_trains, parts)) or self._is_source(node, parts))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return any(map(self._surely_trains, parts))
            case ast.Name() | ast.Call() | ast.Attribute() | ast.Subscript():
                return self._is_live(node) and not self._dead(node)
        return self._is_live(node)

    def _is_source(self, node: ast.Call, parts: Sequence[ast.expr]) -> bool:
        """Does a gradient come from what is called, as from the weights of a model, and not from what it is given?"""
        fact = self._reads.run.facts.by_key.get(self._key(node))
        return fact is not None and fact.value.live and not any(map(self._is_live, parts))

    def _guarded(self, node: ast.Name, wrapper: ast.Call, dead: Sequence[Key]) -> Edit:
        name = node.id
        test = f"torch.is_tensor({name})" if all(map(self._is_number, dead)) else f"{name}.requires_grad"
        if any(map(self._is_number, dead)) and not all(map(self._is_number, dead)):
            raise _Stuck(self._said(node))
        made = self._leaf_of(name, wrapper) if self._is_number(dead[0]) else f"{name}.requires_grad_()"
        return Edit(span(self._key(node)), f"{name} if {test} else {made}")

    def _as_leaf(self, node: ast.expr, wrapper: ast.Call) -> Edit:
        written = ast.get_source_segment(self._after, node) or ast.unparse(node)
        if self._reads.value_at(node).kind is not Kind.TENSOR:
            return Edit(span(self._key(node)), self._leaf_of(written, wrapper))
        if isinstance(node, ast.Call) and not node.keywords[-1:] and written.endswith(")"):
            joined = ", " if node.args else ""
            return Edit(span(self._key(node)), f"{written[:-1]}{joined}requires_grad=True)")
        return Edit(span(self._key(node)), f"{written}.requires_grad_()")

    def _leaf_of(self, written: str, wrapper: ast.Call) -> str:
        """Return a leaf made as the text made its own, of a plain number."""
        modules = {each.alias for each in ALL}
        plain = [each for each in wrapper.keywords if not {name.id for name in ast.walk(each.value)
                                                           if isinstance(name, ast.Name)} - modules]  # fmt: skip
        options = [f"{each.arg}={ast.unparse(each.value)}" for each in plain]
        return f"{ast.unparse(wrapper.func)}({', '.join([written, *options])})"

    def _dead(self, node: ast.expr) -> list[Key]:
        """Return the expressions without a gradient that this one may come from; under `no_grad` none is needed."""
        origins = self._reads.origins(self._reads.read_at(node))
        return sorted(key for key in origins if not self._lives(key) and not self._is_unrecorded(key))

    def _is_live(self, node: ast.expr) -> bool:
        origins = self._reads.origins(self._reads.read_at(node))
        if not origins:  # an argument of a function that nothing here calls
            value = self._reads.value_at(node)
            return value.live or value.unknown
        return any(self._lives(key) for key in origins)

    def _lives(self, key: Key) -> bool:
        fact = self._reads.run.facts.by_key.get(key)
        return fact is not None and (fact.value.live or fact.value.unknown)

    def _is_unrecorded(self, key: Key) -> bool:
        fact = self._reads.run.facts.by_key.get(key)
        return fact is not None and any(cut.code == "AF109" for cut in fact.value.cuts)

    def _is_number(self, key: Key) -> bool:
        fact = self._reads.run.facts.by_key.get(key)
        return key[0] == "Constant" or (fact is not None and fact.value.kind is not Kind.TENSOR)

    def _followed(self, node: ast.Call) -> list[ast.expr]:
        """Return what the functions of this file return that are called here."""
        sites = [each.callee for each in self._reads.run.journal.call_sites if each.key == self._key(node)]
        functions: dict[int, Function] = {id(each.node): each for each in sites if is_here(each.node)}
        return [returned for each in functions.values() for returned in _returned(each.node)]

    def _said(self, node: ast.expr) -> str:
        return f"`{ast.unparse(node)}` may be a constant, on which backward() would then fail"

    def _key(self, node: ast.AST) -> Key:
        return self._reads.run.positions.key(node)


def _returned(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Lambda):
        return [node.body]
    waiting: list[ast.AST] = list(getattr(node, "body", []))
    found: list[ast.expr] = []
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Return) and each.value is not None:
            found.append(each.value)
        elif not isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(each)
    return found


def _bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list):
                yield body


def _as_tensor(module: str, written: str, dtype: ast.expr | None) -> str:
    """Return what gives a tensor back with its gradient, and makes one of a number, in the type that was asked for."""
    if dtype is None:
        return f"{module}.convert_to_tensor({written})"
    return f"{module}.cast({written}, {ast.unparse(dtype)})"


def _declares_leaf(node: ast.stmt) -> bool:
    """Is this `x.requires_grad = True`?"""
    if not isinstance(node, ast.Assign) or ast.unparse(node.value) != "True":
        return False
    target = node.targets[0]
    return isinstance(target, ast.Attribute) and target.attr == "requires_grad"
