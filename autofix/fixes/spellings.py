"""How an expression at which a gradient ends is written without the end: few ways for each cause, the likeliest first.

Nothing here has to be right: the program says which of them computes what the expression did, and trains.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from autofix.knowledge.operations import having
from autofix.model import Edit, Framework, Kind, OwnRules, Reason
from autofix.observe.observation import End
from autofix.rewrite.blocks import blocks
from autofix.syntax.module import node_at, parents_of
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Positions, span


def by_rule(call: ast.Call, text: str, framework: Framework, own: OwnRules) -> tuple[str, ...]:
    """Return the renderings of a call that need nothing that the file has not imported."""
    import libcst as cst

    from autofix.fixes.kinds import catalogue_of
    from autofix.rewrite.literal import code_of
    from autofix.rewrite.rules import Argument

    bound = dict(imports_in(parsed(text)))
    root, _, rest = ast.unparse(call.func).partition(".")
    if root not in bound:
        return ()
    name = f"{bound[root]}.{rest}" if rest else bound[root]
    pairs = [(None, each) for each in call.args] + [(each.arg, each.value) for each in call.keywords]
    arguments = [
        Argument(cst.parse_expression(ast.get_source_segment(text, each) or ast.unparse(each)), _kind(each), keyword)
        for keyword, each in pairs
    ]
    aliases = {module: alias for alias, module in bound.items()}
    rendered = catalogue_of(framework, own.folders).render(name, arguments, aliases)
    if isinstance(rendered, Reason):
        return ()
    return tuple(code_of(each.expression) for each in rendered if not each.definitions and each.modules <= set(aliases))


def _kind(node: ast.expr) -> Kind:
    return Kind.NUMBER if isinstance(node, ast.Constant) else Kind.TENSOR


_OF_CALLS = ("AF101", "AF104", "AF106", "AF107")
"""The causes of calls that a rule may write otherwise."""
_CREATES = "create_graph=True"
_CONVERSIONS = having("on-the-host")


def spellings(end: End, text: str, framework: Framework, own: OwnRules) -> tuple[Edit, ...]:
    """Return the edits of the innermost expression of an end, of which one may restore the gradient."""
    site = end.sites[0]
    node = node_at(site, text)
    if node is None:
        return ()
    whole = _with_conversions(node, text) if end.code in ("AF102", "AF103", "AF104") else node
    end_of_it = span(Positions(text).key(whole))
    place = replace(site.span, end_line=end_of_it.end_line, end_column=end_of_it.end_column)
    written = _written(end, node, text)
    if isinstance(node, ast.Call) and node.args and end.code in _OF_CALLS:
        written = [*by_rule(node, text, framework, own), *written]
    found = tuple(dict.fromkeys(each for each in written if each))
    return tuple(Edit(place, each) for each in found)


def _with_conversions(node: ast.expr, text: str) -> ast.expr:
    """Return the expression with what is called on its result to make it a plain value: `.cpu().numpy()`."""
    parents, outer = parents_of(parsed(text)), node
    while isinstance(attribute := parents.get(outer), ast.Attribute) and attribute.attr in _CONVERSIONS:
        call = parents.get(attribute)
        outer = call if isinstance(call, ast.Call) and call.func is attribute else attribute
    return outer


def _written(end: End, node: ast.expr, text: str) -> list[str]:
    match end.code, node:
        case "AF307", ast.Call():
            written = _source(node, text)
            return [f"{written[:-1].rstrip().rstrip(',')}, {_CREATES})"]
        case (("AF102" | "AF103" | "AF104"), ast.Call(func=ast.Attribute(value=value), args=[], keywords=[])):
            return [operand(value, text)]
        case (("AF102" | "AF103" | "AF104"), ast.Attribute(value=value)):
            return [operand(value, text)]
        case "AF104", ast.Call(func=ast.Name(), args=[value], keywords=[]):
            return [operand(value, text)]
        case (("AF102" | "AF103"), ast.Call(args=[value])) if not isinstance(value, (ast.Starred, ast.Constant)):
            return [operand(value, text)]  # `copy.deepcopy(x)`, `np.asarray(x)`, whoever's `as_input(x)`
        case "AF105", ast.Call(args=[value, *_]):
            return _stacked(end.form, value, node, text)
    return []


def _stacked(form: str, made_of: ast.expr, call: ast.Call, text: str) -> list[str]:
    """Return how a tensor is made of a value of some form with its gradient; elements that are numbers are wrapped."""
    from autofix.rewrite.displays import stacked_by_form

    kinds = [_source(each.value, text) for each in call.keywords if each.arg == "dtype"]
    after, value = f".to({kinds[0]})" if kinds else "", _source(made_of, text)
    if form in ("scalar", "tensor"):
        return [f"{value}{after}"]
    if not isinstance(call.func, ast.Attribute):
        return []
    package = _source(call.func.value, text)
    written = [f"{each}{after}" for each in stacked_by_form(value, form, package)]
    wrapped = f"{package}.as_tensor({{}}{f', dtype={kinds[0]}' if kinds else ''})"
    match len(form) - len(form.lstrip("[")), sorted({*re.findall(r"\w+", form)}):
        case 1, ["scalar"]:
            return [f"{package}.stack({value}){after}", _each(package, wrapped, value)]
        case 1, ["tensor"]:
            return [f"{package}.stack({value}){after}", f"{package}.cat({value}){after}"]
        case 1, _:
            return [*written, _each(package, wrapped, value)]
        case 2, ["tensor"]:
            rows = [f"{package}.stack(row)", f"{package}.cat(row)"]
            return [*written, *(f"{package}.stack([{each} for row in {value}]){after}" for each in rows)]
        case 2, _:
            return [*written, f"{package}.stack([{_each(package, wrapped, 'row')} for row in {value}])"]
    return written


def _each(package: str, wrapped: str, value: str) -> str:
    return f"{package}.stack([{wrapped.format('each')} for each in {value}])"


BINDS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda, ast.Await, ast.NamedExpr)
"""What needs parentheses where it comes to stand in another expression."""


def operand(node: ast.expr, text: str) -> str:
    """Return the source of what may stand in another expression now: what has operators keeps its parentheses."""
    return f"({_source(node, text)})" if isinstance(node, BINDS) else _source(node, text)


def _source(node: ast.expr, text: str) -> str:
    return ast.get_source_segment(text, node) or ast.unparse(node)


def without_idle(text: str, before: str) -> str:
    """Return the text without what edits have made `x = x`, but where it is the only statement of a block."""
    known = set(before.splitlines())
    lines = text.splitlines(keepends=True)
    idle = [
        each.lineno
        for _, body in blocks(parsed(text))
        for each in body
        if len(body) > 1 and _is_idle(each) and lines[each.lineno - 1].rstrip("\n") not in known
    ]
    return "".join(line for number, line in enumerate(lines, 1) if number not in idle)


def _is_idle(node: ast.AST) -> bool:
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or node.lineno != node.end_lineno:
        return False
    names = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    is_same = ast.unparse(node.targets[0]) == ast.unparse(node.value)
    return is_same and all(isinstance(each, ast.Name) for each in names)
