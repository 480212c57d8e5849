"""Writes the outcome of a rule as the person who wrote the file would.

Takes an expression over placeholders, or the wish to be pasted; gives a `Rendering` with the arguments as they were
written, the file's own names of modules, and parentheses only where precedence needs them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import cast

import libcst as cst

from autofix.rewrite.binding import Bound, unused
from autofix.rewrite.evaluate import Inline, Paste
from autofix.rewrite.literal import code_of
from autofix.rewrite.parentheses import in_parentheses, parenthesised
from autofix.rewrite.rules import Rendering, RuleFile


def render(
    outcome: Inline | Paste, name: str, rules: RuleFile, bound: Bound, aliases: Mapping[str, str]
) -> Rendering | None:
    """The replacement for the call; None where it is not Python."""
    node = _call_of(name, bound) if isinstance(outcome, Paste) else outcome.node
    wanted = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    pasted = _private(_needed(name if isinstance(outcome, Paste) else None, wanted, rules), aliases)
    spelled = _Spelled(bound, rules, aliases, pasted)
    template = cst.parse_expression(ast.unparse(node))
    expression = parenthesised(cast(cst.BaseExpression, template.visit(spelled)))
    definitions = tuple(_definition(function, rules, aliases, pasted, spelled) for function in pasted)
    complete = _in_one_piece(expression)
    if complete is None:
        return None
    when = _condition(outcome, name, rules, bound, aliases) if isinstance(outcome, Inline) else ()
    return Rendering(complete, frozenset(spelled.modules), definitions, when)


def _condition(
    outcome: Inline, name: str, rules: RuleFile, bound: Bound, aliases: Mapping[str, str]
) -> tuple[Rendering, ...]:
    if not outcome.when:
        return ()
    every = outcome.when[0] if len(outcome.when) == 1 else ast.BoolOp(ast.And(), list(outcome.when))
    rendered = render(Inline(every), name, rules, bound, aliases)
    return () if rendered is None else (rendered,)


def _call_of(name: str, bound: Bound) -> ast.expr:
    arguments = [value for keyword, value in bound.given if keyword is None]
    keywords = [ast.keyword(keyword, value) for keyword, value in bound.given if keyword is not None]
    return ast.Call(ast.Name(name, ast.Load()), arguments, keywords)


def _needed(name: str | None, wanted: set[str], rules: RuleFile) -> tuple[str, ...]:
    """The functions to paste, those that others call first."""
    found: dict[str, None] = {}
    for function in sorted(wanted & set(rules.functions)) if name is None else [name]:
        called = {part.id for part in ast.walk(rules.functions[function]) if isinstance(part, ast.Name)} - {function}
        found |= dict.fromkeys(_needed(None, called, rules))
        found[function] = None
    return tuple(found)


def _private(names: tuple[str, ...], aliases: Mapping[str, str]) -> dict[str, str]:
    """What each function is pasted as: `median__of_even` as `_median`, or `_median_` beside another `_median`.

    `aliases` says what else, where the file has a `_median` of its own.
    """
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda each: not each.startswith("_")):
        private = "_" + name.strip("_").partition("__")[0]
        found[name] = f"{private}_" if private in found.values() else private
    return {name: aliases.get(found[name], found[name]) for name in names}


def _definition(
    name: str, rules: RuleFile, aliases: Mapping[str, str], pasted: Mapping[str, str], outer: _Spelled
) -> str:
    spelled = _Spelled(Bound({}, {}, ()), rules, aliases, pasted)
    source = _without_examples(re.sub(r"\bself\b", "x", rules.source(name)))
    function = cst.ensure_type(cst.parse_statement(source), cst.FunctionDef)
    parameters = _without(function.params, unused(rules.functions[name]))
    renamed = function.with_changes(name=cst.Name(pasted[name]), params=parameters, leading_lines=[])
    text = cst.Module([cast(cst.FunctionDef, renamed.visit(spelled))]).code
    outer.modules |= spelled.modules
    return text


def _without(parameters: cst.Parameters, idle: frozenset[str]) -> cst.Parameters:
    """The parameters less those that stand in a rule only because NumPy has them."""
    positional = [each for each in parameters.params if each.name.value not in idle]
    named = [each for each in parameters.kwonly_params if each.name.value not in idle]
    star = parameters.star_arg if named or isinstance(parameters.star_arg, cst.Param) else cst.MaybeSentinel.DEFAULT
    every = positional + named
    if every:
        last = every.pop().with_changes(comma=cst.MaybeSentinel.DEFAULT)
        (named or positional)[-1] = last
    return parameters.with_changes(params=positional, kwonly_params=named, star_arg=star)


def _without_examples(source: str) -> str:
    """A function without the lines `>>> …` of its docstring, which say what the rule is proven on."""
    if ">>> " not in source:
        return source
    docstring = re.search(r'^([ \t]*)"""(.*?)"""\n', source, re.DOTALL | re.MULTILINE)
    if docstring is None:
        return source
    left = re.sub(r"^[ \t]*>>> .*$", "", docstring[2], flags=re.MULTILINE).strip()
    end = f"\n{docstring[1]}" if "\n" in left else ""
    new = f'{docstring[1]}"""{left}{end}"""\n' if left else ""
    return source[: docstring.start()] + new + source[docstring.end() :]


def _in_one_piece(expression: cst.BaseExpression) -> cst.BaseExpression | None:
    """Parentheses around lines that would otherwise end the statement."""
    if "\n" not in code_of(expression):
        return expression
    for complete in (expression, in_parentheses(expression)):
        try:
            ast.parse(code_of(complete), mode="eval")
        except SyntaxError:
            continue
        return complete
    return None


class _Spelled(cst.CSTTransformer):
    """Puts arguments for placeholders, the file's aliases for modules, and private names for what is pasted."""

    def __init__(self, bound: Bound, rules: RuleFile, aliases: Mapping[str, str], pasted: Mapping[str, str]) -> None:
        super().__init__()
        self.bound = bound
        self.rules = rules
        self.aliases = aliases
        self.pasted = pasted
        self.modules: set[str] = set()

    def visit_Attribute(self, node: cst.Attribute) -> bool:
        return False

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.BaseExpression:
        value = original_node.value.visit(self)
        module, _, submodule = self._longest(code_of(original_node.value))
        if submodule:
            self.modules.add(module)
            value = cst.parse_expression(submodule)
        return updated_node.with_changes(value=value)

    def _longest(self, dotted: str) -> tuple[str, str, str]:
        """`torch.nn.functional` is `F` where the file says so."""
        head, _, rest = dotted.partition(".")
        if head not in self.rules.modules or not rest:
            return "", "", ""
        full = f"{self.rules.modules[head]}.{rest}"
        return (full, "", self.aliases[full]) if full in self.aliases else ("", "", "")

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        name = original_node.value
        if name in self.bound.slots:
            return _argument(self.bound.slots[name].argument.expression)
        if name in self.pasted:
            return cst.Name(self.pasted[name])
        if name in self.rules.modules:
            module = self.rules.modules[name]
            self.modules.add(module)
            return cst.parse_expression(self.aliases.get(module, name))
        return updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)

    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        plain = re.fullmatch(r"'([^'\"\\]*)'", original_node.value)
        return updated_node.with_changes(value=f'"{plain.group(1)}"') if plain else updated_node


def _argument(expression: cst.BaseExpression) -> cst.BaseExpression:
    """The argument without parentheses that it may no longer need; those that are part of it stay."""
    if isinstance(expression, (cst.GeneratorExp, cst.Yield)):
        return expression if expression.lpar else in_parentheses(expression)
    if isinstance(expression, (cst.Tuple, cst.NamedExpr)) or "\n" in code_of(expression):
        return expression
    return expression.with_changes(lpar=[], rpar=[])
