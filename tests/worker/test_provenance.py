"""Where a run sees the gradient end: at exactly the marked expression, and nowhere in a loss that is right."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.model import Framework, Verdict
from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier
from autofix.worker import provenance
from tests.verify import lost_programs as programs
from tests.verify.asking import request

BOTH = "y_pred:p y_true:t"
HEADS: dict[Framework, str] = {"torch": "import torch\n", "tensorflow": "import tensorflow as tf\n"}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


def module(framework: Framework, body: str) -> str:
    head = f"import math\nimport numpy as np\n{HEADS[framework]}\ndef loss(y_pred, y_true):\n"
    return head + textwrap.indent(textwrap.dedent(body).strip("\n"), "    ") + "\n"


def judged(verifier: Verifier, framework: Framework, body: str, path: str = "loss.py") -> tuple[Verdict, str]:
    """The verdict on a loss whose only candidate is the loss again, and the text."""
    text = module(framework, body)
    return verifier.verify(request(framework, "loss", BOTH, text, text + "\n# again\n", path=path)), text


def marked(text: str) -> list[tuple[int, str]]:
    pairs = ((number, line.partition("# here: ")) for number, line in enumerate(text.splitlines(), 1))
    return [(number, expression) for number, (_, mark, expression) in pairs if mark]


def seen(verdict: Verdict) -> list[tuple[int, str]]:
    """The first expression on the way of each place that stands in the text itself."""
    own = [next(site for site in place.sites if not site.path) for place in verdict.lost.places]
    return [(site.span.line, site.expression) for site in own]


@pytest.mark.torch
@pytest.mark.parametrize("name", programs.TORCH)
def test_the_first_lost_expression_is_told(verifier: Verifier, name: str) -> None:
    verdict, text = judged(verifier, "torch", programs.TORCH[name])
    assert verdict.status in ("rejected", "flat"), verdict
    assert seen(verdict)[:1] == marked(text), verdict.lost


@pytest.mark.torch
@pytest.mark.parametrize("name", programs.TORCH_BESIDE_HARMLESS)
def test_what_nothing_of_the_loss_is_made_of_is_not_told(verifier: Verifier, name: str) -> None:
    verdict, text = judged(verifier, "torch", programs.TORCH_BESIDE_HARMLESS[name])
    assert verdict.status == "rejected", verdict
    assert seen(verdict) == marked(text), verdict.lost


@pytest.mark.torch
@pytest.mark.parametrize("name", programs.TORCH_HEALTHY)
def test_of_a_right_loss_nothing_is_told(verifier: Verifier, name: str) -> None:
    verdict, _ = judged(verifier, "torch", programs.TORCH_HEALTHY[name])
    assert verdict.status == "healthy", verdict
    assert verdict.lost.places == () == verdict.left.places


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", programs.TENSORFLOW)
def test_the_first_lost_expression_of_tensorflow_is_told(verifier: Verifier, name: str) -> None:
    verdict, text = judged(verifier, "tensorflow", programs.TENSORFLOW[name])
    assert verdict.status in ("rejected", "flat"), verdict
    assert seen(verdict)[:1] == marked(text), verdict.lost


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", programs.TENSORFLOW_BESIDE_HARMLESS)
def test_what_nothing_of_a_loss_of_tensorflow_is_made_of_is_not_told(verifier: Verifier, name: str) -> None:
    verdict, text = judged(verifier, "tensorflow", programs.TENSORFLOW_BESIDE_HARMLESS[name])
    assert verdict.status == "rejected", verdict
    assert seen(verdict) == marked(text), verdict.lost


@pytest.mark.tensorflow
@pytest.mark.parametrize("name", programs.TENSORFLOW_HEALTHY)
def test_of_a_right_loss_of_tensorflow_nothing_is_told(verifier: Verifier, name: str) -> None:
    verdict, _ = judged(verifier, "tensorflow", programs.TENSORFLOW_HEALTHY[name])
    assert verdict.status == "healthy", verdict
    assert verdict.lost.places == () == verdict.left.places


HELPER = """
import torch

def smooth(x):
    w = x.mean().item()
    return torch.tensor(w * 2)
"""


@pytest.mark.torch
def test_a_place_in_another_file_is_told_with_the_way_there(verifier: Verifier, tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text(HELPER)
    body = "from helpers import smooth\nreturn smooth((y_pred - y_true).abs())"
    verdict, _ = judged(verifier, "torch", body, str(tmp_path / "train.py"))
    (place,) = verdict.lost.places
    ways = [(Path(site.path).name, site.span.line, site.expression) for site in place.sites]
    assert ways == [("helpers.py", 5, "x.mean().item()"), ("", 7, "smooth((y_pred - y_true).abs())")]


@pytest.mark.torch
def test_what_a_patch_leaves_is_told_on_the_lines_of_the_original(verifier: Verifier) -> None:
    body = "a = 1\nb = 2\ne = (y_pred - y_true).detach()\nreturn torch.tensor(e.abs().mean().item())"
    original = module("torch", body)
    patch = original.replace("    a = 1\n    b = 2\n", "").replace(".detach()", "")
    verdict = verifier.verify(request("torch", "loss", BOTH, original, patch))
    assert verdict.reason == "no gradient reaches y_pred"
    assert [place.sites[0].span.line for place in verdict.lost.places] == [8]
    (left,) = verdict.left.places
    assert (left.sites[0].span.line, left.sites[0].expression) == (9, "e.abs().mean().item()")


PROGRAM = """
import torch
from helpers import smooth

FREEZE = False

def whole_loss(y_pred, y_true):
    e = (y_pred - y_true).abs()
    x = e.detach().numpy() if FREEZE else e
    return smooth(x)

def partial_loss(y_pred, y_true):
    e = (y_pred - y_true).abs()
    d = e.numpy().mean()
    return torch.tensor(d) + smooth(e)

def train(model, x, y):
    whole_loss(model(x), y).backward()
    partial_loss(model(x), y).backward()
"""


@pytest.mark.torch
def test_findings_say_what_the_run_saw_and_never_the_contrary(verifier: Verifier, tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text(HELPER)
    whole, partial = fix_source(PROGRAM, str(tmp_path / "train.py"), verifier).findings
    assert (whole.span.line, whole.code) == (10, "AF104")
    assert whole.message.startswith("`smooth(x)` leads to helpers.py:5, where `x.mean().item()` converts the tensor")
    assert (partial.span.line, partial.code) == (14, "AF102")
    assert "still trains" not in partial.message
    assert partial.fix.reason.endswith("; when run, the gradient is still lost at `x.mean().item()` (helpers.py:5)")


DYNAMIC = """
import functools
import numpy as np
import torch

def plainly(f):
    @functools.wraps(f)
    def wrapped(x):
        return torch.tensor(f(x).tolist())
    return wrapped

class Base:
    def term(self, x):
        return x.mean()

class Hidden(Base):
    def term(self, x):
        return getattr(x.mean(), "de" + "tach")()

def root(x):
    return torch.as_tensor(np.sqrt(x + 1))

KINDS = {"hidden": Hidden, "base": Base}
"""
WAYS = {
    "a decorator": ("plainly(lambda x: x ** 2)(e).mean()", "`f(x).tolist()` (helpers.py:9)"),
    "a class from a table": (
        'KINDS["hidden"]().term(e ** 2)',
        '`getattr(x.mean(), "de" + "tach")()` (helpers.py:18)',
    ),
    "a function from a namespace": (
        'vars(torch.Tensor).get("cut", torch.Tensor.detach)(e ** 2).mean()',
        '`vars(torch.Tensor).get("cut", torch.Tensor.detach)(e ** 2)` (line 7)',
    ),
    "exec": (
        '(exec("b.append((e ** 2).mean().item())", {"e": e, "b": (b := [])}) or torch.tensor(b[0]))',
        '`exec("b.append((e ** 2).mean().item())", {"e": e, "b": (b :…` (line 7)',
    ),
    "NumPy in another file": ("root(e ** 2).mean()", "`np.sqrt(x + 1)` (helpers.py:21)"),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", WAYS)
def test_what_no_source_shows_is_said_in_the_reason(verifier: Verifier, name: str, tmp_path: Path) -> None:
    way, told = WAYS[name]
    (tmp_path / "helpers.py").write_text(DYNAMIC)
    text = (
        "import torch\nfrom helpers import KINDS, plainly, root\n\ndef a_loss(y_pred, y_true):\n"
        f"    e = y_pred - y_true\n    a = e.abs().mean().item()\n    return a + {way}\n\n"
        "def train(model, x, y):\n    a_loss(model(x), y).backward()\n"
    )
    findings = fix_source(text, str(tmp_path / "train.py"), verifier).findings
    assert {finding.span.line for finding in findings} <= {6, 7}
    assert {finding.fix.status for finding in findings} == {"rejected"}
    assert findings[0].fix.reason.endswith(f"; when run, the gradient is still lost at {told}")


UNWATCHABLE = {
    "ends where it is watched": "import os, sys\nif sys.gettrace():\n    os._exit(0)\n",
    "fails where it is watched": "import sys\nassert not sys.gettrace()\n",
    "is another where it is watched": "import sys\nif sys.gettrace():\n    return y_pred.mean().detach()\n",
}


@pytest.mark.torch
@pytest.mark.parametrize("name", UNWATCHABLE)
def test_a_loss_that_cannot_be_watched_has_its_verdict_all_the_same(verifier: Verifier, name: str) -> None:
    verdict, _ = judged(verifier, "torch", UNWATCHABLE[name] + "return (y_pred - y_true).abs().mean().detach()")
    assert (verdict.status, verdict.reason) == ("rejected", "no gradient reaches y_pred")
    assert verdict.lost.places == ()


WITHOUT_POSITIONS = {
    "e = a.detach()": "a.detach()",
    "return a.detach().mean()": "a.detach().mean()",
    "total += a.item()": "a.item()",
    "print(a)": "print(a)",
    "if a > 1:\n        b = 2": "a > 1",
    "for x in a:\n        b = 2": "a",
    "b = f(\n        a.item(),\n    )": "f( a.item(), )",
    "del a": "del a",
    "a[1:] = 0": "a[1:] = 0",
    "é = 'ü'; b = a.item()": "é = 'ü'; b = a.item()",
}


@pytest.mark.parametrize("body", WITHOUT_POSITIONS)
def test_where_python_knows_no_columns_the_value_of_the_statement_is_told(
    body: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "é.py"
    path.write_text(f"def f(a):\n    {body}\n", encoding="utf-8")
    monkeypatch.setattr(provenance, "positions", lambda code, instruction: None)
    code = compile(path.read_text(encoding="utf-8"), str(path), "exec").co_consts[0]
    frame = provenance.described(code, 0, 2)
    assert frame.expression == WITHOUT_POSITIONS[body]


def test_columns_are_those_of_characters(tmp_path: Path) -> None:
    path = tmp_path / "frames.py"
    path.write_text("def f(g):\n    ü = 'ä'; return (1, g('ö'), 2)\n", encoding="utf-8")
    namespace: dict[str, object] = {}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    frames: list[provenance.Frame] = []
    namespace["f"](lambda _: frames.extend(provenance.user_frames()))  # type: ignore[operator]
    frame = next(each for each in frames if each.file == str(path))
    assert (frame.line, frame.column, frame.end_column, frame.expression) == (2, 24, 30, "g('ö')")
