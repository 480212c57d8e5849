"""`autofix.check` and the IPython magics: take a loss object, give where its gradient is lost and the verified rewrite.

The framework is that of the given tensors: the caller has imported it. The loss runs in the caller's own process; the
rewrite is verified in a worker, as on the command line. In an IPython session the cells are one program: `%autofix`
checks all cells that were run, `%autofix mae` one loss, `%%autofix` its own cell before it runs it. Cells are named by
the number that IPython gives them: `In [3]` is cell 3.
"""

from __future__ import annotations

import inspect
import linecache
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import autofix
from autofix.knowledge.frameworks import framework_of, record_of
from autofix.knowledge.naming import role
from autofix.model import Finding, Framework, Place
from autofix.observe.attended import Attended, faults_of
from autofix.pipeline import fix_source
from autofix.report.results import relative
from autofix.report.text import Style, preview
from autofix.report.training import training
from autofix.report.visible import visible_record
from autofix.rewrite.catalogue import rules_near
from autofix.source.cells import Cell, Cells
from autofix.source.diff import unified_diff
from autofix.source.edits import apply_edits
from autofix.source.files import split_lines
from autofix.verify.live import Flow, flow, places_in
from autofix.verify.proving import Proving


@dataclass(frozen=True)
class Check:
    """The observation of one loss.

    `gradients` has the norm of the gradient for each prediction, None if none arrives; `error` is the message that the
    framework raised. `findings` are those of this loss in its source, each with its verified fix; if there are none,
    `places` are where a run lost the gradient. `runs` is False if the loss does not run on these tensors at all.
    """

    loss: str
    framework: Framework
    value: float | None
    gradients: Mapping[str, float | None]
    error: str
    findings: tuple[Finding, ...]
    places: tuple[Place, ...] = ()
    runs: bool = True

    @property
    def flows(self) -> bool:
        """Whether a gradient that is not zero arrives at every prediction."""
        return bool(self.gradients) and all(self.gradients.values())

    @property
    def diff(self) -> str:
        """The verified rewrite as a unified diff; empty where there is none."""
        return "".join(dict.fromkeys(finding.fix.diff for finding in self.findings))

    def __str__(self) -> str:
        norms = ", ".join(f"{name} {_norm(norm)}" for name, norm in self.gradients.items())
        if not self.runs:
            return f"{self.loss}: it raises an error on these tensors\n{self.framework}: {self.error}\n"
        fate = "gradients flow" if self.flows else "the gradient is lost"
        head = f"{self.loss}: {fate} ({norms or 'no predictions'})\n"
        said = f"{self.framework}: {self.error}\n" if self.error else ""
        shown = preview(self.findings, Style()) if self.findings else ""
        return head + said + shown + ("" if self.flows or self.findings else self._nothing_found())

    __repr__ = __str__

    def _nothing_found(self) -> str:
        """Where the gradient was lost, or why the source shows nothing."""
        seen = "".join(f"when run, it is lost at {_where(place)}\n" for place in self.places)
        if not self.loss.replace(".", "").isidentifier():
            return f"{seen}give it a name, so that autofix can find its source\n"
        return seen or "autofix found no known cause in its source\n"


def check(loss: Callable[..., Any], verifier: Proving, tensors: Mapping[str, Any], session: str = "") -> Check:
    """Run `loss(**tensors)`, look where its gradients go, and look into its source if they do not arrive.

    Where that shows nothing, the loss is run some times more to see where they are lost.

    Predictions are the floating tensors whose names are not those of a target; all of them where that leaves none.
    `session` is the text of an interactive session, in which functions without a file are looked up.
    The rules of one's own are those that `[tool.autofix]` above the loss's file names, or above the working folder.
    Raises TypeError when no tensor of PyTorch or TensorFlow is given, when the loss cannot be called or takes other
    arguments, and ValueError for rules that cannot be used.
    """
    framework = _framework(tensors)
    _fits(loss, tensors)
    predictions = _predictions(framework, tensors)
    seen = flow(framework, loss, tensors, predictions)
    name = qualified_name(loss)
    if not seen.runs:
        return Check(name, framework, None, seen.gradients, seen.error, (), runs=False)
    path, text = _source(loss, session)
    use = _use(name, framework, tensors, predictions)
    findings = () if _arrives(seen) or not text else _findings(name, path, text, use, verifier)
    places = () if findings or _arrives(seen) else places_in(framework, loss, tensors, predictions)
    return Check(name, framework, seen.value, seen.gradients, seen.error, findings, places)


def qualified_name(loss: Callable[..., Any]) -> str:
    """The name under which the source has the loss: a function, or the method that a loss object runs."""
    function = _written(loss)
    if inspect.isfunction(function) or inspect.ismethod(function):
        return function.__qualname__
    method = next((each for each in ("forward", "call") if hasattr(type(function), each)), "__call__")
    return f"{type(function).__qualname__}.{method}"


def _written(loss: Callable[..., Any]) -> Any:
    """What stands in the source: the function behind decorators and `functools.partial`."""
    while isinstance(loss, partial):
        loss = loss.func
    return inspect.unwrap(loss)


def _arrives(seen: Flow) -> bool:
    return bool(seen.gradients) and all(seen.gradients.values())


def _framework(tensors: Mapping[str, Any]) -> Framework:
    for tensor in tensors.values():
        for base in type(tensor).__mro__:
            found = framework_of(base.__module__)
            if found is not None:
                return found
    raise TypeError("autofix.check needs example tensors by name: autofix.check(loss, y_pred=…, y_true=…)")


def _fits(loss: Callable[..., Any], tensors: Mapping[str, Any]) -> None:
    """Raise TypeError where the loss takes other arguments than these, or none at all."""
    if not callable(loss):
        raise TypeError(f"autofix.check takes a loss and example tensors; {type(loss).__name__} cannot be called")
    try:
        signature = inspect.signature(loss)
    except (TypeError, ValueError):  # written in C: only a call shows what it takes
        return
    try:
        signature.bind(**tensors)
    except TypeError as error:
        name = getattr(loss, "__name__", type(loss).__name__)
        raise TypeError(f"autofix.check: {error}; the loss is {name}{signature}") from None


def _predictions(framework: Framework, tensors: Mapping[str, Any]) -> tuple[str, ...]:
    floating = [name for name, tensor in tensors.items() if _is_floating(framework, tensor)]
    return tuple(name for name in floating if role(name) != "target") or tuple(floating)


def _is_floating(framework: Framework, tensor: Any) -> bool:
    dtype = getattr(tensor, "dtype", None)
    return bool(getattr(dtype, record_of(framework).is_floating, False))


def _source(loss: Callable[..., Any], session: str) -> tuple[str, str]:
    """The file of a loss and its text; the session's for what was typed; two empty texts where there is neither."""
    function = _written(loss)
    if not (inspect.isfunction(function) or inspect.ismethod(function)):
        function = type(function)
    try:
        path = inspect.getsourcefile(function) or ""
    except TypeError:
        return "", ""
    if not Path(path).is_file():
        return path, session or "".join(linecache.getlines(path))
    from autofix.source.files import Source, decode, read_bytes

    content = read_bytes(path)
    source = decode(path, content) if isinstance(content, bytes) else content
    return (path, source.text) if isinstance(source, Source) else (path, "")


def _findings(name: str, path: str, text: str, use: str, verifier: Proving) -> tuple[Finding, ...]:
    own = rules_near(path)
    found = _of(name, fix_source(text, path, verifier, own=own).findings)
    if found or not name.isidentifier():
        return found
    findings = _of(name, fix_source(text.rstrip("\n") + "\n" + use, path, verifier, own=own).findings)
    return tuple(_without_use(finding, path, text) for finding in findings)


def _of(name: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.loss == name)


def _use(name: str, framework: Framework, tensors: Mapping[str, Any], predictions: Sequence[str]) -> str:
    """A step that trains with the loss: what nothing in its file uses as a loss is then looked into as one."""
    arguments = (f"{each}=model({each})" if each in predictions else f"{each}={each}" for each in tensors)
    body = record_of(framework).differentiation.format(call=f"{name}({', '.join(arguments)})")
    return f"\n\ndef _autofix_use(model, {', '.join(tensors)}):\n{body}"


def _without_use(finding: Finding, path: str, text: str) -> Finding:
    """The finding with the diff of the file as it is."""
    fix = finding.fix
    if fix.status != "verified":
        return finding
    return replace(finding, fix=replace(fix, diff=unified_diff(path, text, apply_edits(text, fix.edits))))


def _where(place: Place) -> str:
    site = place.sites[0]
    return f"`{site.expression}` ({relative(site.path)}, line {site.span.line}, in {site.function})"


def _norm(norm: float | None) -> str:
    return "has no gradient" if norm is None else f"has a gradient of norm {norm:.2g}"


NAME = "<session>"


def session() -> str:
    """The text of the session that this process is, magics as the calls they are; empty outside of one."""
    shell_of = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = shell_of() if shell_of else None
    return text_of(shell) if shell is not None else ""


def text_of(shell: Any) -> str:
    """Every cell that was run and can be parsed."""
    cells = shell.history_manager.input_hist_parsed
    return "\n".join(cell.rstrip("\n") + "\n" for cell in cells if cell.strip() and _parses(cell))


def register(shell: Any) -> None:
    """Add the magics to a session."""

    def magic(line: str, cell: str | None = None) -> None:
        if cell is None:
            print(report(cells_of(shell), line.strip()), end="")
            return
        cells = cells_of(shell, f"%%autofix {line}\n{cell}")
        print(report(cells, line.strip(), cells.cells[-1].number), end="")
        shell.run_cell(cell)

    shell.register_magic_function(magic, "line_cell", "autofix")


def cells_of(shell: Any, now: str = "") -> Cells:
    """The cells as they were typed, the one that is run `now` last: the history has it already, or will never."""
    typed = [(number, text) for number, text in enumerate(shell.history_manager.input_hist_raw) if text.strip()]
    if now:
        typed = [*(each for each in typed if each[0] != shell.execution_count), (shell.execution_count, now)]
    return Cells(tuple(Cell(number, tuple(split_lines(text))) for number, text in typed))


def report(cells: Cells, loss: str = "", number: int | None = None) -> str:
    """What is wrong in all cells of a session, or in one; in all of its losses, or in one."""
    outcome = autofix.fix_source(cells.program, NAME, python=sys.executable)
    placed = [cells.placed(finding) for finding in outcome.findings]
    found = [each for each in placed if loss in ("", each.loss) and number in (None, each.cell)]
    return preview([visible_record(each) for each in found], Style()) if found else "No lost gradients found.\n"


def _parses(cell: str) -> bool:
    import ast

    try:
        ast.parse(cell)
    except (SyntaxError, ValueError):
        return False
    return True


def show_training(attended: Attended) -> None:
    """Print what a watch has seen."""
    print(training(attended, faults_of(attended), Style()), end="", file=sys.stderr)
