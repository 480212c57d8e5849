"""Helpers that only turn a tensor into an array or a number: `to_np(p)` for `p.detach().cpu().numpy()`."""

from __future__ import annotations

import ast

from autofix.verify.names import parameters

PLAIN = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)
_CONVERTING = frozenset(
    "detach cpu numpy item tolist clone contiguous float double to cuda data asarray array asanyarray "
    "ascontiguousarray from_numpy tensor as_tensor constant convert_to_tensor convert_to_numpy eval get_value".split()
)
"""Methods and functions of which a conversion consists: between tensors none of them is needed."""

BINDING = frozenset({"staticmethod", "classmethod"})
"""Decorators that say what a method is handed, and change nothing else."""

_TESTS = frozenset({"isinstance", "hasattr", "is_tensor", "callable"})


def written_out(call: ast.Call, node: ast.AST, text: str, receiver: ast.expr | None = None) -> str | None:
    """Return a call of a conversion of the same file as the conversion itself; None for any other helper.

    `receiver` is what a method is called on that is handed it.
    """
    converting: ast.expr | None = conversion_in(node)
    given = given_plainly(call, node, text, receiver) if converting is not None else None
    is_bound = receiver is not None
    if gives_back(node, is_bound) and len(call.args) == 1 and not call.keywords and isinstance(node, ast.FunctionDef):
        values = (each.value for each in ast.walk(node) if isinstance(each, (ast.Return, ast.Assign)))
        converting = next((each for each in values if isinstance(each, ast.Call)), None)
        given = {node.args.args[is_bound].arg: _written(call.args[0], text)}
    if converting is None or given is None:
        return None
    return ast.unparse(_Given(given).visit(ast.parse(ast.unparse(converting), mode="eval")))


def _written(node: ast.expr, text: str) -> str:
    written = ast.get_source_segment(text, node) or ast.unparse(node)
    return written if isinstance(node, PLAIN) else f"({written})"


class _Given(ast.NodeTransformer):
    """Puts what each parameter is given in its place."""

    def __init__(self, given: dict[str, str]) -> None:
        self._given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        written = self._given.get(node.id)
        return ast.parse(written, mode="eval").body if written is not None else node


def conversion_in(node: ast.AST) -> ast.expr | None:
    """Return the one expression that a conversion consists of: calls of methods and functions on its argument."""
    body = _body(node)
    returned = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return returned if returned is not None and _is_conversion(returned) else None


def _body(node: ast.AST) -> list[ast.stmt]:
    """Return the statements of a plain function without its docstring; none for anything else."""
    if not isinstance(node, ast.FunctionDef) or {ast.unparse(each) for each in node.decorator_list} - BINDING:
        return []
    first = node.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return node.body[1:] if documented else node.body


def _is_conversion(node: ast.expr) -> bool:
    pieces = list(ast.walk(node))
    names = [each.func.attr if isinstance(each.func, ast.Attribute) else ast.unparse(each.func)
             for each in pieces if isinstance(each, ast.Call)]  # fmt: skip
    plain = all(isinstance(each, (*PLAIN, ast.keyword, ast.expr_context)) for each in pieces)
    return plain and set(names) <= _CONVERTING


def gives_back(node: ast.AST, is_bound: bool = False) -> bool:
    """Does a function convert its one argument where that is a tensor, and give back whatever else it is?

    A method that `is_bound` is handed its object besides.
    """
    arguments = node.args.args[is_bound:] if isinstance(node, ast.FunctionDef) else []
    statements, inner = _body(node), []
    for each in statements:
        inner += each.body if isinstance(each, ast.If) and _is_test(each.test) and not each.orelse else [each]
    tests = any(isinstance(each, ast.If) for each in statements)
    return tests and len(arguments) == 1 and all(_converts(each, arguments[0].arg) for each in inner)


def _converts(statement: ast.stmt, name: str) -> bool:
    """Does a statement return a name, converted or not, or bind it to itself, converted?"""
    value = statement.value if isinstance(statement, (ast.Return, ast.Assign)) else None
    if value is None or not _is_conversion(value) or _root(value) != name:
        return False
    return isinstance(statement, ast.Return) or ast.unparse(statement).startswith(f"{name} = ")


def _is_test(node: ast.expr) -> bool:
    func = node.func if isinstance(node, ast.Call) else None
    return func is not None and ast.unparse(func).rpartition(".")[2] in _TESTS


def _root(node: ast.expr) -> str:
    """Return the name that a conversion converts: `x` of `np.asarray(x.detach().cpu())`."""
    while isinstance(node, (ast.Call, ast.Attribute)):
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node.func, ast.Attribute) and (not isinstance(node.func.value, ast.Name) or not node.args):
            node = node.func.value
        else:
            node = node.args[0] if node.args else node.func
    return node.id if isinstance(node, ast.Name) else ""


def given_plainly(
    call: ast.Call, node: ast.AST, text: str, receiver: ast.expr | None = None
) -> dict[str, str] | None:
    """Return the source of what each parameter is given, if each is used once at most and is given plainly."""
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg or len(node.body) > 2:
        return None
    names = [each.arg for each in parameters(node)]
    owner = names.pop(0) if receiver is not None else ""
    if any(isinstance(each, ast.Name) and each.id == owner for each in ast.walk(node)):
        return None
    if any(isinstance(each, ast.Starred) for each in call.args) or len(call.args) > len(names):
        return None
    given: dict[str, ast.expr] = dict(zip(names, call.args, strict=False))
    given |= {each.arg: each.value for each in call.keywords if each.arg}
    used = [each.id for each in ast.walk(node.body[-1]) if isinstance(each, ast.Name) and each.id in names]
    if len(used) != len(set(used)) or set(used) != given.keys():
        return None
    written = {name: ast.get_source_segment(text, value) or "" for name, value in given.items()}
    return {name: each if isinstance(given[name], PLAIN) else f"({each})" for name, each in written.items()}
