"""The catalogue as people read it: which names have a rule in which framework, and how each is spelled.

Takes a pattern (`std`, `np.std`, `numpy.linalg`); gives rows, or the page of one name. Calls are rendered as by the
rewriter, so that what is shown is what a mended loss would read.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import libcst as cst

from autofix.model import Framework, Kind
from autofix.rewrite.catalogue import Argument, Catalogue, Refused, Rendering
from autofix.rewrite.literal import code_of

FRAMEWORKS: tuple[Framework, ...] = ("torch", "tensorflow")
_SHORT = {"numpy": "np", "tensorflow": "tf", "torch": "torch", "math": "math"}


@dataclass(frozen=True)
class Row:
    """One name: whether it has a rule in each framework, and where it has none in one, the reason."""

    name: str
    has_rule: Mapping[Framework, bool]
    reason: str

    def as_json(self) -> dict[str, object]:
        """Return the row in the form of `--format json`."""
        return {"name": self.name, **{str(each): has for each, has in self.has_rule.items()}, "reason": self.reason}


def catalogues() -> dict[Framework, Catalogue]:
    """Read the bundled rules of both frameworks."""
    return {framework: Catalogue.load(framework) for framework in FRAMEWORKS}


def full_name(text: str) -> str:
    """Return the name that `np.std`, `numpy.std` or `x.mean` of an array stands for in the catalogue."""
    return "numpy." + text.removeprefix("np.") if text.startswith("np.") else text


def rows(known: Mapping[Framework, Catalogue], pattern: str = "", framework: Framework | None = None) -> Iterator[Row]:
    """Yield the names that hold `pattern`, sorted; with a framework, only those that have a rule there."""
    names = sorted({name for catalogue in known.values() for name in catalogue.names()})
    for name in names:
        if full_name(pattern).lower() not in name.lower():
            continue
        has_rule = {each: name in known[each] for each in FRAMEWORKS}
        if framework is None or has_rule[framework]:
            reasons = (known[each].reason(name) for each in FRAMEWORKS if not has_rule[each])
            yield Row(name, has_rule, next((reason for reason in reasons if reason), ""))


def page(known: Mapping[Framework, Catalogue], name: str) -> str:
    """Return the text for one name: its signature and, for each framework, the spelling, its limits, or the reason."""
    lines: list[str] = []
    for framework in FRAMEWORKS:
        catalogue = known[framework]
        function = catalogue.function(name)
        lines.append(f"{framework}:")
        if function is None:
            lines.append("  no rule")
            continue
        reason = catalogue.reason(name)
        if reason:
            lines.append(f"  none: {reason}")
            continue
        for before, after in _spellings(catalogue, name, function):
            lines += [f"  {before}", f"    -> {after}"]
        limits = dict.fromkeys(limit for each in catalogue.functions(name) for limit in _limits(each))
        lines += [f"  not mended: {limit}" for limit in limits]
    signature = next(filter(None, (known[each].function(name) for each in FRAMEWORKS)), None)
    head = f"{name}({ast.unparse(signature.args)})" if signature is not None else name
    return "\n".join([head, *lines]) + "\n"


def _spellings(catalogue: Catalogue, name: str, function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield a call with what it must be given, then with each thing that it may be given, and what replaces them."""
    needed, optional = _parameters(function)
    for keywords in ((), *((each,) for each in optional)):
        arguments = [Argument(cst.Name(each), Kind.TENSOR) for each in needed]
        arguments += [Argument(cst.Name(each), Kind.OTHER, each) for each in keywords]
        rendered = catalogue.render(name, arguments, _SHORT)
        if not isinstance(rendered, Refused):
            yield _call(name, needed, keywords), " | ".join(_written(each) for each in rendered)


def _written(rendering: Rendering) -> str:
    pasted = " with a function that is pasted above the loss" if rendering.definitions else ""
    return code_of(rendering.expression) + pasted


def _parameters(function: ast.FunctionDef) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the parameters without and with a default."""
    spec = function.args
    positional = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    needed = positional[: len(positional) - len(spec.defaults)]
    named = zip(spec.kwonlyargs, spec.kw_defaults, strict=True)
    optional = [*positional[len(needed) :], *(each.arg for each, default in named if default is not None)]
    return tuple(needed), tuple(optional)


def _call(name: str, needed: Sequence[str], keywords: Sequence[str]) -> str:
    owner, _, last = name.rpartition(".")
    given = [*needed, *(f"{each}={each}" for each in keywords)]
    if owner in ("ndarray", "Tensor"):
        return f"{given[0]}.{last}({', '.join(given[1:])})"
    root, dot, rest = owner.partition(".")
    return f"{_SHORT.get(root, root)}{dot}{rest}.{last}({', '.join(given)})".removeprefix("builtins.")


def _limits(function: ast.FunctionDef) -> Iterator[str]:
    """Yield the reasons for which a rule refuses some of its calls."""
    for node in ast.walk(function):
        match node:
            case ast.Raise(exc=ast.Call(args=[ast.Constant(value=str(reason))])):
                yield reason
