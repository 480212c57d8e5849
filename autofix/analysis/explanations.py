"""Explains a cut: what happens, how the value came there, the framework's error, and why its usual cure is none.

Takes a cut and its fault. The errors are those of PyTorch 2.13 and TensorFlow 2.21, and a test runs the programs
that raise them; `…` stands for what differs between programs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autofix.analysis.faults import Fault, LossFault, StepFault
from autofix.analysis.record import Fact
from autofix.analysis.traces import trail
from autofix.analysis.uses import Use
from autofix.analysis.values import INERT, LIVE
from autofix.knowledge.causes import cause, has
from autofix.knowledge.effects import LEAVERS, package_of
from autofix.knowledge.frameworks import PACKAGES, record_of
from autofix.knowledge.libraries import OUTSIDE, instead
from autofix.knowledge.operations import having, values
from autofix.model import Cut, Explanation, Kind
from autofix.syntax.module import Syntax

NO_GRAD_FN = "element 0 of tensors does not require grad and does not have a grad_fn"
CANNOT_CALL_NUMPY = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."
NOT_SCALAR = "grad can be implicitly created only for scalar outputs"
NOT_IMPLEMENTED = "derivative for aten::{} is not implemented"
UNUSED = "appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior."
NO_GRADIENTS = "No gradients provided for any variable."
SYMBOLIC = "Cannot convert a symbolic tf.Tensor (…) to a numpy array."
NO_NUMPY = "'SymbolicTensor' object has no attribute 'numpy'"
NOT_PERSISTENT = "A non-persistent GradientTape can only be used to compute one set of gradients (or jacobians)"
NONE_GRADIENT = "Attempt to convert a value (None) with an unsupported type (<class 'NoneType'>) to a Tensor."
UNKNOWN_RANK = "Cannot iterate over a shape with unknown rank."

_REJECTED = {
    "axis": "{}() got an unexpected keyword argument 'axis'",
    "arguments": "{}() received an invalid combination of arguments",
}
_NUMPY_METHODS = {name: _REJECTED[what].format(name) for name, what in values("torch-error").items()}
"""NumPy functions that call the tensor's own method, with NumPy's arguments, and what torch says to those."""

_NUMBERS = {
    "float": "float() argument must be a string or a real number, not 'SymbolicTensor'",
    "int": "int() argument must be a string, a bytes-like object or a real number, not 'SymbolicTensor'",
}

_PACKAGES = {"AF101": "numpy", "AF104": "builtins", "AF106": "math", "AF107": "scipy"}

_REDUCTIONS, _NOT_FOR_ARRAYS = values("torch-method"), having("not-for-arrays")
_DETACHED = re.compile(r"\.(detach\(\)|data\b)")

_CURES: Mapping[str, str] = {
    CANNOT_CALL_NUMPY: "`.detach()` only hides the error; the gradient is still lost",
    NO_GRAD_FN: "`loss.requires_grad = True` only hides the error; the weights still get no gradient",
    UNUSED: "`allow_unused=True` only hides the error; the gradient is then None",
    NO_GRADIENTS: "`unconnected_gradients='zero'` gives gradients of zero at best; the weights do not change",
    NONE_GRADIENT: "`unconnected_gradients='zero'` only hides the error; the gradient is then zero",
}
_LEAF = "`torch.tensor(loss, requires_grad=True)` only hides the error; the weights still get no gradient"


@dataclass(frozen=True)
class Told:
    """What the user meets, and what becomes of the usual workaround; empty where there is nothing to say."""

    error: str = ""
    note: str = ""


def told(fault: Fault, syntax: Syntax) -> Told:
    """Return the first error that comes of a loss, and the workaround that does not help."""
    at_once = next((error for cut in fault.cuts if (error := _raised(cut, fault, syntax))), "")
    error = at_once or _in_the_end(fault)
    if at_once and fault.use.eager_by:
        then = _in_the_end(fault)
        note = f'`{fault.use.eager_by}` only changes the error, to "{then}"'
        return Told(error, note if then else "")
    if error.endswith("has no attribute 'backward'"):
        return Told(error, _LEAF)
    if error == NO_GRADIENTS and fault.use.by != "tape":
        return Told(error)
    by_numpy = at_once in _NUMPY_METHODS.values() or at_once.startswith(tuple(f"{name}()" for name in _REDUCTIONS))
    return Told(error, _CURES[CANNOT_CALL_NUMPY] if by_numpy else _CURES.get(error, ""))


def _raised(cut: Cut, fault: Fault, syntax: Syntax) -> str:
    """Return what is raised at the cut itself; empty where the program goes on."""
    if cut.elsewhere is not None:
        node, fact = _there(cut.code, cut.elsewhere.operation)
    else:
        node = syntax.at(cut.span)
        fact = fault.program.facts.by_key.get(syntax.key(node)) if node is not None else None
    if cut.code == "AF205":
        return NOT_SCALAR
    if cut.code == "AF306":
        return NOT_PERSISTENT
    if node is None or fact is None or not any(each.live for each in fact.operands):
        return ""
    if not record_of(fault.framework).traces:
        return _raised_by_torch(node, fact)
    return _raised_in_graph(cut, fact, fault.use) if fault.use.eager_by else ""


def _there(code: str, operation: str) -> tuple[ast.expr | None, Fact | None]:
    """Return an operation of another file as if its fact were at hand: the text alone says what is called, on what."""
    try:
        node = ast.parse(operation, mode="eval").body
    except SyntaxError:
        return None, None
    called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
    first = node.args[0] if isinstance(node, ast.Call) and node.args else None
    package = "numpy" if called.partition(".")[0] in ("np", "numpy") else _PACKAGES.get(code, "")
    last = called.rpartition(".")[2]
    callee = "Tensor.numpy" if code == "AF102" and package != "numpy" else f"{package}.{last}"
    several = isinstance(first, (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp))
    return node, Fact(INERT, (LIVE._replace(kind=Kind.SEQUENCE) if several else LIVE,), callee)


def _raised_by_torch(node: ast.expr, fact: Fact) -> str:
    package = fact.callee.partition(".")[0]
    if fact.callee == "builtins.round":
        return "type Tensor doesn't define __round__ method"
    last = "floor_divide" if isinstance(node, ast.BinOp) else fact.callee.rpartition(".")[2]
    if last in _NOT_FOR_ARRAYS and package != "numpy":
        return NOT_IMPLEMENTED.format(last)
    if package not in ("numpy", "scipy") and (fact.callee != "Tensor.numpy" or _DETACHED.search(ast.unparse(node))):
        return ""
    first = fact.operands[0]
    if package != "numpy" or first.kind is Kind.SEQUENCE or not first.live or "linalg" in fact.callee:
        return CANNOT_CALL_NUMPY
    if last in _REDUCTIONS:
        along = isinstance(node, ast.Call) and (len(node.args) > 1 or any(each.arg == "axis" for each in node.keywords))
        name = _REDUCTIONS[last]
        said = f"{name}() got an unexpected keyword argument 'axis'"
        return said if along else f"{name}(): argument 'dim' must be int, not NoneType"
    return _NUMPY_METHODS.get(last, CANNOT_CALL_NUMPY)


def _raised_in_graph(cut: Cut, fact: Fact, use: Use) -> str:
    package, last = fact.callee.partition(".")[0], fact.callee.rpartition(".")[2]
    if fact.callee == "Tensor.numpy" or cut.code == "AF304":
        return NO_NUMPY
    if package in ("numpy", "scipy") or fact.callee.endswith("convert_to_numpy"):
        return SYMBOLIC
    if package == "math":
        return "must be real number, not SymbolicTensor"
    if use.by != "fit":
        return ""
    return UNKNOWN_RANK if cut.code == "AF108" else _NUMBERS.get(last, "") if package == "builtins" else ""


def _in_the_end(fault: Fault) -> str:
    """Return what is said where the loss is differentiated; empty where training goes on and nothing is learned."""
    codes = {cut.code for cut in fault.cuts}
    if fault.partly or codes & {"AF206", "AF207", "AF305"}:
        return ""
    if "AF303" in codes:
        return UNUSED if fault.use.by == "grad" and not record_of(fault.framework).has_tape else ""
    if record_of(fault.framework).has_tape:
        return _asked_of_a_tape(fault, codes)
    if codes == {"AF202"} and fault.use.kind is Kind.TENSOR:
        return ""  # torch gives a rounded value a gradient of zeros
    by = fault.use.by
    kind = Kind.NUMBER if codes & {"AF104", "AF106"} and fault.use.kind is Kind.OTHER else fault.use.kind
    if kind is Kind.NUMBER:
        whole = "int" if codes == {"AF204"} else "bool" if codes == {"AF203"} else "float"
        return f"'{whole}' object is not iterable" if by == "grad" else f"'{whole}' object has no attribute 'backward'"
    if kind is Kind.ARRAY and codes == {"AF103"}:
        return ""  # what NumPy makes of a detached tensor is a tensor or not, as the function is
    if kind is Kind.ARRAY:
        return "object is not iterable" if by == "grad" else "object has no attribute 'backward'"
    return NO_GRAD_FN


def _asked_of_a_tape(fault: Fault, codes: set[str]) -> str:
    use = fault.use
    if "AF302" in codes:
        return NONE_GRADIENT
    if all(cut.code == "AF202" and "sign" in cut.operation for cut in fault.cuts):
        return ""  # the gradient of `tf.sign` is zeros
    if "AF108" in codes and use.by != "fit" and any("numpy_function" not in cut.operation for cut in fault.cuts):
        return ""  # that of `tf.py_function` is a zero, of a shape that may fail far away, or not at all
    if use.by == "tape" and use.kind is Kind.NUMBER:
        whole = "Cannot convert the argument `type_value`: … to a TensorFlow DType."
        return whole if use.several else "'float' object has no attribute 'dtype'"
    if use.by == "tape" and use.kind is Kind.ARRAY and "AF304" not in codes:
        return "object has no attribute '_id'"
    return NO_GRADIENTS


class Explainer:
    """Explains the findings of one text; nothing is prepared before the first."""

    def __init__(self, tree: ast.Module, text: str) -> None:
        self._syntax = Syntax(tree, text)

    def explain(self, cut: Cut, fault: Fault) -> Explanation:
        """Return what is to be said of a cut."""
        said = told(fault, self._syntax)
        apart = fault.partly and cut not in fault.alone
        what, way = what_happens(cut, apart and not said.error), trail(cut, fault, self._syntax)
        notes = [*_counterparts(cut, fault), *([said.note] if said.note else ())]
        return Explanation(what, way, cause(cut.code).here, said.error, "; ".join(notes))


_FOLLOWED = frozenset({*LEAVERS, *PACKAGES, "builtins", "operator", "Tensor", "ndarray", "Model"}) - OUTSIDE


def _counterparts(cut: Cut, fault: Fault) -> Iterator[str]:
    """Say of the functions of other libraries that are given what a cut leaves what to take instead of them."""
    reaching = fault.reaching if isinstance(fault, (LossFault, StepFault)) else ()
    program = fault.program
    found = (program.facts.by_key[key] for key in sorted(reaching) if key in program.facts.by_key)
    callees = dict.fromkeys(each.callee for each in found if each.callee and cut in each.value.cuts)
    outside = [each for each in callees if package_of(each) not in _FOLLOWED and each not in program.own_rules]
    for known in dict.fromkeys(instead(each, fault.framework) for each in outside):
        names = ", ".join(f"`{each}`" for each in outside if instead(each, fault.framework) == known)
        than = f"differentiable instead: {known.name} ({known.source})" if known else "no counterpart is known"
        yield f"no gradient comes back through {names}; {than}"


def what_happens(cut: Cut, partly: bool) -> str:
    """Return what happens at the cut, or in the other file that it leads to."""
    there = cut.elsewhere
    what = cause(cut.code).what.format(operation=_quoted(there.operation if there else cut.operation))
    if there is not None:
        what = f"{_quoted(cut.operation)} leads to {there.path}:{there.line}, where {what}"
    beside = partly and not has(cut.code, "of-the-whole")
    return f"{what}; the rest of the loss still trains, but this part does not" if beside else what


def _quoted(written: str) -> str:
    operation = "`" + " ".join(written.split()) + "`"
    return operation if len(operation) <= 72 else f"{operation[:68]}…`"
