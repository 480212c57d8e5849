"""Which files are worth parsing: a test on bytes, about a thousand times cheaper than a parse.

What it looks for is generated from what the analysis knows: every operation that ends a gradient, everything that
differentiates a value, and every word by which a loss is known. A file without any of them has no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autofix.knowledge import effects, naming
from autofix.knowledge.frameworks import PACKAGES
from autofix.knowledge.operations import CAUSES, last_names

_OPERATORS = r"//|[=!]=|(?<![-<>=])>(?!>)|(?<!<)<(?!<)"
"""The operators whose result moves in steps."""

_SUPPRESSION = "autofix:"
"""Comments on findings are checked too."""


def _one_of(names: Iterable[str]) -> str:
    return rf"\b(?:{'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})\b"


_CUTTING_NAMES = last_names(*CAUSES, "rewraps", "stops-recording", "switches-recording", "predicts")
_CUTTING_NAMES |= effects.LEAVERS.keys()
_CUTTING = f"{_one_of(_CUTTING_NAMES)}|{_OPERATORS}"
_OF_LOSSES = f"(?i:{'|'.join(sorted(naming.NAMED_LOSS))})|class +\\w*(?i:{'|'.join(sorted(naming.LOSS))})"
_DIFFERENTIATING = _one_of(last_names("differentiates", "freezes"))

_KEEPS = r"self\.\w+ *(?::[^=\n]+)?= *[\[{]|requires_grad"
"""A container of a class may hold parts that nobody registers."""

_FRAMEWORK = re.compile("|".join(PACKAGES).encode())
_SUSPICIOUS = re.compile("|".join((_CUTTING, _DIFFERENTIATING, _OF_LOSSES, _KEEPS, _SUPPRESSION)).encode())
_CUTS = re.compile(_CUTTING)


def may_have_losses(content: bytes, packages: Iterable[str] = ()) -> bool:
    """Can this file hold a broken loss at all? True where in doubt; a False is certain.

    `packages` are those for which the project has rules of its own: they leave the graph as well.
    """
    if not names_framework(content):
        return False
    return _SUSPICIOUS.search(content) is not None or any(package.encode() in content for package in packages)


def names_framework(content: bytes) -> bool:
    """Is the name of a framework anywhere in a file?"""
    return _FRAMEWORK.search(content) is not None


def may_cut(text: str) -> bool:
    """Is there anything in this text that takes a value out of the graph?"""
    return _CUTS.search(text) is not None
