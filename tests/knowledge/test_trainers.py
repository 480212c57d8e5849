"""What is known of each trainer, and what is not: a method of the same name in another class."""

from __future__ import annotations

import pytest

from autofix.knowledge.operations import having, values
from autofix.knowledge.trainers import (
    KERAS,
    LIGHTNING,
    RETURNING,
    TRAINERS,
    TRANSFORMERS,
    Trainer,
    by_of,
    is_loss_class,
)


@pytest.mark.parametrize(
    ("trainer", "method", "base", "is_hook"),
    [
        (LIGHTNING, "training_step", "lightning.pytorch.LightningModule", True),
        (LIGHTNING, "training_step", "torch.nn.Module", False),
        (LIGHTNING, "validation_step", "lightning.pytorch.LightningModule", False),
        (TRANSFORMERS, "compute_loss", "transformers.Seq2SeqTrainer", True),
        (TRANSFORMERS, "compute_loss", "mine.Trainer", False),
        (KERAS, "compute_loss", "keras.Model", True),
        (KERAS, "call", "keras.losses.Loss", True),
        (KERAS, "call", "keras.layers.Layer", False),  # it may add a loss, but returns none
    ],
)
def test_whose_result_is_differentiated(trainer: Trainer, method: str, base: str, is_hook: bool) -> None:
    assert any(each.method == method and each.is_of(base) for each in trainer.losses) is is_hook


@pytest.mark.parametrize(
    ("method", "framework", "by"),
    [
        ("training_step", "torch", "backward"),
        ("compute_loss", "torch", "backward"),
        ("compute_loss", "tensorflow", "fit"),
        ("compute_loss", "keras", "fit"),
        ("call", "keras", "fit"),
    ],
)
def test_who_differentiates_it_and_how(method: str, framework: str, by: str) -> None:
    assert by_of(method, framework) == by


@pytest.mark.parametrize("base", ["keras.losses.Loss", "keras.losses.MeanSquaredError", "torch.nn.L1Loss", "Loss"])
def test_the_class_of_a_loss(base: str) -> None:
    assert is_loss_class(base) is (base == "keras.losses.Loss")


def test_the_catalogue_knows_the_methods_of_the_trainers() -> None:
    assert having("differentiates") >= RETURNING
    assert {values("consumes")[each] for one in TRAINERS for each in (*one.compiles, *one.adds)} == {"fit"}
    assert {values("consumes")[each] for one in TRAINERS for each in one.backward} == {"backward"}
