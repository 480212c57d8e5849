"""What a mended loss would break elsewhere in its file: two texts in, the second put right out, or a refusal.

Where NumPy gave a number there is a tensor now, and NumPy takes no tensor of torch that carries a gradient. What only
looks at the loss (a history, a log, the best value so far) is given the plain number that it had. A line that declared
the loss a leaf goes: it fails on a tensor that has a past.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from re import compile as pattern

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from autofix.analysis import effects
from autofix.analysis.diagnosis import Diagnosis
from autofix.analysis.interpreter import Interpreter
from autofix.analysis.losses import run_of
from autofix.analysis.remembered import nodes_of
from autofix.analysis.values import Key, Value
from autofix.lines import at_line
from autofix.model import Framework, Kind, OwnRules
from autofix.rewrite.replacement import Refusal

_MAY_STRAIN = pattern(r"requires_grad\s*=\s*True|\bnp\.|numpy|scipy|sklearn|statistics|\bround\(|\.astype\(|\.copy\(")
_ARRAYS_ONLY = frozenset({"numpy", "scipy", "sklearn", "statistics"})
_OF_ARRAYS: Mapping[Framework, frozenset[str]] = {
    "torch": frozenset("astype copy tobytes tofile dump ptp compress choose partition argpartition".split()),
    "tensorflow": frozenset(
        "astype copy tobytes tofile dump ptp compress choose partition argpartition mean sum std var max min prod "
        "round reshape flatten ravel squeeze transpose clip cumsum item tolist any all dot argmax argmin".split()
    ),
}
"""Methods of an array that a tensor has not."""

_Place = tuple[int, int, int, int]


@dataclass(frozen=True)
class Strain:
    """A place that fails on a tensor: its node, and those of its parts that must be plain; none where it must go."""

    node: ast.Call | ast.Assign
    parts: tuple[ast.expr, ...] = ()


def settled(before: str, after: str, diagnosis: Diagnosis, own: OwnRules) -> str | Refusal:
    """Return a candidate in which nothing else of the file fails on what is a tensor now."""
    if not _MAY_STRAIN.search(after):
        return after
    look = _Look(after, diagnosis, own)
    strains = list(look.strains())
    known = {ast.unparse(each.node) for each in _Look(before, diagnosis, own).strains()} if strains else set()
    found = [each for each in strains if ast.unparse(each.node) not in known]
    if not found:
        return after
    plain = {look.key(part)[1:]: look.plain(part) for each in found for part in look.sources(each)}
    gone = {look.key(each.node)[1:] for each in found if isinstance(each.node, ast.Assign)}
    text = _changed(after, plain, gone)
    left = [each for each in _Look(text, diagnosis, own).strains() if ast.unparse(each.node) not in known]
    if left:
        line, written = left[0].node.lineno, ast.unparse(left[0].node)
        return Refusal(f"`{written}` in {at_line(line)} takes its result for an array, and fails on a tensor")
    return text


class _Look:
    """One text as the analysis sees it."""

    def __init__(self, text: str, diagnosis: Diagnosis, own: OwnRules) -> None:
        self._framework = diagnosis.framework
        self._run: Interpreter = run_of(text, diagnosis.framework, own, diagnosis.around)
        makers = frozenset().union(*(each.value.makers for each in self._run.consumed))
        self._of_losses = self._run.facts.reaching(makers)

    def strains(self) -> Iterator[Strain]:
        """Yield what fails on a tensor that carries a gradient, but for what losses are made of."""
        for call in nodes_of(self._run.tree, ast.Call):
            parts = tuple(self._parts_of(call)) if self.key(call) not in self._of_losses else ()
            if parts:
                yield Strain(call, parts)
        for given in nodes_of(self._run.tree, ast.Assign) if self._framework == "torch" else ():
            if getattr(given.value, "value", None) is True and any(self._is_leaf_now(each) for each in given.targets):
                yield Strain(given)

    def key(self, node: ast.AST) -> Key:
        return self._run.positions.key(node)

    def _parts_of(self, node: ast.Call) -> Iterator[ast.expr]:
        fact = self._run.facts.by_key.get(self.key(node))
        if fact is None:
            return
        package, _, last = fact.callee.partition(".")
        if package == "Tensor" and last in _OF_ARRAYS[self._framework] and isinstance(node.func, ast.Attribute):
            yield from (each for each in [node.func.value] if self._is_tensor(each))
        takes_arrays = package in _ARRAYS_ONLY and last not in effects.NUMPY_KEEPS_TORCH_GRAPH
        if self._framework == "torch" and (takes_arrays or fact.callee == "builtins.round"):
            given = (*node.args, *(each.value for each in node.keywords))
            yield from (each for each in given if self._is_tensor(each) or any(self._elements(each)))

    def sources(self, strain: Strain) -> Iterator[ast.expr]:
        """Yield what has to be plain for the parts of a strain to be so: they themselves, or what a list is given."""
        for part in strain.parts:
            if isinstance(part, (ast.List, ast.Tuple)):
                yield from self._elements(part)
            elif self._value(part).kind is Kind.SEQUENCE:
                yield from self._appended_to(ast.unparse(part))
            else:
                yield part

    def _elements(self, node: ast.expr) -> Iterator[ast.expr]:
        """Yield the tensors in a list that is written out."""
        for each in node.elts if isinstance(node, (ast.List, ast.Tuple)) else ():
            if isinstance(each, (ast.List, ast.Tuple)):
                yield from self._elements(each)
            elif self._is_tensor(each):
                yield each

    def _appended_to(self, name: str) -> Iterator[ast.expr]:
        for call in nodes_of(self._run.tree, ast.Call):
            func = call.func
            if isinstance(func, ast.Attribute) and func.attr == "append" and ast.unparse(func.value) == name:
                yield from (each for each in call.args[:1] if self._is_tensor(each))

    def plain(self, node: ast.expr) -> str:
        """Return what gives the plain value of a tensor: its number, where it is certain to be one."""
        if self._framework == "tensorflow":
            return ".numpy()"
        return ".item()" if self._value(node).traits.shape.sizes == () else ".detach().cpu().numpy()"

    def _is_tensor(self, node: ast.expr) -> bool:
        value = self._value(node)
        if value.kind is Kind.SEQUENCE and value.element is not None:
            value = value.element
        return value.live and value.kind is Kind.TENSOR

    def _is_leaf_now(self, target: ast.expr) -> bool:
        """Is this the `x.requires_grad` of an `x` that has a past?"""
        if not isinstance(target, ast.Attribute) or target.attr != "requires_grad":
            return False
        value = self._value(target.value)
        return value.live and bool(value.makers)

    def _value(self, node: ast.expr) -> Value:
        fact = self._run.facts.by_key.get(self.key(node))
        return fact.value if fact is not None else Value()


def _changed(text: str, plain: Mapping[_Place, str], gone: Iterable[_Place]) -> str:
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    return wrapper.module.visit(_Change(wrapper.resolve(PositionProvider), plain, frozenset(gone))).code


class _Change(cst.CSTTransformer):
    """Makes expressions plain, and drops assignments, by where they stand."""

    def __init__(
        self, positions: Mapping[cst.CSTNode, CodeRange], plain: Mapping[_Place, str], gone: frozenset[_Place]
    ) -> None:
        super().__init__()
        self._positions, self._plain, self._gone = positions, plain, gone

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> object:  # type: ignore[override]
        updated = super().on_leave(original_node, updated_node)
        where = self._positions.get(original_node)
        if where is None:
            return updated
        place = where.start.line, where.start.column, where.end.line, where.end.column
        if place in self._gone and isinstance(original_node, cst.Assign):
            return cst.RemoveFromParent()
        if place in self._plain and isinstance(updated, cst.BaseExpression):
            code = cst.Module([]).code_for_node(updated)
            atom = isinstance(updated, (cst.Name, cst.Attribute, cst.Call, cst.Subscript))
            return cst.parse_expression((code if atom else f"({code})") + self._plain[place])
        return updated
