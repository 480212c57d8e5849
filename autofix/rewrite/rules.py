"""A file of rules, read as source: nothing of it is imported or run while rewriting.

Takes the text of a file such as rules/torch/numpy_shape.py; gives its functions, the names they go by, and its modules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import libcst as cst

from autofix.knowledge.frameworks import framework_of
from autofix.model import Kind

_FOR = re.compile(r"^FOR = (.+)$", re.MULTILINE)
_ALTERNATIVE = "__"
_RULES = "autofix.rules"


@dataclass(frozen=True)
class Argument:
    """One argument of a call, already rewritten; `keyword` is "*" or "**" where the call unpacks one.

    `elements` says what it is made of ("bool", "int", "float") where the source shows it.
    """

    expression: cst.BaseExpression
    kind: Kind
    keyword: str | None = None
    elements: str = ""


@dataclass(frozen=True)
class Rendering:
    """What replaces a call: an expression, the modules it names, and private functions to paste above the loss.

    `when` are conditions that only the values show (the rank): it replaces calls for which one of them holds; all of
    them where there is none.
    """

    expression: cst.BaseExpression
    modules: frozenset[str]
    definitions: tuple[str, ...] = ()
    when: tuple[Rendering, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """What holds for every rule of a framework: read from its `__init__.py`.

    `defaults` says which keywords may be left out because the framework's default is the value; `stack` is the function
    that makes one tensor of a list of tensors, and `arrays` are the parameters that NumPy calls array-like; `numbers`
    are the functions, by last name, that count Booleans in NumPy and take none here. `takes_no` names the functions
    that do not take "integers", "booleans", "half precision" or "two types" as NumPy's do.
    """

    defaults: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    stack: str = ""
    arrays: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    path: Path | None = None

    @cached_property
    def takes_no(self) -> Mapping[str, frozenset[str]]:
        if self.path is None or not self.path.is_file():
            return {}
        tables = _tables(self.path.read_text(encoding="utf-8"))
        return {name.lower().replace("_", " "): frozenset(names.split()) for name, names in tables.items()}


@dataclass(frozen=True)
class RuleFile:
    """The rules of one file; `modules` maps the names that it imports (`tf`) to modules (`tensorflow`).

    `texts` holds the source of each function, those included that the file imports from other rules of its folder.
    """

    texts: Mapping[str, str]
    functions: Mapping[str, ast.FunctionDef]
    synonyms: Mapping[str, str]
    modules: Mapping[str, str]

    def spellings(self, name: str) -> tuple[str, ...]:
        """The functions that say how `name` may be written: the rule, then its alternatives (`size__as_float`)."""
        name = self.synonyms.get(name, name)
        if name not in self.functions:
            return ()
        others = (other for other in self.functions if other.startswith(name + _ALTERNATIVE))
        return (name, *others)

    def names(self) -> tuple[str, ...]:
        """The names that have a rule here; private functions and alternatives are none."""
        own = (name for name in self.functions if not name.startswith("_") and _ALTERNATIVE not in name)
        return (*own, *self.synonyms)

    def source(self, name: str) -> str:
        """The text of one function."""
        return self.texts[name]

    def with_what_it_calls(self, name: str) -> Iterator[str]:
        """The functions that say how `name` may be written, and those of this file that they call, in any order."""
        found: set[str] = set()
        wanted = list(self.spellings(name))
        while wanted:
            function = wanted.pop()
            if function not in found:
                found.add(function)
                yield function
                used = {part.id for part in ast.walk(self.functions[function]) if isinstance(part, ast.Name)}
                wanted += sorted(used & set(self.functions))


def prefixes(text: str) -> tuple[str, ...]:
    """Which names a file of rules is for, from its line `FOR = …`, without parsing the rest."""
    found = _FOR.search(text)
    if found is None:
        return ()
    declared = ast.literal_eval(found.group(1))
    return (declared,) if isinstance(declared, str) else tuple(declared)


def read_rules(path: Path) -> RuleFile:
    """Parse a file of rules, and those beside it that it imports rules from (`from autofix.rules.torch.numpy …`)."""
    text = path.read_text(encoding="utf-8")
    texts: dict[str, str] = {}
    functions: dict[str, ast.FunctionDef] = {}
    synonyms: dict[str, str] = {}
    modules: dict[str, str] = {}
    lines = text.split("\n")
    for statement in ast.parse(text).body:
        match statement:
            case ast.FunctionDef(name=name):
                functions[name] = statement
                texts[name] = _source(lines, statement)
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)):
                synonyms[name] = synonyms.get(other, other)
            case ast.Import(names=names):
                modules.update({alias.asname or alias.name.partition(".")[0]: alias.name for alias in names})
            case ast.ImportFrom(module=str(module), names=names) if framework_of(module) is not None:
                modules.update({alias.asname or alias.name: f"{module}.{alias.name}" for alias in names})
            case ast.ImportFrom(module=str(module), names=names) if module.startswith(f"{_RULES}.{path.parent.name}."):
                other_file = read_rules(path.with_name(module.rpartition(".")[2] + ".py"))
                modules.update(other_file.modules)
                for name in (called for alias in names for called in other_file.with_what_it_calls(alias.name)):
                    functions[name] = other_file.functions[name]
                    texts[name] = other_file.texts[name]
    return RuleFile(texts, functions, synonyms, modules)


def _source(lines: list[str], function: ast.FunctionDef) -> str:
    """The text of a function at the top level; `ast.get_source_segment` would split the whole file for each."""
    end = function.end_lineno or function.lineno
    last = lines[end - 1].encode()[: function.end_col_offset].decode()  # the offset counts bytes
    return "\n".join([*lines[function.lineno - 1 : end - 1], last])


def read_dialect(path: Path) -> Dialect:
    """Read the literal tables of a framework's `__init__.py`."""
    if not path.is_file():
        return Dialect()
    tables = _tables(path.read_text(encoding="utf-8"))
    arrays, numbers = frozenset(tables.get("ARRAYS", ())), frozenset(tables.get("NUMBERS", ()))
    return Dialect(tables.get("DEFAULTS", {}), tables.get("STACK", ""), arrays, numbers, path.with_name("_takes_no.py"))


def _tables(text: str) -> dict[str, Any]:
    return {
        target.id: ast.literal_eval(statement.value)
        for statement in ast.parse(text).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
