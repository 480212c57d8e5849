"""Leaves that a differentiated value is made of, and that no optimizer holds: which of them are meant to be trained.

Most are not: a backbone under a probe, a network that judges what another one makes, the other player. The graph of the
value tells them apart. What is held takes what a backbone gives; a judge takes what is held gives, and the target as
well. What has a term of the loss to itself, is handed the labels, or gives the loss, is there to be trained.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Callable

from .draw import together
from .provenance import Frame, is_foreign
from .untracked import MEANT, NAMED, SAYS, comments_of, of_project, tree_of, words

MOST_OPERATIONS = 20_000
DEEPEST = 3
MOST_KEPT = 200
DRAWS = re.compile(
    r"\brand|normal_?\(|uniform|glorot|xavier|kaiming|orthogonal_?\(|\bempty\b|add_weight|Tensor\(\w+(?:\.\w+)*[,)]"
)
"""What draws what is to be learned, or makes it without numbers; windows, kernels and weights of classes are given."""
ONLY = re.compile(r"\bonly\b|\balone\b|\blater\b|stage", re.IGNORECASE)
"""What is written beside an optimizer that holds a part on purpose."""


@dataclass(eq=False)
class Operation:
    """An operation on what depends on leaves, or such a leaf.

    Its kind is `view` where it gives what it takes in another shape or type, `sum` where it adds up, `scale` where it
    multiplies or divides, and empty for all others.
    """

    kind: str = ""
    inputs: list[Operation] = field(default_factory=list)
    leaf: Any = None

    def bare(self) -> int:
        """The leaf that this is, but for its shape, by identity; 0 where it is none."""
        one = self
        while one.leaf is None and one.kind == "view" and len(one.inputs) == 1:
            one = one.inputs[0]
        return id(one.leaf) if one.leaf is not None else 0

    def in_order(self) -> list[Operation]:
        """All operations, each behind those that it takes."""
        found: dict[int, Operation] = {}
        waiting: list[tuple[Operation, bool]] = [(self, False)]
        while waiting:
            one, is_entered = waiting.pop()
            if is_entered:
                found.setdefault(id(one), one)
            elif id(one) not in found:
                waiting.append((one, True))
                waiting += [(each, False) for each in one.inputs if id(each) not in found]
        return list(found.values())

    def terms(self) -> Iterator[Operation]:
        """What is added up to this."""
        waiting = [self]
        while waiting:
            one = waiting.pop()
            if one.inputs and (one.kind == "sum" or (one.kind and len(one.inputs) == 1)):
                waiting += one.inputs
            else:
                yield one


@dataclass(frozen=True)
class Way:
    """How a value depends on leaves of one's `own`, and on those that are `held`.

    `free` are ways from one's own that no held one is applied to, `through` those by which one is; `down` says that
    one's own is applied to what depends on held ones; `several` that more than one leaf of one's own met.
    """

    own: bool = False
    held: bool = False
    free: bool = False
    through: bool = False
    down: bool = False
    several: bool = False


class Ways:
    """The ways of all operations that lead to a value."""

    def __init__(self, root: Operation, held: Collection[int], own: Collection[int]) -> None:
        self.root = root
        self.known: dict[int, Way] = {}
        for each in root.in_order():
            self.known[id(each)] = self.way(each, held, own)

    def way(self, one: Operation, held: Collection[int], own: Collection[int]) -> Way:
        if one.leaf is not None:
            is_own = id(one.leaf) in own
            return Way(is_own, id(one.leaf) in held, is_own)
        ways = [(self.known[id(each)], each.bare()) for each in one.inputs]
        by_held = any(leaf in held for _, leaf in ways)
        by_own = any(leaf in own for _, leaf in ways)
        are_own = [way for way, _ in ways if way.own]
        return Way(
            bool(are_own),
            any(way.held for way, _ in ways),
            not by_held and any(way.free for way, _ in ways),
            any(way.through for way, _ in ways) or (by_held and bool(are_own)),
            any(way.down for way, _ in ways) or (by_own and any(way.held for way, leaf in ways if leaf not in own)),
            len(are_own) > 1 or any(way.several for way in are_own),
        )

    @property
    def whole(self) -> Way:
        """How the value itself depends on both."""
        return self.known[id(self.root)]

    def has_own_term(self, alone: bool = False) -> bool:
        """Does a term of the value train one's own, and nothing that it is applied to or that is applied to it?

        One that trains held ones beside counts where these take what one's own gives in another term. Of a leaf
        `alone`, the term may be nothing but that.
        """
        for each in self.root.terms():
            way = self.known[id(each)]
            is_apart = way.own and not (way.through or way.down) and (alone or way.several)
            if is_apart and (not way.held or (self.whole.through and not alone)):
                return True
        return False

    def is_term(self, own: Collection[int]) -> bool:
        """Is a leaf added to the value as it is? It is no penalty then."""
        return any(each.bare() in own for each in self.root.terms())


@dataclass
class Called:
    """What calls of a module were like: `labels` that it was handed integers beside what has a gradient, `scalar` that
    it gave a number, `on_data` that nothing it was handed had a gradient, `still` that it was not in training mode."""

    labels: bool = False
    scalar: bool = False
    on_data: bool = False
    still: bool = False


def is_named(kind: type, *names: str) -> bool:
    """Do names, or what a class says of itself, tell that it is not trained?"""
    of_class = (kind.__name__, kind.__doc__ or "") if of_project(kind) else ("", "")
    return bool(NAMED.search(" ".join(map(words, (*names, of_class[0])))) or SAYS.search(of_class[1]))


def is_said(comments: str) -> bool:
    """Do comments beside an optimizer, or where something is made, tell that it is not trained?"""
    return bool(MEANT.search(comments) or ONLY.search(comments))


@dataclass(frozen=True)
class Made:
    """Who makes the parameters of a module: the project alone, and whether it makes constants of them."""

    of_project: bool
    of_constants: bool


def made_by(parts: Iterable[tuple[type, list[Any]]], is_even: Callable[[Any], bool]) -> Made:
    """Who makes the parameters of some parts: of each its class, and those that are its own."""
    own = [(of_project(kind), draws(kind) or all(map(is_even, each))) for kind, each in parts if each]
    return Made(all(is_own for is_own, _ in own), any(is_own and not is_drawn for is_own, is_drawn in own))


def draws(kind: type) -> bool:
    """Does a class of the project draw numbers to begin with?"""
    file = str(getattr(sys.modules.get(kind.__module__), "__file__", ""))
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
            return bool(DRAWS.search("".join(linecache.getlines(file)[node.lineno - 1 : node.end_lineno])))
    return False


def is_used_as_trained(ways: Ways, first: Called, makers: Made, is_beside_held: bool, is_named: bool) -> bool:
    """Does a program use a module as what is trained?

    `is_beside_held` says that it is a part of something of which others are held, `is_named` that the program puts it
    in training mode by its name.
    """
    whole, is_explicit = ways.whole, makers.of_project
    if ways.has_own_term():
        return True
    if first.on_data or makers.of_constants:
        return False
    if whole.through:  # a part between others; a simulator goes to the loss by itself, too
        return whole.down and not whole.free and is_explicit and not is_beside_held
    if is_explicit and (first.labels or first.scalar):
        return True
    return (first.labels and first.scalar) or is_named


def comments_at(frame: Frame) -> str:
    """The comments above and beside the statement at a place."""
    around = [
        each
        for each in ast.walk(tree_of(frame.file))
        if isinstance(each, ast.stmt) and not hasattr(each, "body")
        and each.lineno <= frame.line <= (each.end_lineno or each.lineno)
    ]  # fmt: skip
    return " ".join(comments_of(frame.file, each) for each in around)


class Scope:
    """The variables in reach where something is called: of each frame of the user's, inner first, its own and all."""

    def __init__(self, wanted: Any, frame: FrameType | None, most: int = DEEPEST) -> None:
        self.wanted = wanted
        self.frames: list[tuple[dict[str, Any], dict[str, Any]]] = []
        while frame is not None and len(self.frames) < most:
            if not is_foreign(frame.f_code.co_filename):
                own = {name: one for name, one in frame.f_locals.items() if self.keeps(one)}
                others = {name: one for name, one in frame.f_globals.items() if self.keeps(one)}
                self.frames.append((own, {**others, **own}))
            frame = frame.f_back

    def keeps(self, value: Any) -> bool:
        if isinstance(value, (list, tuple, dict)):
            return len(value) <= MOST_KEPT
        return isinstance(value, self.wanted) or (hasattr(value, "__dict__") and of_project(type(value)))

    def objects(self) -> list[Any]:
        """The objects of the project's classes that are in reach, each once."""
        found: dict[int, Any] = {}
        waiting = [one for _, everywhere in self.frames for one in everywhere.values()]
        for _ in range(DEEPEST):
            new = [one for one in waiting if id(one) not in found]
            found.update((id(one), one) for one in new)
            waiting = [part for one in new for _, part in self.parts("", one)]
        return [one for one in found.values() if hasattr(one, "__dict__") and of_project(type(one))]

    def spelled(self, value: Any, beside: Sequence[Frame]) -> list[str]:
        """How each frame can write a value, as what it has written `beside` if it can; empty where it cannot."""
        found = []
        for (own, everywhere), frame in together(self.frames, beside[: len(self.frames)]):
            near, known = (
                {name: one for name, one in names.items() if re.search(rf"\b{name}\b", frame.expression)}
                for names in (own, everywhere)
            )
            ways = (near, own) if near else (known, everywhere)  # a function that is handed all it uses stays so
            found.append(next((text for names in ways if (text := self.spelled_in(names, value))), ""))
        return found

    def spelled_in(self, names: dict[str, Any], value: Any) -> str:
        waiting = [(name, one) for name, one in names.items() if not name.startswith("__")]
        known: set[int] = set()
        for _ in range(DEEPEST):
            for text, one in waiting:
                if one is value:
                    return text
            inner = [(text, one) for text, one in waiting if id(one) not in known]
            known |= {id(one) for _, one in inner}
            waiting = [each for text, one in inner for each in self.parts(text, one)]
        return ""

    def parts(self, text: str, value: Any) -> Iterator[tuple[str, Any]]:
        """What a value keeps, and how that is written."""
        if isinstance(value, dict):
            yield from ((f"{text}[{key!r}]", one) for key, one in value.items() if isinstance(key, (str, int)))
        elif isinstance(value, (list, tuple)):
            yield from ((f"{text}[{at}]", one) for at, one in enumerate(value))
        elif hasattr(value, "__dict__") and len(vars(value)) <= MOST_KEPT:
            kept = {**vars(value), **(vars(value).get("_modules") or {}), **(vars(value).get("_parameters") or {})}
            yield from ((f"{text}.{n}", one) for n, one in kept.items() if not n.startswith("_") and self.keeps(one))


def roots_of(modules: Iterable[Any], leaves: Any, parts: Any, loose: Collection[int], is_in_reach: Any) -> list[Any]:
    """The outermost modules all of whose leaves are among the loose ones, of those with the same leaves one in reach.

    `leaves` and `parts` give those of a module.
    """
    whole = [each for each in modules if (own := leaves(each)) and all(id(one) in loose for one in own)]
    taken: set[int] = set()
    found = []
    for each in sorted(whole, key=lambda one: (-len(leaves(one)), not is_in_reach(one), -len(parts(one)))):
        own = {id(one) for one in leaves(each)}
        if not own & taken:
            found.append(each)
            taken |= own
    return found
