"""A parameter that is made of another one, once and from outside: it is computed before each forward pass.

`setattr(model, name, nn.Parameter(torch.exp(raw)))` makes a leaf of what `raw` gives. The module loses that parameter,
and a hook sets what is computed from `raw` before each pass, as `torch.nn.utils.weight_norm` does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.knowledge.operations import last_names
from autofix.model import Edit
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import bound, last_part
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import node_at, parents_of
from autofix.syntax.parsing import parsed

CODE = "AF105"
_MAKES = last_names("makes-leaf")
_SETS, _REGISTERS = "setattr", "register_parameter"
_WIDEST = 110
_MODULE = "module"


@dataclass(frozen=True)
class Tie:
    """A `statement` that sets a parameter of an `owner` by its `name` (as an expression) to what is `computed`.

    `attribute` is how the statement writes it as an attribute, if it does.
    """

    statement: ast.stmt
    owner: ast.expr
    name: str
    computed: ast.expr
    attribute: str = ""


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which hooks compute what parameters were made of: in place of parameters, and of none."""
    sites = [chain[0] for chain in program.sites_of(CODE) if chain]
    ties = {id(tie.statement): tie for each in sites if (tie := _tie(program, node_at(each, program.text))) is not None}
    for sets in (False, True) if ties else ():
        for removes in (True, False):
            edits = [_edit(program, each, removes, sets) for each in ties.values()]
            text = apply_edits(program.text, [each for each in edits if each is not None])
            yield Repair(CODE, sites[0].span, f"`{sites[0].expression}`", text, same_leaves=False)


def _tie(program: FaultyProgram, made: ast.expr | None) -> Tie | None:
    """Return how a parameter that is made is set; None where it is not, or of nothing."""
    if not isinstance(made, ast.Call) or last_part(made.func) not in _MAKES or not made.args:
        return None
    parents = parents_of(program.tree)
    parent = parents.get(made)
    match parent:
        case ast.Assign(targets=[ast.Attribute(value=owner, attr=name) as target]):
            return Tie(parent, owner, f'"{name}"', made.args[0], program.source_of(target))
        case ast.Call(func=ast.Name(id=called), args=[owner, name, _]) if called == _SETS:
            statement = parents.get(parent)
        case ast.Call(func=ast.Attribute(value=owner, attr=called), args=[name, _]) if called == _REGISTERS:
            statement = parents.get(parent)
        case _:
            return None
    if not isinstance(statement, ast.Expr):
        return None
    return Tie(statement, owner, program.source_of(name), made.args[0])


def _edit(program: FaultyProgram, tie: Tie, removes: bool, sets: bool) -> Edit | None:
    """Return the edit that registers a hook; it `removes` a parameter before, and `sets` what is computed at once."""
    lines = split_lines(program.text)
    if not ends_alone(tie.statement, lines) or {each.id for each in nodes_of(program.tree, ast.Name)} & {_MODULE}:
        return None
    margin = program.margin_of(tie.statement)
    owner = program.source_of(tie.owner)
    kept = "".join(f", {each}={each}" for each in _rebound(program, tie))
    hook = f"lambda {_MODULE}, _{kept}: {_set(_MODULE, tie.name, _of_module(program, tie))}"
    call = f"{margin}{owner}.register_forward_pre_hook({hook})\n"
    if len(call) > _WIDEST:
        call = f"{margin}{owner}.register_forward_pre_hook(\n{margin}    {hook}\n{margin})\n"
    value = program.source_of(tie.computed)
    removed = f"del {tie.attribute}" if tie.attribute else f"delattr({owner}, {tie.name})"
    set_now = f"{tie.attribute} = {value}" if tie.attribute else _set(owner, tie.name, value)
    before = (f"{margin}{removed}\n" if removes else "") + (f"{margin}{set_now}\n" if sets else "")
    return Edit.of_lines(tie.statement.lineno, (tie.statement.end_lineno or 0) + 1, before + call)


def _set(owner: str, name: str, value: str) -> str:
    return f"{_SETS}({owner}, {name}, {value})"


def _of_module(program: FaultyProgram, tie: Tie) -> str:
    """Return what is computed, of the module that a hook is given."""
    whole = ast.dump(tie.owner)
    owners = [each for each in ast.walk(tie.computed) if isinstance(each, ast.expr) and ast.dump(each) == whole]
    edits = [Edit(program.place_of(each), _MODULE) for each in owners]
    return stretch_of(program.text, program.place_of(tie.computed), edits)


def _rebound(program: FaultyProgram, tie: Tie) -> list[str]:
    """Return the names that a hook takes and that a loop around binds anew: it has to keep what they are now."""
    written = _set(_MODULE, tie.name, _of_module(program, tie))
    names = {each.id for each in ast.walk(parsed(written)) if isinstance(each, ast.Name)}
    loops = [each for each in (*nodes_of(program.tree, ast.For), *nodes_of(program.tree, ast.While))
             if each.lineno <= tie.statement.lineno <= (each.end_lineno or 0)]  # fmt: skip
    anew = {name for loop in loops for statement in ast.walk(loop) for name in bound(statement)}
    return sorted(names & anew)
