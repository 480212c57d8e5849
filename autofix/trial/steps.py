"""Isolates one training step: a function that runs the step's tapes once, as written, behind the text of its module.

Takes a module's text and the step's number; gives the text with that function. In it every `tape.gradient(…)` is a call
of `GRADIENT`, every tensor that is asked about passes through `SHIFTED`, and a loop around the tape takes one turn,
with `FIRST`: the worker hears of the first, moves the second and keeps the third. What neither target nor sources need
(the optimizer, logging) stays out. Nothing is run here.
"""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Sequence
from dataclasses import dataclass

from autofix.analysis.tapes import Asked, Scope, Tape, find_tapes, flat, holds, path_to, steps_of
from autofix.knowledge import naming
from autofix.model import Generated
from autofix.syntax.bindings import bound, changed, needed, out_of_its_loop, owners, parameters, reads
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import lines_of
from autofix.trial.step_arguments import arguments_of

STEP, ARGUMENTS = "step_of_the_tape", "given_to_the_step"
GRADIENT, SHIFTED, FIRST = "__autofix_gradient", "__autofix_shifted", "__autofix_first"
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


@dataclass(frozen=True)
class Isolated:
    """A module with the function `STEP` behind it, the line of that, and the names that it has to be given.

    `generated` says which lines are no more those of the module.
    """

    text: str
    line: int
    names: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    generated: Generated


def isolated(text: str, number: int, as_called: bool) -> Isolated | None:
    """Return the module with its step number `number` as a function; None where it cannot be taken out of its place.

    With `as_called` it takes its arguments from where the module calls it, and all else from the module; otherwise what
    it computes with is to be given.
    """
    tree = copy.deepcopy(parsed(text))  # its statements are changed in place
    steps = steps_of(find_tapes(tree))
    if number >= len(steps) or any(tape.scope is not steps[number][0].scope for tape in steps[number]):
        return None
    isolator = _Isolator(steps[number])
    body = isolator.body()
    scope = steps[number][0].scope
    have = _module_names(tree)
    names = [name for name in _read_first(body) if _is_argument(name, scope, body, have, as_called)]
    if not as_called:
        body, names = _unpacked(body, names)
    site = arguments_of(tree, scope, names) if as_called else None
    lines = [*_blanked(text, tree, [steps[number][0].block, *([site.call] if site and site.call else [])]), ""]
    defaults: dict[str, str] = {}
    if site is not None and site.names:
        lines += [*site.lines, "", f"{ARGUMENTS} = {site.function}()"]
        defaults = {name: f"{ARGUMENTS}[{at}]" for at, name in enumerate(site.names)}
    if as_called:
        defaults |= {name: name for name in names if name not in defaults and name in have}
    open_names = [name for name in names if name not in defaults]
    signature = ", ".join([*open_names, *(f"{name}={value}" for name, value in defaults.items() if name in names)])
    line = len(lines) + 2
    written = [each for statement in body for each in lines_of(statement)]
    lines += ["", f"def {STEP}({signature}):", *(f"    {each}" for each, _ in written)]
    generated = Generated(text.count("\n") + 1, dict(enumerate((place for _, place in written), line + 1)))
    return Isolated("\n".join(lines) + "\n", line, tuple(open_names), tuple(body), generated)


class _Isolator(ast.NodeTransformer):
    """Slices a scope back from what its tapes are asked."""

    def __init__(self, tapes: Sequence[Tape]) -> None:
        self._tapes = tapes
        self._block = tapes[0].block
        asked = sorted((each for tape in tapes for each in tape.asked), key=lambda each: _place(each.call))
        self._asked = [each for each in asked if getattr(each.call.func, "attr", "") == "gradient"]
        inside = list(flat(self._block.body, [each.call for each in self._asked]))
        self._makers: dict[str, ast.stmt | None] = {}
        for name in dict.fromkeys(name for each in self._asked for name in _asked_names(each)):
            self._makers[name] = next((each for each in reversed(inside) if name in changed(each)), None)

    def body(self) -> list[ast.stmt]:
        """Return the statements of the step."""
        wanted: set[str] = set()
        statements = _own_statements(self._tapes[0].scope, self._block, self._asked)
        kept = self._kept(statements, [each.call for each in self._asked], wanted)
        return [ast.fix_missing_locations(out_of_its_loop(self.visit(each))) for each in kept]

    def visit_Call(self, node: ast.Call) -> ast.expr:
        number = next((at for at, each in enumerate(self._asked) if each.call is node), None)
        self.generic_visit(node)
        if number is None or not isinstance(node.func, ast.Attribute):
            return node
        arguments = [ast.Constant(number), node.func.value, *node.args]
        return ast.Call(ast.Name(GRADIENT, ast.Load()), arguments, node.keywords)

    def _kept(self, statements: Sequence[ast.stmt], calls: Sequence[ast.Call], wanted: set[str]) -> list[ast.stmt]:
        holding = [at for at, each in enumerate(statements) if any(holds(each, call) for call in calls)]
        kept: list[ast.stmt] = []
        for statement in reversed(statements[: holding[-1] + 1] if holding else statements):
            inside = [call for call in calls if holds(statement, call)]
            if inside:
                kept[:0] = self._opened(statement, inside, wanted)
            elif changed(statement) & wanted and not isinstance(statement, (ast.Import, ast.ImportFrom)):
                kept[:0] = self._trimmed(statement, wanted)
            if statement is self._block:
                kept[:0] = [_shift(name) for name, maker in self._makers.items() if maker is None]
        return kept

    def _opened(self, statement: ast.stmt, inside: Sequence[ast.Call], wanted: set[str]) -> list[ast.stmt]:
        """Return what a statement that asks a tape leaves: a loop around the block runs once, other loops stay."""
        match statement:
            case ast.With() if any(holds(each, inside[0]) for each in statement.body):
                body = self._kept(statement.body, inside, wanted)
                wanted |= needed_by_items(statement)
                return [ast.With(statement.items, body or [ast.Pass()])]
            case ast.For() | ast.While() if not holds(statement, self._block):
                self._kept(statement.body, inside, wanted)
                body = self._kept(statement.body, inside, wanted)
                if isinstance(statement, ast.While):
                    return [ast.While(statement.test, body, [])]
                wanted |= needed(statement.iter)
                return [ast.For(statement.target, statement.iter, body, [])]
            case ast.For():
                body = self._kept(statement.body, inside, wanted)
                if not bound(statement.target) & wanted:
                    return body
                wanted |= needed(statement.iter)
                first = ast.Call(ast.Name(FIRST, ast.Load()), [ast.Constant(statement.lineno), statement.iter], [])
                return [ast.Assign([statement.target], first), *body]
            case ast.While() | ast.Try():
                return self._kept(statement.body, inside, wanted)
            case ast.If():
                in_body = any(holds(each, inside[0]) for each in statement.body)
                return self._kept(statement.body if in_body else statement.orelse, inside, wanted)
        return self._asking(statement, inside, wanted)

    def _asking(self, statement: ast.stmt, inside: Sequence[ast.Call], wanted: set[str]) -> list[ast.stmt]:
        inner = any(isinstance(node, _COMPREHENSIONS) for call in inside for node, _ in path_to(statement, call))
        if inner or changed(statement) & wanted:
            kept: list[ast.stmt] = [ast.Expr(statement.value) if isinstance(statement, ast.Return) and statement.value
                                    else statement]  # fmt: skip
        else:
            outer = [call for call in inside if not any(other is not call and holds(other, call) for other in inside)]
            kept = [ast.Expr(call) for call in outer]
        for each in kept:
            wanted |= needed(each)
        return kept

    def _trimmed(self, statement: ast.stmt, wanted: set[str]) -> list[ast.stmt]:
        if isinstance(statement, ast.With):
            body = self._kept(statement.body, [], wanted)
            wanted |= needed_by_items(statement)
            return [ast.With(statement.items, body or [ast.Pass()])]
        wanted |= needed(statement)
        return [statement, *(_shift(name) for name, maker in self._makers.items() if maker is statement)]


def _own_statements(scope: Scope, block: ast.With, asked: Sequence[Asked]) -> list[ast.stmt]:
    """Return the statements that are the step's: all of a function; of a module what computes with what is trained."""
    if not isinstance(scope, ast.Module):
        return list(scope.body)
    place = next(at for at, each in enumerate(scope.body) if holds(each, block))
    trained = set().union(*(owners(each.sources, scope.body) for each in asked))
    roots = {name.partition(".")[0] for name in trained}
    before = [each for each in scope.body[:place] if isinstance(each, (ast.Assign, ast.AnnAssign, ast.AugAssign))
              and reads(each) & trained and not bound(each) & roots]  # fmt: skip
    return [*before, *scope.body[place:]]


def needed_by_items(statement: ast.With) -> set[str]:
    """Return the names that the head of a `with` needs."""
    return set().union(*(needed(item.context_expr) for item in statement.items))


def _asked_names(asked: Asked) -> list[str]:
    parts = asked.sources.elts if isinstance(asked.sources, (ast.List, ast.Tuple)) else [asked.sources]
    return [each.id for each in parts if isinstance(each, ast.Name)]


def _shift(name: str) -> ast.stmt:
    return ast.parse(f"{name} = {SHIFTED}({name!r}, {name})").body[0]


def _place(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _read_first(body: Sequence[ast.stmt]) -> list[str]:
    """Return the names that statements read before they bind them."""
    names: dict[str, None] = {}
    bindings: set[str] = set()
    for statement in body:
        if isinstance(statement, ast.With):
            names |= dict.fromkeys(sorted(needed_by_items(statement) - bindings))
            bindings |= {name for item in statement.items if item.optional_vars for name in bound(item.optional_vars)}
            names |= dict.fromkeys(name for name in _read_first(statement.body) if name not in bindings)
        else:
            names |= dict.fromkeys(sorted(needed(statement) - bindings))
        bindings |= bound(statement)
    return [name for name in names if name not in (GRADIENT, SHIFTED, FIRST)]


def _unpacked(body: list[ast.stmt], names: list[str]) -> tuple[list[ast.stmt], list[str]]:
    """Take the parts of a batch for the batch, where a step starts with `x, y = batch`."""
    for statement in body:
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Name(id=batch)) if batch in names:
                own = [part.id for part in parts if isinstance(part, ast.Name)]
                left = [each for each in body if each is not statement]
                if len(own) == len(parts) and batch not in _read_first(left):
                    return left, [*(name for name in names if name != batch), *own]
    return body, names


def _module_names(tree: ast.Module) -> dict[str, ast.stmt]:
    return {name: statement for statement in tree.body for name in bound(statement)}


def _is_argument(name: str, scope: Scope, body: Sequence[ast.stmt], have: dict[str, ast.stmt], as_called: bool) -> bool:
    """Is a name an argument of the isolated step? Not what it has from its module."""
    if not isinstance(scope, ast.Module) and name in {each.arg for each in parameters(scope)}:
        return True
    if name not in have:
        return not hasattr(builtins, name)
    if any(name in bound(each) for each in body):
        return True
    statement = have[name]
    is_value = isinstance(statement, ast.Assign) and not isinstance(statement.value, (ast.Constant, ast.Lambda))
    return not as_called and is_value and not naming.is_loss(name)


def _blanked(text: str, tree: ast.Module, nodes: Sequence[ast.AST]) -> list[str]:
    """Return the lines of a module without the top-level statements, other than definitions, that hold these nodes."""
    lines = text.splitlines()
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        if any(holds(statement, each) for each in nodes):
            first, last = statement.lineno - 1, statement.end_lineno or 0
            lines[first:last] = ["pass", *[""] * (last - first - 1)]
    return lines
