"""`autofix rules`: the catalogue as a list, and one name's page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autofix.cli import main
from autofix.report import listing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["rules", *words])
    printed = capsys.readouterr()
    return int(str(stop.value.code)), printed.out, printed.err


def test_a_name_shows_its_signature_and_each_spelling(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "np.std")

    assert status == 0
    assert out.startswith("numpy.std(a, axis=None")
    assert "  np.std(a)\n    -> torch.std(a, correction=0)\n" in out
    assert "  np.std(a)\n    -> tf.math.reduce_std(a)\n" in out
    assert "  np.std(a)\n    -> ops.std(a)\n" in out


def test_what_cannot_be_rewritten_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "numpy.argmax")

    assert out.count("  none: ") == 3
    assert "gradient" in out


def test_the_list_is_filtered_by_name_and_framework(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "numpy.linalg", "--framework", "torch")

    names = [line.split()[0] for line in out.splitlines()]
    assert "numpy.linalg.norm" in names
    assert all(name.startswith("numpy.linalg.") for name in names)
    assert all(line.split()[1] == "torch" for line in out.splitlines())


def test_json_gives_every_name_once_with_a_reason_where_there_is_no_rule(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "--format", "json")

    rows = json.loads(out)
    assert len({row["name"] for row in rows}) == len(rows) > 300
    assert all(set(row) == {"name", "torch", "tensorflow", "keras", "reason"} for row in rows)
    assert [row for row in rows if row["name"] == "numpy.mean"] == [
        {"name": "numpy.mean", "torch": True, "tensorflow": True, "keras": True, "reason": ""}
    ]
    assert all(row["reason"] for row in rows if not (row["torch"] or row["tensorflow"] or row["keras"]))


def test_a_name_that_nothing_holds_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, "np.qqzzxx")

    assert (status, out) == (2, "")
    assert "np.qqzzxx" in err
    assert "`autofix rules` lists them all" in err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("np.maen", "numpy.mean"), ("numpy.linalg.nrom", "numpy.linalg.norm"), ("logsumxp", "logsumexp")],
)
def test_a_name_that_is_nearly_right_is_suggested(capsys: pytest.CaptureFixture[str], typed: str, meant: str) -> None:
    status, out, err = _run(capsys, typed, "--format", "json")

    assert (status, out) == (2, "")
    assert "did you mean " in err
    assert meant in err


def test_a_page_shows_a_line_of_a_loss_before_and_after(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "np.std")

    assert "  in a loss: value = np.std(y_pred.detach().numpy())\n" in out
    assert "    ->       value = torch.std(y_pred, correction=0)\n" in out
    assert "  in a loss: value = np.std(y_pred.numpy())\n    ->       value = tf.math.reduce_std(y_pred)\n" in out


def test_the_list_has_columns_and_its_counts_are_not_for_the_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = _run(capsys, "numpy.linalg")

    rows = out.splitlines()
    assert {row.index(" torch ") for row in rows if " torch " in row} == {max(len(row.split()[0]) for row in rows) + 1}
    assert err.strip().startswith(f"{len(rows)} names: ")


def test_rules_of_ones_own_are_listed_with_their_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine" / "torch" / "soft.py"
    file.parent.mkdir(parents=True)
    file.write_text('FOR = "mylib"\n\n\ndef soft(x):\n    return x * x\n')
    (tmp_path / "pyproject.toml").write_text('[tool.autofix]\nrules = ["mine"]\n')
    monkeypatch.chdir(tmp_path)
    (_, listed, _), (_, page, _), (_, bundled, _) = (_run(capsys, each) for each in ("mylib.", "mylib.soft", "np.std"))

    assert listed == f"mylib.soft  torch  -           -      ({file})\n"
    assert f"  your own rule: {file}\n  mylib.soft(x)\n    -> x * x\n" in page
    assert "your own rule" not in bundled


def test_the_page_of_the_documentation_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "--format", "markdown")

    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == out


def test_every_name_of_that_page_has_a_rule_or_a_reason() -> None:
    known = listing.catalogues()
    rows = [line.split(" | ") for line in listing.markdown(list(listing.rows(known))).splitlines() if "`" in line[:4]]

    assert len(rows) > 300
    for name, torch, tensorflow, keras, reason in rows:
        assert "yes" in (torch, tensorflow, keras) or reason.rstrip(" |"), name


def test_an_abbreviation_stands_for_numpy_only_at_the_start() -> None:
    assert listing.full_name("np.mean") == "numpy.mean"
    assert listing.full_name("ndarray.mean") == "ndarray.mean"
    assert listing.full_name("scipy.np.x") == "scipy.np.x"
