"""Write a surrogate for each operation without a gradient that a differentiated value needs.

Takes a text and the places of such operations; gives the text in which a soft function stands for each, and for what is
computed from it: `pred == y` of an argmax is the probability of the label, `&` of two thresholds a product. The value
is another one; whether it tends to the original's, and trains, is for a run to say.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autofix.knowledge import surrogates as known
from autofix.knowledge.effects import LEAVERS, package_of
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Exit, Framework, Reason, Span
from autofix.rewrite.blocks import ends_alone
from autofix.rewrite.catalogue import bundled
from autofix.rewrite.imports import used_names, without_imports
from autofix.rewrite.rules import read_rules
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import dotted, last_part
from autofix.syntax.module import Syntax, first_line, function_at, parents_of
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Positions, at_line, span

Parts = tuple["str | ast.expr", ...]
_FILE = "_surrogates.py"
_TEMPERATURE = re.compile(r"(?<=temperature=)[0-9.e+-]+(?=\):)")
_BY_OPERATOR = {
    ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip
_LOGIC = {ast.BitAnd: "both", ast.BitOr: "either", ast.BitXor: ""}
_LOOSE = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.NamedExpr, ast.Await)


@dataclass(frozen=True)
class Surrogates:
    """A text with surrogates, the names of the functions that stand there now, and the lines that were changed."""

    text: str
    functions: frozenset[str]
    lines: frozenset[int]

    def at(self, temperature: float) -> str:
        """Return the text with another temperature in all of them."""
        return with_temperature(self.text, self.functions, temperature)


@dataclass(frozen=True)
class _Index:
    """The index of the largest of some scores along an axis, both as they are written."""

    scores: Parts
    axis: Parts


class _Refused(Exception):
    """There is no known surrogate; the message says for what."""


@dataclass
class _Writing:
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
        if node not in self.replaced or isinstance(node, _LOOSE):
            return written
        alone = isinstance(ast.parse(written.strip(), mode="eval").body, _LOOSE)
        return f"({written})" if alone and isinstance(self.parents.get(node), (*_LOOSE, ast.Attribute)) else written

    def place(self, node: ast.AST) -> Span:
        """Where a node stands; with its parentheses, where what takes its place needs none."""
        own = span(self.positions.key(node))
        line = self.text.splitlines()[own.line - 1]
        before, after = line[: own.column - 1], line[own.end_column - 1 :]
        loose = not isinstance(node, _LOOSE) or own.line != own.end_line
        if loose or not before.endswith("(") or not after.startswith(")") or re.search(r"[\w\])]\($", before):
            return own
        if isinstance(ast.parse(self.source(node).strip(), mode="eval").body, _LOOSE):
            return own
        return Span(own.line, own.column - 1, own.end_line, own.end_column + 1)

    def outermost(self, node: ast.AST) -> Iterator[ast.expr]:
        """Yield the nodes below one that are replaced, without those within another."""
        for child in ast.iter_child_nodes(node):
            if child in self.replaced and isinstance(child, ast.expr):
                yield child
            else:
                yield from self.outermost(child)


def with_surrogates(text: str, framework: Framework, places: Sequence[Span]) -> Surrogates | Reason:
    """Return the text in which the operations at these places have surrogates, or which of them has none."""
    writing = _writing(text, framework)
    try:
        for place in places:
            _soften(writing, place)
    except _Refused as refused:
        return Reason(Exit.RULE, f"no surrogate is known for {refused}")
    return _finished(writing)


def with_means(text: str, places: Sequence[Span]) -> str | Reason:
    """Return the text in which the mean of what has several values is differentiated where these calls stand."""
    syntax, edits = Syntax(parsed(text), text), []
    for place in places:
        match syntax.at(place):
            case ast.Call(func=ast.Attribute(value=value), args=[], keywords=[]):
                own = syntax.span(value)
                end = own.end_column + isinstance(value, _LOOSE)  # its parenthesis
                edits.append(Edit(Span(own.end_line, end, own.end_line, end), ".mean()"))
            case _:
                return Reason(Exit.RULE, "no surrogate is known for what is differentiated", place)
    return apply_edits(text, edits)


def _writing(text: str, framework: Framework) -> _Writing:
    tree = parsed(text)
    modules = dict(imports_in(tree))
    return _Writing(text, framework, tree, Syntax(tree, text), Positions(text), parents_of(tree), modules)


def hard_operations(text: str, framework: Framework, is_derived: Callable[[ast.expr], bool]) -> list[Span]:
    """Return where an operation without a gradient may lie on the way to what is differentiated.

    `is_derived` says which expressions are made from a prediction, whatever was cut on the way.
    """
    writing = _writing(text, framework)
    found = (each for each in ast.walk(writing.tree) if isinstance(each, ast.expr))
    hard = [each for each in found if _is_hard(writing, each) and _reaches(writing, each)]
    return [span(writing.positions.key(each)) for each in hard if any(map(is_derived, _made_from(writing, each)))]


def _is_hard(writing: _Writing, node: ast.expr) -> bool:
    match node:
        case ast.Compare(ops=[operator, *_]):
            return type(operator) in _BY_OPERATOR and not isinstance(
                writing.parents[node], (ast.If, ast.While, ast.Assert)
            )
        case ast.Call(func=func):
            name = last_part(func)
            return name in known.INDICES or name in known.COMPARISONS or name in known.STEPS
    return False


def _made_from(writing: _Writing, node: ast.expr, depth: int = 6) -> Iterator[ast.expr]:
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


def _soften(writing: _Writing, place: Span) -> None:
    node = writing.syntax.at(place)
    if node is None or node in writing.replaced:
        return
    match node:
        case ast.Compare(left=left, ops=ops, comparators=others):
            _compare_chain(writing, node, [left, *others], [_BY_OPERATOR.get(type(each), "") for each in ops])
        case ast.BinOp(op=ast.FloorDiv(), left=left, right=right):
            ratio = (_plain(writing, left), " / ", _plain(writing, right))
            _number(writing, node, writing.call("straight_through_floor", ratio))
        case ast.Call(func=func, args=args, keywords=keywords):
            _soften_call(writing, node, func, args, keywords)
        case ast.Subscript(value=ast.Call() as inner) | ast.Attribute(value=ast.Call() as inner):
            _soften_call(writing, inner, inner.func, inner.args, inner.keywords)
        case _:
            raise _Refused(f"`{_shown(writing, node)}`")


def _soften_call(
    writing: _Writing, node: ast.Call, func: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]
) -> None:
    name = last_part(func)
    operands = list(args)
    if isinstance(func, ast.Attribute) and not writing.is_module(func):
        operands.insert(0, func.value)
    if not operands:
        raise _Refused(f"`{_shown(writing, node)}`")
    subject, rest = operands[0], operands[1:]
    named = {each.arg: each.value for each in keywords if each.arg}
    axis = next((named[each] for each in known.AXES if each in named), rest[0] if rest else None)
    if name in known.INDICES:
        axis_parts: Parts = (axis,) if axis is not None else ()
        _index(writing, node, _Index(_scores(writing, node, subject, known.INDICES[name]), axis_parts))
    elif name in known.EXTREMES and axis is not None:
        index = _Index(_scores(writing, node, subject, known.EXTREMES[name]), (axis,))
        _chosen(writing, node, index)
    elif name in known.COMPARISONS and rest:
        _compare_chain(writing, node, [subject, rest[0]], [known.COMPARISONS[name]])
    elif name in known.STEPS and len(rest) == 0:
        _number(writing, node, writing.call(known.STEPS[name], (_plain(writing, subject),)))
    elif name in known.INTEGER_CASTS | known.TYPED_CASTS | known.CASTS:
        _number(writing, node, writing.call(known.TO_INTEGERS, (_plain(writing, subject),)))
    elif name in known.ORDERS:
        _rank(writing, node, subject, named)
    else:
        raise _Refused(f"`{_shown(writing, node)}`")


def _shown(writing: _Writing, node: ast.AST) -> str:
    return " ".join((ast.get_source_segment(writing.text, node) or ast.unparse(node)).split())


def _compare_chain(writing: _Writing, node: ast.expr, operands: list[ast.expr], operators: list[str]) -> None:
    """Write `low < x < high` and the like."""
    steps = [_compared(writing, *each) for each in zip(operands, operators, operands[1:], strict=False)]
    whole = steps[0]
    for each in steps[1:]:
        whole = writing.call("both", whole, each)
    _truth(writing, node, whole)


def _compared(writing: _Writing, left: ast.expr, operator: str, right: ast.expr) -> Parts:
    one, other = _plain(writing, left), _plain(writing, right)
    if operator in known.GREATER:
        return writing.call("soft_step", _difference(one, other))
    if operator in known.LESS:
        return writing.call("soft_step", _difference(other, one))
    if operator in known.EQUAL:
        return writing.call("soft_equal", (one,), (other,))
    if operator in known.UNEQUAL:
        return ("1 - ", *writing.call("soft_equal", (one,), (other,)))
    raise _Refused("a comparison of this kind")


def _difference(one: ast.expr, other: ast.expr) -> Parts:
    if isinstance(other, ast.Constant) and not other.value:
        return (one,)
    tight = not isinstance(other, _LOOSE) or (isinstance(other, ast.BinOp) and isinstance(other.op, ast.Mult | ast.Div))
    first: Parts = (one,) if not isinstance(one, _LOOSE) or isinstance(one, ast.BinOp) else ("(", one, ")")
    return (*first, " - ", *((other,) if tight else ("(", other, ")")))


def _plain(writing: _Writing, node: ast.expr) -> ast.expr:
    """Return the tensor that is converted to an array there, also where it got a name on the way."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name), args=[]) if name in known.TO_HOST:
            return _unconverted(node)
        case ast.Call(func=func, args=[value]) if last_part(func) in known.ARRAYS and writing.is_module(func):
            return _plain(writing, _unconverted(value))
        case ast.Subscript(value=value) | ast.Call(func=ast.Attribute(value=value)) | ast.UnaryOp(operand=value):
            _plain_inside(writing, value)
        case ast.BinOp(left=left, right=right):
            _plain_inside(writing, left)
            _plain_inside(writing, right)
        case ast.Name():
            _, bound = writing.syntax.bindings(node)
            if len(bound) == 1 and bound[0].index is None and not bound[0].adds:
                inner = _plain(writing, bound[0].value)
                if inner is not bound[0].value and _stays(writing, inner, node):
                    return inner
    return node


def _plain_inside(writing: _Writing, node: ast.expr) -> None:
    """Write the tensor in place of an array that a part of an expression makes of it."""
    inner = _plain(writing, node)
    if inner is not node:
        writing.replaced[node] = (inner,)


def _unconverted(node: ast.expr) -> ast.expr:
    """Return what `.detach().cpu().numpy()` and the like are called on."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=name), args=[]) if name in known.CONVERSIONS:
            return _unconverted(value)
        case ast.Attribute(value=value, attr=name) if name in known.CONVERSIONS:
            return _unconverted(value)
    return node


def _stays(writing: _Writing, node: ast.expr, near: ast.expr) -> bool:
    """Has an expression the same value where another one stands? Of names alone that are bound once or not here."""
    if not isinstance(node, ast.Name):
        return False
    scope = function_at(writing.tree, near.lineno)
    bound = [each for each in ast.walk(scope)
             if isinstance(each, ast.Name) and each.id == node.id and not isinstance(each.ctx, ast.Load)]  # fmt: skip
    between = [each for each in bound if node.lineno < each.lineno <= near.lineno]
    return not between


def _scores(writing: _Writing, node: ast.expr, subject: ast.expr, sign: str) -> Parts:
    """Return how scores are written where their index is used; what must not be computed twice gets a name first."""
    plain = _plain(writing, subject)
    statement = _statement(writing, node)
    if not isinstance(plain, ast.Name) and not _gets_name(writing, node):
        written: Parts = (plain,)
    elif isinstance(plain, ast.Name):
        written = (plain.id,)
    else:
        name = _free(writing, "scores")
        margin = " " * statement.col_offset
        writing.added.setdefault(statement, []).append(f"{margin}{name} = {writing.source(plain)}\n")
        writing.replaced[subject] = (name,)
        written = (name,)
    if not sign:
        return written
    return (sign, *written) if isinstance(plain, (ast.Name, ast.Call, ast.Attribute)) else (sign, "(", *written, ")")


def _gets_name(writing: _Writing, node: ast.AST) -> bool:
    """Is an index kept under a name, by itself or cast to another type?"""
    parent = writing.parents[node]
    if isinstance(parent, ast.Assign):
        return all(isinstance(each, (ast.Name, ast.Tuple)) for each in parent.targets)
    if isinstance(parent, ast.Call):
        own = known.CASTS | known.PASSING | known.CONVERSIONS | known.INTEGER_CASTS
        return last_part(parent.func) in own and _gets_name(writing, parent)
    return isinstance(parent, (ast.Attribute, ast.Subscript)) and _gets_name(writing, parent)


def _free(writing: _Writing, name: str) -> str:
    taken = {line.strip().partition(" ")[0] for lines in writing.added.values() for line in lines}
    while re.search(rf"\b{name}\b", writing.text) or name in taken:
        name += "_"
    return name


def _statement(writing: _Writing, node: ast.AST) -> ast.stmt:
    while not isinstance(node, ast.stmt):
        node = writing.parents[node]
    return node


def _index(writing: _Writing, node: ast.expr, index: _Index) -> None:
    """Write what is computed from the index of the largest score."""
    parent = writing.parents[node]
    if _is_asked_for_shape(parent, node):
        return
    if isinstance(parent, ast.Attribute):
        call = writing.parents[parent]
        if isinstance(call, ast.Call) and call.func is parent:
            operator = known.COMPARISONS.get(parent.attr, "")
            if operator and call.args:
                _truth(writing, call, _labelled(writing, call.args[0], operator, index, call))
                return
            if parent.attr in known.CONVERSIONS | known.INTEGER_CASTS | known.PASSING:
                _index(writing, call, index)
                return
    elif isinstance(parent, ast.Compare) and len(parent.ops) == 1:
        other = parent.comparators[0] if parent.left is node else parent.left
        operator = _BY_OPERATOR.get(type(parent.ops[0]), "")
        if operator in known.EQUAL + known.UNEQUAL:
            _truth(writing, parent, _labelled(writing, other, operator, index, parent))
            return
    elif isinstance(parent, ast.Call) and node in parent.args:
        operator = known.COMPARISONS.get(last_part(parent.func), "")
        others = [each for each in parent.args if each is not node]
        if operator in known.EQUAL + known.UNEQUAL and others:
            _truth(writing, parent, _labelled(writing, others[0], operator, index, parent))
            return
        if last_part(parent.func) in known.LOOK_UPS and parent.args[1:] == [node] and index.axis:
            _number(writing, parent, writing.call("soft_choice", (parent.args[0],), index.scores, index.axis))
            return
        if last_part(parent.func) in known.CASTS and parent.args[0] is node:
            _index(writing, parent, index)
            return
    elif isinstance(parent, ast.Assign) and parent.value is node and isinstance(parent.targets[0], ast.Name):
        _uses_of_index(writing, parent.targets[0], index)
        return
    elif isinstance(parent, ast.Subscript) and parent.slice is node and index.axis:
        _number(writing, parent, writing.call("soft_choice", (parent.value,), index.scores, index.axis))
        return
    elif isinstance(parent, (ast.Return, ast.Subscript, ast.Tuple, ast.Expr)):
        raise _Refused(f"`{_shown(writing, parent)}`")
    _number(writing, node, writing.call("soft_argmax", index.scores, *([index.axis] if index.axis else [])))


def _is_asked_for_shape(parent: ast.AST, node: ast.expr) -> bool:
    if isinstance(parent, ast.Attribute):
        return parent.attr in known.SHAPES
    return isinstance(parent, ast.Call) and node in parent.args and last_part(parent.func) in known.SHAPES


def _labelled(writing: _Writing, label: ast.expr, operator: str, index: _Index, node: ast.expr) -> Parts:
    if not index.axis:
        raise _Refused(f"`{_shown(writing, node)}`")
    found = writing.call("label_probability", index.scores, (label,), index.axis)
    if operator in known.EQUAL:
        return found
    if operator in known.UNEQUAL:
        return ("1 - ", *found)
    raise _Refused(f"`{_shown(writing, node)}`")


def _uses_of_index(writing: _Writing, target: ast.Name, index: _Index) -> None:
    """Write what is computed from an index that has a name, but for what only shows it."""
    uses = _uses(writing, target)
    wanted = [each for each in uses if _reaches(writing, each)]
    for each in wanted:
        if each not in writing.replaced:
            _index(writing, each, index)
    statement = _statement(writing, target)
    if len(wanted) == len(uses) and _makes_nothing_else(statement, target):
        writing.idle[statement] = target


def _is_read(writing: _Writing, target: ast.Name) -> bool:
    """Is a name still read in the new text?"""
    statements = {_statement(writing, each) for each in _uses(writing, target)}
    written = (writing.source(each) for each in statements)
    return any(re.search(rf"\b{target.id}\b", each) for each in written)


def _makes_nothing_else(statement: ast.stmt, target: ast.Name) -> bool:
    """Does a statement give a value to this name alone, in lines of its own?"""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    names = [each.id for each in ast.walk(statement.targets[0]) if isinstance(each, ast.Name)]
    return set(names) <= {target.id, "_"}


def _chosen(writing: _Writing, node: ast.expr, index: _Index) -> None:
    """Write what is computed from the indices that come with the largest scores."""
    parent = writing.parents[node]
    match parent:
        case ast.Subscript(slice=ast.Constant(value=1)) | ast.Attribute(attr=known.INDEX_FIELD):
            _index(writing, parent, index)
        case ast.Assign(targets=[ast.Tuple(elts=[_, ast.Name() as target])]):
            _uses_of_index(writing, target, index)
        case _:
            raise _Refused(f"`{_shown(writing, node)}`")


def _rank(writing: _Writing, node: ast.expr, subject: ast.expr, named: dict[str, ast.expr]) -> None:
    """Write the rank of each value, which is the order of its order."""
    if isinstance(subject, ast.Call) and last_part(subject.func) in known.ORDERS:
        _soften_call(writing, subject, subject.func, subject.args, subject.keywords)
        return
    match writing.parents[node]:
        case ast.Attribute(attr=attr) as outer if attr in known.ORDERS:
            whole = writing.parents[outer]
        case ast.Call(func=func) as whole if last_part(func) in known.ORDERS:
            pass
        case _:
            raise _Refused(f"`{_shown(writing, node)}`")
    if not isinstance(whole, ast.expr):
        raise _Refused(f"`{_shown(writing, node)}`")
    order: list[Parts] = [("descending=", named["descending"])] if "descending" in named else []
    _number(writing, whole, writing.call("soft_rank", (_plain(writing, subject),), *order))


def _uses(writing: _Writing, target: ast.Name) -> list[ast.Name]:
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


def _reaches(writing: _Writing, node: ast.AST, depth: int = 8) -> bool:
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
            return any(_reaches(writing, use, depth - 1) for each in names for use in _uses(writing, each))
        case ast.AugAssign(target=ast.Name() as target) if depth:
            scope = function_at(writing.tree, target.lineno)
            later = (each for each in ast.walk(scope) if isinstance(each, ast.Name) and each.id == target.id
                     and isinstance(each.ctx, ast.Load))  # fmt: skip
            return any(_reaches(writing, use, depth - 1) for use in later)
    return False


def _truth(writing: _Writing, node: ast.expr, parts: Parts) -> None:
    """Write a soft truth value for a node, and what is computed from it."""
    writing.replaced[node] = parts
    _after(writing, node, truth=True)


def _number(writing: _Writing, node: ast.expr, parts: Parts) -> None:
    """Write a number with a gradient for a node; casts to whole numbers behind it go."""
    writing.replaced[node] = parts
    _after(writing, node, truth=False)


def _after(writing: _Writing, node: ast.expr, truth: bool) -> None:
    """Write what is computed from what is soft now."""
    parent = writing.parents[node]
    match parent:
        case ast.Attribute(attr=attr) if isinstance(writing.parents[parent], ast.Call):
            call = writing.parents[parent]
            assert isinstance(call, ast.Call)
            if call.func is parent:
                _after_method(writing, node, attr, call, truth)
        case ast.Call(func=func, args=args) if node in args:
            _after_function(writing, node, last_part(func), parent, truth)
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if truth:
            other = right if left is node else left
            _truth(writing, parent, _agreeing(writing, node, other, _BY_OPERATOR.get(type(operator), ""), left is node))
        case ast.BinOp(left=left, op=operator, right=right) if truth and type(operator) in _LOGIC:
            function = _LOGIC[type(operator)]
            both = ((left,), (right,))
            parts = writing.call(function, *both) if function else ("1 - ", *writing.call("agreement", *both))
            if parent not in writing.replaced:
                _truth(writing, parent, parts)
        case ast.UnaryOp(op=ast.Invert()) if truth:
            _truth(writing, parent, _complement(node))
        case ast.Subscript(slice=part) if truth and (part is node or node in ast.walk(part)):
            _after_selection(writing, node, parent)
        case ast.Subscript(value=value) if value is node:
            _after(writing, parent, truth)
        case ast.Assign(targets=[ast.Name() as target]) if parent.value is node:
            _after_name(writing, target, parent, truth)
        case ast.Return():
            _after_return(writing, parent, truth)


def _complement(node: ast.expr) -> Parts:
    return ("1 - ", node)


def _after_method(writing: _Writing, node: ast.expr, name: str, call: ast.Call, truth: bool) -> None:
    if _casts_to_integers(name, call.args):
        writing.replaced[call] = (node,)
        _after(writing, call, truth)
    elif truth and name in known.COMPARISONS and call.args:
        _truth(writing, call, _agreeing(writing, node, call.args[0], known.COMPARISONS[name], True))
    elif truth and name in known.LOGIC:
        _logic(writing, name, call, [node, *call.args])
    elif name in known.PASSING:
        _after(writing, call, truth)


def _after_function(writing: _Writing, node: ast.expr, name: str, call: ast.Call, truth: bool) -> None:
    others = [each for each in call.args if each is not node]
    if name in known.CASTS and call.args[0] is node:
        if _casts_to_integers(name, others):
            writing.replaced[call] = (node,)
        _after(writing, call, truth)
    elif truth and name in known.CHOICES and call.args[0] is node and len(others) == 2:
        one, other = others
        simple = _is_number(one, 1) and _is_number(other, 0)
        reverse = _is_number(one, 0) and _is_number(other, 1)
        plain: Parts = (node,) if simple else _complement(node)
        parts = plain if simple or reverse else writing.call("blend", (node,), (one,), (other,))
        (_truth if simple or reverse else _number)(writing, call, parts)
    elif truth and name in known.COMPARISONS and len(call.args) == 2:
        first = call.args[0] is node
        _truth(writing, call, _agreeing(writing, node, others[0], known.COMPARISONS[name], first))
    elif truth and name in known.LOGIC:
        _logic(writing, name, call, call.args)


def _logic(writing: _Writing, name: str, call: ast.Call, operands: list[ast.expr]) -> None:
    if call in writing.replaced:
        return
    function = known.LOGIC[name]
    parts = writing.call(function, *((each,) for each in operands)) if function else _complement(operands[0])
    _truth(writing, call, parts)


def _is_number(node: ast.expr, value: int) -> bool:
    if isinstance(node, ast.Call):
        return last_part(node.func) == (known.ONES if value else known.ZEROS)
    return isinstance(node, ast.Constant) and type(node.value) in (int, float, bool) and node.value == value


def _casts_to_integers(name: str, args: list[ast.expr]) -> bool:
    if name in known.TYPED_CASTS | known.CASTS:
        return any(last_part(each).lower() in known.INTEGER_CASTS or "Long" in ast.unparse(each) for each in args) or (
            any(isinstance(each, ast.Constant) and str(each.value) in known.INTEGER_CASTS for each in args)
        )
    return name in known.INTEGER_CASTS


def _agreeing(writing: _Writing, node: ast.expr, other: ast.expr, operator: str, is_left: bool) -> Parts:
    """Write a comparison of a soft truth value."""
    if operator in known.EQUAL:
        return writing.call("agreement", (node,), (other,))
    if operator in known.UNEQUAL:
        return ("1 - ", *writing.call("agreement", (node,), (other,)))
    larger = (operator in known.GREATER) == is_left
    first, second = (node, other) if larger else (other, node)
    return writing.call("soft_step", _difference(first, second))


def _after_selection(writing: _Writing, node: ast.expr, chosen: ast.Subscript) -> None:
    """Write a sum, or a mean, of the elements that a mask chooses, as one that it weights."""
    raise _Refused(f"`{_shown(writing, chosen)}`")


def _after_name(writing: _Writing, target: ast.Name, statement: ast.Assign, truth: bool) -> None:
    """Write what is computed from a soft value that has a name; what only shows it keeps the one that it had."""
    uses = _uses(writing, target)
    wanted = [each for each in uses if _reaches(writing, each)]
    if len(wanted) == len(uses):
        for each in wanted:
            _after(writing, each, truth)
        return
    raise _Refused(f"`{target.id}`, which is also shown as it is")


def _after_return(writing: _Writing, statement: ast.Return, truth: bool) -> None:
    """Write what callers compute from a function that returns a soft value."""
    function = function_at(writing.tree, statement.lineno)
    if not truth or not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    for each in ast.walk(writing.tree):
        if isinstance(each, ast.Call) and last_part(each.func) == function.name:
            _after(writing, each, truth)


def _finished(writing: _Writing) -> Surrogates | Reason:
    if not writing.replaced:
        return Reason(Exit.RULE, "no surrogate is known")
    lines_of_text = writing.text.splitlines(keepends=True)
    idle = (each for each, target in writing.idle.items() if not _is_read(writing, target))
    gone = {each for each in idle if ends_alone(each, lines_of_text)}
    edits = [
        Edit(writing.place(each), writing.operand(each))
        for each in writing.outermost(writing.tree)
        if _statement(writing, each) not in gone
    ]
    for statement in {*writing.added, *gone}:
        after = statement.lineno if statement not in gone else (statement.end_lineno or statement.lineno) + 1
        edits.append(Edit.of_lines(statement.lineno, after, "".join(writing.added.get(statement, ()))))
    try:
        edits = _beside_others(writing, edits)
    except _Refused as refused:
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


def _beside_others(writing: _Writing, edits: list[Edit]) -> list[Edit]:
    """Return the edits in which a function that others call as well stays, and the loss calls one of its own."""
    for function in writing.tree.body:
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        inside = [each for each in edits if function.lineno <= each.span.line <= (function.end_lineno or 0)]
        calls = [each for each in ast.walk(writing.tree) if isinstance(each, ast.Call)
                 and isinstance(each.func, ast.Name) and each.func.id == function.name]  # fmt: skip
        others = [each for each in calls if not _reaches(writing, each)]
        if not inside or not others or len(others) == len(calls):
            continue  # one that only acts takes the gradient itself
        callers = {function_at(writing.tree, each.lineno) for each in calls if each not in others}
        if any(not isinstance(each, ast.Module) for each in callers):
            where = at_line(others[0].lineno)
            raise _Refused(f"`{function.name}` is also called in {where}, which would get another value")
        name = _free(writing, f"soft_{function.name.lstrip('_')}")
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


def _with_functions(writing: _Writing, text: str, line: int) -> str:
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
