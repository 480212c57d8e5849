"""Compares a text before and after a fix: which expressions hold a tensor now, and who reads them besides the loss.

Takes both texts and the runs of the analysis over them; gives the readers of what held a plain value before and holds a
tensor now, and the edits that give them the plain value again.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from functools import cached_property

from autofix.analysis.looks import Looks
from autofix.analysis.reads import PlainKind, Reads, is_numeric, plain_kinds, strongest_of, whole
from autofix.analysis.values import Value
from autofix.knowledge.frameworks import record_of
from autofix.model import Edit, Framework, Kind
from autofix.rewrite.consumers import is_container_kept, is_indifferent, is_unharmed
from autofix.rewrite.imports import is_bound, module_names
from autofix.source.edits import one_per_place
from autofix.syntax.changed_lines import counterparts
from autofix.syntax.memo import functions_in, nodes_of
from autofix.syntax.module import parents_of
from autofix.syntax.scopes import imports_in
from autofix.syntax.spans import Key, at_line, span

_SHORT = 60
"""Characters of an expression that a reason quotes as a whole."""


class Unseen(Exception):
    """A reader that cannot be given what it had; the text says which."""


class Comparison:
    """A text before and after a fix, and what its expressions hold in either."""

    def __init__(self, before: str, after: str, old: Reads, framework: Framework, looks: Looks) -> None:
        self._before, self._after, self._old = before, after, old
        self._framework: Framework = framework
        self._new, self._way = looks.reads(after, framework), looks.way(after, framework, mended=True)
        self._places = set(map(whole, self._way))
        self._bound = _bound(old.run.tree, self._new.run.tree)
        self._was = counterparts(old.run.tree, self._new.run.tree)
        self._parents = parents_of(self._new.run.tree)
        self._is_unsure = any(_is_unknown(each.value) for each in self._new.run.journal.consumed)

    @property
    def tree(self) -> ast.Module:
        """The text after the fix."""
        return self._new.run.tree

    @property
    def trained(self) -> list[bool]:
        """Whether a gradient reaches each of the values that are differentiated, in their order."""
        return [each.value.live for each in self._new.run.journal.consumed]

    def parent(self, node: ast.AST) -> ast.AST:
        """Return what an expression stands in."""
        return self._parents[node]

    @cached_property
    def readers(self) -> list[ast.expr]:
        """The outermost expressions that have to be written otherwise."""
        return list(self._readers_in(self._new.run.tree))

    def is_live_now(self, node: ast.expr) -> bool:
        """Does an expression hold a tensor for the loss where it held a plain value?"""
        return node in self._was and self._is_changed(node) and self._is_on_the_way(node)

    def is_followed(self, node: ast.expr) -> bool:
        """Is it known what an expression holds?"""
        value = self._new.value_at(node)
        return self._key(node) in self._new.reads or value.derived or is_numeric(value)

    def is_unknown_now(self, node: ast.expr) -> bool:
        """Did an expression come from code that was not followed?"""
        return self._new.value_at(node).unknown

    def is_plain_still(self, node: ast.expr) -> bool:
        """Does an expression give something else than a tensor, as far as that is known?"""
        value = self._new.value_at(node)
        return value.kind is not Kind.TENSOR or not self._is_surely_tensor(value)

    def edits(self) -> list[Edit]:
        """Return what has to be written otherwise first: what a reader gets from another one is plain by then."""
        keys = {self._key(each): each for each in self.readers}
        firsts = [each for each in self.readers if not self._is_behind(each, keys)] or self.readers
        inside = {id(part) for each in firsts for part in ast.walk(each) if part is not each}
        holding = {id(each) for each in firsts if any(id(part) in inside for part in firsts if _is_below(part, each))}
        found = [self._edit_of(each) for each in firsts if id(each) not in holding]
        return one_per_place(each for each in found if each is not None)

    def _readers_in(self, node: ast.AST) -> Iterator[ast.expr]:
        """Yield the expressions that have to be written otherwise; of those that are put back the outermost."""
        if isinstance(node, ast.expr) and self._is_plain_reader(node) and self._has_to_change(node):
            yield node
            if self._is_put_back(node):
                return
        for child in ast.iter_child_nodes(node):
            yield from self._readers_in(child)

    def _is_behind(self, node: ast.expr, readers: Mapping[Key, ast.expr]) -> bool:
        """Does an expression get its value from one of these readers, that put back not from within itself?"""
        made_from = {whole(key) for key in self._new.way_to([self._new.value_at(node)])}
        met = [readers[key] for key in made_from & readers.keys() if readers[key] is not node]
        return any(not (self._is_put_back(node) and _is_below(each, node)) for each in met)

    def _is_put_back(self, node: ast.expr) -> bool:
        """Is an expression to be written as it was, with all that it names still there?"""
        was = self._was[node]
        if ast.dump(node) == ast.dump(was) or isinstance(was, ast.Name):
            return False
        names = {each.id for each in ast.walk(was) if isinstance(each, ast.Name)}
        return names <= self._bound

    def _is_plain_reader(self, node: ast.expr) -> bool:
        """Does an expression hold a live tensor where it held a plain value, off the way to the gradient?"""
        if node not in self._was or isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
            return False
        return self._is_changed(node) and not self._is_on_the_way(node)

    def _is_on_the_way(self, node: ast.expr) -> bool:
        key, makers = self._key(node), self._new.value_at(node).makers
        if key in self._new.reads:
            return key in self._places
        return key in self._way or not makers or bool(makers & self._way)

    def _is_changed(self, node: ast.AST) -> bool:
        was = self._was[node]
        return self._became_tensor(self._old.value_at(was), self._new.value_at(node))

    def _became_tensor(self, old: Value, new: Value) -> bool:
        if is_numeric(old) and is_numeric(new):
            if new.kind is not Kind.TENSOR:
                return False
            severed = not record_of(self._framework).reads_as_plain and new.live and not old.live and bool(old.cuts)
            return old.kind is not Kind.TENSOR or severed
        if old.items is not None and new.items is not None and len(old.items) == len(new.items):
            return any(self._became_tensor(*pair) for pair in zip(old.items, new.items, strict=True))
        return old.element is not None and new.element is not None and self._became_tensor(old.element, new.element)

    def _has_to_change(self, node: ast.expr) -> bool:
        was, is_read = self._was[node], self._key(node) in self._new.reads
        if not is_numeric(self._new.value_at(node)):
            if not is_read or self._may_lead_on(node):
                return False
            several = self._keys_of(node) is not None and self._common_kind(node) is None
            return not is_container_kept(node, self._parents, several)
        kinds = plain_kinds(self._old.value_at(was), self._old)
        if is_unharmed(node, self._parents, kinds, self._framework) or self._may_lead_on(node):
            return False
        return is_read or self._is_put_back(node)

    def _edit_of(self, node: ast.expr) -> Edit | None:
        was = self._was[node]
        assert isinstance(was, ast.expr)
        if self._is_put_back(node):
            return self._replaced(node, ast.get_source_segment(self._before, was) or ast.unparse(was))
        if not is_numeric(self._new.value_at(node)):
            return self._replaced(node, self._plain_container(node))
        kinds, parent = plain_kinds(self._old.value_at(was), self._old), self._parents[node]
        written = self._plain(node, strongest_of(kinds))
        if not record_of(self._framework).reads_as_plain and _is_number_of(parent, node):
            item = f"{self._source(node)}.item()"
            is_float = isinstance(parent, ast.Call) and ast.unparse(parent.func) == "float"
            return self._replaced(parent if is_float else node, item)  # type: ignore[arg-type]
        return self._replaced(node, written)

    def _plain_container(self, node: ast.expr) -> str:
        """Return a list or a dictionary with plain entries in place of the tensors."""
        source = self._source(node)
        changed, display = self._changed_entries(node), self._display_of(source)
        kind = self._common_kind(node)
        each = self._written("each", kind, indifferent=False) if kind is not None else ""
        some = 0 < len(changed) < len(self._keys_of(node) or ())
        if each and isinstance(display, (ast.List, ast.ListComp)):
            return f"[{each} for each in {source}]"
        if each and not some and (isinstance(display, (ast.Dict, ast.DictComp)) or changed):
            return f"{{key: {each} for key, each in {source}.items()}}"
        if not changed or not all(is_numeric(new) and self._is_surely_tensor(new) for _, _, new in changed):
            raise Unseen(f"{self.said(node)} would get a tensor among its entries, and uses them as a whole")
        pairs = (self._plain_entry(source, *each) for each in changed)
        return f"{{**{source}, {', '.join(pairs)}}}"

    def _changed_entries(self, node: ast.expr) -> list[tuple[object, Value, Value]]:
        """Return the entries of a dictionary that became tensors, by their keys, where those are known."""
        old, new, keys = self._old.value_at(self._was[node]), self._new.value_at(node), self._keys_of(node)
        if keys is None or old.items is None or new.items is None:
            return []
        return [each for each in zip(keys, old.items, new.items, strict=True) if self._became_tensor(*each[1:])]

    def _common_kind(self, node: ast.expr) -> PlainKind | None:
        """Return what all entries of a list or a dictionary were, if they are all tensors now."""
        old, new = self._old.value_at(self._was[node]).element, self._new.value_at(node).element
        kinds = plain_kinds(old, self._old) if old is not None else frozenset()
        is_one = len(kinds) == 1 and new is not None and self._is_surely_tensor(new)
        return next(iter(kinds)) if is_one else None

    def _display_of(self, source: str) -> ast.expr | None:
        """Return what a name or an attribute was bound to at first, if it is bound once."""
        assigned = nodes_of(self._new.run.tree, ast.Assign)
        bound = [value for each in assigned for target, value in _pairs(each) if ast.unparse(target) == source]
        if len({type(each) for each in bound}) != 1:
            return None
        named = isinstance(bound[0], ast.Name) and ast.unparse(bound[0]) != source
        return self._display_of(ast.unparse(bound[0])) if named else bound[0]

    def _plain_entry(self, source: str, key: object, old: Value, new: Value) -> str:
        """Return an entry of a dictionary as a plain one: `"loss": out["loss"].item()`."""
        written = f'"{key}"' if isinstance(key, str) and key.isprintable() and not set(key) & {'"', "\\"} else repr(key)
        kind = strongest_of(plain_kinds(old, self._old))
        return f"{written}: {self._written(f'{source}[{written}]', kind, indifferent=False)}"

    def _keys_of(self, node: ast.expr) -> tuple[object, ...] | None:
        """Return the keys of a dictionary, where they are known."""
        value = self._new.value_at(node)
        keys = value.traits.constant
        known = isinstance(keys, tuple) and value.items is not None and len(keys) == len(value.items)
        return keys if known and value.kind is Kind.OTHER else None  # type: ignore[return-value]

    def _is_surely_tensor(self, value: Value) -> bool:
        return is_numeric(value) and plain_kinds(value, self._new) == {PlainKind.TENSOR}

    def _may_lead_on(self, node: ast.AST) -> bool:
        """Does this go into what cannot be followed, while what is differentiated comes from somewhere unknown?"""
        if not self._is_unsure:
            return False
        parent = self._parents[node]
        while isinstance(parent, (ast.keyword, ast.Starred, ast.Tuple, ast.List, ast.Dict)):
            parent = self._parents[parent]
        if isinstance(parent, ast.Assign):
            return any(isinstance(each, ast.Attribute) for each in parent.targets)
        return isinstance(parent, ast.Call) and not isinstance(self._parents[parent], ast.Expr)

    def _plain(self, node: ast.expr, kind: PlainKind) -> str:
        if not self._is_surely_tensor(self._new.value_at(node)):
            raise Unseen(f"{self.said(node)} would get a tensor in one case and a plain value in another")
        return self._written(self._source(node), kind, is_indifferent(node, self._parents))

    def _written(self, source: str, kind: PlainKind, indifferent: bool) -> str:
        """Return how a tensor is written as the plain value of this kind."""
        if record_of(self._framework).reads_as_plain:
            array = self._array(source)
            return {
                PlainKind.FLOAT: f"float({source})",
                PlainKind.DOUBLE: f"float({source})",
                PlainKind.INT: f"int({source})",
                PlainKind.LIST: f"{array}.tolist()",
            }.get(kind, array)
        array = f"{source}.detach().cpu().numpy()" if ".cpu()" in self._before else f"{source}.detach().numpy()"
        if kind in (PlainKind.FLOAT, PlainKind.INT, PlainKind.DOUBLE) or (kind is PlainKind.SCALAR and indifferent):
            return f"{source}.item()"
        return {
            PlainKind.TENSOR: f"{source}.detach()",
            PlainKind.LIST: f"{source}.tolist()",
            PlainKind.SCALAR: f"{array}[()]",
        }.get(kind, array)

    def _array(self, source: str) -> str:
        """Return a tensor as an array, by the module as the file names it; by the tensor's method where it does not."""
        framework, scope = record_of(self._framework), self._new.run.module
        module = module_names(scope)[framework.module]
        template = framework.to_array if is_bound(scope, framework.module, module) else "{0}.numpy()"
        return template.format(source, module)

    def _replaced(self, node: ast.expr, text: str) -> Edit:
        return Edit(span(self._key(node)), text)

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self._after, node) or ast.unparse(node)

    def said(self, node: ast.AST) -> str:
        """Name a reader, and its line in the text as it was."""
        line = self.line(node)
        parent = self._parents[node]
        while not isinstance(parent, ast.stmt) and len(ast.unparse(parent)) < _SHORT:
            node, parent = parent, self._parents[parent]
        return f"`{ast.unparse(self._was.get(node, node))}` in {at_line(line)}"

    def line(self, node: ast.AST) -> int:
        """Return where a node stands in the text as it was."""
        line: int = getattr(self._was.get(node, node), "lineno", 0)
        return line

    def _key(self, node: ast.AST) -> Key:
        return self._new.run.positions.key(node)


def _pairs(node: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each target with what it is bound to, those of `a, b = [], []` one by one."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            yield from zip(target.elts, node.value.elts, strict=False)
        else:
            yield target, node.value


def _is_below(node: ast.AST, other: ast.AST) -> bool:
    return node is not other and any(each is node for each in ast.walk(other))


def _bound(old: ast.Module, new: ast.Module) -> frozenset[str]:
    """Return the names that mean something in a text after a fix; an import that it dropped can be put back."""
    names = {name for name, _ in imports_in(old)}
    names |= {each.id for each in nodes_of(new, ast.Name) if isinstance(each.ctx, ast.Store)}
    names |= {each.name for each in (*functions_in(new), *nodes_of(new, ast.ClassDef))}
    return frozenset(names | {each.arg for each in nodes_of(new, ast.arg)} | set(dir(builtins)))


def _is_unknown(value: Value) -> bool:
    return not value.derived and (value.unknown or value.kind is Kind.OTHER)


def _is_number_of(parent: ast.AST, node: ast.AST) -> bool:
    """Is this `float(node)` or `int(node)`?"""
    return isinstance(parent, ast.Call) and ast.unparse(parent.func) in ("float", "int") and parent.args == [node]
