"""A server of `autofix lsp` with the capabilities of a real client, and the texts that are opened in it."""

from __future__ import annotations

import os
import sys

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

COMMAND = [sys.executable, "-m", "autofix", "lsp"]
ENVIRONMENT = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


async def start(client: LanguageClient, name: str, **options: object) -> None:
    client.told = []  # type: ignore[attr-defined]

    @client.feature("autofix/status")
    def told(_: object, params: object) -> None:
        client.told.append((params.uri, params.state, params.message))  # type: ignore[attr-defined]

    capabilities = client_capabilities(name)
    answer = await client.initialize_session(
        types.InitializeParams(capabilities=capabilities, initialization_options=options, workspace_folders=[])
    )
    client.position_encoding = answer.capabilities.position_encoding  # type: ignore[attr-defined]


@pytest_lsp.fixture(
    scope="module",
    params=["visual-studio-code", "neovim"],
    config=ClientServerConfig(server_command=COMMAND, server_env=ENVIRONMENT),
)
async def client(request, lsp_client: LanguageClient):  # type: ignore[no-untyped-def]
    await start(lsp_client, request.param, delay=0.1, saveBudget=20.0)
    yield
    await lsp_client.shutdown_session()


@pytest_lsp.fixture(scope="module", config=ClientServerConfig(server_command=COMMAND, server_env=ENVIRONMENT))
async def untrusted(lsp_client: LanguageClient):  # type: ignore[no-untyped-def]
    await start(lsp_client, "visual-studio-code", trusted=False, delay=0.05)
    yield
    await lsp_client.shutdown_session()
