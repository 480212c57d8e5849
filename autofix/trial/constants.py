"""What the source of a loss shows of its intent: constant parameters, the device, and detached values.

Where a candidate is right except for a detached value (`adv = ret - value.detach()`), finite differences are taken
again with that value held constant.
"""

from __future__ import annotations

import ast
import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from autofix.knowledge import naming
from autofix.knowledge.frameworks import ALL
from autofix.knowledge.operations import having, last_names, values

GUARDS = last_names("stops-recording")
CONVERSIONS = having("on-the-host")
REWRAPS = frozenset(name for name, what in values("creates").items() if what == "literals")
CREATORS = having("creates")


def frozen_names(nodes: Iterable[ast.AST]) -> list[str]:
    """Names (`teacher`, `self.teacher`) that are used where the author wants no gradient: a block, a detached call."""
    return sorted({name for node in nodes for part in fixed_parts(node) for name in roots(part)})


def fixed_parts(node: ast.AST) -> Iterator[ast.AST]:
    """Blocks without gradients, and what is detached; `.detach().numpy()` is a way to NumPy and no wish."""
    converted = {
        piece.value
        for piece in ast.walk(node)
        if isinstance(piece, ast.Attribute) and piece.attr in CONVERSIONS and isinstance(piece.value, ast.Call)
    }
    for piece in ast.walk(node):
        if isinstance(piece, ast.With) and any(
            isinstance(part, ast.Attribute) and part.attr in GUARDS for one in piece.items for part in ast.walk(one)
        ):
            yield from piece.body
        elif isinstance(piece, ast.Call) and isinstance(piece.func, ast.Attribute) and piece not in converted:
            if piece.func.attr == "detach":
                yield piece.func.value
            elif piece.func.attr == "stop_gradient":
                yield from piece.args


def roots(node: ast.AST) -> Iterator[str]:
    for piece in ast.walk(node):
        if isinstance(piece, ast.Attribute) and isinstance(piece.value, ast.Name) and piece.value.id == "self":
            yield f"self.{piece.attr}"
        elif isinstance(piece, ast.Name) and isinstance(piece.ctx, ast.Load) and piece.id != "self":
            yield piece.id


def makes_tensors_in_place(nodes: Iterable[ast.AST], imports: Iterable[ast.stmt]) -> bool:
    """Whether PyTorch's tensors are made without saying where: then the author works on one device."""
    with_devices = {each.module for each in ALL if each.has_devices}
    names = {
        alias.asname or alias.name
        for one in imports
        if isinstance(one, ast.Import)
        for alias in one.names
        if alias.name in with_devices
    }
    return any(is_placeless(piece, names) for node in nodes for piece in ast.walk(node))


def is_placeless(piece: ast.AST, names: set[str]) -> bool:
    """`torch.ones(3)` and not `torch.ones(3, device=d)`; `torch.tensor(a.numpy())` is a way back from NumPy."""
    return (
        isinstance(piece, ast.Call)
        and isinstance(piece.func, ast.Attribute)
        and isinstance(piece.func.value, ast.Name)
        and piece.func.value.id in names
        and piece.func.attr in CREATORS
        and all(one.arg != "device" for one in piece.keywords)
        and (piece.func.attr not in REWRAPS or all(is_literal(one) for one in piece.args))
    )


def is_literal(node: ast.expr) -> bool:
    return not any(isinstance(one, ast.Name) for one in ast.walk(node))


Place = tuple[int, int, int, int]
CUTS = having("holds-fixed")


def meant_constant(
    functions: Iterable[ast.AST], candidates: Sequence[str], constants: Sequence[str] = ()
) -> dict[Place, str]:
    """The places of what is cut on the way to a name that says target, each as written; all candidates keep it.

    So are the places of the `constants`, what is held constant elsewhere (a threshold, a divisor), and of what is made
    under a guard of these that they all keep.
    """
    functions = list(functions)
    guards = {text for function in functions for each in ast.walk(function) for text in _guards(each)}
    unguarded = [each for each in constants if each not in guards]
    found = _constant_places(functions, candidates, unguarded) if constants else {}
    counts = [Counter(map(ast.unparse, _assignments(each))) for each in _readable(candidates)]
    unrecorded = {id(each) for block in _common_guards(functions, candidates, constants) for each in ast.walk(block)}
    found |= {place(each.value): ast.unparse(each.value) for function in functions for each in ast.walk(function)
              if isinstance(each, ast.Return) and each.value is not None and id(each) in unrecorded}  # fmt: skip
    for function in functions:
        guarded = {id(each) for block in ast.walk(function) if _is_guard(block) for each in ast.walk(block)}
        written = Counter(map(ast.unparse, _assignments(function)))
        for statement in _assignments(function):
            text = ast.unparse(statement)
            is_meant = _is_of_target(statement) or id(statement) in unrecorded
            if is_meant and all(each[text] >= written[text] for each in counts):
                pieces = [statement.value] if id(statement) in guarded else _cut_in(statement.value)
                found |= {place(each): ast.unparse(each) for each in pieces}
    return found


def _constant_places(
    functions: Sequence[ast.AST], candidates: Sequence[str], constants: Sequence[str]
) -> dict[Place, str]:
    """The places of the expressions that are held: those that every candidate has as often, or in a line it keeps."""
    texts = list(_readable(candidates))
    counts = [Counter(map(ast.unparse, _expressions(each))) for each in texts]
    lines = [Counter(map(ast.unparse, _lines(each))) for each in texts]
    written = {place(each): each for function in functions for each in _expressions(function)}
    found = {at: text for at, each in written.items() if (text := ast.unparse(each)) in constants}
    wanted, lasting = Counter(found.values()), set()
    for line in (each for function in functions for each in _lines(function)):
        if all(each[ast.unparse(line)] for each in lines):
            lasting |= {place(each) for each in _expressions(line)}
    kept = {text for text in wanted if all(each[text] >= wanted[text] for each in counts)}
    return {at: text for at, text in found.items() if at in lasting or text in kept}


def _common_guards(functions: Sequence[ast.AST], candidates: Sequence[str], constants: Sequence[str]) -> list[ast.AST]:
    """The blocks and functions under a guard that is held, which stand in every candidate word for word."""
    within = (each for function in functions if constants for each in ast.walk(function))
    under = [each for each in within if not _guards(each).isdisjoint(constants)]
    texts = [{ast.unparse(each) for each in ast.walk(one) if _guards(each)} for one in _readable(candidates)]
    return [each for each in under if all(ast.unparse(each) in text for text in texts)]


def _guards(node: ast.AST) -> set[str]:
    """What a block is opened with, and what a function is decorated with."""
    opened = [each.context_expr for each in node.items] if isinstance(node, ast.With) else []
    return {ast.unparse(each) for each in (*opened, *getattr(node, "decorator_list", ()))}


def _expressions(node: ast.AST) -> Iterator[ast.Call | ast.Attribute]:
    return (each for each in ast.walk(node) if isinstance(each, (ast.Call, ast.Attribute)))


def _lines(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements that hold no others."""
    return (each for each in ast.walk(node) if isinstance(each, ast.stmt) and not hasattr(each, "body"))


def _readable(texts: Iterable[str]) -> Iterator[ast.Module]:
    for each in texts:
        with contextlib.suppress(SyntaxError, ValueError):
            yield ast.parse(each)


def place(node: ast.expr) -> Place:
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _assignments(node: ast.AST) -> Iterator[ast.Assign]:
    return (each for each in ast.walk(node) if isinstance(each, ast.Assign))


def _is_of_target(statement: ast.Assign) -> bool:
    names = [each.id for each in statement.targets if isinstance(each, ast.Name)]
    return len(names) == len(statement.targets) and all(naming.role(each) == "target" for each in names)


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(
        isinstance(part, ast.Attribute) and part.attr in GUARDS for one in node.items for part in ast.walk(one)
    )


def _cut_in(value: ast.expr) -> list[ast.expr]:
    return [each for each in ast.walk(value) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)
            and each.func.attr in CUTS]  # fmt: skip
