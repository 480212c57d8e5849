"""Which parameters of a rule its samples leave unproven: each that may be left out is given by one, left out by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from autofix.prove.sample import Sample
from autofix.rewrite.rule_binding import defaults


def gaps(function: ast.FunctionDef, samples: Sequence[Sample]) -> Iterator[str]:
    """What no sample of a rule shows, in words."""
    given = [given_by(function, sample) for sample in samples]
    for name in defaults(function):
        if not any(name in each for each in given):
            yield f"no example gives {name}="
        elif all(name in each for each in given):
            yield f"no example leaves {name}= out"


def given_by(function: ast.FunctionDef, sample: Sample) -> set[str]:
    """The parameters that a call gives."""
    positional = [each.arg for each in function.args.args]
    keywords = {each.keyword for each in sample.arguments if each.keyword is not None}
    return {*positional[: sum(each.keyword is None for each in sample.arguments)], *keywords}
