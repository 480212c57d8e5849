"""The candidate runs at every point where the original does."""

from __future__ import annotations

from collections.abc import Iterator

from .base import Check, Failure, Pair, nothing


def judge(pair: Pair, before: None, after: None) -> Iterator[Failure]:
    errors = [run["error"] for run in pair.points if "error" in run]
    if errors:
        yield Failure(f"the rewrite fails: {errors[0]}{pair.text}")


ERRORS = Check("errors", nothing, nothing, judge, of_steps=True)
