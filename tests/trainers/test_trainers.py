"""Programs that the real packages of trainers train: broken ones are fixed and train then, right ones stay."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autofix.model import Outcome
from autofix.pipeline import fix_source
from autofix.verify.verifier import Verifier

pytestmark = [pytest.mark.torch, pytest.mark.slow]
Run = Callable[[str], Outcome]
LIGHTNING = """
import numpy as np
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

class Regressor(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    def training_step(self, batch, index):
        x, y = batch
        out = self.net(x)
{loss}
        self.log("train_loss", loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=1e-2)

if __name__ == "__main__":
    pl.seed_everything(0)
    x = torch.randn(64, 4)
    loader = DataLoader(TensorDataset(x, x.sum(1, keepdim=True)), batch_size=16)
    quiet = dict(enable_progress_bar=False, enable_model_summary=False, logger=False, enable_checkpointing=False)
    pl.Trainer(max_epochs=2, accelerator="cpu", **quiet).fit(Regressor(), loader)
"""
TRANSFORMERS = """
import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

class Weighted(Trainer):
    def compute_loss(self, model, inputs, return_outputs=False, **kwargs):
        labels = inputs.pop("labels")
        outputs = model(**inputs)
{loss}
        return (loss, outputs) if return_outputs else loss

class Texts(torch.utils.data.Dataset):
    def __len__(self):
        return 32
    def __getitem__(self, i):
        return {{"input_ids": torch.arange(8) + i % 4, "attention_mask": torch.ones(8).long(), "labels": i % 2}}

if __name__ == "__main__":
    sizes = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    model = BertForSequenceClassification(BertConfig(vocab_size=50, **sizes))
    quiet = dict(report_to=[], use_cpu=True, save_strategy="no", disable_tqdm=True)
    args = TrainingArguments("out", per_device_train_batch_size=8, max_steps=3, **quiet)
    Weighted(model=model, args=args, train_dataset=Texts()).train()
"""
BROKEN = {
    "lightning": (
        LIGHTNING,
        "        error = np.abs(out.detach().numpy() - y.numpy())\n"
        "        loss = torch.tensor(error.mean(), requires_grad=True)",
        "torch.abs(out - y)",
    ),
    "transformers": (
        TRANSFORMERS,
        "        logits = outputs.logits.detach().numpy()\n"
        "        picked = logits[range(len(labels)), labels.numpy()]\n"
        "        loss = torch.tensor(-picked.mean(), requires_grad=True)",
        "loss = -picked.mean()",
    ),
}
RIGHT = {
    "lightning": (
        LIGHTNING,
        "        scale = out.detach().abs().mean().item()\n        loss = ((out - y) ** 2).mean() / (scale + 1.0)",
    ),
    "transformers": (
        TRANSFORMERS,
        "        self.last = outputs.logits.detach().numpy().argmax(1)\n"
        "        loss = torch.nn.functional.cross_entropy(outputs.logits, labels)",
    ),
}


def needing(cases: dict[str, tuple[str, ...]]) -> list[object]:
    packages = {"lightning": pytest.mark.pytorch_lightning, "transformers": pytest.mark.transformers}
    return [pytest.param(*case, marks=packages[name], id=name) for name, case in cases.items()]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    project = tmp_path_factory.mktemp("project")
    (project / "pyproject.toml").write_text("[project]\nname = 'trained'\n")
    number = iter(range(100))

    def ran(text: str) -> Outcome:
        path = project / f"train{next(number)}.py"
        path.write_text(text)
        return fix_source(text, str(path), verifier, observe=60.0, always=True)

    with Verifier(None, timeout=90.0) as verifier:
        yield ran


@pytest.mark.parametrize(("program", "loss", "line"), needing(BROKEN))
def test_a_broken_loss_is_fixed_and_its_program_observed(run: Run, program: str, loss: str, line: str) -> None:
    outcome = run(program.format(loss=loss))

    assert outcome.observed is not None and (outcome.observed.reason, outcome.observed.steps) == ("", 2)
    assert {each.fix.status for each in outcome.findings} == {"verified"} and line in outcome.text


@pytest.mark.parametrize(("program", "loss"), needing(RIGHT))
def test_a_right_loss_is_left_as_it_is(run: Run, program: str, loss: str) -> None:
    text = program.format(loss=loss)
    outcome = run(text)

    assert outcome.observed is not None and (outcome.observed.reason, outcome.observed.steps) == ("", 2)
    assert (outcome.findings, outcome.text) == ((), text)


@pytest.mark.parametrize(("program", "loss"), needing(RIGHT))
def test_its_steps_are_watched_in_the_users_own_process(tmp_path: Path, program: str, loss: str) -> None:
    (tmp_path / "train.py").write_text(program.format(loss=loss))
    command = [sys.executable, "-m", "autofix", "run", "train.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, "learns: gradients arrive" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "2 steps of Adam" in done.stdout and "0 gradients taken" not in done.stdout
