"""From a request to what a worker takes: slices of the original and of every candidate, and inputs to try them on."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from autofix.lines import at_line
from autofix.model import Request
from autofix.verify.as_called import plan_of_arguments
from autofix.verify.coverage import changed_inside
from autofix.verify.inputs import scenarios
from autofix.verify.integers import may_be_integers, may_be_integers_in_fit
from autofix.verify.intent import held_fixed, makes_tensors_in_place
from autofix.verify.meant import meant_fixed
from autofix.verify.models import models_of, values_held
from autofix.verify.names import parameters
from autofix.verify.project_environments import is_root, project_folders
from autofix.verify.purity import Purity
from autofix.verify.slice import Slice, slice_module
from autofix.verify.told import told_inputs
from autofix.verify.variants import variants

KERAS_2 = re.compile(r"\btf_keras\b|TF_USE_LEGACY_KERAS")
"""By these a program asks for Keras 2 where TensorFlow comes with Keras 3."""


def prepare(request: Request) -> dict[str, Any] | str:
    """The request as the worker takes it, or why nothing can be run.

    Raises `CommentError` where the user says of the inputs what cannot be read.
    """
    folder = Path(request.path).resolve().parent
    target = request.target
    original = sliced_or_reason(request.original, target.qualname, target.line)
    if isinstance(original, str):
        return original
    given_names = [one.arg for one in parameters(original.function)]
    module = ast.parse(request.original)
    models = () if request.kind == "step" else models_of(original.function, original.used, had(module, original))
    known_as = {one.name.removeprefix("self."): one.name for one in models}
    told = {
        known_as.get(name, name): one
        for name, one in told_inputs(request.original, original.function, [*given_names, *known_as]).items()
    }
    functions = [original.function, *(one for one in original.used if isinstance(one, (ast.FunctionDef, ast.ClassDef)))]
    root, package = package_of(folder)
    place = str(Path(request.path)), package
    plans: list[dict[str, Any] | None] = []
    for text in request.candidates:
        candidate = sliced_or_reason(text, target.qualname, target.line)
        plans.append(None if isinstance(candidate, str) else candidate.plan(text, f"{request.path} (patched)", *place))
    frozen = held_fixed(functions)
    given = [{"arguments": dict(one)} for one in request.arguments]
    return {
        "kind": request.kind,
        "path": request.path,
        "folders": [str(folder), *([] if root == folder else [str(root)])],
        "roots": [str(each) for each in import_roots(folder)],
        "readable": list(readable_near(folder)),
        "original": original.plan(request.original, request.path, *place),
        "candidates": plans,
        "scenarios": given
        if request.kind == "step"
        else scenarios(target.parameters, original, told, module, models, frozen),
        "frozen": frozen,
        "changed": changed_inside(request, original.lines),
        "variants": variants(original.function, original.used) if request.kind == "loss" else [],
        "only_eager": request.only_eager,
        "halves": sorted(request.halves),
        "whole_labels": False,
        "integers": sorted(integers(request, module, original)),
        "integers_in_fit": sorted(integers_in_fit(request, module, original)),
        "keras_2": KERAS_2.search(request.original) is not None,
        "held": {
            "models": [one.name for one in models if one.name not in given_names],
            "values": values_held(original.function, original.used),
        },
        "as_called": plan_of_arguments(request, *place) if request.kind == "loss" else None,
        "told": sorted(told),
        "meant": list(meant_fixed(functions, request.candidates, request.held).items()),
        "device_matters": not makes_tensors_in_place(functions, original.used),
    }


def integers(request: Request, module: ast.Module, original: Slice) -> frozenset[str]:
    """Which arguments may be integers, where the framework does not promote them."""
    if request.framework != "tensorflow" or request.kind == "step":
        return frozenset()
    return may_be_integers(module, original.function, request.target.qualname, request.given)


def integers_in_fit(request: Request, module: ast.Module, original: Slice) -> frozenset[str]:
    """Which arguments may be integers where nothing casts what `fit` is given."""
    if request.framework != "tensorflow" or request.kind == "step":
        return frozenset()
    return may_be_integers_in_fit(module, original.function, request.target.qualname)


def had(module: ast.Module, sliced: Slice) -> set[str]:
    """What a loss may call that needs no stand-in: functions, classes and imports, and what the slice makes."""
    purity = Purity(module)
    made = {name for step in sliced.steps if not step.reason for name in step.names}
    return set(purity.functions) | set(purity.imports) | made


def sliced_or_reason(text: str, qualname: str, line: int) -> Slice | str:
    try:
        return slice_module(text, qualname, line)
    except SyntaxError as error:
        return f"the module could not be read: {error.msg} in {at_line(error.lineno or 0)}"
    except (ValueError, RecursionError) as error:
        return f"the module could not be read: {error}"


def readable_near(folder: Path) -> tuple[str, ...]:
    """What a loss may read beside Python and the system: the project, or the folder of its packages; never a home."""
    folder = folder.resolve()
    above = list(project_folders(folder))
    roots = [*(above[-1:] if above and is_root(above[-1]) else []), package_of(folder)[0]]
    return tuple(str(root) for root in roots if root not in (Path.home(), *Path.home().parents))[:1]


def import_roots(folder: Path) -> tuple[Path, ...]:
    """The folders of a project that absolute imports of its own modules may start from: its root, and `src` in that."""
    above = [each for each in project_folders(folder) if is_root(each)]
    return tuple(each for root in above for each in (root, root / "src") if each.is_dir())


def package_of(folder: Path) -> tuple[Path, str]:
    """The folder from which the project's packages are imported, and the dotted name of the package of a file."""
    parts: list[str] = []
    while (folder / "__init__.py").is_file() and folder.parent != folder:
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)
