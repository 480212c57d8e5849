"""A value that is computed once, before what differentiates it asks for it: it is computed where it is asked for.

A closure that hands out a finished number (`lambda: cost`), a tape or a loop that begins behind the computation, a
function that takes the prediction as an argument, an attribute that keeps it: the statements that compute the value
move to its reader, and are copied there where something else reads it, too.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass

from autofix.fixes.repairs.captured import in_terms_of_object
from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.fixes.spellings import BINDS
from autofix.knowledge.frameworks import PACKAGES, record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Span
from autofix.rewrite.blocks import Block, blocks_around, ends_alone, moved_to, with_comments
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import FUNCTION_NODES, bound, changed, last_part, needed, parameters
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import parents_of, statement_of
from autofix.syntax.spans import Positions, span

MOST_LEVELS = 3
MOST_TRIED = 10
_MAKES = last_names("makes-leaf")
_FIXED = (ast.Return, ast.Break, ast.Continue, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import,
          ast.ImportFrom, ast.Delete, ast.Raise, ast.Global, ast.Nonlocal)  # fmt: skip
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_WITHOUT_MODELS = {*PACKAGES, "numpy", "math", "random", "functools", "typing", "itertools", "collections"}
_WHAT = {
    True: "{operation} is computed before the tape records, so no gradient leads back through it",
    False: "{operation} is computed once, and differentiated again by each step: the first one releases its graph",
}


@dataclass(frozen=True)
class Early:
    """Statements (`moved`) that compute what a `reader` takes: a function, a tape's block or a loop."""

    reader: ast.AST
    moved: tuple[ast.stmt, ...]
    scope: ast.AST


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which what is computed too early is computed by its reader, the fewest statements first."""
    starved = any(each.used for each in program.diagnosed.natural.without_gradient())
    if not program.fails and not starved:
        return
    known: set[str] = set()
    for each, text in _texts(program):
        if text and text != program.text and text not in known and len(known) < MOST_TRIED:
            known.add(text)
            yield _repair(program, each, text)


def _repair(program: FaultyProgram, moved: ast.stmt, text: str) -> Repair:
    has_tape = record_of(program.framework).has_tape
    place = program.place_of(moved)
    operation = f"`{ast.unparse(moved).splitlines()[0].rstrip(':')}`"
    line = place if place.line == place.end_line else Span(place.line, place.column, place.line + 1, 1)
    return Repair("AF301" if has_tape else "AF311", line, operation, text, _WHAT[has_tape],
                  reaches_more=not program.fails, grows=True)  # fmt: skip


def _texts(program: FaultyProgram) -> Iterator[tuple[ast.stmt, str]]:
    """Yield what is tried, with the statement that comes to stand elsewhere."""
    for level in range(1, MOST_LEVELS + 1):
        for each in _found(program, level):
            yield each.moved[-1], _written(program, each)
    yield from _of_attributes(program)
    yield from _of_arguments(program)


def _found(program: FaultyProgram, level: int) -> Iterator[Early]:
    """Yield the readers with what is computed for them before; `level` says how far back that is followed."""
    for reader in _readers(program):
        around = blocks_around(program.tree, reader)
        scope, before = _scope_of(around), _before(around)
        before = _live(program.tree, scope, before)
        moved = _computed_before(reader, before, level)
        if level == 1 and len(moved) > 1:
            yield from (Early(reader, (each,), scope) for each in moved[::-1] if len(_binders(moved, each)) == 1)
        if moved and (level == 1 or len(moved) > len(_computed_before(reader, before, level - 1))):
            yield Early(reader, tuple(moved), scope)


def _binders(statements: Sequence[ast.stmt], of: ast.stmt) -> list[ast.stmt]:
    """Return the statements that change what one of them changes."""
    return [each for each in statements if changed(each) & changed(of)]


def _readers(program: FaultyProgram) -> Iterator[ast.AST]:
    """Yield closures, then the blocks of tapes, or, where gradients need none, loops; each may run more than once."""
    parents = parents_of(program.tree)
    yield from nodes_of(program.tree, ast.Lambda)
    yield from (each for each in nodes_of(program.tree, ast.FunctionDef) if _is_inner(each, parents))
    yield from (each for each in nodes_of(program.tree, ast.Call) if last_part(each.func) == "partial" and each.args)
    if record_of(program.framework).has_tape:
        yield from (each for each in nodes_of(program.tree, ast.With) if _records(each))
    else:
        yield from (each for kind in _LOOPS for each in nodes_of(program.tree, kind))


def _is_inner(function: ast.FunctionDef, parents: dict[ast.AST, ast.AST]) -> bool:
    """May a function take what is computed around it?"""
    return not isinstance(parents.get(function), ast.ClassDef)


def _records(block: ast.With) -> bool:
    calls = (each.context_expr for each in block.items if isinstance(each.context_expr, ast.Call))
    return any(last_part(each.func) == "GradientTape" for each in calls)


def _scope_of(around: Sequence[tuple[ast.AST, Block, int]]) -> ast.AST:
    return next((holder for holder, _, _ in around if isinstance(holder, (*_FUNCTIONS, ast.Module))), around[-1][0])


def _before(around: Sequence[tuple[ast.AST, Block, int]]) -> list[ast.stmt]:
    """Return the statements of a function that run before a node in it, the nearest first."""
    found: list[ast.stmt] = []
    for holder, block, at in around:
        found += block[:at][::-1]
        if isinstance(holder, (*_FUNCTIONS, ast.ClassDef)):
            break
    return found


def _live(tree: ast.Module, scope: ast.AST, before: list[ast.stmt]) -> list[ast.stmt]:
    """Return those of some statements that compute something, and may do so from what is trained."""
    statements = [*tree.body, *before[::-1]]
    live = {each.arg for each in parameters(scope)} if isinstance(scope, _FUNCTIONS) else set()
    live |= {name for each in statements for name in bound(each) if _makes(each) or _is_of_project(each)}
    size = -1
    while size != len(live):
        size = len(live)
        live |= {name for each in statements if needed(each) & live for name in changed(each)}
    return [each for each in before if needed(each) & live and _computes(each)]


def _is_of_project(statement: ast.stmt) -> bool:
    """Does a statement import from a module that may hold a model?"""
    if not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return False
    modules = [each.name for each in statement.names] if isinstance(statement, ast.Import) else [statement.module or ""]
    return any(each.partition(".")[0] not in _WITHOUT_MODELS for each in modules)


def _computed_before(reader: ast.AST, before: Sequence[ast.stmt], level: int) -> list[ast.stmt]:
    """Return what computes the names that a reader takes, and, level by level, what these are computed from."""
    names, found = _taken(reader), dict[int, ast.stmt]()
    for _ in range(level):
        new: dict[int, ast.stmt] = {}
        for each in before:
            if id(each) not in found and changed(each) & names:
                new[id(each)] = each
        names = {name for each in new.values() for name in needed(each)} | {
            name for each in new.values() for name in changed(each)
        }
        found |= new
    return sorted(found.values(), key=lambda each: each.lineno)


def _taken(reader: ast.AST) -> set[str]:
    """Return the names that a reader takes from around it."""
    if isinstance(reader, ast.With):
        return {name for each in reader.body for name in needed(each)}
    if isinstance(reader, ast.Call):
        return {name for each in (*reader.args[1:], *(one.value for one in reader.keywords)) for name in needed(each)}
    return needed(reader)


def _computes(statement: ast.stmt) -> bool:
    """Does a statement compute something, and make no parameter, no model and no optimizer?"""
    pieces = list(ast.walk(statement))
    if any(isinstance(each, _FIXED) for each in pieces) or _makes(statement):
        return False
    return any(isinstance(each, (ast.Call, ast.BinOp)) for each in pieces)


def _makes(statement: ast.stmt) -> bool:
    """Does a statement make a parameter, or an object: a model, an optimizer?"""
    calls = [last_part(each.func) for each in ast.walk(statement) if isinstance(each, ast.Call)]
    return any(each[:1].isupper() or each in _MAKES for each in calls)


def _written(program: FaultyProgram, early: Early) -> str:
    """Return the text in which a reader computes what it takes."""
    lines = split_lines(program.text)
    if not all(ends_alone(each, lines) for each in early.moved):
        return ""
    reader = early.reader
    if isinstance(reader, ast.Lambda):
        return _in_lambda(program, early, reader)
    if isinstance(reader, ast.Call):
        return _in_partial(program, early, reader)
    if isinstance(reader, (ast.FunctionDef, ast.With, *_LOOPS)):
        return _in_block(program, early, reader.body)
    return ""


def _in_block(program: FaultyProgram, early: Early, block: Block) -> str:
    """Return the text in which the statements stand in a block, in front of the first one that reads them."""
    names = {name for each in early.moved for name in bound(each)}
    first = next((each for each in block if needed(each) & names), None)
    lines = split_lines(program.text)
    is_carried = isinstance(early.reader, _LOOPS) and any(names & bound(each) for each in block)  # from step to step
    if first is None or is_carried or not ends_alone(first, lines):
        return ""
    line, margin = with_comments(first, lines), program.margin_of(first)
    moved = "".join(moved_to(program.text, program.tree, each, margin) for each in early.moved)
    return apply_edits(program.text, [Edit.of_lines(line, line, moved), *_taken_out(program, early)])


def _in_lambda(program: FaultyProgram, early: Early, reader: ast.Lambda) -> str:
    """Return the text in which a lambda computes what it gives: in one expression, or as a function with its name."""
    replaced = _inlined(program, early, reader.body)
    if replaced and not reader.args.defaults:
        return apply_edits(program.text, [*replaced, *_taken_out(program, early)])
    if reader.args.defaults or reader.args.kw_defaults:
        return _without_defaults(program, early, reader)
    return _as_function(program, early, reader, program.source_of(reader.body))


def _in_partial(program: FaultyProgram, early: Early, reader: ast.Call) -> str:
    """Return the text in which a lambda stands for a `partial` that is given what it computes."""
    replaced = [edit for each in (*reader.args[1:], *reader.keywords) for edit in _inlined(program, early, each)]
    if not replaced:
        return ""
    whole = program.place_of(reader)
    values = (*reader.args[1:], *(each.value for each in reader.keywords))
    places = [program.place_of(each) for each in values]
    last = max(places)
    behind = program.place_of(reader.args[0])
    inside = Span(behind.end_line, behind.end_column, last.end_line, last.end_column)
    given = stretch_of(program.text, inside, replaced).lstrip(", \n\t")
    call = f"lambda *given, **named: {program.source_of(reader.args[0])}({given}, *given, **named)"
    short = f"lambda: {program.source_of(reader.args[0])}({given})"
    written = short if _takes_no_more(program, reader) else call
    return apply_edits(program.text, [Edit(whole, written), *_taken_out(program, early)])


def _takes_no_more(program: FaultyProgram, reader: ast.Call) -> bool:
    """Is all that a function takes given to its `partial`?"""
    functions = {each.name: each for each in nodes_of(program.tree, ast.FunctionDef)}
    function = functions.get(last_part(reader.args[0]))
    return function is not None and len(parameters(function)) == len(reader.args) - 1 + len(reader.keywords)


def _inlined(program: FaultyProgram, early: Early, body: ast.AST) -> list[Edit]:
    """Return the edits that write the one expression in place of its name, if it is read once."""
    only = early.moved[0]
    if len(early.moved) != 1 or not isinstance(only, ast.Assign) or not isinstance(only.targets[0], ast.Name):
        return []
    name = only.targets[0].id
    reads = [each for each in ast.walk(body) if isinstance(each, ast.Name) and each.id == name]
    if len(only.targets) != 1 or len(reads) != 1:
        return []
    value = program.source_of(only.value)
    is_whole = reads[0] is body or isinstance(parents_of(program.tree).get(reads[0]), (ast.Call, ast.keyword))
    if not _stands_alone(value) or (not is_whole and isinstance(only.value, BINDS)):
        value = f"({value})"
    return [Edit(program.place_of(reads[0]), value)]


def _stands_alone(source: str) -> bool:
    """Is this an expression without the parentheses that were around it?"""
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _without_defaults(program: FaultyProgram, early: Early, reader: ast.Lambda) -> str:
    """Return the text in which a lambda has no argument that is a finished value: `lambda c=cost: c`."""
    arguments = reader.args
    if len(arguments.defaults) != len(arguments.args) or arguments.kwonlyargs or arguments.posonlyargs:
        return ""
    body = deepcopy(reader.body)
    given = dict(zip((each.arg for each in arguments.args), arguments.defaults, strict=True))
    values = {last_part(each.targets[0]): each.value for each in early.moved if isinstance(each, ast.Assign)}
    meant = {name: values.get(last_part(default), default) for name, default in given.items()}
    names = [each for each in ast.walk(body) if isinstance(each, ast.Name)]
    if len(early.moved) != 1 or any(sum(one.id == name for one in names) > 1 for name in given):
        return ""
    written = ast.unparse(_Named(meant).visit(body))
    whole = program.place_of(reader)
    return apply_edits(program.text, [Edit(whole, f"lambda: {written}"), *_taken_out(program, early)])


class _Named(ast.NodeTransformer):
    """Writes expressions in place of names."""

    def __init__(self, meant: dict[str, ast.expr]) -> None:
        self._meant = meant

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._meant.get(node.id, node)


def _as_function(program: FaultyProgram, early: Early, reader: ast.Lambda, body: str) -> str:
    """Return the text in which a function of several statements stands for a lambda."""
    lines = split_lines(program.text)
    _, block, at = blocks_around(program.tree, statement_of(parents_of(program.tree), reader))[0]
    statement = block[at]
    if not ends_alone(statement, lines):
        return ""
    margin = program.margin_of(statement)
    named = isinstance(statement, ast.Assign) and statement.value is reader and len(statement.targets) == 1
    name = last_part(statement.targets[0]) if named and isinstance(statement, ast.Assign) else _free_name(program)
    inner = margin + "    "
    moved = "".join(moved_to(program.text, program.tree, each, inner) for each in early.moved)
    arguments = ast.unparse(reader.args)
    written = f"{margin}def {name}({arguments}):\n{moved}{inner}return {body}\n"
    if named:
        here = Edit.of_lines(statement.lineno, (statement.end_lineno or 0) + 1, written)
        return apply_edits(program.text, [here, *_taken_out(program, early)])
    line = with_comments(statement, lines)
    edits = [Edit.of_lines(line, line, f"{written}\n"), Edit(program.place_of(reader), name)]
    return apply_edits(program.text, [*edits, *_taken_out(program, early)])


def _free_name(program: FaultyProgram) -> str:
    used = {each.id for each in nodes_of(program.tree, ast.Name)} | {
        each.name for each in nodes_of(program.tree, ast.FunctionDef)
    }
    return next(each for each in ("closure", "loss_fn", "objective", "loss_of_the_step") if each not in used)


def _taken_out(program: FaultyProgram, early: Early) -> list[Edit]:
    """Return the edits that take the statements from where they stood, but for those that something else reads."""
    lines = split_lines(program.text)
    passed_over = {id(each) for each in (early.reader, *early.moved)}
    read = {name for each in ast.iter_child_nodes(early.scope) for name in _read(each, passed_over)}
    kept = {name for each in early.moved for name in bound(each)} & read
    edits: list[Edit] = []
    for each in early.moved:
        _, block, _ = blocks_around(program.tree, each)[0]
        stays = bool(bound(each) & kept) or all(any(one is other for other in early.moved) for one in block)
        if not stays and not _leads_to(each, early.moved, kept):
            first, last = with_comments(each, lines), (each.end_lineno or 0) + 1
            edits.append(Edit.of_lines(first, last, ""))
    return edits


def _read(node: ast.AST, passed_over: set[int]) -> set[str]:
    """Return the names that a node reads of those around it, without what some nodes in it read."""
    if id(node) in passed_over:
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Load) else set()
    found = {name for each in ast.iter_child_nodes(node) for name in _read(each, passed_over)}
    return found & needed(node) if isinstance(node, FUNCTION_NODES) else found


def _leads_to(statement: ast.stmt, moved: Iterable[ast.stmt], kept: set[str]) -> bool:
    """Does one of the statements that stay need what this one binds?"""
    staying = [each for each in moved if bound(each) & kept]
    wanted = {name for each in staying for name in needed(each)}
    return bool(bound(statement) & wanted)


def _of_attributes(program: FaultyProgram) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the texts in which what an object keeps is computed where it is read, from what else it keeps."""
    for made in nodes_of(program.tree, ast.Assign):
        target = made.targets[0]
        maker = program.function_at(made.lineno)
        is_own = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        if not is_own or isinstance(maker, ast.Module) or len(made.targets) > 1 or not _computes(made):
            continue
        text = in_terms_of_object(program, made, maker)
        if text != program.text:
            yield made, text


def _of_arguments(program: FaultyProgram) -> Iterator[tuple[ast.stmt, str]]:
    """Yield the texts in which a function with a tape computes what its caller has computed for it."""
    calls = nodes_of(program.tree, ast.Call)
    for function in nodes_of(program.tree, ast.FunctionDef):
        own = [each for each in calls if last_part(each.func) == function.name]
        block = next((each for each in ast.walk(function) if isinstance(each, ast.With) and _records(each)), None)
        if len(own) != 1 or block is None or function.args.vararg or function.args.kwarg or own[0].keywords:
            continue
        yield from _with_argument_inside(program, function, block, own[0])


def _with_argument_inside(
    program: FaultyProgram, function: ast.FunctionDef, block: ast.With, call: ast.Call
) -> Iterator[tuple[ast.stmt, str]]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    is_method = isinstance(parents_of(program.tree).get(function), ast.ClassDef)
    owner = call.func.value if is_method and isinstance(call.func, ast.Attribute) else None
    given = arguments[1:] if owner is not None else arguments
    around = blocks_around(program.tree, statement_of(parents_of(program.tree), call))
    statement = around[0][1][around[0][2]]
    scope = _scope_of(around)
    before = _live(program.tree, scope, _before(around))
    named = {ast.dump(value): each.arg for each, value in zip(given, call.args, strict=False)}
    if owner is not None:
        named[ast.dump(owner)] = arguments[0].arg
    for at, value in enumerate(call.args[: len(given)]):
        made = [each for each in before if isinstance(value, ast.Name) and value.id in changed(each)]
        if len(made) > 1 or not needed(block) & {given[at].arg}:
            continue
        only = made[0] if made else statement
        computed = only.value if made and isinstance(only, ast.Assign) else value
        if isinstance(computed, (ast.Name, ast.Constant)) or (made and not _is_plain(only)):
            continue
        others = {key: name for key, name in named.items() if name != given[at].arg}
        inside = _InTerms(others).visit(deepcopy(computed))
        lacking = _lacking(program, function, scope, inside, set(others.values()))
        text = _with_argument(program, (function, given, at), call, block, ast.unparse(inside), lacking)
        early = Early(value, (only,), scope) if made else None
        edits = _taken_out(program, early) if early is not None else []
        yield only, apply_edits(program.text, [*text, *edits]) if text else ""


def _is_plain(statement: ast.stmt) -> bool:
    """Does a statement give one name a value?"""
    return isinstance(statement, ast.Assign) and [type(each) for each in statement.targets] == [ast.Name]


class _InTerms(ast.NodeTransformer):
    """Writes the parameters of a function for what it is given."""

    def __init__(self, named: dict[str, str]) -> None:
        self._named = named

    def generic_visit(self, node: ast.AST) -> ast.AST:
        name = self._named.get(ast.dump(node)) if isinstance(node, ast.expr) else None
        named = ast.Name(name, ast.Load()) if name is not None else None
        return ast.copy_location(named, node) if named is not None else super().generic_visit(node)

    visit_Name = generic_visit


def _lacking(
    program: FaultyProgram, function: ast.FunctionDef, scope: ast.AST, inside: ast.AST, known: set[str]
) -> list[str]:
    """Return the names of a caller that an expression takes and that its function has to be given as well."""
    defining = (*_FUNCTIONS, ast.ClassDef, ast.Import, ast.ImportFrom)
    own = (each for each in program.tree.body if isinstance(each, defining) or _makes(each))
    definitions = {name for each in own for name in bound(each)}
    local = {name for each in scope.body for name in bound(each)} if isinstance(scope, _FUNCTIONS) else set()
    local |= {each.arg for each in parameters(scope)} if isinstance(scope, _FUNCTIONS) else set()
    everywhere = (definitions - local) | set(dir(builtins))
    found = [each for each in ast.walk(inside) if isinstance(each, ast.Name) and each.id not in known | everywhere]
    return list(dict.fromkeys(each.id for each in sorted(found, key=lambda one: (one.lineno, one.col_offset))))


def _with_argument(
    program: FaultyProgram,
    of: tuple[ast.FunctionDef, Sequence[ast.arg], int],
    call: ast.Call,
    block: ast.With,
    inside: str,
    lacking: Sequence[str],
) -> list[Edit]:
    """Return the edits by which a function is given other arguments, and computes the one of this number itself."""
    function, given, at = of
    own = {each.arg for each in parameters(function)} | {name for each in function.body for name in bound(each)}
    first = next((each for each in block.body if given[at].arg in needed(each)), None)
    lines = split_lines(program.text)
    if first is None or own & set(lacking) or function.args.defaults or not ends_alone(first, lines):
        return []
    places = Positions(program.text)
    line, margin = with_comments(first, lines), program.margin_of(first)
    edits = [Edit.of_lines(line, line, f"{margin}{given[at].arg} = {inside}\n")]
    nodes: tuple[Sequence[ast.expr | ast.arg], ...] = ([*function.args.args], call.args)
    for each, number in zip(nodes, (len(function.args.args) - len(given) + at, at), strict=True):
        place = span(places.key(each[number]))
        if not lacking:
            place = _with_comma(places, each, number)
        edits.append(Edit(place, ", ".join(lacking)))
    return edits


def _with_comma(places: Positions, nodes: Sequence[ast.expr | ast.arg], at: int) -> Span:
    """Return the place of one of several arguments, the comma beside it included."""
    own = span(places.key(nodes[at]))
    if at + 1 < len(nodes):
        following = span(places.key(nodes[at + 1]))
        return Span(own.line, own.column, following.line, following.column)
    if at:
        leading = span(places.key(nodes[at - 1]))
        return Span(leading.end_line, leading.end_column, own.end_line, own.end_column)
    return own
