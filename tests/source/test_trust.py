"""Where nothing can be confined nothing of a project is executed, unless the user types so or trusts its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autofix import cli
from autofix.source import trust
from autofix.verify.verifier import Verifier
from autofix.worker import jail
from tests.verify import attacks
from tests.verify.asking import request
from tests.verify.pythons import WITHOUT_JAIL, python

CUT = "import torch\ndef loss(y_pred, y_true):\n    return float((y_true - y_pred).abs().mean())\n"
MAE = CUT.replace("float(", "(")


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(trust.VARIABLE, str(tmp_path / "configuration"))
    return tmp_path / "configuration"


@pytest.fixture
def no_jail(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS, Windows and with old kernels."""
    monkeypatch.setattr(jail, "version", lambda: 0)


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    return int(ended.value.code or 0)


def test_a_folder_is_trusted_listed_and_revoked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to("project")
    assert run("trust", str(tmp_path / "link")) == 0
    assert run("trust", str(tmp_path / "project")) == 0
    assert str(tmp_path / "project") in capsys.readouterr().out
    assert run("trust", "--list") == 0
    assert capsys.readouterr().out == f"{tmp_path / 'project'}\n"
    assert run("trust", "--revoke", str(tmp_path / "link")) == 0
    assert run("trust", "--list") == 0
    assert capsys.readouterr().out == f"no longer trusted: {tmp_path / 'link'}\n"


def test_one_that_is_gone_can_be_revoked(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    trust.trust(tmp_path / "project")
    (tmp_path / "project").rmdir()
    assert run("trust", "--revoke", str(tmp_path / "project")) == 0
    assert trust.trusted_folders() == ()


@pytest.mark.parametrize("words", [(), ("--list", "."), ("--list", "--revoke", "."), ("nowhere",), ("--revoke", ".")])
def test_wrong_use_changes_nothing(words: tuple[str, ...], configuration: Path) -> None:
    assert run("trust", *words) == 2
    assert not configuration.exists()


def test_what_lies_in_it_is_trusted_and_what_is_called_alike_is_not(tmp_path: Path) -> None:
    for name in ("project/src", "project-evil", "other"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "project/out").symlink_to(tmp_path / "other")
    trust.trust(tmp_path / "project")
    assert trust.is_trusted(tmp_path / "project/src/loss.py") and trust.is_trusted(tmp_path / "project")
    assert not any(trust.is_trusted(tmp_path / name) for name in ("project-evil", "other", "project/out/x.py", "."))


BROKEN = ["", "{", "[]", '{"folders": 3}', '{"folders": [1]}', '{"folders": ["relative"]}', "\x00", "[" * 100000]


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_list_trusts_nothing_and_is_named(
    tmp_path: Path, configuration: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration.mkdir()
    (configuration / "trusted.json").write_text(content)
    assert not trust.is_trusted(tmp_path)
    for words in (("--list",), (str(tmp_path),), ("--revoke", str(tmp_path))):
        assert run("trust", *words) == 2
        assert str(configuration / "trusted.json") in capsys.readouterr().err
    assert (configuration / "trusted.json").read_text() == content


def test_a_list_that_is_no_file_is_not_read(configuration: Path, tmp_path: Path) -> None:
    configuration.mkdir()
    (configuration / "trusted.json").symlink_to("/dev/zero")
    assert not trust.is_trusted(tmp_path)


def test_nothing_is_left_beside_the_list(tmp_path: Path, configuration: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        trust.trust(tmp_path / name)
    assert [one.name for one in configuration.iterdir()] == ["trusted.json"]
    assert json.loads((configuration / "trusted.json").read_text()) == {"folders": [f"{tmp_path}/a", f"{tmp_path}/b"]}


@pytest.mark.torch
@pytest.mark.usefixtures("no_jail")
@pytest.mark.parametrize("way", attacks.WAYS)
def test_without_a_jail_nothing_is_executed(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = attacks.project(tmp_path)
    attacks.WAYS[way](root, attacks.TELLS)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    assert run("--no-cache", str(root / "loss.py")) == 1
    said = capsys.readouterr().out
    assert "no sandbox is available (it needs Landlock" in said
    assert "--allow-unsandboxed" in said and f"`autofix trust {root}`" in said
    assert attacks.marks(tmp_path) == []


@pytest.mark.torch
@pytest.mark.usefixtures("no_jail")
@pytest.mark.parametrize("how", ["typed", "trusted"])
def test_the_user_may_say_so_once_or_for_good(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = attacks.project(tmp_path)
    attacks.as_setting(root, "raise SystemExit('it was run')\n")
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    if how == "trusted":
        trust.trust(root)
    run("--no-cache", *(["--allow-unsandboxed"] if how == "typed" else []), str(root / "loss.py"))
    assert "it was run" in capsys.readouterr().out
    trust.revoke(root)
    run("--no-cache", str(root / "loss.py"))
    assert "it was run" not in capsys.readouterr().out
    attacks.shared(tmp_path).unlink()


@pytest.mark.torch
@pytest.mark.usefixtures("no_jail")
def test_only_what_is_trusted_is_run_and_its_evidence_says_unsandboxed(tmp_path: Path) -> None:
    for name in ("mine", "theirs"):
        (tmp_path / name).mkdir()
    trust.trust(tmp_path / "mine")
    with Verifier(python(tmp_path, WITHOUT_JAIL), timeout=20.0) as verifier:
        mine, theirs = (
            verifier.verify(request("torch", "loss", "y_pred:p y_true:t", CUT, MAE, path=str(tmp_path / name / "a.py")))
            for name in ("mine", "theirs")
        )
    assert mine.status == "verified" and mine.evidence is not None and not mine.evidence.sandboxed
    assert theirs.reason.startswith("no sandbox is available (")


def test_a_project_can_neither_trust_itself_nor_open_the_door(tmp_path: Path) -> None:
    for key in ("trust", "trusted", "allow-unsandboxed"):
        (tmp_path / "pyproject.toml").write_text(f"[tool.autofix]\n{key} = true\n")
        (tmp_path / "a.py").touch()
        assert run(str(tmp_path / "a.py")) == 2
