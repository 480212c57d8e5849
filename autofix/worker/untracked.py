"""Where a class keeps what its framework does not track, and what the source says about whether that is meant.

A module may keep another one in a plain list so that its parameters are left out: `self.teacher = [teacher]`. That is
meant where the list is written with that one element, and where a comment beside it says so.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .provenance import Frame, is_foreign

MEANT = re.compile(
    r"froze|freez|\bfixed\b|untrain|(?:not|never|n't|no) (?:be )?(?:train|learn|updat|regist|optimi|track)"
    r"|\bhid(?:e|es|ing)\b"
    r"|hidden from|unregister|pretrain|reservoir|teacher|\bkeep\w* (?:\w+ )?out\b|random (?:feature|project|weight)"
    r"|(?:not|no) (?:a |in |part of )?(?:sub)?(?:module|parameter|state)|plain (?:python )?list|constant",
    re.IGNORECASE,
)
"""What authors write beside what they keep from training."""
SAYS = re.compile(
    r"froze|freez|untrain|pretrain|reservoir|teacher|(?:not|never) (?:trained|learned|updated)"
    r"|random (?:feature|project|weight)|fixed (?:random|weight|basis|feature|layer|network)",
    re.IGNORECASE,
)
"""What a class says of itself."""
NAMED = re.compile(
    r"froze|freez|fixed|untrain|pretrain|reservoir|echo|teacher|target|shadow|\bema\b|moving|momentum|random|prior|referenc"
    r"|snapshot|previous|history|perceptual|vgg|lpips|oracle|\bold\b|extreme",
    re.IGNORECASE,
)
"""What they call it, or the class that does so."""


DEEPEST, MOST_PLAIN = 3, 200


@dataclass(frozen=True)
class Place:
    """An assignment to an attribute of an object: its frame, and the value assigned to it.

    `comments` are those beside it, `about` is what its class says of itself; `names` are those of the attribute and
    the class, `given` the arguments of its method but for numbers.
    """

    attribute: str
    frame: Frame
    value: ast.expr | None
    comments: str
    about: str
    names: str
    given: frozenset[str]

    @property
    def is_meant(self) -> bool:
        """Is what is kept there kept from training on purpose?"""
        alone = isinstance(self.value, (ast.List, ast.Tuple)) and len(self.value.elts) == 1 and self.is_indexed
        said = MEANT.search(self.comments) or SAYS.search(self.about) or NAMED.search(self.names)
        return bool(alone or said)

    @property
    def is_indexed(self) -> bool:
        """Is one of its elements asked for by number, as `self.teacher[0]` is, and not each in turn?"""
        places = (each for each in ast.walk(tree_of(self.frame.file)) if isinstance(each, ast.Subscript))
        return any(isinstance(each.value, ast.Attribute) and each.value.attr == self.attribute for each in places)


def place_of(kind: type, name: str) -> Place | None:
    """Where objects of a class are given an attribute first; None outside of the project, and outside of methods."""
    for each in kind.__mro__:
        for method in list(vars(each).values()):
            code = getattr(getattr(method, "__wrapped__", method), "__code__", None)
            if code is not None and not is_foreign(code.co_filename):
                found = next(places_in(code.co_filename, code.co_firstlineno, name), None)
                if found is not None:
                    return replace(found, about=each.__doc__ or "", names=f"{words(name)} {words(each.__name__)}")
    return None


def of_project(kind: type) -> bool:
    """Is a class defined in the project?"""
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    return kind.__module__ == "__main__" or (type(file) is str and not is_foreign(file))


def plain_objects(value: Any, framework: Any, depth: int = 0) -> Iterator[Any]:
    """The objects of the project's classes that something is, or holds, and whose class has no base in a framework."""
    if isinstance(value, (list, tuple, dict)) and depth < DEEPEST and len(value) <= MOST_PLAIN:
        for each in list(value.values() if isinstance(value, dict) else value):
            yield from plain_objects(each, framework, depth + 1)
    elif not isinstance(value, framework) and hasattr(value, "__dict__") and of_project(type(value)):
        yield value


def is_handed(place: Place) -> bool:
    """Is what an attribute is given an argument of its method, as it is?"""
    return isinstance(place.value, ast.Name) and place.value.id in place.given


def places_in(file: str, line: int, name: str) -> Iterator[Place]:
    """The assignments to an attribute in the method that begins in a line."""
    for method in methods_of(file).get(line, ()):
        own = method.args.args[0].arg if method.args.args else ""
        for node in ast.walk(method):
            targets = node.targets if isinstance(node, ast.Assign) else []
            targets = [node.target] if isinstance(node, ast.AnnAssign) and node.value is not None else targets
            for target in targets:
                for one, value in paired(target, node.value):  # type: ignore[attr-defined]
                    if isinstance(one, ast.Attribute) and one.attr == name and is_name(one.value, own):
                        comments = comments_of(file, node)
                        yield Place(name, frame_of(file, node, method.name), value, comments, "", "", given_to(method))


def words(name: str) -> str:
    """A name with spaces between its words."""
    return re.sub(r"_+|(?<=[a-z])(?=[A-Z])", " ", name).strip()


def paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """What is assigned to, and what is assigned to it: `self.a, self.b = [], []` are two."""
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value
    elif isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
        for one, each in zip(target.elts, value.elts):
            yield from paired(one, each)
    else:
        yield from ((one, None) for one in target.elts)


def called(call: ast.Call) -> str:
    """The last name of what is called."""
    return getattr(call.func, "attr", getattr(call.func, "id", ""))


def is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


@lru_cache(maxsize=None)
def tree_of(file: str) -> ast.Module:
    """The tree of a file; an empty one where it cannot be parsed."""
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


@lru_cache(maxsize=None)
def methods_of(file: str) -> dict[int, list[Any]]:
    """The functions of a file, by the line in which Python says that they begin."""
    found: dict[int, list[Any]] = {}
    for node in ast.walk(tree_of(file)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            found.setdefault(first, []).append(node)
    return found


def frame_of(file: str, node: Any, function: str) -> Frame:
    """The place of a statement."""
    lines = linecache.getlines(file)[node.lineno - 1 : node.end_lineno]
    start, end = (
        len(line.encode()[:column].decode(errors="ignore"))
        for line, column in ((lines[0], node.col_offset), (lines[-1], node.end_col_offset))
    )
    text = "".join(lines)
    text = text[start : len(text) - len(lines[-1]) + end]
    return Frame(file, node.lineno, start, node.end_lineno, end, function, " ".join(text.split()))


def given_to(method: Any) -> frozenset[str]:
    """The arguments of a method, without those that are numbers by their defaults or annotations."""
    arguments = [*method.args.args[1:], *method.args.kwonlyargs]
    defaults = dict(zip([each.arg for each in method.args.args[::-1]], method.args.defaults[::-1]))
    defaults.update(zip([each.arg for each in method.args.kwonlyargs], method.args.kw_defaults))
    return frozenset(
        each.arg
        for each in arguments
        if not isinstance(getattr(defaults.get(each.arg), "value", None), (int, float))
        and getattr(each.annotation, "id", "") not in ("int", "float")
    )


def comments_of(file: str, node: Any) -> str:
    """The comments above a statement and beside it."""
    lines = linecache.getlines(file)
    first = node.lineno - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return "".join(each.partition("#")[2] for each in lines[first : node.end_lineno])
