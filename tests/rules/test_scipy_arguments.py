"""Each argument of SciPy's, math's and arrays' functions is taken by its rule, needless, or refused in words."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Iterator

import numpy as np
import pytest

from autofix.rewrite.binding import NEEDLESS, WITHOUT_COUNTERPART
from autofix.rewrite.catalogue import Catalogue

pytestmark = pytest.mark.slow

_AREA = ("scipy.", "math.", "numpy.linalg.", "numpy.fft.", "ndarray.")
_BY_POSITION = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)


def _original(name: str) -> object:
    owner, _, last = name.rpartition(".")
    if owner in ("ndarray", "math"):
        return getattr({"ndarray": np.ndarray, "math": math}[owner], last, None)
    module, _, distribution = owner.rpartition(".")
    try:
        return getattr(importlib.import_module(owner), last, None)
    except ModuleNotFoundError:
        return getattr(getattr(importlib.import_module(module), distribution), last, None)


def _parameters(name: str) -> Iterator[str]:
    try:
        signature = inspect.signature(_original(name))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    yield from (each.name for each in signature.parameters.values() if each.kind not in _BY_POSITION)


def _unknown(catalogue: Catalogue, name: str) -> Iterator[str]:
    taken = {
        argument.arg
        for rule in catalogue.functions(name)
        for argument in (*rule.args.args, *rule.args.kwonlyargs, *filter(None, [rule.args.vararg]))
    }
    # The first is the array, which is given by position whatever it is called.
    for parameter in tuple(_parameters(name))[1:]:
        if parameter not in taken | set(WITHOUT_COUNTERPART) | NEEDLESS | {"self", "dtype"}:
            yield f"{name}({parameter}=)"


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
def test_no_argument_is_unheard_of(framework: str) -> None:
    catalogue = Catalogue.load(framework)
    names = [name for name in catalogue.names() if name.startswith(_AREA) and name in catalogue]
    looked_at = [name for name in names if list(_parameters(name))]

    assert len(looked_at) > 120
    assert [unknown for name in looked_at for unknown in _unknown(catalogue, name)] == []


def test_an_argument_that_a_rule_lacks_is_noticed() -> None:
    assert set(_unknown(Catalogue.load("torch"), "scipy.special.expit")) == set()
    assert next(_unknown(Catalogue.load("torch"), "scipy.stats.weightedtau")) == "scipy.stats.weightedtau(y=)"
