"""A gradient that is asked for in one file and lost in another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.analysis.projects import findings, found, written

LOSS = """
import numpy as np
import torch

def combined(p, y, weight=1.0):
    return torch.tensor(np.abs(p - y).mean() * weight)
"""
MIX = "class Mix(torch.nn.Module):\n    def forward(self, p, y):\n        return combined(p, y)\n"
MIXLOSS = MIX.replace("Mix", "MixLoss")
HELPERS = """
# helpers.py
import torch

def to_np(t):
    return t.detach().cpu().numpy()

def gap(a, b):
    return to_np(a) - to_np(b)

class Arrays:
    @staticmethod
    def of(t):
        return t.numpy()
"""


def _trained_with(head: str, loss: str, file: str = "train.py") -> str:
    return f"# {file}\nimport torch\n{head}\n\ndef step(model, x, y):\n    {loss}(model(x), y).backward()\n"


@pytest.mark.parametrize(
    ("files", "train"),
    [
        (f"# losses.py{LOSS}" + _trained_with("from losses import combined", "combined"), "train.py"),
        (f"# losses.py{LOSS}" + _trained_with("from losses import combined as c", "c"), "train.py"),
        (f"# losses.py{LOSS}" + _trained_with("import losses", "losses.combined"), "train.py"),
        (f"# losses.py{LOSS}" + _trained_with("from losses import *", "combined"), "train.py"),
        (f"# pkg/losses.py{LOSS}" + _trained_with("import pkg.losses", "pkg.losses.combined"), "train.py"),
        (f"# pkg/losses.py{LOSS}" + _trained_with("import pkg.losses as L", "L.combined"), "train.py"),
        (f"# pkg/losses.py{LOSS}" + _trained_with("from pkg import losses", "losses.combined"), "train.py"),
        (
            f"# pkg/losses.py{LOSS}" + _trained_with("from .losses import combined", "combined", "pkg/train.py"),
            "pkg/train.py",
        ),
        (
            f"# pkg/losses.py{LOSS}" + _trained_with("from . import losses", "losses.combined", "pkg/train.py"),
            "pkg/train.py",
        ),
        (
            f"# pkg/losses.py{LOSS}" + _trained_with("from ..losses import combined", "combined", "pkg/run/train.py"),
            "pkg/run/train.py",
        ),
        (
            f"# pkg/__init__.py\nfrom .losses import combined\n# pkg/losses.py{LOSS}"
            + _trained_with("from pkg import combined", "combined"),
            "train.py",
        ),
        (
            f"# pkg/__init__.py\nfrom .terms import *\n# pkg/terms/__init__.py\nfrom .losses import *\n"
            f"# pkg/terms/losses.py{LOSS}"
            + _trained_with("from pkg import *", "combined"),
            "train.py",
        ),
        (
            f"# src/pkg/__init__.py\n# src/pkg/losses.py{LOSS}"
            + _trained_with("from pkg.losses import combined", "combined", "scripts/train.py"),
            "scripts/train.py",
        ),
        (
            f"# losses.py{LOSS}LOSSES = {{'c': combined}}\n"
            + _trained_with("from losses import LOSSES", "LOSSES['c']"),
            "train.py",
        ),
        (
            f"# losses.py{LOSS}\ndef make_loss(w):\n    return lambda p, y: combined(p, y, w)\n"
            + _trained_with("from losses import make_loss\nf = make_loss(2.0)", "f"),
            "train.py",
        ),
        (
            f"# losses.py{LOSS}"
            + _trained_with("import functools\nimport losses\nf = functools.partial(losses.combined, weight=2)", "f"),
            "train.py",
        ),
        (
            f"# losses.py{LOSS}{MIXLOSS}"
            + _trained_with("from losses import MixLoss\ncriterion = MixLoss()", "criterion"),
            "train.py",
        ),
        (
            f"# mix.py{LOSS}{MIX}"
            + _trained_with("from mix import Mix\ncriterion = Mix()", "criterion"),
            "train.py",
        ),
        (
            f"# losses.py{LOSS}{MIX}"
            + _trained_with("import losses\nterm = losses.Mix()", "term"),
            "train.py",
        ),
        (f"# losses.py{LOSS}# train.py\nimport torch\ndef step(model, x, y):\n    from losses import combined\n"
         "    combined(model(x), y).backward()\n", "train.py"),
        (f"# losses.py{LOSS}# train.py\nimport torch\nimport pytorch_lightning as pl\nfrom losses import combined\n"
         "class M(pl.LightningModule):\n    def training_step(self, batch, i):\n        x, y = batch\n"
         "        return combined(self(x), y)\n", "train.py"),
    ],
)  # fmt: skip
def test_a_loss_is_followed_into_its_file(tmp_path: Path, files: str, train: str) -> None:
    project = written(tmp_path, files)

    (finding,) = findings(project, train)

    assert (finding.code, finding.path) == ("AF101", str(project / train))
    assert "losses.py:5, where `np.abs(p - y)`" in finding.message or "mix.py:5, where" in finding.message


@pytest.mark.parametrize(
    "losses",
    [
        "from helpers import to_np\ndef my_loss(p, y):\n    return torch.tensor(np.abs(to_np(p) - to_np(y)).mean())\n",
        "import helpers\ndef my_loss(p, y):\n    return torch.tensor(np.abs(helpers.to_np(p) - y.numpy()).mean())\n",
        "import helpers as h\ndef my_loss(p, y):\n    q = h.to_np(p)\n    return torch.tensor((q**2).mean())\n",
        "from helpers import gap\ndef my_loss(p, y):\n    return torch.tensor(np.abs(gap(p, y)).mean())\n",
        "from helpers import gap\ndef my_loss(p, y):\n    return torch.tensor(sum(g.mean() for g in map(gap, p, y)))\n",
        "from helpers import Arrays\ndef my_loss(p, y):\n    return torch.tensor(np.abs(Arrays.of(p)).mean())\n",
    ],
)  # fmt: skip
def test_a_helper_is_followed_into_its_file(tmp_path: Path, losses: str) -> None:
    project = written(tmp_path, f"# losses.py\nimport numpy as np\nimport torch\n{losses}{HELPERS}")

    told = findings(project, "losses.py")

    assert {(each.code, each.loss) for each in told} == {("AF102", "my_loss")}
    assert all("helpers.py:" in each.message for each in told)


def test_the_place_is_named_from_the_folder_of_the_file(tmp_path: Path) -> None:
    train = _trained_with("from ..terms.losses import combined", "combined", "pkg/run/train.py")
    project = written(tmp_path, f"# pkg/terms/losses.py{LOSS}{train}")

    (finding,) = findings(project, "pkg/run/train.py")

    assert "`combined(model(x), y)` leads to ../terms/losses.py:5, where `np.abs(p - y)` is computed" in finding.message
    assert finding.span.line == 5


KERAS = """import numpy as np
import tensorflow as tf

def combined(y_true, y_pred):
    return np.abs(y_true - y_pred).mean()
"""


@pytest.mark.parametrize(
    "train",
    [
        "from losses import combined\nmodel = tf.keras.Sequential([])\nmodel.compile('adam', loss=combined)\n",
        "import losses\nmodel = tf.keras.Sequential([])\nmodel.compile(loss=losses.combined)\n",
        "from losses import combined\ndef step(model, x, y):\n    with tf.GradientTape() as tape:\n"
        "        loss = combined(y, model(x))\n    return tape.gradient(loss, model.trainable_variables)\n",
    ],
)
def test_losses_of_tensorflow_are_followed(tmp_path: Path, train: str) -> None:
    project = written(tmp_path, f"# losses.py\n{KERAS}# train.py\nimport tensorflow as tf\n{train}")

    assert found(project, "train.py") == [("train.py", "AF101", "combined")]


def test_a_step_that_cuts_what_it_gives_to_a_right_loss_is_to_blame_itself(tmp_path: Path) -> None:
    right = "# losses.py\nimport torch\ndef combined(p, y):\n    return torch.abs(p - y).mean()\n"
    step = _trained_with("from losses import combined", "combined").replace("model(x)", "model(x).detach()")
    project = written(tmp_path, right + step)

    assert found(project, "train.py", "losses.py") == [("train.py", "AF103", "step")]


@pytest.mark.parametrize("order", [("train.py", "losses.py"), ("losses.py", "train.py")])
def test_where_both_files_are_checked_the_loss_is_told_once_in_its_own(tmp_path: Path, order: tuple[str, str]) -> None:
    project = written(tmp_path, f"# losses.py{LOSS}" + _trained_with("from losses import combined", "combined"))

    assert found(project, *order) == [("losses.py", "AF101", "combined")]


def test_a_loss_of_no_telling_name_is_found_only_beside_what_trains_with_it(tmp_path: Path) -> None:
    project = written(tmp_path, f"# losses.py{LOSS}" + _trained_with("from losses import combined", "combined"))

    assert found(project, "losses.py") == []
    assert found(project, "losses.py", "train.py") == [("losses.py", "AF101", "combined")]


def test_a_file_that_imports_no_framework_has_no_findings_so_who_uses_it_has_them(tmp_path: Path) -> None:
    plain = LOSS.replace("import torch\n", "").replace("torch.tensor", "")
    project = written(tmp_path, f"# losses.py{plain}" + _trained_with("from losses import combined", "combined"))

    assert found(project, "losses.py", "train.py") == [("train.py", "AF101", "combined")]


def test_lightning_modules_are_users_too(tmp_path: Path) -> None:
    module = (
        "# module.py\nimport torch\nimport pytorch_lightning as pl\nfrom losses import combined\n"
        "class M(pl.LightningModule):\n    def training_step(self, batch, i):\n        x, y = batch\n"
        "        return combined(self(x), y)\n"
    )
    project = written(tmp_path, f"# losses.py{LOSS}{module}")

    assert found(project, "losses.py", "module.py") == [("losses.py", "AF101", "combined")]


ENGINE = """# engine.py
import torch

def train(model, loader, criterion):
    for x, y in loader:
        criterion(model(x), y).backward()
"""


@pytest.mark.parametrize("checked", [("main.py",), ("main.py", "engine.py"), ("engine.py", "main.py")])
def test_a_loss_that_is_given_to_a_trainer_in_another_file_is_one(tmp_path: Path, checked: tuple[str, ...]) -> None:
    project = written(
        tmp_path, f"{ENGINE}# main.py\nfrom engine import train{LOSS}train(torch.nn.Linear(3, 1), loader, combined)\n"
    )

    assert found(project, *checked) == [("main.py", "AF101", "combined")]


def test_files_that_meet_in_a_third_one(tmp_path: Path) -> None:
    main = "# main.py\nimport torch\nfrom engine import train\nfrom losses import combined\ntrain(m, data, combined)\n"
    project = written(tmp_path, f"{ENGINE}{main}# losses.py{LOSS}")

    assert found(project, "engine.py") == []


def test_names_of_many_bytes_do_not_move_the_places(tmp_path: Path) -> None:
    helper = "# helpers.py\nimport torch\ndef to_np(t):\n    größe = 'ä'; return t.detach().numpy()\n"
    loss = "# losses.py\nimport numpy as np\nimport torch\nfrom helpers import to_np\ndef my_loss(p, y):\n"
    project = written(tmp_path, f"{loss}    é = 'é'; return torch.tensor(np.abs(to_np(p)).mean())\n{helper}")

    (finding,) = findings(project, "losses.py")

    assert (finding.span.line, finding.span.column) == (5, len("    é = 'é'; return torch.tensor(np.abs(") + 1)


@pytest.mark.parametrize("call", ["self(x)", "self.forward(x)", "self.net(x)"])
@pytest.mark.parametrize("made", ["Mixture()", "Mixture().to('cpu')"])
def test_a_model_of_another_file_is_followed_into_its_loss(tmp_path: Path, call: str, made: str) -> None:
    project = written(
        tmp_path,
        f"""
        # mixture.py
        import numpy as np
        import torch
        from torch import nn
        class Mixture(nn.Module):
            def __init__(self):
                super().__init__()
                self.net = nn.Linear(3, 1)
            def forward(self, x):
                return self.net(x)
            def loss(self, x, y):
                return torch.tensor(np.abs({call}.detach().numpy() - y.numpy()).mean())
        # train.py
        import torch
        from mixture import Mixture
        model = {made}
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for x, y in batches:
            loss = model.loss(x, y)
            loss.backward()
            optimizer.step()
        """,
    )

    assert found(project, "mixture.py", "train.py") == [("mixture.py", "AF102", "Mixture.loss")]
    assert [code for _, code, _ in found(project, "train.py")] == ["AF102"]
