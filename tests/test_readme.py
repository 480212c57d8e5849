"""What the README says is so: its commands are what is checked, and every option is in it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import click
import pytest

from autofix.cli import fix, run
from autofix.pipeline import look
from autofix.report.text import Style, preview
from autofix.source.settings import KEYS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_it_opens_with_the_two_commands() -> None:
    first, second = COMMANDS[:2]

    assert README.index(second) < README.index("\n## ")
    assert first.startswith("python3 -m venv .venv && .venv/bin/pip install -c constraints.txt '.[torch]' && ")
    assert (ROOT / first.split()[-1]).is_file()
    assert second.endswith("-e '.[torch,tensorflow,test]' && .venv/bin/pytest -n auto --dist loadfile\n")


def test_the_finding_that_it_shows_is_what_is_printed() -> None:
    [shown] = re.findall(r"^```\n(loss\.py:.*?)^```$", README, re.MULTILINE | re.DOTALL)
    findings = look((ROOT / "fixtures" / "torch_mae_broken.py").read_text(encoding="utf-8"), "loss.py").findings

    assert preview(findings, Style()).startswith(shown)
    assert "→ the gradient is lost here" in shown


@pytest.mark.parametrize("number", [1, 2])
def test_ci_runs_the_same_commands(number: int) -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    [extraction] = re.findall(r"^command_of_readme\(\) .*$", script, re.MULTILINE)
    done = subprocess.run(
        ["bash", "-c", f"{extraction}\ncommand_of_readme {number}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == COMMANDS[number - 1]
    assert f"$(command_of_readme {number})" in script


def test_every_option_is_in_it() -> None:
    options = [name for option in fix.params if isinstance(option, click.Option) for name in option.opts]

    assert len(options) > 10
    assert [name for name in options if f"`{name}" not in README and name not in ("--quiet", "--verbose")] == []


def test_it_names_no_option_that_is_not_there() -> None:
    known = {name for option in (*fix.params, *run.params) for name in option.opts} | {"--help"}

    assert [name for name in re.findall(r"`(--[a-z-]+)", README) if name not in known] == []


def test_every_key_is_in_it() -> None:
    configuration = README.partition("## Configuration")[2].partition("\n## ")[0]

    assert [key for key in KEYS if not re.search(rf"\b{key}\b", configuration)] == []


def test_the_example_of_the_diff_is_what_the_fixtures_hold() -> None:
    diff = README.partition("```diff\n")[2].partition("```")[0].splitlines()
    broken, right = ("\n".join(line[1:] for line in diff if line[0] in f" {side}") for side in ("-", "+"))

    assert broken in (ROOT / "fixtures" / "torch_mae_broken.py").read_text()
    assert right in (ROOT / "fixtures" / "torch_mae_right.py").read_text()
