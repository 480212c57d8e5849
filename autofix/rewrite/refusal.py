"""Why the rewriter offers no candidate: the value that every stage of it returns, and the exception that carries it."""

from __future__ import annotations

from dataclasses import dataclass

from autofix.model import Span


@dataclass(frozen=True)
class Refusal:
    """Why a loss cannot be fixed, and the operation that stands in the way."""

    reason: str
    span: Span | None = None
    callee: str = ""


class Stop(Exception):
    """Ends a rewrite with its refusal; never leaves `rewrite`."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal
