"""Copies helpers of a loss that stand in other files into its own file, where they can be changed for it alone.

Takes a text, a fault and its plan; gives the text with the copies, None where it needs none, or a refusal. A
conversion (`to_np(p)` for `p.detach().cpu().numpy()`) is written out in place of its call; any other helper is copied
below the loss under a name of its own, as one that NumPy callers use too is. The other files stay as they are: it is
not known who else calls what is in them.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from autofix.analysis.attribution import as_seen_from
from autofix.analysis.faults import GraphFault, StepFault
from autofix.analysis.values import Dotted, Function, Imported
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Exit, Reason, Span
from autofix.rewrite.imports import module_names, used_names, without_imports
from autofix.rewrite.plan import Plan
from autofix.rewrite.versions import PLAIN, conversion_in, free_name, given_plainly, gives_back
from autofix.source.edits import apply_edits, stretch_of
from autofix.source.files import split_lines
from autofix.syntax.bindings import needed
from autofix.syntax.module import first_line
from autofix.syntax.spans import HERE, Key, Positions, file_of, is_here, is_within, span


class _CannotBeCopied(Exception):
    """A helper needs what only its own file has; the text says what."""


@dataclass
class _Copies:
    """What goes into the file of the loss: functions by the identity of their nodes, and the imports that they need."""

    fault: GraphFault
    text: str
    wanted: Mapping[int, Function]
    names: dict[int, str] = field(default_factory=dict)
    sources: dict[int, str] = field(default_factory=dict)
    imports: dict[str, None] = field(default_factory=dict)

    def add(self, function: Function) -> str:
        """Take a function, and what it needs, and return its new name."""
        node = function.node
        if id(node) not in self.names:
            self.names[id(node)] = free_name(function.qualname, record_of(self.fault.framework).suffix, self.text)
            self.sources[id(node)] = ""
            self.sources[id(node)] = self._source(function, _plain_function(function))
        return self.names[id(node)]

    def _source(self, function: Function, node: ast.FunctionDef) -> str:
        positions = self._positions(node)
        start = _span_there(positions, node)
        head = replace(start, end_line=start.line, end_column=start.column + len(f"def {node.name}"))
        edits = [*self._substitutions(function, node, positions), Edit(head, f"def {self.names[id(node)]}")]
        return self._cut_out(node, positions, edits)

    def _substitutions(self, function: Function, root: ast.AST, positions: Positions) -> Iterator[Edit]:
        """Yield what is written otherwise in a copy: calls of helpers that are copied as well, and constants."""
        sites = {each.key: each.callee for each in self.fault.program.call_sites if id(each.callee.node) in self.wanted}
        led = [each for each in ast.walk(root) if isinstance(each, ast.Call) and positions.key(each) in sites]
        for call in led:
            yield Edit(_span_there(positions, call.func), self.add(sites[positions.key(call)]))
        inside = {id(each) for call in led for each in ast.walk(call.func)}
        own = needed(root)
        for name in ast.walk(root):
            if isinstance(name, ast.Name) and name.id in own and id(name) not in inside:
                written = self._outside(function, name.id)
                if written != name.id:
                    yield Edit(_span_there(positions, name), written)

    def _outside(self, function: Function, name: str) -> str:
        """Return how a name that a helper takes from its module is written in the file of the loss."""
        value, module = function.scope.find(name), self._module(function)
        if value is None:
            if hasattr(builtins, name):
                return name
            raise _CannotBeCopied(f"it needs `{name}`")
        if isinstance(value.meaning, Function) and not is_here(value.meaning.node):
            return self.add(value.meaning)
        if isinstance(value.meaning, Dotted) and not isinstance(value.meaning, Imported):
            self._import(name, value.meaning, module)
            return name
        literal = _constant(module, name)
        if literal is None:
            raise _CannotBeCopied(f"it needs `{name}` from its file")
        return literal

    def _import(self, name: str, meaning: Dotted, module: ast.Module) -> None:
        here = self.fault.program.module.names.get(name)
        if here is not None and here.meaning == meaning:
            return
        statement = _import_of(module, name)
        if here is not None or statement is None:
            raise _CannotBeCopied(f"it needs `{name}`, which means something else here")
        self.imports[statement] = None

    def _module(self, function: Function) -> ast.Module:
        return self.fault.program.neighbours[file_of(function.node)].tree

    def _positions(self, node: ast.AST) -> Positions:
        """Return the positions in the file in which a node stands."""
        file = file_of(node)
        return Positions(self.fault.program.neighbours[file].text, file)

    def written_out(self, call: ast.Call, function: Function, is_bound: bool) -> str | None:
        """Return a call of a conversion as the conversion itself; None for any other helper.

        One that converts tensors only, and gives anything else back, gives a loss nothing but its argument. A name that
        would only be bound to that (`is_bound`) gets a conversion, which goes with it when the loss is mended.
        """
        if gives_back(function.node) and len(call.args) == 1 and not call.keywords:
            argument, framework = self._argument(call.args[0]), record_of(self.fault.framework)
            module = module_names(self.fault.program.module)[framework.module]
            return framework.to_array.format(argument, module) if is_bound else argument
        returned = conversion_in(function.node)
        given = given_plainly(call, function.node, self.text) if returned is not None else None
        if returned is None or given is None:
            return None
        positions, edits = self._positions(returned), []
        for name in ast.walk(returned):
            if isinstance(name, ast.Name) and name.id in given:
                edits.append(Edit(_span_there(positions, name), given[name.id]))
            elif isinstance(name, ast.Name):
                self._outside(function, name.id)
        return self._cut_out(returned, positions, edits)

    def _argument(self, node: ast.expr) -> str:
        written = ast.get_source_segment(self.text, node) or ""
        return written if isinstance(node, PLAIN) else f"({written})"

    def _cut_out(self, node: ast.AST, positions: Positions, edits: Iterable[Edit]) -> str:
        """Return the source of a node of another file with these edits made."""
        text = self.fault.program.neighbours[file_of(node)].text
        return stretch_of(text, _span_there(positions, node), edits).replace("\r\n", "\n").rstrip()


def _span_there(positions: Positions, node: ast.AST) -> Span:
    """Return where a node stands in its own file."""
    return replace(span(positions.key(node)), file=HERE)


def with_copies(text: str, fault: GraphFault, planned: Plan) -> str | Reason | None:
    """Return the text with every helper of another file in it that has to change; None where there is none."""
    wanted = _to_be_changed(fault, planned)
    if not wanted:
        return None
    copies = _Copies(fault, text, wanted)
    try:
        edits = _edits(text, fault, copies)
    except _CannotBeCopied as error:
        there = next(iter(wanted.values()))
        path = as_seen_from(fault.program.around, fault.program.neighbours[file_of(there.node)])
        said = f"`{there.qualname}` is in {path}, where others may call it, and could not be copied: {error}"
        return Reason(Exit.REWRITE, said)
    if not edits:
        return Reason(Exit.REWRITE, "its gradient is lost in another file, and the call that leads there is indirect")
    changed = apply_edits(text, edits)
    whole = _with_imports(_below(changed, fault, list(copies.sources.values())), copies.imports)
    return without_imports(whole, _no_longer_used(text, whole, fault))


def _no_longer_used(before: str, after: str, fault: GraphFault) -> set[str]:
    """Return what was imported for the loss alone: nothing here uses it any more, and nobody takes it from here."""
    around = fault.program.around
    if around is None or around.path.endswith("__init__.py"):
        return set()
    names = {name for name, value in fault.program.module.names.items() if isinstance(value.meaning, Imported)}
    return {name for name in names & (used_names(before) - used_names(after)) if not around.uses(name)}


def _to_be_changed(fault: GraphFault, planned: Plan) -> dict[int, Function]:
    """Return the functions of other files, by the identity of their nodes, that hold, or lead to, what changes."""
    stores = {key for key, fact in planned.operators.items() if fact.callee == "operator.setitem"}
    changed = planned.operations.keys() | stores
    found = {id(each.node): each for each in planned.functions if not is_here(each.node)
             and any(is_within(key, each.node) for key in changed)}  # fmt: skip
    size = -1
    while size != len(found):
        size = len(found)
        for site in fault.program.call_sites:
            if id(site.callee.node) in found and site.caller is not None and not is_here(site.caller.node):
                found |= {id(site.caller.node): site.caller} if id(site.caller.node) in planned.path else {}
    return found


def _edits(text: str, fault: GraphFault, copies: _Copies) -> list[Edit]:
    """Return the edits that write out the calls of other files' helpers in the loss, or have them call the copies."""
    sites = {each.key: each.callee for each in fault.program.call_sites if id(each.callee.node) in copies.wanted}
    positions = Positions(text)
    found: dict[Span, str] = {}
    for statement in _statements(ast.parse(text), fault, positions, sites):
        calls = [each for each in ast.walk(statement) if isinstance(each, ast.Call)]
        bound = {id(each.value) for each in ast.walk(statement) if isinstance(each, ast.Assign)}
        known = {ast.unparse(each.func): sites[positions.key(each)] for each in calls if positions.key(each) in sites}
        for call in calls:
            function = known.get(ast.unparse(call.func))
            if function is None:
                continue
            nested = any(each in calls and ast.unparse(each.func) in known for each in _below_call(call))
            whole = None if nested else copies.written_out(call, function, id(call) in bound)
            stretch = span(positions.key(call if whole is not None else call.func))
            found[stretch] = whole or copies.add(function)
    return [Edit(stretch, written) for stretch, written in found.items()]


def _below_call(call: ast.Call) -> Iterator[ast.AST]:
    for argument in (*call.args, *call.keywords):
        yield from ast.walk(argument)


def _statements(
    tree: ast.Module, fault: GraphFault, positions: Positions, sites: Mapping[Key, Function]
) -> Iterable[ast.AST]:
    """Yield what is changed as a whole: the functions of the loss, or the statements of a step that lead to it."""
    step = isinstance(fault, StepFault)
    for node in ast.walk(tree):
        small = isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return))
        whole = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        if not (small if step else whole):
            continue
        keys = {positions.key(each) for each in ast.walk(node) if isinstance(each, ast.Call)} & sites.keys()
        if keys & fault.reaching:
            yield node


def _plain_function(function: Function) -> ast.FunctionDef:
    node = function.node
    if not isinstance(node, ast.FunctionDef) or "." in function.qualname or function.receiver is not None:
        raise _CannotBeCopied("it is a method, or defined in a function")
    if node.decorator_list:
        raise _CannotBeCopied("it is decorated")
    if any(isinstance(each, (ast.Global, ast.Yield, ast.YieldFrom)) for each in ast.walk(node)):
        raise _CannotBeCopied("it keeps its own state")
    return node


def _constant(module: ast.Module, name: str) -> str | None:
    """Return the literal that a module binds a name to, once and for all."""
    bound = [each for each in module.body if isinstance(each, ast.Assign)
             and [ast.unparse(target) for target in each.targets] == [name]]  # fmt: skip
    return ast.unparse(bound[0].value) if len(bound) == 1 and isinstance(bound[0].value, ast.Constant) else None


def _import_of(module: ast.Module, name: str) -> str | None:
    """Return the statement that imports a name from outside the project."""
    for each in module.body:
        for alias in each.names if isinstance(each, (ast.Import, ast.ImportFrom)) else ():
            if (alias.asname or alias.name.partition(".")[0]) == name:
                imported = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
                return f"from {each.module} {imported}" if isinstance(each, ast.ImportFrom) else imported
    return None


def _below(text: str, fault: GraphFault, sources: list[str]) -> str:
    """Return the text with functions below the definition that holds the loss, or above a script's own statement."""
    if not any(sources):
        return text
    line = next((each.node.lineno for each in fault.functions), fault.cuts[0].span.line)
    body = [each for each in ast.parse(text).body if first_line(each) <= line]
    holding = body[-1]
    is_definition = isinstance(holding, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    place = (holding.end_lineno or 0) + 1 if is_definition else holding.lineno
    end = "\r\n" if "\r\n" in text else "\n"
    if place > len(split_lines(text)) and not text.endswith("\n"):
        text += end
    written = "\n\n\n".join(sources).replace("\n", end) + end
    return apply_edits(text, [Edit.of_lines(place, place, 2 * end + written if is_definition else written + 2 * end)])


def _with_imports(text: str, imports: Iterable[str]) -> str:
    """Return the text with further imports behind those at its head."""
    added = list(imports)
    if not added:
        return text
    head = [each for each in ast.parse(text).body if isinstance(each, (ast.Import, ast.ImportFrom))]
    place = (head[0].end_lineno or 0) + 1 if head else 1
    end = "\r\n" if "\r\n" in text else "\n"
    return apply_edits(text, [Edit.of_lines(place, place, "".join(f"{each}{end}" for each in added))])
