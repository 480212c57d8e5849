"""What must never happen: code run unasked, a proof for an old text, a process left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient, make_test_lsp_client

from tests.lsp.conftest import COMMAND, ENVIRONMENT, start
from tests.lsp.editing import BROKEN, FIX_ALL, MENDED, File, until

pytestmark = pytest.mark.torch

RUNS_AND_TELLS = "open({path!r}, 'a').write('x')\n"
ENDLESS = BROKEN.replace("    diff =", "    while True:\n        pass\n    diff =")


@pytest.fixture
async def fresh(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Starts servers of their own for one test."""
    clients: list[LanguageClient] = []

    async def begin(**options: object) -> LanguageClient:
        client = make_test_lsp_client()
        await client.start_io(*COMMAND, env=ENVIRONMENT)
        clients.append(client)
        await start(client, "visual-studio-code", **{"delay": 0.05, "saveBudget": 20.0, **options})
        return client

    yield begin
    for client in clients:
        with contextlib.suppress(RuntimeError):  # a test may have ended its server
            await client.shutdown_session()
            await client.stop()


def children(pid: int) -> list[int]:
    """The processes below one, with their own."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found += [int(entry.name), *children(int(entry.name))]
    return found


async def gone(pids: list[int]) -> None:
    await until(lambda: True if not any(Path(f"/proc/{pid}").exists() for pid in pids) else None, f"the end of {pids}")


async def test_an_untrusted_workspace_gets_diagnostics_and_runs_nothing(
    untrusted: LanguageClient, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    file = File(untrusted, tmp_path / "loss.py", RUNS_AND_TELLS.format(path=str(trace)) + BROKEN)

    await file.diagnostics(["AF102"])
    assert "not trusted" in await file.state("off")

    assert await file.save() == file.text
    (action,) = await file.actions("quickfix")
    assert action.disabled is not None
    assert not trace.exists()
    assert children(untrusted._server.pid) == []  # type: ignore[union-attr]


async def test_proofs_can_be_switched_off(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh(verify=False)
    file = File(client, tmp_path / "loss.py", BROKEN)

    assert "switched off" in await file.state("off")
    assert await file.save() == BROKEN


async def test_a_save_waits_no_longer_than_its_budget(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh(saveBudget=0.2)
    file = File(client, tmp_path / "loss.py", ENDLESS)
    await file.diagnostics(["AF102"])

    began = time.monotonic()
    assert await file.save() == ENDLESS

    assert time.monotonic() - began < 1.5


async def test_a_result_for_an_older_text_is_dropped(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)
    await file.diagnostics(["AF102"])

    asked = asyncio.create_task(file.actions(FIX_ALL))
    await asyncio.sleep(0.05)
    file.type(BROKEN + "# typed meanwhile\n")

    assert await asked == []
    assert await file.save() == MENDED + "# typed meanwhile\n"


async def test_typing_ends_an_endless_proof_and_the_next_is_made_at_once(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    File(client, tmp_path / "warm.py", BROKEN)
    file = File(client, tmp_path / "loss.py", ENDLESS)
    await file.state("proving")
    await asyncio.sleep(3.0)

    file.type(BROKEN)
    began = time.monotonic()

    assert await file.save() == MENDED
    assert time.monotonic() - began < 8


async def test_a_worker_that_is_killed_is_replaced(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)
    assert await file.save() == MENDED

    for pid in children(client._server.pid):
        os.kill(pid, signal.SIGKILL)
    file.type(BROKEN + "# again\n")

    assert await file.save() == MENDED + "# again\n"


async def test_a_worker_that_is_killed_at_work_costs_one_proof_and_no_more(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", ENDLESS)
    await file.state("proving")
    await until(lambda: children(client._server.pid) or None, "a worker")

    for pid in children(client._server.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    file.type(BROKEN)
    assert await file.save() == MENDED


async def test_closing_a_file_ends_its_proof_and_not_that_of_another(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    closed = File(client, tmp_path / "closed.py", ENDLESS)
    await closed.state("proving")
    kept = File(client, tmp_path / "kept.py", BROKEN)
    await kept.diagnostics(["AF102"])

    closed.close()

    assert await closed.diagnostics([]) == []
    assert await kept.save() == MENDED
    assert "closed.py" not in [Path(uri).name for uri, state, _ in client.told if state == "proven"]


async def test_a_renamed_file_is_another_one(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    before = File(client, tmp_path / "before.py", BROKEN)
    await before.diagnostics(["AF102"])

    before.close()
    after = File(client, tmp_path / "after.py", BROKEN)

    assert await after.save() == MENDED
    assert await before.diagnostics([]) == []


async def test_a_save_without_a_change_keeps_what_is_known(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)
    await file.state("proven")
    client.told.clear()

    file.saved()

    assert await file.save() == MENDED
    assert await file.diagnostics(["AF102"])
    assert "proving" not in [state for _, state, _ in client.told]


async def test_a_loss_that_prints_does_not_break_the_protocol(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    noise = "    print('Content-Length: 3')\n    import os\n    os.write(1, b'noise')\n    diff ="
    file = File(client, tmp_path / "loss.py", BROKEN.replace("    diff =", noise))
    await file.state("proven", "unproven")
    file.type(BROKEN)

    assert await file.save() == MENDED


async def test_another_interpreter_is_taken_up(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh(python="/nonexistent/python")
    file = File(client, tmp_path / "loss.py", BROKEN)
    assert "/nonexistent/python" in await file.state("unproven")
    assert await file.save() == BROKEN

    settings = {"autofix": {"python": sys.executable}}
    client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))

    await file.state("proven")
    assert await file.save() == MENDED


async def test_a_change_of_pyproject_is_taken_up(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "pyproject.toml").write_text("[tool.autofix]\n")
    tmp_path.chmod(0o755)
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)
    await file.diagnostics(["AF102"])

    (tmp_path / "pyproject.toml").write_text('[tool.autofix]\nignore = ["AF102"]\n')
    event = types.FileEvent((tmp_path / "pyproject.toml").as_uri(), types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    assert await file.diagnostics([]) == []


async def test_a_change_of_pyproject_that_nobody_tells_of_is_seen_at_a_save(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "pyproject.toml").write_text("[tool.autofix]\n")
    tmp_path.chmod(0o755)
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)
    await file.diagnostics(["AF102"])

    (tmp_path / "pyproject.toml").write_text('[tool.autofix]\nignore = ["AF102"]\n')
    file.saved()

    assert await file.diagnostics([]) == []
    assert await file.save() == BROKEN


async def test_progress_is_shown_while_a_command_waits(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)

    await client.protocol.send_request_async("autofix/preview", {"uri": file.uri})

    (reports,) = client.progress_reports.values()
    assert [type(each).__name__ for each in reports] == ["WorkDoneProgressBegin", "WorkDoneProgressEnd"]


async def test_after_shutdown_nothing_is_left_running(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", BROKEN)
    await file.save()
    running = [client._server.pid, *children(client._server.pid)]
    assert len(running) > 1

    await client.shutdown_session()

    await gone(running)


async def test_a_client_that_vanishes_leaves_nothing_running(fresh, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    client = await fresh()
    file = File(client, tmp_path / "loss.py", ENDLESS)
    await file.state("proving")
    await asyncio.sleep(1.0)
    running = children(client._server.pid)

    client._server._transport.get_pipe_transport(0).close()

    await gone(running)
