"""What pygls leaves out of the protocol: what a client sets, how lines are counted, an answer to bad parameters.

A client sets `initializationOptions` and the section `autofix` of its configuration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.workspace import TextDocument, Workspace

from autofix.source.files import split_lines


@dataclass(frozen=True)
class Options:
    """`python` is the interpreter that has the frameworks, empty for the one a file's folder shows.

    Without `trusted` or `verify` nothing is executed. Where nothing can be confined, code runs only in an editor that
    has said `trusted` itself: `trust_given`. `save_budget` is how many seconds a save may wait for proofs that
    are not finished; `delay` how many pass after the last key before proofs begin.
    """

    python: str = ""
    trusted: bool = True
    verify: bool = True
    save_budget: float = 1.0
    delay: float = 0.4
    trust_given: bool = False

    @property
    def executes(self) -> bool:
        """Whether losses may be run at all."""
        return self.trusted and self.verify

    def changed(self, given: object) -> Options:
        """The options with those of a client over them; what is of the wrong type is left out."""
        if not isinstance(given, Mapping):
            return self
        names = {_camel(each.name): each.name for each in fields(self) if each.name != "trust_given"}
        fresh: dict[str, object] = {}
        for key, value in given.items():
            name = names.get(str(key))
            kind = type(getattr(self, name)) if name else None
            if name and (isinstance(value, kind) if kind is not float else _is_seconds(value)):  # type: ignore[arg-type]
                fresh[name] = value
        fresh["trust_given"] = fresh.get("trusted", self.trust_given)
        return replace(self, **fresh)  # type: ignore[arg-type]


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def _is_seconds(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


NOT_UNDERSTOOD = "$/notUnderstood"
"""What is left of a message that was answered with an error: a notification that every server may ignore."""


class Protocol(LanguageServerProtocol):
    """pygls' protocol that answers a request whose parameters are wrong; else its client would wait for ever."""

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return a message of the client as a typed one."""
        try:
            return super().structure_message(data)
        except JsonRpcInvalidParams as error:
            if "id" in data and "method" in data:
                told = JsonRpcInvalidParams(f"{error.message}: {_first_fault(error.__cause__)}")
                self._send_response(data["id"], error=told.to_response_error())
            return JsonRPCNotification(NOT_UNDERSTOOD, "2.0", None)


def _first_fault(error: BaseException | None) -> object:
    """Return what is wrong with the first wrong parameter: errors of a structure hold those of its parts."""
    inner = getattr(error, "exceptions", None)
    return _first_fault(inner[0]) if inner else error


class Document(TextDocument):
    """A text whose lines end where the protocol says: at `\\n`, `\\r\\n` and `\\r`, not at a form feed."""

    @property
    def lines(self) -> Sequence[str]:
        """The lines with their ends."""
        return split_lines(self.source)


def with_documents(workspace: Workspace) -> None:
    """Have a workspace make documents of our kind; pygls offers no other way to."""

    def create(doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None):  # type: ignore[no-untyped-def]
        kind, codec = workspace._sync_kind, workspace.position_codec
        return Document(doc_uri, source, version, language_id, sync_kind=kind, position_codec=codec)

    workspace._create_text_document = create  # type: ignore[method-assign]
