"""Which expressions of a training step are what a model returned, or what its object keeps.

They become parameters of the lifted loss: from there on, back through the model, the gradient is the framework's own.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autofix.analysis.lifting.state import Lift, called_by, derives, fact_of, held_by_object, is_cut, is_global
from autofix.analysis.syntactic import last_name
from autofix.knowledge import effects, naming
from autofix.knowledge.operations import having
from autofix.model import Kind
from autofix.syntax.module import holds

OF_TENSORS = effects.SHAPES | effects.BREAKING_ATTRIBUTES.keys() | having("view-attribute")
"""What a tensor has itself: `outputs.shape` says nothing of `outputs`, as `outputs.logits` does."""


def note_step(state: Lift, statements: Sequence[ast.stmt]) -> None:
    """Note the names of a step, and which of them are objects or dictionaries of tensors: `outputs.logits`."""
    nodes = [each for statement in statements for each in ast.walk(statement)]
    state.names = {each.id for each in nodes if isinstance(each, ast.Name)}
    state.stored = {ast.unparse(each) for each in nodes
                    if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)}  # fmt: skip
    called = {id(each.func) for each in nodes if isinstance(each, ast.Call)}
    parts = [part_of(each) for each in nodes if id(each) not in called]
    loads = [each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
    named = _bound_to_models(state, nodes)
    state.outputs = {name for name in named if 0 < loads.count(name) == parts.count(name)}


def _bound_to_models(state: Lift, nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that are bound to what a model returns."""
    apart = {part_of(ast.parse(each, mode="eval").body) for each in state.sources}
    return {target.id for each in nodes if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call)
            for target in each.targets if isinstance(target, ast.Name)
            if target.id in apart or is_output(state, each.value)}  # fmt: skip


def is_output(state: Lift, node: ast.expr) -> bool:
    """Is this a call that predicts, of a model: made from a prediction, and from none of its arguments?"""
    if not isinstance(node, ast.Call):
        return False
    if state.like is not None:
        return ast.unparse(node) in state.sources
    fact = fact_of(state, node)
    receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
    arguments = (*receiver, *node.args, *(each.value for each in node.keywords))
    if fact is None or not fact.value.derived:
        return False
    is_spoiled = is_cut if _is_model(state, node.func) else derives
    if any(is_spoiled(state, each) for each in arguments):
        return False
    called = called_by(state, node.func)
    return called is None or not any(holds(called, cut.span) for cut in fact.value.cuts)


def _is_model(state: Lift, func: ast.expr) -> bool:
    name = last_name(func)
    return name in state.run.declared.models or naming.is_model(name)


def is_kept(state: Lift, node: ast.Attribute) -> bool:
    """Is this a list of what models returned earlier, kept by an object: `policy.saved_log_probs`?"""
    if state.like is not None:
        return ast.unparse(node) in state.sources
    return any(each.kind is Kind.SEQUENCE and each.live and not each.cuts for each in held_by_object(state, node))


def is_of_self(state: Lift, node: ast.Attribute) -> bool:
    """Is this a value that the object of the step has before it: `self.weights`, `self.config.alpha`?"""
    written = ast.unparse(node)
    _, *parts = written.split(".")
    begins = _root(node) == "self" and not is_global(state, "self") and written not in state.stored
    return begins and not set(parts) & OF_TENSORS


def part_of(node: ast.AST) -> str:
    """Return `outputs` for `outputs.logits` and `outputs["logits"]`, nothing for what a tensor has itself."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id if node.attr not in OF_TENSORS else ""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())):
            return name
    return ""


def _root(node: ast.expr) -> str:
    """Return the name that a dotted expression starts with; nothing where it is none."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
