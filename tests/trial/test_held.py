"""Losses that are methods: of classes whose base is not installed, whose `__init__` cannot run, that hold models."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import pytest

from autofix.verify.verifier import Verifier
from tests.verify.asking import request

HEAD = "import numpy as np\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
# Qualified name, marked signature, the module around `LOSS`, the original, the right patch, a wrong one and why not.
METHODS = {
    "a module of a package that is not there": (
        "Lit.training_step",
        "batch:u batch_idx:u",
        """
        import no_such_lightning as pl
        class Lit(pl.LightningModule):
            def __init__(self, width: int, beta=0.5, lr=1e-3):
                super().__init__()
                self.save_hyperparameters()
                self.model = nn.Sequential(nn.Linear(width, 8), nn.ReLU(), nn.Linear(8, 1))
                self.criterion = nn.MSELoss()
            def forward(self, x):
                return self.model(x)
            def training_step(self, batch, batch_idx):
                x, y = batch
                p = self(x)
                loss = LOSS
                self.log("loss", loss, prog_bar=True)
                return loss
        """,
        "torch.tensor(self.criterion(p, y).item() + self.hparams.beta * np.abs(p.detach().numpy()).mean())",
        "self.criterion(p, y) + self.hparams.beta * torch.abs(p).mean()",
        ("self.criterion(p, y) + self.hparams.beta * torch.abs(p.detach()).mean()", "is wrong"),
    ),
    "a trainer of a package that is not there": (
        "Weighted.compute_loss",
        "model:p inputs:p return_outputs:n",
        """
        from no_such_transformers import Trainer
        class Weighted(Trainer):
            def __init__(self, *args, gamma=2.0, **kwargs):
                super().__init__(*args, **kwargs)
                self.gamma = gamma
            def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
                labels = inputs.pop("labels")
                outputs = model(**inputs)
                logits = outputs.logits.view(-1, self.model.config.num_labels)
                p = F.softmax(logits, dim=-1).gather(1, labels.view(-1, 1))
                loss = LOSS
                return (loss, outputs) if return_outputs else loss
        """,
        "torch.tensor(np.mean(-(1 - p.detach().numpy()) ** self.gamma * np.log(p.detach().numpy())))",
        "torch.mean(-(1 - p) ** self.gamma * torch.log(p))",
        ("torch.mean(-(1 - p.detach()) ** self.gamma * torch.log(p))", "the gradient of model is wrong"),
    ),
    "models that are given to it": (
        "Autoencoder.loss",
        "x:u",
        """
        class Autoencoder(nn.Module):
            def __init__(self, encoder, decoder, weight: float):
                super().__init__()
                self.encoder, self.weight = encoder, weight
                self.encoder = encoder
                self.decoder = decoder
            def loss(self, x):
                mu, logvar = self.encoder(x)
                recon = self.decoder(mu)
                return LOSS
        """,
        "F.mse_loss(recon, x) + self.weight * torch.tensor(np.mean((mu ** 2 - logvar).detach().numpy()))",
        "F.mse_loss(recon, x) + self.weight * torch.mean(mu ** 2 - logvar)",
        ("F.mse_loss(recon, x) + self.weight * torch.mean(mu ** 2 - logvar.detach())", "is wrong"),
    ),
    "what is built by something unknown": (
        "Learner.compute_loss",
        "x:u y:t",
        """
        from .elsewhere import build_model
        class Learner:
            def __init__(self, args):
                self.args = args
                self.model = build_model(args.width, args.depth)
                self.optimizer = torch.optim.Adam(self.model.parameters())
                self.beta = args.beta
            def compute_loss(self, x, y):
                p = self.model(x)
                return LOSS
        """,
        "self.beta * self.args.alpha * torch.tensor(np.mean(np.abs(p.detach().numpy() - y.numpy())))",
        "self.beta * self.args.alpha * torch.mean(torch.abs(p - y))",
        ("self.beta * torch.mean(torch.abs(p - y))", "the value differs"),
    ),
    "a target network": (
        "Agent.compute_loss",
        "states:u actions:t rewards:t next_states:t dones:t",
        """
        class Agent:
            def __init__(self, state_dim, n_actions, gamma=0.9):
                self.q_net = nn.Sequential(nn.Linear(state_dim, 32), nn.ReLU(), nn.Linear(32, n_actions))
                self.target_net = nn.Sequential(nn.Linear(state_dim, 32), nn.ReLU(), nn.Linear(32, n_actions))
                self.gamma = gamma
            def compute_loss(self, states, actions, rewards, next_states, dones):
                q = self.q_net(states).gather(1, actions.unsqueeze(1)).squeeze(1)
                with torch.no_grad():
                    best = self.target_net(next_states).max(1)[0]
                target = rewards + self.gamma * best * (1 - dones)
                return LOSS
        """,
        "torch.tensor(np.mean((q.detach().numpy() - target.numpy()) ** 2))",
        "torch.mean((q - target) ** 2)",
        ("torch.mean((q - rewards) ** 2)", "the value differs"),
    ),
}


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    with Verifier(None, timeout=60.0) as running:
        yield running


def module(around: str, loss: str) -> str:
    return HEAD + textwrap.dedent(around).replace("LOSS", loss)


@pytest.mark.torch
@pytest.mark.parametrize("name", METHODS)
def test_a_loss_of_an_instance_is_run(verifier: Verifier, name: str) -> None:
    qualname, marked, around, original, right, _ = METHODS[name]
    verdict = verifier.verify(request("torch", qualname, marked, module(around, original), module(around, right)))

    assert verdict.status == "verified", verdict


@pytest.mark.torch
@pytest.mark.parametrize("name", METHODS)
def test_a_wrong_patch_of_it_is_rejected(verifier: Verifier, name: str) -> None:
    qualname, marked, around, original, _, (wrong, reason) = METHODS[name]
    verdict = verifier.verify(request("torch", qualname, marked, module(around, original), module(around, wrong)))

    assert (verdict.status, reason in verdict.reason) == ("rejected", True), verdict


@pytest.mark.torch
def test_what_an_instance_has_itself_is_run_and_not_replaced(verifier: Verifier) -> None:
    around = """
        class Head(nn.Module):
            def __init__(self, in_features: int):
                super().__init__()
                self.layer = nn.Linear(in_features, 3)
            def loss(self, x, y):
                return LOSS
        """
    original = "torch.tensor(np.mean(np.abs(self.layer(x).detach().numpy() - y.numpy()[:, :1])))"
    right = "torch.mean(torch.abs(self.layer(x) - y[:, :1]))"
    verdict = verifier.verify(request("torch", "Head.loss", "x:p y:t", module(around, original), module(around, right)))

    assert verdict.evidence is not None, verdict
    assert not any("returns" in one for one in verdict.evidence.inputs)


@pytest.mark.torch
def test_a_value_that_is_missing_and_no_number_is_named(verifier: Verifier) -> None:
    around = """
        from .elsewhere import table
        class Learner:
            def loss(self, x, y):
                return LOSS
        """
    original = "torch.tensor(np.mean(table(x.numpy()) - y.numpy()))"
    verdict = verifier.verify(request("torch", "Learner.loss", "x:p y:t", *[module(around, original)] * 2))

    assert verdict.status == "unverifiable"
    assert "needs table from line 6" in verdict.reason
