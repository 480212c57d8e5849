"""Keeps the line breaks and comments between the arguments of a call.

Takes the call that replaces another, and that other; gives the first, laid out as the second where their
arguments correspond.
"""

from __future__ import annotations

import libcst as cst

from autofix.rewrite.literal import code_of


def laid_out_as(new: cst.BaseExpression, old: cst.BaseExpression) -> cst.BaseExpression:
    """`torch.where(…)` spread over the lines, with the comments, that `np.where(…)` was; otherwise `new` unchanged."""
    if not (isinstance(new, cst.Call) and isinstance(old, cst.Call)) or len(new.args) != len(old.args):
        return new
    pairs = tuple(zip(new.args, old.args, strict=True))
    if any(code_of(mine.value) != code_of(theirs.value) for mine, theirs in pairs):
        return new
    arguments = [
        mine.with_changes(comma=theirs.comma, whitespace_after_arg=theirs.whitespace_after_arg)
        for mine, theirs in pairs
    ]
    return new.with_changes(args=arguments, whitespace_before_args=old.whitespace_before_args)
