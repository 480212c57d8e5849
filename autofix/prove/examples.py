"""What a rule of one's own is tried on: the examples of its docstring, or calls drawn from its signature.

    >>> smooth_abs(x)
    >>> smooth_abs(x - y, eps=0.5)
    >>> hits(x, m)  # value only
    >>> smooth_abs(x, where=m)  # refused
    >>> soft(x)  # => np.log1p(np.exp(x))

The arrays are those of `worker/arrays.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.model import Framework
from autofix.prove.sample import Sample, call_and_rest
from autofix.rewrite.rule import RuleFile

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
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name != rule or isinstance(called, ast.Attribute) is not is_method:
        form = f"x.{rule}(…)" if is_method else f"{rule}(…)"
        raise ExampleError(number, f"the example {line!r} is no call of the rule; write {form}")
    oracle = comment.removeprefix("=>").strip() if comment.startswith("=>") else written
    if comment not in ("", "value only", "refused") and not comment.startswith("=>"):
        raise ExampleError(number, f"{comment!r} says nothing here; write # value only, # refused or # => the original")
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
