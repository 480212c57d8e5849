"""PyTorch losses against right patches, wrong patches, and originals that need none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autofix.syntax.spans import said
from autofix.verify.verifier import Verifier
from tests.verify.asking import request

pytestmark = pytest.mark.torch
BOTH = "y_pred:p y_true:t"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        if reason := running.missing("torch"):
            pytest.skip(reason)
        yield running


def function(body: str, signature: str = "y_pred, y_true", before: str = "") -> str:
    return f"import math\nimport numpy as np\nimport torch\n{before}\ndef loss({signature}):\n    {body}\n"


MAE = "return torch.mean(torch.abs(y_true - y_pred))"

RIGHT = {
    "float32 returned": (
        "return torch.mean(torch.from_numpy(np.abs(y_true.numpy() - y_pred.detach().numpy())).float())",
        MAE,
    ),
    "numpy alone": ("return np.mean(np.abs(y_true - y_pred))", MAE),
    "re-wrapped": ("return torch.tensor(np.abs((y_true - y_pred).detach().numpy()).mean(), requires_grad=True)", MAE),
    "item": (
        "return math.sqrt(((y_pred - y_true) ** 2).mean().item())",
        "return ((y_pred - y_true) ** 2).mean().sqrt()",
    ),
    "ddof": ("return np.std((y_pred - y_true).detach().numpy())", "return torch.std(y_pred - y_true, correction=0)"),
    "partly severed": (
        "return (y_pred - y_true).abs().mean() + float((y_pred ** 2).mean())",
        "return (y_pred - y_true).abs().mean() + (y_pred ** 2).mean()",
    ),
    "per axis": (
        "return torch.tensor(np.max(np.abs(y_pred.detach().numpy() - y_true.numpy()), axis=1).mean())",
        "return torch.amax(torch.abs(y_pred - y_true), dim=1).mean()",
    ),
    "in place": (
        "d = (y_pred - y_true).detach().numpy(); d **= 2; return torch.tensor(d.mean())",
        "d = y_pred - y_true; d **= 2; return d.mean()",
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_patch_is_verified(verifier: Verifier, name: str) -> None:
    original, patch = RIGHT[name]
    verdict = verifier.verify(request("torch", "loss", BOTH, function(original), function(patch)))
    assert (verdict.status, verdict.candidate) == ("verified", 0), verdict
    assert verdict.evidence is not None
    assert verdict.evidence.gradient_after > 0


BROKEN = "return torch.tensor(np.mean(np.abs(y_pred.detach().numpy() - y_true.numpy()) * np.exp(y_true.numpy())))"
WRONG = {
    "sum for mean": ("return torch.sum((y_pred - y_true).abs() * y_true.exp())", "the value differs"),
    "dropped factor": ("return torch.mean((y_pred - y_true).abs())", "the value differs"),
    "float constant off by 1e-6": (
        "return torch.mean((y_pred - y_true).abs() * y_true.exp()) * 1.000001",
        "the value differs",
    ),
    "all detached": (
        "return torch.mean((y_pred - y_true).detach().abs() * y_true.exp())",
        "no gradient reaches y_pred",
    ),
    "leaf": (
        "return torch.tensor(torch.mean((y_pred - y_true).abs() * y_true.exp()), requires_grad=True)",
        "no gradient",
    ),
    "times zero": (
        "v = torch.mean((y_pred - y_true).abs() * y_true.exp()); return v.detach() + 0 * y_pred.sum()",
        "zero everywhere",
    ),
    "half detached": (
        "e = y_pred - y_true; return torch.mean((0.5 * e + 0.5 * e.detach()).abs() * y_true.exp())",
        "the gradient of y_pred is wrong (off by 50 %)",
    ),
    "raises": ("return torch.mean(torch.abs(y_pred - y_true), dims=3)", "the rewrite fails: TypeError"),
    "no scalar": ("return (y_pred - y_true).abs() * y_true.exp()", "the value differs: shape [] against [8, 10]"),
    "no number": ("return None", "not a number or a tensor"),
    "square root at zero": (
        "e = y_pred - y_true; return torch.mean(torch.sqrt(e ** 4) / e.abs() * y_true.exp())",
        "with zeros the rewrite fails or is not finite",
    ),
    "float64 only": (
        "e = (y_pred - y_true).abs() * y_true.exp(); assert e.dtype == torch.float64; return e.mean()",
        "the rewrite fails in float32",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_patch_is_rejected(verifier: Verifier, name: str) -> None:
    patch, reason = WRONG[name]
    verdict = verifier.verify(request("torch", "loss", BOTH, function(BROKEN), function(patch)))
    assert verdict.status == "rejected", verdict
    assert reason in verdict.reason


def test_other_wrong_patches_of_reductions_are_rejected(verifier: Verifier) -> None:
    axis = "return torch.tensor(np.max({}, axis=0).mean())".format("np.abs((y_pred - y_true).detach().numpy())")
    wrong_axis = function("return torch.amax(torch.abs(y_pred - y_true), dim=1).mean()")
    deviation = function("return np.std((y_pred - y_true).detach().numpy())")
    wrong_deviation = function("return torch.std(y_pred - y_true)")
    assert verifier.verify(request("torch", "loss", BOTH, function(axis), wrong_axis)).status == "rejected"
    assert verifier.verify(request("torch", "loss", BOTH, deviation, wrong_deviation)).status == "rejected"


def test_the_first_candidate_that_passes_wins(verifier: Verifier) -> None:
    original = function("return torch.tensor(np.abs((y_true - y_pred).detach().numpy()).mean())")
    wrong, right = function("return torch.sum(y_true - y_pred)"), function(MAE)
    verdict = verifier.verify(request("torch", "loss", BOTH, original, wrong, "def broken(:", right, right))
    assert (verdict.status, verdict.candidate) == ("verified", 2)


HEALTHY = {
    "plain": MAE,
    "logged": "v = torch.mean(torch.abs(y_true - y_pred)); history = [v.item()]; return v",
    "detached target": "return torch.mean((y_true.detach() - y_pred) ** 2)",
    "constant made with numpy": "return torch.mean((y_true - y_pred) ** 2) * float(np.sqrt(2.0))",
    "detached maximum": "m = y_pred.max().detach(); return torch.log(torch.exp(y_pred - m).sum()) + m",
}


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_original_is_left(verifier: Verifier, name: str) -> None:
    assert verifier.verify(request("torch", "loss", BOTH, function(HEALTHY[name]), function(MAE))).status == "healthy"


FLAT = {
    "argmax": "return (y_pred.argmax(dim=1) != y_true.argmax(dim=1)).float().mean()",
    "round": "return torch.tensor(np.mean(np.abs(np.round(y_pred.detach().numpy()) - y_true.numpy())))",
    "no prediction": "return (y_true ** 2).mean()",
}


@pytest.mark.parametrize("name", FLAT)
def test_flat_original_is_told(verifier: Verifier, name: str) -> None:
    assert verifier.verify(request("torch", "loss", BOTH, function(FLAT[name]), function(MAE))).status == "flat"


UNSTABLE = {
    "counter": ("global calls; calls += 1; return (y_pred - y_true).abs().mean() * calls", "calls = 0"),
    "clock": ("import time; return (y_pred - y_true).abs().mean() * time.perf_counter()", ""),
}


@pytest.mark.parametrize("name", UNSTABLE)
def test_unstable_original_is_unverifiable(verifier: Verifier, name: str) -> None:
    body, before = UNSTABLE[name]
    verdict = verifier.verify(request("torch", "loss", BOTH, function(body, before=before), function(MAE)))
    assert (verdict.status, verdict.reason) == ("unverifiable", "the loss returns a different value each time")


def test_random_original_is_reseeded_and_not_called_unstable(verifier: Verifier) -> None:
    body = "return ((y_pred - y_true) * torch.rand(1)).abs().mean()"
    original, patch = function(body + ".detach()"), function(body)
    assert verifier.verify(request("torch", "loss", BOTH, original, patch)).status == "verified"


METHOD = """
    import numpy as np
    import torch

    class Huber(torch.nn.Module):
        def __init__(self, delta):
            super().__init__()
            self.delta = delta

        def forward(self, y_pred, y_true):
            e = {error}
            return {mean}

    class Unrelated(Missing):
        pass

    criterion = Huber(delta=0.4)
"""
ARRAY_WAY = {
    "error": "np.abs((y_pred - y_true).detach().numpy())",
    "mean": "torch.tensor(np.where(e < self.delta, e ** 2, e).mean())",
}
TENSOR_WAY = {"error": "torch.abs(y_pred - y_true)", "mean": "torch.where(e < self.delta, e ** 2, e).mean()"}
CLOSURE = """
    import numpy as np
    import torch

    def make_loss(power, scale=2.0):
        factor = scale * 3
        def loss(y_pred, y_true):
            return {}
        print("made")
        return loss

    criterion = make_loss(3)
"""
NAMED_LAMBDA = "import torch\nrmse = lambda y_pred, y_true: {}\n"
LISTED = "import numpy as np\nimport torch\ndef total(losses):\n    return {}\n"


def test_forms_of_losses(verifier: Verifier) -> None:
    made = "torch.abs(y_pred - y_true).pow(power).mean() * factor"
    root = "torch.sqrt(((y_pred - y_true) ** 2).mean())"
    asked = [
        request("torch", "Huber.forward", BOTH, METHOD.format(**ARRAY_WAY), METHOD.format(**TENSOR_WAY)),
        request("torch", "make_loss.<locals>.loss", BOTH, CLOSURE.format(f"float({made})"), CLOSURE.format(made)),
        request("torch", "rmse", BOTH, NAMED_LAMBDA.format(root + ".item()"), NAMED_LAMBDA.format(root)),
        request(
            "torch", "total", "losses:p*", LISTED.format("np.sum(losses)"), LISTED.format("torch.stack(losses).sum()")
        ),
        request(
            "torch", "total", "losses:p*", LISTED.format("torch.tensor(losses).sum()"), LISTED.format("sum(losses)")
        ),
    ]
    assert [verifier.verify(one).status for one in asked] == ["verified"] * 5


def test_wrong_patches_of_these_forms(verifier: Verifier) -> None:
    wrong = {**TENSOR_WAY, "mean": TENSOR_WAY["mean"].replace("e < self.delta", "e < 1.0")}
    made = "torch.abs(y_pred - y_true).pow(power).mean() * factor"
    first = "losses[0] + sum(losses[1:]).detach()"
    asked = [
        request("torch", "Huber.forward", BOTH, METHOD.format(**ARRAY_WAY), METHOD.format(**wrong)),
        request(
            "torch", "make_loss.<locals>.loss", BOTH, CLOSURE.format(f"float({made})"), CLOSURE.format(made + " / 2")
        ),
        request("torch", "total", "losses:p*", LISTED.format("np.sum(losses)"), LISTED.format(first)),
    ]
    assert [verifier.verify(one).status for one in asked] == ["rejected"] * 3


def test_constants_of_a_fixed_length_are_honoured(verifier: Verifier) -> None:
    before = "W = np.array([0.1, 0.2, 0.3])\n"
    original = function("return np.mean(np.abs((y_pred - y_true).detach().numpy()) * W)", before=before)
    patch = function(
        "return torch.mean(torch.abs(y_pred - y_true) * torch.as_tensor(W, dtype=y_pred.dtype, device=y_pred.device))",
        before=before,
    )
    verdict = verifier.verify(request("torch", "loss", BOTH, original, patch))
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert "y_pred float[8, 3]" in verdict.evidence.inputs[0]


def test_labels_are_found_to_be_integers(verifier: Verifier) -> None:
    body = "p = torch.log_softmax(y_pred, dim=1); return -{}[torch.arange(len(y_true)), y_true].mean()"
    verdict = verifier.verify(
        request("torch", "loss", BOTH, function(body.format("p.detach()")), function(body.format("p")))
    )
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert "y_true int[8]" in verdict.evidence.inputs[0]


def test_unknown_parameters_need_gradients_and_targets_do_not(verifier: Verifier) -> None:
    original = function("return torch.tensor(np.mean(np.abs((a * b).detach().numpy())))", "a, b")
    one, both = (
        function("return (a * b.detach()).abs().mean()", "a, b"),
        function("return (a * b).abs().mean()", "a, b"),
    )
    assert verifier.verify(request("torch", "loss", "a:u b:u", original, both)).status == "verified"
    assert verifier.verify(request("torch", "loss", "a:u b:u", original, one)).reason == "no gradient reaches b"
    assert verifier.verify(request("torch", "loss", "a:p b:t", original, one)).status == "verified"


def test_what_cannot_be_had_is_told(verifier: Verifier, tmp_path: Path) -> None:
    before = "import pandas as pd\ndf = pd.read_csv('prices.csv')\n"
    original = function("return float((y_pred - y_true).mean()) * df.price.mean()", before=before)
    verdict = verifier.verify(request("torch", "loss", BOTH, original, original))
    assert verdict.status == "unverifiable"
    assert said(verdict.reason, original) == "needs df from line 5 (pd.read_csv(…))"


def test_what_cannot_be_had_but_is_not_needed_is_no_matter(verifier: Verifier) -> None:
    before = "import pandas as pd\nimport no_such_module\ndf = pd.read_csv('prices.csv')\n@no_such_module.register('x')"
    original, patch = function(BROKEN, before=before), function(BROKEN.replace("torch.tensor", ""), before=before)
    good = function("return torch.mean((y_pred - y_true).abs() * y_true.exp())", before=before)
    assert verifier.verify(request("torch", "loss", BOTH, original, patch, good)).candidate == 1


def test_training_code_is_never_run(verifier: Verifier, tmp_path: Path) -> None:
    witness = tmp_path / "was_run"
    training = f"""
open({str(witness)!r}, "w").write("imported")
for epoch in range(10):
    optimizer.step()
    open({str(witness)!r}, "w").write("trained")
if __name__ == "__main__":
    open({str(witness)!r}, "w").write("main")
"""
    original, patch = function("return float((y_pred - y_true).abs().mean())"), function(MAE)
    asked = request("torch", "loss", BOTH, original + training, patch + training, path=str(tmp_path / "train.py"))
    assert verifier.verify(asked).status == "verified"
    assert list(tmp_path.iterdir()) == []


def test_another_file_of_the_project_is_imported(verifier: Verifier, tmp_path: Path) -> None:
    (tmp_path / "helpers.py").write_text("import torch\ndef error(a, b):\n    return torch.abs(a - b)\n")
    before = "from helpers import error"
    original, patch = (
        function(f"return {cast}(error(y_pred, y_true).mean())", before=before) for cast in ("float", "")
    )
    verdict = verifier.verify(request("torch", "loss", BOTH, original, patch, path=str(tmp_path / "train.py")))
    assert verdict.status == "verified"
