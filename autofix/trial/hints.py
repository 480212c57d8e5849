"""What the text of a loss says about its arguments: ranks, labels, probabilities, scalars, lengths."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from autofix.knowledge.operations import having
from autofix.syntax.objects import attributes_of
from autofix.trial.objects import Plain

LABEL_CALLS, FIRST_IS_LABEL = having("takes-labels"), having("labels-first")
LOG_CALLS, MATRIX_CALLS, IMAGE_CALLS = having("takes-positive"), having("takes-matrix"), having("takes-images")
SCALAR_CALLS, _ASKING_NAN = having("takes-number"), having("asks-nan")
FLAT_CALLS = having("flattens")
OF_LABELS, OF_ITS_FIRST = having("method-of-labels"), having("takes-itself-first")
REDUCTIONS_WITH_AXIS_SECOND = having("axis-second")


@dataclass(frozen=True)
class Parts:
    """An argument that holds several tensors: the keys it is asked by, or the names that it is unpacked into.

    Those of an object are `fields`.
    """

    names: tuple[str, ...]
    by_key: bool
    fields: bool = False


@dataclass(frozen=True)
class Hints:
    """Signals, each a score and not a rule: the original decides."""

    least_rank: int = 0
    exact_rank: int | None = None
    labels: bool = False
    label_names: frozenset[str] = frozenset()
    logarithm: bool = False
    matrix: bool = False
    image: bool = False
    scalars: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()
    flat: bool = False
    masks: frozenset[str] = frozenset()
    parts: Mapping[str, Parts] = field(default_factory=dict)
    special: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    reversed: frozenset[str] = frozenset()
    ranked: frozenset[str] = frozenset()
    recorded: frozenset[str] = frozenset()
    fed: frozenset[str] = frozenset()
    zipped: tuple[frozenset[str], ...] = ()
    beside_labels: str = "target"
    plain: Mapping[str, Plain] = field(default_factory=dict)


def read_hints(
    nodes: Iterable[ast.AST],
    constants: Iterable[ast.AST],
    names: frozenset[str],
    lists: frozenset[str] = frozenset(),
) -> Hints:
    """Signals from the functions that run and from the constants that they use; of the arguments some are `lists`."""
    pieces = [piece for node in nodes for piece in ast.walk(node)]
    called = {name for piece in pieces if isinstance(piece, ast.Call) for name in called_name(piece)}
    attributes = {piece.attr for piece in pieces if isinstance(piece, ast.Attribute)}
    return Hints(
        least_rank=max([0, *(rank for piece in pieces for rank in (*ranks(piece), *rows(piece, names - lists)))]),
        exact_rank=next((rank for piece in pieces for rank in unpacked(piece)), None),
        labels=bool(called & LABEL_CALLS) or any(map(is_row_of_identity, pieces)),
        label_names=frozenset(name for piece in pieces for name in used_as_label(piece)) & names_within(names, pieces),
        logarithm=bool(called & LOG_CALLS),
        matrix=bool((called | attributes) & MATRIX_CALLS)
        or any(isinstance(piece, ast.BinOp) and isinstance(piece.op, ast.MatMult) for piece in pieces),
        image=bool(called & IMAGE_CALLS),
        scalars=frozenset(name for piece in pieces for name in scalar(piece, names)),
        flat=bool(called & FLAT_CALLS),
        masks=frozenset(name for piece in pieces for name in mask(piece) if name in names),
        reversed=frozenset(name for piece in pieces for name in read_backwards(piece)) & names,
        zipped=tuple(group & names for piece in pieces for group in iterated_together(piece)),
        ranked=frozenset(name for piece in pieces for name in ranked(piece)) & names,
        recorded=frozenset(name for piece in pieces for name in differentiated_by(piece)) & names,
        parts={name: found for name in names if (found := parts_of(name, pieces))},
        special={name: tuple(values) for name, values in special_values(pieces, names).items()},
        lengths=tuple(
            dict.fromkeys([*columns(pieces), *(length for node in constants for length in constant_lengths(node))])
        ),
    )


def names_within(names: frozenset[str], pieces: list[ast.AST]) -> frozenset[str]:
    """The arguments, and the names of what they are taken apart into."""
    parts = (found for name in names if (found := parts_of(name, pieces)) is not None)
    return names | {name for one in parts for name in one.names}


def used_as_label(piece: ast.AST) -> Iterator[str]:
    """Names that say which class or place is meant: `one_hot(y)`, `cross_entropy(p, y)`, `p[rows, y]`, `y.long()`."""
    if isinstance(piece, ast.Subscript):
        inside = piece.slice.elts if isinstance(piece.slice, ast.Tuple) else [piece.slice]
        yield from (name for one in inside for name in converted(one))
    elif isinstance(piece, ast.Call) and (called := set(called_name(piece)) & LABEL_CALLS):
        if called & OF_LABELS and isinstance(piece.func, ast.Attribute):
            yield from converted(piece.func.value)
        arguments = piece.args[:1] if called & FIRST_IS_LABEL else piece.args
        named = [each.value for each in piece.keywords if each.arg in ("labels", "target", "indices")]
        for one in [*arguments, *named]:
            yield from converted(one)


def converted(node: ast.AST) -> Iterator[str]:
    """The name of a value that is at most cast or reshaped: `y`, `y.long().view(-1)`, `y[:, None]`, `tf.cast(y, …)`."""
    while True:
        if isinstance(node, ast.Name):
            yield node.id
            return
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in OF_ITS_FIRST and node.args:
                yield from converted(node.args[0])
            node = node.func.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return


def columns(pieces: list[ast.AST]) -> list[int]:
    """How many columns are asked for by number: `boxes[:, 3]`, `boxes[:, 2:]` ask for four."""
    most = 0
    for piece in pieces:
        if isinstance(piece, ast.Subscript) and isinstance(piece.slice, ast.Tuple) and len(piece.slice.elts) == 2:
            rows, column = piece.slice.elts
            if isinstance(rows, ast.Slice) and rows.lower is rows.upper is rows.step is None:
                bounds = [column.upper, column.lower] if isinstance(column, ast.Slice) else [column]
                whole = [one.value for one in bounds if isinstance(one, ast.Constant) and type(one.value) is int]
                open_end = isinstance(column, ast.Slice) and column.upper is None
                most = max([most, *(value + (2 if open_end and value > 1 else 1) for value in whole if value >= 0)])
    return [most] if 3 <= most <= 8 else []


def is_row_of_identity(piece: ast.AST) -> bool:
    """`np.eye(10)[labels]`: one-hot rows; an identity matrix alone says nothing of labels."""
    return (
        isinstance(piece, ast.Subscript)
        and isinstance(piece.value, ast.Call)
        and "eye" in called_name(piece.value)
        and not isinstance(piece.slice, (ast.Slice, ast.Constant))
    )


def special_values(pieces: list[ast.AST], names: frozenset[str]) -> dict[str, set[float]]:
    """Numbers below zero, or of at least 100, that an argument is compared with: a label that means none.

    Where the text speaks of NaN, any argument may have some.
    """
    says_nan = any(name.startswith("nan") or name in _ASKING_NAN for piece in pieces
                   if isinstance(piece, ast.Call) for name in called_name(piece))  # fmt: skip
    found: dict[str, set[float]] = {name: {math.nan} for name in names} if says_nan else {}
    for piece in pieces:
        if isinstance(piece, ast.Compare) and len(piece.ops) == 1 and isinstance(piece.ops[0], (ast.Eq, ast.NotEq)):
            inside = {one.id for one in ast.walk(piece.left) if isinstance(one, ast.Name)} & names
            value = literal(piece.comparators[0])
            if value is not None and (value < 0 or value >= 100):
                for name in inside:
                    found.setdefault(name, set()).add(float(value))
    return found


def read_backwards(piece: ast.AST) -> Iterator[str]:
    """Names of what only a list or an array can be: `rewards[::-1]`, `reversed(rewards)`."""
    if isinstance(piece, ast.Subscript) and isinstance(piece.slice, ast.Slice) and isinstance(piece.value, ast.Name):
        if isinstance(piece.slice.step, ast.UnaryOp) and isinstance(piece.slice.step.op, ast.USub):
            yield piece.value.id
    elif isinstance(piece, ast.Call) and isinstance(piece.func, ast.Name) and piece.func.id == "reversed":
        yield from (one.id for one in piece.args if isinstance(one, ast.Name))


def differentiated_by(piece: ast.AST) -> Iterator[str]:
    """Names that a loss itself takes derivatives by: `torch.autograd.grad(u.sum(), x, create_graph=True)`."""
    if isinstance(piece, ast.Call) and set(called_name(piece)) & {"grad", "jacobian", "hessian"}:
        sources = [*piece.args[1:2], *(one.value for one in piece.keywords if one.arg == "inputs")]
        yield from (one.id for source in sources for one in ast.walk(source) if isinstance(one, ast.Name))


def iterated_together(piece: ast.AST) -> Iterator[frozenset[str]]:
    """Names that one loop takes its items from: `zip(log_probs, returns)`."""
    if isinstance(piece, ast.Call) and isinstance(piece.func, ast.Name) and piece.func.id == "zip":
        yield frozenset(one.id for one in piece.args if isinstance(one, ast.Name))


def ranked(piece: ast.AST) -> Iterator[str]:
    """Names of what is put in order by its numbers: `argsort(-t)`. Which of two equal ones is first, no sort says."""
    if isinstance(piece, ast.Call) and "argsort" in called_name(piece):
        owner = [piece.func.value] if isinstance(piece.func, ast.Attribute) else []
        for one in [*owner, *piece.args[:1]]:
            yield from converted(one.operand if isinstance(one, ast.UnaryOp) else one)


def mask(piece: ast.AST) -> Iterator[str]:
    """Names that pick elements, `x[mask]`, or are negated, `~mask`."""
    if isinstance(piece, ast.Subscript) and isinstance(piece.slice, ast.Name):
        yield piece.slice.id
    elif isinstance(piece, ast.UnaryOp) and isinstance(piece.op, ast.Invert) and isinstance(piece.operand, ast.Name):
        yield piece.operand.id


def parts_of(name: str, pieces: list[ast.AST]) -> Parts | None:
    """What `batch["x"]`, `batch.pop("y")`, `batch.x` and `x, y = batch` say of `batch`."""
    keys: list[str] = []
    for piece in pieces:
        if isinstance(piece, ast.Subscript) and isinstance(piece.value, ast.Name) and piece.value.id == name:
            if isinstance(piece.slice, ast.Constant) and isinstance(piece.slice.value, str):
                keys.append(piece.slice.value)
        elif isinstance(piece, ast.Call) and isinstance(piece.func, ast.Attribute):
            is_asked = piece.func.attr in ("get", "pop") and isinstance(piece.func.value, ast.Name)
            if is_asked and ast.unparse(piece.func.value) == name and piece.args:
                first = piece.args[0]
                keys += [first.value] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
        elif isinstance(piece, ast.Assign) and isinstance(piece.value, ast.Name) and piece.value.id == name:
            target = piece.targets[0]
            if isinstance(target, ast.Tuple) and all(isinstance(one, ast.Name) for one in target.elts):
                return Parts(tuple(one.id for one in target.elts if isinstance(one, ast.Name)), by_key=False)
    if keys:
        return Parts(tuple(dict.fromkeys(keys)), by_key=True)
    attributes = attributes_of(name, pieces)
    return Parts(attributes, by_key=True, fields=True) if attributes else None


def literal(node: ast.AST) -> float | None:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError):
        return None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def called_name(call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Attribute):
        yield call.func.attr
    elif isinstance(call.func, ast.Name):
        yield call.func.id


def ranks(piece: ast.AST) -> Iterator[int]:
    """The least rank that an axis or an index asks for."""
    if isinstance(piece, ast.Call):
        axes = [keyword.value for keyword in piece.keywords if keyword.arg in ("axis", "dim", "axes", "dims")]
        if set(called_name(piece)) & REDUCTIONS_WITH_AXIS_SECOND:
            axes += (
                piece.args[1:2] if not isinstance(piece.func, ast.Attribute) or len(piece.args) > 1 else piece.args[:1]
            )
        for axis in axes:
            for one in axis.elts if isinstance(axis, (ast.Tuple, ast.List)) else [axis]:
                yield from axis_rank(one)
    elif isinstance(piece, ast.Subscript) and isinstance(piece.slice, ast.Tuple):
        yield sum(not isinstance(one, ast.Constant) or isinstance(one.value, int) for one in piece.slice.elts)


def rows(piece: ast.AST, names: frozenset[str]) -> Iterator[int]:
    """`for curve in pred: total += roughness(curve)`: what a function is given of each turn is seldom one number."""
    if not isinstance(piece, (ast.For, ast.comprehension)):
        return
    walked = piece.iter.args if isinstance(piece.iter, ast.Call) and "zip" in called_name(piece.iter) else [piece.iter]
    if any(isinstance(each, ast.Name) and each.id in names for each in walked) and passed_on(piece):
        yield 2


def passed_on(loop: ast.For | ast.comprehension) -> bool:
    """Is what a loop gives handed to a function as it is? A comprehension alone does not show what is done with it."""
    targets = {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
    calls = (each for part in getattr(loop, "body", ()) for each in ast.walk(part) if isinstance(each, ast.Call))
    return any(
        isinstance(each.func, ast.Name)
        and each.func.id not in ("float", "int", "print", "abs", "len")
        and any(isinstance(one, ast.Name) and one.id in targets for one in each.args)
        for each in calls
    )


def axis_rank(node: ast.AST) -> Iterator[int]:
    try:
        axis = ast.literal_eval(node)
    except (ValueError, TypeError):
        return
    if isinstance(axis, int) and not isinstance(axis, bool) and -6 <= axis < 6:
        yield axis + 1 if axis >= 0 else -axis


def unpacked(piece: ast.AST) -> Iterator[int]:
    """`n, c, h, w = x.shape` says the rank; so do permute and transpose."""
    if isinstance(piece, ast.Assign) and isinstance(piece.targets[0], ast.Tuple):
        value = piece.value.func if isinstance(piece.value, ast.Call) else piece.value
        if isinstance(value, ast.Attribute) and value.attr in ("shape", "size"):
            yield len(piece.targets[0].elts)
    elif isinstance(piece, ast.Call) and "permute" in called_name(piece) and len(piece.args) > 1:
        yield len(piece.args)


def scalar(piece: ast.AST, names: frozenset[str]) -> Iterator[str]:
    """Parameters that are made a Python number as they are."""
    if not isinstance(piece, ast.Call):
        return
    name = piece.func
    if isinstance(name, ast.Attribute) and name.attr == "item" and isinstance(name.value, ast.Name):
        yield from {name.value.id} & names
    is_math = isinstance(name, ast.Attribute) and isinstance(name.value, ast.Name) and name.value.id == "math"
    if (is_math or (isinstance(name, ast.Name) and name.id in ("float", "int"))) and set(
        called_name(piece)
    ) & SCALAR_CALLS:
        for argument in piece.args:
            yield from {one.id for one in elementwise(argument)} & names


def elementwise(node: ast.AST) -> Iterator[ast.Name]:
    """The names that an expression is made of by operators alone: what is reduced first is not a scalar before."""
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, (ast.BinOp, ast.UnaryOp)):
        for child in ast.iter_child_nodes(node):
            yield from elementwise(child)


def constant_lengths(node: ast.AST) -> Iterator[int]:
    """The last dimension of every literal array, and small integers that may be a number of classes."""
    for piece in ast.walk(node):
        if isinstance(piece, (ast.List, ast.Tuple)) and piece.elts and all(is_number(one) for one in piece.elts):
            yield len(piece.elts)
    value = node.value if isinstance(node, ast.Assign) else None
    if isinstance(value, ast.Constant) and type(value.value) is int and 2 <= value.value <= 32:
        yield value.value


def is_number(node: ast.AST) -> bool:
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant) and isinstance(inner.value, (int, float))
