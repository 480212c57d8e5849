"""The one pass over the LibCST tree of a module, from the inside out; every other character stays as it is.

Takes a text, the fault of a loss, its plan and the catalogue; gives candidate texts, one or more for each
combination of the alternatives that the operations have, or a refusal. The function that `@rewrites` the type of a node
decides what becomes of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, product

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from autofix.analysis.faults import GraphFault
from autofix.knowledge.frameworks import record_of
from autofix.model import Exit, Reason
from autofix.rewrite import calls, statements, stores, subscripts
from autofix.rewrite.casts import cast_targets, cast_targets_to_double, typed_like_the_prediction
from autofix.rewrite.catalogue import Catalogue
from autofix.rewrite.chosen import choices
from autofix.rewrite.elements import Elements
from autofix.rewrite.imports import Identifiers, finish_imports, module_names
from autofix.rewrite.parentheses import around_operands, parenthesised
from autofix.rewrite.plan import Plan
from autofix.rewrite.state import HANDLERS, State, Stop
from autofix.rewrite.subscripts import choose_plainest_shape
from autofix.rewrite.tensors import created_as_tensor
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Key

_MOST_CANDIDATES = 8
_UNKNOWN = Reason(Exit.REWRITE, "no rewrite with the same value is known")

HANDLER_MODULES = (calls, statements, stores, subscripts)
"""The modules whose import fills `HANDLERS`."""


def rewritten(text: str, fault: GraphFault, planned: Plan, catalogue: Catalogue) -> tuple[str, ...] | Reason:
    """Return the candidates for a text whose helpers belong to this loss alone."""
    found = choices(text, fault, planned)
    if isinstance(found, Reason):
        return found
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions, names = wrapper.resolve(PositionProvider), module_names(fault.program.module)
    elements, identifiers = Elements(text, fault.program.facts.by_key), Identifiers(text)
    new_state = partial(State, fault, planned, catalogue, found, positions, names, elements, identifiers)
    try:
        texts = [*_texts(text, wrapper.module, new_state)]
    except Stop as stop:
        return stop.reason
    candidates = dict.fromkeys(each for each in texts if each not in (text, None))
    if None in texts and not candidates:
        return Reason(Exit.INTERNAL, "internal error: the rewrite is not valid Python; please report it with this loss")
    return tuple(islice(candidates, _MOST_CANDIDATES)) or _UNKNOWN


def _texts(text: str, module: cst.Module, new_state: Callable[[Mapping[Key, int]], State]) -> Iterator[str | None]:
    """Yield the text of each rewritten module with its imports; None for one that is not Python."""
    for tree in _trees(module, new_state):
        state = tree.state
        for whole, modules in _finish(tree):
            is_python = _is_python(whole.code)
            needs = modules, state.definitions, state.fault, state.names
            yield finish_imports(whole, text, *needs) if is_python else None


@dataclass(frozen=True)
class _Tree:
    """A module after one pass, and what the pass did."""

    module: cst.Module
    state: State


def _trees(module: cst.Module, new_state: Callable[[Mapping[Key, int]], State]) -> Iterator[_Tree]:
    """Yield a tree for each combination of alternatives, the preferred ones first."""
    first = _tree(module, new_state({}))
    yield first
    counts = {key: count for key, count in first.state.alternatives.items() if count > 1}
    likeliest = dict.fromkeys(islice(_combinations(tuple(counts.values())), 2 * _MOST_CANDIDATES))
    for combination in islice(likeliest, 1, _MOST_CANDIDATES):
        yield _tree(module, new_state(dict(zip(counts, combination, strict=True))))


def _combinations(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield combinations of so many alternatives each: first those in which all that have as many take the same one.

    What depends on the rank of two arrays depends on that of the next two likewise, as often as not.
    """
    yield (0,) * len(counts)
    for count, places in Counter(counts).items():
        if places > 1:
            yield from (tuple(at if each == count else 0 for each in counts) for at in range(1, count))
    yield from product(*map(range, counts))


def _tree(module: cst.Module, state: State) -> _Tree:
    return _Tree(cst.ensure_type(module.visit(_Transformer(state)), cst.Module), state)


def _is_python(text: str) -> bool:
    """Does a candidate parse? One that does not is no candidate: an f-string, say, whose quotes its Python forbids."""
    try:
        parsed(text)
    except (SyntaxError, ValueError):
        return False
    return True


def _finish(tree: _Tree) -> Iterator[tuple[cst.Module, frozenset[str]]]:
    """Yield one rewrite and the modules it names, then some with casts where the framework never promotes."""
    state = tree.state
    if not state.is_changed:
        return
    whole = cst.ensure_type(parenthesised(tree.module), cst.Module)
    yield whole, state.modules
    framework = record_of(state.framework)
    if not framework.promotes:
        double = (cast_targets_to_double,) if state.asked_double else ()
        for change in (*double, cast_targets, typed_like_the_prediction):
            cast = change(whole, state.fault, state.names[framework.module])
            if cast is not None:
                yield cast, state.modules | {framework.module}


class _Transformer(cst.CSTTransformer):
    """Calls the function that is registered for the type of each node."""

    def __init__(self, state: State) -> None:
        super().__init__()
        self._state = state

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef):
            self._state.enclosing.append(node)
        elif isinstance(node, cst.Subscript):
            choose_plainest_shape(self._state, node)
        return True

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        if isinstance(original_node, cst.FunctionDef):
            self._state.enclosing.pop()
        handler = HANDLERS.get(type(original_node))
        left = handler(self._state, original_node, updated_node) if handler is not None else updated_node
        if isinstance(left, cst.CSTNode):
            left = around_operands(left)  # what was put in may bind looser than what it stands for
        key = self._state.key(original_node) if self._state.plan.created else None
        if key in self._state.plan.created and isinstance(left, cst.BaseExpression):
            left = created_as_tensor(self._state, key, original_node, left)
        return left  # type: ignore[return-value]
