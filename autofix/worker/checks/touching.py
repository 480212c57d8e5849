"""Where some predictions equal their target, as those of a root do at zero, a gradient that was finite stays so."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ..draw import touching
from ..numerics import gradient_of
from ..records import Run
from ..subject import Subject, tried
from .base import Check, Failure, Pair


def gradient(subject: Subject, *_: object) -> Run:
    names = subject.accepted.predictions
    point = touching(subject.accepted.points[0], names)
    return tried(lambda: subject.load(mode="plain").gradient(point, names))


def judge(pair: Pair, before: Run, after: Run) -> Iterator[Failure]:
    for name, one in before.get("gradients", {}).items():
        was_finite = one["norm"] is not None and math.isfinite(one["norm"])
        norm = gradient_of(after.get("gradients", {}), name)["norm"]
        if was_finite and not math.isfinite(norm or 0.0):
            where = "where predictions equal their target"
            yield Failure(f"{where} the gradient of {name} is not finite, but the original's is")
            return


TOUCHING = Check("touching", gradient, gradient, judge)
