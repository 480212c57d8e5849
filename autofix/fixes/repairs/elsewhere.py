"""An optimizer that holds a model which nothing differentiates is given the one that computes the loss.

So is a tape that is asked for its variables. Where that model is there already, the optimizer takes its parameters.
Where it comes later, as a new, loaded or pruned one, the optimizer is made behind it: the statement moves, or what a
helper function makes it by is written there once more.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair, class_at
from autofix.fixes.repairs.replaced import in_terms_of_object
from autofix.fixes.repairs.unheld import LISTED
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit
from autofix.observe.faults import ELSEWHERE
from autofix.observe.observation import Stray
from autofix.rewrite.blocks import block_of, ends_alone, moved_to, with_comments
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import bound, needed
from autofix.syntax.module import node_at, parents_of, statement_of

CODE = "AF310"


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which an optimizer holds the model in use, for each frame that can write it."""
    for stray in (each.stray for each in program.faults if each.stray is not None and each.stray.kind == ELSEWHERE):
        place = next((each for each in stray.sites if each.path == program.file), None)
        for edits in _ways(program, stray):
            if edits and place is not None:
                text, operation = apply_edits(program.text, dict.fromkeys(edits)), f"`{place.expression}`"
                names = frozenset({stray.name})
                yield Repair(
                    CODE, place.span, operation, text, same_leaves=False, spans=(place.span,), settles=names
                )  # fmt: skip


def _ways(program: FaultyProgram, stray: Stray) -> Iterator[list[Edit]]:
    form, later = json.loads(stray.form), dict[str, str]()
    for function, text in form["later"]:
        later.setdefault(function, text)
    for at, site in enumerate(stray.sites):
        call = node_at(site, program.text) if site.path == program.file else None
        held, used = (texts[at] if at < len(texts) else "" for texts in (form["held"], form["used"]))
        if not isinstance(call, ast.Call):
            continue
        if held and used and held != used:
            has_tape = record_of(program.framework).has_tape
            yield from _asked(program, call, held, used) if has_tape else (_given(program, call, held, used),)
        elif used and not held:
            yield _behind_attribute(program, call, used)
        elif not used and (text := later.get(site.function, "")):
            yield _moved(program, call, held, text)
            yield _made_again(program, call, text, node_at(stray.sites[0], program.text))


def _given(program: FaultyProgram, call: ast.Call, held: str, used: str) -> list[Edit]:
    """Return the edits that write one model for another in a call, and in what its arguments are bound to before."""
    scope = program.function_at(call.lineno)
    names = {each.id for each in ast.walk(call) if isinstance(each, ast.Name)}
    assigns = (each for each in ast.walk(scope) if isinstance(each, ast.Assign) and each.lineno < call.lineno)
    collected = [each.value for each in assigns if _binds(each, names) and held != ast.unparse(each.value)]
    found = [each for one in (call, *collected) for each in _written(one, held)]
    return [Edit(program.place_of(each), used) for each in found]


def _asked(program: FaultyProgram, call: ast.Call, held: str, used: str) -> Iterator[list[Edit]]:
    """Yield the edits that write one model for another wherever its variables are listed: in the function, then in all
    of the file."""
    for where in (program.function_at(call.lineno), program.tree):
        listed = (each for each in ast.walk(where) if isinstance(each, ast.Attribute) and each.attr in LISTED)
        yield [Edit(program.place_of(each.value), used) for each in listed if ast.unparse(each.value) == held]


def _binds(statement: ast.stmt, names: set[str]) -> bool:
    return not names.isdisjoint(bound(statement))


def _written(node: ast.AST, text: str) -> Iterator[ast.expr]:
    """Yield where an expression stands in another one."""
    yield from (each for each in ast.walk(node) if isinstance(each, ast.expr) and ast.unparse(each) == text)


def _moved(program: FaultyProgram, call: ast.Call, held: str, used: str) -> list[Edit]:
    """Return the edits that make an optimizer, and what is made from it, behind the statement that gives its model."""
    made = statement_of(parents_of(program.tree), call)
    there = _binding(program, made, used)
    if there is None:
        return []
    block, names, moved = block_of(program.tree, made), set(bound(made)), [made]
    for each in block[block.index(made) + 1 : block.index(there)]:
        if needed(each) & names:
            moved.append(each)
            names |= bound(each)
    lines, margin = split_lines(program.text), program.margin_of(there)
    if needed(there) & names or not all(ends_alone(each, lines) for each in moved):
        return []
    changes = [Edit(program.place_of(each), used) for each in _written(call, held)] if held and held != used else []
    texts = [moved_to(program.text, program.tree, each, margin) for each in moved]
    if changes:
        texts[0] = f"{margin}{stretch_of(program.text, program.place_of(made), changes)}\n"
    line = (there.end_lineno or 0) + 1
    gone = [Edit.of_lines(with_comments(each, lines), (each.end_lineno or 0) + 1, "") for each in moved]
    return [Edit.of_lines(line, line, "".join(texts)), *gone]


def _binding(program: FaultyProgram, made: ast.stmt, used: str) -> ast.stmt | None:
    """Return the last statement behind another one, on lines of their own, that binds the name of a model."""
    block, lines = block_of(program.tree, made), split_lines(program.text)
    root, later = used.partition(".")[0].partition("[")[0], block[block.index(made) + 1 :]
    found = [each for each in later if isinstance(each, ast.Assign) and root in bound(each)]
    return found[-1] if found and ends_alone(made, lines) and ends_alone(found[-1], lines) else None


def _made_again(program: FaultyProgram, call: ast.Call, used: str, inner: ast.expr | None) -> list[Edit]:
    """Return the edit that makes an optimizer, as a helper function does, behind the statement that binds its model."""
    made = statement_of(parents_of(program.tree), call)
    helper = program.function_at(inner.lineno) if inner is not None else program.tree
    if inner is None or inner is call or isinstance(helper, ast.Module) or not isinstance(made, ast.Assign):
        return []
    there, names = _binding(program, made, used), _names_outside(helper, call, made, inner)
    own = {each.id for each in ast.walk(inner) if isinstance(each, ast.Name)} & set(_local(helper))
    optimizer = names.get(_name_of(helper, inner), "")
    if there is None or not optimizer or not own <= names.keys():
        return []
    edits = [
        Edit(program.place_of(each), names[each.id])
        for each in ast.walk(inner)
        if isinstance(each, ast.Name) and each.id in own
    ]
    written = stretch_of(program.text, program.place_of(inner), edits)
    line = (there.end_lineno or 0) + 1
    return [Edit.of_lines(line, line, f"{program.margin_of(there)}{optimizer} = {written}\n")]


def _behind_attribute(program: FaultyProgram, call: ast.Call, used: str) -> list[Edit]:
    """Return the edits that make an optimizer, and what is made from it, anew in methods that replace its model."""
    made = statement_of(parents_of(program.tree), call)
    maker, owner = program.function_at(made.lineno), class_at(program.tree, made.lineno)
    if not isinstance(made, ast.Assign) or isinstance(maker, ast.Module) or owner is None or maker not in owner.body:
        return []
    kept = [made, *(each for each in maker.body if isinstance(each, ast.Assign) and _takes(each, made.targets[0]))]
    written = [in_terms_of_object(program, each, maker) for each in kept]
    edits = [edit for _, more in written for edit in more]
    places = [each for method in owner.body if method is not maker for each in ast.walk(method) if _sets(each, used)]
    for each in places:
        margin, line = program.margin_of(each), (each.end_lineno or 0) + 1
        edits.append(Edit.of_lines(line, line, "".join(f"{margin}{text}\n" for text, _ in written)))
    return edits if places and all(ends_alone(each, split_lines(program.text)) for each in places) else []


def _takes(statement: ast.Assign, value: ast.expr) -> bool:
    """Is something made from a value, and kept in an attribute?"""
    is_kept = isinstance(statement.targets[0], ast.Attribute)
    return is_kept and any(True for _ in _written(statement.value, ast.unparse(value)))


def _sets(node: ast.AST, text: str) -> TypeGuard[ast.Assign]:
    return isinstance(node, ast.Assign) and [ast.unparse(each) for each in node.targets] == [text]


def _local(helper: FunctionNode) -> list[str]:
    """Return the names that belong to a function."""
    arguments = (*helper.args.posonlyargs, *helper.args.args, *helper.args.kwonlyargs)
    return [*(each.arg for each in arguments), *(name for each in helper.body for name in bound(each))]


def _name_of(helper: FunctionNode, value: ast.expr) -> str:
    """Return the name that a function gives to a value."""
    assigns = (each for each in ast.walk(helper) if isinstance(each, ast.Assign) and each.value is value)
    return next((each.targets[0].id for each in assigns if isinstance(each.targets[0], ast.Name)), "")


def _names_outside(helper: FunctionNode, call: ast.Call, made: ast.Assign, inner: ast.expr) -> Mapping[str, str]:
    """Return how a caller writes what a function calls otherwise: its parameters, and what it gives back."""
    given = dict(zip([each.arg for each in helper.args.args], map(ast.unparse, call.args), strict=False))
    given |= {each.arg: ast.unparse(each.value) for each in call.keywords if each.arg}
    back = [each.value for each in ast.walk(helper) if isinstance(each, ast.Return) and each.value is not None]
    if len(back) != 1 or made.value is not call or len(made.targets) != 1:
        return {}
    pairs = zip(_several(back[0]), _several(made.targets[0]), strict=False)
    return {**given, **{ast.unparse(inside): ast.unparse(outside) for inside, outside in pairs}}


def _several(node: ast.expr) -> Sequence[ast.expr]:
    return node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
