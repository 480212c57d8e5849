"""Lifts the loss out of a training step: a function of what the model returned, which can be run without the model.

Takes the text of a module and one of its consumers (`loss.backward()`, `tape.gradient(loss, …)`); gives the text with a
function behind it, whose parameters are the results of the model's calls and the data that meets them. The model itself
and the optimiser stay out: from its output on, the gradient is the framework's own.
"""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.analysis.facts import Fact, Facts, Positions
from autofix.analysis.interpreter import Consumption
from autofix.analysis.values import Class, Dotted, Function, Instance, Scope
from autofix.model import Kind, Parameter, Target

_NAME = "loss_of_the_step"
_GLOBAL = (Class, Dotted, Function, Instance)
_BY_ITSELF = frozenset({"AF101", "AF102", "AF104", "AF105", "AF106", "AF107", "AF108"})
"""Causes that stand in what is called, and not around the call."""


@dataclass(frozen=True)
class Lifted:
    """A module with the function `target` behind it."""

    text: str
    target: Target


def consumers(consumed: Sequence[Consumption]) -> list[ast.Call]:
    """Return the calls that consume a loss, each once, in their order in the file."""
    found = {id(each.node): each.node for each in consumed if isinstance(each.node, ast.Call)}
    return sorted(found.values(), key=lambda each: (each.lineno, each.col_offset))


def lift(text: str, tree: ast.Module, consumer: ast.Call, facts: Facts, module: Scope) -> Lifted | None:
    """Return the module with the step's loss as a function; None where the step cannot be taken out of its place.

    Nor can it where the call that would be the model's loses the gradient itself: what is left would be right.
    """
    lifter = _Lifter(Positions(text), facts, module)
    loss = _consumed(consumer)
    before = _statements_before(tree, consumer)
    body = lifter.slice(before, loss)
    result = lifter.without_model(copy.deepcopy(loss))
    parameters = lifter.parameters([*body, ast.Expr(result)])
    if parameters is None or not lifter.sources or lifter.loses_inside:
        return None
    names = ", ".join(each.name for each in parameters)
    lines = [line for each in body for line in ast.unparse(ast.fix_missing_locations(each)).splitlines()]
    code = "\n".join(f"    {line}" for line in [*lines, f"return {ast.unparse(result)}"])
    whole = f"{text.rstrip()}\n\n\ndef {_NAME}({names}):\n{code}\n"
    line = whole[: whole.rindex(f"def {_NAME}(")].count("\n") + 1
    return Lifted(whole, Target(_NAME, line, tuple(parameters)))


class _Lifter(ast.NodeTransformer):
    """Collects the calls of models on the way and puts parameters in their place."""

    def __init__(self, positions: Positions, facts: Facts, module: Scope) -> None:
        self._positions = positions
        self._facts = facts
        self._module = module
        self._blocks = 0
        self.loses_inside = False
        self.sources: dict[str, Parameter] = {}

    def slice(self, statements: Sequence[ast.stmt], loss: ast.expr) -> list[ast.stmt]:
        """Return the statements that the loss is made by, models replaced."""
        needed = _loaded(loss)
        kept: list[ast.stmt] = []
        for statement in reversed(statements):
            if not (_assigned(statement) & needed) or not self._derives(statement):
                continue
            kept.insert(0, self.visit(copy.deepcopy(statement)))
            needed |= _loaded(statement)
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

    def visit_Call(self, node: ast.Call) -> ast.expr:
        fact = self._fact(node)
        receiver = [node.func.value] if isinstance(node.func, ast.Attribute) else []
        arguments = (*receiver, *node.args, *(each.value for each in node.keywords))
        if fact is None or not fact.value.derived or any(self._derives(each) for each in arguments):
            self.generic_visit(node)
            return node
        self.loses_inside |= any(cut.code in _BY_ITSELF for cut in fact.value.cuts)
        text = ast.unparse(node)
        name = f"model_output{len(self.sources) + 1 if self.sources else ''}"
        parameter = Parameter(name, "prediction", fact.value.kind is Kind.SEQUENCE)
        return self._made_here(self.sources.setdefault(text, parameter))

    def _made_here(self, parameter: Parameter) -> ast.expr:
        """Return the parameter, in a block as a copy made there: a `no_grad` that stays must still cut it."""
        if not self._blocks:
            return ast.Name(parameter.name, ast.Load())
        copied = f"[each.clone() for each in {parameter.name}]" if parameter.sequence else f"{parameter.name}.clone()"
        return ast.parse(copied, mode="eval").body

    def parameters(self, body: Sequence[ast.stmt]) -> list[Parameter] | None:
        """Return what the lifted function takes; None where it calls something that only the step knows."""
        free = [name for name in _free(body, set()) if not self._is_global(name)]
        calls = [each.func for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call)]
        if any(isinstance(each, ast.Name) and each.id in free for each in calls):
            return None
        own = {each.name for each in self.sources.values()}
        return [*self.sources.values(), *(Parameter(name, "target") for name in free if name not in own)]

    def _is_global(self, name: str) -> bool:
        value = self._module.names.get(name)
        if value is None:
            return hasattr(builtins, name)
        return isinstance(value.meaning, _GLOBAL) or value.kind is Kind.NUMBER

    def _derives(self, node: ast.AST) -> bool:
        """Is anything in a statement or expression made from a prediction?"""
        facts = (self._fact(each) for each in ast.walk(node))
        return any(fact is not None and fact.value.derived for fact in facts)

    def _fact(self, node: ast.AST) -> Fact | None:
        return self._facts.by_key.get(self._positions.key(node)) if hasattr(node, "lineno") else None


def _consumed(consumer: ast.Call) -> ast.expr:
    """Return the loss in `loss.backward()`, `tape.gradient(loss, …)` and the like."""
    func = consumer.func
    if isinstance(func, ast.Attribute) and func.attr == "backward" and not consumer.args:
        return func.value
    return consumer.args[0] if consumer.args else consumer.keywords[0].value


def _statements_before(tree: ast.Module, consumer: ast.Call) -> list[ast.stmt]:
    """Return the statements of the innermost loop or function that run before the consumer, blocks of tapes opened."""
    body: Sequence[ast.stmt] = tree.body
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)) and _holds(node, consumer):
            body = node.body
    return list(_until(body, consumer))


def _until(body: Sequence[ast.stmt], consumer: ast.Call) -> Iterator[ast.stmt]:
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


def _free(body: Sequence[ast.stmt], bound: set[str]) -> dict[str, None]:
    """Return the names that statements use before they give them a value, in the order of their use."""
    names: dict[str, None] = {}
    for statement in body:
        if isinstance(statement, ast.With):
            for item in statement.items:
                names |= dict.fromkeys(sorted(_loaded(item) - bound))
            names |= _free(statement.body, bound)
        else:
            names |= dict.fromkeys(sorted(_loaded(statement) - bound))
        bound |= _assigned(statement)
    return names


def _loaded(node: ast.AST) -> set[str]:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
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


def _assigned(node: ast.stmt) -> set[str]:
    """Return the names that a statement gives a value, those of which it sets an attribute included."""
    names: set[str] = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names.add(each.id)
        elif isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) and isinstance(each.value, ast.Name):
            names.add(each.value.id)
    return names
