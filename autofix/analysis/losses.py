"""Finds the losses of a module that lose their gradient: takes its text, gives one fault for each broken one.

A loss is found by use: whatever `.backward()`, `tape.gradient`, `minimize` or `compile(loss=…)` consumes. A loss that
nobody here uses is looked into when its class or its name says what it is.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from autofix.analysis.attribution import (
    blamed,
    calls_that_lead_to,
    faults_of,
    held_constant,
    introduced,
    is_helper,
    is_training_loss,
    mended_there,
    one_for_each_call,
    responsible,
    target_of,
)
from autofix.analysis.constants import within_dead_summands
from autofix.analysis.faults import (
    Differentiated,
    Fault,
    ForeignFault,
    GraphFault,
    LossFault,
    Program,
    StepFault,
    TapeFault,
)
from autofix.analysis.functions import initialize, invoke
from autofix.analysis.interpreter import look_into, new_run, run_module, run_user
from autofix.analysis.lifting.asked import consumers, returned
from autofix.analysis.lifting.lift import lift
from autofix.analysis.lifting.state import Lifted
from autofix.analysis.lookup import is_function_of, member
from autofix.analysis.reads import Reads, observed
from autofix.analysis.record import CallSite, Facts, Invocation
from autofix.analysis.results import cut_at
from autofix.analysis.run import Consumption, Run
from autofix.analysis.syntactic import differentiates
from autofix.analysis.tape_faults import FaultyTapes, tape_faults
from autofix.analysis.tapes import find_tapes
from autofix.analysis.trainable import untrained
from autofix.analysis.trainers import calling_steps, differentiated, given_by_library, given_to_layer
from autofix.analysis.uses import Use, use_of
from autofix.analysis.values import LABEL, Arguments, Class, Dotted, Function, Instance, Scope, Value, join
from autofix.analysis.ways import is_all
from autofix.knowledge import naming
from autofix.knowledge.causes import has
from autofix.knowledge.frameworks import CALLED, KERAS_BACKEND, record_of, written_in
from autofix.knowledge.trainers import is_loss_class
from autofix.model import Cut, Framework, Kind, OwnRules, Span
from autofix.syntax.bindings import dotted
from autofix.syntax.memo import functions_in, nodes_of, remembered
from autofix.syntax.module import Arm, arms_at
from autofix.syntax.neighbours import HERE, Around, Neighbour, file_of, is_here
from autofix.syntax.parsing import parsed
from autofix.syntax.spans import Key

_NONE = OwnRules()


def diagnose(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> tuple[Fault, ...]:
    """Return the broken losses of a module in the order of their first cut, then the steps whose tape is at fault.

    What the project has rules of its `own` for leaves the graph, as NumPy does. `around` has the files to follow.
    """
    found = [each for search in _searches(tree, text, own, around) for each in search.faults()]
    return tuple(sorted(found, key=lambda each: (isinstance(each, TapeFault), each.cuts[0].span)))


def blamed_files(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> frozenset[str]:
    """Return the other checked files that lose a gradient which this module differentiates."""
    found: set[str] = set()
    for search in _searches(tree, text, own, around):
        search.faults()
        found |= search.blamed
    return frozenset(found)


def _searches(tree: ast.Module, text: str, own: OwnRules, around: Around | None) -> Iterator[_Search]:
    return (_Search(tree, text, framework, own, around) for framework in frameworks(tree))


@dataclass(frozen=True)
class Survey:
    """How many losses a module has, and how many of them were followed back to a prediction."""

    losses: int
    followed: int


def survey(tree: ast.Module, text: str, own: OwnRules = _NONE, around: Around | None = None) -> Survey:
    """Count the losses of a module, whether or not anything is wrong with them."""
    met: dict[int, bool] = {}
    for search in _searches(tree, text, own, around):
        search.faults()
        met |= {node: met.get(node, False) or followed for node, followed in search.met.items()}
    return Survey(len(met), sum(met.values()))


def run_of(text: str, framework: Framework, own: OwnRules = _NONE, around: Around | None = None) -> Run:
    """Return the abstract run of a module, after its losses and steps were entered."""
    search = _Search(parsed(text), text, framework, own, around)
    search.faults()
    return search.run


def reads_of(
    text: str, framework: Framework, own: OwnRules = _NONE, around: Around | None = None, *, mended: bool = False
) -> tuple[Reads, frozenset[Key]]:
    """Return the abstract run of a module in which each read is told apart, and the way to what is differentiated.

    Every function was entered. One that nobody here calls gives a loss if its name says so, or if it is a module.
    """
    search = _Search(parsed(text), text, framework, own, around)
    reads = observed(search.run)
    asked = search.enter_all(reads)
    return reads, reads.way_to(asked, mended)


def lifted(
    text: str,
    framework: Framework,
    place: int | str,
    own: OwnRules = _NONE,
    around: Around | None = None,
    like: Lifted | None = None,
) -> Lifted | None:
    """Return a module with the loss of its consumer number `place` as a function; None where it cannot be taken out.

    A `place` that is a name is that of a method whose result a library differentiates. `like` is the same loss as it
    was taken out before it was mended.
    """
    search = _Search(parsed(text), text, framework, own, around)
    search.faults()
    return search.lifted(place, like)


@remembered
def frameworks(tree: ast.Module) -> list[Framework]:
    """Return the frameworks that a module imports anywhere."""
    names = [(node.lineno, alias.name) for node in nodes_of(tree, ast.Import) for alias in node.names]
    names += [(node.lineno, node.module) for node in nodes_of(tree, ast.ImportFrom) if node.module]
    return list(written_in((name for _, name in sorted(names, key=lambda each: each[0])), _of_keras_backend(tree)))


def _of_keras_backend(tree: ast.Module) -> Iterator[str]:
    """Yield what a module uses of `keras.backend`, under the name that it is imported as."""
    imported = [
        (f"{node.module}.{alias.name}", alias) for node in nodes_of(tree, ast.ImportFrom) for alias in node.names
    ]
    imported += [(alias.name, alias) for node in nodes_of(tree, ast.Import) for alias in node.names]
    names = {KERAS_BACKEND, *(each.asname or each.name for name, each in imported if name == KERAS_BACKEND)}
    yield from (node.attr for node in nodes_of(tree, ast.Attribute) if dotted(node.value) in names)
    yield from (each.name for name, each in imported if name == f"{KERAS_BACKEND}.{each.name}")


@dataclass(frozen=True)
class _Blame:
    """One cut of one differentiated value, and the call or the step that has to change."""

    cut: Cut
    value: Value
    invocation: Invocation | None
    place: int | None
    consumer: ast.AST | None = None
    feeds: Differentiated | None = None


@dataclass(frozen=True)
class _Asked:
    """A value that is differentiated, and by what; where among the consumers, and whether it is this file that asks."""

    value: Value
    consumer: ast.AST | None = None
    place: int | None = None
    here: bool = True
    key: Differentiated | None = None


class _Search:
    """One abstract run of the module and what it shows; `blamed` are other checked files that lose a gradient."""

    def __init__(
        self,
        tree: ast.Module,
        text: str,
        framework: Framework,
        own: OwnRules,
        around: Around | None = None,
    ) -> None:
        self.tree = tree
        self.text = text
        self.framework = framework
        self.own_rules = own.names.get(framework, frozenset())
        self.around = around
        self.blamed: set[str] = set()
        self.run = self._new_run()
        self._bare: set[Instance] = set()
        self.met: dict[int, bool] = {}
        """The losses by their node, each with whether a prediction is known to be in it."""

    def _new_run(self) -> Run:
        return new_run(self.tree, self.text, self.framework, self.own_rules, self.around)

    def _entered(self) -> list[Function]:
        """Run the module and its steps; return its functions, and those of its users whose result is differentiated."""
        run_module(self.run)
        functions = list(self._functions(self.run.module, HERE))
        self._enter_steps(functions)
        for user in self.around.users() if self.around is not None else ():
            using = list(self._functions(run_user(self.run, user), user.path))
            self._enter_steps(using)
            functions += [each for each in using if given_by_library(each) is not None]
        return functions

    def faults(self) -> list[Fault]:
        functions = self._entered()
        if self.run.names.excused and any(_is_constant(each.value) for each in self.run.journal.consumed):
            self.run = self._new_run()  # what a name excused was no target: nothing else is in the loss
            self.run.names.strict = True
            functions = self._entered()
        run = self.run
        places = {id(node): place for place, node in enumerate(consumers(run.journal.consumed))}
        steps = tape_faults(self.tree, run) if record_of(self.framework).has_tape else ()
        tapes = find_tapes(self.tree) if record_of(self.framework).has_tape else ()
        told = {id(asked.call) for tape in tapes for asked in tape.asked}
        keyed = list(zip(run.journal.consumed, self._keys(places), strict=True))
        values = [
            _Asked(each.value, each.node, places.get(id(each.node)), is_here(each.node), key)
            for each, key in keyed
            if id(each.node) not in told or not all(has(cut.code, "of-tapes") for cut in blamed(each.value, run))
        ]
        for function in functions:
            given = given_by_library(function)
            if given is not None:
                result = differentiated(self._enter(function, given))
                key = Differentiated(function.qualname)
                values.append(_Asked(result, function.node, here=is_here(function.node), key=key))
                self._meet(function.node, result)
        blames = [blame for blame in self._reported(keyed) if self._stands_here(blame.cut)]
        reported = [fault for blame in blames for fault in self._blaming([blame])]
        for function in functions:
            here = is_here(function.node)
            if here and self._looks_like_a_loss(function) and not self._was_invoked(function):
                result = self._enter(function)
                values += [_Asked(result)] if is_training_loss(result) else []
                self._meet(function.node, result)
        for consumption in run.journal.consumed:
            self._meet(consumption.node, consumption.value)
        idle = untrained(self.tree) if self.framework in frameworks(self.tree)[:1] else ()
        groups = [fault for members in self._grouped(values) for fault in self._blaming(members)]
        of_tapes: list[Fault] = []
        for step in steps:
            own = {places[call] for call in step.asked if call in places}
            same = [each for each in groups if not isinstance(each, ForeignFault) and each.place in own]
            asked = {each.key for each in values if each.place in own and each.key is not None}
            of_tapes.append(self._of_tapes(step, same, asked))
            groups = [each for each in groups if each not in same]
        if groups:
            sites = self._call_sites(functions, frozenset().union(*(each.cuts for each in groups)))
            program = replace(groups[0].program, call_sites=sites)
            groups = [replace(each, program=program) for each in groups]
        return [*groups, *of_tapes, *(self._untrained(each) for each in idle), *reported]

    def _keys(self, places: dict[int, int]) -> Iterator[Differentiated | None]:
        """Yield what tells each consumed value from the others; None where its consumer has no place in this file."""
        turns: Counter[int] = Counter()
        for each in self.run.journal.consumed:
            place = places.get(id(each.node))
            yield None if place is None else Differentiated(place, turns[place])
            turns.update([] if place is None else [place])

    def _meet(self, node: ast.AST, loss: Value) -> None:
        if is_here(node):
            self.met[id(node)] = self.met.get(id(node), False) or loss.derived

    def _call_sites(self, functions: Iterable[Function], lost: frozenset[Cut]) -> tuple[CallSite, ...]:
        """Return all calls of the file's functions, also those in functions that no loss has to do with.

        `lost` are the cuts of the losses: a prediction that was cut elsewhere is no part of any.
        """
        for function in functions:
            if not self._was_invoked(function):
                self._equip(function)
                look_into(self.run, function)
        return tuple(
            replace(site, trains=any(value.live or value.cuts & lost for value in site.arguments))
            for site in self.run.journal.call_sites
        )

    def _cut(self, code: str, node: ast.AST) -> Cut:
        return cut_at(self.run, node, code)

    def _reported(self, keyed: Iterable[tuple[Consumption, Differentiated | None]]) -> list[_Blame]:
        """Return what is wrong with the consumed values themselves, which nobody but their author can mend."""
        found: dict[Cut, _Blame] = {}
        for consumption, key in {consumption: (consumption, key) for consumption, key in keyed}.values():
            for cut, invocation in faults_of(consumption, self.run):
                found.setdefault(cut, _Blame(cut, consumption.value, invocation, None, feeds=key))
        return list(found.values())

    def _enter_steps(self, functions: Sequence[Function]) -> None:
        """Follow the functions of a module that differentiate something, from those that call them."""
        entered = [each for each in functions if differentiates(each.node) or given_to_layer(each) is not None]
        for function in (*calling_steps(functions), *entered):
            if not self._was_invoked(function):
                self._enter(function, given_to_layer(function))

    def _functions(self, module: Scope, file: str) -> Iterator[Function]:
        """Yield the functions and methods of a module, methods bound to an instance of their class, still bare."""
        for value in list(module.names.values()):
            if not is_function_of(value.meaning, file):
                continue
            if isinstance(value.meaning, Function):
                yield value.meaning
            elif isinstance(value.meaning, Class):
                bare = Instance(value.meaning)
                instance = Value(meaning=bare)
                self._bare.add(bare)
                for name in list(value.meaning.members.names):
                    method = member(self.run, instance, name)
                    if method is not None and isinstance(method.meaning, Function):
                        yield method.meaning

    def enter_all(self, reads: Reads) -> list[Value]:
        """Run the module and every function of it, and return what is differentiated, here or by who calls a loss."""
        functions = self._entered()
        asked: list[Value] = []
        for function in functions:
            given = given_by_library(function)
            if given is not None:
                asked.append(differentiated(self._enter(function, given)))
                asked.append(Value(makers=reads.in_tuples(function.node)))
        for function in (*functions, *self._functions(self.run.module, HERE)):
            if not is_here(function.node) or self._was_invoked(function):
                continue
            result, name = self._enter(function), function.qualname.rpartition(".")[2]
            is_step = differentiates(function.node)
            gives = naming.is_loss(name) or name in CALLED or self._looks_like_a_loss(function)
            asked += [result] if gives and not is_step else []
        return [*asked, *(each.value for each in self.run.journal.consumed)]

    def _enter(self, function: Function, given: Arguments | None = None) -> Value:
        self._equip(function)
        return invoke(self.run, function, given or Arguments((), {}))

    def _equip(self, function: Function) -> None:
        """Run `__init__` of the instance that a method is bound to, at its first use: most classes have no loss."""
        owner = function.receiver
        if owner is not None and isinstance(owner.meaning, Instance) and owner.meaning in self._bare:
            self._bare.remove(owner.meaning)
            initialize(self.run, owner, Arguments((), {}))

    def _was_invoked(self, function: Function) -> bool:
        return any(each.function.node is function.node for each in self.run.journal.invocations)

    def _looks_like_a_loss(self, function: Function) -> bool:
        owner, _, name = function.qualname.rpartition(".")
        if not owner:
            return naming.is_named_loss(name)
        made_from = (
            function.receiver.meaning.made_from
            if function.receiver and isinstance(function.receiver.meaning, Instance)
            else None
        )
        if name not in CALLED or not isinstance(made_from, Class):
            return False
        bases = [base.meaning.name for base in made_from.bases if isinstance(base.meaning, Dotted)]
        return any(map(is_loss_class, bases)) or naming.is_loss(owner)

    def lifted(self, place: int | str, like: Lifted | None) -> Lifted | None:
        """Return the module with the loss of one training step as a function, after `faults`."""
        consumer: ast.Call | ast.Return | None
        if isinstance(place, str):
            here = self._functions(self.run.module, HERE)
            named = next((each.node for each in here if each.qualname == place), None)
            consumer = returned(named) if isinstance(named, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
        else:
            consumer = next(iter(consumers(self.run.journal.consumed)[place:]), None)
        return lift(self.text, self.tree, consumer, self.run, like) if consumer is not None else None

    def _grouped(self, values: Iterable[_Asked]) -> Iterable[list[_Blame]]:
        """Gather what is wrong with the differentiated values by the function that has to change."""
        groups: dict[object, list[_Blame]] = {}
        losing, brought = self._losing(), self._brought_round()
        for asked in values:
            faults = blamed(asked.value, self.run) | self._of_dead_terms(asked.value)
            for cut in faults - brought.get(asked.consumer, set()):
                invocation = responsible(self._on_the_way(losing.get(cut, ()), asked.value), cut)
                apart = invocation is not None and asked.here == (self._home(invocation) is not None)
                if invocation is not None and apart and is_helper(invocation, asked.value):
                    invocation = None
                if not self._is_told_here(asked, invocation):
                    continue
                group = ("function", id(invocation.function.node)) if invocation else ("step", asked.place)
                alone = cut.code if cut.code == "AF206" else ""
                blame = _Blame(cut, asked.value, invocation, asked.place, asked.consumer, asked.key)
                groups.setdefault((*group, alone), []).append(blame)
        return groups.values()

    def _on_the_way(self, losing: Sequence[Invocation], asked: Value) -> Sequence[Invocation]:
        """Return the calls whose result is in a value, of those that lost a gradient; all where none is known to be.

        A report that reads what the loss has left in an attribute has lost it too.
        """
        if len(losing) < 2:
            return losing
        reaching = self.run.facts.reaching(asked.makers)
        return [each for each in losing if each.result.makers & reaching] or losing

    def _brought_round(self) -> dict[ast.AST | None, set[Cut]]:
        """Return the plain values asked for on purpose that a loop brings round to a loss that has lived without.

        They are the state of a recurrent network, cut off between two batches.
        """
        met: dict[ast.AST | None, list[Value]] = {}
        for each in self.run.journal.consumed:
            met.setdefault(each.node, []).append(each.value)
        return {
            node: {cut for value in values for cut in value.cuts if cut.explicit and not _in_all(cut, values)}
            for node, values in met.items()
            if len(values) > 1 and all(value.live for value in values)
        }

    def _of_dead_terms(self, value: Value) -> frozenset[Cut]:
        """Return what cuts whole terms of a loss that still trains: a loss without a gradient adds nothing to another.

        What is detached is meant: a straight-through estimator does it too.
        """
        run = self.run
        if not value.live or not run.gradients.dead:
            return frozenset()
        within = within_dead_summands(value, run.facts, run.nodes, run.gradients.factors)
        terms = (cuts for makers, cuts in run.gradients.dead.items() if makers & within and cuts <= value.cuts)
        return frozenset(cut for cuts in terms for cut in cuts if cut.code != "AF103")

    def _is_told_here(self, asked: _Asked, invocation: Invocation | None) -> bool:
        """Is a fault reported in this file? It is where the loss stands that has to change, if that file is checked.

        Where it is not, the fault is told where the loss is asked for.
        """
        home = self._home(invocation)
        if home is None:
            return asked.here or invocation is not None
        assert self.around is not None
        runs_on = record_of(self.framework).runs_on
        if self.around.checks(home.path) and runs_on in (record_of(each).runs_on for each in frameworks(home.tree)):
            self.blamed.add(home.path)
            return False
        return asked.here

    def _home(self, invocation: Invocation | None) -> Neighbour | None:
        """Return the other file in which a responsible function stands; None for this one."""
        return self.run.files.neighbours.get(file_of(invocation.function.node)) if invocation else None

    def _stands_here(self, cut: Cut) -> bool:
        return cut.span.file == HERE

    def _losing(self) -> dict[Cut, list[Invocation]]:
        """Return the calls that lost a gradient by the cut, those of steps left out."""
        found: dict[Cut, list[Invocation]] = {}
        for each in self.run.journal.invocations:
            new = introduced(each)
            for cut in new if new and not differentiates(each.function.node) else ():
                found.setdefault(cut, []).append(each)
        return found

    def _blaming(self, members: list[_Blame]) -> Iterator[GraphFault | ForeignFault]:
        """Yield the fault of what has to change in one place; none where nothing of it can be shown in this file."""
        invocation, lost = members[0].invocation, frozenset(each.cut for each in members)
        home = self._home(invocation)
        result = invocation.result if invocation and not home else join([each.value for each in members])
        held, untouched = self._held(members, lost)
        reaching = self.run.facts.reaching(result.makers, untouched)
        cuts = self._cuts_here(lost, reaching)
        if not cuts:
            return
        if invocation is not None and home is not None:
            yield self._foreign(invocation, cuts, home)
            return
        consumer, values = members[0].consumer, [each.value for each in members]
        step = StepFault(
            loss=enclosing(self.tree, cuts[0].span),
            cuts=cuts,
            program=self._program(),
            use=use_of(self.run, consumer, values),
            partly=any(each.live for each in values),
            alone=frozenset(each.cut for each in members if is_all(each.cut, each.value, self.run)),
            feeds=frozenset(each.feeds for each in members if each.feeds is not None),
            starved=frozenset(each.feeds for each in members if each.feeds is not None and not each.value.live),
            arms=self._arms(cut.span for cut in cuts),
            lost=lost,
            reaching=reaching,
            place=members[0].place,
            held=held,
            untouched=untouched,
        )
        yield step if invocation is None else self._in_function(step, invocation)

    def _held(self, members: Sequence[_Blame], lost: frozenset[Cut]) -> tuple[frozenset[Cut], frozenset[Cut]]:
        """Return the cuts that are meant, and those of them that leave what is made of them as it is."""
        held = frozenset().union(*(held_constant(each.value, self.run) for each in members)) - lost
        arrays, partly = _as_arrays(held, self.run.facts), any(each.value.live for each in members)
        return held, frozenset(cut for cut in held if cut not in arrays or (partly and cut.code != "AF109"))

    def _in_function(self, step: StepFault, invocation: Invocation) -> LossFault:
        """Return what a step loses in one of its functions."""
        sites = self._called_at(invocation.function)
        return step.in_function(
            invocation.function,
            target_of(invocation),
            beside=step.partly and not invocation.result.live,
            chosen_at=frozenset(sites - self._turns) if sites else frozenset(),
            arms=self._arms(sites),
        )

    def _program(self) -> Program:
        run = self.run
        return Program(
            self.framework,
            run.module,
            run.facts,
            tuple(run.journal.invocations),
            tuple(run.journal.call_sites),
            self.own_rules,
            self.around,
            run.files.neighbours,
        )

    def _called_at(self, function: Function) -> set[Key]:
        return {site.key for site in self.run.journal.call_sites if site.callee.node is function.node}

    def _arms(self, places: Iterable[Key | Span]) -> frozenset[Arm]:
        """Return the branches that all of these places of the file are in."""
        lines = [each.line for each in places if each.file == HERE]
        found = [arms_at(self.tree, line) for line in dict.fromkeys(lines)]
        return frozenset.intersection(*found) if found else frozenset()

    @cached_property
    def _turns(self) -> set[Key]:
        """The calls of what a loop or a comprehension goes through."""
        bound = {
            name.id
            for target in (
                *(each.target for each in nodes_of(self.tree, ast.For)),
                *(each.target for each in nodes_of(self.tree, ast.comprehension)),
            )
            for name in ast.walk(target)
            if isinstance(name, ast.Name)
        }
        calls = nodes_of(self.tree, ast.Call)
        return {
            self.run.positions.key(call) for call in calls if isinstance(call.func, ast.Name) and call.func.id in bound
        }

    def _cuts_here(self, lost: Iterable[Cut], reaching: frozenset[Key]) -> tuple[Cut, ...]:
        """Return cuts as they are told in this file: where they stand, or at the calls that lead to other files."""
        found: set[Cut] = set()
        for cut in lost:
            neighbour = self.run.files.neighbours.get(cut.span.file)
            found |= {cut} if neighbour is None else calls_that_lead_to(cut, neighbour, reaching, self.run)
        return tuple(sorted(one_for_each_call(found), key=lambda cut: cut.span))

    def _foreign(self, invocation: Invocation, cuts: tuple[Cut, ...], home: Neighbour) -> ForeignFault:
        """Return the fault of a loss that this file only uses."""
        name = invocation.function.qualname
        use, instead = self._use_by(None), mended_there(name, home, self.run)
        return ForeignFault(loss=name, cuts=cuts, program=self._program(), use=use, instead=instead)

    def _of_tapes(self, tapes: FaultyTapes, same: Sequence[GraphFault], asked: set[Differentiated]) -> TapeFault:
        """Return the fault of a step, with those of what its tapes are asked for."""
        found = {cut for each in same for cut in each.cuts} | set(tapes.cuts)
        cuts = tuple(sorted(found, key=lambda cut: cut.span))
        calls = tapes.tape_fixes[0].tape.asked[:1] if tapes.tape_fixes else ()
        use = self._use_by(calls[0].call if calls else None)
        feeds = frozenset(asked).union(*(each.feeds for each in same))
        loss = enclosing(self.tree, cuts[0].span)
        return TapeFault(
            loss=loss, cuts=cuts, program=self._program(), use=use, feeds=feeds, starved=feeds, tapes=tapes
        )

    def _untrained(self, node: ast.AST) -> StepFault:
        """Return the fault of a step that trains nothing."""
        cut = self._cut("AF305", node)
        loss, use = enclosing(self.tree, cut.span), self._use_by(None)
        lost = frozenset({cut})
        return StepFault(loss=loss, cuts=(cut,), program=self._program(), use=use, lost=lost, reaching=frozenset())

    def _use_by(self, consumer: ast.AST | None) -> Use:
        return use_of(self.run, consumer, [LABEL])


def _is_constant(value: Value) -> bool:
    return not value.derived and not value.unknown and not value.traits.may_carry and value.kind is not Kind.OTHER


def _as_arrays(held: frozenset[Cut], facts: Facts) -> frozenset[Cut]:
    """Return the wishes among these cuts whose tensors NumPy is given: it has to be rewritten all the same."""
    wishes = frozenset(cut for cut in held if cut.code in ("AF103", "AF109"))
    values = (fact.value for fact in facts.by_key.values()) if wishes else ()
    return wishes & frozenset().union(
        *(each.cuts for each in values if each.kind is Kind.ARRAY and not each.live and each.cuts <= held)
    )


def _in_all(cut: Cut, values: Iterable[Value]) -> bool:
    return all(cut in value.cuts for value in values)


def enclosing(tree: ast.Module, span: Span) -> str:
    """Return the name of the function around a stretch of a module."""
    around = [each for each in functions_in(tree) if each.lineno <= span.line <= (each.end_lineno or 0)]
    return max(around, key=lambda each: each.lineno).name if around else "<module>"
