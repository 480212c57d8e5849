"""Helpers in other files: written out where they only convert, else copied; the other files stay as they are."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from autofix.analysis.finding.search import diagnose
from autofix.analysis.looks import Looks
from autofix.analysis.project import ProjectFiles
from autofix.model import Framework, Reason
from autofix.rewrite.candidates import rewrite
from autofix.rewrite.catalogue import Catalogue
from tests.analysis.projects import written

HEAD = "import numpy as np\nimport torch\n"


@cache
def _catalogue(framework: Framework) -> Catalogue:
    return Catalogue.load(framework)


def _rewritten(project: Path, file: str = "losses.py") -> str | Reason:
    path = str(project / file)
    text = (project / file).read_text()
    (fault,) = diagnose(ast.parse(text), text, around=ProjectFiles({path: text}).around(path))
    candidates = rewrite(text, fault, _catalogue(fault.framework), Looks(around=fault.program.around))
    return candidates if isinstance(candidates, Reason) else candidates[0]


@pytest.mark.parametrize(
    "helper",
    [
        "def to_np(t):\n    return t.detach().cpu().numpy()\n",
        'def to_np(t):\n    """As an array."""\n    return t.detach().numpy()\n',
        "def to_np(x):\n    if torch.is_tensor(x):\n        return x.detach().cpu().numpy()\n    return x\n",
        "def to_np(x):\n    if isinstance(x, torch.Tensor):\n        x = x.detach().cpu().numpy()\n    return x\n",
        "def to_np(x):\n    if torch.is_tensor(x):\n        x = x.detach().numpy()\n    return np.asarray(x)\n",
    ],
)
@pytest.mark.parametrize(
    ("imported", "called"),
    [("from helpers import to_np", "to_np"), ("import helpers", "helpers.to_np"), ("import helpers as h", "h.to_np")],
)
def test_a_conversion_goes(tmp_path: Path, helper: str, imported: str, called: str) -> None:
    loss = (
        f"{HEAD}{imported}\n\n\ndef my_loss(p, y):\n    q = {called}(p)\n"
        f"    return torch.tensor(np.abs(q - {called}(y)).mean())\n"
    )
    project = written(tmp_path, f"# losses.py\n{loss}# helpers.py\n{HEAD}{helper}")

    assert _rewritten(project) == "import torch\n\n\ndef my_loss(p, y):\n    return torch.abs(p - y).mean()\n"


SMOOTH = "EPS = 1e-3\n\ndef root(a):\n    return np.sqrt(a)\n\n\ndef smooth(a):\n    return root(a * a + EPS)\n"
SMOOTHED = (
    f"{HEAD}from helpers import smooth\n\n\ndef my_loss(p, y):\n"
    "    return torch.from_numpy(smooth(p.detach().numpy() - y.numpy())).mean()\n"
)
COPIED = """import torch


def my_loss(p, y):
    return _smooth_torch(p - y).mean()


def _smooth_torch(a):
    return _root_torch(a * a + 0.001)


def _root_torch(a):
    return torch.sqrt(a)
"""


def test_a_helper_that_computes_is_copied_with_what_it_needs(tmp_path: Path) -> None:
    project = written(tmp_path, f"# losses.py\n{SMOOTHED}# helpers.py\nimport numpy as np\n{SMOOTH}")

    assert _rewritten(project) == COPIED


def test_letters_of_several_bytes_before_a_call_in_another_file_move_nothing(tmp_path: Path) -> None:
    smooth = SMOOTH.replace("return root(a * a + EPS)", "π = 'ä'; return root(a * a + EPS)")
    project = written(tmp_path, f"# losses.py\n{SMOOTHED}# helpers.py\nimport numpy as np\n{smooth}")

    assert _rewritten(project) == COPIED.replace("return _root_torch(a * a", "π = 'ä'; return _root_torch(a * a")


def test_the_import_of_a_helper_stays_where_another_file_takes_it_from_here(tmp_path: Path) -> None:
    other = "# other.py\nfrom losses import my_loss, smooth\n"
    project = written(tmp_path, f"# losses.py\n{SMOOTHED}# helpers.py\nimport numpy as np\n{SMOOTH}{other}")

    assert _rewritten(project) == COPIED.replace("import torch\n", "import torch\nfrom helpers import smooth\n", 1)


def test_a_step_goes_through_a_helper(tmp_path: Path) -> None:
    step = (
        "import torch\nimport torch.nn.functional as F\nfrom helpers import to_np\n\n\ndef step(model, x, y):\n"
        "    out = model(x)\n    loss = {}\n    loss.backward()\n    print(to_np(out).mean())\n"
    )
    before, after = step.format("F.l1_loss(torch.tensor(to_np(out)), y)"), step.format("F.l1_loss(out, y)")
    project = written(tmp_path, f"# train.py\n{before}# helpers.py\ndef to_np(t):\n    return t.detach().numpy()\n")

    assert _rewritten(project, "train.py") == after


def test_a_right_loss_of_another_file_is_not_copied(tmp_path: Path) -> None:
    step = "import torch\nfrom losses import dice\n\n\ndef step(model, x, y):\n    dice({}, y).backward()\n"
    dice = "# losses.py\nimport torch\ndef dice(p, y):\n    return 1 - (p * y).sum()\n"
    project = written(tmp_path, f"# train.py\n{step.format('model(x).detach()')}{dice}")

    assert _rewritten(project, "train.py") == step.format("model(x)")


@pytest.mark.parametrize(
    ("helper", "why"),
    [
        ("TABLE = [1, 2]\ndef smooth(a):\n    return np.abs(a) * TABLE[0]\n", "it needs `TABLE` from its file"),
        ("import functools\n@functools.cache\ndef smooth(a):\n    return np.abs(a)\n", "it is decorated"),
        ("def smooth(a):\n    global N\n    N = 1\n    return np.abs(a)\n", "it keeps its own state"),
        ("from other import scale\ndef smooth(a):\n    return np.abs(a) * scale\n", "it needs `scale` from its file"),
    ],
)
def test_a_helper_that_cannot_be_copied_is_named_with_the_reason(tmp_path: Path, helper: str, why: str) -> None:
    project = written(tmp_path, f"# losses.py\n{SMOOTHED}# helpers.py\nimport numpy as np\n{helper}")

    refused = _rewritten(project)

    assert isinstance(refused, Reason)
    assert refused.text == f"`smooth` is in helpers.py, where others may call it, and could not be copied: {why}"


OWN = "def smooth(a):\n    return np.sqrt(a * a + 1)\n"
USED = "\n\ndef my_loss(p, y):\n    return torch.tensor(smooth(p.detach().numpy() - y.numpy()).mean())\n"


@pytest.mark.parametrize(
    ("other", "is_copied"),
    [
        ("from losses import smooth\n", True),
        ("import losses\nlosses.smooth(3)\n", True),
        ("from losses import *\n# far.py\nfrom other import smooth\n", True),
        ("from losses import my_loss\n", False),
        ("def smooth(a):\n    return a\n", False),
    ],
)
def test_a_helper_that_another_file_uses_stays_as_it_is(tmp_path: Path, other: str, is_copied: bool) -> None:
    project = written(tmp_path, f"# losses.py\n{HEAD}\n\n{OWN}{USED}# other.py\n{other}")

    text = _rewritten(project)

    assert isinstance(text, str)
    assert (OWN in text) == is_copied == ("_smooth_torch(p - y)" in text)
