"""Readers in other files of the project: globals, re-exported losses and decorators; each is named with its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rewrite.test_readers import LOSSES, REPORT, TRAINS, beside, fixed, reasons

pytestmark = pytest.mark.slow

GLOBAL = """import numpy as np
import torch

LAST = None
model = torch.nn.Linear(3, 1)


def cost(p, t):
    global LAST
    LAST = np.mean((p.detach().numpy() - t.numpy()) ** 2)
    return LAST


def step(x, y):
    torch.tensor(cost(model(x), y), requires_grad=True).backward()
"""


@pytest.mark.parametrize(
    ("reader", "place"),
    [
        ("import losses\n\n\ndef save(out):\n    out.write(repr(losses.LAST))\n", "`losses.LAST` in dash.py:5"),
        ("from losses import LAST as last\n\nprint(repr(last))\n", "`last` in dash.py:3"),
        ("from losses import *\n\nprint([LAST])\n", "`LAST` in dash.py:3"),
    ],
)
def test_a_reader_of_a_global_is_named(reader: str, place: str, tmp_path: Path) -> None:
    assert f"{place} reads `LAST`" in reasons(GLOBAL, *beside(tmp_path, losses=GLOBAL, trains="", dash=reader))


@pytest.mark.parametrize(
    "reader",
    [
        "import losses\n\nprint(losses.LAST.item(), float(losses.LAST))\n",
        "from losses import LAST\n",
        "import losses\n\nlosses.LAST = None\n",
        "import other\n\nprint(other.LAST)\n",
    ],
)
def test_who_reads_nothing_else_of_a_global_forbids_no_fix(reader: str, tmp_path: Path) -> None:
    assert "LAST = torch.mean(" in fixed(GLOBAL, *beside(tmp_path, losses=GLOBAL, trains="", dash=reader))


def test_a_name_at_the_top_of_a_script_that_another_file_takes_is_read_there(tmp_path: Path) -> None:
    script = LOSSES + "\n\nmodel = torch.nn.Linear(3, 1)\nlast = rmse_loss(model(x), y)\nlast.backward()\n"
    reader = "import losses\n\nprint(repr(losses.last))\n"

    assert "`losses.last` in dash.py:3" in reasons(script, *beside(tmp_path, losses=script, trains="", dash=reader))


@pytest.mark.parametrize("export", ["from losses import rmse_loss\n", "from losses import *\n"])
def test_a_reader_that_takes_a_loss_from_where_it_is_exported_again_is_named(export: str, tmp_path: Path) -> None:
    report = REPORT.replace("from losses", "from metrics")

    assert "report.py:7" in reasons(LOSSES, *beside(tmp_path, metrics=export, report=report))


def test_who_takes_something_else_from_there_is_none(tmp_path: Path) -> None:
    metrics = "from losses import rmse_loss\n\n\ndef zero():\n    return 0.0\n"
    report = "import json\n\nfrom metrics import zero\n\nprint(json.dumps(zero()))\n"

    assert "torch.sqrt" in fixed(LOSSES, *beside(tmp_path, metrics=metrics, report=report))


WRAP = """import functools
import json
import time

KEPT = {{}}


def noted(fn):
    @functools.wraps(fn)
    def inner(*args):
        began = time.time()
        {does}

    return inner


class Noted:
    def __init__(self, fn):
        self.fn = fn

    def __call__(self, *args):
        {does_too}
"""


def _decorated(decorator: str, imported: str) -> str:
    return LOSSES.replace("\n\ndef rmse", f"{imported}\n\n@{decorator}\ndef rmse")


def _wrap(does: str) -> str:
    return WRAP.format(does=does, does_too=does.replace("fn(", "self.fn("))


READS = [
    "out = fn(*args)\n        KEPT[time.time()] = out\n        return out",
    "KEPT[args] = fn(*args)\n        return KEPT[args]",
    "out = fn(*args)\n        print(json.dumps(out))\n        return out",
    "return json.loads(json.dumps(fn(*args)))",
]
HANDS_ON = [
    "out = fn(*args)\n        print(time.time())\n        return out",
    "return fn(*args)",
    "return 0.5 * fn(*args)",
    "out = fn(*args)\n        if out is None:\n            return 0.0\n        print(out.item())\n        return out",
]
FORMS = [
    ("noted", "from wrap import noted\n"),
    ("wrap.noted", "import wrap\n"),
    ("Noted", "from wrap import Noted\n"),
    ("remember", "from again import noted as remember\n"),
]


@pytest.mark.parametrize(("decorator", "imported"), FORMS)
@pytest.mark.parametrize("does", READS)
def test_a_decorator_of_another_file_that_keeps_the_result_is_named(
    does: str, decorator: str, imported: str, tmp_path: Path
) -> None:
    text = _decorated(decorator, imported)
    others = beside(tmp_path, losses=text, wrap=_wrap(does), again="from wrap import noted\n")

    assert "in wrap.py:" in reasons(text, *others)


@pytest.mark.parametrize(("decorator", "imported"), FORMS)
@pytest.mark.parametrize("does", HANDS_ON)
def test_a_decorator_of_another_file_that_hands_it_on_is_no_reader(
    does: str, decorator: str, imported: str, tmp_path: Path
) -> None:
    text = _decorated(decorator, imported)
    others = beside(tmp_path, losses=text, wrap=_wrap(does), again="from wrap import noted\n")

    assert "torch.sqrt" in fixed(text, *others)


def test_a_cache_of_the_standard_library_keeps_the_result(tmp_path: Path) -> None:
    text = _decorated("functools.lru_cache(maxsize=None)", "import functools\n")

    assert "`functools.lru_cache(maxsize=None)` in line 6 reads what" in reasons(text, *beside(tmp_path, losses=text))


def test_training_alone_reads_nothing(tmp_path: Path) -> None:
    assert "torch.sqrt" in fixed(LOSSES, *beside(tmp_path, trains=TRAINS))
