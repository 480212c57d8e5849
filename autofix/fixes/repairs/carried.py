"""A state that goes from step to step takes its numbers along, and leaves the graph of the step before behind.

The hidden state of a recurrent network, a memory, an attribute that a forward pass goes on from: `h = h.detach()` at
the start of a step, as in truncated backpropagation through time (Williams and Peng 1990), keeps the value of every
step. A state of several tensors is a tuple, or a list, of such.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.knowledge.gradient_errors import code_of, is_overwritten
from autofix.model import Edit
from autofix.rewrite.blocks import ends_alone, with_comments
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.bindings import FUNCTION_NODES
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at, parents_of

CODE = "AF311"
WHAT = "{operation} goes on from the graph of the step before, which that has released"
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_FORMS = ("{0}.detach()", "tuple(each.detach() for each in {0})", "[each.detach() for each in {0}]")
_Target = ast.Name | ast.Attribute


@dataclass(frozen=True)
class State:
    """What a statement computes from itself (`name`), and the statement before which it is let go."""

    name: str
    carries: ast.stmt
    start: ast.stmt


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which states are detached where a step begins, each by itself, then all of them."""
    error = program.diagnosed.natural.error
    if error is None or not (code_of(error.message) == CODE or is_overwritten(error.message)):
        return
    states = list(_states(program))
    for chosen in [*([each] for each in states), states] if len(states) > 1 else [states] if states else []:
        for form in _FORMS:
            edits = [_detached(program, each, form) for each in chosen]
            place = program.place_of(chosen[0].carries)
            yield Repair(CODE, place, program.shown_at(place), apply_edits(program.text, edits), WHAT)


def _detached(program: FaultyProgram, state: State, form: str) -> Edit:
    line = with_comments(state.start, split_lines(program.text))
    return Edit.of_lines(line, line, f"{program.margin_of(state.start)}{state.name} = {form.format(state.name)}\n")


def _states(program: FaultyProgram) -> Iterator[State]:
    """Yield the names that a training loop goes on from, then the attributes that any function does."""
    known: set[str] = set()
    lines = split_lines(program.text)
    for loop in _training_loops(program):
        for statement in _assigns(loop):
            for target in _carried(statement):
                text = ast.unparse(target)
                is_name = isinstance(target, ast.Name)
                if is_name and text not in known and not _begins_in(loop, text) and ends_alone(loop.body[0], lines):
                    known.add(text)
                    yield State(text, statement, loop.body[0])
    for function in nodes_of(program.tree, ast.FunctionDef):
        for start, statement, target in _in_function(function):
            text = ast.unparse(target)
            if text not in known and not _sets_before(function, start, text) and ends_alone(start, lines):
                known.add(text)
                yield State(text, statement, start)


def _in_function(function: ast.FunctionDef) -> Iterator[tuple[ast.stmt, ast.Assign, ast.Attribute]]:
    """Yield the attributes that a function goes on from, with the statement of its body in which it does so."""
    for start in function.body:
        for statement in _assigns(start):
            for target in _carried(statement):
                if isinstance(target, ast.Attribute):
                    yield start, statement, target


def _assigns(node: ast.AST) -> Iterator[ast.Assign]:
    """Yield the assignments in a node, itself included."""
    yield from (each for each in ast.walk(node) if isinstance(each, ast.Assign))


def _training_loops(program: FaultyProgram) -> Iterator[ast.For | ast.AsyncFor | ast.While]:
    """Yield the innermost loops around what differentiates, in each function on the way there."""
    error = program.diagnosed.natural.error
    parents = parents_of(program.tree)
    for site in error.sites if error is not None else ():
        node: ast.AST | None = node_at(site, program.text) if site.path == program.file else None
        while node is not None and not isinstance(node, (*_LOOPS, *FUNCTION_NODES)):
            node = parents.get(node)
        if isinstance(node, _LOOPS):
            yield node


def _carried(statement: ast.Assign) -> Iterator[_Target]:
    """Yield what a statement gives a value that is computed from the one before."""
    read = {ast.unparse(each) for each in ast.walk(statement.value) if isinstance(each, (ast.Name, ast.Attribute))}
    for each in statement.targets:
        for target in each.elts if isinstance(each, (ast.Tuple, ast.List)) else [each]:
            if isinstance(target, (ast.Name, ast.Attribute)) and ast.unparse(target) in read:
                yield target


def _begins_in(loop: ast.For | ast.AsyncFor | ast.While, name: str) -> bool:
    """Does a step give a name a value of its own before it goes on from it?"""
    for statement in loop.body:
        if any(each for one in _assigns(statement) for each in _carried(one) if ast.unparse(each) == name):
            return False
        if isinstance(statement, ast.Assign) and name in map(ast.unparse, statement.targets):
            return True
    return False


def _sets_before(function: ast.FunctionDef, start: ast.stmt, text: str) -> bool:
    """Does a function give an attribute a value of its own before a statement of its body?"""
    before = function.body[: function.body.index(start)]
    return any(text in map(ast.unparse, each.targets) for each in before if isinstance(each, ast.Assign))
