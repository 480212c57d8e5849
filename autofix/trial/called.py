"""Take a request and the tree of its text; give a function, as text, that returns its own arguments of the loss.

The worker runs it: real arguments show shapes, types and ranges better than any guess. Nothing is run here.
"""

from __future__ import annotations

import ast

from autofix.model import Request
from autofix.syntax.bindings import parameters
from autofix.syntax.parsing import parsed
from autofix.trial.purity import Purity
from autofix.trial.slices import Slice, resolve, slice_module
from autofix.trial.step_arguments import Site, arguments_of, scope_of, values_at
from autofix.worker.records import Plan

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
