"""A project's own rules: what is known of them, and what is said of broken ones before any file is handled."""

from __future__ import annotations

from pathlib import Path

import pytest

from autofix.model import OwnRules, Problem
from autofix.rewrite.catalogue import read_own_rules

RULE = 'import torch\n\nFOR = "mylib.metrics"\n\n\ndef soft(x, beta=1.0):\n    return torch.exp(-beta * x)\n'


def _folder(folder: Path, text: str, name: str = "torch/mine.py") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def _problem(folder: Path) -> Problem:
    found = read_own_rules([folder])
    assert isinstance(found, tuple)
    [problem] = found
    return problem


def test_the_names_of_a_folder(tmp_path: Path) -> None:
    more = "\n\nsoftly = soft\n\n\ndef _part(x):\n    return x\n\n\ndef soft__cast(x):\n    return _part(x)\n"
    found = read_own_rules([_folder(tmp_path, RULE + more)])

    assert isinstance(found, OwnRules)
    assert found.names == {"torch": {"mylib.metrics.soft", "mylib.metrics.softly"}, "tensorflow": set(), "keras": set()}
    assert found.packages() == {"mylib"}


def test_several_owners_and_frameworks(tmp_path: Path) -> None:
    _folder(tmp_path, RULE.replace('"mylib.metrics"', '("mylib", "mylib.metrics")'))
    text = 'import tensorflow as tf\n\nFOR = "numpy"\n\n\ndef abs(x):\n    return tf.abs(x)\n'
    found = read_own_rules([_folder(tmp_path, text, "tensorflow/np.py")])

    assert isinstance(found, OwnRules)
    assert found.names == {"torch": {"mylib.soft", "mylib.metrics.soft"}, "tensorflow": {"numpy.abs"}, "keras": set()}


@pytest.mark.parametrize(
    "body",
    [
        "    if x.dim() == 1:\n        return x\n    raise NotImplementedError('only vectors')\n",
        "    y = x\n    for each in range(3):\n        y = y + each\n    return y\n",
        "    return torch.stack([part * beta for part in x])\n",
        "    return (lambda y: y + beta)(x)\n",
        '    """Why.\n\n    >>> soft(x)\n    """\n    return max(x, beta)\n',
    ],
)
def test_what_a_rule_may_do(tmp_path: Path, body: str) -> None:
    text = f'import torch\n\nFOR = "mylib"\n\n\ndef soft(x, beta=1.0):\n{body}'

    assert isinstance(read_own_rules([_folder(tmp_path, text)]), OwnRules)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("return torch", "return = torch", 7, "syntax error"),
        ('FOR = "mylib.metrics"', "", 1, 'write FOR = "mylib.metrics"'),
        ('FOR = "mylib.metrics"', "FOR = metrics", 1, "does not say whose functions it replaces"),
        ('FOR = "mylib.metrics"', "FOR = 3", 1, "does not say whose functions it replaces"),
        ("-beta", "-gamma", 7, "gamma is neither a parameter of soft (it takes x, beta)"),
        ("import torch\n", "import torch\nimport scipy\n", 2, "a rule cannot use scipy; it may `import torch`"),
        ("import torch\n", "import torch\nimport tensorflow as tf\n", 2, "a rule cannot use tensorflow"),
        ("import torch\n", "import torch\nfrom mylib import other\n", 2, "a rule cannot use `from mylib import other`"),
        ("def soft", "BETA = 1.0\ndef soft", 6, "`BETA = 1.0` is not a rule"),
        ("def soft", "softly = firmly\ndef soft", 6, "there is no rule firmly in this file"),
        ("def soft", "class soft:\n    pass\ndef soft", 6, "`class soft:` is not a rule"),
        ("def soft", "@staticmethod\ndef soft", 6, "soft has a decorator"),
        ("beta=1.0)", "beta=1.0, **more)", 6, "soft has **more among its parameters"),
        ("beta=1.0)", "/, beta=1.0)", 6, "soft has / among its parameters"),
        ("    return", "    with torch.no_grad():\n        pass\n    return", 7, "soft has a with statement"),
        ("    return", "    global x1\n    return", 7, "soft has a global statement"),
        ("def soft", "def soft(x):\n    return x\n\n\ndef soft", 10, "mylib.metrics.soft already has a rule, in "),
    ],
)
def test_a_broken_rule_is_reported_with_its_line(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    problem = _problem(_folder(tmp_path, RULE.replace(old, new)))

    assert problem.path == f"{tmp_path / 'torch' / 'mine.py'}:{line}"
    assert words in problem.message


def test_every_fault_is_reported(tmp_path: Path) -> None:
    found = read_own_rules([_folder(tmp_path, RULE.replace("-beta", "-gamma").replace("torch.exp", "numpy.exp"))])

    assert isinstance(found, tuple)
    assert sorted(each.message.split()[0] for each in found) == ["gamma", "numpy"]


def test_a_name_twice_in_two_folders(tmp_path: Path) -> None:
    folders = [_folder(tmp_path / "a", RULE), _folder(tmp_path / "b", RULE)]
    found = read_own_rules(folders)

    assert isinstance(found, tuple)
    assert [each.path for each in found] == [f"{tmp_path / 'b/torch/mine.py'}:6"]
    assert str(tmp_path / "a/torch/mine.py:6") in found[0].message


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "there is no such folder" in _problem(tmp_path / "none").message


def test_a_folder_without_rules(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()

    assert "it has no rules; put them into" in _problem(tmp_path).message
