"""The arrays that calls are tried on, by the names that examples use.

s is a number, v w of rank 1, x y of rank 2 (3 by 4, between 0 and 1; u is 4 by 3), z rank 3, t rank 4, S symmetric and
positive definite. Constant are the mask m, the indices i and j, the ascending g, the labels b, the complex c, and h,
which is 0 or NaN.

What a rule stands for, and the rule itself, imported: only the proof runs either.

One call tried: its inputs, what the original gives for them, and what each spelling gives.

A spelling that depends on what only the values show (`rank is 1`) says so in `when`: it is judged where that holds.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import numpy as np

from .backends import Backend
from .compare import finite_differences, is_several, real_and_imaginary, same

CONSTANT = ("m", "i", "j", "g", "b", "c", "h")


def arrays() -> dict[str, Any]:
    """Every array, the same at each call."""
    rng = np.random.default_rng(20)

    def spread(*shape: int) -> Any:
        return rng.uniform(0.12, 0.93, shape)

    square = spread(4, 4)
    return {
        "s": np.asarray(0.37),
        "v": spread(4),
        "w": spread(4),
        "x": spread(3, 4),
        "y": spread(3, 4),
        "u": spread(4, 3),
        "z": spread(2, 3, 4),
        "t": spread(2, 2, 3, 4),
        "z2": spread(2, 4, 5),
        "S": square @ square.T + np.diag([1.0, 2.0, 3.0, 4.0]),
        "m": np.array([[True, False, True, True], [False, True, True, False], [True, True, False, True]]),
        "i": np.array([2, 0]),
        "j": np.array([[0, 2], [1, 1], [2, 0]]),
        "g": np.array([0.05, 0.3, 0.55, 0.99]),
        "b": np.array([1, 0, 0, 1]),
        "c": spread(3, 4) + 1j * spread(3, 4),
        "h": np.where(rng.uniform(size=(3, 4)) < 0.3, np.nan, 0.0),
    }


_SHORT = {
    "np": "numpy",
    "math": "math",
    "special": "scipy.special",
    "stats": "scipy.stats",
    "norm": "scipy.stats.norm",
    "ndimage": "scipy.ndimage",
    "distance": "scipy.spatial.distance",
    "linalg": "scipy.linalg",
    "signal": "scipy.signal",
    "integrate": "scipy.integrate",
}


def stand_in_for_autofix(bundled: str) -> None:
    """Make `autofix.rules` importable where autofix itself is not installed."""
    package, rules = ModuleType("autofix"), ModuleType("autofix.rules")
    package.__path__, rules.__path__ = [], [bundled]
    sys.modules.update({"autofix": package, "autofix.rules": rules})


@lru_cache(maxsize=None)
def rule_module(file: str, bundled: str) -> Any:
    """The module of a file of rules."""
    path = Path(file)
    if Path(bundled) in path.parents:
        return importlib.import_module(".".join(("autofix.rules", *path.relative_to(bundled).with_suffix("").parts)))
    spec = importlib.util.spec_from_file_location(f"rules_{path.parent.name}_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@lru_cache(maxsize=None)
def original(name: str) -> Any:
    """What a dotted name stands for: a module's member, or a member of one of its classes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        module = ".".join(parts[:length])
        try:
            found: Any = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        for part in parts[length:]:
            found = getattr(found, part)
        return found
    raise ModuleNotFoundError(f"there is no module {parts[0]!r}")


def named_in(names: set[str]) -> dict[str, Any]:
    """The modules that these names are short for in an example."""
    return {name: original(_SHORT[name]) for name in sorted(names & set(_SHORT))}


FLOAT64, FLOAT32, GRADIENT = 1e-10, 1e-5, 1e-6
Function = Callable[..., Any]


class Trial:
    """One call of the report; `call` is as the host sends it."""

    def __init__(self, call: dict[str, Any], backend: Backend, bundled: str) -> None:
        self.call, self.backend, self.bundled = call, backend, bundled
        everything = arrays()
        used = _names(call["text"]) | _names(call["oracle"])
        self.names = [name for name in everything if name in used and name not in CONSTANT]
        self.inputs = [everything[name] for name in self.names]
        self.constants = {name: everything[name] for name in CONSTANT}
        self.around = {**named_in(_names(call["oracle"])), **self.constants}
        if call["original"]:
            self.around[call["original"].rpartition(".")[2]] = original(call["original"])
        self.expected = self.oracle(*self.inputs)
        self.weight: Any = None
        self.reference: Any = None
        if call["differentiable"]:
            self.weight = np.random.default_rng(3).uniform(0.5, 1.5, np.shape(real_and_imaginary(self.expected)))
            self.reference = finite_differences(self.oracle, self.inputs, self.weight)

    def oracle(self, *inputs: Any) -> Any:
        """What the original gives."""
        return eval(self.call["oracle"], {**self.around, **dict(zip(self.names, inputs))})

    def judged(self, candidate: dict[str, Any]) -> dict[str, Any]:
        """Whether a candidate is for this call, as it stands and compiled, and what is wrong with it."""
        function = self.rendered(candidate)
        tensors = [self.backend.tensor(array, False) for array in self.inputs]
        try:
            holds = self.holds(candidate, tensors)
        except Exception as error:
            problem = f"its condition fails: {type(error).__name__}: {error}"
            return {"holds": True, "compiled": True, "problem": problem}
        wrong, compiled = self._problem(function) if holds else None, holds
        if wrong is None:
            wrong, compiled = self._compiled(candidate, function, holds)
        return {"holds": holds, "compiled": compiled, "problem": wrong}

    def called(self, name: str) -> dict[str, Any]:
        """The same for a rule called as the function that it is; one that asserts otherwise is for another call."""
        rule = getattr(rule_module(self.call["file"], self.bundled), name)
        is_alternative = name != self.call["functions"][0]
        if is_alternative and not self._takes_the_call(rule):
            return {"holds": False, "problem": None}
        try:
            self.backend.value_and_gradients(self._direct(rule), self.inputs, None)
        except Exception as error:  # of any other kind: the trial itself says what is wrong
            if isinstance(error, AssertionError) or (is_alternative and isinstance(error, NotImplementedError)):
                return {"holds": False, "problem": None}
        return {"holds": True, "problem": self._problem(self._direct(rule))}

    def _takes_the_call(self, rule: Function) -> bool:
        """Whether an alternative has the parameters that are given: `array__cast` needs a dtype."""
        keywords = {each.arg for each in self._keywords() if each.arg is not None}
        try:
            inspect.signature(rule).bind(*self._written(), **dict.fromkeys(keywords))
        except TypeError:
            return False
        return True

    def _problem(self, function: Function) -> str | None:
        try:
            value, gradients = self.backend.value_and_gradients(function, self.inputs, self.weight)
            if not same(self.plain(value), self.expected, FLOAT64):
                return f"value {short(self.plain(value))} is not {short(self.expected)}"
            if gradients is not None and not all(map(same, gradients, self.reference, [GRADIENT] * len(gradients))):
                return f"gradient {short(gradients)} is not {short(self.reference)}"
            single = [array.astype(np.float32) for array in self.inputs]
            value, _ = self.backend.value_and_gradients(function, single, None)
            if not same(self.plain(value), self.expected, FLOAT32):
                return f"value {short(self.plain(value))} in float32 is not {short(self.expected)}"
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:300]}"
        return None

    def _compiled(self, candidate: dict[str, Any], function: Function, outside: bool) -> tuple[str | None, bool]:
        """What is wrong with it as a compiled function, and whether it is for one at all; it was so `outside`."""
        holds = outside

        def guarded(*tensors: Any) -> Any:
            nonlocal holds
            try:
                holds = self.holds(candidate, tensors)
            except Exception:
                holds = outside  # a condition that only running tells, inside a graph
            return function(*tensors) if holds else 0.0

        try:
            value = self.plain(self.backend.as_function(guarded, self.inputs))
        except Exception as error:
            problem = f"as a compiled function: {type(error).__name__}: {str(error)[:300]}"
            return (problem, True) if holds else (None, False)
        if not holds or same(value, self.expected, FLOAT64):
            return None, holds
        return f"value {short(value)} as a compiled function is not {short(self.expected)}", True

    def plain(self, value: Any) -> Any:
        return tuple(map(self.backend.array, value)) if is_several(value) else self.backend.array(value)

    def holds(self, candidate: dict[str, Any], tensors: Sequence[Any]) -> bool:
        conditions = candidate["when"]
        return not conditions or any(bool(self._evaluated(each, tensors)) for each in conditions)

    def rendered(self, candidate: dict[str, Any]) -> Function:
        return lambda *tensors: self._evaluated(candidate, tensors)

    def _evaluated(self, text: dict[str, Any], tensors: Sequence[Any]) -> Any:
        names = self._namespace(tensors)
        for definition in text["definitions"]:
            exec(definition, names)
        return eval(text["code"], names)

    def _namespace(self, tensors: Sequence[Any]) -> dict[str, Any]:
        names = dict(self.backend.namespace)
        names.update({each: original(f"autofix.rules.dtypes.{each}") for each in ("floating", "numpy_name")})
        dtype = str(tensors[0].dtype) if len(tensors) else ""
        for name, array in self.constants.items():
            of = array.astype(np.float32) if array.dtype == float and "32" in dtype else array
            names[name] = self.backend.tensor(of, False)
        return {**names, **dict(zip(self.names, tensors))}

    def _direct(self, rule: Function) -> Function:
        """The rule called as the plain function that it is."""
        parameters = list(inspect.signature(rule).parameters)
        array_like = original(f"autofix.rules.{self.call['framework']}.ARRAYS")

        def function(*tensors: Any) -> Any:
            names = self._namespace(tensors)
            values = [eval(ast.unparse(part), names) for part in self._written()]
            for position, parameter in enumerate(parameters[: len(values)]):
                if parameter in array_like and _holds_tensors(values[position]):
                    values[position] = self.backend.stack(values[position])
            given = {
                str(each.arg): eval(ast.unparse(each.value), names)
                for each in self._keywords()
                if each.arg in parameters or each.arg not in self.call["left_out"]
            }
            return eval(f"result{self.call['rest']}", {**names, "result": rule(*values, **given)})

        return function

    def _written(self) -> list[ast.expr]:
        """The positional arguments, the receiver of a method first."""
        node = ast.parse(self.call["text"], mode="eval").body
        if isinstance(node, ast.Attribute):
            return [node.value]
        assert isinstance(node, ast.Call)
        if self.call["method"] and isinstance(node.func, ast.Attribute):
            return [node.func.value, *node.args]
        return node.args

    def _keywords(self) -> list[ast.keyword]:
        node = ast.parse(self.call["text"], mode="eval").body
        return node.keywords if isinstance(node, ast.Call) else []


def _holds_tensors(value: object) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 0 and not isinstance(value[0], (int, float))


def _names(text: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}


def short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) < 200 else f"{text[:200]}…"
