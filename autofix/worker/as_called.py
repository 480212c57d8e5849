"""What a module gives its loss when it is run: specifications of the arguments, read off the values themselves.

The values are drawn anew, in the shape, the type and the range that was seen: a prediction has to move. Labels are made
to sum to one: for others TensorFlow's gradient of a cross entropy, `softmax(logits) - labels`, is wrong.
"""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from .draw import together
from .load import Loader
from .records import Arguments, Scenario, Specification, TrialRequest
from .shrink import shrunk
from .standins import RecordedModel, attribute_of, place, returned_by

SECONDS = 3.0
BONUS = 1.0
FLOATS = frozenset("normal unit positive negative simplex binary sign onehot".split())
PLAIN = (bool, int, float, str, type(None))


class Unlike(Exception):
    """A value that is nothing which could be drawn."""


def as_called(request: TrialRequest, loader: Loader, backend: Any) -> list[Scenario]:
    """The scenarios, before them the likeliest with what the module gives in the place of what was guessed.

    What the user has told holds here too.
    """
    guessed = request["scenarios"]
    plan = request["call"]
    if plan is None or not guessed:
        return guessed
    try:
        with ended_after(SECONDS), backend.restored():
            runnable = loader.load(plan, "single", "plain", 0)
            runnable.ready(())
            values = runnable.function()
            models = returned_by_models(request, loader, backend, values, guessed[0]["arguments"])
            observed = {name: models.get(name) or specification(value, backend)
                    for name, value in values.items()
                    if name not in request["stated"] and (name in models or not callable(value))}  # fmt: skip
    except (Exception, SystemExit):
        return guessed
    best = max(one["score"] for one in guessed) + BONUS
    first = guessed[0]
    arguments = {**first["arguments"], **models, **shrunk(observed)}
    called: Scenario = {**first, "arguments": arguments, "score": best, "as_called": True}
    return [called, *guessed]


def returned_by_models(
    request: TrialRequest, loader: Loader, backend: Any, arguments: dict[str, Any], guessed: Arguments
) -> Arguments:
    """The stand-ins for models, with what those that the loss is given or holds returned when it was run as it is."""
    untold = {name: one for name, one in guessed.items() if name not in request["stated"]}
    forms = {name: one for name, one in untold.items() if one["kind"] == "model"}
    recorded = {name: RecordedModel(arguments[name]) for name in forms if name in arguments}
    found = dict(forms)
    try:
        runnable = loader.load_anew(request["original"], "single", "plain", 0)
        runnable.ready(())
        owner = getattr(runnable.function, "__self__", None)
        for name in forms:
            attribute = name.partition("self.")[2]
            if owner is not None and attribute and name not in runnable.standins:
                recorded[name] = RecordedModel(attribute_of(owner, attribute))
                place(owner, attribute, recorded[name])
        runnable.function(**{**arguments, **among_arguments(recorded, arguments)})
    except (Exception, SystemExit):
        pass  # what was heard until then counts
    for name, one in recorded.items():
        with contextlib.suppress(Unlike, KeyError, IndexError, TypeError, AttributeError):
            found[name] = with_items(forms[name], returned_by(one, forms[name]["form"]), backend)
    return found


def among_arguments(recorded: dict[str, Any], arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: one for name, one in recorded.items() if name in arguments}


def with_items(form: Specification, returned: list[Any], backend: Any) -> Specification:
    """A stand-in that returns tensors like these."""
    specifications = [specification(one, backend) for one in returned]
    if any(one.get("kind") not in FLOATS for one in specifications):
        raise Unlike("a model that returns no floats")
    items: list[Specification] = [{"kind": "normal", "shape": one["shape"]} for one in specifications]
    return {**form, "items": items, "form": {**form["form"], "kinds": [one["kind"] for one in specifications]}}


@contextlib.contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """What takes too long raises; where there is no such alarm, the deadline of the whole run holds."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def late(*_: Any) -> None:
    raise TimeoutError("the module takes too long to create the arguments of its loss")


def specification(value: Any, backend: Any) -> Specification:
    if isinstance(value, PLAIN) or is_plain(value):
        return {"kind": "value", "value": value}
    if is_array(value):
        return {**of_array(value), "array": True} if value.shape else {"kind": "value", "value": value.item()}
    if backend.is_fed(value):
        return of_array(backend.to_array(value))
    parts = parts_of(value)
    items = [specification(one, backend) for one in parts.values()]
    if not items or any("shape" not in one for one in items):
        raise Unlike(type(value).__name__)
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return {"kind": "list", "items": items}
    return {"kind": "dict", "items": items, "keys": list(parts), "fields": not isinstance(value, dict)}


def is_plain(value: Any) -> bool:
    """Numbers and words in lists and the like."""
    if type(value) is dict:
        return bool(value) and all(isinstance(one, PLAIN) or is_plain(one) for one in value.values())
    if type(value) not in (list, tuple):
        return False
    return bool(value) and all(isinstance(one, PLAIN) or is_plain(one) for one in value)


def is_array(value: Any) -> bool:
    return type(value).__module__ == "numpy" and hasattr(value, "dtype")


def parts_of(value: Any) -> dict[str, Any]:
    """What a list, a dictionary or an object of tensors holds, by key or name."""
    if isinstance(value, dict):
        return {key: one for key, one in value.items() if isinstance(key, str)}
    if hasattr(value, "_fields"):
        return dict(together(value._fields, value))
    if isinstance(value, (list, tuple)):
        return {str(number): one for number, one in enumerate(value)}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    raise Unlike(type(value).__name__)


def of_array(array: Any) -> Specification:
    numbers = [float(one) for one in array.reshape(-1).tolist()]
    described: Specification = {"shape": [int(one) for one in array.shape], "classes": 2}
    if array.dtype.kind == "b":
        return {**described, "kind": "bool"}
    if array.dtype.kind in "iu":
        low, high = (int(min(numbers)), int(max(numbers))) if numbers else (0, 1)
        return {**described, "kind": "labels", "low": low, "classes": high + 1}
    if array.dtype.kind != "f":
        raise Unlike(str(array.dtype))
    return {**described, "kind": kind_of(numbers, described["shape"])}


def kind_of(numbers: list[float], shape: Sequence[int]) -> str:
    """How floats are to be drawn so that they are like these."""
    distinct = set(numbers)
    width = shape[-1] if shape else 1
    rows = [numbers[start : start + width] for start in range(0, len(numbers), max(width, 1))]
    if width > 1 and all(min(row) >= 0.0 and abs(sum(row) - 1.0) < 1e-4 for row in rows):
        return "onehot" if distinct <= {0.0, 1.0} else "simplex"
    if distinct == {0.0, 1.0}:
        return "binary"
    if distinct == {-1.0, 1.0}:
        return "sign"
    if numbers and min(numbers) > 0.0:
        return "unit" if max(numbers) < 1.0 else "positive"
    return "negative" if numbers and max(numbers) < 0.0 else "normal"


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
