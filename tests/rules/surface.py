"""How much of NumPy, SciPy, scikit-learn, math and Python's operators is covered: `python -m tests.rules.surface`.

`surface.csv` lists the names: tier 1 are those that losses use, tier 2 those that could stand in one; `differentiable`
is yes, partly or no. A name is covered by a rule whose proof ran, or by the reason why there can be none.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autofix.knowledge.frameworks import NAMES
from autofix.model import Framework
from autofix.rewrite.catalogue import Catalogue, Place
from tests.rules.operators import RULES
from tests.rules.proven import asked, failures

_STAYS = frozenset({"numpy.newaxis"})
"""Constants that mean the same beside a tensor."""


@dataclass(frozen=True)
class Name:
    """One line of the list."""

    name: str
    tier: str
    differentiable: bool


@dataclass(frozen=True)
class Coverage:
    """The names that a rule covers, the calls that prove them, the names with a reason, and those with neither."""

    proven: frozenset[str]
    calls: int
    reasoned: frozenset[str]
    missing: frozenset[str]

    def __str__(self) -> str:
        whole = len(self.proven) + len(self.reasoned) + len(self.missing)
        said = f"{whole - len(self.missing)} of {whole}"
        how = f"{len(self.proven)} by rules that {self.calls} calls prove, {len(self.reasoned)} by a reason"
        return f"{said} ({how})" + (f"; missing: {' '.join(sorted(self.missing))}" if self.missing else "")


def listed(tier: str) -> list[Name]:
    """The names of a tier."""
    with Path(__file__).with_name("surface.csv").open(encoding="utf-8", newline="") as lines:
        rows = [Name(row["name"], row["tier"], row["differentiable"] != "no") for row in csv.DictReader(lines)]
    return [row for row in rows if row.tier == tier]


def coverage(framework: Framework, names: list[Name]) -> Coverage:
    """What of these names is covered in a framework; the proof is run unless it was before."""
    calls, catalogue = _calls_that_prove(framework), Catalogue.load(framework)
    keys = {each.name: _key(catalogue, each.name, calls) for each in names}
    proven = frozenset(name for name, key in keys.items() if calls.get(key))
    refused = {sample.name for sample in asked(framework, refused=True)}
    reasoned = frozenset(name for name in keys if catalogue.reason(RULES.get(name, name)) or name in refused) - proven
    used = {key for name, key in keys.items() if name in proven}
    return Coverage(proven, sum(calls[key] for key in used), reasoned, frozenset(keys) - proven - reasoned)


def numpy_with_a_gradient() -> list[Name]:
    """The names of numpy.* in tier 1 through which a gradient flows, fully or partly."""
    return [each for each in listed("1") if each.name.startswith("numpy.") and each.differentiable]


def lines() -> list[str]:
    """The report."""
    report = []
    for tier in ("1", "2"):
        for framework in NAMES:
            report.append(f"tier {tier}: {framework} {coverage(framework, listed(tier))}")
    for framework in NAMES:
        names = numpy_with_a_gradient()
        right = len(coverage(framework, names).proven | {each.name for each in names if each.name in _STAYS})
        report.append(f"numpy.* of tier 1 with a gradient: {framework} {right} of {len(names)}")
    return report


Key = str | tuple[Path, str]


@cache
def _calls_that_prove(framework: Framework) -> Mapping[Key, int]:
    """How many calls of each rule were run, all of them rightly; rules are told by their file and function."""
    catalogue = Catalogue.load(framework)
    wrong = {failure.name for failure in failures(framework) if not failure.variant}
    calls: dict[Key, int] = {}
    for sample in asked(framework):
        key = _key(catalogue, sample.name, {sample.name: 1} if sample.spelling else {})
        if sample.name not in wrong:
            calls[key] = calls.get(key, 0) + 1
    return calls


def _key(catalogue: Catalogue, name: str, written: Mapping[Key, int]) -> Key:
    """The rule of a name; the name itself for an operator that is written as it stands."""
    if name in written:
        return name
    place: Place | None = catalogue.place(RULES.get(name, name))
    return name if place is None else (place.path, place.functions[0])


if __name__ == "__main__":
    print("\n".join(lines()))
