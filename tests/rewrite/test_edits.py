"""The edits of one fix stand on the file as it was read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autofix.model import Edit, Span
from autofix.source.edits import apply_edits, edits_between, one_per_place, stretch_of
from autofix.source.files import split_lines

READ = "import numpy as np\n\na = np.abs(x)\nb = 1\nc = np.exp(y)\nd = 2\n"
FIRST = READ.replace("a = np.abs(x)\n", "# longer\na = torch.abs(x)\n")
BOTH = FIRST.replace("np.exp", "torch.exp")


def test_an_edit_after_an_earlier_fix_names_the_lines_of_the_file_as_it_was_read() -> None:
    assert edits_between(READ, FIRST, BOTH) == (Edit.of_lines(5, 6, "c = torch.exp(y)\n"),)


def test_the_edits_of_a_fix_alone_leave_the_other_fault_as_it_is() -> None:
    assert apply_edits(READ, edits_between(READ, FIRST, BOTH)) == READ.replace("np.exp", "torch.exp")


def test_a_line_that_an_earlier_fix_wrote_cannot_be_replaced_alone() -> None:
    after = FIRST.replace("a = torch.abs(x)", "a = torch.abs(x).mean()")

    assert edits_between(READ, FIRST, after) == ()


def test_a_line_is_inserted_where_it_would_stand_in_the_file_as_it_was_read() -> None:
    after = FIRST.replace("b = 1\n", "b = 1\nb = b + 1\n")

    assert edits_between(READ, FIRST, after) == (Edit.of_lines(5, 5, "b = b + 1\n"),)


def test_the_same_text_has_no_edits() -> None:
    assert edits_between(READ, READ, READ) == ()


def test_only_a_line_feed_ends_a_line() -> None:
    assert split_lines("a\x0c\r\nb\x0bc") == ["a\x0c\r\n", "b\x0bc"]


def test_what_follows_a_last_line_without_an_end_is_a_line_of_its_own() -> None:
    assert apply_edits("a", (Edit.of_lines(2, 2, "b\n"),)) == "a\nb\n"


def test_columns_count_characters_and_all_edits_stand_on_the_text_as_it_was() -> None:
    edits = (Edit(Span(1, 1, 1, 2), "alpha"), Edit(Span(1, 5, 2, 1), "ω\n\n"), Edit(Span(2, 1, 2, 2), ""))

    assert apply_edits("ä = π\r\nx + 1", edits) == "alpha = ω\n\n + 1"


def test_of_two_edits_of_one_stretch_the_first_is_kept() -> None:
    place = Span(1, 1, 1, 2)

    assert one_per_place([Edit(place, "b"), Edit(place, "c")]) == [Edit(place, "b")]


def test_a_stretch_is_cut_out_with_its_edits() -> None:
    assert stretch_of("f(x)\n", Span(1, 3, 1, 4)) == "x"
    assert stretch_of("f(x)\n", Span(1, 1, 1, 5), [Edit(Span(1, 3, 1, 4), "y, z")]) == "f(y, z)"


LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8).map("".join)


@given(LINES, LINES)
def test_the_edits_of_a_first_fix_make_its_text(read: str, after: str) -> None:
    assert apply_edits(read, edits_between(read, read, after)) == after
