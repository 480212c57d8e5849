"""Which statements of a module may be run to have the value of a name: those that compute, and do nothing else.

An allow-list of where calls may lead, a deny-list of what they may be called; effects that slip through land in the
sandbox. Gives the first thing that speaks against a statement, as written, or None.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from autofix.knowledge.operations import having
from autofix.knowledge.trainers import STARTS
from autofix.syntax.bindings import bound, root_name, within
from autofix.syntax.spans import at_line

MODULES = frozenset(
    "torch tensorflow keras numpy math cmath scipy functools itertools collections operator random statistics "
    "fractions decimal string re typing typing_extensions dataclasses enum argparse types copy abc numbers einops "
    "opt_einsum sklearn torchvision tensorflow_probability tf_keras logging warnings datetime time pathlib".split()
)
BUILTINS = frozenset(
    "abs all any bool bytes callable complex dict divmod enumerate filter float format frozenset getattr hasattr "
    "hash int isinstance issubclass iter len list map max min next object pow property range repr reversed round "
    "set setattr slice sorted staticmethod classmethod str sum super tuple type zip vars id ord chr".split()
)
EFFECTS = (
    frozenset(
        "load save open read_csv read_excel read_parquet read_json read_pickle read_table read write "
        "writelines write_text write_bytes read_text read_bytes to_csv to_json to_pickle to_file download "
        "urlopen urlretrieve get_file from_pretrained load_data load_model load_weights save_weights "
        "load_state_dict load_state_dict_from_url apply_gradients test_on_batch evaluate system popen run "
        "Popen check_call check_output remove unlink rmdir mkdir makedirs rename replace_file dump tofile "
        "savetxt savez savez_compressed genfromtxt loadtxt fromfile memmap imwrite imread imshow show savefig "
        "plot hub export exit _exit kill fork sleep DataLoader ImageFolder read_image write_jpeg write_png "
        "write_file read_file parse_known_args init_process_group spawn".split()
    )
    | STARTS
    | having("acts")
)
ASKING = {
    "os": frozenset("getenv environ get path join dirname abspath basename expanduser splitext cpu_count".split()),
    "sys": frozenset("getrecursionlimit getsizeof".split()),
}
"""What only asks, of modules that do more: what else it is called for is no reason to run anything."""
TESTS_OF_MAIN = ("__name__ == '__main__'", "'__main__' == __name__")


def is_main_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and ast.unparse(statement.test) in TESTS_OF_MAIN


class Purity:
    """What is known of a module's own names, so that calls of them can be followed."""

    def __init__(self, module: ast.Module) -> None:
        self.imports = dict(imported(module))
        self.functions: dict[str, list[ast.AST]] = {}
        for name, node in defined(module):
            self.functions.setdefault(name, []).append(node)

    def objection(self, node: ast.AST, followed: frozenset[str] = frozenset()) -> str | None:
        """What speaks against running a statement or an expression."""
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Import, ast.ImportFrom)):
            return None
        if isinstance(node, ast.ClassDef):
            return self.objection_of(node.body, followed)
        for piece in within(node):
            if isinstance(piece, (ast.While, ast.Await, ast.Yield, ast.YieldFrom, ast.AsyncFor, ast.AsyncWith)):
                return f"a {type(piece).__name__.lower()} in {at_line(getattr(piece, 'lineno', 0))}"
            if isinstance(piece, ast.Call) and (reason := self.objection_to_call(piece, followed)):
                return reason
        return None

    def objection_of(self, nodes: Iterable[ast.AST], followed: frozenset[str]) -> str | None:
        return next((reason for node in nodes if (reason := self.objection(node, followed))), None)

    def objection_to_call(self, call: ast.Call, followed: frozenset[str]) -> str | None:
        written = ast.unparse(call.func)[:60] + "(…)"
        if EFFECTS & set(attributes(call.func)):
            return written
        for called in self.own_functions(call.func):
            if called not in followed and self.follow(called, followed):
                return written
        if not isinstance(call.func, (ast.Name, ast.Attribute)):
            return None
        name = next(iter(root_name(call.func)), None)
        if name in self.imports:
            module = self.imports[name]
            only_asks = bool(chain := {*attributes(call.func)}) and chain <= ASKING.get(module, frozenset())
            return None if module in MODULES or only_asks else written
        is_builtin = isinstance(call.func, ast.Name) and name not in self.functions and hasattr(builtins, call.func.id)
        return written if is_builtin and name not in BUILTINS else None

    def own_functions(self, function: ast.AST) -> list[str]:
        """The functions of this module that a call may lead to: by its name, or as a method of anything."""
        names = [function.id] if isinstance(function, ast.Name) else attributes(function)
        return [name for name in names if name in self.functions]

    def follow(self, name: str, followed: frozenset[str]) -> str | None:
        """What speaks against calling a function, or building an instance of a class, of this module."""
        return next((reason for node in self.functions[name] if (reason := self.into(node, followed | {name}))), None)

    def into(self, node: ast.AST, followed: frozenset[str]) -> str | None:
        if isinstance(node, ast.ClassDef):
            starts = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"]
            return self.objection_of([piece for one in starts for piece in one.body], followed)
        assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        return self.objection_of([node.body] if isinstance(node, ast.Lambda) else node.body, followed)


def defined(module: ast.Module) -> Iterable[tuple[str, ast.AST]]:
    """Every function, method, class and named lambda of a module, wherever it stands."""
    for node in ast.walk(module):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            yield from ((name, node.value) for name in bound(node))


def imported(module: ast.Module) -> Iterable[tuple[str, str]]:
    """Imported names with the top-level package each comes from; `.` stands for the project's own."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0], alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            package = "." if node.level else (node.module or "").partition(".")[0]
            for name in bound(node):
                yield name, package


def attributes(node: ast.AST) -> list[str]:
    """Every name in a dotted expression, the root left out where it is a plain name that is only called."""
    found = []
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            found.append(node.attr)
        node = node.func if isinstance(node, ast.Call) else node.value
    return found
