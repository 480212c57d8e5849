"""Comments survive a rewrite: they move to the lines that replace their own."""

from __future__ import annotations

import ast
import tokenize
from collections import Counter
from io import StringIO

import pytest

from autofix.rewrite.comments import with_comments
from tests.rewrite.test_patch import _loss


def _comments(text: str) -> Counter[str]:
    tokens = tokenize.generate_tokens(StringIO(text).readline)
    return Counter(each.string for each in tokens if each.type == tokenize.COMMENT)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("p = p.detach().numpy()  # as NumPy has it\n# the distance\nreturn np.mean(np.abs(p - y))  # one number",
         "# as NumPy has it\n# the distance\nreturn torch.mean(torch.abs(p - y))  # one number"),
        ("q = p.detach().numpy()  # (N, 8)\nreturn np.mean(np.abs(q))",
         "q = p  # (N, 8)\nreturn torch.mean(torch.abs(q))"),
        ("q = p.detach().numpy()  # noqa: F841\nreturn np.mean(np.abs(q))", "return torch.mean(torch.abs(p))"),
        ("return torch.tensor(  # wrapped again\n    np.mean(p.detach().numpy() ** 2)  # a number\n)  # type: ignore",
         "# wrapped again\n# a number\nreturn torch.mean(p ** 2)  # type: ignore"),
        ("return np.mean(  # all\n    np.abs(p - y),  # each\n    axis=-1,  # last\n)",
         "return torch.mean(  # all\n    torch.abs(p - y),  # each\n    dim=-1,  # last\n)"),
        ("with torch.no_grad():  # saves memory\n    d = p - y  # difference\n    # the end\nreturn (d**2).mean()",
         "# saves memory\nd = p - y  # difference\n# the end\nreturn (d**2).mean()"),
    ],
)  # fmt: skip
def test_in_a_loss(body: str, expected: str) -> None:
    mended = _loss("torch", body).strip("\n")

    wanted = _comments(body)
    del wanted["# noqa: F841"], wanted["# type: ignore"]
    assert wanted <= _comments(mended)
    assert mended == expected


BEFORE = """import numpy as np  # numbers
# above
a = f(1)  # one
b = g(2)  # two
if a:
    c = h(
        b,  # the b
        # inner
        a,
    )  # three
d = 4
"""


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (BEFORE, BEFORE),
        # a line that is gone
        (BEFORE.replace("b = g(2)  # two\n", ""), BEFORE.replace("b = g(2)  # two\n", "# two\n")),
        # an import takes its comment along
        (BEFORE.replace("import numpy as np  # numbers\n", ""), BEFORE.replace("import numpy as np  # numbers\n", "")),
        # a line that is written anew
        (BEFORE.replace("b = g(2)  # two", "b = gg(2)"), BEFORE.replace("b = g(2)", "b = gg(2)")),
        # a call of several lines that has one now
        (BEFORE[: BEFORE.index("    c =")] + "    c = hh(b, a)\\nd = 4\\n".replace("\\n", "\n"),
         BEFORE[: BEFORE.index("    c =")] + "    # the b\n    # inner\n    # three\n    c = hh(b, a)\nd = 4\n"),
        # behind a line that is full, or a part of a string
        (BEFORE.replace("a = f(1)  # one", f"a = f({'1' * 110})"),
         BEFORE.replace("a = f(1)  # one", f"# one\na = f({'1' * 110})")),
        (BEFORE.replace("a = f(1)  # one", 'a = f("""1\n""")'),
         BEFORE.replace("a = f(1)  # one", '# one\na = f("""1\n""")')),
    ],
)  # fmt: skip
def test_what_is_lost_is_put_back(after: str, expected: str) -> None:
    assert with_comments(BEFORE, after) == expected
    assert ast.dump(ast.parse(expected)) == ast.dump(ast.parse(after))


def test_line_ends_are_the_files_own() -> None:
    before, after = BEFORE.replace("\n", "\r\n"), BEFORE.replace("b = g(2)  # two\n", "").replace("\n", "\r\n")

    assert with_comments(before, after) == BEFORE.replace("b = g(2)  # two", "# two").replace("\n", "\r\n")


def test_a_hash_in_a_string_is_no_comment() -> None:
    assert with_comments("a = '# no'\nb = 1\n", "b = 1\n") == "b = 1\n"


def test_what_is_no_python_stays_as_it_is() -> None:
    assert with_comments("a = (  # open\n", "a = (\n") == "a = (\n"
