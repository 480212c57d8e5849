"""Gives every reader but the loss the value that it had before the fix; refuses the fix where one cannot get it.

Takes the text before and after a fix; gives the second in which reads that do not lead to what is differentiated get
the plain value back (`history.append(loss.item())`), and what was rewritten without leading there is written as it was.
Readers that cannot get it are in other files, which a fix does not touch, or in this one where it is not known what
they read: an attribute of something unknown, a table of functions that is iterated, a class that overrides a method.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.analysis.attribution import as_seen_from
from autofix.analysis.faults import Fault
from autofix.analysis.looks import Looks
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import SAME_ON_NUMBERS, record_of
from autofix.model import Exit, OwnRules, Reason
from autofix.rewrite.comparison import Comparison, Unseen
from autofix.rewrite.decorators import Read, reads_by_decorators
from autofix.rewrite.imports import with_imports_of
from autofix.source.edits import apply_edits
from autofix.syntax.memo import functions_in, nodes_of
from autofix.syntax.scopes import names_of_bases, taken_from, takers_of
from autofix.syntax.spans import Around, Neighbour, at_line

_ROUNDS = 6


def with_plain_readers(before: str, after: str, fault: Fault, looks: Looks) -> str | Reason:
    """Return a candidate in which every other reader of what became a tensor gets what it had."""
    if before == after:
        return after
    text, trained = after, None
    try:
        for _ in range(_ROUNDS):
            look = Comparison(before, text, looks.reads(before, fault.framework), fault.framework, looks)
            trained = look.trained if trained is None else trained
            if look.trained != trained:
                break  # what was taken for another reader is the loss itself
            for reader in look.readers:
                if _asks_for_what_it_uses(reader, look):
                    raise Unseen(f"{_at(look.parent(reader), '', look)} decides by an attribute that a tensor may have")
            edits = look.edits()
            if not edits:
                check_unseen(look, fault)
                check_other_files(before, text, look, fault, looks.own)
                return text
            text = with_imports_of(before, apply_edits(text, edits))
    except Unseen as unseen:
        return Reason(Exit.READERS, str(unseen))
    return Reason(Exit.READERS, "other code that reads its values could not be given the plain values that it gets now")


_WALKS = frozenset({"items", "values"})


def _asks_for_what_it_uses(reader: ast.AST, look: Comparison) -> bool:
    """Is this the `x` of `hasattr(x, "op")` where `x.op` is used too? Such code takes tensors in other ways."""
    match look.parent(reader):
        case ast.Call(func=ast.Name(id="hasattr"), args=[_, ast.Constant(value=str(name))]):
            written = f"{ast.unparse(reader)}.{name}"
            return any(
                each.attr == name and ast.unparse(each) == written for each in nodes_of(look.tree, ast.Attribute)
            )
    return False


def check_unseen(look: Comparison, fault: Fault) -> None:
    """Raise Unseen for a reader that nothing is known of."""
    trees = [(look.tree, "")] + [(each.tree, as_seen_from(fault.program.around, each)) for each in _importers(fault)]
    for name in _live_attributes(look):
        for tree, path in trees:
            for node in nodes_of(tree, ast.Attribute):
                is_read = node.attr == name and isinstance(node.ctx, ast.Load)
                if is_read and (path or not look.is_followed(node)) and not _gives_plain(tree, node):
                    raise Unseen(f"{_at(node, path, look)} reads an attribute that would be a tensor")
    for entry, name in _live_entries(look):
        raise Unseen(f"{_at(entry, '', look)} would be a tensor, and `{name}` may be read elsewhere")
    for name in _live_globals(look):
        for there, reader in _readers_elsewhere(name, fault.program.around):
            raise Unseen(f"{_at(reader, there, look)} reads `{name}`, which would be a tensor")
        if fault.program.around is not None and fault.program.around.using(name) is None:
            raise Unseen(f"another file may import `{name}`, which would be a tensor")
    for cls, method in _changed_methods(look):
        for tree, path in trees:
            for reader in _overriding(tree, cls, method, look):
                raise Unseen(f"{_at(reader, path, look)} overrides `{cls}.{method}`, which would return a tensor")
    for name, read in _decorator_reads(look, fault.program.around):
        path = as_seen_from(fault.program.around, read.neighbour) if read.neighbour is not None else ""
        raise Unseen(f"{_at(read.node, path, look)} reads what `{name}` returns, which would be a tensor")
    if not record_of(fault.framework).reads_as_plain:
        for reader in _tables(look):
            raise Unseen(f"{_at(reader, '', look)} iterates over functions, one of which would return a tensor")


def check_other_files(before: str, after: str, look: Comparison, fault: Fault, own: OwnRules) -> None:
    """Raise Unseen for a reader in another file."""
    around, framework = fault.program.around, fault.framework
    names = _changed_functions(look) if around is not None else []
    if around is None or not names:
        return
    takers = {other.path: other for name in names for other, module, taken in takers_of(name, around)
              if taken_from(other.tree, module, taken)}  # fmt: skip
    for other in takers.values():
        then, now = around.seen_from(other.path, before), around.seen_from(other.path, after)
        old = Looks(own, then).reads(other.text, framework)
        there = Comparison(other.text, other.text, old, framework, Looks(own, now))
        failing = [
            each.node
            for each in old.run.journal.consumed
            if not record_of(framework).reads_as_plain and _raises(each.value)
        ]
        for reader in there.readers:
            parent = there.parent(reader)
            if _comes_after(reader, failing, there):
                continue
            if not (isinstance(parent, ast.Call) and ast.unparse(parent.func) in ("float", "int")):
                where = _at(reader, as_seen_from(around, other), look)
                raise Unseen(f"{where} would get a tensor, but a fix does not change other files")


def _raises(value: Value) -> bool:
    """Does `backward()` of a value raise: has it no gradient, and was it not made a leaf?"""
    return value.derived and not value.live and not any(cut.code == "AF303" for cut in value.cuts)


def _comes_after(reader: ast.AST, failing: Sequence[ast.AST], look: Comparison) -> bool:
    """Did no run come to a reader, as a statement before it, in a block that it is in, has always raised?"""
    lines = {node.lineno for node in failing}  # type: ignore[attr-defined]
    while not isinstance(reader, ast.Module):
        parent = look.parent(reader)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(parent, name, None)
            if isinstance(block, list) and reader in block:
                before = block[: block.index(reader)]
                if any(isinstance(each, ast.Expr) and each.lineno in lines for each in before):
                    return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return False
        reader = parent
    return False


def _importers(fault: Fault) -> tuple[Neighbour, ...]:
    return fault.program.around.importers() if fault.program.around is not None else ()


def _at(node: ast.AST, path: str, look: Comparison) -> str:
    """Name a reader, and where it stands."""
    written = ast.unparse(node).partition("\n")[0]
    return f"`{written}` in {path}:{node.lineno}" if path else f"`{written}` in {at_line(look.line(node))}"  # type: ignore[attr-defined]


def _gives_plain(tree: ast.Module, node: ast.Attribute) -> bool:
    """Is this only asked for what is the same of a tensor: `trainer.loss.item()`, `out.loss.backward()`?"""
    above = (each for each in nodes_of(tree, ast.Attribute) if each.value is node)
    return any(each.attr in SAME_ON_NUMBERS for each in above)


def _live_attributes(look: Comparison) -> set[str]:
    """Return the attributes that the loss is kept in on its way."""
    pairs = [(target, each.value) for each in nodes_of(look.tree, ast.Assign) for target in each.targets]
    return {target.attr for target, value in pairs if isinstance(target, ast.Attribute) and look.is_live_now(value)}


def _live_entries(look: Comparison) -> Iterator[tuple[ast.AST, str]]:
    """Yield the entries that the loss is kept in on its way, of something that came from code that was not followed."""
    for each in nodes_of(look.tree, ast.Assign):
        for target in each.targets:
            owner = target.value if isinstance(target, ast.Subscript) else None
            if isinstance(owner, ast.Name) and look.is_live_now(each.value) and look.is_unknown_now(owner):
                yield target, owner.id


def _live_globals(look: Comparison) -> set[str]:
    """Return the names of the module that hold what the loss is made of."""
    shared = {name for each in nodes_of(look.tree, ast.Global) for name in each.names}
    functions = [*functions_in(look.tree), *nodes_of(look.tree, ast.Lambda)]
    inside = {id(each) for function in functions for each in ast.walk(function)}
    found: set[str] = set()
    bound: list[ast.Assign | ast.AugAssign] = [*nodes_of(look.tree, ast.Assign), *nodes_of(look.tree, ast.AugAssign)]
    for each in bound:
        targets = each.targets if isinstance(each, ast.Assign) else [each.target]
        names = {one.id for one in targets if isinstance(one, ast.Name)}
        names = {name for name in names if name in shared or id(each) not in inside}
        found |= names if names and look.is_live_now(each.value) else set()
    return found


def _readers_elsewhere(name: str, around: Around | None) -> Iterator[tuple[str, ast.AST]]:
    """Yield where other files read a name of the module, each with the path of its file."""
    for other, module, taken in takers_of(name, around) if around is not None else ():
        path = as_seen_from(around, other)
        for place in taken_from(other.tree, module, taken):
            reads = _reads_of_import(place, taken, other.tree)
            plain = {id(each.value) for each in nodes_of(other.tree, ast.Attribute) if each.attr in SAME_ON_NUMBERS}
            plain |= {id(each.args[0]) for each in nodes_of(other.tree, ast.Call)
                      if ast.unparse(each.func) in ("float", "int") and each.args}  # fmt: skip
            yield from ((path, each) for each in reads if id(each) not in plain)


def _reads_of_import(place: ast.AST, name: str, tree: ast.Module) -> list[ast.AST]:
    """Return what reads an imported name: its uses, or the place itself where it is no import."""
    if not isinstance(place, ast.ImportFrom):
        return [place] if isinstance(getattr(place, "ctx", None), ast.Load) else []
    names = {alias.asname or alias.name for alias in place.names if alias.name == name}
    return [each for each in nodes_of(tree, ast.Name) if each.id in names and isinstance(each.ctx, ast.Load)]


def _functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions and methods of a module, with the class that a method is of."""
    for each in tree.body:
        if isinstance(each, ast.FunctionDef):
            yield "", each
        elif isinstance(each, ast.ClassDef):
            yield from ((each.name, one) for one in each.body if isinstance(one, ast.FunctionDef))


def _returns(node: ast.AST) -> list[ast.expr]:
    return [each.value for each in nodes_of(node, ast.Return) if each.value is not None]


def _changed_functions(look: Comparison) -> list[str]:
    """Return what gives a tensor now, by the names that another file takes it by."""
    found = [(cls or node.name) for cls, node in _functions(look.tree) if any(map(look.is_live_now, _returns(node)))]
    return list(dict.fromkeys(found))


def _changed_methods(look: Comparison) -> list[tuple[str, str]]:
    return [(cls, node.name) for cls, node in _functions(look.tree)
            if cls and node.name != "__init__" and any(map(look.is_live_now, _returns(node)))]  # fmt: skip


def _decorator_reads(look: Comparison, around: Around | None) -> Iterator[tuple[str, Read]]:
    """Yield what decorators do with the result of a function that gives a tensor now, but return it."""
    for _, node in _functions(look.tree):
        if node.decorator_list and any(map(look.is_live_now, _returns(node))):
            yield from ((node.name, each) for each in reads_by_decorators(node, look.tree, around))


def _overriding(tree: ast.Module, cls: str, method: str, look: Comparison) -> Iterator[ast.AST]:
    """Yield the methods of the same name in classes below or above that still give something plain."""
    classes = {each.name: each for each in nodes_of(tree, ast.ClassDef)}
    for each in classes.values():
        above = names_of_bases(classes[cls], tree) if cls in classes else set()
        related = each.name != cls and (cls in names_of_bases(each, tree) or each.name in above)
        own = [one for one in each.body if isinstance(one, ast.FunctionDef) and one.name == method] if related else []
        for one in own:
            if tree is not look.tree or any(map(look.is_plain_still, _returns(one))):
                yield one


def _tables(look: Comparison) -> Iterator[ast.AST]:
    """Yield where a list or dictionary with a changed function in it is gone through as a whole."""
    changed = set(_changed_functions(look))
    for each in nodes_of(look.tree, ast.Assign):
        parts = [*each.value.values] if isinstance(each.value, ast.Dict) else getattr(each.value, "elts", [])
        if not any(isinstance(part, ast.Name) and part.id in changed for part in parts):
            continue
        names = {target.id for target in each.targets if isinstance(target, ast.Name)}
        for read in nodes_of(look.tree, ast.Name):
            parent = look.parent(read)
            walks = (isinstance(parent, ast.Attribute) and parent.attr in _WALKS) or isinstance(
                parent, (ast.For, ast.comprehension)
            )
            if read.id in names and isinstance(read.ctx, ast.Load) and walks and not _only_hands_on(read, look):
                yield read


def _only_hands_on(table: ast.Name, look: Comparison) -> bool:
    """Does a walk over a table call none of its functions itself: `{f.__name__: check(f) for f in LOSSES}`?

    Where they are handed on, they are no more read than those that are handed on one by one.
    """
    walk = look.parent(table)
    while isinstance(walk, (ast.Attribute, ast.Call)):
        walk = look.parent(walk)
    if not isinstance(walk, (ast.For, ast.comprehension)):
        return False
    names = {each.id for each in ast.walk(walk.target) if isinstance(each, ast.Name)}
    inside = walk if isinstance(walk, ast.For) else look.parent(walk)
    called = {ast.unparse(each.func) for each in ast.walk(inside) if isinstance(each, ast.Call)}
    return names.isdisjoint(called)
