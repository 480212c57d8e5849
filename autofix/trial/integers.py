"""Which arguments of a loss may be integers in its program: TensorFlow promotes none of them, NumPy does.

They are where the file makes them so (`randint`, `argmax`, a cast, a list of whole numbers), where an annotation says
it, and where the loss casts them itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from autofix.knowledge.operations import having, last_names
from autofix.knowledge.trainers import COMPILES, STARTS
from autofix.syntax.bindings import FunctionNode, parameters

_MAKERS = re.compile(
    r"randint|random_integers|integers|randrange|arg(max|min|sort|where|partition)|digitize|searchsorted|bincount|"
    r"load_\w+|make_(classification|blobs|moons|circles)|sparse_\w+|LabelEncoder"
)
_INTEGER = re.compile(r"u?int(8|16|32|64|_|c|p)?|long(long)?")
_FLOAT = re.compile(r"(float|bfloat|half|double|single)\w*")
_SAYS_INTEGER = re.compile(r"\b[uU]?[iI]nt(eger)?(8|16|32|64)?\b")
_TYPED, _CONVERSIONS = having("typed"), having("on-the-host")
_COUNTING = frozenset({"range", "arange"})
_PASSING = last_names("passes-integers")
"""What gives the numbers that it is given; the arguments of others (`rand(8)`) are no numbers of theirs."""

_DEPTH = 8

Bound = tuple[ast.expr, "int | None"]


def may_be_integers(
    module: ast.Module, function: FunctionNode, name: str, arguments: Iterable[tuple[str, str]] = ()
) -> frozenset[str]:
    """Return the parameters that may be integers; `name` is what the loss is called, `arguments` what a step passes."""
    asked = {one.arg for one in parameters(function)}
    said = {one.arg for one in parameters(function) if _says(one.annotation)} | (_cast_in(function) & asked)
    sources = _Sources(module)
    of_step = ((each, ast.parse(text, mode="eval").body) for each, text in arguments)
    passed = [*_passed(module, function, name), *of_step]
    return frozenset(said | {each for each, value in passed if each in asked and sources.may_be(value)})


def may_be_integers_in_fit(module: ast.Module, function: FunctionNode, name: str) -> frozenset[str]:
    """Return the labels where they may be integers as `fit` of a model that is compiled with the loss is given them.

    Keras 3 casts them to the type of the model; Keras 2 does not.
    """
    labels = next((one.arg for one in parameters(function) if one.arg not in ("self", "cls")), None)
    known = _names_of(module, name)
    compiled = [each for each in _calls(module, COMPILES) if not known.isdisjoint(map(_name, _losses(each)))]
    if labels is None or not compiled:
        return frozenset()
    sources = _Sources(module)
    fitted = (sources.may_be_labels(each) for each in _calls(module, STARTS))
    return frozenset({labels} if any(fitted) else ())


def _calls(module: ast.Module, methods: frozenset[str]) -> Iterator[ast.Call]:
    """Yield the calls of methods of these names."""
    for each in ast.walk(module):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute) and each.func.attr in methods:
            yield each


def _losses(compiled: ast.Call) -> Iterator[ast.expr]:
    """Yield what `compile` is told to train with, of lists and dictionaries each."""
    compiled_with = next((each.value for each in compiled.keywords if each.arg == "loss"), None)
    compiled_with = compiled_with or (compiled.args[1] if len(compiled.args) > 1 else None)
    if isinstance(compiled_with, (ast.List, ast.Tuple)):
        yield from compiled_with.elts
    elif isinstance(compiled_with, ast.Dict):
        yield from compiled_with.values
    elif compiled_with is not None:
        yield compiled_with


def _name(loss: ast.expr) -> str:
    """Return the name of a function, or of a class of which this is an instance."""
    loss = loss.func if isinstance(loss, ast.Call) else loss
    return loss.attr if isinstance(loss, ast.Attribute) else loss.id if isinstance(loss, ast.Name) else ""


def _says(annotation: ast.expr | None) -> bool:
    """Does an annotation speak of integers, other than of a mere number?"""
    text = "" if annotation is None else ast.unparse(annotation)
    return text != "int" and bool(_SAYS_INTEGER.search(text))


def _cast_in(function: FunctionNode) -> set[str]:
    """Return the names that are cast in a function: what is made a float there need not be one."""
    calls = [each for each in ast.walk(function) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]
    found: set[str] = set()
    for call in calls:
        assert isinstance(call.func, ast.Attribute)
        is_typed = call.func.attr in _TYPED and (
            len(call.args) > 1 or any(each.arg == "dtype" for each in call.keywords)
        )
        cast = call.args[:1] if call.func.attr == "cast" or (is_typed and call.func.attr != "astype") else []
        cast += [call.func.value] if call.func.attr == "astype" else []
        found |= {name for each in cast for name in _converted(each)}
    return found


def _converted(node: ast.expr) -> Iterator[str]:
    """Yield the name of what is at most converted: `y`, `y.numpy()`, `y.detach().cpu().numpy()`."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CONVERSIONS:
        node = node.func.value
    if isinstance(node, ast.Name):
        yield node.id


def _passed(module: ast.Module, function: FunctionNode, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield what the file passes for each parameter where it calls the loss, or an instance of its class."""
    known = _names_of(module, name)
    names = [one.arg for one in parameters(function) if one.arg not in ("self", "cls")]
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and _called(call) in known:
            yield from zip(names, call.args, strict=False)
            yield from ((each.arg, each.value) for each in call.keywords if each.arg)


def _names_of(module: ast.Module, name: str) -> set[str]:
    """Return the names of a loss, of its class and of the instances of that."""
    owner, _, own = name.rpartition(".")
    known = {own, *([owner.rpartition(".")[2]] if owner else [])}
    assignments = [each for each in ast.walk(module) if isinstance(each, ast.Assign) and _is_call_of(each.value, known)]
    targets = [target for each in assignments for target in each.targets]
    known |= {each.id for each in targets if isinstance(each, ast.Name)}
    return known | {each.attr for each in targets if isinstance(each, ast.Attribute)}


def _is_call_of(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


class _Sources:
    """Where the values of a file come from: what each name is bound to, by whatever function."""

    def __init__(self, module: ast.Module) -> None:
        self.module = module
        self.functions = {each.name: each for each in ast.walk(module) if isinstance(each, ast.FunctionDef)}
        self.bound: dict[str, list[Bound]] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bind(target, node.value)
            elif isinstance(node, (ast.For, ast.comprehension)):
                iterated = node.iter.elts if isinstance(node.iter, (ast.Tuple, ast.List)) else [node.iter]
                for each in iterated:
                    self._bind(node.target, each)

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.bound.setdefault(target.id, []).append((value, None))
        elif isinstance(target, (ast.Tuple, ast.List)):
            for index, each in enumerate(target.elts):
                if isinstance(each, ast.Name):
                    self.bound.setdefault(each.id, []).append((value, index))
                else:
                    self._bind(each, value)

    def may_be_labels(self, fitted: ast.Call) -> bool:
        """May the labels that `fit(x, y)` or `fit(batches)` is given be integers?"""
        named = {each.arg: each.value for each in fitted.keywords if each.arg}
        labels = named.get("y") or (fitted.args[1] if len(fitted.args) > 1 else None)
        if labels is not None:
            return self.may_be(labels)
        batches = named.get("x") or next(iter(fitted.args), None)
        return batches is not None and self._part(batches, 1, 0)

    def may_be(self, node: ast.expr, depth: int = 0) -> bool:
        """May the numbers that an expression gives be integers, as far as the file shows?"""
        if depth > _DEPTH:
            return False
        match node:
            case ast.Constant(value=value):
                return type(value) is int
            case ast.Name(id=name):
                return any(self._part(value, index, depth + 1) for value, index in self._bound_to(name))
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                return bool(parts) and all(self.may_be(each, depth + 1) for each in parts)
            case ast.BinOp(left=left, op=operator, right=right):
                whole = self.may_be(left, depth + 1) and self.may_be(right, depth + 1)
                return whole and not isinstance(operator, ast.Div)
            case ast.Subscript(value=value) | ast.Attribute(value=value) | ast.Starred(value=value):
                return self.may_be(value, depth + 1)
            case ast.UnaryOp(operand=value) | ast.ListComp(elt=value) | ast.GeneratorExp(elt=value):
                return self.may_be(value, depth + 1)
            case ast.IfExp(body=body, orelse=other):
                return self.may_be(body, depth + 1) or self.may_be(other, depth + 1)
            case ast.Call():
                return self._may_return(node, depth)
        return False

    def _bound_to(self, name: str) -> Iterator[Bound]:
        """Yield what a name is bound to: values, and what is passed where it is a parameter."""
        yield from self.bound.get(name, ())
        for function in self.functions.values():
            names = [one.arg for one in parameters(function) if one.arg not in ("self", "cls")]
            if name in names:
                calls = [each for each in ast.walk(self.module) if isinstance(each, ast.Call)
                         and _called(each) == function.name]  # fmt: skip
                for call in calls:
                    yield from ((value, None) for each, value in zip(names, call.args, strict=False) if each == name)
                    yield from ((each.value, None) for each in call.keywords if each.arg == name)

    def _may_return(self, call: ast.Call, depth: int) -> bool:
        """May a call make integers: by its name, by the type it asks for, or of what it is given?"""
        name = _called(call)
        types = [*(each.value for each in call.keywords if each.arg == "dtype"), *(call.args if name in _TYPED else ())]
        asked = {word for each in types for word in _type_words(each)}
        if any(map(_FLOAT.fullmatch, (name, *asked))):
            return False
        if name in self.functions:
            return any(self.may_be(each, depth + 1) for each in _results(self.functions[name]))
        if _MAKERS.fullmatch(name) or any(map(_INTEGER.fullmatch, (name, *asked))):
            return True
        receiver = [call.func.value] if isinstance(call.func, ast.Attribute) else []
        if name in _COUNTING:
            return bool(call.args) and all(self.may_be(each, depth + 1) for each in call.args)
        passed_on = call.args if name in _PASSING else []
        return any(self.may_be(each, depth + 1) for each in (*receiver, *passed_on))

    def _part(self, value: ast.expr, index: int | None, depth: int) -> bool:
        """May a value be integers, or one part of what it holds?"""
        if index is None or depth > _DEPTH:
            return self.may_be(value, depth)
        parts = [each for each in self._tuples(value, depth) if index < len(each)]
        return any(self.may_be(each[index], depth + 1) for each in parts) if parts else self.may_be(value, depth)

    def _tuples(self, value: ast.expr, depth: int) -> list[list[ast.expr]]:
        """Return what a value holds where it is made of tuples: `zip(a, b)`, a data set of slices, a generator."""
        if depth > _DEPTH:
            return []
        match value:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return [parts]
            case ast.Call(func=ast.Name(id="zip"), args=parts):
                return [parts]
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                return [part for each in _results(self.functions[name]) for part in self._tuples(each, depth + 1)]
            case ast.Call(args=[ast.Tuple(elts=parts), *_]):
                return [parts]
            case ast.Call(func=ast.Attribute(value=owner)) | ast.Subscript(value=owner):
                return self._tuples(owner, depth + 1)
            case ast.Name(id=name):
                return [part for each, index in self._bound_to(name) if index is None
                        for part in self._tuples(each, depth + 1)]  # fmt: skip
        return []


def _type_words(node: ast.expr) -> Iterator[str]:
    """Yield the names of types in an argument: `np.int32`, `int`, `"int64"`."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def _results(function: ast.FunctionDef) -> list[ast.expr]:
    """Return what a function returns or yields."""
    found = (each.value for each in ast.walk(function) if isinstance(each, (ast.Return, ast.Yield)))
    return [each for each in found if each is not None]
