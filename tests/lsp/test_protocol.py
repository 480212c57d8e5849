"""What the server makes of messages that a well-kept client never sends, and of texts that few have."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lsp.conftest import COMMAND, ENVIRONMENT

HEAD = "import numpy as np\nimport torch\n\n\n"
LOSS = "def loss_fn(pred, target):\n    return torch.tensor(np.abs(pred.detach().numpy() - target.numpy()).mean())\n"


class Raw:
    """A client that sends whatever it is given."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT
        )
        self.numbers = iter(range(1, 100))
        options = {"initializationOptions": {"trusted": False}}
        self.ask(
            "initialize", {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": options}
        )
        self.tell("initialized", {})

    def tell(self, method: str, params: object, **more: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self.process.stdin.flush()

    def ask(self, method: str, params: object) -> dict[str, Any]:
        number = next(self.numbers)
        self.tell(method, params, id=number)
        return next(each for each in self.heard() if each.get("id") == number and "method" not in each)

    def heard(self) -> Iterator[dict[str, Any]]:
        assert self.process.stdout is not None
        while header := self.process.stdout.readline():
            if header.startswith(b"Content-Length"):
                length = int(header.split(b":")[1])
            elif not header.strip():
                yield json.loads(self.process.stdout.read(length))

    def lines(self, uri: str) -> list[int]:
        """The lines of the next diagnostics that are published for a text."""
        told = (each for each in self.heard() if each.get("method") == "textDocument/publishDiagnostics")
        mine = next(each for each in told if each["params"]["uri"] == uri)
        return [each["range"]["start"]["line"] for each in mine["params"]["diagnostics"]]


@pytest.fixture(scope="module")
def raw() -> Iterator[Raw]:
    client = Raw()
    yield client
    client.process.kill()
    client.process.wait()


def opened(client: Raw, text: str, path: Path) -> str:
    item = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}
    client.tell("textDocument/didOpen", {"textDocument": item})
    return path.as_uri()


@pytest.mark.parametrize(
    "position", [{"line": -1, "character": 0}, {"line": 0, "character": -5}, {"line": "x", "character": 0}]
)
def test_a_position_that_is_none_is_answered_with_an_error(raw: Raw, tmp_path: Path, position: dict[str, Any]) -> None:
    uri = opened(raw, HEAD + LOSS, tmp_path / "loss.py")
    where = {"start": position, "end": {"line": 0, "character": 0}}

    hover = raw.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
    action = raw.ask("textDocument/codeAction", {"textDocument": {"uri": uri}, "range": where, "context": {}})

    assert hover["error"]["code"] == action["error"]["code"] == -32602
    assert "Invalid Params: " in hover["error"]["message"]
    right = raw.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 5, "character": 40}})
    assert "AF102" in right["result"]["contents"]["value"], "it goes on"


def test_a_position_behind_the_text_has_nothing(raw: Raw, tmp_path: Path) -> None:
    uri = opened(raw, HEAD + LOSS, tmp_path / "loss.py")

    hover = raw.ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 9999, "character": 0}})

    assert hover["result"] is None


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_form_feed_ends_no_line_when_a_text_is_changed(raw: Raw, tmp_path: Path, end: str) -> None:
    text = (HEAD + "# one \x0c two \x1c three \x85 four\n\x0c\n" + LOSS + "\n# last\n").replace("\n", end)
    uri = opened(raw, text, tmp_path / "loss.py")
    assert raw.lines(uri) == [7]

    at_end = {"line": 9, "character": 0}
    change = {"range": {"start": at_end, "end": {"line": 9, "character": 6}}, "text": f"# changed{end}"}
    params = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [change]}
    raw.tell("textDocument/didChange", params)
    assert raw.lines(uri) == [7]

    above = {"line": 4, "character": 0}
    change = {"range": {"start": above, "end": above}, "text": f"{end}{end}"}
    raw.tell("textDocument/didChange", {"textDocument": {"uri": uri, "version": 3}, "contentChanges": [change]})

    assert raw.lines(uri) == [9]
