"""The rules of a framework, by the name of what they replace.

Takes canonical names (`numpy.mean`, `ndarray.T`, `Tensor.detach`) and the arguments of a call; gives the ways to write
it in the framework, smallest first, or the reason why there is none. A file is parsed when a name of its is asked for.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from autofix.model import Framework
from autofix.rewrite.evaluate import Inline, Outcome, Paste, run
from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import parenthesised
from autofix.rewrite.render import render
from autofix.rewrite.rule import Argument, Dialect, Refused, Rendering, RuleFile, prefixes, read_dialect, read_rules
from autofix.rewrite.rule_binding import Bound, bind

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

    def reason(self, name: str) -> str | None:
        """Why nothing can replace `name`, where its rule says so."""
        found = self._find(name)
        if found is None:
            return None
        rules, spellings = found
        reasons = [_only_refuses(rules.functions[spelling]) for spelling in spellings]
        return reasons[0] if all(reasons) else None

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
    ) -> tuple[Rendering, ...] | Refused:
        """The ways to write the call `name(arguments)`, the receiver of a method being the first argument.

        `aliases` maps modules to their names in the file: `{"torch": "T", "tensorflow": "tf"}`.
        """
        found = self._find(name)
        if found is None:
            return Refused(f"there is no rule for {name}")
        rules, spellings = found
        refusals: list[Refused] = []
        renderings: dict[str, Rendering] = {}
        for spelling in spellings:
            for rendered in self._spell(spelling, rules, arguments, aliases):
                if isinstance(rendered, Refused):
                    refusals.append(rendered)
                else:
                    text = code_of(rendered.expression)
                    renderings[text] = _either(renderings.get(text), rendered)
        if not renderings:
            return refusals[0] if refusals else Refused(f"the rule for {name} does not fit this call")
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
    ) -> Iterator[Rendering | Refused]:
        bound = bind(rules.functions[spelling], arguments, self.dialect)
        if isinstance(bound, Refused):
            yield bound
            return
        for outcome in _preferred(run(rules, spelling, bound.environment, bound.slots, self.dialect)):
            if isinstance(outcome, Refused):
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
        raise FileNotFoundError("autofix is not installed properly: its rules are missing")
    return Path(next(iter(found.submodule_search_locations)))


__all__ = ["Argument", "Bound", "Catalogue", "Inline", "Place", "Refused", "Rendering", "bundled", "parenthesised"]
