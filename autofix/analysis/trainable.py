"""Asks whether there is anything to train: follows models through a module, frozen, exchanged, given to an optimizer.

Takes a syntax tree; gives the places where an optimizer is left with nothing that the loss depends on: everything that
it holds is frozen, or it holds the layers of before an exchange. Functions of the file are followed where they are
called. A module that unfreezes anything is left alone, and so is a model that goes where it cannot be followed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from autofix.analysis.optimizers import given_to, optimizers
from autofix.analysis.tapes import within
from autofix.knowledge import effects, trainers
from autofix.knowledge.frameworks import KERAS, TENSORFLOW
from autofix.knowledge.operations import having
from autofix.syntax.bindings import last_part
from autofix.syntax.memo import nodes_of, walk

_SAME = having("returns-model") | trainers.COMPILES | {"build"}
_WRAPPERS = having("wraps-model")
_PARAMETERS, _VARIABLES = having("lists-parameters"), having("lists-variables")
_LISTING = _PARAMETERS | _VARIABLES
_HARMLESS = having("leaves-models")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEPTH = 5


@dataclass(frozen=True, eq=False)
class _Optimizer:
    call: ast.Call
    holds: tuple[Thing, ...]
    covered: frozenset[int]


def untrained(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Return the places that leave an optimizer or a tape with nothing to train."""
    if not may_matter(tree) or unfreezes(tree):
        return ()
    walk = _Walk(tree)
    walk.module()
    return tuple(walk.found.values())


class _Walk:
    """One run over a module: names and what they stand for, and the optimizers seen so far."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.functions = {each.name: each for each in tree.body if isinstance(each, _FUNCTIONS)}
        self.classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
        self.makers = frozenset(id(each) for each in optimizers(tree))
        self.optimizers: list[_Optimizer] = []
        self.exchanged: list[tuple[Thing, Thing]] = []
        self.found: dict[int, ast.AST] = {}
        self.returned: list[object] = []
        self.kept: list[_Optimizer] = []
        self.sound: set[int] = set()
        self.entered: list[ast.AST] = []
        self.globals: dict[str, object] = {}
        self.conditional = 0

    def module(self) -> None:
        self.run(self.tree.body, self.globals)
        for function in self.functions.values():
            if not any(each is function for each in self.entered):
                self.optimizers, self.exchanged = [], []
                self.follow(function, {})

    def run(self, body: Sequence[ast.stmt], names: dict[str, object]) -> None:
        for statement in body:
            self.statement(statement, names)

    def statement(self, node: ast.stmt, names: dict[str, object]) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return
            case ast.Assign(targets=[target]):
                self.assign(target, self.value(node.value, names), node, names)
            case ast.For():
                self.loop(node, names)
            case ast.If():
                self.branch(node, names)
            case ast.Return(value=ast.expr() as value):
                self.returned[-1:] = [self.value(value, names)]
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.stmt):
                        self.statement(child, names)
                    elif isinstance(child, ast.expr):
                        self.value(child, names)
                    elif isinstance(child, ast.withitem):
                        self.value(child.context_expr, names)
                    elif isinstance(child, ast.ExceptHandler):
                        self.run(child.body, names)

    def branch(self, node: ast.If, names: dict[str, object]) -> None:
        at_top = any(getattr(each, "id", "") == "__name__" for each in walk(node.test))
        self.value(node.test, names)
        self.conditional += not at_top
        self.run(node.body, names)
        self.run(node.orelse, names)
        self.conditional -= not at_top

    def loop(self, node: ast.For, names: dict[str, object]) -> None:
        """Run a loop once; one that freezes every parameter of a model freezes the model."""
        held = self.held(node.iter, names)
        variable = node.target.elts[-1] if isinstance(node.target, ast.Tuple) else node.target
        frozen = [each for each in walk(node)[1:] if isinstance(each, ast.stmt) and switches(each, variable)]
        if held is not None and frozen:
            whole = any(each is frozen[0] for each in node.body) and not self.conditional
            for thing in held:
                if whole:
                    thing.freeze(frozen[0])
                else:
                    thing.lose()
            return
        owner = owner_of_parts(node.iter)
        whole_model = self.value(owner, names) if owner is not None else None
        if isinstance(whole_model, Thing) and not all(switches(each, variable) for each in node.body):
            whole_model.lose()
        self.value(node.iter, names)
        names.update({each.id: None for each in ast.walk(node.target) if isinstance(each, ast.Name)})
        self.run(node.body, names)

    def assign(self, target: ast.expr, value: object, node: ast.Assign, names: dict[str, object]) -> None:
        if isinstance(target, ast.Name):
            names[target.id] = value
        elif isinstance(target, ast.Tuple):
            parts = (
                value if isinstance(value, list) and len(value) == len(target.elts) else [Thing() for _ in target.elts]
            )
            for each, part in zip(target.elts, parts, strict=True):
                self.assign(each, part, node, names)
        elif isinstance(target, ast.Attribute):
            owner = self.value(target.value, names)
            if isinstance(value, _Optimizer):
                self.kept.append(value)
            if not isinstance(owner, Thing):
                return
            if is_switch(target):
                if self.conditional:
                    owner.lose()
                elif is_false(node.value):
                    owner.freeze(node)
                return
            new = value if isinstance(value, Thing) else Thing(lost=True)
            fresh = is_layer(node.value) and not self.conditional and not owner.lost
            if fresh and ast.unparse(target) not in ast.unparse(node.value):
                self.exchanged.append((owner, new))
            owner.parts[target.attr] = new

    def value(self, node: ast.expr | None, names: dict[str, object]) -> object:
        match node:
            case ast.Name(id=name):
                return names.get(name, self.globals.get(name))
            case ast.Attribute(value=owner, attr=name):
                thing = self.value(owner, names)
                return thing.part(name) if isinstance(thing, Thing) and name not in _LISTING else None
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return [self.value(each, names) for each in parts]
            case ast.Call():
                return self.call(node, names)
            case None | ast.Constant() | ast.Lambda():
                return None
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, names)
        return None

    def call(self, node: ast.Call, names: dict[str, object]) -> object:
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        if id(node) in self.makers and not is_keras(func):
            return self.optimizer(node, names)
        receiver = self.value(func.value, names) if isinstance(func, ast.Attribute) else None
        if name == "backward":
            self.judge()
        if name == "requires_grad_" and isinstance(receiver, Thing):
            if self.conditional:
                receiver.lose()
            else:
                receiver.freeze(node)
            return receiver
        if name == "gradient" and len(node.args) > 1:
            self.asked(node.args[1], names)
        arguments = [self.value(each, names) for each in (*node.args, *(key.value for key in node.keywords))]
        if isinstance(receiver, Thing):
            return receiver if name in _SAME else self.method(receiver, name, arguments)
        if isinstance(func, ast.Name) and name in self.functions:
            return self.follow(self.functions[name], self.bound(self.functions[name], node, names))
        if isinstance(func, ast.Name) and name in self.classes:
            return self.instance(self.classes[name], node, names)
        things = [each for each in arguments if isinstance(each, Thing)]
        if name in _WRAPPERS and things:
            return things[0]
        if isinstance(func, ast.Name) and not isinstance(names.get(name), Thing) and name not in _HARMLESS:
            for thing in things:
                thing.lose()
        return Thing()

    def method(self, receiver: Thing, name: str, arguments: Sequence[object]) -> object:
        """A method of a model: one that adds layers to it gives it something to train."""
        if name in ("add", "add_module", "append", "register_parameter", "extend", "insert"):
            receiver.parts[f"{name} {len(receiver.parts)}"] = Thing()
        return None

    def instance(self, owner: ast.ClassDef, node: ast.Call, names: dict[str, object]) -> Thing:
        made = Thing()
        start = next((each for each in owner.body if isinstance(each, _FUNCTIONS) and each.name == "__init__"), None)
        if start is not None and start.args.args:
            before, self.exchanged = self.exchanged, []
            self.follow(start, {**self.bound(start, node, names, skip=1), start.args.args[0].arg: made})
            self.exchanged = before
        return made

    def bound(
        self, function: ast.FunctionDef | ast.AsyncFunctionDef, node: ast.Call, names: dict[str, object], skip: int = 0
    ) -> dict[str, object]:
        parameters = [each.arg for each in (*function.args.posonlyargs, *function.args.args)][skip:]
        given = {name: self.value(each, names) for name, each in zip(parameters, node.args, strict=False)}
        return given | {each.arg: self.value(each.value, names) for each in node.keywords if each.arg is not None}

    def follow(self, function: ast.FunctionDef | ast.AsyncFunctionDef, given: dict[str, object]) -> object:
        """Run a function of the file with these arguments; what is not given stands for something of its own."""
        if len(self.returned) > _DEPTH:
            return None
        self.entered.append(function)
        every = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        names: dict[str, object] = {each.arg: Thing() for each in every} | given
        before = list(self.optimizers)
        self.returned.append(None)
        self.run(function.body, names)
        value = self.returned.pop()
        lasting = [*before, *self.kept, *(value if isinstance(value, list) else [value])]
        self.optimizers = [each for each in self.optimizers if any(each is one for one in lasting)]
        return value

    def optimizer(self, node: ast.Call, names: dict[str, object]) -> _Optimizer | None:
        """Note an optimizer; it is looked at as long as the function that made it runs, or longer if it hands it on."""
        given = given_to(node)
        held = self.held(given[0], names) if given else None
        if held:
            covered = frozenset(id(each) for thing in held for each in thing.everything())
            self.optimizers.append(_Optimizer(node, tuple(held), covered))
            return self.optimizers[-1]
        return None

    def held(self, node: ast.expr, names: dict[str, object]) -> list[Thing] | None:
        """Return the models whose parameters an expression lists; None where that cannot be read."""
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _PARAMETERS:
                thing = self.value(owner, names)
                return [thing] if isinstance(thing, Thing) else None
            case ast.Attribute(value=owner, attr=name) if name in _VARIABLES:
                thing = self.value(owner, names)
                return [thing] if isinstance(thing, Thing) else None
            case (
                ast.Call(func=ast.Name(id="filter"), args=[_, iterated])
                | ast.Call(func=ast.Name(id="list"), args=[iterated])
            ):
                return self.held(iterated, names)
            case ast.ListComp(generators=[generator]) | ast.GeneratorExp(generators=[generator]):
                return self.held(generator.iter, names)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _all([self.held(left, names), self.held(right, names)])
            case ast.List(elts=parts):
                return _all([self.held(each, names) for each in parts])
            case ast.Dict(keys=keys, values=values):
                given = [
                    value for key, value in zip(keys, values, strict=True) if getattr(key, "value", "") == "params"
                ]
                return self.held(given[0], names) if given else None
        return None

    def judge(self) -> None:
        """Look at every optimizer where a gradient is computed: what is frozen after its training is right."""
        for each in self.optimizers:
            frozen = [thing for thing in each.holds if is_frozen(thing)]
            lost = any(one.lost for thing in each.holds for one in thing.everything())
            if id(each) in self.sound or lost or len(frozen) < len(each.holds):
                self.sound.add(id(each))
                continue
            at = frozen[0].frozen_at or each.call
            self.found.setdefault(id(at), at)
        covered = frozenset().union(*(each.covered for each in self.optimizers))
        for owner, new in self.exchanged:
            stale = [each for each in self.optimizers if any(one is owner for one in each.holds)]
            if stale and id(new) not in covered and not owner.lost and self._is_there(owner, new):
                self.found.setdefault(id(stale[-1].call), stale[-1].call)

    def _is_there(self, owner: Thing, new: Thing) -> bool:
        return any(each is new for each in owner.parts.values())

    def asked(self, sources: ast.expr, names: dict[str, object]) -> None:
        """Look at what a tape is asked the gradient for."""
        if isinstance(sources, (ast.List, ast.Tuple)) and not sources.elts:
            self.found.setdefault(id(sources), sources)
        held = self.held(sources, names)
        if held and all(is_frozen(each) and not any(one.lost for one in each.everything()) for each in held):
            at = held[0].frozen_at or sources
            self.found.setdefault(id(at), at)


def _all(lists: Iterable[list[Thing] | None]) -> list[Thing] | None:
    found: list[Thing] = []
    for each in lists:
        if each is None:
            return None
        found += each
    return found


_LAYERS = effects.PARAMETRIC - having("container")
_PARTS = frozenset({"modules", "named_modules", "children", "named_children", "layers"})


@dataclass(eq=False)
class Thing:
    """A model or a layer; `lost` when it went where it cannot be followed, `frozen_at` says where it was frozen."""

    frozen: bool = False
    lost: bool = False
    parts: dict[str, Thing] = field(default_factory=dict)
    frozen_at: ast.AST | None = None

    def part(self, name: str) -> Thing:
        """Return an attribute, made as it is frozen when nothing is known of it."""
        return self.parts.setdefault(name, Thing(self.frozen, self.lost, frozen_at=self.frozen_at))

    def freeze(self, at: ast.AST) -> None:
        """Freeze it and all that it has now."""
        self.frozen, self.frozen_at = True, at
        for each in self.parts.values():
            each.freeze(at)

    def lose(self) -> None:
        self.lost = True
        for each in self.parts.values():
            each.lose()

    def everything(self) -> Iterator[Thing]:
        yield self
        for each in self.parts.values():
            yield from each.everything()


def may_matter(tree: ast.Module) -> bool:
    """Is anything frozen, or exchanged beside an optimizer, or a tape asked for the gradient of nothing at all?"""
    if any(each.attr in effects.SWITCHES for each in nodes_of(tree, ast.Attribute)):
        return True
    for each in nodes_of(tree, ast.Call):
        is_empty = any(getattr(sources, "elts", None) == [] for sources in each.args[1:2])
        if is_empty and last_part(each.func) == "gradient":
            return True
    return bool(optimizers(tree)) and any(
        not isinstance(each.targets[0], ast.Name) and is_layer(each.value) for each in nodes_of(tree, ast.Assign)
    )


def unfreezes(tree: ast.Module) -> bool:
    if any(each.attr == "add_param_group" for each in nodes_of(tree, ast.Attribute)):
        return True
    for call in nodes_of(tree, ast.Call):
        name = last_part(call.func)
        if "unfreeze" in name or (name == "requires_grad_" and not any(is_false(one) for one in call.args)):
            return True
    given = (each for each in nodes_of(tree, ast.Assign) if not is_false(each.value))
    return any(is_switch(one) for each in given for one in each.targets)


def is_frozen(thing: Thing) -> bool:
    return thing.frozen and all(each.frozen for each in thing.everything())


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def is_switch(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in ("requires_grad", "trainable")


def switches(statement: ast.stmt, variable: ast.expr) -> bool:
    """Does a statement freeze the parameter that a loop is at?"""
    match statement:
        case ast.Assign(targets=[ast.Attribute()]) | ast.Expr(value=ast.Call(func=ast.Attribute())):
            name, text = ast.unparse(variable), ast.unparse(statement)
        case _:
            return False
    return text in (f"{name}.requires_grad = False", f"{name}.requires_grad_(False)", f"{name}.trainable = False")


def owner_of_parts(node: ast.expr) -> ast.expr | None:
    """Return the model of which a loop takes the modules or layers one by one."""
    part = next((each for each in walk(node) if isinstance(each, ast.Attribute) and each.attr in _PARTS), None)
    return part.value if part is not None else None


def is_layer(node: ast.expr) -> bool:
    if not isinstance(node, ast.Call):
        return False
    names = {each.attr if isinstance(each, ast.Attribute) else each.id for each in (node, *within(node))
             if isinstance(each, (ast.Attribute, ast.Name))}  # fmt: skip
    return not names.isdisjoint(_LAYERS)


def is_keras(func: ast.expr) -> bool:
    text = ast.unparse(func)
    return KERAS.name in text or text.startswith(("optimizers.", f"{TENSORFLOW.alias}."))
