"""Take the account of a function; give it as text: its expressions and their values, the decisions, and the fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from autofix.analysis.account import Account
from autofix.model import Finding, Fix, Observed
from autofix.report.visible import visible


def written(
    path: str, accounts: Sequence[Account], findings: Iterable[Finding], observed: Observed | None = None
) -> str:
    """Return the text for `autofix explain FILE:LINE`; `findings` are those of the whole file, `observed` its run."""
    known = list(findings)
    lines: list[str] = []
    for account in accounts:
        own = [each for each in known if each.framework == account.framework and each.loss in (account.loss, "")]
        own += [each for each in known if each not in own and each.loss.rpartition(".")[2] == account.loss]
        lines += [*([""] if lines else []), *_account(path, account), *_fixes(own)]
    if observed is not None:
        lines.append(f"- the program, {observed}")
    if not accounts:
        lines = [f"{path}: imports no framework, so autofix does not analyse it"]
    return "".join(f"{visible(line)}\n" for line in lines)


def _account(path: str, account: Account) -> Iterator[str]:
    yield f"{path}:{account.line}: `{account.loss}` ({account.framework})"
    yield ""
    places = [f"{each.line}:{each.column}" for each in account.expressions]
    wide = max((len(each) for each in places), default=0)
    widest = max((len(each.expression) for each in account.expressions), default=0)
    for place, each in zip(places, account.expressions, strict=True):
        yield f"  {place:>{wide}}  {each.expression:<{widest}}  {each.value}"
    if account.expressions:
        yield ""
    yield from (f"- {decision}" for decision in account.decisions)


def _no_fix(fix: Fix) -> str:
    """Return why there is no fix, with the way out that was taken."""
    return f"no fix ({fix.why.exit.value}): {fix.why.text}" if fix.why is not None else "no fix"


def _fixes(findings: Sequence[Finding]) -> Iterator[str]:
    if not findings:
        yield "- no finding"
    for each in findings:
        place = f"{each.span.line}:{each.span.column}"
        fix = "a verified fix" if each.fix.status == "verified" else _no_fix(each.fix)
        yield f"- finding at {place}: {each.code}; {fix}"
