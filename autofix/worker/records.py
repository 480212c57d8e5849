"""The records that the host and the worker exchange, one JSON object each, in both directions.

The host sends a `TrialRequest`, a `ProgramRequest` or a `StopRequest`; the worker answers with a `State` of its own as
it starts and ends, with a `Message` for each thing that a child reports, and with an `End`. What a child reports is
one of `OracleReport`,
`Begun`, `CandidateReport`, `Ran`, `LostReport` and `ProgramReport`.

Shapes are lists of lengths, values are flat and in C order, slopes are derivatives along directions that both sides
draw alike, and differences are the pairs of values a step before and behind a point. A child shares its process with
the user's code: the host must expect that a record is none of these, and that it raises KeyError, TypeError or
ValueError where it is read.
"""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, TypedDict, Union, final

Number = Union[float, int, str, bool]

# From the host: what is run.


class Pack(TypedDict):
    """How a stand-in hands out its `items`: `pack` is `tensor`, `tuple`, `fields` (by `keys`) or `criterion`."""

    pack: str
    items: list[int]
    keys: list[str]


class ModelForm(TypedDict):
    """What a stand-in for a model returns: a pack for each method by path, the kind of each item, attributes."""

    paths: dict[str, Pack]
    kinds: list[str]
    numbers: dict[str, Number]


class Specification(TypedDict, total=False):
    """How one argument is drawn.

    `kind` is a kind of number (`normal`, `unit`, `labels`, …), `value` (a plain one), `numbers` (a list of `length`
    floats), `list` or `dict` (of `items`), `model`, or for a step `input`, `variable` or `criterion`. `length` asks for
    a list of that many tensors of one `shape`; integers are drawn from `low` up to `classes`, `uniform` floats between
    `low` and `high`.
    """

    kind: str
    shape: Sequence[int]
    classes: int
    low: float
    high: float
    length: int
    value: Any
    """A plain value as Python has it: whatever JSON can hold; of a `dict` its parts that are no tensors, by name."""
    items: list[Specification]
    keys: list[str]
    fields: bool
    """The parts of a `dict` are attributes, not items."""
    form: ModelForm
    stated: bool
    """The user has stated it: its range is not left."""
    recorded: bool
    """The loss itself differentiates by it."""
    array: bool
    """It is given as an array of NumPy's."""
    special: list[float]
    """Values that the loss treats apart, and that are tried at the edges."""
    beside_list: bool
    """It has one number for each tensor of a list, however large the batch is."""
    models: list[str]
    """The models of a step that may say which shape they take."""
    activation: str


Arguments = Dict[str, Specification]
"""The specification of each argument by its name."""


class Scenario(TypedDict):
    """Arguments for one way in which a loss may be meant to run; the higher its score the likelier it is.

    The worker adds scenarios of its own: one `as_called` by the module, and each `variant`, with its remark.
    """

    arguments: Arguments
    predictions: list[str]
    unknown: list[str]
    score: float
    as_called: bool
    variant: bool
    remark: str


class Statement(TypedDict):
    """One statement of a slice: its line and column, the names that it binds, and why it is not run, if it is not."""

    at: Sequence[int]
    names: list[str]
    reason: str


class CallArguments(TypedDict):
    """The arguments of a call, as expressions in the words of the module."""

    positional: list[str]
    named: dict[str, str]


class Level(TypedDict):
    """One part of a qualified name: a `function`, `method`, `class` or `factory`, and the ways to call or build it."""

    name: str
    kind: str
    at: Sequence[int]
    static: bool
    keep: list[Statement]
    calls: list[CallArguments]


class Plan(TypedDict):
    """A slice of a module: its text, the name it is compiled under, what of it is run, and in which lines it stands.

    Expressions at `fixed` (line, column, end line, end column) are held constant.
    """

    text: str
    name: str
    path: str
    package: str
    future: list[str]
    steps: list[Statement]
    levels: list[Level]
    lines: list[tuple[int, int]]
    fixed: list[Sequence[int]]


class NamedVariant(TypedDict):
    """The name of an `argument`, of an `attribute` of the loss or of a `global`, that is given another value."""

    name: str
    where: str


class Variant(NamedVariant, total=False):
    """Another value of what a loss decides by: a plain `value`, or a tensor of a `kind`, perhaps one number a row."""

    value: Any
    kind: str
    rows: bool


class Replaced(TypedDict):
    """What a loss holds and stand-ins may replace: models by name, and plain attributes with a value for each."""

    models: list[str]
    values: dict[str, Number]


class TrialRequest(TypedDict):
    """What `trial.requests.prepare` makes of a request: a loss or a step, its candidates, and inputs for them.

    The verifier says in which `precisions` it is run, and whether without a jail too.
    """

    kind: str
    path: str
    folders: list[str]
    roots: list[str]
    readable: list[str]
    original: Plan
    candidates: list[Plan | None]
    scenarios: list[Scenario]
    frozen: list[str]
    changed: list[int]
    variants: list[Variant]
    only_eager: bool
    demanded: bool
    halves: list[str]
    whole_labels: bool
    integers: list[str]
    integers_in_fit: list[str]
    keras_2: bool
    replaced: Replaced
    call: Plan | None
    """The plan of a function that returns the arguments which the module itself gives its loss, by name."""
    stated: list[str]
    meant: list[tuple[Sequence[int], str]]
    """What the loss may be meant to hold constant: where it stands, and its text."""
    device_matters: bool
    allow_unsandboxed: bool
    precisions: list[str]


class SentRequest(TrialRequest):
    """A request under the number that its answers carry; it may take so many seconds."""

    id: int
    timeout: float


class ProgramRequest(TypedDict):
    """A run of a program to its first steps, as `observe.programs.ProgramRun` says it; `kind` is `program`."""

    kind: str
    program: str
    root: str
    observation: str
    """Runs of one observation share a copy of the project."""
    texts: dict[str, str]
    """What files hold in place of what is on the disk, by their paths."""
    seconds: float
    steps: int
    move: float
    seed: int
    only: list[int] | None
    frozen: bool
    slopes: bool
    lenient: bool
    uncut: bool
    recorded: bool
    nested: bool
    """Optimizers of copies of what another one holds are a part of what is computed."""
    keeps: bool
    values: dict[str, str]
    """What parameters are set to before they are first used: bytes in base64, by their numbers."""
    trace: bool
    changed: list[list[Any]]
    """The ends whose results are changed: line, column from 0, and code of each."""
    far: float
    stage: int
    """How many steps come before what is noted."""
    ahead: float
    """For so many seconds behind the first steps, later stages are looked for."""
    lines_of: str
    target: str
    """Another file of the project that is observed; empty where it is the program itself."""
    folders: list[str]
    readable: list[str]
    allow_unsandboxed: bool


class SentProgramRequest(ProgramRequest):
    """The same under the number that its answers carry."""

    id: int
    timeout: float


class StopRequest(TypedDict):
    """Ends what a request has started."""

    stop: int


# From the worker: numbers, and what they are of.


class LeafRecord(TypedDict):
    """One number, array or tensor of a result: its values, its shape, and the bits of its floats."""

    values: list[float]
    shape: list[int]
    bits: int


Value = List[LeafRecord]
"""Every number of a result; the first leaf is the loss itself."""


class Gradient(TypedDict):
    """The norm of a gradient and its slope along each direction; None for the norm where no gradient is given."""

    norm: float | None
    slopes: list[float]


Gradients = Dict[str, Gradient]
Differences = Dict[str, List[List[float]]]
"""For each name and direction the values `[minus, plus]` a step before and behind the point."""
Finer = Dict[str, List[List[List[float]]]]
"""For each name and direction `[step, minus, plus]` of ever smaller steps."""


class Run(TypedDict, total=False):
    """What one run gave: a value, its gradients if they were asked for, or the `error` that it raised."""

    value: Value
    gradients: Gradients
    changed: list[str]
    """The arguments that were changed in place."""
    error: str


class Differentiated(TypedDict):
    """A value with its finite differences: `center` is the value as one number."""

    value: Value
    center: float
    differences: Differences


class PointReport(Differentiated):
    """The original at one point: `uncut` is its gradient with every explicit cut taken out, where it was asked for."""

    tiny: Differences
    finer: Finer
    gradient: Run
    uncut: Run | None


class OriginalReport(TypedDict):
    """The original on one scenario; `measured` has the answer to each check by its name.

    `coarse` says that it rounds to less than double precision, `random` that its value moves with the seed.
    """

    text: str
    mode: str
    variant: bool
    precision: str
    coarse: bool
    random: bool
    step: float
    predictions: list[str]
    differentiated: list[str]
    points: list[PointReport]
    measured: dict[str, object]


class CandidateScenario(TypedDict):
    """A candidate on one scenario of the original: its runs at the points, and its answer to each check."""

    points: list[Run]
    measured: dict[str, object]


class Frame(TypedDict):
    """An expression that a run saw, with its place in a file: columns are counted from 0."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    expression: str
    function: str


class LostPlace(TypedDict):
    """A place where a gradient is lost, the innermost expression first, and the code of the cause."""

    code: str
    explicit: bool
    frames: list[Frame]


class LostPlaces(TypedDict):
    """Where a loss of the module `name` loses its gradient, and the lines that were run on the way."""

    places: list[LostPlace]
    lines: list[int]
    name: str


class Refusals(TypedDict):
    """Why an original could not be run, or need not be: what its value does not depend on, what was raised."""

    unstable: bool
    still: list[str]
    flowing: bool
    unavailable: list[str]
    refusals: list[str]


class Oracle(Refusals):
    """What is known of the original once it has run on every scenario; `lines` are those that were run."""

    scenarios: list[OriginalReport]
    lines: list[int]
    lost: LostPlaces | None


@final
class OracleReport(TypedDict):
    """The first report of a run."""

    oracle: Oracle


@final
class Begun(TypedDict):
    """A candidate is about to run."""

    begun: int


@final
class CandidateReport(TypedDict):
    """A candidate has run on every scenario."""

    candidate: int
    scenarios: list[CandidateScenario]


@final
class Ran(TypedDict):
    """The lines of a candidate that were run, by runs that decide nothing."""

    ran: list[int]
    of: int


@final
class LostReport(TypedDict):
    """Where a text loses its gradient: the candidate of a number, or the original (None)."""

    lost: LostPlaces
    of: int | None


class SeenEvent(TypedDict):
    """A differentiated value (`record.Event`), with the innermost frame first."""

    by: str
    frames: list[Frame]
    value: float | None
    live: bool
    leaf: bool
    step: int
    printed: int
    slope: float | None
    norm: float | None
    error: str
    reaches: list[int]
    wanted: list[int]
    optimizers: list[int]
    missing: bool
    by_values: list[float]


class SeenParameter(TypedDict):
    """A parameter of an optimizer (`record.Trained`); `state` is `none`, `zero`, `live` or `bad`."""

    name: str
    shape: list[int]
    state: str
    norm: float | None
    used: bool
    moved: bool
    frozen: bool
    number: int
    known: bool


class SeenOptimizer(TypedDict):
    """An optimizer, where it is made, the places of what it holds among the parameters, and how often it stepped."""

    id: int
    kind: str
    frames: list[Frame]
    parameters: list[int]
    steps: int


UPSTREAM = "upstream"
LEAF = "leaf"
"""The form of what is declared to have a gradient and has no past."""
REENTRANT = "reentrant "
"""How the form of what re-entrant checkpointing does not record begins; then how many of its user's frames it runs."""


class SeenEnd(LostPlace):
    """Where a gradient ended: the sum of what came out, after how many events, how often, and how it was built.

    `delta` is by how much the sum of what came out before the next event was changed, `last` the number of events
    before it ended there for the last time.
    """

    sum: float
    event: int
    last: int
    times: int
    form: str
    delta: float


class SeenSum(TypedDict):
    """Where numbers without a gradient are added to one with a gradient: what they come to, after how many events.

    `subtracted` says that one is taken from the other.
    """

    frames: list[Frame]
    sum: float
    event: int
    subtracted: bool


class SeenSilenced(TypedDict):
    """Where a gradient is cut in so many words that is not there: what comes out in sum, after how many events."""

    frames: list[Frame]
    sum: float
    event: int


class SeenError(TypedDict):
    """What a program raised, with its own frames, the innermost first."""

    type: str
    message: str
    frames: list[Frame]


class SeenProgram(TypedDict):
    """What a run of a program showed; it ended by `steps`, `finished`, `raised`, `exited` or `late`.

    `begins` says after how many steps a later stage of it begins, `passed` how many were made in all.
    """

    passed: int
    begins: list[int]
    end: str
    error: SeenError | None
    seconds: float
    printed: str
    lines: list[int]
    steps: int
    events: list[SeenEvent]
    parameters: list[SeenParameter]
    optimizers: list[SeenOptimizer]
    notes: list[str]
    ends: list[SeenEnd]
    sums: list[SeenSum]
    silenced: list[SeenSilenced]
    strays: list[Stray]


@final
class ProgramReport(SeenProgram):
    """What a run in the jail showed; `written` is the text of the files that it wrote.

    `kept` are the values of the trained parameters at the end, where they were asked for, as a request has them.
    """

    written: str
    kept: dict[str, str]


class Stray(TypedDict):
    """What a program means to train and does not, of this name, and where that is decided.

    `converted`: a module keeps what was made of a parameter in place of it. `replaced`: an optimizer holds what is in
    the model no more. `empty`: a list of variables was made before there were any. `unregistered`: a module keeps
    parts in something of its own, in this `form` (`list modules`, `dict tensors`, `tensor`), of which it does not tell
    an optimizer. `untracked`: a layer keeps variables of another library. `left`: parameters were asked for and get a
    gradient, and no optimizer holds them; they are `UPSTREAM` where all of them are used before any that one holds.
    `plain`: a module keeps objects of a class (`form`) that keep modules, and that is no module itself. `unheld`: the
    program uses something as what is trained and gives it to no optimizer; the form is JSON (`Unheld`). `born`: a
    module makes a parameter in a forward pass, behind the optimizer; the form is JSON (`Born`). `cleared`: an optimizer
    finds no gradient at any step, as it is cleared before; the form is JSON (`Cleared`). `elsewhere`: an optimizer
    holds a model that nothing differentiates, and none holds one like it, of this name, that has the gradient; the form
    is JSON (`Elsewhere`).
    """

    kind: str
    name: str
    frames: list[Frame]
    form: str


class Unheld(TypedDict):
    """What an optimizer, or a list of variables, lacks: how it is written in each of the frames there (empty where it
    cannot be), whether it is a `module` or a `tensor`, whether the last of the frames is where it is `made`, if none of
    the others can write it, and how the `optimizer` is written there."""

    kind: str
    spelled: list[str]
    made: bool
    optimizer: str


class Cleared(TypedDict):
    """How many of the frames, from the first on, are of where gradients are `cleared`, and then of where they are
    `taken`; the others are of the step."""

    cleared: int
    taken: int


class Elsewhere(TypedDict):
    """How each of the frames where an optimizer is made, or a gradient is asked for, writes the model that is `held`,
    and the one that is `used` (empty where it cannot), and how functions around a step write that `later`: each with
    its name."""

    held: list[str]
    used: list[str]
    later: list[tuple[str, str]]


class Misplaced(TypedDict):
    """A step of an optimizer (its place in the list) that found no gradient, because of the order of the calls.

    `early`: none was taken since the step before; `cleared`: it was cleared between, where the frames are.
    """

    kind: str
    optimizer: int
    step: int
    frames: list[Frame]


@final
class AttendedReport(SeenProgram):
    """What a program showed in its user's own process (`attention.Attention`); `main` is the file that was started."""

    main: str
    loose: list[SeenParameter]
    misplaced: list[Misplaced]
    marks: list[list[int]]
    differentiated: int


Report = Union[OracleReport, Begun, CandidateReport, Ran, LostReport, ProgramReport]


class Opened(TypedDict):
    """What a run has looked at: absolute paths of files, and dotted names of modules that were not there."""

    files: list[str]
    absent: list[str]


class ChildReport(TypedDict):
    """What a child reports, and what it has opened until then."""

    content: Report
    opened: Opened


@final
class Message(TypedDict):
    """A report as the worker passes it on, under the number of its request."""

    id: int
    report: ChildReport


@final
class End(TypedDict):
    """How the child of a request ended, its exit status or signal, and the last of what it printed.

    It has no `id` where the host has made it: the child, if there is one, still runs.
    """

    id: int | None
    end: str
    status: int
    output: str


Answer = Union[Message, End]


class State(TypedDict, total=False):
    """What a worker says of itself; `state` is `found`, `missing`, `unconfined`, `failed`, `ready` or `idle`."""

    state: str
    reason: str
    searched: list[str]
    """Where its interpreter looks for packages."""
    jailed: bool
    forks: bool
    killed: bool
    """Somebody else ended it: another start may go well. The host adds it."""
