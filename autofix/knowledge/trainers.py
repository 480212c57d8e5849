"""The trainers, one record each: libraries that run the training, and what they do with the methods of a class.

A file that uses one differentiates nothing itself: it has methods whose result the trainer differentiates, is given a
loss to train with, or adds one. Adding a trainer is a record here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from autofix.knowledge.frameworks import TENSORFLOW, TORCH, record_of
from autofix.model import Framework

Given = Literal["label", "prediction"]
By = Literal["backward", "fit"]


@dataclass(frozen=True)
class Hook:
    """A method that a trainer calls, and what it is given, as far as that is known.

    It is one of a class that inherits from another whose canonical name starts with `package` and ends with `ending`.
    """

    method: str
    package: str = ""
    ending: str = ""
    positional: tuple[Given, ...] = ()
    named: Mapping[str, Given] = field(default_factory=dict)

    def is_of(self, base: str) -> bool:
        """Is a method of this name such a hook in a class with this base?"""
        return base.startswith(self.package) and base.endswith(self.ending)


@dataclass(frozen=True)
class Trainer:
    """What is known of one trainer.

    It differentiates `by` calling `backward`, or in a `fit` of its own, which records, and compiles, what it calls.
    """

    title: str
    framework: Framework
    by: By
    losses: tuple[Hook, ...]
    """The methods whose result it differentiates: the loss, or a tuple or dictionary with the loss in it."""
    layers: tuple[Hook, ...] = ()
    """The methods of a layer that may add a loss of its own."""
    steps: tuple[str, ...] = ()
    """The methods that are a whole step, which takes the gradient itself."""
    tests: tuple[str, ...] = ()
    """The methods that are a step of an evaluation."""
    backward: tuple[str, ...] = ()
    """Its methods that do what `loss.backward()` does."""
    starts: tuple[str, ...] = ()
    """The methods of what is trained, or of the trainer, that train."""
    starts_where_imported: tuple[str, str] = ("", "")
    """A method that trains in a file that imports a package, and may do something else in others."""
    compiles: tuple[str, ...] = ()
    """The methods that are given the loss to train with, as `loss` or second, and are called before."""
    adds: tuple[str, ...] = ()
    """The methods by which a layer or a model adds a loss."""
    eager: tuple[str, ...] = ()
    """The arguments, and attributes, by which what it calls runs operation by operation if they are true."""
    tracing: tuple[str, ...] = ()
    """Names that stand for compiling what it calls."""


LIGHTNING = Trainer(
    title="Lightning",
    framework=TORCH.name,
    by="backward",
    losses=(Hook("training_step", ending="LightningModule"),),
    backward=("manual_backward",),
    starts=("fit",),
)

TRANSFORMERS = Trainer(
    title="Transformers",
    framework=TORCH.name,
    by="backward",
    losses=(Hook("compute_loss", package="transformers.", ending="Trainer"),),
    starts_where_imported=("train", "transformers"),
)

KERAS = Trainer(
    title="Keras",
    framework=TENSORFLOW.name,
    by="fit",
    losses=(
        Hook("compute_loss", package="keras.", named={"y": "label", "y_pred": "prediction"}),
        Hook("call", package="keras.losses.", positional=("label", "prediction")),
    ),
    layers=(Hook("call", package="keras.", positional=("prediction",)),),
    steps=("train_step",),
    tests=("test_step",),
    starts=("fit", "fit_generator", "train_on_batch"),
    compiles=("compile",),
    adds=("add_loss",),
    eager=("run_eagerly",),
    tracing=("make_train_function",),
)

TRAINERS = (LIGHTNING, TRANSFORMERS, KERAS)

LOSS_ENTRY = "loss"
"""The entry of a dictionary, among what a method returns, that a trainer differentiates."""

RETURNING = frozenset(each.method for one in TRAINERS for each in one.losses) - {"call"}
"""The methods whose name alone says that a trainer differentiates what they return."""

STEPS = frozenset(each for one in TRAINERS for each in one.steps)
TESTS = frozenset(each for one in TRAINERS for each in one.tests)
BACKWARD = frozenset(each for one in TRAINERS for each in one.backward)
STARTS = frozenset(each for one in TRAINERS for each in one.starts)
STARTS_WHERE_IMPORTED = dict(one.starts_where_imported for one in TRAINERS if all(one.starts_where_imported))
COMPILES = frozenset(each for one in TRAINERS for each in one.compiles)
ADDS = frozenset(each for one in TRAINERS for each in one.adds)
EAGER = frozenset(each for one in TRAINERS for each in one.eager)
TRACING = frozenset(each for one in TRAINERS for each in one.tracing)


def by_of(method: str, framework: Framework) -> By:
    """Return how a trainer differentiates what a method of a class returns, in a file of this framework."""
    of_framework = (one for one in TRAINERS if one.framework == record_of(framework).runs_on)
    return next((one.by for one in of_framework if method in {each.method for each in one.losses}), "fit")


def is_loss_class(base: str) -> bool:
    """Is this the base of a loss that a trainer calls with labels and predictions: `keras.losses.Loss`?"""
    return any(base.startswith(each.package) and base.endswith("Loss") for one in TRAINERS for each in one.layers)


def operations() -> Iterator[str]:
    """Yield what these names are as operations: rows of the catalogue in `operations`."""
    yield f"{', '.join(sorted(RETURNING))} | differentiates"
    for one in TRAINERS:
        yield from (f"{each} | differentiates consumes=backward" for each in one.backward)
        yield from (f"{each} | differentiates consumes={one.by} wraps-model" for each in one.compiles)
        yield from (f"{each} | differentiates consumes={one.by}" for each in one.adds)
