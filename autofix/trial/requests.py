"""Take a request; give what the worker runs: slices of the original and of each candidate, and ranked inputs for them.

A loss that is a lambda without a name (an entry of a dictionary, say) gets a name below the text of its module, in the
original and in each candidate. A training step is isolated and run by itself: first with the arguments of the module,
then with stand-ins.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from autofix.analysis.tape_faults import FaultyTapes
from autofix.knowledge.frameworks import record_of
from autofix.model import Exit, Framework, Generated, Reason, Request, Target
from autofix.source.environments import import_roots, package_of, readable_near
from autofix.syntax.bindings import parameters
from autofix.syntax.changed_lines import changed_inside
from autofix.syntax.lines import at_line
from autofix.syntax.parsing import parsed
from autofix.trial.called import plan_of_arguments
from autofix.trial.constants import frozen_names, makes_tensors_in_place, meant_constant
from autofix.trial.inputs import scenarios
from autofix.trial.integers import may_be_integers, may_be_integers_in_fit
from autofix.trial.models import models_of, plain_attributes
from autofix.trial.purity import Purity
from autofix.trial.slices import Slice, slice_module
from autofix.trial.stated import stated_inputs
from autofix.trial.step_arguments import models_in, roles, step_scenarios
from autofix.trial.steps import STEP, isolated
from autofix.trial.variants import variants
from autofix.worker.records import Arguments, Plan, Scenario, TrialRequest

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
        "meant": list(meant_constant(functions, request.candidates, request.held).items()),
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
