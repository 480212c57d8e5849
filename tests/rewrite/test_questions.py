"""What is asked about a value stays as written where a tensor answers alike; otherwise the array is asked."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import pytest

from autofix.analysis.reads import PlainKind
from autofix.model import Framework
from autofix.pipeline import fix_source
from autofix.rewrite.consumers import is_answered_alike
from tests.rewrite.test_readers import TAPE, TENSORFLOW, TORCH, Trusting

np: Any = pytest.importorskip("numpy", reason="WHAT ARRAYS ANSWER IS NOT TESTED: NumPy is not installed")
pytestmark = pytest.mark.slow

ARRAYS = """
def loss_fn(pred, target):
    gap = {convert}
    {line}
    return {mean}(np.abs(gap))

"""
VALUES: dict[PlainKind, Any] = {
    PlainKind.ARRAY: np.ones((3, 3), "f4"), PlainKind.LIST: [1.0], PlainKind.SCALAR: np.float32(1),
    PlainKind.DOUBLE: np.float64(1), PlainKind.FLOAT: 1.0, PlainKind.INT: 1,
}  # fmt: skip


def _fixed(framework: Framework, line: str) -> str:
    if framework == "torch":
        loss = ARRAYS.format(convert="(pred - target).detach().numpy()", line=line, mean="np.mean")
        step = "torch.tensor(loss_fn(model(x), y), requires_grad=True).backward()\n"
        return fix_source(TORCH + loss + step, "<text>", Trusting()).text
    loss = ARRAYS.format(convert="np.tanh(pred.numpy() - target.numpy())", line=line, mean="tf.reduce_mean")
    return fix_source(TENSORFLOW + loss + TAPE, "<text>", Trusting()).text


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize(
    "line",
    [
        'assert hasattr(gap, "shape")',
        'if hasattr(gap, "_keras_history"): raise ValueError',
        'print(getattr(gap, "_name", "gap"), callable(gap), id(gap), np.ndim(gap), len(gap))',
        "if isinstance(gap, (list, tuple, dict)): raise TypeError",
        "ok = not isinstance(gap, str | bytes)",
    ],
)
def test_what_a_tensor_answers_alike_stays_as_written(line: str, framework: Framework) -> None:
    assert f"    {line}\n" in _fixed(framework, line)


@pytest.mark.parametrize("framework", ["torch", "tensorflow"])
@pytest.mark.parametrize(
    "line",
    [
        'assert not hasattr(gap, "numpy")',  # only a tensor has it
        'assert hasattr(gap, "astype")',  # only an array has it
        'print(getattr(gap, "device", None))',  # an array of NumPy 2 has it
        "assert isinstance(gap, np.ndarray)",
        "ok = isinstance(gap, Sample)",  # a class that nothing is known of
        "print(type(gap).__name__)",
    ],
)
def test_what_it_answers_otherwise_is_asked_of_the_array(line: str, framework: Framework) -> None:
    plain = "gap.detach().numpy()" if framework == "torch" else "gap.numpy()"

    assert f"    {line.replace('(gap', f'({plain}')}\n" in _fixed(framework, line)


def test_whether_a_value_is_a_tensor_is_asked_of_what_it_was() -> None:
    assert "if tf.is_tensor(gap.numpy()):" in _fixed("tensorflow", "if tf.is_tensor(gap): print(1)")
    assert "if torch.is_tensor(gap.detach().numpy()):" in _fixed("torch", "if torch.is_tensor(gap): print(1)")


def _agree(framework: Framework, tensor: Any) -> None:
    """Compare what is said with the real answers, for every name that any of the values has."""
    names = {name for value in (*VALUES.values(), tensor) for name in dir(value)} | {"_keras_history", "logits"}
    for kind, value in VALUES.items():
        for name in names:
            said = _said(f"hasattr(x, {name!r})", kind, framework)
            assert not said or _has(value, name) == _has(tensor, name), (kind, name)
            said = _said(f"getattr(x, {name!r}, 0)", kind, framework)
            assert not said or not (_has(value, name) or _has(tensor, name)), (kind, name)
        assert bool(callable(value)) == bool(callable(tensor))
        assert _said("isinstance(x, (str, float))", kind, framework) == (not isinstance(value, float))
        assert _said("isinstance(x, np.ndarray)", kind, framework) == (kind is not PlainKind.ARRAY)


def _has(value: Any, name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return hasattr(value, name)
        except Exception:  # it has one that fails: `torch.ones(1).imag`
            return True


def _said(written: str, kind: PlainKind, framework: Framework) -> bool | None:
    call = ast.parse(written, mode="eval").body
    assert isinstance(call, ast.Call)
    return is_answered_alike(call.args[0], call, {kind}, framework)


@pytest.mark.torch
def test_the_answers_are_those_of_torch() -> None:
    _agree("torch", pytest.importorskip("torch").ones(3, 3))


@pytest.mark.tensorflow
def test_the_answers_are_those_of_tensorflow() -> None:
    _agree("tensorflow", pytest.importorskip("tensorflow").ones((3, 3)))
