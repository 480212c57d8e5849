"""The rules of the house (docs/architecture.md), read off the source: what a change may not do to the structure."""

from __future__ import annotations

import ast
import builtins
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from autofix.knowledge.causes import codes
from autofix.knowledge.operations import names as operations
from autofix.knowledge.trainers import TRAINERS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "autofix"
ROOMS = (
    "version", "worker", "model", "knowledge", "source", "syntax", "analysis", "rewrite", "trial", "observe", "verify",
    "prove", "report", "fixes", "pipeline", "scan", "runner", "run", "api", "lsp", "cli", "__main__", "__init__",
)  # fmt: skip
"""Packages and modules at the top, from the bottom up: a room imports from those before it, never from those behind."""


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the package, by its dotted name without `autofix.`."""
    files = sorted(PACKAGE.rglob("*.py"))
    return {_name(file): ast.parse(file.read_text("utf-8")) for file in files}


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """Every node of a tree: several tests ask for those of every module."""
    return tuple(ast.walk(tree))


def _name(file: Path) -> str:
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def room(name: str) -> str:
    return name.partition(".")[0]


def imports(name: str, tree: ast.AST, modules: set[str]) -> Iterator[tuple[str, int]]:
    """Yield the modules of the package that a module imports, anywhere in it, with the line."""
    folder = name.split(".")[:-1]
    for node in nodes(tree):
        if not isinstance(node, ast.ImportFrom):
            continue
        whole = node.module or ""
        if node.level:
            whole = ".".join(["autofix", *folder[: len(folder) - node.level + 1], *([whole] if whole else [])])
        if whole == "autofix" or whole.startswith("autofix."):
            owner = whole[len("autofix.") :]
            for alias in node.names:
                inner = f"{owner}.{alias.name}".lstrip(".")
                yield (inner if inner in modules else owner or "__init__"), node.lineno


def upward(trees: dict[str, ast.Module]) -> list[str]:
    """Return each import from a room further up."""
    return [
        f"{name}:{line} imports {taken}"
        for name, tree in trees.items()
        for taken, line in imports(name, tree, set(trees))
        if ROOMS.index(room(taken)) > ROOMS.index(room(name))
    ]


def at_import(name: str, tree: ast.Module, modules: set[str]) -> set[str]:
    """Return the modules that are imported while this one is."""
    top = [each for each in tree.body if isinstance(each, ast.ImportFrom)]
    return {taken for taken, _ in imports(name, ast.Module(list(top), []), modules)}


def test_every_module_is_in_a_room() -> None:
    assert {room(name) for name in modules()} <= set(ROOMS)


def test_at_most_eight_modules_are_loose() -> None:
    assert len([name for name in modules() if "." not in name and not (PACKAGE / name).is_dir()]) <= 9  # with __init__


def test_imports_run_downward_only() -> None:
    assert upward(modules()) == []


def test_no_two_modules_import_one_another() -> None:
    graph = {name: at_import(name, tree, set(modules())) - {name} for name, tree in modules().items()}
    while graph and (free := [name for name, taken in graph.items() if not taken & graph.keys()]):
        graph = {name: taken for name, taken in graph.items() if name not in free}

    assert graph == {}


def test_an_import_from_further_up_is_found() -> None:
    trees = {
        "source.files": ast.parse("def f():\n    from autofix.verify import cache\n"),
        "verify.cache": ast.parse(""),
    }

    assert upward(trees) == ["source.files:2 imports verify.cache"]


def test_the_worker_needs_the_standard_library_alone() -> None:
    taken = {
        name: {alias.name.partition(".")[0] for node in nodes(tree) for alias in getattr(node, "names", [])}
        for name, tree in modules().items()
        if room(name) == "worker" and any(
            isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").startswith("autofix")
            for node in nodes(tree)
        )
    }  # fmt: skip

    assert taken == {}


def test_no_class_is_cut_into_files_by_inheritance() -> None:
    """A class with exactly one subclass, in another file of its package, is one class in two files."""
    assert cut_classes() == ()


def cut_classes() -> tuple[str, ...]:
    """Return the classes that have exactly one subclass, which stands in another file of the same room."""
    below: dict[str, list[str]] = {}
    for name, tree in modules().items():
        origins = {
            alias.asname or alias.name: f"{(node.module or '').removeprefix('autofix.')}.{alias.name}"
            for node in tree.body
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in tree.body:
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                if isinstance(base, ast.Name) and base.id in origins:
                    below.setdefault(origins[base.id], []).append(name)
    one = {whole: names[0] for whole, names in below.items() if len(names) == 1}
    return tuple(sorted(each for each, user in one.items() if room(each) == room(user) and each in _classes()))


def _classes() -> set[str]:
    return {
        f"{name}.{node.name}"
        for name, tree in modules().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def literals(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the strings of a module that are no docstrings, with their lines."""
    stray = {id(node.value) for node in nodes(tree) if isinstance(node, ast.Expr)}
    for node in nodes(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in stray:
            yield node.value, node.lineno


def test_every_cause_that_is_named_has_a_page() -> None:
    named = {
        code for tree in modules().values() for text, _ in literals(tree) for code in re.findall(r"\bAF\d{3}\b", text)
    }

    assert named <= set(codes())


NAMES = ("torch", "tensorflow", "keras")
SPEAKING = ("knowledge.", "worker.backends.", "prove.worker.backends")
"""Where the name of a framework may be written out."""

STILL_SPEAKING = frozenset[str]()
"""The modules that still write one out. The list only shrinks."""


def speaking(trees: dict[str, ast.Module]) -> frozenset[str]:
    """Return the modules in which the name of a framework is a literal."""
    return frozenset(
        name
        for name, tree in trees.items()
        if not name.startswith(SPEAKING) and any(text in NAMES for text, _ in literals(tree))
    )


def test_the_name_of_a_framework_stands_in_its_record_its_backend_and_its_rules_only() -> None:
    found = speaking(modules())

    assert found - STILL_SPEAKING == set(), "ask the record of the framework (knowledge/frameworks.py) instead"
    assert STILL_SPEAKING - found == set(), "these are clean: remove them from STILL_SPEAKING"


def test_a_name_that_is_compared_is_found_and_one_in_a_docstring_is_none() -> None:
    trees = {
        "rewrite.plan": ast.parse('x = framework == "torch"'),
        "rewrite.calls": ast.parse('"torch"'),
        "knowledge.frameworks": ast.parse('NAME = "torch"'),
    }

    assert speaking(trees) == {"rewrite.plan"}


ORDINARY_WORDS = frozenset(dir(builtins)) | frozenset(
    "Model Tensor Variable array constant copy data device dtype grad gradient identity index item layout loss name "
    "normal numpy optimizer optimizers random rank shape size step take train trainable where "
    "bfloat16 double float16 half negative sign single".split()
)
"""Names of library functions that are as often something else, and the words for a precision and a range."""

STILL_WITH_TABLES = frozenset[str]()
"""The modules that still keep one. The list only shrinks."""


def name_tables(tree: ast.AST) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield the line of each table with the names of two or more library functions, and those names."""
    for node in nodes(tree):
        names = frozenset(
            name for name in _listed(node) if name in operations() or name.rpartition(".")[2] in operations()
        )
        names = frozenset(name for name in names if name.rpartition(".")[2] not in ORDINARY_WORDS)
        if len(names) > 1:
            yield node.lineno, names  # type: ignore[attr-defined]


def _listed(node: ast.AST) -> list[str]:
    match node:
        case ast.Set(elts=parts) | ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Dict(keys=parts):
            return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="split"), args=[]):
            return text.split()
    return []


def with_tables(trees: dict[str, ast.Module]) -> frozenset[str]:
    """Return the modules outside the knowledge, the backends and the rules that have a table of library functions."""
    return frozenset(name for name, tree in trees.items() if not name.startswith(SPEAKING) and any(name_tables(tree)))


def test_what_a_library_function_is_stands_in_the_catalogue_alone() -> None:
    found = with_tables(modules())

    assert found - STILL_WITH_TABLES == set(), "ask the catalogue (knowledge/operations.py) for a trait instead"
    assert STILL_WITH_TABLES - found == set(), "these are clean: remove them from STILL_WITH_TABLES"


def test_a_table_of_library_functions_is_found() -> None:
    tree = ast.parse("A = {'detach', 'clone'}\nB = 'mean argmax'.split()\nC = {'index': 1, 'size': 2}\nD = ('detach',)")

    assert list(name_tables(tree)) == [(1, {"detach", "clone"}), (2, {"mean", "argmax"})]


def of_trainers() -> frozenset[str]:
    """Return the names by which a trainer is known: of its methods and classes, but for ordinary words."""
    found: set[str] = set()
    for each in TRAINERS:
        hooks = [*each.losses, *each.layers]
        found |= {*each.steps, *each.tests, *each.backward, *each.starts, *each.adds, *each.eager, *each.tracing}
        found |= {hook.method for hook in hooks} | {hook.ending for hook in hooks} | {each.title.lower()}
    return frozenset(found) - {"", "call", "fit", "keras", "Trainer"}


def speaking_of_trainers(trees: dict[str, ast.Module]) -> list[str]:
    """Return where a name of a trainer is a literal, outside the knowledge."""
    names = of_trainers()
    return [
        f"{name}:{line} {', '.join(sorted(found))}"
        for name, tree in trees.items()
        if not name.startswith(SPEAKING)
        for text, line in literals(tree)
        if (found := names.intersection(re.findall(r"\w+", text)))
    ]


def test_what_a_trainer_calls_stands_in_its_record_alone() -> None:
    assert speaking_of_trainers(modules()) == [], "ask the records of the trainers (knowledge/trainers.py)"


def test_the_name_of_a_trainer_is_found() -> None:
    trees = {
        "analysis.losses": ast.parse("a = name == 'training_step'\nb = re.compile(r'x|compute_loss')\nc = 'fit'"),
        "knowledge.trainers": ast.parse("'training_step'"),
    }

    assert speaking_of_trainers(trees) == ["analysis.losses:1 training_step", "analysis.losses:2 compute_loss"]


def files_in_lines(tree: ast.AST) -> Iterator[int]:
    """Yield the lines in which line numbers are moved, or taken apart: as if one said which file it is in."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="increment_lineno") | ast.alias(name="increment_lineno"):
                yield node.lineno
            case (
                ast.BinOp(left=left, op=ast.Mod() | ast.FloorDiv())
                | ast.Call(func=ast.Name(id="divmod"), args=[left, _])
            ) if _is_line(left):
                yield node.lineno


def _is_line(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name in ("line", "lineno", "end_line", "end_lineno")


def test_no_line_number_says_which_file_it_is_in() -> None:
    found = [f"{name}:{line}" for name, tree in modules().items() for line in files_in_lines(tree)]

    assert found == [], "a node, a key and a span have a file (syntax/spans.py)"


def test_a_file_in_a_line_number_is_found() -> None:
    moved = "a = span.line // N\nb = node.lineno % N\ndivmod(line, N)\nast.increment_lineno(tree, N)\nd = n // 2"

    assert sorted(files_in_lines(ast.parse(moved))) == [1, 2, 3, 4]


BOUNDED = ("rewrite", "trial", "fixes")
"""The rooms whose functions say no with a `Reason`, where another room calls them."""

STILL_WITHOUT_A_REASON = {
    "rewrite.catalogue.Catalogue.function": "a look-up: there is no rule of that name",
    "rewrite.catalogue.Catalogue.place": "a look-up: there is no rule of that name",
}
"""The functions that still return None, or a text, and what that means. The list only shrinks."""


def boundary(trees: dict[str, ast.Module]) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Yield the functions of the bounded rooms that another room imports, and the public methods of such classes."""
    known = set(trees)
    taken = {
        (owner, alias.name)
        for name, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for owner, _ in imports(name, node, known)
        if room(owner) in BOUNDED and room(owner) != room(name)
        for alias in node.names
    }
    for owner, wanted in sorted(taken):
        for node in trees[owner].body:
            if isinstance(node, ast.FunctionDef) and node.name == wanted:
                yield f"{owner}.{wanted}", node
            elif isinstance(node, ast.ClassDef) and node.name == wanted:
                methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
                yield from ((f"{owner}.{wanted}.{each.name}", each) for each in methods if each.name[0] != "_")


def says_no_without_a_reason(annotation: ast.expr | None) -> bool:
    """Is None or a text the other answer of a function, or of what it yields: `X | None`, `dict | str`?"""
    nodes = list(ast.walk(annotation)) if annotation is not None else []
    names = {ast.unparse(each) for each in nodes if isinstance(each, (ast.Name, ast.Constant))}
    is_union = any(isinstance(each, ast.BinOp) for each in nodes) and bool(names & {"None", "str"})
    return "Reason" not in names and (is_union or bool(names & {"Optional", "Union"}))


def test_a_stage_that_says_no_says_why() -> None:
    found = {name for name, node in boundary(modules()) if says_no_without_a_reason(node.returns)}

    assert found - STILL_WITHOUT_A_REASON.keys() == set(), "return a Reason (model.py) instead"
    assert STILL_WITHOUT_A_REASON.keys() - found == set(), "these give a reason: remove them from the list"


def test_a_function_that_says_no_without_a_reason_is_found() -> None:
    trees = {
        "rewrite.plan": ast.parse("def plan() -> Plan | None: ...\ndef inner() -> str | None: ..."),
        "trial.requests": ast.parse("def prepare() -> dict[str, int] | Reason: ..."),
        "verify.verifier": ast.parse(
            "from autofix.rewrite.plan import plan\nfrom autofix.trial.requests import prepare"
        ),
        "rewrite.candidates": ast.parse("from autofix.rewrite.plan import inner"),
    }
    found = dict(boundary(trees))

    assert set(found) == {"rewrite.plan.plan", "trial.requests.prepare"}
    assert [name for name, node in found.items() if says_no_without_a_reason(node.returns)] == ["rewrite.plan.plan"]


def test_what_looks_for_faults_imports_neither_libcst_nor_a_framework() -> None:
    """LibCST takes 0.2 s: it is imported where something is rewritten, and by nothing that only looks."""
    heavy = ["libcst", "torch", "tensorflow", "keras", "numpy"]
    program = f"import sys, autofix.pipeline, autofix.runner; print([each for each in {heavy} if each in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)

    assert ran.stdout == "[]\n"


def drawing() -> str:
    """Return the rooms as a Mermaid chart: an arrow is an import, and one that others imply is left out."""
    known, taken = set(modules()), {room(name): set[str]() for name in modules()}
    for name, tree in modules().items():
        taken[room(name)] |= {room(each) for each, _ in imports(name, tree, known)} - {room(name)}

    def reached(start: str) -> set[str]:
        return taken[start] | {each for inner in taken[start] for each in reached(inner)}

    lines = [
        f"    {each} --> {inner}"
        for each in reversed(ROOMS)
        for inner in reversed(ROOMS)
        if inner in taken[each] and not any(inner in reached(other) for other in taken[each])
    ]
    return "\n".join(["flowchart TD", *(line for line in lines if "__" not in line)]) + "\n"


def test_the_page_describes_every_room_in_order_and_draws_its_imports() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    described = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)

    assert described == [each for each in ROOMS if not each.startswith("__")]
    assert page.partition("```mermaid\n")[2].partition("```")[0] == drawing()


def test_every_package_is_installed() -> None:
    found = {".".join(each.parent.relative_to(ROOT).parts) for each in PACKAGE.rglob("__init__.py")}
    listed = set(re.findall(r'"(autofix(?:\.\w+)*)"', (ROOT / "pyproject.toml").read_text("utf-8")))

    assert found - listed == set(), "name it in [tool.setuptools] packages of pyproject.toml"


if __name__ == "__main__":
    print(drawing(), end="")
