"""Make a module compute in double precision what it casts to single: the oracle for a value that is rounded otherwise.

Only casts and the types of constants change; whether the result is the module's own is for a plain run to say.
"""

from __future__ import annotations

import ast

TENSORFLOW_CREATORS = frozenset(
    "constant zeros ones eye linspace Variable convert_to_tensor uniform normal one_hot".split()
)
NAMES = {"float32": "float64", "FloatTensor": "DoubleTensor", "single": "double"}


def widen(tree: ast.Module) -> ast.Module:
    """The module with `float32` made `float64`, statements where they were."""
    frameworks = {
        (alias.asname or alias.name).partition(".")[0]: alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    widened = _Widener(frameworks).visit(tree)
    assert isinstance(widened, ast.Module)
    return ast.fix_missing_locations(widened)


class _Widener(ast.NodeTransformer):
    def __init__(self, frameworks: dict[str, str]) -> None:
        self.frameworks = frameworks

    def framework(self, node: ast.AST) -> str:
        while isinstance(node, ast.Attribute):
            node = node.value
        return self.frameworks.get(node.id, "") if isinstance(node, ast.Name) else ""

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if node.attr == "float" and self.framework(node) == "torch":
            node.attr = "float64"
        node.attr = NAMES.get(node.attr, node.attr)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        is_cast = isinstance(node.func, ast.Attribute) and node.func.attr == "float" and not node.args
        if is_cast and isinstance(node.func, ast.Attribute) and self.framework(node.func) != "torch":
            node.func.attr = "double"
        self.generic_visit(node)
        if self.creates_float(node):
            dtype = ast.Attribute(ast.Name("__framework__", ast.Load()), "float64", ast.Load())
            node.keywords.append(ast.keyword("dtype", dtype))
        return node

    def creates_float(self, node: ast.Call) -> bool:
        """Whether TensorFlow would choose float32 here: a constant of floats, or something random or filled."""
        if not isinstance(node.func, ast.Attribute) or self.framework(node.func) != "tensorflow":
            return False
        if node.func.attr not in TENSORFLOW_CREATORS or any(one.arg in ("dtype", None) for one in node.keywords):
            return False
        if node.func.attr in ("constant", "Variable", "convert_to_tensor"):
            return len(node.args) == 1 and any(
                isinstance(one, ast.Constant) and isinstance(one.value, float) for one in ast.walk(node.args[0])
            )
        return len(node.args) == 1 or node.func.attr in ("linspace", "one_hot")

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.copy_location(ast.Constant("float64"), node) if node.value == "float32" else node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.copy_location(ast.Name(NAMES.get(node.id, node.id), node.ctx), node)

    def visit_alias(self, node: ast.alias) -> ast.AST:
        return ast.copy_location(ast.alias(NAMES.get(node.name, node.name), node.asname), node)
