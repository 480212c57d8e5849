"""One call that a rule is tried on, read from its text: what is called, with what, and what the original is.

`~` or `# value only`: no gradient is compared; `!` or `# refused`: the rule must refuse it; `=> np.abs(x)`: what the
original is, where it is not the call itself. What follows a call (`[0]`, `** 2`) is done to its result on both sides.

What a rule of one's own is tried on: the examples of its docstring, or calls drawn from its signature.

    >>> smooth_abs(x)
    >>> smooth_abs(x - y, eps=0.5)
    >>> hits(x, m)  # value only
    >>> smooth_abs(x, where=m)  # refused
    >>> soft(x)  # => np.log1p(np.exp(x))

The arrays are those of `worker/arrays.py`.

Which parameters of a rule its samples leave unproven: each that may be left out is given by one, left out by one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from autofix.knowledge.frameworks import ALL, NAMES
from autofix.model import Framework, Kind
from autofix.rewrite.binding import defaults
from autofix.rewrite.catalogue import Argument
from autofix.rewrite.rules import RuleFile
from autofix.syntax.bindings import last_part

ALIASES: dict[Framework, dict[str, str]] = {each.name: {each.module: each.alias} for each in ALL}
_METHODS = ("ndarray.", "Tensor.", "inert ndarray.")


@dataclass(frozen=True)
class Sample:
    """A call of the rule for `name`; `original` is the dotted name to import for the oracle, where there is one.

    `spelling` is what is tried in place of what a rule says: for an operation that needs none. Without `varied` it is
    tried on its own arrays alone.
    """

    text: str
    name: str
    oracle: str
    frameworks: tuple[Framework, ...] = NAMES
    differentiable: bool = True
    refused: bool = False
    rest: str = ""
    original: str = ""
    spelling: str = ""
    varied: bool = True

    @property
    def is_method(self) -> bool:
        return self.name.startswith(_METHODS)

    @property
    def arguments(self) -> list[Argument]:
        """The arguments of the call, the receiver of a method first."""
        return arguments_of(self.text, self.is_method)


def call_and_rest(text: str) -> tuple[str, str]:
    """`np.split(x, 2)[1]` is the call and what is done to its result, as are `np.linalg.qr(u)[1] ** 2`, `f(a)(x)`."""
    node = ast.parse(text, mode="eval").body
    while True:
        match node:
            case ast.Subscript(value=inner) | ast.BinOp(left=inner) | ast.Call(func=ast.Call() as inner):
                node = inner
            case _:
                break
    return text[: node.end_col_offset], text[node.end_col_offset :]


def arguments_of(text: str, method: bool) -> list[Argument]:
    """The arguments of a call, the receiver of a method first."""
    node = cst.parse_expression(text)
    if isinstance(node, cst.Attribute):
        return [Argument(node.value, Kind.TENSOR)] if method else []
    call = cst.ensure_type(node, cst.Call)
    arguments = [Argument(a.value, kind_of(a.value), _keyword(a), elements_of(a.value)) for a in call.args]
    if not method:
        return arguments
    return [Argument(cst.ensure_type(call.func, cst.Attribute).value, Kind.TENSOR), *arguments]


def elements_of(node: cst.BaseExpression) -> str:
    """What the constant arrays are made of, and literal numbers."""
    match node:
        case cst.Name(value="m"):
            return "bool"
        case cst.Name(value="i" | "j" | "b") | cst.Integer():
            return "int"
        case cst.BinaryOperation(left=left, right=right):
            return "int" if elements_of(left) == elements_of(right) == "int" else ""
        case _:
            return "float" if isinstance(node, cst.Float) else ""


def _keyword(argument: cst.Arg) -> str | None:
    return argument.keyword.value if argument.keyword else argument.star or None


def kind_of(node: cst.BaseExpression) -> Kind:
    """What the rewriter would know of an argument; names of one letter are tensors."""
    match node:
        case cst.Integer() | cst.Float() | cst.UnaryOperation(expression=cst.Integer() | cst.Float()):
            return Kind.NUMBER
        case cst.List() | cst.Tuple():
            holds_tensors = any(kind_of(element.value) is Kind.TENSOR for element in node.elements)
            return Kind.SEQUENCE if holds_tensors else Kind.OTHER
        case cst.Name(value=name):
            return Kind.TENSOR if len(name) == 1 or name == "z2" else Kind.OTHER
        case cst.Attribute(attr=cst.Name(value=name)):
            return Kind.TENSOR if name == "T" else Kind.OTHER
        case cst.SimpleString():
            return Kind.OTHER
        case cst.UnaryOperation(expression=cst.Attribute()):
            return Kind.OTHER
        case _:
            return Kind.TENSOR


_PROMPT = ">>> "
_TENSORS = (("x", "y", "x + y", "x * y"), ("v", "w", "v + w", "v * w"), ("z", "z * z", "z + 1", "z - 1"))


class ExampleError(Exception):
    """An example that cannot be used: its line, and what is wrong with it."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(what)
        self.line = line


def examples(rules: RuleFile, rule: str, owner: str, framework: Framework) -> list[Sample]:
    """The samples of one rule for the name `owner.rule`; none where its docstring has none."""
    function = rules.functions[rules.synonyms.get(rule, rule)]
    return [_sample(text, line, rule, owner, framework) for text, line in _lines(function)]


def _lines(function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """The lines `>>> …` of a docstring, each with its line in the file."""
    match function.body[0]:
        case ast.Expr(value=ast.Constant(value=str(text)) as docstring):
            for number, line in enumerate(text.splitlines(), docstring.lineno):
                if line.strip().startswith(_PROMPT):
                    yield line.strip()[len(_PROMPT) :], number


def _sample(line: str, number: int, rule: str, owner: str, framework: Framework) -> Sample:
    written, _, comment = (part.strip() for part in line.partition("  #"))
    is_method = owner in ("ndarray", "Tensor")
    try:
        text, rest = call_and_rest(written)
        node = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExampleError(number, f"the example {line!r} is not valid Python: {error.msg}") from None
    called = node.func if isinstance(node, ast.Call) else node
    name = last_part(called)
    if name != rule or isinstance(called, ast.Attribute) is not is_method:
        form = f"x.{rule}(…)" if is_method else f"{rule}(…)"
        raise ExampleError(number, f"the example {line!r} does not call the rule; write {form}")
    oracle = comment.removeprefix("=>").strip() if comment.startswith("=>") else written
    if comment not in ("", "value only", "refused") and not comment.startswith("=>"):
        raise ExampleError(number, f"{comment!r} is unknown; write # value only, # refused or # => the original")
    original = "" if is_method or comment.startswith("=>") else f"{owner}.{rule}"
    return Sample(
        text, f"{owner}.{rule}", oracle, (framework,), comment == "" or comment.startswith("=>"), comment == "refused",
        rest, original,
    )  # fmt: skip


def drawn(rules: RuleFile, rule: str, owner: str, framework: Framework) -> list[Sample]:
    """Calls drawn from a rule's signature, with arrays of rank 2, 1 and 3.

    Each parameter that has a number or a truth value for its default is also given, with another one.
    """
    spec = rules.functions[rules.synonyms.get(rule, rule)].args
    names = [each.arg for each in spec.args]
    needed = len(names) - len(spec.defaults)
    optional = [*zip(names[needed:], spec.defaults, strict=True), *zip(spec.kwonlyargs, spec.kw_defaults, strict=True)]
    given = [f"{getattr(name, 'arg', name)}={other}" for name, default in optional for other in _another(default)]
    if owner in ("ndarray", "Tensor") or not 0 < needed <= len(_TENSORS[0]):
        return []
    calls = [", ".join([*arrays[:needed], *filter(None, [each])]) for arrays in _TENSORS for each in ("", *given)]
    return [_sample(f"{rule}({call})", 0, rule, owner, framework) for call in calls]


def _another(default: ast.expr | None) -> list[str]:
    match default:
        case ast.Constant(value=bool(value)):
            return [str(not value)]
        case ast.Constant(value=int(value) | float(value)):
            return [repr(value + 1 if isinstance(value, int) else value * 0.5 + 0.25)]
        case _:
            return []


def gaps(function: ast.FunctionDef, samples: Sequence[Sample]) -> Iterator[str]:
    """What no sample of a rule shows, in words."""
    given = [given_by(function, sample) for sample in samples]
    for name in defaults(function):
        if not any(name in each for each in given):
            yield f"no example passes {name}="
        elif all(name in each for each in given):
            yield f"no example omits {name}="


def given_by(function: ast.FunctionDef, sample: Sample) -> set[str]:
    """The parameters that a call gives."""
    positional = [each.arg for each in function.args.args]
    keywords = {each.keyword for each in sample.arguments if each.keyword is not None}
    return {*positional[: sum(each.keyword is None for each in sample.arguments)], *keywords}
