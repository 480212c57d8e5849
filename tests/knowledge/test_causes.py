"""Every cause has a page, every page is whole, and its examples are Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from autofix.knowledge.causes import TRAITS, cause, codes, expand, page, titles

CODES = codes()
HEADINGS = ["What happens", "Why", "Example", "When it is not a fault", "What people recommend wrongly"]
PACKAGE = Path(__file__).parents[2] / "autofix"


def _page(code: str) -> str:
    text = page(code)
    assert text is not None
    return text


def test_the_codes_of_each_hundred_are_numbered_without_a_gap() -> None:
    numbers = [int(code[2:]) for code in CODES]

    assert all(re.fullmatch(r"AF\d{3}", code) for code in CODES)
    assert numbers == [
        number for first in (1, 101, 201, 301) for number in range(first, first + 90) if number in numbers
    ]
    assert all(number - 1 in numbers or number % 100 == 1 for number in numbers)


@pytest.mark.parametrize("code", CODES)
def test_front_matter_has_known_keys_and_traits(code: str) -> None:
    record = cause(code)

    assert record.traits <= TRAITS.keys()
    assert record.title and "{" not in record.what.replace("{operation}", "")


@pytest.mark.parametrize("code", [each for each in CODES if "for-the-author" in cause(each).traits])
def test_what_is_for_the_author_to_decide_comes_with_what_to_do(code: str) -> None:
    assert cause(code).instead


def test_a_code_without_a_page_has_no_record() -> None:
    with pytest.raises(KeyError):
        cause("AF999")


def test_what_the_engine_reads_is_not_printed() -> None:
    assert all((page(code) or "").startswith(f"# {code}: ") for code in CODES)


def test_every_code_in_the_source_has_a_page() -> None:
    named = {code for file in PACKAGE.rglob("*.py") for code in re.findall(r"AF\d\d\d", file.read_text("utf-8"))}

    assert named <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_page_is_whole(code: str) -> None:
    text = _page(code)

    assert re.match(rf"# {code}: \S.*\n", text)
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert all(section.strip() for section in re.split(r"^#+ .*$", text, flags=re.MULTILINE)[2:])


@pytest.mark.parametrize("code", CODES)
def test_before_and_after_parse_and_differ(code: str) -> None:
    before, after = re.findall(r"^```python\n(.*?)^```$", _page(code), re.MULTILINE | re.DOTALL)

    same = ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    assert before != after
    assert same == (code == "AF001")  # which is about comments


def test_lower_case_is_accepted() -> None:
    assert page("af103") == page("AF103")


@pytest.mark.parametrize("code", ["AF999", "AF10", "", "../AF103", "AF103.md"])
def test_no_such_page(code: str) -> None:
    assert page(code) is None


def test_titles() -> None:
    assert titles()["AF101"] == "NumPy function on a tensor"


def test_prefixes() -> None:
    steps = tuple(f"AF3{number:02}" for number in range(1, 13))
    assert expand(("AF101", "af3")) == ("AF101", *steps)
    assert expand(("AF101", "AF9")) == "AF9"
    assert expand(("",)) == ""
