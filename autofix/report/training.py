"""What a program's first steps showed, for people: its losses, a table of its parameters by module, and its faults."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autofix.model import Site
from autofix.observe.attended import Attended, Seen, listed
from autofix.observe.observation import TrainedParameter
from autofix.report.results import relative
from autofix.report.text import BOLD, CYAN, GREEN, RED, Style, count
from autofix.report.visible import visible

MOST_ROWS = 40
MOST_LOSSES = 8
WORDS = {"live": "live", "zero": "zero", "none": "no gradient", "bad": "not finite"}
FROZEN, LOOSE, UNUSED = "frozen", "in no optimizer", "not used"


@dataclass(frozen=True)
class Row:
    """Parameters of one module: how many, the norm of their gradient, and how many are in which state."""

    module: str
    count: int
    norm: float | None
    states: tuple[tuple[str, int], ...]


def training(attended: Attended, faults: Sequence[Seen], style: Style) -> str:
    """The whole report; empty where nothing of a training was met."""
    if not attended.seen.trains and not attended.seen.optimizers:
        return ""
    lines = [style.paint(_headline(attended), BOLD), *_losses(attended), *_table(attended)]
    if not faults and attended.seen.trains:
        lines.append(style.paint("  learns: ", GREEN) + visible(_learns(attended)))
    if not faults:
        lines += [visible(f"  note: {each}") for each in remarks(attended)]
    return "\n".join(lines) + "\n\n" + faults_shown(faults, style)


def remarks(attended: Attended) -> Iterator[str]:
    """Yield what may well be meant: parameters without a gradient beside others that have one."""
    waiting = [each for each in attended.seen.optimizers if not each.steps]
    later = {at for each in waiting for at in each.parameters}
    lacking = [
        each
        for number, each in enumerate(attended.seen.parameters)
        if number not in later and each in attended.seen.without_gradient()
    ]
    without = [each.name or str(list(each.shape)) for each in lacking]
    if without and attended.seen.steps:
        yield f"{listed(without)}: held by an optimizer, and no gradient reaches it in these steps"
    if waiting and attended.seen.steps:
        kinds = ", ".join(dict.fromkeys(each.kind for each in waiting))
        yield f"{kinds} made no step yet; `--steps N` watches for longer"
    yield from (each for each in attended.seen.notes if " at step " not in each)


def _learns(attended: Attended) -> str:
    """Say what gets its gradient, and what is held back: nothing trains what no optimizer holds."""
    kinds = " and ".join(dict.fromkeys(each.kind for each in attended.seen.optimizers))
    loose = [each.name for each in attended.loose if each.name and each.state == "live"] if kinds else []
    held = f" at what {kinds} hold{'' if ' and ' in kinds else 's'}" if kinds else ""
    back = f"; not trained: {listed(loose)}, in no optimizer" if loose else ""
    return f"gradients arrive{held}{back}"


def faults_shown(faults: Sequence[Seen], style: Style) -> str:
    """What is wrong, each with its place and the way out."""
    lines = [line for fault in faults for line in _fault(fault, style)]
    return "\n".join(lines) + ("\n\n" if lines else "")


def _headline(attended: Attended) -> str:
    seen = attended.seen
    kinds = Counter(each.kind for each in seen.optimizers)
    made_by = ", ".join(f"{name} × {number}" if number > 1 else name for name, number in kinds.items())
    steps, taken = count(seen.steps, "step"), count(attended.differentiated, "gradient")
    return visible(f"autofix: {steps} of {made_by or 'no optimizer'}, {taken} taken, {seen.seconds:.1f} s")


def _losses(attended: Attended) -> Iterator[str]:
    values = [each.value for each in attended.seen.events if each.value is not None]
    if values:
        shown = ", ".join(f"{each:.6g}" for each in values[:MOST_LOSSES])
        yield f"  loss: {shown}{', …' if len(values) > MOST_LOSSES else ''}"


def _table(attended: Attended) -> Iterator[str]:
    rows = rows_of(attended)
    if not rows:
        return
    width = max(len("module"), *(len(each.module) for each in rows))
    yield f"  {'module':<{width}}  {'parameters':>10}  {'gradient':>9}  state"
    for each in rows:
        norm = "-" if each.norm is None else f"{each.norm:.2e}"
        states = each.states[0][0] if len(each.states) == 1 else ", ".join(f"{n} {state}" for state, n in each.states)
        yield visible(f"  {each.module:<{width}}  {each.count:>10}  {norm:>9}  {states}")


def rows_of(attended: Attended) -> list[Row]:
    """The parameters by module, in the order of the program; by outer modules where there are too many."""
    found = [(each, _state(each)) for each in attended.seen.parameters]
    found += [(each, LOOSE if attended.seen.optimizers else WORDS[each.state]) for each in attended.loose]
    depth = max((len(_path(each.name)) for each, _ in found), default=1)
    groups = _grouped(found, depth)
    while len(groups) > MOST_ROWS and depth > 1:
        depth -= 1
        groups = _grouped(found, depth)
    return [_row(name, group) for name, group in groups.items()]


def _path(name: str) -> list[str]:
    """The module of a parameter, from the outermost on."""
    return name.replace("/", ".").split(".")[:-1] or [name]


def _grouped(
    found: Sequence[tuple[TrainedParameter, str]], depth: int
) -> dict[str, list[tuple[TrainedParameter, str]]]:
    groups: dict[str, list[tuple[TrainedParameter, str]]] = {}
    for each, state in found:
        groups.setdefault(".".join(_path(each.name)[:depth]) or "(unnamed)", []).append((each, state))
    return groups


def _row(name: str, group: Sequence[tuple[TrainedParameter, str]]) -> Row:
    norms = [each.norm for each, _ in group if each.norm is not None]
    states = Counter(state for _, state in group)
    total = sum(math.prod(each.shape) for each, _ in group)
    return Row(name, total, math.sqrt(sum(each**2 for each in norms)) if norms else None, tuple(states.items()))


def _state(parameter: TrainedParameter) -> str:
    if parameter.frozen:
        return FROZEN
    if parameter.state == "none" and not parameter.used:
        return f"{WORDS['none']}, {UNUSED}"
    return WORDS[parameter.state]


def _fault(fault: Seen, style: Style) -> Iterator[str]:
    code = f"{fault.code} " if fault.code else ""
    place = _place(fault.sites[0]) + ": " if fault.sites else ""
    yield style.paint(visible(place), BOLD) + style.paint(code, RED) + visible(fault.what)
    for site in fault.sites[:1]:
        yield f"    {visible(site.expression)}"
    if len(fault.sites) > 1:
        outer = fault.sites[-1]
        yield visible(f"    called from {_place(outer)}: {outer.expression}")
    if fault.help:
        yield f"  {style.paint('=', CYAN)} {visible(f'help: {fault.help}')}"


def _place(site: Site) -> str:
    return f"{relative(site.path)}:{site.span.line}:{site.span.column}"
