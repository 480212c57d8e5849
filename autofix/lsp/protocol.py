"""What pygls leaves out of the protocol: lines counted as the protocol counts them, and an answer to bad parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pygls.exceptions import JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.workspace import TextDocument, Workspace

from autofix.source.line_ends import split_lines

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
