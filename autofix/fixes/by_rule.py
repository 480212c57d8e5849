"""How a call of NumPy or SciPy that a run saw cut a gradient is written by the rules, from its expression alone.

Nothing is known of its arguments but that some are tensors: each rendering is a guess for the program to check.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autofix.model import Framework, Kind, OwnRules, Reason
from autofix.syntax.memo import nodes_of
from autofix.syntax.parsing import parsed


def by_rule(call: ast.Call, text: str, framework: Framework, own: OwnRules) -> tuple[str, ...]:
    """Return the renderings of a call that need nothing that the file has not imported."""
    import libcst as cst

    from autofix.fixes.kinds import catalogue_of
    from autofix.rewrite.literal import code_of
    from autofix.rewrite.rules import Argument

    bound = dict(_imports(parsed(text)))
    root, _, rest = ast.unparse(call.func).partition(".")
    if root not in bound:
        return ()
    name = f"{bound[root]}.{rest}" if rest else bound[root]
    pairs = [(None, each) for each in call.args] + [(each.arg, each.value) for each in call.keywords]
    arguments = [
        Argument(cst.parse_expression(ast.get_source_segment(text, each) or ast.unparse(each)), _kind(each), keyword)
        for keyword, each in pairs
    ]
    aliases = {module: alias for alias, module in bound.items()}
    rendered = catalogue_of(framework, own.folders).render(name, arguments, aliases)
    if isinstance(rendered, Reason):
        return ()
    return tuple(code_of(each.expression) for each in rendered if not each.definitions and each.modules <= set(aliases))


def _kind(node: ast.expr) -> Kind:
    return Kind.NUMBER if isinstance(node, ast.Constant) else Kind.TENSOR


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the names that imports bind, with what they stand for."""
    for node in nodes_of(tree, ast.Import):
        for each in node.names:
            yield each.asname or each.name.partition(".")[0], each.name if each.asname else each.name.partition(".")[0]
    for origin in nodes_of(tree, ast.ImportFrom):
        for each in origin.names if not origin.level else ():
            yield each.asname or each.name, f"{origin.module}.{each.name}"
