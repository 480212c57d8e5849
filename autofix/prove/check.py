"""`autofix rules --check FOLDER`: the proof of a project's own rules, as the bundled ones are proven.

Every rule is tried on the examples of its docstring, or on calls drawn from its signature; the original is imported and
run beside it. A rule that nothing proves fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from autofix.model import Framework
from autofix.prove.proof import Failure, Interpreter, prove
from autofix.prove.samples import ExampleError, Sample, drawn, examples, gaps
from autofix.rewrite.catalogue import Catalogue, rule_files
from autofix.rewrite.rules import RuleFile, prefixes, read_rules
from autofix.source.environments import project_folders
from autofix.verify.interpreters import find_interpreter


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
