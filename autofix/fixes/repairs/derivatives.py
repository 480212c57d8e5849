"""A gradient that is read from a leaf (`x.grad`) and goes into a loss: it is asked for with its graph.

`u.sum().backward()` and `x.grad` become `x_grad = torch.autograd.grad(u.sum(), x, create_graph=True)[0]`; where the
gradients of what is trained are not cleared before the next one is taken, `backward(create_graph=True)` keeps them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair
from autofix.knowledge.gradient_errors import code_of
from autofix.model import Edit, Span
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import dotted, last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at
from autofix.syntax.spans import Positions, span

CODE = "AF307"
RELEASED = "AF311"
_CREATES, _RETAINS, _KEEPS = "create_graph=True", "retain_graph=True", ("retain_graph", "create_graph")


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the gradient of a leaf has a graph, and those in which a graph is kept."""
    yield from _released(program)
    for sites in program.sites_of(CODE):
        node = node_at(sites[0], program.text) if sites else None
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            continue
        scope = program.function_at(node.lineno)
        calls = [each for each in nodes_of(scope, ast.Expr) if _is_backward(each) and each.lineno < node.lineno]
        for statement in sorted(calls, key=lambda each: -each.lineno)[:1]:
            options = [_asked(program, scope, statement, node.value.id), _created(program, statement)]
            if not _is_cleared(program, scope, statement.lineno):
                options.reverse()
            for text in options:
                if text:
                    yield Repair(CODE, sites[0].span, f"`{ast.unparse(node)}`", text)


def _released(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the text in which the graph of a value is kept that is differentiated twice before a step.

    A slope that a loss is made of needs one of its own.
    """
    natural = program.diagnosed.natural
    if natural.error is None or code_of(natural.error.message) != RELEASED or not natural.events:
        return
    last, edits = natural.events[-1], dict[Span, Edit]()
    for each in natural.events[:-1]:
        site = next(iter(each.sites), None)
        node = node_at(site, program.text) if site is not None and site.path == program.file else None
        if isinstance(node, ast.Call) and each.step == last.step and each.sites != last.sites:
            more = _CREATES if each.by == "grad" else _RETAINS
            edits[program.place_of(node)] = _with_keyword(program, node, more)
    if edits:
        place = min(edits)
        operation = program.shown_at(place)
        what = "{operation} releases the graph that the next value is made of, and that is differentiated after it"
        yield Repair(RELEASED, place, operation, apply_edits(program.text, edits.values()), what)


def _with_keyword(program: FaultyProgram, call: ast.Call, keyword: str) -> Edit:
    places = Positions(program.text)
    kept = [*call.args, *(each for each in call.keywords if each.arg not in _KEEPS)]
    written = ", ".join([*(stretch_of(program.text, span(places.key(each))) for each in kept), keyword])
    return Edit(span(places.key(call)), f"{stretch_of(program.text, span(places.key(call.func)))}({written})")


def _is_backward(statement: ast.Expr) -> bool:
    func = statement.value.func if isinstance(statement.value, ast.Call) else None
    return isinstance(func, ast.Attribute) and func.attr == "backward"


def _is_cleared(program: FaultyProgram, scope: FunctionNode | ast.Module, line: int) -> bool:
    """Are gradients cleared between a line and the next call of `backward`, behind the calls of its function else?"""
    if isinstance(scope, ast.Module) or _next_of(scope, line):
        return _next_of(scope, line) == "zero_grad"
    callers = [each for each in nodes_of(program.tree, ast.Call) if last_part(each.func) == scope.name]
    around = [(program.function_at(each.lineno), each.lineno) for each in callers]
    return bool(around) and all(_next_of(caller, at) == "zero_grad" for caller, at in around)


def _next_of(scope: ast.AST, line: int) -> str:
    """Return which comes first behind a line: that gradients are cleared, or that more are taken."""
    calls = sorted((each for each in nodes_of(scope, ast.Call) if each.lineno > line), key=lambda each: each.lineno)
    return next((name for each in calls if (name := last_part(each.func)) in ("zero_grad", "backward")), "")


def _asked(program: FaultyProgram, scope: ast.AST, statement: ast.Expr, leaf: str) -> str:
    """Return the text in which the gradient by a leaf is asked for, and goes by a name of its own."""
    call, places = statement.value, Positions(program.text)
    assert isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    of_leaf = (each for each in nodes_of(scope, ast.Attribute) if dotted(each) == f"{leaf}.grad")
    reads = [each for each in of_leaf if each.lineno > statement.lineno]
    name = f"{leaf}_grad"
    used = {each.id for each in ast.walk(program.tree) if isinstance(each, ast.Name)}
    stored = any(not isinstance(each.ctx, ast.Load) for each in reads)
    if not program.package or not ends_alone(statement, split_lines(program.text)) or name in used or stored:
        return ""
    value = stretch_of(program.text, span(places.key(call.func.value)))
    given = [stretch_of(program.text, span(places.key(each))) for each in _weights(call)]
    arguments = ", ".join([value, leaf, *given, _CREATES])
    edits = [Edit(span(places.key(statement)), f"{name} = {program.package}.autograd.grad({arguments})[0]")]
    return apply_edits(program.text, [*edits, *(Edit(span(places.key(each)), name) for each in reads)])


def _weights(call: ast.Call) -> Sequence[ast.expr]:
    """Return what the elements of a value are weighted by."""
    return [*call.args[:1], *(each.value for each in call.keywords if each.arg == "gradient")]


def _created(program: FaultyProgram, statement: ast.Expr) -> str:
    """Return the text in which a call of `backward` keeps how it came to the gradients."""
    assert isinstance(statement.value, ast.Call)
    return apply_edits(program.text, [_with_keyword(program, statement.value, _CREATES)])
