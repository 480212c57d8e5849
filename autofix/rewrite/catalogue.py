"""The rules of a framework, by the name of what they replace: those of autofix, and those of a project's own folders.

Takes canonical names (`numpy.mean`, `ndarray.T`, `Tensor.detach`) and the arguments of a call; gives the renderings of
it in the framework, smallest first, or the reason why there is none. A file is parsed when one of its names is asked
for. The folders that `[tool.autofix] rules` names are read first: they give the names that they have rules for, or all
that is wrong with them, each with its file, its line and the way out. Nothing in them is imported or run.
"""

from __future__ import annotations

import ast
import builtins
import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from autofix.knowledge.frameworks import ALL, NAMES, record_of
from autofix.model import Exit, Framework, OwnRules, Problem, Reason
from autofix.rewrite.binding import Bound, bind
from autofix.rewrite.evaluate import Inline, Outcome, Paste, run
from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import parenthesised
from autofix.rewrite.render import render
from autofix.rewrite.rules import Argument, Dialect, Rendering, RuleFile, prefixes, read_dialect, read_rules
from autofix.source.settings import load

_MOST_CANDIDATES = 6


class _Source:
    """One file of rules; `prefixes` are known at once, the rules when they are needed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = path.read_text(encoding="utf-8")
        self.prefixes = prefixes(self._text)

    def spellings(self, name: str) -> tuple[str, ...]:
        """The functions for a name without its prefix; the file is parsed only where its text has one of that name."""
        named = rf"^def {name}\(|^{name} = |^from .* import .*\b{name}\b|^    {name},$"
        return self.rules.spellings(name) if re.search(named, self._text, re.MULTILINE) else ()

    @cached_property
    def rules(self) -> RuleFile:
        return read_rules(self.path)


@dataclass(frozen=True)
class Place:
    """The file and line of a rule, and its functions: the rule and its alternatives."""

    path: Path
    line: int
    functions: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Catalogue:
    """The rules for one framework; where two files have a rule for a name, the later file's counts."""

    sources: tuple[_Source, ...]
    dialect: Dialect

    @classmethod
    def load(cls, framework: Framework, folders: Sequence[Path] = ()) -> Catalogue:
        """The bundled rules and those of further folders, which are laid out alike (`<folder>/torch/math.py`).

        `<folder>/reasons/` is read for every framework: it says why there is no spelling in any.
        """
        own = bundled()
        parts = [folder / part for folder in (own, *folders) for part in ("reasons", framework)]
        paths = [path for part in parts for path in sorted(part.glob("[!_]*.py"))]
        return cls(tuple(map(_Source, paths)), read_dialect(own / framework / "__init__.py"))

    def __contains__(self, name: object) -> bool:
        """Whether there is a rule for `name` that does more than refuse."""
        return isinstance(name, str) and self._find(name) is not None and self.reason(name) is None

    def reason(self, name: str) -> Reason | None:
        """Why nothing can replace `name`, where its rule says so; None where it does not."""
        found = self._find(name)
        if found is None:
            return None
        rules, spellings = found
        reasons = [_only_refuses(rules.functions[spelling]) for spelling in spellings]
        stated = [each for each in reasons if each]
        return Reason(Exit.RULE, stated[0], callee=name) if len(stated) == len(reasons) else None

    def names(self) -> Iterable[str]:
        """Every name with a rule, those that are refused included."""
        every = (f"{p}.{name}" for source in self.sources for p in source.prefixes for name in source.rules.names())
        return tuple(dict.fromkeys(every))

    def functions(self, name: str) -> tuple[ast.FunctionDef, ...]:
        """The rule for `name` and its alternatives, none where there is no rule."""
        found = self._find(name)
        return tuple(found[0].functions[spelling] for spelling in found[1]) if found else ()

    def place(self, name: str) -> Place | None:
        """Where the rule for `name` stands, and the functions that say how it may be written."""
        prefix, _, last = name.rpartition(".")
        for source in reversed(self.sources):
            spellings = source.spellings(last) if prefix in source.prefixes else ()
            if spellings:
                return Place(source.path, source.rules.functions[spellings[0]].lineno, spellings)
        return None

    def function(self, name: str) -> ast.FunctionDef | None:
        """The rule for `name`, for its signature."""
        return next(iter(self.functions(name)), None)

    def render(
        self, name: str, arguments: Sequence[Argument], aliases: Mapping[str, str]
    ) -> tuple[Rendering, ...] | Reason:
        """The ways to write the call `name(arguments)`, the receiver of a method being the first argument.

        `aliases` maps modules to their names in the file: `{"torch": "T", "tensorflow": "tf"}`.
        """
        found = self._find(name)
        if found is None:
            return Reason(Exit.RULE, f"there is no rule for {name}")
        rules, spellings = found
        refusals: list[Reason] = []
        renderings: dict[str, Rendering] = {}
        for spelling in spellings:
            for rendered in self._spell(spelling, rules, arguments, aliases):
                if isinstance(rendered, Reason):
                    refusals.append(rendered)
                else:
                    text = code_of(rendered.expression)
                    renderings[text] = _either(renderings.get(text), rendered)
        if not renderings:
            return refusals[0] if refusals else Reason(Exit.RULE, f"the rule for {name} does not fit this call")
        smallest_first = sorted(renderings, key=lambda text: (len(renderings[text].definitions), len(text)))
        return tuple(renderings[text] for text in smallest_first[:_MOST_CANDIDATES])

    def _find(self, name: str) -> tuple[RuleFile, tuple[str, ...]] | None:
        prefix, _, last = name.rpartition(".")
        for source in reversed(self.sources):
            spellings = source.spellings(last) if prefix in source.prefixes else ()
            if spellings:
                return source.rules, spellings
        return None

    def _spell(
        self, spelling: str, rules: RuleFile, arguments: Sequence[Argument], aliases: Mapping[str, str]
    ) -> Iterator[Rendering | Reason]:
        bound = bind(rules.functions[spelling], arguments, self.dialect)
        if isinstance(bound, Reason):
            yield bound
            return
        for outcome in _preferred(run(rules, spelling, bound.environment, bound.slots, self.dialect)):
            if isinstance(outcome, Reason):
                yield outcome
            else:
                rendering = render(outcome, spelling, rules, bound, aliases)
                if rendering is not None:
                    yield rendering


def _either(first: Rendering | None, second: Rendering) -> Rendering:
    """Two ways to the same text: it is for the calls of both."""
    if first is None:
        return second
    return replace(first, when=first.when + second.when if first.when and second.when else ())


def _preferred(outcomes: tuple[Outcome, ...]) -> tuple[Outcome, ...]:
    """A pasted function decides all that is open by itself: one will do."""
    pasted = next((outcome for outcome in outcomes if isinstance(outcome, Paste)), None)
    others = tuple(outcome for outcome in outcomes if not isinstance(outcome, Paste))
    return others if pasted is None else (*others, pasted)


def _only_refuses(function: ast.FunctionDef) -> str | None:
    body = [part for part in function.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))]
    match body:
        case [ast.Raise(exc=ast.Call(args=[ast.Constant(value=str(reason))]))]:
            return reason
        case _:
            return None


def bundled() -> Path:
    """The folder of the rules that come with autofix."""
    found = importlib.util.find_spec("autofix.rules")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("the installation of autofix is incomplete: its rules are missing")
    return Path(next(iter(found.submodule_search_locations)))


__all__ = ["Argument", "Bound", "Catalogue", "Inline", "Place", "Reason", "Rendering", "bundled", "parenthesised"]


_MODULES = frozenset({"math", "numpy", *(each.module for each in ALL)})
_QUESTIONS = "autofix.rules.dtypes"
_PLAIN = (ast.Expr, ast.Assign, ast.If, ast.Return, ast.Raise, ast.For, ast.While, ast.AugAssign, ast.Pass, ast.Assert,
          ast.Break, ast.Continue)  # fmt: skip


def read_own_rules(folders: Sequence[Path]) -> OwnRules | tuple[Problem, ...]:
    """The rules of these folders, or what is wrong with them."""
    problems: list[Problem] = []
    names: dict[Framework, frozenset[str]] = {}
    for framework in NAMES:
        seen: dict[str, str] = {}
        for path in (path for folder in folders for path in rule_files(folder, framework)):
            problems += _faults(path, framework, seen)
        names[framework] = frozenset(seen)
    problems += filter(None, map(_empty, folders))
    return tuple(problems) or OwnRules(tuple(folders), names)


def rules_near(path: str) -> OwnRules:
    """Return the rules that `[tool.autofix]` above a file names; none where it names none.

    Raises ValueError, with the file and the line of each fault, where the table or a rule cannot be used.
    """
    settings = load([path])
    if isinstance(settings, Problem):
        raise ValueError(f"{settings.path}: {settings.message}")
    found = read_own_rules([Path(folder) for folder in settings.rules]) if settings.rules else OwnRules()
    if isinstance(found, OwnRules):
        return found
    raise ValueError("\n".join(f"{each.path}: {each.message}" for each in found))


def usable_rules(folders: Sequence[str]) -> OwnRules:
    """The rules of these folders for an editor, where there is no run to end: none while one of them is broken."""
    found = read_own_rules([Path(folder) for folder in folders])
    return found if isinstance(found, OwnRules) else OwnRules()


def rule_files(folder: Path, framework: Framework) -> list[Path]:
    """The files of rules of one framework in a folder, in the order in which they count."""
    return sorted((folder / framework).glob("[!_]*.py"))


def _empty(folder: Path) -> Problem | None:
    if not folder.is_dir():
        return Problem(str(folder), "there is no such folder of rules; correct `rules` in [tool.autofix], or create it")
    if not any(rule_files(folder, framework) for framework in NAMES):
        layout = f"{folder.name}/torch/anything.py or {folder.name}/tensorflow/anything.py"
        return Problem(str(folder), f"it has no rules; put them into {layout}")
    return None


def _faults(path: Path, framework: Framework, seen: dict[str, str]) -> Iterator[Problem]:
    """What is wrong with a file; `seen` maps the names with a rule so far to their places, and is added to."""
    try:
        text = path.read_text(encoding="utf-8")
        body = ast.parse(text).body
    except (OSError, UnicodeDecodeError) as error:
        yield Problem(str(path), f"cannot be read: {error}")
        return
    except SyntaxError as error:
        yield _problem(path, error.lineno or 1, f"syntax error: {error.msg}")
        return
    try:
        owners = prefixes(text)
    except (ValueError, SyntaxError, TypeError):
        owners = ()
    if not owners or not all(isinstance(owner, str) and owner for owner in owners):
        yield _problem(path, 1, 'does not say whose functions it replaces; write FOR = "mylib.metrics" on its own line')
        return
    functions = [each for each in body if isinstance(each, ast.FunctionDef)]
    known = {each.name for each in functions} | set(_imported(body))
    for statement in body:
        yield from _out_of_place(path, statement, framework, {each.name for each in functions})
    for function in functions:
        yield from _faults_of_function(path, function, known)
    for name, line in _named(body):
        yield from _twice(path, line, [f"{owner}.{name}" for owner in owners], seen)


def _named(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    """The names that get a rule, with their lines; private functions and alternatives (`size__as_float`) get none."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) if not name.startswith("_") and "__" not in name:
                yield name, statement.lineno
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name()):
                yield name, statement.lineno


def _twice(path: Path, line: int, names: Sequence[str], seen: dict[str, str]) -> Iterator[Problem]:
    for name in names:
        if name in seen:
            yield _problem(path, line, f"{name} already has a rule, in {seen[name]}; remove one of the two")
        seen.setdefault(name, f"{path}:{line}")


def _out_of_place(path: Path, statement: ast.stmt, framework: Framework, functions: set[str]) -> Iterator[Problem]:
    """What is no rule, no synonym of one, no import that a rule can use, no FOR and no text."""
    line = statement.lineno
    match statement:
        case ast.FunctionDef() | ast.Expr(value=ast.Constant()) | ast.ImportFrom(module="__future__"):
            return
        case ast.Assign(targets=[ast.Name(id="FOR")]):
            return
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)):
            if other not in functions:
                yield _problem(path, line, f"{name} = {other}: there is no rule {other} in this file")
        case ast.ImportFrom(module=module) if module == _QUESTIONS:
            return
        case ast.ImportFrom() if ast.unparse(statement) == record_of(framework).statement:
            return
        case ast.Import(names=aliases):
            for alias in aliases:
                if alias.name not in _MODULES or alias.name in {each.module for each in ALL if each.name != framework}:
                    yield _problem(path, line, f"a rule cannot use {alias.name}; {_may_import(framework)}")
        case ast.ImportFrom():
            yield _problem(path, line, f"a rule cannot use `{ast.unparse(statement)}`; {_may_import(framework)}")
        case _:
            first = ast.unparse(statement).partition("\n")[0]
            allowed = "a file of rules only has functions, FOR, imports and `same = rule`"
            yield _problem(path, line, f"`{first}` is not a rule; {allowed}")


def _may_import(framework: Framework) -> str:
    return f"it may `{record_of(framework).statement}`, `import math` and `import numpy as np`"


def _faults_of_function(path: Path, function: ast.FunctionDef, known: set[str]) -> Iterator[Problem]:
    name, spec = function.name, function.args
    if spec.kwarg or spec.posonlyargs:
        what = f"**{spec.kwarg.arg}" if spec.kwarg else "/"
        yield _problem(path, function.lineno, f"{name} has {what} among its parameters; name each of them instead")
    if function.decorator_list:
        yield _problem(path, function.decorator_list[0].lineno, f"{name} has a decorator; remove it")
    for statement in _statements(function):
        if not isinstance(statement, _PLAIN):
            what = type(statement).__name__.lower()
            yield _problem(
                path, statement.lineno, f"{name} has a {what} statement; rules may use if, for, return, raise"
            )
    yield from _unknown_names(path, function, known)


def _statements(function: ast.FunctionDef) -> Iterator[ast.stmt]:
    return (node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function)


def _unknown_names(path: Path, function: ast.FunctionDef, known: set[str]) -> Iterator[Problem]:
    """Names in a rule that are neither its parameters nor its variables: they would mean nothing in a loss."""
    spec = function.args
    every = (*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg)
    parameters = [each.arg for each in every if each is not None]
    inner = {each.arg for node in ast.walk(function) if isinstance(node, ast.Lambda) for each in ast.walk(node.args)
             if isinstance(each, ast.arg)}  # fmt: skip
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    stored = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    bound = {*parameters, *stored, *inner, *known, *dir(builtins)}
    for node in names:
        if node.id not in bound:
            bound.add(node.id)
            takes = f"it takes {', '.join(parameters)}" if parameters else "it takes none"
            yield _problem(path, node.lineno, f"{node.id} is neither a parameter of {function.name} ({takes}) nor "
                           "known to rules; write its value instead")  # fmt: skip


def _imported(body: Sequence[ast.stmt]) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)


def _problem(path: Path, line: int, what: str) -> Problem:
    return Problem(f"{path}:{line}", what)
