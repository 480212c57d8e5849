"""A copy of a model that takes steps of its own, behind which a loss is to train the model: meta-learning (MAML).

What an optimizer writes into the copy has no graph. The steps are taken on tensors instead: gradients are asked for
with their graph, the weights that they give have names, and the model is called with these
(`torch.func.functional_call`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair, spelled_in
from autofix.fixes.spellings import operand
from autofix.model import Edit, Span
from autofix.observe.observation import End
from autofix.rewrite.blocks import block_of, ends_alone
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import function_at, node_at, parents_of, statement_of
from autofix.syntax.parsing import parsed

CODE = "AF103"
WHAT = "{operation} makes a copy, whose own steps have no graph: the loss behind them does not train the original"
INSTEAD = (
    "call the model with weights that have a graph (`torch.func.functional_call`), taken from "
    "`torch.autograd.grad(…, create_graph=True)`; this is written for `torch.optim.SGD` without momentum only"
)
_COPIES, _GIVES, _LOADS, _PLAIN = "deepcopy", "state_dict", "load_state_dict", "SGD"
_STEP, _MODULE = "step", "copy"
_UPDATE = "{weights} = {{name: w - {rate} * g for (name, w), g in zip({weights}.items(), {gradients})}}"
_ASKED = "{gradients} = {grad}({value}, list({weights}.values()), create_graph=True)"
_NAMES = (("fast", "fast_weights", "adapted"), ("grads", "gradients", "slopes"), ("inner_loss", "own_loss", "value"))
_MODES = frozenset({"train", "eval", "zero_grad", "requires_grad_"})
_GIVEN = frozenset({"lr", "params"})


@dataclass(frozen=True)
class Steps:
    """A copy of a `model` in a function, the `optimizer` that is made of it, and its `rate`, as they are written."""

    scope: FunctionNode | ast.Module
    copied: Copied
    made: ast.Assign
    model: str
    optimizer: str
    rate: str
    names: tuple[str, ...]


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the steps of a copy are taken on tensors, of all parameters or of the trainable ones."""
    for chain in program.sites_of(CODE):
        node = node_at(chain[0], program.text) if chain else None
        steps = _steps(program, node)
        for lists in _lists(steps) if steps is not None else ():
            edits = _edits(program, steps, lists) if steps is not None else []
            if edits:
                operation = f"`{chain[0].expression}`"
                text = _without_import(apply_edits(program.text, edits))
                yield Repair(CODE, chain[0].span, operation, text, WHAT, same_leaves=True, nested=True)


def place_of(end: End, file: str, text: str) -> Span | None:
    """Return where a file copies what takes steps of its own, if a gradient ends there; else None."""
    site = next(iter(end.sites), None)
    node = node_at(site, text) if site is not None and site.path == file and end.code == CODE else None
    copied = _copied(parsed(text), node) if node is not None else None
    if site is None or copied is None:
        return None
    asked = f"{copied.name}.parameters()"
    makes = (each for each in nodes_of(parsed(text), ast.Call) if last_part(each.func)[:1].isupper())
    return site.span if any(asked in ast.unparse(each) for each in makes) else None


@dataclass(frozen=True)
class Copied:
    """A copy of a `model` by its `name`: the statement that makes it, and that which fills it, if there is one."""

    name: str
    model: ast.expr
    made: ast.Assign
    filled: ast.stmt | None = None


def _copied(tree: ast.Module, node: ast.AST) -> Copied | None:
    """Return what is copied: by `copy.deepcopy(model)`, or by `model.state_dict()` that another one loads."""
    parents = parents_of(tree)
    parent = parents.get(node)
    match node, parent:
        case ast.Call(args=[model]), ast.Assign(targets=[ast.Name(id=name)]) if last_part(node.func) == _COPIES:
            return Copied(name, model, parent)
        case (
            ast.Call(func=ast.Attribute(value=model, attr=given)),
            ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=taken), args=[_]),
        ) if (given, taken) == (_GIVES, _LOADS):
            filled, scope = parents.get(parent), function_at(tree, parent.lineno)
            made = [each for each in nodes_of(scope, ast.Assign) if _is_of(each, name) and each.lineno < parent.lineno]
            is_one = len(made) == 1 and isinstance(made[0].value, ast.Call) and isinstance(filled, ast.Expr)
            return Copied(name, model, made[0], filled) if is_one and isinstance(filled, ast.Expr) else None
    return None


def _is_of(statement: ast.Assign, name: str) -> bool:
    return len(statement.targets) == 1 and last_part(statement.targets[0]) == name


def _steps(program: FaultyProgram, node: ast.expr | None) -> Steps | None:
    """Return the steps of a copy; None where its optimizer is not a plain one that is made beside it."""
    copied = _copied(program.tree, node) if node is not None else None
    if copied is None:
        return None
    scope = program.function_at(copied.made.lineno)
    for made in nodes_of(scope, ast.Assign):
        call, target = made.value, made.targets[0]
        if not isinstance(call, ast.Call) or last_part(call.func) != _PLAIN or not isinstance(target, ast.Name):
            continue
        held = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "params")]
        rates = [*call.args[1:2], *(each.value for each in call.keywords if each.arg == "lr")]
        is_plain = len(call.args) <= 2 and {each.arg for each in call.keywords} <= _GIVEN and len(rates) == 1
        if is_plain and held and f"{copied.name}.parameters()" in ast.unparse(held[0]):
            rate, model = operand(rates[0], program.text), program.source_of(copied.model)
            return Steps(scope, copied, made, model, target.id, rate, _free(program))
    return None


def _free(program: FaultyProgram) -> tuple[str, ...]:
    """Return names for weights, for gradients by them, and for the loss of a step, that the file does not use."""
    used = {each.id for each in nodes_of(program.tree, ast.Name)}
    used |= {each.arg for each in nodes_of(program.tree, ast.arg)}
    return tuple(next((each for each in names if each not in used), names[-1]) for names in _NAMES)


def _lists(steps: Steps) -> tuple[str, ...]:
    """Return how the weights of a model begin."""
    named = f"{steps.model}.named_parameters()"
    return f"dict({named})", f"{{name: w for name, w in {named} if w.requires_grad}}"


def _edits(program: FaultyProgram, steps: Steps, lists: str) -> list[Edit]:
    """Return the edits of all that uses the copy or its optimizer; none where something of it has no other way."""
    parents, lines = parents_of(program.tree), split_lines(program.text)
    calls: list[Edit] = []
    written: dict[ast.stmt, str] = {steps.copied.made: f"{steps.names[0]} = {lists}", steps.made: ""}
    if steps.copied.filled is not None:
        written[steps.copied.filled] = ""
    known, copy = set(written), steps.copied.name
    backward: dict[ast.stmt, ast.expr] = {}
    for each in nodes_of(steps.scope, ast.Name):
        statement = statement_of(parents, each)
        if each.id not in (copy, steps.optimizer) or statement in known:
            continue
        method = _method(parents, each, statement)
        if method in _MODES:
            written[statement] = ""
        elif each.id == copy and not isinstance(parents[each], ast.Attribute):
            calls.append(_call(program, steps, each))
        elif each.id == steps.optimizer and method == _STEP and (found := _backward(program, statement)) is not None:
            backward[found[0]] = found[1]
            written[statement] = _UPDATE.format(weights=steps.names[0], gradients=steps.names[1], rate=steps.rate)
        else:
            return []
    for asking, value in backward.items():
        given = stretch_of(program.text, program.place_of(value), _within(calls, program.place_of(value)))
        value_named = given if isinstance(value, ast.Name) else steps.names[2]
        asked = _ASKED.format(
            gradients=steps.names[1], grad=spelled_in(program.tree, "torch.autograd.grad"), value=value_named,
            weights=steps.names[0],
        )  # fmt: skip
        written[asking] = asked if value_named == given else f"{value_named} = {given}\n{asked}"
    if not backward or not all(ends_alone(each, lines) for each in written):
        return []
    left = [each for each in calls if not any(_within([each], program.place_of(one)) for one in written)]
    return [*(_in_place(program, each, text) for each, text in written.items()), *left]


def _within(edits: Sequence[Edit], place: Span) -> list[Edit]:
    """Return the edits in a stretch."""
    start, end = (place.line, place.column), (place.end_line, place.end_column)
    return [
        each for each in edits
        if start <= (each.span.line, each.span.column) and (each.span.end_line, each.span.end_column) <= end
    ]  # fmt: skip


def _in_place(program: FaultyProgram, statement: ast.stmt, text: str) -> Edit:
    margin = program.margin_of(statement)
    written = "".join(f"{margin}{each}\n" for each in text.splitlines())
    return Edit.of_lines(statement.lineno, (statement.end_lineno or 0) + 1, written)


def _method(parents: Mapping[ast.AST, ast.AST], name: ast.Name, statement: ast.stmt) -> str:
    """Return which method of a name is called by a statement that does nothing else; empty for others."""
    attribute = parents[name]
    called = statement.value if isinstance(statement, ast.Expr) else None
    is_own = isinstance(called, ast.Call) and called.func is attribute
    return attribute.attr if is_own and isinstance(attribute, ast.Attribute) else ""


def _backward(program: FaultyProgram, step: ast.stmt) -> tuple[ast.stmt, ast.expr] | None:
    """Return the statement that differentiates for a step, the nearest before it in its block, and its value."""
    block = block_of(program.tree, step)
    for each in block[: block.index(step)][::-1]:
        call = each.value if isinstance(each, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "backward":
            return each, call.func.value
    return None


def _call(program: FaultyProgram, steps: Steps, name: ast.Name) -> Edit:
    """Return the edit of a use of the copy: a call with its own weights, or a function that makes such."""
    call, function = parents_of(program.tree)[name], spelled_in(program.tree, "torch.func.functional_call")
    model = f"{function}({steps.model}, {steps.names[0]}"
    if not isinstance(call, ast.Call) or call.func is not name:
        return Edit(program.place_of(name), f"lambda *inputs: {model}, inputs)")
    given = ", ".join(program.source_of(each) for each in call.args)
    given = f"({given},)" if len(call.args) == 1 else f"({given})"
    named = ", ".join(f'"{each.arg}": {program.source_of(each.value)}' for each in call.keywords)
    return Edit(program.place_of(call), f"{model}, {given}, {{{named}}})" if named else f"{model}, {given})")


def _without_import(text: str) -> str:
    """Return a text without the import of a function that copies, where nothing calls it any more."""
    tree = parsed(text)
    used = {each.id for each in nodes_of(tree, ast.Name)}
    idle = [
        each
        for each in tree.body
        if (isinstance(each, ast.Import) and [one.name for one in each.names] == [_MODULE] and _MODULE not in used)
        or (isinstance(each, ast.ImportFrom) and [one.name for one in each.names] == [_COPIES] and _COPIES not in used)
    ]
    return apply_edits(text, [Edit.of_lines(each.lineno, (each.end_lineno or 0) + 1, "") for each in idle])
