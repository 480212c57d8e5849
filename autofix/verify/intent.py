"""What the author of a loss says by the way it is written: which parameters are held fixed, which device is meant."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

GUARDS = frozenset({"no_grad", "inference_mode", "stop_recording"})
CONVERSIONS = frozenset({"numpy", "cpu", "item", "tolist"})
REWRAPS = frozenset({"tensor", "as_tensor"})
CREATORS = REWRAPS | frozenset("zeros ones eye full arange linspace empty rand randn".split())


def held_fixed(nodes: Iterable[ast.AST]) -> list[str]:
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
    names = {
        alias.asname or alias.name
        for one in imports
        if isinstance(one, ast.Import)
        for alias in one.names
        if alias.name == "torch"
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
