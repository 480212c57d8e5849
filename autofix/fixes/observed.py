"""Findings of what a program's first steps show and its source does not, and the edits that may fix them.

Every expression at which a gradient ends has few ways to be written without that. Those of all faults of the program
are tried together, again and again where an end shows behind another one, and the program says whether it trains then
and computes what it computed before.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from autofix.analysis.looks import Looks
from autofix.fixes.one import ways_to_write
from autofix.fixes.repairs import adapted, checkpointed
from autofix.fixes.repairs.program import FaultyProgram
from autofix.fixes.repairs.proof import Repaired, repaired
from autofix.fixes.repairs.recording import CODE as RECORDING
from autofix.fixes.repairs.recording import guards_around, one_a_guard
from autofix.fixes.spellings import spellings, without_idle
from autofix.fixes.verdicts import with_limits
from autofix.fixes.whole import Attempt
from autofix.knowledge.causes import cause, has
from autofix.knowledge.naming import is_surely_target
from autofix.model import Evidence, Exit, Explanation, Finding, Fix, Framework, OwnRules, Reason, Site, Span
from autofix.observe.faults import KEPT_APART, Diagnosed, ObservedFault, is_faultless, is_wish
from autofix.observe.first_steps import Measured, Unobservable, prove_by_program
from autofix.observe.observation import End, Stray
from autofix.source.diff import unified_diff
from autofix.source.edits import Origin, apply_edits, edits_between, stretch_of
from autofix.syntax.module import enclosing, node_at, parents_of
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Positions, span
from autofix.syntax.straight_through import is_straight_through

_MOST_SHOWN = 4
_MOST_ROUNDS = 4
"""How often ends are looked for behind those that are rewritten."""
_MOST_WAYS = 3
_MOST_WRITTEN = 8
"""How many ways to write the losses of a program are run, where no spelling of what ends their gradient holds."""
_NO_REWRITE = Reason(Exit.RULE, "no rewrite with the same value is known")


def after_observing(
    path: str, text: str, current: str, original: Measured, findings: Sequence[Finding], look: Looks
) -> tuple[list[Finding], str]:
    """Return the findings with what the program shows beside them, without what it contradicts; and the fixed text."""
    diagnosed = Diagnosed(original.of_text(current))
    origin = Origin(text, current)
    faults = [each for each in diagnosed.faults if _concerns(each, path, current, original)]
    codes = _codes(faults, path, origin)
    right = (each for each in findings if not _is_contradicted(each, diagnosed, path, origin))
    kept = [each for each in right if not _is_named_otherwise(each, codes)]
    known = {each.span.line for each in kept}
    to_fix = tuple(each for each in faults if not each.jumps)
    program = FaultyProgram(path, current, original.run.framework, diagnosed, to_fix, tuple(kept), look.own)
    program = _to_repair(program)
    lost = [each for each in to_fix if each.stray is None]
    fixed, fix = current, Fix("none")
    if lost:
        try:
            fixed, fix = _fix(path, text, current, original, lost, look)
        except Unobservable as error:  # what was seen stays, though no rewrite of it could be tried
            fix = Fix("unverifiable", Reason(Exit.TRIAL, str(error)))
    found = [
        origin.finding(each)
        for fault in faults
        if not _is_known(fault, known, path, origin)
        for each in _findings(
            path, current, original.run.framework, fault, fix if fault in lost else left_to_author(fault, path)
        )
    ]
    found = list({(each.span, each.code): each for each in found}.values())  # what several values lose is said once
    if fix.status == "verified":
        ran = {origin.line(line) for line in diagnosed.measured.frozen.lines}
        kept = [each for each in (_with_fix(each, fix, set(codes), ran) for each in kept) if each is not None]
    elif diagnosed.events or program.fails:
        try:
            repair = repaired(program, text, original, partial(_spelled, path, original, look.own))
        except Unobservable as error:
            repair = Reason(Exit.TRIAL, str(error))
        if not isinstance(repair, Reason):
            known_now = _with_repair(repair, [*kept, *found], program, origin)
            return one_a_guard(known_now, parsed(text)), repair.text
    return one_a_guard([*kept, *found], parsed(text)), fixed


def _to_repair(program: FaultyProgram) -> FaultyProgram:
    """Return a program as it is in the first stage of its training in which something is wrong."""
    stage = min((each.stage for each in program.faults), default=0)
    if not stage:
        return program
    own = tuple(each for each in program.faults if each.stage == stage)
    return replace(program, diagnosed=Diagnosed(program.diagnosed.original.at(stage)), faults=own)


def _spelled(path: str, original: Measured, own: OwnRules, text: str) -> str:
    """Return a repaired text in which what ends gradients still is written otherwise."""
    return _rewritten(path, text, original, 0, own)


def _with_repair(
    repaired: Repaired, findings: Sequence[Finding], program: FaultyProgram, origin: Origin
) -> list[Finding]:
    """Return the findings with the fix of the whole program, which says which of them were right."""
    repair = repaired.repair
    verified = [each for each in findings if each.fix.status == "verified"]
    places = {origin.span(each) for each in repair.spans}
    left = [each for each in findings if each not in verified]
    fixed = [each for each in left if each.code == repair.code and (not places or each.span in places)]
    named = [replace(each, fix=repaired.fix) for each in fixed]
    if places:
        named += [each for each in left if each not in fixed]
    if not fixed:
        what = (repair.what or cause(repair.code).what).format(operation=repair.operation)
        explanation = Explanation(what, (), cause(repair.code).here, "", "seen in the program's first step")
        loss, framework = enclosing(program.tree, repair.span), program.framework
        found = Finding(
            program.path, repair.span, repair.code, explanation.line, loss, framework, repaired.fix,
            explanation=explanation,
        )  # fmt: skip
        named.append(origin.finding(found))
    return [*verified, *named]


def _with_fix(finding: Finding, fix: Fix, lost: Collection[int | None], ran: Collection[int | None]) -> Finding | None:
    """Return a finding with the fix of the whole program; None where that needed no change in a line that was run."""
    if finding.fix.status == "verified":
        return finding
    if finding.span.line in lost or has(finding.code, "of-the-whole"):
        return replace(finding, fix=fix)
    return None if finding.span.line in ran else finding


def _concerns(fault: ObservedFault, path: str, text: str, original: Measured) -> bool:
    """Is there something to say of a fault in this file? Where another one is run with it, only of what lies here."""
    if fault.ends:
        return bool(_shown(fault, path, text))
    sites = fault.event.sites if fault.event is not None else fault.sites
    return not original.run.target or _in_file(sites, path) is not None


def _shown(fault: ObservedFault, path: str, text: str) -> list[End]:
    """Return the ends of a fault that can be shown in this file, without those that are meant."""
    found = ((end, _in_file(end.sites, path)) for end in fault.ends)
    return [end for end, site in found if site is not None and not (fault.partly and _is_of_target(site, text))]


def _own_sites(sites: Iterable[Site], path: str) -> list[Site]:
    """Return those of some sites that are in this file, the innermost first."""
    own = str(Path(path).resolve())
    return [each for each in sites if each.path == own]


def _in_file(sites: Sequence[Site], path: str) -> Site | None:
    """Return the innermost of some sites that is in this file."""
    return next(iter(_own_sites(sites, path)), None)


def _is_of_target(site: Site, text: str) -> bool:
    """Does what is made there go by the name of a target?"""
    for node in ast.walk(parsed(text)):
        if isinstance(node, ast.Assign) and node.lineno <= site.span.line <= (node.end_lineno or node.lineno):
            names = [each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            return any(map(is_surely_target, names))
    return False


def _lines(end: End, path: str) -> Iterator[int]:
    site = _in_file(end.sites, path)
    if site is not None:
        yield from range(site.span.line, site.span.end_line + 1)


def _is_contradicted(finding: Finding, diagnosed: Diagnosed, path: str, origin: Origin) -> bool:
    """Did the program come to the place of a finding without a fix, and lose nothing there that it differentiates?

    Where nothing is lost anywhere, all its parameters have to be trained, too. A search that was cut short says nothing
    of what it has not tried.
    """
    if finding.fix.status == "verified" or has(finding.code, "of-the-whole") or not diagnosed.events:
        return False
    search = diagnosed.search
    ends = (*search.found, *search.open)
    trains = all(each.trains for _, each in diagnosed.events) and not diagnosed.natural.without_gradient()
    if not search.whole or (diagnosed.natural.error is not None and trains) or not (search.found or trains):
        return False
    ran = {origin.line(line) for line in diagnosed.measured.frozen.lines}
    if finding.span.line not in ran:
        return False
    return all(origin.line(line) != finding.span.line for end in ends for line in _lines(end, path))


def _is_known(fault: ObservedFault, known: Collection[int], path: str, origin: Origin) -> bool:
    """Is a fault reported where it lies; or, where nothing shows that, anything at all that may be it?"""
    if not fault.ends:
        return bool(known)
    return any(origin.line(line) in known for end in fault.ends for line in _lines(end, path))


def _codes(faults: Sequence[ObservedFault], path: str, origin: Origin) -> Mapping[int | None, set[str]]:
    """Return the causes that were seen in each line."""
    found: dict[int | None, set[str]] = {}
    for end in (end for fault in faults for end in fault.ends):
        for line in _lines(end, path):
            found.setdefault(origin.line(line), set()).add(end.code)
    return found


def _is_named_otherwise(finding: Finding, codes: Mapping[int | None, set[str]]) -> bool:
    """Did the run show another cause in the line of a finding that no rewrite helps?"""
    seen = codes.get(finding.span.line, set())
    return has(finding.code, "for-the-author") and bool(seen) and finding.code not in seen


def _fix(
    path: str, text: str, current: str, original: Measured, faults: Sequence[ObservedFault], look: Looks
) -> tuple[str, Fix]:
    """Return the text in which no gradient ends any more, and what became of that."""
    instead = next((said for fault in faults for said in _instead(fault) if said), "")
    why = Reason(Exit.AUTHOR, instead) if instead else _NO_REWRITE
    failed = Fix("none", why)
    for patched in _without_ends(path, current, original, faults, look):
        verdict = prove_by_program(original, [original.of_text(patched)], is_meant=is_faultless)
        if (evidence := with_limits(text, current, patched, verdict)) is not None:
            edits = edits_between(text, current, patched)
            return patched, Fix("verified", None, unified_diff(path, current, patched), evidence, edits)
        if original.run.shared:
            return current, Fix("none", Reason(Exit.AUTHOR, verdict.reason))
        said = Reason(Exit.VERDICT, verdict.reason)
        tried = Fix("unverifiable", said) if verdict.status == "unverifiable" else Fix("rejected", said)
        failed = failed if failed.status == "rejected" else tried
    return current, failed


def _without_ends(
    path: str, current: str, original: Measured, faults: Sequence[ObservedFault], look: Looks
) -> Iterator[str]:
    """Yield the texts to try: each end spelled otherwise, then what the analysis makes of the losses that they are in.

    That knows which values are no arrays any more, and how their methods are written then.
    """
    known = {current}
    for way in range(_MOST_WAYS):
        patched = _rewritten(path, current, original, way, look.own)
        if patched == current:
            break
        if patched not in known:
            known.add(patched)
            yield patched
    shown = (end for fault in faults for end in _undone(_shown(fault, path, current), current))
    lines = {line for end in shown for line in _all_lines(end, path)}
    for text in _by_analysis(current, lines, look.demanding(lines)) if lines else ():
        if text not in known:
            known.add(text)
            yield text


def _all_lines(end: End, path: str) -> Iterator[int]:
    """Yield the lines of a file in which a gradient ends, and those that lead there."""
    for site in _own_sites(end.sites, path):
        yield from range(site.span.line, site.span.end_line + 1)


def _by_analysis(current: str, lines: Collection[int], look: Looks) -> Iterator[str]:
    """Yield the texts in which the losses are fixed that lose a gradient in these lines, in each way to write them."""
    found = [each for each in look.faults(current) if any(cut.span.line in lines for cut in each.cuts)]
    for choice in range(_MOST_WRITTEN) if found else ():
        text = current
        for fault in found:
            again = fault if text == current else look.again(text, fault)
            written = ways_to_write(text, again, look) if again is not None else ()
            text = written[min(choice, len(written) - 1)] if written else text
        if text != current:
            yield text


def _instead(fault: ObservedFault) -> Iterator[str]:
    yield from (cause(end.code).instead for end in fault.ends)
    if fault.code:
        yield cause(fault.code).instead


def _rewritten(path: str, current: str, original: Measured, way: int, own: OwnRules) -> str:
    """Return the text with each end in its `way`-th spelling, those behind them too; itself where one has none.

    What is held constant in so many words is rewritten only where a gradient is still lost without the rest.
    """
    patched, framework = current, original.run.framework
    for _ in range(_MOST_ROUNDS):
        faults = Diagnosed(original.of_text(patched)).faults
        lost = [_undone(_shown(each, path, patched), patched) for each in faults if not each.jumps]
        ends = [end for each in lost for end in _unasked(each, patched)]
        known = [spellings(end, patched, framework, own) for end in ends if end.sites[0] is _in_file(end.sites, path)]
        if not ends:
            break
        if len(known) < len(ends) or not all(known):
            return current
        edits = dict.fromkeys(each[min(way, len(each) - 1)] for each in known)
        patched = without_idle(apply_edits(patched, edits), current)
    return patched


def _undone(ends: list[End], text: str) -> list[End]:
    """Return the ends without those of straight-through estimators: undone, they would take a gradient away."""
    parents = parents_of(parsed(text))
    nodes = ((each, node_at(each.sites[0], text) if each.explicit else None) for each in ends)
    return [each for each, node in nodes if node is None or not is_straight_through(node, parents)]


def _unasked(ends: list[End], text: str) -> list[End]:
    """Return the ends without those that hold a value constant in so many words, unless there are no others.

    So are comparisons and the like left out: a mask that is computed beside what is lost has no gradient to lose.
    """
    ends = [each for each in ends if not has(each.code, "for-the-author")] or ends
    return [each for each in ends if not is_wish(each, text)] or ends


def _findings(path: str, text: str, framework: Framework, fault: ObservedFault, fix: Fix) -> Iterator[Finding]:
    tree = parsed(text)
    for end in _of_guards(_unasked(_shown(fault, path, text), text), path, tree)[:_MOST_SHOWN]:
        site = _in_file(end.sites, path)
        assert site is not None
        inner, place = end.sites[0], site.span
        where = "" if inner is site else f" ({Path(inner.path).name}:{inner.span.line})"
        operation = f"`{inner.expression}`{where}"
        guards = guards_around(tree, _own_sites(end.sites, path)) if end.code == RECORDING else ()
        for each in guards[:1]:
            place, operation = span(Positions(text).key(each.guard)), f"`{ast.unparse(each.guard)}`"
        what, own_fix = "", fix
        for own_place, said, instead in _said_of(end, str(Path(path).resolve()), text) if not guards else ():
            place, what = own_place, said
            operation = f"`{' '.join(stretch_of(text, place).split())}`"
            own_fix = fix if fix.status == "verified" else Fix("none", Reason(Exit.AUTHOR, instead))
        yield _finding(path, place, end.code, operation, enclosing(tree, site.span), framework, fault, own_fix, what)
    if not fault.ends:
        place = _place_of(fault, path)
        yield _finding(path, place, fault.code, _named(fault), enclosing(tree, place), framework, fault, fix)


def _said_of(end: End, file: str, text: str) -> Iterator[tuple[Span, str, str]]:
    """Yield where an end of a known structure is decided, what is said of it, and the way out."""
    if (place := checkpointed.place_of(end, file)) is not None:
        yield place, checkpointed.WHAT, checkpointed.INSTEAD
    elif (place := adapted.place_of(end, file, text)) is not None:
        yield place, adapted.WHAT, adapted.INSTEAD


def _of_guards(ends: list[End], path: str, tree: ast.Module) -> list[End]:
    """Return the ends without those that a framework keeps from being recorded, where this file does so with others."""
    unrecorded = [each for each in ends if each.code == RECORDING]
    of_file = [each for each in unrecorded if guards_around(tree, _own_sites(each.sites, path))]
    return [each for each in ends if each not in unrecorded or each in of_file or not of_file]


def _finding(
    path: str,
    span: Span,
    code: str,
    operation: str,
    loss: str,
    framework: Framework,
    fault: ObservedFault,
    fix: Fix,
    what: str = "",
) -> Finding:
    known = cause(code)
    what = said_of(fault.stray) if fault.stray is not None else (what or known.what).format(operation=operation)
    error = fault.event.error if fault.event is not None else ""
    explanation = Explanation(what, (), known.here, error, _note(fault))
    return Finding(path, span, code, explanation.line, loss, framework, fix, explanation=explanation)


_STRAYS = {
    "converted": (
        "{expression} is a tensor, not a parameter: no optimizer holds `{name}`, and it never changes",
        "convert the values first, and make the parameter of what that gives",
    ),
    "replaced": (
        "{expression} holds parameters that the model no longer has: no optimizer holds `{name}`, which replaced them",
        "make the optimizer after the model has all its parts, or give it the new ones with `add_param_group`",
    ),
    "empty": (
        "{expression} gives an empty list: the model has no variables before it is built, so nothing is trained",
        "ask the model for its variables where the gradient is taken, or call it once before",
    ),
    "unregistered": (
        "{expression} keeps parameters where the module does not register them: `parameters()` leaves `{name}` out, "
        "and no optimizer trains it",
        "keep modules in `nn.ModuleList` or `nn.ModuleDict`, and tensors as `nn.Parameter` or in `nn.ParameterList`",
    ),
    "uncollected": (
        "{expression} collects parameters that no optimizer is given: `{name}` gets a gradient, and nothing trains it",
        "hand them to the optimizer, in a group of their own or with the others",
    ),
    "plain": (
        "{expression} keeps `{form}` objects, whose layers the model does not know of: `{name}` is left out of what is "
        "trained",
        "make that class a module (a layer) of its own, or give the model its layers as well",
    ),
    "unheld": (
        "{expression} is not given `{name}`, which the loss depends on as well: a gradient reaches it, and nothing "
        "trains it",
        "hand it over with the others, or freeze it (`requires_grad_(False)`) where it is to stay as it is",
    ),
    "born": (
        "{expression} becomes a parameter in a forward pass, after the optimizer was made: no optimizer holds "
        "`{name}`, and nothing trains it",
        "make the optimizer after a first pass (`with torch.no_grad(): model(x)`), or make the parameter in `__init__`",
    ),
    "cleared": (
        "{expression} clears the gradients before {name} makes its step, which finds none: nothing is trained",
        "clear gradients, take the gradient (`backward()`), then make the step: in this order",
    ),
    "elsewhere": (
        "{expression} is given a model that the loss is not computed from; nothing trains `{name}`, which it is",
        "give it the parameters of the model that computes the loss, or make it after that",
    ),
    "untracked": (
        "{expression} keeps a `tf.Variable`, which Keras 3 does not track: `trainable_variables` leaves `{name}` out, "
        "and it is never trained",
        "make it with `add_weight`, or as a `keras.Variable`",
    ),
}
"""Of each kind of `observe.observation.Stray`: what is wrong, and the way out."""


_JUMPS = (
    "the term that is computed from it changes in jumps only: no rewrite with the same value has a gradient; use a "
    "smooth measure in the loss, or keep the term out of it"
)


def left_to_author(fault: ObservedFault, path: str) -> Fix:
    """Return that a fault is for its author to change, and how, or in which other file."""
    if fault.jumps:
        said = next((cause(end.code).instead for end in fault.ends if has(end.code, "for-the-author")), _JUMPS)
        return Fix("none", Reason(Exit.AUTHOR, said))
    assert fault.stray is not None
    place = fault.stray.sites[0] if fault.stray.sites else None
    if fault.stray.kind in KEPT_APART and place is not None and _in_file((place,), path) is None:
        name = Path(place.path).name
        why = f"it is kept in {name}, line {place.span.line}: check that file too (`autofix {name} {Path(path).name}`)"
        return Fix("none", Reason(Exit.ELSEWHERE, why))
    return Fix("none", Reason(Exit.AUTHOR, _STRAYS[fault.stray.kind][1]))


def said_of(stray: Stray) -> str:
    """Return what is wrong with something that a program means to train."""
    expression = f"`{stray.sites[0].expression}`" if stray.sites else "this"
    return _STRAYS[stray.kind][0].format(expression=expression, name=stray.name, form=stray.form)


def _note(fault: ObservedFault) -> str:
    seen = f"seen after {fault.stage} steps of the program" if fault.stage else "seen in the program's first step"
    if fault.jumps:
        return f"{seen}: a whole term of the loss has no gradient, it changes in jumps only"
    if fault.partly:
        return f"{seen}: a part of the gradient is missing"
    names = [each.name for each in fault.parameters if each.name]
    if not names:
        return seen
    rest = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{seen}: no gradient reaches {', '.join(f'`{each}`' for each in names[:3])}{rest}"


def _named(fault: ObservedFault) -> str:
    names = [f"`{each.name or list(each.shape)}`" for each in fault.parameters]
    if fault.raised and fault.sites:
        return f"`{fault.sites[0].expression}`"
    if not names:
        return "the differentiated value" if fault.event is not None else "the optimizer"
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _place_of(fault: ObservedFault, path: str) -> Span:
    sites = fault.event.sites if fault.event is not None else fault.sites
    site = _in_file(sites, path)
    return site.span if site is not None else Span(1, 1, 1, 2)


MOST_CANDIDATES = 3
"""How many ways to write one loss are tried: the smallest first."""


@dataclass(frozen=True)
class Chain:
    """Texts that fix one loss after the other, each on top of the one before; `at` are their places among attempts."""

    at: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def final(self) -> str:
        return self.texts[-1]


def fix_by_program(
    text: str, current: str, path: str, attempts: Sequence[Attempt], original: Measured, look: Looks
) -> tuple[str, dict[int, Attempt]]:
    """Return the text with what the program verifies of the attempts that are left, and these attempts fixed.

    Where parts that may be held constant on purpose stand in the way, these are differentiated, too; where that cannot
    be, they stay what they are.
    """
    for each, is_meant in _ways(current, attempts, look):
        verdict = prove_by_program(original, [original.of_text(each.final)], is_meant=is_meant)
        if (evidence := with_limits(text, current, each.final, verdict)) is not None:
            return each.final, dict(_fixed(text, current, path, attempts, each, evidence))
        if verdict.status == "unverifiable":
            break
    return current, {}


def _ways(current: str, attempts: Sequence[Attempt], look: Looks) -> Iterator[tuple[Chain, Callable[[Measured], bool]]]:
    """Yield the chains to try, each with whether what it leaves without a gradient may be meant."""
    left = [at for at, each in enumerate(attempts) if _may_be_tried(each)]
    plain = []
    for each in _chains(current, attempts, left, look):
        if each not in plain:
            plain.append(each)
            yield each, _nothing
    whole = dict.fromkeys(_chains(current, attempts, left, look.of_conversions))
    yield from ((each, _nothing) for each in whole if each not in plain)
    yield from ((each, is_faultless) for each in plain)


def _nothing(_: Measured) -> bool:
    return False


def _may_be_tried(attempt: Attempt) -> bool:
    return attempt.state == "left" and attempt.fix.status in ("unverifiable", "rejected")


def _chains(current: str, attempts: Sequence[Attempt], left: Sequence[int], look: Looks) -> Iterator[Chain]:
    """Yield what to try: all that is left together, in each of the ways to write it, then one by one."""
    sets = [tuple(left)] if left else []
    sets += [(at,) for at in left] if len(left) > 1 else []
    for chosen in sets:
        for choice in range(MOST_CANDIDATES):
            found = _chain(current, attempts, chosen, look, choice)
            if found is not None and found.final != current:
                yield found


def _chain(current: str, attempts: Sequence[Attempt], chosen: Sequence[int], look: Looks, choice: int) -> Chain | None:
    places: list[int] = []
    texts: list[str] = []
    for at in chosen:
        before = texts[-1] if texts else current
        fault = look.again(before, attempts[at].fault) if look.own.demands != "named" else attempts[at].fault
        found = ways_to_write(before, fault, look) if fault is not None else ()
        if found:
            places.append(at)
            texts.append(found[min(choice, len(found) - 1)])
    return Chain(tuple(places), tuple(texts)) if texts else None


def _fixed(
    text: str, current: str, path: str, attempts: Sequence[Attempt], chain: Chain, evidence: Evidence
) -> Iterator[tuple[int, Attempt]]:
    """Yield the attempts of a chain with their fixes; one that another has fixed as well has no diff of its own."""
    before = current
    for at, after in zip(chain.at, chain.texts, strict=True):
        edits = edits_between(text, before, after)
        fix = Fix("verified", None, unified_diff(path, before, after), evidence, edits)
        yield at, replace(attempts[at].with_fix(fix), state="fixed")
        before = after


def contradiction(original: Measured, final: str) -> Reason | None:
    """Return why the program shows that fixes break it; None where it does not."""
    fixed = original.of_text(final)
    before, after = original.natural, fixed.natural
    if after.error is not None and before.error is None:
        return Reason(Exit.VERDICT, f"the program would raise {after.error.placed}")
    if useless := _thrown_away(original, fixed):
        names = ", ".join(f"`{each}`" for each in useless[:3])
        return Reason(Exit.VERDICT, f"the gradient that it brings to {names} is gone before any step")
    return None


def _thrown_away(original: Measured, fixed: Measured) -> tuple[str, ...]:
    """Return the parameters that a restored gradient reaches, where none of them has it when its optimizer steps."""
    pairs = zip(original.frozen.events, fixed.frozen.events, strict=False)
    reached = {number for one, other in pairs for number in other.reaches - one.reaches}
    natural = fixed.natural
    restored = [each for each in natural.parameters if each.number in reached]
    if natural.steps < max(1, len(natural.optimizers)):
        return ()  # their optimizer may not have come to its step
    return tuple(each.name for each in restored) if all(each.state == "none" for each in restored) else ()
