"""Losses that take several predictions, tuples, dicts, masks: run end to end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autofix.verify.verifier import Verifier
from tests.verify.asking import request
from tests.verify.test_wrong_patches import module

# The marked signature, the original, the patch.
LOSSES = {
    "evidence bound": (
        "recon:p x:t mu:p logvar:p",
        "k = -0.5 * np.mean(1 + logvar.detach().numpy() - mu.detach().numpy() ** 2 - np.exp(logvar.detach().numpy()))\n"
        "    return F.mse_loss(recon, x) + torch.tensor(k)",
        "k = -0.5 * (1 + logvar - mu ** 2 - logvar.exp()).mean(); return F.mse_loss(recon, x) + k",
    ),
    "triplet": (
        "anchor:p positive:p negative:p margin:n",
        "a, p, n = (x.detach().numpy() for x in (anchor, positive, negative))\n"
        "    return np.maximum(((a - p) ** 2).sum(-1) - ((a - n) ** 2).sum(-1) + margin, 0).mean()",
        "e = ((anchor - positive) ** 2).sum(-1) - ((anchor - negative) ** 2).sum(-1)\n"
        "    return F.relu(e + margin).mean()",
    ),
    "a pair": (
        "outputs:p x:t",
        "mu, logvar = outputs; return np.mean((np.exp(-logvar.detach().numpy()) * (mu - x).detach().numpy() ** 2))",
        "mu, logvar = outputs; return (torch.exp(-logvar) * (mu - x) ** 2).mean()",
    ),
    "a batch": (
        "batch:u",
        "return float(F.cross_entropy(batch['logits'], batch['labels']))",
        "return F.cross_entropy(batch['logits'], batch['labels'])",
    ),
    "a boolean mask": (
        "y_pred:p y_true:t mask:t",
        "e = np.abs((y_pred - y_true).detach().numpy()); return np.mean(e[mask.numpy()]) if mask[mask].sum() else 0.0",
        "return (y_pred - y_true)[mask].abs().mean() if mask[mask].sum() else 0.0",
    ),
    "a list and a number for each of it": (
        "log_probs:p* returns:t",
        "return torch.tensor([(-one * r).item() for one, r in zip(log_probs, returns)]).sum()",
        "return torch.stack([-one * r for one, r in zip(log_probs, returns)]).sum()",
    ),
    "reduction by name": (
        "y_pred:p y_true:t reduction:u",
        "e = np.abs((y_pred - y_true).detach().numpy()); return e.mean() if reduction == 'mean' else e.sum()",
        "e = (y_pred - y_true).abs(); return e.mean() if reduction == 'mean' else e.sum()",
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


@pytest.mark.torch
@pytest.mark.parametrize("name", LOSSES)
def test_losses_of_several_inputs(verifier: Verifier, name: str) -> None:
    marked, original, patch = LOSSES[name]
    signature = ", ".join(one.partition(":")[0] for one in marked.split())
    texts = (module("torch", each, signature) for each in (original, patch))
    verdict = verifier.verify(request("torch", "loss", marked, *texts))
    assert verdict.status == "verified", verdict


@pytest.mark.torch
@pytest.mark.parametrize(
    "patch",
    [
        "return torch.stack([-one.detach() * r for one, r in zip(log_probs, returns)]).sum()",
        "return torch.stack([-one * r for one, r in zip(log_probs, returns.flip(0))]).sum()",
        "return torch.stack([-one * r for one, r in zip(log_probs, returns[1:])]).sum()",
    ],
)
def test_wrong_patches_of_a_list_and_its_numbers(verifier: Verifier, patch: str) -> None:
    marked, original, _ = LOSSES["a list and a number for each of it"]
    texts = (module("torch", each, "log_probs, returns") for each in (original, patch))
    verdict = verifier.verify(request("torch", "loss", marked, *texts))
    assert verdict.status == "rejected", verdict
