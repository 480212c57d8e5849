"""The core: take a text; give its findings, and the text with every verified fix.

Losses are fixed one after the other, each on top of the fixes that are already verified, so that the diffs apply in
order. The only I/O is the verifier's.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from autofix.analysis.apart import keeps_apart
from autofix.analysis.explanations import Explainer
from autofix.analysis.finding.search import diagnose
from autofix.analysis.groups import collects_in_vain
from autofix.analysis.looks import Looks
from autofix.analysis.syntactic import frameworks
from autofix.fixes.hidden import cut_of, without_hidden
from autofix.fixes.observed import after_observing
from autofix.fixes.rounds import Fixing, finding_of
from autofix.fixes.strict import beyond
from autofix.fixes.whole import Attempt
from autofix.model import Exit, Finding, Fix, Observed, Outcome, OwnRules, Reason, Span
from autofix.observe.first_steps import Measured, OutOfTime, Unobservable, why_unobservable
from autofix.observe.programs import program_of, program_with
from autofix.source import suppressions
from autofix.source.files import has_lone_returns, restored, with_plain_ends
from autofix.syntax.module import enclosing
from autofix.syntax.parsing import parsed
from autofix.trial.stated import check_comments
from autofix.verify.proving import Once, Proving

if TYPE_CHECKING:
    from autofix.syntax.spans import Around


_NONE = OwnRules()
NOTHING_RUN = Reason(Exit.TRIAL, "nothing was run")
_NOT_TRIED = Reason(Exit.TRIAL, "no rewrite was tried yet")
_NO_EFFECT = Reason(Exit.AUTHOR, "remove the comment, or the codes that have no effect")

_MOST_REVERTS = 4
"""How often a text is started again without the fixes that turned out to be incomplete."""


def fix_source(
    text: str,
    path: str,
    verifier: Proving | Reason,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    own: OwnRules = _NONE,
    around: Around | None = None,
    observe: float = 0.0,
    always: bool = False,
) -> Outcome:
    """Return the findings of a text, and the text with every verified fix.

    `select` and `ignore` are prefixes of codes. Without a verifier nothing is fixed: what stands for it is the reason.
    `own` are the project's rules, which take precedence over the bundled ones; `around` gives the files that the text
    imports or is imported by. Raises SyntaxError if the text is not valid Python, and CommentError for an `inputs(…)`
    comment that cannot be parsed.
    """
    if has_lone_returns(text):
        plain = with_plain_ends(text)
        return restored(fix_source(plain, path, verifier, select, ignore, own, around, observe, always), text)
    tree = parsed(text)
    comments = suppressions.read(text, tree)
    if comments.skip_file:
        return Outcome(text)
    check_comments(text)
    once = verifier if isinstance(verifier, Reason) else Once(verifier)
    look = Looks(replace(own, demands="named"), around)
    reverted: tuple[Attempt, ...] = ()
    wanted = partial(_wanted, select=select, ignore=ignore)
    traces: dict[str, None] = {}
    program, unobservable, slow = None, "", ""
    for _ in range(_MOST_REVERTS):
        fixing = Fixing(text, path, once, look, wanted, comments)
        fixing.decided, fixing.traces = reverted, traces
        fixing.attend_all()
        if observe:
            always = always or bool(fixing.met) or keeps_apart(tree) or collects_in_vain(tree, text)
        program = program or _program(path, text, tree, once, observe if always else 0.0, around)
        if program is not None and not unobservable:
            unobservable, slow = _unless_unobservable(partial(fixing.attend_by_program, program), once)
        reverted = fixing.reverted()
        if not reverted:
            break
    else:
        fixing.revert_all()
    findings, current, met = fixing.findings, fixing.current, fixing.met
    if program is not None and not unobservable:
        try:
            seen = after_observing(path, text, current, program, findings, look)
            met = [*met, *map(cut_of, seen[0])]
            findings, current = without_hidden((findings, current), seen, comments, wanted)
        except Unobservable as error:
            unobservable = str(error)
    if own.demands != "named":
        strict = Fixing(text, path, once, look.strictly(), wanted, comments)
        beside = None if unobservable or program is None else program
        more, current = beyond(strict, current, findings, beside, lambda action: _unless_unobservable(action, once))
        findings, met = [*findings, *more], [*met, *strict.met]
    if own.unsafe and program is not None and not unobservable:
        from autofix.fixes.surrogates import fixed_by_surrogates  # here, as LibCST takes 0.2 s to import

        rest = partial(_fixing_rest, path, once, look, wanted, comments)
        findings, current = fixed_by_surrogates(path, text, current, program, findings, look, rest)
    if wanted(suppressions.UNUSED):
        findings = [*findings, *_idle(comments.faults(met), tree, path)]
    observed = None if program is None or isinstance(once, Reason) else _observed(program, once, unobservable, slow)
    found, said = tuple(sorted(findings, key=lambda each: each.span)), "".join(fixing.traces)
    return Outcome(current, found, said, observed, look.survey(text))


def _fixing_rest(
    path: str,
    once: Once | Reason,
    look: Looks,
    wanted: Callable[[str], bool],
    comments: suppressions.Comments,
    text: str,
    program: Measured,
) -> Fixing:
    """Fix what loses a gradient in a text with surrogates."""
    fixing = Fixing(text, path, once, look, wanted, comments)
    fixing.attend_all()
    _unless_unobservable(partial(fixing.attend_by_program, program), once)
    return fixing


def _unless_unobservable(action: Callable[[], None], once: Once | Reason) -> tuple[str, str]:
    """Try candidates by running their program; return why it cannot be run, and why not all of them were tried."""
    assert not isinstance(once, Reason)
    try:
        with once.for_candidates():
            action()
    except OutOfTime as error:
        return "", str(error)
    except Unobservable as error:
        return str(error), ""
    return "", ""


def _observed(program: Measured, once: Once, unobservable: str, slow: str) -> Observed:
    """Return what the first run of a program showed, or why nothing was seen.

    `slow` says why not every rewrite was tried.
    """
    try:
        natural = program.natural
    except Unobservable as error:
        return Observed(0, 0, once.runs, once.seconds, str(error))
    reason = unobservable or ("" if natural.trains else why_unobservable(natural))
    return Observed(len(natural.events), natural.steps, once.runs, once.seconds, reason, slow)


def _program(
    path: str, text: str, tree: ast.Module, verifier: Proving | Reason, seconds: float, around: Around | None
) -> Measured | None:
    """Return the program that a file is, or one that trains with it, ready to be run; None where there is none."""
    if isinstance(verifier, Reason) or not seconds:
        return None
    for framework in frameworks(tree)[:1]:
        run = program_of(path, text, tree, framework, seconds)
        if run is None and around is not None:
            run = program_with(path, text, framework, seconds, around)
        return None if run is None else Measured(run, verifier.observe)
    return None


def look(
    text: str,
    path: str,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    own: OwnRules = _NONE,
    around: Around | None = None,
) -> Outcome:
    """Return what looks broken in a text, without running or rewriting anything: what an editor shows during typing.

    Verification may still show that a loss is right. Raises SyntaxError if the text is not valid Python.
    """
    if has_lone_returns(text):
        return restored(look(with_plain_ends(text), path, select, ignore, own, around), text)
    tree = parsed(text)
    comments = suppressions.read(text, tree)
    if comments.skip_file:
        return Outcome(text)
    waiting, explainer = Fix("unverifiable", _NOT_TRIED), Explainer(tree, text)
    met = [(cut, fault) for fault in diagnose(tree, text, replace(own, demands="named"), around) for cut in fault.cuts]
    found = [
        finding_of(cut, fault, path, waiting, explainer)
        for cut, fault in met
        if _wanted(cut.code, select, ignore) and not comments.hide(cut)
    ]
    if _wanted(suppressions.UNUSED, select, ignore):
        found += _idle(comments.faults(cut for cut, _ in met), tree, path)
    return Outcome(text, tuple(sorted(found, key=lambda each: each.span)))


def _idle(faults: Iterable[tuple[Span, str]], tree: ast.Module, path: str) -> Iterator[Finding]:
    """Yield a finding for each comment that silences nothing; none for a file that imports no framework."""
    for framework in frameworks(tree)[:1]:
        for span, fault in faults:
            fix = Fix("none", _NO_EFFECT)
            yield Finding(path, span, suppressions.UNUSED, fault, enclosing(tree, span), framework, fix)


def _wanted(code: str, select: Sequence[str], ignore: Sequence[str]) -> bool:
    selected = not select or any(code.startswith(each) for each in select)
    return selected and not any(code.startswith(each) for each in ignore)
