"""Every parameter that NumPy documents for a function with a gradient is taken by its rule, or has a reason."""

from __future__ import annotations

import ast
import inspect

import libcst as cst
import numpy as np
import pytest

from autofix.model import Framework, Kind, Reason
from autofix.rewrite.catalogue import Argument, Catalogue
from tests.rules.calls import ALIASES, samples

pytestmark = pytest.mark.slow

FUNCTIONS = (
    "array asarray reshape ravel full concatenate stack vstack hstack append dot inner outer tensordot sum mean "
    "std var max min prod ptp median quantile percentile average nansum nanmean cumsum cumprod diff sort take "
    "take_along_axis roll expand_dims repeat tile squeeze transpose moveaxis swapaxes broadcast_to copy nan_to_num "
    "flip split clip diag diagonal trace tril triu trapezoid cov corrcoef cross astype convolve pad polyval"
).split()
UFUNCS = (
    "add subtract multiply divide power maximum minimum exp log sqrt square abs negative reciprocal sin cos tan tanh "
    "sinh cosh arcsin arccos arctan arctan2 exp2 expm1 log1p log2 log10 logaddexp hypot deg2rad rad2deg fabs matmul"
).split()
OF_UFUNCS = ("out", "where", "casting", "order", "dtype", "subok", "signature")
GIVEN = {"out": "y", "where": "m", "dtype": "np.int64", "casting": "'unsafe'", "order": "'F'"}
CATALOGUES = {framework: Catalogue.load(framework) for framework in ("torch", "tensorflow")}
NEEDED = {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}


def _documented(name: str) -> list[str]:
    parameters = inspect.signature(getattr(np, name)).parameters.values()
    optional = [each for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    return [each.name for each in optional if each.default is not each.empty]


def _call(framework: Framework, name: str, parameter: str) -> object:
    """What becomes of the call that gives what NumPy needs, and one parameter by name."""
    if name in UFUNCS:
        needed = ["x", "y"][: getattr(np, name).nin]
    else:
        parameters = inspect.signature(getattr(np, name)).parameters.values()
        needed = [each.name for each in parameters if each.kind in NEEDED and each.default is each.empty]
    arguments = [Argument(cst.Name(each), Kind.TENSOR) for each in needed]
    value = cst.parse_expression(GIVEN.get(parameter, "given"))
    arguments.append(Argument(value, Kind.OTHER, parameter))
    return CATALOGUES[framework].render(f"numpy.{name}", arguments, ALIASES[framework])


def _taken(framework: Framework, name: str) -> set[str]:
    function = CATALOGUES[framework].function(f"numpy.{name}")
    assert function is not None, name
    return {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}


def _sampled(name: str) -> set[str]:
    """The parameters that some sample of `name` gives, by name or by position, refused or not."""
    given: set[str] = set()
    for sample in samples():
        if sample.name != f"numpy.{name}":
            continue
        node = ast.parse(sample.text, mode="eval").body
        assert isinstance(node, ast.Call)
        order = list(inspect.signature(getattr(np, name)).parameters)
        given |= {*order[: len(node.args)], *(each.arg for each in node.keywords if each.arg)}
    return given


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_documented_parameter_is_taken_or_refused_with_a_reason(framework: Framework, name: str) -> None:
    taken = _taken(framework, name)
    for parameter in _documented(name):
        found = _call(framework, name, parameter)
        if parameter in taken:
            assert parameter in _sampled(name), f"no sample gives {parameter}"
        else:
            assert isinstance(found, Reason), f"{parameter} is neither taken nor refused"
            assert not found.text.endswith("= has no counterpart"), f"{parameter}: {found.text}"


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize("name", UFUNCS)
def test_what_every_universal_function_takes_is_refused_with_a_reason(framework: Framework, name: str) -> None:
    for parameter in OF_UFUNCS:
        found = _call(framework, name, parameter)

        assert isinstance(found, Reason), parameter
        assert not found.text.endswith("= has no counterpart"), f"{parameter}: {found.text}"
