"""Runs a module over abstract values: statements, functions of the project, and what gets differentiated in the end.

What evaluates expressions, executes statements and knows calls is registered by the modules that are imported here.
"""

from __future__ import annotations

import ast
from collections.abc import Collection
from dataclasses import replace

from autofix.analysis import expressions, known_calls, library_calls, method_calls, statements  # noqa: F401
from autofix.analysis.functions import invoke, tape_around
from autofix.analysis.lookup import enter
from autofix.analysis.optimizers import made_as_leaves, optimized, wanted_leaves
from autofix.analysis.record import Facts
from autofix.analysis.run import Declared, Files, Run, execute
from autofix.analysis.syntactic import trained_names
from autofix.analysis.values import Arguments, Function, Scope
from autofix.model import Demands, Framework
from autofix.source.suppressions import Stretch, read
from autofix.syntax.spans import Around, Neighbour, Positions


def new_run(
    tree: ast.Module,
    text: str,
    framework: Framework,
    own_rules: frozenset[str] = frozenset(),
    around: Around | None = None,
    demands: Demands = "named",
    lost: Collection[int] = (),
) -> Run:
    """Return a run of a module in which nothing was executed yet, for what is to be differentiated besides.

    In the lines `lost`, nothing counts as constant on purpose.
    """
    wishes = read(text, tree).wishes
    seen = tuple(Stretch(line, line) for line in sorted(lost))
    wishes = replace(wishes, demanded=(*wishes.demanded, *seen), demands=demands)
    declared = Declared(trained_names(tree), wanted_leaves(tree), made_as_leaves(tree), optimized(tree), wishes)
    run = Run(tree, Positions(text), framework, own_rules, declared, Files(around))
    if around is not None:
        run.files.scopes[around.path] = run.module
    return run


def run_module(run: Run) -> None:
    """Run the module's own statements."""
    run.context.tape = tape_around(run, run.tree)
    execute(run, run.tree.body, run.module)
    run.context.tape = "none"


def run_user(run: Run, user: Neighbour) -> Scope:
    """Run the statements of a file that uses this one."""
    return enter(run, user, user.tree.body)


def look_into(run: Run, function: Function) -> None:
    """Follow a function that nothing differentiates only to see what it calls; it leaves no other trace."""
    journal, facts = run.journal, run.facts
    consumed, invocations = len(journal.consumed), len(journal.invocations)
    run.facts, run.names.assumes_roles = Facts(), False
    try:
        invoke(run, function, Arguments((), {}))
    finally:
        run.facts, run.names.assumes_roles = facts, True
        del journal.consumed[consumed:], journal.invocations[invocations:]
