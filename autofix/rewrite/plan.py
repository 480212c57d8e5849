"""Decides what a fixed loss is made of: which expressions become tensors, and which operations need a rule.

Takes a fault; touches no text. A prediction's path is followed from the places where the gradient is lost to the
result; targets and constants that meet it on the way become tensors too where they come from tensors. Of targets alone
no gradient is asked, so that NumPy may stay there as long as nothing compiles the loss. Inside tf.function there is no
NumPy at all: there `inputs_of` adds what the functions of the loss make of all their parameters.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from autofix.analysis.faults import GraphFault, StepFault
from autofix.analysis.record import Fact
from autofix.analysis.syntactic import differentiates
from autofix.analysis.values import Function, Value
from autofix.knowledge import effects
from autofix.knowledge.frameworks import record_of
from autofix.knowledge.operations import having
from autofix.model import Cut, Kind, Span
from autofix.rewrite.selection import selecting
from autofix.syntax.spans import Key, Positions, is_here, is_within, span

_NO_ELEMENTS = frozenset({"shape", "ndim", "dtype", "size"})
_COUNTING = frozenset({"len", "range", "enumerate", "isinstance", "hasattr"})
_CHAIN_ENDS, _CHAIN_LINKS = having("chain-end"), having("chain-link")
_WISHES = having("AF103") - {"Tensor.detach_"}
_CONVERTING = frozenset({"AF102", "AF104"})
"""Causes that are a chain of methods at times, as `x.detach().float().numpy()` is."""

_OF_ANYTHING = frozenset({"builtins.abs", "builtins.pow", "builtins.divmod"})
"""Python's own functions that do to a tensor what they do to a number."""

_OF_TENSORS = having("keeps-tensor")
"""What gives a tensor back as one that keeps its gradient."""

_OPERATORS = frozenset({"BinOp", "Compare", "Subscript", "AugAssign"})
_SIZES = having("extent") | having("extent-of-tensor")
_LEAVING = frozenset({"numpy", "ndarray", "math", "scipy", "sklearn", "statistics", "builtins", "Model"})


@dataclass(frozen=True)
class Inputs:
    """The functions that a loss consists of, the expressions that hold their arguments, and what makes those."""

    functions: tuple[Function, ...] = ()
    expressions: frozenset[Key] = frozenset()
    makers: frozenset[Key] = frozenset()


NO_INPUTS = Inputs()


@dataclass(frozen=True)
class Plan:
    """What becomes a tensor, the operations to rewrite, and the operators whose operands must all be tensors.

    `created` are arrays of plain numbers that have to be tensors from the start. `lengths` are the `x.shape[…]` of what
    becomes a tensor, `shapes` what asks for a shape as a whole, and `sizes` numbers that are computed from its parts.
    `inputs` are what tensors come from outside besides those that are carried over, and the expressions that hold them.
    `functions` are those to change; `path`, by the identity of their nodes, has those as well through which the loss or
    its step calls them. `wishes` are the calls of `detach` and its like that stay: the gradient is lost elsewhere. What
    is `untouched` keeps its kind, and so do the `plain` expressions: what only selects, and what that is made of.
    """

    tensors: frozenset[Key]
    operations: dict[Key, Fact]
    operators: dict[Key, Fact]
    created: frozenset[Key]
    lengths: frozenset[Key]
    shapes: frozenset[Key]
    sizes: frozenset[Key]
    functions: tuple[Function, ...]
    path: dict[int, Function]
    inputs: Inputs = NO_INPUTS
    wishes: frozenset[Key] = frozenset()
    untouched: frozenset[Cut] = frozenset()
    plain: frozenset[Key] = frozenset()

    def kind(self, value: Value) -> Kind:
        """Return the kind that a value has after the rewrite."""
        if value.cuts and not value.live and value.cuts <= self.untouched:
            return value.kind
        if value.makers and value.makers <= self.plain:
            return value.kind
        becomes = _becomes_tensor(value, self.tensors) or _becomes_tensor(value, self.tensors | self.inputs.makers)
        return Kind.TENSOR if becomes and value.kind is not Kind.SEQUENCE else value.kind


def plan(fault: GraphFault, has_rule: Callable[[str], bool], inputs: Inputs = NO_INPUTS) -> Plan:
    """Return what has to change for the gradient to reach the result of this loss, and for `inputs` to be tensors."""
    facts, blamed, own = fault.program.facts.by_key, fault.lost, fault.program.own_rules
    severed = [key for key in fault.reaching if key in facts and facts[key].value.cuts & blamed]
    losing = _functions_around(severed, fault)
    functions = tuple({id(each.node): each for each in (*losing, *inputs.functions)}.values())
    path = _on_the_path(functions, fault)
    everywhere = isinstance(fault, StepFault)
    selected = selecting(facts, lambda callee: callee in own or (inputs != NO_INPUTS and has_rule(inert(callee))))
    computed = _computed(fault, selected)
    plain = ((fault.reaching - computed) & facts.keys()) | selected
    inside = [key for key in computed if key in facts and (everywhere or _within(key, functions))]
    inside += [key for key in inputs.expressions - set(inside) if key in facts and not facts[key].value.derived]
    derived = {key for key in inside if facts[key].value.derived}
    meeting = [operand for key in derived for operand in facts[key].operands] + _passed_in_turn(path, fault)
    whole = {key for key in inside if key in inputs.expressions and _may_stay_tensor(facts[key], has_rule)}
    carried = _carried(meeting, facts, has_rule) - plain
    tensors = frozenset(derived | carried | {key for key in whole if _is_array(facts[key])})
    created, joined = (each - plain for each in _created_before(meeting, tensors, facts, functions))
    tensors |= joined
    operations = {key: facts[key] for key in inside if _to_rewrite(key, facts[key], tensors, own)}
    operations = {key: fact for key, fact in operations.items() if not _keeps_the_graph(fact, blamed)}
    wishes = _wishes(operations, fault)
    operations = {key: fact for key, fact in operations.items() if key not in wishes}
    operations |= {key: facts[key] for operation in list(operations) for key in _chain(operation, facts)}
    created -= operations.keys()
    tensors |= operations.keys() | created
    operators = {key: facts[key] for key in tensors if key[0] in _OPERATORS and key in facts}
    operations |= {key: facts[key] for key in inside if _asks_for_limits(facts[key], facts, tensors)}
    operations |= {key: fact for key, fact in facts.items() if _calls_for_each(fact, path)}
    lengths = frozenset(key for key in inside if _is_length(key, facts, tensors))
    shapes = frozenset(key for key in inside if key[0] == "Attribute" and facts[key].callee.endswith(".shape"))
    return Plan(tensors, operations, operators, created, lengths, shapes, _sizes(inside, facts, shapes),
                functions, path, inputs, wishes - operations.keys(), fault.untouched, plain)  # fmt: skip


def _computed(fault: GraphFault, selected: frozenset[Key]) -> frozenset[Key]:
    """Return what a value was computed from, less what was `selected` by and what NumPy drew, and what led to those.

    What NumPy drew is a constant, whatever the chances for it came from.
    """
    facts = fault.program.facts.by_key
    ends = selected | {key for key in fault.reaching if key in facts and _is_drawn(facts[key])}
    if not ends or not fault.results:
        return fault.reaching
    waiting = list(fault.results)
    computed: set[Key] = set()
    while waiting:
        key = waiting.pop()
        if key in fault.reaching and key not in computed and key not in ends:
            computed.add(key)
            waiting += _behind(facts[key]) if key in facts else ()
    return frozenset(computed)


def _behind(fact: Fact) -> Iterator[Key]:
    for value in (fact.value, *fact.operands):
        yield from value.makers


def _is_drawn(fact: Fact) -> bool:
    return fact.callee.startswith("numpy.random.") and not fact.value.derived


def inert(callee: str) -> str:
    """Return the name under which rules say how an operation is written on what carries no gradient."""
    return f"inert {callee}"


def leaves_the_graph(callee: str) -> bool:
    """Is this an operation of NumPy, an ndarray, Python numbers, or one that takes a tensor out of the graph?"""
    package, _, last = callee.partition(".")
    if callee.startswith("Tensor."):
        return last in effects.BREAKING_METHODS or last in effects.BREAKING_ATTRIBUTES
    return package in _LEAVING or callee in effects.REWRAPS or callee in effects.BREAKERS


def _to_rewrite(key: Key, fact: Fact, tensors: frozenset[Key], own_rules: frozenset[str]) -> bool:
    if not fact.callee or not (fact.callee in own_rules or leaves_the_graph(fact.callee)):
        return False
    if key in tensors:
        return True
    return any(_becomes_tensor(operand, tensors) for operand in fact.operands)


def _keeps_the_graph(fact: Fact, blamed: frozenset[Cut]) -> bool:
    """Does an operation do to tensors what it did before, and so stay as it is written?"""
    if fact.callee in _OF_ANYTHING or (fact.value.live and not fact.value.cuts & blamed):
        return True
    return fact.callee in _OF_TENSORS and fact.operands[:1] != () and fact.operands[0].kind is Kind.TENSOR


def _wishes(operations: Mapping[Key, Fact], fault: GraphFault) -> frozenset[Key]:
    """Return where a value is taken out of the graph in so many words, and not for this loss to lose its gradient.

    In PyTorch `detach` is no wish where NumPy, which needs it, is given the result.
    """
    asked = {key for key, fact in operations.items() if fact.callee in _WISHES}
    lost = {cut.span for cut in fault.lost if cut.code == "AF103"}
    converted: set[Key] = set()
    if not record_of(fault.framework).reads_as_plain:
        chains = {_start(cut.span) for cut in fault.lost if cut.code in _CONVERTING}
        lost |= {span(key) for key in asked if _start(span(key)) in chains}
        leaving = (fact for key, fact in operations.items() if key not in asked)
        converted = {maker for fact in leaving for operand in fact.operands for maker in operand.makers}
    return frozenset(key for key in asked if span(key) not in lost and key not in converted)


def _start(stretch: Span) -> tuple[str, int, int]:
    return stretch.file, stretch.line, stretch.column


def _is_length(key: Key, facts: dict[Key, Fact], tensors: frozenset[Key]) -> bool:
    """Is this `x.shape[…]` of an `x` that becomes, or is, a tensor?"""
    return key[0] == "Subscript" and _is_of_a_tensor(".shape", facts[key], facts, tensors)


def _asks_for_limits(fact: Fact, facts: dict[Key, Fact], tensors: frozenset[Key]) -> bool:
    """Is this `np.finfo(x.dtype)` of an `x` that becomes a tensor, whose type NumPy does not know?"""
    return fact.callee == "numpy.finfo" and _is_of_a_tensor(".dtype", fact, facts, tensors)


def _calls_for_each(fact: Fact, path: dict[int, Function]) -> bool:
    """Is this `np.vectorize(f)` of a function that is changed?"""
    function = fact.value.meaning
    return fact.callee == "numpy.vectorize" and isinstance(function, Function) and id(function.node) in path


def _is_of_a_tensor(attribute: str, fact: Fact, facts: dict[Key, Fact], tensors: frozenset[Key]) -> bool:
    """Is the first operand this attribute of what becomes, or is, a tensor?"""
    asked = [facts[each] for operand in fact.operands[:1] for each in operand.makers if each in facts]
    return any(
        each.callee.endswith(attribute) and (_becomes_tensor(whole, tensors) or whole.kind is Kind.TENSOR)
        for each in asked
        for whole in each.operands[:1]
    )


def _sizes(inside: Iterable[Key], facts: dict[Key, Fact], shapes: frozenset[Key]) -> frozenset[Key]:
    """Return the operators whose operands are parts of shapes, plain numbers, or what these give in turn."""
    numbers = [key for key in inside if key[0] == "BinOp" and facts[key].value.kind is Kind.NUMBER]
    found: set[Key] = set()
    size = -1
    while size != len(found):
        size, known = len(found), shapes | found
        found |= {
            key
            for key in numbers
            if any(each.makers for each in facts[key].operands)
            and all(each.makers <= known and not each.derived for each in facts[key].operands)
        }
    return frozenset(found)


def _becomes_tensor(value: Value, tensors: frozenset[Key]) -> bool:
    return value.derived or (bool(value.makers) and value.makers <= tensors)


def _chain(key: Key, facts: dict[Key, Fact]) -> list[Key]:
    """Return the `.detach()` and `.cpu()` that stand only to make the `.numpy()` at `key` possible."""
    fact = facts[key]
    if fact.callee not in _CHAIN_ENDS | _CHAIN_LINKS or not fact.operands:
        return []
    links = [each for each in fact.operands[0].makers if each in facts and facts[each].callee in _CHAIN_LINKS]
    own = [each for each in links if _start(span(each)) == _start(span(key))]
    return own + [further for each in own for further in _chain(each, facts)]


def _on_the_path(functions: Iterable[Function], fault: GraphFault) -> dict[int, Function]:
    """Return these functions, and through which functions the loss, or its step, calls them with what it predicts."""
    path = {id(each.node): each for each in functions}
    waiting = list(path.values())
    while waiting:
        function = waiting.pop()
        if fault.is_loss(function.node) or differentiates(function.node):
            continue
        for site in fault.program.call_sites:
            used = site.callee.node is function.node and site.trains
            if used and site.caller is not None and id(site.caller.node) not in path:
                path[id(site.caller.node)] = site.caller
                waiting.append(site.caller)
    return path


def _passed_in_turn(path: dict[int, Function], fault: GraphFault) -> list[Value]:
    """Return what a helper of the loss is given there in one call where it gets the prediction in another."""
    sites = [each for each in fault.program.call_sites if each.caller is not None and id(each.caller.node) in path]
    arguments = [(id(site.callee.node), place, value) for site in sites for place, value in enumerate(site.arguments)]
    open_places = {(callee, place) for callee, place, value in arguments if callee in path and value.derived}
    return [value for callee, place, value in arguments if (callee, place) in open_places]


def _carried(meeting: Iterable[Value], facts: dict[Key, Fact], has_rule: Callable[[str], bool]) -> set[Key]:
    """Return the inert expressions, made from tensors, behind what meets a prediction, that can stay tensors too."""
    carried: set[Key] = set()
    waiting = list(meeting)
    while waiting:
        value = waiting.pop()
        if value.kind is Kind.SEQUENCE:
            waiting += value.items or ()
        if value.derived or value.kind not in (Kind.ARRAY, Kind.NUMBER, Kind.TENSOR):
            continue
        for key in value.makers - carried:
            fact = facts.get(key)
            if value.kind is Kind.TENSOR and (fact is None or not _wraps_again(fact)):
                continue
            if fact is not None and _comes_from_a_tensor(fact, facts) and _may_stay_tensor(fact, has_rule):
                carried.add(key)
                waiting += fact.operands
    return carried


def _wraps_again(fact: Fact) -> bool:
    """Is this `torch.tensor(y.numpy())`: a tensor made of an array or a list, as the prediction's was?"""
    return fact.callee in effects.REWRAPS and any(each.kind is Kind.ARRAY for each in fact.operands[:1])


def _created_before(
    meeting: Iterable[Value], tensors: frozenset[Key], facts: dict[Key, Fact], functions: Iterable[Function]
) -> tuple[frozenset[Key], frozenset[Key]]:
    """Return what makes the plain arrays that a name holds before it holds a prediction's values, and what joins them.

    `u = np.ones(n)` before a loop with `u = a / (k @ u)` has to be a tensor; of `u = np.ones(n) / n` the `np.ones(n)`.
    """
    functions = tuple(functions)
    created: set[Key] = set()
    joining: set[Key] = set()
    waiting = [key for value in meeting if value.derived and value.kind is Kind.ARRAY for key in value.makers]
    while waiting:
        key = waiting.pop()
        fact = facts.get(key)
        if (
            fact is None
            or fact.value.derived
            or fact.value.kind is not Kind.ARRAY
            or key in tensors | created | joining
        ):
            continue
        arrays = [each for each in fact.operands if each.kind is Kind.ARRAY]
        if not _within(key, functions):
            continue
        is_whole = key[0] in ("BinOp", "UnaryOp") or fact.callee == "operator.setitem"
        if is_whole and arrays and all(_is_made_in(each, functions) for each in arrays):
            joining.add(key)
            waiting += [maker for each in arrays for maker in each.makers]
        else:
            created.add(key)
    return frozenset(created), frozenset(joining)


def _is_made_in(value: Value, functions: Iterable[Function]) -> bool:
    return bool(value.makers) and all(_within(key, functions) for key in value.makers)


def _is_array(fact: Fact) -> bool:
    return fact.value.kind in (Kind.ARRAY, Kind.NUMBER, Kind.OTHER)


def _may_stay_tensor(fact: Fact, has_rule: Callable[[str], bool]) -> bool:
    is_operator = not fact.callee or fact.callee.startswith("operator.")
    return is_operator or has_rule(fact.callee) or has_rule(inert(fact.callee))


def _comes_from_a_tensor(fact: Fact, facts: dict[Key, Fact]) -> bool:
    """Was this made from the numbers in a tensor? An array that only has its size from one was not."""
    seen: set[Key] = set()
    waiting = [fact]
    is_array = fact.value.kind is Kind.ARRAY
    while waiting:
        made = waiting.pop()
        if _is_drawn(made) or (is_array and made.callee.rpartition(".")[2] in _SIZES):
            continue
        if made.callee.startswith("Tensor."):
            return True
        for operand in made.operands:
            if operand.kind is Kind.TENSOR or operand.derived:
                return True
            waiting += [facts[key] for key in operand.makers - seen if key in facts]
            seen |= operand.makers
    return False


def _functions_around(keys: Iterable[Key], fault: GraphFault) -> list[Function]:
    """Return the functions of the file in which these expressions stand, the innermost of each."""
    found: dict[int, Function] = {}
    known = {id(each.function.node): each.function for each in fault.program.invocations}
    for key in keys:
        around = [each for each in known.values() if _within(key, (each,))]
        if around:
            innermost = max(around, key=lambda each: each.node.lineno)
            found[id(innermost.node)] = innermost
    return list(found.values())


def _within(key: Key, functions: Iterable[Function]) -> bool:
    return any(is_within(key, each.node) for each in functions)


def inputs_of(text: str, fault: GraphFault) -> Inputs:
    """Return all that comes from the parameters of the loss and its helpers in this file."""
    positions = Positions(text)
    values = _values_given(fault)
    functions = tuple(function for function, _ in values.values())
    expressions = {key for function, by_name in values.values() for key in _holding(function, by_name, positions)}
    makers = {maker for _, by_name in values.values() for each in by_name.values() for maker in each.makers}
    return Inputs(functions, frozenset(expressions), frozenset(makers))


def _values_given(fault: GraphFault) -> dict[int, tuple[Function, dict[str, Value]]]:
    """Return the functions that lead to the loss's value, with what each parameter is that is no plain number."""
    numbers = {each.name for each in fault.parameters if each.role == "number"}
    found: dict[int, tuple[Function, dict[str, Value]]] = {}
    for invocation in fault.program.invocations:
        function = invocation.function
        if not is_here(function.node) or differentiates(function.node) or not _leads_there(function, fault):
            continue
        is_the_loss = fault.is_loss(function.node)
        _, by_name = found.setdefault(id(function.node), (function, {}))
        for name, value in invocation.arguments:
            open_kind = value.kind is Kind.OTHER and (is_the_loss or value.unknown)
            has_elements = open_kind or value.kind in (Kind.TENSOR, Kind.ARRAY, Kind.SEQUENCE)
            if has_elements and value.meaning is None and not (is_the_loss and name in numbers):
                by_name[name] = value
    return found


def _leads_there(function: Function, fault: GraphFault) -> bool:
    return any(is_within(key, function.node) for key in fault.reaching)


def _holding(function: Function, names: Iterable[str], positions: Positions) -> Iterator[Key]:
    """Yield the expressions of a function in which one of these names stands, or what was made of one."""
    holding = set(names) - {"self", "cls"}
    size = -1
    while size != len(holding):
        size = len(holding)
        for node in ast.walk(function.node):
            holding |= _bound_by(node, holding)
    for node in ast.walk(function.node):
        if isinstance(node, (ast.expr, ast.AugAssign)) and _mentions(node, holding):
            yield positions.key(node)


def _bound_by(node: ast.AST, holding: set[str]) -> set[str]:
    """Return the names that a statement binds to something made of these."""
    match node:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AugAssign(target=target, value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
            targets = [target]
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            targets = [target]
        case _:
            return set()
    if not _mentions(value, holding):
        return set()
    pieces = [each for target in targets for each in ast.walk(target)]
    return {each.id for each in pieces if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}


def _mentions(node: ast.AST, names: set[str]) -> bool:
    """Does one of these names stand here for its elements, not for its shape?"""
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Attribute) and node.attr in _NO_ELEMENTS:
        return False
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _COUNTING:
        return False
    return any(_mentions(each, names) for each in ast.iter_child_nodes(node))
