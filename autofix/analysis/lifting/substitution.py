"""Takes the statements that a step's loss is made by, and puts parameters where models and their objects stand."""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence

from autofix.analysis.lifting.models import is_kept, is_of_self, is_output, part_of
from autofix.analysis.lifting.state import Lift, called_by, derives, fact_of, held_by_object, is_global
from autofix.analysis.record import Fact
from autofix.analysis.values import Dotted, Instance, join
from autofix.knowledge import naming
from autofix.model import Kind, Parameter, Role
from autofix.syntax.bindings import out_of_its_loop
from autofix.syntax.flow import assigned, free, grown, loaded, started


def slice_of(state: Lift, statements: Sequence[ast.stmt], loss: ast.expr) -> list[ast.stmt]:
    """Return the statements that the loss is made by, models replaced; sums and lists from where they start.

    `loss.requires_grad = True` raises on what was made in inference mode, and leaves the value as it is.
    """
    needed, building = loaded(loss), set[str]()
    unmarked = any("inference_mode" in ast.unparse(each) for each in statements if isinstance(each, ast.With))
    kept: list[ast.stmt] = []
    for statement in reversed(statements):
        names = (assigned(statement) | grown(statement)) & needed
        if not names:
            continue
        if not (names & building or derives(state, statement) or _is_table(statement)):
            needed -= started(statement)  # it comes as a parameter, and no statement before may be kept for it
            continue
        if unmarked and _declares_a_leaf(statement):
            continue
        kept.insert(0, out_of_its_loop(_Substitution(state).visit(copy.deepcopy(statement))))
        needed |= loaded(statement) | grown(statement)
        building = (building - started(statement)) | grown(statement)
    return kept


def without_model(state: Lift, node: ast.expr) -> ast.expr:
    """Return an expression with its calls of models replaced by parameters."""
    replaced: ast.expr = _Substitution(state).visit(copy.deepcopy(node))
    return replaced


class _Substitution(ast.NodeTransformer):
    """Puts parameters in the place of what models return and objects keep; the state notes them."""

    def __init__(self, state: Lift) -> None:
        self._state = state
        self._called: set[int] = set()

    def visit_With(self, node: ast.With) -> ast.With:
        self._state.guards += 1
        self.generic_visit(node)
        self._state.guards -= 1
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if any(isinstance(each, ast.Name) and each.id in self._state.outputs for each in node.targets):
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if is_output(self._state, node):
            return _source(self._state, node, "model_output", fact_of(self._state, node))
        self._called.add(id(node.func))
        self.generic_visit(node)
        return _with_known_loss(self._state, node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        state = self._state
        if part_of(node) in state.outputs or is_kept(state, node):
            return _source(state, node, node.attr, fact_of(state, node) or Fact(join(held_by_object(state, node))))
        if id(node) not in self._called and is_of_self(state, node):
            return _given_by_self(state, node)
        self.generic_visit(node)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if part_of(node) in self._state.outputs:
            name = str(getattr(node.slice, "value", ""))
            return _source(self._state, node, name, fact_of(self._state, node))
        self.generic_visit(node)
        return node


def _source(state: Lift, node: ast.expr, name: str, fact: Fact | None) -> ast.expr:
    return _taken(state, node, name, "prediction", fact is not None and fact.value.kind is Kind.SEQUENCE)


def _given_by_self(state: Lift, node: ast.Attribute) -> ast.expr:
    value = join(held_by_object(state, node))
    role: Role = "prediction" if value.live else "target"
    if value.kind is Kind.NUMBER or (value.kind is Kind.OTHER and naming.role(node.attr) == "number"):
        role = "number"
    return _taken(state, node, node.attr, role, value.kind is Kind.SEQUENCE)


def _taken(state: Lift, node: ast.expr, name: str, role: Role, sequence: bool) -> ast.expr:
    """Return the parameter that stands for an expression of the step."""
    text = ast.unparse(node)
    if text not in state.sources:
        taken = {each.name for each in state.sources.values()} | (set() if role == "prediction" else state.names)
        name = next(each for each in (name, *(f"{name}{n}" for n in range(2, 100))) if each not in taken)
        state.sources[text] = Parameter(name, role, sequence)
    return _made_here(state, state.sources[text])


def _made_here(state: Lift, parameter: Parameter) -> ast.expr:
    """Return the parameter, in a block as a copy made there: a `no_grad` that stays must still cut it."""
    if not state.guards or parameter.role != "prediction":
        return ast.Name(parameter.name, ast.Load())
    copied = f"[each.clone() for each in {parameter.name}]" if parameter.sequence else f"{parameter.name}.clone()"
    return ast.parse(copied, mode="eval").body


def _with_known_loss(state: Lift, node: ast.Call) -> ast.expr:
    """Return a call of a loss that only the step knows with a common one in its place: the step is to be proven."""
    name = _handed(node.func)
    if not name or is_global(state, name) or not naming.is_loss(name) or called_by(state, node.func) is not None:
        return node
    made = [each.node for each in _kept_under(state, name) if each.node is not None]
    if made and not free([ast.Expr(made[0])], {each for each in loaded(made[0]) if is_global(state, each)}):
        return ast.copy_location(ast.Call(made[0], node.args, node.keywords), node)
    if len(node.args) != 2:
        return node
    state.criteria[name] = None
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), node.args, []), node)


def _handed(func: ast.expr) -> str:
    """Return the name of a function that a step is handed, or that an object keeps: `criterion`, `self.criterion`."""
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self":
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _kept_under(state: Lift, name: str) -> list[Instance]:
    """Return what objects of this file keep under a name, of what comes from outside: `nn.CrossEntropyLoss()`."""
    receivers = [each.receiver.meaning for each in state.functions if each.receiver is not None]
    values = [each.attributes.get(name) for each in receivers if isinstance(each, Instance)]
    meanings = [each.meaning for each in values if each is not None]
    return [each for each in meanings if isinstance(each, Instance) and isinstance(each.made_from, Dotted)]


def _is_table(statement: ast.stmt) -> bool:
    """Does a statement bind a list, a dictionary or a set of plain values (`todo = [1, 2]`)? None is drawn."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(value, (ast.List, ast.Dict, ast.Set)):
        return False
    try:
        return bool(ast.literal_eval(value))
    except ValueError:
        return False


def _declares_a_leaf(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return any(isinstance(each, ast.Attribute) and each.attr == "requires_grad" for each in targets)
