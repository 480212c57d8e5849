"""Takes a file; says whether the analysis finds nothing in it and no program is run for it.

Such a file is done: `pipeline.fix_source` would say the same of it, with no finding and its text as it is. None of what
is asked here needs a verifier, so any process may ask.
"""

from __future__ import annotations

from autofix.analysis.apart import keeps_apart
from autofix.analysis.groups import collects_in_vain
from autofix.analysis.looks import Looks
from autofix.model import Survey
from autofix.scan.clear import Clearing
from autofix.source.files import has_lone_returns
from autofix.syntax.parsing import parsed

_COMMENT = "autofix:"
"""What is in every comment that autofix reads."""


def survey(clearing: Clearing, path: str, text: str) -> Survey | None:
    """Count the losses of a file that nothing is wrong with; None for one that must be looked at further.

    That is one with a fault or a comment to autofix, one whose program is to be run, and one that fails: its
    failure is told by who fixes it.
    """
    if _COMMENT in text or has_lone_returns(text):
        return None
    try:
        tree = parsed(text)
        looks = Looks(clearing.own, clearing.files.around(path))
        if looks.faults(text) or (clearing.observes and (keeps_apart(tree) or collects_in_vain(tree, text))):
            return None
        return looks.survey(text)
    except Exception:  # whatever it is, the file is taken through the pipeline, which says what
        return None
