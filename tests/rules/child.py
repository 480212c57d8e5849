"""Runs rendered calls and the rules themselves in one process of a framework, and compares them with NumPy.

Reads a JSON list of calls on standard input; writes one JSON object per call: what passed, and what went wrong.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import math
import pkgutil
import sys
import warnings

import numpy as np
import scipy.linalg
import scipy.ndimage
import scipy.signal
import scipy.spatial.distance
import scipy.special
import scipy.stats

from autofix.rewrite.rule_binding import NEEDLESS

LEFT_OUT = {"dtype", "nan_policy", *NEEDLESS}
CONSTANT = ("m", "i", "j", "g", "b", "c", "h")


def arrays():
    rng = np.random.default_rng(20)
    spread = lambda *shape: rng.uniform(0.12, 0.93, shape)  # noqa: E731
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


class Torch:
    folder = "torch"

    def __init__(self):
        import torch

        self.torch = torch
        self.namespace = {"torch": torch, "math": math, "np": np}

    def tensor(self, array, gradient):
        return self.torch.tensor(array, requires_grad=gradient)

    def array(self, value):
        return value.detach().resolve_conj().numpy() if isinstance(value, self.torch.Tensor) else np.asarray(value)

    def value_and_gradients(self, function, inputs, weight):
        tensors = [self.tensor(array, True) for array in inputs]
        value = function(*tensors)
        if weight is None:
            return value, None
        parts = self.torch.view_as_real(value.resolve_conj()) if value.is_complex() else value
        loss = (parts * self.torch.as_tensor(weight)).sum()
        gradients = self.torch.autograd.grad(loss, tensors, allow_unused=True)
        return value, [np.zeros_like(a) if g is None else g.numpy() for a, g in zip(inputs, gradients, strict=True)]

    def stack(self, elements):
        return self.torch.stack(elements)

    def as_function(self, function, inputs):
        return function(*[self.tensor(array, False) for array in inputs])


class TensorFlow:
    folder = "tensorflow"

    def __init__(self):
        import tensorflow as tf

        self.tf = tf
        self.namespace = {"tf": tf, "math": math, "np": np}

    def tensor(self, array, gradient):
        return self.tf.constant(array)

    def array(self, value):
        return value.numpy() if self.tf.is_tensor(value) else np.asarray(value)

    def value_and_gradients(self, function, inputs, weight):
        tensors = [self.tf.constant(array) for array in inputs]
        with self.tf.GradientTape() as tape:
            for tensor in tensors:
                tape.watch(tensor)
            value = function(*tensors)
            if weight is None:
                return value, None
            parts = self.real_and_imaginary(value) if value.dtype.is_complex else value
            loss = self.tf.reduce_sum(parts * weight)
        gradients = tape.gradient(loss, tensors)
        dense = [None if g is None else self.tf.convert_to_tensor(g).numpy() for g in gradients]
        return value, [np.zeros_like(a) if g is None else g for a, g in zip(inputs, dense, strict=True)]

    def real_and_imaginary(self, value):
        return self.tf.stack([self.tf.math.real(value), self.tf.math.imag(value)], axis=-1)

    def stack(self, elements):
        return self.tf.stack(elements)

    def as_function(self, function, inputs):
        """Inside tf.function, the first axis of unknown length."""
        signature = [self.tf.TensorSpec([None, *a.shape[1:]] if a.ndim > 1 else a.shape, a.dtype) for a in inputs]
        return self.tf.function(lambda *tensors: function(*tensors), input_signature=signature)(*inputs)


def rule_modules(folder):
    package = importlib.import_module(f"autofix.rules.{folder}")
    modules = {}
    for found in (each for each in pkgutil.iter_modules(package.__path__) if not each.name.startswith("_")):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        for prefix in [module.FOR] if isinstance(module.FOR, str) else module.FOR:
            modules.setdefault(prefix, []).append(module)
    return package, modules


def same(actual, expected, tolerance):
    if isinstance(expected, tuple) and not all(isinstance(part, int) for part in expected):
        return all(same(a, e, tolerance) for a, e in zip(actual, expected, strict=True))
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        return False
    scale = 1 + np.max(np.abs(np.where(np.isfinite(expected), expected, 0)), initial=0) if expected.dtype != bool else 1
    return bool(np.allclose(actual, expected, rtol=tolerance, atol=tolerance * scale, equal_nan=True))


def real_and_imaginary(value):
    return np.stack([value.real, value.imag], axis=-1) if np.iscomplexobj(value) else value


def finite_differences(oracle, inputs, weight, step=1e-5):
    gradients = []
    for position, array in enumerate(inputs):
        gradient = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            moved = []
            for sign in (step, -step):
                changed = [a.copy() for a in inputs]
                changed[position][index] += sign
                moved.append(np.sum(weight * real_and_imaginary(oracle(*changed))))
            gradient[index] = (moved[0] - moved[1]) / (2 * step)
        gradients.append(gradient)
    return gradients


class Trial:
    """One call: its inputs, and what NumPy says."""

    def __init__(self, call, backend, package, modules):
        self.call, self.backend, self.package, self.modules = call, backend, package, modules
        everything = arrays()
        used = {n.id for n in ast.walk(ast.parse(f"({call['text']}, {call['oracle']})")) if isinstance(n, ast.Name)}
        self.names = [name for name in everything if name in used and name not in CONSTANT]
        self.inputs = [everything[name] for name in self.names]
        self.constants = {name: everything[name] for name in CONSTANT}
        self.expected = self.oracle(*self.inputs)
        self.weight = self.reference = None
        if call["differentiable"]:
            self.weight = np.random.default_rng(3).uniform(0.5, 1.5, np.shape(real_and_imaginary(self.expected)))
            self.reference = finite_differences(self.oracle, self.inputs, self.weight)

    def oracle(self, *inputs):
        names = {"np": np, "math": math, "special": scipy.special, "stats": scipy.stats, "norm": scipy.stats.norm}
        names |= {"distance": scipy.spatial.distance, "linalg": scipy.linalg, "signal": scipy.signal}
        names |= {"ndimage": scipy.ndimage, **self.constants}
        return eval(self.call["oracle"], names | dict(zip(self.names, inputs, strict=True)))

    def problem(self, function, compiled=True):
        """What is wrong with a spelling of the call, or None."""
        try:
            value, gradients = self.backend.value_and_gradients(function, self.inputs, self.weight)
            if not same(self.plain(value), self.expected, 1e-10):
                return f"value {self.plain(value)} is not {self.expected}"
            if gradients is not None and not all(map(same, gradients, self.reference, [1e-6] * len(gradients))):
                return f"gradient {gradients} is not {self.reference}"
            if compiled and not same(self.plain(self.backend.as_function(function, self.inputs)), self.expected, 1e-10):
                return "value differs as a compiled function"
            single = [array.astype(np.float32) for array in self.inputs]
            value, _ = self.backend.value_and_gradients(function, single, None)
            if not same(self.plain(value), self.expected, 1e-5):
                return "value differs in float32"
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:300]}"
        return None

    def plain(self, value):
        if isinstance(value, tuple) and not all(isinstance(part, int) for part in value):
            return tuple(self.backend.array(part) for part in value)
        return self.backend.array(value)

    def rendered(self, candidate):
        def function(*tensors):
            names = dict(self.backend.namespace) | self.tensor_names(tensors)
            for definition in candidate["definitions"]:
                exec(definition, names)
            return eval(candidate["code"], names)

        return function

    def tensor_names(self, tensors):
        dtype = tensors[0].dtype if tensors else None
        constants = {}
        for name, array in self.constants.items():
            of = array.astype(np.float32) if array.dtype == float and "32" in str(dtype) else array
            constants[name] = self.backend.tensor(of, False)
        return constants | dict(zip(self.names, tensors, strict=True))

    def direct(self, rule):
        """The rule called as the plain function that it is."""
        parameters = list(inspect.signature(rule).parameters)

        def function(*tensors):
            names = dict(self.backend.namespace) | self.tensor_names(tensors)
            node = ast.parse(self.call["text"], mode="eval").body
            receiver = [node.value] if isinstance(node, ast.Attribute) else []
            if isinstance(node, ast.Call) and self.call["method"]:
                receiver = [node.func.value]
            written = [*receiver, *(node.args if isinstance(node, ast.Call) else [])]
            values = [eval(ast.unparse(part), names) for part in written]
            for position, parameter in enumerate(parameters[: len(values)]):
                if parameter in self.package.ARRAYS and self.holds_tensors(values[position]):
                    values[position] = self.backend.stack(values[position])
            keywords = node.keywords if isinstance(node, ast.Call) else []
            given = {
                k.arg: eval(ast.unparse(k.value), names)
                for k in keywords
                if k.arg in parameters or k.arg not in LEFT_OUT
            }
            return eval(f"result{self.call['rest']}", {"result": rule(*values, **given)})

        return function

    def holds_tensors(self, value):
        return isinstance(value, (list, tuple)) and not isinstance(value[0], (int, float))

    def rules(self):
        prefix, _, last = self.call["name"].rpartition(".")
        named = [item for module in self.modules[prefix] for item in vars(module).items()]
        return [rule for name, rule in named if callable(rule) and (name == last or name.startswith(f"{last}__"))]


def up_to_success(problems):
    """What was wrong with each spelling that was tried before one was right: that one is a None at the end."""
    found = []
    for problem in problems:
        found.append(problem)
        if problem is None:
            break
    return found


def main():
    warnings.simplefilter("ignore")
    backend = Torch() if sys.argv[1] == "torch" else TensorFlow()
    package, modules = rule_modules(backend.folder)
    report = []
    for call in json.load(sys.stdin):
        try:
            trial = Trial(call, backend, package, modules)
        except Exception as error:
            report.append({"rendered": [f"NumPy: {type(error).__name__}: {error}"], "direct": []})
            continue
        rendered = (trial.problem(trial.rendered(candidate)) for candidate in call["candidates"])
        direct = (trial.problem(trial.direct(rule), compiled=False) for rule in trial.rules())
        report.append({"rendered": up_to_success(rendered), "direct": up_to_success(direct)})
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
