"""Take the worker's numbers; give the verdict on the original.

It is broken, healthy, intentionally cut, flat, or cannot be judged. What a candidate fails is for the checks to say.
"""

from __future__ import annotations

from typing import Literal

from autofix.model import Verdict
from autofix.worker.numerics import gradient_of, slope_difference, slope_tolerance, slopes_of_value
from autofix.worker.records import Oracle, OriginalReport, Refusals
from autofix.worker.tolerances import FLAT

NO_INPUTS = "no test inputs worked"
STRAIGHT_THROUGH = "the value is piecewise constant, and a straight-through estimator gives it a gradient"


def judge_original(oracle: Oracle) -> Verdict | None:
    """A verdict where the original alone decides; None where candidates are to be looked at.

    With other values of its flags than the program gives it, a loss need not have a gradient: they say nothing here.
    """
    scenarios = [one for one in oracle["scenarios"] if not one["variant"]]
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


def judge_flat(scenarios: list[OriginalReport]) -> Verdict:
    """No step moves the value; a gradient all the same is a straight-through estimator's."""
    if all(flows(scenario) for scenario in scenarios):
        return Verdict("healthy", STRAIGHT_THROUGH)
    names = listed(scenarios[0]["predictions"])
    return Verdict("flat", f"the value is constant for small changes of {names}, so no rewrite can have a gradient")


def oracle_refused(refusals: Refusals | None) -> Verdict:
    """Why the original could not be run on any inputs; None where nothing was reported."""
    if refusals is None:
        return Verdict("unverifiable", f"{NO_INPUTS} (nothing could be run)")
    if refusals["flowing"]:
        return Verdict("healthy", STRAIGHT_THROUGH)
    if refusals["still"]:
        return Verdict("flat", f"the value does not depend on {listed(refusals['still'])}")
    if refusals["unavailable"]:
        return Verdict("unverifiable", refusals["unavailable"][0])
    first = refusals["refusals"][0] if refusals["refusals"] else "nothing could be run"
    return Verdict("unverifiable", f"{NO_INPUTS} ({first})")


def listed(names: list[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"


def reliable(scenario: OriginalReport, name: str) -> bool:
    """Whether there are differences to be trusted at most of the points; one may stand on a kink."""
    slopes = [slopes_of_value(scenario, point, name, point["finer"]) for point in scenario["points"]]
    trusted = [sum(slope is not None for slope in each) >= 2 for each in slopes]
    return 2 * sum(trusted) > len(trusted)


def is_flat(scenario: OriginalReport) -> bool:
    """No small step of a prediction moves the value: in single precision asked with a step too small to be rounded."""
    for point in scenario["points"]:
        pairs = [pair for name in scenario["predictions"] for pair in (point["tiny"] or point["differences"])[name]]
        scale = FLAT * abs(point["center"]) * scenario["step"] if not scenario["coarse"] else 0.0
        if any(abs(plus - minus) > scale for minus, plus in pairs):
            return False
    return True


def flows(scenario: OriginalReport) -> bool:
    """Whether the original's own gradient reaches a prediction at every point."""
    gradients = [point["gradient"].get("gradients", {}) for point in scenario["points"]]
    return all(any(gradient_of(each, name)["norm"] for name in scenario["predictions"]) for each in gradients)


def is_right(scenario: OriginalReport, which: Literal["gradient", "uncut"]) -> bool:
    """Whether a gradient of the original is that of its value."""
    for point in scenario["points"]:
        run = point[which]
        if run is None or "error" in run:
            return False
        for name in scenario["differentiated"]:
            gradient = gradient_of(run["gradients"], name)
            wanted = slopes_of_value(scenario, point, name, point["finer"])
            if gradient["norm"] is None:
                if any(wanted):
                    return False
            elif slope_difference(wanted, gradient["slopes"]) > slope_tolerance(scenario):
                return False
    return True
