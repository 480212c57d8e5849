"""The stage that writes candidates: the text of a module and a diagnosis in, candidate texts or a refusal out.

`rewrite` gives the texts in which the loss keeps its gradient, the preferred one first. `settled` takes them through
what a fix needs besides: a statement that declared the loss a leaf is removed, as it raises on a tensor with a graph,
and what else reads a value that is a tensor now is given what it had.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from re import compile as pattern

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from autofix.analysis.faults import Diagnosis
from autofix.analysis.losses import diagnose, run_of
from autofix.analysis.reads import Reads
from autofix.analysis.values import Dotted, Scope
from autofix.model import OwnRules
from autofix.rewrite.catalogue import Catalogue
from autofix.rewrite.chosen import choices, with_own_tables
from autofix.rewrite.comments import with_comments
from autofix.rewrite.elements import Elements
from autofix.rewrite.helpers import with_copies
from autofix.rewrite.imports import Identifiers, finish_imports
from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import parenthesised
from autofix.rewrite.plan import NOTHING_GIVEN, Plan, given, plan
from autofix.rewrite.readers import with_plain_readers
from autofix.rewrite.refusal import Refusal, Stop
from autofix.rewrite.rewriter import RewrittenTree, rewritten_trees
from autofix.rewrite.state import State
from autofix.rewrite.still_training import with_leaves_for_constants, with_tensors_for_numbers
from autofix.rewrite.versions import with_conversions, with_own_versions
from autofix.syntax.memo import nodes_of
from autofix.syntax.places import is_docstring, with_function

_MOST_CANDIDATES = 8
_MOST_WISHES = 3
"""How often a gradient that is back may be taken away again further on."""


def rewrite(text: str, diagnosis: Diagnosis, catalogue: Catalogue) -> tuple[str, ...] | Refusal:
    """Return the texts in which this loss keeps its gradient, for the verifier to choose from."""
    found = _rewrite(text, diagnosis, catalogue, whole=False)
    if diagnosis.framework == "tensorflow" and not isinstance(found, Refusal):
        whole = _rewrite(text, diagnosis, catalogue, whole=True)
        found = found if isinstance(whole, Refusal) else (*found, *whole)
    return found if isinstance(found, Refusal) else tuple(dict.fromkeys(with_comments(text, each) for each in found))


def _rewrite(
    text: str, diagnosis: Diagnosis, catalogue: Catalogue, whole: bool, deep: int = 0
) -> tuple[str, ...] | Refusal:
    """Rewrite what the gradient needs or, as tf.function does, all that comes from the parameters of the loss."""

    def planned_for(diagnosis: Diagnosis) -> Plan:
        return plan(diagnosis, catalogue.__contains__, given(text, diagnosis) if whole else NOTHING_GIVEN)

    planned = planned_for(diagnosis)
    for step in (with_copies, with_conversions, with_own_versions, with_own_tables):
        changed = step(text, diagnosis, planned)
        if isinstance(changed, Refusal):
            return changed
        again = diagnosis if changed is None else _again(changed, diagnosis)
        if again is None:
            return Refusal("its helpers are used elsewhere too, and could not be told apart")
        if changed is not None:
            text, diagnosis = changed, again
            planned = planned_for(again)
    found = _rewritten(text, diagnosis, planned, catalogue)
    if isinstance(found, Refusal) or not planned.wishes or deep >= _MOST_WISHES:
        return found
    return tuple(dict.fromkeys(each for one in found for each in _granted(one, diagnosis, catalogue, whole, deep)))


def _granted(text: str, diagnosis: Diagnosis, catalogue: Catalogue, whole: bool, deep: int) -> tuple[str, ...]:
    """Return a candidate, rewritten once more where a `detach` that it left is all that still takes the gradient."""
    again = _again(text, diagnosis)
    if again is None or not any(cut.code == "AF103" for cut in again.lost):
        return (text,)
    further = _rewrite(text, again, catalogue, whole, deep + 1)
    return (text,) if isinstance(further, Refusal) else further


def _again(text: str, diagnosis: Diagnosis) -> Diagnosis | None:
    """Return the diagnosis of the same loss in a text with other helpers, none of which are in other files."""
    own = OwnRules(names={diagnosis.framework: diagnosis.own_rules})
    found = diagnose(ast.parse(text), text, own, diagnosis.around)
    same = next((each for each in found if each.same_as(diagnosis)), None)
    return None if same is None or any(cut.elsewhere for cut in same.cuts) else same


def _rewritten(text: str, diagnosis: Diagnosis, planned: Plan, catalogue: Catalogue) -> tuple[str, ...] | Refusal:
    """Return the candidates for a text whose helpers belong to this loss alone."""
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    names = module_names(diagnosis.module)
    elements, identifiers = Elements(text, diagnosis.facts.by_key), Identifiers(text)
    found = choices(text, diagnosis, planned)
    if isinstance(found, Refusal):
        return found
    new_state = partial(State, diagnosis, planned, catalogue, found, positions, names, elements, identifiers)
    candidates: dict[str, None] = {}
    dropped = False
    try:
        for tree in rewritten_trees(wrapper.module, new_state, _MOST_CANDIDATES):
            for whole, modules in _finish(tree, diagnosis, names):
                if _is_python(whole.code):
                    definitions = tree.state.definitions
                    candidates.setdefault(finish_imports(whole, text, modules, definitions, diagnosis, names))
                else:
                    dropped = True
    except Stop as stop:
        return stop.refusal
    candidates.pop(text, None)
    if dropped and not candidates:
        return Refusal("the rewrite was not valid Python: an internal error, please report it with this loss")
    return tuple(islice(candidates, _MOST_CANDIDATES)) or Refusal("no rewrite with the same value is known")


def _is_python(text: str) -> bool:
    """Does a candidate parse? One that does not is no candidate: an f-string, say, whose quotes its Python forbids."""
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def module_names(module: Scope) -> dict[str, str]:
    """Return what the modules that a replacement may need are called in this file."""
    names = {"torch": "torch", "tensorflow": "tf", "math": "math", "numpy": "np"}
    for name, value in module.names.items():
        if isinstance(value.meaning, Dotted) and value.meaning.name in names:
            names[value.meaning.name] = name
    return names


def _finish(
    tree: RewrittenTree, diagnosis: Diagnosis, names: dict[str, str]
) -> Iterator[tuple[cst.Module, frozenset[str]]]:
    """Yield one rewrite and the modules it names, then some with casts where the framework never promotes."""
    state = tree.state
    if not state.is_changed:
        return
    whole = cst.ensure_type(parenthesised(tree.module), cst.Module)
    yield whole, state.modules
    if diagnosis.framework == "tensorflow":
        double = (cast_targets_to_double,) if state.asked_double else ()
        for change in (*double, cast_targets, typed_like_the_prediction):
            cast = change(whole, diagnosis, names["tensorflow"])
            if cast is not None:
                yield cast, state.modules | {"tensorflow"}


_MAKING = {"one_hot": 2, "ones": 1, "zeros": 1, "eye": 1}
"""Functions that make a tensor of the default type where none is asked for, and how many arguments come before it."""


def cast_targets_to_double(module: cst.Module, diagnosis: Diagnosis, tensorflow: str) -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, tf.float64)` heading the loss, None without targets."""
    return cast_targets(module, diagnosis, tensorflow, f"{tensorflow}.float64")


def cast_targets(module: cst.Module, diagnosis: Diagnosis, tensorflow: str, dtype: str = "") -> cst.Module | None:
    """Return the module with `y_true = tf.cast(y_true, y_pred.dtype)` heading the loss, None without targets."""
    target, prediction = diagnosis.target, _prediction(diagnosis)
    if target is None:
        return None
    targets = [each.name for each in target.parameters if each.role == "target" and not each.sequence]
    if prediction is None or not targets:
        return None
    lines = [f"{name} = {tensorflow}.cast({name}, {dtype or f'{prediction}.dtype'})" for name in targets]

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        body = list(function.body.body)
        place = 1 if body and isinstance(body[0], cst.SimpleStatementLine) and is_docstring(body[0]) else 0
        body[place:place] = [cst.ensure_type(cst.parse_statement(line), cst.SimpleStatementLine) for line in lines]
        return function.with_changes(body=function.body.with_changes(body=body))

    return with_function(module, target.qualname, change)


def typed_like_the_prediction(module: cst.Module, diagnosis: Diagnosis, tensorflow: str) -> cst.Module | None:
    """Return the module with `tf.one_hot(y, n, dtype=y_pred.dtype)` in the loss, None where nothing is made there.

    NumPy's arrays take the type of a tensor that they meet; once they are tensors, the other has to take theirs.
    """
    target, prediction = diagnosis.target, _prediction(diagnosis)
    if target is None or prediction is None:
        return None
    typing = _Typing(tensorflow, cst.parse_expression(f"{prediction}.dtype"))

    def change(function: cst.FunctionDef) -> cst.FunctionDef:
        return cst.ensure_type(function.visit(typing), cst.FunctionDef)

    changed = with_function(module, target.qualname, change)
    return changed if typing.found else None


class _Typing(cst.CSTTransformer):
    """Gives tensors that are made without a type this one."""

    def __init__(self, tensorflow: str, dtype: cst.BaseExpression) -> None:
        super().__init__()
        self._names = {f"{tensorflow}.{name}": count for name, count in _MAKING.items()}
        self._dtype = dtype
        self.found = False

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        count = self._names.get(code_of(updated_node.func)) if isinstance(updated_node.func, cst.Attribute) else None
        given = updated_node.args
        if count is None or len(given) > count or any(each.star or _named(each) == "dtype" for each in given):
            return updated_node
        self.found = True
        equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        return updated_node.with_changes(args=[*given, cst.Arg(self._dtype, cst.Name("dtype"), equal)])


def _named(argument: cst.Arg) -> str:
    return argument.keyword.value if argument.keyword else ""


def _prediction(diagnosis: Diagnosis) -> str | None:
    parameters = diagnosis.target.parameters if diagnosis.target else ()
    return next((each.name for each in parameters if each.role == "prediction" and not each.sequence), None)


_MAKES_A_TENSOR = pattern(r"\.(constant|convert_to_tensor|Variable)\(")
_DECLARES_A_LEAF = pattern(r"requires_grad\s*=\s*True")


def settled(
    before: str, candidates: Sequence[str], diagnosis: Diagnosis, own: OwnRules, old: Reads
) -> list[str | Refusal]:
    """Return candidates that do to the rest of the file, and to other branches, nothing that the text did not do.

    `old` is the run of `before` that tells its reads apart.
    """
    return [_settled(before, each, diagnosis, own, old) for each in candidates]


def _settled(before: str, after: str, diagnosis: Diagnosis, own: OwnRules, old: Reads) -> str | Refusal:
    text: str | Refusal = after
    if diagnosis.framework == "torch" and _DECLARES_A_LEAF.search(before):
        text = with_leaves_for_constants(before, _without_leaves(before, after, diagnosis, own), diagnosis, own)
    elif diagnosis.framework == "tensorflow" and _MAKES_A_TENSOR.search(before):
        text = with_tensors_for_numbers(before, after, diagnosis, own, old)
    return text if isinstance(text, Refusal) else with_plain_readers(before, text, diagnosis, own, old)


def _without_leaves(before: str, after: str, diagnosis: Diagnosis, own: OwnRules) -> str:
    """Return a text without the statements that declare a leaf of what has a past now."""
    found = list(_declared_leaves(after, diagnosis, own)) if _DECLARES_A_LEAF.search(after) else []
    known = {ast.unparse(each) for each in _declared_leaves(before, diagnosis, own)} if found else set()
    lines = after.split("\n")
    for each in reversed([each for each in found if ast.unparse(each) not in known]):
        written, line = ast.get_source_segment(after, each) or "", lines[each.lineno - 1].strip()
        rest = line[len(written) :].strip()
        alone = line.startswith(written) and (not rest or rest.startswith("#"))
        if alone and each.lineno == each.end_lineno:
            del lines[each.lineno - 1]
    return with_comments(after, "\n".join(lines))


def _declared_leaves(text: str, diagnosis: Diagnosis, own: OwnRules) -> Iterator[ast.Assign]:
    """Yield each `x.requires_grad = True` of an `x` that carries a gradient and was made of something."""
    run = run_of(text, diagnosis.framework, own, diagnosis.around)
    for assignment in nodes_of(run.tree, ast.Assign):
        target = assignment.targets[0]
        if getattr(assignment.value, "value", None) is not True or not isinstance(target, ast.Attribute):
            continue
        fact = run.facts.by_key.get(run.positions.key(target.value))
        if target.attr == "requires_grad" and fact is not None and fact.value.live and fact.value.makers:
            yield assignment
