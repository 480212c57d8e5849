"""Looks up what names of the project stand for: members of classes and instances, and what a file imports from others.

An imported name is followed when it is called with a prediction, or when it says that it is a loss; only then is its
file read. A model's insides stay the model's: what it returns carries a gradient. What cannot be found stays unknown.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from autofix.analysis.run import Context, Run, execute, is_in_loss
from autofix.analysis.syntactic import trained_names
from autofix.analysis.values import (
    UNKNOWN,
    Arguments,
    Choice,
    Class,
    Dotted,
    Function,
    Imported,
    Instance,
    Meaning,
    PartOf,
    Scope,
    Super,
    Value,
    uncertain,
)
from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import PACKAGES
from autofix.syntax.spans import Neighbour, file_of, is_here

_MOST_FILES = 24
_OUTSIDE = frozenset({*PACKAGES, *effects.LEAVERS, *sys.stdlib_module_names})
_DEFINING = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.If,
    ast.Try,
)  # fmt: skip


def member(run: Run, base: Value, name: str) -> Value | None:
    """Return an attribute or method of a class or instance of the project, None where it is not known."""
    meaning = base.meaning
    if isinstance(meaning, Instance):
        return _member_of_instance(run, base, meaning, name)
    if isinstance(meaning, Class):
        return _member_of_class(run, base, meaning, name)
    if isinstance(meaning, Super):
        found = next((each for each in (member(run, base, name) for base in meaning.bases) if each is not None), None)
        return _bound(found, meaning.receiver)
    return _member_of_imported(run, meaning, name) if isinstance(meaning, Imported) else None


def _member_of_instance(run: Run, base: Value, instance: Instance, name: str) -> Value | None:
    if name in instance.attributes:
        return uncertain(instance.attributes[name])  # what is not known of it may be a parameter
    made_from = instance.made_from
    return _bound(member(run, Value(meaning=made_from), name), base) if isinstance(made_from, Class) else None


def _member_of_class(run: Run, base: Value, cls: Class, name: str) -> Value | None:
    if name in cls.members.names:
        found = cls.members.names[name]
        return _bound(found, base) if _decorated(found, "classmethod") else found
    inherited = (member(run, each, name) for each in cls.bases)
    return next((found for found in inherited if found is not None), None)


def _member_of_imported(run: Run, imported: Imported, name: str) -> Value | None:
    last = imported.name.rpartition(".")[2]
    found = behind(run, imported) if last[:1].isupper() and naming.is_kind_of_loss(last) else None
    return member(run, found, name) if found is not None and isinstance(found.meaning, Class) else None


def _bound(found: Value | None, receiver: Value) -> Value | None:
    """Return a method bound to an instance or a class; a static one is bound to neither."""
    if found is None or not isinstance(found.meaning, Function) or _decorated(found, "staticmethod"):
        return found
    return found._replace(meaning=replace(found.meaning, receiver=receiver))


def _decorated(value: Value, name: str) -> bool:
    function = value.meaning
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
        return False
    return any(isinstance(each, ast.Name) and each.id == name for each in function.node.decorator_list)


def imported_as(run: Run, name: str, node: ast.Import | ast.ImportFrom) -> Dotted:
    """Return what a name stands for that is imported at `node`; a star import is taken down for its file."""
    canonical = effects.canonical(name)
    if run.files.around is None or canonical.partition(".")[0] in _OUTSIDE:
        return PartOf(canonical) if name in effects.PARTIAL_VIEWS else Dotted(canonical)
    imported = Imported(name, _path_of(run, node))
    if name.endswith("*"):
        run.files.stars.setdefault(file_of(node), []).append(imported)
    return imported


def _path_of(run: Run, node: ast.AST) -> str:
    """Return the path of the file that a node stands in."""
    neighbour = run.files.neighbours.get(file_of(node))
    if neighbour is not None:
        return neighbour.path
    return run.files.around.path if run.files.around is not None else ""


def of_star_imports(run: Run, node: ast.Name) -> Value:
    """Return what a name stands for that nothing in its file but a star import can give a value."""
    for star in run.files.stars.get(file_of(node), ()):
        named = replace(star, name=star.name[:-1] + node.id)
        if behind(run, named) is not None:
            return Value(meaning=named)
    return UNKNOWN


def resolved_loss(run: Run, value: Value) -> Value:
    """Return what another file of the project has under the name of a loss that a value stands for."""
    meaning = value.meaning
    if isinstance(meaning, Imported) and naming.is_loss(meaning.name.rpartition(".")[2]):
        return behind(run, meaning) or value
    return value


def followed(run: Run, callee: Value, arguments: Arguments) -> Value:
    """Return a callee with what it may stand for in other files, where that is worth a look."""
    meaning = callee.meaning
    if isinstance(meaning, Choice):
        options = [_option(run, each, arguments) for each in meaning.options]
        return callee._replace(meaning=Choice(tuple(each for each in options if not isinstance(each, Choice))))
    option = _option(run, meaning, arguments) if meaning is not None else None
    return callee if option is meaning else callee._replace(meaning=option)


def _option(run: Run, meaning: Meaning, arguments: Arguments) -> Meaning:
    if not isinstance(meaning, Imported) or meaning.name in run.own_rules:
        return meaning
    named, values = naming.is_loss(meaning.name.rpartition(".")[2]), arguments.values
    asked = any(each.derived or _is_own_loss(each) for each in values) or (values and is_in_loss(run))
    if not named and not asked:
        return meaning
    found = behind(run, meaning)
    return found.meaning if found is not None and found.meaning and _may_enter(run, found.meaning) else meaning


def _is_own_loss(value: Value) -> bool:
    """Is this a function of the file at hand, or an object that its class calls a loss: what a trainer is given?"""
    made_from = value.meaning.made_from if isinstance(value.meaning, Instance) else value.meaning
    if isinstance(made_from, Class):
        return is_here(made_from.node) and naming.is_loss(made_from.qualname)
    return isinstance(made_from, Function) and is_here(made_from.node)


def _may_enter(run: Run, meaning: Meaning) -> bool:
    """Is this to be looked into: a function, or a class that its name, or its file's, calls a loss?"""
    made_from = meaning.made_from if isinstance(meaning, Instance) else meaning
    if not isinstance(made_from, Class):
        return True
    neighbour = run.files.neighbours.get(file_of(made_from.node))
    stem = neighbour.path.replace("\\", "/").rpartition("/")[2].removesuffix(".py") if neighbour is not None else ""
    return naming.is_kind_of_loss(made_from.qualname) or naming.is_named_loss(stem)


def behind(run: Run, imported: Imported) -> Value | None:
    """Return what a file of the project has under an imported name; None where that is not known."""
    known = run.files.behind
    if imported not in known:
        known[imported] = None  # re-exports that go round in a circle lead nowhere
        known[imported] = _found(run, imported)
    return known[imported]


def _found(run: Run, imported: Imported) -> Value | None:
    """Find the longest part of a dotted name that is a file, and look up the rest of it there."""
    assert run.files.around is not None
    plain = imported.name.lstrip(".")
    dots = imported.name[: len(imported.name) - len(plain)]
    parts = plain.split(".")
    for length in range(len(parts), -1 if dots else 0, -1):
        path = run.files.around.place(dots + ".".join(parts[:length]), imported.near)
        if path is not None:
            return _found_in(run, path, parts[length:])
    return None


def _found_in(run: Run, path: str, names: list[str]) -> Value | None:
    scope = _scope_of(run, path)
    if scope is None or not names:
        return None
    value = scope.names.get(names[0]) or _found_by_stars(run, path, names[0])
    if value is not None and isinstance(value.meaning, Imported):
        return behind(run, replace(value.meaning, name=".".join([value.meaning.name, *names[1:]])))
    for name in names[1:]:
        value = member(run, value, name) if value is not None else None
    return value


def _found_by_stars(run: Run, path: str, name: str) -> Value | None:
    stars = [each for found in run.files.stars.values() for each in found if each.near == path]
    named = (behind(run, replace(star, name=star.name[:-1] + name)) for star in stars)
    return next((each for each in named if each is not None), None)


def _scope_of(run: Run, path: str) -> Scope | None:
    """Return the names of the file at a path, which is read, and its definitions executed, when it is first asked."""
    files = run.files
    if path not in files.scopes:
        assert files.around is not None
        found = files.around.read(path) if len(files.neighbours) < _MOST_FILES else None
        files.scopes[path] = None
        if found is not None:
            files.scopes[path] = Scope()
            enter(run, found, [each for each in found.tree.body if _defines(each)])
    return files.scopes[path]


def enter(run: Run, neighbour: Neighbour, statements: list[ast.stmt]) -> Scope:
    """Run statements of another file in its own scope, apart from what is being followed here."""
    scope = run.files.scopes.get(neighbour.path) or Scope()
    run.files.scopes[neighbour.path] = scope
    run.files.neighbours[neighbour.path] = neighbour
    run.positions.add(neighbour.path, neighbour.text)
    run.declared.models |= trained_names(neighbour.tree)
    with _apart(run):
        execute(run, statements, scope)
    return scope


@contextmanager
def _apart(run: Run) -> Iterator[None]:
    before, run.context = run.context, Context(open_tapes=run.context.open_tapes)
    try:
        yield
    finally:
        run.context = before


def _defines(statement: ast.stmt) -> bool:
    """Is this a statement that gives names their meaning, and not one of a script's own run?"""
    is_run = isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
    return isinstance(statement, _DEFINING) and not is_run


def is_function_of(meaning: Meaning | None, file: str) -> bool:
    """Is this a function or a class of this file?"""
    return isinstance(meaning, (Function, Class)) and file_of(meaning.node) == file
