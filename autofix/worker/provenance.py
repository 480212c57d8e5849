"""Where the gradient of a loss is lost, found by running it.

A place is an expression that receives a value with a gradient and gives one without: `.item()`, NumPy, `argmax`, a
block without gradients. That alone is not a fault: most such values are not part of the loss. So the loss is run as it
is, and with its predictions varied; then, for each place, as it is but with the result that this place had when they
were varied. If the loss changes, a path of the gradient led through the place and was cut there.

A backend reports places to the recorder (`Backend.tracing`), and array libraries are wrapped so that they report the
tensors that they receive, because NumPy reads memory directly. A place is named by the user's own frames on the stack.
Standard library only; nothing here runs by itself.
"""

from __future__ import annotations

import ast
import contextlib
import linecache
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Dict, Tuple

from . import records
from .draw import together
from .numerics import NotNumeric, leaves
from .oracle import ARRAY_LIBRARIES, bridged, imported_as, library_of

MOST_MET = 400
MOST_TRIED = 12
MOST_FOUND = 6

Key = Tuple[str, int, int, str]


@dataclass
class Met:
    """A place in one run: the user's frames there, innermost first, and all that it gave, in the order of the run.

    `explicit` says that a plain value is asked for there in so many words (`.detach()`), `code` is the likeliest cause.
    """

    frames: list[Frame]
    code: str
    explicit: bool
    values: list[Any] = field(default_factory=list)

    def record(self) -> records.LostPlace:
        """As the host takes it."""
        return {"frames": [frame.record() for frame in self.frames], "code": self.code, "explicit": self.explicit}


class Recorder:
    """The places of one run, by key in the order in which they were met; `exchanged` has what they give instead.

    `form` is how the value was built that was made a tensor last.
    """

    def __init__(self, backend: Any) -> None:
        self.backend = backend
        self.met: dict[Key, Met] = {}
        self.exchanged: Mapping[Key, Met] = {}
        self.resting = False
        self.form = ""
        self.is_live: Callable[[Any], bool] = lambda value: False

    def begin(self, exchanged: Mapping[Key, Met]) -> None:
        self.met, self.exchanged = {}, exchanged

    def lost(self, value: Any, code: str, explicit: bool = False) -> Any:
        """Note that `value` came out without its gradient; gives what the loss is to go on with."""
        other = self.noted(value, code, explicit)
        return value if other is None else other

    def written(self, target: Any, code: str) -> None:
        """Note that a tensor was written into that keeps no gradient of it."""
        other = self.noted(target, code, False)
        if other is not None:
            self.backend.overwrite(target, other)

    def added(self, constants: Iterable[Any], subtracted: bool = False) -> None:
        """Note numbers without a gradient that are added to one with a gradient; here they say nothing."""

    def silenced(self, value: Any) -> Any:
        """Note that the gradient of a value which has none is cut; here that says nothing."""
        return value

    def noted(self, value: Any, code: str, explicit: bool) -> Any:
        frames = user_frames()
        if not frames or self.resting:
            return None
        key = (frames[0].file, frames[0].line, frames[0].column, code)
        met = self.met.setdefault(key, Met(frames, code, explicit))
        number = len(met.values)
        if number < MOST_MET:
            met.values.append(self.backend.copied(value))
        instead = self.exchanged[key].values if key in self.exchanged else []
        return self.backend.copied(instead[number]) if number < len(instead) else None


def lost_places(run: Callable[[bool], float], recorder: Recorder, tolerance: float) -> list[Met]:
    """The places through which a path of the gradient led and where it ended, in the order of the run.

    `run` runs the loss under the recorder, with its predictions moved or not, and gives its value; it may raise.
    `tolerance` is the share of that move which still is the rounding of the arithmetic.
    """
    recorder.begin({})
    center = run(False)
    first = recorder.met
    recorder.begin({})
    moved = run(True)
    second = recorder.met
    least = max(tolerance * abs(moved - center), 1e-6 * tolerance * abs(center))
    found: list[Met] = []
    moving = [key for key, met in first.items() if key in second and differ(met, second[key], recorder.backend)]
    for key in moving[:MOST_TRIED]:
        recorder.begin({key: second[key]})
        if follows(run, center, least):
            found.append(first[key])
        if len(found) == MOST_FOUND:
            break
    return found


def follows(run: Callable[[bool], float], center: float, least: float) -> bool:
    """Whether the loss moves with what was exchanged; what fails on it has at least used it."""
    try:
        return not abs(run(False) - center) <= least
    except (Exception, SystemExit):
        return True


def differ(one: Met, other: Met, backend: Any) -> bool:
    """Whether a place gave other numbers: what does not move with the predictions carried nothing of them."""
    pairs = together(one.values, other.values)
    return any(numbers_of(first, backend) != numbers_of(second, backend) for first, second in pairs)


def numbers_of(value: Any, backend: Any) -> list[Any]:
    try:
        return [(leaf.shape, leaf.values) for leaf in leaves(value, backend)]
    except (NotNumeric, OverflowError):
        return []


Namespace = Dict[str, Any]
Imported = Tuple[Namespace, str, Any]


class Listening:
    """With `as_tensors`, what the libraries give is made a tensor again."""

    def __init__(self, recorder: Recorder, as_tensors: bool) -> None:
        self.recorder = recorder
        self.from_array = recorder.backend.from_array if as_tensors else None

    @contextlib.contextmanager
    def in_place_of(self, imported: Iterable[Imported]) -> Iterator[None]:
        """What was imported is exchanged for a while."""
        try:
            for namespace, name, value in imported:
                namespace[name] = self.bridge(library_of(value), value)
            yield
        finally:
            for namespace, name, value in imported:
                namespace[name] = value

    def imported(self, name: str, top: str) -> Any:
        """What a function imports for itself, as `bridging_import` has it."""
        return self.bridge(name.partition(":")[0].partition(".")[0], imported_as(name, top))

    def bridge(self, library: str, value: Any) -> Any:
        return bridged(value, partial(self.to_array, "AF101" if library == "numpy" else "AF107"), self.from_array)

    def to_array(self, code: str, value: Any) -> Any:
        """A tensor as an array, which is a place if it was live."""
        is_live = self.recorder.is_live(value)
        self.recorder.resting = True
        try:
            array = self.recorder.backend.to_array(value)
        finally:
            self.recorder.resting = False
        return self.recorder.lost(array, code) if is_live else array


def project_namespaces() -> list[Namespace]:
    """The namespaces of all modules that are the user's."""
    files = [(getattr(module, "__file__", None), module) for module in list(sys.modules.values())]
    return [vars(module) for file, module in files if type(file) is str and not is_foreign(file)]


def imported_in(namespaces: Iterable[Namespace]) -> list[Imported]:
    """The array libraries' modules and functions in namespaces."""
    return [
        (namespace, name, value)
        for namespace in namespaces
        for name, value in list(namespace.items())
        if library_of(value) in ARRAY_LIBRARIES
    ]


PACKAGE = str(Path(__file__).parent.parent) + "/"
STANDARD = tuple(sysconfig.get_path(name) + "/" for name in ("stdlib", "platstdlib"))
INSTALLED = ("/site-packages/", "/dist-packages/", "/__autograph_generated_file")
MOST = 20

Stretch = Tuple[int, int, int, int]


@dataclass(frozen=True)
class Frame:
    """One frame: its file, the function that runs, and the expression that it is at.

    Lines count from 1, columns from 0 and in characters.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    function: str
    expression: str

    def record(self) -> records.Frame:
        return {"file": self.file, "line": self.line, "column": self.column, "end_line": self.end_line,
                "end_column": self.end_column, "expression": self.expression, "function": self.function}  # fmt: skip


def user_frames() -> list[Frame]:
    """The frames of files that neither Python, an installed package nor autofix owns, innermost first."""
    return list(islice(user_frames_of(calling(sys._getframe(1))), MOST))


def own_frames_below(frame: FrameType | None, is_it: Callable[[CodeType], bool]) -> int | None:
    """How many frames of the user's a function runs that is on the stack: of several the innermost; None for none."""
    count = 0
    for each, line in calling(frame):
        if is_it(each.f_code):
            return count
        count += bool(not is_foreign(each.f_code.co_filename) and linecache.getline(each.f_code.co_filename, line))
    return None


def where_called() -> tuple[tuple[str, int, int], ...]:
    """The places in the user's files that lead here: each with its file, its function's first line, and where in it."""
    frames = (frame for frame, _ in calling(sys._getframe(1)))
    return tuple(
        (frame.f_code.co_filename, frame.f_code.co_firstlineno, frame.f_lasti)
        for frame in frames
        if not is_foreign(frame.f_code.co_filename)
    )


def calling(frame: FrameType | None) -> Iterator[tuple[FrameType, int]]:
    """A frame and those that called it, each with its line."""
    while frame is not None:
        yield frame, frame.f_lineno
        frame = frame.f_back


def user_frames_of(frames: Iterable[tuple[FrameType, int]]) -> Iterator[Frame]:
    """Those of frames that neither Python, an installed package nor autofix owns, in their order."""
    for frame, line in frames:
        code = frame.f_code
        if not is_foreign(code.co_filename) and linecache.getline(code.co_filename, line):
            yield described(code, frame.f_lasti, line)


@lru_cache(maxsize=None)
def is_foreign(file: str) -> bool:
    plain = file.replace("\\", "/")
    return plain.startswith((PACKAGE, "<frozen ", *STANDARD)) or any(each in plain for each in INSTALLED)


def described(code: CodeType, instruction: int, line: int) -> Frame:
    lines = linecache.getlines(code.co_filename)
    found = positions(code, instruction) or of_statement("".join(lines), line) or whole(lines[line - 1], line)
    first, start, last, end = found
    start, end = characters(lines[first - 1], start), characters(lines[last - 1], end)
    piece = "".join(lines[first - 1 : last])
    text = piece[start : len(piece) - len(lines[last - 1]) + end]
    return Frame(code.co_filename, first, start, last, end, code.co_name, " ".join(text.split()))


def positions(code: CodeType, instruction: int) -> Stretch | None:
    """The stretch of the instruction's expression; Python knows it from 3.11 on."""
    if not hasattr(code, "co_positions"):
        return None
    first, last, start, end = next(islice(code.co_positions(), instruction // 2, None), (None,) * 4)
    if first is None or last is None or start is None or end is None:
        return None
    return first, start, last, end


def of_statement(text: str, line: int) -> Stretch | None:
    """The stretch of the value that the only statement at a line computes; None where there are several."""
    here = [node for node in each_statement(text) if node.lineno <= line <= (node.end_lineno or node.lineno)]
    simple = [node for node in here if not hasattr(node, "body")]
    if not here or len(simple) > 1:
        return None
    node = (simple or here)[-1]
    value: Any = next((part for name in ("value", "test", "iter") if (part := getattr(node, name, None))), None)
    if value is None:
        return None
    if isinstance(node, ast.Assign) and any(isinstance(target, ast.Subscript) for target in node.targets):
        value = node  # what is written into matters as well
    return value.lineno, value.col_offset, value.end_lineno, value.end_col_offset


def whole(text: str, line: int) -> Stretch:
    """The stretch of a line without its indentation."""
    return line, len(text.encode()) - len(text.lstrip().encode()), line, len(text.rstrip().encode())


def each_statement(text: str) -> Iterator[ast.stmt]:
    """The statements of a text, outer ones before those within."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def characters(line: str, column: int) -> int:
    """A column that counts bytes as one that counts characters."""
    return column if line.isascii() else len(line.encode()[:column].decode(errors="ignore"))
