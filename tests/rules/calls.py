"""Turns the examples of the rules, and the lines of the tables of samples, into calls for the proof."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from autofix.knowledge.frameworks import NAMES as EVERY
from autofix.model import Framework
from autofix.prove.samples import ALIASES, Sample, arguments_of, call_and_rest, examples, kind_of
from autofix.rewrite.catalogue import Catalogue
from tests.rules.samples import NAMES, tables

__all__ = ["ALIASES", "Sample", "arguments_of", "call_and_rest", "kind_of", "name_of", "samples"]


WORDS = {"torch": "torch", "tf": "tensorflow", "keras": "keras"}


@cache
def samples() -> tuple[Sample, ...]:
    """The whole table, and what stands in the docstrings of rules: each in every framework."""
    table = (_sample(line, of) for lines, of in tables() for line in lines.splitlines() if line.strip())
    return (*table, *dict.fromkeys(_in_docstrings()))


def _in_docstrings() -> Iterator[Sample]:
    for framework in EVERY:
        for source in Catalogue.load(framework).sources:
            for rule in source.rules.names():
                for each in examples(source.rules, rule, source.prefixes[0], framework):
                    yield replace(each, frameworks=EVERY)


def _sample(line: str, of: str) -> Sample:
    frameworks: tuple[Framework, ...] = EVERY
    word, _, rest = line.partition(" ")
    if word in WORDS:
        frameworks, line = (WORDS[word],), rest
    flag = line[0] if line[0] in "~!" else ""
    written, _, oracle = line.lstrip("~! ").partition(" => ")
    text, rest = call_and_rest(written)
    return Sample(text, name_of(text, of), oracle or written, frameworks, not flag, flag == "!", rest)


def name_of(text: str, of: str = "") -> str:
    """`np.linalg.norm(v)` is about numpy.linalg.norm; `x.mean()` about what `of` says: ndarray.mean or Tensor.mean."""
    node = ast.parse(text, mode="eval").body
    function = node.func if isinstance(node, ast.Call) else node
    if of:
        assert isinstance(function, ast.Attribute)
        return f"{of}.{function.attr}"
    head, _, rest = ast.unparse(function).partition(".")
    return f"{NAMES[head]}.{rest}" if rest else NAMES[head]
