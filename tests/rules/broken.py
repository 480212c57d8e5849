"""One broken loss for each name of the surface: `python -m tests.rules.broken torch 1` says what is fixed.

The prediction leaves by `.detach().numpy()` or `.numpy()`, the first sample of the name stands in the middle with its
usual constants, and the mean of squares is wrapped again. What `autofix --apply` leaves as it is comes with its reason.
"""

from __future__ import annotations

import ast
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from autofix.model import Framework
from autofix.prove.samples import Sample
from autofix.prove.worker.trial import CONSTANT, arrays
from tests.rules.calls import samples
from tests.rules.operators import operators
from tests.rules.samples import NAMES
from tests.rules.surface import listed

_IN_A_FILE = 25
_PLAIN = frozenset({"numpy", "math", "scipy", "sklearn", "operator", "builtins"})
WRITTEN = {
    "numpy.float32": "np.float32(x)", "numpy.radians": "np.radians(x)", "numpy.degrees": "np.degrees(x)",
    "numpy.absolute": "np.absolute(x)", "numpy.true_divide": "np.true_divide(x, y)", "builtins.sum": "sum(v)",
    "numpy.linalg.eigh": "np.linalg.eigh(x @ x.T)[0]", "numpy.linalg.eigvalsh": "np.linalg.eigvalsh(x @ x.T)",
    "numpy.linalg.cholesky": "np.linalg.cholesky(x @ x.T + np.eye(3))", "numpy.fabs": "np.fabs(x)",
    "numpy.linalg.slogdet": "np.linalg.slogdet(x @ x.T + np.eye(3))[1]", "numpy.remainder": "np.remainder(x, 0.3)",
    "op.abs": "abs(x)", "op.getitem[neg-step]": "x[:, ::-1]", "op.sub(-)": "x - y", "op.add(+)": "x + y",
    "op.setitem[bool-mask]": "np.where(x > 0.5, 0.5, x)", "scipy.special.psi": "special.psi(x)",
    "scipy.stats.pearsonr": "stats.pearsonr(v, w)[0]", "numpy.acos": "np.acos(x)", "numpy.asin": "np.asin(x)",
    "numpy.atan": "np.atan(x)", "numpy.atan2": "np.atan2(x, y)", "numpy.concat": "np.concat([x, y])",
    "numpy.pow": "np.pow(x, 2)", "op.matmul(@)": "x @ u", "op.mul(*)": "x * y", "op.truediv(/)": "x / y",
    "op.getitem[int-array]": "x[i]", "op.getitem[pair-of-int-arrays]": "x[i, i]",
}  # fmt: skip
"""How names without a sample of their own are written."""

_LEAVES = {"torch": "{0}.detach().numpy()", "tensorflow": "{0}.numpy()", "keras": "ops.convert_to_numpy({0})"}
_BACK = {"torch": "torch.tensor({0})", "tensorflow": "tf.constant({0})", "keras": "ops.convert_to_tensor({0})"}
_HEADS = {
    "torch": "import torch\n",
    "tensorflow": "import tensorflow as tf\n",
    "keras": 'import os\n\nos.environ["KERAS_BACKEND"] = "tensorflow"\n\nfrom keras import Model, ops\n',
}
_STEPS = {
    "torch": "    {0}(model()).backward()\n",
    "tensorflow": "    with tf.GradientTape() as tape:\n        value = {0}(model())\n"
    "    tape.gradient(value, weights)\n",
    "keras": "    Model().compile(loss={0})\n",
}


@dataclass(frozen=True)
class Broken:
    """A name, and the loss in which one of its samples stands: its own name, its text and the constants it needs."""

    name: str
    loss: str
    text: str
    constants: frozenset[str]


@dataclass(frozen=True)
class Left:
    """A name whose loss is not fixed, and why."""

    name: str
    reason: str


def broken(framework: Framework, tier: str) -> list[Broken]:
    """Return one broken loss for each name of a tier through which a gradient flows and that has a sample."""
    table = [*samples(), *operators(framework)]
    by_name: dict[str, list[Sample]] = {}
    for each in table:
        if each.differentiable and not each.refused and framework in each.frameworks:
            by_name.setdefault(each.name, []).append(each)
    found = []
    for place, name in enumerate(each.name for each in listed(tier) if each.differentiable):
        written = [WRITTEN[name]] if name in WRITTEN else [each.text + each.rest for each in by_name.get(name, ())]
        losses = (_loss(framework, name, f"loss_{place}", each) for each in sorted(written, key=len))
        first = next((each for each in losses if each is not None), None)
        found += [first] if first is not None else []
    return found


def _loss(framework: Framework, name: str, loss: str, written: str) -> Broken | None:
    """Return the loss for one sample; None where it takes no prediction, or gives no floating numbers."""
    tree = ast.parse(written, mode="eval")
    used = [each.id for each in ast.walk(tree) if isinstance(each, ast.Name)]
    own = arrays()
    variables = [each for each in own if each in used and each not in CONSTANT]
    if not variables:
        return None
    number = _number_of(written, own)
    if number is None:
        return None
    first = variables[0]
    constants = frozenset(each for each in used if each in own and each != first)
    sizes = ", ".join(map(str, own[first].shape))
    body = f"""
    # autofix: inputs(prediction=0.1 < float{f"[{sizes}]" if sizes else ""} < 0.9)
    def {loss}(prediction):
        {first} = {_LEAVES[framework].format("prediction")}
        value = {number}
        return {_BACK[framework].format("np.mean((value - 0.3) ** 2)")}
    """
    return Broken(name, loss, textwrap.dedent(body), constants)


def _number_of(written: str, own: dict[str, Any]) -> str | None:
    """Return the sample as what a mean of squares takes: the first of several results, the size of a complex one."""
    scope = {alias: found for alias, name in NAMES.items() if (found := _object(name)) is not None}
    try:
        result = eval(written, scope | own)
    except Exception:
        return None
    if isinstance(result, (list, tuple)):
        written, result = f"({written})[0]", result[0]
    if np.iscomplexobj(result):
        written = f"np.abs({written})"
    kind = np.asarray(result).dtype.kind
    return written if kind in "fc" else None


@cache
def _object(name: str) -> object:
    """Return a module, or what a module holds, by its dotted name; None where it is not to be had."""
    if name.partition(".")[0] not in _PLAIN:
        return None
    try:
        return pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return None


def programs(framework: Framework, losses: list[Broken]) -> Iterator[str]:
    """Yield programs with some of the losses each, the constants that they need, and a step that trains with each."""
    for start in range(0, len(losses), _IN_A_FILE):
        part = losses[start : start + _IN_A_FILE]
        constants = sorted(frozenset().union(*(each.constants for each in part)))
        own = arrays()
        named = "".join(f"{name} = np.array({own[name].tolist()!r})\n" for name in constants)
        steps = "".join(_STEPS[framework].format(each.loss) for each in part)
        called = f"def train(model, weights):\n{steps}"
        bodies = "\n".join(each.text for each in part)
        yield f"{_imports(part)}{_HEADS[framework]}\n{named}\n{bodies}\n\n{called}"


def _imports(losses: Iterable[Broken]) -> str:
    names = {node.id for each in losses for node in ast.walk(ast.parse(each.text)) if isinstance(node, ast.Name)}
    return "".join(map(_import, (alias for alias in NAMES if alias in names | {"np"} and _object(NAMES[alias]))))


def _import(alias: str) -> str:
    package, _, last = NAMES[alias].rpartition(".")
    if package == "builtins":
        return ""
    written = f"from {package} import {last}" if package else f"import {last}"
    return written + (f" as {alias}\n" if alias != last else "\n")


def left(framework: Framework, tier: str, names: Collection[str] = ()) -> tuple[int, list[Left]]:
    """Apply the fixes of the losses of a tier, or of these names of it; return their number, and what is not fixed."""
    losses = [each for each in broken(framework, tier) if not names or each.name in names]
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for place, text in enumerate(programs(framework, losses)):
            paths.append(Path(folder) / f"part_{place}.py")
            paths[-1].write_text(text, encoding="utf-8")
        told = _applied(paths)
    fixed = {each["loss"] for each in told if (each["fix"] or {}).get("status") == "verified"}
    reasons = {each["loss"]: _reason(each) for each in told if each["loss"] not in fixed}
    others = [each for each in losses if each.loss not in fixed]
    return len(losses), [Left(each.name, reasons.get(each.loss, "no fault found")) for each in others]


def _reason(finding: dict[str, Any]) -> str:
    return str((finding["fix"] or {}).get("reason", "no reason"))


def _applied(paths: Iterable[Path]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "autofix", "--apply", "--observe", "0", "--format", "json", "--jobs", "1", *paths]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    run = subprocess.run(command, capture_output=True, text=True, env=quiet, check=False)
    found: list[dict[str, Any]] = json.loads(run.stdout)["findings"]
    return found


def main() -> None:
    """Print how many losses are fixed, and the names of the others with their reasons."""
    framework, tier, *only = sys.argv[1:]
    count, names = left(framework, tier, only)  # type: ignore[arg-type]
    print(f"{framework}, tier {tier}: {count - len(names)} of {count} fixed")
    for each in names:
        print(f"{each.name:40} {each.reason}")


if __name__ == "__main__":
    main()
