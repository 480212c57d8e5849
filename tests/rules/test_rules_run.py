"""Every rule, rendered to source and called as a function, has NumPy's value and the gradient of finite differences."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from autofix.rewrite.catalogue import Catalogue, Refused
from autofix.rewrite.literal import code_of
from tests.rules.calls import ALIASES, Sample, arguments_of, samples

ROOT = Path(__file__).parents[2]
TORCH = pytest.param("torch", marks=pytest.mark.torch)
TENSORFLOW = pytest.param("tensorflow", marks=pytest.mark.tensorflow)


def _of(framework: str, refused: bool) -> list[Sample]:
    return [s for s in samples() if framework in s.frameworks and s.refused is refused]


def _is_method(sample: Sample) -> bool:
    return sample.name.startswith(("ndarray.", "Tensor.", "inert ndarray."))


def _call(sample: Sample, framework: str, catalogue: Catalogue) -> dict[str, object]:
    found = catalogue.render(sample.name, arguments_of(sample.text, _is_method(sample)), ALIASES[framework])
    assert not isinstance(found, Refused), f"{sample.text}: {found.reason}"
    return {
        "text": sample.text,
        "rest": sample.rest,
        "name": sample.name,
        "oracle": sample.oracle,
        "differentiable": sample.differentiable,
        "method": _is_method(sample),
        "candidates": [
            {"code": f"({code_of(r.expression)}){sample.rest}", "definitions": r.definitions} for r in found
        ],
    }


@cache
def _report(framework: str) -> list[tuple[dict[str, object], dict[str, list[str | None]]]]:
    if importlib.util.find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed")
    catalogue = Catalogue.load(framework)
    calls = [_call(sample, framework, catalogue) for sample in _of(framework, refused=False)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "PYTHONPATH": str(ROOT)}
    child = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("child.py")), framework],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        env=environment,
        timeout=600,
    )
    assert child.returncode == 0, child.stderr
    return list(zip(calls, json.loads(child.stdout), strict=True))


@pytest.mark.parametrize("framework", [TORCH, TENSORFLOW])
@pytest.mark.parametrize("way", ["rendered", "direct"])
def test_every_rule_agrees_with_numpy(framework: str, way: str) -> None:
    failures = [(call["text"], call["candidates"], r[way]) for call, r in _report(framework) if None not in r[way]]

    assert failures == []


@pytest.mark.parametrize("framework", [TORCH, TENSORFLOW])
def test_the_report_covers_every_sample(framework: str) -> None:
    assert len(_report(framework)) == len(_of(framework, refused=False)) > 300


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_every_rule_has_a_sample(framework: str) -> None:
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
def test_what_has_no_replacement_is_refused_with_a_reason(framework: str) -> None:
    catalogue = Catalogue.load(framework)
    for sample in _of(framework, refused=True):
        found = catalogue.render(sample.name, arguments_of(sample.text, _is_method(sample)), ALIASES[framework])

        assert isinstance(found, Refused), sample.text
        assert len(found.reason) > 10, sample.text
        assert "there is no rule" not in found.reason, sample.text
