"""Lifts the loss out of a training step: a function of what the model returned, which can be run without the model.

Takes the text of a module and one of its consumers (`loss.backward()`, `tape.gradient(loss, …)`); gives the text with a
function behind it, whose parameters are the results of the model's calls and the data that meets them. The model itself
and the optimizer stay out: from its output on, the gradient is the framework's own. The lines of what is written anew
are kept, so that what is said of them names those of the file.
"""

from __future__ import annotations

import ast
import builtins
import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from autofix.analysis.functions import ends_recording
from autofix.analysis.record import Fact
from autofix.analysis.run import Consumption, Run
from autofix.analysis.syntactic import last_name
from autofix.analysis.tapes import path_to
from autofix.analysis.values import Class, Dotted, Function, Instance, Value, join
from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Framework, Kind, Parameter, Role, Target
from autofix.syntax.bindings import out_of_its_loop
from autofix.syntax.module import holds
from autofix.syntax.neighbours import file_of

_NAME = "loss_of_the_step"
_OF_TENSORS = effects.SHAPES | effects.BREAKING_ATTRIBUTES.keys() | having("view-attribute")
_STOOD_IN = re.compile(r"^    from \S+ import (?:mse_loss|mean_squared_error) as (\w+)$", re.MULTILINE)

_GROWING = frozenset({"append", "extend", "insert", "add"})
_GLOBAL = (Class, Dotted, Function, Instance)


_COMPUTING = (ast.Call, ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript, ast.AugAssign)


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


def consumers(consumed: Sequence[Consumption]) -> list[ast.Call]:
    """Return the calls that consume a loss, each once, in their order in the file."""
    found = {id(each.node): each.node for each in consumed if isinstance(each.node, ast.Call)}
    return sorted(found.values(), key=lambda each: (file_of(each), each.lineno, each.col_offset))


def stood_in(text: str) -> tuple[str, ...]:
    """Return the names for which a common loss stands in a lifted text."""
    _, lifted, code = text.rpartition(f"def {_NAME}(")
    found = _STOOD_IN.findall(code) if lifted else []
    return tuple(found)


def lift(
    text: str,
    tree: ast.Module,
    consumer: ast.Call | ast.Return,
    run: Run,
    like: Lifted | None = None,
) -> Lifted | None:
    """Return the module with the step's loss as a function; None where the step cannot be taken out of its place.

    The consumer is the call that differentiates, or the `return` of a method whose result a library differentiates.
    What was taken out of the same step before it was mended is given as `like`: the two take the same arguments.
    """
    found = asked(consumer, run)
    if found is None:
        return None
    loss, last = found
    guards = guards_around(tree, last, run)
    lifter = _Lifter(run, len(guards), like)
    before = statements_before(tree, last)
    lifter.find_outputs([*before, ast.Expr(loss)])
    body = lifter.slice(before, loss)
    result = lifter.without_model(copy.deepcopy(loss))
    parameters = lifter.parameters([*body, ast.Expr(result)])
    if parameters is None or not any(each.role == "prediction" for each in parameters):
        return None
    if not any(isinstance(part, _COMPUTING) for each in (*body, result) for part in ast.walk(each)):
        return None  # it is the output of what was taken for a model: whatever the loss is, it is not here
    names = ", ".join(each.name for each in parameters)
    written = [line for each in body for line in lines_of(each)]
    written.append((f"return {ast.unparse(result)}", loss.lineno))
    stand_ins = lifter.stand_ins(run.framework)
    lines = [*stand_ins, *under(guards, [line for line, _ in written])]
    code = "\n".join(f"    {line}" for line in lines)
    whole = f"{text.rstrip()}\n\n\ndef {_NAME}({names}):\n{code}\n"
    line = whole[: whole.rindex(f"def {_NAME}(")].count("\n") + 1
    named = {each.name: source for source, each in lifter.sources.items()}
    given = tuple((each.name, named.get(each.name, each.name)) for each in parameters)
    first = line + 1 + len(stand_ins) + len(guards)
    places = tuple(enumerate((stood for _, stood in written), first))
    return Lifted(whole, Target(_NAME, line, tuple(parameters)), given, last.lineno, places)


class _Lifter(ast.NodeTransformer):
    """Collects the calls of models on the way and puts parameters in their place."""

    def __init__(self, run: Run, blocks: int, like: Lifted | None) -> None:
        self._positions = run.positions
        self._facts = run.facts
        self._module = run.module
        self._models = run.declared.models
        self._adds_losses = record_of(run.framework).traces  # a layer's `add_loss` has no model's output in sight
        self._functions = [each.function for each in run.journal.invocations]
        self._instances = _attributes(self._functions)
        self._blocks = blocks
        self._outputs: set[str] = set()
        self._names: set[str] = set()
        self._stored: set[str] = set()
        self._called: set[int] = set()
        self._criteria: dict[str, None] = {}
        self._like = like
        self.sources: dict[str, Parameter] = _sources_of(like) if like is not None else {}

    def find_outputs(self, statements: Sequence[ast.stmt]) -> None:
        """Note the names of what models return as an object or a dictionary of tensors: `outputs.logits`."""
        nodes = [each for statement in statements for each in ast.walk(statement)]
        apart = {_part_of(ast.parse(each, mode="eval").body) for each in self.sources}
        named = {target.id for each in nodes if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call)
                 for target in each.targets if isinstance(target, ast.Name)
                 if target.id in apart or self._is_source(each.value)}  # fmt: skip
        called = {id(each.func) for each in nodes if isinstance(each, ast.Call)}
        parts = [_part_of(each) for each in nodes if id(each) not in called]
        loads = [each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)]
        self._names = {each.id for each in nodes if isinstance(each, ast.Name)}
        self._stored = {ast.unparse(each) for each in nodes
                        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)}  # fmt: skip
        self._outputs = {name for name in named if 0 < loads.count(name) == parts.count(name)}

    def slice(self, statements: Sequence[ast.stmt], loss: ast.expr) -> list[ast.stmt]:
        """Return the statements that the loss is made by, models replaced; sums and lists from where they start.

        `loss.requires_grad = True` raises on what was made in inference mode, and leaves the value as it is.
        """
        needed, grown = _loaded(loss), set[str]()
        unmarked = any("inference_mode" in ast.unparse(each) for each in statements if isinstance(each, ast.With))
        kept: list[ast.stmt] = []
        for statement in reversed(statements):
            names = (_assigned(statement) | _grown(statement)) & needed
            if not names:
                continue
            if not (names & grown or self._derives(statement) or _is_table(statement)):
                needed -= _started(statement)  # it comes as a parameter, and no statement before may be kept for it
                continue
            if unmarked and _declares_a_leaf(statement):
                continue
            kept.insert(0, out_of_its_loop(self.visit(copy.deepcopy(statement))))
            needed |= _loaded(statement) | _grown(statement)
            grown = (grown - _started(statement)) | _grown(statement)
        return kept

    def without_model(self, node: ast.expr) -> ast.expr:
        """Return an expression with its calls of models replaced by parameters."""
        replaced: ast.expr = self.visit(node)
        return replaced

    def visit_With(self, node: ast.With) -> ast.With:
        self._blocks += 1
        self.generic_visit(node)
        self._blocks -= 1
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        if any(isinstance(each, ast.Name) and each.id in self._outputs for each in node.targets):
            return ast.copy_location(ast.Pass(), node)
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if not self._is_source(node):
            self._called.add(id(node.func))
            self.generic_visit(node)
            return self._stood_in(node)
        return self._source(node, "model_output", self._fact(node))

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        if _part_of(node) in self._outputs or self._is_kept(node):
            return self._source(node, node.attr, self._fact(node) or Fact(join(self._held_by_object(node))))
        if self._is_of_self(node):
            return self._given_by_self(node)
        self.generic_visit(node)
        return node

    def _is_of_self(self, node: ast.Attribute) -> bool:
        """Is this a value that the object of the step has before it: `self.weights`, `self.config.alpha`?"""
        _, *parts = ast.unparse(node).split(".")
        begins = _root(node) == "self" and not self._is_global("self") and ast.unparse(node) not in self._stored
        return begins and id(node) not in self._called and not set(parts) & _OF_TENSORS

    def _given_by_self(self, node: ast.Attribute) -> ast.expr:
        value = join(self._held_by_object(node))
        role: Role = "prediction" if value.live else "target"
        if value.kind is Kind.NUMBER or (value.kind is Kind.OTHER and naming.role(node.attr) == "number"):
            role = "number"
        return self._taken(node, node.attr, role, value.kind is Kind.SEQUENCE)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        if _part_of(node) in self._outputs:
            return self._source(node, str(getattr(node.slice, "value", "")), self._fact(node))
        self.generic_visit(node)
        return node

    def _is_source(self, node: ast.expr) -> bool:
        """Is this a call that predicts, of a model: made from a prediction, and from none of its arguments?"""
        if not isinstance(node, ast.Call):
            return False
        if self._like is not None:
            return ast.unparse(node) in self.sources
        fact = self._fact(node)
        receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        arguments = (*receiver, *node.args, *(each.value for each in node.keywords))
        if fact is None or not fact.value.derived:
            return False
        if any(self._is_cut(each) if self._is_model(node.func) else self._derives(each) for each in arguments):
            return False
        called = self._called_by(node.func)
        return called is None or not any(holds(called, cut.span) for cut in fact.value.cuts)

    def _is_kept(self, node: ast.Attribute) -> bool:
        """Is this a list of what models returned earlier, kept by an object: `policy.saved_log_probs`?"""
        if self._like is not None:
            return ast.unparse(node) in self.sources
        return any(each.kind is Kind.SEQUENCE and each.live and not each.cuts for each in self._held_by_object(node))

    def _held_by_object(self, node: ast.Attribute) -> Iterable[Value]:
        """Return what `self`, or an object of the module, may keep as an attribute."""
        if not isinstance(node.value, ast.Name):
            return ()
        known = self._module.names.get(node.value.id)
        owners = [known] if known is not None else []
        if node.value.id == "self":
            owners = [each.receiver for each in self._functions if each.receiver is not None]
        objects = [each.meaning for each in owners if isinstance(each.meaning, Instance)]
        return [each.attributes[node.attr] for each in objects if node.attr in each.attributes]

    def _is_model(self, func: ast.expr) -> bool:
        name = last_name(func)
        return name in self._models or naming.is_model(name)

    def _called_by(self, func: ast.expr) -> ast.stmt | ast.expr | None:
        """Return the function of the project that is called: a gradient that it loses is its own."""
        named = (each.node for each in self._functions if each.qualname.rpartition(".")[2] == last_name(func))
        return next(named, None)

    def _source(self, node: ast.expr, name: str, fact: Fact | None) -> ast.expr:
        return self._taken(node, name, "prediction", fact is not None and fact.value.kind is Kind.SEQUENCE)

    def _taken(self, node: ast.expr, name: str, role: Role, sequence: bool) -> ast.expr:
        """Return the parameter that stands for an expression of the step."""
        text = ast.unparse(node)
        if text not in self.sources:
            taken = {each.name for each in self.sources.values()} | (set() if role == "prediction" else self._names)
            name = next(each for each in (name, *(f"{name}{n}" for n in range(2, 100))) if each not in taken)
            self.sources[text] = Parameter(name, role, sequence)
        return self._made_here(self.sources[text])

    def _stood_in(self, node: ast.Call) -> ast.expr:
        """Return a call of a loss that only the step knows with a common one in its place: the step is to be proven."""
        name = _handed(node.func)
        if not name or self._is_global(name) or not naming.is_loss(name) or self._called_by(node.func):
            return node
        made = [each.node for each in self._instances.get(name, ()) if each.node is not None]
        if made and not _free([ast.Expr(made[0])], {each for each in _loaded(made[0]) if self._is_global(each)}):
            return ast.copy_location(ast.Call(made[0], node.args, node.keywords), node)
        if len(node.args) != 2:
            return node
        self._criteria[name] = None
        return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), node.args, []), node)

    def stand_ins(self, framework: Framework) -> list[str]:
        """Return the statements that give the losses which only the step knows a common one in their place."""
        return [record_of(framework).common_loss.format(name=name) for name in self._criteria]

    def _made_here(self, parameter: Parameter) -> ast.expr:
        """Return the parameter, in a block as a copy made there: a `no_grad` that stays must still cut it."""
        if not self._blocks or parameter.role != "prediction":
            return ast.Name(parameter.name, ast.Load())
        copied = f"[each.clone() for each in {parameter.name}]" if parameter.sequence else f"{parameter.name}.clone()"
        return ast.parse(copied, mode="eval").body

    def parameters(self, body: Sequence[ast.stmt]) -> list[Parameter] | None:
        """Return what the lifted function takes; None where it calls something that only the step knows."""
        free = [name for name in _free(body, set()) if not self._is_global(name)]
        calls = [each.func for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call)]
        free = [name for name in free if name not in self._criteria]
        if any(isinstance(each, ast.Name) and each.id in free for each in calls):
            return None
        if self._like is not None:
            known = self._like.target.parameters
            return list(known) if set(free) <= {each.name for each in known} else None
        own = {each.name for each in self.sources.values()}
        found = [*self.sources.values(), *(Parameter(name, self._role(name)) for name in free if name not in own)]
        if any(each.role == "prediction" for each in found) or not self._adds_losses:
            return found
        live = self._live_names(body)
        return [replace(each, role="prediction") if each.name in live else each for each in found]

    def _live_names(self, body: Sequence[ast.stmt]) -> set[str]:
        """Return the names that hold a value with a gradient: what a layer is given, whose loss it adds itself."""
        names = (each for statement in body for each in ast.walk(statement) if isinstance(each, ast.Name))
        return {each.id for each in names if (fact := self._fact(each)) is not None and fact.value.live}

    def _role(self, name: str) -> Role:
        """A variable of the module that is trained itself is what the gradient is asked for."""
        value = self._module.names.get(name)
        return "prediction" if value is not None and value.live else "target"

    def _is_global(self, name: str) -> bool:
        value = self._module.names.get(name)
        if value is None:
            return hasattr(builtins, name)
        if self._like is not None:
            return all(each.name != name for each in self._like.target.parameters)
        return isinstance(value.meaning, _GLOBAL) or value.kind is Kind.NUMBER

    def _derives(self, node: ast.AST) -> bool:
        """Is anything in a statement or expression made from a prediction?"""
        facts = (self._fact(each) for each in ast.walk(node))
        return any(fact is not None and fact.value.derived for fact in facts)

    def _is_cut(self, node: ast.AST) -> bool:
        facts = (self._fact(each) for each in ast.walk(node))
        return any(fact is not None and fact.value.cuts for fact in facts)

    def _fact(self, node: ast.AST) -> Fact | None:
        return self._facts.by_key.get(self._positions.key(node)) if hasattr(node, "lineno") else None


def _root(node: ast.expr) -> str:
    """Return the name that a dotted expression starts with; nothing where it is none."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _sources_of(lifted: Lifted) -> dict[str, Parameter]:
    """Return what was taken for the result of a model, by how it is written."""
    written = dict(lifted.given)
    return {written[each.name]: each for each in lifted.target.parameters if written[each.name] != each.name}


def _handed(func: ast.expr) -> str:
    """Return the name of a function that a step is handed, or that an object keeps: `criterion`, `self.criterion`."""
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self":
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _attributes(functions: Iterable[Function]) -> dict[str, list[Instance]]:
    """Return what objects of this file keep under a name, of what comes from outside: `nn.CrossEntropyLoss()`."""
    found: dict[str, list[Instance]] = {}
    for each in functions:
        receiver = each.receiver.meaning if each.receiver is not None else None
        for name, value in receiver.attributes.items() if isinstance(receiver, Instance) else ():
            if isinstance(value.meaning, Instance) and isinstance(value.meaning.made_from, Dotted):
                found.setdefault(name, []).append(value.meaning)
    return found


def _part_of(node: ast.AST) -> str:
    """Return `outputs` for `outputs.logits` and `outputs["logits"]`, nothing for what a tensor has itself."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.value.id if node.attr not in _OF_TENSORS else ""
    match node:
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())):
            return name
    return ""


def _free(body: Sequence[ast.stmt], bound: set[str]) -> dict[str, None]:
    """Return the names that statements use before they give them a value, in the order of their use."""
    names: dict[str, None] = {}
    for statement in body:
        if isinstance(statement, ast.With):
            for item in statement.items:
                names |= dict.fromkeys(sorted(_loaded(item) - bound))
            names |= _free(statement.body, bound)
        elif isinstance(statement, ast.For):
            names |= dict.fromkeys(sorted(_loaded(statement.iter) - bound))
            bound |= {each.id for each in ast.walk(statement.target) if isinstance(each, ast.Name)}
            names |= _free([*statement.body, *statement.orelse], bound)
        elif isinstance(statement, (ast.If, ast.While)):
            taken = {each.target.id for each in ast.walk(statement.test) if isinstance(each, ast.NamedExpr)}
            names |= dict.fromkeys(sorted(_loaded(statement) - bound - taken))
        else:
            names |= dict.fromkeys(sorted(_loaded(statement) - bound))
        bound |= _assigned(statement)
    return names


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


def _loaded(node: ast.AST) -> set[str]:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
    names |= {each.target.id for each in ast.walk(node) if isinstance(each, ast.AugAssign)
              and isinstance(each.target, ast.Name)}  # fmt: skip
    return names - _inner_names(node)


def _inner_names(node: ast.AST) -> set[str]:
    """Return the names that comprehensions and lambdas in a node bind for themselves."""
    inner: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.comprehension):
            inner |= {name.id for name in ast.walk(each.target) if isinstance(name, ast.Name)}
        elif isinstance(each, ast.Lambda):
            inner |= {argument.arg for argument in each.args.args}
    return inner


def _grown(node: ast.stmt) -> set[str]:
    """Return the names of what a statement adds to: `loss += …`, `losses.append(…)`."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
            names.add(each.target.id)
        elif isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            func = each.value.func
            if isinstance(func, ast.Attribute) and func.attr in _GROWING and isinstance(func.value, ast.Name):
                names.add(func.value.id)
    return names


def _started(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a new value, whatever they had."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)
            and isinstance(each.ctx, ast.Store)}  # fmt: skip


def _assigned(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a value, those of which it sets an attribute included."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names.add(each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name):
            names.add(each.value.id)
    return names


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.Return | None:
    """Return the last statement that gives the loss of a method back to the library."""
    found = [each for each in ast.walk(function) if isinstance(each, ast.Return) and each.value is not None]
    return max(found, key=lambda each: each.lineno) if found else None


def asked(consumer: ast.Call | ast.Return, run: Run) -> tuple[ast.expr, ast.Call | ast.Return | ast.expr] | None:
    """Return the loss, and what it stands in: the statements of the step are those before that."""
    if isinstance(consumer, ast.Return):
        return (_loss_in(consumer.value), consumer) if consumer.value is not None else None
    loss = _consumed(consumer)
    if not (isinstance(consumer.func, ast.Attribute) and consumer.func.attr == "minimize"):
        return loss, consumer
    if isinstance(loss, ast.Lambda):
        return loss.body, consumer
    fact = run.facts.by_key.get(run.positions.key(loss))
    function = fact.value.meaning.node if fact is not None and isinstance(fact.value.meaning, Function) else None
    if function is None:
        return loss, consumer
    if isinstance(function, ast.Lambda):
        return function.body, function.body
    last = returned(function)
    return (last.value, last) if last is not None and last.value is not None else None


def _loss_in(result: ast.expr) -> ast.expr:
    """Return the loss in what a method gives back: itself, the entry `loss`, the first of several."""
    if isinstance(result, ast.IfExp):
        return _loss_in(result.orelse if isinstance(result.body, ast.Tuple) else result.body)
    if isinstance(result, ast.Tuple) and result.elts:
        return result.elts[0]
    if isinstance(result, ast.Dict):
        pairs = zip(result.keys, result.values, strict=True)
        return next((value for key, value in pairs if getattr(key, "value", None) == "loss"), result)
    return result


def guards_around(tree: ast.Module, last: ast.AST, run: Run) -> list[str]:
    """Return the blocks around a consumer, and the decorators, under which nothing is recorded, from outside in."""
    guards: list[str] = []
    for node, _ in path_to(tree, last):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            guards = [ast.unparse(each) for each in node.decorator_list
                      if ends_recording(run, each, run.module)]  # fmt: skip
        elif isinstance(node, ast.With):
            guards += [ast.unparse(each.context_expr) for each in node.items
                       if ends_recording(run, each.context_expr, run.module)]  # fmt: skip
    return [each if each.endswith(")") else f"{each}()" for each in guards]


def under(guards: Sequence[str], lines: list[str]) -> list[str]:
    for guard in reversed(guards):
        lines = [f"with {guard}:", *(f"    {line}" for line in lines)]
    return lines


def _consumed(consumer: ast.Call) -> ast.expr:
    """Return the loss in `loss.backward()`, `tape.gradient(loss, …)` and the like."""
    func = consumer.func
    if isinstance(func, ast.Attribute) and func.attr == "backward" and not consumer.args:
        return func.value
    return consumer.args[0] if consumer.args else consumer.keywords[0].value


def statements_before(tree: ast.Module, consumer: ast.AST) -> list[ast.stmt]:
    """Return the statements of the innermost loop or function that run before the consumer, blocks of tapes opened."""
    body: Sequence[ast.stmt] = tree.body
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)) and _holds(node, consumer):
            body = node.body
    return list(_until(body, consumer))


def _until(body: Sequence[ast.stmt], consumer: ast.AST) -> Iterator[ast.stmt]:
    for statement in body:
        tape = isinstance(statement, ast.With) and "Tape" in ast.unparse(statement.items[0].context_expr)
        here = _holds(statement, consumer)
        if isinstance(statement, (ast.With, ast.If)) and (tape or here):
            yield from _until(statement.body, consumer)
        if here:
            return
        if not tape:
            yield statement


def _holds(node: ast.AST, wanted: ast.AST) -> bool:
    return any(each is wanted for each in ast.walk(node))


def lines_of(statement: ast.stmt) -> list[tuple[str, int]]:
    """Return the lines in which a statement is written anew, each with the line where its part stands in its file."""
    written = ast.unparse(ast.fix_missing_locations(statement)).splitlines()
    again = ast.parse("\n".join(written)).body[0]
    stood = {new.lineno: old.lineno for old, new in zip(_statements(statement), _statements(again), strict=False)}
    lines: list[tuple[str, int]] = []
    place = getattr(statement, "lineno", 1)
    for number, line in enumerate(written, 1):
        place = stood.get(number, place)
        lines.append((line, place))
    return lines


def _statements(node: ast.stmt) -> list[ast.stmt]:
    return [each for each in ast.walk(node) if isinstance(each, ast.stmt)]
