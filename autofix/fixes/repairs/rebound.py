"""A step that puts a plain tensor in place of what is trained: the next gradient is asked for by that, and is None.

`w = w - rate * g` becomes `w.assign_sub(rate * g)` where `w` is a variable, a list of such sums a loop over the
variables. In PyTorch the new value is made a leaf, `(w - rate * w.grad).detach().requires_grad_()`, or is written into
the old one where its gradient is set to zero behind. What puts a limit to it behind a step, `w = clip(w)`, is written
into it likewise. A program that trains so, and weights that are used again in the same graph, are right as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.fixes.repairs.program import FaultyProgram, Repair, spelled_in
from autofix.fixes.repairs.recording import guards_around
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import last_names, values
from autofix.model import Edit, Site
from autofix.rewrite.blocks import block_of, ends_alone
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import bound, last_part, parameters
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import parents_of

CODE = "AF312"
_WHAT = "{operation} puts a plain tensor in place of what is trained: the next step asks for a gradient by it in vain"
_ASKS = frozenset(name for name, by in values("consumes").items() if by in ("tape", "grad"))
_GRADIENT = "grad"
_SIGNS: dict[type[ast.operator], str] = {ast.Sub: "-", ast.Add: "+"}
_WRITING = {sign: name for name, sign in values("stores").items()}
"""How a value is written into a variable, by its sign: taken from it, added to it, or in its place."""
_KEEPERS = frozenset(_WRITING.values()) | last_names("makes-leaf") | last_names("AF103")
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True)
class Update:
    """A sum that makes new values of old ones and a gradient, and the `whole` that is kept, in an assignment or not.

    `target` is what it is assigned to, alone in `statement`; one that a `comprehension` makes is kept in a collection.
    """

    sum: ast.BinOp
    whole: ast.expr
    target: ast.expr | None = None
    statement: ast.Assign | None = None
    comprehension: Comprehension | None = None


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which a step changes what is trained, and puts nothing in its place."""
    events = program.diagnosed.natural.events
    if program.diagnosed.natural.error is None or not any(each.trains for each in events):
        return
    yield from _limited(program)
    updates = _updates(program.tree)
    if not updates:
        return
    place = program.place_of(updates[0].statement or updates[0].whole)
    operation = f"`{stretch_of(program.text, place).splitlines()[0]}`"
    if record_of(program.framework).has_tape:
        variable = spelled_in(program.tree, f"{record_of(program.framework).module}.Variable")
        are_written = all(_has_place(program.tree, each) for each in updates)
        ways = [(_assigned(program, updates, variable), are_written), (_wrapped(program, updates, variable), False)]
    else:
        ways = [(_in_place(program, updates), True), (_as_leaves(program, updates), True)]
    for edits, same_leaves in ways:
        if edits:
            yield Repair(CODE, place, operation, apply_edits(program.text, edits), _WHAT, same_leaves)


def _limited(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the text in which what is made of a parameter alone is written into it: `image = clip(image)`."""
    asked, names = _asked(program.tree), _gradient_names(program.tree, _asked(program.tree))
    made = [each for each in nodes_of(program.tree, ast.Assign) if _is_of_itself(each, asked)]
    made = [each for each in made if not _mentions(each.value, names) and not _is_kept(each.value, program.tree)]
    if not made:
        return
    edits = [Edit(program.place_of(each), _limit(program, each)) for each in made]
    operation = f"`{program.source_of(made[0]).splitlines()[0]}`"
    yield Repair(CODE, program.place_of(made[0]), operation, apply_edits(program.text, edits), _WHAT)


def _is_of_itself(node: ast.Assign, asked: set[str]) -> bool:
    """Does a name get what a call makes of it, where gradients are asked for by that name?"""
    target = ast.unparse(node.targets[0])
    places = (each for each in ast.walk(node.value) if isinstance(each, _PLACES))
    is_asked = len(node.targets) == 1 and target in asked and isinstance(node.value, ast.Call)
    return is_asked and any(ast.unparse(each) == target for each in places)


def _limit(program: FaultyProgram, node: ast.Assign) -> str:
    target, value = program.source_of(node.targets[0]), program.source_of(node.value)
    record = record_of(program.framework)
    if record.has_tape:
        return f"{target}.{_WRITING['']}({value})"
    switch = spelled_in(program.tree, f"{record.module}.no_grad")
    margin = program.margin_of(node)
    return f"with {switch}():\n{margin}    {target}.copy_({value})"


def _updates(tree: ast.Module) -> list[Update]:
    """Return the sums of something and of a gradient, but for those under a tape and those that are kept already."""
    asked = _asked(tree)
    names = _gradient_names(tree, asked)
    found: list[Update] = []
    for node in nodes_of(tree, ast.BinOp):
        if type(node.op) in _SIGNS and _mentions(node.right, names) and not _mentions(node.left, names):
            placed = _placed(node, tree) if not _is_kept(node, tree) else None
            found += [placed] if placed is not None else []
    own = [each for each in found if each.target is None or _root(each.target) in asked]
    assigned = [each for each in found if each.target is not None and _is_itself(each)]
    return own or assigned


def _is_itself(update: Update) -> bool:
    """Does a value become its own successor?"""
    return update.target is not None and ast.unparse(update.sum.left) == ast.unparse(update.target)


def _placed(node: ast.BinOp, tree: ast.Module) -> Update | None:
    """Return a sum with what keeps it; None for one that is only computed with."""
    parents = parents_of(tree)
    whole: ast.expr = node
    parent = parents.get(whole)
    while isinstance(parent, (ast.BinOp, ast.Call, ast.keyword)) and not _collects(parent, whole):
        whole = parent if isinstance(parent, ast.expr) else whole
        parent = parents.get(parent)
    if isinstance(parent, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        return Update(node, whole, comprehension=parent)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return Update(node, whole, parent.targets[0], parent)
    holder = parents.get(parent) if isinstance(parent, (ast.Tuple, ast.List)) else None
    if isinstance(parent, (ast.Tuple, ast.List)) and isinstance(holder, ast.Assign) and len(holder.targets) == 1:
        targets = holder.targets[0]
        if isinstance(targets, (ast.Tuple, ast.List)) and len(targets.elts) == len(parent.elts):
            return Update(node, whole, targets.elts[parent.elts.index(whole)], holder)
    is_collected = isinstance(parent, (ast.List, ast.Tuple, ast.Dict, ast.Return)) or _collects(parent, whole)
    return Update(node, whole) if is_collected else None


def _collects(call: ast.AST | None, value: ast.expr) -> bool:
    """Is a value put into a list by its method?"""
    return isinstance(call, ast.Call) and last_part(call.func) == list.append.__name__ and call.args == [value]


def _is_kept(node: ast.AST, tree: ast.Module) -> bool:
    """Is a sum written into a variable, made a leaf, or computed while a tape records?"""
    parents = parents_of(tree)
    while (parent := parents.get(node)) is not None and not isinstance(parent, (ast.FunctionDef, ast.ClassDef)):
        if isinstance(parent, ast.Call) and last_part(parent.func) in _KEEPERS:
            return True
        if isinstance(parent, ast.Attribute) and parent.attr in _KEEPERS:
            return True
        if isinstance(parent, ast.With) and any("Tape" in ast.unparse(each.context_expr) for each in parent.items):
            return True
        node = parent
    return False


def _root(node: ast.expr) -> str:
    """Return what a place belongs to: `params` of `params[i]`."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return ast.unparse(node)


def _asked(tree: ast.Module) -> set[str]:
    """Return by what gradients are asked for: the arguments of such calls and what these were collected from."""
    calls = (each for each in nodes_of(tree, ast.Call) if last_part(each.func) in _ASKS and len(each.args) > 1)
    given = [each.args[1] for each in calls]
    given += [each.value for each in nodes_of(tree, ast.Attribute) if each.attr == _GRADIENT]
    found = {_root(each) for one in given for each in ast.walk(one) if isinstance(each, _PLACES)}
    for made in nodes_of(tree, ast.Assign):
        if isinstance(made.value, (ast.List, ast.Tuple, ast.Dict)) and _root(made.targets[0]) in found:
            parts = made.value.values if isinstance(made.value, ast.Dict) else made.value.elts
            found |= {_root(each) for each in parts if isinstance(each, _PLACES)}
    for target, over in _loops(tree):
        if found & {_root(each) for each in ast.walk(target) if isinstance(each, _PLACES)}:
            found |= {_root(each) for each in ast.walk(over) if isinstance(each, _PLACES)}
    return found


def _loops(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the targets of loops and comprehensions, each with what it goes through, also by `zip` and `enumerate`."""
    for each in (*nodes_of(tree, ast.For), *nodes_of(tree, ast.comprehension)):
        yield from _pairs(each.target, each.iter)  # type: ignore[attr-defined]


def _pairs(target: ast.expr, over: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    name = last_part(over.func) if isinstance(over, ast.Call) and isinstance(target, ast.Tuple) else ""
    if isinstance(over, ast.Call) and isinstance(target, ast.Tuple) and name == enumerate.__name__:
        yield from _pairs(target.elts[-1], over.args[0]) if over.args else ()
    elif isinstance(over, ast.Call) and isinstance(target, ast.Tuple) and name == zip.__name__:
        yield from zip(target.elts, over.args, strict=False)
    else:
        yield target, over


_PLACES = (ast.Name, ast.Attribute, ast.Subscript)


def _gradient_names(tree: ast.Module, asked: set[str]) -> set[str]:
    """Return the names of gradients, of what is made of them, and of parameters that they are given for."""
    functions = {each.name: [one.arg for one in parameters(each)] for each in nodes_of(tree, ast.FunctionDef)}
    names: set[str] = set()
    size = -1
    while len(names) > size:
        size = len(names)
        for assign in nodes_of(tree, ast.Assign):
            if _mentions(assign.value, names):
                names |= bound(assign) - asked
        for target, over in _loops(tree):
            names |= set(_names(target) if _mentions(over, names) else ()) - asked
        for call in nodes_of(tree, ast.Call):
            given = zip(functions.get(last_part(call.func), ()), call.args, strict=False)
            names |= {name for name, value in given if _mentions(value, names)} - asked
    return names


def _names(node: ast.expr) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _mentions(node: ast.expr, names: set[str]) -> bool:
    """Is a gradient a part of an expression?"""
    return any(
        (isinstance(each, ast.Name) and each.id in names)
        or (isinstance(each, ast.Attribute) and each.attr == _GRADIENT and isinstance(each.ctx, ast.Load))
        or (isinstance(each, ast.Call) and last_part(each.func) in _ASKS)
        for each in ast.walk(node)
    )


def _assigned(program: FaultyProgram, updates: Sequence[Update], variable: str) -> list[Edit]:
    """Return the edits that write into variables; a sum that no place is known of becomes a variable."""
    edits: dict[ast.AST, Edit | None] = {}
    for each in updates:
        made = _holder(program.tree, each.comprehension) if each.comprehension is not None else None
        if made is not None:
            edits[made] = _looped(program, each, made)
        elif each.statement is None:
            edits[each.whole] = _variable(program, each, variable)
        elif each.statement not in edits:
            own = [one for one in updates if one.statement is each.statement]
            edits[each.statement] = _stated(program, each.statement, own)
    found = [each for each in edits.values() if each is not None]
    return found if len(found) == len(edits) else []


def _stated(program: FaultyProgram, statement: ast.Assign, updates: Sequence[Update]) -> Edit | None:
    """Return the edit that writes one value, or each of several, where an assignment gave them to targets."""
    several = isinstance(statement.targets[0], (ast.Tuple, ast.List))
    if len(updates) != (len(getattr(statement.value, "elts", ())) if several else 1):
        return None
    margin = program.margin_of(statement)
    in_order = sorted(updates, key=lambda each: program.place_of(each.whole))
    return Edit(program.place_of(statement), f"\n{margin}".join(_written_into(program, each) for each in in_order))


def _has_place(tree: ast.Module, update: Update) -> bool:
    """Is it known which variable new values are to be written into?"""
    made = _holder(tree, update.comprehension) if update.comprehension is not None else update.statement
    return made is not None


def _written_into(program: FaultyProgram, update: Update) -> str:
    assert update.target is not None
    target = program.source_of(update.target)
    if _is_itself(update) and update.whole is update.sum:
        return f"{target}.{_WRITING[_SIGNS[type(update.sum.op)]]}({program.source_of(update.sum.right)})"
    return f"{target}.{_WRITING['']}({program.source_of(update.whole)})"


def _holder(tree: ast.Module, node: ast.expr) -> ast.Assign | None:
    """Return the assignment that keeps what a comprehension makes, in one name."""
    parents = parents_of(tree)
    parent = parents.get(node)
    if isinstance(parent, ast.Call) and last_part(parent.func) in ("list", "tuple") and parent.args == [node]:
        parent = parents.get(parent)
    is_one = isinstance(parent, ast.Assign) and len(parent.targets) == 1
    return parent if is_one and isinstance(parent, ast.Assign) else None


def _looped(program: FaultyProgram, update: Update, made: ast.Assign) -> Edit | None:
    """Return the edit that makes a loop of a comprehension over variables."""
    comprehension = update.comprehension
    assert comprehension is not None
    one = comprehension.generators[0]
    old = update.sum.left
    if len(comprehension.generators) > 1 or one.ifs or not isinstance(old, _PLACES):
        return None
    if isinstance(made.targets[0], (ast.Tuple, ast.List)):
        return None
    margin = program.margin_of(made)
    written = _written_into(program, Update(update.sum, update.whole, old))
    head = f"for {program.source_of(one.target).strip('()')} in {program.source_of(one.iter)}:"
    return Edit(program.place_of(made), f"{head}\n{margin}    {written}")


def _variable(program: FaultyProgram, update: Update, variable: str) -> Edit | None:
    return Edit(program.place_of(update.whole), f"{variable}({program.source_of(update.whole)})") if variable else None


def _wrapped(program: FaultyProgram, updates: Sequence[Update], variable: str) -> list[Edit]:
    """Return the edits that make a variable of each new value."""
    found = [_variable(program, each, variable) for each in updates]
    return [each for each in found if each is not None]


def _as_leaves(program: FaultyProgram, updates: Sequence[Update]) -> list[Edit]:
    """Return the edits that make a leaf of each new value."""
    return [Edit(program.place_of(each.whole), _leaf(program, each)) for each in updates]


def _leaf(program: FaultyProgram, update: Update) -> str:
    place = program.place_of(update.whole)
    cut = "" if guards_around(program.tree, (Site("", place, "", ""),)) else ".detach()"
    value = program.source_of(update.whole)
    return f"{value if isinstance(update.whole, ast.Call) else f'({value})'}{cut}.requires_grad_()"


def _in_place(program: FaultyProgram, updates: Sequence[Update]) -> list[Edit]:
    """Return the edits that write into leaves whose gradient is set to zero behind; none where one is not."""
    lines, edits = split_lines(program.text), []
    switch = spelled_in(program.tree, f"{record_of(program.framework).module}.no_grad")
    last = -1
    for each in sorted(updates, key=lambda one: one.whole.lineno):
        statement = each.statement
        if statement is None or not _is_itself(each) or not _is_zeroed(program, each) or not switch:
            return []
        if each.whole is not each.sum or not ends_alone(statement, lines) or isinstance(each.target, ast.Tuple):
            return []
        margin = program.margin_of(statement)
        written = f"{program.source_of(each.sum.left)} {_SIGNS[type(each.sum.op)]}= {program.source_of(each.sum.right)}"
        if not guards_around(program.tree, (Site("", program.place_of(statement), "", ""),)):
            head = "" if last == statement.lineno - 1 else f"with {switch}():\n{margin}"
            written = f"{head}    {written}"
        last = statement.end_lineno or 0
        edits.append(Edit(program.place_of(statement), written))
    return edits


def _is_zeroed(program: FaultyProgram, update: Update) -> bool:
    """Is the gradient of a leaf set to zero, or taken away, behind its update?"""
    assert update.target is not None and update.statement is not None
    gradient = f"{ast.unparse(update.target)}.{_GRADIENT}"
    block = block_of(program.tree, update.statement)
    behind = block[block.index(update.statement) + 1 :]
    nodes = (each for one in behind for each in ast.walk(one) if isinstance(each, ast.Attribute))
    return any(
        ast.unparse(each) == gradient
        and (isinstance(each.ctx, ast.Store) or last_part(parents_of(program.tree)[each]) == "zero_")
        for each in nodes
    )
