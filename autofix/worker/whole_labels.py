"""Make labels sum to one: for others TensorFlow's gradient of a cross entropy, `softmax(logits) - labels`, is wrong."""

from __future__ import annotations

from .as_called import FLOATS
from .records import Scenario, Specification


def with_whole_labels(scenario: Scenario) -> Scenario:
    """The scenario with each tensor of floats that is no prediction made probabilities along its last dimension."""
    moving = scenario["predictions"] or scenario["unknown"]
    arguments = {name: one if name in moving else summing_to_one(one) for name, one in scenario["arguments"].items()}
    return {**scenario, "arguments": arguments}


def summing_to_one(one: Specification) -> Specification:
    if "items" in one:
        return {**one, "items": [summing_to_one(item) for item in one["items"]]}
    shape = one.get("shape")
    if one["kind"] not in FLOATS or one["kind"] == "onehot" or not shape or shape[-1] < 2:
        return one
    return {**one, "kind": "simplex", "stated": True}
