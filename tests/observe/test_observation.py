"""A worker's report as an observation, and what is none: user code may send anything."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from autofix.observe.observation import observation_of

FRAME = {
    "file": "/p/a.py",
    "line": 3,
    "column": 4,
    "end_line": 3,
    "end_column": 9,
    "expression": "a + b",
    "function": "f",
}
REPORT: dict[str, Any] = {
    "end": "steps", "error": {"type": "KeyError", "message": "x", "frames": [FRAME]}, "seconds": 0.5,
    "printed": "hello",
    "lines": [1, 2], "steps": 2, "notes": ["a note"],
    "events": [{
        "by": "backward", "frames": [FRAME], "value": 1.5, "live": True, "leaf": False, "step": 0, "printed": 3,
        "slope": None, "norm": 2, "error": "", "reaches": [0, 1], "optimizers": [0],
    }],
    "parameters": [{
        "name": "model.weight", "shape": [2, 3], "state": "live", "norm": 1.0, "used": True, "moved": True,
        "frozen": False, "number": 0,
    }],
    "optimizers": [{"id": 7, "kind": "SGD", "frames": [FRAME], "parameters": [0], "steps": 2}],
    "ends": [{
        "code": "AF102", "explicit": True, "frames": [FRAME], "sum": 1.0, "times": 2, "event": 0, "form": "",
        "delta": 0.0,
    }],
}  # fmt: skip


def test_a_report_is_read() -> None:
    seen = observation_of(REPORT)
    (event,), (end,) = seen.events, seen.ends

    assert (seen.end, seen.steps, seen.printed, seen.lines) == ("steps", 2, "hello", frozenset({1, 2}))
    assert (event.value, event.slope, event.norm, event.reaches) == (1.5, None, 2.0, frozenset({0, 1}))
    assert str(seen.error) == "KeyError: x"
    assert seen.parameters[0].shape == (2, 3) and seen.optimizers[0].parameters == (0,)
    assert end.key == (3, 4, "AF102")  # columns of a run are counted from 0, those of a span from 1
    assert end.sites[0].span.column == 5


def test_without_an_error_there_is_none() -> None:
    assert observation_of({**REPORT, "error": None}).error is None
    assert not observation_of({**REPORT, "events": []}).trains


def _set(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(report: Any) -> None:
        for step in path[:-1]:
            report = report[step]
        report[path[-1]] = value

    return change


@pytest.mark.parametrize(
    "change",
    [
        *(lambda report, key=key: report.pop(key) for key in REPORT if key != "lines"),
        _set("events", 0, "value", value="many"),
        _set("events", 0, "frames", value=None),
        _set("events", 0, "reaches", value=3),
        _set("parameters", 0, "state", value="fine"),
        _set("parameters", 0, "shape", value=["x"]),
        _set("optimizers", 0, "parameters", value=[None]),
        _set("ends", 0, "times", value="often"),
        _set("ends", 0, "frames", 0, "line", value="three"),
        _set("error", value="KeyError"),
        _set("steps", value=None),
        _set("events", value=[5]),
        _set("seconds", value={}),
    ],
)
def test_what_is_no_report_is_refused(change: Callable[[Any], None]) -> None:
    report = copy.deepcopy(REPORT)
    change(report)

    with pytest.raises((KeyError, TypeError, ValueError, IndexError, AttributeError)):
        observation_of(report)
