"""What is wrong with an original: nothing, something meant, or something to fix; and how exactly that is known."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.model import Verdict
from autofix.verify.verifier import Verifier
from tests.verify.asking import request
from tests.verify.test_wrong_patches import BOTH, module

RIGHT = "return ((y_pred - y_true) ** 2).mean()"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=90.0) as running:
        yield running


def judged(verifier: Verifier, original: str, patch: str = RIGHT, marked: str = BOTH, before: str = "") -> Verdict:
    signature = ", ".join(one.partition(":")[0] for one in marked.split())
    texts = (module("torch", each, signature, before) for each in (original, patch))
    return verifier.verify(request("torch", "loss", marked, *texts))


WATCHED = {
    "ends its process": "import os, sys\n    if sys.gettrace():\n        os._exit(0)\n    ",
    "fails": "import sys\n    assert not sys.gettrace()\n    ",
    "is another": "import sys\n    if sys.gettrace():\n        return y_pred.mean().detach()\n    ",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", WATCHED)
def test_a_patch_that_behaves_otherwise_where_it_is_watched_is_judged_by_runs_that_are_not(
    verifier: Verifier, name: str
) -> None:
    lost = "return (y_pred - y_true).abs().mean().detach()"
    verdict = judged(verifier, lost, WATCHED[name] + "return (y_pred - y_true).abs().mean()")

    assert verdict.status == "verified", verdict.reason


ON_PURPOSE = {
    "focal weight": "e = (y_pred - y_true).abs(); w = (1 - torch.exp(-e)).detach(); return (w * e).mean()",
    "scaled gradient": "p = 0.1 * y_pred + (0.9 * y_pred).detach(); return ((p - y_true) ** 2).mean()",
    "normalised by itself": "e = (y_pred - y_true) ** 2; return e.mean() / e.mean().detach()",
    "data": "e = (y_pred - y_true).abs(); return (e * e.data).mean()",
    "no_grad": "e = (y_pred - y_true).abs()\n    with torch.no_grad():\n        w = e * 2\n    return (w * e).mean()",
    "straight through": "q = y_pred + (torch.round(y_pred) - y_pred).detach(); return ((q - y_true) ** 2).mean()",
}


@pytest.mark.torch
@pytest.mark.parametrize("name", ON_PURPOSE)
def test_what_is_cut_on_purpose_is_left(verifier: Verifier, name: str) -> None:
    verdict = judged(verifier, ON_PURPOSE[name], ON_PURPOSE[name].replace(".detach()", "").replace(".data", ""))
    assert verdict.status == "healthy", verdict


@pytest.mark.torch
def test_two_views_that_stop_each_other_are_left(verifier: Verifier) -> None:
    body = "return -((p * z.detach()).sum() + (z * p.detach()).sum()) / 2"
    assert judged(verifier, body, body.replace(".detach()", ""), "p:p z:p").status == "healthy"


TO_MEND = {
    "number": "e = (y_pred - y_true) ** 2; return e.mean() + float((y_pred ** 2).mean())",
    "item": "e = (y_pred - y_true) ** 2; return e.mean() + (y_pred ** 2).mean().item()",
    "array": "e = (y_pred - y_true) ** 2; return e.mean() + np.mean(y_pred.detach().numpy() ** 2)",
    "both ways": "e = (y_pred - y_true) ** 2; return e.mean() + 0 * e.detach().mean() + float((y_pred ** 2).mean())",
    "all detached": "e = (y_pred - y_true) ** 2; return (e.mean() + (y_pred ** 2).mean()).detach()",
}


@pytest.mark.torch
@pytest.mark.parametrize("name", TO_MEND)
def test_what_is_lost_to_numbers_and_arrays_is_fixed(verifier: Verifier, name: str) -> None:
    verdict = judged(verifier, TO_MEND[name], "return ((y_pred - y_true) ** 2).mean() + (y_pred ** 2).mean()")
    assert verdict.status == "verified", verdict


SINGLE = {
    "float": "return torch.from_numpy(np.square((y_pred.float() - y_true.float()).detach().numpy())).mean()",
    "astype": "return np.mean((y_pred - y_true).detach().numpy().astype(np.float32) ** 2)",
    "dtype by name": "return torch.tensor(np.mean((y_pred - y_true).detach().numpy().astype('float32') ** 2))",
    "constructor": "return torch.FloatTensor([float(np.mean((y_pred - y_true).detach().numpy() ** 2))])",
    "to": "return torch.tensor(np.mean((y_pred - y_true).detach().to(torch.float32).numpy() ** 2))",
}


@pytest.mark.torch
@pytest.mark.parametrize("name", SINGLE)
def test_single_precision_is_proven_in_double(verifier: Verifier, name: str) -> None:
    verdict = judged(verifier, SINGLE[name])
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert verdict.evidence.value_difference < 1e-12
    assert verdict.evidence.gradient_difference < 1e-6
    wrong = judged(verifier, SINGLE[name], RIGHT + " * (1 + 1e-8)")
    assert (verdict.status, "the value differs" in wrong.reason) == ("verified", True), wrong


@pytest.mark.torch
def test_where_single_precision_cannot_be_avoided_the_evidence_says_so(verifier: Verifier) -> None:
    body = "d = y_pred - y_true; return torch.tensor(np.square(d.detach().numpy()).astype('f' + '4').mean())"
    verdict = judged(verifier, body)
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert all(one.endswith("(in float32)") for one in verdict.evidence.inputs)


DEVICES = {
    "new_tensor": ("w = y_pred.new_tensor([0.5]); return (w * (y_pred - y_true) ** 2).mean()", True),
    "device given": (
        "w = torch.ones(1, dtype=y_pred.dtype, device=y_pred.device) / 2; return (w * (y_pred - y_true) ** 2).mean()",
        True,
    ),
    "a number in a tensor": ("return (torch.tensor(0.5) * (y_pred - y_true) ** 2).mean()", True),
    "to": ("w = torch.ones(1).to(y_pred) / 2; return (w * (y_pred - y_true) ** 2).mean()", True),
    "an index": ("i = torch.arange(1); return 0.5 * ((y_pred - y_true) ** 2).mean() + 0 * y_pred[i].sum()", True),
    "made here": ("w = torch.ones(1).to(y_pred.dtype) / 2; return (w * (y_pred - y_true) ** 2).mean()", False),
    "stacked": (
        "e = ((y_pred - y_true) ** 2).mean() / 2; return torch.stack([e, torch.tensor(0.0).to(e.dtype)]).sum()",
        False,
    ),
}


@pytest.mark.torch
@pytest.mark.parametrize("name", DEVICES)
def test_constants_are_where_the_predictions_are(verifier: Verifier, name: str) -> None:
    patch, is_right = DEVICES[name]
    verdict = judged(verifier, "return 0.5 * np.mean(((y_pred - y_true).detach().cpu().numpy()) ** 2)", patch)
    assert verdict.status == ("verified" if is_right else "rejected"), verdict
    assert is_right or "stays on the CPU" in verdict.reason


@pytest.mark.torch
def test_an_author_who_names_no_device_is_not_asked_for_one(verifier: Verifier) -> None:
    before = "w = torch.tensor([0.5]).to((y_pred).dtype); "
    body = before + "return np.mean((w * (y_pred - y_true) ** 2).detach().numpy())"
    assert judged(verifier, body, before + "return (w * (y_pred - y_true) ** 2).mean()").status == "verified"


@pytest.mark.tensorflow
def test_what_is_stopped_on_purpose_is_left(verifier: Verifier) -> None:
    body = "e = tf.abs(y_pred - y_true); return tf.reduce_mean(tf.stop_gradient(1 - tf.exp(-e)) * e)"
    patch = body.replace("tf.stop_gradient", "")
    asked = request("tensorflow", "loss", BOTH, module("tensorflow", body), module("tensorflow", patch))
    assert verifier.verify(asked).status == "healthy"


@pytest.mark.tensorflow
def test_single_precision_of_tensorflow_is_proven_in_double(verifier: Verifier) -> None:
    body = "return tf.reduce_mean(tf.cast({} - y_true, tf.float32) ** 2 * tf.constant([0.3]))"
    texts = [module("tensorflow", body.format(each)) for each in ("tf.stop_gradient(y_pred)", "y_pred")]
    verdict = verifier.verify(request("tensorflow", "loss", BOTH, *texts))
    assert verdict.status == "verified", verdict
    assert verdict.evidence is not None
    assert verdict.evidence.gradient_difference < 1e-6
