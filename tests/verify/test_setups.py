"""What right projects need of the outer jail: every usual way to have a framework and packages goes on working."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.verify.attacks import packages_of, surroundings

LOSS = {
    "torch": """import numpy as np
import torch
from common.scaling import scale


def mae(p, y):
    return scale() * np.mean(np.abs((p - y).detach().numpy()))


def step(model, optimizer, x, y):
    mae(model(x), y).backward()
    optimizer.step()
""",
    "tensorflow": """import numpy as np
import tensorflow as tf
from common.scaling import scale


def mae(p, y):
    return scale() * np.mean(np.abs((p - y).numpy()))


def step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = mae(model(x), y)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
""",
}
FIXED = {"torch": "torch.mean(torch.abs(p - y))", "tensorflow": "tf.reduce_mean(tf.abs(p - y))"}
SCALE = """from pathlib import Path


def scale():
    return float((Path(__file__).parent / "scale.txt").read_text())
"""


FINDER = """import sys
from importlib.util import spec_from_file_location

MAPPING: dict[str, str] = {'common': 'SOURCE/common'}


class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            place = MAPPING[name]
            return spec_from_file_location(name, place + "/__init__.py", submodule_search_locations=[place])


sys.meta_path.append(Finder)
"""


def work(base: Path, framework: str) -> Path:
    """A repository with secrets: an application, and beside it a package that the application uses."""
    app, common = base / "work/app", base / "work/common/src/common"
    for folder in (app, common, base / "work/.git", base / "home"):
        folder.mkdir(parents=True)
    (common / "__init__.py").touch()
    (common / "scaling.py").write_text(SCALE)
    (common / "scale.txt").write_text("2.0")
    for hidden in (app, common.parent, base / "work"):
        (hidden / ".env").write_text("secret")
    (app / "pyproject.toml").touch()
    (app / "loss.py").write_text(LOSS[framework])
    return app


def made(app: Path, system: bool) -> Path:
    """The environment of the application; it has the frameworks of this one."""
    venv.create(app / ".venv", symlinks=True, with_pip=False, system_site_packages=system)
    packages = packages_of(app / ".venv")
    (packages / "torch").symlink_to(Path(sysconfig.get_path("purelib")) / "torch")
    (packages / "tensorflow").symlink_to(Path(sysconfig.get_path("purelib")) / "tensorflow")
    (packages / "rest.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return packages


@pytest.mark.parametrize("framework", [pytest.param(one, marks=getattr(pytest.mark, one)) for one in LOSS])
@pytest.mark.parametrize(("system", "editable"), [(False, "path"), (True, "path"), (False, "finder")])
def test_an_editable_package_beside_the_project(tmp_path: Path, framework: str, system: bool, editable: str) -> None:
    app = work(tmp_path, framework)
    packages = made(app, system)
    source = app.parent / "common/src"
    if editable == "path":
        (packages / "__editable__.common-1.0.pth").write_text(f"{source}\n")
    else:
        (packages / "__editable___common_1_0_finder.py").write_text(FINDER.replace("SOURCE", str(source)))
        (packages / "__editable__.common-1.0.pth").write_text("import __editable___common_1_0_finder\n")
    assert FIXED[framework] in diff(tmp_path, app)


@pytest.mark.torch
def test_the_projects_own_package_under_src(tmp_path: Path) -> None:
    app = work(tmp_path, "torch")
    made(app, system=False)
    (app / "src").mkdir()
    (app.parent / "common/src/common").rename(app / "src/common")
    assert FIXED["torch"] in diff(tmp_path, app)


@pytest.mark.torch
def test_a_python_that_is_typed_as_a_relative_path(tmp_path: Path) -> None:
    app = work(tmp_path, "torch")
    (made(app, system=False) / "rest2.pth").write_text(f"{app.parent}/common/src\n")
    (app / ".venv").rename(app / "other")
    assert FIXED["torch"] in diff(tmp_path, app, "--python", "other/bin/python")


@pytest.mark.torch
def test_files_of_several_projects_in_one_run(tmp_path: Path) -> None:
    """They share an interpreter, and each reads its own project."""
    for name in ("one", "two"):
        folder = tmp_path / "work" / name
        folder.mkdir(parents=True)
        (folder / "common").mkdir()
        (folder / "common/scaling.py").write_text(SCALE)
        (folder / "common/scale.txt").write_text("2.0")
        (folder / "loss.py").write_text(LOSS["torch"])
    (tmp_path / "home").mkdir()
    assert diff(tmp_path, tmp_path / "work", "one", "two").count(FIXED["torch"]) == 2


def diff(base: Path, folder: Path, *words: str) -> str:
    """The fixes that are found in a folder or in the paths that are given."""
    environment = {**surroundings(base), "PYTHONPATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    paths = words if words and not words[0].startswith("-") else (*words, ".")
    command = [sys.executable, "-m", "autofix", "--no-cache", *paths]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert os.sep + ".env" not in ran.stdout
    return ran.stdout or ran.stderr
