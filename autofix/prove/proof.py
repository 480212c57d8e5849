"""Proves rules: each spelling of each sample is run beside the original, in one child process a framework.

Takes a catalogue and samples; gives the failures, each with the rule's place, the call, and what came out. The rules of
a project (`autofix rules --check FOLDER`) are proven as the bundled ones are: on the examples of their docstrings, or
on calls drawn from their signatures. A rule that nothing proves fails.
"""

from __future__ import annotations

import ast
import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import libcst as cst

from autofix.model import Framework, Reason
from autofix.prove.samples import ALIASES, ExampleError, Sample, drawn, examples, gaps
from autofix.rewrite.binding import NEEDLESS
from autofix.rewrite.catalogue import Catalogue, Rendering, bundled, rule_files
from autofix.rewrite.literal import code_of
from autofix.rewrite.rules import RuleFile, prefixes, read_rules
from autofix.source.environments import project_folders
from autofix.source.trust import is_trusted
from autofix.verify.interpreters import find_interpreter
from autofix.verify.launcher import Chosen, end, lacking, launch, refusal

PROGRAM = Path(__file__).parent / "worker" / "__main__.py"


class ProofError(Exception):
    """Nothing could be run; the text says why."""


@dataclass(frozen=True)
class Failure:
    """What is wrong with one spelling of one call; `ran` is false where the call itself cannot be run or rewritten.

    `variant` says on which other arrays ("int64", "rank 3"), and `raised` that the framework refused them itself.
    """

    place: str
    call: str
    spelling: str
    problem: str
    ran: bool = True
    name: str = ""
    variant: str = ""
    raised: bool = False

    def __str__(self) -> str:
        spelled = f" -> {self.spelling}" if self.spelling else ""
        on = f"with {self.variant}: " if self.variant else ""
        return f"{self.place}: {self.call}{spelled}: {on}{self.problem}"


@dataclass(frozen=True)
class Interpreter:
    """What runs the proof: a Python with the framework, the folders it imports from, and its deadline in seconds.

    `near` is a folder of the project; `typed` says that the user has named the Python, and `unsandboxed` that it may
    run where nothing confines it.
    """

    python: Path
    folders: tuple[Path, ...] = ()
    timeout: float = 900.0
    near: Path = field(default_factory=Path.cwd)
    typed: bool = True
    unsandboxed: bool = False


def prove(
    framework: Framework, catalogue: Catalogue, samples: Sequence[Sample], interpreter: Interpreter
) -> list[Failure]:
    """The failures of all samples for a framework. Raises ProofError where nothing can be run."""
    failures = [failure for each in samples if each.refused for failure in _unrefused(each, catalogue)]
    asked = [each for each in samples if not each.refused]
    calls: list[tuple[Sample, dict[str, Any]]] = []
    for sample in asked:
        if sample.spelling:
            calls.append((sample, {**_bare_call(sample, framework), "candidates": [_candidate_of(sample.spelling)]}))
            continue
        found = catalogue.render(sample.name, sample.arguments, ALIASES[framework])
        if isinstance(found, Reason):
            problem = f"refused: {found.text}"
            failures.append(Failure(_place(sample, catalogue), sample.text, "", problem, False, sample.name))
        else:
            calls.append((sample, _call(sample, framework, catalogue, found)))
    seen = answers(framework, [call for _, call in calls], interpreter) if calls else []
    for (sample, call), answer in zip(calls, seen, strict=True):
        failures += _judged(_place(sample, catalogue), sample, call, answer)
    return failures


def _unrefused(sample: Sample, catalogue: Catalogue) -> list[Failure]:
    found = catalogue.render(sample.name, sample.arguments, ALIASES[sample.frameworks[0]])
    if isinstance(found, Reason):
        return []
    return [Failure(_place(sample, catalogue), sample.text, code_of(found[0].expression), "the rule must refuse it")]


def _place(sample: Sample, catalogue: Catalogue) -> str:
    return str(catalogue.place(sample.name) or sample.name)


def _call(
    sample: Sample, framework: Framework, catalogue: Catalogue, renderings: Sequence[Rendering]
) -> dict[str, Any]:
    place = catalogue.place(sample.name)
    assert place is not None
    return {
        **_bare_call(sample, framework),
        "file": str(place.path.absolute()),
        "functions": place.functions,
        "candidates": [_candidate(each, sample.rest) for each in renderings],
        "variants": variants_of(sample),
    }


def _bare_call(sample: Sample, framework: Framework) -> dict[str, Any]:
    """What the worker must know of a call whose spellings are not a rule's."""
    return {
        "framework": framework,
        "text": sample.text,
        "rest": sample.rest,
        "oracle": sample.oracle,
        "original": sample.original,
        "differentiable": sample.differentiable,
        "method": sample.is_method,
        "file": "",
        "functions": (),
        "left_out": ("dtype", "nan_policy", *NEEDLESS),
        "variants": (),
    }


def _candidate(rendering: Rendering, rest: str = "") -> dict[str, Any]:
    when = [_candidate(each) for each in rendering.when]
    return {**_candidate_of(f"({code_of(rendering.expression)}){rest}", rendering.definitions), "when": when}


def _candidate_of(code: str, definitions: Sequence[str] = ()) -> dict[str, Any]:
    return {"code": code, "definitions": definitions, "when": []}


def answers(framework: Framework, calls: Sequence[dict[str, Any]], interpreter: Interpreter) -> list[dict[str, Any]]:
    """What the worker says of each call, in its own words. Raises ProofError where nothing can be run."""
    folders = [str(folder.resolve()) for folder in interpreter.folders]
    asked = {"framework": framework, "bundled": str(bundled()), "folders": folders, "calls": calls}
    if (reason := lacking()) and not (interpreter.unsandboxed or is_trusted(interpreter.near)):
        raise ProofError(refusal(reason, interpreter.near))
    with tempfile.TemporaryDirectory(prefix="autofix-") as private:
        status, output, errors = _ran(interpreter, json.dumps(asked), folders, Path(private))
    if status:
        last = (errors.strip().splitlines() or [_refused(output) or "no output"])[-1]
        raise ProofError(f"{interpreter.python} could not run the rules for {framework}: {last}")
    found: list[dict[str, Any]] = json.loads(output)
    return found


def _ran(interpreter: Interpreter, asked: str, folders: Sequence[str], private: Path) -> tuple[int, str, str]:
    """The exit status of the worker, and what it wrote; it and all that it has started are ended in any case."""
    chosen = Chosen(interpreter.python, interpreter.near, interpreter.typed)
    projects = [each for each in folders if Path(each).is_dir()]
    try:
        child = launch(chosen, [str(PROGRAM)], private, projects, [PROGRAM.parent, bundled()])
    except OSError as error:
        raise ProofError(f"{interpreter.python} cannot be run: {error}") from None
    try:
        output, errors = child.communicate(asked.encode(), interpreter.timeout)
    except subprocess.TimeoutExpired:
        raise ProofError(f"{interpreter.python} did not finish within {interpreter.timeout:.0f} s") from None
    finally:
        end(child)
        child.wait()
    return child.returncode, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace")


def _refused(output: str) -> str:
    """Why the jail was not entered, or the Python not executed: what `outer_jail` says then."""
    try:
        return str(json.loads(output)["reason"])
    except (ValueError, KeyError, TypeError):
        return ""


def _judged(place: str, sample: Sample, call: dict[str, Any], answer: dict[str, Any]) -> list[Failure]:
    """Every candidate that is for this call must be right, there must be one, and so must the function itself."""
    written = sample.text + sample.rest
    if answer["original"] is not None:
        return [Failure(place, written, "", f"the original does not run: {answer['original']}", False, sample.name)]
    failures = []
    for candidate, seen in zip(call["candidates"], answer["candidates"], strict=True):
        if seen["problem"]:
            failures.append(Failure(place, written, candidate["code"], seen["problem"], name=sample.name))
    if not any(seen["holds"] for seen in answer["candidates"]):
        failures.append(Failure(place, written, "", "no spelling applies to this call", name=sample.name))
    elif not any(seen["compiled"] for seen in answer["candidates"]):
        problem = "no spelling applies to this call in a compiled function"
        failures.append(Failure(place, written, "", problem, name=sample.name))
    for name, seen in zip(call["functions"], answer["direct"], strict=True):
        if seen["holds"] and seen["problem"]:
            failures.append(Failure(place, written, f"{name}(…) itself", seen["problem"], name=sample.name))
    for seen in answer["varied"]:
        spelling = call["candidates"][seen["candidate"]]["code"]
        failures.append(
            Failure(place, written, spelling, seen["problem"], True, sample.name, seen["variant"], seen["raised"])
        )
    return failures


ELEMENTS = ("integers", "booleans", "half precision", "two types")
RANKS = tuple(f"rank {rank}" for rank in range(5))
_NUMBERS_ONLY = ("math.", "builtins.", "torch.", "tensorflow.", "keras.", "Tensor.", "inert ", "operator.")
_ARRAYS = ("numpy.", "ndarray.", "scipy.special.")
_FLOATING, _OF_ONE_SHAPE = frozenset("g c h".split()), frozenset("m i j b s".split())
"""The arrays that stay as they are; s is a number by its nature."""


def variants_of(sample: Sample) -> tuple[str, ...]:
    """Return the variants that make sense for a call: those in which nothing but what is handed over changes.

    Distances, densities and metrics are about numbers: what they make of a truth value, or of no axis, is an accident.
    """
    if not sample.varied or sample.name.startswith(_NUMBERS_ONLY) or not all(_stand_alone(sample.text)):
        return ()
    used = {node.id for node in ast.walk(ast.parse(sample.text, mode="eval")) if isinstance(node, ast.Name)}
    numbers = "booleans" if not sample.name.startswith(_ARRAYS) else ""
    elements = () if used & _FLOATING else tuple(each for each in ELEMENTS if each != numbers)
    fixed = used & (_FLOATING | _OF_ONE_SHAPE) or sample.oracle != sample.text + sample.rest
    return elements if fixed else elements + RANKS[_lowest(sample) :]


def _lowest(sample: Sample) -> int:
    """Return the lowest rank that NumPy means: that a number has an axis 0 and a vector is a matrix are accidents."""
    if sample.name.startswith("scipy.linalg."):
        return 2
    plain = all(isinstance(each.expression, cst.Name) and not each.keyword for each in sample.arguments)
    is_reduction = sample.name.endswith((".reduce", ".accumulate"))
    return 0 if plain and not is_reduction and sample.name.startswith(_ARRAYS) else 1


def _stand_alone(text: str) -> Iterator[bool]:
    """Yield of each array whether it is handed over as it is: `x - y` would be another operation that is tried."""
    call = ast.parse(text, mode="eval").body
    if not isinstance(call, ast.Call):
        return
    receiver = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    for argument in (*receiver, *call.args, *(each.value for each in call.keywords)):
        inside = argument.elts if isinstance(argument, (ast.List, ast.Tuple)) else [argument]
        for each in inside:
            names = [node for node in ast.walk(each) if isinstance(node, ast.Name) and node.id not in ("np", "math")]
            yield isinstance(each, ast.Name) or not names


@dataclass(frozen=True)
class Proven:
    """The outcome for one framework: how many rules and calls were tried, and what is wrong."""

    framework: Framework
    rules: int
    calls: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class _Tried:
    """One rule and the calls that it is tried on; `drawn` where they are not its own examples."""

    name: str
    place: str
    samples: tuple[Sample, ...]
    drawn: bool
    faults: tuple[Failure, ...]


def check(folders: Sequence[Path], framework: Framework, interpreter: Interpreter) -> Proven:
    """Prove the rules of these folders for a framework. Raises ProofError where nothing can be run."""
    tried = [each for folder in folders for path in rule_files(folder, framework) for each in _of_file(path, framework)]
    samples = [sample for each in tried for sample in each.samples]
    found = prove(framework, Catalogue.load(framework, folders), samples, interpreter)
    failures = [failure for each in tried for failure in (*each.faults, *_of_rule(each, found))]
    failures += [failure for failure in found if failure.ran and not (failure.variant and failure.raised)]
    return Proven(framework, len(tried), len(samples), tuple(failures))


def interpreter_for(
    python: str, folder: Path, framework: Framework, typed: bool = True, unsandboxed: bool = False
) -> Interpreter:
    """What runs the proof of a folder: `python` or the project's own, importing from the project's root and its src.

    `typed` says that the user has named `python`; `unsandboxed` that it may run where nothing confines it.
    """
    near = folder.resolve()
    found = find_interpreter(Path(python) if python else None, near, framework)
    *_, root = (near, *project_folders(near))
    folders = root, root / "src", Path.cwd()
    return Interpreter(found, folders, near=near, typed=typed and bool(python), unsandboxed=unsandboxed)


def _of_file(path: Path, framework: Framework) -> Iterator[_Tried]:
    text = path.read_text(encoding="utf-8")
    rules, owner = read_rules(path), prefixes(text)[0]
    for rule in rules.names():
        yield _tried(rules, rule, owner, framework, path)


def _tried(rules: RuleFile, rule: str, owner: str, framework: Framework, path: Path) -> _Tried:
    function, name = rules.functions[rules.synonyms.get(rule, rule)], f"{owner}.{rule}"
    place = f"{path}:{function.lineno}"
    if rule in rules.synonyms:
        return _Tried(name, place, tuple(drawn(rules, rule, owner, framework)), True, ())
    try:
        own = examples(rules, rule, owner, framework)
    except ExampleError as error:
        return _Tried(name, place, (), False, (Failure(f"{path}:{error.line}", name, "", str(error)),))
    samples = own or drawn(rules, rule, owner, framework)
    if not samples:
        return _Tried(name, place, (), False, (_unproven(place, name, "no call can be generated from its signature"),))
    missing = tuple(Failure(place, name, "", f"{gap}: add one to its docstring") for gap in gaps(function, samples))
    return _Tried(name, place, tuple(samples), not own, missing)


def _of_rule(tried: _Tried, found: Sequence[Failure]) -> Iterator[Failure]:
    """What could not be run: fatal for an example; of the calls that were drawn, it is enough that some can."""
    left_out = [failure for failure in found if not failure.ran and failure.name == tried.name]
    if not tried.drawn:
        yield from left_out
    elif len(left_out) == len(tried.samples) > 0:
        yield _unproven(tried.place, tried.name, f"no call generated from its signature runs ({left_out[0].problem})")


def _unproven(place: str, name: str, why: str) -> Failure:
    return Failure(place, name, "", f'{why}: add examples to its docstring, such as ">>> {name.rpartition(".")[2]}(x)"')
