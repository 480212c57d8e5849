"""Re-entrant checkpointing of what has no input that requires a gradient: nothing of it is recorded.

It is told not to be re-entrant where that is written: in the call, in a `partial` that it calls, in the options that
are handed on, or where a setting says so.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import partial

from autofix.fixes.repairs.program import FaultyProgram, Repair
from autofix.model import Edit, Span
from autofix.observe.observation import End
from autofix.source.edits import apply_edits
from autofix.syntax.bindings import defaults_of, last_part
from autofix.syntax.memo import nodes_of
from autofix.worker.records import REENTRANT

CODE = "AF109"
WHAT = "{operation} records nothing: re-entrant checkpointing needs an input that requires a gradient, and has none"
INSTEAD = "pass `use_reentrant=False`, which does not need one"
_OPTION, _PLACE = "use_reentrant", 3
_KIND, _OTHER_KIND = "REENTRANT", "NO_REENTRANT"


def repairs(program: FaultyProgram) -> Iterator[Repair]:
    """Yield the texts in which the calls that record nothing are not re-entrant, then all calls of the same function.

    Of a module that two of them run, a run shows one.
    """
    ends = [end for fault in program.faults for end in fault.ends]
    places = list(dict.fromkeys(place for end in ends if (place := place_of(end, program.file)) is not None))
    found = [each for each in map(partial(_call_at, program), places) if each is not None]
    names = {ast.dump(each.func) for each in found}
    same = [each for each in nodes_of(program.tree, ast.Call) if ast.dump(each.func) in names]
    for calls in (found, same) if found else ():
        for edits in _ways(program, calls):
            text = apply_edits(program.text, dict.fromkeys(edits))
            yield Repair(CODE, places[0], program.shown_at(places[0]), text, WHAT)


def place_of(end: End, file: str) -> Span | None:
    """Return where a file calls the checkpointing under which a gradient ends; None if that is not why it does."""
    if end.code != CODE or not end.form.startswith(REENTRANT):
        return None
    site = next(iter(end.sites[int(end.form.removeprefix(REENTRANT)) :]), None)
    return site.span if site is not None and site.path == file else None


def _call_at(program: FaultyProgram, place: Span) -> ast.Call | None:
    calls = (each for each in nodes_of(program.tree, ast.Call) if program.place_of(each) == place)
    return next(calls, None)


def _ways(program: FaultyProgram, calls: Sequence[ast.Call]) -> Iterator[list[Edit]]:
    """Yield the edits by which calls are not re-entrant: as they say so, where settings do, and in the calls alone."""
    settings = [_off(program, each) for each in _settings(program.tree)]
    alone = [_with_option(program, each) for each in calls]
    written = [_as_written(program, each) for each in calls]
    if settings and any(_is_handed_on(program, each) for each in calls):
        yield settings
    yield [own or added for own, added in zip(written, alone, strict=True)]
    yield from (settings, alone) if settings else (alone,)


def _as_written(program: FaultyProgram, call: ast.Call) -> Edit | None:
    """Return the edit where a call, or the `partial` that it calls, is given the option; None where it is not."""
    for each in (call, *_partials(program, call)):
        given = [one.value for one in each.keywords if one.arg == _OPTION] + each.args[_PLACE : _PLACE + 1]
        constants = [one for one in given if isinstance(one, ast.Constant) and one.value in (True, None)]
        if constants:
            return _off(program, constants[0])
    return None


def _is_handed_on(program: FaultyProgram, call: ast.Call) -> bool:
    """Is the option given by what is computed elsewhere, in the call or in a `partial` that it calls?"""
    given = [one for each in (call, *_partials(program, call)) for one in each.keywords]
    return any(each.arg in (None, _OPTION) and not isinstance(each.value, ast.Constant) for each in given)


def _partials(program: FaultyProgram, call: ast.Call) -> Iterator[ast.Call]:
    """Yield the calls of `partial` that make what is called."""
    name = last_part(call.func)
    for each in nodes_of(program.tree, ast.Assign):
        is_partial = isinstance(each.value, ast.Call) and last_part(each.value.func) == partial.__name__
        if is_partial and isinstance(each.value, ast.Call) and any(last_part(one) == name for one in each.targets):
            yield each.value


def _settings(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the values of all settings that ask for it: in options, defaults, attributes, and kinds of wrappers."""
    for node in ast.walk(tree):
        named: list[tuple[str | None, ast.expr | None]] = []
        match node:
            case ast.keyword(arg=name, value=value):
                named = [(name, value)]
            case ast.Dict(keys=keys, values=values):
                named = [(each.value, value) for each, value in zip(keys, values, strict=True)
                         if isinstance(each, ast.Constant) and isinstance(each.value, str)]  # fmt: skip
            case ast.Assign(targets=targets, value=value):
                named = [(_name_of(each), value) for each in targets]
            case ast.AnnAssign(target=target, value=value):
                named = [(_name_of(target), value)]
            case ast.arguments():
                named = [(each.arg, value) for each, value in defaults_of(node)]
            case ast.Attribute(attr=attribute) if attribute == _KIND:
                yield node
        yield from (
            value
            for name, value in named
            if (name or "").lower() == _OPTION and isinstance(value, ast.Constant) and value.value is True
        )


def _name_of(target: ast.expr) -> str:
    """Return the name of what is assigned to, or the key of it."""
    is_key = isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant)
    return str(target.slice.value) if is_key else last_part(target)  # type: ignore[attr-defined]


def _off(program: FaultyProgram, value: ast.expr) -> Edit:
    if isinstance(value, ast.Attribute):
        return Edit(program.place_of(value), f"{program.source_of(value.value)}.{_OTHER_KIND}")
    return Edit(program.place_of(value), str(False))


def _with_option(program: FaultyProgram, call: ast.Call) -> Edit:
    """Return the edit by which a call is given the option, before what it hands on."""
    given = next((each.value for each in call.keywords if each.arg == _OPTION), None)
    if given is not None:
        return Edit(program.place_of(given), str(False))
    option = f"{_OPTION}={False}"
    last = max(
        (program.place_of(each) for each in (*call.args, *(one for one in call.keywords if one.arg is not None))),
        default=None,
    )
    if last is None:
        behind = program.place_of(call.func)
        return Edit(Span(behind.end_line, behind.end_column + 1, behind.end_line, behind.end_column + 1), option)
    return Edit(Span(last.end_line, last.end_column, last.end_line, last.end_column), f", {option}")
