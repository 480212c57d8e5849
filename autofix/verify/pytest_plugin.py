"""The fixture `assert_gradients_flow` for a project's own tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

import autofix


@pytest.fixture(name="assert_gradients_flow")
def _assert_gradients_flow() -> Callable[[Callable[..., Any], Any, Sequence[Any]], None]:
    """`assert_gradients_flow(loss, model, batch)`: fails where a trained parameter gets no gradient."""
    return autofix.assert_gradients_flow
