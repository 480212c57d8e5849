"""What became of one call: as it stands, and on other arrays."""

from __future__ import annotations

from typing import Any

from .backends import Backend
from .trial import Trial
from .variants import varied


def answer(call: dict[str, Any], backend: Backend, bundled: str) -> dict[str, Any]:
    """Why the original does not run, or what each candidate and each rule gave, and what is wrong in which variant."""
    try:
        trial = Trial(call, backend, bundled)
    except Exception as error:
        return {"original": f"{type(error).__name__}: {error}", "candidates": [], "direct": [], "varied": []}
    return {
        "original": None,
        "candidates": [trial.judged(candidate) for candidate in call["candidates"]],
        "direct": [trial.called(name) for name in call["functions"]],
        "varied": list(varied(trial, call["variants"])),
    }
