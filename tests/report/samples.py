"""Findings to report on, one of each fate."""

from __future__ import annotations

from autofix.model import Evidence, Exit, Finding, Fix, Reason, Span

DIFF = "--- a/loss.py\n+++ b/loss.py\n@@ -1 +1 @@\n-x = np.abs(y)\n+x = torch.abs(y)\n"
EVIDENCE = Evidence(("y_pred float[8, 10], y_true float[8, 10]",), 1.2e-16, None, 0.1118, 3e-9)
PROVEN = Fix("verified", diff=DIFF, evidence=EVIDENCE)


def finding(code: str, line: int, fix: Fix, path: str = "loss.py", loss: str = "mae") -> Finding:
    return Finding(path, Span(line, 5, line, 9), code, "`np.abs` leaves the graph", loss, "torch", fix)


DETACHED = finding("AF103", 3, PROVEN)
NUMPY = finding("AF101", 4, PROVEN)
ROUNDED = finding("AF202", 9, Fix("none", Reason(Exit.REWRITE, "rounding has no gradient")), loss="count")
DIFFERS = Reason(Exit.VERDICT, "the value differs: 0.31 against 0.52")
REJECTED = finding("AF101", 12, Fix("rejected", DIFFERS), loss="odd")
TOO_LONG = Reason(Exit.TRIAL, "the loss did not end within 10 s")
ENDLESS = finding("AF101", 15, Fix("unverifiable", TOO_LONG), loss="slow")
