"""A cause's code in, its page out. The pages are Markdown files beside this module, one for each code."""

from __future__ import annotations

from importlib import resources


def codes() -> tuple[str, ...]:
    """Every code that has a page, sorted."""
    names = (entry.name for entry in resources.files("autofix.knowledge").joinpath("causes").iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in names if name.endswith(".md")))


def page(code: str) -> str | None:
    """The page of a code, in whatever case it is written; None when there is no such code."""
    name = code.upper()
    if name not in codes():
        return None
    return resources.files("autofix.knowledge").joinpath("causes", f"{name}.md").read_text(encoding="utf-8")


def titles() -> dict[str, str]:
    """What each code stands for, from the first line of its page."""
    return {code: (page(code) or "").partition("\n")[0].partition(": ")[2] for code in codes()}


def expand(prefixes: tuple[str, ...]) -> tuple[str, ...] | str:
    """The codes that start with one of `prefixes` (`AF2` means all of its hundred), or the prefix that fits none."""
    known = codes()
    unknown = [prefix for prefix in prefixes if not prefix or not any(c.startswith(prefix.upper()) for c in known)]
    if unknown:
        return unknown[0]
    return tuple(code for code in known if any(code.startswith(prefix.upper()) for prefix in prefixes))
