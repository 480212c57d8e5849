"""Names for the functions that a fix pastes: none that the file uses already, unless for the very same function."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from itertools import count


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
        return ast.parse(self._text)

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
