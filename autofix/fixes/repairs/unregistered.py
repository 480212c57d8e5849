"""Parts that a module of PyTorch keeps without registering them: what holds them is made one that registers them.

`self.layers = []` becomes `nn.ModuleList()`, a dictionary `nn.ModuleDict`, tensors in either `nn.ParameterList` or
`nn.ParameterDict`, and a tensor alone `nn.Parameter`. Where something is done with a list that none of these can do,
it stays, and its parts are registered beside it.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from autofix.fixes.repairs.births import without_flag
from autofix.fixes.repairs.program import FaultyProgram, FunctionNode, Repair, class_at, spelled_in
from autofix.fixes.spellings import operand
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Span
from autofix.observe.observation import Stray
from autofix.rewrite.blocks import ends_alone
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.syntax.memo import nodes_of
from autofix.syntax.module import parents_of
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Positions, span
from autofix.worker.untracked import paired

CODE = "AF310"
KIND = "unregistered"
_REGISTERS = {
    ("list", "modules"): "ModuleList",
    ("dict", "modules"): "ModuleDict",
    ("list", "tensors"): "ParameterList",
    ("dict", "tensors"): "ParameterDict",
}
_HOLDS = {"modules": "Module", "tensors": "Tensor"}
_DISPLAYS = (ast.List, ast.Tuple, ast.ListComp, ast.Dict, ast.DictComp)
_GROWS = {"list": frozenset({"append", "extend", "insert"}), "dict": frozenset({"keys", "values", "items", "update"})}
"""What both Python's containers and those of PyTorch can do."""


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the parts of all modules are registered, then those of one alone."""
    strays = [each.stray for each in program.faults if each.stray is not None and each.stray.kind == KIND]
    own = [each for each in strays if each.sites and each.sites[0].path == program.file]
    ways = {each: [way for way in (instead(program, each), _beside(program, each)) if way] for each in own}
    fixable = [each for each in own if ways[each]]
    together = [tuple(fixable)] if len(fixable) > 1 else []
    for chosen in (*together, *((each,) for each in fixable)):
        for at in range(max(len(ways[each]) for each in chosen)):
            edits = [edit for each in chosen for edit in ways[each][min(at, len(ways[each]) - 1)]]
            text = apply_edits(program.text, dict.fromkeys([*edits, *imports(program, edits)]))
            spans, names = tuple(each.sites[0].span for each in chosen), frozenset(each.name for each in chosen)
            operation = f"`{chosen[0].sites[0].expression}`"
            yield Repair(CODE, spans[0], operation, text, same_leaves=False, spans=spans, settles=names)


def _owner(program: FaultyProgram, stray: Stray) -> ast.ClassDef | None:
    """Return the class whose method a stray stands in."""
    return class_at(program.tree, stray.sites[0].span.line)


def _assigned(owner: ast.ClassDef, name: str) -> Iterator[tuple[ast.Assign | ast.AnnAssign, ast.expr, FunctionNode]]:
    """Yield what is assigned to an attribute in the methods of a class, with the statement and the method."""
    for method in owner.body:
        if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for node in ast.walk(method):
                targets = node.targets if isinstance(node, ast.Assign) else []
                targets = [node.target] if isinstance(node, ast.AnnAssign) and node.value is not None else targets
                for target in targets:
                    assert isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None
                    for one, value in paired(target, node.value):
                        if value is not None and isinstance(one, ast.Attribute) and one.attr == name:
                            yield node, value, method


def instead(program: FaultyProgram, stray: Stray) -> list[Edit]:
    """Return the edits that make a container of PyTorch of each value that an attribute is given; none where not."""
    *kinds, held = stray.form.split()
    owner, name = _owner(program, stray), stray.name.rpartition(".")[2]
    registers = [_REGISTERS.get((kind, held), "") for kind in kinds]
    if owner is None or not all(registers):
        return []
    found = list(_assigned(owner, name))
    places = Positions(program.text)
    if not kinds:
        lines = range(stray.sites[0].span.line, stray.sites[0].span.end_line + 1)
        made = [value for node, value, _ in found if node.lineno in lines]
        return [Edit(span(places.key(each)), _parameter(program, each)) for each in made]
    if not all(_can_do(program.tree, name, kind) for kind in kinds[:1]):
        return []
    edits = [
        edit
        for node, value, _ in found
        if not (isinstance(value, ast.Constant) and value.value is None)
        for edit in (*_wrapped(program, value, kinds, held), *_annotated(program, node, registers[0]))
    ]
    if len(kinds) > 1:
        added = [each for call in _calls_on(owner, name) for each in call.args[-1:]]
        edits += [edit for each in added for edit in _wrapped(program, each, kinds[1:], held)]
    return edits


def _parameter(program: FaultyProgram, value: ast.expr) -> str:
    """Return a tensor with a gradient as a parameter."""
    return f"{_spelled(program, 'Parameter')}({without_flag(program.text, value)})"


def _wrapped(program: FaultyProgram, value: ast.expr, kinds: Sequence[str], held: str) -> list[Edit]:
    """Return the edits that put a value into a container of PyTorch, and the displays in it as well."""
    name = _spelled(program, _REGISTERS[kinds[0], held])
    where = program.place_of(value)
    if _is_empty(value):
        return [Edit(where, f"{name}()")]
    if isinstance(value, ast.Call) and _is_conversion(value) and not kinds[1:]:
        return [Edit(program.place_of(value.func), name)]
    inner = [edit for each in _parts(value) for edit in _wrapped(program, each, kinds[1:], held)] if kinds[1:] else []
    if kinds[1:] and not inner:
        return []
    text = operand(value, program.text)
    if isinstance(value, ast.Tuple) and not text.startswith("("):
        return []
    first, last = (
        Span(where.line, where.column, where.line, where.column),
        Span(where.end_line, where.end_column, where.end_line, where.end_column),
    )
    return [Edit(first, f"{name}("), *inner, Edit(last, ")")]


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in _GROWS and not (value.args or value.keywords)
    return not value.keys if isinstance(value, ast.Dict) else isinstance(value, ast.List) and not value.elts


def _is_conversion(call: ast.Call) -> bool:
    """Does a call make a list or a tuple of what it is given, and no more?"""
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    return len(call.args) == 1 and not call.keywords and name in (list.__name__, tuple.__name__)


def _parts(value: ast.expr) -> list[ast.expr]:
    """Return what a display holds."""
    if isinstance(value, (ast.List, ast.Tuple)):
        return value.elts
    if isinstance(value, ast.Dict):
        return value.values
    return [value.elt] if isinstance(value, ast.ListComp) else [value.value] if isinstance(value, ast.DictComp) else []


def _annotated(program: FaultyProgram, node: ast.stmt, register: str) -> list[Edit]:
    """Return the edit of the annotation of what is a list no more."""
    if not isinstance(node, ast.AnnAssign):
        return []
    return [Edit(program.place_of(node.annotation), _spelled(program, register))]


def _calls_on(tree: ast.AST, name: str) -> Iterator[ast.Call]:
    """Yield the calls of methods of an attribute."""
    for node in ast.walk(tree):
        func = node.func if isinstance(node, ast.Call) else None
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Attribute) and func.value.attr == name:
            assert isinstance(node, ast.Call)
            yield node


def _can_do(tree: ast.Module, name: str, kind: str) -> bool:
    """Can a container of PyTorch do all that is done with an attribute in a file?"""
    parents = parents_of(tree)
    for node in nodes_of(tree, ast.Attribute):
        if node.attr != name:
            continue
        parent = parents.get(node)
        if isinstance(parent, ast.Attribute) and parent.attr not in _GROWS[kind] and hasattr(_PLAIN[kind], parent.attr):
            return False
        if isinstance(parent, ast.BinOp) or (isinstance(parent, ast.Compare) and not _is_membership(parent)):
            return False
    return True


_PLAIN: Mapping[str, type] = {"list": list, "dict": dict}


def _is_membership(compared: ast.Compare) -> bool:
    """Is it asked whether something is among others, or is a certain one?"""
    return all(isinstance(each, (ast.In, ast.NotIn, ast.Is, ast.IsNot)) for each in compared.ops)


def _beside(program: FaultyProgram, stray: Stray) -> list[Edit]:
    """Return the edit that registers the parts in another attribute, behind the last statement that adds one."""
    *kinds, held = stray.form.split()
    owner, name = _owner(program, stray), stray.name.rpartition(".")[2]
    if owner is None or not kinds or held not in _HOLDS:
        return []
    methods = [method for _, _, method in _assigned(owner, name)]
    if not methods or any(each is not methods[0] for each in methods) or not methods[0].args.args:
        return []
    filling = [each for each in methods[0].body if _fills(each, name)]
    lines = split_lines(program.text)
    if not filling or not ends_alone(filling[-1], lines):
        return []
    own, last = methods[0].args.args[0].arg, filling[-1]
    new = _unused(owner, f"{name}_{'parameters' if held == 'tensors' else 'modules'}")
    parts = _flat(f"{own}.{name}", kinds, _spelled(program, _HOLDS[held]))
    line, margin = (last.end_lineno or 0) + 1, program.margin_of(last)
    register = _spelled(program, _REGISTERS["list", held])
    return [Edit.of_lines(line, line, f"{margin}{own}.{new} = {register}({parts})\n")]


def _fills(statement: ast.stmt, name: str) -> bool:
    """Does a statement assign an attribute, or write into it?"""
    stores = (
        each.value if isinstance(each, ast.Subscript) else each
        for each in ast.walk(statement)
        if isinstance(each, (ast.Attribute, ast.Subscript)) and isinstance(each.ctx, ast.Store)
    )
    is_stored = any(isinstance(each, ast.Attribute) and each.attr == name for each in stores)
    return is_stored or next(_calls_on(statement, name), None) is not None


def _unused(owner: ast.ClassDef, name: str) -> str:
    known = {each.attr for each in ast.walk(owner) if isinstance(each, ast.Attribute)}
    names = itertools.chain([name], (f"{name}_{at}" for at in itertools.count(2)))
    return next(each for each in names if each not in known)


def _flat(value: str, kinds: Sequence[str], kind: str) -> str:
    """Return an expression that gives the parts of containers in one another, one by one."""
    loops, current, names = "", value, iter(("group", "part", "piece", "item"))
    for at, each in enumerate(kinds):
        over = f"{current}.values()" if each in ("dict", "keys") else current
        is_last = at == len(kinds) - 1
        if each in ("mixed", "other"):
            return f"each{loops} if isinstance(each, {kind})" if loops else value
        if is_last and not loops:
            return over
        current = "each" if is_last or kinds[at + 1] in ("mixed", "other") else next(names)
        loops += f" for {current} in {over}"
    return f"each{loops}"


def imports(program: FaultyProgram, edits: Sequence[Edit]) -> Iterator[Edit]:
    """Yield the edit that imports what edits name by itself, where the file imports names from `torch.nn`."""
    bound = {each for each, _ in imports_in(program.tree)}
    wanted = {*_REGISTERS.values(), *_HOLDS.values(), "Parameter"} - bound
    lacking = sorted(each for each in wanted if any(re.search(rf"(?<![\w.]){each}\b", edit.text) for edit in edits))
    place = _import_from(program)
    if lacking and place is not None:
        last = program.place_of(place.names[-1])
        at = Span(last.end_line, last.end_column, last.end_line, last.end_column)
        line = split_lines(program.text)[last.line - 1]
        margin = line[: len(line) - len(line.lstrip())]
        is_alone = last.line > place.lineno and not line[: last.column - 1].strip()
        yield Edit(at, "".join(f",\n{margin}{each}" if is_alone else f", {each}" for each in lacking))


def _import_from(program: FaultyProgram) -> ast.ImportFrom | None:
    """Return the statement by which a file imports names from `torch.nn`."""
    module = f"{record_of(program.framework).module}.nn"
    return next((each for each in nodes_of(program.tree, ast.ImportFrom) if each.module == module), None)


def _spelled(program: FaultyProgram, name: str) -> str:
    """Return how a file writes a name of `torch.nn`."""
    whole = f"{record_of(program.framework).module}.nn.{name}"
    return spelled_in(program.tree, whole) or (name if _import_from(program) is not None else whole)
