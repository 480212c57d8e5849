"""Finds the steps of a module that hold a `tf.GradientTape`: what each records, what it watches, and what it is asked.

Takes a syntax tree; gives tapes in the order of the file. `tape_faults` says whether what is recorded carries a
gradient. A name is live inside the block when it was made there from a source or from another live name, and lost when
it was made from one of them outside. A tape follows variables by itself and everything else only after `tape.watch`;
where a name may stand for a variable, nothing is said.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from autofix.analysis.record import Fact
from autofix.analysis.run import Run
from autofix.knowledge import effects, naming
from autofix.knowledge.operations import having
from autofix.model import Kind
from autofix.syntax.bindings import changed, dotted, needed, owners, reads, slice_back
from autofix.syntax.memo import called_in, functions_in, nodes_of

_ASKING = frozenset({"gradient", "jacobian", "batch_jacobian"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_BLOCKS = (ast.With, ast.For, ast.While, ast.If, ast.Try)

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Asked:
    """One `tape.gradient(target, sources)`."""

    call: ast.Call
    target: ast.expr
    sources: ast.expr


@dataclass(frozen=True, eq=False)
class Tape:
    """One `with tf.GradientTape() as name:`, its options, and what it is asked; `made` is the call that opens it."""

    name: str
    block: ast.With
    made: ast.Call
    scope: Scope
    asked: tuple[Asked, ...]

    @property
    def persistent(self) -> bool:
        """May it be asked more than once? True where that cannot be read."""
        options = [each.value for each in self.made.keywords if each.arg in ("persistent", None)] + self.made.args[:1]
        return any(not (isinstance(each, ast.Constant) and not each.value) for each in options)


def find_tapes(tree: ast.Module) -> tuple[Tape, ...]:
    """Return the tapes of a module that are opened by a `with` and asked in the same scope."""
    if not _makes_tape(tree):
        return ()
    scopes = [each for each in (tree, *functions_in(tree)) if _makes_tape(each)]
    found = [tape for scope in scopes for tape in _tapes_of(scope)]
    return tuple(sorted(found, key=lambda each: (each.made.lineno, each.made.col_offset)))


def _makes_tape(scope: Scope) -> bool:
    return any(_name_of(func) == "GradientTape" for func in called_in(scope))


def steps_of(tapes: Sequence[Tape]) -> tuple[tuple[Tape, ...], ...]:
    """Gather tapes that stand in one another, or in one `with`: they make one step."""
    steps: list[list[Tape]] = []
    for tape in tapes:
        around = [step for step in steps if holds(step[0].block, tape.block)]
        if around:
            around[0].append(tape)
        else:
            steps.append([tape])
    return tuple(tuple(step) for step in steps)


def within(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a node, the bodies of functions and classes in it left out."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _FUNCTIONS):
            yield from within(child)


def holds(node: ast.AST, wanted: ast.AST) -> bool:
    """Does `wanted` stand in `node`, or is it `node` itself?"""
    return node is wanted or any(each is wanted for each in ast.walk(node))


def siblings(scope: ast.AST, statement: ast.stmt) -> Sequence[ast.stmt]:
    """Return the statements among which one stands."""
    for node in (scope, *within(scope)):
        for _, field in ast.iter_fields(node):
            if isinstance(field, list) and any(each is statement for each in field):
                return field
    return ()


def flat(body: Sequence[ast.stmt], opened: Sequence[ast.AST]) -> Iterator[ast.stmt]:
    """Yield statements in their order, each block around one of `opened`, and each `with`, opened up."""
    for statement in body:
        if isinstance(statement, _BLOCKS) and (
            isinstance(statement, ast.With) or any(holds(statement, each) for each in opened)
        ):
            for part in (statement.body, getattr(statement, "orelse", []), getattr(statement, "finalbody", [])):
                yield from flat(part, opened)
        else:
            yield statement


def path_to(root: ast.AST, node: ast.AST) -> list[tuple[ast.AST, str]]:
    """Return the nodes from `root` down to just above `node`, each with the field through which the way leads."""
    for name, field in ast.iter_fields(root):
        for child in field if isinstance(field, list) else [field]:
            if child is node:
                return [(root, name)]
            if isinstance(child, ast.AST) and (below := path_to(child, node)):
                return [(root, name), *below]
    return []


def _tapes_of(scope: Scope) -> Iterator[Tape]:
    opened: list[tuple[str, ast.With, ast.Call]] = []
    asked: dict[int, list[Asked]] = {}
    for node in sorted(within(scope), key=_place):
        if isinstance(node, ast.With):
            for item in node.items:
                match item:
                    case ast.withitem(ast.Call() as made, ast.Name(id=name)) if _name_of(made.func) == "GradientTape":
                        opened.append((name, node, made))
        elif isinstance(node, ast.Call) and (question := _question(node)) is not None:
            asking = node.func.value.id  # type: ignore[attr-defined]
            number = next((at for at in reversed(range(len(opened))) if opened[at][0] == asking), None)
            if number is not None:
                asked.setdefault(number, []).append(question)
    for number, (name, block, made) in enumerate(opened):
        if number in asked:
            yield Tape(name, block, made, scope, tuple(asked[number]))


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _question(call: ast.Call) -> Asked | None:
    """Return what a call asks a tape, None where it is no such call or not written out."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _ASKING or not isinstance(func.value, ast.Name):
        return None
    named = {each.arg: each.value for each in call.keywords}
    given = [*call.args[:2]]
    target = given[0] if given else named.get("target")
    sources = given[1] if len(given) > 1 else named.get("sources") or named.get("source")
    if target is None or sources is None or any(isinstance(each, ast.Starred) for each in given):
        return None
    return Asked(call, target, sources)


def _name_of(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


_UPDATES = having("stores")


def unwatched(tape: Tape, step: Sequence[Tape], run: Run) -> Iterator[tuple[str, ast.stmt | None]]:
    """Yield the sources to watch, each with the statement in the block that makes it, if one does."""
    found: set[str] = set()
    for asked in tape.asked:
        parts = asked.sources.elts if isinstance(asked.sources, (ast.List, ast.Tuple)) else [asked.sources]
        for source in parts:
            if not isinstance(source, ast.Name) or source.id in found or _watches(tape, source.id):
                continue
            made = _made_in_block(tape, asked, source.id)
            if not _is_plain(tape, step, source, made, run) or not _leads(tape, asked, source.id):
                continue
            found.add(source.id)
            yield source.id, made


def _watches(tape: Tape, name: str) -> bool:
    for call in (each for each in within(tape.scope) if isinstance(each, ast.Call)):
        func = call.func
        if isinstance(func, ast.Attribute) and func.attr == "watch" and dotted(func.value) == tape.name:
            parts = [
                each for argument in (*call.args, *(key.value for key in call.keywords)) for each in ast.walk(argument)
            ]
            if any(isinstance(each, ast.Name) and each.id == name for each in parts):
                return True
            if any(not isinstance(each, (ast.Name, ast.List, ast.Tuple, ast.expr_context)) for each in parts):
                return True  # watched by another name, perhaps
    return False


def _made_in_block(tape: Tape, asked: Asked, name: str) -> ast.stmt | None:
    inside = [each for each in flat(tape.block.body, [asked.call]) if not holds(each, asked.call)]
    return next((each for each in reversed(inside) if name in changed(each)), None)


def _is_plain(tape: Tape, step: Sequence[Tape], source: ast.Name, made: ast.stmt | None, run: Run) -> bool:
    """Is the source a tensor, for all that is known, and not a variable or the result of one that is recorded?"""
    fact: Fact | None = run.facts.by_key.get(run.positions.key(source))
    if fact is None or _is_updated(run.tree, source.id):
        return False
    value = fact.value
    if made is None and any(other is not tape and _watches(other, source.id) for other in step):
        return True
    if made is None and _is_computed(tape, source.id, run):
        return True
    if value.derived or value.meaning is not None:
        return False
    if value.kind is Kind.TENSOR and not value.unknown:
        return True
    if made is not None or value.kind not in (Kind.TENSOR, Kind.OTHER) or not value.unknown:
        return False
    return bool(set(naming.words(source.id)) & naming.INPUT) and _goes_into_a_call(tape, source.id)


def _is_computed(tape: Tape, name: str, run: Run) -> bool:
    """Is a name the result of an operation before the block? Operations give tensors, never variables."""
    before = [each for each in flat(tape.scope.body, [tape.block])
              if each.lineno < tape.block.lineno and name in changed(each)]  # fmt: skip
    last = before[-1] if before else None
    if not isinstance(last, ast.Assign) or not isinstance(last.targets[0], ast.Name):
        return False
    fact = run.facts.by_key.get(run.positions.key(last.value))
    return isinstance(last.value, (ast.BinOp, ast.UnaryOp)) or (
        fact is not None and fact.callee.startswith("tensorflow.") and fact.value.kind is Kind.TENSOR
    )


def _is_updated(tree: ast.AST, name: str) -> bool:
    """Is a name treated as a variable anywhere: made one, assigned to, given to an optimizer?"""
    for each in nodes_of(tree, ast.Call):
        if isinstance(each.func, ast.Attribute):
            if each.func.attr in _UPDATES and dotted(each.func.value) == name:
                return True
            if each.func.attr in ("apply_gradients", "minimize") and _names(each) & {name}:
                return True
    assigned = nodes_of(tree, ast.Assign)
    return any(name in changed(each) and "Variable" in ast.unparse(each.value) for each in assigned)


def _goes_into_a_call(tape: Tape, name: str) -> bool:
    calls = (each for each in ast.walk(tape.block) if isinstance(each, ast.Call))
    return any(isinstance(part, ast.Name) and part.id == name for each in calls for part in _flat_arguments(each))


def _flat_arguments(call: ast.Call) -> Iterator[ast.expr]:
    for argument in (*call.args, *(each.value for each in call.keywords)):
        yield argument
        if isinstance(argument, (ast.List, ast.Tuple)):
            yield from argument.elts


def _names(node: ast.AST) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _leads(tape: Tape, asked: Asked, name: str) -> bool:
    """Does what the tape records, or would record, lead from the source to the target?"""
    recording = record(tape, asked, Known(lambda node: False, lambda node: False), {name})
    return recording.live or recording.lost


@dataclass(frozen=True)
class Recording:
    """What became of the target: `lost` with the `guilty` statements, or, with `target`, in the call that asks.

    `needed` are the names that the target is made of.
    """

    lost: bool
    guilty: tuple[ast.stmt, ...] = ()
    target: bool = False
    needed: frozenset[str] = frozenset()
    live: bool = False


@dataclass(frozen=True)
class Known:
    """What an abstract run says of a statement: if it holds a prediction, and if a call in it may hide a model."""

    derived: Callable[[ast.AST], bool]
    opaque: Callable[[ast.AST], bool]


def record(tape: Tape, asked: Asked, known: Known, roots: set[str] | None = None) -> Recording:
    """Follow the statements of a scope up to where the tape is asked.

    What is made in the block by a call that may have variables of its own is taken to be live.
    """
    statements = _before(tape, asked)
    sources = owners(asked.sources, statements) if roots is None else roots
    live: set[str] = set()
    lost: set[str] = set()
    made_outside: list[ast.stmt] = []
    for statement in statements:
        read, given = _carried(statement), changed(statement) - sources
        if holds(tape.block, statement):
            if read & (sources | live):
                live, lost = live | given, lost - given
            elif read & lost and not known.opaque(statement):
                live, lost = live - given, lost | given
            elif read & lost or (roots is None and known.derived(statement)):
                live, lost = live | given, lost - given
            else:
                live, lost = live - given, lost - given
        elif given and read & sources and _makes_an_object(statement):
            sources, live, lost = sources | given, live - given, lost - given
        elif given and (read & (sources | live | lost) or (roots is None and known.derived(statement))):
            live, lost = live - given, lost | given
            made_outside.append(statement)
        else:
            live, lost = live - given, lost - given
    names, plain = _carried(asked.target), _is_made_before(asked.target)
    inside = holds(tape.block, asked.call)
    kept = slice_back(statements, needed(asked.target))
    guilty = tuple(each for each in kept if any(each is one for one in made_outside))
    if plain or inside:
        is_live = bool(names & live) or (inside and bool(names & sources))
        is_lost = not is_live and bool(names & lost)
        return Recording(is_lost, guilty if is_lost else (), False, frozenset(needed(asked.target)), is_live)
    reached = bool(names & (live | lost | sources))
    return Recording(reached, guilty if not names & live else (), reached, frozenset(needed(asked.target)))


def _before(tape: Tape, asked: Asked) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for statement in flat(tape.scope.body, [tape.block, asked.call]):
        if holds(statement, asked.call):
            break
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.append(statement)
    return found


def _carried(node: ast.AST) -> set[str]:
    """Return the dotted names that a node reads, where their values are meant and not their shapes."""
    shapes = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Attribute)
              and each.attr in effects.SHAPES and each.attr not in ("name", "type")}  # fmt: skip
    again = {dotted(each.target) for each in ast.walk(node) if isinstance(each, ast.AugAssign)} - {""}
    return again.union(*(reads(each) for each in ast.walk(node) if isinstance(each, (ast.Name, ast.Attribute))
                         and id(each) not in shapes and not _stands_for_shape(each)))  # fmt: skip


def _stands_for_shape(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in effects.SHAPES


def _makes_an_object(statement: ast.AST) -> bool:
    """Is an object made of variables, a distribution or a layer, which computes with them only when it is asked?"""
    call = statement.value if isinstance(statement, ast.Assign) else None
    if not isinstance(call, ast.Call):
        return False
    return any(part[:1].isupper() for part in dotted(call.func).split("."))


def _is_made_before(target: ast.expr) -> bool:
    """Is the target made before it is asked for: a name, an attribute, an element, or a list of those?"""
    if isinstance(target, (ast.List, ast.Tuple)):
        return all(_is_made_before(each) for each in target.elts)
    if isinstance(target, (ast.Attribute, ast.Subscript)):
        return _is_made_before(target.value)
    return isinstance(target, ast.Name)
