"""Requests in few words: parameters take their roles from a marked signature, texts are dedented."""

from __future__ import annotations

import textwrap

from autofix.model import Framework, Parameter, Request, Role, Target

ROLES: dict[str, Role] = {"p": "prediction", "t": "target", "n": "number", "u": "unknown"}


def parameters(marked: str) -> tuple[Parameter, ...]:
    """`y_pred:p y_true:t`; `losses:p*` is a list of tensors."""
    pairs = [one.split(":") for one in marked.split()]
    return tuple(Parameter(name, ROLES[mark[0]], mark.endswith("*")) for name, mark in pairs)


def request(
    framework: Framework, qualname: str, marked: str, original: str, *candidates: str, path: str = "loss.py"
) -> Request:
    texts = [textwrap.dedent(text).lstrip("\n") for text in (original, *candidates)]
    return Request(path, framework, Target(qualname, 0, parameters(marked)), texts[0], tuple(texts[1:]))
