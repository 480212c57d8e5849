"""What is known of each library function, method, attribute and layer: the one catalogue that the stages ask.

A row is `name=spelling=…, name | trait trait=value …`: operations that share every trait, each with its other
spellings. A name without a dot stands for that last name in every library (`mean` of NumPy, torch and a tensor); a
dotted name is that function alone. No name stands in two rows. A trait `AF…` is the cause of the cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from autofix.knowledge import graph_operations, tensor_operations, trainers

TRAITS = {
    # the gradient
    "attribute": "is read and not called",
    "constant": "does not depend on the values of its tensors, only on shapes or class numbers",
    "new-of-its-kind": "is a method that makes a constant of the type and on the device of its tensor",
    "describes": "says something about a tensor and carries nothing of its value",
    "keeps-torch-graph": "is a NumPy function that calls the tensor's own method (measured: torch 2.13, NumPy 2.4)",
    "rewraps": "makes a tensor of what it is given",
    "stops-recording": "is a block or decorator under which nothing is recorded, unless it is given False",
    "starts-recording": "is a block or decorator under which everything is recorded",
    "transparent": "gives a function that computes what the given one does",
    "switches-recording": "is a block that records if its argument is true",
    "acts": "does more than to give a result: it changes gradients or weights, or runs a model",
    "makes-leaf": "makes a leaf, to be trained, of the value that it is given",
    "stores": "writes a value into a variable, added to what it holds or taken from it where a sign is given",
    "stores-at": "writes into a variable at the places that are named first; `tensor_` before its name gives a copy",
    "predicts": "is a method of a Keras model that returns arrays",
    "differentiates": "differentiates a value, or hands it to a library that does",
    "consumes": "takes the gradient of a value by `backward`, `autograd.grad`, a tape or `fit`",
    "lists-parameters": "is a method that lists the parameters of a torch model",
    "lists-variables": "is an attribute that lists the variables of a Keras model",
    "wraps-model": "wraps a model",
    "container": "is a layer that holds others",
    "lists-layers": "is a layer that is indexed and gone through as the list or dictionary of layers that it holds",
    "holds-fixed": "holds a value fixed",
    "freezes": "freezes a parameter, or declares a value a leaf",
    "features-at": "is a layer whose argument at this place is how many numbers it gives for an example",
    "trainable": "is a layer with trainable parameters: its result carries a gradient whatever goes in",
    "passes-on": "passes on each summand of its operand: a sum, a mean, or what only moves values",
    "adds": "adds its operands",
    "multiplies": "multiplies its operands",
    "divides": "divides its operands",
    # the shape
    "same-shape": "gives the shape of its one tensor",
    "broadcasts": "broadcasts its tensors together",
    "reduces": "reduces an axis, or all of them",
    "axis-third": "takes the axis after another argument",
    "extreme": "reduces one tensor, and compares two",
    "sized": "takes the sizes of its result",
    "reshapes": "has a rule for its shape in `analysis.shapes`",
    "adds-axis": "adds an axis of size one",
    "arguments-are-sizes": "takes arguments that say only how large its result is, or what is chosen",
    "loss": "is one of torch's losses, with a `reduction`",
    "function": "is a layer without parameters that computes this function",
    "same-shape-layer": "is a layer whose result has the shape of its operand",
    "one-number": "gives one number for an array where no axis is given",
    "second-operand": "takes an operand before the axis",
    # the values
    "bounds": "has results between these numbers",
    "keeps-bounds": "has results between the least and the greatest element of its first operand",
    "bounded": "has a rule for its bounds in `analysis.bounds`",
    "over-classes": "is constant over an axis of size one",
    "layer-over-classes": "is a layer that is constant over an axis of size one",
    "zero-at-equals": "is zero for two equal operands",
    "with-indices": "gives the values and their indices: always, or where it is given an axis",
    "chooses": "gives one of its two operands, element by element",
    "keeps-zero": "is zero where its operand is",
    "totals": "adds up an axis",
    "measured": "has a rule for distances in `analysis.singular`",
    "singular": "has an infinite slope or none at zero",
    "root": "is a root, whose slope at zero is infinite",
    "compares": "is the function of this operator",
    "torch-error": "is a method that rejects what NumPy's function of its name gives it: `axis`, or all arguments",
    "torch-method": "calls this method of a tensor when NumPy's function is given one",
    "not-for-arrays": "is not implemented by torch for what NumPy hands it",
    # the kind of the result, and what it is made of
    "joins": "joins the arrays between its square brackets",
    "makes": "makes an array or tensor, of the type `dtype`",
    "dtype-after": "makes a tensor of the default type; this many arguments stand before its `dtype`",
    "gives-float": "gives a Python float",
    "gives-int": "gives a Python integer",
    "filled": "makes an array of one number",
    "creates": "makes an array or tensor of literal sizes, or of literals",
    "of-anything": "makes an array of numbers too",
    "from-list": "makes an array or tensor of the elements of a list",
    "typed": "makes an array or tensor of a type that may be given",
    "casts": "casts to the type that is its last argument",
    "keeps-tensor": "gives a tensor back as one that keeps its gradient",
    "gives-double": "gives a NumPy number in double precision",
    "on-the-host": "moves a tensor out of the device, or out of the framework",
    "extent": "gives how large an array is",
    "extent-of-tensor": "gives how large a tensor is",
    "same-elements": "has elements of the type of its operand's",
    "selects": "selects or moves elements of its operand, and so it does with a gradient by that",
    "view": "gives a view of its operand, where it can",
    "conversion": "converts between tensors, arrays and numbers: between tensors it is not needed",
    "chain-link": "is a link of a chain of conversions, and may be detached from the rest",
    "chain-end": "is the last link of a chain of conversions",
    "view-attribute": "is an attribute that gives a view",
    "chained": "is a link in the chain of methods of a conversion (`x.detach().cpu().numpy()`)",
    "after-rewrap": "is a method often called on what a re-wrap returns",
    "returns-model": "gives a model itself when called on one",
    "casts-arrays": "casts to the type that it is given",
    "type": "is NumPy's name of this floating type",
    "floating-type": "is the name of a floating type",
    "other-type": "is the name of a floating type other than float32",
    "half-precision": "is the name of a floating type of 16 bits",
    "integer-type": "is the name of a type of whole numbers or truth values",
    # what its arguments are
    "takes-labels": "takes labels",
    "labels-first": "takes labels as its first argument, or is called on them",
    "takes-positive": "takes numbers above zero",
    "takes-matrix": "takes matrices",
    "takes-images": "takes images",
    "flattens": "is used to change the number of axes",
    "sizes-first": "takes the sizes of its result first, or by name",
    "takes-number": "takes one number",
    "takes-plain-numbers": "is a function of torch that takes plain numbers alone",
    "positions": "gives an array of integers for each axis",
    "indices-of-one": "gives the indices of one operand where it is given one alone",
    "takes-itself-first": "is a function that casts or reshapes its first argument",
    "method-of-labels": "is a method called on labels",
    "passes-integers": "gives the numbers that it is given, integers too",
    "axis-second": "takes an axis as its second argument",
    # who reads its argument
    "same-for-tensors": "gives the same of a tensor with a graph and of one without",
    "same-for-numbers": "does the same with a NumPy number and with Python's",
    "asks-nan": "asks whether numbers are missing or infinite",
    "asks": "asks something of a tensor that a graph does not change",
    "walks": "walks over the entries of a container, or passes it on",
    "leaves-models": "does not change a model that it is given",
}
"""What an operation may be, beside the cause of a cut."""


def _rows() -> Iterator[tuple[str, list[str]]]:
    """Yield the names of each row, as they are written, and its traits."""
    modules = (tensor_operations, graph_operations)
    tables = (table for module in modules for name, table in vars(module).items() if name.isupper())
    for row in (*(row for table in tables for row in table.strip().split("\n")), *trainers.operations()):
        yield _parsed(row)


def _parsed(row: str) -> tuple[str, list[str]]:
    written, _, traits = row.partition(" | ")
    return written, traits.split()


@cache
def names() -> frozenset[str]:
    """Return the names and spellings of all operations."""
    return frozenset(name for rows in _BY_TRAIT.values() for every, _ in rows for name in every)


def has(name: str, trait: str) -> bool:
    """Does an operation have a trait?"""
    return name in having(trait)


@cache
def having(trait: str) -> frozenset[str]:
    """Return the names and spellings of the operations with a trait, or with a cause. Raises KeyError for no trait."""
    return frozenset(name for every, _ in _BY_TRAIT[trait] for name in every)


def values(trait: str) -> dict[str, str]:
    """Return the value of a trait, by the names and spellings of the operations that have it."""
    return {name: value for every, value in _BY_TRAIT[trait] for name in every}


def causes_in(table: str) -> dict[str, str]:
    """Return the cause of each operation of one table, by its names and spellings."""
    rows = map(_parsed, table.strip().split("\n"))
    return {name: code for written, (code, *_) in rows for name in written.replace("=", ", ").split(", ")}


def causes() -> dict[str, str]:
    """Return the cause of each operation that cuts, by its names and spellings."""
    return {name: code for code in CAUSES for name in having(code)}


def last_names(*traits: str) -> frozenset[str]:
    """Return the last part of the names of all operations with one of these traits or causes."""
    return frozenset(name.rpartition(".")[2] for trait in traits for name in having(trait))


def _by_trait() -> dict[str, list[tuple[list[str], str]]]:
    """Return the names and spellings of each row that has a trait, with the value of it."""
    found: dict[str, list[tuple[list[str], str]]] = defaultdict(list)
    for written, traits in _rows():
        every = written.replace("=", ", ").split(", ")
        for trait in traits:
            key, _, value = trait.partition("=")
            found[key].append((every, value))
    return dict(found)


_BY_TRAIT = _by_trait()
CAUSES = tuple(trait for trait in _BY_TRAIT if trait.startswith("AF"))
"""The causes of the cuts that operations are."""

SPELLINGS = {
    other: name
    for written, _ in _rows()
    if "=" in written
    for name, *others in (each.split("=") for each in written.split(", "))
    for other in others
}
"""The name of an operation, by each of its other spellings."""
