"""What it adds to a rejected verification to see where the gradient is lost: `python benchmarks/lost.py torch`.

In this process, which imports the framework (one for each run): processor time in ms of the whole comparison of a loss
with itself, which is rejected, and of the look at the original that follows it. A verified or a healthy loss has none.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import statistics
import sys
import time
from typing import Any, get_args

from autofix.model import Framework, Parameter, Request, Target
from autofix.trial.requests import prepare
from autofix.worker import compare
from autofix.worker.start import warm

LOSSES: dict[Framework, tuple[str, ...]] = {
    "torch": (
        "torch.tensor(np.mean(np.abs(y_pred.detach().numpy() - y_true.numpy())))",
        "np.mean(np.abs(y_pred - y_true))",
        "torch.tensor(((y_pred - y_true) ** 2).mean().item())",
    ),
    "tensorflow": (
        "tf.constant(np.mean(np.abs(y_pred.numpy() - y_true.numpy())))",
        "np.mean(tf.abs(y_pred - y_true))",
        "tf.constant(float(tf.reduce_mean((y_pred - y_true) ** 2)))",
    ),
}
IMPORTS: dict[Framework, str] = {"torch": "import torch", "tensorflow": "import tensorflow as tf"}
MOST: dict[Framework, float] = {"torch": 10.0, "tensorflow": 60.0}


def request(framework: Framework, value: str) -> dict[str, Any]:
    text = f"import numpy as np\n{IMPORTS[framework]}\n\ndef loss(y_pred, y_true):\n    return {value}\n"
    parameters = Parameter("y_pred", "prediction"), Parameter("y_true", "target")
    prepared = prepare(Request("loss.py", framework, Target("loss", 0, parameters), text, (text + "\n",)))
    assert isinstance(prepared, dict), prepared
    return prepared | {"precisions": ["double", "single"], "allow_unsandboxed": True}


def measure(framework: Framework, value: str, backend: Any, rounds: int) -> tuple[float, float]:
    """The best of some rounds: the whole and the look."""
    looks: list[float] = []
    wholes: list[float] = []
    look = compare.report_lost

    def timed(accepted: Any, plan: Any, loader: Any, is_flat: bool = False) -> dict[str, Any]:
        begun = time.process_time()
        found = look(accepted, plan, loader, is_flat)
        if plan is loader.request["original"]:
            assert found["places"], value
            looks.append(1e3 * (time.process_time() - begun))
        return found

    compare.__dict__["report_lost"] = timed
    try:
        for _ in range(rounds):
            begun = time.process_time()
            with contextlib.redirect_stderr(io.StringIO()):
                compare.compare(request(framework, value), backend, lambda message: None)
            wholes.append(1e3 * (time.process_time() - begun))
    finally:
        compare.__dict__["report_lost"] = look
    return min(wholes), min(looks)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("framework", choices=get_args(Framework))
    parser.add_argument("--rounds", type=int, default=10, help="comparisons of each loss (10)")
    chosen = parser.parse_args()
    backend = importlib.import_module(f"autofix.worker.backends.{chosen.framework}").Backend()
    warm(backend)
    found = []
    for value in LOSSES[chosen.framework]:
        whole, look = measure(chosen.framework, value, backend, chosen.rounds)
        found.append(look)
        print(f"whole {whole:7.1f}  look {look:6.2f}  ({look / whole:.0%})  {value}")
    median = statistics.median(found)
    print(f"median {median:.2f} ms of at most {MOST[chosen.framework]:g}")
    return 1 if median > MOST[chosen.framework] else 0


if __name__ == "__main__":
    sys.exit(main())
