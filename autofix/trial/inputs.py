"""Rank the inputs on which a loss may be meant to run: joint scenarios of shapes, kinds of number and ranges.

Takes the loss's parameters and its slice; gives scenarios, the likeliest first. Sizes are small and unequal, so that an
exchanged axis shows. Whether a scenario is right is for the original to say.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from autofix.knowledge import naming
from autofix.knowledge.naming import is_number_by_name, number
from autofix.model import Parameter
from autofix.syntax.bindings import needed_although_optional, required_parameters
from autofix.trial.hints import Hints, Parts, read_hints
from autofix.trial.models import Model
from autofix.trial.objects import stated_by_class
from autofix.trial.shapes import annotated, called, widths
from autofix.trial.slices import Slice
from autofix.worker.records import Arguments, Pack, Scenario, Specification

Shape = tuple[int, ...]
MOST = 40
SURE, LIKELY = 2.0, 8
LIST_LENGTH = 5


@dataclass(frozen=True)
class Layout:
    """Shapes and kinds of the predictions and of the targets, taken together."""

    prediction: Shape
    target: Shape
    kinds: tuple[str, str]
    prior: float
    classes: int = 2


LAYOUTS = (
    Layout((8, 10), (8, 10), ("normal", "normal"), 5.0),
    Layout((8, 10), (8, 10), ("unit", "binary"), 4.2),
    Layout((8,), (8,), ("normal", "normal"), 4.0),
    Layout((8, 1), (8, 1), ("normal", "normal"), 3.9),
    Layout((8, 10), (8,), ("normal", "labels"), 3.6, 10),
    Layout((8, 10), (8, 10), ("simplex", "onehot"), 3.5),
    Layout((8, 10), (8, 10), ("simplex", "simplex"), 3.2),
    Layout((8, 10), (8, 10), ("positive", "positive"), 3.4),
    Layout((8,), (8,), ("unit", "binary"), 3.3),
    Layout((8, 1), (8, 1), ("unit", "binary"), 3.2),
    Layout((2, 3, 6, 5), (2, 3, 6, 5), ("normal", "normal"), 3.1),
    Layout((2, 3, 6, 5), (2, 3, 6, 5), ("unit", "binary"), 3.0),
    Layout((4, 6, 5), (4, 6, 5), ("normal", "normal"), 2.9),
    Layout((4, 6, 5), (4, 6, 5), ("unit", "binary"), 2.8),
    Layout((8, 10), (8, 10), ("normal", "binary"), 2.7),
    Layout((2, 3, 6, 5), (2, 6, 5), ("normal", "labels"), 2.6, 3),
    Layout((), (), ("positive", "normal"), 2.5),
    Layout((8, 10), (8,), ("simplex", "labels"), 2.5, 10),
    Layout((8, 10), (8,), ("negative", "labels"), 2.4, 10),
    Layout((8,), (8,), ("positive", "positive"), 2.3),
    Layout((8, 10), (8, 1), ("normal", "labels"), 2.2, 10),
    Layout((8, 10), (8, 1), ("normal", "normal"), 2.1),
    Layout((8,), (8,), ("normal", "sign"), 2.0),
    Layout((8, 1), (8,), ("normal", "normal"), 1.2),
    Layout((8, 1), (8,), ("unit", "binary"), 1.1),
    Layout((8, 1), (8, 1), ("normal", "labels"), 1.9),
    Layout((4, 6, 5), (4, 6), ("normal", "labels"), 1.95, 5),
    Layout((8, 12), (8, 12), ("normal", "normal"), 1.8),
    Layout((6, 6), (6,), ("normal", "labels"), 1.7, 3),
    Layout((5, 5), (5, 5), ("normal", "normal"), 1.75),
    Layout((8, 3), (8, 1), ("normal", "normal"), 1.5),
    Layout((2, 6, 5, 3), (2, 6, 5, 3), ("unit", "unit"), 1.4),
    Layout((3, 64), (3, 64), ("normal", "normal"), 0.9),
    Layout((2, 3, 4, 6, 5), (2, 3, 4, 6, 5), ("normal", "normal"), 1.0),
)


WITH_EQUALS = frozenset({"binary", "labels", "sign", "onehot"})
"""Kinds of which many numbers are the same."""


def scenarios(
    parameters: tuple[Parameter, ...],
    sliced: Slice,
    stated: Mapping[str, Specification] = MappingProxyType({}),
    module: ast.Module | None = None,
    models: tuple[Model, ...] = (),
    frozen: Collection[str] = (),
) -> list[Scenario]:
    """The likeliest first; each has its arguments' specifications, its score, and which of them are predictions.

    What is `stated` of an argument holds in all of them, and so do its annotations; calls in the `module` come first.
    Of `models` what they return is a prediction, and so is what they are fed with, but for those held `frozen`.
    """
    wanted = arguments_of(parameters, sliced)
    modelled = {one.name: one for one in models}
    wanted += [Parameter(name, "prediction") for name in modelled if all(name != one.name for one in wanted)]
    wanted += [Parameter(name, "unknown") for name in stated if all(name != one.name for one in wanted)]
    names = frozenset(one.name for one in wanted)
    functions = [sliced.function, *(one for one in sliced.used if isinstance(one, (ast.FunctionDef, ast.ClassDef)))]
    constants = [one for one in sliced.used if isinstance(one, (ast.Assign, ast.AnnAssign))]
    hints = read_hints(functions, constants, names, frozenset(one.name for one in wanted if one.sequence))
    sizes = tuple(size for level in sliced.levels for way in level.calls for size in way.sizes())
    others = {one.name for one in wanted if one.role == "prediction" or kind_by_word(one.name) == "binary"}
    hints = replace(
        hints,
        fed=frozenset(name for model in models for name in model.fed),
        label_names=hints.label_names - others,
        lengths=tuple(dict.fromkeys((*hints.lengths, *sizes))),
        plain=stated_by_class(module, sliced.function),
    )
    if module is not None:
        hints = replace(hints, lengths=tuple(dict.fromkeys((*hints.lengths, *widths(module)))))
    said = {name: for_all_methods(one, modelled[name]) if name in modelled else one for name, one in stated.items()}
    ranked = sorted(with_lengths(hints), key=lambda layout: -score(layout, hints, wanted))
    known = annotated(sliced.function)
    sites = called(module, sliced.levels[0].name, sliced.function) if module is not None else []
    found: list[Scenario] = []
    for overlay, bonus in [*((site, SURE) for site in sites), ({}, 0.0)]:
        for layout in ranked if not overlay else ranked[:LIKELY]:
            for guessed in variants(layout, hints, wanted, modelled):
                arguments = laid_over(laid_over(guessed, overlay), known) | said
                if all(arguments != one["arguments"] for one in found):
                    found.append(
                        scenario(arguments, score(layout, hints, wanted) + bonus, wanted)
                        | ({"predictions": predictions(wanted, models, frozen)} if models else {})
                    )
    return found[:MOST]


def laid_over(guessed: Arguments, overlay: Mapping[str, Specification]) -> Arguments:
    """The guess with what is known of some tensors in its place; the kind of a float is guessed still."""
    changed = dict(guessed)
    for name, known in overlay.items():
        if name in guessed:
            tensor = guessed[name] if "shape" in guessed[name] else {"kind": "normal"}
            is_float = "kind" not in known and tensor["kind"] == "labels"
            changed[name] = {**tensor, **({"kind": "normal"} if is_float else {}), **known}
    return changed


def scenario(arguments: Arguments, points: float, wanted: list[Parameter]) -> Scenario:
    return {
        "arguments": arguments,
        "score": points,
        "predictions": [one.name for one in wanted if one.role == "prediction"],
        "unknown": [one.name for one in wanted if one.role == "unknown"],
        "as_called": False,
        "variant": False,
        "remark": "",
    }


def predictions(wanted: list[Parameter], models: tuple[Model, ...], frozen: Collection[str]) -> list[str]:
    """What a gradient shall reach: predictions, what models return and are fed with; all that is not frozen."""
    fed = {name for model in models if model.name not in frozen for name in model.fed}
    names = [one.name for one in wanted if one.role == "prediction" or (one.role == "unknown" and one.name in fed)]
    names += [one.name for one in models if one.name not in names]
    touched = fed | {one.name for one in models}
    return [name for name in names if not (name in frozen and name in touched)] or names


def arguments_of(parameters: tuple[Parameter, ...], sliced: Slice) -> list[Parameter]:
    """The parameters to give: those without a default, and predictions and targets that have another than None."""
    known = {one.name: one for one in parameters}
    required = required_parameters(sliced.function)
    decorators = {ast.unparse(each) for each in getattr(sliced.function, "decorator_list", [])}
    if sliced.levels[-1].kind == "method" and "staticmethod" not in decorators:
        required = required[1:]
    needed = needed_although_optional(sliced.function)
    optional = [
        one.name
        for one in parameters
        if one.name not in required and (one.role == "prediction" or (one.role != "number" and one.name in needed))
    ]
    return [known.get(name, Parameter(name, "unknown")) for name in [*required, *optional]]


def with_lengths(hints: Hints) -> Iterator[Layout]:
    """The layouts, and more whose last dimension fits the constants that the loss uses."""
    yield from LAYOUTS
    for length in hints.lengths:
        yield Layout((8, length), (8, length), ("normal", "normal"), 5.5)
        yield Layout((8, length), (8, length), ("unit", "binary"), 4.5)
        yield Layout((8, length), (8,), ("normal", "labels"), 4.0, length)
        yield Layout((8, length), (8, length), ("simplex", "onehot"), 3.9)
        yield Layout((2, length, 6, 5), (2, 6, 5), ("normal", "labels"), 2.8, length)


def score(layout: Layout, hints: Hints, wanted: list[Parameter]) -> float:
    rank = len(layout.prediction)
    points = layout.prior
    points -= 4.0 * (rank < hints.least_rank)
    if hints.exact_rank is not None:
        points += 4.0 if rank == hints.exact_rank else -4.0
    if hints.labels:
        points += 3.0 if layout.kinds[1] == "labels" else 0.0
    if hints.logarithm:
        points += 1.5 if layout.kinds[0] in ("unit", "simplex", "positive") else 0.0
    points += 3.0 * (hints.flat and layout.prediction == (8, 1) and layout.target == (8,))
    points += 2.0 * (hints.matrix and rank == 2) + 3.0 * (hints.image and rank == 4)
    if hints.scalars or any(one.sequence for one in wanted if one.role in ("prediction", "unknown")):
        points += 4.0 * (rank == 0)
    said = {word for one in wanted for word in one.name.lower().split("_")}
    return points + 1.5 * (rank == 4 and bool(said & naming.IMAGE))


def variants(
    layout: Layout, hints: Hints, wanted: list[Parameter], models: Mapping[str, Model] = MappingProxyType({})
) -> Iterator[Arguments]:
    """The layout for these parameters; where a list is wanted that is no prediction, also as a list of numbers."""
    plain = {
        one.name: returning(models[one.name], layout) if one.name in models else specification(one, layout, hints)
        for one in wanted
    }
    # One number for each tensor of the list beside it.
    plain |= {
        name: {**plain[name], "shape": [LIST_LENGTH], "beside_list": True}
        for name in beside_a_list(hints, wanted)
        if plain[name].get("shape") == []
    }
    listed = [
        one.name
        for one in wanted
        if (one.sequence or one.name in hints.reversed) and one.role not in ("prediction", "number")
    ]
    as_numbers = plain | {name: {"kind": "numbers", "length": LIST_LENGTH} for name in listed}
    # What is read backwards is no tensor: that cannot be.
    backwards = hints.reversed & set(listed)
    yield as_numbers if backwards else plain
    if layout.kinds[1] == "labels" and any(is_beside_labels(one, hints) for one in wanted):
        like = replace(hints, beside_labels="prediction")
        changed = {one.name: specification(one, layout, like) for one in wanted if is_beside_labels(one, hints)}
        yield plain | changed
    if masks := [one.name for one in wanted if one.name in hints.masks and one.role != "prediction"]:
        yield plain | {name: {**plain[name], "kind": "bool"} for name in masks if "shape" in plain[name]}
    if listed:
        yield plain if backwards else as_numbers


def beside_a_list(hints: Hints, wanted: list[Parameter]) -> set[str]:
    """The names that are gone through together with a list of tensors, and are none."""
    lists = {one.name for one in wanted if one.sequence}
    known = {one.name for one in wanted} - lists
    return {name for group in hints.zipped if group & lists for name in group & known}


def specification(parameter: Parameter, layout: Layout, hints: Hints) -> Specification:
    if (parts := hints.parts.get(parameter.name)) is not None and not parameter.sequence:
        if parts.fields:
            return of_object(parameter.name, parts, layout, hints)
        inner = [
            specification(Parameter(one, naming.role(one)), layout, replace(hints, parts={})) for one in parts.names
        ]
        if all("shape" in one for one in inner):
            keys = list(parts.names)
            return {"kind": "dict", "items": inner, "keys": keys} if parts.by_key else {"kind": "list", "items": inner}
    if parameter.role == "number" or (parameter.role == "unknown" and is_number_by_name(parameter.name)):
        if parameter.sequence:
            return {"kind": "numbers", "length": LIST_LENGTH}
        return {"kind": "value", "value": number(parameter.name)}
    said = set(parameter.name.lower().split("_"))
    if parameter.name.lower() in naming.NUMBERS_OF_CLASSES and parameter.name not in hints.label_names:
        count = layout.classes if layout.kinds[1] == "labels" else (layout.prediction or (2,))[-1]
        return {"kind": "value", "value": count}
    if said & naming.LENGTH and layout.prediction:
        return lengths_of(said, layout)
    is_fed = parameter.name in hints.fed - hints.label_names and kind_by_word(parameter.name) != "binary"
    is_target = parameter.role == "target" and not is_fed
    shape = layout.target if is_target else layout.prediction
    kind = layout.kinds[1] if is_target else kind_of(parameter, layout)
    if said & naming.TOKEN or (parameter.name in hints.label_names and not is_target and parameter.role == "unknown"):
        kind = "labels"
    if is_target and layout.kinds[1] == "labels" and is_beside_labels(parameter, hints):
        kind = kind_of(Parameter(parameter.name, "target"), replace_kinds(layout))
        shape = layout.prediction if hints.beside_labels == "prediction" else layout.target
    elif kind == "labels" and not is_target:
        shape = layout.target
    if parameter.name in hints.ranked and kind in WITH_EQUALS:
        kind = "unit"
    if parameter.name in hints.scalars:
        shape, kind = (), "normal" if kind == "labels" else kind
    tensor: Specification = {"kind": kind, "shape": list(shape), "classes": layout.classes}
    if parameter.name in hints.recorded:
        tensor["recorded"] = True
    if parameter.name in hints.special:
        tensor["special"] = list(hints.special[parameter.name])
    return tensor | ({"length": LIST_LENGTH} if parameter.sequence else {})


def of_object(name: str, parts: Parts, layout: Layout, hints: Hints) -> Specification:
    """An object that has the attributes that it is asked for: plain ones as its class says, others as their names."""
    known = hints.plain.get(name, {})
    asked = [one for one in parts.names if one not in known]
    each = {one: specification(Parameter(one, naming.role(one)), layout, replace(hints, parts={})) for one in asked}
    tensors = {one: found for one, found in each.items() if "shape" in found}
    numbers = {one: found["value"] for one, found in each.items() if found["kind"] == "value"}
    plain = {**numbers, **{one: known[one] for one in parts.names if one in known}}
    return {"kind": "dict", "items": [*tensors.values()], "keys": [*tensors], "fields": True, "value": plain}


def returning(model: Model, layout: Layout) -> Specification:
    """A model that returns predictions of this layout, from each of its methods as many as are asked of it."""
    items: list[Specification] = []
    kinds: list[str] = []
    paths: dict[str, Pack] = {}
    for path, pack in model.paths.items():
        numbers = []
        for key in pack.keys if pack.pack != "criterion" else ():
            numbers.append(len(items))
            kinds.append(kind_of(Parameter(key, "prediction"), layout))
            items.append({"kind": "normal", "shape": [] if key == "loss" else list(layout.prediction)})
        paths[path] = {"pack": pack.pack, "items": numbers, "keys": list(pack.keys)}
    width = layout.prediction[-1] if layout.prediction else 1
    attributes = {name: width if is_width(name) else value for name, value in model.numbers.items()}
    return {"kind": "model", "items": items, "form": {"paths": paths, "kinds": kinds, "numbers": attributes}}


def for_all_methods(stated: Specification, model: Model) -> Specification:
    """What was stated of a model holds for each of its methods; what else is asked of it is guessed still."""
    if stated["kind"] != "model":
        return stated
    paths = dict.fromkeys(model.paths, stated["form"]["paths"][""])
    return {**stated, "form": {**stated["form"], "paths": paths, "numbers": dict(model.numbers)}}


def is_width(name: str) -> bool:
    """Does an attribute of a model say how many numbers it returns for each example?"""
    return "labels" in name or "classes" in name or name.endswith(("out_features", "output_dim", "vocab_size"))


def is_beside_labels(parameter: Parameter, hints: Hints) -> bool:
    """Is this a target that is no label, where the text says which ones are?"""
    return bool(hints.label_names) and parameter.role == "target" and parameter.name not in hints.label_names


def replace_kinds(layout: Layout) -> Layout:
    return replace(layout, kinds=("normal", "normal"))


def lengths_of(said: set[str], layout: Layout) -> Specification:
    """How long each sequence of a batch is: of predictions nearly as long as can be, of targets half of it."""
    of_target = bool(said & {"target", "targets", "label", "labels"})
    shape = layout.target if of_target and len(layout.target) > 1 else layout.prediction
    longest = shape[1] if len(shape) > 1 else shape[0]
    low, high = (1, max(2, longest // 2 + 1)) if of_target else (max(1, longest - 2), longest + 1)
    return {"kind": "labels", "shape": [layout.prediction[0]], "low": low, "classes": high}


def kind_of(parameter: Parameter, layout: Layout) -> str:
    """By its name where that says it, else as the layout has its predictions."""
    kind = kind_by_word(parameter.name)
    return layout.kinds[0] if not kind or (kind == "labels" and parameter.role == "prediction") else kind


def kind_by_word(name: str) -> str:
    """The kind that a name says; empty where it says none."""
    said = set(name.lower().split("_"))
    for kind, known in naming.KINDS_BY_WORD.items():
        if said & set(known.split()):
            return "normal" if kind in ("positive", "unit") and "log" in said else kind
    return ""
