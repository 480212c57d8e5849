"""Labels that sum to one, in the place of others: for a cross entropy whose own gradient assumes that they do.

That of TensorFlow is `softmax(logits) - labels`, which is the gradient of its value for such labels only.
"""

from __future__ import annotations

from typing import Any, Dict

from .as_called import FLOATS

Specification = Dict[str, Any]


def with_whole_labels(scenario: dict[str, Any]) -> dict[str, Any]:
    """The scenario with each tensor of floats that is no prediction made probabilities along its last dimension."""
    moving = scenario["predictions"] or scenario["unknown"]
    arguments = {name: one if name in moving else whole(one) for name, one in scenario["arguments"].items()}
    return {**scenario, "arguments": arguments}


def whole(one: Specification) -> Specification:
    if "items" in one:
        return {**one, "items": [whole(item) for item in one["items"]]}
    shape = one.get("shape")
    if one["kind"] not in FLOATS or one["kind"] == "onehot" or not shape or shape[-1] < 2:
        return one
    return {**one, "kind": "simplex", "told": True}
