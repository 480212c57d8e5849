"""Ways to compute the original's value even if it does not run on the framework's tensors as written.

`plain`    as written
`arrays`   functions of NumPy and SciPy get arrays in place of tensors, and return arrays
`tensors`  the same, but their results become tensors again
`inputs`   the arguments themselves are arrays

Array libraries that are imported inside a function are bridged there, like those of the module in its namespace. A
module can also compute in double precision what it casts to single: only casts and the types of constants change, and a
plain run decides whether the result is still the module's own.
"""

from __future__ import annotations

import ast
import importlib
import types
from collections.abc import Callable
from typing import Any

from .backends.base import WIDER_NAMES, Backend

ATTEMPTS = (
    ("double", "plain"),
    ("double", "arrays"),
    ("double", "tensors"),
    ("single", "plain"),
    ("single", "arrays"),
    ("single", "tensors"),
    ("double", "inputs"),
    ("single", "inputs"),
)
ARRAY_LIBRARIES = ("numpy", "scipy", "sklearn")


class Bridge:
    """A NumPy module or function that takes tensors as arrays, lists of tensors included."""

    def __init__(self, wrapped: Any, to_array: Callable[[Any], Any], from_array: Callable[[Any], Any] | None) -> None:
        self._wrapped = wrapped
        self._to_array = to_array
        self._from_array = from_array

    def __getattr__(self, name: str) -> Any:
        return bridged(getattr(self._wrapped, name), self._to_array, self._from_array)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        taken = convert(list(arguments), self._to_array)
        taken_named = {name: convert(value, self._to_array) for name, value in named.items()}
        result = self._wrapped(*taken, **taken_named)
        return result if self._from_array is None else self._from_array(result)


def convert(value: Any, to_array: Callable[[Any], Any]) -> Any:
    if type(value) in (list, tuple):
        return type(value)(convert(item, to_array) for item in value)
    return to_array(value)


def bridged(value: Any, to_array: Callable[[Any], Any], from_array: Callable[[Any], Any] | None) -> Any:
    """A bridge to what has one."""
    return Bridge(value, to_array, from_array) if has_bridge(value) else value


def has_bridge(value: Any) -> bool:
    """Types stay themselves, for isinstance; constants stay themselves too."""
    return not isinstance(value, type) and (callable(value) or isinstance(value, types.ModuleType))


def bridge_namespace(namespace: dict[str, Any], backend: Backend, mode: str) -> None:
    """Replace the array libraries in a namespace by bridges to them."""
    from_array = backend.from_array if mode == "tensors" else None
    for name, value in list(namespace.items()):
        if library_of(value) in ARRAY_LIBRARIES:
            namespace[name] = bridged(value, backend.to_array, from_array)


def imported_as(name: str, top: str) -> Any:
    """A module, a name of one (`numpy:mean`), or the top of a dotted one."""
    module, _, attribute = name.partition(":")
    value = importlib.import_module(module)
    return importlib.import_module(top) if top else getattr(value, attribute) if attribute else value


def bridging_import(backend: Backend, mode: str) -> Callable[[str, str], Any]:
    """What imports a module, a name of one (`numpy:mean`) or the top of a dotted one, and gives a bridge to it."""
    from_array = backend.from_array if mode == "tensors" else None

    def imported(name: str, top: str) -> Any:
        return bridged(imported_as(name, top), backend.to_array, from_array)

    return imported


def library_of(value: Any) -> str:
    name = value.__name__ if isinstance(value, types.ModuleType) else getattr(type(value), "__module__", "")
    if isinstance(value, types.FunctionType) or type(value).__name__ in (
        "_ArrayFunctionDispatcher",
        "builtin_function_or_method",
    ):
        name = getattr(value, "__module__", "") or ""
    return str(name).partition(".")[0]


BRIDGE = "__bridged_import__"


def bridge_inner_imports(tree: ast.Module, everywhere: bool = False) -> ast.Module:
    """The module with `import numpy as np` in functions made `np = bridge("numpy")`, each in its place.

    With `everywhere` those of the module itself too.
    """
    importer = _Importer()
    importer.depth = int(everywhere)
    changed = importer.visit(tree)
    assert isinstance(changed, ast.Module)
    return ast.fix_missing_locations(changed)


class _Importer(ast.NodeTransformer):
    depth = 0

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.depth += 1
        self.generic_visit(node)
        self.depth -= 1
        return node

    def visit_Import(self, node: ast.Import) -> ast.AST:
        wanted = [
            (alias.asname or alias.name.partition(".")[0], alias.asname is None, alias.name) for alias in node.names
        ]
        if not self.depth or not all(is_array_library(name) for _, _, name in wanted):
            return node
        return assigned(node, [(bound, name, "" if not top else name.partition(".")[0]) for bound, top, name in wanted])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
        if not self.depth or node.level or not is_array_library(node.module or "") or node.names[0].name == "*":
            return node
        return assigned(node, [(alias.asname or alias.name, f"{node.module}:{alias.name}", "") for alias in node.names])


def is_array_library(name: str) -> bool:
    return name.partition(".")[0] in ARRAY_LIBRARIES


def assigned(node: ast.stmt, imports: list[tuple[str, str, str]]) -> ast.stmt:
    """One statement that binds each name to what is imported for it; `top` is what a dotted import binds."""
    targets = ", ".join(bound for bound, _, _ in imports)
    values = ", ".join(f"{BRIDGE}({name!r}, {top!r})" for _, name, top in imports)
    return ast.copy_location(ast.parse(f"{targets}, = {values},").body[0], node)


FRAMEWORK = "__framework__"
"""What the widened module finds the framework under."""


def widen(tree: ast.Module, backend: Backend) -> ast.Module:
    """The module with `float32` made `float64`, statements where they were."""
    names = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.partition(".")[0] == backend.name
    }
    widened = _Widener(names, backend).visit(tree)
    assert isinstance(widened, ast.Module)
    return ast.fix_missing_locations(widened)


class _Widener(ast.NodeTransformer):
    """`names` are what the module calls the framework."""

    def __init__(self, names: set[str], backend: Backend) -> None:
        self.names = names
        self.backend = backend

    def is_of_framework(self, node: ast.AST) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.names

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if self.is_of_framework(node):
            node.attr = self.backend.wider_names.get(node.attr, node.attr)
        node.attr = WIDER_NAMES.get(node.attr, node.attr)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        is_cast = isinstance(node.func, ast.Attribute) and node.func.attr == "float" and not node.args
        if is_cast and isinstance(node.func, ast.Attribute) and not self.is_of_framework(node.func):
            node.func.attr = "double"
        self.generic_visit(node)
        if self.makes_single(node):
            dtype = ast.Attribute(ast.Name(FRAMEWORK, ast.Load()), "float64", ast.Load())
            node.keywords.append(ast.keyword("dtype", dtype))
        return node

    def makes_single(self, node: ast.Call) -> bool:
        """Whether the framework would choose float32 here."""
        if not isinstance(node.func, ast.Attribute) or not self.is_of_framework(node.func):
            return False
        if any(one.arg in ("dtype", None) for one in node.keywords):
            return False
        constants = [one.value for each in node.args for one in ast.walk(each) if isinstance(one, ast.Constant)]
        has_float = any(isinstance(value, float) for value in constants)
        return self.backend.makes_single(node.func.attr, len(node.args), has_float)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Constant("float64"), node) if node.value == "float32" else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(WIDER_NAMES.get(node.id, node.id), node.ctx), node)

    def visit_alias(self, node: ast.alias) -> ast.AST:
        return ast.copy_location(ast.alias(WIDER_NAMES.get(node.name, node.name), node.asname), node)
