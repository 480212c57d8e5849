"""`autofix rules`: the catalogue as a list, and one name's page."""

from __future__ import annotations

import json

import pytest

from autofix import listing
from autofix.cli import main


def _run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as stop:
        main(["rules", *words])
    printed = capsys.readouterr()
    return int(str(stop.value.code)), printed.out, printed.err


def test_a_name_shows_its_signature_and_both_spellings(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = _run(capsys, "np.std")

    assert status == 0
    assert out.startswith("numpy.std(a, axis=None")
    assert "  np.std(a)\n    -> torch.std(a, correction=0)\n" in out
    assert "  np.std(a)\n    -> tf.math.reduce_std(a)\n" in out


def test_what_cannot_be_rewritten_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = _run(capsys, "numpy.argmax")

    assert out.count("  none: ") == 2
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
    assert all(set(row) == {"name", "torch", "tensorflow", "reason"} for row in rows)
    assert [row for row in rows if row["name"] == "numpy.mean"] == [
        {"name": "numpy.mean", "torch": True, "tensorflow": True, "reason": ""}
    ]
    assert all(row["reason"] for row in rows if not row["torch"] and not row["tensorflow"])


def test_a_name_that_nothing_holds_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = _run(capsys, "np.no_such_function")

    assert (status, out) == (2, "")
    assert "np.no_such_function" in err


def test_an_abbreviation_stands_for_numpy_only_at_the_start() -> None:
    assert listing.full_name("np.mean") == "numpy.mean"
    assert listing.full_name("ndarray.mean") == "ndarray.mean"
    assert listing.full_name("scipy.np.x") == "scipy.np.x"
