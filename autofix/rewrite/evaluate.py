"""Runs the body of a rule on what a call shows, as far as that goes.

Takes a rule and its bound arguments; gives one outcome for each way that the values, which are not known, may still
decide: an expression over the placeholders of the arguments, the wish to be pasted as a function, or a refusal.
Arithmetic of plain numbers is done on the way: `(4 + 1) / 2` becomes 2.5, and `x / 1` becomes x.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile

from autofix.model import Exit, Reason
from autofix.rewrite.binding import defaults
from autofix.rewrite.conditions import Slots, decide
from autofix.rewrite.literal import Known, Slot
from autofix.rewrite.rules import Dialect, RuleFile

Scope = Mapping[str, ast.expr]


@dataclass(frozen=True)
class Inline:
    """The rule comes down to this expression where all of `when` holds, which only the values show."""

    node: ast.expr
    when: tuple[ast.expr, ...] = ()


@dataclass(frozen=True)
class Paste:
    """The rule does not come down to an expression that may stand for the call."""


Outcome = Inline | Paste | Reason


@dataclass(frozen=True)
class Frame:
    """A function being run: its file, the framework's tables, the arguments, and the defaults of its parameters."""

    rules: RuleFile
    dialect: Dialect
    slots: Slots
    defaults: Scope


def run(rules: RuleFile, name: str, scope: Scope, slots: Slots, dialect: Dialect) -> tuple[Outcome, ...]:
    """Every outcome of the rule `name` where its names mean `scope`."""
    function = rules.functions[name]
    frame = Frame(rules, dialect, slots, defaults(function))
    return tuple(_statements(function.body, scope, frame))


def _statements(body: list[ast.stmt], scope: Scope, frame: Frame) -> Iterator[Outcome]:
    if not body:
        yield Paste()
        return
    first, rest = body[0], body[1:]
    match first:
        case ast.Expr(value=ast.Constant()):
            yield from _statements(rest, scope, frame)
        case ast.If():
            test = substitute(first.test, scope, frame)
            decided = decide(test, frame.slots)
            if decided is None:
                yield from _where(test, _statements(first.body + rest, scope, frame))
                yield from _where(ast.UnaryOp(ast.Not(), test), _statements(first.orelse + rest, scope, frame))
            else:
                yield from _statements((first.body if decided.value else first.orelse) + rest, scope, frame)
        case ast.Assert():
            test = substitute(first.test, scope, frame)
            decided = decide(test, frame.slots)
            if decided is None:
                yield from _where(test, _statements(rest, scope, frame))
            elif decided.value:
                yield from _statements(rest, scope, frame)
        case ast.Assign(targets=[ast.Name(id=name)]) if name in scope:
            value = substitute(first.value, scope, frame)
            yield from _statements(rest, {**scope, name: _local(name, value)}, frame)
        case ast.Return(value=ast.Call(func=ast.Name(id=name)) as call) if name in frame.rules.functions:
            yield from _call_of_rule(call, name, scope, frame)
        case ast.Return(value=ast.expr() as value):
            yield _outcome(substitute(value, scope, frame), frame)
        case ast.Raise(exc=ast.Call(args=[ast.Constant(value=str(reason))])):
            yield Reason(Exit.RULE, reason)
        case _:
            yield Paste()


def _where(test: ast.expr, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """These outcomes, for calls where `test` holds; what is pasted asks by itself."""
    for outcome in outcomes:
        yield replace(outcome, when=(test, *outcome.when)) if isinstance(outcome, Inline) else outcome


def _call_of_rule(call: ast.Call, name: str, scope: Scope, frame: Frame) -> Iterator[Outcome]:
    """`return median(a, axis)`: what that rule says of the same arguments, or a call of it, pasted."""
    function = frame.rules.functions[name]
    parameters = [a.arg for a in (*function.args.args, *function.args.kwonlyargs)]
    values = {p: substitute(value, scope, frame) for p, value in zip(parameters, call.args, strict=False)}
    values |= {k.arg: substitute(k.value, scope, frame) for k in call.keywords if k.arg is not None}
    inner = {**defaults(function), **values}
    outcomes = tuple(_statements(function.body, inner, replace(frame, defaults=defaults(function))))
    if not any(isinstance(outcome, Paste) for outcome in outcomes):
        yield from outcomes
        return
    given = [ast.keyword(p, value) for p, value in values.items() if not _is_default(value, p, function, frame)]
    in_order = zip(given, parameters[: len(call.args)], strict=False)
    positional = [keyword.value for keyword, _ in takewhile(lambda pair: pair[0].arg == pair[1], in_order)]
    yield _outcome(ast.Call(ast.Name(name, ast.Load()), positional, given[len(positional) :]), frame)


def _is_default(value: ast.expr, parameter: str, function: ast.FunctionDef, frame: Frame) -> bool:
    default, known = defaults(function).get(parameter), decide(value, frame.slots)
    if default is not None and ast.dump(default) == ast.dump(value):
        return True
    return isinstance(default, ast.Constant) and known is not None and _same(default.value, known.value)


def _outcome(node: ast.expr, frame: Frame) -> Outcome:
    """What a returned expression amounts to: a call in it of a rule that only refuses here refuses the whole."""
    uses: dict[str, int] = {}
    bound_inside = False
    for part in ast.walk(node):
        if hasattr(part, "refused"):
            return Reason(Exit.RULE, part.refused)
        bound_inside |= isinstance(part, (ast.Lambda, ast.comprehension))
        mark = part.id if isinstance(part, ast.Name) else getattr(part, "local", None)
        if mark is not None:
            uses[mark] = uses.get(mark, 0) + 1
    repeated = any(
        count > 1 and (name.startswith("local ") or (name in frame.slots and not frame.slots[name].is_atomic))
        for name, count in uses.items()
    )
    return Paste() if repeated or bound_inside else Inline(node)


def _local(name: str, value: ast.expr) -> ast.expr:
    """Mark what a local variable stands for, so that writing it twice is noticed."""
    if isinstance(value, (ast.Name, ast.Constant)):
        return value
    marked = copy.copy(value)
    marked.local = f"local {name}"  # type: ignore[attr-defined]
    return marked


def substitute(node: ast.expr, scope: Scope, frame: Frame) -> ast.expr:
    """`node` with its names replaced, its decided choices made, and its needless keywords dropped."""
    replaced: ast.expr = _Substitution(scope, frame).visit(copy.deepcopy(node))
    return replaced


class _Substitution(ast.NodeTransformer):
    def __init__(self, scope: Scope, frame: Frame) -> None:
        self.scope = scope
        self.frame = frame

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.scope.get(node.id, node)

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        decided = decide(substitute(node.test, self.scope, self.frame), self.frame.slots)
        if decided is None:
            return self.generic_visit(node)  # type: ignore[return-value]
        chosen: ast.expr = self.visit(node.body if decided.value else node.orelse)
        return chosen

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        value, index = self.visit(node.value), self.visit(node.slice)
        match value, index:
            case ast.Tuple(elts=elements) | ast.List(elts=elements), ast.Constant(value=int(position)):
                return elements[position] if position < len(elements) else node
            case ast.Name(id=name), ast.Constant(value=int(position)) if name in self.frame.slots:
                return _element(self.frame.slots[name], position) or ast.Subscript(value, index, node.ctx)
            case _:
                return ast.Subscript(value, index, node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id in self.frame.rules.functions:
            outcomes = tuple(_call_of_rule(node, node.func.id, self.scope, self.frame))
            if len(outcomes) == 1 and isinstance(outcomes[0], Inline):
                return outcomes[0].node
            refusals = [outcome.text for outcome in outcomes if isinstance(outcome, Reason)]
            if outcomes and len(refusals) == len(outcomes):
                node.refused = refusals[0]  # type: ignore[attr-defined]
        node.keywords = [k for k in node.keywords if not self._is_needless(node, k)]
        self.generic_visit(node)
        node.args = _unpacked(node.args)
        match node.func, decide(node, self.frame.slots):
            case ast.Name(id="len"), Known(value=int(length)):
                return ast.Constant(length)
            case _:
                return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        return folded(node, self.frame.slots)

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        self.generic_visit(node)
        node.elts = _unpacked(node.elts)
        return node

    def visit_List(self, node: ast.List) -> ast.expr:
        self.generic_visit(node)
        node.elts = _unpacked(node.elts)
        return node

    def _is_needless(self, call: ast.Call, keyword: ast.keyword) -> bool:
        """Whether the keyword passes on a parameter that keeps its default, which is the framework's too."""
        if keyword.arg is None or not isinstance(keyword.value, ast.Name):
            return False
        default = self.frame.defaults.get(keyword.value.id)
        value = decide(self.scope.get(keyword.value.id, keyword.value), self.frame.slots)
        if not isinstance(default, ast.Constant | ast.UnaryOp) or value is None:
            return False
        if not _same(value.value, ast.literal_eval(default)):
            return False
        table = self.frame.dialect.defaults.get(self._called(call), {})
        if keyword.arg in table:
            return _same(table[keyword.arg], value.value)
        return value.value is None or value.value is False

    def _called(self, call: ast.Call) -> str:
        match call.func:
            case ast.Attribute(value=ast.Name(id=name), attr=method) if name in self.scope:
                return f".{method}"
            case function:
                return ast.unparse(function)


def _element(slot: Slot, position: int) -> ast.expr | None:
    """What `widths[0]` is where the call shows all of `widths`."""
    if slot.literal is None or not isinstance(slot.literal.value, (list, tuple)):
        return None
    elements = slot.literal.value
    return ast.parse(repr(elements[position]), mode="eval").body if position < len(elements) else None


def _unpacked(elements: list[ast.expr]) -> list[ast.expr]:
    """`f(*shape)` where `shape` is seen to hold one element: `f(element)`."""
    return [
        inner
        for element in elements
        for inner in (
            element.value.elts
            if isinstance(element, ast.Starred) and isinstance(element.value, (ast.Tuple, ast.List))
            else [element]
        )
    ]


def _same(left: object, right: object) -> bool:
    return type(left) is type(right) and left == right


_LONGEST = 6


def folded(node: ast.BinOp, slots: Slots) -> ast.expr:
    """The operation done, where its sides are numbers and the result is short; or less a factor of one."""
    known = decide(node, slots)
    if known is not None and len(repr(known.value)) <= _LONGEST:
        return ast.parse(repr(known.value), mode="eval").body
    if isinstance(node.op, (ast.Mult, ast.Div)) and _is_one(node.right):
        return node.left
    if isinstance(node.op, ast.Mult) and _is_one(node.left):
        return node.right
    return node


def _is_one(node: ast.expr) -> bool:
    """A one of the rule's own; what the user wrote stays."""
    return isinstance(node, ast.Constant) and type(node.value) is int and node.value == 1
