"""How a call of NumPy or SciPy that a run saw cut a gradient is written by the rules, from its expression alone.

Nothing is known of its arguments but that some are tensors: each rendering is a guess for the program to check.
"""

from __future__ import annotations

import ast

from autofix.model import Framework, Kind, OwnRules, Reason
from autofix.syntax.memo import nodes_of
from autofix.syntax.parsing import parsed
from autofix.syntax.scopes import imported


def by_rule(call: ast.Call, text: str, framework: Framework, own: OwnRules) -> tuple[str, ...]:
    """Return the renderings of a call that need nothing that the file has not imported."""
    import libcst as cst

    from autofix.fixes.kinds import catalogue_of
    from autofix.rewrite.literal import code_of
    from autofix.rewrite.rules import Argument

    tree = parsed(text)
    imports: list[ast.Import | ast.ImportFrom] = [*nodes_of(tree, ast.Import), *nodes_of(tree, ast.ImportFrom)]
    bound = dict(pair for each in imports for pair in imported(each))
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
