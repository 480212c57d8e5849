"""Says what a cut does and by which way the value came there, in words for a person who never heard of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from autofix.model import Cut, Explanation, Step

_WHAT: Mapping[str, str] = {
    "AF101": "{operation} is computed by NumPy, which keeps no record of what it did",
    "AF102": "{operation} turns the tensor into a NumPy array",
    "AF103": "{operation} takes the value out of the graph",
    "AF104": "{operation} makes a plain Python number of the tensor",
    "AF105": "{operation} copies the values into a new tensor that has no history",
    "AF106": "{operation} is computed by Python's math module on a plain number",
    "AF107": "{operation} is computed by a library outside the graph",
    "AF108": "{operation} runs Python code that the framework cannot differentiate",
    "AF109": "nothing is recorded under {operation}, so the loss has no gradient",
    "AF201": "{operation} gives indices, which move in steps and so have no gradient",
    "AF202": "{operation} moves in steps: its gradient is zero, or missing, everywhere",
    "AF203": "{operation} is either true or false, which has no gradient",
    "AF204": "{operation} makes integers, which have no gradient",
    "AF205": "the loss still holds one value for each sample, and `backward()` needs a single number",
    "AF206": "the gradient of {operation} is NaN or infinite where its operand is zero, and that does occur here",
    "AF207": "{operation} has the same value whatever the prediction: its gradient is zero everywhere",
    "AF208": "{operation} does not depend on the prediction, so there is no gradient for it",
    "AF301": "{operation} happens outside the GradientTape, which therefore never saw it",
    "AF302": "{operation} is a plain tensor that the tape was not told to watch: its gradient is None",
    "AF303": "{operation} declares a value that has lost its history a new starting point: this silences the error, "
    "and nothing is learned",
    "AF304": "{operation} returns a NumPy array: the tape sees nothing of the model",
    "AF305": "{operation} leaves nothing to train: what the optimizer or the tape is given is frozen, or was exchanged",
    "AF306": "{operation} asks a tape again that is not persistent: it has let go of what it recorded",
}

INSTEAD: Mapping[str, str] = {
    "AF103": "if it is not meant, remove it; no other rewrite is needed",
    "AF109": "move what is to be differentiated out of the block",
    "AF201": "no rewrite with the same value has a gradient; train on the scores themselves (cross-entropy on logits, "
    "or a soft argmax)",
    "AF202": "no rewrite with the same value has a gradient; leave the rounding out of the loss, or use a "
    "straight-through estimator",
    "AF203": "no rewrite with the same value has a gradient; use a soft version (the probabilities themselves, or a "
    "sigmoid)",
    "AF204": "no rewrite with the same value has a gradient; keep floating-point values in the loss",
    "AF205": "whether to average (`.mean()`) or to add (`.sum()`) is for you to decide: it changes the size of a step",
    "AF206": "the cure changes the value a little, so it is for you to choose: a small number inside the root "
    "(`sqrt(x + 1e-12)`), or a second `where` that puts a harmless operand at the places that are not chosen",
    "AF207": "no rewrite with the same value has a gradient; a single output goes with a sigmoid, a softmax needs two "
    "classes",
    "AF208": "what was meant cannot be known from the source; use the prediction where the target stands",
    "AF301": "move it inside the `with` block of the tape",
    "AF302": "call `tape.watch` on it, first thing in the block",
    "AF304": "call the model itself: `model(x, training=True)`",
    "AF305": "which variables are meant is for their author to say: freeze first, then put in the new layers, then "
    "build the optimizer from what is to train",
    "AF306": "make the tape with `persistent=True`, or ask it once for all the variables",
}
"""What people do instead where the value cannot be kept, or where the mend is theirs to choose."""


ENDS = "the gradient ends here"

_HERE: Mapping[str, str] = {
    "AF109": "nothing in here is recorded",
    "AF205": "not a single number",
    "AF206": "its gradient is NaN or infinite",
    "AF207": "its gradient is zero",
    "AF208": "no prediction in here",
    "AF301": "outside of the tape",
    "AF302": "not watched",
    "AF303": "a new start, without a past",
    "AF304": "the model is left here",
    "AF305": "nothing left to train",
    "AF306": "asked again",
}


def end_of(code: str) -> str:
    """Return what is written under the place of a fault, behind the way there."""
    return _HERE.get(code, ENDS)


def what_happens(cut: Cut, partly: bool) -> str:
    """Return what happens at the cut, or in the other file that it leads to."""
    there = cut.elsewhere
    operation = _quoted(there.operation if there else cut.operation)
    what = _WHAT.get(cut.code, "the gradient ends at {operation}").format(operation=operation)
    if there is not None:
        what = f"{_quoted(cut.operation)} leads to {there.path}:{there.line}, where {what}"
    return f"{what}; the rest of the loss still trains, this part never does" if partly and _is_apart(cut) else what


def message(explanation: Explanation) -> str:
    """Return an explanation in one line: what happens, by which way the value came there, and what it leads to."""
    names = stations(explanation.trail)
    way = f"the way there: {' → '.join(f'`{name}`' for name in names)}" if names else ""
    error = f'the error it leads to: "{explanation.error}"' if explanation.error else ""
    said = "; ".join(each for each in (way, error) if each)
    what = explanation.what + (f": {explanation.end}" if explanation.end == ENDS else "")
    return f"{what} ({said})" if said else what


def stations(trail: Sequence[Step]) -> list[str]:
    """Return the names of a way without its end; one that is given a new value again and again is said once."""
    names = [step.name for step in trail]
    return [name for name, after in pairwise(names) if name != after]


def _is_apart(cut: Cut) -> bool:
    return cut.code not in ("AF205", "AF206", "AF207", "AF302", "AF303", "AF305", "AF306")


def _quoted(written: str) -> str:
    operation = "`" + " ".join(written.split()) + "`"
    return operation if len(operation) <= 72 else f"{operation[:68]}…`"
