"""Finishes a rewritten module: pastes the functions it calls, adds the imports it needs, removes those it uses no more.

Takes the LibCST module, the text it came from and what its renderings need; gives the text. A pasted function gets a
name that the file does not use, unless for the very same function: `Identifiers` knows the names of a file.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import count

import libcst as cst

from autofix.analysis.faults import GraphFault
from autofix.analysis.values import Dotted, PartOf, Scope
from autofix.knowledge import effects
from autofix.knowledge.frameworks import ALL
from autofix.syntax.parsing import parsed

_SETTINGS = ("os.environ", "sys.path", "warnings.", "matplotlib.use(")


def module_names(module: Scope) -> dict[str, str]:
    """Return what the modules that a replacement may need are called in this file."""
    names = {"math": "math", "numpy": "np", **{each.module: each.alias for each in ALL}}
    meanings = ((name, value.meaning) for name, value in module.names.items())
    whole = {name: each for name, each in meanings if isinstance(each, Dotted) and not isinstance(each, PartOf)}
    bound = {each.name: name for name, each in whole.items()}
    for wanted, alias in names.items():
        package, _, last = wanted.rpartition(".")
        if wanted in bound:
            names[wanted] = bound[wanted]
        elif package in bound or (package and alias in module.names):
            names[wanted] = f"{bound.get(package, package)}.{last}"
    return names


def finish_imports(
    module: cst.Module,
    original: str,
    needed: Iterable[str],
    definitions: Sequence[str],
    fault: GraphFault,
    names: Mapping[str, str],
) -> str:
    """Return the text of a rewritten module with all that it needs and nothing that only `original` used."""
    module = _paste(module, definitions, fault)
    for name in sorted(needed):
        if not is_bound(fault.program.module, name, names[name]):
            module = _add_import(module, name, names[name])
    return _drop_unused(module, fault, used_names(original)).code


def is_bound(scope: Scope, module: str, name: str) -> bool:
    head, _, rest = name.partition(".")
    value = scope.names.get(head)
    return value is not None and value.meaning == Dotted(module.removesuffix(f".{rest}") if rest else module)


def _paste(module: cst.Module, definitions: Sequence[str], fault: GraphFault) -> cst.Module:
    """Put private functions above the top-level statement that holds the loss, each once."""
    new = [each for each in definitions if f"def {name_of(each)}(" not in module.code]
    if not new:
        return module
    outermost = fault.loss.partition(".")[0]
    body = list(module.body)
    place = next(
        (at for at, each in enumerate(body) if getattr(getattr(each, "name", None), "value", "") == outermost), None
    )
    place = place if place is not None else _after_imports(body)
    pasted: list[cst.BaseStatement | cst.SimpleStatementLine] = []
    for definition in new:
        statement = cst.parse_statement(definition.rstrip() + "\n", config=module.config_for_parsing)
        pasted.append(statement.with_changes(leading_lines=[cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]))
    return module.with_changes(body=[*body[:place], *pasted, *body[place:]])


def _add_import(module: cst.Module, name: str, alias: str) -> cst.Module:
    package, _, last = name.rpartition(".")
    body = list(module.body)
    if not package or alias.endswith(f".{last}"):
        name = alias.partition(".")[0] if package else name
        text = f"import {name}" if alias in (name, f"{name}.{last}") else f"import {name} as {alias}"
        place = _import_place(body, name)
    else:
        beside = _from_package(body, package)
        if beside is not None:
            return _with_another(module, beside, last)
        text = f"from {package} import {last}"
        place = _from_place(body, package)
    statement = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    heads_a_group = place < len(body) and _imported(body[place]) and not (place and _imported(body[place - 1]))
    if not heads_a_group:
        return module.with_changes(body=[*body[:place], statement, *body[place:]])
    following = cst.ensure_type(body[place], cst.SimpleStatementLine)
    moved = statement.with_changes(leading_lines=following.leading_lines)
    return module.with_changes(
        body=[*body[:place], moved, following.with_changes(leading_lines=[]), *body[place + 1 :]]
    )


def _from_package(body: Sequence[cst.CSTNode], package: str) -> int | None:
    """Return where `from package import …` stands in the head of the file, None where it does not."""
    for place in range(_after_imports(body)):
        statement = body[place]
        small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) and statement.body else None
        if not isinstance(small, cst.ImportFrom) or small.relative or isinstance(small.names, cst.ImportStar):
            continue
        if small.module is not None and _dotted(small.module) == package:
            return place
    return None


def _with_another(module: cst.Module, place: int, name: str) -> cst.Module:
    """Return the module in which one more name is imported by the statement at `place`, in order where they are."""
    statement = cst.ensure_type(module.body[place], cst.SimpleStatementLine)
    imported = cst.ensure_type(statement.body[0], cst.ImportFrom)
    names = [] if isinstance(imported.names, cst.ImportStar) else list(imported.names)
    between = next((each.comma for each in names[:-1]), _COMMA)
    end = names[-1].comma
    names.insert(sum(_dotted(each.name) < name for each in names), cst.ImportAlias(cst.Name(name)))
    several = [each if isinstance(each.comma, cst.Comma) and each.comma is not end else
               each.with_changes(comma=between) for each in names[:-1]]  # fmt: skip
    whole = imported.with_changes(names=[*several, names[-1].with_changes(comma=end)])
    changed = statement.with_changes(body=[whole, *statement.body[1:]])
    return module.with_changes(body=[*module.body[:place], changed, *module.body[place + 1 :]])


_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _from_place(body: Sequence[cst.CSTNode], package: str) -> int:
    """Return where `from package import …` goes: behind the plain imports and those from packages before it."""
    head = [at for at in range(_after_imports(body)) if _imported(body[at])]
    before = [at for at in head if any(each in sys.stdlib_module_names for each in _imported(body[at]))
              or _is_plain(body[at]) or _imported(body[at])[0] < package]  # fmt: skip
    return before[-1] + 1 if before else (head[0] if head else _after_docstring(body))


def _import_place(body: Sequence[cst.CSTNode], name: str) -> int:
    """Return where a third-party import goes: behind its plain neighbours, before the first `from` of its group."""
    end = _after_imports(body)
    head = range(end)
    is_third_party = [at for at in head if any(each not in sys.stdlib_module_names for each in _imported(body[at]))]
    plain = [at for at in is_third_party if _is_plain(body[at])]
    if name in sys.stdlib_module_names:
        standard = [at for at in head if _imported(body[at]) and at not in is_third_party]
        return (
            standard[-1] + 1
            if standard
            else min((at for at in head if _imported(body[at])), default=_after_docstring(body))
        )
    before = [at for at in plain if _imported(body[at])[0] < name]
    if before:
        return before[-1] + 1
    return is_third_party[0] if is_third_party else end


def _after_docstring(body: Sequence[cst.CSTNode]) -> int:
    return 1 if body and isinstance(body[0], cst.SimpleStatementLine) and is_docstring(body[0]) else 0


def _after_imports(body: Sequence[cst.CSTNode]) -> int:
    """Return where the block of imports at the head of the file ends; settings that imports depend on belong to it."""
    place = end = _after_docstring(body)
    while place < len(body) and (_imported(body[place]) or _is_setting(body[place])):
        place += 1
        end = place if _imported(body[place - 1]) else end
    return end


def _is_setting(statement: cst.CSTNode) -> bool:
    """Is this `os.environ["KERAS_BACKEND"] = …` or `sys.path.append(…)`, which stand between imports on purpose?"""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    return cst.Module([]).code_for_node(statement).strip().startswith(_SETTINGS)


def _imported(statement: cst.CSTNode) -> list[str]:
    """Return the top-level packages that a statement imports."""
    if not isinstance(statement, cst.SimpleStatementLine) or not statement.body:
        return []
    small = statement.body[0]
    if isinstance(small, cst.Import):
        return [_dotted(alias.name).partition(".")[0] for alias in small.names]
    if isinstance(small, cst.ImportFrom):
        return [_dotted(small.module).partition(".")[0] if small.module else "."]
    return []


def _is_plain(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Import)


def _dotted(node: cst.BaseExpression) -> str:
    return cst.Module([]).code_for_node(node).strip()


def _drop_unused(module: cst.Module, fault: GraphFault, used: set[str]) -> cst.Module:
    """Drop the imports of NumPy and its like that nothing uses any more; what was unused before stays.

    So does what another file may take from here: by `from losses import *`, or as `losses.np`.
    """
    left = used_names(module.code)
    before = {
        name for name, value in fault.program.module.names.items()
        if isinstance(value.meaning, Dotted) and _is_left_behind(value.meaning.name, fault.program.own_rules)
    } & used  # fmt: skip
    around = fault.program.around
    unused = {name for name in before - left if not (around is not None and around.takes(name))}
    return module.visit(_DropImports(unused)) if unused else module


def _is_left_behind(name: str, own_rules: frozenset[str]) -> bool:
    """Is this NumPy or its like, or a function (or the module of one) that the project has a rule of its own for?"""
    own = any(rule == name or rule.startswith(f"{name}.") for rule in own_rules)
    return own or effects.package_of(name) in (*effects.LEAVERS, "functools")


def without_imports(text: str, names: set[str]) -> str:
    """Return a text without the imports of these names at its top level."""
    return cst.parse_module(text).visit(_DropImports(names)).code if names else text


def with_imports_of(before: str, text: str) -> str:
    """Return a text with those imports of an earlier one whose names it uses again, where they stood."""
    bound = _bound_names(parsed(text))
    wanted = (used_names(text) & used_names(before)) - bound
    found = [each for each in parsed(before).body if isinstance(each, (ast.Import, ast.ImportFrom))
             and any((alias.asname or alias.name.partition(".")[0]) in wanted for alias in each.names)]  # fmt: skip
    lines, old = text.split("\n"), before.split("\n")
    for each in found:
        written = old[each.lineno - 1 : each.end_lineno]
        place = _place_of(each.lineno - 1, old, lines)
        lines[place:place] = written
    return "\n".join(lines)


def _place_of(line: int, old: Sequence[str], new: Sequence[str]) -> int:
    """Return where a line of `old` (from 0) that is not in `new` stood among its lines."""
    while line > 0 and old[line - 1] not in new[:line]:
        line -= 1
    return new.index(old[line - 1]) + 1 if line > 0 else 0


def _bound_names(tree: ast.Module) -> set[str]:
    """Return the names that a module imports anywhere."""
    return {alias.asname or alias.name.partition(".")[0] for each in ast.walk(tree)
            if isinstance(each, (ast.Import, ast.ImportFrom)) for alias in each.names}  # fmt: skip


def used_names(text: str) -> set[str]:
    """Return every name that a text uses, in strings too: `__all__` and annotations name things there."""
    names: set[str] = set()
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            names.update(re.findall(r"\w+", node.value) if " " not in node.value else [])
    return names


class _DropImports(cst.CSTTransformer):
    """Removes the names from the imports at the top level of the module."""

    def __init__(self, unused: set[str]) -> None:
        super().__init__()
        self._unused = unused
        self._above: list[cst.EmptyLine] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> bool:
        return False

    def visit_ClassDef(self, node: cst.ClassDef) -> bool:
        return False

    def visit_Try(self, node: cst.Try) -> bool:
        return False

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.RemovalSentinel:
        if not updated_node.body:
            self._above += updated_node.leading_lines
            return cst.RemoveFromParent()
        if self._above and _imported(updated_node):
            updated_node = updated_node.with_changes(leading_lines=_joined(self._above, updated_node.leading_lines))
        self._above = []
        return updated_node

    def leave_Import(
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        return self._kept(updated_node, updated_node.names)

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        names = updated_node.names
        return updated_node if isinstance(names, cst.ImportStar) else self._kept(updated_node, names)

    def _kept(
        self, node: cst.Import | cst.ImportFrom, names: Sequence[cst.ImportAlias]
    ) -> cst.BaseSmallStatement | cst.RemovalSentinel:
        kept = [alias for alias in names if _bound_name(alias) not in self._unused]
        if len(kept) == len(names):
            return node
        if not kept:
            return cst.RemoveFromParent()
        kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(names=kept)


def _joined(above: Sequence[cst.EmptyLine], own: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    """Put what stood above a removed import above the next one, where blank lines of its own take the others' place."""
    if own and own[0].comment is None:
        above = above[: max((at + 1 for at, line in enumerate(above) if line.comment is not None), default=0)]
    return [*above, *own]


def _bound_name(alias: cst.ImportAlias) -> str:
    if alias.asname is not None:
        return _dotted(alias.asname.name)
    return _dotted(alias.name).partition(".")[0]


class Identifiers:
    """Every name that a file uses anywhere, and the functions at its top level."""

    def __init__(self, text: str) -> None:
        self._text = text

    def renamed(self, definitions: Iterable[str]) -> dict[str, str]:
        """Return other names for those of `definitions` that mean something else in the file."""
        named = {name_of(each): each for each in definitions}
        others = {name: self._free(name, each) for name, each in named.items()}
        return {name: other for name, other in others.items() if other != name}

    def _free(self, name: str, definition: str) -> str:
        numbered = (name if number == 1 else f"{name}_{number}" for number in count(1))
        return next(each for each in numbered if each not in self._used or self._is_there(each, name, definition))

    def _is_there(self, each: str, name: str, definition: str) -> bool:
        wanted = ast.parse(definition.replace(f"def {name}(", f"def {each}(", 1)).body[0]
        return self._functions.get(each) == ast.dump(wanted)

    @cached_property
    def _tree(self) -> ast.Module:
        return parsed(self._text)

    @cached_property
    def _functions(self) -> dict[str, str]:
        return {each.name: ast.dump(each) for each in self._tree.body if isinstance(each, ast.FunctionDef)}

    @cached_property
    def _used(self) -> frozenset[str]:
        found: set[str] = set()
        for node in ast.walk(self._tree):
            match node:
                case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    found.add(name)
                case ast.alias(name=name, asname=asname):
                    found.add(asname or name.partition(".")[0])
                case ast.Global(names=names) | ast.Nonlocal(names=names):
                    found.update(names)
        return frozenset(found)


def name_of(definition: str) -> str:
    """Return the name of the function that a text defines."""
    return definition.partition("def ")[2].partition("(")[0].strip()


def is_docstring(statement: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    """Is this statement a string that stands alone?"""
    if not isinstance(statement, cst.SimpleStatementLine) or not statement.body:
        return False
    small = statement.body[0]
    return isinstance(small, cst.Expr) and isinstance(small.value, (cst.SimpleString, cst.ConcatenatedString))
