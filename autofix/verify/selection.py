"""Select the statements that a set of names needs, directly or not, and say which of them must not be run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from autofix.lines import at_line
from autofix.verify.names import bound, needed, needed_by_all, needed_by_function, needed_by_method, touched
from autofix.verify.purity import Purity, is_main_guard


@dataclass(frozen=True)
class Step:
    """One statement: where it stands, what it binds, why it is not run (empty: it is)."""

    at: tuple[int, int]
    names: tuple[str, ...]
    reason: str = ""


def select(
    statements: Sequence[ast.stmt],
    names: set[str],
    purity: Purity,
    method: Mapping[ast.stmt, str] = MappingProxyType({}),
) -> tuple[list[Step], list[ast.stmt]]:
    """The statements that `names` need, directly or through others, in their order."""
    wanted, chosen = set(names), set[int]()
    while True:
        fresh = [
            number
            for number, one in enumerate(statements)
            if number not in chosen and wanted & (bound(one) | touched_values(one, purity)) | star(one)
        ]
        if not fresh:
            break
        chosen.update(fresh)
        for number in fresh:
            wanted |= needs_of(statements[number], method.get(statements[number]))
    steps = [step for number in sorted(chosen) if (step := step_of(statements[number], purity))]
    run = {step.at for step in steps if not step.reason}
    return steps, [statements[number] for number in sorted(chosen) if position(statements[number]) in run]


def touched_values(statement: ast.stmt, purity: Purity) -> set[str]:
    """Names changed in place; a module is not a value: `np.random.seed(0)` does not change `np`."""
    return touched(statement) - set(purity.imports) - set(purity.functions)


def star(statement: ast.stmt) -> set[str]:
    return {"*"} if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*" else set()


def needs_of(statement: ast.stmt, method: str | None) -> set[str]:
    """What a statement needs; of a class only `method` and what that calls, where it is given."""
    if isinstance(statement, ast.ClassDef) and method is not None:
        return needed_by_method(statement, method)
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return needed_by_function(statement)
    if isinstance(statement, ast.ClassDef):
        return {name for one in statement.body for name in needed(one)} | needed_by_all(
            [*statement.bases, *statement.decorator_list, *(keyword.value for keyword in statement.keywords)]
        )
    return needed(statement)


def step_of(statement: ast.stmt, purity: Purity) -> Step | None:
    names = tuple(sorted(bound(statement) | star(statement) or touched(statement)))
    objection = purity.objection(statement) or unknown_call(statement, purity)
    if objection is None:
        return Step(position(statement), names)
    if isinstance(statement, ast.Expr):
        return None
    return Step(position(statement), names, f"{', '.join(names)} from {at_line(statement.lineno)} ({objection})")


def unknown_call(statement: ast.stmt, purity: Purity) -> str | None:
    """A call that stands alone is made for its effect: it must be a method's, or a function's that can be followed."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    is_unknown = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id not in purity.functions
    return "a call of something unknown" if is_unknown else None


def position(statement: ast.stmt) -> tuple[int, int]:
    return statement.lineno, statement.col_offset


def from_main_guard(module: ast.Module, names: set[str], steps: Iterable[Step], purity: Purity) -> list[Step]:
    """Simple assignments under `if __name__ == "__main__"`, for names that are bound nowhere else."""
    have = {name for step in steps for name in step.names}
    body = [one for guard in module.body if isinstance(guard, ast.If) and is_main_guard(guard) for one in guard.body]
    simple = [one for one in body if isinstance(one, (ast.Assign, ast.AnnAssign)) and purity.objection(one) is None]
    missing = {name for one in simple for name in bound(one)} & names - have
    return select(simple, missing, purity)[0] if missing else []
