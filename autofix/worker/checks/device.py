"""With predictions on another device than the CPU nothing is left behind there; the original shows how."""

from __future__ import annotations

from collections.abc import Iterator

from ..protocol import in_one_line
from ..subject import Subject
from .base import Check, Failure, Pair

MIXED = "MixedDevices: "


def error(subject: Subject, *_: object) -> str | None:
    """What is raised when all that is given counts as on another device than the CPU; None where nothing is."""
    loader = subject.loader
    if not (loader.backend.checks_device and loader.request["device_matters"] and subject.accepted.first):
        return None
    try:
        subject.load("single", "plain").other_device(subject.accepted.points[0])
    except (Exception, SystemExit) as raised:
        return in_one_line(raised)
    return None


def judge(pair: Pair, before: str | None, after: str | None) -> Iterator[Failure]:
    if (after or "").startswith(MIXED) and not (before or "").startswith(MIXED):
        what = (after or "")[len(MIXED) :]
        yield Failure(f"a tensor stays on the CPU when the predictions are on another device: {what}")


DEVICE = Check("device", error, error, judge)
