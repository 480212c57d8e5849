"""Says what the reader of a value does with it, as far as it matters whether that is a tensor or a plain number.

Takes an expression and its parents; answers whether the code around it does the same with a tensor that has a graph.
What asks *about* a value (`hasattr`, `isinstance`, `callable`) is answered by what Python and the libraries say.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set

from autofix.analysis.reads import PlainKind
from autofix.knowledge import effects
from autofix.knowledge.frameworks import ALL, PACKAGES, record_of
from autofix.knowledge.operations import having
from autofix.knowledge.trainers import STEPS, TESTS
from autofix.model import Framework
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of

_ALIKE = frozenset({"callable", "id", "len", "ndim", "iterable"})
"""What says the same of all that a value may be; a length is asked of arrays and lists only."""

_INSTANCE_OF = {PlainKind(kind): names for kind, names in effects.INSTANCE_OF.items()}
_CLASSES = effects.NEVER_INSTANCE_OF.union(*_INSTANCE_OF.values(), *(each.instance_of for each in ALL))


def is_answered_alike(node: ast.expr, call: ast.Call, kinds: Set[PlainKind], framework: Framework) -> bool | None:
    """Does a call give the same answer of a tensor as of what `node` was? None where it asks nothing about it."""
    if call.args[:1] != [node] or call.keywords:
        return None
    name = last_part(call.func)
    match name, call.args[1:]:
        case _, [] if name in _ALIKE:
            return True
        case "is_tensor", []:
            return kinds == {PlainKind.TENSOR}
        case "isscalar", []:
            return not kinds & (_NUMBERS | {PlainKind.OTHER})
        case "hasattr", [ast.Constant(value=str(asked))]:
            return all(_has(kind, asked, framework) in _as_tensor(asked, framework) for kind in kinds)
        case "getattr", [ast.Constant(value=str(asked)), _]:
            known = [_has(kind, asked, framework) for kind in kinds]
            return _as_tensor(asked, framework) == (False,) and not any(each is not False for each in known)
        case "isinstance", [classes]:
            names = list(_names(classes))
            if kinds == {PlainKind.TENSOR}:
                return True
            if PlainKind.OTHER in kinds or not _CLASSES.issuperset(names):
                return False
            now = not record_of(framework).instance_of.isdisjoint(names)
            return all(kind is PlainKind.TENSOR or now is not _INSTANCE_OF[kind].isdisjoint(names) for kind in kinds)
    return None


def _names(classes: ast.expr) -> Iterator[str]:
    """Yield the last names of the classes in `(np.ndarray, torch.Tensor)` or `float | int`; "" for what is none."""
    match classes:
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _names(part)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _names(left)
            yield from _names(right)
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case _:
            yield ""


def _has(kind: PlainKind, name: str, framework: Framework) -> bool | None:
    """Has what a value was an attribute of this name, as far as that is known?"""
    if kind is PlainKind.TENSOR:
        return next(iter(_as_tensor(name, framework)), None)
    if kind is PlainKind.OTHER or name in effects.DEPENDING_ON_THE_VERSION:
        return None
    if name.startswith("__"):
        return True if kind is PlainKind.ARRAY and name in effects.OF_CONTAINERS else None
    known = {
        PlainKind.ARRAY: effects.OF_ARRAYS,
        PlainKind.SCALAR: effects.OF_SCALARS,
        PlainKind.DOUBLE: effects.OF_SCALARS | {*dir(0.0)},
        PlainKind.FLOAT: dir(0.0),
        PlainKind.INT: dir(0),
        PlainKind.LIST: dir([]),
    }
    return name in known[kind]


def _as_tensor(name: str, framework: Framework) -> tuple[bool, ...]:
    """Return whether a tensor has an attribute of this name; nothing where that is not known.

    PyTorch's tensors have hundreds of methods: of a public name that NumPy has not either, nothing is said.
    """
    if name in effects.DEPENDING_ON_THE_VERSION:
        return ()
    if name.startswith("__"):
        return (True,) if name in effects.OF_CONTAINERS else ()
    if name.startswith("_"):
        return (name in record_of(framework).private_attributes,)
    if name in record_of(framework).attributes:
        return (True,)
    return (False,) if record_of(framework).lists_all_attributes or name in effects.OF_ARRAYS else ()


Parents = Mapping[ast.AST, ast.AST]

_NUMBERS = frozenset({PlainKind.FLOAT, PlainKind.INT, PlainKind.SCALAR, PlainKind.DOUBLE})

_OF_TENSORS, _ASK_A_TENSOR = having("same-for-tensors"), having("asks")
_SAME_FOR_NUMBERS, _WALKING = having("same-for-numbers"), having("walks")
_KEEPING = frozenset("append extend insert pop items values keys get clear remove index count update".split())


def is_unharmed(node: ast.expr, parents: Parents, kinds: Set[PlainKind], framework: Framework) -> bool:
    """Does the reader of a value do the very same with a tensor that has a graph?"""
    parent = parents[node]
    match parent:
        case ast.Expr():
            return True
        case ast.Attribute(attr="shape") if kinds != {PlainKind.TENSOR}:
            return isinstance(parents[parent], (ast.Subscript, ast.Compare))
        case ast.Attribute(attr=attr):
            return attr in record_of(framework).same_on_numbers or (kinds == {PlainKind.TENSOR} and attr in _OF_TENSORS)
        case ast.Compare(ops=ops):
            is_identity = all(isinstance(each, (ast.Is, ast.IsNot)) for each in ops)
            orders = not any(isinstance(each, (ast.In, ast.NotIn)) for each in ops)
            return is_identity or (orders and is_test(parent, parents) and kinds <= _NUMBERS | {PlainKind.TENSOR})
        case ast.FormattedValue(format_spec=spec, conversion=conversion):
            return spec is not None and conversion == -1 and kinds <= _NUMBERS
        case ast.Call() if (alike := is_answered_alike(node, parent, kinds, framework)) is not None:
            return alike
        case ast.Call(func=ast.Name(id=("float" | "int" | "bool"))):
            return record_of(framework).reads_as_plain
        case ast.Call(func=func) if record_of(framework).reads_as_plain and takes_tensors(func):
            return True
    if record_of(framework).adds_weights and _goes_to_keras(node, parents):
        return True
    if not record_of(framework).has_tape and kinds == {PlainKind.TENSOR} and _goes_to_an_optimizer(node, parents):
        return True
    return is_test(node, parents) or (kinds == {PlainKind.TENSOR} and _name(parent) in _ASK_A_TENSOR)


def _goes_to_keras(node: ast.AST, parents: Parents) -> bool:
    """Is this returned from a step that Keras runs, alone or in a dictionary?"""
    while isinstance(node, (ast.expr, ast.Return)) and not isinstance(node, ast.Call):
        node = parents[node]
    while not isinstance(node, (ast.FunctionDef, ast.Module, ast.Call)):
        node = parents[node]
    is_step = isinstance(node, ast.FunctionDef) and node.name in STEPS | TESTS
    return is_step and isinstance(node, ast.FunctionDef) and [each.arg for each in node.args.args[:1]] == ["self"]


def _goes_to_an_optimizer(node: ast.AST, parents: Parents) -> bool:
    """Is this returned from a closure of which `optimizer.step(closure)` takes the number, and nobody else anything?"""
    function = parents[node]
    if not isinstance(function, ast.Return):
        return False
    while not isinstance(function, (ast.FunctionDef, ast.Module)):
        function = parents[function]
    tree: ast.AST = function
    while not isinstance(tree, ast.Module):
        tree = parents[tree]
    name = getattr(function, "name", "")
    uses = [parents[each] for each in nodes_of(tree, ast.Name) if each.id == name]
    uses = [parents[each] if isinstance(each, ast.keyword) else each for each in uses]
    steps = [each for each in uses if isinstance(each, ast.Call) and ast.unparse(each.func).endswith(".step")]
    return bool(steps) and len(steps) == len(uses) and all(isinstance(parents[each], ast.Expr) for each in steps)


_READING = frozenset({"np", "numpy", "math", "K", *PACKAGES, *(each.alias for each in ALL)})
"""What the functions of libraries that read tensors begin with, as files import them."""


def takes_tensors(func: ast.expr) -> bool:
    """Does a function do the same with a tensor of TensorFlow as with the array or the number in it?"""
    written = ast.unparse(func)
    return written.partition(".")[0] in _READING or written.endswith(".update_state")


def is_test(node: ast.AST, parents: Parents) -> bool:
    """Is an expression only asked whether it is true?"""
    parent = parents[node]
    match parent:
        case ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return is_test(parent, parents)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test) | ast.Assert(test=test):
            return test is node
        case ast.comprehension(ifs=ifs):
            return node in ifs
    return False


def is_indifferent(node: ast.expr, parents: Parents) -> bool:
    """Can a reader not tell a NumPy scalar from the Python number of the same value?"""
    parent = parents[node]
    match parent:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
            return True
        case ast.Tuple() if isinstance(parents[parent], ast.BinOp):
            return is_indifferent(parent, parents)
        case ast.FormattedValue(format_spec=spec, conversion=conversion):
            return spec is not None and conversion == -1
        case ast.Call(func=ast.Name(id="round")):
            return isinstance(parents[parent], ast.FormattedValue) or _name(parents[parent]) in ("print", "str")
        case ast.Call(func=ast.Name(id=("float" | "int" | "bool"))):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            return True
    return _name(parent) in _SAME_FOR_NUMBERS


def is_container_kept(node: ast.expr, parents: Parents, several: bool) -> bool:
    """Does the reader of a list or dictionary only walk, alter or pass on what is in it, so that it is seen there?

    Not so where `several` kinds of entries are walked alike.
    """
    parent = parents[node]
    match parent:
        case ast.Subscript(value=value):
            return value is node
        case ast.For(iter=iterated) | ast.comprehension(iter=iterated):
            return iterated is node
        case ast.Attribute(attr=attr):
            return attr in _KEEPING and not (several and attr in ("items", "values"))
        case ast.Assign(targets=targets):
            return all(isinstance(each, (ast.Name, ast.Tuple, ast.List)) for each in targets)
        case ast.Expr() | ast.Starred():
            return True
    return _name(parent) in _WALKING or is_test(node, parents)


def _name(node: ast.AST) -> str:
    """Return the last name of what is called; empty for anything but a call."""
    return last_part(node.func) if isinstance(node, ast.Call) else ""
