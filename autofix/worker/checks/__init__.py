"""The checks of a candidate, one file each, in the order in which they are judged; the first failure is reported.

A rewrite may nowhere be worse than the original; if the original fails or is not finite, nothing is required. A failure
that needs half precision, compilation or extreme numbers is only a limit, unless the program itself uses them.
"""

from __future__ import annotations

from .alone import ALONE
from .base import AnyCheck
from .device import DEVICE
from .edges import EDGES
from .errors import ERRORS
from .gradients import GRADIENTS
from .graph import GRAPH
from .halves import HALVES
from .single import SINGLE
from .touching import TOUCHING
from .types import TYPES
from .values import VALUES

CHECKS: tuple[AnyCheck, ...] = (
    ERRORS,
    VALUES,
    GRADIENTS,
    SINGLE,
    ALONE,
    TOUCHING,
    DEVICE,
    GRAPH,
    TYPES,
    EDGES,
    HALVES,
)
