"""Take the worker's numbers; give the verdict on the original, and the failures of a candidate.

The original is broken, healthy, intentionally cut, flat, or cannot be judged. A failure rejects the candidate, or is
only a limit of its fix: a condition that the program of the loss does not bring about itself, such as half precision if
it runs in single, tf.function if it compiles nothing, or extreme inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from autofix.model import Verdict
from autofix.verify.numeric import SLOPE_COARSE, SLOPE_FINE, Report, slope_difference, slopes_of_value

GRAPH, EXTREMES, TYPES = "tf.function", "extremes", "types"


@dataclass(frozen=True)
class Failure:
    """Why a candidate is no fix: in words, and where it fails under a `condition` only, the `limit` that this is."""

    reason: str
    condition: str = ""
    limit: str = ""

    def rejects(self, met: Iterable[str]) -> bool:
        """Does a program reject it that brings these conditions about?"""
        return not self.limit or self.condition in met


Check = Callable[[Report, Report], "str | Iterable[Failure] | None"]


def failures(check: Check, scenario: Report, report: Report) -> Iterator[Failure]:
    """Yield what a check finds; a mere reason rejects."""
    found = check(scenario, report)
    if isinstance(found, str):
        yield Failure(found)
    elif found is not None:
        yield from found


FLAT = 1e-9
NO_INPUTS = "no test inputs worked"
STRAIGHT_THROUGH = "the value is piecewise constant, and a straight-through estimator gives it a gradient"


def judge_original(oracle: Report) -> Verdict | None:
    """A verdict where the original alone decides; None where candidates are to be looked at.

    With other values of its flags than the program gives it, a loss need not have a gradient: they say nothing here.
    """
    scenarios = [one for one in oracle["scenarios"] if not one.get("variant")]
    if oracle["unstable"]:
        return Verdict("unverifiable", "the loss returns a different value each time")
    if not scenarios:
        return oracle_refused(oracle)
    moving = [scenario for scenario in scenarios if not is_flat(scenario)]
    if not moving:
        return judge_flat(scenarios)
    if not any(reliable(scenario, name) for scenario in scenarios for name in scenario["differentiated"]):
        return Verdict("unverifiable", "the value is too rough for finite differences")
    if all(is_right(scenario, "gradient") for scenario in moving):
        return Verdict("healthy", "the gradient is that of the value")
    if all(flows(scenario) and is_right(scenario, "uncut") for scenario in moving):
        return Verdict("healthy", "a gradient flows, and the rest is detached on purpose")
    return None


def judge_flat(scenarios: list[Report]) -> Verdict:
    """No step moves the value; a gradient all the same is a straight-through estimator's."""
    if all(flows(scenario) for scenario in scenarios):
        return Verdict("healthy", STRAIGHT_THROUGH)
    names = listed(scenarios[0]["predictions"])
    return Verdict("flat", f"the value is constant for small changes of {names}, so no rewrite can have a gradient")


def oracle_refused(oracle: Report) -> Verdict:
    """Why the original could not be run on any inputs."""
    if oracle.get("flowing"):
        return Verdict("healthy", STRAIGHT_THROUGH)
    if oracle.get("still"):
        return Verdict("flat", f"the value does not depend on {listed(oracle['still'])}")
    if oracle.get("unavailable"):
        return Verdict("unverifiable", oracle["unavailable"][0])
    refusals = oracle.get("refusals") or ["nothing could be run"]
    return Verdict("unverifiable", f"{NO_INPUTS} ({refusals[0]})")


def listed(names: list[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def reliable(scenario: Report, name: str) -> bool:
    """Whether there are differences to be trusted at most of the points; one may stand on a kink."""
    trusted = [
        sum(slope is not None for slope in slopes_of_value(scenario, point, name)) >= 2 for point in scenario["points"]
    ]
    return 2 * sum(trusted) > len(trusted)


def is_flat(scenario: Report) -> bool:
    """No small step of a prediction moves the value: in single precision asked with a step too small to be rounded."""
    for point in scenario["points"]:
        pairs = [pair for name in scenario["predictions"] for pair in (point["tiny"] or point["differences"])[name]]
        scale = FLAT * abs(point["center"]) * scenario["step"] if not scenario["coarse"] else 0.0
        if any(abs(plus - minus) > scale for minus, plus in pairs):
            return False
    return True


def flows(scenario: Report) -> bool:
    """Whether the original's own gradient reaches a prediction at every point."""
    return all(
        any(point["gradient"].get("gradients", {}).get(name, {}).get("norm") for name in scenario["predictions"])
        for point in scenario["points"]
    )


def is_right(scenario: Report, which: str) -> bool:
    """Whether a gradient of the original is that of its value."""
    tolerance = SLOPE_COARSE if scenario["coarse"] else SLOPE_FINE
    for point in scenario["points"]:
        if point[which] is None or "error" in point[which]:
            return False
        for name in scenario["differentiated"]:
            gradient = point[which]["gradients"].get(name, {"norm": None})
            wanted = slopes_of_value(scenario, point, name)
            if gradient["norm"] is None:
                if any(wanted):
                    return False
            elif slope_difference(wanted, gradient["slopes"]) > tolerance:
                return False
    return True
