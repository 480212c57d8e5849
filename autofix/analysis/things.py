"""Models and layers as far as freezing goes, and the statements that freeze, unfreeze or exchange them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from autofix.analysis import effects
from autofix.analysis.optimizers import optimizers
from autofix.analysis.remembered import nodes_of, walk
from autofix.analysis.tapes import within

_LAYERS = effects.PARAMETRIC - {"Sequential", "ModuleList", "Model"}
_PARTS = frozenset({"modules", "named_modules", "children", "named_children", "layers"})


@dataclass(eq=False)
class Thing:
    """A model or a layer; `lost` when it went where it cannot be followed, `frozen_at` says where it was frozen."""

    frozen: bool = False
    lost: bool = False
    parts: dict[str, Thing] = field(default_factory=dict)
    frozen_at: ast.AST | None = None

    def part(self, name: str) -> Thing:
        """Return an attribute, made as it is frozen when nothing is known of it."""
        return self.parts.setdefault(name, Thing(self.frozen, self.lost, frozen_at=self.frozen_at))

    def freeze(self, at: ast.AST) -> None:
        """Freeze it and all that it has now."""
        self.frozen, self.frozen_at = True, at
        for each in self.parts.values():
            each.freeze(at)

    def lose(self) -> None:
        self.lost = True
        for each in self.parts.values():
            each.lose()

    def everything(self) -> Iterator[Thing]:
        yield self
        for each in self.parts.values():
            yield from each.everything()


def may_matter(tree: ast.Module) -> bool:
    """Is anything frozen, or exchanged beside an optimizer, or a tape asked for the gradient of nothing at all?"""
    if any(each.attr in effects.SWITCHES for each in nodes_of(tree, ast.Attribute)):
        return True
    for each in nodes_of(tree, ast.Call):
        name = each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")
        if name == "gradient" and any(getattr(sources, "elts", None) == [] for sources in each.args[1:2]):
            return True
    return bool(optimizers(tree)) and any(
        not isinstance(each.targets[0], ast.Name) and is_layer(each.value) for each in nodes_of(tree, ast.Assign)
    )


def unfreezes(tree: ast.Module) -> bool:
    if any(each.attr == "add_param_group" for each in nodes_of(tree, ast.Attribute)):
        return True
    for call in nodes_of(tree, ast.Call):
        name = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
        if "unfreeze" in name or (name == "requires_grad_" and not any(is_false(one) for one in call.args)):
            return True
    given = (each for each in nodes_of(tree, ast.Assign) if not is_false(each.value))
    return any(is_switch(one) for each in given for one in each.targets)


def is_frozen(thing: Thing) -> bool:
    return thing.frozen and all(each.frozen for each in thing.everything())


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def is_switch(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("requires_grad", "trainable")


def switches(statement: ast.stmt, variable: ast.expr) -> bool:
    """Does a statement freeze the parameter that a loop is at?"""
    match statement:
        case ast.Assign(targets=[ast.Attribute()]) | ast.Expr(value=ast.Call(func=ast.Attribute())):
            name, text = ast.unparse(variable), ast.unparse(statement)
        case _:
            return False
    return text in (f"{name}.requires_grad = False", f"{name}.requires_grad_(False)", f"{name}.trainable = False")


def owner_of_parts(node: ast.expr) -> ast.expr | None:
    """Return the model of which a loop takes the modules or layers one by one."""
    part = next((each for each in walk(node) if isinstance(each, ast.Attribute) and each.attr in _PARTS), None)
    return part.value if part is not None else None


def is_layer(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    names = {each.attr if isinstance(each, ast.Attribute) else each.id for each in (node, *within(node))
             if isinstance(each, (ast.Attribute, ast.Name))}  # fmt: skip
    return not names.isdisjoint(_LAYERS)


def is_keras(func: ast.expr) -> bool:
    text = ast.unparse(func)
    return "keras" in text or text.startswith(("optimizers.", "tf."))
