"""Takes the statements that a step's loss is made by, and puts parameters where models and their objects stand.

What a model returned, or what its object keeps, becomes a parameter of the lifted loss: from there on, back through the
model, the gradient is the framework's own. `Lift` is the state of one lift: what the run shows of the step, and the
parameters that were made of it so far.
"""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autofix.analysis.record import Fact
from autofix.analysis.run import Run
from autofix.analysis.syntactic import last_name
from autofix.analysis.values import Class, Dotted, Function, Instance, Value, join
from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Kind, Parameter, Role, Target
from autofix.syntax.bindings import assigned, free, grown, loaded, out_of_its_loop, started
from autofix.syntax.module import holds

_GLOBAL = (Class, Dotted, Function, Instance)


@dataclass(frozen=True)
class Lifted:
    """A module with the function `target` behind it.

    `given` are its parameters, each as the step writes it, at the line where the loss is `asked_at`. `written_at` says
    where in the file the lines of the function stand.
    """

    text: str
    target: Target
    given: tuple[tuple[str, str], ...] = ()
    asked_at: int = 0
    written_at: tuple[tuple[int, int], ...] = ()

    @property
    def sources(self) -> dict[str, Parameter]:
        """What was taken for the result of a model, by how it is written."""
        written = dict(self.given)
        return {written[each.name]: each for each in self.target.parameters if written[each.name] != each.name}


@dataclass
class Lift:
    """One lift of a step's loss, which takes the same arguments as `like`, if that is given.

    `sources` are the parameters by how the step writes what they stand for. `outputs` are the names of what models
    return as an object or a dictionary of tensors; `names` and `stored` are all names of the step, and the attributes
    that it sets. `criteria` are the losses that only the step knows. `guards` counts the blocks around an expression.
    """

    run: Run
    guards: int
    like: Lifted | None
    sources: dict[str, Parameter] = field(default_factory=dict)
    outputs: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    criteria: dict[str, None] = field(default_factory=dict)
    functions: tuple[Function, ...] = ()

    @property
    def adds_losses(self) -> bool:
        """May a layer add a loss of its own (`add_loss`)? It has no model's output in sight."""
        return record_of(self.run.framework).traces


def new_lift(run: Run, guards: int, like: Lifted | None) -> Lift:
    """Return the state of a lift in which nothing was taken yet; so many `guards` stand around the loss."""
    functions = tuple(each.function for each in run.journal.invocations)
    return Lift(run, guards, like, dict(like.sources) if like is not None else {}, functions=functions)


def fact_of(state: Lift, node: ast.AST) -> Fact | None:
    """Return what the run noted of an expression."""
    return state.run.facts.by_key.get(state.run.positions.key(node)) if hasattr(node, "lineno") else None


def derives(state: Lift, node: ast.AST) -> bool:
    """Is anything in a statement or expression made from a prediction?"""
    facts = (fact_of(state, each) for each in ast.walk(node))
    return any(fact is not None and fact.value.derived for fact in facts)


def is_cut(state: Lift, node: ast.AST) -> bool:
    """Has anything in a statement or expression lost a gradient?"""
    facts = (fact_of(state, each) for each in ast.walk(node))
    return any(fact is not None and fact.value.cuts for fact in facts)


def is_global(state: Lift, name: str) -> bool:
    """Does a name mean to the lifted function what it means to the step: an import, a function, a number?"""
    value = state.run.module.names.get(name)
    if value is None:
        return hasattr(builtins, name)
    if state.like is not None:
        return all(each.name != name for each in state.like.target.parameters)
    return isinstance(value.meaning, _GLOBAL) or value.kind is Kind.NUMBER


def called_by(state: Lift, func: ast.expr) -> ast.stmt | ast.expr | None:
    """Return the function of the project that is called: a gradient that it loses is its own."""
    named = (each.node for each in state.functions if each.qualname.rpartition(".")[2] == last_name(func))
    return next(named, None)


def held_by_object(state: Lift, node: ast.Attribute) -> Iterable[Value]:
    """Return what `self`, or an object of the module, may keep as an attribute."""
    if not isinstance(node.value, ast.Name):
        return ()
    known = state.run.module.names.get(node.value.id)
    owners = [known] if known is not None else []
    if node.value.id == "self":
        owners = [each.receiver for each in state.functions if each.receiver is not None]
    objects = [each.meaning for each in owners if isinstance(each.meaning, Instance)]
    return [each.attributes[node.attr] for each in objects if node.attr in each.attributes]


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
