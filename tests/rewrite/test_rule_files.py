"""A file of rules may take rules of a file beside it; reasons are read for every framework."""

from __future__ import annotations

from pathlib import Path

import libcst as cst

from autofix.model import Exit, Kind, Reason
from autofix.rewrite.catalogue import Argument, Catalogue
from autofix.rewrite.literal import code_of
from autofix.rewrite.rules import read_rules

_HALVES = """
import torch

FOR = "halves"


def half(x):
    return _over(x, 2)


def half__of_integers(x):
    return _over(x, 2.0)


def third(x):
    return _over(x, 3)


def _over(x, n):
    return torch.abs(x) / n
"""
_BORROWED = """
from autofix.rules.torch.halves import half as half

FOR = "borrowed"


def twice(x):
    return x * 2
"""


def _folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "torch").mkdir(exist_ok=True)
    (tmp_path / "reasons").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / name.replace("__", "/")).with_suffix(".py").write_text(text, encoding="utf-8")
    return tmp_path


def _tried(catalogue: Catalogue, name: str) -> list[str] | str:
    found = catalogue.render(name, [Argument(cst.Name("x"), Kind.TENSOR)], {"torch": "torch"})
    return found.text if isinstance(found, Reason) else [code_of(each.expression) for each in found]


def test_a_rule_is_taken_with_its_alternatives_and_what_it_calls(tmp_path: Path) -> None:
    folder = _folder(tmp_path, torch__halves=_HALVES, torch__borrowed=_BORROWED)

    assert set(read_rules(folder / "torch/borrowed.py").names()) == {"half", "twice"}
    assert _tried(Catalogue.load("torch", (folder,)), "borrowed.half") == ["torch.abs(x) / 2", "torch.abs(x) / 2.0"]


def test_what_is_not_taken_is_no_rule_there(tmp_path: Path) -> None:
    folder = _folder(tmp_path, torch__halves=_HALVES, torch__borrowed=_BORROWED)

    assert _tried(Catalogue.load("torch", (folder,)), "borrowed.third") == "there is no rule for borrowed.third"
    assert _tried(Catalogue.load("torch", (folder,)), "halves.third") == ["torch.abs(x) / 3"]


def test_a_reason_counts_for_every_framework_and_a_rule_comes_before_it(tmp_path: Path) -> None:
    reasons = _HALVES.replace("return torch.abs(x) / n", "raise NotImplementedError('no halves')")
    reasons = reasons.replace("_over(x, n)", "sixth(x)")
    folder = _folder(tmp_path, torch__halves=_HALVES, reasons__halves=reasons)

    for framework in ("tensorflow", "torch"):
        reason = Catalogue.load(framework, (folder,)).reason("halves.sixth")

        assert reason is not None
        assert (reason.text, reason.exit) == ("no halves", Exit.RULE)
    assert _tried(Catalogue.load("torch", (folder,)), "halves.half") == ["torch.abs(x) / 2", "torch.abs(x) / 2.0"]


def test_a_rule_whose_part_refuses_is_refused(tmp_path: Path) -> None:
    refusing = _HALVES.replace("    return torch.abs(x) / n", "    raise NotImplementedError('no halves')")
    refusing = refusing.replace("return _over(x, 3)", "return torch.exp(_over(x, 3))")
    folder = _folder(tmp_path, torch__halves=refusing)

    assert _tried(Catalogue.load("torch", (folder,)), "halves.third") == "no halves"
