"""Take a request; give what the worker runs: slices of the original and of each candidate, and ranked inputs for them.

A loss that is a lambda without a name (an entry of a dictionary, say) gets a name below the text of its module, in the
original and in each candidate. A training step is isolated and run by itself: first with the arguments of the module,
then with stand-ins. Real arguments show shapes, types and ranges better than any guess: where the module calls the
loss, a function that returns them is made. Where a changed line was not run, other values are tried of what the loss
decides by: flags flipped, modes as it compares them, options that default to None. Nothing is run here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from autofix.analysis.tape_faults import FaultyTapes
from autofix.knowledge.frameworks import record_of
from autofix.model import Exit, Framework, Generated, Reason, Request, Target
from autofix.source.environments import import_roots, package_of, readable_near
from autofix.syntax.bindings import FunctionNode, parameters
from autofix.syntax.changed_lines import changed_inside
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import at_line
from autofix.trial.constants import frozen_names, makes_tensors_in_place, meant_constant
from autofix.trial.inputs import scenarios
from autofix.trial.integers import may_be_integers, may_be_integers_in_fit
from autofix.trial.models import models_of, plain_attributes
from autofix.trial.purity import Purity
from autofix.trial.slices import Slice, resolve, slice_module
from autofix.trial.stated import stated_inputs
from autofix.trial.step_arguments import Site, arguments_of, models_in, roles, scope_of, step_scenarios, values_at
from autofix.trial.steps import STEP, isolated
from autofix.worker.records import Arguments, Plan, Scenario, TrialRequest, Variant

_FUNCTION = "arguments_of_the_loss"


def plan_of_arguments(request: Request, path: str, package: str) -> Plan | None:
    """Return the plan of a function that returns the arguments by name; None where the module does not show them."""
    tree = parsed(request.original)
    try:
        site = _site(request, tree)
    except RecursionError:
        return None
    if not site.names:
        return None
    assignment = [f"    {', '.join(site.names)}, = {site.function}()"]
    result = f"    return {{{', '.join(f'{name!r}: {name}' for name in site.names)}}}"
    added = [*site.lines, "", f"def {_FUNCTION}():", *assignment, result, ""]
    text = "\n".join([request.original.rstrip(), "", *added])
    if Purity(tree).objection_of(_bodies(ast.parse("\n".join(site.lines))), frozenset()) is not None:
        return None
    sliced = slice_module(text, _FUNCTION, text.count("\n") - 1)
    return sliced.plan(text, f"{request.path} (its arguments)", path, package) if isinstance(sliced, Slice) else None


def _bodies(module: ast.Module) -> list[ast.stmt]:
    return [each for function in module.body if isinstance(function, ast.FunctionDef) for each in function.body]


def _site(request: Request, tree: ast.Module) -> Site:
    if request.given:
        at = _statement_at(tree, request.asked_at)
        arguments = {name: ast.parse(text, mode="eval").body for name, text in request.given}
        return values_at(tree, arguments, scope_of(tree, at), at) if at is not None else Site()
    chain = resolve(tree, request.target.qualname, request.target.line)
    function = chain[-1].node if chain else None
    if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return Site()
    return arguments_of(tree, function, [each.arg for each in parameters(function) if each.arg not in ("self", "cls")])


def _statement_at(tree: ast.Module, line: int) -> ast.stmt | None:
    """Return the innermost statement that stands in a line."""
    found = [each for each in ast.walk(tree) if isinstance(each, ast.stmt)
             and each.lineno <= line <= (each.end_lineno or each.lineno)]  # fmt: skip
    return max(found, key=lambda each: (each.lineno, each.col_offset)) if found else None


_MOST = 24
_OWN = ("self", "cls")
_TENSORS = ("bool", "positive")


def variants(function: FunctionNode, used: Iterable[ast.AST]) -> list[Variant]:
    """Return what to try, each as `{"name", "where", "value"}`; of a tensor it is `"kind"` and `"rows"` for the value.

    `where` is `argument`, `attribute` or `global`; `rows` says that it has one number for each row of a prediction.
    """
    nodes = [function, *used]
    arguments = {each.arg for each in parameters(function)} - set(_OWN)
    globals_ = {name.id for each in nodes if isinstance(each, (ast.Assign, ast.AnnAssign)) for name in _bound(each)}
    found: list[Variant] = []
    for node in (piece for each in nodes for piece in ast.walk(each)):
        for subject, values in _decided(node):
            where, name = _place(subject, arguments, globals_)
            for value in values if where else ():
                if value is _ANY_TENSOR:
                    found += [
                        {"name": name, "where": where, "kind": kind, "rows": rows}
                        for kind in _TENSORS
                        for rows in (False, True)
                        if where == "argument"
                    ]
                else:
                    found.append({"name": name, "where": where, "value": value})
    return [each for at, each in enumerate(found) if each not in found[:at]][:_MOST]


_ANY_TENSOR = object()


def _bound(statement: ast.Assign | ast.AnnAssign) -> Iterator[ast.Name]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return (each for target in targets for each in ast.walk(target) if isinstance(each, ast.Name))


def _place(subject: ast.expr, arguments: set[str], globals_: set[str]) -> tuple[str, str]:
    match subject:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return "attribute", name
        case ast.Name(id=name) if name in arguments:
            return "argument", name
        case ast.Name(id=name) if name in globals_:
            return "global", name
    return "", ""


def _decided(node: ast.AST) -> Iterator[tuple[ast.expr, list[Any]]]:
    """Yield what a node decides by, and the values that lead to each of its ways."""
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        for subject in _truths(node.test):
            yield subject, [True, False]
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from _compared(node.left, node.ops[0], node.comparators[0])
    elif isinstance(node, ast.Match):
        literals = [each.pattern.value for each in node.cases if isinstance(each.pattern, ast.MatchValue)]
        yield node.subject, [each.value for each in literals if isinstance(each, ast.Constant)]


def _truths(test: ast.expr) -> Iterator[ast.expr]:
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            yield from _truths(inner)
        case ast.BoolOp(values=parts):
            for part in parts:
                yield from _truths(part)
        case ast.Name() | ast.Attribute():
            yield test


def _compared(subject: ast.expr, operator: ast.cmpop, other: ast.expr) -> Iterator[tuple[ast.expr, list[Any]]]:
    match operator, other:
        case ((ast.Is() | ast.IsNot()), ast.Constant(value=None)):
            yield subject, [None, _ANY_TENSOR]
        case ((ast.Eq() | ast.NotEq()), ast.Constant(value=bool() | int() | float() | str() as value)):
            away = "" if isinstance(value, str) else value + 1
            yield subject, [value, away]
        case ((ast.In() | ast.NotIn()), (ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts))):
            yield subject, [each.value for each in parts if isinstance(each, ast.Constant)]
        case ((ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()), ast.Constant(value=int() | float() as value)):
            yield subject, [value + 1, value - 1 if value >= 1 else value / 2]


KERAS_2 = re.compile(r"\btf_keras\b|TF_USE_LEGACY_KERAS")
"""By these a program asks for Keras 2 where TensorFlow comes with Keras 3."""


def prepare(request: Request) -> TrialRequest | Reason:
    """The request as the worker takes it, or why nothing can be run.

    Raises `CommentError` where the user says of the inputs what cannot be read.
    """
    folder = Path(request.path).resolve().parent
    target = request.target
    original = sliced(request.original, target.qualname, target.line)
    if isinstance(original, Reason):
        return original
    names = [one.arg for one in parameters(original.function)]
    module = parsed(request.original)
    known = available_names(module, original)
    models = () if request.kind == "step" else models_of(original.function, original.used, known)
    known_as = {one.name.removeprefix("self."): one.name for one in models}
    stated = {
        known_as.get(name, name): one
        for name, one in stated_inputs(request.original, original.function, [*names, *known_as]).items()
    }
    functions = [original.function, *(one for one in original.used if isinstance(one, (ast.FunctionDef, ast.ClassDef)))]
    root, package = package_of(folder)
    place = str(Path(request.path)), package
    plans: list[Plan | None] = []
    for text in request.candidates:
        candidate = sliced(text, target.qualname, target.line)
        named = f"{request.path} (patched)"
        plans.append(candidate.plan(text, named, *place) if isinstance(candidate, Slice) else None)
    frozen = frozen_names(functions)
    return {
        "kind": request.kind,
        "path": request.path,
        "folders": [str(folder), *([] if root == folder else [str(root)])],
        "roots": [str(each) for each in import_roots(folder)],
        "readable": list(readable_near(folder)),
        "original": original.plan(request.original, request.path, *place),
        "candidates": plans,
        "scenarios": [scenario_of_step(one) for one in request.arguments]
        if request.kind == "step"
        else scenarios(target.parameters, original, stated, module, models, frozen),
        "frozen": frozen,
        "changed": changed_inside(request, original.lines),
        "variants": variants(original.function, original.used) if request.kind == "loss" else [],
        "only_eager": request.only_eager,
        "demanded": request.demanded,
        "halves": sorted(request.halves),
        "whole_labels": False,
        "integers": sorted(integers(request, module, original)),
        "integers_in_fit": sorted(integers_in_fit(request, module, original)),
        "keras_2": KERAS_2.search(request.original) is not None,
        "replaced": {
            "models": [one.name for one in models if one.name not in names],
            "values": plain_attributes(original.function, original.used),
        },
        "call": plan_of_arguments(request, *place) if request.kind == "loss" else None,
        "stated": sorted(stated),
        "meant": [] if request.demanded else list(meant_constant(functions, request.candidates, request.held).items()),
        "device_matters": not makes_tensors_in_place(functions, original.used),
        "allow_unsandboxed": False,
        "precisions": [],
    }


def scenario_of_step(arguments: Arguments) -> Scenario:
    """A step says itself what it differentiates."""
    return {"arguments": arguments, "predictions": [], "unknown": [], "score": 0.0,
            "as_called": False, "variant": False, "remark": ""}  # fmt: skip


def integers(request: Request, module: ast.Module, original: Slice) -> frozenset[str]:
    """Which arguments may be integers, where the framework does not promote them."""
    if record_of(request.framework).promotes or request.kind == "step":
        return frozenset()
    return may_be_integers(module, original.function, request.target.qualname, request.given)


def integers_in_fit(request: Request, module: ast.Module, original: Slice) -> frozenset[str]:
    """Which arguments may be integers where nothing casts what `fit` is given."""
    if record_of(request.framework).promotes or request.kind == "step":
        return frozenset()
    return may_be_integers_in_fit(module, original.function, request.target.qualname)


def available_names(module: ast.Module, sliced: Slice) -> set[str]:
    """What a loss may call that needs no stand-in: functions, classes and imports, and what the slice makes."""
    purity = Purity(module)
    bound_by_slice = {name for step in sliced.steps if not step.reason for name in step.names}
    return set(purity.functions) | set(purity.imports) | bound_by_slice


def sliced(text: str, qualname: str, line: int) -> Slice | Reason:
    """Return the function with what it needs, or why that cannot be told."""
    try:
        return slice_module(text, qualname, line)
    except SyntaxError as error:
        return Reason(Exit.TRIAL, f"the module could not be parsed: {error.msg} in {at_line(error.lineno or 0)}")
    except (ValueError, RecursionError) as error:
        return Reason(Exit.TRIAL, f"the module could not be parsed: {error}")


NAMELESS = "<lambda>"
_NAME = "loss_of_the_module"
_LOCAL = Reason(Exit.TRIAL, "the lambda needs what only the function around it has")


def lambda_request(
    path: str, framework: Framework, target: Target, node: ast.Lambda, original: str, candidates: Sequence[str]
) -> Request | Reason:
    """Return the request; a reason where the lambda has a name, or needs what only the function around it has."""
    if target.qualname != NAMELESS:
        return Reason(Exit.TRIAL, f"`{target.qualname}` is run by its name")
    places = [(each.lineno, each.col_offset) for each in _outside_functions(parsed(original))]
    place = (node.lineno, node.col_offset)
    if place not in places:
        return _LOCAL
    number = places.index(place)
    before, *after = [_named(text, number, len(places)) for text in (original, *candidates)]
    if before is None or any(each is None for each in after):
        return _LOCAL
    named = replace(target, qualname=_NAME, line=before[1].first)
    texts, generated = zip(*(each for each in after if each is not None), strict=True) if after else ((), ())
    return Request(path, framework, named, before[0], texts, generated=before[1], generated_candidates=generated)


def _named(text: str, number: int, count: int) -> tuple[str, Generated] | None:
    found = list(_outside_functions(parsed(text)))
    if len(found) != count:
        return None
    whole = f"{text.rstrip()}\n\n\n{_NAME} = {ast.unparse(found[number])}\n"
    line = whole.count("\n")
    return whole, Generated(line, {line: found[number].body.lineno})


def _outside_functions(node: ast.AST) -> Iterator[ast.Lambda]:
    """Yield the lambdas that see only the names of the module, in their order."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda):
            yield child
        elif not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _outside_functions(child)


def step_requests(
    path: str, framework: Framework, original: str, candidates: Sequence[str], fault: FaultyTapes
) -> Iterator[Request | Reason]:
    """Yield the requests to make until one can be answered, and why one cannot be made."""
    for as_called in (True, False):
        before = isolated(original, fault.number, as_called)
        after = [isolated(each, fault.number, as_called) for each in candidates]
        texts = [each.text for each in after if each is not None and before is not None and each.names == before.names]
        if before is None or len(texts) < len(candidates):
            yield Reason(Exit.TRIAL, "the training step could not be extracted from its module")
            continue
        scenarios = step_scenarios(roles(before.names, before.body, fault.watched), models_in(before.body))
        target = Target(STEP, before.line, ())
        yield Request(
            path,
            framework,
            target,
            before.text,
            tuple(texts),
            "step",
            tuple(scenarios),
            generated=before.generated,
            generated_candidates=tuple(each.generated for each in after if each is not None),
        )
