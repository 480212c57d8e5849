"""Follows what a file imports from others of its project: functions, losses, registries of losses.

A name is followed when it is called with a prediction, or when it says that it is a loss; only then is its file read.
A model's insides stay the model's: what it returns carries a gradient. What cannot be found stays unknown.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from autofix.analysis.calls import last_name
from autofix.analysis.record import Fact
from autofix.analysis.statements import Statements
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
    Scope,
    Value,
)
from autofix.knowledge import effects, naming
from autofix.model import Cut, Framework
from autofix.syntax.neighbours import Around, Neighbour, is_here, number_of
from autofix.syntax.spans import Key, Positions

_MOST_FILES = 24
_OUTSIDE = frozenset({*effects.FRAMEWORKS, *effects.LEAVERS, *sys.stdlib_module_names})
_DEFINING = (
    ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.If,
    ast.Try,
)  # fmt: skip


class Imports(Statements):
    """Execution of statements and calls over several files."""

    def __init__(self, positions: Positions, framework: Framework, around: Around | None) -> None:
        super().__init__(positions, framework)
        self.around = around
        self.module = Scope()
        self.neighbours: dict[int, Neighbour] = {}
        self._scopes: dict[str, Scope | None] = {around.path: self.module} if around is not None else {}
        self._behind: dict[Imported, Value | None] = {}
        self._stars: dict[int, list[Imported]] = {}
        self._made: dict[int, Value] = {}

    def outside(self, name: str, node: ast.Import | ast.ImportFrom) -> Dotted:
        canonical = effects.canonical(name)
        if self.around is None or canonical.partition(".")[0] in _OUTSIDE:
            return Dotted(canonical)
        imported = Imported(name, self._path(node))
        if name.endswith("*"):
            self._stars.setdefault(number_of(node), []).append(imported)
        return imported

    def apply(self, node: ast.Call, callee: Value, arguments: Arguments, scope: Scope) -> Value:
        followed = self._followed(callee, arguments)
        result = super().apply(node, followed, arguments, scope)
        if isinstance(followed.meaning, Function) and not is_here(followed.meaning.node):
            return self._led_to(node, result, arguments)
        made = result.meaning
        if isinstance(callee.meaning, Imported) and isinstance(made, Instance) and isinstance(made.made_from, Dotted):
            return result._replace(meaning=replace(made, imported=(callee.meaning, arguments)))
        return result

    def _call_instance(
        self, node: ast.Call, callee: Value, instance: Instance, arguments: Arguments, scope: Scope
    ) -> Value:
        given = any(each.derived for each in arguments.values)
        if instance.imported is not None and given and _is_called_loss(node, instance.imported[0]):
            made = self._made_of(instance, *instance.imported)
            if made is not None and isinstance(made.meaning, Instance):
                callee, instance = made, made.meaning
        result = super()._call_instance(node, callee, instance, arguments, scope)
        is_elsewhere = isinstance(instance.made_from, Class) and not is_here(instance.made_from.node)
        return self._led_to(node, result, arguments) if is_elsewhere else result

    def _led_to(self, node: ast.Call, result: Value, arguments: Arguments) -> Value:
        """Return what another file gave for a call of this one, the call among its makers.

        Where a gradient arrives, what cuts it there may as well be for other types, or other ways to call it.
        """
        if not result.derived or not is_here(node):
            return result
        key = self.positions.key(node)
        self.nodes[key] = node
        known = frozenset().union(*(each.cuts for each in arguments.values))
        made = _made_by(result, key, known)
        self.facts.note(key, Fact(made, arguments.values))
        return made

    def _made_of(self, instance: Instance, imported: Imported, arguments: Arguments) -> Value | None:
        """Return an instance of another file's class, which nothing but its use shows to be a loss."""
        found = self.behind(imported)
        if found is None or not isinstance(found.meaning, Class):
            return None
        if id(instance) not in self._made:
            self._made[id(instance)] = self.instantiate(found.meaning, arguments)
        return self._made[id(instance)]

    def member(self, base: Value, name: str) -> Value | None:
        if isinstance(base.meaning, Imported):
            last = base.meaning.name.rpartition(".")[2]
            found = self.behind(base.meaning) if last[:1].isupper() and naming.is_kind_of_loss(last) else None
            return self.member(found, name) if found is not None and isinstance(found.meaning, Class) else None
        return super().member(base, name)

    def seen_through(self, value: Value) -> Value:
        meaning = value.meaning
        if isinstance(meaning, Imported) and naming.is_loss(meaning.name.rpartition(".")[2]):
            return self.behind(meaning) or value
        return value

    def unnamed(self, node: ast.Name) -> Value:
        for star in self._stars.get(number_of(node), ()):
            named = replace(star, name=star.name[:-1] + node.id)
            if self.behind(named) is not None:
                return Value(meaning=named)
        return UNKNOWN

    def _followed(self, callee: Value, arguments: Arguments) -> Value:
        """Return a callee with what it may stand for in other files, where that is worth a look."""
        meaning = callee.meaning
        if isinstance(meaning, Choice):
            options = [self._option(each, arguments) for each in meaning.options]
            return callee._replace(meaning=Choice(tuple(each for each in options if not isinstance(each, Choice))))
        option = self._option(meaning, arguments) if meaning is not None else None
        return callee if option is meaning else callee._replace(meaning=option)

    def _option(self, meaning: Meaning, arguments: Arguments) -> Meaning:
        if not isinstance(meaning, Imported) or meaning.name in self.own_rules:
            return meaning
        named = naming.is_loss(meaning.name.rpartition(".")[2])
        given = arguments.values
        asked = any(each.derived or _is_own_loss(each) for each in given) or (given and self.in_loss())
        if not named and not asked:
            return meaning
        found = self.behind(meaning)
        return found.meaning if found is not None and found.meaning and self._may_enter(found.meaning) else meaning

    def in_loss(self) -> bool:
        return any(naming.is_loss(frame.function.qualname) for frame in self.frames)

    def _may_enter(self, meaning: Meaning) -> bool:
        """Is this to be looked into: a function, or a class that its name, or its file's, calls a loss?"""
        made_from = meaning.made_from if isinstance(meaning, Instance) else meaning
        if not isinstance(made_from, Class):
            return True
        home = self.neighbours.get(number_of(made_from.node))
        stem = home.path.replace("\\", "/").rpartition("/")[2].removesuffix(".py") if home is not None else ""
        return naming.is_kind_of_loss(made_from.qualname) or naming.is_named_loss(stem)

    def behind(self, imported: Imported) -> Value | None:
        """Return what a file of the project has under an imported name; None where that is not known."""
        if imported not in self._behind:
            self._behind[imported] = None  # re-exports that go round in a circle lead nowhere
            self._behind[imported] = self._sought(imported)
        return self._behind[imported]

    def _sought(self, imported: Imported) -> Value | None:
        assert self.around is not None
        plain = imported.name.lstrip(".")
        dots = imported.name[: len(imported.name) - len(plain)]
        parts = plain.split(".")
        for length in range(len(parts), -1 if dots else 0, -1):
            path = self.around.place(dots + ".".join(parts[:length]), imported.near)
            if path is not None:
                return self._inside(path, parts[length:])
        return None

    def _inside(self, path: str, names: list[str]) -> Value | None:
        scope = self._scope_of(path)
        if scope is None or not names:
            return None
        value = scope.names.get(names[0]) or self._from_stars(path, scope, names[0])
        if value is not None and isinstance(value.meaning, Imported):
            return self.behind(replace(value.meaning, name=".".join([value.meaning.name, *names[1:]])))
        for name in names[1:]:
            value = self.member(value, name) if value is not None else None
        return value

    def _from_stars(self, path: str, scope: Scope, name: str) -> Value | None:
        stars = [each for found in self._stars.values() for each in found if each.near == path]
        named = (self.behind(replace(star, name=star.name[:-1] + name)) for star in stars)
        return next((each for each in named if each is not None), None)

    def _scope_of(self, path: str) -> Scope | None:
        if path not in self._scopes:
            assert self.around is not None
            found = self.around.read(path) if len(self.neighbours) < _MOST_FILES else None
            self._scopes[path] = None
            if found is not None:
                self._scopes[path] = Scope()
                self.enter(found, [each for each in found.tree.body if _defines(each)])
        return self._scopes[path]

    def enter(self, neighbour: Neighbour, statements: list[ast.stmt]) -> Scope:
        """Run statements of another file in its own scope, out of whatever is on its way here."""
        scope = self._scopes.get(neighbour.path) or Scope()
        self._scopes[neighbour.path] = scope
        self.neighbours[neighbour.number] = neighbour
        self.positions.add(neighbour.number, neighbour.text)
        self.learn_models(neighbour.tree)
        with self._apart():
            self.execute(statements, scope)
        return scope

    def learn_models(self, tree: ast.Module) -> None:
        """Take down which names stand for models in another file."""
        raise NotImplementedError

    @contextmanager
    def _apart(self) -> Iterator[None]:
        before = self.frames, self.no_grad, self.away_from_tape, self._branch, self._loops
        self.frames, self.no_grad, self.away_from_tape, self._branch, self._loops = [], None, None, 0, 0
        try:
            yield
        finally:
            self.frames, self.no_grad, self.away_from_tape, self._branch, self._loops = before

    def _path(self, node: ast.AST) -> str:
        neighbour = self.neighbours.get(number_of(node))
        if neighbour is not None:
            return neighbour.path
        return self.around.path if self.around is not None else ""


def _is_called_loss(node: ast.Call, imported: Imported) -> bool:
    """Does a name say that an object is a loss: its own, or that of the file which its class comes from?"""
    return naming.is_loss(last_name(node.func)) or naming.is_named_loss(imported.name)


def _is_own_loss(value: Value) -> bool:
    """Is this a function of the file at hand, or an object that its class calls a loss: what a trainer is given?"""
    made_from = value.meaning.made_from if isinstance(value.meaning, Instance) else value.meaning
    if isinstance(made_from, Class):
        return is_here(made_from.node) and naming.is_loss(made_from.qualname)
    return isinstance(made_from, Function) and is_here(made_from.node)


def _made_by(value: Value, key: Key, known: frozenset[Cut]) -> Value:
    items = tuple(_made_by(each, key, known) for each in value.items) if value.items is not None else None
    element = _made_by(value.element, key, known) if value.element is not None else None
    cuts = value.cuts & known if value.live else value.cuts
    return value._replace(items=items, element=element, makers=value.makers | {key}, cuts=cuts)


def _defines(statement: ast.stmt) -> bool:
    """Is this a statement that gives names their meaning, and not one of a script's own run?"""
    is_run = isinstance(statement, ast.If) and "__name__" in ast.unparse(statement.test)
    return isinstance(statement, _DEFINING) and not is_run


def is_function_of(meaning: Meaning | None, number: int) -> bool:
    """Is this a function or a class of the file of this number?"""
    return isinstance(meaning, (Function, Class)) and number_of(meaning.node) == number
