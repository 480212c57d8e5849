"""Notebooks: code cells are one program, and of the JSON only the lines that changed are written anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autofix.model import Explanation, Finding, Fix, Problem, Span, Step
from autofix.source.edits import edits_between
from autofix.source.files import Source, decode, encode
from autofix.source.notebooks import Notebook, read_notebook

SETUP = "%matplotlib inline\n!pip install torch\nimport numpy as np\nimport torch"
LOSS = "def mae(p, y):\n    return np.abs(p - y).mean()\n"
TITLE = {"cell_type": "markdown", "metadata": {}, "source": ["# Title\n", "np.abs is named here"]}


def code(*lines: str, **more: object) -> dict[str, object]:
    outputs = [{"name": "stdout", "output_type": "stream", "text": ["é \\u00e9 np.abs\n"]}]
    fixed = {"cell_type": "code", "execution_count": 7, "metadata": {}, "outputs": outputs}
    return {**fixed, "source": list(lines), **more}


def notebook(*cells: dict[str, object], language: str = "python", **how: object) -> str:
    whole = {"cells": cells, "metadata": {"kernelspec": {"language": language}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, **{"indent": 1, "ensure_ascii": False, **how}) + "\n"  # type: ignore[arg-type]


def read(text: str) -> Notebook:
    found = read_notebook(text)
    assert isinstance(found, Notebook), found
    return found


def lines_of(text: str) -> tuple[str, ...]:
    return tuple(text.splitlines(keepends=True))


WHOLE = notebook(TITLE, code(*lines_of(SETUP)), code(*lines_of(LOSS)))


def test_the_cells_are_one_program_in_which_magics_do_nothing() -> None:
    names: dict[str, object] = {}
    lines = read(WHOLE).code.program.splitlines()

    assert lines[0].startswith("pass  #") and lines[1].startswith("pass  #")
    assert lines[2:4] == ["import numpy as np", "import torch"]
    assert "def mae(p, y):" in lines
    exec(read(notebook(code(*lines_of("!ls\nx = !ls\nif 1:\n    %time f()\ny = 2")))).code.program, names)
    assert (names["x"], names["y"]) == (..., 2)


def test_a_program_that_is_the_same_gives_the_same_bytes() -> None:
    found = read(WHOLE)

    assert found.with_program(found.code.program) == WHOLE


@pytest.mark.parametrize(
    "how",
    [
        {"indent": 1},
        {"indent": 4},
        {"indent": None},
        {"indent": "\t"},
        {"indent": 1, "ensure_ascii": True},
        {"indent": 2, "separators": (", ", ":")},
    ],
    ids=str,
)
def test_only_the_lines_that_changed_are_written_anew(how: dict[str, object]) -> None:
    text = notebook(TITLE, code(*lines_of(SETUP)), code("# é\n", *lines_of(LOSS)), **how)
    found = read(text)

    patched = found.with_program(found.code.program.replace("np.abs(", "torch.abs("))

    assert patched == text.replace("np.abs(p", "torch.abs(p")


def test_a_line_added_is_written_as_its_neighbours_are() -> None:
    text = notebook(code("a = 1\n", "b = 2"))
    found = read(text)

    patched = found.with_program(found.code.program.replace("b = 2\n", "b = 2\nc = 3\n"))

    assert patched == notebook(code("a = 1\n", "b = 2\n", "c = 3"))


def test_a_line_removed_leaves_no_comma() -> None:
    text = notebook(code("a = 1\n", "b = 2"))
    found = read(text)

    assert found.with_program(found.code.program.replace("b = 2\n", "")) == notebook(code("a = 1"))


def test_a_source_that_is_one_text_stays_one() -> None:
    text = notebook(code(source="a = 1\nb = 2"))
    found = read(text)

    assert found.with_program(found.code.program.replace("b = 2", "b = 3")) == notebook(code(source="a = 1\nb = 3"))


def test_a_masked_line_comes_back_where_it_is_moved_to() -> None:
    found = read(notebook(code("%time f()\n", "a = 1")))

    patched = found.with_program("import torch\n" + found.code.program)

    assert json.loads(patched)["cells"][0]["source"] == ["import torch\n", "%time f()\n", "a = 1"]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("%%bash\nls -la", []),
        ("%%html\n<b>", []),
        ("%%time\na = 1", ["a = 1"]),
        ("f?", []),
        ("?f", []),
        ("f.g??", []),
        ("def broken(:", []),
        ("await x", ["await x"]),
        ('a = """\n%not a magic\n"""', ['a = """', "%not a magic", '"""']),
        ("a = b %c", ["a = b %c"]),
        ("", []),
    ],
)
def test_what_is_no_python_is_not_shown_and_comes_back(source: str, shown: list[str]) -> None:
    text = notebook(code(*lines_of(source)), code("z = 0"))
    found = read(text)
    mine = found.code.program.split("# autofix: the end of cell 1")[0].splitlines()

    assert [line for line in mine if not line.startswith("pass  #")] == shown
    assert json.loads(found.with_program(found.code.program.replace("z = 0", "z = 1")))["cells"][0]["source"] == list(
        lines_of(source)
    )


def test_a_name_that_is_imported_counts_as_used() -> None:
    assert read(WHOLE).code.program.endswith("__all__ = ['np', 'torch']\n")


def test_a_finding_is_placed_in_its_cell_and_its_diff_shows_that_cell() -> None:
    found = read(WHOLE)
    patched = found.code.program.replace("np.abs(", "torch.abs(")
    line = found.code.program.splitlines().index("    return np.abs(p - y).mean()") + 1
    fix = Fix("verified", diff="of the program", edits=edits_between(found.code.program, found.code.program, patched))

    placed = found.code.placed(Finding("a.ipynb", Span(line, 12, line, 18), "AF101", "lost", "mae", "torch", fix))

    assert (placed.cell, placed.span) == (3, Span(2, 12, 2, 18))
    assert placed.fix.diff == (
        "--- a/a.ipynb:cell 3\t\n+++ b/a.ipynb:cell 3\t\n@@ -1,2 +1,2 @@\n def mae(p, y):\n"
        "-    return np.abs(p - y).mean()\n+    return torch.abs(p - y).mean()\n"
    )


def test_a_notebook_of_another_language_has_no_program() -> None:
    assert read(notebook(code("x <- 1"), language="R")).code.cells == ()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"cells": 3}', "[" * 100_000], ids=lambda text: text[:12])
def test_what_is_no_notebook_is_refused_with_the_way_out(text: str) -> None:
    problem = decode("a.ipynb", text.encode())

    assert isinstance(problem, Problem)
    assert "not a valid notebook" in problem.message and "open and save it in Jupyter" in problem.message


def test_bytes_come_back_with_their_mark() -> None:
    content = b"\xef\xbb\xbf" + WHOLE.encode()
    source = decode("a.ipynb", content)

    assert isinstance(source, Source)
    assert encode(source, source.text) == content


def test_bytes_that_are_no_utf8_are_refused_with_their_line() -> None:
    problem = decode("a.ipynb", WHOLE.encode("utf-8").replace(b"Title", b"Title\xff"))

    assert isinstance(problem, Problem)
    assert "line 7: not valid UTF-8" in problem.message


def test_a_program_without_the_end_of_a_cell_is_never_written(tmp_path: Path) -> None:
    found = read(WHOLE)

    with pytest.raises(ValueError, match="cell 2 has lost its end"):
        found.with_program("a = 1\n")


LINES = ["a = 1\n", "%m\n", "!x\n", "é = 'ü\\n'\n", "if a:\n", "    b = 2\n", "c?\n", "(\n"]
SOURCES = st.lists(st.sampled_from(LINES))


@given(st.lists(SOURCES.map("".join), max_size=4), st.sampled_from([None, 1, 4]), st.booleans())
def test_whatever_the_cells_hold_comes_back(sources: list[str], indent: int | None, ascii_only: bool) -> None:
    text = notebook(*(code(*lines_of(s)) for s in sources), indent=indent, ensure_ascii=ascii_only)
    found = read(text)
    compile(found.code.program, "cells", "exec", flags=1024)

    assert found.with_program(found.code.program) == text


@pytest.mark.parametrize("how", [{"indent": 1}, {"indent": None, "ensure_ascii": True}], ids=str)
def test_the_way_of_a_value_is_told_by_its_cells_and_stands_in_the_json(how: dict[str, object]) -> None:
    helper, loss = ("é = 1\n", "def f(v): return np.abs(v)"), ("def loss(p, y):\n", "    return f(p)")
    text = notebook(TITLE, code(*helper), code(*loss), **how)
    way = (
        Step("p", Span(4, 10, 4, 11), "def loss(p, y):"),
        Step("v", Span(2, 7, 2, 8), "def f(v): return np.abs(v)"),
        Step("np.abs(v)", Span(2, 18, 2, 27), "def f(v): return np.abs(v)"),
    )
    said = Explanation("it ends", way, "here")
    found = Finding("a.ipynb", way[-1].span, "AF101", "it ends", "loss", "torch", Fix("none"), explanation=said)

    placed = read(text).placed(found)

    assert placed.explanation is not None
    told = placed.explanation.trail
    assert [(each.cell, each.span.line) for each in told] == [(3, 1), (2, 2), (2, 2)]
    assert (placed.cell, placed.written) == (2, told[-1].written)
    lines = text.split("\n")
    for each in told:
        assert each.written is not None and each.written.line == each.written.end_line
        assert lines[each.written.line - 1][each.written.column - 1 : each.written.end_column - 1] == each.name
