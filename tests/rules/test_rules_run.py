"""Every rule, rendered to source and called as a function, has NumPy's value and the gradient of finite differences."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from autofix.model import Framework
from autofix.prove.proof import Failure, Interpreter, prove
from autofix.prove.sample import Sample
from autofix.rewrite.catalogue import Argument, Catalogue, Refused
from autofix.rewrite.literal import code_of
from tests.rules.calls import ALIASES, samples

TORCH = pytest.param("torch", marks=pytest.mark.torch)
TENSORFLOW = pytest.param("tensorflow", marks=pytest.mark.tensorflow)
PYTHON = Interpreter(Path(sys.executable))


def _of(framework: Framework, refused: bool) -> list[Sample]:
    return [s for s in samples() if framework in s.frameworks and s.refused is refused]


@cache
def _failures(framework: Framework) -> list[Failure]:
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    return prove(framework, Catalogue.load(framework), _of(framework, refused=False), PYTHON)


@pytest.mark.parametrize("framework", [TORCH, TENSORFLOW])
def test_every_spelling_of_every_rule_agrees_with_numpy(framework: Framework) -> None:
    assert len(_of(framework, refused=False)) > 300

    assert list(map(str, _failures(framework))) == []


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_every_rule_has_a_sample(framework: Framework) -> None:
    catalogue = Catalogue.load(framework)
    sampled = {sample.name for sample in samples() if framework in sample.frameworks}
    rules = {
        f"{prefix}.{name}"
        for source in catalogue.sources
        for prefix in source.prefixes[:1]
        for name in source.rules.names()
        if name not in source.rules.synonyms
    }

    assert rules - sampled == set()


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_what_has_no_replacement_is_refused_with_a_reason(framework: Framework) -> None:
    catalogue = Catalogue.load(framework)
    for sample in _of(framework, refused=True):
        found = catalogue.render(sample.name, sample.arguments, ALIASES[framework])

        assert isinstance(found, Refused), sample.text
        assert len(found.reason) > 10, sample.text
        assert "there is no rule" not in found.reason, sample.text


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_a_keyword_means_what_the_position_means(framework: Framework) -> None:
    catalogue, tried = Catalogue.load(framework), 0
    for sample in _of(framework, refused=False):
        function = catalogue.function(sample.name)
        positional = [] if function is None or function.args.vararg else [each.arg for each in function.args.args]
        arguments = sample.arguments
        named = [
            replace(each, keyword=positional[at] if each.keyword is None and at >= sample.is_method else each.keyword)
            for at, each in enumerate(arguments)
            if at < len(positional) or each.keyword is not None
        ]
        if len(named) < len(arguments) or named == arguments:
            continue
        tried += 1

        assert _spelled(catalogue, sample.name, named) == _spelled(catalogue, sample.name, arguments), sample.text
    assert tried > 300


def _spelled(catalogue: Catalogue, name: str, arguments: list[Argument]) -> list[str]:
    """The texts of all candidates; a function that is pasted is called as it was."""
    found = catalogue.render(name, arguments, {"torch": "torch", "tensorflow": "tf"})
    assert not isinstance(found, Refused), found.reason
    texts = [code_of(each.expression) for each in found if not each.definitions]
    return texts + sorted(definition for each in found for definition in each.definitions)
