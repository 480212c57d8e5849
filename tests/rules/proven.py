"""The proof of the bundled rules, run once for all the tests that ask about it: one process a framework.

Run as a program (`python -m tests.rules.proven`) it says which names are not as `_takes_no.py` of a framework's rules
states them, and what else is wrong; with `--write` it writes those files anew. The name of a
framework asks about that one alone.
"""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from autofix.knowledge.frameworks import KERAS, NAMES
from autofix.model import Framework
from autofix.prove.proof import ELEMENTS, Failure, Interpreter, prove
from autofix.prove.samples import Sample
from autofix.rewrite.catalogue import Catalogue, bundled
from tests.rules.calls import samples
from tests.rules.operators import operators
from tests.rules.reductions import reductions

PYTHON = Interpreter(Path(sys.executable), timeout=1800.0)
RUN = [pytest.param(each, marks=getattr(pytest.mark, each)) for each in NAMES]


def asked(framework: Framework, refused: bool = False) -> list[Sample]:
    """What is tried for a framework: the table, the operators, and the reductions that Hypothesis draws."""
    table = [s for s in samples() if framework in s.frameworks and s.refused is refused]
    table = [s for s in table if is_asked(framework, s.name, refused)]
    return table if refused else [*table, *operators(framework), *reductions()]


def is_asked(framework: Framework, name: str, refused: bool = False) -> bool:
    """Whether a framework is to have a rule for a name; those of Keras cover the names of tier 1, and some more.

    What Keras has no function for is refused there, and need not be elsewhere.
    """
    return framework != KERAS.name or name in _names(framework, refused)


@cache
def _names(framework: Framework, refused: bool) -> frozenset[str]:
    catalogue = Catalogue.load(framework)
    return frozenset(name for name in catalogue.names() if refused or name in catalogue)


@cache
def failures(framework: Framework) -> tuple[Failure, ...]:
    """What the proof finds; a test that asks is skipped where the framework is not installed."""
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    return tuple(prove(framework, Catalogue.load(framework), asked(framework), PYTHON))


def by_variant(framework: Framework) -> dict[str, set[str]]:
    """The functions that do not take integers, truth values, … as NumPy's do, by the name of the variant."""
    found: dict[str, set[str]] = defaultdict(set)
    for failure in failures(framework):
        if failure.variant:
            found[failure.variant].add(failure.name)
    return found


def main() -> None:
    """Print what is found and not stated, and what is stated and not found; with `--write`, state what is found."""
    for framework in [each for each in NAMES if each in sys.argv] or NAMES:
        stated, found = Catalogue.load(framework).dialect.takes_no, by_variant(framework)
        for variant in sorted({*stated, *found}):
            names = stated.get(variant, frozenset())
            print(f"{framework}, {variant}: add {' '.join(sorted(found[variant] - names)) or 'nothing'}")
            print(f"{framework}, {variant}: remove {' '.join(sorted(names - found[variant])) or 'nothing'}")
        for failure in failures(framework):
            if not failure.variant or failure.variant not in ELEMENTS:
                print(failure)
        if "--write" in sys.argv:
            path = bundled() / framework / "_takes_no.py"
            path.write_text(_restated(path.read_text(encoding="utf-8"), found), encoding="utf-8")


def _restated(text: str, found: Mapping[str, set[str]]) -> str:
    """The file with its tables made anew."""
    head = text.split("\n\n", 2)[:2]
    for variant in ELEMENTS:
        names = textwrap.fill(" ".join(sorted(found[variant])), 118, break_long_words=False, break_on_hyphens=False)
        head.append(f'{variant.upper().replace(" ", "_")} = """\n{names}\n"""')
    return "\n\n".join(head) + "\n"


if __name__ == "__main__":
    main()
