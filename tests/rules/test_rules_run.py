"""Every rule, rendered to source and called as a function, has NumPy's value and the gradient of finite differences."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import pytest

from autofix.knowledge.frameworks import ALL, NAMES
from autofix.model import Framework, Reason
from autofix.prove.samples import gaps
from autofix.rewrite.catalogue import Argument, Catalogue
from autofix.rewrite.literal import code_of
from tests.rules.calls import ALIASES, samples
from tests.rules.proven import RUN, asked, by_variant, failures
from tests.rules.reductions import reductions

pytestmark = pytest.mark.slow

LEAST = {"torch": (1500, 500, 300), "tensorflow": (1500, 500, 300), "keras": (500, 90, 50)}
"""How many calls and rules there are at least, and how many calls can be written with keywords."""

RENAMED = {"keras.backend.constant": "keras.ops.constant"}
"""Names in a file of rules for several modules: its first one has none of that name."""

DRAWN = frozenset(each.text for each in reductions())


@pytest.mark.parametrize("framework", RUN)
def test_every_spelling_of_every_rule_agrees_with_numpy(framework: Framework) -> None:
    assert len(asked(framework)) > LEAST[framework][0]

    assert [str(each) for each in failures(framework) if not each.variant and each.call not in DRAWN] == []


@pytest.mark.parametrize("framework", RUN)
def test_reductions_with_arguments_that_are_drawn_agree_with_numpy(framework: Framework) -> None:
    assert len(DRAWN) > 100

    assert [str(each) for each in failures(framework) if each.call in DRAWN and not each.variant] == []


@pytest.mark.parametrize("framework", RUN)
def test_other_types_and_ranks_agree_with_numpy_or_are_stated(framework: Framework) -> None:
    stated = Catalogue.load(framework).dialect.takes_no
    unstated = [each for each in failures(framework) if each.variant and each.name not in stated.get(each.variant, ())]

    assert list(map(str, unstated)) == []


@pytest.mark.parametrize("framework", RUN)
def test_nothing_is_stated_that_the_proof_does_not_find(framework: Framework) -> None:
    found = by_variant(framework)
    stated = Catalogue.load(framework).dialect.takes_no

    assert {variant: names - found[variant] for variant, names in stated.items() if names - found[variant]} == {}


@pytest.mark.parametrize("framework", NAMES)
def test_every_optional_argument_is_given_once_and_left_out_once(framework: Framework) -> None:
    catalogue, by_rule = Catalogue.load(framework), defaultdict(list)
    for sample in [*asked(framework), *asked(framework, refused=True)]:
        place = catalogue.place(sample.name)
        if place is not None and catalogue.reason(sample.name) is None:
            by_rule[place].append(sample)
    missing = [
        f"{place}: {gap}"
        for place, of_rule in by_rule.items()
        for gap in gaps(catalogue.functions(of_rule[0].name)[0], of_rule)
    ]

    assert len(by_rule) > LEAST[framework][1]
    assert missing == []


@pytest.mark.parametrize("framework", NAMES)
def test_every_rule_has_a_sample(framework: Framework) -> None:
    catalogue = Catalogue.load(framework)
    named = {sample.name for sample in samples() if framework in sample.frameworks}
    sampled = named | {RENAMED[name] for name in named & RENAMED.keys()}
    rules = {
        f"{prefix}.{name}"
        for source in catalogue.sources
        for prefix in source.prefixes[:1]
        for name in source.rules.names()
        if name not in source.rules.synonyms
    }

    assert rules - sampled == set()


def test_an_example_of_one_framework_is_tried_in_every_one() -> None:
    """Then a rule is one function a framework, and nothing else."""
    assert ("sinc(x - 0.5)", NAMES, "numpy.sinc") in [(s.text, s.frameworks, s.original) for s in samples()]


@pytest.mark.parametrize("framework", NAMES)
def test_what_has_no_replacement_is_refused_with_a_reason(framework: Framework) -> None:
    catalogue = Catalogue.load(framework)
    for sample in asked(framework, refused=True):
        found = catalogue.render(sample.name, sample.arguments, ALIASES[framework])

        assert isinstance(found, Reason), sample.text
        assert len(found.text) > 10, sample.text
        assert "there is no rule" not in found.text, sample.text


@pytest.mark.parametrize("framework", NAMES)
def test_a_keyword_means_what_the_position_means(framework: Framework) -> None:
    catalogue, tried = Catalogue.load(framework), 0
    for sample in (each for each in asked(framework) if not each.spelling):
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
    assert tried > LEAST[framework][2]


def _spelled(catalogue: Catalogue, name: str, arguments: list[Argument]) -> list[str]:
    """The texts of all candidates; a function that is pasted is called as it was."""
    found = catalogue.render(name, arguments, {each.module: each.alias for each in ALL})
    assert not isinstance(found, Reason), found.text
    texts = [code_of(each.expression) for each in found if not each.definitions]
    return texts + sorted(definition for each in found for definition in each.definitions)
