"""Writes functions that are passed on, not called, and calls of functions that are given as an expression.

Takes the canonical name of a library's function and the calls that it may be chosen for; gives the framework's function
for them: `torch.mean` for `np.mean`, a lambda where the arguments differ. The calls themselves stay. Takes a function
and its arguments as expressions; gives the call, or the body of a lambda where nothing is computed twice.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import count

import libcst as cst

from autofix.analysis.record import Fact
from autofix.analysis.values import Value
from autofix.model import Exit, Kind, Reason
from autofix.rewrite.chosen import Option
from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import around_operands
from autofix.rewrite.rules import Argument
from autofix.rewrite.state import State, Stop
from autofix.rewrite.tensors import names_in
from autofix.syntax.spans import Key, span

_NAMES = ("x", "y", "z", "a", "b", "c")


def function_value(state: State, key: Key, written: cst.BaseExpression) -> cst.BaseExpression:
    """Return what an option becomes; Stop where it has no rule, or not one and the same for all its calls."""
    option, found = state.choices.options[key], {}
    for site in state.choices.called_at[key]:
        call, fact = state.choices.sites[site]
        function = _for_call(state, option, key, call, fact, code_of(written))
        found[code_of(function)] = function
    if len(found) > 1:
        reason = f"`{code_of(written)}` may be called with other arguments: {' or '.join(found)}"
        raise Stop(Reason(Exit.REWRITE, reason, span(key), option.name))
    return next(iter(found.values()))


def _for_call(state: State, option: Option, key: Key, call: ast.Call, fact: Fact, written: str) -> cst.BaseExpression:
    """Return the framework's function that gives for this call what the option gives."""
    is_map = isinstance(call.func, ast.Name) and call.func.id == "map"
    positional = call.args[1:] if is_map else call.args
    if any(isinstance(each, ast.Starred) for each in positional) or any(each.arg is None for each in call.keywords):
        raise Stop(Reason(Exit.REWRITE, f"the value unpacked in line {call.lineno} is unknown", span(key), option.name))
    names = _parameters(positional, [each.arg or "" for each in call.keywords])
    keywords = [None] * len(positional) + [each.arg for each in call.keywords]
    operands = fact.operands if len(fact.operands) == len(names) else (Value(),) * len(names)
    triples = zip(names, operands, keywords, strict=True)
    parameters = [state.argument(cst.Name(name), value, keyword) for name, value, keyword in triples]
    before, after = _filled(option)
    found = state.rendered(option.name, [*before, *parameters, *after])
    if isinstance(found, Reason):
        reason = state.catalogue.reason(option.name) or found
        said = f"`{written}` in line {key[1]} may be chosen too: {reason.text}"
        raise Stop(Reason(Exit.RULE, said, span(key), option.name))
    body = state.choose(key, found)
    return _reduced(body, names, keywords) or _filled_alike(body, names, option) or _lambda(body, names)


def _parameters(positional: Sequence[ast.expr], keywords: Sequence[str]) -> list[str]:
    """Return names for the arguments of a call: those that it uses itself, where they are names."""
    found: list[str] = []
    spare = (f"{name}{number or ''}" for number in count() for name in _NAMES)
    for each in positional:
        own = each.id if isinstance(each, ast.Name) and each.id not in (*found, *keywords) else ""
        found.append(own or next(name for name in spare if name not in (*found, *keywords)))
    return [*found, *keywords]


def _filled(option: Option) -> tuple[list[Argument], list[Argument]]:
    """Return what `functools.partial` has filled in: before the arguments of the call, and behind them."""
    if option.filled is None:
        return [], []
    return (
        [_constant(each) for each in option.filled.args[1:]],
        [_constant(each.value, each.arg) for each in option.filled.keywords],
    )


def _constant(node: ast.expr, keyword: str | None = None) -> Argument:
    value = node.value if isinstance(node, ast.Constant) else None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    elements = "int" if isinstance(value, int) else "float"
    expression = cst.parse_expression(ast.unparse(node))
    return Argument(expression, Kind.NUMBER if is_number else Kind.OTHER, keyword, elements if is_number else "")


def _reduced(
    body: cst.BaseExpression, names: Sequence[str], keywords: Sequence[str | None]
) -> cst.BaseExpression | None:
    """Return `torch.mean` for `torch.mean(x)` of `x`, None where it does more than pass on what it is given."""
    if not isinstance(body, cst.Call) or not _is_path(body.func, names):
        return None
    return body.func if _passed(body) == list(zip(keywords, names, strict=True)) else None


def _filled_alike(body: cst.BaseExpression, names: Sequence[str], option: Option) -> cst.BaseExpression | None:
    """Return `functools.partial(torch.linalg.norm, ord=1)` where the framework's function is filled in alike."""
    filled = option.filled
    if filled is None or len(filled.args) != 1 or not isinstance(body, cst.Call) or not _is_path(body.func, names):
        return None
    wanted = [(None, each) for each in names] + [(each.arg, ast.unparse(each.value)) for each in filled.keywords]
    whole = cst.ensure_type(cst.parse_expression(ast.unparse(filled)), cst.Call)
    first = whole.args[0].with_changes(value=body.func)
    return whole.with_changes(args=[first, *whole.args[1:]]) if _passed(body) == wanted else None


def _passed(call: cst.BaseExpression) -> list[tuple[str | None, str]]:
    """Return the keyword and the text of each argument of a call."""
    arguments = call.args if isinstance(call, cst.Call) else ()
    return [(each.keyword.value if each.keyword else each.star or None, code_of(each.value)) for each in arguments]


def _is_path(node: cst.BaseExpression, names: Sequence[str]) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name) and node.value not in names


def _lambda(body: cst.BaseExpression, names: Sequence[str]) -> cst.BaseExpression:
    return cst.parse_expression(f"lambda {', '.join(names)}: {code_of(body)}")


def applied(function: cst.BaseExpression, arguments: Sequence[cst.BaseExpression]) -> cst.BaseExpression:
    """Return the call; a lambda is written out where each argument is a name, or is used once."""
    if isinstance(function, cst.Lambda):
        body = _written_out(function, arguments)
        if body is not None:
            return body
    return around_operands(cst.Call(function, [cst.Arg(each) for each in arguments]))


def _written_out(function: cst.Lambda, arguments: Sequence[cst.BaseExpression]) -> cst.BaseExpression | None:
    names = _plain_parameters(function)
    if names is None or len(names) != len(arguments):
        return None
    uses = Counter(each.value for each in names_in(function.body))
    by_name = dict(zip(names, arguments, strict=True))
    if any(uses[name] > 1 and not isinstance(each, cst.Name) for name, each in by_name.items()):
        return None
    if _binds(function.body):
        return None
    body = function.body.visit(_Substitution(by_name))
    return body if isinstance(body, cst.BaseExpression) else None


def _plain_parameters(function: cst.Lambda) -> list[str] | None:
    """Return the names of the parameters, None where one is anything but given by position."""
    params = function.params
    is_plain = not (params.kwonly_params or params.posonly_params or params.star_kwarg)
    if not is_plain or isinstance(params.star_arg, cst.Param) or any(each.default for each in params.params):
        return None
    return [each.name.value for each in params.params]


def _binds(node: cst.CSTNode) -> bool:
    """Does an expression bind names of its own, which may be those of an argument?"""
    if isinstance(node, (cst.Lambda, cst.BaseComp, cst.NamedExpr)):
        return True
    return any(_binds(child) for child in node.children)


class _Substitution(cst.CSTTransformer):
    """Puts arguments for the parameters of a lambda."""

    def __init__(self, arguments: Mapping[str, cst.BaseExpression]) -> None:
        super().__init__()
        self._arguments = arguments

    def on_leave(
        self, original_node: cst.CSTNodeT, updated_node: cst.CSTNodeT
    ) -> cst.CSTNodeT | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNodeT]:
        left = super().on_leave(original_node, updated_node)
        return around_operands(left) if isinstance(left, cst.CSTNode) else left

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        return self._arguments.get(original_node.value, updated_node)

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)
