"""What a project could bring to be executed as soon as somebody looks at it, and what it then would do.

Each way in is really used: `attack` tells on standard error what it could do, and that is in the report; or it goes on
as an ordinary Python would, and the fix is verified.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import venv
from pathlib import Path

PROGRAM = """import numpy as np
import torch


def mae(p, y):
    return np.mean(np.abs((p - y).detach().numpy()))


def step(model, optimizer, x, y):
    optimizer.zero_grad()
    mae(model(x), y).backward()
    optimizer.step()
"""
FIXED = "+    return torch.mean(torch.abs(p - y))"
SECRETS = ("home/.ssh/id_rsa", "project/.env", "project/.git/config", "project/data/.cache/key", "elsewhere/notes.txt")
PLACES = ("home", "project", "elsewhere")
ATTACK = '''import os, socket, sys

def can(way):
    try:
        way()
    except OSError:
        return False
    return True

def attack():
    """What it could do, in words; whatever can be written is left as a mark."""
    base, parent = {base!r}, os.getppid()
    done = [f"wrote {{name}}" for name in {places!r} if can(lambda: open(f"{{base}}/{{name}}/mark", "w"))]
    done += [f"read {{name}}" for name in {secrets!r} if can(lambda: open(f"{{base}}/{{name}}").read())]
    ways = {{
        "wrote /dev/shm": lambda: open({shared!r}, "w"),
        "read the command line of another": lambda: open(f"/proc/{{parent}}/cmdline").read(),
        "read the environment of another": lambda: open(f"/proc/{{parent}}/environ").read(),
        "changed a mode": lambda: os.chmod(f"{{base}}/project/loss.py", 0o600),
        "signalled another": lambda: os.kill(parent, 0),
        "opened a socket": lambda: socket.socket().close(),
        "listed the home": lambda: os.listdir(f"{{base}}/home"),
    }}
    done += [name for name, way in ways.items() if can(way)]
    kept = [name for name in ("PYTHONPATH", "PYTHONSTARTUP", "LD_PRELOAD", "SECRET") if name in os.environ]
    return f"attacked: {{', '.join([*done, *kept]) or 'nothing could be done'}}"

said = attack()
'''
TELLS = "raise SystemExit(said)\n"
GOES_ON = "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])\n"
CONTAINED = "attacked: nothing could be done"


def project(base: Path) -> Path:
    """A project with secrets in it and around it; `base/home` is the user's."""
    for secret in SECRETS:
        (base / secret).parent.mkdir(parents=True, exist_ok=True)
        (base / secret).write_text("s3cr3t")
    (base / "project/pyproject.toml").touch()
    (base / "project/loss.py").write_text(PROGRAM)
    return base / "project"


def attack(base: Path, then: str) -> str:
    return ATTACK.format(base=str(base), places=PLACES, secrets=SECRETS, shared=str(shared(base))) + then


def shared(base: Path) -> Path:
    return Path("/dev/shm", f"autofix-{base.parent.name}-{base.name}")


def script(path: Path, base: Path, then: str) -> None:
    """An executable that attacks, for what takes it for a Python."""
    (path.parent / "attack.py").write_text(attack(base, then))
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S {path.parent}/attack.py "$@"\n')
    path.chmod(0o755)


def as_setting(root: Path, then: str) -> None:
    script(root / "evil", root.parent, then)
    (root / "pyproject.toml").write_text('[tool.autofix]\npython = "./evil"\n')


def as_environment(root: Path, then: str) -> None:
    (root / ".venv/bin").mkdir(parents=True)
    (root / ".venv/pyvenv.cfg").write_text(f"home = {root.parent}/home/.ssh\n")
    (root / ".venv/lib/python3.11/site-packages/torch").mkdir(parents=True)
    script(root / ".venv/bin/python", root.parent, then)


def as_sitecustomize(root: Path, then: str) -> None:
    (packages_of(real(root / ".venv")) / "sitecustomize.py").write_text(attack(root.parent, goes_on(then)))


def as_pth(root: Path, then: str) -> None:
    packages = packages_of(real(root / ".venv"))
    (packages / "attacking.py").write_text(attack(root.parent, goes_on(then)))
    (packages / "attack.pth").write_text(f"import attacking\n{root.parent}/home/.ssh\n{root.parent}/elsewhere\n")


def as_torch(root: Path, then: str) -> None:
    """A package of the project's environment: what it reads, it could say in an ImportError."""
    packages = packages_of(real(root / ".venv"))
    (packages / "torch").unlink()
    (packages / "torch").mkdir()
    told = "raise ImportError(said)\n" if then == TELLS else "import sys; sys.exit(said)\n"
    (packages / "torch/__init__.py").write_text(attack(root.parent, told))


def goes_on(then: str) -> str:
    return then if then == TELLS else ""


def real(folder: Path) -> Path:
    """A virtual environment in which the packages of this one are found."""
    venv.create(folder, symlinks=True, with_pip=False)
    place = sysconfig.get_path("purelib")
    (packages_of(folder) / "torch").symlink_to(Path(place) / "torch")
    (packages_of(folder) / "rest.pth").write_text(f"{place}\n")
    return folder


def packages_of(folder: Path) -> Path:
    return Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))


WAYS = {
    "[tool.autofix] python": as_setting,
    ".venv/bin/python": as_environment,
    "sitecustomize.py": as_sitecustomize,
    ".pth": as_pth,
}


def marks(base: Path) -> list[Path]:
    """What was written outside of the jail."""
    return [*base.glob("*/mark"), *([shared(base)] if shared(base).exists() else [])]


def surroundings(base: Path) -> dict[str, str]:
    """The environment of the user, with what a shell may hold."""
    cleared = ("VIRTUAL_ENV", "CONDA_PREFIX", "UV_PROJECT_ENVIRONMENT")
    kept = {name: value for name, value in os.environ.items() if name not in cleared}
    return {**kept, "HOME": str(base / "home"), "PYTHONSTARTUP": "x.py", "SECRET": "s3cr3t", "PYTHONPATH": ":"}
