"""Neovim with the configuration of the documentation: a save writes the proven fix."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.lsp.editing import BROKEN, MENDED

CONFIGURATION = Path(__file__).parents[2] / "docs/editors/neovim.lua"
DRIVE = """
local function wait(what, look)
  if not vim.wait(60000, look, 100) then
    io.stderr:write("waited in vain for " .. what .. "\\n")
    vim.cmd("cquit")
  end
end
wait("diagnostics", function() return #vim.diagnostic.get(0) == tonumber(vim.env.EXPECTED) end)
vim.wait(tonumber(vim.env.PAUSE))
vim.api.nvim_buf_set_lines(0, -1, -1, false, { "# typed" })
vim.wait(tonumber(vim.env.PAUSE))
vim.cmd("write")
vim.cmd("qall!")
"""


@pytest.fixture
def nvim() -> str:
    found = shutil.which("nvim")
    if found is None:
        warnings.warn("NEOVIM WAS NOT TRIED: there is no nvim on the PATH", stacklevel=1)
        pytest.skip("there is no nvim on the PATH")
    return found


@pytest.mark.torch
@pytest.mark.neovim
@pytest.mark.parametrize(
    ("text", "saved", "findings"), [(BROKEN, MENDED, 1), (MENDED, MENDED, 0)], ids=["broken", "right"]
)
def test_a_save_writes_the_proven_fix(nvim: str, tmp_path: Path, text: str, saved: str, findings: int) -> None:
    file, drive = tmp_path / "loss.py", tmp_path / "drive.lua"
    file.write_text(text)
    drive.write_text(DRIVE)
    environment = {
        **os.environ,
        "AUTOFIX_COMMAND": str(Path(sys.executable).with_name("autofix")),
        "VIRTUAL_ENV": sys.prefix,
        "EXPECTED": str(findings),
        "PAUSE": "6000" if findings else "500",
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "CUDA_VISIBLE_DEVICES": "-1",
    }

    ran = subprocess.run(
        [nvim, "--headless", "--clean", "-u", str(CONFIGURATION), str(file), "-c", f"luafile {drive}"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stderr
    assert file.read_text() == saved + "# typed\n"
