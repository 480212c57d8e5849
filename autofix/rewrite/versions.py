"""Gives a loss its own versions of the helpers that others use too: copies below them, which it calls instead.

Takes a text, a fault and its plan; gives the text with the copies, or None where none is needed. The originals stay
as they are for every caller that does not differentiate the result; what has to change is then changed in the copies. A
conversion, a helper that only turns a tensor into an array or a number (`to_np(p)` for `p.detach().cpu().numpy()`), is
written out in place of its call. The copy of a method stands below it in its class; one that another class overrides
has none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from autofix.analysis.faults import GraphFault
from autofix.analysis.looks import Looks
from autofix.analysis.reads import whole
from autofix.analysis.record import CallSite
from autofix.analysis.syntactic import differentiates
from autofix.analysis.values import Function, Value
from autofix.knowledge.frameworks import CALLED, record_of
from autofix.knowledge.operations import last_names
from autofix.model import Edit, Exit, Kind, Reason, Span
from autofix.rewrite.plan import Plan
from autofix.source.edits import apply_edits, one_per_place
from autofix.syntax.bindings import parameters
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import first_line
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import names_of_bases
from autofix.syntax.spans import Key, Positions, is_here, span


def with_conversions(text: str, fault: GraphFault, planned: Plan, looks: Looks) -> str | None:
    """Return the text in which the loss calls no conversion that others call too; None where that is so already."""
    program = _Program(fault, text)
    way = _way(program, planned, looks)
    shared = {id(each.node) for each in _used_by_others(program, planned, way)} if way is not None else set()
    calls = {Positions(text).key(each): each for each in nodes_of(parsed(text), ast.Call)} if shared else {}
    edits: list[Edit] = []
    for site in fault.program.call_sites:
        call = calls.get(site.key)
        if call is None or way is None or site.key not in way or id(site.callee.node) not in shared:
            continue
        written = written_out(call, site.callee.node, text, _receiver(call, site.callee))
        edits += [Edit(span(site.key), written)] if written is not None else []
    return apply_edits(text, one_per_place(edits)) if edits else None


def with_own_versions(text: str, fault: GraphFault, planned: Plan, looks: Looks) -> str | Reason | None:
    """Return the text in which every helper to be changed is the loss's alone; None where that is so already."""
    program = _Program(fault, text)
    way = _way(program, planned, looks)
    shared = _shared(program, planned, way)
    if not shared:
        return None
    for each in shared:
        if not _can_be_copied(each, program):
            numbers = id(each.node) in _called_with_numbers(fault)
            what = "plain numbers" if numbers else "NumPy arrays"
            return Reason(Exit.REWRITE, f"`{each.qualname}` is also called with {what}, for which it is correct")
    copied = {id(each.node) for each in shared}
    moved = {
        site.key: id(site.callee.node)
        for site in fault.program.call_sites
        if id(site.callee.node) in copied and not _is_for_numpy(site, planned) and _leads_on(site, way)
    }
    names: dict[str, str] = {}
    for each in shared:
        if id(each.node) in moved.values():  # a copy that nobody calls would be the one that stays as it is
            names[each.qualname] = free_name(_short(each), record_of(fault.framework).suffix, text)
    if not names:
        return None
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return wrapper.module.visit(_Split(wrapper.resolve(PositionProvider), names, frozenset(moved))).code


@dataclass(frozen=True)
class _Program:
    """The loss, the text that it stands in, and that text and those of the files that import it, parsed."""

    fault: GraphFault
    text: str

    @cached_property
    def trees(self) -> list[ast.Module]:
        others = self.fault.program.around.importers() if self.fault.program.around is not None else ()
        return [parsed(self.text), *(each.tree for each in others)]


def _can_be_copied(function: Function, program: _Program) -> bool:
    is_plain = isinstance(function.node, ast.FunctionDef) and "<locals>" not in function.qualname
    if not is_plain or program.fault.is_loss(function.node):
        return False
    return not _is_method(function) or (is_here(function.node) and _can_be_called_otherwise(function, program))


def _is_method(function: Function) -> bool:
    return "." in function.qualname


def _short(function: Function) -> str:
    return function.qualname.rpartition(".")[2]


def _can_be_called_otherwise(method: Function, program: _Program) -> bool:
    """Is a method called by its name alone, and the same one for every class that is called so?"""
    owner, name = method.qualname.split(".")
    decorators = {ast.unparse(each) for each in getattr(method.node, "decorator_list", [])}
    if name in CALLED or name.startswith("__") or decorators - BINDING:
        return False
    classes = [(each, names_of_bases(each, tree)) for tree in program.trees for each in nodes_of(tree, ast.ClassDef)]
    own = {above for each, names in classes if each.name == owner for above in names}
    below = {each.name for each, names in classes if owner in names}
    related = (each for each, _ in classes if each.name in own | below)
    if any(isinstance(one, ast.FunctionDef) and one.name == name for each in related for one in each.body):
        return False
    sites = (each for each in program.fault.program.call_sites if each.callee.node is method.node)
    callers = {each.caller.qualname.partition(".")[0] for each in sites if each.caller and _is_method(each.caller)}
    return callers.isdisjoint(own)  # what is called there is called of other classes too


def _receiver(call: ast.Call, function: Function) -> ast.expr | None:
    """Return what a method is called on, as far as it is handed that; None for a function and a static method."""
    decorators = {ast.unparse(each) for each in getattr(function.node, "decorator_list", [])}
    is_bound = _is_method(function) and "staticmethod" not in decorators
    return call.func.value if is_bound and isinstance(call.func, ast.Attribute) else None


def free_name(name: str, suffix: str, text: str) -> str:
    """Return the name of a copy, one that stands nowhere in the text."""
    wanted = f"_{name.strip('_')}_{suffix}"
    number, free = 1, wanted
    while re.search(rf"\b{free}\b", text):
        number += 1
        free = f"{wanted}_{number}"
    return free


def without_idle_copies(before: str, after: str) -> str:
    """Return a candidate without the copies of helpers in which nothing was changed after all.

    The gradient may be cut around the loss, by its decorator say, and its helpers only stand on the way.
    """
    known = {each.name for each in nodes_of(parsed(before), ast.FunctionDef)}
    text = after
    while idle := next(_idle_copies(parsed(text), known), None):
        text = _without_copy(text, *idle)
    return text


def _idle_copies(tree: ast.Module, known: set[str]) -> Iterator[tuple[ast.FunctionDef, str]]:
    """Yield the functions that a rewrite has added and that are like another of their block, with the name of that."""
    owners: list[ast.Module | ast.ClassDef] = [tree, *nodes_of(tree, ast.ClassDef)]
    for owner in owners:
        functions = [each for each in owner.body if isinstance(each, ast.FunctionDef)]
        bodies = {each.name: _but_its_name(each) for each in functions if each.name in known}
        for each in functions:
            like = [name for name, body in bodies.items() if each.name not in known and body == _but_its_name(each)]
            yield from ((each, name) for name in like)


def _but_its_name(function: ast.FunctionDef) -> str:
    return ast.dump(ast.Module([*function.decorator_list, function.args, *function.body], []))  # type: ignore[list-item]


def _without_copy(text: str, copy: ast.FunctionDef, name: str) -> str:
    """Return the text without a copy, and with the function of this name called in its place."""
    positions = Positions(text)
    uses = [each for each in nodes_of(parsed(text), ast.Name) if each.id == copy.name]
    edits = [Edit(span(positions.key(each)), name) for each in uses]
    for attribute in nodes_of(parsed(text), ast.Attribute):
        if attribute.attr == copy.name:
            whole = span(positions.key(attribute))
            start = whole.end_column - len(copy.name)
            edits.append(Edit(Span(whole.end_line, start, whole.end_line, whole.end_column), name))
    first, lines = first_line(copy), text.split("\n")
    while first > 1 and not lines[first - 2].strip():
        first -= 1
    last = copy.end_lineno or first
    return apply_edits(text, [*edits, Edit(Span(first, 1, last + 1, 1), "")])


def _way(program: _Program, planned: Plan, looks: Looks) -> frozenset[Key] | None:
    """Return the calls of helpers whose result is differentiated; None where no helper is changed that has others."""
    fault = program.fault
    copied = {id(each.node) for each in planned.functions if _can_be_copied(each, program)}
    if not any(id(site.callee.node) in copied for site in fault.program.call_sites):
        return None
    return frozenset(map(whole, looks.way(program.text, fault.framework)))


def _used_by_others(program: _Program, planned: Plan, way: frozenset[Key] | None) -> list[Function]:
    """Return the helpers to be changed that somebody calls whose result is not differentiated."""
    found = {id(site.callee.node) for site in program.fault.program.call_sites if not _leads_on(site, way)}
    copied = [each for each in planned.functions if _can_be_copied(each, program)]
    return [each for each in copied if id(each.node) in found or (_is_method(each) and _is_taken(each, program))]


def _is_taken(method: Function, program: _Program) -> bool:
    """Is a method read of something unknown, or handed on, so that nobody knows what becomes of its result?"""
    positions, sites = Positions(program.text), {each.key for each in program.fault.program.call_sites}
    for tree in program.trees:
        known = {id(part) for each in nodes_of(tree, ast.Call) if positions.key(each) in sites
                 for part in (each.func, *each.args)}  # fmt: skip
        reads = (each for each in nodes_of(tree, ast.Attribute) if isinstance(each.ctx, ast.Load))
        if any(each.attr == _short(method) and id(each) not in known for each in reads):
            return True
    return False


def _leads_on(site: CallSite, way: frozenset[Key] | None) -> bool:
    """Is what a helper gives here differentiated in the end?"""
    return way is None or site.key in way


def _shared(program: _Program, planned: Plan, way: frozenset[Key] | None) -> list[Function]:
    """Return the functions on the way to what changes that others use too, and those that they call on that way.

    The others are NumPy callers in this file, those who do not differentiate it, and whoever imports a helper from it.
    """
    path = planned.path
    sites = [each for each in program.fault.program.call_sites if id(each.callee.node) in path]
    found = {id(each.callee.node) for each in sites if _is_for_numpy(each, planned)}
    found |= _called_with_numbers(program.fault) & path.keys()
    found |= {id(each.node) for each in planned.functions if _is_exported(each, program)}
    found |= {id(each.node) for each in _used_by_others(program, planned, way)}
    size = -1
    while size != len(found):
        size = len(found)
        found |= {id(each.callee.node) for each in sites if each.caller and id(each.caller.node) in found}
    return [each for key, each in path.items() if key in found and not differentiates(each.node)]


def _is_exported(function: Function, program: _Program) -> bool:
    """Is this a helper that another file of the project uses, nobody knows how?"""
    around = program.fault.program.around
    is_helper = _can_be_copied(function, program) and not differentiates(function.node)
    called = any(each.callee.node is function.node for each in program.fault.program.call_sites)
    return is_helper and called and around is not None and around.uses(_short(function))


def _is_for_numpy(site: CallSite, planned: Plan) -> bool:
    """Is a function called with arrays here that the mended loss does not turn into tensors?"""
    if site.key in planned.inputs.expressions:
        return False
    arrays = [value for value in site.arguments if value.kind is Kind.ARRAY]
    if not arrays or site.trains:
        return False
    stays = site.caller is not None and id(site.caller.node) not in planned.path  # nothing is changed in its caller
    return stays or not any(value.makers & planned.tensors for value in arrays)


def _called_with_numbers(fault: GraphFault) -> set[int]:
    """Return the functions that are called with plain numbers here and with a tensor of the loss there."""
    live: set[tuple[int, str]] = set()
    plain: set[tuple[int, str]] = set()
    for each in fault.program.invocations:
        for name, value in each.arguments:
            if value.live and value.kind is Kind.TENSOR:
                live.add((id(each.function.node), name))
            elif _is_plain(value):
                plain.add((id(each.function.node), name))
    return {node for node, _ in live & plain}


def _is_plain(value: Value) -> bool:
    """Is this a number, or a list or tuple of nothing else?"""
    if value.kind is Kind.SEQUENCE and value.items:
        return all(map(_is_plain, value.items))
    return value.kind is Kind.NUMBER and not value.derived


class _Split(cst.CSTTransformer):
    """Puts a copy below each function of `names` under its new name, and has the calls at `moved` use the copies."""

    def __init__(self, positions: Mapping[cst.CSTNode, CodeRange], names: dict[str, str], moved: frozenset[Key]):
        super().__init__()
        self._positions = positions
        self._names = names
        self._methods = {name.rpartition(".")[2]: new for name, new in names.items() if "." in name}
        self._moved = moved
        self._around: list[str] = []

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._around.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._around.pop()
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._around += [node.name.value, "<locals>"]

    def leave_FunctionDef(
        self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef
    ) -> cst.FunctionDef | cst.FlattenSentinel[cst.BaseStatement]:
        del self._around[-2:]
        name = self._names.get(".".join([*self._around, original_node.name.value]))
        if name is None:
            return updated_node
        apart = [cst.EmptyLine(indent=False)] * (1 if self._around else 2)
        copy = updated_node.with_changes(name=cst.Name(name), leading_lines=apart)
        return cst.FlattenSentinel([original_node, copy])

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        where = self._positions[original_node]
        key = Key("Call", where.start.line, where.start.column, where.end.line, where.end.column)
        if key not in self._moved:
            return updated_node
        arguments = [each.with_changes(value=self._renamed(each.value)) for each in updated_node.args]
        return updated_node.with_changes(func=self._renamed(updated_node.func), args=arguments)

    def _renamed(self, node: cst.BaseExpression) -> cst.BaseExpression:
        if isinstance(node, cst.Attribute) and node.attr.value in self._methods:
            return node.with_changes(attr=cst.Name(self._methods[node.attr.value]))
        name = self._names.get(node.value) if isinstance(node, cst.Name) else None
        return node.with_changes(value=name) if name is not None else node


PLAIN = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)
_CONVERTING = last_names("conversion")
"""Methods and functions of which a conversion consists: between tensors none of them is needed."""

BINDING = frozenset({"staticmethod", "classmethod"})
"""Decorators that say what a method is handed, and change nothing else."""

_TESTS = frozenset({"isinstance", "hasattr", "is_tensor", "callable"})


def written_out(call: ast.Call, node: ast.AST, text: str, receiver: ast.expr | None = None) -> str | None:
    """Return a call of a conversion of the same file as the conversion itself; None for any other helper.

    `receiver` is what a method is called on that is handed it.
    """
    converting: ast.expr | None = conversion_in(node)
    given = given_plainly(call, node, text, receiver) if converting is not None else None
    is_bound = receiver is not None
    if gives_back(node, is_bound) and len(call.args) == 1 and not call.keywords and isinstance(node, ast.FunctionDef):
        values = (each.value for each in ast.walk(node) if isinstance(each, (ast.Return, ast.Assign)))
        converting = next((each for each in values if isinstance(each, ast.Call)), None)
        given = {node.args.args[is_bound].arg: _written(call.args[0], text)}
    if converting is None or given is None:
        return None
    return ast.unparse(_Given(given).visit(ast.parse(ast.unparse(converting), mode="eval")))


def _written(node: ast.expr, text: str) -> str:
    written = ast.get_source_segment(text, node) or ast.unparse(node)
    return written if isinstance(node, PLAIN) else f"({written})"


class _Given(ast.NodeTransformer):
    """Puts what each parameter is given in its place."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        written = self._given.get(node.id)
        return ast.parse(written, mode="eval").body if written is not None else node


def conversion_in(node: ast.AST) -> ast.expr | None:
    """Return the one expression that a conversion consists of: calls of methods and functions on its argument."""
    body = _body(node)
    returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return returned if returned is not None and _is_conversion(returned) else None


def _body(node: ast.AST) -> list[ast.stmt]:
    """Return the statements of a plain function without its docstring; none for anything else."""
    if not isinstance(node, ast.FunctionDef) or {ast.unparse(each) for each in node.decorator_list} - BINDING:
        return []
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented else node.body


def _is_conversion(node: ast.expr) -> bool:
    pieces = list(ast.walk(node))
    names = [each.func.attr if isinstance(each.func, ast.Attribute) else ast.unparse(each.func)
             for each in pieces if isinstance(each, ast.Call)]  # fmt: skip
    plain = all(isinstance(each, (*PLAIN, ast.keyword, ast.expr_context)) for each in pieces)
    return plain and set(names) <= _CONVERTING


def gives_back(node: ast.AST, is_bound: bool = False) -> bool:
    """Does a function convert its one argument where that is a tensor, and give back whatever else it is?

    A method that `is_bound` is handed its object besides.
    """
    arguments = node.args.args[is_bound:] if isinstance(node, ast.FunctionDef) else []
    statements, inner = _body(node), []
    for each in statements:
        inner += each.body if isinstance(each, ast.If) and _is_test(each.test) and not each.orelse else [each]
    tests = any(isinstance(each, ast.If) for each in statements)
    return tests and len(arguments) == 1 and all(_converts(each, arguments[0].arg) for each in inner)


def _converts(statement: ast.stmt, name: str) -> bool:
    """Does a statement return a name, converted or not, or bind it to itself, converted?"""
    value = statement.value if isinstance(statement, (ast.Return, ast.Assign)) else None
    if value is None or not _is_conversion(value) or _root(value) != name:
        return False
    return isinstance(statement, ast.Return) or ast.unparse(statement).startswith(f"{name} = ")


def _is_test(node: ast.expr) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    return func is not None and ast.unparse(func).rpartition(".")[2] in _TESTS


def _root(node: ast.expr) -> str:
    """Return the name that a conversion converts: `x` of `np.asarray(x.detach().cpu())`."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node.func, ast.Attribute) and (not isinstance(node.func.value, ast.Name) or not node.args):
            node = node.func.value
        else:
            node = node.args[0] if node.args else node.func
    return node.id if isinstance(node, ast.Name) else ""


def given_plainly(call: ast.Call, node: ast.AST, text: str, receiver: ast.expr | None = None) -> dict[str, str] | None:
    """Return the source of what each parameter is given, if each is used once at most and is given plainly."""
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg or len(node.body) > 2:
        return None
    names = [each.arg for each in parameters(node)]
    owner = names.pop(0) if receiver is not None else ""
    if any(isinstance(each, ast.Name) and each.id == owner for each in ast.walk(node)):
        return None
    if any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) > len(names):
        return None
    given: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
    given |= {each.arg: each.value for each in call.keywords if each.arg}
    used = [each.id for each in ast.walk(node.body[-1]) if isinstance(each, ast.Name) and each.id in names]
    if len(used) != len(set(used)) or set(used) != given.keys():
        return None
    written = {name: ast.get_source_segment(text, value) or "" for name, value in given.items()}
    return {name: each if isinstance(given[name], PLAIN) else f"({each})" for name, each in written.items()}
