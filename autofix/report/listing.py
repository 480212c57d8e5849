"""What `autofix explain` and `autofix rules` print: the account of a function, the matching names, or one page.

Calls are rendered by the rewriter, so that the listing shows what a fixed loss would contain.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import libcst as cst

from autofix.analysis.account import Account
from autofix.knowledge.frameworks import ALL, NAMES, PACKAGES, record_of
from autofix.model import Finding, Fix, Framework, Kind, Observed, Reason
from autofix.report.visible import visible
from autofix.rewrite.catalogue import Argument, Catalogue, Rendering, bundled
from autofix.rewrite.literal import code_of


def written(
    path: str, accounts: Sequence[Account], findings: Iterable[Finding], observed: Observed | None = None
) -> str:
    """Return the text for `autofix explain FILE:LINE`; `findings` are those of the whole file, `observed` its run."""
    known = list(findings)
    lines: list[str] = []
    for account in accounts:
        own = [each for each in known if each.framework == account.framework and each.loss in (account.loss, "")]
        own += [each for each in known if each not in own and each.loss.rpartition(".")[2] == account.loss]
        lines += [*([""] if lines else []), *_account(path, account), *_fixes(own)]
    if observed is not None:
        lines.append(f"- the program, {observed}")
    if not accounts:
        lines = [f"{path}: imports no framework, so autofix does not analyse it"]
    return "".join(f"{visible(line)}\n" for line in lines)


def _account(path: str, account: Account) -> Iterator[str]:
    yield f"{path}:{account.line}: `{account.loss}` ({account.framework})"
    yield ""
    places = [f"{each.line}:{each.column}" for each in account.expressions]
    wide = max((len(each) for each in places), default=0)
    widest = max((len(each.expression) for each in account.expressions), default=0)
    for place, each in zip(places, account.expressions, strict=True):
        yield f"  {place:>{wide}}  {each.expression:<{widest}}  {each.value}"
    if account.expressions:
        yield ""
    yield from (f"- {decision}" for decision in account.decisions)


def _no_fix(fix: Fix) -> str:
    """Return why there is no fix, with the way out that was taken."""
    return f"no fix ({fix.why.exit.value}): {fix.why.text}" if fix.why is not None else "no fix"


def _fixes(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        yield "- no finding"
    for each in findings:
        place = f"{each.span.line}:{each.span.column}"
        fix = "a verified fix" if each.fix.status == "verified" else _no_fix(each.fix)
        yield f"- finding at {place}: {each.code}; {fix}"


_NOT_CALLED = ("operator.", "inert ")  # operators and what stays beside a tensor: nobody looks these up
_OF_KINDS = {
    "integers": "integers are cast first, where the source shows that they are integers",
    "booleans": "Booleans are cast first, where the source shows that they are Booleans",
    "two types": "arrays of different types cannot be mixed",
    "half precision": "not in half precision on the CPU",
}
_SHORT = {"numpy": "np", "math": "math", **{each.module: each.alias for each in ALL}}


@dataclass(frozen=True)
class Row:
    """One name: whether it has a rule in each framework, and where it has none in one, the reason.

    `file` is that of a rule of the project's own, empty for one that comes with autofix.
    """

    name: str
    has_rule: Mapping[Framework, bool]
    reason: str
    file: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the row in the form of `--format json`."""
        return {"name": self.name, **{str(each): has for each, has in self.has_rule.items()}, "reason": self.reason}


def catalogues(folders: Sequence[Path] = ()) -> dict[Framework, Catalogue]:
    """Read the bundled rules of all frameworks, and those of a project's own folders."""
    return {framework: Catalogue.load(framework, folders) for framework in NAMES}


def near(known: Mapping[Framework, Catalogue], text: str) -> list[str]:
    """Return the names that come close to one that is not there, the closest first."""
    names = sorted({name for catalogue in known.values() for name in catalogue.names()})
    by_last: dict[str, list[str]] = {}
    for name in names:
        by_last.setdefault(name.rpartition(".")[2], []).append(name)
    whole = get_close_matches(full_name(text), names, 3, 0.75)
    lasts = get_close_matches(text.rpartition(".")[2], sorted(by_last), 2, 0.75)
    return list(dict.fromkeys([*whole, *(name for last in lasts for name in by_last[last][:2])]))[:4]


def full_name(text: str) -> str:
    """Return the name that `np.std`, `numpy.std` or `x.mean` of an array stands for in the catalogue."""
    return "numpy." + text.removeprefix("np.") if text.startswith("np.") else text


def rows(known: Mapping[Framework, Catalogue], pattern: str = "", framework: Framework | None = None) -> Iterator[Row]:
    """Yield the names that hold `pattern`, sorted; with a framework, only those that have a rule there."""
    every = {name for catalogue in known.values() for name in catalogue.names()}
    for name in sorted(name for name in every if not name.startswith(_NOT_CALLED)):
        if full_name(pattern).lower() not in name.lower():
            continue
        has_rule = {each: name in known[each] for each in NAMES}
        if framework is None or has_rule[framework]:
            reasons = (known[each].reason(name) for each in NAMES if not has_rule[each])
            files = (_own_file(known[each], name) for each in NAMES)
            yield Row(name, has_rule, next((each.text for each in reasons if each), ""), next(filter(None, files), ""))


def lines(found: Sequence[Row]) -> Iterator[str]:
    """Yield the rows in columns: the name, the frameworks with a rule, the reason or the file of one's own rule."""
    widest = max((len(row.name) for row in found), default=0)
    for row in found:
        marks = [each if has_rule else "-" for each, has_rule in row.has_rule.items()]
        own = f"({row.file})" if row.file else ""
        columns = "  ".join(f"{mark:{len(each)}}" for mark, each in zip(marks, row.has_rule, strict=True))
        yield f"{row.name:{widest}}  {columns}  {row.reason or own}".rstrip()


def counts(found: Sequence[Row]) -> str:
    """Return how many names there are, and how many of them have a rule in each framework."""
    each_has = ", ".join(f"{sum(row.has_rule[each] for row in found)} in {each}" for each in NAMES)
    left_out = sum(not any(row.has_rule.values()) for row in found)
    return f"{len(found)} names: {each_has}; {left_out} not supported, with the reason"


def markdown(found: Sequence[Row]) -> str:
    """Return the rows as a page of the documentation."""
    made_by = "Made by `autofix rules --format markdown > docs/rules.md`. `-`: no rule in that framework."
    head = ["# What autofix rewrites", "", made_by, "", counts(found)]
    titles = " | ".join(each.title for each in ALL)
    table = ["", f"| name | {titles} | why there is no rule |", f"|---|{'---|' * len(ALL)}---|"]
    for row in found:
        marks = " | ".join("yes" if row.has_rule[each] else "-" for each in NAMES)
        table.append(f"| `{row.name}` | {marks} | {row.reason.replace('|', chr(92) + '|')} |")
    return "\n".join([*head, *table]) + "\n"


def _own_file(catalogue: Catalogue, name: str) -> str:
    place = catalogue.place(name)
    return "" if place is None or place.path.is_relative_to(bundled()) else str(place.path)


def page(known: Mapping[Framework, Catalogue], name: str) -> str:
    """Return the text for one name: its signature and, for each framework, the spelling, its limits, or the reason."""
    written: list[str] = []
    for framework in NAMES:
        catalogue = known[framework]
        function = catalogue.function(name)
        written.append(f"{framework}:")
        if function is None:
            written.append("  no rule")
            continue
        reason = catalogue.reason(name)
        if reason:
            written.append(f"  none: {reason.text}")
            continue
        own = _own_file(catalogue, name)
        written += [f"  your own rule: {own}"] if own else []
        for before, after in _spellings(catalogue, name, function):
            written += [f"  {before}", f"    -> {after}"]
        written += _in_a_loss(catalogue, framework, name, function)
        written += [f"  {said}" for kind, said in _OF_KINDS.items() if name in catalogue.dialect.takes_no.get(kind, ())]
        limits = dict.fromkeys(limit for each in catalogue.functions(name) for limit in _limits(each))
        written += [f"  limit: {limit}" for limit in limits]
    signature = next(filter(None, (known[each].function(name) for each in NAMES)), None)
    head = f"{name}({ast.unparse(signature.args)})" if signature is not None else name
    return "\n".join([head, *written]) + "\n"


def _spellings(catalogue: Catalogue, name: str, function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield a call with what it must be given, then with each thing that it may be given, and what replaces them."""
    needed, optional = _parameters(function)
    for keywords in ((), *((each,) for each in optional)):
        arguments = [Argument(cst.Name(each), Kind.TENSOR) for each in needed]
        arguments += [Argument(cst.Name(each), Kind.OTHER, each) for each in keywords]
        rendered = catalogue.render(name, arguments, _SHORT)
        if not isinstance(rendered, Reason):
            yield _call(name, needed, keywords), " | ".join(_written(each) for each in rendered)


def _in_a_loss(catalogue: Catalogue, framework: Framework, name: str, function: ast.FunctionDef) -> Iterator[str]:
    """Yield a line of a loss before and after; none for what is no function of arrays (`.detach`, `float`)."""
    needed, _ = _parameters(function)
    if name.partition(".")[0] in ("Tensor", "builtins", "math", *PACKAGES) or not needed:
        return
    tensors = ("y_pred", "y_true")[: len(needed)]
    arguments = [Argument(cst.Name(each), Kind.TENSOR) for each in tensors]
    arguments += [Argument(cst.Name(each), Kind.OTHER) for each in needed[2:]]
    rendered = catalogue.render(name, arguments, _SHORT)
    if isinstance(rendered, Reason) or rendered[0].definitions:
        return
    arrays = [record_of(framework).to_array.format(each, record_of(framework).alias) for each in tensors]
    before = _call(name, [*arrays, *needed[2:]], ())
    yield f"  in a loss: value = {before}"
    yield f"    ->       value = {code_of(rendered[0].expression)}"


def _written(rendering: Rendering) -> str:
    pasted = " with a helper function inserted above the loss" if rendering.definitions else ""
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
