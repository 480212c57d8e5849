"""The frozen dataclasses that travel from stage to stage.

Each stage takes some of these and returns others; none of them is ever changed on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import Literal

from autofix.worker.records import Arguments

Framework = str
"""The name of a record in `knowledge/frameworks`."""
FixStatus = Literal["verified", "rejected", "unverifiable", "none"]
Safety = Literal["safe", "unsafe"]
Role = Literal["prediction", "target", "number", "unknown"]


class Kind(Enum):
    """What a value is at run time, as far as the source shows it."""

    TENSOR = "tensor"
    ARRAY = "array"
    NUMBER = "number"
    SEQUENCE = "sequence"
    OTHER = "other"


Demands = Literal["named", "conversions", "all"]
"""Those at which a comment says so; what is converted to arrays and numbers, but not detached; or all of them."""


@dataclass(frozen=True)
class OwnRules:
    """A project's own folders of rules, and the names that they say how to write in each framework.

    Of the values that may be held constant on purpose, the project `demands` that these be differentiated, and a run
    of the program shows that those in the lines `lost` are to be. It takes `unsafe` fixes, with another value, too.
    """

    folders: tuple[Path, ...] = ()
    names: Mapping[Framework, frozenset[str]] = field(default_factory=dict)
    demands: Demands = "named"
    lost: frozenset[int] = frozenset()
    unsafe: bool = False

    def names_in(self, framework: Framework) -> frozenset[str]:
        """The names that they say how to write in a framework."""
        return self.names.get(framework, frozenset())

    def packages(self) -> frozenset[str]:
        """The packages of those names; none for `Tensor.mine`, which belongs to no package."""
        return frozenset(name.partition(".")[0] for names in self.names.values() for name in names)


@dataclass(frozen=True, order=True)
class Span:
    """A stretch of a file: lines and columns count from 1, columns in characters; the end is exclusive.

    `file` is the path of another file of the project; it is empty for a stretch of the file that is analysed.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    file: str = ""


@dataclass(frozen=True)
class Elsewhere:
    """A place in another file: its path, as seen from the folder of this one, the line, and the operation there."""

    path: str
    line: int
    operation: str


@dataclass(frozen=True)
class Cut:
    """One place where a gradient is lost: the cause's code, where it stands, and the operation as written.

    `explicit` says that the author asked for a plain value here (`.detach()`, `.numpy()`, `.item()`), which is often
    meant; `np.exp(t)` is not such a wish. One that is `demanded` is never meant: the author says so, or nothing is
    excused. Where the gradient is lost in another file, `elsewhere` says where, and the cut stands at the call that
    leads there.
    """

    code: str
    span: Span
    operation: str
    explicit: bool = False
    elsewhere: Elsewhere | None = None
    demanded: bool = False


@dataclass(frozen=True)
class Parameter:
    """A parameter of a loss and what it takes: a prediction, a target, a plain number, or nobody knows."""

    name: str
    role: Role
    sequence: bool = False


@dataclass(frozen=True)
class Target:
    """The loss to run: its qualified name (`mae`, `Huber.forward`, `make.<locals>.loss`) and its parameters."""

    qualname: str
    line: int
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class Generated:
    """What stands behind the end of a file to be run: its first line, and what its lines and names are in the file."""

    first: int
    written_at: Mapping[int, int] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What the verifier is asked: is one of these candidates the original with its gradient restored?

    `original` and each candidate are the text of the whole module; candidates come smallest first. Of kind `step` is a
    function that runs a training step with its own tape; `arguments` are then what to give it, the likeliest first.
    A loss that was taken out of its step is `given` what the step has, as written, at the line where it is `asked_at`.
    `only_eager` says that nothing compiles the loss to a graph: a patch need not run there where the original does not.
    `halves` are the half precisions that the program runs in (`float16`, `bfloat16`): in others a patch need not run.
    `held` are the expressions whose values the author holds constant on purpose, as `ast.unparse` writes them; where
    the loss is `demanded`, none is, and all that moves its value is to be differentiated.
    `generated` is what stands behind the original's own lines, `generated_candidates` behind those of the candidates.
    """

    path: str
    framework: Framework
    target: Target
    original: str
    candidates: tuple[str, ...]
    kind: Literal["loss", "step"] = "loss"
    arguments: tuple[Arguments, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    asked_at: int = 0
    only_eager: bool = False
    halves: frozenset[str] = frozenset()
    generated: Generated | None = None
    held: tuple[str, ...] = ()
    demanded: bool = False
    generated_candidates: tuple[Generated, ...] = ()


@dataclass(frozen=True)
class Site:
    """An expression in a file, or in the text that is verified (`path` is empty then), and its function."""

    path: str
    span: Span
    expression: str
    function: str


@dataclass(frozen=True)
class Place:
    """Where a run saw a path of the gradient end: the likeliest cause, and the way there, the expression itself first.

    `explicit` says that a plain value is asked for there in so many words.
    """

    code: str
    explicit: bool
    sites: tuple[Site, ...]


@dataclass(frozen=True)
class Lost:
    """The places of one run, in its order, the lines of the text that were run, and whether some gradient arrives."""

    places: tuple[Place, ...] = ()
    lines: frozenset[int] = frozenset()
    flows: bool | None = None


@dataclass(frozen=True)
class Evidence:
    """What was seen when original and patch ran side by side.

    `inputs` names each scenario that was tried (`y_pred float[8, 10], y_true float[8, 10]`); `value_difference` is the
    largest relative difference of the values in float64 (float32 where the original returns no more);
    `gradient_before` is the norm of the original's gradient (None: it has none, or raises), `gradient_after` the
    patch's, and `gradient_difference` the largest relative difference to finite differences of the original.
    `sandboxed` says whether the system confined what was run, and `compiles` whether the patch runs in a graph too: if
    not, neither did the original, which nothing here compiles. `limits` are the conditions under which the fix was not
    verified, each in a few words (`not in float16`, `line 41 was not run`). `surrogate` says what was seen of a
    fix with another value.
    """

    inputs: tuple[str, ...]
    value_difference: float
    gradient_before: float | None
    gradient_after: float
    gradient_difference: float
    sandboxed: bool = True
    compiles: bool = True
    limits: tuple[str, ...] = ()
    surrogate: str = ""

    def limited(self, limits: Iterable[str]) -> Evidence:
        """Return the evidence with more limits, each once; itself where there are none."""
        found = tuple(dict.fromkeys((*self.limits, *limits)))
        return self if found == self.limits else replace(self, limits=found)


@dataclass(frozen=True)
class Verdict:
    """The verifier's answer.

    verified      `candidate` (an index) has the original's value and the right gradient; `evidence` says what was seen
    rejected      every candidate failed; `reason` says how the best one did
    unverifiable  nothing could be run; `reason` says why
    healthy       the original's gradient is already right: there is nothing to fix
    flat          the original's value does not move: no rewrite with the same value can have a gradient

    Of a verified candidate, `unrun` are the changed lines that no run came to, and the handlers around changed lines
    that none did; `ran`, while it is judged, are all lines that were run.
    Where it says so, or rejects, `lost` is where the gradient of the original ended when it was run, and `left` where
    that of the candidate still does which came furthest; both are places of the original's text. Where it is healthy,
    `lost` has the lines that were run.
    """

    status: Literal["verified", "rejected", "unverifiable", "healthy", "flat"]
    reason: str = ""
    candidate: int | None = None
    evidence: Evidence | None = None
    lost: Lost = Lost()
    left: Lost = Lost()
    ran: frozenset[int] = frozenset()
    unrun: tuple[int, ...] = ()

    def remarked(self, said: str) -> Verdict:
        """Return the verdict whose evidence says something of all its inputs; itself where there is none."""
        if self.evidence is None:
            return self
        inputs = tuple(f"{each}, {said}" for each in self.evidence.inputs)
        return replace(self, evidence=replace(self.evidence, inputs=inputs))


@dataclass(frozen=True)
class Edit:
    """A stretch of a text, and what it becomes."""

    span: Span
    text: str

    @classmethod
    def of_lines(cls, line: int, end_line: int, text: str) -> Edit:
        """Return the edit that replaces the lines from `line` up to, not including, `end_line`."""
        return cls(Span(line, 1, end_line, 1), text)


class Exit(Enum):
    """The ways out of the stages without a fix, in their order; each as `autofix explain` calls it."""

    ELSEWHERE = "fixed in another file"
    AUTHOR = "left to the author"
    HIDDEN = "not asked for"
    SIZE = "too large"
    RULE = "no rule"
    REWRITE = "not rewritten"
    READERS = "other code would break"
    TRIAL = "not run"
    VERDICT = "not verified"
    HALF = "reverted"
    INTERNAL = "internal error"


@dataclass(frozen=True)
class Reason:
    """Why a stage gives nothing: the way out that it took, and why in words.

    `span` and `callee` are the place and the operation that stand in the way, where there is one.
    """

    exit: Exit
    text: str
    span: Span | None = None
    callee: str = ""

    def worded(self, change: Callable[[str], str]) -> Reason:
        """Return the reason in other words."""
        return replace(self, text=change(self.text))


@dataclass(frozen=True)
class Fix:
    """What became of a finding: a proven diff, or `why` there is none.

    `diff` stands on the fixes before it in the file. `edits` replace whole lines of the file as it was read, so that
    this loss can be fixed alone; they are empty where its lines are those of an earlier fix: then the two go together.
    In a notebook the `replacements`, of the sources of cells in its JSON, stand for the edits. Fixes of one `group`,
    which counts from 1, restore the gradient of one value together, and each has the edits of all; one that stands
    alone is of none (0). One that is not safe is a surrogate: it has another value.
    """

    status: FixStatus
    why: Reason | None = None
    diff: str = ""
    evidence: Evidence | None = None
    edits: tuple[Edit, ...] = ()
    replacements: tuple[Edit, ...] = ()
    group: int = 0
    safety: Safety = "safe"

    @property
    def reason(self) -> str:
        """Why there is no diff, in words; empty where there is one."""
        return self.why.text if self.why is not None else ""

    @property
    def limits(self) -> tuple[str, ...]:
        """The conditions under which the fix was not verified."""
        return self.evidence.limits if self.evidence is not None else ()


@dataclass(frozen=True)
class Step:
    """A station of a value on its way: its name as written, where that stands, and the source of its first line.

    `cell` and `written` are those of `Finding`.
    """

    name: str
    span: Span
    source: str
    cell: int | None = None
    written: Span | None = None


ENDS = "the gradient is lost here"


@dataclass(frozen=True)
class Explanation:
    """A finding told at length: what happens in its place, by which way the value came there, and how that `end`s.

    `error` is what the framework says in the end, in its own words; `cure` what many try then, and what comes of that.
    Both are empty where there is nothing to say.
    """

    what: str
    trail: tuple[Step, ...]
    end: str
    error: str = ""
    note: str = ""

    @property
    def stations(self) -> list[str]:
        """The names on the way without its end; one that is given a new value again and again is named once."""
        names = [step.name for step in self.trail]
        return [name for name, after in pairwise(names) if name != after]

    @property
    def line(self) -> str:
        """What happens, by which way the value came there, and what it leads to, in one line."""
        way = f"path: {' → '.join(f'`{name}`' for name in self.stations)}" if self.stations else ""
        error = f'raises "{self.error}"' if self.error else ""
        said = "; ".join(each for each in (way, error) if each)
        what = self.what + (f"; {self.end}" if self.end == ENDS else "")
        return f"{what} ({said})" if said else what


@dataclass(frozen=True)
class Finding:
    """One fault as the user is told of it; `span` is in the file as it was read, or in the `cell` of a notebook.

    Cells count from 1, those of text included, as notebooks show them; `written` is where the span of a cell stands in
    the JSON of the notebook. What `may_be_meant` is no fault for certain: a user has asked for such findings as well.
    """

    path: str
    span: Span
    code: str
    message: str
    loss: str
    framework: Framework
    fix: Fix
    cell: int | None = None
    explanation: Explanation | None = None
    written: Span | None = None
    may_be_meant: bool = False


@dataclass(frozen=True)
class Problem:
    """A file that could not be handled, or not wholly: bad input, or a failure of autofix itself."""

    path: str
    message: str


@dataclass(frozen=True)
class Observed:
    """What came of running a program to its first steps: the values that it differentiated, and its steps.

    All runs of it together took these `seconds`. `reason` says why nothing was seen, or why the search for lost parts
    was cut short; it is empty where that came to its end. `untried` says why not every rewrite was tried.
    """

    values: int
    steps: int
    runs: int
    seconds: float
    reason: str = ""
    untried: str = ""

    def __str__(self) -> str:
        times = f"{self.runs} run{'' if self.runs == 1 else 's'} in {self.seconds:.1f} s"
        if self.reason and not self.values:
            return f"not observed: {self.reason} ({times})"
        values = f"{self.values} differentiated value{'' if self.values == 1 else 's'}"
        short = f"; the search for lost parts of the gradient was cut short: {self.reason}" if self.reason else ""
        untried = f"; not every rewrite was tried: {self.untried}" if self.untried else ""
        return f"observed: {values}, {self.steps} step{'' if self.steps == 1 else 's'} ({times}){short}{untried}"


@dataclass(frozen=True)
class Survey:
    """How many losses a module has, and how many of them were followed back to a prediction."""

    losses: int
    followed: int


@dataclass(frozen=True)
class Outcome:
    """What `fix_source` made of one text: its findings and the text with every verified fix in place.

    `trace` has the tracebacks of the losses on which autofix itself failed; empty where there are none. `observed` is
    None where the file was not run as a program, `survey` where the text was not analysed.
    """

    text: str
    findings: tuple[Finding, ...] = ()
    trace: str = ""
    observed: Observed | None = None
    survey: Survey | None = None
