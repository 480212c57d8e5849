"""A verdict in the words of the user's file: its lines, its names, and none of what was generated to be run."""

from __future__ import annotations

import re
from dataclasses import replace

from autofix.lines import lines_in_words, moved
from autofix.model import Request, Verdict
from autofix.verify.worker.load import MODULE

_FUNCTIONS = re.compile(
    r"\b(?:loss_of_the_step|step_of_the_tape|loss_of_the_module|arguments_of_the_\w+|__enclosing__|given_to_the_step)\b"
    r"(?:\(\))?"
)


def in_words_of_the_file(verdict: Verdict, request: Request) -> Verdict:
    """Return the verdict with its lines as those of the file, and expressions for the names of generated parameters."""
    evidence = verdict.evidence
    if evidence is not None:
        inputs, limits = (tuple(_worded(each, request) for each in some) for some in (evidence.inputs, evidence.limits))
        if (inputs, limits) != (evidence.inputs, evidence.limits):
            evidence = replace(evidence, inputs=inputs, limits=limits)
    reason = _worded(lines_in_words(verdict.reason, request.path), request)
    return replace(verdict, reason=reason, evidence=evidence)


def _worded(text: str, request: Request) -> str:
    text = _FUNCTIONS.sub("the loss", text.replace(f"{MODULE}.", ""))
    generated = request.generated
    if generated is None:
        return text
    for name, written in generated.names.items():
        text = re.sub(rf"(?<![\w.'\"]){re.escape(name)}(?![\w.(='\"])", lambda _: written, text)  # noqa: B023
    first, places = generated.first, generated.written_at
    return moved(text, lambda line: line if line < first else places.get(line))
