"""How an expression at which a gradient ends is written without the end: few ways for each cause, the likeliest first.

Nothing here has to be right: the program says which of them computes what the expression did, and trains.
"""

from __future__ import annotations

import ast

from autofix.model import Edit, Site
from autofix.observe.observation import End
from autofix.syntax.parsing import parsed

_CREATES = "create_graph=True"


def spellings(end: End, text: str) -> tuple[Edit, ...]:
    """Return the edits of the innermost expression of an end, of which one may restore the gradient."""
    site = end.sites[0]
    node = node_at(site, text)
    if node is None:
        return ()
    found = tuple(dict.fromkeys(each for each in _written(end, node, text) if each))
    return tuple(Edit(site.span, each) for each in found)


def _written(end: End, node: ast.expr, text: str) -> list[str]:
    match end.code, node:
        case "AF307", ast.Call():
            written = _source(node, text)
            return [f"{written[:-1].rstrip().rstrip(',')}, {_CREATES})"]
        case (("AF102" | "AF103" | "AF104"), ast.Call(func=ast.Attribute(value=value), args=[], keywords=[])):
            return [_source(value, text)]
        case (("AF102" | "AF103" | "AF104"), ast.Attribute(value=value)):
            return [_source(value, text)]
        case "AF104", ast.Call(func=ast.Name(), args=[value], keywords=[]):
            return [_source(value, text)]
        case "AF105", ast.Call(args=[value, *_]):
            return _stacked(end.form, _source(value, text), node, text)
    return []


def _stacked(form: str, value: str, call: ast.Call, text: str) -> list[str]:
    """Return how a tensor is made of a value of some form with its gradient; elements that are numbers are wrapped."""
    kinds = [_source(each.value, text) for each in call.keywords if each.arg == "dtype"]
    after = f".to({kinds[0]})" if kinds else ""
    if form in ("scalar", "tensor"):
        return [f"{value}{after}"]
    if not isinstance(call.func, ast.Attribute):
        return []
    package = _source(call.func.value, text)
    wrapped = f"{package}.as_tensor({{}}{f', dtype={kinds[0]}' if kinds else ''})"
    match form:
        case "[scalar]":
            return [f"{package}.stack({value}){after}", _each(package, wrapped, value)]
        case "[tensor]":
            return [f"{package}.stack({value}){after}", f"{package}.cat({value}){after}"]
        case "[mixed]":
            return [_each(package, wrapped, value)]
        case "[[scalar]]" | "[[mixed]]":
            return [f"{package}.stack([{_each(package, wrapped, 'row')} for row in {value}])"]
    return []


def _each(package: str, wrapped: str, value: str) -> str:
    return f"{package}.stack([{wrapped.format('each')} for each in {value}])"


def node_at(site: Site, text: str) -> ast.expr | None:
    """Return the expression at a site; of several that start and end there the outermost."""
    span, lines = site.span, text.splitlines()
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.expr) and (node.lineno, node.end_lineno) == (span.line, span.end_line):
            start = _characters(lines[node.lineno - 1], node.col_offset)
            end = _characters(lines[span.end_line - 1], node.end_col_offset or 0)
            if (start + 1, end + 1) == (span.column, span.end_column):
                return node
    return None


def _characters(line: str, column: int) -> int:
    return len(line.encode()[:column].decode(errors="ignore"))


def _source(node: ast.expr, text: str) -> str:
    return ast.get_source_segment(text, node) or ast.unparse(node)
