"""What a client sets: initializationOptions, and the section `autofix` of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Options:
    """`python` is the interpreter that has the frameworks, empty for the one a file's folder shows.

    Without `trusted` or `verify` nothing is executed. Where nothing can be confined, code runs only in an editor that
    has said `trusted` itself: `trust_given`. `save_budget` is how many seconds a save may wait for proofs that
    are not finished; `delay` how many pass after the last key before proofs begin.
    """

    python: str = ""
    trusted: bool = True
    verify: bool = True
    save_budget: float = 1.0
    delay: float = 0.4
    trust_given: bool = False

    @property
    def executes(self) -> bool:
        """Whether losses may be run at all."""
        return self.trusted and self.verify

    def changed(self, given: object) -> Options:
        """The options with those of a client over them; what is of the wrong type is left out."""
        if not isinstance(given, Mapping):
            return self
        names = {_camel(each.name): each.name for each in fields(self) if each.name != "trust_given"}
        fresh: dict[str, object] = {}
        for key, value in given.items():
            name = names.get(str(key))
            kind = type(getattr(self, name)) if name else None
            if name and (isinstance(value, kind) if kind is not float else _is_seconds(value)):  # type: ignore[arg-type]
                fresh[name] = value
        fresh["trust_given"] = fresh.get("trusted", self.trust_given)
        return replace(self, **fresh)  # type: ignore[arg-type]


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
