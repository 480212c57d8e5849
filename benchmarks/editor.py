"""What an editor waits for: a save, a key, a hover. A real `autofix lsp`, asked over its pipes.

Prints medians and 95th percentiles in milliseconds, beside a bare round trip (a question about a file that is not
open), and the memory of the server with its workers. The first argument is the number of rounds.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from look import FIXTURES, program
from lsprotocol import types
from pygls.lsp.client import LanguageClient

MOST = 50.0
"""Milliseconds that a warm save, and a key in a file of 1,000 lines, may take."""
A_KEY = 0.12
"""Seconds between two keys of somebody who types a hundred words a minute; the server takes faster ones together."""
MEBIBYTE = 1024


class Editor(LanguageClient):
    """A client that remembers which version of each file was answered with diagnostics, and what is proven."""

    def __init__(self) -> None:
        super().__init__("benchmark", "1")
        self.shown: dict[str, int | None] = {}
        self.proven = asyncio.Event()
        self.news = asyncio.Condition()

        @self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def shown(_: object, params: types.PublishDiagnosticsParams) -> None:
            async with self.news:
                self.shown[params.uri] = params.version
                self.news.notify_all()

        @self.feature("autofix/status")
        def told(_: object, params: object) -> None:
            if getattr(params, "state", "") in ("proven", "unproven"):
                self.proven.set()

    def open(self, uri: str, text: str) -> None:
        self.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 1, text)))

    async def type(self, uri: str, version: int, text: str) -> None:
        """Change a text and wait until its diagnostics are there."""
        document = types.VersionedTextDocumentIdentifier(version=version, uri=uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))
        async with self.news:
            await self.news.wait_for(lambda: self.shown.get(uri) == version)

    async def save(self, uri: str) -> None:
        """Ask for what a save does; it must be the fix."""
        everything = types.Range(types.Position(0, 0), types.Position(9999, 0))
        context = types.CodeActionContext([], only=["source.fixAll.autofix"])
        asked = types.CodeActionParams(types.TextDocumentIdentifier(uri), everything, context)
        if not await self.text_document_code_action_async(asked):
            raise SystemExit("the save was answered without a fix")

    async def hover(self, uri: str, line: int) -> None:
        place = types.Position(line, 8)
        await self.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(uri), place))


@dataclass(frozen=True)
class Timed:
    """Wall times in milliseconds, and the server's own processor time for each round."""

    p50: float
    p95: float
    cpu: float

    def __str__(self) -> str:
        return f"p50 {self.p50:.1f} ms, p95 {self.p95:.1f} ms, server's processor time {self.cpu:.1f} ms"


async def timed(server: int, rounds: int, action: Callable[[int], Awaitable[None]], pause: float = 0.0) -> Timed:
    """Time an action `rounds` times, each after a pause in seconds."""
    taken, before = [], processor_time(server)
    for number in range(rounds):
        await asyncio.sleep(pause)
        start = time.perf_counter()
        await action(number)
        taken.append((time.perf_counter() - start) * 1000)
    cpu = (processor_time(server) - before) * 1000 / rounds
    return Timed(statistics.median(taken), statistics.quantiles(taken, n=20)[-1], cpu)


def processor_time(process: int) -> float:
    """The seconds of processor time of a process; 0 where the system does not tell."""
    file = Path(f"/proc/{process}/stat")
    if not file.exists():
        return 0.0
    fields = file.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: int) -> float:
    """The resident memory of a process in MiB; 0 where the system does not tell."""
    status = Path(f"/proc/{process}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / MEBIBYTE for line in lines if line.startswith("VmRSS")), 0.0)


def children(process: int) -> list[int]:
    """All processes below one, where the system lists them."""
    tasks = Path(f"/proc/{process}/task")
    lists = [each / "children" for each in tasks.iterdir()] if tasks.exists() else []
    direct = [int(each) for one in lists if one.exists() for each in one.read_text().split()]
    return [*direct, *(each for one in direct for each in children(one))]


async def measure(folder: Path, rounds: int) -> bool:
    editor = Editor()
    await editor.start_io(sys.executable, "-m", "autofix", "lsp")
    server = editor._server.pid if editor._server else 0
    options = {"python": sys.executable, "delay": 0.0}
    await editor.initialize_async(types.InitializeParams(types.ClientCapabilities(), initialization_options=options))
    editor.initialized(types.InitializedParams())
    broken, large, unknown = ((folder / name).as_uri() for name in ("loss.py", "large.py", "unknown.py"))
    text = (FIXTURES / "torch_mae_broken.py").read_text()
    line = next(number for number, each in enumerate(text.splitlines()) if ".numpy()" in each)
    start = time.perf_counter()
    editor.open(broken, text)
    await editor.proven.wait()
    print(f"opened, looked at and proven, the framework's start included: {time.perf_counter() - start:.1f} s")

    bare = await timed(server, rounds, lambda _: editor.hover(unknown, 1))
    print(f"bare round trip: {bare}")
    saved = await timed(server, rounds, lambda _: editor.save(broken))
    print(f"warm save: {saved}; {saved.p50 / bare.p50:.1f} bare round trips")
    hovered = await timed(server, rounds, lambda _: editor.hover(broken, line))
    print(f"hover on a finding: {hovered}; {hovered.p50 / bare.p50:.1f} bare round trips")
    for name, source in (("small", (FIXTURES / "torch_mae_right.py").read_text()), ("large", program("right"))):
        uri = large.replace("large", name)
        editor.open(uri, source)
        await editor.type(uri, 2, source)
        typed = await timed(server, rounds, lambda n: editor.type(uri, n + 3, f"{source}\n# {n}"), A_KEY)  # noqa: B023
        print(f"a key to its diagnostics, {len(source.splitlines())} lines: {typed}")
    workers = children(server)
    print(f"memory: server {memory(server):.0f} MiB, {len(workers)} worker processes "
          f"{sum(map(memory, workers)):.0f} MiB")  # fmt: skip
    await editor.shutdown_async(None)
    editor.exit(None)
    await editor.stop()
    return saved.p50 <= MOST and typed.p50 <= MOST


def main() -> int:
    """Measure; the status is 1 where a warm save or a key takes longer than it may."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    with tempfile.TemporaryDirectory() as folder:
        return int(not asyncio.run(measure(Path(folder), rounds)))


if __name__ == "__main__":
    sys.exit(main())
